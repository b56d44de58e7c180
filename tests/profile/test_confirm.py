"""PRO-6: what is noted of customers is confirmed again and again; nobody is asked for all of it at once."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError

from ...models.base.customer_fact import Span
from ..common import CustomerCase

TODAY = fields.Date.to_date('2026-03-02')  # a Monday
DAY = timedelta(days=1)


class TestConfirm(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).customer_enrolment = 'excluded'
        cls.env['ir.config_parameter'].set_param('customer_success.confirm_since', False)
        cls.activity_type = cls.env.ref('customer_success.mail_activity_type_confirm')

    def _customers(self, count, day=TODAY, **vals):
        with self._on(day):
            return self.env['res.partner'].union(*(self._customer(f"Noted {number}", **vals) for number in range(count)))

    def _night(self, day):
        with self._on(day, 2):
            self._run_cron('confirm')
            self.env.invalidate_all()

    def _set_days(self, days, day):
        with self._on(day):
            self.env['res.config.settings'].create({'customer_confirm_days': days}).set_values()

    def _asked(self):
        return self.env['res.partner'].search([('customer_confirm_asked_on', '!=', False)])

    def _activities(self):
        return self.env['mail.activity'].search([('activity_type_id', '=', self.activity_type.id)])

    def test_begins_when_switched_on(self):
        """PRO-6: days count from the night in which it begins, however old the customers are; the 30th day asks."""
        customers = self._customers(3, TODAY - 900 * DAY)
        self._night(TODAY)
        for day, asked in ((29, 0), (30, 3)):
            self._night(TODAY + day * DAY)
            self.assertEqual(len(self._asked()), asked, day)
        self.assertRecordValues(self._activities(), [{
            'user_id': self.anna.id, 'summary': "Are the profiles of 3 customers still true?"}])
        self.assertIn('/odoo/profiles-to-confirm', self._activities().note)
        self._night(TODAY + 31 * DAY)
        self.assertEqual(len(self._activities()), 1)
        with self._on(TODAY + 31 * DAY):
            self.assertEqual(
                self.env['res.partner'].with_user(self.anna).search([('customer_confirm_state', '=', 'asked')]), customers)

    def test_a_handful(self):
        """PRO-6: of many that are due so many are asked about as the setting says, for each person; the next ones come when
        those are answered."""
        self._customers(25, TODAY - 900 * DAY)
        self._customers(2, TODAY - 900 * DAY, user_id=self.ben.id)
        self._night(TODAY)
        self._night(TODAY + 30 * DAY)
        self.assertEqual(len(self._asked()), 22)
        with self._on(TODAY + 30 * DAY):
            self.assertEqual(self.env['res.partner'].search_count([('customer_confirm_state', 'in', ('due', 'asked'))]), 27)
            self._asked().filtered(lambda partner: partner.user_id == self.anna)[:5].with_user(
                self.anna).action_customer_confirm()
        self.assertEqual(
            self._activities().filtered(lambda activity: activity.user_id == self.anna).summary,
            "Are the profiles of 15 customers still true?")
        self._night(TODAY + 31 * DAY)
        self.assertEqual(len(self._asked()), 22)

    def test_click(self):
        """PRO-6: one click confirms, says who and when, ends the task, and is asked again after as many days."""
        customer = self._customers(1)
        self._night(TODAY)
        self._night(TODAY + 30 * DAY)
        self.assertEqual(self._asked(), customer)
        with self._on(TODAY + 30 * DAY):
            customer.with_user(self.anna).action_customer_confirm()
        self.assertFalse(self._activities())
        self.assertRecordValues(customer, [{
            'customer_confirmed_on': TODAY + 30 * DAY, 'customer_confirmed_by_id': self.anna.id,
            'customer_confirm_asked_on': False}])
        for day, asked in ((59, 0), (60, 1)):
            self._night(TODAY + day * DAY)
            self.assertEqual(len(self._asked()), asked, day)

    def test_correction(self):
        """PRO-6: a correction of what is noted counts, also of a contact person; the same value once more does not, neither
        what a program writes."""
        customer = self._customers(1)
        person = self.env['res.partner'].create({'name': "Buyer", 'parent_id': customer.id})
        cases = (
            (lambda: customer.with_user(self.mara).write({'name': customer.name}), False),
            (lambda: customer.sudo().write({'customer_needs': "Crates"}), False),
            (lambda: customer.with_user(self.mara).write({'comment': "x"}), False),
            (lambda: customer.with_user(self.mara).write({'customer_needs': "Better crates"}), True),
            (lambda: person.with_user(self.mara).write({'function': "Head of purchasing"}), True))
        for number, (act, counts) in enumerate(cases):
            with self.subTest(number=number), self._on(TODAY + number * DAY):
                customer.sudo().write({'customer_confirmed_on': False, 'customer_confirmed_by_id': False})
                act()
                self.assertEqual(customer.customer_confirmed_on, TODAY + number * DAY if counts else False)
                self.assertEqual(customer.customer_confirmed_by_id, self.mara if counts else self.env['res.users'])

    def test_per_tier(self):
        """PRO-6, SEG-1: a tier may say other days; 0 takes the setting."""
        high, low = self._customers(2)
        high.customer_tier_manual_id, self.tier_high.confirm_days = self.tier_high, 10
        self.env['customer.ranking']._rank(high.ids)
        self._night(TODAY)
        self._night(TODAY + 10 * DAY)
        self.assertEqual(self._asked(), high)
        self._night(TODAY + 30 * DAY)
        self.assertEqual(self._asked(), high + low)

    def test_switched_off(self):
        """PRO-6: 0 days: nobody is asked, and what was asked goes."""
        self._customers(1)
        self._night(TODAY)
        self._night(TODAY + 30 * DAY)
        self._set_days(0, TODAY + 31 * DAY)
        self._night(TODAY + 31 * DAY)
        self.assertFalse(self._asked() or self._activities())
        # switched on again, it begins anew
        self._set_days(30, TODAY + 40 * DAY)
        for day, asked in ((69, 0), (70, 1)):
            self._night(TODAY + day * DAY)
            self.assertEqual(len(self._asked()), asked, day)

    def test_people(self):
        """PRO-6, PLT-2: who left is not asked; who does not work with the customer confirms nothing; nobody writes it."""
        customer = self._customers(1)
        with self.assertRaises(AccessError):
            customer.with_user(self.otto).action_customer_confirm()
        with self.assertRaises(AccessError):
            customer.with_user(self.anna).write({'customer_confirmed_on': TODAY})
        self.anna.active = False
        self._night(TODAY)
        self._night(TODAY + 30 * DAY)
        self.assertFalse(self._asked())

    def test_many(self):
        """PRO-6, PLT-4: the night is a few statements, however many there are."""
        counts = {}
        for size in (3, 30):
            self._customers(size, TODAY - 900 * DAY)
            self._night(TODAY)
            with self._on(TODAY + 30 * DAY, 2):
                start = self.env.cr.sql_log_count
                self.env['customer.confirmer']._ask()
                counts[size] = self.env.cr.sql_log_count - start
        self.assertLessEqual(counts[30], counts[3], counts)

    def test_fact(self):
        """PRO-6: for how many days a profile is due is a fact (profile_unconfirmed), which the next best action asks."""
        due, fresh = self._customers(2)
        self._night(TODAY)
        with self._on(TODAY + 40 * DAY):
            fresh.with_user(self.anna).action_customer_confirm()
            facts = self.env['customer.fact'].sudo()
            spans = [Span(partner.id, partner.id, TODAY, TODAY + 40 * DAY) for partner in due + fresh]
            found, problems = facts._measure({'key': ('profile_unconfirmed', {}, spans)})
            self.assertFalse(problems)
            self.assertEqual({key: (row.value, row.day) for key, row in found['key'].items()}, {due.id: (40, TODAY)})
            self.assertEqual(
                facts._say('profile_unconfirmed', facts._get('profile_unconfirmed'), found['key'][due.id], {}),
                "Nobody has confirmed the profile for 40 days, since 03/02/2026")
            self.assertEqual(facts._get('profile_unconfirmed').open(due, found['key'][due.id])['res_id'], due.id)
        self.assertEqual(self.env.ref('customer_success.customer_action_rule_profile_confirm').kind, 'fact_profile_unconfirmed')
