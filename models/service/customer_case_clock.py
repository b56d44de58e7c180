from datetime import date, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...engine.clock import NOTHING, NeverWorksError, elapsed, end_of_work, plan, waited, works_on
from ...engine.zones import day_in, local_time
from ..platform.counted import days as in_days
from ..platform.local_text import clauses, day_text, labelled, listed, listed_first

KINDS = [
    ('response', "Answer"), ('solution', "Solution"), ('revisit', "Revisit"), ('node', "Staged feedback"),
]

#: States in which a clock is not decided yet.
OPEN = ('running', 'paused')

#: What never changes once a clock is decided, whatever happens to calendars and policies.
FROZEN = {
    'case_id', 'kind', 'cycle', 'state', 'date_start', 'due', 'warn_at', 'target_minutes', 'detail', 'ended_at', 'policy_id',
}

#: So many stretches of working time are named in a sentence.
NAMED = 4

#: A day within so many of the first one is named by its weekday alone.
NEAR = timedelta(days=6)


class CustomerCaseClock(models.Model):
    """One deadline of a case in one cycle: since when it runs, when it is due and why, and what became of it (SRV-1).

    A clock is decided once: *met* when the thing was done in time, *failed* at the minute of the breach. A case that is
    reopened gets new clocks in a new cycle, and the old ones stay as they were counted.

    While nothing is decided, the deadline follows from what is stored: ``counted_from`` and ``used_minutes`` before that,
    the target, the working hours of the policy and the pauses of the case. So planning anew changes nothing unless one of
    these changed.
    """

    _name = 'customer.case.clock'
    _description = "Deadline of a Case"
    _inherit = ['customer.known']
    _order = 'cycle desc, id'
    _rec_name = 'kind'
    _known_when = {
        'taken_hours': [('done_at', '!=', False), ('kind', '!=', 'node')], 'met_percent': [('state', 'in', ('met', 'failed'))]}

    case_id = fields.Many2one(
        comodel_name='customer.case', required=True, readonly=True, index=True, ondelete='cascade')
    node_id = fields.Many2one(
        comodel_name='customer.case.node', readonly=True, index='btree_not_null', ondelete='cascade')
    kind = fields.Selection(selection=KINDS, string="Deadline", required=True, readonly=True)
    cycle = fields.Integer(
        required=True, readonly=True, default=1, aggregator=None,
        help="How often it has been begun: a case that is reopened begins a new cycle.")
    state = fields.Selection(
        selection=[
            ('running', "Running"), ('paused', "Paused"), ('met', "Met"), ('failed', "Failed"), ('void', "Not counted"),
        ], required=True, readonly=True, default='running')
    # what it is made of
    policy_id = fields.Many2one(
        comodel_name='customer.sla.policy', string="Service Policy", readonly=True, index='btree_not_null', ondelete='set null')
    date_start = fields.Datetime(string="Running Since", required=True, readonly=True)
    counted_from = fields.Datetime(
        required=True, readonly=True, help="Since then it is counted by the present rule; before, by a former one.")
    used_minutes = fields.Float(
        string="Used Before (minutes)", readonly=True, aggregator=None, help="Used by a former rule, before it was changed.")
    target_minutes = fields.Float(string="Time Given (minutes)", readonly=True, aggregator=None)
    revisit_days = fields.Integer(readonly=True, aggregator=None)
    # when it is due
    due = fields.Datetime(readonly=True, help="Empty: it is paused, and nobody knows until when.")
    warn_at = fields.Datetime(string="Warning From", readonly=True)
    detail = fields.Json(readonly=True, help="What the deadline is made of.")
    problem = fields.Char(readonly=True, help="Why there is no deadline.")
    explanation = fields.Text(string="Why Then", compute='_compute_explanation')
    stale = fields.Boolean(
        readonly=True, required=True, default=False, help="A rule has changed, and it is about to be planned anew.")
    # what became of it
    ended_at = fields.Datetime(string="Decided", readonly=True, help="When it was met, or when its time was over.")
    done_at = fields.Datetime(
        readonly=True, help="When it was done in the end, in time or not.")
    taken_hours = fields.Float(
        string="Time Taken (hours)", readonly=True, aggregator='avg', digits=(16, 2),
        help="The working time until it was done, pauses taken out.")
    warned = fields.Boolean(readonly=True, required=True, default=False)
    told = fields.Boolean(
        string="Leader Told", readonly=True, required=True, default=False, help="Somebody who leads was told that it failed.")
    # what people look at
    partner_id = fields.Many2one(related='case_id.partner_id', string="Customer")
    company_id = fields.Many2one(related='case_id.company_id')
    user_id = fields.Many2one(related='case_id.user_id', string="Responsible")
    case_type = fields.Selection(related='case_id.case_type')
    priority = fields.Selection(related='case_id.priority')
    tier_id = fields.Many2one(related='case_id.tier_id')
    met_percent = fields.Float(
        string="Met (%)", compute='_compute_met_percent', store=True, aggregator='avg', digits=(16, 1))
    color = fields.Integer(compute='_compute_color')

    _kind_uniq = models.UniqueIndex(
        "(case_id, kind, cycle) WHERE kind <> 'node'", "A case has one clock of a kind in a cycle.")
    _due_idx = models.Index("(due) WHERE state = 'running'")
    _warn_idx = models.Index("(warn_at) WHERE state = 'running' AND NOT warned")
    _tell_idx = models.Index("(id) WHERE state = 'failed' AND NOT told")
    _stale_idx = models.Index("(id) WHERE stale")
    _open_idx = models.Index("(case_id) WHERE state IN ('running', 'paused')")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kind', 'case_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for clock in self:
            clock.display_name = labelled(self.env, clock.case_id.display_name, kinds.get(clock.kind))

    @api.depends('state')
    def _compute_met_percent(self):
        for clock in self:
            clock.met_percent = 100 if clock.state == 'met' else 0

    @api.depends('state')
    def _compute_color(self):
        colors = {'met': 10, 'failed': 1, 'running': 4, 'paused': 3}
        for clock in self:
            clock.color = colors.get(clock.state, 0)

    @api.depends('detail', 'due', 'state', 'problem', 'target_minutes', 'used_minutes', 'node_id.name')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for clock in self:
            clock.explanation = clock.problem or (clock._explain() if clock.detail or clock.node_id else False)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Met or failed never changes after it was decided, whoever writes."""
        if not self.env.su:
            raise AccessError(self.env._("Deadlines follow from the policy and from what is done. Answer or solve the case."))
        if FROZEN & vals.keys() and (decided := self.filtered(lambda clock: clock.state not in OPEN)):
            raise UserError(self.env._(
                "%(clock)s is decided, and stays as it was counted.", clock=decided[0].display_name))
        return super().write(vals)

    # ------------------------------------------------------------
    # STARTING
    # ------------------------------------------------------------

    @api.model
    def _start(self, cases, kinds, moment=None):
        """Start clocks of cases in their present cycle, as their policies say.

        :param cases: customer.case
        :param kinds: ``response``, ``solution``, ``revisit``
        :param datetime moment: when they begin; by default when the case came in
        :return: the clocks
        """
        policies, rows = self.env['customer.sla.policy']._find_for(cases), []
        for case in cases:
            for kind in kinds:
                rule = self._rule(policies[case], kind)
                if any(rule.values()):
                    rows.append({
                        'case_id': case.id, 'kind': kind, 'cycle': case.cycle, 'policy_id': policies[case].id,
                        'date_start': moment or case.opened_at, 'counted_from': moment or case.opened_at, **rule})
        clocks = self.create(rows)
        clocks._plan()
        return clocks

    @api.model
    def _start_nodes(self, nodes):
        """Start the clocks of days for feedback."""
        now = fields.Datetime.now()
        clocks = self.create([{
            'case_id': node.case_id.id, 'node_id': node.id, 'kind': 'node', 'cycle': node.case_id.cycle, 'date_start': now,
            'counted_from': now} for node in nodes])
        clocks._plan()
        return clocks

    @api.model
    def _rule(self, policy, kind):
        """Return what a policy gives a clock: minutes, or days."""
        hours = {'response': policy.response_hours, 'solution': policy.solution_hours}.get(kind, 0)
        return {'target_minutes': hours * 60, 'revisit_days': policy.revisit_days if kind == 'revisit' else 0}

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    def _plan(self):
        """Find when the open ones of these clocks are due, write what changed, and have somebody look when it has come."""
        now, moments, open_ones = fields.Datetime.now(), [], self.filtered(lambda clock: clock.state in OPEN)
        schedules = open_ones._schedules()
        for clock in open_ones:
            planned = clock._planned(now, schedules.get(clock._works_by()))
            values = {name: value for name, value in planned.items() if clock[name] != value}
            if values:
                clock.write(values)
            if clock.due:
                moments.append(clock.due if clock.warned or not clock.warn_at else clock.warn_at)
        if moments:
            self.env['customer.case.keeper']._wake(min(moments))
        self.env['customer.case.keeper']._refresh_deadlines(self.case_id)

    def _works_by(self):
        """Return what the working time of this clock follows from: policy, company, and whose public holidays count."""
        self.ensure_one()
        return self.policy_id, self.company_id, self.policy_id._place(self.case_id) if self.policy_id else None

    def _schedules(self):
        """Return the working time by which these clocks run, by :meth:`_works_by`: holidays are read once for all."""
        groups = self.filtered('policy_id').grouped(lambda clock: clock._works_by())
        return {(policy, company, place): policy._schedule(company, min(clocks.mapped('date_start')), place)
                for (policy, company, place), clocks in groups.items()}

    def _planned(self, now, schedule):
        """Return what an open clock is to be: its deadline, and what that is made of."""
        self.ensure_one()
        share = self.env['res.config.settings']._customer_success('case_warn_percent') / 100
        if self.kind == 'node':
            due = self.node_id.date_due
            return {'due': due, 'warn_at': self.date_start + (due - self.date_start) * share, 'stale': False}
        pauses = self._pauses()
        waits = bool(pauses and pauses[-1][1] is None)
        try:
            found = self._found(schedule, share, pauses)
        except NeverWorksError:
            return {'due': False, 'warn_at': False, 'detail': False, 'stale': False, 'state': 'paused' if waits else 'running',
                    'problem': self.env._(
                        "There is no deadline: by the working hours of the policy “%(policy)s” nobody works any more. Ask a "
                        "manager to correct them.", policy=self.policy_id.name)}
        due, warn_at = found.due, found.warn
        if due and self.due and due < now:
            # a rule that is changed is no failure of yesterday
            due = min(self.due, now)
            warn_at = min(warn_at, due)
        return {
            'due': due or False, 'warn_at': warn_at or False, 'state': 'running' if due else 'paused', 'problem': False,
            'stale': False, 'detail': self._detail(schedule, found)}

    def _found(self, schedule, share, pauses):
        """Ask the engine when this clock is due."""
        if self.kind == 'revisit':
            # nobody waits for a customer who is asked whether it helped
            target, pauses = timedelta(days=self.revisit_days), ()
            if self.policy_id.hours != 'always':
                day = day_in(schedule.zone, self.date_start) + target
                target = elapsed(schedule, self.date_start, end_of_work(schedule, day))
        else:
            target = timedelta(minutes=self.target_minutes - self.used_minutes)
        return plan(schedule, self.counted_from, max(target, NOTHING), pauses, share)

    def _schedule(self):
        """Return the working time by which this clock runs."""
        policy, company, place = self._works_by()
        return policy._schedule(company, self.date_start, place)

    def _pauses(self):
        """Return the pauses of the case, in order, as the engine takes them."""
        return [(pause.date_start, pause.date_end or None) for pause in self.case_id.pause_ids.sorted('date_start')]

    def _detail(self, schedule, found):
        """Return what a deadline is made of, as JSON."""
        def text(moment):
            return moment and fields.Datetime.to_string(moment)

        reasons = {pause.date_start: pause.reason for pause in self.case_id.pause_ids}
        return {
            'zone': schedule.zone, 'always': self.policy_id.hours == 'always',
            'pieces': [[text(start), text(end)] for start, end in found.pieces],
            'waits': [[
                text(start), text(end), reasons.get(start, 'customer'),
                end and waited(schedule, start, end, [(start, end)]).total_seconds() / 60,
            ] for start, end in found.waits],
            **({'off': off} if (off := self._holidays(schedule, found)) else {})}

    def _holidays(self, schedule, found):
        """Return the public holidays of the place that the policy names, from the beginning to the deadline, on which somebody
        would have worked: day and id of each, as JSON."""
        days = self.policy_id._days_off(self._works_by()[2], self.date_start)
        if not days:
            return []
        ends = [found.due, *(end for __, end in found.pieces[-1:])]
        first = day_in(schedule.zone, self.date_start)
        last = day_in(schedule.zone, max((end for end in ends if end), default=self.date_start))
        return [[str(day), days[day]] for day in sorted(days) if first <= day <= last and works_on(schedule, day)]

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------

    def _done(self, moment):
        """Note that what these clocks wait for was done: met when it was in time, else failed when the time was over.

        :param datetime moment: when it was done
        """
        self._fail_overdue(moment)
        for clock in self.filtered(lambda clock: not clock.done_at and clock.state != 'void'):
            values = {'done_at': moment}
            if clock.kind != 'node' and clock.policy_id:
                values['taken_hours'] = (clock.used_minutes + clock._run(moment)) / 60
            if clock.state in OPEN:
                values |= {'state': 'met', 'ended_at': moment, 'stale': False}
            clock.write(values)
        self.env['customer.case.keeper']._refresh_deadlines(self.case_id)
        self.case_id._tasks('case').unlink()

    def _drop(self, moment):
        """Let the open ones of these clocks end without being counted."""
        self._fail_overdue(moment)
        self.filtered(lambda clock: clock.state in OPEN).write({
            'state': 'void', 'ended_at': moment, 'due': False, 'warn_at': False, 'stale': False})
        self.env['customer.case.keeper']._refresh_deadlines(self.case_id)

    def _fail_overdue(self, moment=None):
        """Decide those of these clocks whose time was over before a moment, now by default, and have it told."""
        overdue = self.filtered(
            lambda clock: clock.state == 'running' and clock.due and clock.due < (moment or fields.Datetime.now()))
        for clock in overdue:
            clock.write({'state': 'failed', 'ended_at': clock.due, 'stale': False})
        if overdue:
            self.env['customer.case.keeper']._wake(fields.Datetime.now())

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _explain(self):
        """Return why this clock is due when it is, in one sentence with the arithmetic."""
        self.ensure_one()
        if self.node_id:
            return self.env._("%(what)s; %(due)s", what=self.node_id.name, due=self._say_due())
        if self.kind == 'revisit':
            return self.env._(
                "%(days)s after %(start)s; %(due)s", days=in_days(self.env, self.revisit_days),
                start=self._say_moment(self.date_start), due=self._say_due())
        parts = [self._say_pieces()]
        for start, end, reason, minutes in self.detail['waits']:
            span = self._say_span(start, end)
            if minutes:
                span = self.env._("%(span)s (%(time)s)", span=span, time=self._say_minutes(minutes))
            parts.append(self._say_wait(reason, span))
        if off := self.detail.get('off'):
            parts.append(self._say_off(off))
        parts.append(self._say_due())
        return self.env._("%(time)s: %(parts)s", time=self._say_minutes(self.target_minutes), parts=clauses(self.env, parts))

    def _say_near(self):
        """Return that the time of this clock is nearly used up, in words."""
        kinds = dict(self._fields['kind']._description_selection(self.env))
        return self.env._(
            "%(what)s due %(moment)s", what=self.node_id.name or kinds[self.kind], moment=self._say_moment(self.due))

    def _say_missed(self):
        """Return that the time of this clock was over, in words."""
        kinds = dict(self._fields['kind']._description_selection(self.env))
        return self.env._(
            "%(what)s missed: it was due %(moment)s", what=self.node_id.name or kinds[self.kind],
            moment=self._say_moment(self.due))

    def _say_wait(self, reason, span):
        """Return that nobody could go on for a while, and why.

        :param str reason: see ``customer.case.pause.reason``
        :param str span: from when until when
        """
        if reason == 'supplier':
            return self.env._("waited for somebody else %(span)s", span=span)
        if reason == 'agreed':
            return self.env._("a later day was agreed on: %(span)s", span=span)
        return self.env._("waited for the customer %(span)s", span=span)

    def _say_off(self, off):
        """Return that nobody works on public holidays, and on which.

        :param off: day and id of each, see :meth:`_holidays`
        """
        names = {holiday.id: holiday.name for holiday in self.env['customer.holiday'].sudo().browse(  # these are no secret
            holiday_id for __, holiday_id in off).exists()}
        days = [(date.fromisoformat(day), names.get(holiday_id)) for day, holiday_id in off]
        texts = [self.env._("%(holiday)s (%(day)s)", holiday=name, day=self._say_day_off(day)) if name
                 else self._say_day_off(day) for day, name in days]
        return self.env._("public holiday: %(days)s", days=listed_first(self.env, texts, NAMED))

    def _say_day_off(self, day):
        return day_text(self.env, day, 'MMMEd')

    def _say_due(self):
        if not self.due:
            return self.env._("no deadline while it waits")
        return self.env._("due %(moment)s", moment=self._say_moment(self.due))

    def _say_pieces(self):
        """Return the working time that a deadline is made of."""
        if self.used_minutes:
            before = self.env._(
                "%(time)s used until %(moment)s by a former rule", time=self._say_minutes(self.used_minutes),
                moment=self._say_moment(self.counted_from))
        else:
            before = ''
        pieces = self.detail['pieces']
        spans = [self._say_span(start, end) for start, end in (pieces if len(pieces) <= NAMED else [*pieces[:2], pieces[-1]])]
        if len(pieces) > NAMED:
            spans.insert(2, self.env._("%(time)s in between", time=self._say_minutes(
                sum((self._moment(end) - self._moment(start)).total_seconds() for start, end in pieces[2:-1]) / 60)))
        if self.detail['always']:
            spans.append(self.env._("around the clock"))
        return listed(self.env, [*filter(None, [before]), *spans])

    @api.model
    def _moment(self, text):
        return datetime.fromisoformat(text)

    def _say_span(self, start, end):
        """Return a stretch of time, the day once where it begins and ends on the same one."""
        start, end = self._local(self._moment(start)), end and self._local(self._moment(end))
        if not end:
            return self.env._("since %(moment)s", moment=f'{self._say_day(start)} {self._say_time(start)}')
        if (end - timedelta(seconds=1)).date() == start.date():
            until = self._say_time(end) if end.date() == start.date() else '24:00'
            return f'{self._say_day(start)} {self._say_time(start)}–{until}'
        return f'{self._say_day(start)} {self._say_time(start)} – {self._say_day(end)} {self._say_time(end)}'

    def _say_moment(self, moment):
        local = self._local(moment)
        return f'{self._say_day(local)} {self._say_time(local)}'

    def _local(self, moment):
        """Return what the clock on the wall says where the work is done."""
        zone = (self.detail or {}).get('zone') or self.env['customer.clock']._zone(self.company_id)
        return local_time(zone, moment)

    def _say_day(self, local):
        """Return a day: its weekday where it is near the start, else with its date."""
        near = abs(local.date() - self._local(self.date_start).date()) <= NEAR
        return day_text(self.env, local.date(), 'E' if near else 'MMMEd')

    def _say_time(self, local):
        # short, so that the arithmetic can be followed: 09:00–12:00, whatever the language
        return f'{local:%H:%M}'

    @api.model
    def _say_minutes(self, minutes):
        """Return a length of time: 4 h, 45 min, 1 h 30 min."""
        hours, rest = divmod(round(minutes), 60)
        if not hours:
            return self.env._("%(minutes)s min", minutes=rest)
        if not rest:
            return self.env._("%(hours)s h", hours=hours)
        return self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_case(self):
        """Open the case of this deadline."""
        self._customer_one()
        return self.case_id._customer_open()

    # ------------------------------------------------------------
    # HOW
    # ------------------------------------------------------------

    def _replan(self):
        """Let these clocks follow the policy that fits now: used and paused time stay, and what was due before is decided by
        the rule that held then."""
        self._fail_overdue()
        clocks = self.filtered(lambda clock: clock.state in OPEN)
        policies, now = self.env['customer.sla.policy']._find_for(clocks.case_id), fields.Datetime.now()
        for clock in clocks.filtered(lambda clock: clock.kind != 'node'):
            clock._follow(policies[clock.case_id], now)
        clocks._plan()
        (self - clocks).filtered('stale').write({'stale': False})

    def _follow(self, policy, now):
        """Let an open clock go on by another policy, or by what has become of its own.

        What was used until now by the former rule stays used; from now on the new one counts.
        """
        self.ensure_one()
        if not policy:
            self.write({'state': 'void', 'ended_at': now, 'due': False, 'warn_at': False, 'stale': False})
            return
        rule = self._rule(policy, self.kind)
        if not any(rule.values()):
            self.write({
                'state': 'void', 'ended_at': now, 'due': False, 'warn_at': False, 'stale': False, 'policy_id': policy.id})
            return
        same = policy == self.policy_id or all(
            policy[name] == self.policy_id[name] for name in ('hours', 'calendar_id', 'holidays'))
        values = {name: value for name, value in rule.items() if self[name] != value}
        if not same and self.kind != 'revisit':
            values |= {'used_minutes': self.used_minutes + self._run(now), 'counted_from': now}
        if policy != self.policy_id:
            values['policy_id'] = policy.id
        if values:
            self.write(values)

    def _run(self, moment):
        """Return the minutes that this clock ran by its present rule until a moment, pauses taken out."""
        if not self.policy_id:  # it was deleted past the screens, and its working hours with it
            return 0
        return elapsed(self._schedule(), self.counted_from, moment, self._pauses()).total_seconds() / 60
