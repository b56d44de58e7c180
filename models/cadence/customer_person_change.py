from odoo import api, models
from odoo.tools import SQL


class CustomerPersonChange(models.Model):
    """Who leaves brings us into touch with the others: touchpoints wait for it (CAD-1, PRO-3)."""

    _inherit = 'customer.person.change'

    @api.model
    def _counted_on(self, partner_ids, today):
        """Count whoever leaves while we get in touch anew because of somebody else for the same day: one follow-up is enough."""
        counted = super()._counted_on(partner_ids, today)
        self.env['customer.followup'].flush_model(['partner_id', 'state', 'event_date', 'step_id'])
        return counted | dict(self.env.execute_query(SQL(
            """SELECT f.partner_id, max(f.event_date)
                 FROM customer_followup f JOIN customer_cadence_step s ON s.id = f.step_id AND s.event = 'contact_left'
                WHERE f.partner_id = ANY(%s) AND f.state = 'planned' AND f.event_date <= %s
             GROUP BY f.partner_id""", list(partner_ids), today)))

    def _note_changed(self):
        result = super()._note_changed()
        self.env['customer.cadence.event']._happened(('contact_left',), self.partner_id.ids)
        return result
