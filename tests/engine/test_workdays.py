import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import workdays

from . import common  # noqa: F401

DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2026, 3, 2)

days = st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 12, 31))


@st.composite
def calendars(draw):
    """Return a function that says which days are worked: a week, without holidays, stretches of any length included."""
    week = draw(st.sets(st.integers(0, 6)))
    start = draw(days)
    closed = {start + offset * DAY for offset in draw(st.sets(st.integers(0, 60)))}
    shut = draw(st.none() | st.tuples(st.integers(-10, 60), st.integers(1, 500)))

    def is_working(day):
        offset = (day - start).days
        in_shut = shut and shut[0] <= offset < shut[0] + shut[1]
        return day.weekday() in week and day not in closed and not in_shut

    return start, is_working


@tagged('post_install', '-at_install')
class TestWorkdays(BaseCase):
    """CAD-4: a touch falls on a working day."""

    @given(calendars(), st.integers(-5, 90))
    def test_cad_4_first_working_day(self, start_and_calendar, offset):
        """CAD-4: the day taken is the first working one, never an earlier one; without any, nothing is moved."""
        start, is_working = start_and_calendar
        day = start + offset * DAY
        taken = workdays.next_working_day(day, is_working)
        within = [day + ahead * DAY for ahead in range(workdays.LOOK_AHEAD_DAYS + 1)]
        self.assertEqual(taken, next(filter(is_working, within), day))

    def test_cad_4_no_working_day(self):
        """CAD-4: a calendar that nobody maintains moves nothing."""
        self.assertEqual(workdays.next_working_day(MONDAY, lambda day: False), MONDAY)

    def test_cad_4_weekend(self):
        """CAD-4: without a calendar the week is Monday to Friday."""
        worked = [workdays.weekday_only(MONDAY + ahead * DAY) for ahead in range(7)]
        self.assertEqual(worked, [True] * 5 + [False] * 2)
        self.assertEqual(workdays.next_working_day(MONDAY - 2 * DAY, workdays.weekday_only), MONDAY)
        self.assertEqual(workdays.next_working_day(MONDAY, workdays.weekday_only), MONDAY)

    def test_cad_4_week_of_the_gulf(self):
        """CAD-4: Friday and Saturday can be the weekend."""
        friday = MONDAY + 4 * DAY
        self.assertEqual(
            workdays.next_working_day(friday, lambda day: day.weekday() not in (4, 5)), friday + 2 * DAY)
