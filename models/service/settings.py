from odoo import api, fields, models

from ..platform.setting import Holds, Within

#: What people write who only say thanks, as it is shipped.
THANKS_WORDS = (
    "thanks, thanks a lot, many thanks, thank you, thank you very much, thx, ok, okay, great, perfect, received, got it, "
    "well received, noted, hi, hello, dear, regards, best regards, kind regards, "
    "谢谢, 谢谢您, 谢谢你, 多谢, 感谢, 非常感谢, 收到, 已收到, 好的, 好, 知道了, 明白了, 辛苦了, 您好, 你好, "
    "謝謝, 謝謝您, 謝謝你, 多謝, 感謝, 非常感謝, 已收到, 明白了")

CASE_DAYS = Within(0, None, lambda env: env._("The days and the number of times of cases can't be negative."))
FEEDBACK_DAYS = Within(0, None, lambda env: env._("The days of feedback can't be negative."))
ASKED = Within(1, None, lambda env: env._(
    "At least one person of a customer can be asked, on at least one day, and an NPS needs at least one answer."))
UNHAPPY = Holds(
    lambda settings: 0 <= settings.customer_feedback_unhappy_nps <= 9 and 1 <= settings.customer_feedback_unhappy_csat <= 4,
    lambda env: env._("Unhappy is who answers up to 9 of 10, or up to 4 of 5, at most."))


class CustomerSettingsFields(models.AbstractModel):
    """How cases are worked on, and how customers are asked for feedback."""

    _inherit = 'customer.settings.fields'

    customer_case_warn_percent = fields.Integer(
        string="Warn From (%)", shipped=80, after='_replan_customer_cases', check=Within(
            1, 99, lambda env: env._("Somebody is warned after 1 to 99 percent of the time of a deadline.")))
    customer_case_offer_hours = fields.Integer(
        string="Hand-over Answered Within (hours)", shipped=24, check=Within(
            1, None, lambda env: env._("A colleague needs at least an hour to answer to a hand-over.")))
    customer_case_reopen_days = fields.Integer(string="Reopened by an Answer For (days)", shipped=14, check=CASE_DAYS)
    customer_case_reopen_limit = fields.Integer(string="Reopened Without Telling Anybody", shipped=2, check=CASE_DAYS)
    customer_case_recurrence_days = fields.Integer(string="A Repetition Within (days)", shipped=90, check=CASE_DAYS)
    customer_case_thanks_words = fields.Text(string="Words of Thanks", shipped=THANKS_WORDS)
    customer_case_alias = fields.Char(string="Address of Cases")
    customer_case_alias_domain = fields.Char(string="Email Domain", readonly=True)
    customer_feedback_rest_days = fields.Integer(
        string="The Same Person Asked Again After (days)", shipped=90, check=FEEDBACK_DAYS)
    customer_feedback_cap = fields.Integer(string="People of a Customer Asked", shipped=3, check=ASKED)
    customer_feedback_cap_days = fields.Integer(string="Within (days)", shipped=90, check=ASKED)
    customer_feedback_open_days = fields.Integer(string="Link Open For (days)", shipped=30, check=ASKED)
    customer_feedback_hit_days = fields.Integer(string="Keep Looks at the Page For (days)", shipped=30, check=FEEDBACK_DAYS)
    customer_feedback_minimum = fields.Integer(string="Answers for an NPS", shipped=5, check=ASKED)
    customer_feedback_answer_days = fields.Integer(string="Answered to Within (days)", shipped=3, check=ASKED)
    customer_feedback_unhappy_nps = fields.Integer(string="Unhappy Up To (of 10)", shipped=6, check=UNHAPPY)
    customer_feedback_unhappy_csat = fields.Integer(string="Unhappy Up To (of 5)", shipped=2, check=UNHAPPY)
    customer_feedback_unhappy_step = fields.Selection(
        selection=[('call', "A call within 24 hours"), ('case', "A complaint and a call within 24 hours"),
                   ('none', "Nothing by itself")], string="Who Is Unhappy Gets", shipped='call')

    @api.model
    def get_values(self):
        """Show to which address emails open a case."""
        values, alias = super().get_values(), self._customer_case_alias()
        return {**values, 'customer_case_alias': alias.alias_name or '', 'customer_case_alias_domain': alias.alias_domain or ''}

    @api.model
    def _customer_case_alias(self):
        """Return the alias of cases; none where an administrator has deleted it."""
        # managers configure the addon, and only this alias of all
        return self.env['mail.alias'].sudo().search([('alias_model_id.model', '=', 'customer.case')], order='id', limit=1)

    def _keep_customer_case_alias(self):
        """Let emails to the address that was entered open a case; empty: no email does."""
        alias, name = self._customer_case_alias(), (self.customer_case_alias or '').strip().partition('@')[0]
        if alias:
            if (alias.alias_name or '') != name:
                alias.alias_name = name or False
        elif name:
            alias.create({
                'alias_name': name, 'alias_model_id': self.env['ir.model']._get_id('customer.case'),
                'alias_contact': 'everyone'})

    def set_values(self):
        """Keep the address of cases where Odoo keeps addresses."""
        result = super().set_values()
        self._keep_customer_case_alias()
        return result

    def _replan_customer_cases(self):
        """Let open clocks follow another share to warn at."""
        self.env['customer.case.replanner'].sudo()._replan_open()  # cases of everybody
