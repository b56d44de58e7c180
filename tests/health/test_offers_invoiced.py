from odoo import Command
from odoo.tests import tagged

from ..segmentation.money_common import MoneyCase
from .offer_common import OfferCase


@tagged('post_install', '-at_install')
class TestOffersInvoiced(OfferCase, MoneyCase):
    """What was credited or given back was not bought (HEA-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plant()
        cls._prove()
        cls.env['product.product'].search([('name', 'in', ("Anvil", "Bellows"))]).invoice_policy = 'order'

    def _bellows_of(self, number):
        return self.env['sale.order'].search([
            ('partner_id', '=', self.customers[number].id), ('order_line.product_id', '=', self.bellows.id)])

    def _credit(self, move, day, quantity=None):
        """Return the posted credit note of an invoice, of so many pieces."""
        credit = move._reverse_moves([{'invoice_date': day, 'date': day}])
        if quantity:
            credit.invoice_line_ids.filtered('product_id').quantity = quantity
        credit.action_post()
        return credit

    def _pair(self):
        self.keeper._refresh()
        self.env.invalidate_all()
        pair = self.pairs.search([('product_tmpl_id', '=', self.bellows.product_tmpl_id.id)])
        return pair.both_buyers, pair.buyers

    def test_credited(self):
        """HEA-7, K3: a purchase that was credited altogether is none; invoiced again it is one; credited in part it is one."""
        self.assertEqual(self._pair(), (20, 24))
        move = self._bill(self._bellows_of(0), self.today)
        self.assertEqual(self._pair(), (20, 24), "invoiced")
        self._credit(move, self.today)
        self.assertEqual(self._pair(), (19, 24))
        self.assertEqual(self._offered(self.customers[0]), ["Bellows"])
        again = self._bill(self._bellows_of(0), self.today)
        self.assertEqual(self._pair(), (20, 24), "invoiced again")
        self._credit(again, self.today, quantity=0.5)
        self.assertEqual(self._pair(), (20, 24), "credited in part")

    def test_credit_without_order(self):
        """HEA-7: a credit note that no order knows of takes the purchase back as well."""
        credit = self.env['account.move'].create({
            'move_type': 'out_refund', 'partner_id': self.customers[0].id, 'invoice_date': self.today,
            'journal_id': self.journal.id, 'invoice_line_ids': [Command.create({
                'product_id': self.bellows.id, 'quantity': 1, 'price_unit': 8000, 'tax_ids': False})]})
        self.assertEqual(self._pair(), (20, 24), "a draft")
        credit.action_post()
        self.assertEqual(self._pair(), (19, 24))
