import logging
from collections import Counter
from datetime import datetime, timedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.local_text import clauses

_logger = logging.getLogger(__name__)

#: Messages queued in one transaction.
BATCH = 200

#: The longest reason that stands on a follow-up.
REASON = 500

#: From so many moments on the sender is woken less often.
MANY_MOMENTS = 60


class CustomerSender(models.AbstractModel):
    """Sends the messages of automatic touchpoints on their day (CAD-10).

    What is due, and where it is office time now, is put into Odoo's queue, and its follow-up is closed in the same
    transaction: both happen, or neither. Many that get the same text in the same language are written together. What can't be
    written is left to the responsible person with the reason, and the others go on.
    """

    _name = 'customer.sender'
    _description = "Automatic Touches"

    @api.model
    @in_company_zone
    def _cron_send(self):
        """Take back what did not arrive, and send what is due where it is office time now."""
        self.env['ir.cron']._customer_keep_night()  # every hour: the clocks may have been changed
        with self.env['customer.run']._measure('send') as run:
            counts, delivery, routine = Counter(), self.env['customer.delivery'], self.env['customer.routine']

            def take_back():
                found = delivery._take_back_failed()
                self.env.flush_all()  # what another transaction is in the way of was not taken back
                counts['back'] += found
                return found

            def send(batch):
                found = self._send_batch(batch)
                self.env.flush_all()  # what another transaction is in the way of was not sent
                counts.update(found)

            routine._repeat(take_back, delivery._count_failed)
            routine._work_through(self._due(), send, BATCH)
            run['done'], run['failed'] = counts['sent'], counts['left'] + counts['back']
            run['note'] = self._describe_run(counts)

    @api.model
    def _describe_run(self, counts):
        """Return what a run did, and who waits for what, in a sentence.

        :param counts: ``sent``, ``left`` to people, taken ``back``, and sent in ``another`` language than the reader's
        """
        followups = self.env['customer.followup']
        parts = [self.env._(
            "sent: %(sent)s, left to people: %(left)s, did not arrive: %(back)s",
            sent=counts['sent'], left=counts['left'], back=counts['back'])]
        if alone := len(self.env['customer.cadence.chooser']._left_alone(self.env['customer.planner'])):
            parts.append(self.env._("customers with a touchpoint on a channel that they opted out of: %(count)s", count=alone))
        if counts['another']:
            parts.append(self.env._("in another language than the reader's: %(count)s", count=counts['another']))
        for key, (text, __) in self._waits().items():
            if waiting := followups.search_count([
                    ('send_wait', '=', key), ('date_planned', '<=', self.env['customer.clock']._last_day())]):
                parts.append(self.env._("waiting, because %(reason)s: %(count)s", reason=text, count=waiting))
        return clauses(self.env, parts)

    # ------------------------------------------------------------
    # WHAT IS DUE
    # ------------------------------------------------------------

    @api.model
    def _waits(self):
        """Return what a follow-up waits for that would leave by itself otherwise; the first reason that holds counts.

        Other wings add theirs.

        :return: by key, the reason as people read it, and the domain of those that wait for it
        :rtype: dict[str, tuple[str, Domain]]
        """
        return {'retry': (
            self.env._("it is sent again some days after it did not arrive"), Domain('retry_at', '>', fields.Datetime.now()))}

    @api.model
    def _due_domain(self):
        """Return the domain of the follow-ups that are to be sent."""
        due = Domain([
            ('state', '=', 'planned'), ('step_id.automatic', '=', True), ('send_error', '=', False),
            # it may be due only where the customer is
            ('date_planned', '<=', self.env['customer.clock']._last_day()),
        ]) & (Domain('planned_at', '=', False) | Domain('planned_at', '<=', fields.Datetime.now()))
        due &= self._channel_domain('=')
        for __, domain in self._waits().values():
            due &= ~domain
        return due

    @api.model
    def _channel_domain(self, operator):
        """Return the domain of the follow-ups that are on the channel of their touchpoint, or that are on its fallback channel:
        those are people's, as nobody wrote a message for it.

        :param str operator: ``=`` or ``<>``
        """
        def to_sql(model, alias, query):
            return SQL(
                "%(channel)s %(operator)s (SELECT s.channel_id FROM customer_cadence_step s WHERE s.id = %(step)s)",
                channel=model._field_to_sql(alias, 'channel_id', query), step=model._field_to_sql(alias, 'step_id', query),
                operator=SQL("=") if operator == '=' else SQL("<>"))

        return Domain.custom(to_sql=to_sql, predicate=lambda followup: (
            followup.channel_id == followup.step_id.channel_id) == (operator == '='))

    @api.model
    def _due(self):
        """Return what is due where it is office time now, the earliest first: who waits for the morning holds up nobody."""
        followups = self.env['customer.followup'].search(self._due_domain(), order='date_planned, id')
        return self._ready(followups)

    @api.model
    def _ready(self, followups):
        """Return those whose message may leave now.

        :param followups: those that are due somewhere
        """
        is_open = self._open_days(followups)
        return followups.filtered(lambda followup: self._is_office_time(followup, is_open))

    @api.model
    def _wake_for(self, planned):
        """Have what is sent by itself sent at its moment.

        :param planned: pairs of the id of a touchpoint and a moment, or None
        """
        now = fields.Datetime.now()
        coming = [(step_id, moment) for step_id, moment in planned if moment and moment > now]
        if coming:
            automatic = set(self.env['customer.cadence.step'].browse({step_id for step_id, __ in coming}).filtered(
                'automatic').ids)
            self._wake_at({moment for step_id, moment in coming if step_id in automatic})

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
        """Return a function that tells whether the message of a follow-up may leave on a day; asked once for all that are
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

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    @api.model
    def _send_batch(self, followups):
        """Queue the messages of follow-ups and close them, in this transaction; two workers share them out.

        :return: how many were ``sent``, ``left`` to people, and sent in ``another`` language than the reader's
        :rtype: collections.Counter
        """
        free = followups.try_lock_for_update()
        # what another worker did meanwhile is not due any more
        due = self.env['customer.followup'].search(
            self._due_domain() & Domain('id', 'in', free.ids), order='date_planned, id')
        counts, sent = Counter(), self.env['customer.followup']
        for step, group in due.grouped('step_id').items():
            done, found = self._send_step(step, self._ready(group))
            sent |= done
            counts.update(found)
        counts['sent'] = len(sent)
        if sent:
            self.env['customer.reminder']._follow_plan(sent.ids)
            self.env['customer.planner']._plan_safely(sorted(set(sent.partner_id.ids)))
            self._note_closed(sent)
        return counts

    @api.model
    def _note_closed(self, followups):
        """Tell what waits for these that they are over. Where that fails of one, its message leaves all the same, and the
        scheduled actions of what waits look again."""
        self.env['customer.routine']._by_halves(
            followups, lambda some: some._note_closed(), lambda followup, error: _logger.info(
                "What waits for the follow-up %s could not be told", followup.id, exc_info=error))

    @api.model
    def _send_step(self, step, followups):
        """Queue the messages of one touchpoint.

        :return: the follow-ups whose messages are in the queue, and counts as of :meth:`_send_batch`
        :rtype: tuple
        """
        template = self._template(step)
        if not template:
            self._leave_to_people(followups, 'text', lambda own: own.env._(
                "The touchpoint “%(step)s” has no message template any more.", step=own.step_id.name))
            return followups.browse(), Counter(left=len(followups))
        people = self._people(step, followups)
        nobody = followups.filtered(lambda followup: followup.id not in people)
        for followup in nobody:
            self._leave_to_people(followup, 'nobody', lambda own: own.partner_id._customer_nobody(
                own.step_id.channel_id.medium, own.contact_id))
        wanted, counts, sent = followups - nobody, Counter(left=len(nobody)), followups.browse()
        languages = self.env['customer.letter']._languages([
            (people[followup.id], followup.company_id) for followup in wanted])
        for (language, __), group in wanted.grouped(
                lambda followup: (languages[people[followup.id].id], followup.company_id)).items():
            done, left = self._queue_safely(template.with_context(lang=language), group, people)
            sent |= done
            counts['left'] += left
            if done and not self.env['customer.letter']._is_translated(template, self._body_name(template), language):
                counts['another'] += len(done)
        return sent, counts

    @api.model
    def _template(self, step):
        """Return the template of a touchpoint's messages, or none where it is gone."""
        return step.sms_template_id if step.channel_id.medium == 'sms' else step.mail_template_id

    @api.model
    def _body_name(self, template):
        return 'body' if template._name == 'sms.template' else 'body_html'

    @api.model
    def _people(self, step, followups):
        """Return whom the messages of a touchpoint go to: who was chosen, else who was spoken to last, else the first that may
        be written to.

        :return: res.partner by id of the follow-up; those are missing of whose customer nobody may be
        :rtype: dict
        """
        pairs = {followup.id: (followup.partner_id.id, followup.contact_id.id or 0) for followup in followups}
        first = self.env['customer.addressee']._first_people(pairs.values(), step.channel_id.medium)
        partners = self.env['res.partner'].browse(first.values())  # read together
        return {followup_id: partners.browse(first[pair]) for followup_id, pair in pairs.items() if pair in first}

    @api.model
    def _queue_safely(self, template, followups, people):
        """Queue messages of one text in one language; the one of which it can't be made is left to its person, and all others
        are queued.

        :return: the follow-ups whose messages are in the queue, and how many were left to people
        """
        def set_aside(followup, error):
            _logger.info("Follow-up %s could not be sent", followup.id, exc_info=error)
            self._leave_to_people(followup, 'text', lambda own: own.env['customer.letter']._say_error(
                template.with_env(own.env), error))
            return followup.browse(), 1

        def queue(some):
            self._queue(template, some, people)
            return some, 0

        results = self.env['customer.routine']._by_halves(followups, queue, set_aside)
        return followups.browse().union(*(done for done, __ in results)), sum(left for __, left in results)

    @api.model
    def _queue(self, template, followups, people):
        """Put messages into Odoo's queue and close their follow-ups.

        :param template: mail.template or sms.template, in the language of who reads it
        :param followups: of one company
        :param dict people: see :meth:`_people`
        """
        for followup in followups:
            followup.contact_id = people[followup.id]  # the text may name the person
        # what the template is about: the follow-up, or its customer
        about = followups if template.model == followups._name else followups.partner_id
        key = 'id' if about == followups else 'partner_id'
        if template._name == 'sms.template':
            messages = self._queue_sms(template, followups, about, key)
        else:
            messages = self._queue_emails(template, followups, about, key)
        self._close(template, followups, messages)

    @api.model
    def _queue_emails(self, template, followups, about, key):
        """Put emails into the queue, each on the thread of its follow-up, so that an answer finds it.

        :param about: records of the template's model
        :param str key: the field of a follow-up that leads to them
        :return: the messages by follow-up, each with its mail.mail
        """
        texts = self.env['customer.letter']._render_emails(template, about)
        senders = {followup: followup.user_id or followup.partner_id.user_id or self.env.user for followup in followups}
        domain = followups.company_id.alias_domain_id
        rows = []
        for followup in followups:
            row = dict(texts[followup[key] if key == 'id' else followup[key].id])
            row.setdefault('email_from', '')
            row['email_from'] = row['email_from'] or senders[followup].email_formatted or followup.company_id.email_formatted
            attached = row.pop('attachments', [])
            rows.append({
                **row, 'body': row['body_html'], 'author_id': senders[followup].partner_id.id, 'email_to': False,
                'email_cc': False, 'recipient_ids': [Command.set(followup.contact_id.ids)],
                'model': followup._name, 'res_id': followup.id, 'auto_delete': template.auto_delete,
                # the message stays when the email goes: the answer and what comes back name it
                'is_notification': True, 'record_alias_domain_id': domain.id, 'record_company_id': followup.company_id.id,
                'mail_server_id': template.mail_server_id.id, 'customer_delivery': 'waiting',
                'attachment_ids': [
                    *(Command.link(attachment.id) for attachment in template.attachment_ids),
                    *(Command.create({'name': name, 'datas': data, 'res_model': 'mail.message', 'res_id': 0})
                      for name, data in attached)]})
        addresses = followups._notify_get_reply_to_batch(
            defaults={row['res_id']: row['email_from'] for row in rows},
            author_ids={row['res_id']: row['author_id'] for row in rows})
        for row in rows:
            row['reply_to'] = row.get('reply_to') or addresses[row['res_id']]
        mails = self.env['mail.mail'].create(rows)
        # at once: in some hours it may be night at the customer's
        self.env.ref('mail.ir_cron_mail_scheduler_action')._trigger()
        for followup, mail in zip(followups, mails, strict=True):
            followup.mail_id = mail
        return dict(zip(followups, mails.mail_message_id, strict=True))

    @api.model
    def _queue_sms(self, template, followups, about, key):
        """Put text messages into the queue of Odoo's SMS, see :meth:`_queue_emails`.

        :return: the messages by follow-up
        """
        texts = self.env['customer.letter']._render_sms(template, about)
        bodies = [texts[followup[key] if key == 'id' else followup[key].id] for followup in followups]
        messages = self.env['mail.message'].create([{
            'model': followup._name, 'res_id': followup.id, 'message_type': 'sms', 'body': text,
            'author_id': (followup.user_id or followup.partner_id.user_id or self.env.user).partner_id.id,
            'subtype_id': self.env['ir.model.data']._xmlid_to_res_id('mail.mt_note'),
        } for followup, text in zip(followups, bodies, strict=True)])
        queued = self.env['sms.sms'].create([{
            'number': followup.contact_id._phone_format(fname='phone') or followup.contact_id.phone, 'body': text,
            'partner_id': followup.contact_id.id, 'mail_message_id': message.id, 'customer_delivery': 'waiting',
        } for followup, message, text in zip(followups, messages, bodies, strict=True)])
        # where Odoo keeps whether it arrived
        self.env['mail.notification'].create([{
            'author_id': message.author_id.id, 'mail_message_id': message.id, 'res_partner_id': sms.partner_id.id,
            'sms_number': sms.number, 'notification_type': 'sms', 'sms_id_int': sms.id, 'is_read': True,
            'sms_tracker_ids': [Command.create({'sms_uuid': sms.uuid})], 'notification_status': 'ready',
        } for message, sms in zip(messages, queued, strict=True)])
        return dict(zip(followups, messages, strict=True))

    @api.model
    def _close(self, template, followups, messages):
        """Close follow-ups whose messages are in the queue: the next ones are counted from the day on which these leave for
        there. Nobody said how the customer was.

        :param dict messages: by follow-up
        """
        now = fields.Datetime.now()
        for followup in followups.with_context(tracking_disable=True):
            message = messages[followup]
            followup.write({
                'state': 'done', 'contact_at': now, 'contact_day': followup.partner_id._customer_now(now).date(),
                'qualifies': True, 'outcome': False, 'closed_at': now, 'closed_by_id': self.env.uid,
                'sent_message_id': message.id, 'retry_at': False,
                'feedback': self._describe_sent(template, followup, message)})

    @api.model
    def _describe_sent(self, template, followup, message):
        """Return what was sent, and whether it was in another language than the reader's."""
        own = followup.with_context(lang=followup.user_id.lang or followup.env.lang)
        sent = own.env._("Sent by itself: %(subject)s", subject=message.subject or message.preview or template.name)
        if followup.env['customer.letter']._is_translated(template, self._body_name(template), template.env.lang):
            return sent
        language = own.env['res.lang']._lang_get(template.env.lang)
        return '\n'.join((sent, own.env._(
            "The template has no text in %(language)s, so it was sent as it was written first.", language=language.name)))

    # ------------------------------------------------------------
    # LEFT TO PEOPLE
    # ------------------------------------------------------------

    @api.model
    def _leave_to_people(self, followups, problem, say):
        """Let the responsible person do an automatic touch by hand.

        :param str problem: see ``customer.followup.send_problem``
        :param say: function of a follow-up, in the language of that person, that says why
        """
        for followup in followups:
            own = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            followup.write({
                'send_error': say(own)[:REASON], 'send_problem': problem, 'retry_at': False, 'reminded': False})
