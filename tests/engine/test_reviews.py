"""STR-5: when a regular review takes place, and which days it looks back at."""
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import reviews

from . import common  # noqa: F401


@tagged('post_install', '-at_install')
class TestRhythm(BaseCase):

    def test_str_5_months(self):
        """STR-5: the first such weekday of a month looks back at the whole month before."""
        self.assertEqual(
            reviews.latest('months', 1, 0, date(2026, 1, 1), date(2026, 4, 5)),
            (date(2026, 3, 2), date(2026, 2, 1), date(2026, 2, 28)))
        self.assertEqual(reviews.latest('months', 1, 0, date(2026, 1, 1), date(2026, 4, 6)).start, date(2026, 3, 1))
        self.assertIsNone(reviews.latest('months', 1, 0, date(2026, 4, 7), date(2026, 4, 30)))

    def test_str_5_quarters(self):
        """STR-5: three months are a quarter of the calendar, or of the year of account."""
        self.assertEqual(
            reviews.latest('months', 3, 2, date(2026, 1, 1), date(2026, 5, 20)),
            (date(2026, 4, 1), date(2026, 1, 1), date(2026, 3, 31)))
        self.assertEqual(reviews.latest('months', 3, 2, date(2026, 1, 1), date(2026, 5, 20), phase=1).start, date(2026, 2, 1))

    def test_str_5_weeks(self):
        """STR-5: every two weeks, counted from the first one, looks back at the two weeks before."""
        first = date(2026, 3, 4)  # a Wednesday
        self.assertEqual(
            reviews.latest('weeks', 2, 4, first, date(2026, 3, 25)),
            (date(2026, 3, 20), date(2026, 3, 6), date(2026, 3, 19)))
        self.assertIsNone(reviews.latest('weeks', 1, 0, first, date(2026, 3, 8)))  # Monday of that week was before

    @given(
        st.sampled_from(['weeks', 'months']), st.integers(1, 12), st.integers(0, 6), st.dates(date(2000, 1, 1), date(2090, 1, 1)),
        st.integers(0, 3000), st.integers(0, 12))
    def test_str_5_occasions_join(self, unit, interval, weekday, first, days, phase):
        """STR-5: an occasion is not after the horizon, looks back at days before it, and the one before it joins."""
        horizon = date.fromordinal(first.toordinal() + days)
        found = reviews.latest(unit, interval, weekday, first, horizon, phase)
        if found is None:
            return
        self.assertTrue(first <= found.day <= horizon)
        self.assertEqual(found.day.weekday(), weekday)
        self.assertLessEqual(found.start, found.stop)
        self.assertLess(found.stop, found.day)
        before = reviews.latest(unit, interval, weekday, first, date.fromordinal(found.day.toordinal() - 1), phase)
        if before:
            self.assertEqual((found.start - before.stop).days, 1)
