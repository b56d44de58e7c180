from odoo import models


class CustomerTierScheme(models.Model):
    _inherit = 'customer.tier.scheme'

    def action_recompute(self):
        """Rank all customers now, and re-plan the follow-ups of those whose tier changed."""
        action = super().action_recompute()
        self.env['customer.planner'].sudo()._work_queue()  # follow-ups of every salesperson
        return action
