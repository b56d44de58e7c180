from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerTierManual(models.TransientModel):
    """Why customers are in their tier, and setting it by hand (SEG-1)."""

    _name = 'customer.tier.manual'
    _description = "Tier of a Customer"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', )
    reason = fields.Char()
    until = fields.Date(
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=6),
        help="The last day. Empty: until somebody ends it.",
    )
    explanation = fields.Html(compute='_compute_explanation')
    change_ids = fields.Many2many(comodel_name='customer.tier.change', compute='_compute_explanation')
    is_manual = fields.Boolean(compute='_compute_explanation')

    @api.depends('partner_ids')
    def _compute_explanation(self):
        for wizard in self:
            wizard.is_manual = bool(wizard.partner_ids.customer_tier_manual_id)
            wizard.change_ids = wizard.partner_ids.customer_tier_change_ids
            wizard.explanation = False
            if len(wizard.partner_ids) == 1 and wizard.partner_ids.customer_managed:
                lines = wizard.partner_ids._explain_tier(wizard.partner_ids)
                wizard.explanation = Markup("<ul>%s</ul>") % Markup().join(
                    Markup("<li>%s</li>") % line for line in lines)

    def action_set(self):
        """Keep the customers in the chosen tier."""
        self._check_may_set()
        self.partner_ids.sudo()._set_tier_by_hand(self.tier_id, self.reason, self.until)  # readonly for everybody
        return True

    def action_end(self):
        """Let the ranking decide again."""
        self._check_may_set()
        self.partner_ids.sudo()._end_tier_by_hand()  # as above
        return True

    def _check_may_set(self):
        """Refuse tiers by hand from whoever leads no team, and in teams of others, also past the buttons."""
        self._customer_one()
        if not self.env.user.has_group('customer_success.group_customer_success_leader'):
            raise AccessError(self.env._("Only team leaders and managers set a tier by hand. Ask yours."))
        self.partner_ids.check_access('write')
        self.partner_ids.commercial_partner_id._check_works_with()

    def action_recompute(self):
        """Rank the customers with the orders of this moment, and show the outcome."""
        self._customer_one()
        self.partner_ids.action_customer_recompute()
        return self.partner_ids.action_customer_tier_dialog()
