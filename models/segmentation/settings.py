from odoo import api, fields, models

from ..platform.setting import Holds, Within

#: Years that would leave a tenure class without customers are refused.
TENURE = Holds(
    lambda settings: 0 < settings.customer_tenure_growth_years < settings.customer_tenure_strategic_years,
    lambda env: env._(
        "A customer is new for at least a year, and strategic some years later: the first number has to be at least "
        "1 and the second greater."))


class CustomerSettingsFields(models.AbstractModel):
    """How customers are ranked."""

    _inherit = 'customer.settings.fields'

    customer_tier_scheme_id = fields.Many2one(
        comodel_name='customer.tier.scheme', string="Ranking in Force", shipped=0, after='_rank_anew')
    customer_tenure_growth_years = fields.Integer(string="Growth From (years)", shipped=1, check=TENURE)
    customer_tenure_strategic_years = fields.Integer(string="Strategic From (years)", shipped=3, check=TENURE)
    customer_assignment_limit = fields.Integer(
        string="At Most (customers per person)", shipped=0,
        check=Within(0, None, lambda env: env._("People look after 0 customers or more; 0 is no limit.")))
    customer_assignment_away_days = fields.Integer(
        string="New Customers Wait (days)", shipped=14,
        check=Within(0, 365, lambda env: env._("New customers can wait 0 to 365 days for somebody who is away.")))

    @api.model
    def _get_current_settings(self):
        # the ranking that is in force, where nobody chose one as well
        return super()._get_current_settings() | {
            'customer_tier_scheme_id': self.env['customer.tier.scheme']._get_current().id}

    def _rank_anew(self):
        """Rank all customers by the ranking that is in force now."""
        current = self.env['customer.tier.scheme']._get_current()
        current._act()
        current._ask_for_refresh()
