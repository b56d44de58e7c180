from odoo import api, models
from odoo.tools import SQL


class CustomerRanking(models.AbstractModel):
    """The deadlines of cases follow their customers into another class (SRV-1)."""

    _inherit = 'customer.ranking'

    @api.model
    def _figures_changed(self):
        """Another tier or segment may have another policy."""
        result = super()._figures_changed()
        self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
            SQL("SELECT id FROM customer_rank WHERE tier_changed OR segment_changed"), 'tier_id', 'segment_id')
        return result
