import logging
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.local_day import in_company_zone
from ..platform.local_text import day_text

_logger = logging.getLogger(__name__)

#: People planned to be asked, and looked at together before they are.
BATCH = 500

#: So long a question waits for a case to end or a pause to be over; then it is not asked any more.
PATIENCE = timedelta(days=14)

#: What keeps a person from being asked and passes by itself: the question waits for it.
PASSES = {'case', 'paused'}

#: A question is taken back when this holds by the time it would leave.
NEVER_MIND = 'reopened'


class CustomerFeedbackAsker(models.AbstractModel):
    """Asks customers for feedback, in their language, on their days and in their office hours (SRV-5).

    Everything is asked of the data: who fits a survey and may be asked, and is not about to be; which question waits and may
    leave now. So it does not matter how often it is asked, nor after what interruption. Who may be asked is decided at one
    place, :meth:`_why_sql`, which also says why not, and until when.
    """

    _name = 'customer.feedback.asker'
    _description = "Asks for Feedback"

    # ------------------------------------------------------------
    # ENTRY POINT
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_ask(self):
        """Plan who is asked, send what may leave now, give back what was refused, and remind of what nobody answers to."""
        progress = self.env['ir.cron']._commit_progress
        counts = {'planned': 0, 'sent': 0, 'failed': 0, 'late': 0}
        with self.env['customer.run']._measure('feedback') as run:
            counts['failed'] = self._give_back_refused()
            for survey in self.env['customer.survey'].search([('asks_on', '=', 'round')]):
                counts['planned'] += self._plan_safely(survey)
                if not progress(1):
                    break
            for request in self._sendable():
                counts['sent' if self._send_safely(request) else 'failed'] += 1
                if not progress(1):
                    break
            while late := self.env['customer.feedback']._remind(BATCH):
                counts['late'] += late
                if not progress(late):
                    break
            run['done'] = counts['planned'] + counts['sent'] + counts['late']
            run['failed'] = counts['failed']
            run['note'] = self.env._(
                "to be asked: %(planned)s, asked: %(sent)s, not asked or not delivered: %(failed)s, reminded of: %(late)s",
                **counts)

    @api.model
    def _wake(self):
        """Look soon: somebody is to be asked."""
        self.env.ref('customer_success.ir_cron_feedback').sudo()._trigger()  # whoever closes a case

    # ------------------------------------------------------------
    # WHO MAY BE ASKED
    # ------------------------------------------------------------

    @api.model
    def _setting(self, name):
        return self.env['res.config.settings']._customer_success(name)

    @api.model
    def _flush(self):
        self.env['customer.addressee']._flush()
        for model in ('customer.feedback.request', 'customer.feedback', 'customer.case', 'customer.pause', 'res.partner'):
            self.env[model].flush_model()

    @api.model
    def _asked_sql(self):
        """Return SQL for when who was asked: by a survey, or on the phone (``contact_id``, ``partner_id``, ``survey_id``,
        ``day``)."""
        return SQL(
            """SELECT contact_id, partner_id, survey_id, asked_on AS day
                 FROM customer_feedback_request WHERE asked_on IS NOT NULL
             UNION ALL
               SELECT COALESCE(contact_id, partner_id), partner_id, survey_id, given_on
                 FROM customer_feedback WHERE request_id IS NULL""")

    @api.model
    def _why_sql(self, people, skip_id=0):
        """Return SQL for why people may not be asked today, the first reason that holds: ``person_id``, ``customer_id``,
        ``why`` (a key of :meth:`_why_texts`; null: may be asked), ``day`` (until when, where that is known), ``asked`` (when
        last) and ``left`` (how many people of the customer may still be asked).

        :param SQL people: selects ``person_id`` and ``customer_id``
        :param int skip_id: a question that does not stand in its own way
        """
        addressee = self.env['customer.addressee']
        return SQL(
            """WITH asked AS (%(asked)s)
             SELECT w.*, CASE why WHEN 'paused' THEN paused WHEN 'rest' THEN asked + %(rest)s WHEN 'cap' THEN free END AS day
               FROM (SELECT x.id AS person_id, c.id AS customer_id, x.name, last.day AS asked, pause.day AS paused,
                            capped.day + %(cap_days)s AS free, %(cap)s - used.count AS left,
                            CASE WHEN x.customer_no_surveys OR c.customer_no_surveys THEN 'never'
                                 ELSE COALESCE(%(why_not)s,
                                      CASE WHEN EXISTS (SELECT 1 FROM customer_case o WHERE o.partner_id = c.id
                                                           AND o.state IN ('new', 'working', 'waiting')) THEN 'case'
                                           WHEN pause.day IS NOT NULL THEN 'paused'
                                           WHEN EXISTS (SELECT 1 FROM customer_feedback_request r
                                                         WHERE r.contact_id = x.id AND r.state = 'waiting'
                                                           AND r.id <> %(skip)s) THEN 'waiting'
                                           WHEN last.day + %(rest)s > %(today)s THEN 'rest'
                                           WHEN used.count >= %(cap)s THEN 'cap' END) END AS why
                       FROM (%(people)s) AS q
                       JOIN res_partner x ON x.id = q.person_id
                       JOIN res_partner c ON c.id = q.customer_id
          LEFT JOIN LATERAL (SELECT max(date_to) AS day FROM customer_pause p
                              WHERE p.partner_id = c.id AND %(today)s BETWEEN date_from AND date_to) AS pause ON TRUE
          LEFT JOIN LATERAL (SELECT max(day) AS day FROM asked a WHERE a.contact_id = x.id) AS last ON TRUE
          LEFT JOIN LATERAL (SELECT day FROM asked a
                              WHERE a.partner_id = c.id AND a.day + %(cap_days)s > %(today)s
                           ORDER BY day DESC OFFSET %(cap_place)s LIMIT 1) AS capped ON TRUE
         CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM asked a
                                      WHERE a.partner_id = c.id AND a.day + %(cap_days)s > %(today)s)
                                  + (SELECT count(*) FROM customer_feedback_request r
                                      WHERE r.partner_id = c.id AND r.state = 'waiting' AND r.id <> %(skip)s) AS count) AS used
                    ) AS w""",
            asked=self._asked_sql(), people=people, rest=self._setting('feedback_rest_days'),
            cap=self._setting('feedback_cap'), cap_days=self._setting('feedback_cap_days'),
            cap_place=max(self._setting('feedback_cap') - 1, 0), today=fields.Date.context_today(self), skip=skip_id,
            why_not=addressee._why_not_sql(SQL("x"), SQL("c"), 'email'))

    @api.model
    def _why_texts(self):
        """Return the reasons as people read them, by key; those with a day name it."""
        return {
            **self.env['customer.addressee']._texts('email'),
            'never': self.env._("wants no questions"),
            'case': self.env._("a case is open"),
            'paused': self.env._("contacts are paused"),
            'waiting': self.env._("is about to be asked"),
            'rest': self.env._("was asked not long ago"),
            'cap': self.env._("enough people of this customer were asked"),
            'nobody': self.env._("there is nobody to ask"),
            'survey_off': self.env._("the survey is not in use any more"),
            'reopened': self.env._("the case is worked on again"),
        }

    @api.model
    def _say_why(self, key, day=None):
        """Return why somebody is not asked, and until when.

        :param str key: of :meth:`_why_texts`
        :param date day: until when, if that is known
        """
        text = self._why_texts()[key]
        return self.env._("%(reason)s, until %(day)s", reason=text, day=day_text(self.env, day, 'yMMMd')) if day else text

    @api.model
    def _say_may(self, key, day, asked):
        """Return when somebody may be asked, in a sentence.

        :param key: why not now, see :meth:`_why_texts`; None: may be asked
        :param date day: until when
        :param date asked: when last
        """
        last = self.env._("last asked on %(day)s", day=day_text(self.env, asked, 'yMMMd')) if asked else \
            self.env._("never asked yet")
        if not key:
            return self.env._("Now: %(last)s", last=last)
        text = self._why_texts()[key]
        if not day:
            return self.env._("Not now: %(reason)s", reason=text)
        reason = last if key == 'rest' else text
        # on the day itself it is over
        until = day if key != 'paused' else fields.Date.add(day, days=1)
        return self.env._("Again on %(day)s, because: %(reason)s", day=day_text(self.env, until, 'yMMMd'), reason=reason)

    @api.model
    def _why(self, people, skip_id=0):
        """Return why people may not be asked now: key, day until when, and day on which they were asked last.

        :param people: ids of person and customer
        :rtype: dict[int, tuple[str | None, date | None, date | None]]
        """
        pairs = list(people)
        if not pairs:
            return {}
        self._flush()
        query = SQL("SELECT * FROM unnest(%s::int[], %s::int[]) AS p (person_id, customer_id)",
                    *map(list, zip(*pairs, strict=True)))
        return {person_id: (why, day, asked) for person_id, why, day, asked in self.env.execute_query(SQL(
            "SELECT person_id, why, day, asked FROM (%s) AS looked", self._why_sql(query, skip_id)))}

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _plan_safely(self, survey):
        """Plan whom a survey asks; one that can't be planned holds up no other.

        :return: how many people
        """
        def leave_out(error):
            _logger.error("Survey %s could not be planned", survey.id, exc_info=error)
            return 0

        return self.env['customer.routine']._attempt(lambda: self._plan(survey), leave_out)

    @api.model
    def _plan(self, survey):
        """Plan whom a survey asks from now on: who fits it and may be asked, who was asked longest ago first.

        :return: how many people
        """
        limit = BATCH
        if survey.per_day:
            began = fields.Datetime.now() - timedelta(days=1)
            limit = min(limit, survey.per_day - self.env['customer.feedback.request'].search_count(
                Domain('survey_id', '=', survey.id) & Domain('create_date', '>', began)))
        if limit <= 0:
            return 0
        self._flush()
        customers = self.env['res.partner']._search(survey._domain()).subselect()
        people = SQL(
            """SELECT x.id AS person_id, c.id AS customer_id
                 FROM res_partner c
                 JOIN res_partner x ON x.commercial_partner_id = c.id AND x.active
                WHERE c.id IN %(customers)s AND %(company)s
                  AND (x.id = c.id AND %(alone)s OR x.id <> c.id AND x.is_company IS NOT TRUE)""",
            customers=customers, alone=self.env['customer.addressee']._alone_sql(SQL("c.id")), company=SQL(
                "%s = %s", self.env['customer.responsibility']._company_sql('c'), survey.company_id.id)
            if survey.company_id else SQL("TRUE"))
        rows = self.env.execute_query(SQL(
            """SELECT person_id, customer_id
                 FROM (SELECT q.*, row_number() OVER (PARTITION BY customer_id ORDER BY asked NULLS FIRST, person_id) AS place
                         FROM (%(why)s) AS q
                        WHERE why IS NULL
                          AND NOT EXISTS (SELECT 1 FROM customer_feedback_request r
                                           WHERE r.contact_id = q.person_id AND r.survey_id = %(survey)s
                                             AND (r.asked_on + %(again)s > %(today)s
                                                  OR r.state IN ('dropped', 'failed') AND r.write_date > %(lately)s))) AS able
                WHERE place <= "left"
             ORDER BY asked NULLS FIRST, person_id LIMIT %(limit)s""",
            why=self._why_sql(people), survey=survey.id, again=survey.repeat_days, today=fields.Date.context_today(self),
            lately=fields.Datetime.now() - PATIENCE, limit=limit))
        self._create_requests(survey, rows)
        return len(rows)

    @api.model
    def _create_requests(self, survey, rows, **vals):
        """Have people asked by a survey.

        :param rows: ids of person and customer
        :return: customer.feedback.request
        """
        partners = self.env['res.partner']
        return self.env['customer.feedback.request'].create([{
            'survey_id': survey.id, 'contact_id': person_id, 'partner_id': customer_id,
            'company_id': partners.browse(customer_id)._planning_company().id,
            'date_planned': fields.Date.context_today(self), **vals} for person_id, customer_id in rows])

    @api.model
    def _ask_about(self, case, survey):
        """Have the customer asked how satisfied it is with a case that is over. Where nobody may be asked, that is kept with
        the reason.

        :return: customer.feedback.request, or none where nobody is there
        """
        customer = case.partner_id
        person = customer._customer_recipients('email', case.contact_id)[:1] if customer else customer
        person = person or case.contact_id or customer
        if not person:
            return self.env['customer.feedback.request']
        why, day, __ = self._why([(person.id, customer.id)]).get(person.id, ('nobody', None, None))
        passes = not why or why in PASSES
        request = self._create_requests(
            survey, [(person.id, customer.id)], case_id=case.id, state='waiting' if passes else 'dropped',
            date_planned=fields.Date.add(
                self.env['customer.clock']._today(customer), days=survey.after_days))
        if passes:
            self._wake()
        else:
            request._drop(why, day)
        return request

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    @api.model
    def _sendable(self):
        """Yield the questions that may leave now, each locked; what waits for the morning holds up nobody."""
        sender = self.env['customer.sender']
        due = self.env['customer.feedback.request'].search(
            Domain('state', '=', 'waiting') & Domain('date_planned', '<=', self.env['customer.clock']._last_day()),
            order='date_planned, id').ids
        for start in range(0, len(due), BATCH):
            requests = self.env['customer.feedback.request'].browse(due[start:start + BATCH])
            is_open = sender._open_days(requests)
            for request in requests:
                # one at a time: the commit after each lets the prefetched rest go stale
                request = request.with_prefetch()
                if sender._is_office_time(request, is_open) and request.try_lock_for_update() and self._may_leave(request):
                    yield request

    @api.model
    def _may_leave(self, request):
        """Return whether a question may be asked now: what was decided when it was planned may have changed. What passes is
        waited for, the rest is taken back."""
        if request.case_id and request.case_id.state not in ('solved', 'closed'):
            request._drop(NEVER_MIND)
            return False
        why, day, __ = self._why([(request.contact_id.id, request.partner_id.id)], request.id).get(
            request.contact_id.id, ('nobody', None, None))
        if not why:
            return True
        if why not in PASSES or request.create_date < fields.Datetime.now() - PATIENCE:
            request._drop(why, day)
        return False

    @api.model
    def _send_safely(self, request):
        """Ask one person; what can't be written is set aside with its error.

        :return: whether the email was put into the queue
        """
        def send():
            self._send(request)
            return True

        def set_aside(error):
            _logger.info("Question %s could not be asked", request.id, exc_info=error)
            request.write({'state': 'failed', 'reason': str(error)[:500]})
            return False

        return self.env['customer.routine']._attempt(send, set_aside)

    @api.model
    def _send(self, request):
        """Put the email of a question into the queue; the days of rest begin."""
        now = fields.Datetime.now()
        request.write({
            'state': 'sent', 'asked_at': now, 'asked_on': request.partner_id._customer_now().date(),
            'expires_at': now + timedelta(days=self._setting('feedback_open_days'))})
        request.mail_id = request.survey_id.mail_template_id.with_context(lang=request.lang).send_mail(
            request.id, email_values={
                'email_to': False, 'email_cc': False, 'recipient_ids': [Command.set(request.contact_id.ids)],
                'customer_delivery': 'waiting'})

    @api.model
    def _give_back_refused(self):
        """Note which emails the mail server refused. Who could not be reached rests like who was asked.

        :return: how many
        """
        refused = self.env['customer.feedback.request'].search([('state', '=', 'sent'), ('mail_id.state', '=', 'exception')])
        for request in refused:
            request.write({
                'state': 'failed',
                'reason': request.mail_id.failure_reason or self.env._("The mail server refused it.")})
        return len(refused)
