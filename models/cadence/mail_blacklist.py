from odoo import api, models


class MailBlacklist(models.Model):
    _inherit = 'mail.blacklist'

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
        emails = self.mapped('email')
        result = super().unlink()
        self._replan_customers(emails)
        return result

    def _replan_customers(self, emails=None):
        """Who opted out of email, or in again, is planned anew."""
        # whoever clicks on unsubscribe has no right on customers
        partners = self.env['res.partner'].sudo().search([
            ('customer_managed', '=', True), ('email_normalized', 'in', emails or self.mapped('email'))])
        self.env['customer.plan.request']._request(partners.ids)
