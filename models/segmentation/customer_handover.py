from odoo import models


class CustomerHandover(models.Model):
    _inherit = 'customer.handover'

    def _on_undone(self):
        """What a rule assigned is taken back with it."""
        result = super()._on_undone()
        assignments = self.env['customer.assignment'].search([('handover_id', 'in', self.ids), ('state', '=', 'done')])
        assignments.write({'state': 'undone'})
        return result
