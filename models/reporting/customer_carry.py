from odoo import api, models

from ..profile.customer_carry import BUSINESS


class CustomerCarry(models.AbstractModel):
    """The customers that sheets are of."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {('customer.report.subscription', 'partner_ids'): BUSINESS}
