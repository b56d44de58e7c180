from odoo import api, models


class CustomerDelivery(models.AbstractModel):
    """A message of an onboarding that did not arrive has done nothing (LIF-1, CAD-10)."""

    _inherit = 'customer.delivery'

    @api.model
    def _take_back_contact(self, followup, reason):
        result = super()._take_back_contact(followup, reason)
        items = self.env['customer.onboarding.item'].search([('followup_id', '=', followup.id), ('done_at', '!=', False)])
        items._undone(reason)
        return result
