from odoo import fields, models

from ..health.customer_warning_rule import LEVELS
from ..platform.setting import Holds, Within

VERDICT = Holds(
    lambda settings: 0 < settings.customer_strategy_partly_percent < settings.customer_strategy_effective_percent <= 100,
    lambda env: env._(
        "A change is partly effective from more than 0 percent of the expected improvement on, and effective from a "
        "greater part on, at most 100 percent."))
SEGMENT = Holds(
    lambda settings: 1 <= settings.customer_strategy_segment_minimum <= settings.customer_strategy_segment_maximum <= 5000,
    lambda env: env._(
        "A customer is compared with at least one other customer and with at most 5,000; the most can't be less than "
        "the least."))
CYCLE = Holds(
    lambda settings: settings.customer_strategy_cycle_days >= 1 and settings.customer_strategy_late_days >= 0,
    lambda env: env._("A cycle lasts one day at least, and values can come late by 0 days or more."))


class CustomerSettingsFields(models.AbstractModel):
    """What a strategy is judged by, and when a change of it is proposed."""

    _inherit = 'customer.settings.fields'

    customer_strategy_attainment_cap = fields.Integer(
        string="A KPI Counts at Most (%)", shipped=100,
        check=Within(100, 200, lambda env: env._(
            "A KPI has to count 100 percent where its target is reached, and 200 percent at most.")))
    customer_strategy_known_percent = fields.Integer(
        string="Known KPIs at Least (%)", shipped=50,
        check=Within(0, 100, lambda env: env._("Of the KPIs of a strategy, between 0 and 100 percent can have to be known.")))
    customer_strategy_cycle_days = fields.Integer(
        string="Cycle Without a Template (days)", shipped=90, check=CYCLE)
    customer_strategy_late_days = fields.Integer(
        string="Values May Come Late By (days)", shipped=31, check=CYCLE)
    customer_strategy_effective_percent = fields.Integer(string="Effective From (%)", shipped=80, check=VERDICT)
    customer_strategy_partly_percent = fields.Integer(string="Partly Effective From (%)", shipped=30, check=VERDICT)
    customer_strategy_segment_minimum = fields.Integer(string="Customers to Compare With", shipped=3, check=SEGMENT)
    customer_strategy_segment_maximum = fields.Integer(
        string="Customers to Compare With at Most", shipped=500, check=SEGMENT)
    customer_strategy_doubt_level = fields.Selection(
        selection=[*LEVELS, ('never', "None")], string="Warnings From This Level On", shipped='3')
    customer_strategy_failed_cycles = fields.Integer(
        string="Poor Cycles in a Row", shipped=2,
        check=Within(1, 12, lambda env: env._("An adjustment can be proposed after 1 to 12 poor cycles in a row.")))
    customer_strategy_suggest_effect = fields.Boolean(string="After Poor Cycles", shipped=True)
    customer_strategy_suggest_warning = fields.Boolean(string="On a Red Warning", shipped=True)
    customer_strategy_suggest_segment = fields.Boolean(string="On a Changed Segment", shipped=True)
    customer_strategy_leader_approves = fields.Boolean(string="Team Leaders Approve", shipped=True)
