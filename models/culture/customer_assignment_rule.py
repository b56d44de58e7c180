from odoo import api, fields, models


class CustomerAssignmentRule(models.Model):
    _inherit = 'customer.assignment.rule'

    match_culture = fields.Boolean(string="Knows the Customer's Culture")

    @api.model
    def _matches(self):
        return super()._matches() | {'match_culture': 'culture'}
