"""Calendars against dates that others publish, and the days that no year has (CUL-2, CUL-4)."""
import datetime
import os
import sys
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import calendars, lunar
from odoo.addons.customer_success.engine.calendar_errors import CalendarMissing, NotKnown, OutOfRange
from odoo.addons.customer_success.engine.calendars import Festival
from odoo.addons.customer_success.engine.places import Place

from ..culture import published_dates as published

DAY = datetime.timedelta(days=1)


@tagged('at_install', '-post_install')
class TestCalendars(BaseCase):

    def _assert_published(self, festival, table, shift=0):
        """The festival begins in every year of a published table on the day the table says."""
        days = {
            found.start - shift * DAY for found in calendars.occurrences(festival, min(table) - 1, max(table) + 1)}
        for year, day in table.items():
            self.assertIn(datetime.date.fromisoformat(day), days, f'{festival}, {year}')
        return days

    def test_cul_2_ramadan(self):
        """CUL-2: Ramadan of 2024 to 2030, both of 2030, each to the day before Eid."""
        ramadan = Festival('hijri', 9, 1, duration=calendars.HIJRI_MONTH)
        self._assert_published(ramadan, published.RAMADAN)
        self._assert_published(ramadan, published.RAMADAN_SECOND)
        in_2030 = calendars.occurrences(ramadan, 2030, 2030)
        self.assertEqual([found.year for found in in_2030], [1451, 1452])
        for found in calendars.occurrences(ramadan, 2024, 2029):
            self.assertEqual((found.end + DAY).isoformat(), published.EID_AL_FITR[found.start.year])

    def test_cul_2_eids(self):
        """CUL-2: Eid al-Fitr and Eid al-Adha of 2024 to 2030."""
        self._assert_published(Festival('hijri', 10, 1), published.EID_AL_FITR)
        self._assert_published(Festival('hijri', 12, 10), published.EID_AL_ADHA)

    def test_cul_2_chinese_calendar(self):
        """CUL-2: Chinese New Year and Mid-Autumn of 2024 to 2030; the year is the lunar one."""
        self._assert_published(Festival('lunar', 1, 1), published.CHINESE_NEW_YEAR)
        self._assert_published(Festival('lunar', 8, 15), published.MID_AUTUMN)
        eve = calendars.occurrences(Festival('lunar', 12, 30), 2026, 2026)
        self.assertEqual([(found.year, found.start.isoformat()) for found in eve], [(2025, '2026-02-16')])

    def test_cul_2_by_public_holiday(self):
        """CUL-2: Diwali in India and Chuseok in Korea, 2024 to 2030, from the public holidays of the country."""
        self._assert_published(Festival('holiday', country='IN', name='Diwali'), published.DIWALI)
        self._assert_published(Festival('holiday', country='KR', name='Chuseok'), published.CHUSEOK)

    def test_cul_2_by_weekday_and_easter(self):
        """CUL-2: Thanksgiving in the United States and Shrove Tuesday, 2024 to 2030."""
        self._assert_published(Festival('weekday', 11, weekday=3, nth=4), published.THANKSGIVING)
        self._assert_published(Festival('easter', shift=-47), published.CARNIVAL_TUESDAY)

    def test_cul_2_golden_weeks(self):
        """CUL-2: the Golden Weeks of Japan and China are free in their countries, as published for 2026."""
        japan = Festival('fixed', 4, 29, duration=7)
        [found] = calendars.occurrences(japan, 2026, 2026)
        self.assertEqual((found.start.isoformat(), found.end.isoformat()), published.GOLDEN_WEEK_JAPAN[2026])
        [found] = calendars.occurrences(Festival('fixed', 10, 1, duration=7), 2026, 2026)
        self.assertEqual((found.start.isoformat(), found.end.isoformat()), published.GOLDEN_WEEK_CHINA[2026])
        closed = {holiday.day for holiday in calendars.public_holidays(Place('CN'), 2026, 2026) if not holiday.works}
        self.assertLessEqual({datetime.date(2026, 10, day) for day in range(1, 8)} - closed, {
            datetime.date(2026, 10, 3), datetime.date(2026, 10, 4)})  # a weekend

    def test_cul_2_make_up_days(self):
        """CUL-2: the weekend days that China works in 2026 to make up for its long holidays."""
        worked = [holiday.day.isoformat()[5:] for holiday in calendars.public_holidays(Place('CN'), 2026, 2026) if holiday.works]
        self.assertEqual(worked, ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'])

    def test_cul_2_weekends(self):
        """CUL-2: Friday and Saturday, Friday alone, Sunday alone, Friday and Sunday, Saturday and Sunday."""
        for country, free in (('SA', {4, 5}), ('IR', {4}), ('HK', {6}), ('BN', {4, 6}), ('AE', {5, 6}), ('DE', {5, 6})):
            self.assertEqual(calendars.weekend(Place(country), datetime.date(2026, 3, 2)).days, free, country)

    def test_cul_2_names(self):
        """CUL-2: holidays in English whatever the language of the server, in Chinese where the library speaks it."""
        with patch.dict(os.environ, {'LANG': 'de_DE.UTF-8', 'LANGUAGE': 'de'}):
            [new_year] = [day for day in calendars.public_holidays(Place('CN'), 2026, 2026, languages=('zh_CN', 'de_DE'))
                          if day.day == datetime.date(2026, 1, 1)]
        self.assertEqual(new_year.names, {'en_US': "New Year's Day", 'zh_CN': "元旦"})

    def test_cul_2_states(self):
        """CUL-2: Bavaria keeps Epiphany, Germany does not; a state that the library does not know is refused."""
        epiphany = datetime.date(2026, 1, 6)
        self.assertIn(epiphany, [day.day for day in calendars.public_holidays(Place('DE', 'BY'), 2026, 2026)])
        self.assertNotIn(epiphany, [day.day for day in calendars.public_holidays(Place('DE'), 2026, 2026)])
        with self.assertRaises(NotKnown):
            calendars.public_holidays(Place('DE', 'XX'), 2026, 2026)
        with self.assertRaises(NotKnown):
            calendars.public_holidays(Place('XX'), 2026, 2026)

    def test_cul_2_days_that_wait_for_the_moon(self):
        """CUL-2: Eid of a coming year is an estimate in every country that sights the moon, Saudi Arabia and Palestine included;
        what was announced, what Turkey computes and what the civil calendar fixes are not."""
        for country, year, expected in (
            ('SA', 2027, True), ('PS', 2027, True), ('AE', 2027, True), ('IN', 2027, True), ('SA', 2025, False),
            ('TR', 2027, False),
        ):
            eid = [
                day for day in calendars.public_holidays(Place(country), year, year) if day.day.month == 3 and any(
                    word in day.names['en_US'] for word in ("Eid al-Fitr", "Ramadan Feast"))]
            self.assertTrue(eid, country)
            self.assertEqual({day.estimated for day in eid}, {expected}, (country, year))
            self.assertFalse([day for day in eid if 'estimated' in day.names['en_US']])
        national = [day for day in calendars.public_holidays(Place('SA'), 2027, 2027) if day.day.month == 9]
        self.assertEqual([day.estimated for day in national], [False])

    def test_cul_2_days_that_no_year_has(self):
        """CUL-2: 29 February is the 28th in other years; a fifth Friday comes only in months that have one."""
        found = calendars.occurrences(Festival('fixed', 2, 29), 2027, 2028)
        self.assertEqual([day.start.isoformat() for day in found], ['2027-02-28', '2028-02-29'])
        fifth = calendars.occurrences(Festival('weekday', 2, weekday=4, nth=5), 2024, 2030)
        self.assertEqual(fifth, [])  # February 2024 has five Thursdays
        self.assertEqual(len(calendars.occurrences(Festival('weekday', 2, weekday=3, nth=5), 2024, 2030)), 1)
        [last] = calendars.occurrences(Festival('weekday', 5, weekday=0, nth=-1), 2026, 2026)
        self.assertEqual(last.start.isoformat(), '2026-05-25')

    def test_cul_2_shift_over_new_year(self):
        """CUL-2: a festival that begins in the old year belongs to the year in which it begins."""
        found = calendars.occurrences(Festival('fixed', 1, 1, shift=-3, duration=5), 2026, 2026)
        self.assertEqual([(day.start.isoformat(), day.end.isoformat()) for day in found], [('2026-12-29', '2027-01-02')])

    def test_cul_2_missing_library(self):
        """CUL-2: a library that is not installed is named, whatever was asked."""
        for library, ask in (
            ('holidays', lambda: calendars.public_holidays(Place('CN'), 2026, 2026)),
            ('hijridate', lambda: calendars.occurrences(Festival('hijri', 9, 1), 2026, 2026)),
            ('lunar_python', lambda: calendars.occurrences(Festival('lunar', 1, 1), 2026, 2026)),
        ):
            with patch.dict(sys.modules, {library: None}), self.assertRaises(CalendarMissing) as missing:
                ask()
            self.assertEqual(missing.exception.library, library)

    def test_cul_2_range_exceeded(self):
        """CUL-2: years beyond the tables are refused with the years that are known."""
        with self.assertRaises(OutOfRange) as refused:
            calendars.occurrences(Festival('hijri', 9, 1), 2070, 2080)
        self.assertEqual((refused.exception.first, refused.exception.last), (1925, 2076))
        for first, last in ((1900, 1901), (2100, 2101)):
            with self.assertRaises(OutOfRange):
                calendars.occurrences(Festival('lunar', 1, 1), first, last)
        self.assertTrue(calendars.occurrences(Festival('lunar', 1, 1), 2100, 2100))
        with self.assertRaises(ValueError):
            calendars.occurrences(Festival('manual'), 2026, 2026)

    def test_cul_4_lunar_as_the_library(self):
        """CUL-4: two centuries, there and back, as the library converts them day by day."""
        from lunar_python import Solar  # noqa: PLC0415  not at install
        for offset in range(0, 72900, 450):
            day = datetime.date(1901, 3, 1) + offset * DAY
            expected = Solar.fromYmd(day.year, day.month, day.day).getLunar()
            year, month, number, leap = lunar.solar_to_lunar(day)
            self.assertEqual(
                (year, -month if leap else month, number), (expected.getYear(), expected.getMonth(), expected.getDay()), day)
            self.assertEqual(lunar.lunar_to_solar(year, month, number, leap), day)

    def test_cul_4_lunar_days(self):
        """CUL-4: a leap month where the year has it, else the ordinary month; a 30th that is missing is the 29th."""
        self.assertEqual(lunar.leap_month(2025), 6)
        self.assertEqual(lunar.lunar_to_solar(2025, 6, 1, leap=True).isoformat(), '2025-07-25')
        self.assertEqual(lunar.lunar_to_solar(2025, 6, 1).isoformat(), '2025-06-25')
        self.assertEqual(lunar.lunar_to_solar(2026, 6, 1, leap=True), lunar.lunar_to_solar(2026, 6, 1))
        self.assertEqual(lunar.solar_to_lunar(datetime.date(2025, 7, 25)), (2025, 6, 1, True))
        self.assertEqual(lunar.lunar_to_solar(2025, 12, 30), lunar.lunar_to_solar(2025, 12, 29))
        for month, day in ((13, 1), (0, 1), (1, 31), (1, 0)):
            with self.assertRaises(ValueError):
                lunar.lunar_to_solar(2025, month, day)
