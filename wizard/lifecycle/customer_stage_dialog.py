from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CustomerStageDialog(models.TransientModel):
    """Why customers are in their stage, what to do there, and setting it by hand (LIF-3)."""

    _name = 'customer.stage.dialog'
    _description = "Stage of a Customer"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    stage_id = fields.Many2one(comodel_name='customer.stage')
    reason = fields.Char()
    until = fields.Date(
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=3),
        help="The last day. Empty: until somebody ends it.")
    explanation = fields.Html(compute='_compute_explanation')
    instructions = fields.Text(string="What to Do", compute='_compute_explanation')
    change_ids = fields.Many2many(comodel_name='customer.stage.change', compute='_compute_explanation')
    is_manual = fields.Boolean(compute='_compute_explanation')
    may_be_lost = fields.Boolean(compute='_compute_explanation')

    @api.depends('partner_ids')
    def _compute_explanation(self):
        for wizard in self:
            partners = wizard.partner_ids
            wizard.is_manual = bool(partners.customer_stage_manual_id)
            wizard.change_ids = self.env['customer.stage.change'].search([('partner_id', 'in', partners.ids)])
            one = partners if len(partners) == 1 and partners.customer_managed else partners.browse()
            wizard.instructions = one.customer_stage_id.instructions
            wizard.explanation = Markup("<ul>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % line for line in one._explain_stage()) if one else False
            wizard.may_be_lost = bool(one._filtered_worked_with()) and 'lost' not in one.customer_loss_ids.mapped('state')

    def action_set(self):
        """Keep the customers in the chosen stage."""
        self._check_may_set()
        self.partner_ids.sudo()._set_stage_by_hand(self.stage_id, self.reason, self.until)  # readonly for everybody
        return True

    def action_end(self):
        """Let the rules decide again."""
        self._check_may_set()
        self.partner_ids.sudo()._end_stage_by_hand()  # as above
        return True

    def action_mark_lost(self):
        """Go on to the dialog that marks the customer as lost."""
        self._customer_one()
        return self.partner_ids.action_customer_mark_lost()

    def _check_may_set(self):
        """Refuse stages by hand from whoever leads no team, and in teams of others, also past the buttons."""
        self._customer_one()
        if not self.env.user.has_group('customer_success.group_customer_success_leader'):
            raise AccessError(self.env._("Only team leaders and managers set a stage by hand. Ask yours."))
        self.partner_ids.check_access('write')
        self.partner_ids.commercial_partner_id._check_works_with()
