from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('calendar', "Look up holidays and festivals"), ('greet', "Open greetings")],
        ondelete={'calendar': 'cascade', 'greet': 'cascade'})
