from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('reports', "Send sheets by email"), ('import', "Load sheets")],
        ondelete={'reports': 'cascade', 'import': 'cascade'})
