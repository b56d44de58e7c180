from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('duplicates', "Compare contacts"), ('confirm', "Ask whether profiles are true")],
        ondelete={'duplicates': 'cascade', 'confirm': 'cascade'})
