import logging
from datetime import date, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import schedule
from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Customers planned in one transaction.
BATCH = 20000

#: The same while people work, and when that is, by the clock of the company.
DAY_BATCH = 500
WORK_FROM, WORK_TO = 7, 20

#: What is counted of the planning: follow-ups, and customers who could not be planned.
COUNTED = ('opened', 'moved', 'cancelled', 'failed')


class CustomerPlanner(models.AbstractModel):
    """Keeps exactly one open follow-up per customer and recurring touchpoint, with the right date (CAD-4).

    How a date is made, in this order:

    1. The *anchor* is the last qualifying contact or skipped touch; before there is one, the day on which the touchpoint
       began to apply to this customer.
    2. Anchor + interval is the raw date (``engine.schedule.Interval``).
    3. Paused days do not run (``engine.schedule.skip_pauses``).
    4. A person who moved the follow-up wins over the date so far, until the anchor changes.
    5. The date moves to a day that suits: the responsible person's calendar, the customer's, the culture's
       (``engine.suitability``, applied by the wing culture); a date chosen by a person stays.
    6. The limit is the date, before customer and culture had a say, + the days of grace, not counting days before the
       touchpoint applied.

    What the planner itself cancelled, because the customer was none any more, was not to be contacted or had another
    cadence, is the same follow-up again when the cause is gone: with its day, its responsible person and its contact. Only
    what came due while it did not apply counts anew, from the day on which it was taken up again (``date_back``).

    One customer and two hundred thousand go through the same statements. They say what should be there, compare that
    with what is there, and write the difference: running them again, or after a crash, changes nothing more.
    """

    _name = 'customer.planner'
    _description = "Follow-up Planner"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_plan(self):
        """Work the queue, one transaction per batch, until the time of the action is up."""
        progress = self.env['ir.cron']._commit_progress
        requests = self.env['customer.plan.request']
        self._begin_pauses()
        remaining = requests._waiting()
        progress(remaining=remaining)
        conflicts = 0
        while remaining:
            try:
                with self.env['customer.run']._measure('plan') as run:
                    claimed = requests._claim(self._batch_size())
                    run.update(self._summary(self._plan_claimed(claimed)))
                done, remaining = remaining, requests._waiting()
                time_left = progress(max(done - remaining, 0), remaining=remaining)
                conflicts = 0
                if not claimed or not time_left:
                    break
            except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                # somebody logged a contact of one of these customers meanwhile: look again at what is there now
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > 5:
                    raise

    @api.model
    def _batch_size(self):
        """Return how many customers are planned in one transaction: few while people work, who wait for it when they log."""
        clock = self.env['customer.clock']
        hour = clock._now(clock._main_company()).hour
        return min(BATCH, DAY_BATCH) if WORK_FROM <= hour < WORK_TO else BATCH

    @api.model
    def _work_queue(self):
        """Work the whole queue in this transaction.

        :return: ``opened``, ``moved``, ``cancelled``, ``failed``
        :rtype: dict[str, int]
        """
        total = dict.fromkeys(COUNTED, 0)
        while claimed := self.env['customer.plan.request']._claim(BATCH):
            for key, value in self._plan_claimed(claimed).items():
                total[key] += value
        return total

    @api.model
    def _plan_claimed(self, claimed):
        """Plan what was taken out of the queue.

        :param claimed: see ``customer.plan.request._claim``
        :return: see :meth:`_work_queue`
        """
        total = dict.fromkeys(COUNTED, 0)
        for cadence_id, attempts in claimed.items():
            for key, value in self._plan_because(cadence_id, list(attempts), attempts).items():
                total[key] += value
        return total

    @api.model
    def _plan_because(self, cadence_id, partner_ids, attempts=None):
        """Plan customers, and keep what came of it with the cadence whose change asked for it.

        :param cadence_id: id of the cadence, or None where it was something else
        :return: see :meth:`_work_queue`
        """
        counts = self._plan_safely(partner_ids, attempts)
        if cadence_id and any(counts.values()):
            self.env['customer.cadence.outcome'].create({'cadence_id': cadence_id, **counts})
        return counts

    @api.model
    def _plan_safely(self, partner_ids, attempts=None):
        """Plan customers; one that can't be planned is set aside with its error and the others go on.

        :param list[int] partner_ids: ids of customers
        :param dict[int, int] attempts: how often the planning of a customer failed before
        :return: see :meth:`_work_queue`
        """
        self.env.flush_all()  # what waits to be written is not at fault below
        try:
            with self.env.cr.savepoint():
                return {**self._plan(partner_ids), 'failed': 0}
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction is not the customer's fault
        except Exception as error:
            if len(partner_ids) == 1:
                _logger.info("Customer %s could not be planned", partner_ids[0], exc_info=True)
                self.env['customer.plan.request']._set_aside(
                    partner_ids[0], error, (attempts or {}).get(partner_ids[0], 0))
                return {'opened': 0, 'moved': 0, 'cancelled': 0, 'failed': 1}
        half = len(partner_ids) // 2
        first, second = (self._plan_safely(part, attempts) for part in (partner_ids[:half], partner_ids[half:]))
        return {key: first[key] + second[key] for key in first}

    @api.model
    def _plan(self, partner_ids):
        """Make the open follow-ups of these customers what they should be.

        :param partner_ids: ids of customers; others are ignored
        :return: ``opened``, ``moved``, ``cancelled``
        :rtype: dict[str, int]
        """
        partner_ids = list(partner_ids)
        touched, reopened, moved, opened = self._make_plan(partner_ids)
        self.env['customer.followup'].invalidate_model()
        self.env['res.partner'].browse(partner_ids).invalidate_recordset([
            'customer_last_contact', 'customer_next_contact', 'customer_contact_state', 'customer_contacts_hidden'])
        self.env['customer.reminder']._follow_plan(touched + moved)
        self._tell_stopped(touched)
        self._untell_stopped(reopened)
        return {
            'opened': len(reopened) + opened, 'moved': len({*moved} - {*reopened}), 'cancelled': len(touched)}

    @api.model
    def _make_plan(self, partner_ids):
        """Write what the open follow-ups of these customers should be, and nothing that follows from it.

        :return: ids of those that were cancelled, that are open again and that changed, and how many are new
        :rtype: tuple[list[int], list[int], list[int], int]
        """
        self.env.flush_all()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_plan"))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_plan ON COMMIT DROP AS %s", self._wanted_sql(partner_ids)))
        self._apply_pauses()
        self._apply_calendars()
        cancelled = self._cancel_unwanted(partner_ids)
        reopened = self._reopen()
        moved = self._update_open()
        return cancelled, reopened, moved, self._open_missing()

    # ------------------------------------------------------------
    # WHAT SHOULD BE THERE
    # ------------------------------------------------------------

    @api.model
    def _carried_sql(self, customer):
        """Return SQL with these columns, each after a comma, for a row of the plan.

        :param customer: name of a relation that has the columns, or None for follow-ups that no calendar moves
        """
        return SQL()

    @api.model
    def _planned_columns(self):
        """Return the columns of an open follow-up that the planner owns, each a column of the plan too."""
        return [
            'cadence_id', 'company_id', 'channel_id', 'owner_id', 'user_id', 'given_by_id', 'absence_id', 'date_anchor',
            'anchor_kind', 'date_raw', 'date_planned', 'move_kind', 'date_limit', 'date_remind', 'date_escalate',
            'date_manual',
        ]

    @api.model
    def _wanted_sql(self, partner_ids):
        """Return SQL with a row per customer and touchpoint, and per open follow-up without one, with its raw date."""
        responsibility = self.env['customer.responsibility']
        return SQL(
            """WITH customer AS (%(customer)s),
                    doer AS MATERIALIZED (%(doer)s),
                    able AS MATERIALIZED (%(able)s),
                    anchor AS (%(anchor)s),
                    calendar AS (
                    SELECT DISTINCT ON (user_id) user_id, calendar_id FROM resource_resource
                     WHERE user_id IS NOT NULL AND active ORDER BY user_id, id
                    ),
                    touch AS (%(touch)s),
                    dated AS (
                    SELECT t.*,
                           CASE WHEN t.kind = 'event' THEN t.event_day
                                ELSE COALESCE(GREATEST(a.contact, a.skip, a.back), t.applies_since) END AS counted_from,
                           CASE WHEN t.kind = 'event' THEN 'event'
                                WHEN a.back > GREATEST(a.contact, a.skip, '-infinity') THEN 'back'
                                WHEN a.contact >= COALESCE(a.skip, a.contact) THEN 'contact'
                                WHEN a.skip IS NOT NULL THEN 'skip' ELSE 'start' END AS counted_by,
                           CASE WHEN t.kind = 'event' THEN make_interval(days => t.delay_days)
                                ELSE t.step_interval END AS period,
                           CASE WHEN t.kind = 'event' THEN t.event_day END AS event_date
                      FROM touch t
                 LEFT JOIN anchor a ON a.partner_id = t.id AND a.step_id = t.step_id AND t.kind = 'recurring'
                     WHERE t.kind = 'recurring' OR t.event_day >= t.date_start
                    ),
                    known AS (%(known)s),
                    met AS (
                    SELECT d.*, k.id AS followup_id, k.date_anchor AS known_anchor, k.date_manual AS known_manual,
                           COALESCE(CASE WHEN d.kind = 'event' THEN k.date_back END, d.counted_from) AS base_anchor,
                           k.cancelled_at
                      FROM dated d
                 LEFT JOIN known k
                        ON k.partner_id = d.id AND k.step_id = d.step_id AND k.event_date IS NOT DISTINCT FROM d.event_date
                    ),
                    back AS MATERIALIZED (SELECT m.*, CASE WHEN %(returns)s THEN %(today)s::date END AS date_back FROM met m),
                    wanted AS (
                    SELECT d.id AS partner_id, d.step_id, d.cadence_id, d.company_id, d.channel_id, d.owner_id,
                           COALESCE(d.date_back, d.base_anchor) AS date_anchor,
                           CASE WHEN d.date_back IS NULL THEN d.counted_by ELSE 'back' END AS anchor_kind,
                           d.event_date, d.applies_since, d.grace_days, d.remind_days, d.escalation_days,
                           (COALESCE(d.date_back, d.base_anchor) + d.period)::date AS date_raw, d.followup_id, d.date_back,
                           d.cancelled_at IS NOT NULL AS is_cancelled,
                           CASE WHEN d.known_anchor = COALESCE(d.date_back, d.base_anchor) THEN d.known_manual
                            END AS date_manual %(carried)s
                      FROM back d
                     UNION ALL
                    SELECT f.partner_id, NULL, NULL, company.id, f.channel_id,
                           CASE WHEN f.given_by_id IS NULL AND p.user_id IS NOT NULL OR able.user_id IS NULL
                                THEN d.owner_id ELSE f.owner_id END,
                           f.date_anchor, f.anchor_kind, NULL, f.date_anchor, %(grace)s, %(remind)s, %(escalate)s,
                           GREATEST(f.date_raw, f.back), f.id, f.back, f.is_cancelled,
                           GREATEST(COALESCE(f.date_manual, f.date_raw), f.back)
                           %(not_carried)s
                      FROM (%(loose)s) f
                      JOIN res_partner p ON p.id = f.partner_id
                 LEFT JOIN res_users u ON u.id = p.user_id
        CROSS JOIN LATERAL (SELECT CASE WHEN f.given_by_id IS NULL AND p.user_id IS NOT NULL THEN %(company)s
                                        ELSE f.company_id END AS id) AS company
                 LEFT JOIN doer d ON d.user_id = p.user_id AND d.company_id = company.id AND d.role = 'manager'
                 LEFT JOIN able ON able.user_id = f.owner_id AND able.company_id = company.id
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
            customer=self._cadence_of_customer_sql(partner_ids), anchor=self.env['customer.anchor']._latest_sql(partner_ids),
            company=self._company_sql(), touch=self._touch_sql(), doer=responsibility._doer_sql(self._pairs_sql(partner_ids)),
            able=responsibility._able_sql(), people=self._people_sql(),
            carried=self._carried_sql('d'), not_carried=self._carried_sql(None),
            known=self._known_sql(), loose=self._loose_sql(partner_ids), returns=self._returns_sql(),
            today=fields.Date.context_today(self), **self._loose_days(),
        )

    @api.model
    def _known_sql(self):
        """Return SQL with the follow-ups of touchpoints that are open (of the relation ``customer``), and those that the planner
        cancelled last, with the moment, which are open again when their touchpoint applies again."""
        return SQL(
            """SELECT id, partner_id, step_id, event_date, date_anchor, date_manual, date_back, NULL::timestamp AS cancelled_at
                 FROM customer_followup
                WHERE state = 'planned' AND step_id IS NOT NULL AND partner_id IN (SELECT id FROM customer)
                UNION ALL
               SELECT f.id, f.partner_id, f.step_id, f.event_date, f.date_anchor, f.date_manual, f.date_back, f.closed_at
                 FROM customer_followup f
                WHERE f.state = 'cancelled' AND f.close_kind IN ('left', 'no_contact', 'replanned')
                  AND f.step_id IS NOT NULL AND f.partner_id IN (SELECT id FROM customer)
                  AND NOT EXISTS (
                      SELECT 1 FROM customer_followup other
                       WHERE other.partner_id = f.partner_id AND other.step_id = f.step_id
                         AND other.event_date IS NOT DISTINCT FROM f.event_date
                         AND (other.id > f.id OR other.state = 'planned'
                              OR other.event_date IS NOT NULL AND other.state <> 'cancelled'))""")

    @api.model
    def _loose_sql(self, partner_ids):
        """Return SQL with the open follow-ups without a touchpoint, and what was agreed with customers who may be contacted
        again: ``back`` is today where its day passed while they were not to be contacted."""
        return SQL(
            """SELECT f.id, f.partner_id, f.company_id, f.channel_id, f.owner_id, f.given_by_id, f.date_anchor, f.anchor_kind,
                      f.date_raw, f.date_manual, f.state = 'cancelled' AS is_cancelled,
                      CASE WHEN f.state = 'cancelled' AND f.closed_at < %(yesterday)s
                            AND COALESCE(f.date_manual, f.date_raw) < %(today)s THEN %(today)s::date END AS back
                 FROM customer_followup f
                 JOIN res_partner p ON p.id = f.partner_id AND p.customer_do_not_contact IS NOT TRUE
                WHERE f.partner_id = ANY(%(ids)s) AND f.step_id IS NULL
                  AND (f.state = 'planned'
                       OR f.state = 'cancelled' AND f.close_kind = 'no_contact' AND f.anchor_kind = 'promise')""",
            ids=partner_ids, today=fields.Date.context_today(self), yesterday=self._yesterday())

    @api.model
    def _yesterday(self):
        """Return the moment before which something ended that was more than a mistake set right the same day."""
        return fields.Datetime.subtract(fields.Datetime.now(), days=1)

    @api.model
    def _returns_sql(self):
        """Return SQL that is true for a touch (the relation ``m``) that counts from today: it came due while it did not
        apply, or would be overdue although nobody ever had it to do."""
        return SQL(
            """m.cancelled_at < %(yesterday)s
               AND COALESCE(CASE WHEN m.known_anchor = m.base_anchor THEN m.known_manual END,
                            (m.base_anchor + m.period)::date) < %(today)s
               OR m.followup_id IS NULL AND m.kind = 'recurring'
               AND GREATEST((m.base_anchor + m.period)::date, m.applies_since) + m.grace_days < %(today)s
               AND NOT EXISTS (SELECT 1 FROM customer_followup ever
                                WHERE ever.partner_id = m.id AND ever.step_id = m.step_id)""",
            today=fields.Date.context_today(self), yesterday=self._yesterday())

    @api.model
    def _touch_sql(self):
        """Return SQL with a row per customer (of the relation ``customer``) and touchpoint: channel, responsible person,
        the day of its event, and since when it applies."""
        return SQL(
            """SELECT c.*, s.id AS step_id, s.kind, s.grace_days, s.remind_days, s.escalation_days, s.date_start,
                      (s.interval_count || ' ' || s.interval_unit)::interval AS step_interval, s.delay_days,
                      CASE WHEN mb.id IS NOT NULL OR pb.id IS NOT NULL THEN s.fallback_channel_id
                           ELSE s.channel_id END AS channel_id,
                      doer.owner_id,
                      CASE s.event WHEN 'managed' THEN c.managed_since
                                   -- the last order may be one that was set back, confirmed again and dated anew
                                   WHEN 'order' THEN LEAST(c.last_order, CASE
                                        WHEN again.day BETWEEN c.last_order - 1 AND c.last_order + 1 THEN again.confirmed END)
                                   WHEN 'tier' THEN c.tier_since END AS event_day,
                      GREATEST(c.managed_since, c.tier_since, c.meant_since, c.cadence_since, s.date_start)
                      AS applies_since
                 FROM customer c
                 JOIN customer_cadence_step s ON s.cadence_id = c.cadence_id AND s.active
                 JOIN customer_channel channel ON channel.id = s.channel_id
            LEFT JOIN doer ON doer.user_id = c.user_id AND doer.company_id = c.company_id AND doer.role = s.role
            LEFT JOIN mail_blacklist mb
                   ON channel.medium = 'email' AND mb.active AND mb.email = c.email_normalized
            LEFT JOIN phone_blacklist pb
                   ON channel.medium = 'sms' AND pb.active AND pb.number = c.phone_sanitized
            LEFT JOIN (%(again)s) AS again ON again.partner_id = c.id""", again=self._set_back_sql())

    @api.model
    def _set_back_sql(self):
        """Return SQL with the last order of customers that was set back, confirmed again and so dated anew: ``partner_id``,
        its ``day``, and the day on which it was ``confirmed`` first. They are few."""
        document = self.env['customer.document']
        zone, join = document._order_zone_sql()
        return SQL(
            """SELECT DISTINCT ON (o.customer_commercial_id) o.customer_commercial_id AS partner_id, %(day)s AS day,
                      %(confirmed)s AS confirmed
                 FROM sale_order o %(join)s
                WHERE o.customer_confirmed_at IS NOT NULL AND o.state = 'sale'
             ORDER BY o.customer_commercial_id, o.date_order DESC""",
            day=document._day_sql(SQL("o.date_order"), zone), join=join,
            confirmed=document._day_sql(SQL("o.customer_confirmed_at"), zone))

    @api.model
    def _pairs_sql(self, partner_ids):
        """Return SQL with the account managers of customers, and the companies that they or their follow-ups are of."""
        company = self.env['customer.responsibility']._company_sql('p', 'u')
        return SQL(
            """SELECT p.user_id, %s AS company_id
                 FROM res_partner p JOIN res_users u ON u.id = p.user_id WHERE p.id = ANY(%s)
                UNION
               SELECT p.user_id, f.company_id
                 FROM customer_followup f JOIN res_partner p ON p.id = f.partner_id
                WHERE f.partner_id = ANY(%s) AND f.step_id IS NULL
                  AND (f.state = 'planned' OR f.state = 'cancelled' AND f.close_kind = 'no_contact')""",
            company, partner_ids, partner_ids)

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

    @api.model
    def _loose_days(self):
        """Return the days of grace, reminder and escalation of follow-ups without a touchpoint."""
        setting = self.env['res.config.settings']._customer_success
        return {name: setting(f'{name}_days') for name in ('grace', 'remind', 'escalate')}

    # ------------------------------------------------------------
    # MOVING THE DATES
    # ------------------------------------------------------------

    @api.model
    def _apply_pauses(self):
        """Let the clocks of paused customers stand still. Pauses are few, so this goes through the engine row by row."""
        pauses, today, day = {}, {}, timedelta(days=1)
        for partner_id, start, end, begun, manager_day in self.env.execute_query(SQL(
                """SELECT s.partner_id, s.date_from, s.date_to, s.begun, %s FROM customer_pause s
                     JOIN res_partner p ON p.id = s.partner_id
                    WHERE s.partner_id IN (SELECT partner_id FROM customer_plan)""", self._pause_day_sql(SQL("p")))):
            pauses.setdefault(partner_id, []).append(schedule.Pause(start, end))
            # what has begun for one user has begun for all, whatever day it is where the others are
            today[partner_id] = max(today.get(partner_id, manager_day), start if begun else date.min)
        if not pauses:
            return
        moved = []
        for row_id, partner_id, anchor, raw, manual in self.env.execute_query(SQL(
                """SELECT ctid::text, partner_id, date_anchor, date_raw, date_manual FROM customer_plan
                    WHERE partner_id = ANY(%s)""", list(pauses))):
            if manual:
                free = schedule.skip_pauses(manual - day, manual, pauses[partner_id], today[partner_id])
            else:
                free = schedule.skip_pauses(anchor, raw, pauses[partner_id], today[partner_id])
            if free != (manual or raw):
                moved.append((row_id, free))
        if moved:
            self.env.cr.execute(SQL(
                """UPDATE customer_plan w SET date_planned = m.day, move_kind = 'pause'
                     FROM unnest(%s, %s) AS m(row_id, day) WHERE w.ctid = m.row_id::tid""",
                [row_id for row_id, __ in moved], [free for __, free in moved]))

    @api.model
    def _pause_day_sql(self, alias):
        """Return SQL for the day that decides whether a pause runs: that of the customer's account manager."""
        return self.env['customer.clock']._user_today_sql(SQL("%s.user_id", alias), SQL("%s.company_id", alias))

    @api.model
    def _apply_calendars(self):
        """Move what falls on a day that does not suit. The wing culture knows the calendars; ``date_due`` of the plan is the
        day from which the limit counts, where it is not the planned day."""

    # ------------------------------------------------------------
    # WRITING THE DIFFERENCE
    # ------------------------------------------------------------

    @api.model
    def _final_sql(self):
        """Return SQL with the planned rows as they should stand in the follow-ups."""
        return SQL(
            """SELECT w.*,
                      GREATEST(COALESCE(w.date_due, w.date_planned), w.applies_since) + w.grace_days AS date_limit,
                      w.date_planned - w.remind_days AS date_remind,
                      CASE WHEN w.escalation_days > 0
                           THEN GREATEST(COALESCE(w.date_due, w.date_planned), w.applies_since)
                                + w.grace_days + w.escalation_days
                       END AS date_escalate
                 FROM customer_plan w WHERE w.channel_id IS NOT NULL AND w.date_planned IS NOT NULL""")

    @api.model
    def _cancel_unwanted(self, partner_ids):
        """Cancel open follow-ups of touchpoints that do not apply to the customer any more.

        :return: ids of the cancelled follow-ups
        """
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET state = 'cancelled', close_kind = CASE WHEN p.customer_do_not_contact THEN 'no_contact'
                                                             WHEN p.customer_managed IS NOT TRUE THEN 'left'
                                                             ELSE 'replanned' END,
                      closed_at = %(moment)s, write_date = %(now)s
                 FROM res_partner p
                WHERE p.id = f.partner_id AND f.partner_id = ANY(%(ids)s) AND f.state = 'planned'
                  AND (f.step_id IS NULL AND p.customer_do_not_contact
                       OR f.step_id IS NOT NULL AND f.event_date IS NULL AND NOT EXISTS (
                          SELECT 1 FROM customer_plan w
                           WHERE w.partner_id = f.partner_id AND w.step_id = f.step_id AND w.channel_id IS NOT NULL)
                       OR f.event_date IS NOT NULL AND (
                          p.customer_managed IS NOT TRUE OR p.customer_do_not_contact OR NOT EXISTS (
                          SELECT 1 FROM customer_cadence_step s
                           WHERE s.id = f.step_id AND s.active AND s.kind = 'event'
                             -- what was set back has not happened
                             AND f.event_date <= CASE s.event WHEN 'managed' THEN p.customer_managed_since
                                                              WHEN 'order' THEN p.customer_last_order
                                                              WHEN 'tier' THEN p.customer_tier_since END)))
            RETURNING f.id""", ids=partner_ids, now=self.env.cr.now(), moment=fields.Datetime.now()))
        return [followup_id for followup_id, in rows]

    @api.model
    def _reopen(self):
        """Take up again what the planner itself cancelled and what applies again.

        :return: ids of the follow-ups that are open again
        """
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET state = 'planned', close_kind = NULL, closed_at = NULL, closed_by_id = NULL,
                      date_back = COALESCE(w.date_back, f.date_back), reminded = FALSE, escalated = FALSE,
                      missed = %(missed)s, write_date = %(now)s
                 FROM (%(final)s) w
                WHERE w.followup_id = f.id AND w.is_cancelled
            RETURNING f.id""",
            final=self._final_sql(), now=self.env.cr.now(),
            missed=self._missed_sql(self.env['customer.anchor']._closed_on_sql())))
        return [followup_id for followup_id, in rows]

    @api.model
    def _update_open(self):
        """Bring open follow-ups in line with the plan.

        :return: ids of the follow-ups that changed
        """
        sets = SQL(", ").join(
            SQL("%s = w.%s", SQL.identifier(column), SQL.identifier(column)) for column in self._planned_columns())
        old = SQL(", ").join(SQL("f.%s", SQL.identifier(column)) for column in self._planned_columns())
        new = SQL(", ").join(SQL("w.%s", SQL.identifier(column)) for column in self._planned_columns())
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET %(sets)s,
                      move_count = CASE WHEN w.date_manual IS NULL THEN 0 ELSE f.move_count END,
                      reminded = f.reminded AND w.date_remind <= %(today)s AND NOT w.is_left,
                      escalated = f.escalated AND w.date_escalate <= %(today)s,
                      missed = %(missed)s,
                      write_date = %(now)s
                 FROM (%(final)s) w
                WHERE w.followup_id = f.id AND (%(old)s) IS DISTINCT FROM (%(new)s)
            RETURNING f.id""",
            sets=sets, old=old, new=new, final=self._final_sql(),
            missed=self._missed_sql(SQL("%s::date", fields.Date.context_today(self))),
            today=self.env['customer.clock']._user_today_sql(SQL("f.user_id")), now=self.env.cr.now()))
        return [followup_id for followup_id, in rows]

    @api.model
    def _missed_sql(self, until):
        """Return SQL for what is kept of a follow-up ``f`` that was overdue, before the plan ``w`` gives it another day: else
        nobody who looks back would find that it was.

        :param SQL until: the day until which it was overdue
        """
        return SQL(
            """CASE WHEN f.date_limit < %(until)s AND w.date_limit >= %(until)s
                    THEN COALESCE(f.missed, '[]') || jsonb_build_object(
                         'planned', f.date_planned, 'limit', f.date_limit, 'until', %(until)s)
                    ELSE f.missed END""", until=until)

    @api.model
    def _open_missing(self):
        """Open the follow-ups that should be there and are not.

        :return: how many
        """
        columns = SQL(", ").join(SQL.identifier(column) for column in self._planned_columns())
        self.env.cr.execute(SQL(
            """INSERT INTO customer_followup (
                      partner_id, step_id, event_date, date_back, %(columns)s, state, move_count, reminded, escalated,
                      create_uid, create_date, write_uid, write_date)
                    SELECT w.partner_id, w.step_id, w.event_date, w.date_back, %(columns)s, 'planned', 0, FALSE, FALSE,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM (%(final)s) w
                     WHERE w.followup_id IS NULL
                       -- nobody is welcomed long after; that nobody is overdue for before, see _returns_sql
                       AND (w.event_date IS NULL OR w.date_limit >= %(today)s AND NOT EXISTS (
                            SELECT 1 FROM customer_followup f
                             WHERE f.partner_id = w.partner_id AND f.step_id = w.step_id
                               AND f.event_date = w.event_date AND f.state <> 'cancelled'))
               ON CONFLICT DO NOTHING""",
            columns=columns, final=self._final_sql(), uid=self.env.uid, now=self.env.cr.now(),
            today=fields.Date.context_today(self)))
        return self.env.cr.rowcount

    # ------------------------------------------------------------
    # HOUSEKEEPING
    # ------------------------------------------------------------

    @api.model
    def _begin_pauses(self):
        """Ask for the planning of customers whose pause begins today: what was due before waits for its end."""
        self.env['customer.pause'].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT s.id FROM customer_pause s JOIN res_partner p ON p.id = s.partner_id
                WHERE s.begun IS NOT TRUE AND s.date_from <= %s AND s.date_from <= %s""",
            self.env['customer.clock']._last_day(), self._pause_day_sql(SQL("p"))))
        pauses = self.env['customer.pause'].browse(pause_id for pause_id, in rows)
        pauses.with_context(tracking_disable=True).begun = True
        self.env['customer.plan.request']._request(pauses.partner_id.ids, at_once=0)

    @api.model
    def _request_missing(self):
        """Ask for the planning of customers that lack an open follow-up, whatever the cause: the nightly safety net."""
        self.env['customer.followup'].flush_model()
        self.env['res.partner'].flush_model()
        self.env['customer.plan.request']._request_query(SQL(
            """SELECT DISTINCT id
                 FROM (SELECT c.id, s.id AS step_id
                         FROM (%s) c
                         JOIN customer_cadence_step s
                           ON s.cadence_id = c.cadence_id AND s.active AND s.kind = 'recurring'
                         JOIN customer_channel h ON h.id = s.channel_id AND (
                              h.medium NOT IN ('email', 'sms') OR s.fallback_channel_id IS NOT NULL)
                       EXCEPT ALL
                       SELECT partner_id, step_id FROM customer_followup
                        WHERE state = 'planned' AND event_date IS NULL AND step_id IS NOT NULL) AS missing""",
            self._cadence_of_customer_sql()))

    @api.model
    def _summary(self, counts):
        """Return the values of a run for what :meth:`_plan_safely` returned."""
        return {
            'done': counts['opened'] + counts['moved'] + counts['cancelled'],
            'failed': counts['failed'],
            'note': self.env._("%(opened)s opened, %(moved)s changed, %(cancelled)s cancelled", **counts),
        }
