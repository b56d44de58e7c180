from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('onboarding', "Look at the items of onboardings")], ondelete={'onboarding': 'cascade'})
