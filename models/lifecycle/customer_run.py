from odoo import fields, models


class CustomerRun(models.Model):
    _inherit = 'customer.run'

    name = fields.Selection(
        selection_add=[
            ('stage', "Place customers in stages"), ('referral', "Reward referrals"), ('match', "Bring customers together"),
            ('onboarding', "Look at the items of onboardings")],
        ondelete={'stage': 'cascade', 'referral': 'cascade', 'match': 'cascade', 'onboarding': 'cascade'})
