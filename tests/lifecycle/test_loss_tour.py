"""LIF-4, in a real browser: a loss and a win-back."""
from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_stage import StageCase


@tagged('post_install', '-at_install')
class TestLossTour(HttpCase, StageCase):

    def test_loss_and_win_back(self):
        """LIF-4: marked as lost by its account manager, with the reason; won back by the next order."""
        self.env.ref('customer_success.customer_cadence_stage_lost').action_unarchive()
        customer = self._customer("Parting Works")
        self.start_tour(f'/odoo/customer-success/{customer.id}', 'customer_success_loss', login='anna')
        self.env.invalidate_all()
        loss = customer.customer_loss_ids
        self.assertEqual((loss.state, loss.note, loss.create_uid), ('lost', "Ours was the dearest by a tenth", self.anna))
        self.assertEqual(self._open(customer).cadence_id.name, "Win-back")
        self._order(customer, 100, fields.Date.today())
        self.env.invalidate_all()
        self.start_tour(f'/odoo/customer-success/{customer.id}', 'customer_success_won_back', login='anna')
        self.assertEqual(loss.state, 'won_back')
