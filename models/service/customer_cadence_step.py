from odoo import fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('case_solved', "Has a case solved")], ondelete={'case_solved': 'cascade'})
