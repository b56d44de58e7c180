"""STR-3, in a real browser."""
from odoo.tests import HttpCase, tagged

from .strategy_common import StrategyCase


@tagged('post_install', '-at_install')
class TestAdjustmentTour(HttpCase, StrategyCase):

    def test_str_3_propose_approve_apply(self):
        """STR-3: one proposes and submits, another one approves, the customer is told, the new version begins."""
        self.customer.name = "Toured Tools"
        strategy = self._strategy(self.customer, (self._kpi("Tour KPI"), 80, 60))
        self.start_tour('/odoo/customer-adjustments', 'customer_success_propose_adjustment', login='anna')
        self.start_tour('/odoo/customer-adjustments-to-approve', 'customer_success_approve_adjustment', login='lena')
        self.start_tour('/odoo/customer-adjustments', 'customer_success_apply_adjustment', login='anna')
        self.env.invalidate_all()
        adjustment = strategy.adjustment_ids
        self.assertRecordValues(adjustment, [{
            'state': 'applied', 'author_id': self.anna.id, 'submitted_by_id': self.anna.id, 'decided_by_id': self.lena.id,
            'informed_by_id': self.anna.id, 'core_approach': "Answer within a day"}])
        self.assertRecordValues(adjustment.kpi_ids, [{'is_current': True, 'target': 80, 'actual': 60, 'new_target': 80}])
        self.assertEqual(adjustment.new_strategy_id.core_approach, "Answer within a day")
        self.assertEqual(adjustment.informed_followup_id.feedback, "Agreed to the new price")
