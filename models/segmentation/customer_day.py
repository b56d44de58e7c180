from odoo import api, models


class CustomerDay(models.AbstractModel):
    """How much a customer is worth stands beside its name."""

    _inherit = 'customer.day'

    @api.model
    def _badge(self, customer):
        name, color = self.env['customer.tier']._get_badges().get(customer.customer_tier_id.id, (False, 0))
        return {'name': name, 'color': color} if name else super()._badge(customer)

    @api.model
    def _customer_fields(self):
        return super()._customer_fields() + ['customer_tier_id']
