from odoo import fields, models

from ..platform.setting import Holds, Within
from .customer_churn_fit import WANTED
from .customer_offer_pair import LEVELS

#: The debt that is none, as it is shipped.
OVERDUE_MINIMUM = 1.0

RISK_PERCENT = Holds(
    lambda settings: 10 <= settings.customer_risk_medium_percent < settings.customer_risk_high_percent <= 90,
    lambda env: env._("The risk has to become medium before it becomes high, both between 10 and 90 percent."))
RISK_GAP = Holds(
    lambda settings: 1 <= settings.customer_risk_medium_gap < settings.customer_risk_high_gap,
    lambda env: env._("The risk has to become medium before it becomes high, at the usual gap between orders at the earliest."))
BY_HAND = Holds(
    lambda settings: 1 <= settings.customer_health_override_days <= settings.customer_health_override_max_days,
    lambda env: env._("A score is set by hand for at least one day, and usually not longer than it may be at most."))

VALUE_BANDS = Holds(
    lambda settings: 0 < settings.customer_value_middle_from < settings.customer_value_high_from <= 100,
    lambda env: env._("The value of a customer has to become middle before it becomes high, both between 1 and 100 points."))


def margin(settings, name):
    """Refuse a margin so wide that a level between two borders could not be reached; a check of settings."""
    unit = name.removeprefix('customer_risk_margin_')
    most = (settings[f'customer_risk_high_{unit}'] - settings[f'customer_risk_medium_{unit}']) / 2
    return '' if 0 <= settings[name] <= most else settings.env._(
        "A border of the risk can be passed by 0 up to half of what lies between medium and high, here %(most)s.",
        most=f'{most:g}')


