from odoo import fields, models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    care_event_id = fields.Many2one(
        comodel_name='customer.care.event', readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')

    def write(self, vals):
        """The invitations of a care event move together, with the care event."""
        if {'start', 'stop', 'start_date', 'stop_date'} & vals.keys() and not self.env.su:
            if event := self.care_event_id[:1]:
                raise UserError(self.env._(
                    "This is an invitation to %(event)s. Move the care event: all its invitations move along, and the "
                    "guests are told.", event=event.display_name))
        return super().write(vals)

    def unlink(self):
        guests = self.env['customer.care.guest']._of_attendees(self.sudo().attendee_ids)  # guests of others too
        result = super().unlink()
        guests._lose_invitation()
        return result

    def _get_ics_file(self):
        """A cancellation must not bring the event back into the guests' calendars."""
        return {} if self.env.context.get('customer_care_cancelled') else super()._get_ics_file()
