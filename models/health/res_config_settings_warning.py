from odoo import models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    def set_values(self):
        """Refuse hours and percentages that there are none of."""
        if not 0 <= self.customer_warn_digest_hour <= 20:
            raise ValidationError(self.env._("The email with warnings can be sent from an hour between 0 and 20 on."))
        if not 0 <= self.customer_warn_dismissed_percent <= 100:
            raise ValidationError(self.env._("Of the warnings of a rule, between 0 and 100 percent can be dismissed."))
        return super().set_values()
