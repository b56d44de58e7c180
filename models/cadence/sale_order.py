from odoo import api, fields, models

#: The events that an order is.
EVENTS = ('order', 'first_order', 'signing')


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
        if not {'state', 'opportunity_id'} & vals.keys():
            return super().write(vals)
        sold = self.filtered(lambda order: order.state == 'sale')
        result = super().write(vals)
        (sold | self.filtered(lambda order: order.state == 'sale'))._customer_ordered()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == 'sale')._customer_ordered()
        return orders

    def _customer_ordered(self):
        """Have the customers of these orders planned, which came about or were taken back."""
        self.env['customer.cadence.event']._happened(EVENTS, self.customer_commercial_id.ids)
