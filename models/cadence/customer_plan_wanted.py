from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import schedule

#: Events are looked at so many days longer than their touchpoints have: calendars and pauses move what is planned.
LATE_DAYS = 62


class CustomerPlanWanted(models.AbstractModel):
    """What should be there: the touchpoints of each customer, with the day from which each counts and its raw date (CAD-4).

    Whom it is for, a customer or a lead, is said by the planner that asks (see ``customer.planner``).
    """

    _name = 'customer.plan.wanted'
    _description = "Follow-ups That Should Be There"

    def _wanted_sql(self, planner, partner_ids, awaited):
        """Return SQL with a row per customer and touchpoint, and per open follow-up without one, with its raw date.

        :param awaited: what touchpoints wait for, see ``customer.cadence.event``
        """
        responsibility = planner.env['customer.responsibility']
        return SQL(
            """WITH RECURSIVE customer AS (%(customer)s),
                    known AS MATERIALIZED (%(known)s),
                    follows AS (
                    SELECT id AS partner_id, cadence_id, meant_since AS since FROM customer WHERE cadence_id IS NOT NULL
                    %(beside)s
                    ),
                    happened AS (%(happened)s),
                    asked AS (%(asked)s),
                    doer AS MATERIALIZED (%(doer)s),
                    able AS MATERIALIZED (%(able)s),
                    anchor AS (%(anchor)s),
                    calendar AS (
                    SELECT DISTINCT ON (user_id) user_id, calendar_id FROM resource_resource
                     WHERE user_id IS NOT NULL AND active ORDER BY user_id, id
                    ),
                    touch AS (%(touch)s),
                    dated AS (%(dated)s),
                    met AS (%(met)s),
                    back AS MATERIALIZED (SELECT m.*, CASE WHEN %(returns)s THEN %(today)s::date END AS date_back FROM met m),
                    wanted AS (
                    %(rows)s
                     UNION ALL
                    %(unbound)s
                    )
             SELECT w.*, %(people)s, COALESCE(w.date_manual, w.date_raw) AS date_planned, NULL::date AS date_due,
                    CASE WHEN w.date_manual IS NULL OR w.step_id IS NULL THEN 'none' ELSE 'manual' END AS move_kind,
                    COALESCE(calendar.calendar_id, company.resource_calendar_id, 0) AS calendar_id
               FROM wanted w
          LEFT JOIN customer_followup f ON f.id = w.followup_id
          LEFT JOIN able AS now ON now.user_id = f.user_id AND now.company_id = w.company_id
          LEFT JOIN able AS before ON before.user_id = f.owner_id AND before.company_id = w.company_id
          LEFT JOIN calendar ON calendar.user_id = w.owner_id
          LEFT JOIN res_company company ON company.id = w.company_id""",
            customer=planner._cadence_of_customer_sql(partner_ids), rows=self._rows_sql(planner, awaited),
            beside=self._also_sql(planner, partner_ids),
            happened=self._all_happened_sql(planner, partner_ids, awaited), asked=self._asked_sql(planner, awaited),
            anchor=planner._anchor_sql(partner_ids),
            touch=self._touch_sql(), doer=responsibility._doer_sql(self._pairs_sql(planner, partner_ids)),
            able=responsibility._able_sql(), people=self._people_sql(),
            dated=self._dated_sql(), unbound=self._unbound_sql(planner, partner_ids),
            known=self._known_sql(planner), met=self._met_sql(), returns=self._returns_sql(planner),
            today=fields.Date.context_today(planner),
        )

    def _rows_sql(self, planner, awaited):
        """Return SQL with the touches of the relation ``back``, in the columns of the plan, up to its carried ones."""
        return SQL(
            """SELECT d.id AS partner_id, d.step_id, d.touch_cadence_id AS cadence_id, d.company_id,
                      CASE WHEN d.channel_id IS NOT NULL THEN COALESCE(%(chosen)s, d.channel_id) END AS channel_id,
                      d.owner_id, COALESCE(d.date_back, d.base_anchor) AS date_anchor,
                      CASE WHEN d.date_back IS NULL THEN d.counted_by ELSE 'back' END AS anchor_kind,
                      d.event_date, d.applies_since, d.grace_days, d.remind_days, d.escalation_days,
                      COALESCE(%(timed_on)s, (COALESCE(d.date_back, d.base_anchor)
                          + CASE WHEN d.date_back IS NULL OR d.kind = 'event' THEN d.period ELSE %(round_back)s END)::date)
                      AS date_raw,
                      d.followup_id, d.date_back, d.cancelled_at IS NOT NULL AS is_cancelled, d.is_followed,
                      CASE WHEN d.known_anchor = COALESCE(d.date_back, d.base_anchor) THEN d.known_manual
                       END AS date_manual, %(timed)s AS timed_at, %(timed_on)s AS timed_on, %(timed_zone)s AS timed_zone,
                      %(worked)s AS work_from, %(chosen)s AS channel_manual_id %(carried)s
                 FROM back d %(timed_join)s""",
            carried=planner._carried_sql('d'), chosen=self._chosen_channel_sql(), **self._timed_sql(planner, awaited),
            round_back=self._first_round_sql(SQL("d"), SQL("d.date_back"), SQL("d.date_back")))

    def _also_sql(self, planner, partner_ids):
        """Return SQL, after ``UNION ALL``, with the cadences that customers follow beside their own."""
        if not planner._beside(partner_ids):
            return SQL()
        return SQL("UNION ALL SELECT partner_id, cadence_id, since FROM (%s) AS beside", planner._beside_sql(partner_ids))

    def _all_happened_sql(self, planner, partner_ids, awaited):
        """Return SQL with what happened to customers, and what follows from that, see ``customer.cadence.event``."""
        events = planner.env['customer.cadence.event']
        happened = events._happened_sql(partner_ids, awaited.events)
        return SQL("%s UNION %s", happened, events._followed_sql()) if 'step' in awaited.events else happened

    def _asked_sql(self, planner, awaited):
        """Return SQL with the touchpoints of customers, of the relations ``follows``, ``happened`` and ``known``: those that
        recur, and of those after an event each event of which a follow-up is open or may still be opened.

        Of what a customer that has another cadence by now still has open, it stays open (``is_followed`` is false). What
        has its follow-up gets no second one, also when the event was moved back: the one whose event is not there any more
        stands for the earlier one that is.
        """
        recurring = SQL(
            """SELECT k.partner_id, s.id AS step_id, NULL::date AS day, NULL::date AS counted, NULL::timestamp AS moment, k.since,
                      TRUE AS is_followed
                 FROM follows k
                 JOIN customer_cadence_step s ON s.cadence_id = k.cadence_id AND s.active AND s.kind = 'recurring'""")
        if not awaited.events:
            return recurring
        return SQL(
            """%(recurring)s
                UNION ALL
               SELECT h.partner_id, h.step_id, h.day, h.counted, h.moment, k.since, k.cadence_id IS NOT NULL
                 FROM happened h
                 JOIN customer_cadence_step s ON s.id = h.step_id
            LEFT JOIN follows k ON k.partner_id = h.partner_id AND k.cadence_id = s.cadence_id
            LEFT JOIN known n ON n.partner_id = h.partner_id AND n.step_id = h.step_id AND n.event_date = h.day
                WHERE n.id IS NOT NULL AND (n.cancelled_at IS NULL OR k.cadence_id IS NOT NULL)
                   OR k.cadence_id IS NOT NULL
                  AND h.counted + CASE s.delay_unit WHEN 'day' THEN s.delay_count ELSE 0 END + s.grace_days + %(margin)s
                      >= %(today)s
                  AND NOT EXISTS (SELECT 1 FROM customer_followup f
                                   WHERE f.partner_id = h.partner_id AND f.step_id = h.step_id AND f.event_date = h.day
                                     AND (f.state IN ('done', 'skipped') OR f.close_kind = 'timeout'))
                  AND NOT EXISTS (SELECT 1 FROM (SELECT partner_id, step_id, event_date FROM customer_followup
                                                  WHERE state IN ('done', 'skipped') AND event_date IS NOT NULL
                                                    AND partner_id IN (SELECT id FROM customer)
                                                 EXCEPT SELECT partner_id, step_id, day FROM happened) AS moved
                                   WHERE moved.partner_id = h.partner_id AND moved.step_id = h.step_id
                                     AND moved.event_date > h.day)""",
            recurring=recurring, margin=LATE_DAYS, today=fields.Date.context_today(planner))

    def _timed_sql(self, planner, awaited):
        """Return SQL about a touch ``d`` that is planned for a moment: ``timed`` (the moment in UTC), ``timed_on`` (its day,
        where the customer is), ``timed_zone``, and ``worked`` (the moment from which working time counts); all null where
        only the day matters; and ``timed_join``."""
        nothing = {'timed': SQL("NULL::timestamp"), 'timed_on': SQL("NULL::date"), 'timed_zone': SQL("NULL::text"),
                   'worked': SQL("NULL::timestamp"), 'timed_join': SQL()}
        if not awaited.by_the_hour and not awaited.at_work:
            return nothing
        clock = planner.env['customer.clock']
        begun = SQL("COALESCE(d.moment, %s)", clock._begin_sql(SQL("d.counted"), SQL("place.zone")))
        moment = SQL("CASE WHEN place.zone IS NOT NULL AND d.delay_unit <> 'day' THEN %s + d.wait END", begun)
        return {
            'timed': moment, 'timed_on': clock._day_sql(moment, SQL("place.zone")), 'timed_zone': SQL("place.zone"),
            'worked': SQL("CASE WHEN place.zone IS NOT NULL AND d.delay_clock = 'work' THEN %s END", begun),
            # looked up once for each touch that needs it, and for no other
            'timed_join': SQL(
                """LEFT JOIN LATERAL (
                        SELECT %s AS zone FROM res_partner at
                         WHERE at.id = d.id AND d.kind = 'event' AND NOT d.is_back AND d.date_back IS NULL OFFSET 0
                        ) AS place ON TRUE""", clock._customer_zone_sql(SQL("at")))}

    @api.model
    def _chosen_channel_sql(self):
        """Return SQL for the channel that a person chose for a touch (the relation ``d``), until the anchor changes, and as long
        as the customer has not opted out of it."""
        return SQL(
            """CASE WHEN d.known_anchor = COALESCE(d.date_back, d.base_anchor) AND NOT EXISTS (
                         SELECT 1 FROM customer_channel h
                          WHERE h.id = d.known_channel AND (
                                h.medium = 'email' AND d.email_normalized IN (SELECT email FROM mail_blacklist WHERE active)
                                OR h.medium = 'sms' AND d.phone_sanitized IN (SELECT number FROM phone_blacklist WHERE active)))
                    THEN d.known_channel END""")

    @api.model
    def _met_sql(self):
        """Return SQL with the rows of ``dated``, each with what is in ``known`` of it, and with the date it is counted from."""
        return SQL(
            """SELECT d.*, k.id AS followup_id, k.date_anchor AS known_anchor, k.date_manual AS known_manual,
                      k.date_back IS NOT NULL AS is_back, k.channel_manual_id AS known_channel,
                      COALESCE(CASE WHEN d.kind = 'event' THEN k.date_back END, d.counted_from) AS base_anchor,
                      k.cancelled_at
                 FROM dated d
            LEFT JOIN known k
                   ON k.partner_id = d.id AND k.step_id = d.step_id AND k.event_date IS NOT DISTINCT FROM d.event_date""")

    @api.model
    def _dated_sql(self):
        """Return SQL with each touchpoint of a customer (of the relations ``touch`` and ``anchor``), with the day from which it
        counts, and for how long."""
        return SQL(
            """SELECT t.*,
                      CASE WHEN t.kind = 'event' THEN t.counted
                           ELSE COALESCE(GREATEST(a.contact, a.skip, a.back), t.applies_since) END AS counted_from,
                      CASE WHEN t.kind = 'event' THEN 'event'
                           WHEN a.back > GREATEST(a.contact, a.skip, '-infinity') THEN 'back'
                           WHEN a.contact >= COALESCE(a.skip, a.contact) THEN 'contact'
                           WHEN a.skip IS NOT NULL THEN 'skip' ELSE 'start' END AS counted_by,
                      CASE WHEN t.kind = 'recurring' THEN %(first_round)s WHEN t.delay_unit = 'day' THEN t.wait
                           ELSE make_interval() END AS period,
                      t.event_day AS event_date
                 FROM touch t
            LEFT JOIN anchor a ON a.partner_id = t.id AND a.step_id = t.step_id AND t.kind = 'recurring'""",
            first_round=self._first_round_sql(
                SQL("t"), SQL("COALESCE(GREATEST(a.contact, a.skip, a.back), t.applies_since)"),
                SQL("GREATEST(a.contact, a.skip, a.back)")))

    @api.model
    def _first_round_sql(self, touch, counted, happened):
        """Return SQL for the time from which a touch counts until it is due: the interval. Where the first round of a touchpoint
        is spread, who was never contacted gets a day of the first interval, and who was due before it begins a day of the
        interval after that: always the same one, see ``engine.schedule.spread``.

        :param SQL touch: relation with the columns of a touchpoint
        :param SQL counted: the day from which it counts
        :param SQL happened: what happened last, null for a start
        """
        begins = SQL(
            "CASE WHEN %(happened)s IS NULL THEN GREATEST(%(counted)s, %(touch)s.spread_from) ELSE %(touch)s.spread_from END",
            happened=happened, counted=counted, touch=touch)
        return SQL(
            """CASE WHEN %(touch)s.spread_from IS NOT NULL AND (
                         %(happened)s IS NULL OR (%(counted)s + %(touch)s.step_interval)::date < %(touch)s.spread_from)
                    THEN make_interval(days => %(begins)s - %(counted)s
                         + (((%(touch)s.id::bigint + %(touch)s.step_id) * %(golden)s %% %(round)s)
                            * ((%(begins)s + %(touch)s.step_interval)::date - %(begins)s) / %(round)s)::int + 1)
                    ELSE %(touch)s.step_interval END""",
            touch=touch, counted=counted, happened=happened, begins=begins, golden=schedule.GOLDEN, round=schedule.ROUND)

    def _unbound_sql(self, planner, partner_ids):
        """Return SQL with the open follow-ups without a touchpoint, in the columns of the relation ``wanted``."""
        return SQL(
            """SELECT f.partner_id, NULL, NULL, company.id, f.channel_id,
                      CASE WHEN f.given_by_id IS NULL AND p.user_id IS NOT NULL OR able.user_id IS NULL
                           THEN d.owner_id ELSE f.owner_id END,
                      f.date_anchor, f.anchor_kind, NULL, f.date_anchor, %(grace)s, %(remind)s, %(escalate)s,
                      GREATEST(f.date_raw, f.back), f.id, f.back, f.is_cancelled, TRUE,
                      GREATEST(COALESCE(f.date_manual, f.date_raw), f.back), NULL, NULL, NULL, NULL, NULL
                      %(not_carried)s
                 FROM (%(loose)s) f
                 JOIN %(subject)s p ON p.id = f.partner_id
            LEFT JOIN res_users u ON u.id = p.user_id
   CROSS JOIN LATERAL (SELECT CASE WHEN f.given_by_id IS NULL AND p.user_id IS NOT NULL THEN %(company)s
                                   ELSE f.company_id END AS id) AS company
            LEFT JOIN doer d ON d.user_id = p.user_id AND d.company_id = company.id AND d.role = 'manager'
            LEFT JOIN able ON able.user_id = f.owner_id AND able.company_id = company.id""",
            company=planner._company_sql(), subject=planner._subject_sql(), not_carried=planner._carried_sql(None),
            loose=planner._loose_sql(partner_ids), **planner.env['customer.followup.opener']._loose_days())

    def _known_sql(self, planner):
        """Return SQL with the follow-ups of touchpoints that are open (of the relation ``customer``), and those that the planner
        cancelled last, with the moment, which are open again when their touchpoint applies again."""
        return SQL(
            """SELECT id, %(key)s AS partner_id, step_id, event_date, date_anchor, date_manual, channel_manual_id, date_back,
                      NULL::timestamp AS cancelled_at
                 FROM customer_followup
                WHERE state = 'planned' AND step_id IS NOT NULL AND %(key)s IN (SELECT id FROM customer)
                UNION ALL
               SELECT f.id, f.%(key)s, f.step_id, f.event_date, f.date_anchor, f.date_manual, f.channel_manual_id,
                      f.date_back, f.closed_at
                 FROM customer_followup f
                WHERE f.state = 'cancelled' AND f.close_kind = ANY(%(kinds)s)
                  AND f.step_id IS NOT NULL AND f.%(key)s IN (SELECT id FROM customer)
                  AND NOT EXISTS (
                      SELECT 1 FROM customer_followup other
                       WHERE other.%(key)s = f.%(key)s AND other.step_id = f.step_id
                         AND other.event_date IS NOT DISTINCT FROM f.event_date
                         AND (other.id > f.id OR other.state = 'planned'
                              OR other.event_date IS NOT NULL AND other.state <> 'cancelled'))""",
            key=SQL.identifier(planner._key), kinds=list(planner._own_kinds))

    def _returns_sql(self, planner):
        """Return SQL that is true for a touch (the relation ``m``) that counts from today: it came due while it did not
        apply, or would be overdue although nobody ever had it to do."""
        return SQL(
            """m.cancelled_at < %(yesterday)s
               AND COALESCE(CASE WHEN m.known_anchor = m.base_anchor THEN m.known_manual END,
                            (m.base_anchor + m.period)::date) < %(today)s
               OR m.followup_id IS NULL AND m.kind = 'recurring'
               AND GREATEST((m.base_anchor + m.period)::date, m.applies_since) + m.grace_days < %(today)s
               AND NOT EXISTS (SELECT 1 FROM customer_followup ever
                                WHERE ever.%(key)s = m.id AND ever.step_id = m.step_id)""",
            key=SQL.identifier(planner._key), today=fields.Date.context_today(planner), yesterday=planner._yesterday())

    @api.model
    def _touch_sql(self):
        """Return SQL with a row per customer (of the relation ``customer``) and touchpoint that is asked for (``asked``), with
        each event: channel, responsible person, and since when it applies."""
        return SQL(
            """SELECT c.*, s.id AS step_id, s.cadence_id AS touch_cadence_id, s.kind, s.grace_days, s.remind_days,
                      -- what is after an event has an end: a day after its latest one, where nobody said when
                      CASE WHEN s.kind = 'recurring' THEN s.escalation_days
                           WHEN s.on_timeout = 'escalate' THEN GREATEST(s.escalation_days, 1) ELSE 1 END AS escalation_days,
                      (s.interval_count || ' ' || s.interval_unit)::interval AS step_interval, s.delay_unit, s.delay_clock,
                      (s.delay_count || ' ' || s.delay_unit)::interval AS wait, s.spread_from,
                      CASE WHEN mb.id IS NOT NULL OR pb.id IS NOT NULL THEN s.fallback_channel_id
                           ELSE s.channel_id END AS channel_id,
                      -- a customer may have a technical contact of its own
                      COALESCE(expert.user_id, doer.owner_id) AS owner_id, a.day AS event_day, a.counted, a.moment, a.is_followed,
                      GREATEST(c.managed_since, c.tier_since, a.since, c.cadence_since, s.date_start) AS applies_since
                 FROM asked a
                 JOIN customer c ON c.id = a.partner_id
                 JOIN customer_cadence_step s ON s.id = a.step_id
                 JOIN customer_channel channel ON channel.id = s.channel_id
            LEFT JOIN doer ON doer.user_id = c.user_id AND doer.company_id = c.company_id AND doer.role = s.role
            LEFT JOIN able AS expert ON s.role = 'expert' AND expert.user_id = c.expert_id AND expert.company_id = c.company_id
            LEFT JOIN mail_blacklist mb
                   ON channel.medium = 'email' AND mb.active AND mb.email = c.email_normalized
            LEFT JOIN phone_blacklist pb
                   ON channel.medium = 'sms' AND pb.active AND pb.number = c.phone_sanitized""")

    def _pairs_sql(self, planner, partner_ids):
        """Return SQL with the account managers of customers, and the companies that they or their follow-ups are of."""
        company = planner.env['customer.responsibility']._company_sql('p', 'u')
        return SQL(
            """SELECT p.user_id, %(company)s AS company_id
                 FROM %(subject)s p JOIN res_users u ON u.id = p.user_id WHERE p.id = ANY(%(ids)s)
                UNION
               SELECT p.user_id, f.company_id
                 FROM customer_followup f JOIN %(subject)s p ON p.id = f.%(key)s
                WHERE f.%(key)s = ANY(%(ids)s) AND f.step_id IS NULL
                  AND (f.state = 'planned' OR f.state = 'cancelled' AND f.close_kind = ANY(%(kinds)s))""",
            company=company, ids=partner_ids, subject=planner._subject_sql(), key=SQL.identifier(planner._key),
            kinds=list(planner._own_kinds))

    @api.model
    def _people_sql(self):
        """Return SQL with who does a planned row ``w`` now: ``user_id``, and how it came to that one: ``given_by_id``,
        ``absence_id``; and whether somebody who can't do it any more had it: ``is_left``.

        It stays with whom it was given to, by a person or during an absence, as long as it belongs to the same owner and
        that one is able to do it. When the owner is not able to any more, what somebody gave away before stays given.
        """
        stays = SQL(
            """now.user_id IS NOT NULL AND (f.owner_id IS NOT DISTINCT FROM w.owner_id
                                            OR f.given_by_id IS NOT NULL AND before.user_id IS NULL)""")
        return SQL(
            """CASE WHEN %(stays)s THEN f.user_id ELSE w.owner_id END AS user_id,
               CASE WHEN %(stays)s OR f.user_id = w.owner_id THEN f.given_by_id END AS given_by_id,
               CASE WHEN %(stays)s THEN f.absence_id END AS absence_id,
               f.user_id IS NOT NULL AND now.user_id IS NULL AS is_left""", stays=stays)
