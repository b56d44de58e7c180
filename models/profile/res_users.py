from odoo import api, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.model_create_multi
    def create(self, vals_list):
        """Colleagues are no duplicates of customers: Odoo makes their contact before it is known whose it is."""
        users = super().create(vals_list)
        self.env['customer.duplicate'].sudo()._entered(users.partner_id)  # kept by the addon
        return users
