from odoo import api, fields, models
from odoo.exceptions import ValidationError

PREFIX = 'customer_success.'

#: Every setting of the addon with its shipped value; the settings page shows each of them.
DEFAULTS = {
    'tier_scheme_id': 0,
    'check_contact_data': True,
    'grace_days': 3,
    'remind_days': 1,
    'escalate_days': 7,
    'skip_limit': 2,
    'move_limit': 3,
    'send_from_hour': 9,
    'send_to_hour': 17,
    'calendar_years': 3,
    'care_gift_limit': 500,
    'care_gift_year_limit': 1500,
    'care_near_percent': 80,
    'leap_day_in_march': False,
    'greeting_same_text': 5,
}


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    customer_tier_scheme_id = fields.Many2one(comodel_name='customer.tier.scheme', string="Ranking in Force")
    customer_check_contact_data = fields.Boolean(string="Check Emails and Phone Numbers")
    customer_grace_days = fields.Integer(string="Overdue After (days)")
    customer_remind_days = fields.Integer(string="Remind Before (days)")
    customer_escalate_days = fields.Integer(string="Escalate After (days)")
    customer_skip_limit = fields.Integer(string="Skips in a Row")
    customer_move_limit = fields.Integer(string="Moves in a Row")
    customer_send_from_hour = fields.Integer(string="From (hour)")
    customer_send_to_hour = fields.Integer(string="Until (hour)")
    customer_calendar_years = fields.Integer(string="Years Ahead")
    customer_care_gift_limit = fields.Integer(string="One Gift")
    customer_care_gift_year_limit = fields.Integer(string="A Person in a Year")
    customer_care_near_percent = fields.Integer(string="Nearly Used Up From (%)")
    customer_leap_day_in_march = fields.Boolean(string="29 February on 1 March")
    customer_greeting_same_text = fields.Integer(string="People With the Same Text")
    customer_abbreviation = fields.Char(related='company_id.customer_abbreviation', readonly=False)

    @api.model
    def get_values(self):
        """Show every setting as it is in force, the shipped value where nobody changed it."""
        values = super().get_values()
        values.update({f'customer_{name}': self._customer_success(name) for name in DEFAULTS})
        values['customer_tier_scheme_id'] = self.env['customer.tier.scheme']._get_current().id
        return values

    def set_values(self):
        """Keep every setting as entered, 0 and off included; another ranking re-ranks all customers."""
        if any(self[f'customer_{name}'] < 0 for name in ('grace_days', 'remind_days', 'escalate_days')):
            raise ValidationError(self.env._("The days of a rule can't be negative."))
        if self.customer_skip_limit < 1 or self.customer_move_limit < 1:
            raise ValidationError(self.env._(
                "The team leader can hear of a skip or a move from the first one on at the earliest."))
        if not 0 <= self.customer_send_from_hour < self.customer_send_to_hour <= 24:
            raise ValidationError(self.env._(
                "Office hours for automatic emails begin before they end, between 0 and 24 o'clock."))
        if not 1 <= self.customer_calendar_years <= 10:
            raise ValidationError(self.env._("Holidays and festivals can be looked up for 1 to 10 years ahead."))
        if self.customer_care_gift_limit < 0 or self.customer_care_gift_year_limit < 0:
            raise ValidationError(self.env._("A limit for gifts can't be negative. 0 stands for no limit."))
        if not 0 < self.customer_care_near_percent <= 100:
            raise ValidationError(self.env._("A budget is nearly used up from a share between 1 and 100 percent on."))
        if self.customer_greeting_same_text < 1:
            raise ValidationError(self.env._("At least one person has to be allowed to get a text."))
        before = self.env['customer.tier.scheme']._get_current()
        result = super().set_values()
        for name in DEFAULTS:
            value = self[f'customer_{name}']
            # written as text: Odoo deletes a parameter that is 0 or off, which would read as the shipped value
            self.env['ir.config_parameter'].sudo().set_param(  # settings are for administrators only
                PREFIX + name, repr(value.id if isinstance(value, models.BaseModel) else value))
        current = self.env['customer.tier.scheme']._get_current()
        if current != before:
            current._ask_for_refresh()
        return result

    @api.model
    def _customer_success(self, name):
        """Return a setting of the addon, as a whole number or a truth value.

        :param str name: a key of :data:`DEFAULTS`
        """
        default = DEFAULTS[name]
        text = self.env['ir.config_parameter'].sudo().get_param(PREFIX + name)  # rules bind everybody
        if not text:
            return default
        if isinstance(default, bool):
            return text == 'True'
        return int(text) if text.lstrip('-').isdigit() else default
