"""Which day and which channel is taken when the wished day does not suit (CUL-2)."""
import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import suitability
from odoo.addons.customer_success.engine.suitability import CLOSED, GOOD, POOR, CustomerSide, Period, Wish

from . import common  # noqa: F401

DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2026, 3, 2)
CHANNELS = ('call', 'dinner', 'mail')

offsets = st.integers(-20, 60)


@st.composite
def periods(draw):
    start = draw(offsets)
    return Period(
        MONDAY + start * DAY, MONDAY + (start + draw(st.integers(0, 40))) * DAY,
        draw(st.sampled_from(('forbid', 'discourage', 'suggest'))), frozenset(draw(st.sets(st.sampled_from(CHANNELS)))),
        cause=object(), opens=draw(st.booleans()))


@st.composite
def sides(draw):
    """Return the days of a customer: any week, also one without a working day, and any periods, also endless ones."""
    return CustomerSide(
        draw(st.sets(st.integers(0, 6))), {MONDAY + offset * DAY: 'feast' for offset in draw(st.sets(offsets, max_size=8))},
        {MONDAY + offset * DAY for offset in draw(st.sets(offsets, max_size=4))}, draw(st.lists(periods(), max_size=5)))


wishes = st.builds(
    Wish, channel=st.sampled_from(CHANNELS), fallback=st.none() | st.sampled_from(CHANNELS),
    policy=st.sampled_from(('wait', 'switch', 'wait_switch')), direction=st.sampled_from(('later', 'earlier', 'nearest')),
    grace=st.integers(0, 40), back=st.integers(0, 20))
weeks = st.sets(st.integers(0, 6), min_size=1)


