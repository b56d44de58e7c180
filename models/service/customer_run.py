from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('cases', "Keep the deadlines of cases"), ('feedback', "Ask customers for feedback")],
        ondelete={'cases': 'cascade', 'feedback': 'cascade'})
