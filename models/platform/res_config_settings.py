from odoo import api, fields, models
from odoo.exceptions import ValidationError

PREFIX = 'customer_success.'

#: Every setting of the addon with its shipped value; the settings page shows each of them.
DEFAULTS = {
    'tier_scheme_id': 0,
    'tenure_strategic_years': 3,
    'tenure_growth_years': 1,
    'check_contact_data': True,
    'begin_here': True,
    'grace_days': 3,
    'remind_days': 1,
    'escalate_days': 7,
    'skip_limit': 2,
    'move_limit': 3,
    'no_answer_words': (
        "no answer, not answered, did not answer, didn't answer, nobody answered, no one answered, nobody picked up, "
        "no one picked up, did not pick up, didn't pick up, no pickup, not reached, could not reach, couldn't reach, "
        "unreachable, voicemail, voice mail, answering machine, line busy, "
        "没人接, 没有人接, 无人接, 没接电话, 未接通, 未接听, 没接通, 无法接通, 打不通, 没打通, "
        "关机, 占线, 忙线, 忙音, 联系不上, 没联系上, 未联系上, 语音信箱, 停机, 空号, "
        "沒人接, 沒有人接, 無人接, 沒接電話, 未接聽, 沒接通, 無法接通, 沒打通, 關機, 佔線, 忙線, "
        "聯繫不上, 沒聯繫上, 聯絡不上, 沒聯絡上, 語音信箱, 停機, 空號"),
    'send_from_hour': 9,
    'send_to_hour': 17,
    'night_hour': 0,
    'calendar_years': 3,
    'care_gift_limit': 500,
    'care_gift_year_limit': 1500,
    'care_near_percent': 80,
    'leap_day_in_march': False,
    'greeting_same_text': 5,
    'churn_model': 'auto',
    'churn_minimum_customers': 100,
    'churn_holdout_days': 180,
    'churn_horizon_days': 90,
    'risk_medium_percent': 30,
    'risk_high_percent': 60,
    'risk_medium_gap': 2.0,
    'risk_high_gap': 3.0,
    'risk_margin_percent': 5,
    'risk_margin_gap': 0.25,
    'overdue_minimum': 1.0,
    'warn_digest_hour': 8,
    'warn_dismissed_percent': 20,
    'segment_health_margin': 5,
    'health_preview_customers': 2000,
    'health_override_days': 30,
    'health_override_max_days': 90,
    'health_daily_days': 90,
    'strategy_attainment_cap': 100,
    'strategy_known_percent': 50,
    'strategy_cycle_days': 90,
    'strategy_late_days': 31,
    'strategy_effective_percent': 80,
    'strategy_partly_percent': 30,
    'strategy_segment_minimum': 3,
    'strategy_segment_maximum': 500,
    'strategy_doubt_level': '3',
    'strategy_failed_cycles': 2,
    'strategy_suggest_effect': True,
    'strategy_suggest_warning': True,
    'strategy_suggest_segment': True,
    'strategy_leader_approves': True,
    'case_warn_percent': 80,
    'case_offer_hours': 24,
    'case_reopen_days': 14,
    'case_reopen_limit': 2,
    'case_recurrence_days': 90,
    'case_thanks_words': (
        "thanks, thanks a lot, many thanks, thank you, thank you very much, thx, ok, okay, great, perfect, received, got it, "
        "well received, noted, hi, hello, dear, regards, best regards, kind regards, "
        "谢谢, 谢谢您, 谢谢你, 多谢, 感谢, 非常感谢, 收到, 已收到, 好的, 好, 知道了, 明白了, 辛苦了, 您好, 你好, "
        "謝謝, 謝謝您, 謝謝你, 多謝, 感謝, 非常感謝, 已收到, 明白了"),
    'feedback_rest_days': 90,
    'feedback_cap': 3,
    'feedback_cap_days': 90,
    'feedback_open_days': 30,
    'feedback_hit_days': 30,
    'feedback_minimum': 5,
    'feedback_answer_days': 3,
    'feedback_unhappy_nps': 6,
    'feedback_unhappy_csat': 2,
    'feedback_unhappy_step': 'call',
}