class CustomerSettingsFields(models.AbstractModel):
    """How the relation does, who is about to be lost, and who is warned of it."""

    _inherit = 'customer.settings.fields'

    customer_churn_model = fields.Selection(selection=WANTED, string="Model", shipped='auto', after='_fit_churn_anew')
    customer_churn_minimum_customers = fields.Integer(
        string="Customers Who Bought Again", shipped=100, after='_fit_churn_anew',
        check=Within(10, None, lambda env: env._("A churn model of fewer than 10 customers says nothing.")))
    customer_churn_holdout_days = fields.Integer(
        string="Tried On the Last (days)", shipped=180, after='_fit_churn_anew',
        check=Within(14, 730, lambda env: env._("The churn model can be tried on the last 14 to 730 days.")))
    customer_churn_horizon_days = fields.Integer(
        string="Orders Expected In (days)", shipped=90,
        check=Within(7, 730, lambda env: env._("Orders can be expected for the next 7 to 730 days.")))
    customer_risk_medium_percent = fields.Integer(string="Medium Risk From (%)", shipped=30, check=RISK_PERCENT)
    customer_risk_high_percent = fields.Integer(string="High Risk From (%)", shipped=60, check=RISK_PERCENT)
    customer_risk_medium_gap = fields.Float(
        string="Medium Risk From (times the usual gap)", digits=(4, 2), shipped=2.0, check=RISK_GAP)
    customer_risk_high_gap = fields.Float(
        string="High Risk From (times the usual gap)", digits=(4, 2), shipped=3.0, check=RISK_GAP)
    customer_risk_margin_percent = fields.Integer(string="Passed By (points)", shipped=5, check=margin)
    customer_risk_margin_gap = fields.Float(
        string="Passed By (times the usual gap)", digits=(4, 2), shipped=0.25, check=margin)
    customer_overdue_minimum = fields.Float(
        string="More Than (amount)", digits=(16, 2), shipped=OVERDUE_MINIMUM,
        check=Within(0, None, lambda env: env._("The amount from which on payment is overdue can't be negative.")))
    customer_warn_digest_hour = fields.Integer(
        string="Email From (hour)", shipped=8,
        check=Within(0, 20, lambda env: env._("The email with warnings can be sent from an hour between 0 and 20 on.")))
    customer_warn_dismissed_percent = fields.Integer(
        string="Dismissed at Most (%)", shipped=20,
        check=Within(0, 100, lambda env: env._("Of the warnings of a rule, between 0 and 100 percent can be dismissed.")))
    customer_segment_health_margin = fields.Integer(
        string="Passed By (points of health)", shipped=5,
        check=Within(0, 20, lambda env: env._(
            "A border of health can have to be passed by 0 to 20 points before a customer goes into another segment.")))
    customer_health_preview_customers = fields.Integer(
        string="Customers in the Preview", shipped=2000,
        check=Within(1, None, lambda env: env._("The preview of changed health rules has to look at one customer at least.")))
    customer_health_override_days = fields.Integer(string="Set by Hand For (days)", shipped=30, check=BY_HAND)
    customer_health_override_max_days = fields.Integer(string="At Most (days)", shipped=90, check=BY_HAND)
    customer_health_daily_days = fields.Integer(
        string="Daily History (days)", shipped=90,
        check=Within(1, None, lambda env: env._("The daily history of health covers at least one day.")))

    customer_offer_level = fields.Selection(
        selection=LEVELS, string="Offers Made Of", shipped='product', after='_find_offers_anew')
    customer_offer_window_days = fields.Integer(
        string="Orders of the Last (days)", shipped=730, after='_find_offers_anew',
        check=Within(30, 3650, lambda env: env._("What is bought together is told by the orders of 30 to 3650 days.")))
    customer_offer_support = fields.Integer(
        string="Customers Who Bought Both", shipped=5, after='_find_offers_anew',
        check=Within(3, None, lambda env: env._("Things that fewer than 3 customers bought together tell nothing.")))
    customer_offer_lift = fields.Float(
        string="Times as Likely as by Chance", digits=(4, 2), shipped=1.5, after='_find_offers_anew',
        check=Within(1, 100, lambda env: env._("What is offered has to be 1 to 100 times as likely as by chance.")))
    customer_offer_error_percent = fields.Float(
        string="Any Pair by Chance (%)", digits=(4, 2), shipped=5.0, after='_find_offers_anew',
        check=Within(0.01, 50, lambda env: env._(
            "The chance that any pair is none at all can be between 0.01 and 50 percent.")))
    customer_offer_most = fields.Integer(
        string="Offers at Most", shipped=5, after='_find_offers_anew',
        check=Within(1, 20, lambda env: env._("A customer can have 1 to 20 offers.")))
    customer_offer_holdout_days = fields.Integer(
        string="Held Against the Last (days)", shipped=90, after='_find_offers_anew',
        check=Within(14, 730, lambda env: env._("Offers can be tried on the last 14 to 730 days.")))
    customer_offer_minimum_customers = fields.Integer(
        string="Customers to Compare", shipped=20, after='_find_offers_anew',
        check=Within(10, None, lambda env: env._("Fewer than 10 customers say nothing about how good offers are.")))
    customer_offer_measure_days = fields.Integer(
        string="Bought Within (days)", shipped=90,
        check=Within(1, 730, lambda env: env._("That an offer was bought can be counted for 1 to 730 days.")))
    customer_offer_refused_days = fields.Integer(
        string="Not Interested For (days)", shipped=180,
        check=Within(1, 3650, lambda env: env._("Usually a customer is not interested for 1 to 3650 days.")))

    customer_value_minimum_orders = fields.Integer(
        string="Days With an Order at Least", shipped=3, after='_value_anew',
        check=Within(2, 50, lambda env: env._("What a customer may bring can be told from 2 to 50 days with an order on.")))
    customer_value_order_days = fields.Integer(
        string="Own Orders of the Last (days)", shipped=730, after='_value_anew',
        check=Within(30, 3650, lambda env: env._("What an order is worth can be told from the orders of 30 to 3650 days.")))
    customer_value_minimum_known = fields.Integer(
        string="Known of the Value at Least (%)", shipped=40, after='_value_anew',
        check=Within(1, 100, lambda env: env._("A value score can need 1 to 100 percent of the value model to be known.")))
    customer_value_high_from = fields.Integer(
        string="High Value From (points)", shipped=65, check=VALUE_BANDS, after='_value_anew')
    customer_value_middle_from = fields.Integer(
        string="Middle Value From (points)", shipped=35, check=VALUE_BANDS, after='_value_anew')
    customer_value_break_days = fields.Integer(
        string="A Break Is Longer Than (days)", shipped=180, after='_value_anew',
        check=Within(30, 3650, lambda env: env._("The cooperation can be broken by 30 to 3650 days without an order.")))
    customer_value_break_gap = fields.Float(
        string="And Than the Usual Gap (times)", digits=(4, 2), shipped=3.0, after='_value_anew',
        check=Within(1, 50, lambda env: env._("A break can be longer than 1 to 50 times the usual gap between orders.")))

    def _find_offers_anew(self):
        """Find offers, and try them, by the new settings as soon as possible."""
        self.env.ref('customer_success.ir_cron_offer').sudo()._trigger()  # whoever may change the settings

    def _value_anew(self):
        """Value all customers by the new settings as soon as possible."""
        self.env['customer.value.refresh']._wake()

    def _fit_churn_anew(self):
        """Fit another model, or one on another sample, as soon as possible."""
        self.env['customer.churn']._wake()
