from odoo import api, models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == 'sale')._refresh_customers()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if 'state' in vals:
            self._refresh_customers()
        return result

    def _refresh_customers(self):
        """Who orders is a customer at once, and not only after the night."""
        self.partner_id.commercial_partner_id.sudo()._refresh_managed()  # sellers need no right for that
