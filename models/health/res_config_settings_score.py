from odoo import fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_health_override_days = fields.Integer(string="Set by Hand For (days)")
    customer_health_override_max_days = fields.Integer(string="At Most (days)")
    customer_health_daily_days = fields.Integer(string="Daily History (days)")
    customer_segment_health_margin = fields.Integer(string="Passed By (points of health)")

    def set_values(self):
        """Refuse numbers of days that mean nothing."""
        if not 1 <= self.customer_health_override_days <= self.customer_health_override_max_days:
            raise ValidationError(self.env._(
                "A score is set by hand for at least one day, and usually not longer than it may be at most."))
        if self.customer_health_daily_days < 1:
            raise ValidationError(self.env._("The daily history of health covers at least one day."))
        if not 0 <= self.customer_segment_health_margin <= 20:
            raise ValidationError(self.env._(
                "A border of health can have to be passed by 0 to 20 points before a customer goes into another segment."))
        return super().set_values()
