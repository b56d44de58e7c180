from odoo import api, models


class CrmTeamMember(models.Model):
    _inherit = 'crm.team.member'

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members.user_id._replan_customers()
        return members

    def write(self, vals):
        users = self.user_id
        result = super().write(vals)
        (users | self.user_id)._replan_customers()
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        users._replan_customers()
        return result
