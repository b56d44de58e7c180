from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_handover import Kind


class CustomerHandover(models.Model):
    """Open warnings go to whoever looks after the customer now, unless somebody else was asked to (PRO-7)."""

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'warning': Kind(
            'customer.warning', lambda env: env._("Warnings"), lambda: Domain('state', '!=', 'closed'), generated=True,
            holder=lambda warning: warning.absence_id.user_id or warning.user_id)}
