"""STR-1, in a real browser."""
from odoo.tests import HttpCase, tagged

from .strategy_common import StrategyCase


@tagged('post_install', '-at_install')
class TestStrategyTour(HttpCase, StrategyCase):

    def test_str_1_tour(self):
        """STR-1: from the customer to a running strategy; 0 is a value that can be entered, a milestone is reached."""
        customer = self._customer("Steady Works")
        customer.sudo().customer_segment_id = self.env.ref('customer_success.customer_segment_low_stable')
        self.start_tour('/odoo/customer-strategies', 'customer_success_strategy', login='anna')
        self.env.invalidate_all()
        strategy = self.env['customer.strategy'].search([('partner_id', '=', customer.id)])
        self.assertEqual((strategy.state, strategy.user_id), ('active', self.anna))
        line = strategy.kpi_ids.filtered('by_hand')
        self.assertRecordValues(line, [{'actual': 0, 'has_actual': True, 'entered_by_id': self.anna.id}])
        self.assertEqual(strategy.milestone_ids.done_on, strategy.date_start)
