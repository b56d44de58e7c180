from odoo import fields, models

from ..platform.setting import Within


class CustomerSettingsFields(models.AbstractModel):
    """For how long what was loaded can be taken back."""

    _inherit = 'customer.settings.fields'

    customer_import_back_hours = fields.Integer(
        string="Sheets Taken Back Within (hours)", shipped=24,
        check=Within(0, 720, lambda env: env._(
            "A loaded sheet can be taken back for up to 720 hours, which are 30 days; 0 lets nothing be taken back.")))
