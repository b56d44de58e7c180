from odoo import models


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _replan_customers(self):
        """Other working hours: have the customers planned anew whose responsible person works by these calendars."""
        # whoever keeps the calendars has perhaps no right on customers
        resources = self.env['resource.resource'].sudo().search([
            ('calendar_id', 'in', self.ids), ('user_id', '!=', False)])
        # as above
        companies = self.env['res.company'].sudo().search([('resource_calendar_id', 'in', self.ids)])
        resources.user_id._replan_customers()
        companies._replan_customers()
