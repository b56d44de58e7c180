import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..health.customer_warning_rule import LEVEL_COLORS
from ..platform.local_text import labelled, listed
from ..platform.locks import wait_for_update

#: What was agreed. Once a strategy runs, only an adjustment changes it.
AGREED = {'partner_id', 'company_id', 'template_id', 'core_approach', 'cadence_id', 'date_start', 'date_end'}

#: What methods keep, and nobody writes: see ``readonly`` of the fields.
KEPT = {
    'state', 'ended_by', 'segment_id', 'cycle', 'version', 'previous_id', 'started_on', 'cadence_since', 'cycle_days',
    'problem', 'measured_on', 'attainment', 'known_percent', 'grade_id', 'grade_manual_id', 'grade_reason',
    'grade_user_id', 'grade_judged_on', 'effect_id',
}

#: What may still be written when a strategy is over; values entered late are the business of the KPI lines.
OPEN_WHEN_OVER = {
    'kpi_ids', 'activity_ids', 'message_ids', 'message_follower_ids', 'message_partner_ids', 'message_main_attachment_id'}

_logger = logging.getLogger(__name__)

#: The colour of a grade beside which a warning is open: neither that of the grade, nor that of a bad one.
DOUBT_COLOR = LEVEL_COLORS['2']


class CustomerStrategy(models.Model):
    """What we do with a customer in one cycle, and whether it works (STR-1).

    A record is one cycle of one version. The next cycle of the same version and the next version after an adjustment are
    records of their own, chained by ``previous_id``; what was agreed in a cycle that began is not changed any more.
    """

    _name = 'customer.strategy'
    _description = "Customer Strategy"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.known', 'customer.guarded']
    _order = 'date_start desc, id desc'
    _rec_names_search = ['partner_id']
    _mail_post_access = 'read'
    _known_when = {'attainment': [('grade_id', '!=', False)]}

    # what
    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade', tracking=True,
        domain=[('customer_managed', '=', True)])
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, compute='_compute_company_id', store=True, readonly=False,
        precompute=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        compute='_compute_user_id', store=True, readonly=False, precompute=True)
    template_id = fields.Many2one(
        comodel_name='customer.strategy.template', index='btree_not_null', ondelete='set null')
    segment_id = fields.Many2one(
        comodel_name='customer.segment', string="Segment at the Start", readonly=True, copy=False,
        index='btree_not_null', ondelete='restrict', help="The customer's segment when this version began.")
    core_approach = fields.Text(required=True)
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', index='btree_not_null', ondelete='restrict',
        help="The customer follows it as long as this strategy runs. Empty: its own cadence or that of its segment or tier.")
    cadence_since = fields.Date(readonly=True, copy=False)
    # when
    date_start = fields.Date(string="Start", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(
        string="End", required=True, tracking=True, compute='_compute_date_end', store=True, readonly=False,
        precompute=True)
    cycle_days = fields.Integer(
        string="Cycle (days)", compute='_compute_cycle_days', store=True, precompute=True,
        help="The days that were agreed, also where the cycle ended earlier.")
    cycle = fields.Integer(readonly=True, required=True, default=1, help="The number of this cycle among those of the version.")
    version = fields.Integer(readonly=True, required=True, default=1)
    previous_id = fields.Many2one(
        comodel_name='customer.strategy', string="Before", readonly=True, index='btree_not_null', ondelete='set null',
        copy=False)
    renew = fields.Boolean(
        string="Next Cycle by Itself", default=True, help="When a cycle is over, the next one begins on the day after.")
    state = fields.Selection(
        selection=[('draft', "Draft"), ('active', "Running"), ('done', "Over")],
        required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
    started_on = fields.Date(string="Begun On", readonly=True, copy=False)
    ended_by = fields.Selection(
        selection=[('cycle', "Cycle over"), ('adjustment', "Adjusted"), ('stopped', "Stopped")], readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help="Why its cycle could not be ended last night.")
    kpi_ids = fields.One2many(
        comodel_name='customer.strategy.kpi', inverse_name='strategy_id', string="KPIs", copy=True)
    milestone_ids = fields.One2many(
        comodel_name='customer.strategy.milestone', inverse_name='strategy_id', string="Milestones", copy=True)
    adjustment_ids = fields.One2many(
        comodel_name='customer.strategy.adjustment', inverse_name='strategy_id', string="Adjustments")
    # whether it works: written by customer.strategy.measurer
    measured_on = fields.Date(readonly=True, copy=False)
    attainment = fields.Float(string="Attainment (%)", readonly=True, copy=False, aggregator='avg', digits=(16, 1))
    known_percent = fields.Float(
        string="Known (%)", readonly=True, copy=False, aggregator=None,
        help="The share of the KPIs, by weight, whose actual value is known.")
    grade_id = fields.Many2one(
        comodel_name='customer.strategy.grade', string="Grade by the Rule", readonly=True, copy=False,
        ondelete='restrict', index='btree_not_null')
    # a person's judgement
    grade_manual_id = fields.Many2one(
        comodel_name='customer.strategy.grade', string="Grade by Hand", readonly=True, copy=False, ondelete='restrict',
        index='btree_not_null')
    grade_reason = fields.Char(string="Why", readonly=True, copy=False)
    grade_user_id = fields.Many2one(
        comodel_name='res.users', string="Judged By", readonly=True, copy=False, ondelete='set null')
    grade_judged_on = fields.Date(
        string="Judged On", readonly=True, copy=False, help="When a person judged it. Empty: by the rule.")
    effect_id = fields.Many2one(
        comodel_name='customer.strategy.grade', readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="The grade by hand where there is one, else that of the rule.")

    _dates_check = models.Constraint(
        'CHECK (date_end >= date_start)', "A strategy can't end before it starts. Choose a later end.")
    _active_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE state = 'active'",
        "This customer has a running strategy already. Stop it first, or propose an adjustment of it.")
    _running_idx = models.Index("(date_end) WHERE state = 'active'")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')
    tier_color = fields.Integer(related='partner_id.customer_tier_color')
    progress = fields.Char(string="Where It Stands", compute='_compute_progress')
    milestone_next = fields.Char(string="Next Milestone", compute='_compute_milestone_next')
    milestone_next_date = fields.Date(string="Due By", compute='_compute_milestone_next')
    milestone_is_late = fields.Boolean(compute='_compute_milestone_next')
    can_reset = fields.Boolean(compute='_compute_can_reset')
    customer_left = fields.Boolean(compute='_compute_customer_left')
    history_ids = fields.Many2many(
        comodel_name='customer.strategy', compute='_compute_history_ids', help="Every cycle of every strategy of this customer.")
    grade_rule = fields.Text(compute='_compute_grade_rule', string="How It Is Judged")
    can_judge = fields.Boolean(compute='_compute_can_judge')
    doubt_ids = fields.Many2many(comodel_name='customer.warning', string="Warnings Beside It", compute='_compute_doubt')
    doubt = fields.Char(string="Open Warning", compute='_compute_doubt', help="What the grade does not know of.")
    is_doubted = fields.Boolean(string="In Doubt", compute='_compute_doubt', search='_search_is_doubted')
    effect_color = fields.Integer(compute='_compute_doubt')
    kpi_doubt = fields.Text(string="Warnings of the Same", compute='_compute_kpi_doubt')
    adjustment_count = fields.Integer(string="Adjustments So Far", compute='_compute_adjustment_count')

    @api.constrains('partner_id', 'company_id')
    def _check_partner(self):
        for strategy in self:
            partner, company = strategy.partner_id, strategy.company_id
            if partner != partner.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(contact)s belongs to %(customer)s: a strategy is made for the whole customer.",
                    contact=partner.display_name, customer=partner.commercial_partner_id.display_name))
            if partner.company_id and partner.company_id != company:
                raise ValidationError(self.env._(
                    "%(customer)s is a customer of %(company)s alone: the strategy has to be of that company as well.",
                    customer=partner.display_name, company=partner.company_id.name))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('partner_id')
    def _compute_company_id(self):
        for strategy in self:
            strategy.company_id = self._company_for(strategy.partner_id)

    @api.depends('partner_id')
    def _compute_user_id(self):
        for strategy in self:
            strategy.user_id = strategy.partner_id.user_id or self.env.user

    @api.depends('date_start', 'template_id')
    def _compute_date_end(self):
        usual = self.env['res.config.settings']._customer_success('strategy_cycle_days')
        for strategy in self:
            days = strategy.template_id.cycle_days or usual
            strategy.date_end = strategy.date_start and fields.Date.add(strategy.date_start, days=days - 1)

    @api.depends('date_start', 'date_end')
    def _compute_cycle_days(self):
        for strategy in self:
            if strategy.state == 'done' and strategy.cycle_days:
                strategy.cycle_days = strategy.cycle_days  # a cycle cut short was agreed on as a longer one
            elif strategy.date_start and strategy.date_end:
                strategy.cycle_days = (strategy.date_end - strategy.date_start).days + 1
            else:
                strategy.cycle_days = 0

    @api.depends('partner_id', 'version', 'cycle')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for strategy in self:
            strategy.display_name = self.env._(
                "%(customer)s (version %(version)s, cycle %(cycle)s)", customer=strategy.partner_id.display_name or "",
                version=strategy.version, cycle=strategy.cycle)

    @api.onchange('partner_id')
    def _onchange_partner_id(self):
        """Propose the template of the customer's segment."""
        if self.partner_id:
            self.template_id = self.env['customer.strategy.template']._find_for(self.partner_id, self.company_id)
            self._onchange_template_id()

    @api.onchange('template_id')
    def _onchange_template_id(self):
        """Fill in what the template says."""
        if self.template_id:
            self.update(self.template_id._prepare_strategy_values(self.date_start, replace=True))

    @api.onchange('date_start')
    def _onchange_date_start(self):
        """Move the milestones along."""
        if self.date_start and self._origin.date_start:
            for milestone in self.milestone_ids.filtered(lambda milestone: milestone._origin.date):
                milestone.date = milestone._origin.date + (self.date_start - self._origin.date_start)
        elif self.date_start and self.template_id:
            self.milestone_ids = self.template_id._prepare_strategy_values(self.date_start, replace=True)['milestone_ids']

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # neither values nor defaults out of a context get past the methods
            kept = dict.fromkeys(KEPT - {'cycle_days'}, False) | {'state': 'draft', 'cycle': 1, 'version': 1}
            self._guard({name for vals in vals_list for name in vals})
            vals_list = [{**vals, **kept} for vals in vals_list]
        strategies = super().create(vals_list)
        strategies._check_may_plan()
        if any(vals.get('user_id') for vals in vals_list):
            strategies._check_owner()
        return strategies

    def write(self, vals):
        if self._is_guarded():
            self._guard(vals)
            self._refuse_agreed(vals)
        result = super().write(vals)
        if 'partner_id' in vals:
            self._check_may_plan()
        if 'user_id' in vals:
            self._check_owner()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if begun := self.filtered(lambda strategy: strategy.state != 'draft'):
            raise UserError(self.env._(
                "%(strategy)s has begun and stays in the customer's history. Stop it instead.",
                strategy=begun[0].display_name))

    def copy_data(self, default=None):
        """A copy is a draft that begins today, as long as the original was agreed to be."""
        today = fields.Date.context_today(self)
        result = super().copy_data(default)
        for strategy, vals in zip(self, result, strict=True):
            start = fields.Date.to_date((default or {}).get('date_start')) or today
            for name in KEPT & vals.keys():
                del vals[name]
            vals['date_start'] = start
            vals['date_end'] = (default or {}).get('date_end') or fields.Date.add(start, days=strategy.cycle_days - 1)
        return result

    def _open_to_people(self):
        return super()._open_to_people() - KEPT

    def _say_kept(self, names):
        return self.env._(
            "These fields of a strategy can't be written: %(names)s. Start, stop, judge or adjust it instead.", names=names)

    def _refuse_agreed(self, vals):
        """Keep what was agreed from everybody, once a strategy has begun."""
        for strategy in self:
            if strategy.state == 'done' and vals.keys() - OPEN_WHEN_OVER - {'id'}:
                raise UserError(self.env._(
                    "%(strategy)s is over since %(day)s: it is kept as it was.", strategy=strategy.display_name,
                    day=format_date(self.env, strategy.date_end)))
            if strategy.state == 'active' and (names := AGREED & vals.keys()):
                labels = [self._fields[name]._description_string(self.env) for name in sorted(names)]
                raise UserError(self.env._(
                    "%(strategy)s is running: what was agreed can't be changed any more (%(names)s). Propose an "
                    "adjustment instead.", strategy=strategy.display_name, names=listed(self.env, labels)))

    def _check_owner(self):
        """Refuse an owner who could not open it, where a person chose it."""
        if not self.env.su:
            for strategy in self:
                self.env['customer.responsibility']._check_able(strategy.user_id.id, strategy.company_id.id)

    def _check_may_plan(self):
        """Refuse strategies for customers of somebody else."""
        self.partner_id._check_works_with()

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _values_from_template(self, partner, template, start=None):
        """Return the values of a strategy for a customer.

        :param partner: a managed customer
        :param template: customer.strategy.template; the one for the customer's segment if empty
        :param start: its first day, today by default
        :rtype: dict
        """
        template = template or self.env['customer.strategy.template']._find_for(partner, self._company_for(partner))
        start = fields.Date.to_date(start) or fields.Date.context_today(self)
        return {
            'partner_id': partner.id,
            'template_id': template.id,
            'date_start': start,
            **(template._prepare_strategy_values(start) if template else {}),
        }

    @api.model
    def _company_for(self, partner):
        """Return the company that a strategy for this customer is of: the one that plans it."""
        return partner._planning_company() if partner else self.env.company

    @api.model
    def _running_domain(self):
        """Return the domain of the strategies that run."""
        return Domain('state', '=', 'active')

    # ------------------------------------------------------------
    # SCREEN
    # ------------------------------------------------------------

    @api.depends('state', 'date_start', 'date_end', 'ended_by', 'cycle', 'version')
    @api.depends_context('lang', 'tz')
    def _compute_progress(self):
        today = fields.Date.context_today(self)
        endings = dict(self._fields['ended_by']._description_selection(self.env))
        for strategy in self:
            if strategy.state == 'draft' or not strategy.date_start or not strategy.date_end:
                strategy.progress = False
                continue
            values = {
                'version': strategy.version, 'cycle': strategy.cycle,
                'start': format_date(self.env, strategy.date_start), 'end': format_date(self.env, strategy.date_end),
                'day': min(max((today - strategy.date_start).days + 1, 1), strategy.cycle_days), 'days': strategy.cycle_days,
                'ending': endings.get(strategy.ended_by, ''),
            }
            strategy.progress = self.env._(
                "Version %(version)s, cycle %(cycle)s: day %(day)s of %(days)s, until %(end)s", **values,
            ) if strategy.state == 'active' else self.env._(
                "Version %(version)s, cycle %(cycle)s: %(start)s to %(end)s, %(ending)s", **values)

    @api.depends('state', 'milestone_ids.date', 'milestone_ids.done_on', 'milestone_ids.name')
    def _compute_milestone_next(self):
        today = fields.Date.context_today(self)
        for strategy in self:
            left = strategy.milestone_ids.filtered(lambda milestone: milestone.date and not milestone.done_on)
            coming = left.sorted('date')[:1] if strategy.state != 'done' else left.browse()
            strategy.milestone_next = coming.name
            strategy.milestone_next_date = coming.date
            strategy.milestone_is_late = bool(strategy.state == 'active' and coming and coming.date < today)

    @api.depends('state', 'started_on', 'previous_id', 'adjustment_ids')
    def _compute_can_reset(self):
        for strategy in self:
            strategy.can_reset = strategy._is_resettable()

    @api.depends('state', 'partner_id.customer_managed')
    def _compute_customer_left(self):
        for strategy in self:
            # hidden from who has no role here
            strategy.customer_left = strategy.state == 'active' and not strategy.partner_id.sudo().customer_managed

    @api.depends('partner_id', 'company_id', 'state')
    def _compute_history_ids(self):
        begun = self.search(
            Domain('partner_id', 'in', self.partner_id.ids) & Domain('state', '!=', 'draft'),
        ).grouped(lambda strategy: (strategy.partner_id, strategy.company_id))
        for strategy in self:
            strategy.history_ids = begun.get((strategy.partner_id._origin, strategy.company_id._origin))

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Let these drafts run. From now on what they say is what was agreed."""
        self._lock_in('draft')
        for strategy in self:
            self.env['customer.strategy.cycle']._check_startable(strategy)
        self.env['customer.strategy.cycle']._begin(self)
        return True

    def action_stop(self):
        """End these strategies today, before their cycle is over."""
        self._lock_in('active')
        self.env['customer.strategy.cycle']._stop(self)
        return True

    def action_to_draft(self):
        """Take back the start, on the day on which somebody started them."""
        self._lock_in('active')
        for strategy in self:
            if not strategy._is_resettable():
                raise UserError(self.env._(
                    "%(strategy)s can't become a draft again: that is possible on the day of its start, before anything "
                    "was built on it. Stop it, or propose an adjustment.", strategy=strategy.display_name))
        self._keep({
            'state': 'draft', 'started_on': False, 'segment_id': False, 'cadence_since': False, 'measured_on': False,
            'attainment': 0, 'known_percent': 0, 'grade_id': False, 'grade_manual_id': False, 'grade_reason': False,
            'grade_user_id': False, 'grade_judged_on': False, 'effect_id': False})
        self.env['customer.strategy.cycle']._replan(self)
        return True

    def _is_resettable(self):
        """Return whether the start can be taken back: on its day, before anything was built on it."""
        self.ensure_one()
        adjustments = self.sudo().adjustment_ids  # those that the user doesn't see are in the way as well
        return (
            self.state == 'active' and self.started_on == fields.Date.context_today(self) and not self.previous_id
            and not adjustments)

    # ------------------------------------------------------------
    # BEGINNING
    # ------------------------------------------------------------

    def _lock_in(self, state):
        """Lock these strategies, after whoever has them, and refuse to go on where that one was quicker.

        :param str state: the state that they have to be in
        :raises LockError: with a sentence, when somebody has them for too long
        """
        self.check_access('write')
        wait_for_update(self)
        self.invalidate_recordset(['state'])
        if others := self.filtered(lambda strategy: strategy.state != state):
            other = others[0]
            raise UserError({
                'draft': self.env._(
                    "%(strategy)s is not started yet. Reload the page to see how it stands.", strategy=other.display_name),
                'active': self.env._(
                    "%(strategy)s was started already. Reload the page to see how it stands.", strategy=other.display_name),
                'done': self.env._("%(strategy)s is over since %(day)s. Reload the page to see how it ended.",
                                   strategy=other.display_name, day=format_date(self.env, other.date_end)),
            }[other.state])

    # ------------------------------------------------------------
    # WHAT COMES NEXT
    # ------------------------------------------------------------

    def _replace(self, values, day):
        """Begin another version on a day; the running one ends on the day before, not before its own start. One whose last
        cycle is over goes on in the new version as well.

        :param dict values: what is new, by field; besides fields, ``cycle_days`` says how long its cycle is. KPIs that are
            not given are carried over, like everything else and the milestones still open.
        :param day: the first day of the new version
        :return: the new strategy
        """
        last = self.env['customer.strategy.cycle']._last(self).sudo()  # people don't write what the methods keep
        if last.ended_by == 'stopped':
            raise UserError(self.env._(
                "The strategy for %(customer)s was stopped meanwhile: there is nothing to adjust.",
                customer=self.partner_id.display_name))
        self.env['customer.strategy.cycle']._check_only_ones(last)
        if last.state == 'active':
            self.env['customer.strategy.cycle']._finish(last, 'adjustment', fields.Date.subtract(day, days=1))
        following = last.create(self.env['customer.strategy.cycle']._next_version_values(last, values, day))
        self.env['customer.strategy.cycle']._carry_milestones(last, following)
        following.flush_model()
        self.env['customer.strategy.measurer']._measure(following)
        self.env['customer.strategy.cycle']._replan(last + following)
        return following.with_env(self.env)

    # ------------------------------------------------------------
    # JUDGEMENT
    # ------------------------------------------------------------

    @api.depends_context('lang')
    def _compute_grade_rule(self):
        self.grade_rule = self.env['customer.strategy.grade']._explain()

    @api.depends('state', 'user_id')
    @api.depends_context('uid')
    def _compute_can_judge(self):
        for strategy in self:
            strategy.can_judge = strategy.state != 'draft' and self.env['customer.strategy.judgement']._may_judge(strategy)

    def action_judge(self):
        """Open the dialog in which a person judges."""
        self._customer_one()
        self.env['customer.strategy.judgement']._check_may_judge(self)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Judge the Effect"),
            'res_model': 'customer.strategy.judge',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_strategy_id': self.id},
        }

    def action_unjudge(self):
        """Let the rule judge again."""
        self.env['customer.strategy.judgement']._check_may_judge(self)
        wait_for_update(self)
        self.invalidate_recordset(['grade_id', 'grade_manual_id'])
        for strategy in self.filtered('grade_manual_id'):
            before = strategy.grade_manual_id.name
            strategy._keep({
                'grade_manual_id': False, 'grade_reason': False, 'grade_user_id': False, 'grade_judged_on': False,
                'effect_id': strategy.grade_id.id})
            strategy.message_post(body=self.env._(
                "“%(before)s”, judged by hand, was taken back. The rule says: %(grade)s.", before=before,
                grade=self.env['customer.strategy.judgement']._describe_grade(strategy)))
        return True

    # ------------------------------------------------------------
    # DOUBT
    # ------------------------------------------------------------

    @api.depends(
        'state', 'effect_id', 'grade_judged_on', 'partner_id.customer_warning_ids.state',
        'partner_id.customer_warning_ids.level', 'partner_id.customer_warning_ids.snooze_until', 'kpi_ids.has_actual')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_doubt(self):
        doubts = self.env['customer.strategy.doubt']._doubts(self)
        for strategy in self:
            warnings = doubts.get(strategy._origin.id, self.env['customer.warning'])
            strategy.doubt_ids = warnings
            strategy.is_doubted = bool(warnings)
            strategy.doubt = bool(warnings) and self.env['customer.strategy.doubt']._describe_doubt(strategy, warnings)
            strategy.effect_color = strategy.effect_id.color if self.env['customer.strategy.doubt']._was_known(
                strategy, warnings) else DOUBT_COLOR

    @api.depends('kpi_ids.doubt')
    @api.depends_context('lang')
    def _compute_kpi_doubt(self):
        for strategy in self:
            strategy.kpi_doubt = "\n".join(
                labelled(self.env, f'{line.kpi_id.name} {line.actual_text}', line.doubt)
                for line in strategy.kpi_ids if line.doubt) or False

    def _search_is_doubted(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain('id', 'in', SQL(
            "(SELECT strategy_id FROM (%s) AS doubts)", self.env['customer.strategy.doubt']._doubts_sql()))

    # ------------------------------------------------------------
    # ADJUSTMENTS
    # ------------------------------------------------------------

    @api.depends('adjustment_ids')
    def _compute_adjustment_count(self):
        counts = dict(self.env['customer.strategy.adjustment']._read_group(
            [('partner_id', 'in', self.partner_id.ids), ('state', '!=', 'cancelled')], ['partner_id'], ['__count']))
        for strategy in self:
            strategy.adjustment_count = counts.get(strategy.partner_id, 0)

    def action_view_adjustments(self):
        """Open the adjustment sheet of this customer: what was changed, and what came of it."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_strategy_sheet_action')
        action['domain'] = [('partner_id', '=', self.partner_id.id)]
        action['context'] = {}
        return action

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    def action_propose(self):
        """Open the user's draft of an adjustment of this strategy, or a new one."""
        self._customer_one()
        self.check_access('read')
        adjustments = self.env['customer.strategy.adjustment']
        draft = adjustments.search([
            ('strategy_id', '=', self.id), ('state', '=', 'draft'),
            '|', ('author_id', '=', self.env.uid), ('origin', '!=', 'person')], limit=1)
        if not draft:
            self.env['customer.strategy.proposer']._check_may_propose(self)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Propose an adjustment"),
            'res_model': 'customer.strategy.adjustment',
            'res_id': draft.id,
            'view_mode': 'form',
            'context': {'default_strategy_id': self.id},
        }
