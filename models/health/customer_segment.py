from odoo import models


class CustomerSegment(models.Model):
    """What the customers of a segment do with what they bought (REP-7)."""

    _inherit = 'customer.segment'

    def action_view_usage_map(self):
        """Open the usage of the customers of this segment, metric by week."""
        self._customer_one()
        return self.env['customer.usage.map']._action_map(self)
