from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..platform.local_text import listed


class CalendarEvent(models.Model):
    """Meetings with customers and what is recorded of them."""

    _inherit = 'calendar.event'

    customer_record_state = fields.Selection(
        selection=[('none', "No customer"), ('open', "Not recorded"), ('recorded', "On record"), ('void', "Did not take place")],
        compute='_compute_customer_record_state', string="Record of the Contact",
        groups='customer_success.group_customer_success_user')

    @api.depends('partner_ids', 'stop', 'stop_date', 'allday', 'active', 'user_id')
    @api.depends_context('uid', 'tz')
    def _compute_customer_record_state(self):
        known = self.env['customer.meeting'].sudo().search([  # a colleague may have recorded it
            ('event_id', 'in', self._origin.ids)]).grouped('event_id')
        for event in self:
            customers = event._customers_met() if event._origin.active and event._customer_is_over() else ()
            rows = known.get(event._origin, self.env['customer.meeting'])
            closed = rows.filtered(lambda row: row.state != 'asked').partner_id
            if not customers:
                event.customer_record_state = 'none'
            elif any(customer not in closed for customer in customers):
                event.customer_record_state = 'open'
            else:
                event.customer_record_state = 'recorded' if 'recorded' in rows.mapped('state') else 'void'

    @api.ondelete(at_uninstall=False)
    def _unlink_with_tasks(self):
        self.env['customer.task']._forget_with(self)

    def _customers_met(self):
        """Return the managed customers whose people attend, as far as the user may see them: none for whoever sees of a
        private meeting only that somebody is busy."""
        if self._origin and self._origin._check_private_event_conditions():
            return self.env['res.partner']
        attendees = self.partner_ids._origin._filtered_access('read')
        return attendees.commercial_partner_id._filtered_access('read').filtered('customer_managed')

    def _customer_organiser(self):
        """Return who organised the meeting."""
        return self.sudo().user_id.sudo(False)  # whose meeting it is, is no secret

    def _customer_is_over(self):
        """Return whether the meeting has passed; one of a whole day when the day is over where its organiser is."""
        if self.allday:
            return bool(self.stop_date) and self.stop_date < self.env['customer.clock']._today(self._customer_organiser())
        return bool(self.stop) and self.stop <= fields.Datetime.now()

    def _customer_channel(self):
        """Return the channel that a meeting is: by video when it has a link and no place, else a visit."""
        if self.videocall_location and not self.location:
            return self.env['customer.channel']._for_screen('video', 'phone')
        return self.env['customer.channel']._for_screen('visit', 'meeting')

    def _customer_days(self):
        """Return the first and the last day of the meeting, where its organiser is."""
        if self.allday:
            return self.start_date, self.stop_date
        here = pytz.timezone(self.env['customer.clock']._zone(self._customer_organiser()))
        first, last = (pytz.utc.localize(moment).astimezone(here).date() for moment in (self.start, self.stop))
        return first, last

    def _customer_contact_at(self):
        """Return the moment that stands on the record of the meeting: its end; of one of a whole day the noon of its first
        day, where the user is."""
        if not self.allday:
            return self.stop
        here = pytz.timezone(self.env['customer.clock']._zone(self.env.user))
        return here.localize(datetime.combine(self.start_date, time(12))).astimezone(pytz.utc).replace(tzinfo=None)

    def _customer_person(self, customer):
        """Return who of a customer attends, a person before the company; who has declined comes last."""
        attendees = self.sudo().attendee_ids.filtered(  # who was invited is for the calendar to show
            lambda attendee: attendee.partner_id.commercial_partner_id == customer)
        order = {'accepted': 0, 'tentative': 1, 'needsAction': 2, 'declined': 3}
        ranked = attendees.sorted(lambda attendee: (
            attendee.partner_id == customer, order.get(attendee.state, 2), attendee.partner_id.id))
        return ranked.partner_id[:1].with_env(self.env)

    def _customer_meeting_values(self, customer):
        """Return the values of the row that keeps what became of this meeting with a customer."""
        return {
            'event_id': self.id, 'partner_id': customer.id, 'contact_id': self._customer_person(customer).id,
            'company_id': customer._planning_company().id, 'user_id': self._customer_organiser().id,
            'day': self._customer_days()[0], 'ended_at': self.stop,
        }

    def _customer_log(self, customer):
        """Return the dialog that logs the contact with a customer, filled in from this meeting."""
        person = self._customer_person(customer)
        action = customer._action_log(contact=person)
        if action['res_model'] != 'customer.followup.log':
            return action
        action['context'] |= {
            'default_meeting_id': self.id, 'default_channel_id': self._customer_channel().id,
            'default_contact_at': fields.Datetime.to_string(self._customer_contact_at()), 'default_contact_id': person.id,
            'default_feedback': self._customer_subject(customer),
        }
        return action

    def _customer_subject(self, customer):
        """Return what is known of the talk before anybody has told of it: its subject and who else was there. Of a private
        meeting nothing: colleagues will read the record."""
        if self.effective_privacy == 'private':
            return False
        others = self.sudo().attendee_ids.filtered(  # as above
            lambda attendee: attendee.partner_id.commercial_partner_id == customer and attendee.state != 'declined'
        ).partner_id - self._customer_person(customer) - customer
        if others:
            return self.env._("%(subject)s (also there: %(people)s):", subject=self.name, people=listed(
                self.env, others.mapped('name')))
        return self.env._("%(subject)s:", subject=self.name)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_customer_log(self):
        """Open the dialog that logs the contact: with the first of the customers of whom this is not recorded yet."""
        self._customer_one()
        self.check_access('read')
        customers = self._customers_met()
        if not customers:
            raise UserError(self.env._("Nobody of a customer that you may see takes part in this meeting."))
        if not self._customer_is_over():
            raise UserError(self.env._("This meeting is not over yet. Log the contact when it has taken place."))
        closed = self.env['customer.meeting'].sudo().search([  # a colleague may have recorded it
            ('event_id', '=', self.id), ('state', '!=', 'asked')]).partner_id
        return self._customer_log(next((customer for customer in customers if customer not in closed), customers[0]))

    def action_customer_void(self):
        """Say that this meeting did not take place with the customers of whom it is not recorded."""
        self._customer_one()
        self.check_access('read')
        customers = self._customers_met()
        if not customers:
            raise UserError(self.env._("Nobody of a customer that you may see takes part in this meeting."))
        customers._check_may_log()
        rows = self.env['customer.meeting'].sudo()  # a colleague may have recorded it
        known = rows.search([('event_id', '=', self.id)])
        known |= rows.create([self._customer_meeting_values(customer) for customer in customers - known.partner_id])
        asked = known.filtered(lambda row: row.partner_id in customers and row.state == 'asked')
        asked.sudo(False)._void()  # back to the user's rights
        return True
