from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty


class CustomerReview(models.Model):
    """The meeting of a review in people's calendars (STR-5)."""

    _inherit = 'customer.review'

    event_start = fields.Datetime(related='event_id.start', string="In the Calendar", compute_sudo=True)
    event_differs = fields.Boolean(
        compute='_compute_event_differs', help="Time or people changed after the invitations were sent.")

    @api.depends('event_id.start', 'event_id.stop', 'event_id.partner_ids', 'meeting_at', 'meeting_hours', 'attendee_ids',
                 'user_id')
    def _compute_event_differs(self):
        for review in self:
            event = review.sudo().event_id  # of whoever invited
            review.event_differs = bool(event) and (
                not event.active or event.start != review.meeting_at or event.stop != review._meeting_end()
                or event.partner_ids != review._meeting_people())

    def _meeting_end(self):
        """Return when the meeting is over."""
        self.ensure_one()
        return self.meeting_at and self.meeting_at + timedelta(minutes=round(self.meeting_hours * 60))

    def _meeting_people(self):
        """Return who is invited: the people of the review and whoever leads it."""
        self.ensure_one()
        return (self.attendee_ids + self.user_id).sudo().partner_id  # colleagues, whose addresses are no secret

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_schedule(self):
        """Put the meeting into the calendars of its people, or move it there; Odoo sends the invitations."""
        self._lock_state('draft')
        for review in self:
            if not review.meeting_at:
                raise UserError(self.env._("Please say when the meeting takes place."))
            if not review._meeting_people():
                raise UserError(self.env._("Please say who takes part in the meeting."))
            values = review._event_values()
            # whether there is one is for everybody to know; it is changed as the user, by the calendar's own rules
            known = review.sudo().event_id
            event = known.with_env(self.env)
            if known.active:
                event.write(values)
            else:
                event = self.env['calendar.event'].create({
                    **values, 'user_id': self.env.uid, 'res_id': review.id,
                    'res_model_id': self.env['ir.model']._get_id('customer.review')})
                review.sudo().event_id = event  # people don't write the link
        self._close_preparation()
        return True

    def _event_values(self):
        """Return the values of the calendar event for the meeting."""
        self.ensure_one()
        return {
            'name': self.name, 'start': self.meeting_at, 'stop': self._meeting_end(), 'allday': False,
            'duration': self.meeting_hours,  # or Odoo keeps the old one when an event with an activity moves
            'description': self._event_description(), 'partner_ids': [Command.set(self._meeting_people().ids)],
        }

    def _event_description(self):
        """Return the agenda, with a link to the review."""
        self.ensure_one()
        link = Markup('<p><a href="%s/odoo/customer-reviews/%s">%s</a></p>') % (
            self.get_base_url(), self.id, self.env._("Findings, minutes and decisions"))
        return link if is_html_empty(self.agenda) else self.agenda + link

    def _close_preparation(self):
        """Whoever invited has prepared the meeting: the task of the addon is done."""
        self._tasks().unlink()

    def action_open_event(self):
        """Open the meeting in the calendar."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'calendar.event', 'res_id': self.event_id.id, 'view_mode': 'form',
        }
