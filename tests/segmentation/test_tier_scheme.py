"""SEG-1, bad input: rankings that would leave customers without a tier."""
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from ..common import CustomerCase


class TestTierScheme(CustomerCase):

    def _scheme(self, method, values, **vals):
        field = 'share' if method == 'share' else 'threshold'
        return self.env['customer.tier.scheme'].create({
            'name': "Mine", 'method': method,
            'line_ids': [
                Command.create({'sequence': number, 'tier_id': tier.id, field: value})
                for number, (tier, value) in enumerate(zip(
                    (self.tier_high, self.tier_mid, self.tier_low), values, strict=True))],
            **vals,
        })

    def test_shares_add_up(self):
        with self.assertRaisesRegex(ValidationError, "add up to 90 %"):
            self._scheme('share', (20, 50, 20))
        with self.assertRaisesRegex(ValidationError, "negative"):
            self._scheme('share', (-20, 90, 30))
        scheme = self._scheme('share', (33.33, 33.33, 33.34))
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            scheme.line_ids[0].share = 10
            scheme.write({'line_ids': [Command.update(scheme.line_ids[0].id, {'share': 10})]})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            scheme.write({'line_ids': [Command.delete(scheme.line_ids[0].id)]})

    def test_thresholds_fall(self):
        for wrong in ((100, 500, 0), (500, 500, 0), (0, 0, 0), (500, 100, 200)):
            with self.subTest(wrong), self.assertRaisesRegex(ValidationError, "must fall from tier to tier"):
                self._scheme('threshold', wrong)
        self._scheme('threshold', (500, 100, 0))

    def test_needs_a_tier_and_a_period(self):
        with self.assertRaisesRegex(ValidationError, "at least one tier"):
            self.env['customer.tier.scheme'].create({'name': "Empty"})
        with self._refused("at least one month"):
            self._scheme('share', (20, 50, 30), window_months=0)
        with self._refused("dead band must be between"):
            self._scheme('share', (20, 50, 30), dead_band=80)

    def test_the_one_in_force_stays(self):
        current = self.env['customer.tier.scheme']._get_current()
        with self.assertRaisesRegex(UserError, "in force"):
            current.unlink()

    @users('anna')
    def test_users_read_only(self):
        scheme = self.env['customer.tier.scheme']._get_current()
        with self.assertRaises(AccessError):
            scheme.action_recompute()
        with self.assertRaises(AccessError):
            scheme.name = "x"
