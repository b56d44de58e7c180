"""The main paths, in a real browser."""
from datetime import date, timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestTours(HttpCase, CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()

    def test_log_contact(self):
        """CAD-5: open the due list, log a call in three clicks with a next step, see successor and last contact."""
        customer = self._customer("Tour Trading", customer_cadence_id=self.cadence.id)
        followup = self._open(customer)
        followup.sudo().write({
            'date_planned': date.today() - timedelta(days=3), 'date_limit': date.today() - timedelta(days=1)})
        self.start_tour('/odoo/customer-followups', 'customer_success_log_contact', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(followup, [{
            'state': 'done', 'feedback': "Asked about delivery times", 'outcome': 'satisfied',
            'next_step': "Send samples", 'closed_by_id': self.anna.id}])
        self.assertEqual(customer.with_user(self.anna).customer_last_contact, fields.Date.context_today(customer))
        self.assertEqual(self._open(customer).step_id, self.step, "the successor; the promise was kept from the form")
        self.assertTrue(self.env['customer.followup'].search([
            ('partner_id', '=', customer.id), ('name', '=', "Send samples"), ('state', '=', 'done')]))

    def test_nobody_reached(self):
        """K6, CAD-4: *Nobody Reached* beside *Done* keeps an attempt, and what is planned stays planned."""
        customer = self._customer("Tour Trading", customer_cadence_id=self.cadence.id)
        for kind in ('call', 'todo'):
            customer.with_user(self.anna).activity_schedule(
                f'mail.mail_activity_data_{kind}', summary="Tour call" if kind == 'call' else "Tour task",
                user_id=self.anna.id)
        self.start_tour(f'/odoo/res.partner/{customer.id}', 'customer_success_ticked', login='anna')
        self.env.invalidate_all()
        self.assertFalse(customer.with_user(self.anna).customer_last_contact)
        self.assertRecordValues(customer.customer_followup_ids.filtered('contact_at'), [{
            'outcome': 'no_answer', 'feedback': "Try on Tuesday", 'closed_by_id': self.anna.id}])

    def test_configure(self):
        """SEG-1, CAD-1: an administrator changes the tier shares and an interval; customers and follow-ups follow."""
        scheme = self.env.ref('customer_success.customer_tier_scheme_20_50_30')
        self.env['ir.config_parameter'].set_param('customer_success.tier_scheme_id', scheme.id)
        scheme.minimum_stay_days = scheme.dead_band = 0
        customers = self.env['res.partner']
        for number in range(10):
            customers += self._customer(f"Ranked {number}", user_id=self.mara.id)
            self._order(customers[-1], 1000 - 100 * number)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(customers.filtered(lambda c: c.customer_tier_id == self.tier_high), customers[:2])
        self.env.flush_all()  # all of this was yesterday: what is told counts from the change on
        self.env.cr.execute(
            "UPDATE customer_tier_change SET create_date = create_date - interval '1 day' WHERE partner_id = ANY(%s)",
            (customers.ids,))
        step = self.env.ref('customer_success.customer_cadence_step_high_talk')
        step.date_start = '2020-01-01'  # not the day of the installation, which may be another one in its time zone
        self.start_tour('/odoo/customer-rankings', 'customer_success_configure', login='mara')
        self.env.invalidate_all()
        self.assertEqual(customers.filtered(lambda c: c.customer_tier_id == self.tier_high), customers[:4])
        self.assertEqual(step.interval_count, 2)
        talks = self._open(customers[0], step) + self._open(customers[3], step)
        today = fields.Date.context_today(customers)
        self.assertEqual(set(talks.mapped('date_raw')), {fields.Date.add(today, months=2)})
