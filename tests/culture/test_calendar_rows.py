"""Holidays and festivals as rows that people correct and the scheduled action keeps (CUL-2)."""
import sys
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CultureCase

CALENDAR_LOG = 'odoo.addons.customer_success.models.culture.customer_calendar_keeper'


@tagged('post_install', '-at_install')
class TestCalendarRows(CultureCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendars = cls.env['customer.country.calendar']
        cls.ramadan = cls.env.ref('customer_success.customer_festival_ramadan')
        cls.ghana, cls.sri_lanka, cls.saudi_arabia = (cls.env.ref(f'base.{code}') for code in ('gh', 'lk', 'sa'))

    def _calendar(self, country):
        return self.calendars.search([('country_id', '=', country.id)]) or self.calendars.create({'country_id': country.id})

    def _refresh(self):
        """Run the scheduled action as Odoo does."""
        self._run_cron('calendar')

    def _rows(self):
        self.env.flush_all()
        self.env.cr.execute("""
            SELECT 'd', ctid::text, to_jsonb(d) FROM customer_festival_date d
             UNION ALL SELECT 'h', ctid::text, to_jsonb(h) FROM customer_holiday h ORDER BY 1, 2""")
        return self.env.cr.fetchall()

    # ------------------------------------------------------------
    # KEEPING
    # ------------------------------------------------------------

    def test_cul_2_calendar_of_a_new_country(self):
        """CUL-2: the first customer of a country brings its weekend and its holidays, this year, the last, three ahead."""
        with self._on('2026-03-02'):
            self._customer("Riyadh", country_id=self.saudi_arabia.id)
            self.calendars.search([('country_id', '=', self.saudi_arabia.id)]).unlink()
            self._refresh()
            calendar = self.calendars.search([('country_id', '=', self.saudi_arabia.id)])
        self.assertEqual(calendar.week, "Monday, Tuesday, Wednesday, Thursday, Sunday")
        self.assertEqual({row.date.year for row in calendar.holiday_ids}, {2025, 2026, 2027, 2028, 2029})
        day = calendar.holiday_ids.filtered(lambda row: row.date == fields.Date.to_date('2026-09-23'))
        self.assertEqual((day.name, day.kind, day.edited), ("National Day Holiday", 'holiday', False))
        self.assertIn("holidays", day.source)
        self.assertFalse(calendar.problem)

    def test_cul_2_row_without_a_day(self):
        """CUL-2, K9: a row that somebody begins on the form has no day yet, and is no next holiday."""
        calendar = self.calendars.new({'holiday_ids': [Command.create({})]})
        self.assertFalse(calendar.next_holiday)

    def test_cul_2_action_changes_nothing_twice(self):
        """CUL-2: a second run writes no row at all, and a run after a year brings the year that is new."""
        with self._on('2026-03-02'):
            self._refresh()
            rows = self._rows()
        with self._on('2026-03-09'):
            self._refresh()
            self.assertEqual(self._rows(), rows)
        with self._on('2027-01-04'):
            self._refresh()
            self.assertIn(2030, [row.date_from.year for row in self.ramadan.date_ids])

    def test_cul_2_both_ramadans_of_2030(self):
        """CUL-2: 2030 has two, in January and in December."""
        with self._on('2029-05-02'):
            self._refresh()
        in_2030 = self.ramadan._days_in().filtered(lambda row: row.date_from.year == 2030).sorted('date_from')
        self.assertEqual(in_2030.mapped('year'), [1451, 1452])
        self.assertEqual([str(row.date_from) for row in in_2030], ['2030-01-05', '2030-12-26'])

    def test_cul_2_corrected_row_is_left_alone(self):
        """CUL-2: what a person corrected, archived or added stays, whatever the library says; the rest is kept up."""
        with self._on('2026-03-02'):
            self._refresh()
            row = self.ramadan._days_in().filtered(lambda row: row.year == 1447)
            row.with_user(self.mara).write({'date_from': '2026-02-19', 'date_to': '2026-03-20'})
            calendar = self._calendar(self.saudi_arabia)
            eid = calendar.holiday_ids.filtered(lambda row: row.date == fields.Date.to_date('2026-03-20'))
            eid.with_user(self.mara).date = '2026-03-21'
            gone = calendar.holiday_ids.filtered(lambda row: row.date == fields.Date.to_date('2026-09-23'))
            gone.with_user(self.mara).active = False
            added = self._holiday('2026-07-01', calendar, name="Founding day")
            renamed = calendar.holiday_ids.filtered(lambda row: row.date == fields.Date.to_date('2026-02-22'))
            renamed.with_user(self.mara).name = "The Day of Founding"
        with self._on('2026-03-09'):
            self._refresh()
            self.assertEqual((str(row.date_from), str(row.date_to), row.edited), ('2026-02-19', '2026-03-20', True))
            self.assertIn("Mara", row.source)
            self.assertEqual((str(eid.date), eid.edited, str(eid.source_date)), ('2026-03-21', True, '2026-03-20'))
            self.assertFalse(gone.active)
            self.assertTrue(added.exists())
            self.assertEqual(renamed.name, "The Day of Founding")
            days = self.env['customer.holiday'].with_context(active_test=False).search([
                ('calendar_id', '=', calendar.id), ('source_date', 'in', ['2026-03-20', '2026-09-23'])])
            self.assertEqual(days, eid | gone)
            row.with_user(self.mara).action_reset()
            self.assertEqual((str(row.date_from), row.edited), ('2026-02-18', False))

    def test_cul_2_computed_rows_are_not_deleted_by_hand(self):
        """CUL-2: a row that would come back is archived or corrected, not deleted; a row that somebody added may go."""
        with self._on('2026-03-02'):
            calendar = self._calendar(self.saudi_arabia)
            with self.assertRaisesRegex(UserError, "Archive it instead"):
                calendar.holiday_ids[0].with_user(self.mara).unlink()
            with self.assertRaisesRegex(UserError, "would come back"):
                self.ramadan.date_ids[0].with_user(self.mara).unlink()
            self._holiday('2026-07-01', calendar).with_user(self.mara).unlink()

    def test_cul_2_holidays_of_a_state(self):
        """CUL-2: Epiphany comes for Bavaria once it has a customer, and for the whole of Germany never."""
        germany = self.env.ref('base.de')
        bavaria = self.env['res.country.state'].search([('country_id', '=', germany.id), ('code', '=', 'DE-BY')])
        nowhere = self.env['res.country.state'].create({'name': "Utopia", 'code': 'ZZ', 'country_id': germany.id})
        with self._on('2026-03-02'):
            self._customer("Bavaria", country_id=germany.id, state_id=bavaria.id)
            self._customer("Utopia", country_id=germany.id, state_id=nowhere.id)
            self._calendar(germany).looked_up_on = False
            self._refresh()
            epiphany = self._calendar(germany).holiday_ids.filtered(lambda row: str(row.date) == '2026-01-06')
        self.assertEqual(epiphany.state_id, bavaria)
        self.assertFalse(self._calendar(germany).problem)
        self.assertEqual(self._calendar(germany).unknown_states, "Utopia")

    def test_cul_2_names_in_the_languages_of_the_users(self):
        """CUL-2, PLT-4: a language that is installed later gets the names it has, without a new row."""
        self.env['res.lang']._activate_lang('zh_CN')
        with self._on('2026-03-02'):
            calendar = self._calendar(self.env.ref('base.cn'))
            calendar.looked_up_on = False
            self._refresh()
            [day] = calendar.holiday_ids.filtered(lambda row: str(row.date) == '2026-01-01')
            self.assertEqual(day.with_context(lang='zh_CN').name, "元旦")
            self.assertEqual(day.with_context(lang='en_US').name, "New Year's Day")

    # ------------------------------------------------------------
    # WHAT CAN GO WRONG
    # ------------------------------------------------------------

    def test_cul_2_missing_year_is_announced_once(self):
        """CUL-2: a country without holidays in a coming year says so, a manager gets one activity, and typed-in days settle
        it."""
        with self._on('2026-12-01'):
            calendar = self._calendar(self.sri_lanka)
            self._refresh()
            self.assertIn("2028", calendar.problem)
            self.assertNotIn("2026", calendar.problem)
            [activity] = calendar.activity_ids
            self.assertTrue(activity.user_id.has_group('customer_success.group_customer_success_manager'))
            self._refresh()
            self.assertEqual(calendar.activity_ids, activity)
            for year in (2027, 2028, 2029):
                self.assertTrue(calendar.problem)
                self._holiday(f'{year}-05-20', calendar)
            self.assertFalse(calendar.problem)
            self.assertFalse(calendar.activity_ids)

    def test_cul_2_missing_library(self):
        """CUL-2: without the library the rows stay, the calendar says which one is missing, and the others go on."""
        with self._on('2026-03-02'):
            self._refresh()
            before = len(self.ramadan.date_ids)
        with self._on('2026-03-09'):
            with patch.dict(sys.modules, {'hijridate': None}):
                self._refresh()
                self.assertIn("hijridate is missing", self.ramadan.problem)
                self.assertEqual(len(self.ramadan.date_ids), before)
                self.assertFalse(self.env.ref('customer_success.customer_festival_chinese_new_year').problem)
            self.ramadan.with_user(self.mara).action_refresh()
            self.assertFalse(self.ramadan.problem)

    def test_cul_2_range_exceeded(self):
        """CUL-2: beyond the tables of a calendar its years are said, and days can be typed in."""
        with self._on('2075-01-05'):
            self.env['customer.calendar.keeper']._refresh_festivals(self.ramadan)
            self.assertIn("1925 to 2076", self.ramadan.problem)
            self.env['customer.festival.date'].create({
                'festival_id': self.ramadan.id, 'year': 1501, 'date_from': '2077-11-17', 'date_to': '2077-12-15'})

    def test_cul_2_poisoned_calendar(self):
        """CUL-2, PLT-3: one country that breaks is set aside with its error, the run counts it, the others are done."""
        with self._on('2026-03-02'):
            broken, fine = self._calendar(self.ghana), self._calendar(self.saudi_arabia)
            fine.holiday_ids.sudo().unlink()
            (broken + fine).looked_up_on = False
            keeper = self.env.registry['customer.calendar.keeper']
            original = keeper._states

            def explode(self, country):
                if country.code == 'GH':
                    raise ValueError("Boom")
                return original(self, country)

            with patch.object(keeper, '_states', explode), mute_logger(CALENDAR_LOG):
                self._refresh()
            self.assertIn("could not be computed", broken.problem)
            self.assertNotIn("Boom", broken.problem)
            self.assertTrue(fine.holiday_ids)
            run = self.env['customer.run'].search([('name', '=', 'calendar'), ('started_at', '=', '2026-03-02 12:00:00')])
            self.assertEqual(len(run), 1)
            self.assertGreaterEqual(run.failed, 1)
        with self._on('2026-03-03'):
            self._refresh()
            self.assertFalse(broken.problem)

    def test_cul_2_killed_in_the_middle(self):
        """CUL-2, PLT-3: what a killed run had finished stays, the next run does the rest, and nothing comes twice."""
        with self._on('2026-03-02'):
            calendar = self._calendar(self.saudi_arabia)
            calendar.holiday_ids.sudo().unlink()
            original = self.env.registry['customer.calendar.keeper']._write_holidays

            def die(self, *args):
                original(self, *args)
                raise psycopg2.OperationalError("gone")

            with patch.object(self.env.registry['customer.calendar.keeper'], '_write_holidays', die), \
                    self.assertRaises(psycopg2.OperationalError), self.env.cr.savepoint():
                self.env['customer.calendar.keeper']._refresh_countries(calendar)
            self.assertFalse(calendar.holiday_ids)
        with self._on('2026-03-03'):
            self._refresh()
            days = calendar.holiday_ids.filtered(lambda row: not row.state_id).mapped('date')
            self.assertEqual(len(days), len(set(days)))
            self.assertTrue(days)

    def test_cul_2_bad_rules_are_refused(self):
        """CUL-2: weeks without a working day, days that no year has, periods that end before they begin: said clearly."""
        with self.assertRaisesRegex(ValidationError, "has no working day"):
            self.calendar_ruritania.write(dict.fromkeys(
                ('work_mon', 'work_tue', 'work_wed', 'work_thu', 'work_fri', 'work_sat', 'work_sun'), False))
        with self.assertRaisesRegex(ValidationError, "has no working day"):
            self.ruritanian.write({'own_week': True, **dict.fromkeys(
                ('work_mon', 'work_tue', 'work_wed', 'work_thu', 'work_fri'), False)})
        for number, values in enumerate(({'method': 'fixed', 'month': 13}, {'method': 'lunar', 'month': 1, 'day': 31},
                                         {'method': 'weekday', 'month': 11, 'nth': 0}, {'method': 'holiday'})):
            with self.assertRaisesRegex(ValidationError, "not a day that can be found"):
                self.env['customer.festival'].create({'name': f"Impossible {number}", **values})
        with self._refused("ends before it begins"):
            self.env['customer.festival.date'].create({
                'festival_id': self.season.id, 'year': 2026, 'date_from': '2026-02-02', 'date_to': '2026-02-01'})
        with self._refused("can't be shorter"):
            self._season('2026-02-02', '2026-02-03', days_before=-1)
        with self._refused("a period that suggests one"):
            self._season('2027-02-02', '2027-02-03', greet=True)
        with self.assertRaisesRegex(ValidationError, "at most"):
            self.desertian.country_ids += self.ruritania
        with self.assertRaisesRegex(ValidationError, "builds on one that builds on none"):
            self.env['customer.culture'].create([
                {'name': "Child", 'parent_id': self.ruritanian.id, 'child_ids': [
                    Command.create({'name': "Grandchild"})]}])

    def test_cul_2_unknown_festival_of_a_country(self):
        """CUL-2: a public holiday that the country does not have under this name leaves the festival without days, and it
        says so."""
        festival = self.env['customer.festival'].create({
            'name': "Elsewhere", 'method': 'holiday', 'country_id': self.ghana.id, 'holiday_name': "No Such Day"})
        self.assertIn("Nothing is known yet", festival.problem)

    def test_cul_2_who_keeps_the_calendars(self):
        """CUL-2, PLT-2: users read calendars and profiles, managers keep them."""
        with self.assertRaises(AccessError):
            self.calendar_ruritania.with_user(self.anna).work_sat = True
        with self.assertRaises(AccessError):
            self.ruritanian.with_user(self.lena).advice_do = "Anything"
        self.ruritanian.with_user(self.mara).advice_do = "Be on time."
        self.assertEqual(self.ruritanian.with_user(self.anna).advice_do, "Be on time.")
        self._holiday('2026-04-02').with_user(self.mara).date = '2026-04-03'
        self.calendar_ruritania.with_user(self.mara).action_refresh()
        with self.assertRaises(AccessError):
            self.calendar_ruritania.with_user(self.anna).action_refresh()

    def test_cul_2_years_ahead(self):
        """CUL-2, PLT-5: how many years are looked up is a setting; nonsense is refused."""
        settings = self.env['res.config.settings'].create({'customer_calendar_years': 1})
        settings.execute()
        festival = self.env['customer.festival'].create({'name': "Fixed", 'method': 'fixed', 'month': 5, 'day': 4})
        this_year = fields.Date.today().year
        self.assertEqual(
            sorted(row.date_from.year for row in festival.date_ids), [this_year - 1, this_year, this_year + 1])
        with self.assertRaisesRegex(ValidationError, "1 to 10 years"):
            self.env['res.config.settings'].create({'customer_calendar_years': 11}).execute()
