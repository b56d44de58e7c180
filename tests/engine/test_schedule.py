import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine.schedule import (
    UNITS,
    Due,
    Interval,
    Pause,
    merge_pauses,
    next_due,
    skip_pauses,
)
from odoo.addons.customer_success.engine.workdays import next_working_day, weekday_only

from . import common  # noqa: F401

DAY = datetime.timedelta(days=1)

days = st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 12, 31))
intervals = st.builds(Interval, st.integers(1, 400), st.sampled_from(UNITS[:3])) | st.builds(
    Interval, st.integers(1, 10), st.just('year'))


def day(text):
    return datetime.date.fromisoformat(text)


@st.composite
def paused_lives(draw, may_be_empty=True):
    """Return an anchor, a due day after it, pauses around them (overlapping, and perhaps ending before they begin),
    and a today."""
    anchor = draw(days)
    due = anchor + draw(st.integers(1, 80)) * DAY
    pauses = []
    for __ in range(draw(st.integers(0, 5))):
        start = anchor + draw(st.integers(-30, 120)) * DAY
        pauses.append(Pause(start, start + draw(st.integers(-2 if may_be_empty else 0, 25)) * DAY))
    return anchor, due, pauses, anchor + draw(st.integers(0, 150)) * DAY


def paused_days(pauses):
    return {
        pause.start + ahead * DAY for pause in pauses for ahead in range(max(0, (pause.end - pause.start).days + 1))
    }


def wait(anchor, due, pauses, today):
    """What skip_pauses promises, lived through day by day: a clock that has to run so many days, and stands still on
    paused ones; once it has run out, a pause makes the customer wait only when it has begun."""
    paused = paused_days(pauses)
    left, here = (due - anchor).days, anchor
    while left:
        here += DAY
        left -= here not in paused
    begun = paused_days(pause for pause in merge_pauses(pauses) if pause.start <= today)
    return max([here, *(one + DAY for one in begun if one > here)])


@tagged('post_install', '-at_install')
class TestInterval(BaseCase):
    """CAD-1: an interval is a whole number of days, weeks, months or years."""

    @given(days, intervals)
    def test_cad_1_lies_ahead(self, start, interval):
        """CAD-1: the next touch lies after the last, whatever the interval."""
        self.assertGreater(interval.after(start), start)

    @given(days, days, intervals)
    def test_cad_1_keeps_the_order(self, one, other, interval):
        """CAD-1: a later contact never brings the next touch forward."""
        first, last = sorted((one, other))
        self.assertLessEqual(interval.after(first), interval.after(last))

    @given(days, st.integers(1, 200))
    def test_cad_1_same_length_same_day(self, start, count):
        """CAD-1: seven days are a week, twelve months are a year."""
        self.assertEqual(Interval(7 * count, 'day').after(start), Interval(count, 'week').after(start))
        self.assertEqual(Interval(12 * count, 'month').after(start), Interval(count, 'year').after(start))
        self.assertEqual(Interval(count, 'day').after(start), start + count * DAY)

    @given(days, st.integers(1, 120))
    def test_cad_1_month_keeps_the_day(self, start, count):
        """CAD-1: months keep the day of the month, or end with the shorter month."""
        end = Interval(count, 'month').after(start)
        self.assertEqual((end.year * 12 + end.month) - (start.year * 12 + start.month), count)
        self.assertTrue(end.day == start.day or end.day < start.day and (end + DAY).day == 1)

    def test_cad_1_month_ends(self):
        """CAD-1: 31 January + 1 month is the end of February, in leap years the 29th."""
        for start, count, unit, end in (
            ('2026-01-31', 1, 'month', '2026-02-28'),
            ('2028-01-31', 1, 'month', '2028-02-29'),
            ('2026-01-31', 2, 'month', '2026-03-31'),
            ('2026-05-31', 1, 'month', '2026-06-30'),
            ('2026-11-30', 3, 'month', '2027-02-28'),
            ('2026-12-31', 1, 'month', '2027-01-31'),
            ('2028-02-29', 1, 'year', '2029-02-28'),
            ('2028-02-29', 4, 'year', '2032-02-29'),
            ('2096-02-29', 4, 'year', '2100-02-28'),  # 2100 is no leap year
            ('2028-02-28', 1, 'day', '2028-02-29'),
            ('2027-12-20', 2, 'week', '2028-01-03'),
        ):
            with self.subTest(start=start, count=count, unit=unit):
                self.assertEqual(Interval(count, unit).after(day(start)), day(end))

    def test_cad_1_invalid(self):
        """CAD-1: an interval of nothing, backwards, or in an unknown unit is refused, never planned."""
        for count, unit in ((0, 'day'), (-1, 'month'), (1, 'days'), (1, ''), (1, 'century')):
            with self.subTest(count=count, unit=unit), self.assertRaises(ValueError):
                Interval(count, unit).after(day('2026-01-01'))
            with self.subTest(count=count, unit=unit), self.assertRaises(ValueError):
                next_due(day('2026-01-01'), Interval(count, unit))


