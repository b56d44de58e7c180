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

    def test_a_line_alone_is_looked_at(self):
        """SEG-1, K9: a share that is written on its line, past the form of the ranking, is held to the same rules; lines that are
        written together are looked at together."""
        scheme = self._scheme('share', (20, 30, 50)).with_user(self.mara)
        lines = scheme.line_ids
        with self.assertRaisesRegex(ValidationError, "add up to 160 %"), self.env.cr.savepoint():
            lines[0].share = 80
        with self.assertRaisesRegex(ValidationError, "negative"), self.env.cr.savepoint():
            lines[0].with_context(customer_scheme_lines=True).share = -1
        with self.assertRaisesRegex(ValidationError, "add up to 80 %"), self.env.cr.savepoint():
            lines[0].unlink()
        with self.assertRaisesRegex(ValidationError, "add up to 110 %"), self.env.cr.savepoint():
            self.env['customer.tier.scheme.line'].with_user(self.mara).create({
                'scheme_id': scheme.id, 'share': 10,
                'tier_id': self.env['customer.tier'].create({'name': "Fourth"}).id})
        scheme.write({'line_ids': [Command.update(lines[0].id, {'share': 50}), Command.update(lines[2].id, {'share': 20})]})
        self.assertEqual(lines.mapped('share'), [50, 30, 20])

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
