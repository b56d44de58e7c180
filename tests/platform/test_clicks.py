"""S10, S1: the jobs of a day in a real browser, with no more clicks than said, and without a mouse."""
from datetime import date, timedelta

from odoo.tests import HttpCase, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestClicks(HttpCase, CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()

    def _due(self, name, **vals):
        """Return a customer with a follow-up that is due today."""
        customer = self._customer(name, customer_cadence_id=self.cadence.id, **vals)
        self._open(customer).sudo().write({'date_planned': date.today(), 'date_limit': date.today() + timedelta(days=3)})
        return customer

    def test_log(self):
        """Find and log with a next step: five clicks."""
        customer = self._due("Log Ltd")
        self.start_tour('/odoo/customer-followups', 'customer_success_clicks_log', login='anna')
        self.env.invalidate_all()
        done = customer.customer_followup_ids.filtered(lambda followup: followup.state == 'done')
        self.assertRecordValues(done, [{'feedback': "Wants samples", 'outcome': 'need', 'next_step': "Send samples"}])

    def test_put_off(self):
        """Put off: two."""
        customer = self._due("Put Off Ltd")
        self.start_tour('/odoo/customer-followups', 'customer_success_clicks_put_off', login='anna')
        self.env.invalidate_all()
        followup = self._open(customer)
        self.assertEqual((followup.move_kind, followup.move_count), ('manual', 1))
        self.assertGreaterEqual(followup.date_planned, date.today() + timedelta(days=7))

    def test_skip(self):
        """Skip: four."""
        customer = self._due("Skip Ltd")
        self.start_tour('/odoo/customer-followups', 'customer_success_clicks_skip', login='anna')
        self.env.invalidate_all()
        self.assertIn('skipped', customer.customer_followup_ids.mapped('state'))

    def test_pause(self):
        """Pause: four, from the board of customers."""
        customer = self._due("Pause Ltd")
        self.start_tour('/odoo/customer-success', 'customer_success_clicks_pause', login='anna')
        self.env.invalidate_all()
        self.assertEqual(customer.customer_contact_state, 'paused')

    def test_pause_on_a_phone(self):
        """S10: on a narrow screen the dialog is seen first, and not the calendar of its first day."""
        customer = self._due("Pause Ltd")
        self.browser_size = '390x844'
        self.start_tour(f'/odoo/res.partner/{customer.id}', 'customer_success_pause_on_a_phone', login='anna')

    def test_log_by_keyboard(self):
        """The dialog from opening to *Done* without a mouse: channel, mood and satisfaction included."""
        customer = self._due("Keys Ltd")
        self.start_tour(f'/odoo/res.partner/{customer.id}', 'customer_success_log_by_keyboard', login='anna')
        self.env.invalidate_all()
        done = customer.customer_followup_ids.filtered('contact_at')
        self.assertRecordValues(done, [{'feedback': "Asked about delivery times", 'outcome': 'satisfied'}])
        channels = self.env['customer.channel'].search([])
        self.assertEqual(done.channel_id, channels[1])
        self.assertEqual(self.env['customer.pulse'].search([('partner_id', '=', customer.id)]).score, '5')

    def test_tell(self):
        """A colleague's customer on card, strip and dialog; what is told arrives."""
        customer = self._due("Ottos Ltd", user_id=self.otto.id)
        self.env.ref('customer_success.res_partner_action_customers').context = "{}"
        self.start_tour('/odoo/customer-success', 'customer_success_tell', login='anna')
        self.env.invalidate_all()
        self.assertIn(self.otto.partner_id, customer.message_ids[0].notified_partner_ids)
