from datetime import datetime

from odoo import models


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _replan_customers(self):
        """Other working hours: the open clocks of cases that run by them are planned anew."""
        result = super()._replan_customers()
        self.env['customer.case.replanner'].sudo()._replan_open(since=datetime.min)  # cases of everybody
        return result
