from markupsafe import Markup

from odoo import api, fields, models

from ...models.segmentation.res_partner import POTENTIALS


class CustomerSegmentDialog(models.TransientModel):
    """Why customers are in their segment, and what more they could buy (SEG-4)."""

    _name = 'customer.segment.dialog'
    _description = "Segment of a Customer"

    partner_ids = fields.Many2many(comodel_name='res.partner', string="Customers", required=True)
    potential = fields.Selection(selection=POTENTIALS)
    reason = fields.Char()
    explanation = fields.Html(compute='_compute_explanation')
    change_ids = fields.Many2many(comodel_name='customer.segment.change', compute='_compute_explanation')
    is_judged = fields.Boolean(compute='_compute_explanation')

    @api.depends('partner_ids')
    def _compute_explanation(self):
        for wizard in self:
            partners = wizard.partner_ids
            wizard.is_judged = any(partners.mapped('customer_potential'))
            wizard.change_ids = self.env['customer.segment.change'].search([('partner_id', 'in', partners.ids)])
            wizard.explanation = False
            if len(partners) == 1 and partners.customer_managed:
                wizard.explanation = Markup("<ul>%s</ul>") % Markup().join(
                    Markup("<li>%s</li>") % line for line in partners._explain_segment())

    def action_judge(self):
        """Keep the potential of these customers, with its reason."""
        self._customer_one()
        self.partner_ids.write({'customer_potential': self.potential, 'customer_potential_reason': self.reason})
        return True

    def action_clear(self):
        """Let the potential of these customers be unknown again."""
        self._customer_one()
        self.partner_ids.write({'customer_potential': False})
        return True
