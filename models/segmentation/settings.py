from odoo import api, fields, models

from ..platform.setting import Holds, Within

#: Years that would leave a tenure class without customers are refused.
TENURE = Holds(
    lambda settings: 0 < settings.customer_tenure_growth_years < settings.customer_tenure_strategic_years,
    lambda env: env._(
        "A customer is new for at least a year, and strategic some years later: the first number has to be at least "
        "1 and the second greater."))

#: Every score has exactly one grade, and each grade has scores.
GRADES = Holds(
    lambda settings: 0 < settings.customer_potential_medium_from < settings.customer_potential_high_from <= 100,
    lambda env: env._(
        "Potential is medium from 1 point on at the least, and high from more than that, up to 100. Below medium it is low."))

#: A proposal that is set aside stays away for a while, or it would be back the next night.
DISMISS = Within(1, 3650, lambda env: env._("A proposal that is set aside stays away for 1 to 3,650 days."))

#: A share of three customers says nothing.
MINIMUM = Within(1, 10000, lambda env: env._("A figure rests on 1 to 10,000 at least: choose a number between."))


class CustomerSettingsFields(models.AbstractModel):
    """How customers are ranked."""

    _inherit = 'customer.settings.fields'

    customer_tier_scheme_id = fields.Many2one(
        comodel_name='customer.tier.scheme', string="Ranking in Force", shipped=0, after='_rank_anew')
    customer_tenure_growth_years = fields.Integer(string="Growth From (years)", shipped=1, check=TENURE)
    customer_tenure_strategic_years = fields.Integer(string="Strategic From (years)", shipped=3, check=TENURE)
    customer_potential_counts = fields.Boolean(string="Computed Potential Counts", shipped=True, after='_compute_potential_anew')
    customer_potential_high_from = fields.Integer(
        string="High Potential From (points)", shipped=70, check=GRADES, after='_compute_potential_anew')
    customer_potential_medium_from = fields.Integer(
        string="Medium Potential From (points)", shipped=40, check=GRADES, after='_compute_potential_anew')
    customer_potential_known_percent = fields.Integer(
        string="Known at Least (%)", shipped=50, after='_compute_potential_anew', check=Within(1, 100, lambda env: env._(
            "Of what the potential follows from, 1 to 100 percent have to be known.")))
    customer_potential_answer_days = fields.Integer(
        string="Answers Count For (days)", shipped=365, after='_compute_potential_anew', check=Within(1, 3650, lambda env: env._(
            "An answer counts for 1 to 3650 days.")))
    customer_potential_growth_years = fields.Integer(
        string="Growth Counts For (years)", shipped=3, after='_compute_potential_anew', check=Within(1, 20, lambda env: env._(
            "How fast an industry grew counts for 1 to 20 years.")))
    customer_path_dismiss_days = fields.Integer(string="Set Aside For (days)", shipped=90, check=DISMISS)
    customer_target_minimum = fields.Integer(string="Figures From (number)", shipped=10, check=MINIMUM)
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

    def _compute_potential_anew(self):
        """Compute the potential of all customers by the new settings as soon as possible."""
        self.env['customer.potential.keeper']._ask()
