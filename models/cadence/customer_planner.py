import logging
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import clock, schedule
from ...engine.zones import day_in
from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Customers planned in one transaction.
BATCH = 20000
#: From so many on it is worth a look whether PostgreSQL knows the tables that are joined.
MANY = 500

#: The same while people work, and when that is, by the clock of the company.
DAY_BATCH = 500
WORK_FROM, WORK_TO = 7, 20


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

    #: The column of a follow-up that says whose it is: what all statements of this planner call ``partner_id``.
    _key = 'partner_id'
    #: Why the planner itself cancels what it takes up again.
    _own_kinds = ('left', 'no_contact', 'replanned')

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_plan(self):
        """Work the queue, one transaction per batch, until the time of the action is up."""
        self._begin_pauses()
        self.env['customer.routine']._repeat(self._plan_batch, self.env['customer.plan.request']._waiting)

    @api.model
    def _plan_batch(self):
        """Plan the customers who wait first.

        :return: how many
        """
        with self.env['customer.run']._measure('plan') as run:
            planner, claimed = self._claim_next(self._batch_size())
            run.update(self._summary(planner._plan_claimed(claimed)))
        return len(claimed)

    @api.model
    def _claim_next(self, limit):
        """Take those out of the queue who wait: customers first, then leads.

        :return: the planner for them, and what ``customer.plan.request._claim`` returns
        :rtype: tuple
        """
        for planner in (self.env['customer.planner'], self.env['customer.lead.planner']):
            if claimed := self.env['customer.plan.request']._claim(limit, planner._key):
                return planner, claimed
        return self, {}

    @api.model
    def _batch_size(self):
        """Return how many customers are planned in one transaction: few while people work, who wait for it when they log."""
        clock = self.env['customer.clock']
        hour = clock._now(clock._main_company()).hour
        return min(BATCH, DAY_BATCH) if WORK_FROM <= hour < WORK_TO else BATCH

    @api.model
    def _plan_safely(self, partner_ids, attempts=None):
        """Plan customers; one that can't be planned is set aside with its error and the others go on.

        :param list[int] partner_ids: ids of customers
        :param dict[int, int] attempts: how often the planning of a customer failed before
        :return: ``opened``, ``moved``, ``cancelled``, ``failed``
        :rtype: dict[str, int]
        """
        def set_aside(partner_id, error):
            _logger.info("%s %s could not be planned", self._key, partner_id, exc_info=True)
            self.env['customer.plan.request']._set_aside(
                partner_id, error, (attempts or {}).get(partner_id, 0), key=self._key)
            return {'failed': 1}

        results = self.env['customer.routine']._by_halves(partner_ids, self._plan, set_aside)
        return {key: sum(result.get(key, 0) for result in results) for key in ('opened', 'moved', 'cancelled', 'failed')}

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
        self.env['customer.lead.planner']._follow_customers(partner_ids)
        return {
            'opened': len(reopened) + opened, 'moved': len({*moved} - {*reopened}), 'cancelled': len(touched)}

    @api.model
    def _make_plan(self, partner_ids, awaited=None):
        """Write what the open follow-ups of these customers should be, and nothing that follows from it.

        :param awaited: what touchpoints wait for, where some are only tried; see ``customer.cadence.event``
        :return: ids of those that were cancelled, that are open again and that changed, and how many are new
        :rtype: tuple[list[int], list[int], list[int], int]
        """
        self.env.flush_all()
        if len(partner_ids) >= MANY:
            self.env['customer.statistics']._keep('res_partner', 'sale_order', 'customer_followup', 'customer_pause')
        awaited = awaited or self.env['customer.cadence.event']._awaited()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_plan"))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_plan ON COMMIT DROP AS %s", self._wanted_sql(partner_ids, awaited)))
        if awaited.at_work:
            self._apply_working_time()
        self._apply_pauses()
        self._apply_calendars()
        cancelled = self._cancel_unwanted(partner_ids)
        reopened = self._reopen()
        moved = self._update_open()
        return cancelled, reopened, moved, self._open_missing()

    # ------------------------------------------------------------
    # MOVING THE DATES
    # ------------------------------------------------------------

    @api.model
    def _apply_working_time(self):
        """Count the waits of touchpoints that count in working time. They are few, so this goes through the engine row by
        row; where nobody ever works by the calendar, the wait counts all the time."""
        rows = self.env.execute_query(SQL(
            """SELECT w.ctid::text, w.work_from, w.timed_zone, w.calendar_id, w.company_id, s.delay_count, s.delay_unit
                 FROM customer_plan w JOIN customer_cadence_step s ON s.id = w.step_id WHERE w.work_from IS NOT NULL"""))
        if not rows:
            return
        schedules, counted = {}, []
        for row_id, start, zone, *place, count, unit in rows:
            if tuple(place) not in schedules:
                schedules[tuple(place)] = self._schedule(*place, min(row[1] for row in rows))
            try:
                moment, day = self._after_work(schedules[tuple(place)], start, count, unit)
            except clock.NeverWorksError:
                continue
            counted.append((row_id, moment, day or day_in(zone, moment)))
        if counted:
            self.env.cr.execute(SQL(
                """UPDATE customer_plan w
                      SET timed_at = m.moment, timed_on = m.day, date_raw = m.day, date_planned = COALESCE(w.date_manual, m.day)
                     FROM unnest(%s, %s::timestamp[], %s) AS m(row_id, moment, day) WHERE w.ctid = m.row_id::tid""",
                *(list(column) for column in zip(*counted, strict=True))))

    @api.model
    def _schedule(self, calendar_id, company_id, since):
        """Return the working hours of a calendar for the engine, see ``resource.calendar._customer_schedule``."""
        return self.env['resource.calendar'].browse(calendar_id or [])._customer_schedule(
            self.env['res.company'].browse(company_id), since)

    @api.model
    def _after_work(self, hours, start, count, unit):
        """Return the moment at which so much working time is over; of whole days the day alone.

        :param hours: ``engine.clock.Schedule``
        :param datetime start: in UTC
        :param str unit: minute, hour, or day: one on which somebody works at all
        :rtype: tuple[datetime | None, date | None]
        :raises NeverWorksError: when nobody works by this schedule
        """
        if unit == 'day':
            return None, clock.working_day_after(hours, day_in(hours.zone, start), count)
        return clock.plan(hours, start, timedelta(minutes=count * (60 if unit == 'hour' else 1))).due, None

    @api.model
    def _apply_pauses(self):
        """Let the clocks of paused customers stand still. Pauses are few, so this goes through the engine row by row."""
        pauses, today, day = {}, {}, timedelta(days=1)
        for partner_id, start, end, begun, manager_day in self.env.execute_query(SQL(
                "SELECT q.id, s.date_from, s.date_to, s.begun, %s FROM %s",
                self._pause_day_sql(SQL("p")), self._paused_sql())):
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
    def _paused_sql(self):
        """Return SQL with the pauses ``s`` of those that are planned, ``q``, and with the customer ``p`` of each."""
        return SQL(
            """customer_pause s JOIN res_partner p ON p.id = s.partner_id
                 JOIN (SELECT DISTINCT partner_id AS id FROM customer_plan) q ON q.id = s.partner_id""")

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
            """SELECT w.*, CASE WHEN w.timed_at IS NULL OR w.date_manual IS NOT NULL THEN NULL
                                 WHEN w.date_planned = w.timed_on THEN w.timed_at ELSE %(begin)s END AS planned_at,
                      GREATEST(COALESCE(w.date_due, w.date_planned), w.applies_since) + w.grace_days AS date_limit,
                      w.date_planned - w.remind_days AS date_remind,
                      CASE WHEN w.escalation_days > 0
                           THEN GREATEST(COALESCE(w.date_due, w.date_planned), w.applies_since)
                                + w.grace_days + w.escalation_days
                       END AS date_escalate
                 FROM customer_plan w WHERE w.channel_id IS NOT NULL AND w.date_planned IS NOT NULL""",
            # moved to another day, it is for that day from its beginning
            begin=self.env['customer.clock']._begin_sql(SQL("w.date_planned"), SQL("w.timed_zone")))

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
                       -- what was set back has not happened
                       OR f.event_date IS NOT NULL AND NOT EXISTS (
                          SELECT 1 FROM customer_plan w
                           WHERE w.partner_id = f.partner_id AND w.step_id = f.step_id AND w.event_date = f.event_date))
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
                WHERE w.followup_id = f.id AND w.is_cancelled AND w.is_followed
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
                      -- what was taken up again was judged by the day on which it was cancelled
                      missed = CASE WHEN w.is_cancelled THEN f.missed ELSE %(missed)s END,
                      write_date = %(now)s
                 FROM (%(final)s) w
                WHERE w.followup_id = f.id AND (%(old)s) IS DISTINCT FROM (%(new)s)
            RETURNING f.id, f.step_id, f.planned_at""",
            sets=sets, old=old, new=new, final=self._final_sql(),
            missed=self._missed_sql(SQL("%s::date", fields.Date.context_today(self))),
            today=self.env['customer.clock']._user_today_sql(SQL("f.user_id")), now=self.env.cr.now()))
        self._wake_sender((step_id, moment) for __, step_id, moment in rows)
        return [followup_id for followup_id, *__ in rows]

    @api.model
    def _wake_sender(self, planned):
        """Have what is sent by itself sent at its moment.

        :param planned: pairs of the id of a touchpoint and a moment, or None
        """
        now = fields.Datetime.now()
        coming = [(step_id, moment) for step_id, moment in planned if moment and moment > now]
        if coming:
            automatic = set(self.env['customer.cadence.step'].browse({step_id for step_id, __ in coming}).filtered(
                'automatic').ids)
            self.env['customer.automatic']._wake_at({moment for step_id, moment in coming if step_id in automatic})

    @api.model
    def _missed_sql(self, until):
        """Return SQL for what is kept of a follow-up ``f`` that was overdue, before the plan ``w`` gives it another day: else
        nobody who looks back would find that it was.

        :param SQL until: the day until which it was overdue
        """
        return SQL(
            """CASE WHEN f.date_limit < %(until)s AND w.date_limit >= %(until)s
                    THEN COALESCE(f.missed, '[]') || jsonb_build_object(
                         'planned', f.date_planned, 'limit', f.date_limit, 'until', %(until)s,
                         'user', f.user_id, 'channel', f.channel_id)
                    ELSE f.missed END""", until=until)

    @api.model
    def _open_missing(self):
        """Open the follow-ups that should be there and are not.

        :return: how many
        """
        columns = SQL(", ").join(SQL.identifier(column) for column in self._planned_columns())
        rows = self.env.execute_query(SQL(
            """INSERT INTO customer_followup (
                      %(key)s, step_id, event_date, date_back, %(columns)s, state, move_count, reminded, escalated,
                      create_uid, create_date, write_uid, write_date)
                    SELECT w.partner_id, w.step_id, w.event_date, w.date_back, %(columns)s, 'planned', 0, FALSE, FALSE,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM (%(final)s) w
                     WHERE w.followup_id IS NULL
                       -- nobody is welcomed long after, whatever applies since when; that nobody is overdue for before, see
                       -- _returns_sql
                       AND (w.event_date IS NULL OR COALESCE(w.date_due, w.date_planned) + w.grace_days >= %(today)s)
               ON CONFLICT DO NOTHING
                 RETURNING step_id, planned_at""",
            columns=columns, final=self._final_sql(), uid=self.env.uid, now=self.env.cr.now(), key=SQL.identifier(self._key),
            today=fields.Date.context_today(self)))
        self._wake_sender(rows)
        return len(rows)

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
            """WITH c AS MATERIALIZED (%s)
               SELECT id
                 FROM (SELECT k.id, s.id AS step_id
                         FROM (SELECT id, cadence_id FROM c %s) k
                         JOIN customer_cadence_step s
                           ON s.cadence_id = k.cadence_id AND s.active AND s.kind = 'recurring'
                         JOIN customer_channel h ON h.id = s.channel_id AND (
                              h.medium NOT IN ('email', 'sms') OR s.fallback_channel_id IS NOT NULL)
                       EXCEPT ALL
                       SELECT partner_id, step_id FROM customer_followup
                        WHERE state = 'planned' AND event_date IS NULL AND step_id IS NOT NULL) AS missing
                UNION %s""",
            self._cadence_of_customer_sql(),
            SQL("UNION SELECT partner_id, cadence_id FROM (%s) AS b WHERE partner_id IN (SELECT id FROM c)", self._beside_sql())
            if self._beside() else SQL(), self.env['customer.cadence.event']._waited_sql()))

    @api.model
    def _summary(self, counts):
        """Return the values of a run for what :meth:`_plan_safely` returned."""
        return {
            'done': counts['opened'] + counts['moved'] + counts['cancelled'],
            'failed': counts['failed'],
            'note': self.env._("%(opened)s opened, %(moved)s changed, %(cancelled)s cancelled", **counts),
        }
