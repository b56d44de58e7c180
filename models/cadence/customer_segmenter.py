from odoo import api, models
from odoo.tools import SQL


class CustomerSegmenter(models.AbstractModel):
    _inherit = 'customer.segmenter'

    @api.model
    def _segments_changed(self):
        """Re-plan customers that came into a segment with a cadence, or left one (CAD-1)."""
        result = super()._segments_changed()
        if segments := self.env['customer.cadence']._watched_segments():
            self.env['customer.plan.request']._request_changed(SQL(
                """SELECT id FROM customer_placed
                    WHERE old_segment_id = ANY(%(segments)s) OR new_segment_id = ANY(%(segments)s)""",
                segments=segments))
        return result
