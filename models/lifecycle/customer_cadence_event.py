from odoo import api, models
from odoo.tools import SQL

from ..cadence.customer_cadence_event import Event


class CustomerCadenceEvent(models.AbstractModel):
    _inherit = 'customer.cadence.event'

    @api.model
    def _events(self):
        return super()._events() | {
            'onboarding': Event(self._onboarding_sql, 'id'), 'stage': Event(self._stage_sql, 'stage_id')}

    @api.model
    def _stage_sql(self, partner_ids):
        """Return SQL with the stages that customers are in, and since when: a stage that was left has not been entered."""
        return SQL(
            """SELECT p.id AS partner_id, p.customer_stage_id AS of_id, p.customer_stage_since AS day, NULL::timestamp AS moment
                 FROM res_partner p
                WHERE p.customer_stage_id IS NOT NULL AND p.customer_stage_since IS NOT NULL AND p.id = ANY(%s)""", partner_ids)

    @api.model
    def _onboarding_sql(self, partner_ids):
        """Return SQL with the onboardings of customers, for each touchpoint of an item that is not done otherwise."""
        return SQL(
            """SELECT o.partner_id, t.step_id AS of_id, o.date_start AS day, o.started_at AS moment
                 FROM customer_onboarding o
                 JOIN customer_onboarding_item i ON i.onboarding_id = o.id AND (i.done_at IS NULL OR i.followup_id IS NOT NULL)
                 JOIN customer_onboarding_plan_item t ON t.id = i.plan_item_id AND t.step_id IS NOT NULL
                WHERE o.state IN ('running', 'done') AND o.partner_id = ANY(%s)""", partner_ids)
