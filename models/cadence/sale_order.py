from odoo import fields, models


class SaleOrder(models.Model):
    """An order that is set back and confirmed again is the same order: nobody is thanked for it twice (CAD-1)."""

    _inherit = 'sale.order'

    customer_confirmed_at = fields.Datetime(
        string="First Confirmed", readonly=True, copy=False, index='btree_not_null',
        help="When an order that was set back had been confirmed for the first time; Odoo dates it anew.")

    def write(self, vals):
        if vals.get('state', 'sale') != 'sale':
            for order in self.filtered(lambda order: order.state == 'sale' and not order.customer_confirmed_at):
                super(SaleOrder, order).write({'customer_confirmed_at': order.date_order})
        return super().write(vals)
