from odoo import models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def action_customer_plan_followup(self):
        """Open the dialog that plans a follow-up with each of these customers."""
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Plan a Follow-up"), 'res_model': 'customer.followup.plan',
            'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new',
            'context': {'default_partner_ids': self.commercial_partner_id.ids},
        }
