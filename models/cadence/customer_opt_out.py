from odoo import api, models


class CustomerOptOut(models.AbstractModel):
    """A list of addresses or numbers that opted out: customers on it are planned anew when it changes (CAD-8)."""

    _name = 'customer.opt.out'
    _description = "Opt-out List That Customers Honour"

    #: the field of the list, and the field of a contact that is looked up in it
    _opt_out_fields = ('email', 'email_normalized')

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._replan_customers()
        return entries

    def write(self, vals):
        result = super().write(vals)
        self._replan_customers()
        return result

    def unlink(self):
        values = self.mapped(self._opt_out_fields[0])
        result = super().unlink()
        self._replan_customers(values)
        return result

    def _replan_customers(self, values=None):
        """Plan anew who opted out, or in again.

        :param values: addresses or numbers; default: those of these entries
        """
        own, theirs = self._opt_out_fields
        # whoever clicks on unsubscribe has no right on customers
        partners = self.env['res.partner'].sudo().search([
            ('customer_managed', '=', True), (theirs, 'in', values or self.mapped(own))])
        self.env['customer.plan.request']._request(partners.ids)
