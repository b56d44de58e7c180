from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def action_view_customer_warnings(self):
        """Open the warnings of this customer, the history included."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_warning_action')
        action['domain'] = [('partner_id', 'in', self.commercial_partner_id.ids)]
        action['context'] = {}
        return action
