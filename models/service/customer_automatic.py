from odoo import api, models
from odoo.fields import Domain


class CustomerAutomatic(models.AbstractModel):
    _inherit = 'customer.automatic'

    @api.model
    def _due_domain(self):
        """Let nothing leave by itself while a complaint is open (CAD-10): it waits, and leaves afterwards."""
        return super()._due_domain() & Domain('partner_id.customer_has_complaint', '=', False)
