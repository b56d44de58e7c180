from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(selection_add=[('cases', "Keep the deadlines of cases")], ondelete={'cases': 'cascade'})
