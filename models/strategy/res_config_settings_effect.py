from odoo import models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    def set_values(self):
        """Refuse limits of verdicts that nothing could be between, and comparisons with nobody."""
        if not 0 < self.customer_strategy_partly_percent < self.customer_strategy_effective_percent <= 100:
            raise ValidationError(self.env._(
                "A change is partly effective from more than 0 percent of the expected improvement on, and effective from a "
                "greater part on, at most 100 percent."))
        if not 1 <= self.customer_strategy_segment_minimum <= self.customer_strategy_segment_maximum <= 5000:
            raise ValidationError(self.env._(
                "A customer is compared with at least one other customer and with at most 5,000; the most can't be less than "
                "the least."))
        return super().set_values()
