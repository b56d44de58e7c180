from odoo import api, models


class CustomerSettingsPage(models.AbstractModel):
    """Where the settings of the addon end on its own page: what Odoo's settings page does there is not for managers."""

    _name = 'customer.settings.page'
    _description = "Settings Page of Customer Success"

    @api.model
    def get_values(self):
        """Return the values that are not settings of the addon: none."""
        return {}

    def set_values(self):
        """Keep what is not a setting of the addon: nothing."""
