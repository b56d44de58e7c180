from odoo import api, models
from odoo.fields import Domain


class CustomerAutomatic(models.AbstractModel):
    _inherit = 'customer.automatic'

    @api.model
    def _waits(self):
        """Nothing leaves by itself while a complaint is open (CAD-10): it waits, and leaves afterwards."""
        return {'complaint': (self.env._("a complaint is open"), Domain('partner_id.customer_has_complaint', '=', True)),
                **super()._waits()}
