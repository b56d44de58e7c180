from datetime import datetime

from odoo import api, models
from odoo.fields import Domain

from ...engine.clock import ONE_MINUTE, Hours, Schedule


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _replan_customers(self):
        """Other working hours: the open clocks of cases that run by them are planned anew."""
        result = super()._replan_customers()
        self.env['customer.case.clock'].sudo()._replan_open(since=datetime.min)  # cases of everybody
        return result

    def _customer_schedule(self, company, since):
        """Return these working hours for the engine. An empty calendar is one by which nobody works.

        :param company: res.company whose public holidays count
        :param datetime since: holidays that were over before are left out
        :rtype: Schedule
        """
        calendar = self.sudo()  # of any responsible person
        if not calendar:
            return Schedule('UTC', ())
        hours = tuple(
            Hours(int(line.dayofweek), round(line.hour_from * 60), min(round(line.hour_to * 60), 1440),
                  int(line.week_type) if calendar.two_weeks_calendar and line.week_type else None)
            for line in calendar.attendance_ids if line._is_work_period() and line.hour_to > line.hour_from)
        if calendar.flexible_hours:
            hours = ()  # it says how much is worked, but not when
        leaves = self.env['resource.calendar.leaves'].sudo().search(  # as above
            Domain('resource_id', '=', False) & Domain('time_type', '=', 'leave') & Domain('date_to', '>', since)
            & Domain('calendar_id', 'in', [calendar.id, False])
            # a leave of nobody's calendar is one of its company alone
            & Domain('company_id', 'in', [company.id, False]), order='date_from, id')
        return Schedule(calendar.tz, hours, tuple((leave.date_from, self._whole_minute(leave.date_to)) for leave in leaves))

    @api.model
    def _whole_minute(self, moment):
        """Return when a minute that has begun is over: a holiday until 23:59:59 lasts until midnight."""
        begun = moment.replace(second=0, microsecond=0)
        return begun if begun == moment else begun + ONE_MINUTE


class ResourceCalendarLeaves(models.Model):
    _inherit = 'resource.calendar.leaves'

    @api.model
    def _replan_between(self, spans):
        """A public holiday that comes, moves or goes: the open clocks of cases are planned anew."""
        result = super()._replan_between(spans)
        if spans:
            # cases of everybody; what is due before is not touched
            self.env['customer.case.clock'].sudo()._replan_open(since=min(start for start, __ in spans))
        return result
