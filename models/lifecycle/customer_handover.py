from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_handover import Kind


class CustomerHandover(models.Model):
    """Who takes a customer over takes its onboarding over, unless that is somebody else's (PRO-7)."""

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'onboarding': Kind(
            'customer.onboarding', lambda env: env._("Onboardings"), lambda: Domain('state', '=', 'running'))}
