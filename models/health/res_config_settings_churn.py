from odoo import fields, models
from odoo.exceptions import ValidationError

from .customer_churn_fit import WANTED


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_churn_model = fields.Selection(selection=WANTED, string="Model")
    customer_churn_minimum_customers = fields.Integer(string="Customers Who Bought Again")
    customer_churn_holdout_days = fields.Integer(string="Tried On the Last (days)")
    customer_churn_horizon_days = fields.Integer(string="Orders Expected In (days)")
    customer_risk_medium_percent = fields.Integer(string="Medium Risk From (%)")
    customer_risk_high_percent = fields.Integer(string="High Risk From (%)")
    customer_risk_medium_gap = fields.Float(string="Medium Risk From (times the usual gap)", digits=(4, 2))
    customer_risk_high_gap = fields.Float(string="High Risk From (times the usual gap)", digits=(4, 2))
    customer_risk_margin_percent = fields.Integer(string="Passed By (points)")
    customer_risk_margin_gap = fields.Float(string="Passed By (times the usual gap)", digits=(4, 2))

    def set_values(self):
        """Keep the settings; another model, or another sample for it, is fitted as soon as possible."""
        self._check_churn_values()
        before = self._churn_settings()
        result = super().set_values()
        if self._churn_settings() != before:
            self.env['customer.churn']._wake()
        return result

    def _churn_settings(self):
        return [self._customer_success(name) for name in ('churn_model', 'churn_minimum_customers', 'churn_holdout_days')]

    def _check_risk_margins(self):
        """Refuse margins so wide that a level between two borders could not be reached."""
        for margin, medium, high in (
            (self.customer_risk_margin_percent, self.customer_risk_medium_percent, self.customer_risk_high_percent),
            (self.customer_risk_margin_gap, self.customer_risk_medium_gap, self.customer_risk_high_gap),
        ):
            if not 0 <= margin <= (high - medium) / 2:
                raise ValidationError(self.env._(
                    "A border of the risk can be passed by 0 up to half of what lies between medium and high, here "
                    "%(most)s.", most=f'{(high - medium) / 2:g}'))

    def _check_churn_values(self):
        if self.customer_churn_minimum_customers < 10:
            raise ValidationError(self.env._("A churn model of fewer than 10 customers says nothing."))
        if not 14 <= self.customer_churn_holdout_days <= 730:
            raise ValidationError(self.env._("The churn model can be tried on the last 14 to 730 days."))
        if not 7 <= self.customer_churn_horizon_days <= 730:
            raise ValidationError(self.env._("Orders can be expected for the next 7 to 730 days."))
        if not 10 <= self.customer_risk_medium_percent < self.customer_risk_high_percent <= 90:
            raise ValidationError(self.env._(
                "The risk has to become medium before it becomes high, both between 10 and 90 percent."))
        if not 1 <= self.customer_risk_medium_gap < self.customer_risk_high_gap:
            raise ValidationError(self.env._(
                "The risk has to become medium before it becomes high, at the usual gap between orders at the earliest."))
        self._check_risk_margins()
