import logging

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Customers planned in one transaction.
BATCH = 20000
#: From so many on it is worth a look whether PostgreSQL knows the tables that are joined.
MANY = 500

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
        return {key: sum(result.get(key, 0) for result in results) for key in COUNTED}

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
        followups = self.env['customer.followup']
        self.env['customer.followup.closer']._tell_stopped(followups.browse(touched))
        if reopened:
            followups.browse(reopened)._tasks('stopped').unlink()
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
            "CREATE TEMPORARY TABLE customer_plan ON COMMIT DROP AS %s", self.env['customer.plan.wanted']._wanted_sql(
                self, partner_ids, awaited)))
        if awaited.at_work:
            self.env['customer.plan.dates']._apply_working_time(self)
        self.env['customer.plan.dates']._apply_pauses(self)
        self._apply_calendars()
        cancelled = self._cancel_unwanted(partner_ids)
        reopened = self._reopen()
        moved = self._update_open()
        return cancelled, reopened, moved, self._open_missing()

    # ------------------------------------------------------------
    # THE QUEUE
    # ------------------------------------------------------------

    @api.model
    def _work_queue(self):
        """Work the whole queue in this transaction.

        :return: ``opened``, ``moved``, ``cancelled``, ``failed``
        :rtype: dict[str, int]
        """
        total = dict.fromkeys(COUNTED, 0)
        while True:
            planner, claimed = self._claim_next(BATCH)
            if not claimed:
                return total
            for key, value in planner._plan_claimed(claimed).items():
                total[key] += value

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

    # ------------------------------------------------------------
    # WHICH CADENCE
    # ------------------------------------------------------------

    @api.model
    def _cadence_of_customer_sql(self, partner_ids=None, candidate=None, arranged=None):
        """Return SQL with a row per customer that is to be contacted: ``id``, ``company_id``, ``cadence_id``, why it is this
        one (``cadence_by``: strategy, own, standing, segment, tier) and what the dates hang on.

        :param partner_ids: ids of customers, or None for all
        :param candidate: customer.cadence to be taken as active, whether they are or not: what if they went live?
        :param Arranged arranged: what if that was in force? Comes instead of ``candidate``
        """
        return self.env['customer.cadence.chooser']._sql(self, partner_ids, candidate, arranged)

    @api.model
    def _company_sql(self):
        """Return SQL for the company of a customer ``p`` with the account manager ``u``."""
        return self.env['customer.responsibility']._company_sql('p', 'u')

    @api.model
    def _customer_columns_sql(self):
        """Return SQL with what other wings read of a customer (the relation ``p``), each column after a comma."""
        return SQL()

    @api.model
    def _agreed_cadence_sql(self, candidate=None):
        """Return SQL for the cadence that was agreed with a customer, for the day since when, and the join that both need;
        for another wing to fill in.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        """
        return SQL("NULL::int"), SQL("NULL::date"), SQL()

    @api.model
    def _standing_cadence_sql(self, candidate=None):
        """Return SQL for the cadence that is meant for where a customer ``p`` stands with us, for the day since when it stands
        there, and the join that both need; for another wing to fill in.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        """
        return SQL("NULL::int"), SQL("NULL::date"), SQL()

    @api.model
    def _beside(self, partner_ids=None):
        """Return which cadences customers follow beside their own, for other wings to add to.

        :param partner_ids: ids of customers, or None for all
        :return: SQL with the columns ``partner_id``, ``cadence_id`` and ``since`` (a day)
        :rtype: list[SQL]
        """
        chooser = self.env['customer.cadence.chooser']
        parts = [chooser._after_people_sql(self, partner_ids)] if chooser._has_for_people() else []
        if 'handover' in self.env['customer.cadence.event']._awaited().events:
            parts.append(chooser._after_handover_sql(self, partner_ids))
        return parts

    @api.model
    def _beside_sql(self, partner_ids=None):
        """Return SQL with the cadences in force that customers follow beside their own, see :meth:`_beside`."""
        return self.env['customer.cadence.chooser']._all_beside_sql(self, partner_ids)

    @api.model
    @ormcache()
    def _rules_in_force(self):
        return self._rules_with(None)

    @api.model
    def _rules_with(self, candidate, arranged=None):
        """Return which cadence is for whom, where the customer has none of its own.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        :param Arranged arranged: see there
        :return: rows of company id, tier id (0: none) and cadence id, which may be None; and rows of company id, segment id
            and cadence id
        """
        tiers = self.env['customer.tier'].sudo().search([])  # the plan is one, whoever asks
        rules, by_segment = [], {}
        for company, fitting in self._cadences_by_company(candidate).items():
            fitting -= arranged.off if arranged else fitting.browse()
            meant = {cadence.id: arranged and arranged.meant.get(cadence.id) or cadence._meant() for cadence in fitting}
            default = next((cadence_id for cadence_id, one in meant.items() if one.is_default), None)
            for tier_id in [0, *tiers.ids]:
                rules.append((company.id, tier_id, next(
                    (cadence_id for cadence_id, one in meant.items() if tier_id in one.tier_ids), default)))
            for cadence_id, one in meant.items():
                for segment_id in one.segment_ids:
                    by_segment.setdefault((company.id, segment_id), cadence_id)
        return rules, [(*key, cadence_id) for key, cadence_id in by_segment.items()]

    @api.model
    def _cadences_by_company(self, candidate=None):
        """Return the cadences that are for the customers of each company, those that win first.

        :param candidate: see :meth:`_cadence_of_customer_sql`
        :rtype: dict of res.company to customer.cadence
        """
        everybody = self.sudo().with_context(active_test=True).env  # the plan is one, whoever asks
        cadences = everybody['customer.cadence'].search([]) | (candidate or everybody['customer.cadence'])
        return {
            company: cadences.filtered(lambda c, company=company: not c.company_id or c.company_id == company).sorted(
                lambda c: (not c.company_id, c.sequence, c.id))
            for company in everybody['res.company'].search([])}

    @api.model
    def _explain_cadence_by(self, by, partner, cadence):
        """Return the sentence for a cadence that a customer follows for a reason.

        :param str by: see ``cadence_by`` in :meth:`_cadence_of_customer_sql`
        """
        values = {'cadence': cadence.name, 'segment': partner.customer_segment_id.name, 'tier': partner.customer_tier_id.name}
        if by == 'own':
            return self.env._("By the cadence “%(cadence)s”, chosen for this customer.", **values)
        if by == 'segment':
            return self.env._("By the cadence “%(cadence)s”, meant for the segment %(segment)s.", **values)
        if partner.customer_tier_id in cadence.tier_ids:
            return self.env._("By the cadence “%(cadence)s”, meant for the tier %(tier)s.", **values)
        return self.env._("By the cadence “%(cadence)s”, the default: none is meant for this customer.", **values)

    @api.model
    def _count_by_cadence(self):
        """Return how many customers follow each cadence today.

        :rtype: dict[int, int]
        """
        self.env['res.partner'].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT cadence_id, count(*) FROM (%(all)s) AS c WHERE cadence_id IS NOT NULL GROUP BY 1
                UNION ALL
               SELECT cadence_id, count(*) FROM (%(beside)s) AS beside
                WHERE EXISTS (SELECT 1 FROM (%(all)s) AS c WHERE c.id = beside.partner_id) GROUP BY 1""",
            all=self._cadence_of_customer_sql(), beside=self._beside_sql())))

    # ------------------------------------------------------------
    # WHAT SHOULD BE THERE
    # ------------------------------------------------------------

    @api.model
    def _subject_sql(self):
        """Return SQL for the relation of those who are planned, with their ``id``, ``user_id`` and ``company_id``."""
        return SQL("res_partner")

    @api.model
    def _anchor_sql(self, partner_ids):
        """Return SQL with what happened last, see ``customer.anchor``."""
        return self.env['customer.anchor']._latest_sql(partner_ids)

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
            'anchor_kind', 'date_raw', 'date_planned', 'planned_at', 'move_kind', 'date_limit', 'date_remind',
            'date_escalate', 'date_manual', 'channel_manual_id',
        ]

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

    # ------------------------------------------------------------
    # MOVING THE DATES
    # ------------------------------------------------------------

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
        self.env['customer.sender']._wake_for((step_id, moment) for __, step_id, moment in rows)
        return [followup_id for followup_id, *__ in rows]

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
        self.env['customer.sender']._wake_for(rows)
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
            """WITH c AS MATERIALIZED (SELECT id, cadence_id FROM (%s) AS customer)
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
