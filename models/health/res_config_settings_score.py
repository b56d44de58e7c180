from odoo import fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_health_override_days = fields.Integer(string="Set by Hand For (days)")
    customer_health_override_max_days = fields.Integer(string="At Most (days)")
    customer_health_daily_days = fields.Integer(string="Daily History (days)")

    def set_values(self):
        """Refuse numbers of days that mean nothing."""
        if not 1 <= self.customer_health_override_days <= self.customer_health_override_max_days:
            raise ValidationError(self.env._(
                "A score is set by hand for at least one day, and usually not longer than it may be at most."))
        if self.customer_health_daily_days < 1:
            raise ValidationError(self.env._("The daily history of health covers at least one day."))
        return super().set_values()
