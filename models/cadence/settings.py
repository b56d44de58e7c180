from odoo import fields, models

from ..platform.setting import Holds, Within

#: What people write who reached nobody, as it is shipped.
NO_ANSWER_WORDS = (
    "no answer, not answered, did not answer, didn't answer, nobody answered, no one answered, nobody picked up, "
    "no one picked up, did not pick up, didn't pick up, no pickup, not reached, could not reach, couldn't reach, "
    "unreachable, voicemail, voice mail, answering machine, line busy, "
    "没人接, 没有人接, 无人接, 没接电话, 未接通, 未接听, 没接通, 无法接通, 打不通, 没打通, "
    "关机, 占线, 忙线, 忙音, 联系不上, 没联系上, 未联系上, 语音信箱, 停机, 空号, "
    "沒人接, 沒有人接, 無人接, 沒接電話, 未接聽, 沒接通, 無法接通, 沒打通, 關機, 佔線, 忙線, "
    "聯繫不上, 沒聯繫上, 聯絡不上, 沒聯絡上, 語音信箱, 停機, 空號")

DAYS = Within(0, None, lambda env: env._("The days of a rule can't be negative."))
LIMIT = Within(1, None, lambda env: env._("The team leader can hear of a skip or a move from the first one on at the earliest."))
RETRY = Within(1, None, lambda env: env._("What did not arrive is sent again on the next day at the earliest."))
OFFICE_HOURS = Holds(
    lambda settings: 0 <= settings.customer_send_from_hour < settings.customer_send_to_hour <= 24,
    lambda env: env._("Office hours for automatic messages begin before they end, between 0 and 24 o'clock."))


class CustomerSettingsFields(models.AbstractModel):
    """How often we get in touch, and who hears of it where we don't."""

    _inherit = 'customer.settings.fields'

    customer_won_leads = fields.Boolean(string="Won Leads Make Customers", shipped=False, after='_find_customers')
    customer_grace_days = fields.Integer(string="Overdue After (days)", shipped=3, check=DAYS)
    customer_remind_days = fields.Integer(string="Remind Before (days)", shipped=1, check=DAYS)
    customer_escalate_days = fields.Integer(string="Escalate After (days)", shipped=7, check=DAYS)
    customer_skip_limit = fields.Integer(string="Skips in a Row", shipped=2, check=LIMIT)
    customer_move_limit = fields.Integer(string="Moves in a Row", shipped=3, check=LIMIT)
    customer_no_answer_limit = fields.Integer(
        string="Unanswered in a Row", shipped=3,
        check=Within(1, 20, lambda env: env._("The team leader can hear of 1 to 20 attempts without an answer in a row.")))
    customer_unmet_days = fields.Integer(
        string="Nobody Met For (days)", shipped=120,
        check=Within(1, None, lambda env: env._("A decision chain has a gap after one day without a word at the earliest.")))
    customer_record_hours = fields.Integer(
        string="Recorded Late After (hours)", shipped=24,
        check=Within(1, None, lambda env: env._("People need at least an hour to record a contact.")))
    customer_meeting_ask = fields.Boolean(string="Ask for Records of Meetings", shipped=True)
    customer_meeting_ask_hours = fields.Integer(
        string="Ask After (hours)", shipped=2,
        check=Within(0, 168, lambda env: env._("The record of a meeting is asked for within a week: give 0 to 168 hours.")))
    customer_meeting_days = fields.Integer(
        string="Not Asked Any More After (days)", shipped=14,
        check=Within(1, 365, lambda env: env._("Meetings are asked about for 1 to 365 days after their end.")))
    customer_meeting_customers = fields.Integer(
        string="Customers in a Meeting (at most)", shipped=3,
        check=Within(1, 100, lambda env: env._("A meeting of 1 to 100 customers is a meeting with each of them.")))
    customer_no_answer_words = fields.Text(string="Words for Nobody Reached", shipped=NO_ANSWER_WORDS)
    customer_send_from_hour = fields.Integer(string="From (hour)", shipped=9, check=OFFICE_HOURS)
    customer_send_to_hour = fields.Integer(string="Until (hour)", shipped=17, check=OFFICE_HOURS)
    customer_send_retries = fields.Integer(string="Sent Again (times)", shipped=2, check=DAYS)
    customer_send_retry_days = fields.Integer(string="Days Between", shipped=1, check=RETRY)
    customer_day_pile = fields.Integer(
        string="A Pile From (follow-ups)", shipped=8,
        check=Within(1, None, lambda env: env._("A pile begins with one overdue follow-up at the earliest.")))
    customer_preset_back_days = fields.Integer(
        string="Taken Back Within (days)", shipped=30,
        check=Within(1, 365, lambda env: env._("A preset can be taken back for 1 to 365 days.")))

    def _find_customers(self):
        """Decide anew who is a customer."""
        self.env['customer.registry'].sudo()._refresh()  # whoever may change the settings
