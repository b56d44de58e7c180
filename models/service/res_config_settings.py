from odoo import fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_case_warn_percent = fields.Integer(string="Warn From (%)")
    customer_case_offer_hours = fields.Integer(string="Hand-over Answered Within (hours)")
    customer_case_reopen_days = fields.Integer(string="Reopened by an Answer For (days)")
    customer_case_reopen_limit = fields.Integer(string="Reopened Without Telling Anybody")
    customer_case_recurrence_days = fields.Integer(string="A Repetition Within (days)")
    customer_case_thanks_words = fields.Text(string="Words of Thanks")

    def set_values(self):
        """Refuse what no clock could keep; open clocks follow another share to warn at."""
        if not 1 <= self.customer_case_warn_percent <= 99:
            raise ValidationError(self.env._("Somebody is warned after 1 to 99 percent of the time of a deadline."))
        if self.customer_case_offer_hours < 1:
            raise ValidationError(self.env._("A colleague needs at least an hour to answer to a hand-over."))
        if min(self.customer_case_reopen_days, self.customer_case_reopen_limit, self.customer_case_recurrence_days) < 0:
            raise ValidationError(self.env._("The days and the number of times of cases can't be negative."))
        before = self._customer_success('case_warn_percent')
        result = super().set_values()
        if self.customer_case_warn_percent != before:
            self.env['customer.case.clock'].sudo()._replan_open()  # cases of everybody
        return result
