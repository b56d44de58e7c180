from odoo import api, models


class ResourceResource(models.Model):
    _inherit = 'resource.resource'

    @api.model_create_multi
    def create(self, vals_list):
        resources = super().create(vals_list)
        resources.user_id._replan_customers()
        return resources

    def write(self, vals):
        users = self.user_id
        result = super().write(vals)
        if {'calendar_id', 'user_id', 'active'} & vals.keys():
            (users | self.user_id)._replan_customers()
        return result
