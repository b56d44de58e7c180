"""SEG-1: why this tier, and setting it by hand."""
from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import users

from ..common import CustomerCase


class TestTierDialog(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("By hand")
        cls.env['customer.ranking']._refresh_all()

    def _dialog(self, **vals):
        return self.env['customer.tier.manual'].create({'partner_ids': self.customer.ids, **vals})

    @users('lena')
    def test_by_hand_with_reason_and_end(self):
        self.assertEqual(self.customer.customer_tier_id, self.tier_low)
        today = fields.Date.context_today(self.customer)
        until = today + relativedelta(months=3)
        self._dialog(tier_id=self.tier_high.id, reason="Frame contract", until=until).action_set()
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.customer_tier_id, self.tier_high)
        change = self.customer.customer_tier_change_ids[0]
        self.assertEqual((change.cause, change.reason, change.user_id), ('manual', "Frame contract", self.lena))
        self.assertEqual(
            self._open(self.customer).cadence_id, self.env.ref('customer_success.customer_cadence_high'),
            "the follow-ups are re-planned at once")
        # it stays, whatever the night finds, until it ends
        self.env['customer.ranking'].sudo()._refresh_all()
        self.assertEqual(self.customer.customer_tier_id, self.tier_high)
        with self._on(until + relativedelta(days=1)):
            self.env['customer.ranking'].sudo()._refresh_all()
            self.customer.invalidate_recordset()
            self.assertEqual(self.customer.customer_tier_id, self.tier_low)
            self.assertFalse(self.customer.customer_tier_manual_id)
            self.assertEqual(self.customer.customer_tier_change_ids[0].cause, 'expired')

    def test_badge(self):
        """The badge of the form follows a renamed or recoloured tier, though names are kept at hand."""
        self.assertEqual(self.customer.customer_tier_badge, self.tier_low.name)
        self.tier_low.write({'name': "Basic", 'color': 3})
        self.customer.invalidate_recordset()
        self.assertEqual((self.customer.customer_tier_badge, self.customer.customer_tier_color), ("Basic", 3))
        self.assertFalse(self.env['res.partner'].create({'name': "No customer"}).customer_tier_badge)

    def test_end_it_early(self):
        self._dialog(tier_id=self.tier_high.id, reason="x", until=False).action_set()
        self._dialog().action_end()
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.customer_tier_id, self.tier_low)

    def test_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "say why"):
            self._dialog(tier_id=self.tier_high.id, reason=" ").action_set()
        with self.assertRaisesRegex(ValidationError, "already have ended"):
            self._dialog(tier_id=self.tier_high.id, reason="x", until='2020-01-01').action_set()

    @users('anna')
    def test_explanation(self):
        """Every customer's tier explains itself, to those who look after it."""
        text = str(self._dialog().explanation)
        self.assertIn("Revenue of the last 12 months", text)
        self.assertIn("High value 20 %", text)
        self.customer.sudo()._set_tier_by_hand(self.tier_mid, "Because of the fair")
        self.assertIn("Because of the fair", str(self._dialog().explanation))
