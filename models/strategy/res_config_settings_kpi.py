from odoo import models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    def set_values(self):
        """Refuse percentages by which no strategy could be judged, and days that there are none of."""
        if not 100 <= self.customer_strategy_attainment_cap <= 200:
            raise ValidationError(self.env._(
                "A KPI has to count 100 percent where its target is reached, and 200 percent at most."))
        if not 0 <= self.customer_strategy_known_percent <= 100:
            raise ValidationError(self.env._("Of the KPIs of a strategy, between 0 and 100 percent can have to be known."))
        if self.customer_strategy_cycle_days < 1 or self.customer_strategy_late_days < 0:
            raise ValidationError(self.env._(
                "A cycle lasts one day at least, and values can come late by 0 days or more."))
        return super().set_values()
