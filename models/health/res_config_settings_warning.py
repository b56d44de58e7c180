from odoo import fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_overdue_minimum = fields.Float(string="More Than (amount)", digits=(16, 2))

    def set_values(self):
        """Refuse hours, percentages and amounts that there are none of."""
        if not 0 <= self.customer_warn_digest_hour <= 20:
            raise ValidationError(self.env._("The email with warnings can be sent from an hour between 0 and 20 on."))
        if not 0 <= self.customer_warn_dismissed_percent <= 100:
            raise ValidationError(self.env._("Of the warnings of a rule, between 0 and 100 percent can be dismissed."))
        if self.customer_overdue_minimum < 0:
            raise ValidationError(self.env._("The amount from which on payment is overdue can't be negative."))
        return super().set_values()
