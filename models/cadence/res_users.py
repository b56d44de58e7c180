from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def _customer_people_changed(self):
        result = super()._customer_people_changed()
        self._replan_customers()
        self.env.ref('customer_success.ir_cron_remind')._trigger()
        return result

    def _customer_people_left(self):
        result = super()._customer_people_left()
        self.env['customer.reminder'].sudo()._tell_left(self)  # for the leader, whoever administers users
        return result

    def _replan_customers(self):
        """Have the customers planned anew who have a follow-up for these users, or who are looked after by them or their
        teams."""
        self.env['customer.plan.request']._request_of([
            '|', '|', '|', '|', '|', '|', ('partner_id.customer_expert_id', 'in', self.ids),
            ('owner_id', 'in', self.ids), ('user_id', 'in', self.ids),
            ('partner_id.user_id', 'in', self.ids), ('partner_id.user_id.customer_team_id.user_id', 'in', self.ids),
            ('lead_id.user_id', 'in', self.ids), ('lead_id.user_id.customer_team_id.user_id', 'in', self.ids)])
