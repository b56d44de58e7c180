"""HEA-1, HEA-3, HEA-6, K1: who pays late, by instalments and less what is in credit."""
from odoo import Command, fields

from ..segmentation.money_common import MoneyCase

TODAY = '2026-11-28'


class TestOverdue(MoneyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Debtor")
        cls.measure = cls.env.ref('customer_success.customer_health_measure_payment')
        cls.parts = cls.env['account.payment.term'].create({'name': "30/70", 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 30, 'nb_days': 0}),
            Command.create({'value': 'percent', 'value_amount': 70, 'nb_days': 60})]})

    def _owed(self, days=1, customer=None, today=TODAY):
        """Return since when, how much and how many instalments a customer owes, and the value of the measure."""
        customer = customer or self.customer
        with self._on(today):
            self.env.flush_all()
            overdue = self.env['customer.overdue']
            rows = {row[0]: row[1:] for row in self.env.execute_query(overdue._sql(customer.ids, days))}
            everybody = {row[0]: row[1:] for row in self.env.execute_query(overdue._sql(None, days))}
            self.assertEqual(everybody.get(customer.id), rows.get(customer.id), "one as among all")
            values = {row[0]: row[1] for row in self.env.execute_query(
                self.measure._sources()['payment'].sql(self.measure, customer.ids))}
        since, amount, count = rows.get(customer.id, (None, 0, 0))
        return (since and str(since), float(amount or 0), count), values.get(customer.id)

    def _invoice(self, day, amount, **vals):
        """Return an invoice that is due at once unless the values say otherwise."""
        return self._free(vals.pop('customer', self.customer), day, amount, **{
            'invoice_payment_term_id': False, 'invoice_date_due': day, **vals})

    def test_k1_first_instalment(self):
        """K1: 30 % now, the balance in 60 days: after 50 days it is 50 days overdue, as Odoo's next payment date says."""
        self.assertEqual(self._owed(), ((None, 0, 0), None), "unknown: there never was an invoice")
        invoice = self._free(self.customer, '2026-10-09', 100000, invoice_payment_term_id=self.parts.id)
        self.assertEqual(str(invoice.next_payment_date), '2026-10-09')
        self.assertEqual(self._owed(), (('2026-10-09', 30000, 1), 50))
        self.assertEqual(self._owed(today='2026-12-31'), (('2026-10-09', 100000, 2), 83))
        self.assertEqual(self._owed(days=50)[0][0], '2026-10-09')
        self.assertIsNone(self._owed(days=51)[0][0])
        self.assertEqual(self.measure._describe(50, fields.Date.to_date(TODAY)), (
            "Payment is 50 days overdue (instalments count, open credit deducted)"))
        self.assertEqual(self.measure._describe(0, fields.Date.to_date(TODAY)), "Nothing is overdue")
        self.assertEqual(self._owed(today='2026-10-09'), ((None, 0, 0), 0), "due today is not overdue")

    def test_k1_credit(self):
        """K1: what the customer has in credit pays the oldest instalments, whatever it is."""
        self._invoice('2026-09-01', 500)
        self._invoice('2026-10-01', 300)
        self._invoice('2027-01-01', 9000)
        self.assertEqual(self._owed(), (('2026-09-01', 800, 2), 88))
        credit = self._free(self.customer, '2026-10-05', 200, 'out_refund')
        self.assertEqual(self._owed(), (('2026-09-01', 600, 2), 88), "the oldest is paid in part")
        self._pay(self.customer, 350)
        self.assertEqual(self._owed(), (('2026-10-01', 250, 1), 58))
        self._pay(self.customer, 249.5)
        self.assertEqual(self._owed(), ((None, 0, 0), 0), "a small rest is none")
        self._setting(0)
        self.assertEqual(self._owed(), (('2026-10-01', 0.5, 1), 58))
        self._setting(1)
        credit.button_draft()
        self.assertEqual(self._owed()[0], ('2026-10-01', 200.5, 1))

    def _setting(self, amount):
        self.env['ir.config_parameter'].set_param('customer_success.overdue_minimum', repr(float(amount)))

    def _pay(self, customer, amount):
        """Book a payment that nobody matched yet."""
        accounts = {kind: self.env['account.account'].search([('account_type', '=', kind)], limit=1)
                    for kind in ('asset_receivable', 'income')}
        entry = self.env['account.move'].create({
            'move_type': 'entry', 'date': '2026-10-10', 'line_ids': [
                Command.create({'account_id': customer.property_account_receivable_id.id, 'partner_id': customer.id,
                                'credit': amount}),
                Command.create({'account_id': accounts['income'].id, 'debit': amount})]})
        entry.action_post()
        return entry

    def test_k1_matched(self):
        """K1: what is matched is paid: Odoo's own open amount counts."""
        invoice = self._invoice('2026-09-01', 500)
        entry = self._pay(self.customer, 350)
        self.assertEqual(self._owed()[0], ('2026-09-01', 150, 1))
        (invoice.line_ids + entry.line_ids).filtered(
            lambda line: line.account_type == 'asset_receivable').reconcile()
        self.assertEqual(invoice.amount_residual, 150)
        self.assertEqual(self._owed()[0], ('2026-09-01', 150, 1), "and not deducted twice")
        self._credit(invoice, '2026-11-01')
        self.assertIsNone(self._owed()[0][0])

    def test_k1_blocked(self):
        """K1: an invoice whose payment somebody blocked is not overdue."""
        invoice = self._invoice('2026-09-01', 500)
        invoice.action_toggle_block_payment()
        self.assertEqual(invoice.payment_state, 'blocked')
        self.assertEqual(self._owed(), ((None, 0, 0), 0))

    def test_k1_credit_of_another_company(self):
        """K1: what a customer has in credit with one company pays nothing with another."""
        company = self.company_2
        self.env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
        journal = self.env['account.journal'].search([('type', '=', 'sale'), ('company_id', '=', company.id)], limit=1)
        self._invoice('2026-09-01', 500)
        with self._at('2026-09-02'):
            refund = self.env['account.move'].with_company(company).create({
                'move_type': 'out_refund', 'partner_id': self.customer.id, 'invoice_date': '2026-09-02',
                'journal_id': journal.id, 'invoice_line_ids': [Command.create({
                    'name': "Back", 'price_unit': 500, 'tax_ids': False})]})
            refund.action_post()
        self.assertEqual(self._owed()[0], ('2026-09-01', 500, 1))

    def test_k1_one_number_everywhere(self):
        """K1, K11: measure, warning and next best action say the same, from the same day on."""
        self._free(self.customer, '2026-10-09', 100000, invoice_payment_term_id=self.parts.id)
        rule = self.env['customer.warning.rule'].search([('signal', '=', 'overdue_invoices')], limit=1)
        action = self.env['customer.action.rule'].search([('kind', '=', 'payment')], limit=1)
        for threshold, met in ((49, True), (50, True), (51, False)):
            rule.threshold = action.threshold = threshold
            with self._on(TODAY):
                self.env.flush_all()
                warned = [row for row in self.env.execute_query(rule._signal_sql(self.customer.ids)) if row[1]]
                acted = self.env.execute_query(action._kinds()['payment'].sql(action, self.customer.ids))
            self.assertEqual((bool(warned), bool(acted)), (met, met), threshold)
            if met:
                self.assertEqual((warned[0][3], float(warned[0][4]['amount'])), (50, 30000))
                self.assertEqual((acted[0][1], acted[0][4]), (50, {'amount': 30000, 'count': 1}))