class CustomerSettingsFields(models.AbstractModel):
    """The settings of the addon, with their checks; wings add theirs.

    They stand on Odoo's settings page, for administrators, and on a page of their own for managers, who can't open that one.
    """

    _name = 'customer.settings.fields'
    _description = "Settings of Customer Success"

    customer_tier_scheme_id = fields.Many2one(comodel_name='customer.tier.scheme', string="Ranking in Force")
    customer_tenure_growth_years = fields.Integer(string="Growth From (years)")
    customer_tenure_strategic_years = fields.Integer(string="Strategic From (years)")
    customer_check_contact_data = fields.Boolean(string="Check Emails and Phone Numbers")
    customer_begin_here = fields.Boolean(string="Begin Here")
    customer_grace_days = fields.Integer(string="Overdue After (days)")
    customer_remind_days = fields.Integer(string="Remind Before (days)")
    customer_escalate_days = fields.Integer(string="Escalate After (days)")
    customer_skip_limit = fields.Integer(string="Skips in a Row")
    customer_move_limit = fields.Integer(string="Moves in a Row")
    customer_no_answer_words = fields.Text(string="Words for Nobody Reached")
    customer_send_from_hour = fields.Integer(string="From (hour)")
    customer_send_to_hour = fields.Integer(string="Until (hour)")
    customer_night_hour = fields.Integer(string="Begins At (hour)")
    customer_calendar_years = fields.Integer(string="Years Ahead")
    customer_care_gift_limit = fields.Integer(string="One Gift")
    customer_care_gift_year_limit = fields.Integer(string="A Person in a Year")
    customer_care_near_percent = fields.Integer(string="Nearly Used Up From (%)")
    customer_leap_day_in_march = fields.Boolean(string="29 February on 1 March")
    customer_greeting_same_text = fields.Integer(string="People With the Same Text")
    customer_warn_digest_hour = fields.Integer(string="Email From (hour)")
    customer_warn_dismissed_percent = fields.Integer(string="Dismissed at Most (%)")

    @api.model
    def get_values(self):
        """Show every setting as it is in force, the shipped value where nobody changed it."""
        values = super().get_values()
        values.update({f'customer_{name}': self._customer_success(name) for name in self._get_customer_settings()})
        values['customer_tier_scheme_id'] = self.env['customer.tier.scheme']._get_current().id
        return values

    def set_values(self):
        """Keep every setting as entered, 0 and off included; another ranking re-ranks all customers."""
        if any(self[f'customer_{name}'] < 0 for name in ('grace_days', 'remind_days', 'escalate_days')):
            raise ValidationError(self.env._("The days of a rule can't be negative."))
        self._check_tenure()
        self._check_night()
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
        for name in self._get_customer_settings():
            value = self[f'customer_{name}']
            # written as text: Odoo deletes a parameter that is 0 or off, which would read as the shipped value
            value = value.id if isinstance(value, models.BaseModel) else value
            self.env['ir.config_parameter'].sudo().set_param(  # settings are for administrators only
                PREFIX + name, value if isinstance(value, str) else repr(value))
        self.env['ir.cron']._customer_keep_night()
        current = self.env['customer.tier.scheme']._get_current()
        if current != before:
            current._act()
            current._ask_for_refresh()
        return result

    @api.model
    def _get_customer_settings(self):
        """Return the names of the settings that stand on this page."""
        return [name for name in DEFAULTS if f'customer_{name}' in self._fields]

    def _check_night(self):
        """Refuse an hour that no clock shows."""
        if not 0 <= self.customer_night_hour <= 23:
            raise ValidationError(self.env._("The night begins at an hour between 0 and 23 o'clock."))

    def _check_tenure(self):
        """Refuse years that would leave a tenure class without customers."""
        if not 0 < self.customer_tenure_growth_years < self.customer_tenure_strategic_years:
            raise ValidationError(self.env._(
                "A customer is new for at least a year, and strategic some years later: the first number has to be at least "
                "1 and the second greater."))

    @api.model
    def _customer_success(self, name):
        """Return a setting of the addon, of the type of its shipped value.

        :param str name: a key of :data:`DEFAULTS`
        """
        default = DEFAULTS[name]
        text = self.env['ir.config_parameter'].sudo().get_param(PREFIX + name)  # rules bind everybody
        if not text:
            return default
        if isinstance(default, bool):
            return text == 'True'
        if isinstance(default, str):
            return '' if text == 'False' else text  # emptied on purpose
        try:
            return type(default)(text)
        except ValueError:
            return default


class ResConfigSettings(models.TransientModel):
    _name = 'res.config.settings'
    _inherit = ['customer.settings.fields', 'res.config.settings']

    customer_abbreviation = fields.Char(related='company_id.customer_abbreviation', readonly=False)
