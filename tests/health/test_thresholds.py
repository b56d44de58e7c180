"""K11: *from N days on* is the day N itself, for every rule that counts days: warnings and next best actions alike."""
import doctest

from odoo import Command
from odoo.tests import BaseCase, tagged

from ...models.health import threshold
from .common import HealthFigures

DAYS = 10


class TestThresholds(HealthFigures):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.profile.requirement'].search([]).policy = 'off'
        cls.env['customer.action.rule'].search([]).active = False
        cls.env['customer.warning.rule'].search([]).active = False
        # all of it happened ten days ago
        cls.day = cls._ago(DAYS)
        cls.customer.customer_managed_since = cls.day
        cls._log(cls.customer)
        cls.env['customer.followup'].search([('partner_id', '=', cls.customer.id), ('state', '=', 'done')]).contact_day = cls.day
        cls.env['customer.followup'].create({
            'partner_id': cls.customer.id, 'channel_id': cls.call.id, 'name': "Late"}).date_limit = cls.day
        cls.env['customer.pulse'].create({'partner_id': cls.customer.id, 'score': '4', 'date': cls.day})
        cls.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': cls.customer.id, 'invoice_date': cls._ago(60),
            'invoice_date_due': cls.day, 'invoice_payment_term_id': False,
            'invoice_line_ids': [Command.create({
                'product_id': cls.product_thing.id, 'quantity': 1, 'price_unit': 1000, 'tax_ids': False})]}).action_post()
        cls.env.flush_all()

    def _proposed(self, kind, days):
        """Return whether a next best action is proposed from so many days on."""
        rules = self.env['customer.action.rule']
        rules.search([]).active = False
        rules.create({'name': kind, 'kind': kind, 'threshold': days})
        self.env.invalidate_all()
        return bool(self.customer.with_user(self.anna).customer_next_action)

    def _warned(self, signal, days):
        """Return whether a warning rule holds from so many days on."""
        rule = self.env['customer.warning.rule'].create({
            'name': signal, 'signal': signal, 'threshold': days, 'level': '1'})
        [(__, __, found)] = rule.action_view_met()['domain']
        return self.customer.id in found

    def test_k11_next_best_actions(self):
        """K11, HEA-6: all kinds that count days from what happened, on the day, and one day short of it."""
        for kind in ('overdue', 'payment', 'silence', 'satisfaction'):
            self.assertTrue(self._proposed(kind, DAYS - 1), kind)
            self.assertTrue(self._proposed(kind, DAYS), kind)
            self.assertFalse(self._proposed(kind, DAYS + 1), kind)

    def test_k11_warnings(self):
        """K11, HEA-3: the warning says the same as the next best action."""
        self.assertTrue(self._warned('overdue_invoices', DAYS))
        self.assertFalse(self._warned('overdue_invoices', DAYS + 1))

    def test_k11_what_is_due_today_is_not_overdue(self):
        """K11: from 0 days on: overdue is what was due yesterday."""
        self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'planned')]).write({
            'date_limit': self._ago(0)})
        self.env['account.move'].search([('partner_id', '=', self.customer.id)]).line_ids.date_maturity = self._ago(0)
        self.env.cr.execute(
            "UPDATE account_move SET invoice_date_due = %s WHERE partner_id = %s", [self._ago(0), self.customer.id])
        for kind in ('overdue', 'payment'):
            self.assertFalse(self._proposed(kind, 0), kind)

    def test_k11_every_kind_is_looked_at(self):
        """K11: a new kind that counts days has to be added to this test."""
        counting = {
            name for name, kind in self.env['customer.action.rule']._kinds().items() if 'days' in (kind.unit or '')}
        self.assertEqual(counting, {'promise', 'overdue', 'payment', 'silence', 'satisfaction'})
        signals = {
            name for name, signal in self.env['customer.warning.rule']._signals().items() if 'days' in (signal.unit or '')}
        self.assertEqual(signals, {'overdue_invoices'})


@tagged('post_install', '-at_install')
class TestThresholdExamples(BaseCase):

    def test_k11_examples(self):
        """K11: the examples of the source, by the plain days that they are written with."""
        self.assertEqual(doctest.testmod(threshold).failed, 0)
