from odoo import api, models
from odoo.tools import SQL


class CustomerRegistry(models.AbstractModel):
    """The deadlines of cases follow from the class that a customer gives up or takes up again (SRV-1)."""

    _inherit = 'customer.registry'

    @api.model
    def _moved(self, joined, left):
        """Who leaves has no tier any more, and who comes back has the old one again."""
        result = super()._moved(joined, left)
        self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
            SQL("SELECT unnest(%s::int[])", joined + left), 'tier_id', 'segment_id')
        return result
