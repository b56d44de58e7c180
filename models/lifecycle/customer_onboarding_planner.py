from odoo import api, models
from odoo.tools import SQL

from ..cadence.customer_cadence_event import Event


class CustomerPlanner(models.AbstractModel):
    """Who is being onboarded follows the cadence of the plan beside its own (LIF-1)."""

    _inherit = 'customer.planner'

    @api.model
    def _beside(self, partner_ids=None):
        parts = super()._beside(partner_ids)
        if not self.env['customer.onboarding.plan']._has_any():
            return parts
        only = SQL("AND o.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return [*parts, SQL(
            """SELECT o.partner_id, p.cadence_id, o.date_start AS since
                 FROM customer_onboarding o JOIN customer_onboarding_plan p ON p.id = o.plan_id
                WHERE o.state = 'running' AND p.cadence_id IS NOT NULL %s""", only)]


class CustomerCadenceEvent(models.AbstractModel):
    _inherit = 'customer.cadence.event'

    @api.model
    def _events(self):
        return super()._events() | {'onboarding': Event(self._onboarding_sql, 'id')}

    @api.model
    def _onboarding_sql(self, partner_ids):
        """Return SQL with the onboardings of customers, for each touchpoint of an item that is not done otherwise."""
        return SQL(
            """SELECT o.partner_id, t.step_id AS of_id, o.date_start AS day, o.started_at AS moment
                 FROM customer_onboarding o
                 JOIN customer_onboarding_item i ON i.onboarding_id = o.id AND (i.done_at IS NULL OR i.followup_id IS NOT NULL)
                 JOIN customer_onboarding_plan_item t ON t.id = i.plan_item_id AND t.step_id IS NOT NULL
                WHERE o.state IN ('running', 'done') AND o.partner_id = ANY(%s)""", partner_ids)
