"""PLT-6: the demo data hold usage and satisfaction in every state."""
from freezegun import freeze_time

from odoo import fields
from odoo.tests import loaded_demo_data, tagged

from .test_sources_contact import SourceCase


@tagged('post_install', '-at_install')
class TestHealthDataDemo(SourceCase):

    def setUp(self):
        super().setUp()
        if not loaded_demo_data(self.env):
            self.skipTest("The demo data are not loaded")
        # the story is that of the day on which it was loaded
        frozen = freeze_time(self._demo('qiming').create_date)
        frozen.start()
        self.addCleanup(frozen.stop)
        self.today = fields.Date.context_today(self.env.user)

    def _demo(self, name):
        return self.env.ref(f'customer_success.customer_{name}')

    def test_demo_satisfaction_in_every_state(self):
        """PLT-6: every grade, grades that are old by now, one that fell, and customers who were never asked."""
        pulses = self.env['customer.pulse'].search([('partner_id', 'in', self._customers().ids)])
        self.assertEqual(set(pulses.mapped('score')), {'1', '2', '3', '4', '5'})
        self.assertTrue(all(pulses.mapped('note')))
        self.assertLessEqual(max(pulses.mapped('date')), self.today)
        values = self._values(self._measure('satisfaction'))
        old = [day for __, day in values.values() if (self.today - day).days > 90]
        self.assertGreaterEqual(len(old), 2)
        self.assertLess(values[self._demo('huanan').id][0], 3)
        self.assertGreaterEqual(len(self._customers().filtered(lambda customer: customer.id not in values)), 5)

    def test_demo_usage_in_every_state(self):
        """PLT-6: usage that grows, holds, falls and stopped; and customers of whom nothing was counted."""
        trend = self._values(self._measure(
            'usage', metric_id=self.env.ref('customer_success.customer_metric_logins').id, reading_kind='trend',
            window_days=60))
        changes = [value for value, __ in trend.values()]
        self.assertTrue(any(change > 15 for change in changes))
        self.assertTrue(any(abs(change) < 5 for change in changes))
        self.assertTrue(any(-90 < change < -15 for change in changes))
        self.assertEqual(trend[self._demo('cascade').id][0], -100)
        self.assertGreaterEqual(len(self._customers().filtered(lambda customer: customer.id not in trend)), 8)
        metrics = self.env['customer.reading'].search([('partner_id', 'in', self._customers().ids)]).metric_id
        self.assertEqual(len(metrics), 3)

    def _customers(self):
        names = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', 'res.partner'), ('name', '=like', 'customer_%')])
        return self.env['res.partner'].browse(names.mapped('res_id')).exists().filtered('customer_managed')
