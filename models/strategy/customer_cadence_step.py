from odoo import fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('review', "Was talked about in a review")], ondelete={'review': 'cascade'})
