from odoo import api, models


class CustomerRegistry(models.AbstractModel):
    """Who joins gets a stage at once, who leaves gives it up (LIF-3), and its onboarding (LIF-1)."""

    _inherit = 'customer.registry'

    @api.model
    def _moved(self, joined, left):
        result = super()._moved(joined, left)
        onboardings = self.env['customer.onboarding'].sudo()  # whoever archives a contact need not see customer care
        if left:
            self.env['customer.stager']._leave(left)
            onboardings._customers_left(left)
        if joined and not self.env.context.get('customer_rank_later'):
            # most were placed when they were ranked
            waiting = self.env['res.partner'].search([('id', 'in', joined), ('customer_stage_id', '=', False)])
            self.env['customer.stager']._refresh(waiting.ids)
        if joined:
            onboardings._customers_back(joined)
        return result
