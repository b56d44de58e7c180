from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..profile.res_partner import GROUP_USER


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    care_event_id = fields.Many2one(
        comodel_name='customer.care.event', readonly=True, copy=False, index='btree_not_null',
        ondelete='set null')

    customer_advice_html = fields.Html(
        string="Good to Know", compute='_compute_customer_advice_html', groups=GROUP_USER,
        sanitize=False)  # made by the server

    @api.depends('partner_ids', 'start', 'start_date', 'allday', 'location', 'videocall_location', 'privacy')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_customer_advice_html(self):
        service = self.env['customer.advice']
        most = self.env['res.config.settings']._customer_success('meeting_customers')  # more are an event
        for event in self:
            advices = []
            for customer in event._customers_met()[:most]:
                day = event._day_at(customer)
                if not day or day < customer._customer_now().date():
                    continue
                advice = customer._customer_advice(day, event._customer_channel(), planned=bool(event._origin))
                advices.append((customer, service._alert(advice), service._card(customer, advice)))
            advices = [row for row in advices if row[1] or row[2]]
            event.customer_advice_html = advices and service._render('culture_customers', advices=advices) or Markup()

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

    def _day_at(self, customer):
        """Return the day on which the meeting begins where the customer is."""
        if self.allday:
            return self.start_date or self.start and self.start.date()
        return self.start and customer._customer_now(self.start).date()
