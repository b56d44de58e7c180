"""PRO-6, PRO-7, in a real browser."""
from odoo.tests import HttpCase, tagged

from .handover_common import HandoverCase


@tagged('post_install', '-at_install')
class TestHandoverTour(HttpCase, HandoverCase):

    def test_handover(self):
        """PRO-7: a leader hands a customer over, and the new account manager reads the sheet."""
        self.start_tour(f'/odoo/customer-success/{self.customer.id}', 'customer_success_handover', login='lena')
        self.env.invalidate_all()
        self.assertEqual(self.customer.user_id, self.ben)
        handover = self._handovers(self.customer)
        self.assertEqual((handover.reason, handover.done_by_id), ("New region", self.lena))
        self.start_tour(f'/odoo/customer-handovers/{handover.id}', 'customer_success_handover_sheet', login='ben')
