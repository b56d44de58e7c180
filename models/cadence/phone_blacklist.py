from odoo import api, models


class PhoneBlacklist(models.Model):
    _inherit = 'phone.blacklist'

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
        numbers = self.mapped('number')
        result = super().unlink()
        self._replan_customers(numbers)
        return result

    def _replan_customers(self, numbers=None):
        """Who opted out of text messages, or in again, is planned anew."""
        # whoever adds a number has perhaps no right on customers
        partners = self.env['res.partner'].sudo().search([
            ('customer_managed', '=', True), ('phone_sanitized', 'in', numbers or self.mapped('number'))])
        self.env['customer.plan.request']._request(partners.ids)
