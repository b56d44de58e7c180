from odoo import api, models


class CustomerCalendarKeeper(models.AbstractModel):
    _inherit = 'customer.calendar.keeper'

    @api.model
    def _replan_around(self, spans, countries=None, cultures=None):
        """A public holiday that comes, moves or goes: open clocks of cases that count it are planned anew."""
        result = super()._replan_around(spans, countries=countries, cultures=cultures)
        if spans and countries:
            self.env['customer.case.replanner'].sudo()._replan_around(  # cases of everybody
                countries, min(start for start, __ in spans))
        return result
