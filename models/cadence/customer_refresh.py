from odoo import api, models
from odoo.tools import SQL

from .customer_plan_request import AT_ONCE


class CustomerRefresh(models.AbstractModel):
    _inherit = 'customer.refresh'

    @api.model
    def _refresh_all(self):
        result = super()._refresh_all()
        self.env['customer.planner']._request_missing()
        return result

    @api.model
    def _figures_changed(self):
        result = super()._figures_changed()
        # an order matters to the plan only where a touchpoint waits for orders
        watched = self.env['customer.cadence.step'].sudo().search_count([('event', '=', 'order')], limit=1)
        changed = SQL("SELECT id FROM customer_rank WHERE tier_changed OR order_changed AND %s", bool(watched))
        rows = self.env.execute_query(SQL("%s LIMIT %s", changed, AT_ONCE + 1))
        if len(rows) <= AT_ONCE:
            self.env['customer.plan.request']._request([partner_id for partner_id, in rows])
        else:
            self.env['customer.plan.request']._request_query(changed)
        return result
