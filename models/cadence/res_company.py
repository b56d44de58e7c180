from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def write(self, vals):
        result = super().write(vals)
        if 'resource_calendar_id' in vals:
            self._replan_customers()
        return result

    def _replan_customers(self):
        """Have the customers planned anew whose follow-ups belong to these companies."""
        self.env['customer.plan.request']._request_of([('company_id', 'in', self.ids), ('step_id', '!=', False)])