@tagged('post_install', '-at_install')
class TestPauses(BaseCase):
    """CAD-8: paused time does not run."""

    @given(paused_lives())
    def test_cad_8_merging(self, life):
        """CAD-8: merging keeps the paused days, and leaves at least a day between two pauses."""
        __, __, pauses, __ = life
        merged = merge_pauses(pauses)
        self.assertEqual(paused_days(merged), paused_days(pauses))
        self.assertTrue(all(pause.start <= pause.end for pause in merged))
        self.assertTrue(all(one.end + DAY < other.start for one, other in zip(merged, merged[1:], strict=False)))
        self.assertEqual(merge_pauses(merged), merged)

    def test_cad_8_merging_by_hand(self):
        """CAD-8: pauses that overlap, touch or hold each other are one; one that ends before it begins is none."""
        pauses = [
            Pause(day('2026-03-20'), day('2026-03-10')),
            Pause(day('2026-03-05'), day('2026-03-09')),
            Pause(day('2026-03-01'), day('2026-03-04')),
            Pause(day('2026-03-02'), day('2026-03-03')),
            Pause(day('2026-03-11'), day('2026-03-11')),
        ]
        self.assertEqual(merge_pauses(pauses), [
            Pause(day('2026-03-01'), day('2026-03-09')), Pause(day('2026-03-11'), day('2026-03-11'))])

    @given(paused_lives())
    def test_cad_8_clock_stands_still(self, life):
        """CAD-8: the due day is the one on which a clock that stands still on paused days has run out."""
        self.assertEqual(skip_pauses(*life), wait(*life))

    @given(paused_lives(), st.randoms())
    def test_cad_8_order_does_not_matter(self, life, random):
        """CAD-8: it does not matter in which order, or in how many pieces, pauses were entered."""
        anchor, due, pauses, today = life
        pieces = [Pause(one, one) for one in paused_days(pauses)]
        random.shuffle(pieces)
        self.assertEqual(skip_pauses(anchor, due, pieces, today), skip_pauses(anchor, due, pauses, today))

    @given(paused_lives())
    def test_cad_8_never_earlier(self, life):
        """CAD-8: a pause never brings a touch forward, and asking later never does either."""
        anchor, due, pauses, today = life
        moved = skip_pauses(anchor, due, pauses, today)
        self.assertGreaterEqual(moved, due)
        self.assertLessEqual(moved, skip_pauses(anchor, due, pauses, today + DAY))

    @given(paused_lives(may_be_empty=False))
    def test_cad_8_never_due_in_a_running_pause(self, life):
        """CAD-8: nothing is due on a paused day, once the pause has begun."""
        anchor, due, pauses, today = life
        moved = skip_pauses(anchor, due, pauses, today)
        begun = [pause for pause in merge_pauses(pauses) if pause.start <= today]
        self.assertNotIn(moved, paused_days(begun) - {anchor})

    @given(days, intervals)
    def test_cad_8_without_pause(self, anchor, interval):
        due = interval.after(anchor)
        self.assertEqual(skip_pauses(anchor, due, [], due), due)

    def test_cad_8_by_hand(self):
        """CAD-8: the cases that people ask about."""
        anchor, due = day('2026-03-02'), day('2026-03-16')
        for name, pause, today, expected in (
            ("before the anchor", ('2026-02-01', '2026-03-02'), '2026-03-10', '2026-03-16'),
            ("over the anchor", ('2026-02-20', '2026-03-04'), '2026-03-10', '2026-03-18'),
            ("between", ('2026-03-05', '2026-03-09'), '2026-03-10', '2026-03-21'),
            ("from the due day on", ('2026-03-16', '2026-03-20'), '2026-03-10', '2026-03-21'),
            ("planned, after the due day", ('2026-03-20', '2026-03-31'), '2026-03-19', '2026-03-16'),
            ("begun, after the due day", ('2026-03-20', '2026-03-31'), '2026-03-20', '2026-04-01'),
            ("over, after the due day", ('2026-03-20', '2026-03-31'), '2026-05-01', '2026-04-01'),
        ):
            with self.subTest(name):
                self.assertEqual(
                    skip_pauses(anchor, due, [Pause(*map(day, pause))], day(today)), day(expected))


