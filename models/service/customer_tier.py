from odoo import models


class CustomerTier(models.Model):
    """A tier knows how much its customers complain, and goes together with the policies that are for it alone (SRV-1)."""

    _name = 'customer.tier'
    _inherit = ['customer.tier', 'customer.complaint.rate']

    _customer_column = 'customer_tier_id'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('tier_id', self)
        return super().unlink()
