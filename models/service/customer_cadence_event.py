from odoo import api, models
from odoo.tools import SQL

from ..cadence.customer_cadence_event import Event


class CustomerCadenceEvent(models.AbstractModel):
    _inherit = 'customer.cadence.event'

    @api.model
    def _events(self):
        return super()._events() | {'case_solved': Event(self._case_solved_sql)}

    @api.model
    def _case_solved_sql(self, partner_ids):
        """Return SQL with the cases of customers that are solved; one that is reopened is not."""
        clock = self.env['customer.clock']
        return SQL(
            """SELECT c.partner_id, c.id AS of_id, %s AS day, c.solved_at AS moment
                 FROM customer_case c
                WHERE c.state IN ('solved', 'closed') AND c.solved_at IS NOT NULL AND c.partner_id = ANY(%s)""",
            clock._day_sql(SQL("c.solved_at"), clock._user_zone_sql(SQL("c.user_id"), SQL("c.company_id"))), partner_ids)
