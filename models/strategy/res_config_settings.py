from odoo import fields, models

from ..health.customer_warning_rule import LEVELS


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_strategy_attainment_cap = fields.Integer(string="A KPI Counts at Most (%)")
    customer_strategy_known_percent = fields.Integer(string="Known KPIs at Least (%)")
    customer_strategy_cycle_days = fields.Integer(string="Cycle Without a Template (days)")
    customer_strategy_late_days = fields.Integer(string="Values May Come Late By (days)")
    customer_strategy_effective_percent = fields.Integer(string="Effective From (%)")
    customer_strategy_partly_percent = fields.Integer(string="Partly Effective From (%)")
    customer_strategy_segment_minimum = fields.Integer(string="Customers to Compare With")
    customer_strategy_segment_maximum = fields.Integer(string="Customers to Compare With at Most")
    customer_strategy_doubt_level = fields.Selection(
        selection=[*LEVELS, ('never', "None")], string="Warnings From This Level On")
    customer_strategy_failed_cycles = fields.Integer(string="Poor Cycles in a Row")
    customer_strategy_suggest_effect = fields.Boolean(string="After Poor Cycles")
    customer_strategy_suggest_warning = fields.Boolean(string="On a Red Warning")
    customer_strategy_suggest_segment = fields.Boolean(string="On a Changed Segment")
    customer_strategy_leader_approves = fields.Boolean(string="Team Leaders Approve")
