import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: No meeting lasts longer; where PostgreSQL begins to look.
LONGEST = timedelta(days=31)
#: Emails are looked at again for so long: they may be committed, or delivered, later than others that came after them.
AGAIN = timedelta(days=2)
#: So long afterwards an email may come back.
BOUNCES = timedelta(days=7)
#: Contacts that are kept, and questions that are asked, in one transaction.
BATCH = 200
#: Where it stands which email was seen last, and since when meetings are looked at.
SEEN, SINCE = 'customer_success.messages_seen', 'customer_success.meetings_since'


class CustomerContactFinder(models.AbstractModel):
    """Finds contacts that nobody logged: asks whoever organised a meeting for its record, and counts by rule what stands in
    the calendar and in the chatter (CAD-6).

    Each question is asked of the data: which meetings are over and were neither recorded nor asked about, which emails count
    and stand on no contact yet. Whatever interrupts it, and however often it runs, each is asked about and counted once.
    """

    _name = 'customer.contact.finder'
    _description = "Contacts Nobody Logged"

    @api.model
    @in_company_zone
    def _cron_find(self):
        """Count what counts by itself, ask for what is missing, and take back what did not take place."""
        with self.env['customer.run']._measure('record') as run:
            asked, counted, failed, taken_back = [], [], [], self._take_back_bounced()
            self._follow_meetings()
            for find, act, done in (
                (self._meetings_to_count, self._count, counted), (self._emails_to_count, self._count, counted),
                (self._meetings_to_ask, self._ask, asked),
            ):
                self._work_off(find, act, done, failed)
            self._note_seen()
            run['done'], run['failed'] = len(asked) + len(counted) + taken_back, len(failed)
            run['note'] = self.env._(
                "%(counted)s counted by themselves, %(asked)s asked for, %(back)s taken back",
                counted=len(counted), asked=len(asked), back=taken_back)

    @api.model
    def _work_off(self, find, act, done, failed):
        """Do something with all that is found, batch by batch; what could not be done is left to the next run.

        :param find: function of a limit that returns rows
        :param act: function of rows
        :param list done: gets the rows that were worked on
        :param list failed: gets those that it failed of
        """
        seen = set()

        def set_aside(row, error):
            _logger.info("%s of customer %s could not be looked at", *row[:2], exc_info=error)
            return [row]

        def due(limit=None):
            return [row for row in find(limit and limit + len(seen)) if tuple(row[:2]) not in seen]

        def work():
            rows = due(BATCH)[:BATCH]
            seen.update(tuple(row[:2]) for row in rows)
            results = self.env['customer.routine']._by_halves(rows, lambda some: act(some) or [], set_aside)
            aside = [row for result in results for row in result]
            failed.extend(aside)
            done.extend(row for row in rows if row not in aside)
            return len(rows)

        self.env['customer.routine']._repeat(work, lambda: len(due()))

    # ------------------------------------------------------------
    # MEETINGS
    # ------------------------------------------------------------

    @api.model
    def _meetings_sql(self, condition):
        """Return SQL with the meetings with customers that are over and took place, as far as the calendar knows: a row for
        each and customer.

        Cancelled ones are archived; where the organiser or all people of the customer have declined, it did not take place.

        :param SQL condition: on the meeting ``e``
        :return: columns ``event_id``, ``partner_id``, ``organiser_id``, ``day`` and ``last_day`` (where the organiser is),
            ``ended_at``, ``accepted`` (somebody of the customer has), ``all_accept`` (nobody there has declined),
            ``is_private``, ``by_link`` (it has a link and no place), ``customers`` (how many there are in the meeting)
        """
        clock, now = self.env['customer.clock'], fields.Datetime.now()
        zone = clock._user_zone_sql(SQL("e.user_id"))
        return SQL(
            """SELECT e.id AS event_id, c.id AS partner_id, e.user_id AS organiser_id,
                      CASE WHEN e.allday THEN e.start_date ELSE %(first)s END AS day,
                      CASE WHEN e.allday THEN e.stop_date ELSE %(last)s END AS last_day, e.stop AS ended_at,
                      bool_or(a.state = 'accepted') AS accepted, bool_and(a.state IS DISTINCT FROM 'declined') AS all_accept,
                      COALESCE(e.privacy, setting.calendar_default_privacy) = 'private' AS is_private,
                      COALESCE(e.videocall_location, '') <> '' AND COALESCE(e.location, '') = '' AS by_link,
                      count(*) OVER (PARTITION BY e.id) AS customers
                 FROM calendar_event e
                 JOIN calendar_attendee a ON a.event_id = e.id
                 JOIN res_partner person ON person.id = a.partner_id
                 JOIN res_partner c ON c.id = person.commercial_partner_id AND c.customer_managed IS TRUE
            LEFT JOIN res_users_settings setting ON setting.user_id = e.user_id
                WHERE e.active AND %(condition)s AND %(left_out)s
                  AND CASE WHEN e.allday THEN e.stop_date < %(today)s ELSE e.stop <= %(now)s END
                  AND NOT EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = person.id AND u.share IS NOT TRUE)
                  AND NOT EXISTS (SELECT 1 FROM calendar_attendee own JOIN res_users u ON u.partner_id = own.partner_id
                                   WHERE own.event_id = e.id AND u.id = e.user_id AND own.state = 'declined')
             GROUP BY e.id, c.id, setting.calendar_default_privacy
               HAVING bool_or(a.state IS DISTINCT FROM 'declined')""",
            condition=condition, left_out=self._meetings_that_count_sql('e'), now=now,
            first=clock._day_sql(SQL("e.start"), zone), last=clock._day_sql(SQL("e.stop"), zone),
            today=clock._user_today_sql(SQL("e.user_id")))

    @api.model
    def _meetings_that_count_sql(self, alias):
        """Return SQL that is true for meetings of which the calendar keeps the record; other wings leave out theirs.

        :param str alias: of the meeting
        """
        return SQL("TRUE")

    @api.model
    def _lately_sql(self):
        """Return SQL that is true for meetings ``e`` that ended lately, and since somebody looks at them."""
        now = fields.Datetime.now()
        parameters = self.env['ir.config_parameter'].sudo()  # where the addon stands is for no user to read
        if not (since := parameters.get_param(SINCE)):
            parameters.set_param(SINCE, since := fields.Datetime.to_string(now - timedelta(hours=1)))
        oldest = now - timedelta(days=self.env['res.config.settings']._customer_success('meeting_days'))
        return SQL("e.start >= %s AND e.stop >= GREATEST(%s, %s::timestamp)", oldest - LONGEST, oldest, since)

    @api.model
    def _flush(self):
        """Write what the SQL of this model reads."""
        self.env.flush_all()

    @api.model
    def _recorded_sql(self):
        """Return SQL that is true where somebody has recorded a contact of the day of a meeting ``m``, or that meeting."""
        return SQL(
            """EXISTS (SELECT 1 FROM customer_followup f
                        WHERE f.partner_id = m.partner_id AND f.state = 'done'
                          AND (f.counted_by_id IS NULL OR f.outcome IS NOT NULL)
                          AND (f.meeting_id = m.event_id OR f.qualifies AND f.contact_day BETWEEN m.day AND m.last_day))""")

    @api.model
    def _meetings_to_ask(self, limit=None):
        """Return the meetings whose record is to be asked for, with whom: their organiser where that one works with customers,
        else the account manager.

        :return: rows of meeting, customer, user, company, day, end
        """
        settings = self.env['res.config.settings']
        if not settings._customer_success('meeting_ask'):
            return []
        self._flush()
        responsibility = self.env['customer.responsibility']
        waited = fields.Datetime.now() - timedelta(hours=settings._customer_success('meeting_ask_hours'))
        return self.env.execute_query(SQL(
            """WITH able AS MATERIALIZED (%(able)s)
             SELECT m.event_id, m.partner_id, COALESCE(organiser.user_id, manager.user_id), company.id, m.day, m.ended_at
               FROM (%(meetings)s) m
               JOIN res_partner p ON p.id = m.partner_id
         CROSS JOIN LATERAL (SELECT %(company)s AS id) AS company
          LEFT JOIN able organiser ON organiser.user_id = m.organiser_id AND organiser.company_id = company.id
          LEFT JOIN able manager ON manager.user_id = p.user_id AND manager.company_id = company.id
              WHERE m.customers <= %(customers)s AND COALESCE(organiser.user_id, manager.user_id) IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM customer_meeting w
                                 WHERE w.event_id = m.event_id AND w.partner_id = m.partner_id)
                AND NOT %(recorded)s
           ORDER BY m.ended_at, m.event_id, m.partner_id LIMIT %(limit)s""",
            able=responsibility._able_sql(), meetings=self._meetings_sql(SQL("%s AND e.stop <= %s", self._lately_sql(), waited)),
            company=responsibility._company_sql('p'), customers=settings._customer_success('meeting_customers'),
            recorded=self._recorded_sql(), limit=limit))

    @api.model
    def _ask(self, rows):
        """Ask for the records of meetings.

        :param rows: see :meth:`_meetings_to_ask`
        """
        if not rows:
            return
        meetings = self.env['customer.meeting'].concat(*(
            self.env['customer.meeting'].browse(meeting_id) for meeting_id, in self.env.execute_query(SQL(
                """INSERT INTO customer_meeting (event_id, partner_id, user_id, company_id, day, ended_at, state,
                                                 create_uid, create_date, write_uid, write_date)
                        SELECT w.*, 'asked', %(uid)s, %(now)s, %(uid)s, %(now)s
                          FROM (VALUES %(rows)s) AS w (event_id, partner_id, user_id, company_id, day, ended_at)
                   ON CONFLICT DO NOTHING
                     RETURNING id""",
                rows=SQL(", ").join(SQL("%s", tuple(row)) for row in rows), uid=self.env.uid, now=self.env.cr.now()))))
        for meeting in meetings:
            meeting.contact_id = meeting.event_id._customer_person(meeting.partner_id)
        meetings._ask()

    @api.model
    def _follow_meetings(self):
        """Close the questions that a contact of the day has answered meanwhile, by whatever way it came in, and take back those
        for meetings that were moved, cancelled or declined since, and those of people who are not there any more: should it
        still be to be asked, somebody is asked anew."""
        self._flush()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_meeting w SET state = 'recorded', followup_id = r.followup_id, write_date = %(now)s
                 FROM (SELECT DISTINCT ON (m.event_id, m.partner_id) m.event_id, m.partner_id, f.id AS followup_id
                         FROM (%(meetings)s) m
                         JOIN customer_followup f ON f.partner_id = m.partner_id AND f.state = 'done' AND f.qualifies
                          AND (f.counted_by_id IS NULL OR f.outcome IS NOT NULL)
                          AND (f.meeting_id = m.event_id OR f.contact_day BETWEEN m.day AND m.last_day)
                     ORDER BY m.event_id, m.partner_id, f.meeting_id = m.event_id DESC NULLS LAST, f.id) AS r
                WHERE w.event_id = r.event_id AND w.partner_id = r.partner_id AND w.state = 'asked'
            RETURNING w.id""", meetings=self._meetings_sql(self._asked_sql()), now=self.env.cr.now()))
        meetings = self.env['customer.meeting']
        meetings.invalidate_model()
        meetings.browse(row_id for row_id, in rows)._tasks().unlink()
        rows = self.env.execute_query(SQL(
            """WITH m AS (%(meetings)s), able AS MATERIALIZED (%(able)s)
             SELECT w.id FROM customer_meeting w
              WHERE w.state = 'asked'
                AND (NOT EXISTS (SELECT 1 FROM m WHERE m.event_id = w.event_id AND m.partner_id = w.partner_id
                                                   AND m.day = w.day)
                     OR NOT EXISTS (SELECT 1 FROM able WHERE able.user_id = w.user_id AND able.company_id = w.company_id))""",
            meetings=self._meetings_sql(self._asked_sql()), able=self.env['customer.responsibility']._able_sql()))
        meetings.browse(row_id for row_id, in rows).unlink()

    @api.model
    def _asked_sql(self):
        """Return SQL that is true for meetings ``e`` that were asked about, and not answered."""
        return SQL("e.id IN (SELECT event_id FROM customer_meeting WHERE state = 'asked')")

    @api.model
    def _meetings_to_count(self, limit=None):
        """Return the meetings that count by a rule and stand on no contact yet.

        :return: rows as of :meth:`_count`
        """
        rule = self.env['customer.contact.rule'].search([('kind', '=', 'meeting')], limit=1)
        if not rule:
            return []
        self._flush()
        attends = SQL("m.accepted") if rule.attendance == 'accepted' else SQL("m.all_accept")
        rows = self.env.execute_query(SQL(
            """SELECT m.event_id, m.partner_id, m.day, m.by_link
                 FROM (%(meetings)s) m
                WHERE m.customers <= %(customers)s AND NOT m.is_private AND %(attends)s
                  AND NOT EXISTS (SELECT 1 FROM customer_meeting w
                                   WHERE w.event_id = m.event_id AND w.partner_id = m.partner_id AND w.state <> 'asked')
                  AND NOT EXISTS (SELECT 1 FROM customer_followup f
                                   WHERE f.partner_id = m.partner_id AND f.state = 'done'
                                     AND (f.meeting_id = m.event_id
                                          OR f.qualifies AND f.contact_day BETWEEN m.day AND m.last_day))
             ORDER BY m.ended_at, m.event_id, m.partner_id LIMIT %(limit)s""",
            meetings=self._meetings_sql(self._lately_sql()), attends=attends, limit=limit,
            customers=self.env['res.config.settings']._customer_success('meeting_customers')))
        events = self.env['calendar.event'].browse(row[0] for row in rows)
        customers = self.env['res.partner'].browse(row[1] for row in rows)
        return [
            (f'meeting {event.id}', customer.id, {
                'rule': rule, 'meeting': event, 'customer': customer, 'day': day, 'contact_at': event._customer_contact_at(),
                'channel': rule.channel_id or event._customer_channel(), 'user': event.user_id})
            for event, customer, (__, __, day, __) in zip(events, customers, rows, strict=True)]

    # ------------------------------------------------------------
    # EMAILS
    # ------------------------------------------------------------

    @api.model
    def _emails_to_count(self, limit=None):
        """Return the emails that count by a rule: one for each customer, channel and day, and only of days without a contact
        on that channel.

        :return: rows as of :meth:`_count`
        """
        rules = self.env['customer.contact.rule'].search([('kind', 'in', ('email_in', 'email_out'))])
        mark = self._seen()
        if not rules or mark is None:
            return []
        self._flush()
        sides = {'email_in': self._received_sql, 'email_out': self._sent_sql}
        arms = [sides[rule.kind](rule, mark) for rule in rules]
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT ON (m.partner_id, m.channel_id, m.day) m.*
                 FROM (%(emails)s) m
                WHERE NOT EXISTS (SELECT 1 FROM customer_followup f WHERE f.message_id = m.message_id)
                  AND NOT EXISTS (SELECT 1 FROM customer_followup f
                                   WHERE f.partner_id = m.partner_id AND f.channel_id = m.channel_id AND f.state = 'done'
                                     AND f.qualifies AND f.contact_day = m.day)
             ORDER BY m.partner_id, m.channel_id, m.day, m.date, m.message_id LIMIT %(limit)s""",
            emails=SQL(" UNION ALL ").join(arms), limit=limit))
        browse = {name: self.env[name].browse for name in ('customer.contact.rule', 'mail.message', 'res.partner', 'res.users')}
        return [
            (f'message {message_id}', partner_id, {
                'rule': (rule := browse['customer.contact.rule'](rule_id)), 'message': browse['mail.message'](message_id),
                'customer': browse['res.partner'](partner_id), 'contact': browse['res.partner'](person_id),
                'user': browse['res.users'](user_id or ()), 'contact_at': date, 'day': day, 'channel': rule.channel_id})
            for message_id, date, rule_id, __, person_id, partner_id, user_id, day in rows]

    @api.model
    def _received_sql(self, rule, mark):
        """Return SQL with the emails that people of customers have written since a mark."""
        clock = self.env['customer.clock']
        return SQL(
            """SELECT m.id AS message_id, m.date, %(rule)s AS rule_id, %(channel)s AS channel_id, person.id AS person_id,
                      c.id AS partner_id, c.user_id, %(day)s AS day
                 FROM mail_message m
                 JOIN res_partner person ON person.id = m.author_id
                 JOIN res_partner c ON c.id = person.commercial_partner_id AND c.customer_managed IS TRUE
                WHERE m.id > %(mark)s AND m.message_type = 'email' AND %(place)s
                  AND m.is_internal IS NOT TRUE AND m.customer_by_itself IS NOT TRUE AND m.date <= %(now)s
                  AND NOT EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = person.id AND u.share IS NOT TRUE)
                  -- what answers a message that left by itself stands on its follow-up
                  AND NOT (m.model = 'customer.followup' AND EXISTS (
                          SELECT 1 FROM customer_followup f WHERE f.id = m.res_id AND f.answered_at IS NOT NULL))""",
            rule=rule.id, channel=rule.channel_id.id, mark=mark, place=rule._place_sql('m'),
            now=fields.Datetime.now(), day=clock._day_sql(SQL("m.date"), clock._user_zone_sql(SQL("c.user_id"))))

    @api.model
    def _sent_sql(self, rule, mark):
        """Return SQL with the emails that colleagues have written to people of customers since a mark, and that arrived as far
        as the mail server knows."""
        clock = self.env['customer.clock']
        return SQL(
            """SELECT m.id AS message_id, m.date, %(rule)s AS rule_id, %(channel)s AS channel_id, person.id AS person_id,
                      c.id AS partner_id, u.id AS user_id, %(day)s AS day
                 FROM mail_message m
                 JOIN res_users u ON u.partner_id = m.author_id AND u.share IS NOT TRUE AND u.active
                 JOIN mail_notification n ON n.mail_message_id = m.id AND n.notification_type = 'email'
                                         AND n.notification_status = 'sent'
                 JOIN res_partner person ON person.id = n.res_partner_id
                 JOIN res_partner c ON c.id = person.commercial_partner_id AND c.customer_managed IS TRUE
            LEFT JOIN mail_message_subtype s ON s.id = m.subtype_id
                WHERE m.id > %(mark)s AND m.message_type = 'comment' AND %(place)s
                  AND m.is_internal IS NOT TRUE AND s.internal IS NOT TRUE AND m.date <= %(now)s
                  AND NOT EXISTS (SELECT 1 FROM res_users own WHERE own.partner_id = person.id AND own.share IS NOT TRUE)""",
            rule=rule.id, channel=rule.channel_id.id, mark=mark, place=rule._place_sql('m'),
            now=fields.Datetime.now(), day=clock._day_sql(SQL("m.date"), clock._user_zone_sql(SQL("u.id"))))

    @api.model
    def _seen(self):
        """Return the id of the email up to which everything was seen; None when nothing was looked at before: it begins now."""
        parameters = self.env['ir.config_parameter'].sudo()  # where the addon stands is for no user to read
        mark = parameters.get_param(SEEN)
        if not mark:
            [[last]] = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM mail_message"))
            parameters.set_param(SEEN, last)
            return None
        return int(mark)

    @api.model
    def _note_seen(self):
        """Keep up to which email everything was seen: those that were written long enough ago. Where no rule is used, all: a
        rule counts from the day on which it is used."""
        parameters, mark = self.env['ir.config_parameter'].sudo(), self._seen()  # as above
        used = self.env['customer.contact.rule'].search_count([('kind', '!=', 'meeting')], limit=1)
        before = fields.Datetime.now() - AGAIN if used else fields.Datetime.now()
        [[last]] = self.env.execute_query(SQL(
            "SELECT max(id) FROM mail_message WHERE id > %s AND create_date < %s", mark or 0, before))
        if last and mark is not None:
            parameters.set_param(SEEN, last)

    @api.model
    def _take_back_bounced(self):
        """Emails that came back after they were counted were no contacts.

        :return: how many
        """
        self._flush()
        rows = self.env.execute_query(SQL(
            """SELECT f.id FROM customer_followup f
                WHERE f.message_id IS NOT NULL AND f.counted_by_id IS NOT NULL AND f.qualifies AND f.state = 'done'
                  AND f.outcome IS NULL AND f.contact_at >= %s
                  AND EXISTS (SELECT 1 FROM mail_notification n WHERE n.mail_message_id = f.message_id
                                 AND n.res_partner_id = COALESCE(f.contact_id, f.partner_id)
                                 AND n.notification_status IN ('bounce', 'exception', 'canceled'))""",
            fields.Datetime.now() - BOUNCES))

        def take_back(some):
            for followup in some:
                says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
                self.env['customer.followup.closer']._uncount(followup, says.env._("The email came back."))
            return len(some)

        def set_aside(followup, error):
            _logger.info("The contact %s could not be taken back", followup.id, exc_info=error)
            return 0

        followups = self.env['customer.followup'].browse(row_id for row_id, in rows)
        return sum(self.env['customer.routine']._by_halves(followups, take_back, set_aside))

    # ------------------------------------------------------------
    # COUNTING
    # ------------------------------------------------------------

    @api.model
    def _count(self, rows):
        """Keep contacts that count by themselves. What the customer said, and how it was, nobody has told: that stays empty.

        :param rows: what it is, whose, and a dict with ``rule``, ``customer``, ``channel``, ``contact_at``, ``day``, ``user``,
            and ``message`` with ``contact``, or ``meeting``
        """
        records = self.env['customer.followup']
        for __, __, found in rows:
            customer, message, meeting = found['customer'], found.get('message'), found.get('meeting')
            person = found.get('contact') or meeting._customer_person(customer)
            record = self.env['customer.contact.logger']._contact_record(customer, found['channel'], found['day'])
            records |= self.env['customer.contact.logger']._keep_contact(customer, record, {
                'state': 'done', 'channel_id': found['channel'].id, 'contact_id': person.id if person != customer else False,
                'contact_at': found['contact_at'], 'contact_day': found['day'], 'outcome': False, 'qualifies': True,
                'feedback': (message.subject or message.preview) if message else meeting.name,
                'closed_at': fields.Datetime.now(), 'closed_by_id': self.env.uid, 'counted_by_id': found['rule'].id,
                'meeting_id': meeting.id if meeting else False, 'message_id': message.id if message else False,
                **({} if record else {'user_id': found['user'].id}),
            })
        if records:
            records._after_close()
