from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[
            ('first', "Look at all customers for the first time"),
            ('health', "Measure the health of customers"),
            ('churn', "Fit the churn model"),
            ('warn', "Watch customers"),
            ('digest', "Send warnings by email"),
            ('offer', "Find what to offer"),
            ('value', "Value customers"),
        ],
        ondelete={
            'first': 'cascade', 'health': 'cascade', 'churn': 'cascade', 'warn': 'cascade', 'digest': 'cascade',
            'offer': 'cascade', 'value': 'cascade'})
