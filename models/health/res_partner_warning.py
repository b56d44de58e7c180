from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def write(self, vals):
        """Open warnings go to whoever looks after the customer now, unless somebody else was asked to."""
        if 'user_id' not in vals:
            return super().write(vals)
        # whoever may change the salesperson hands over the warnings as well
        warnings = self.env['customer.warning'].sudo().search([('partner_id', 'in', self.ids), ('state', '!=', 'closed')])
        people = self._account_people()
        warnings = warnings.filtered(lambda warning: warning.user_id <= people[warning.partner_id.with_env(self.env)])
        result = super().write(vals)
        if warnings:
            warnings.with_context(mail_auto_subscribe_no_notify=True).user_id = vals['user_id']
        return result

    def action_view_customer_warnings(self):
        """Open the warnings of this customer, the history included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_warning_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {}
        return action
