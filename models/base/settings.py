from odoo import fields, models

from ..platform.setting import Within


class CustomerSettingsFields(models.AbstractModel):
    """What people see when they begin."""

    _inherit = 'customer.settings.fields'

    customer_briefing_days = fields.Integer(
        string="Return Briefing For (days)", shipped=5,
        check=Within(0, 60, lambda env: env._(
            "What happened during an absence is told for up to 60 days after it. 0 tells nothing.")))
    customer_day_ahead = fields.Integer(
        string="Announced Ahead (days)", shipped=7,
        check=Within(0, 92, lambda env: env._("What is coming is announced up to 92 days ahead.")))
    customer_first_steps = fields.Boolean(string="First Steps in My Day", of_company=True)
