import logging
from datetime import datetime, timedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain

from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Follow-ups whose customers are looked at together.
BATCH = 500

#: From so many moments on the sender is woken less often.
MANY_MOMENTS = 60


class CustomerAutomatic(models.AbstractModel):
    """Sends the emails of automatic touchpoints on their day (CAD-1).

    One email per follow-up and transaction: it is put into Odoo's mail queue and its follow-up is closed together, or
    neither happens. What can't be sent is left to the responsible person, with the reason on the follow-up.
    """

    _name = 'customer.automatic'
    _description = "Automatic Touches"

    @api.model
    @in_company_zone
    def _cron_send(self):
        """Send what is due where it is office time now, and give back what the mail server refused."""
        progress = self.env['ir.cron']._commit_progress
        self.env['ir.cron']._customer_keep_night()  # every hour: the clocks may have been changed
        with self.env['customer.run']._measure('send') as run:
            run['failed'] = self._give_back_refused()
            for followup in self._sendable():
                run['done' if self._send_safely(followup) else 'failed'] += 1
                if not progress(1):
                    break
            run['note'] = self.env._(
                "emails sent: %(sent)s, left to people: %(failed)s", sent=run['done'], failed=run['failed'])

    @api.model
    def _sendable(self):
        """Yield the follow-ups whose email may leave now, each locked; who waits for the morning holds up nobody."""
        due = self.env['customer.followup'].search(self._due_domain(), order='date_planned, id').ids
        for start in range(0, len(due), BATCH):
            followups = self.env['customer.followup'].browse(due[start:start + BATCH])
            is_open = self._open_days(followups)
            for followup in followups:
                # one at a time: the commit after each lets the prefetched rest go stale
                followup = followup.with_prefetch()
                if self._is_office_time(followup, is_open) and followup.try_lock_for_update():
                    yield followup

    @api.model
    def _due_domain(self):
        """Return the domain of the follow-ups that are to be sent."""
        return Domain([
            ('state', '=', 'planned'), ('step_id.automatic', '=', True), ('send_error', '=', False),
            # it may be due only where the customer is
            ('date_planned', '<=', self.env['customer.clock']._last_day()),
        ]) & (Domain('planned_at', '=', False) | Domain('planned_at', '<=', fields.Datetime.now()))

    @api.model
    def _wake_at(self, moments):
        """Have the sender look at the moments for which something is planned, within a minute; of many, within five.

        :param moments: datetimes to come
        """
        step = 300 if len(moments) > MANY_MOMENTS else 60
        late = {moment + timedelta(seconds=-(moment - datetime.min).total_seconds() % step) for moment in moments}
        cron = self.env.ref('customer_success.ir_cron_send').sudo()  # whoever plans need not see scheduled actions
        known = set(self.env['ir.cron.trigger'].sudo().search([  # as above
            ('cron_id', '=', cron.id), ('call_at', 'in', list(late))]).mapped('call_at'))
        if late - known:
            cron._trigger(at=sorted(late - known))

    @api.model
    def _open_days(self, followups):
        """Return a function that tells whether the email of a follow-up may leave on a day; asked once for all that are
        looked at in a run, because other wings know more of the customers' days.

        :return: function of a follow-up and a day
        """
        return lambda followup, day: day.weekday() < 5

    @api.model
    def _is_office_time(self, followup, is_open):
        """Return whether the day has come and is one to write on, between the office hours of the settings, where the
        customer is.

        :param is_open: see :meth:`_open_days`
        """
        setting = self.env['res.config.settings']._customer_success
        now = followup.partner_id._customer_now()
        in_hours = setting('send_from_hour') <= now.hour < setting('send_to_hour')
        return in_hours and followup.date_planned <= now.date() and is_open(followup, now.date())

    @api.model
    def _send_safely(self, followup):
        """Send, or leave to people what can't even be written: a broken template must not hold up the others."""
        def leave(error):
            _logger.info("Follow-up %s could not be sent", followup.id, exc_info=True)
            self._leave_to_people(followup, str(error))
            return False

        return self.env['customer.routine']._attempt(lambda: self._send(followup), leave)

    @api.model
    def _send(self, followup):
        """Put the email of a follow-up into the queue and close the follow-up.

        :return: whether it could be sent
        """
        partner, template = followup.partner_id, followup.step_id.mail_template_id
        chosen = followup.contact_id or partner.customer_last_followup_id.contact_id
        person = partner._customer_recipients('email', chosen)[:1]
        if not person:
            self._leave_to_people(followup, partner._customer_nobody('email', chosen))
            return False
        mail = self.env['mail.mail'].browse(template.with_context(lang=person.lang).send_mail(partner.id, email_values={
            'email_to': False, 'email_cc': False, 'recipient_ids': [Command.set(person.ids)]}))
        # the next one is counted from the day on which it leaves for there
        record = partner.with_context(tz=partner._customer_zone())._log_contact(
            # nobody said how the customer was
            channel=followup.channel_id, contact_at=fields.Datetime.now(), followup=followup, contact=person, outcome=False,
            feedback=self.env._("Sent by itself: %(subject)s", subject=mail.subject or template.name))
        record.mail_id = mail
        return True

    @api.model
    def _leave_to_people(self, followup, reason):
        """Let the responsible person do an automatic touch by hand."""
        followup.write({'send_error': reason, 'reminded': False})

    @api.model
    def _give_back_refused(self):
        """Emails that the mail server refused were no contacts: their touch is due again, for a person.

        :return: how many
        """
        refused = self.env['customer.followup'].search([('state', '=', 'done'), ('mail_id.state', '=', 'exception')])
        for followup in refused:
            reason = followup.mail_id.failure_reason or self.env._("The mail server refused it.")
            followup.write({'qualifies': False, 'outcome': 'no_answer', 'send_error': reason, 'mail_id': False})
            self.env['customer.planner']._plan(followup.partner_id.ids)
            again = self.env['customer.followup'].search([
                ('partner_id', '=', followup.partner_id.id), ('step_id', '=', followup.step_id.id),
                ('state', '=', 'planned')])
            self._leave_to_people(again, reason)
        return len(refused)
