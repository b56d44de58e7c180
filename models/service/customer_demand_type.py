from odoo import models


class CustomerDemandType(models.Model):
    """A demand type goes together with the policies that are for it alone (SRV-1)."""

    _inherit = 'customer.demand.type'

    def unlink(self):
        self.env['customer.sla.policy']._drop_of('demand_type_id', self)
        return super().unlink()
