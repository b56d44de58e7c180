from odoo import models


class CalendarAttendee(models.Model):
    _inherit = 'calendar.attendee'

    def unlink(self):
        """Whoever is taken off the meeting has no invitation to the care event any more."""
        guests = self.env['customer.care.guest']._of_attendees(self)
        result = super().unlink()
        guests._lose_invitation()
        return result

    def _compute_mail_tz(self):
        result = super()._compute_mail_tz()
        clock = self.env['customer.clock']
        for attendee in self.filtered('event_id.care_event_id'):
            if attendee.mail_tz and attendee.partner_id.user_ids:
                continue  # a colleague, whose preference it is
            # of whom nobody knows where they are, they read the time of the place
            attendee.mail_tz = clock._place_zone(attendee.partner_id) \
                or attendee.event_id.sudo().care_event_id.date_tz  # a guest sees nothing else of it
        return result

    def _say_when(self):
        """Return from when until when the meeting takes place, as the clocks of the attendee say it, for emails."""
        self.ensure_one()
        zone = self.mail_tz or self.env['customer.clock']._zone(self.partner_id)
        return self.env['customer.care.event']._say_when(self.event_id.start, self.event_id.stop, zone)

    def _should_notify_attendee(self, notify_author=False):
        """Colleagues find a care event in their calendars: one per customer, which would be many emails."""
        notified = super()._should_notify_attendee(notify_author=notify_author)
        return notified and not (self.event_id.care_event_id and self.partner_id.user_ids.filtered(lambda u: not u.share))
