from odoo import api, models


class SaleOrder(models.Model):
    """An order that is confirmed may begin an onboarding (LIF-1). Whom it makes a customer is planned once, with that."""

    _inherit = 'sale.order'

    @api.model_create_multi
    def create(self, vals_list):
        with self.env['customer.plan.request']._together():
            orders = super().create(vals_list)
            self.env['customer.onboarding.signing']._orders_confirmed(orders.filtered(lambda order: order.state == 'sale'))
        return orders

    def write(self, vals):
        if 'state' not in vals:
            return super().write(vals)
        before = self.filtered(lambda order: order.state == 'sale')
        with self.env['customer.plan.request']._together():
            result = super().write(vals)
            now = self.filtered(lambda order: order.state == 'sale')
            signing = self.env['customer.onboarding.signing']
            signing._orders_cancelled(before - now)
            signing._orders_confirmed(now - before)
        return result
