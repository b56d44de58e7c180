from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[
            ('strategy', "Measure strategies"),
            ('adjust', "Apply adjustments of strategies"),
            ('effect', "Measure what adjustments brought"),
            ('suggest', "Propose adjustments of strategies"),
            ('review', "Prepare reviews"),
        ],
        ondelete={
            'strategy': 'cascade', 'adjust': 'cascade', 'effect': 'cascade', 'suggest': 'cascade', 'review': 'cascade'})
