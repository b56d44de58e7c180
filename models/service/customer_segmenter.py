from odoo import api, models
from odoo.tools import SQL


class CustomerSegmenter(models.AbstractModel):
    """The deadlines of cases follow their customers into another segment (SRV-1)."""

    _inherit = 'customer.segmenter'

    @api.model
    def _segments_changed(self):
        result = super()._segments_changed()
        self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
            SQL("SELECT id FROM customer_placed"), 'segment_id')
        return result
