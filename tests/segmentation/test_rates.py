"""SEG-1, K1: an amount whose exchange rate is not known is told, and not counted 1 : 1."""
from datetime import date

from odoo import fields

from .money_common import MoneyCase


class TestRates(MoneyCase):
    """The company's currency and a foreign one, ``foreign``; no other is active, and nothing has a rate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main = cls.env['customer.registry']._main_company()
        currencies = cls.env['res.currency'].with_context(active_test=False)
        own = cls.env['res.company'].search([]).currency_id
        currencies.search([('id', 'not in', own.ids)]).active = False
        cls.foreign, cls.third = currencies.search(
            [('id', 'not in', own.ids), ('name', 'in', ('JPY', 'GBP'))], order='name desc')
        cls.foreign.active = True
        cls.env['res.currency.rate'].search([]).unlink()
        cls.company_2.currency_id = cls.main.currency_id
        cls.customer = cls._customer("Abroad")
        cls.pricelist = cls.env['product.pricelist'].create({
            'name': "Foreign", 'currency_id': cls.foreign.id, 'company_id': False})

    def _rate(self, currency, rate):
        self.env['res.currency.rate'].create({'currency_id': currency.id, 'name': '2026-01-01', 'rate': rate})

    def _missing(self):
        return {self.env['res.currency'].browse(ids).name for ids in self.env['customer.money']._missing_rates().get(
            self.main.id, ())}

    def test_k1_told_and_left_out(self):
        """K1: an order in a currency without a rate is a purchase of unknown worth, and who looks is told."""
        day = fields.Date.today()
        self._order(self.customer, 1000000, day, pricelist_id=self.pricelist.id)
        self._order(self.customer, 50, day)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(self.customer.customer_revenue, 50)
        self.assertEqual(self.customer.customer_last_order, date.today())
        money = self.env['customer.money']
        self.assertEqual(money._unpriced(self.customer.ids), {self.customer.id: {self.foreign.id: 1}})
        text = (f"Orders or invoices that are not in the revenue: 1. There is no exchange rate for {self.foreign.name}; ask an "
                "administrator to enter one.")
        self.assertEqual(money._describe_unpriced(money._unpriced(self.customer.ids)), text)
        seen = self.customer.with_user(self.anna)
        self.assertEqual(seen.get_customer_strip()['unpriced'], text)
        self.assertIn(text, seen._explain_tier(seen))
        self.assertIn(self.foreign.name, self.scheme.unpriced)
        self._run_cron('refresh')
        self.customer.customer_managed_since = '2020-01-01'
        run = self.env['customer.run'].search([('name', '=', 'refresh')], limit=1)
        self.assertTrue(not run or self.foreign.name in run.note)

        self._rate(self.foreign, 100)
        self.env['sale.order'].search([('partner_id', '=', self.customer.id)])._compute_currency_rate()
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(self.customer.customer_revenue, 10050)
        self.env.invalidate_all()
        self.assertFalse(seen.get_customer_strip()['unpriced'])
        self.assertFalse(self.scheme.unpriced)

    def test_k1_invoices(self):
        """K1: the same for invoices; a rate that somebody typed on the invoice is known."""
        self._free(self.customer, fields.Date.today(), 700, currency_id=self.foreign.id)
        typed = self._free(self.customer, fields.Date.today(), 700, currency_id=self.foreign.id, invoice_currency_rate=7)
        self.assertEqual(typed.amount_untaxed_signed, 100)
        for basis in ('orders', 'invoices'):
            self.scheme.basis = basis
            self.env['customer.ranking']._rank(self.customer.ids)
            self.assertEqual(self.customer.customer_revenue, 100)
            self.assertEqual(
                self.env['customer.money']._unpriced(self.customer.ids), {self.customer.id: {self.foreign.id: 1}})

    def test_k1_company_in_a_currency_without_rate(self):
        """K1: orders of a company whose currency has no rate against the main one are left out as well."""
        self.company_2.currency_id = self.foreign
        self._order(self.customer, 70, company_id=self.company_2.id, pricelist_id=self.pricelist.id)
        self._order(self.customer, 30)
        self.assertEqual(self.customer.customer_revenue, 30)
        self.assertEqual(
            self.env['customer.money']._unpriced(self.customer.ids), {self.customer.id: {self.foreign.id: 1}})
        self._rate(self.foreign, 2)
        self.env['customer.ranking']._rank(self.customer.ids)
        self.assertEqual(self.customer.customer_revenue, 65)

    def test_k1_who_needs_no_rate(self):
        """K1: the company's own currency needs none, nor the one in which the others' rates are given."""
        self.assertEqual(self._missing(), {self.foreign.name})
        self._rate(self.main.currency_id, 1)
        self.assertEqual(self._missing(), {self.foreign.name}, "the own currency is the base")
        self.env['res.currency.rate'].search([]).rate = 7.2
        self.assertEqual(self._missing(), set(), "the foreign one is the base")
        self.third.active = True
        self.assertEqual(self._missing(), {self.foreign.name, self.third.name}, "one of the two can't be")
        self._rate(self.third, 9)
        self.assertEqual(self._missing(), set())
