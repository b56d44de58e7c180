from odoo import api, models


class CustomerAssigner(models.AbstractModel):
    _inherit = 'customer.assigner'

    @api.model
    def _places_filled(self, partners):
        """Touchpoints meant for a product expert are the technical contact's."""
        result = super()._places_filled(partners)
        self.env['customer.plan.request']._request(partners.ids)
        return result
