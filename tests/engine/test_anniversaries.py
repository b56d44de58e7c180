import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import anniversaries, lunar
from odoo.addons.customer_success.engine.anniversaries import Anniversary

from . import common  # noqa: F401

DAY = datetime.timedelta(days=1)

days = st.dates(datetime.date(1950, 1, 1), datetime.date(2098, 12, 31))
years = st.integers(1950, 2090)


@st.composite
def gregorian(draw):
    month = draw(st.integers(1, 12))
    return Anniversary(month, draw(st.integers(1, anniversaries.MONTH_DAYS[month - 1])))


lunar_days = st.builds(Anniversary, st.integers(1, 12), st.integers(1, 30), st.just(True), st.booleans())


@tagged('post_install', '-at_install')
class TestAnniversaries(BaseCase):
    """CUL-4: on which day an anniversary is kept."""

    def _ten_years(self, anniversary, *expected, first=2023, **options):
        found = [str(anniversaries.falls_on(anniversary, first + offset, **options)) for offset in range(10)]
        self.assertEqual(found, list(expected))

    def test_cul_4_29_february(self):
        """CUL-4: 29 February is kept on 28 February in other years, or on 1 March."""
        leap_day = Anniversary(2, 29)
        self._ten_years(
            leap_day, '2023-02-28', '2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29', '2029-02-28',
            '2030-02-28', '2031-02-28', '2032-02-29')
        self._ten_years(
            leap_day, '2023-03-01', '2024-02-29', '2025-03-01', '2026-03-01', '2027-03-01', '2028-02-29', '2029-03-01',
            '2030-03-01', '2031-03-01', '2032-02-29', leap_day_in_march=True)
        self.assertEqual(str(anniversaries.falls_on(leap_day, 2100)), '2100-02-28')

    def test_cul_4_lunar_30th(self):
        """CUL-4: the 30th of the eighth lunar month; it has 30 days in 2023, 2024 and 2029, else 29.

        The lunar dates of these tests were taken from a second source, the tables of ``sxtwl``.
        """
        self._ten_years(
            Anniversary(8, 30, lunar=True), '2023-10-14', '2024-10-02', '2025-10-20', '2026-10-09', '2027-09-29',
            '2028-10-17', '2029-10-07', '2030-09-26', '2031-10-15', '2032-10-03')

    def test_cul_4_new_years_eve(self):
        """CUL-4: the 30th of the twelfth month is the eve of the Chinese New Year, also where the month has 29 days."""
        self._ten_years(
            Anniversary(12, 30, lunar=True), '2024-02-09', '2025-01-28', '2026-02-16', '2027-02-05', '2028-01-25',
            '2029-02-12', '2030-02-02', '2031-01-22', '2032-02-10', '2033-01-30')

    def test_cul_4_leap_month(self):
        """CUL-4: the 15th of the leap sixth month falls in it in 2025, else in the ordinary sixth month."""
        self._ten_years(
            Anniversary(6, 15, lunar=True, leap=True), '2023-08-01', '2024-07-20', '2025-08-08', '2026-07-28', '2027-07-18',
            '2028-08-05', '2029-07-25', '2030-07-15', '2031-08-02', '2032-07-21')
        self.assertEqual(str(anniversaries.falls_on(Anniversary(6, 15, lunar=True), 2025)), '2025-07-09')

    def test_cul_4_twice_and_never(self):
        """CUL-4: the first of the twelfth lunar month falls twice in 2024, 2027 and 2030, never in 2025 and 2028, and once in
        each lunar year."""
        self._ten_years(
            Anniversary(12, 1, lunar=True), '2024-01-11', '2024-12-31', '2026-01-19', '2027-01-08', '2027-12-28',
            '2029-01-15', '2030-01-04', '2030-12-25', '2032-01-13', '2033-01-01')

    def test_cul_4_impossible(self):
        """CUL-4: days no year has are refused, with what is wrong."""
        for anniversary, kind in (
            (Anniversary(4, 31), 'day'), (Anniversary(2, 30), 'day'), (Anniversary(13, 1), 'month'), (Anniversary(0, 1), 'month'),
            (Anniversary(1, 0), 'day'), (Anniversary(8, 31, lunar=True), 'day'), (Anniversary(6, 1, leap=True), 'leap'),
        ):
            with self.assertRaises(anniversaries.Impossible) as refused:
                anniversaries.check(anniversary)
            self.assertEqual(refused.exception.kind, kind)

    @given(gregorian() | lunar_days, years, st.booleans())
    def test_cul_4_inverse(self, anniversary, year, in_march):
        """CUL-4: what is kept on the day that an anniversary falls on includes that anniversary, with its year."""
        day = anniversaries.falls_on(anniversary, year, in_march)
        kept = anniversaries.lunar_kept_on(day) if anniversary.lunar else anniversaries.kept_on(day, in_march)
        self.assertIn((year, anniversary), kept)

    @given(days, st.booleans())
    def test_cul_4_inverse_back(self, day, in_march):
        """CUL-4: what is kept on a day falls on that day."""
        for year, anniversary in anniversaries.kept_on(day, in_march) + anniversaries.lunar_kept_on(day):
            self.assertEqual(anniversaries.falls_on(anniversary, year, in_march), day)

    @given(gregorian() | lunar_days, days, st.booleans())
    def test_cul_4_next(self, anniversary, day, in_march):
        """CUL-4: the next time is on or after the day, and the time before was before it."""
        year, kept = anniversaries.next_on(anniversary, day, in_march)
        self.assertGreaterEqual(kept, day)
        self.assertLessEqual((kept - day).days, 385)
        self.assertLess(anniversaries.falls_on(anniversary, year - 1, in_march), day)

    @given(lunar_days, years)
    def test_cul_4_lunar_day_is_kept(self, anniversary, year):
        """CUL-4: a lunar day falls in its month, on its number or the last day of the month."""
        day = anniversaries.falls_on(anniversary, year)
        found_year, month, number, leap = lunar.solar_to_lunar(day)
        self.assertEqual((found_year, month), (year, anniversary.month))
        self.assertTrue(number == anniversary.day or number == 29 and anniversary.day == 30)
        self.assertTrue(leap == anniversary.leap or anniversary.leap and lunar.leap_month(year) != month)
