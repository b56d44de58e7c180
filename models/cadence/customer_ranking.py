from odoo import api, models
from odoo.tools import SQL

from .sale_order import EVENTS


class CustomerRanking(models.AbstractModel):
    _inherit = 'customer.ranking'

    @api.model
    def _refresh_all(self):
        result = super()._refresh_all()
        self.env['customer.planner']._request_missing()
        self.env['customer.lead.planner']._request_missing()
        return result

    @api.model
    def _figures_changed(self):
        result = super()._figures_changed()
        if self.env.context.get('customer_plan_later'):
            return result
        # an order matters to the plan only where a touchpoint waits for orders
        watched = self.env['customer.cadence.event']._awaited().events & set(EVENTS)
        # and a segment only where a cadence is meant for it
        segments = self.env['customer.cadence']._watched_segments()
        self.env['customer.plan.request']._request_changed(SQL(
            """SELECT id FROM customer_rank
                WHERE tier_changed OR order_changed AND %(orders)s
                   OR segment_changed AND (old_segment_id = ANY(%(segments)s) OR new_segment_id = ANY(%(segments)s))""",
            orders=bool(watched), segments=segments))
        return result
