"""REP-4: the monthly report, held against plain loops over what it tells."""
import random
from datetime import datetime, timedelta
from statistics import mean

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged, users

from ...models.reporting.report_part import Figure
from ..common import CustomerCase

TODAY = '2026-06-17 10:00:00'


class MonthlyCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue = cls._customer("Blue", ref='B-1')
        cls.logins = cls.env.ref('customer_success.customer_metric_logins')
        cls.monthly = cls.env['customer.monthly'].with_user(cls.anna).with_context(lang='en_US', tz='UTC')

    def _report(self, customer, month=None, user=None):
        """Return the parts of the report of a customer, by key."""
        [report] = self.monthly.with_user(user or self.anna)._reports(customer.with_user(user or self.anna), month)
        return {part.key: part for part in report['parts']}

    def _figure(self, parts, label):
        """Return the values of a figure: this month, the month before, a year ago."""
        row = next((row for row in parts['figures'].rows if row[0] == label), None)
        return row and [cell.value for cell in row[1:4]]


@tagged('post_install', '-at_install')
class TestMonthly(MonthlyCase):

    def test_rep_4_bought(self):
        """REP-4: revenue, number and mean of orders of the month, the month before and a year ago, as a loop adds them up."""
        draw, orders = random.Random(4), []
        with freeze_time(TODAY):
            for number in range(24):
                day = fields.Date.to_date('2025-05-01') + timedelta(days=draw.randrange(400))
                if number < 9:
                    day = fields.Date.to_date(('2026-05-01', '2026-04-01', '2025-05-01')[number % 3]) + timedelta(days=number * 3)
                orders.append((day, 100 + draw.randrange(900)))
                self._order(self.blue, orders[-1][1], day)
            parts = self._report(self.blue, '2026-05-20')
            for place, (year, month) in enumerate(((2026, 5), (2026, 4), (2025, 5))):
                amounts = [amount for day, amount in orders if (day.year, day.month) == (year, month)]
                self.assertGreater(len(amounts), 2)
                self.assertAlmostEqual(self._figure(parts, "Revenue")[place], sum(amounts))
                self.assertEqual(self._figure(parts, "Number of orders")[place], len(amounts))
                self.assertAlmostEqual(self._figure(parts, "Average value of an order")[place], mean(amounts))

    @freeze_time(TODAY)
    def test_rep_4_running_month(self):
        """REP-4: a month that is not over is held against as many days of the others, and says so; one to come is refused."""
        for day, amount in (('2026-06-10', 100), ('2026-05-17', 30), ('2026-05-18', 5), ('2025-06-17', 70), ('2025-06-18', 9)):
            self._order(self.blue, amount, day)
        parts = self._report(self.blue, '2026-06-01')
        self.assertEqual(self._figure(parts, "Revenue"), [100, 30, 70])
        self.assertIn("not over", parts['figures'].note)
        with self.assertRaisesRegex(UserError, "July 2026 has not begun"):
            self._report(self.blue, '2026-07-01')
        self.assertEqual(str(self.monthly._days().start), '2026-05-01')
        self.assertEqual(self.monthly._title(), "Customer Report May 2026")

    @freeze_time(TODAY)
    def test_rep_4_contacts(self):
        """REP-4: the contacts of the month with what was said, and nothing of other months."""
        for day, said in (('2026-04-30', "before"), ('2026-05-01', "first"), ('2026-05-31', "last"), ('2026-06-01', "after")):
            self._log(self.blue, self.call, datetime.combine(fields.Date.to_date(day), datetime.min.time()).replace(hour=9),
                      feedback=said)
        part = self._report(self.blue)['contacts']
        self.assertEqual([row[part.heads.index("What Was Said")] for row in part.rows], ["first", "last"])
        self.assertEqual([str(row[0]) for row in part.rows], ['2026-05-01', '2026-05-31'])

    @freeze_time(TODAY)
    def test_rep_4_kept(self):
        """REP-4: how far what was planned was kept is what the report of kept rhythms says."""
        self.blue.customer_cadence_id = self.cadence
        followup = self._open(self.blue)
        followup.sudo().write({'date_planned': '2026-05-10', 'date_limit': '2026-05-15'})
        self.env.flush_all()
        rows = self.env['customer.adherence'].with_user(self.anna).search([
            ('partner_id', '=', self.blue.id), ('date', '>=', '2026-05-01'), ('date', '<=', '2026-05-31')])
        self.assertEqual(sum(rows.mapped('planned')), 1)
        self.assertIn("missed: 1", self._report(self.blue)['contacts'].note)

    @freeze_time(TODAY)
    def test_rep_4_usage(self):
        """REP-4: readings month by month: what happens is added up, a state is averaged, nothing is not a zero."""
        draw, kept = random.Random(9), {}
        features = self.env.ref('customer_success.customer_metric_features')
        for metric in (self.logins, features):
            for back in draw.sample(range(20, 240), 60):
                kept[metric, fields.Date.to_date('2026-06-17') - timedelta(days=back)] = draw.randint(0, 30)
        self.env['customer.reading'].with_context(customer_health_later=True).create([
            {'partner_id': self.blue.id, 'metric_id': metric.id, 'date': day, 'value': value}
            for (metric, day), value in kept.items() if day.month != 3])
        part = self._report(self.blue)['usage']
        self.assertEqual(len(part.rows), 2)
        for metric, join in ((self.logins, sum), (features, mean)):
            row = next(row for row in part.rows if row[0] == metric.name)
            for place, (year, month) in enumerate(((2025, 12), (2026, 1), (2026, 2), (2026, 3), (2026, 4), (2026, 5)), 1):
                values = [value for (of, day), value in kept.items() if of == metric and (day.year, day.month) == (year, month)]
                if month == 3:
                    self.assertIsNone(row[place].value)
                else:
                    self.assertAlmostEqual(row[place].value, join(values))

    @freeze_time(TODAY)
    def test_rep_4_health(self):
        """REP-4: the change of the score is told with terms that add up to it."""
        self.env['customer.health.snapshot'].search([('partner_id', '=', self.blue.id)]).unlink()
        self.env['customer.health.snapshot'].create([
            {'partner_id': self.blue.id, 'date': '2026-04-01', 'date_end': '2026-05-14', 'state': 'scored', 'score': 80,
             'computed': 80, 'uncapped': 80, 'band': 'healthy', 'parts': {}, 'signature': 'a'},
            {'partner_id': self.blue.id, 'date': '2026-05-15', 'state': 'scored', 'score': 55, 'computed': 55, 'uncapped': 55,
             'band': 'watch', 'parts': {}, 'signature': 'b'}])
        part = self._report(self.blue)['health']
        self.assertIn("80, Healthy", part.note)
        self.assertIn("55, Watch", part.note)
        self.assertTrue(part.rows)
        self.assertEqual(sum(row[0] for row in part.rows), -25)

    @freeze_time(TODAY)
    def test_rep_4_what_was_open(self):
        """REP-4: cases and answers of these days, with n; what was over before is not told."""
        feedback = self.env['customer.feedback'].create([
            {'partner_id': self.blue.id, 'company_id': self.env.company.id, 'kind': 'nps', 'score': score, 'given_at': day}
            for score, day in ((9, '2026-05-04 08:00:00'), (3, '2026-05-20 08:00:00'), (1, '2026-06-02 08:00:00'))])
        self.assertEqual(len(feedback), 3)
        opened = []
        for day, name in (('2026-05-05', "In May"), ('2026-06-03', "In June")):
            with freeze_time(f'{day} 09:00:00'):
                opened.append(self.env['customer.case'].create({
                    'partner_id': self.blue.id, 'name': name, 'company_id': self.env.company.id, 'user_id': self.anna.id}))
        parts = self._report(self.blue)
        self.assertEqual(parts['feedback'].note, "n = 2")
        self.assertEqual([row[2] for row in parts['cases'].rows], ["In May"])
        self.assertEqual(self._figure(parts, "Complaints that came in")[0], 1)

    @freeze_time(TODAY)
    def test_rep_4_whose(self):
        """REP-4: nobody gets the report of a customer that somebody else works with, or what may not be seen."""
        self.assertFalse(self.monthly.with_user(self.otto)._reports(self.blue.with_user(self.otto)))
        self.assertTrue(self._report(self.blue, user=self.lena))
        person = self.env['res.partner'].create({'name': "Bo", 'parent_id': self.blue.id})
        [report] = self.monthly._reports((person + self.blue).with_user(self.anna))
        self.assertEqual(report['customer'], self.blue)

    @freeze_time(TODAY)
    def test_rep_4_language(self):
        """REP-4: in the reader's language, figures and days too."""
        self.env['res.lang']._activate_lang('zh_CN')
        self._order(self.blue, 1234.5, '2026-05-05')
        [report] = self.monthly.with_context(lang='zh_CN')._reports(self.blue.with_user(self.anna))
        figures = report['parts'][0]
        self.assertEqual(self.monthly.with_context(lang='zh_CN')._text(figures.rows[0][1].__class__(12, 'percent')), "12%")
        self.assertIsInstance(figures.rows[0][1], Figure)
        self.assertIn("2026年5月", self.monthly.with_context(lang='zh_CN')._title())

    @users('anna')
    def test_rep_4_queries(self):
        """REP-4: many customers cost little more than few."""
        few = self.env['res.partner'].browse(self.blue.id)
        others = self.env['res.partner'].sudo().create([
            {'name': f"Another {number}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled'}
            for number in range(12)])
        many = few + others.with_env(self.env)
        self.env.flush_all()
        self.env['customer.monthly']._reports(many)

        def count(customers):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['customer.monthly']._reports(customers)
            return self.env.cr.sql_log_count - before

        self.assertLess(count(many) - count(few), len(others))
