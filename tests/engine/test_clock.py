import datetime
import doctest

import pytz
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import clock
from odoo.addons.customer_success.engine.clock import (
    Hours,
    NeverWorksError,
    Schedule,
    around_the_clock,
    elapsed,
    plan,
    waited,
)

from . import common  # noqa: F401

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Santiago']


def week(*stretches, days=range(5), zone='UTC', closed=()):
    """Return the schedule of a working week, Monday to Friday, with stretches like ``(9, 17)``, in hours."""
    return Schedule(zone, tuple(
        Hours(day, int(start * 60), int(end * 60)) for day in days for start, end in stretches), tuple(closed))


def at(text, zone='UTC'):
    """Return the moment in UTC at which clocks show a time in the week of Monday, 7 December 2026: ``Mon 17:00``; or on a
    date: ``2026-03-29 02:30``."""
    day, hour = text.split()
    if not day[0].isdigit():
        names = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon2', 'Tue2', 'Wed2')
        day = datetime.date(2026, 12, 7) + datetime.timedelta(days=names.index(day))
    moment = datetime.datetime.fromisoformat(f'{day} {hour}')
    return pytz.timezone(zone).localize(moment).astimezone(pytz.utc).replace(tzinfo=None)


# ------------------------------------------------------------
# ORACLE: it looks at a wall clock, minute by minute
# ------------------------------------------------------------

def is_worked(schedule, minute):
    """Return whether somebody works in the minute that begins then."""
    local = pytz.utc.localize(minute).astimezone(pytz.timezone(schedule.zone))
    of_day, parity = local.hour * 60 + local.minute, (local.date() - datetime.date(1, 1, 1)).days // 7 % 2
    return any(
        weekday == local.weekday() and start <= of_day < end and only in (None, parity)
        for weekday, start, end, only in schedule.hours) and not any(start <= minute < end for start, end in schedule.closed)


def is_paused(pauses, minute):
    return any(start <= minute and (end is None or minute < end) for start, end in pauses)


def minutes(schedule, start, end, pauses=()):
    """Return how many minutes are worked between two moments."""
    count, minute = 0, start
    while minute < end:
        count += is_worked(schedule, minute) and not is_paused(pauses, minute)
        minute += MINUTE
    return count


def when(schedule, start, need, pauses=(), limit=40):
    """Return when so many minutes are worked, or None when it takes longer than ``limit`` days."""
    minute, last = start, start + datetime.timedelta(days=limit)
    while need:
        if minute >= last:
            return None
        need -= is_worked(schedule, minute) and not is_paused(pauses, minute)
        minute += MINUTE
    return minute


