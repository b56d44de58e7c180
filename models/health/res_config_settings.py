from odoo import fields, models
from odoo.exceptions import ValidationError


class CustomerSettingsFields(models.AbstractModel):
    _inherit = 'customer.settings.fields'

    customer_health_preview_customers = fields.Integer(string="Customers in the Preview")

    def set_values(self):
        """Refuse a preview that would look at nobody."""
        if self.customer_health_preview_customers < 1:
            raise ValidationError(self.env._("The preview of changed health rules has to look at one customer at least."))
        return super().set_values()
