import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.delivery import is_permanent
from .customer_sender import BATCH

_logger = logging.getLogger(__name__)

#: Why an email failed that will fail again; what else Odoo says is read from the words of the server.
MAIL_FOR_GOOD = {'mail_email_invalid', 'mail_email_missing', 'mail_bl', 'mail_optout', 'mail_dup'}

#: The same of text messages; without credit or with a server that is down it may arrive later.
SMS_FOR_GOOD = {
    'sms_number_missing', 'sms_number_format', 'sms_country_not_supported', 'sms_blacklist', 'sms_duplicate', 'sms_optout',
    'sms_invalid_destination', 'sms_not_allowed', 'sms_rejected'}


class CustomerDelivery(models.AbstractModel):
    """What becomes of automatic touches in Odoo's queues and afterwards (CAD-10).

    What did not arrive was no contact: it is sent again by rule, and left to a person in the end. Everything is asked of the
    data, so it does not matter when the mail server says so: at once, or days afterwards. What must not leave any more is taken
    out of the queue.
    """

    _name = 'customer.delivery'
    _description = "Delivery of Automatic Touches"

    # ------------------------------------------------------------
    # WHAT DID NOT ARRIVE
    # ------------------------------------------------------------

    @api.model
    def _take_back_failed(self):
        """Take back what Odoo's queues say did not arrive, some hundred at a time; one of which that fails stays as it is, and
        holds up neither the others nor what is to be sent.

        :return: how many
        """
        def take_back(failed):
            self._take_back(failed)
            return len(failed)

        def set_aside(failure, error):
            _logger.info("The message of follow-up %s could not be taken back", failure[0].id, exc_info=error)
            return 0

        failed = self._failed_emails() + self._failed_sms()
        return sum(self.env['customer.routine']._by_halves(failed, take_back, set_aside))

    @api.model
    def _count_failed(self):
        """Return how many closed follow-ups have a message that did not arrive."""
        emails = self.env['customer.followup'].search_count(self._failed_domain())
        [[texts]] = self.env.execute_query(SQL("SELECT count(*) FROM (%s) AS failed", self._failed_sms_sql()))
        return emails + texts

    @api.model
    def _failed_domain(self):
        return Domain([('state', '=', 'done'), ('mail_id.state', '=', 'exception')])

    @api.model
    def _failed_sms_sql(self):
        """Return SQL with the closed follow-ups whose text message failed, the notification that says so, and whether nobody
        knows if it left."""
        self.env['mail.notification'].flush_model()
        self.env['sms.sms'].flush_model(['customer_delivery', 'mail_message_id'])
        self.env['customer.followup'].flush_model(['sent_message_id', 'state', 'qualifies', 'answered_at'])
        return SQL(
            """SELECT f.id, n.id AS notification_id,
                      EXISTS (SELECT 1 FROM sms_sms s WHERE s.mail_message_id = n.mail_message_id
                                                        AND s.customer_delivery = 'unknown') AS is_unknown
                 FROM mail_notification n
                 JOIN customer_followup f ON f.sent_message_id = n.mail_message_id
                WHERE n.notification_type = 'sms' AND n.notification_status IN ('exception', 'bounce')
                  AND f.state = 'done' AND f.qualifies AND f.answered_at IS NULL""")

    @api.model
    def _failed_emails(self):
        """Return the closed follow-ups whose email failed, with the reason, and whether it would fail again.

        :rtype: list[tuple]
        """
        followups = self.env['customer.followup'].search(self._failed_domain(), order='id', limit=BATCH)
        failed = []
        for followup in followups.try_lock_for_update():
            mail, says = followup.mail_id, followup.with_context(lang=followup.user_id.lang or self.env.lang)
            reason = mail.failure_reason or says.env._("The mail server refused it.")
            failed.append((followup, reason, (
                mail.customer_delivery == 'unknown' or mail.failure_type in MAIL_FOR_GOOD or is_permanent(reason))))
        return failed

    @api.model
    def _failed_sms(self):
        """Return the same of text messages."""
        rows = self.env.execute_query(SQL("%s ORDER BY f.id LIMIT %s", self._failed_sms_sql(), BATCH))
        free = set(self.env['customer.followup'].browse(row[0] for row in rows).try_lock_for_update().ids)
        failed = []
        for followup_id, notification_id, unknown in rows:
            if followup_id in free:
                followup = self.env['customer.followup'].browse(followup_id)
                notice = self.env['mail.notification'].browse(notification_id)
                says = followup.with_context(lang=followup.user_id.lang or self.env.lang)  # who looks after it reads it
                kinds = dict(notice._fields['failure_type']._description_selection(says.env))
                reason = notice.failure_reason or kinds.get(notice.failure_type) or says.env._("It could not be delivered.")
                failed.append((followup, reason, unknown or notice.failure_type in SMS_FOR_GOOD))
        return failed

    @api.model
    def _take_bounce(self, message, reason, for_good):
        """Take back what came back to us, however late, see ``mail.thread``. Other wings look for theirs.

        :param message: the mail.message that was sent
        :param str reason: what the mail server of the customer said
        :param bool for_good: whether it meant that for good
        """
        followup = self.env['customer.followup'].sudo().search(  # the gateway is nobody who works with the customer
            Domain('sent_message_id', '=', message.id) & Domain('state', '=', 'done'))
        if followup and followup.qualifies:
            self.sudo()._take_back([(followup, self._say_came_back(reason, followup.user_id), for_good)])  # as above

    @api.model
    def _say_came_back(self, reason, user):
        """Return what the mail server of the customer said, for whoever looks after that: the gateway has no language.

        :param user: res.users
        """
        return self.with_context(lang=user.lang or self.env.lang).env._("Came back: %(reason)s", reason=reason)

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    @api.model
    def _take_back(self, failures, problem='failed'):
        """Let messages that did not arrive be no contacts. Their touches are due again: by themselves after some days, as often
        as the settings say, else for a person.

        :param failures: follow-up, why its message did not arrive, and whether it would fail again
        :param str problem: see ``customer.followup.send_problem``; None: they never left, and are planned as if nobody had tried
        """
        failures = [(followup, " ".join(reason.split()), for_good, followup.send_tries + 1)
                    for followup, reason, for_good in failures]
        for followup, reason, *__ in failures:
            self._take_back_contact(followup, reason)
        followups = self.env['customer.followup'].union(*(failure[0] for failure in failures))
        self.env['customer.planner']._plan_safely(sorted(set(followups.partner_id.ids)))
        coming = self._coming(followups)
        for followup, reason, for_good, tries in failures if problem else ():
            self._follow_failure(coming[followup], reason, for_good, tries, problem)

    @api.model
    def _take_back_contact(self, followup, reason):
        """Let a follow-up be no contact any more; the one of an event, of which there is one, is open again."""
        values = {'qualifies': False, 'outcome': 'no_answer', 'send_error': reason[:500], 'mail_id': False}
        if followup.event_date:
            says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            followup.message_post(body=says.env._("Sent, and came back: %(reason)s", reason=reason))
            values.update(
                state='planned', outcome=False, contact_at=False, contact_day=False, closed_at=False, closed_by_id=False,
                send_error=False, sent_message_id=False)
        return followup.write(values)

    @api.model
    def _follow_failure(self, again, text, for_good, tries, problem):
        """Say what becomes of the touch that is due again.

        :param again: the open follow-up, if there is one
        :param str text: why the message did not arrive
        """
        setting = self.env['res.config.settings']._customer_success
        if for_good or tries > setting('send_retries'):
            self.env['customer.sender']._leave_to_people(again, problem, lambda own: text if tries == 1 else own.env._(
                "%(reason)s (sent in vain %(count)s times)", reason=text, count=tries))
        else:
            again.write({'retry_at': fields.Datetime.now() + timedelta(days=setting('send_retry_days'))})
        again.write({'send_tries': tries})

    @api.model
    def _coming(self, followups):
        """Return the open follow-up of the same customer and touchpoint as each of some, or none.

        :rtype: dict
        """
        nothing = followups.browse()
        steps = followups.filtered(lambda followup: not followup.event_date).step_id
        found = followups.search([
            ('partner_id', 'in', followups.partner_id.ids), ('step_id', 'in', steps.ids), ('state', '=', 'planned'),
            ('event_date', '=', False)])
        by_touch = {(followup.partner_id, followup.step_id): followup for followup in found}
        return {followup: followup.filtered(lambda one: one.state == 'planned') if followup.event_date
                else by_touch.get((followup.partner_id, followup.step_id), nothing) for followup in followups}

    # ------------------------------------------------------------
    # WHAT MUST NOT LEAVE ANY MORE
    # ------------------------------------------------------------

    @api.model
    def _cancel_unsent(self, steps):
        """Cancel the messages of touchpoints that are in the queue: what was closed with them is open again, for people or for
        the cadence that holds now.

        :param steps: customer.cadence.step that send nothing by themselves any more
        :return: how many
        """
        unsent = self._unsent(Domain('step_id', 'in', steps.ids))
        for followup in unsent:
            says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            self._stop_message(followup, says.env._("It was switched off before the message left."), 'stopped')
        return len(unsent)

    @api.model
    def _unsent(self, domain):
        """Return the closed follow-ups whose message has not left the queue yet.

        :param domain: domain on customer.followup
        """
        closed = Domain(domain) & Domain('state', '=', 'done')
        followups = self.env['customer.followup'].search(closed & Domain('mail_id.state', '=', 'outgoing'))
        texts = self.env['sms.sms'].search([('state', '=', 'outgoing'), ('customer_delivery', '=', 'waiting')])
        return followups | followups.search(closed & Domain('sent_message_id', 'in', texts.mail_message_id.ids))

    @api.model
    def _cancel_message(self, followup):
        """Take the message of a follow-up out of the queue."""
        followup.mail_id.filtered(lambda mail: mail.state == 'outgoing').cancel()
        self.env['sms.sms'].search([
            ('mail_message_id', '=', followup.sent_message_id.id), ('mail_message_id', '!=', False), ('state', '=', 'outgoing'),
        ]).action_set_canceled()

    @api.model
    def _stop_in_queue(self, followups):
        """Take out of the queue what must not leave any more: the person left or wants no messages, which is for a person to
        look at; or the customer is not to be contacted, is paused or waits for something, and it is planned again.

        :param followups: closed ones with messages in the queue
        :return: those that were stopped
        """
        stopped, addressee, waits = followups.browse(), self.env['customer.addressee'], followups.browse()
        for medium, group in followups.grouped(lambda followup: followup.channel_id.medium).items():
            refused = addressee._refused(
                [(followup.contact_id.id, followup.partner_id.id) for followup in group], medium, chosen=True)
            for followup in group:
                if followup.contact_id.id not in refused:
                    continue
                says = addressee.with_context(lang=followup.user_id.lang or self.env.lang)
                self._stop_message(followup, says._describe_refused(
                    followup.partner_id, medium, [(followup.contact_id, refused[followup.contact_id.id])]), 'stopped')
                stopped |= followup
        for __, domain in self.env['customer.sender']._waits().values():
            waits |= followups.filtered_domain(domain)
        for followup in followups - stopped:
            stops = followup.partner_id._customer_stops(followup.partner_id._customer_now().date())
            if stops or followup in waits:
                says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
                self._stop_message(followup, says.env._("It was stopped before the message left."), None)
                stopped |= followup
        return stopped

    @api.model
    def _stop_message(self, followup, reason, problem):
        self._cancel_message(followup)
        self._take_back([(followup, reason, True)], problem)

    # ------------------------------------------------------------
    # OFFICE HOURS OF WHAT IS IN THE QUEUE
    # ------------------------------------------------------------

    @api.model
    def _too_late(self, followups):
        """Return those whose message comes to leave out of the customer's office hours, because the queue stood still.

        :param followups: closed ones with messages in the queue
        """
        return followups - self.env['customer.sender']._ready(followups)

    @api.model
    def _morning(self, followup):
        """Return when the next day's office hours begin at the customer's; whether they are open then is asked again.

        :rtype: datetime.datetime
        """
        hour = self.env['res.config.settings']._customer_success('send_from_hour')
        now = followup.partner_id._customer_now()
        day = now.date() if now.hour < hour else now.date() + timedelta(days=1)
        zone = pytz.timezone(followup.partner_id._customer_zone())
        # an hour that the clocks leave out begins when they go on
        morning = zone.normalize(zone.localize(datetime.combine(day, time(hour % 24))))
        return max(morning.astimezone(pytz.utc).replace(tzinfo=None), fields.Datetime.now() + timedelta(minutes=5))
