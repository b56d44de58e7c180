from odoo.tests import HttpCase, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestProfileTour(CustomerCase, HttpCase):
    """PRO-2, PRO-3: from nothing to a whole profile."""

    def _fill_in(self, tour):
        self.env['utm.source'].create({'name': "Harbour fair"})
        self.start_tour('/odoo/customer-success', tour, login='anna')
        customer = self.env['res.partner'].search([('name', '=', "Pier Nine")])
        self.assertRecordValues(customer, [{
            'customer_managed': True, 'user_id': self.anna.id, 'customer_completeness': 100, 'customer_missing': ''}])
        self.assertEqual(customer.child_ids.phone_sanitized, '+494037501234')

    def test_pro_2_desk(self):
        self._fill_in('customer_success_new_customer')

    def test_pro_2_phone(self):
        self.browser_size, self.touch_enabled = '390x844', True
        self._fill_in('customer_success_new_customer_on_a_phone')
