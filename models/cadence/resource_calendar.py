from odoo import models


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

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
