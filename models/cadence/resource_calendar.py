from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ...engine import workdays
from ...engine.clock import ONE_MINUTE, Hours, Schedule


class ResourceCalendar(models.Model):
    _name = 'resource.calendar'
    _inherit = ['resource.calendar', 'customer.cached']

    def write(self, vals):
        result = super().write(vals)
        if {'schedule_type', 'flexible_hours', 'two_weeks_calendar', 'tz'} & vals.keys():
            self._replan_customers()
        return result

    def _is_customer_flexible(self):
        """Return whether this schedule says how much is worked, but not when."""
        self.ensure_one()
        return self.flexible_hours or not any(
            line._is_work_period() for line in self.attendance_ids)

    def _customer_weekdays(self):
        """Return the weekdays on which somebody works by this schedule; Monday to Friday where it does not say.

        :rtype: set[int]
        """
        if not self or self._is_customer_flexible():
            return {0, 1, 2, 3, 4}
        return {int(line.dayofweek) for line in self.attendance_ids if line._is_work_period()}

    def _replan_customers(self):
        """Other working hours: have the customers planned anew whose responsible person works by these calendars."""
        # whoever keeps the calendars has perhaps no right on customers
        resources = self.env['resource.resource'].sudo().search([
            ('calendar_id', 'in', self.ids), ('user_id', '!=', False)])
        # as above
        companies = self.env['res.company'].sudo().search([('resource_calendar_id', 'in', self.ids)])
        resources.user_id._replan_customers()
        companies._replan_customers()

    @api.model
    def _customer_is_working(self, calendar_id, company_id):
        """Return a function that tells whether a day is a working day of the calendar, public holidays taken out.

        :param int calendar_id: id of a resource.calendar; 0: Monday to Friday
        :param int company_id: whose public holidays count
        """
        def is_working(day):
            free = self._customer_free_days(calendar_id, company_id, day.year, day.month)
            return workdays.weekday_only(day) if free is None else day not in free

        return is_working

    @api.model
    @ormcache('calendar_id', 'company_id', 'year', 'month')
    def _customer_free_days(self, calendar_id, company_id, year, month):
        """Return the days of a month on which nobody works by a calendar; None where there is no such calendar."""
        calendar = self.sudo().browse(calendar_id).exists()  # of any responsible person
        if not calendar:
            return None
        company = self.env['res.company'].sudo().browse(company_id)  # as above
        free_days = calendar._flexible_free_days if calendar._is_customer_flexible() else calendar._fixed_free_days
        # of the days at both ends only a part is looked at
        start, end = date(year, month, 1) - timedelta(days=2), date(year, month, 1) + timedelta(days=33)
        return frozenset(
            day for day, is_free in free_days(company, start, end).items() if is_free and (day.year, day.month) == (year, month))

    def _fixed_free_days(self, company, start, end):
        """Return by day whether nobody works by a schedule with hours, public holidays taken out.

        :rtype: dict[date, bool]
        """
        unusual = self._get_unusual_days(
            fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(end), company)
        return {fields.Date.to_date(text): is_free for text, is_free in unusual.items()}

    def _flexible_free_days(self, company, start, end):
        """Return by day whether it is free for whoever works by a schedule without hours.

        Odoo takes every day of such a schedule as worked. A customer is not called on Sunday for that: the weekdays are
        those of the company's own schedule, Monday to Friday where that says nothing either, and a public holiday is one
        that holds at noon.

        :rtype: dict[date, bool]
        """
        week, zone = company.resource_calendar_id._customer_weekdays(), pytz.timezone(self.tz)
        leaves = self._leave_intervals_batch(
            pytz.utc.localize(fields.Datetime.to_datetime(start)), pytz.utc.localize(fields.Datetime.to_datetime(end)),
            domain=[('time_type', '=', 'leave'), ('company_id', 'in', (company.id, False))])[False]
        spans = [(leave_start, leave_end) for leave_start, leave_end, __ in leaves]
        free = {}
        for offset in range((end - start).days + 1):
            day = start + timedelta(days=offset)
            noon = zone.localize(datetime.combine(day, time(12)))
            free[day] = day.weekday() not in week or any(begins <= noon <= stops for begins, stops in spans)
        return free

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
