from odoo import api, models
from odoo.fields import Domain


class CustomerReminder(models.AbstractModel):
    _inherit = 'customer.reminder'

    @api.model
    def _by_hand_domain(self):
        """Add what is automatic, but has taken its fallback channel or stands on a day that does not suit."""
        return super()._by_hand_domain() | Domain('switched', '=', True) | Domain('unfit', '=', True)
