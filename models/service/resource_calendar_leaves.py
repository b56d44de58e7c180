from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = 'resource.calendar.leaves'

    @api.model
    def _replan_between(self, spans):
        """A public holiday that comes, moves or goes: the open clocks of cases are planned anew."""
        result = super()._replan_between(spans)
        if spans:
            # cases of everybody; what is due before is not touched
            self.env['customer.case.replanner'].sudo()._replan_open(since=min(start for start, __ in spans))
        return result
