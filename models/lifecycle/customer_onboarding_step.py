from odoo import fields, models


class CustomerCadenceStep(models.Model):
    _inherit = 'customer.cadence.step'

    event = fields.Selection(
        selection_add=[('onboarding', "Its onboarding begins")], ondelete={'onboarding': 'cascade'})