@st.composite
def schedules(draw):
    hours = []
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        for __ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, 95)) * 15
            end = draw(st.integers(start // 15 + 1, 96)) * 15
            hours.append(Hours(weekday, start, end, draw(st.sampled_from([None, None, None, 0, 1]))))
    zone = draw(st.sampled_from(ZONES))
    return Schedule(zone, tuple(hours), tuple(draw(spans(7))))


#: around the days on which clocks are changed somewhere
moments = st.builds(
    lambda day, minute: datetime.datetime(2026, *day) + minute * MINUTE,
    st.sampled_from([(3, 6), (3, 27), (4, 3), (9, 4), (10, 3), (10, 23), (10, 30), (12, 7)]), st.integers(0, 4 * 1440))


@st.composite
def spans(draw, most=4):
    found = []
    for __ in range(draw(st.integers(0, most))):
        start = draw(moments)
        found.append((start, start + draw(st.integers(0, 3000)) * MINUTE))
    return found


@tagged('-at_install', 'post_install')
class TestClock(BaseCase):
    """Working time, deadlines and pauses (SRV-1)."""

    def test_doctests(self):
        failed, tried = doctest.testmod(clock)
        self.assertFalse(failed)
        self.assertTrue(tried)

    # ------------------------------------------------------------
    # GOLDEN VECTORS
    # ------------------------------------------------------------

    def test_published_deadlines(self):
        """The vectors of other systems' documents and bug reports, those with a wrong printed value corrected."""
        office, eight, ten = week((9, 17)), week((8, 17)), week((8, 18))
        lunch = week((9, 12), (13, 18))
        for schedule, start, hours, due in (
            (office, 'Fri 16:00', 4, 'Mon2 12:00'),
            (office, 'Thu 15:00', 4, 'Fri 11:00'),
            (office, 'Wed 18:00', 4, 'Thu 13:00'),
            (eight, 'Fri 16:00', 4, 'Mon2 11:00'),  # a vendor's page prints Tuesday 11:00
            (ten, 'Mon 17:00', 4, 'Tue 11:00'),
            (office, 'Fri 17:00', 8, 'Mon2 17:00'),  # a vendor's page prints Monday 09:00
            (lunch, 'Mon 11:30', 2, 'Mon 14:30'),
            (lunch, 'Mon 12:15', 1, 'Mon 14:00'),
            (office, 'Fri 13:00', 4, 'Fri 17:00'),  # due at 17:00, not at midnight and not on Sunday
        ):
            with self.subTest(start=start, hours=hours):
                self.assertEqual(plan(schedule, at(start), hours * HOUR).due, at(due))

    def test_starts_at_the_next_opening(self):
        """After hours the time begins to run when work does."""
        self.assertEqual(plan(week((9, 17)), at('Wed 18:00'), MINUTE).pieces[0][0], at('Thu 09:00'))

    def test_warning_in_working_time(self):
        """An hour before Tue 11:00 is Tue 10:00: three of four hours (another product fired at 00:00)."""
        self.assertEqual(plan(week((8, 18)), at('Mon 17:00'), 4 * HOUR, warn_share=0.75).warn, at('Tue 10:00'))

    def test_pause_counts_in_working_time(self):
        """A pause from Fri 16:00 to Mon 10:00 takes two hours, not 66; the rest of the time goes on after it."""
        office, pauses = week((9, 17)), [(at('Fri 16:00'), at('Mon2 10:00'))]
        self.assertEqual(waited(office, at('Fri 09:00'), at('Mon2 17:00'), pauses), 2 * HOUR)
        self.assertEqual(plan(office, at('Fri 15:00'), 4 * HOUR, pauses).due, at('Mon2 13:00'))

    def test_answered_after_a_closed_day(self):
        """Created on Saturday, answered on Monday at 09:20: 20 minutes."""
        self.assertEqual(elapsed(week((9, 17)), at('Sat 11:00'), at('Mon2 09:20')), 20 * MINUTE)

    def test_pause_begun_on_a_holiday(self):
        """It changes nothing until work resumes."""
        holiday = at('Tue 00:00'), at('Wed 00:00')
        office = week((9, 17), closed=[holiday])
        without = plan(office, at('Mon 16:00'), 2 * HOUR)
        self.assertEqual(without.due, at('Wed 10:00'))
        paused = plan(office, at('Mon 16:00'), 2 * HOUR, [(at('Tue 10:00'), at('Tue 15:00'))])
        self.assertEqual((paused.due, paused.waits), (without.due, ()))
        on = plan(office, at('Mon 16:00'), 2 * HOUR, [(at('Tue 10:00'), at('Wed 09:30'))])
        self.assertEqual(on.due, at('Wed 10:30'))

    def test_long_pause_ended_by_an_end(self):
        """Paused from February to August: none of it counts (another product counted 42 days)."""
        start, paused = at('2026-02-03 09:00'), at('2026-02-03 11:00')
        solved = at('2026-08-03 09:30')
        self.assertEqual(elapsed(week((9, 17)), start, solved, [(paused, solved)]), 2 * HOUR)

    def test_arithmetic_of_the_sentence(self):
        """4 h: Fri 16–17, Mon 9–12; waited for the customer 11:20–13:05; due Mon 13:45."""
        found = plan(week((9, 12), (13, 17)), at('Fri 16:00'), 4 * HOUR, [(at('Mon2 11:20'), at('Mon2 13:05'))])
        self.assertEqual(found.pieces, ((at('Fri 16:00'), at('Fri 17:00')), (at('Mon2 09:00'), at('Mon2 12:00'))))
        self.assertEqual(found.waits, ((at('Mon2 11:20'), at('Mon2 13:05')),))
        self.assertEqual(found.due, at('Mon2 13:45'))

    def test_daylight_saving(self):
        """The hour that is missing is not worked; the one that comes twice is worked twice."""
        zone = 'Europe/Berlin'
        night = week((0, 6), days=range(7), zone=zone)
        self.assertEqual(elapsed(night, at('2026-03-29 00:00', zone), at('2026-03-29 06:00', zone)), 5 * HOUR)
        self.assertEqual(elapsed(night, at('2026-10-25 00:00', zone), at('2026-10-25 06:00', zone)), 7 * HOUR)
        # by day nobody notices: nine o'clock is nine o'clock
        office = week((9, 17), zone=zone)
        self.assertEqual(plan(office, at('2026-03-27 16:00', zone), 2 * HOUR).due, at('2026-03-30 10:00', zone))
        self.assertEqual(plan(office, at('2026-10-23 16:00', zone), 2 * HOUR).due, at('2026-10-26 10:00', zone))

    def test_around_the_clock(self):
        """Who is always there is due in real time, on a Sunday and while clocks are changed too."""
        always = around_the_clock('Europe/Berlin')
        for start in ('Sat 23:30', '2026-03-29 01:30', '2026-10-25 01:30'):
            self.assertEqual(plan(always, at(start), 2 * HOUR).due, at(start) + 2 * HOUR)
        self.assertEqual(plan(always, at('Fri 22:00'), 30 * HOUR).pieces, ((at('Fri 22:00'), at('Fri 22:00') + 30 * HOUR),))

    def test_alternating_weeks(self):
        """Two weeks that alternate, as Odoo counts them."""
        schedule = Schedule('UTC', (Hours(0, 540, 600, 0), Hours(0, 540, 720, 1)))
        self.assertEqual(elapsed(schedule, at('Mon 00:00'), at('Tue 00:00')), HOUR)
        self.assertEqual(elapsed(schedule, at('Mon2 00:00'), at('Tue2 00:00')), 3 * HOUR)

    def test_never_works(self):
        """Empty schedules, and those by which nobody works again, are refused soon, in words for the one who asks."""
        for schedule in (
            Schedule('UTC', ()), week((9, 17), closed=[(at('Mon 00:00'), datetime.datetime(2999, 1, 1))]),
            Schedule('UTC', (Hours(0, 600, 600),)),
        ):
            with self.assertRaises(NeverWorksError):
                plan(schedule, at('Mon 08:00'), HOUR)
            with self.assertRaises(NeverWorksError):
                clock.end_of_work(schedule, at('Mon 08:00').date())
            self.assertEqual(elapsed(schedule, at('Mon 08:00'), at('Fri 08:00')), clock.NOTHING)
        with self.assertRaises(NeverWorksError):
            plan(week((0, 0.25), days=[0]), at('Mon 08:00'), 100000 * HOUR)

    def test_end_of_work(self):
        """A revisit is due when work ends on its day, or on the next day on which somebody works."""
        office = week((9, 12), (13, 17), closed=[(at('Mon2 00:00'), at('Tue2 00:00'))])
        self.assertEqual(clock.end_of_work(office, at('Thu 10:00').date()), at('Thu 17:00'))
        self.assertEqual(clock.end_of_work(office, at('Sat 10:00').date()), at('Tue2 17:00'))

    def test_pause_ends_before_it_begins(self):
        with self.assertRaises(ValueError):
            plan(week((9, 17)), at('Mon 09:00'), HOUR, [(at('Mon 12:00'), at('Mon 11:00'))])

    def test_pause_without_an_end(self):
        """Nothing is due while somebody waits, unless it was due before."""
        office, pauses = week((9, 17)), [(at('Mon 11:00'), None)]
        found = plan(office, at('Mon 09:00'), 4 * HOUR, pauses)
        self.assertEqual((found.due, found.warn), (None, None))
        self.assertEqual(found.waits, ((at('Mon 11:00'), None),))
        self.assertEqual(elapsed(office, at('Mon 09:00'), at('Fri 17:00'), pauses), 2 * HOUR)
        self.assertEqual(plan(office, at('Mon 09:00'), 2 * HOUR, pauses).due, at('Mon 11:00'))

    # ------------------------------------------------------------
    # PROPERTIES
    # ------------------------------------------------------------

    @given(schedules(), moments, st.integers(0, 4000), spans())
    def test_elapsed(self, schedule, start, length, pauses):
        """Elapsed time is what a look at the clock in every minute says; it is never negative, and pause + run = total."""
        end = start + length * MINUTE
        run = elapsed(schedule, start, end, pauses)
        self.assertEqual(run, minutes(schedule, start, end, pauses) * MINUTE)
        self.assertGreaterEqual(run, clock.NOTHING)
        self.assertEqual(run + waited(schedule, start, end, pauses), elapsed(schedule, start, end))
        self.assertEqual(elapsed(schedule, end, start), clock.NOTHING)

    @given(schedules(), moments, st.integers(1, 900), spans())
    def test_due(self, schedule, start, need, pauses):
        """A deadline is the moment at which so many minutes were worked; the warning comes before it."""
        expected = when(schedule, start, need, pauses)
        if expected is None:
            return  # it takes longer than the oracle looks
        found = plan(schedule, start, need * MINUTE, pauses)
        self.assertEqual(found.due, expected)
        self.assertLessEqual(found.warn, found.due)
        self.assertEqual(elapsed(schedule, start, found.due, pauses), need * MINUTE)
        self.assertEqual(clock.total(found.pieces), need * MINUTE)
        self.assertEqual(plan(schedule, start, need * MINUTE, pauses), found)
        self.assertEqual(plan(schedule, start, need * MINUTE, [*pauses, *pauses]), found)
