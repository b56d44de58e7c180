from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[('stage', "Place customers in stages"), ('referral', "Reward referrals")],
        ondelete={'stage': 'cascade', 'referral': 'cascade'})
