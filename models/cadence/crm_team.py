from odoo import models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def _customer_roles_changed(self):
        result = super()._customer_roles_changed()
        self.env['customer.plan.request']._request_of([
            '|', ('partner_id.user_id.customer_team_id', 'in', self.ids), ('lead_id.user_id.customer_team_id', 'in', self.ids)])
        return result
