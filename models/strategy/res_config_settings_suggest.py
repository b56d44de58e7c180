from odoo import models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    def set_values(self):
        """Refuse numbers of cycles that make no sense."""
        if not 1 <= self.customer_strategy_failed_cycles <= 12:
            raise ValidationError(self.env._(
                "An adjustment can be proposed after 1 to 12 poor cycles in a row."))
        return super().set_values()
