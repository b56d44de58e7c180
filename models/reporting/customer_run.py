from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(selection_add=[('import', "Load sheets")], ondelete={'import': 'cascade'})
