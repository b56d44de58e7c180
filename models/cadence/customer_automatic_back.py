from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.delivery import is_permanent
from .customer_automatic import BATCH

#: Why an email failed that will fail again; what else Odoo says is read from the words of the server.
MAIL_FOR_GOOD = {'mail_email_invalid', 'mail_email_missing', 'mail_bl', 'mail_optout', 'mail_dup'}

#: The same of text messages; without credit or with a server that is down it may arrive later.
SMS_FOR_GOOD = {
    'sms_number_missing', 'sms_number_format', 'sms_country_not_supported', 'sms_blacklist', 'sms_duplicate', 'sms_optout',
    'sms_invalid_destination', 'sms_not_allowed', 'sms_rejected'}


class CustomerAutomatic(models.AbstractModel):
    """What did not arrive: it was no contact, is sent again by rule, and is left to a person in the end (CAD-10).

    Everything is asked of the data, so it does not matter when the mail server says so: at once, or days afterwards.
    """

    _inherit = 'customer.automatic'

    @api.model
    def _take_back_failed(self):
        """Take back what Odoo's queues say did not arrive, some hundred at a time.

        :return: how many
        """
        failed = self._failed_emails() + self._failed_sms()
        for followup, reason, for_good in failed:
            self._take_back(followup, reason, for_good)
        return len(failed)

    @api.model
    def _failed_emails(self):
        """Return the closed follow-ups whose email failed, with the reason, and whether it would fail again.

        :rtype: list[tuple]
        """
        followups = self.env['customer.followup'].search(
            [('state', '=', 'done'), ('mail_id.state', '=', 'exception')], order='id', limit=BATCH)
        failed = []
        for followup in followups.try_lock_for_update():
            mail = followup.mail_id
            reason = mail.failure_reason or followup.env._("The mail server refused it.")
            failed.append((followup, reason, (
                mail.customer_delivery == 'unknown' or mail.failure_type in MAIL_FOR_GOOD or is_permanent(reason))))
        return failed

    @api.model
    def _failed_sms(self):
        """Return the same of text messages."""
        self.env['mail.notification'].flush_model()
        self.env['sms.sms'].flush_model(['customer_delivery', 'mail_message_id'])
        self.env['customer.followup'].flush_model(['sent_message_id', 'state', 'qualifies'])
        rows = self.env.execute_query(SQL(
            """SELECT f.id, n.id, EXISTS (SELECT 1 FROM sms_sms s WHERE s.mail_message_id = n.mail_message_id
                                                                AND s.customer_delivery = 'unknown')
                 FROM mail_notification n
                 JOIN customer_followup f ON f.sent_message_id = n.mail_message_id
                WHERE n.notification_type = 'sms' AND n.notification_status IN ('exception', 'bounce')
                  AND f.state = 'done' AND f.qualifies AND f.answered_at IS NULL
             ORDER BY f.id LIMIT %s""", BATCH))
        free = set(self.env['customer.followup'].browse(row[0] for row in rows).try_lock_for_update().ids)
        failed = []
        for followup_id, notification_id, unknown in rows:
            if followup_id in free:
                notice = self.env['mail.notification'].browse(notification_id)
                kinds = dict(notice._fields['failure_type']._description_selection(self.env))
                reason = notice.failure_reason or kinds.get(notice.failure_type) or self.env._("It could not be delivered.")
                failed.append((
                    self.env['customer.followup'].browse(followup_id), reason, unknown or notice.failure_type in SMS_FOR_GOOD))
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
            self.sudo()._take_back(followup, reason, for_good)  # as above

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    @api.model
    def _take_back(self, followup, reason, for_good, problem='failed'):
        """Let a message that did not arrive be no contact. Its touch is due again: by itself after some days, as often as the
        settings say, else for a person.

        :param str reason: why it did not arrive
        :param bool for_good: whether it would fail again
        :param str problem: see ``customer.followup.send_problem``; None: it never left, and is planned as if it had not been
            tried
        """
        tries, text = followup.send_tries + 1, " ".join(reason.split())
        values = {'qualifies': False, 'outcome': 'no_answer', 'send_error': text[:500], 'mail_id': False}
        if followup.event_date:
            # there is one follow-up of an event: the same again
            followup.message_post(body=followup.env._("Sent, and came back: %(reason)s", reason=text))
            followup.write({
                **values, 'state': 'planned', 'outcome': False, 'contact_at': False, 'contact_day': False, 'closed_at': False,
                'closed_by_id': False, 'send_error': False, 'sent_message_id': False})
        else:
            followup.write(values)
        self.env['customer.planner']._plan(followup.partner_id.ids)
        again = followup if followup.event_date else self._next_of(followup)
        if problem:
            self._follow_failure(again, text, for_good, tries, problem)

    @api.model
    def _follow_failure(self, again, text, for_good, tries, problem):
        """Say what becomes of the touch that is due again.

        :param again: the open follow-up, if there is one
        :param str text: why the message did not arrive
        """
        setting = self.env['res.config.settings']._customer_success
        if for_good or tries > setting('send_retries'):
            self._leave_to_people(again, problem, lambda own: text if tries == 1 else own.env._(
                "%(reason)s (sent in vain %(count)s times)", reason=text, count=tries))
        else:
            again.write({'retry_at': fields.Datetime.now() + timedelta(days=setting('send_retry_days'))})
        again.write({'send_tries': tries})

    @api.model
    def _next_of(self, followup):
        """Return the open follow-up of the same customer and touchpoint, or none."""
        return self.env['customer.followup'].search([
            ('partner_id', '=', followup.partner_id.id), ('step_id', '=', followup.step_id.id), ('step_id', '!=', False),
            ('state', '=', 'planned')], limit=1)
