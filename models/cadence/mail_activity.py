from datetime import timedelta

from odoo import api, fields, models

#: What is recorded twice on the same channel within so many minutes by the same person is the same contact: three
#: activities ticked off together are one call.
SAME_MOMENT = timedelta(minutes=5)

#: Records on which an activity can be a contact with a customer.
MODELS = ('res.partner', 'crm.lead', 'sale.order')


class MailActivity(models.Model):
    """Activities that stand for a contact (CAD-4, CAD-9).

    Whoever marks one as done says that it was done: it counts. Whether somebody was *reached* can be said with a button
    beside it; where nobody was asked (a list, another program), the words that were written tell. An attempt in which
    nobody was reached is kept as one, and counts for nothing. Of what was not said, the outcome stays empty, so that it
    says nothing about the customer either.
    """

    _inherit = 'mail.activity'

    customer_counts = fields.Boolean(
        compute='_compute_customer_counts', help="Done, it is logged as a contact with the customer.")

    @api.depends('activity_type_id', 'res_model')
    def _compute_customer_counts(self):
        reminder = self._customer_reminder_type()
        record = self._customer_record_type()
        counted = self._customer_channels().activity_type_ids if self else self.env['mail.activity.type']
        for activity in self:
            activity.customer_counts = (
                activity.res_model in MODELS and activity.activity_type_id in counted
                or activity.res_model == 'customer.followup' and activity.activity_type_id == reminder
                or activity.res_model == 'customer.meeting' and activity.activity_type_id == record)

    def _to_store_defaults(self, target):
        return [*super()._to_store_defaults(target), 'customer_counts']

    def action_customer_not_reached(self, feedback=False, attachment_ids=None):
        """Mark these activities as done: it was tried, and nobody was reached."""
        return self.with_context(customer_reached=False).action_feedback(feedback=feedback, attachment_ids=attachment_ids)

    def _action_done(self, feedback=False, attachment_ids=None):
        # read before: a done activity may lose its record
        reminded, contacts, meetings = self._customer_followups(), self._customer_contacts(), self._customer_meetings()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if reminded or contacts or meetings:
            nobody = not self.env.context.get('customer_reached', True)
            outcome = 'no_answer' if nobody or self.env['customer.channel']._says_nobody_reached(feedback) else False
            self._log_reminded(reminded, outcome, feedback or '')
            self._log_contacts(contacts, outcome, feedback or '')
            self._log_meetings(meetings, nobody, feedback or '')
        return result

    @api.model
    def _log_reminded(self, followups, outcome, feedback):
        """Log the contacts of follow-ups whose reminders were ticked off."""
        followups = followups.filtered(lambda followup: followup.state == 'planned')
        with followups._closed_together() as together:
            for followup in together:
                followup._log_contact(
                    channel=followup.channel_id, contact_at=fields.Datetime.now(), contact=followup.contact_id, outcome=outcome,
                    feedback=feedback)
        # these are still to be done, so they are told again; people don't write what the reminder keeps
        followups.filtered(lambda followup: followup.state == 'planned').sudo().reminded = False

    @api.model
    def _log_meetings(self, meetings, nobody, feedback):
        """Record the meetings of which somebody was asked, with what was written; those with nobody did not take place."""
        for meeting in meetings.filtered(lambda meeting: meeting.state == 'asked'):
            if nobody:
                meeting._void()
                continue
            event, customer = meeting.event_id, meeting.partner_id
            customer._log_contact(
                channel=event._customer_channel(), contact_at=event._customer_contact_at(), meeting=event, outcome=False,
                contact=meeting.contact_id if meeting.contact_id != customer else None, feedback=feedback)

    @api.model
    def _log_contacts(self, contacts, outcome, feedback):
        """Log the contacts that ticked activities stand for, those of one moment as one."""
        people = {}
        for channel, record in contacts:
            # a colleague's call counts as well, whoever looks after the customer or works on the lead
            subject = (record if record._name == 'crm.lead' else record.commercial_partner_id).sudo()
            people.setdefault((subject, channel), record)
        for (subject, channel), record in people.items():
            if known := self._customer_same_moment(subject, channel, outcome):
                if feedback and feedback not in (known.feedback or ''):
                    known.feedback = '\n'.join(filter(None, (known.feedback, feedback)))
                continue
            values = {'channel': channel, 'contact_at': fields.Datetime.now(), 'outcome': outcome, 'feedback': feedback}
            if subject._name == 'crm.lead':
                subject._customer_log_contact(**values)
            else:
                subject._log_contact(contact=record if record.parent_id else None, **values)

    @api.model
    def _customer_same_moment(self, subject, channel, outcome):
        """Return the record that the user made of this very contact already, or none.

        :param subject: the customer, or the lead
        """
        whose = 'lead_id' if subject._name == 'crm.lead' else 'partner_id'
        # the user may have made it on a customer of a colleague
        return self.env['customer.followup'].sudo().search([
            (whose, '=', subject.id), ('channel_id', '=', channel.id), ('state', '=', 'done'),
            ('qualifies', '=', not outcome), ('closed_by_id', '=', self.env.uid),
            ('closed_at', '>=', fields.Datetime.now() - SAME_MOMENT)], order='id desc', limit=1)

    @api.model
    def _customer_reminder_type(self):
        return self.env.ref('customer_success.mail_activity_type_followup', raise_if_not_found=False)

    @api.model
    def _customer_record_type(self):
        return self.env.ref('customer_success.mail_activity_type_record', raise_if_not_found=False)

    def _customer_meetings(self):
        """Return the meetings of which these activities ask for the record (CAD-6)."""
        record = self._customer_record_type()
        questions = self.filtered(
            lambda activity: activity.res_model == 'customer.meeting' and activity.activity_type_id == record)
        return self.env['customer.meeting'].browse(questions.mapped('res_id')).exists()

    def _customer_channels(self):
        """Return the channels for which activities of these kinds count."""
        # what counts is a rule for everybody, also for those who don't see customer care
        return self.env['customer.channel'].sudo().search([('activity_type_ids', 'in', self.activity_type_id.ids)])

    def _customer_followups(self):
        """Return the follow-ups whose reminder these are: whoever ticks a reminder off has made the contact (CAD-9)."""
        reminder = self._customer_reminder_type()
        reminders = self.filtered(
            lambda activity: activity.res_model == 'customer.followup' and activity.activity_type_id == reminder)
        return self.env['customer.followup'].browse(reminders.mapped('res_id')).exists()

    def _customer_contacts(self):
        """Return the contacts with managed customers that these activities stand for: channel and person; and those about leads
        with a needs grade: channel and lead (CAD-4).

        :rtype: list[tuple]
        """
        channels, contacts = self._customer_channels(), []
        for activity in self.filtered(lambda activity: activity.activity_type_id in channels.activity_type_ids):
            if activity.res_model not in MODELS:
                continue
            record = self.env[activity.res_model].browse(activity.res_id).exists()
            if activity.res_model == 'crm.lead' and record.sudo().customer_grade_id:  # of a colleague's lead
                channel = channels.filtered(lambda channel, done=activity: done.activity_type_id in channel.activity_type_ids)
                contacts.append((channel[:1], record))
                continue
            person = record if activity.res_model == 'res.partner' else record.partner_id
            if person.sudo().commercial_partner_id.customer_managed:  # as in the channels
                channel = channels.filtered(lambda channel, done=activity: done.activity_type_id in channel.activity_type_ids)
                contacts.append((channel[:1], person))
        return contacts