@tagged('post_install', '-at_install')
class TestNextDue(BaseCase):
    """CAD-4: the date is anchor + interval, without paused days, on a working day."""

    @given(paused_lives(), st.integers(1, 60), st.integers(0, 30), st.none() | days)
    def test_cad_4_parts(self, life, count, grace, not_before):
        """CAD-4: each part of the answer follows from the one before."""
        anchor, __, pauses, today = life
        due = next_due(
            anchor, Interval(count, 'day'), grace_days=grace, not_before=not_before, pauses=pauses, today=today,
            move=lambda one: next_working_day(one, weekday_only))
        self.assertEqual(due.raw, anchor + count * DAY)
        self.assertEqual(due.unpaused, skip_pauses(anchor, due.raw, pauses, today))
        self.assertEqual(due.planned, next_working_day(due.unpaused, weekday_only))
        self.assertTrue(weekday_only(due.planned))
        start = due.planned if not_before is None else max(due.planned, not_before)
        self.assertEqual(due.limit, start + grace * DAY)

    @given(days, intervals)
    def test_cad_4_plain(self, anchor, interval):
        """CAD-4: without anything in the way, every part is anchor + interval."""
        raw = interval.after(anchor)
        self.assertEqual(next_due(anchor, interval), Due(raw, raw, raw, raw))

    def test_cad_4_by_hand(self):
        """CAD-4: 31 January + 1 month is Saturday, 28 February 2026; a three-day pause makes it Tuesday."""
        anchor, monthly = day('2026-01-31'), Interval(1, 'month')

        def move(one):
            return next_working_day(one, weekday_only)

        self.assertEqual(
            next_due(anchor, monthly, grace_days=7, move=move),
            Due(day('2026-02-28'), day('2026-02-28'), day('2026-03-02'), day('2026-03-09')))
        self.assertEqual(
            next_due(anchor, monthly, grace_days=7, move=move, today=day('2026-02-10'),
                     pauses=[Pause(day('2026-02-10'), day('2026-02-12'))]),
            Due(day('2026-02-28'), day('2026-03-03'), day('2026-03-03'), day('2026-03-10')))

    def test_cad_1_limit_does_not_look_back(self):
        """CAD-1: who comes under a rule today is not overdue for the time before."""
        due = next_due(day('2024-01-01'), Interval(1, 'month'), grace_days=7, not_before=day('2026-03-02'))
        self.assertEqual(due.planned, day('2024-02-01'))
        self.assertEqual(due.limit, day('2026-03-09'))
