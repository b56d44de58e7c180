from odoo import api, models
from odoo.tools import SQL

from ..cadence.customer_cadence_event import Event


class CustomerCadenceEvent(models.AbstractModel):
    _inherit = 'customer.cadence.event'

    @api.model
    def _events(self):
        return super()._events() | {'review': Event(self._review_sql)}

    @api.model
    def _review_sql(self, partner_ids):
        """Return SQL with the reviews that were held and in which something was found or decided about customers."""
        return SQL(
            """SELECT about.partner_id, r.id AS of_id, r.done_on AS day, NULL::timestamp AS moment
                 FROM customer_review r
                 JOIN (SELECT review_id, partner_id FROM customer_review_line WHERE partner_id = ANY(%(ids)s)
                        UNION
                       SELECT review_id, partner_id FROM customer_review_decision WHERE partner_id = ANY(%(ids)s)
                      ) AS about ON about.review_id = r.id
                WHERE r.state = 'done'""", ids=partner_ids)
