from odoo import fields, models

from ..platform.setting import Within

GIFTS = Within(0, None, lambda env: env._("A limit for gifts can't be negative. 0 stands for no limit."))


class CustomerSettingsFields(models.AbstractModel):
    """Holidays, greetings, and what care may cost."""

    _inherit = 'customer.settings.fields'

    customer_calendar_years = fields.Integer(
        string="Years Ahead", shipped=3,
        check=Within(1, 10, lambda env: env._("Holidays and festivals can be looked up for 1 to 10 years ahead.")))
    customer_care_gift_limit = fields.Integer(string="One Gift", shipped=500, check=GIFTS)
    customer_care_gift_year_limit = fields.Integer(string="A Person in a Year", shipped=1500, check=GIFTS)
    customer_care_near_percent = fields.Integer(
        string="Nearly Used Up From (%)", shipped=80,
        check=Within(1, 100, lambda env: env._("A budget is nearly used up from a share between 1 and 100 percent on.")))
    customer_leap_day_in_march = fields.Boolean(string="29 February on 1 March", shipped=False)
    customer_greeting_same_text = fields.Integer(
        string="People With the Same Text", shipped=5,
        check=Within(1, None, lambda env: env._("At least one person has to be allowed to get a text.")))
