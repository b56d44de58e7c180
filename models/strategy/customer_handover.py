from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_handover import Kind
from .adjustment_choices import UNDER_WAY


class CustomerHandover(models.Model):
    """Strategies and their adjustments go to whoever looks after the customer now, unless somebody else was asked to (PRO-7)."""

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            'strategy': Kind(
                'customer.strategy', lambda env: env._("Strategies"), lambda: Domain('state', 'in', ('draft', 'active'))),
            'adjustment': Kind(
                'customer.strategy.adjustment', lambda env: env._("Adjustments"),
                lambda: Domain('state', 'in', ('draft', *UNDER_WAY))),
        }
