from odoo import api, models
from odoo.tools import SQL

from ..cadence.customer_cadence_event import Event


class CustomerCadenceEvent(models.AbstractModel):
    _inherit = 'customer.cadence.event'

    @api.model
    def _events(self):
        return super()._events() | {'contact_left': Event(self._contact_left_sql)}

    @api.model
    def _contact_left_sql(self, partner_ids):
        """Return SQL with the contact persons who left customers: archived, or with another company by now."""
        return SQL(
            """SELECT person.customer_left_id AS partner_id, person.id AS of_id, person.customer_left_on AS day,
                      NULL::timestamp AS moment
                 FROM res_partner person WHERE person.customer_left_id = ANY(%s)""", partner_ids)
