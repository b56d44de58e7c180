from odoo import models


class CustomerSegment(models.Model):
    """A segment knows how much its customers complain, and goes together with the policies that are for it alone (SRV-1)."""

    _name = 'customer.segment'
    _inherit = ['customer.segment', 'customer.complaint.rate']

    _customer_column = 'customer_segment_id'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('segment_id', self)
        return super().unlink()
