from datetime import timedelta

from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = 'resource.calendar.leaves'

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._replan_customers()
        return leaves

    def write(self, vals):
        if {'date_from', 'date_to', 'resource_id', 'calendar_id'} & vals.keys():
            self._replan_customers()
        result = super().write(vals)
        self._replan_customers()
        return result

    def unlink(self):
        spans = [(leave.date_from, leave.date_to) for leave in self if not leave.resource_id]
        result = super().unlink()
        self._replan_between(spans)
        return result

    def _replan_customers(self):
        """A public holiday that comes or goes moves what is planned around it."""
        self._replan_between([(leave.date_from, leave.date_to) for leave in self if not leave.resource_id])

    @api.model
    def _replan_between(self, spans):
        margin = timedelta(days=7)
        if spans:
            self.env.registry.clear_cache()  # which days are free, see resource.calendar
        for start, end in spans:
            self.env['customer.plan.request']._request_of([
                ('step_id', '!=', False),
                '|',
                '&', ('date_planned', '>=', (start - margin).date()), ('date_planned', '<=', (end + margin).date()),
                '&', ('date_raw', '>=', (start - margin).date()), ('date_raw', '<=', (end + margin).date()),
            ])
