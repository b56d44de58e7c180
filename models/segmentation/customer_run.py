from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('path', "Find who could rise or is falling"), ('target', "Measure the targets of tiers")],
        ondelete={'path': 'cascade', 'target': 'cascade'})
