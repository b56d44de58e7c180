"""HEA-3, in a real browser."""
from odoo.tests import HttpCase, tagged

from .warning_common import WarningCase


@tagged('post_install', '-at_install')
class TestWarningTour(HttpCase, WarningCase):

    def test_work_a_warning(self):
        """HEA-3: from the list to its outcome: take on, do the first step, close."""
        customer = self._customer("Worried Works")
        warning = self._raised(customer, level='3')
        self.start_tour('/odoo/customer-warnings', 'customer_success_work_warning', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(warning, [{
            'state': 'closed', 'outcome': 'solved', 'outcome_note': "New delivery dates agreed",
            'closed_by_id': self.anna.id, 'taken_by_id': self.anna.id}])
        self.assertEqual(sorted(warning.followup_ids.mapped('state')), ['cancelled', 'cancelled', 'done'])
