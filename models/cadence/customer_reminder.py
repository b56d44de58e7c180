import logging

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.i18n import format_list

from ..base.local_day import in_company_zone
from ..platform.counted import plural
from ..platform.local_text import listed

_logger = logging.getLogger(__name__)

#: Follow-ups that get their activity in one transaction.
BATCH = 500

#: So many overdue follow-ups at a time are an activity each for the leader; more are one activity that counts them.
ONE_BY_ONE = 5

#: Customers named in a message about what was given.
NAMED = 10


class CustomerReminder(models.AbstractModel):
    """Reminds ahead of the date, hands follow-ups to the backup during an absence, and escalates what is overdue (CAD-9).

    Each question is asked of the data: which open follow-ups are due and were not reminded yet, which belong to somebody
    who is away today, which are overdue for too long and were not escalated. So it does not matter how often, or after
    what interruption, it is asked.
    """

    _name = 'customer.reminder'
    _description = "Follow-up Reminders"

    @api.model
    @in_company_zone
    def _cron_remind(self):
        """Hand over, remind and escalate; a batch of follow-ups per transaction."""
        with self.env['customer.run']._measure('remind') as run:
            self._ask_anew()
            self._carry_deadlines()
            handed = self._work_absences()
            self.env['ir.cron']._commit_progress(handed)
            counts = {}
            for kind, domain, act in (
                ('reminded', self._remind_domain(), self._remind),
                ('escalated', self._escalate_domain(), self._escalate_overdue),
            ):
                counts[kind] = self._work_off(domain, act)
            run['done'] = handed + sum(counts.values())
            run['note'] = self.env._(
                "%(reminded)s reminded, %(escalated)s escalated, %(handed)s handed over or back",
                handed=handed, **counts)

    @api.model
    def _work_off(self, domain, act):
        """Do something with all follow-ups of a domain, batch by batch, until the time is up.

        :param act: function of a batch that returns those for which nothing could be done, if any
        """
        followups, left, done = self.env['customer.followup'], [], []

        def due():
            return domain & Domain('id', 'not in', left)

        def set_aside(followup, error):
            _logger.info("Nobody could be told of the follow-up %s", followup.id, exc_info=error)
            return followup

        def work():
            batch = followups.search(due(), limit=BATCH, order='date_planned, id').try_lock_for_update()
            undone = followups.union(*self.env['customer.routine']._by_halves(
                batch, lambda some: act(some) or followups, set_aside))
            left.extend(undone.ids)
            done.extend((batch - undone).ids)
            return len(batch)  # none: another process has them

        self.env['customer.routine']._repeat(work, lambda: followups.search_count(due()))
        return len(done)

    # ------------------------------------------------------------
    # REMIND
    # ------------------------------------------------------------

    @api.model
    def _remind_domain(self):
        """Return the domain of the follow-ups whose responsible person should get an activity now."""
        return Domain([
            ('state', '=', 'planned'), ('reminded', '=', False),
            ('user_id.active', '=', True), '|', ('partner_id.active', '=', True), ('partner_id', '=', False),
        ]) & self.env['customer.clock']._reached_domain('date_remind', 'user_id') & self._by_hand_domain()

    @api.model
    def _by_hand_domain(self):
        """Return the domain of the follow-ups that people do: those that are not sent by themselves, could not be, or are on
        another channel than their touchpoint."""
        sender = self.env['customer.sender']
        return Domain('automatic', '=', False) | Domain('send_error', '!=', False) | sender._channel_domain('<>')

    @api.model
    def _remind(self, followups):
        followups._create_tasks('reminder', [
            (followup, followup.user_id, self._deadline(followup), *self._reminder_texts(followup)) for followup in followups])
        followups.reminded = True

    @api.model
    def _reminder_texts(self, followup):
        """Return what a follow-up is about, and why it is on its day, in the language of whoever is reminded of it."""
        own = followup.with_context(lang=followup.user_id.lang or self.env.lang)
        return own.name or own.step_id.name, own.move_note

    @api.model
    def _deadline(self, followup):
        """Return the deadline of a reminder, which Odoo shows red once it is over: the day of the follow-up; while that is over
        and there is time left, today; and its last day from then on. So red is overdue everywhere."""
        if not followup.date_planned or not followup.date_limit:
            return followup.date_planned
        today = self.env['customer.clock']._today(followup.user_id)
        return max(followup.date_planned, min(today, followup.date_limit))

    @api.model
    def _carry_deadlines(self):
        """Move the deadlines of the reminders of what is due and not overdue to today, see :meth:`_deadline`."""
        activities = self.env['mail.activity']
        activities.flush_model()
        self.env['customer.followup'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE mail_activity a
                  SET date_deadline = LEAST(%(today)s, f.date_limit)
                 FROM customer_followup f
                WHERE a.res_model = 'customer.followup' AND a.res_id = f.id AND a.active AND a.automated
                  AND a.activity_type_id = %(reminder)s AND f.state = 'planned' AND f.date_planned <= a.date_deadline
                  AND a.date_deadline < LEAST(%(today)s, f.date_limit)""",
            today=self.env['customer.clock']._user_today_sql(SQL("f.user_id")),
            reminder=self.env['customer.followup']._task_type('reminder').id))
        activities.invalidate_model(['date_deadline', 'state'])

    # ------------------------------------------------------------
    # ESCALATE
    # ------------------------------------------------------------

    @api.model
    def _escalate_domain(self):
        """Return the domain of the follow-ups that are overdue for so long that the team leader should know.

        What was agreed with customers that are archived or excluded by now is nobody's failure.
        """
        return Domain([
            ('state', '=', 'planned'), ('escalated', '=', False),
            '|', ('partner_id', '=', False),
            '&', ('partner_id.active', '=', True), ('partner_id.customer_enrolment', '!=', 'excluded'),
        ]) & self.env['customer.clock']._reached_domain('date_escalate', 'user_id', 'owner_id')

    @api.model
    def _escalate_overdue(self, followups):
        """Tell the leaders, those of many follow-ups with one activity that counts them; what is after an event is given to
        somebody or cancelled, if its touchpoint says so.

        :return: the follow-ups of which nobody could be told
        """
        followups -= self._time_out(followups)
        rows = [
            (followup, lambda says, day=followup.date_limit: says._("Overdue since %(day)s", day=format_date(says, day)))
            for followup in followups]
        told = self._tell_leaders(rows, automated=True, summary=lambda says, count: plural(
            count, says._("A follow-up is overdue"), says._("%(count)s follow-ups are overdue", count=count)))
        told.escalated = True
        return followups - told

    @api.model
    def _time_out(self, followups):
        """Do with follow-ups that nobody made in time what their touchpoints say (CAD-1).

        :return: those with which something was done
        """
        late = followups.filtered(lambda followup: followup.event_date and followup.step_id.on_timeout == 'cancel')
        if late:
            late._mark_cancelled('timeout', '')
            late._replan()  # what waits for them begins
        for followup in (followups - late).filtered(
                lambda followup: followup.event_date and followup.step_id.on_timeout == 'give'):
            user = followup.step_id.timeout_user_id
            able = self.env['customer.responsibility']._is_able(user, followup.company_id)
            if able and user != followup.user_id:
                followup.user_id = user
                followup.escalated = True
                late |= followup
        return late

    @api.model
    def _tell_leaders(self, rows, summary, automated=False, note=None):
        """Give team leaders activities about follow-ups, of many of them one that counts them; where the leader is
        responsible for it, or there is none, a manager.

        :param rows: pairs of a follow-up and a function of an environment that says why in its language
        :param summary: function of an environment and a number that says the same of many
        :param bool automated: the activities go when their cause is gone
        :param note: function of an environment and a follow-up that says more of it
        :return: the follow-ups of which somebody was told
        """
        leaders, told = {}, {}
        for followup, why in rows:
            key = followup.owner_id or followup._account_manager(), followup.company_id, followup.user_id
            if key not in leaders:
                leaders[key] = self.env['customer.responsibility']._to_tell(*key)
            if leaders[key]:
                told.setdefault(leaders[key], []).append((followup, why))
        followups = self.env['customer.followup']
        for leader, own in told.items():
            followups = followups.union(*(followup for followup, __ in own))
            if len(own) > ONE_BY_ONE:
                self.env['customer.task']._give_list(
                    'customer_success.mail_activity_type_escalation', leader,
                    [(followup.whose, why) for followup, why in own], summary)
            else:
                says = self.with_context(lang=leader.lang).env
                followups._create_tasks(
                    'escalation', [(followup, leader, None, why(says), note and note(says, followup)) for followup, why in own],
                    automated=automated)
        return followups

    @api.model
    def _tell_left(self, users):
        """Tell the leaders of users who left, or can't look after customers any more, how many customers have nobody now.

        :param users: res.users
        """
        self.env['res.partner'].flush_model()
        company = self.env['customer.responsibility']._company_sql('p', 'u')
        rows = self.env.execute_query(SQL(
            """SELECT p.user_id, %s, count(*) FROM res_partner p JOIN res_users u ON u.id = p.user_id
                WHERE p.user_id = ANY(%s) AND p.customer_managed IS TRUE GROUP BY 1, 2 ORDER BY 1, 2""", company, users.ids))
        left = {}
        for user_id, company_id, count in rows:
            user = self.env['res.users'].browse(user_id)
            leader = self.env['customer.responsibility']._to_tell(user, self.env['res.company'].browse(company_id))
            if leader:
                left.setdefault(leader, []).append((user, count))
        for leader, own in left.items():
            says, count = self.with_context(lang=leader.lang).env, sum(count for __, count in own)
            values = {'count': count, 'user': listed(says, dict.fromkeys(user.name for user, __ in own))}
            self.env['customer.task']._give_loose_task(
                'customer_success.mail_activity_type_nobody', leader,
                plural(count, says._("A customer of %(user)s has nobody who looks after it", **values),
                       says._("%(count)s customers of %(user)s have nobody who looks after them", **values)),
                self._say_nobody(says))

    @api.model
    def _say_nobody(self, says):
        """Return what to do with customers that have nobody, with a click to them.

        :param says: environment in the reader's language
        """
        return Markup('%s <a href="/odoo/customers-of-nobody">%s</a>') % (
            says._("Choose them all in the list and hand them over; their follow-ups are yours or a colleague's until then."),
            says._("Show these customers"))

    # ------------------------------------------------------------
    # ABSENCE
    # ------------------------------------------------------------

    @api.model
    def _hand_over_and_back(self, model_name='customer.followup', record_ids=None):
        """Give what is due while somebody is away to whoever stands in, and give back what was not done.

        Handed over is what is due before the absence ends, what is overdue included. What was moved is known by its
        absence, and only that goes back. Asked anew each time: who stands in may have left meanwhile, and the next
        absence may follow without a day between.

        :param str model_name: of the records: they have ``user_id`` and ``absence_id``
        :param record_ids: only these records; default: all open ones
        :return: ids of the records that were moved
        :rtype: list[int]
        """
        self.env.flush_all()
        responsibility, table = self.env['customer.responsibility'], SQL.identifier(self.env[model_name]._table)
        rows = self.env.execute_query(SQL(
            """WITH away AS MATERIALIZED (%(away)s),
                    able AS MATERIALIZED (%(able)s),
                    record AS MATERIALIZED (
                    SELECT r.*, COALESCE(was.user_id, r.user_id) AS base_id
                      FROM (%(records)s) r LEFT JOIN customer_absence was ON was.id = r.absence_id
                     WHERE r.absence_id IS NOT NULL OR r.user_id IN (SELECT user_id FROM away)
                    ),
                    doer AS MATERIALIZED (%(doer)s)
             UPDATE %(table)s t
                SET user_id = w.user_id, absence_id = w.absence_id, write_date = %(now)s
               FROM (SELECT r.id, CASE WHEN away.absence_id IS NOT NULL AND d.doer_id <> r.base_id THEN d.doer_id
                                       WHEN able.user_id IS NOT NULL THEN r.base_id
                                       ELSE COALESCE(d.owner_id, r.base_id) END AS user_id,
                            CASE WHEN d.doer_id <> r.base_id THEN away.absence_id END AS absence_id
                       FROM record r
                  LEFT JOIN away ON away.user_id = r.base_id AND (r.due IS NULL OR r.due <= away.date_to)
                  LEFT JOIN doer d ON d.user_id = r.base_id AND d.company_id = r.company_id AND d.role = 'manager'
                  LEFT JOIN able ON able.user_id = r.base_id AND able.company_id = r.company_id) w
              WHERE w.id = t.id AND (t.user_id, t.absence_id) IS DISTINCT FROM (w.user_id, w.absence_id)
          RETURNING t.id""",
            away=responsibility._away_sql(), able=responsibility._able_sql(),
            records=self._absence_records_sql(model_name, record_ids), table=table, now=self.env.cr.now(),
            doer=responsibility._doer_sql(SQL("SELECT base_id AS user_id, company_id FROM record"))))
        moved = [record_id for record_id, in rows]
        self.env[model_name].browse(moved).invalidate_recordset(['user_id', 'absence_id', 'write_date'])
        return moved

    @api.model
    def _absence_records_sql(self, model_name, record_ids=None):
        """Return SQL with the open records that an absence can move: ``id``, ``user_id``, ``absence_id``, ``company_id``, and
        ``due``, the day before which an absence does not matter. Other wings add theirs.

        :param record_ids: only these records; default: all open ones
        """
        return SQL(
            """SELECT id, user_id, absence_id, company_id, date_planned AS due
                 FROM customer_followup WHERE state = 'planned' %s""",
            SQL("AND id = ANY(%s)", list(record_ids)) if record_ids is not None else SQL())

    @api.model
    def _work_absences(self):
        """Move what absences move; other wings add their records.

        :return: how many records
        """
        moved = self._hand_over_and_back()
        self._follow_plan(moved)
        return len(moved)

    @api.model
    def _give_back(self, absence_ids):
        """Give back what these absences moved, at once. Other wings add their records.

        :param absence_ids: ids of absences that change or are gone
        """
        followups = self.env['customer.followup'].search([
            ('state', '=', 'planned'), ('absence_id', 'in', absence_ids)])
        self._return(followups)
        self._follow_plan(followups.ids)

    @api.model
    def _return(self, records):
        """Let records go back to whom an absence took them from, without an email for each."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """UPDATE %s r SET user_id = a.user_id, absence_id = NULL
                 FROM customer_absence a WHERE a.id = r.absence_id AND r.id = ANY(%s)""",
            SQL.identifier(records._table), records.ids))
        records.invalidate_recordset(['user_id', 'absence_id'])

    @api.model
    def _ask_anew(self):
        """Have those planned anew whose responsible person, or whom it belongs to, can't do it any more, whatever the cause:
        the safety net beneath what is asked when people change."""
        self.env.flush_all()
        able = self.env['customer.responsibility']._able_sql()
        for planner, whose in (
                ('customer.planner', SQL("partner_id")),
                ('customer.lead.planner', SQL("CASE WHEN partner_id IS NULL THEN lead_id END"))):
            self.env['customer.plan.request']._request_query(SQL(
                """WITH able AS MATERIALIZED (%(able)s)
                 SELECT DISTINCT %(whose)s AS id FROM customer_followup f
                  WHERE state = 'planned' AND %(whose)s IS NOT NULL AND (
                        user_id IS NOT NULL AND (user_id, company_id) NOT IN (SELECT user_id, company_id FROM able)
                        OR owner_id IS NOT NULL AND (owner_id, company_id) NOT IN (SELECT user_id, company_id FROM able))""",
                able=able, whose=whose), planner=planner)

    # ------------------------------------------------------------
    # KEEPING UP
    # ------------------------------------------------------------

    @api.model
    def _follow_plan(self, followup_ids):
        """Bring the activities of follow-ups in line: gone with what is closed or not due yet, moved with the rest.

        :param list[int] followup_ids: ids of follow-ups that changed
        """
        if not followup_ids:
            return
        reminder = self.env['customer.followup']._task_type('reminder')
        activities = self.env['customer.followup'].browse(followup_ids)._tasks('reminder', 'escalation')
        if not activities:
            return
        followups = self.env['customer.followup'].sudo().browse(activities.mapped('res_id'))  # as above
        by_id = {followup.id: followup for followup in followups.exists()}
        by_hand = followups.exists().filtered_domain(self._by_hand_domain())
        obsolete, moved = self.env['mail.activity'], {}
        for activity in activities:
            followup = by_id.get(activity.res_id)
            is_reminder = activity.activity_type_id == reminder
            wanted = followup and followup.state == 'planned' and (
                followup.reminded and followup in by_hand if is_reminder else followup.escalated)
            if not wanted:
                obsolete |= activity
                if is_reminder and followup and followup.state == 'planned' and followup.reminded:
                    followup.reminded = False  # should a person have to do it again, they are told again
            elif is_reminder:
                deadline = self._deadline(followup)
                if activity.user_id != followup.user_id:
                    moved[followup.user_id] = moved.get(followup.user_id, activity.browse()) | activity
                    activity.summary, activity.note = self._reminder_texts(followup)
                if activity.date_deadline != deadline:
                    activity.with_context(mail_activity_quick_update=True).date_deadline = deadline
        for user, own in moved.items():
            own.with_context(mail_activity_quick_update=True).write({'user_id': user.id})
        obsolete.sudo().unlink()  # as above

    @api.model
    def _tell_given(self, followups, user):
        """Tell somebody, with one message, that follow-ups were given to them.

        :param followups: customer.followup
        :param user: res.users
        """
        says = followups.with_context(lang=user.lang).env
        names = list(dict.fromkeys(followups.sudo().mapped('whose')))[:NAMED]  # a colleague's customers
        values = {'user': self.env.user.name, 'customers': format_list(says, names)}
        says['mail.thread'].sudo().message_notify(  # as above
            partner_ids=user.partner_id.ids,
            subject=plural(
                len(followups), says._("A follow-up was given to you"),
                says._("%(count)s follow-ups were given to you", count=len(followups))),
            body=plural(
                len(followups),
                says._("%(user)s gave you a follow-up: %(customers)s.", **values),
                says._("%(user)s gave you %(count)s follow-ups. The first of them: %(customers)s.", count=len(followups),
                       **values)))