@tagged('at_install', '-post_install')
class TestSuitability(BaseCase):

    @given(wish=wishes, side=sides(), week=weeks, offset=st.integers(0, 30))
    def test_cul_2_promises(self, wish, side, week, offset):
        """CUL-2: never on a forbidden day or beyond the maximum date without a warning, never moved without a reason."""
        wished = MONDAY + offset * DAY
        works = lambda day: day.weekday() in week  # noqa: E731
        choice = suitability.choose(wished, wish, works, side.verdict)
        self.assertTrue(works(choice.day))
        self.assertLessEqual(choice.day, choice.due + wish.grace * DAY)
        self.assertGreaterEqual(choice.day, wished - wish.back * DAY)
        fit = side.verdict(choice.day, choice.channel).fit
        self.assertEqual(choice.unfit, fit == CLOSED)
        if choice.day != wished or choice.channel != wish.channel or choice.unfit:
            self.assertTrue(choice.kind)
        if choice.channel != wish.channel:
            self.assertEqual(choice.channel, wish.fallback)
        if wish.policy == 'wait' or wish.fallback is None:
            self.assertEqual(choice.channel, wish.channel)

    @given(wish=wishes, side=sides(), week=weeks, offset=st.integers(0, 30))
    def test_cul_2_no_warning_where_a_day_is_left(self, wish, side, week, offset):
        """CUL-2: a warning means that no working day up to the maximum date suits the channel."""
        choice = suitability.choose(MONDAY + offset * DAY, wish, lambda day: day.weekday() in week, side.verdict)
        if choice.unfit:
            days = [choice.due + number * DAY for number in range(wish.grace + 1)]
            self.assertFalse([
                day for day in days if day.weekday() in week and side.verdict(day, wish.channel).fit != CLOSED])

    @given(wish=wishes, side=sides(), offset=st.integers(0, 30))
    def test_cul_2_settled(self, wish, side, offset):
        """CUL-2: the day that was chosen is chosen again, when asked for it."""
        first = suitability.choose(MONDAY + offset * DAY, wish, lambda day: True, side.verdict)
        if not first.unfit and side.verdict(first.day, first.channel).fit == GOOD:
            again = suitability.choose(first.day, wish._replace(channel=first.channel), lambda day: True, side.verdict)
            self.assertEqual((again.day, again.channel, again.kind), (first.day, first.channel, ''))

    def _side(self, *periods, **days):
        return CustomerSide(periods=periods, **days)

    def _choose(self, side, day=MONDAY, **wish):
        choice = suitability.choose(day, Wish(**{'channel': 'dinner', **wish}), lambda day: day.weekday() < 5, side.verdict)
        return choice.day, choice.channel, choice.unfit

    def test_cul_2_policies(self):
        """CUL-2: a dinner in the middle of a month that forbids it waits, becomes a call, or stays with a warning."""
        ramadan = Period(MONDAY - 10 * DAY, MONDAY + 18 * DAY, 'forbid', frozenset({'dinner'}))
        side, after = self._side(ramadan), MONDAY + 21 * DAY  # the Monday after
        self.assertEqual(self._choose(side, fallback='call', policy='switch', grace=30), (MONDAY, 'call', False))
        self.assertEqual(self._choose(side, fallback='call', policy='wait_switch', grace=30), (after, 'dinner', False))
        self.assertEqual(self._choose(side, fallback='call', policy='wait_switch', grace=7), (MONDAY, 'call', False))
        self.assertEqual(self._choose(side, fallback='call', policy='wait', grace=30), (after, 'dinner', False))
        self.assertEqual(self._choose(side, fallback='call', policy='wait', grace=7), (MONDAY, 'dinner', True))
        self.assertEqual(self._choose(side, policy='switch', grace=7), (MONDAY, 'dinner', True))
        self.assertEqual(self._choose(side, channel='call'), (MONDAY, 'call', False))

    def test_cul_2_directions(self):
        """CUL-2: later, earlier, or the nearest day that suits; earlier only so far, then later."""
        feast = {MONDAY: 'feast', MONDAY + DAY: 'feast', MONDAY + 2 * DAY: 'feast'}
        side = self._side(closed=feast)
        friday, thursday = MONDAY - 3 * DAY, MONDAY + 3 * DAY
        for direction, back, expected in (
            ('later', 5, thursday), ('earlier', 5, friday), ('earlier', 1, thursday), ('nearest', 5, thursday)):
            day, __, __ = self._choose(side, direction=direction, back=back, grace=7)
            self.assertEqual(day, expected, f'{direction} {back}')
        self.assertEqual(self._choose(side, MONDAY, direction='nearest', back=5, grace=2)[0], friday)

    def test_cul_2_better_not(self):
        """CUL-2: a discouraged day moves where a better one comes in time, and stays without a warning otherwise."""
        side = self._side(Period(MONDAY, MONDAY + 6 * DAY, 'discourage'))
        self.assertEqual(self._choose(side, grace=7), (MONDAY + 7 * DAY, 'dinner', False))
        self.assertEqual(self._choose(side, grace=6), (MONDAY, 'dinner', False))
        self.assertEqual(self._choose(side, grace=6, fallback='call', policy='switch'), (MONDAY, 'dinner', False))

    def test_cul_2_a_period_of_a_whole_year(self):
        """CUL-2: a period that never ends takes the fallback channel, or stays with a warning."""
        side = self._side(Period(MONDAY - 400 * DAY, MONDAY + 400 * DAY, 'forbid', frozenset({'dinner'})))
        self.assertEqual(self._choose(side, grace=30, fallback='call'), (MONDAY, 'call', False))
        self.assertEqual(self._choose(side, grace=30), (MONDAY, 'dinner', True))

    def test_cul_2_nobody_ever_works(self):
        """CUL-2: a person or a customer without a working day holds nothing up."""
        side = CustomerSide(week=())
        self.assertEqual(self._choose(side, grace=3), (MONDAY, 'dinner', True))
        choice = suitability.choose(MONDAY, Wish('call'), lambda day: False, CustomerSide().verdict)
        self.assertEqual((choice.day, choice.unfit), (MONDAY, False))

    def test_cul_2_who_has_the_last_word(self):
        """CUL-2: what names the channel before what holds for all, a ban before a suggestion; a feast is no working day,
        but a greeting that is due on it is welcome."""
        def fit(*periods, channel='mail', day=MONDAY, **days):
            return CustomerSide(periods=periods, **days).verdict(day, channel).fit

        def period(effect, *channels, opens=False):
            return Period(MONDAY, MONDAY, effect, frozenset(channels), opens=opens)

        self.assertEqual(fit(period('forbid'), period('suggest', 'mail')), GOOD)
        self.assertEqual(fit(period('forbid'), period('suggest')), CLOSED)
        self.assertEqual(fit(period('forbid', 'mail'), period('suggest', 'mail')), CLOSED)
        self.assertEqual(fit(period('forbid'), period('suggest', 'mail'), channel='call'), CLOSED)
        self.assertEqual(fit(period('suggest', 'mail'), period('discourage')), GOOD)
        self.assertEqual(fit(period('discourage', 'mail')), POOR)
        self.assertEqual(fit(period('discourage', 'mail'), channel='call'), GOOD)
        feast = {'closed': {MONDAY: 'feast'}}
        self.assertEqual(fit(period('suggest', 'mail'), **feast), CLOSED)
        self.assertEqual(fit(period('suggest', 'mail', opens=True), **feast), GOOD)
        self.assertEqual(fit(**feast), CLOSED)
        self.assertEqual(fit(worked={MONDAY}, **feast), GOOD)
        self.assertEqual(fit(week={0}, day=MONDAY + DAY), CLOSED)
        self.assertEqual(fit(week={0}, worked={MONDAY + DAY}, day=MONDAY + DAY), GOOD)
