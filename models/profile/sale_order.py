from odoo import api, fields, models
from odoo.exceptions import AccessError


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    customer_commercial_id = fields.Many2one(
        comodel_name='res.partner',
        string="Made For",
        readonly=True,
        copy=False,
        index=True,
        ondelete='restrict',
        help="The customer that this order was made for and counts for. It stays the same when the person who ordered "
             "changes to another company.",
    )

    _customer_unfiled_idx = models.Index('(id) WHERE customer_commercial_id IS NULL')

    @api.model_create_multi
    def create(self, vals_list):
        self._check_customer_system_fields(name for vals in vals_list for name in vals)
        orders = super().create(vals_list)
        orders._file_customer()
        orders.filtered(lambda order: order.state == 'sale')._refresh_customers()
        return orders

    def write(self, vals):
        """Keep whose order it is: of whom it was made for, or confirmed for, whatever becomes of the person."""
        self._check_customer_system_fields(vals)
        decides = {'partner_id', 'state'} & vals.keys()
        before = self.customer_commercial_id if decides else self.env['res.partner']
        confirmed = self.filtered(lambda order: order.state != 'sale') if vals.get('state') == 'sale' else self.browse()
        result = super().write(vals)
        if 'partner_id' in vals:
            self._file_customer()
        elif confirmed:
            confirmed.filtered(lambda order: not order._is_customer_invoiced())._file_customer()
        if decides:
            self._refresh_customers(before)
        return result

    def _check_customer_system_fields(self, names):
        """Refuse to write whose order it is: a field that is readonly in views is not readonly by RPC or import."""
        if not self.env.su and 'customer_commercial_id' in names:
            raise AccessError(self.env._(
                "Whose an order is follows from its customer, and can't be written. Change the customer of the order."))

    def _is_customer_invoiced(self):
        """Return whether something was invoiced for this order: then it is settled whose it is."""
        # whether there are invoices is a fact, whoever may see them
        return any(invoice.state == 'posted' for invoice in self.sudo().invoice_ids)

    def _file_customer(self):
        """Note for whom these orders are made: the customer of the person or address, as of now."""
        for order in self.sudo():  # not for writing, see _check_customer_system_fields
            if order.customer_commercial_id != order.partner_id.commercial_partner_id:
                order.customer_commercial_id = order.partner_id.commercial_partner_id

    def _refresh_customers(self, others=None):
        """Who orders is a customer at once, and not only after the night.

        :param others: customers that these orders were made for before
        """
        customers = self.customer_commercial_id | (others or self.env['res.partner'])
        customers.sudo()._refresh_managed()  # sellers need no right for that
