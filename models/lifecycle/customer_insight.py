from odoo import models
from odoo.fields import Domain


class CustomerInsight(models.Model):
    """What was noted of who is being onboarded counts at once (LIF-2)."""

    _inherit = 'customer.insight'

    def _note_noted(self):
        result = super()._note_noted()
        running = self.env['customer.onboarding'].sudo().search(  # people don't write what is done
            Domain('partner_id', 'in', self.partner_id.ids) & Domain('state', '=', 'running'))
        if running:
            running._check_items()
        return result
