from odoo import api, fields, models

from ..profile.res_partner import GROUP_USER


class ResPartner(models.Model):
    """What is best done next (HEA-6)."""

    _inherit = 'res.partner'

    customer_next_action = fields.Char(
        string="Next Best Action", compute='_compute_customer_next_action', groups=GROUP_USER,
        help="What is best done next for this customer, by the first rule that is met.")
    customer_next_reason = fields.Char(
        string="Why This Next", compute='_compute_customer_next_action', groups=GROUP_USER)

    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_next_action(self):
        rules = self.env['customer.action.rule']
        found = rules._next(self._origin)
        reasons = rules._describe(found)
        for partner in self:
            rule, __ = found.get(partner._origin.id) or (rules, None)
            partner.customer_next_action = rule.name
            partner.customer_next_reason = reasons.get(partner._origin.id, False)

    def _customers_looked_after(self):
        """Return those of these customers that the user works with."""
        return self._filtered_worked_with()

    def action_customer_next(self):
        """Do what is best done next: open the dialog or the record it is done with."""
        self._customer_one()
        rule, met = self.env['customer.action.rule']._next(self).get(self.id) or (None, None)
        if not rule:
            return {
                'type': 'ir.actions.client', 'tag': 'display_notification',
                'params': {'type': 'success', 'message': self.env._("Nothing is to be done for this customer right now."),
                           'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
            }
        return rule._known_kinds()[rule.kind].act(rule, self, met)

    def _action_form(self):
        """Return the action that opens the form of this contact."""
        return {'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.id, 'views': [(False, 'form')]}

    def _customer_strip(self):
        """Add the ``next_action`` with ``name`` and ``reason``."""
        strip = super()._customer_strip()
        strip['next_action'] = bool(self.customer_next_action) and {
            'name': self.customer_next_action, 'reason': self.customer_next_reason}
        return strip
