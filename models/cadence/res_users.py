from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def write(self, vals):
        result = super().write(vals)
        if {'company_id', 'active'} & vals.keys():
            # the company of an account manager is the one that plans the customers without one
            self._replan_customers()
        return result

    def _replan_customers(self):
        """Have the customers planned anew who have a follow-up for these users, or who are looked after by them."""
        self.env['customer.plan.request']._request_of(
            ['|', ('owner_id', 'in', self.ids), ('partner_id.user_id', 'in', self.ids)])
