from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..cadence.selection_order import order_by_selection
from ..platform.local_text import labelled, listed
from ..platform.locks import wait_for_update
from .kept_values import kept_values

STATES = [
    ('draft', "Draft"), ('submitted', "Submitted"), ('approved', "Approved"), ('refused', "Refused"),
    ('applied', "Applied"), ('reviewed', "Reviewed"), ('cancelled', "Withdrawn"),
]
VERDICTS = [
    ('effective', "Effective"), ('partly', "Partly effective"), ('not', "Not effective"), ('unknown', "Not known")]
ORIGINS = [
    ('person', "A person"), ('effect', "Poor effect"), ('warning', "Red warning"), ('segment', "Changed segment"),
    ('review', "Review"), ('verdict', "An adjustment that did not help"),
]
FEASIBILITIES = [('high', "High"), ('medium', "Medium"), ('low', "Low")]

#: What is proposed and why: people write it as long as it is a draft, and whoever wrote of it can't approve it.
CONTENT = {
    'reason_id', 'reason', 'root_cause', 'kind_ids', 'template_id', 'core_approach', 'cadence_id', 'cycle_days', 'kpi_ids',
    'expected_effect', 'feasibility', 'feasibility_note', 'date', 'note',
}

#: What people may write at any time; everything else goes through the actions, which keep it in order.
ALWAYS = {'user_id', 'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id'}

#: Where an adjustment waits for something: no second one of the same customer may.
UNDER_WAY = ('submitted', 'approved')


class CustomerStrategyAdjustment(models.Model):
    """A line of the sheet 策略动态调整表: what is changed about a strategy, who agreed, and whether it helped (STR-3, STR-4).

    What is written how:

    * the proposal (:data:`CONTENT`): by people, while it is a draft; each of them becomes a contributor;
    * everything else: by the actions alone (see ``customer_strategy_adjustment_flow.py``), so neither a call, nor an import,
      nor a default in the context or of a user can bring an adjustment into a state, or under another author's name.
    """

    _name = 'customer.strategy.adjustment'
    _description = "Strategy Adjustment"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'customer.known', 'customer.guarded', 'customer.task']
    _order = 'id desc'
    _rec_names_search = ['name', 'partner_id']
    _mail_post_access = 'read'
    #: Those of the flow: who approves, the owner; the owner of what the addon proposed, and whoever looks at what came of it.
    _task_types = {
        'decide': 'mail_activity_type_adjustment_decide', 'follow': 'mail_activity_type_adjustment_follow',
        'suggestion': 'mail_activity_type_suggestion', 'review': 'mail_activity_type_effect'}
    _known_when = {
        'attainment': [('attainment_known', '=', True)],
        'net_percent': [('verdict', 'in', ('effective', 'partly', 'not'))],
    }

    name = fields.Char(string="Number", readonly=True, copy=False, index='trigram')
    # who and what it is about
    strategy_id = fields.Many2one(
        comodel_name='customer.strategy', string="Current Strategy", required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one(related='strategy_id.partner_id', store=True, index=True, string="Customer")
    company_id = fields.Many2one(related='strategy_id.company_id', store=True, index=True)
    user_id = fields.Many2one(
        comodel_name='res.users', string="Owner", index='btree_not_null', ondelete='set null', tracking=True,
        domain=lambda self: self.env['customer.responsibility']._role_domain())
    author_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, index='btree_not_null', ondelete='restrict',
        default=lambda self: self.env.uid)
    contributor_ids = fields.Many2many(
        comodel_name='res.users', string="Written By", readonly=True, copy=False,
        help="Whoever wrote or changed the proposal; none of them can approve it.")
    segment_id = fields.Many2one(
        comodel_name='customer.segment', string="Customer Type", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="The customer's segment when the proposal was submitted.")
    effect_id = fields.Many2one(
        comodel_name='customer.strategy.grade', readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="The effect of the current strategy when the proposal was submitted.")
    attainment = fields.Float(string="Attainment (%)", readonly=True, copy=False, aggregator='avg', digits=(16, 1))
    attainment_known = fields.Boolean(readonly=True, copy=False)
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default='draft', copy=False, tracking=True, index=True)
    # why
    origin = fields.Selection(selection=ORIGINS, required=True, readonly=True, default='person', copy=False)
    origin_key = fields.Char(readonly=True, copy=False, help="What it was proposed for; it is proposed once.")
    warning_id = fields.Many2one(
        comodel_name='customer.warning', readonly=True, copy=False, ondelete='set null', index='btree_not_null')
    reason_id = fields.Many2one(
        comodel_name='customer.adjustment.reason', string="Kind of Reason", index='btree_not_null', ondelete='restrict')
    reason = fields.Text()
    root_cause = fields.Text(
        compute='_compute_root_cause', store=True, readonly=False, precompute=True,
        help="Begins with what is open among the insights about the customer: threats by competitors, pain points, needs.")
    # what is proposed
    kind_ids = fields.Many2many(comodel_name='customer.adjustment.kind', string="Changes")
    template_id = fields.Many2one(comodel_name='customer.strategy.template', index='btree_not_null', ondelete='set null')
    core_approach = fields.Text(string="Adjusted Strategy")
    cadence_id = fields.Many2one(
        comodel_name='customer.cadence', string="Adjusted Cadence", index='btree_not_null', ondelete='restrict')
    cycle_days = fields.Integer(string="Cycle (days)", required=True, default=90)
    kpi_ids = fields.One2many(
        comodel_name='customer.strategy.adjustment.kpi', inverse_name='adjustment_id', string="KPIs", copy=True)
    expected_effect = fields.Text()
    feasibility = fields.Selection(selection=FEASIBILITIES)
    feasibility_note = fields.Text()
    date = fields.Date(string="Apply On")
    note = fields.Text()
    # the flow
    needs_informing = fields.Boolean(
        string="Customer Has to Be Told", compute='_compute_needs_informing', store=True,
        help="A change of price or service is announced before it applies.")
    informed_on = fields.Date(string="Customer Informed On", readonly=True, copy=False, tracking=True)
    informed_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')
    informed_followup_id = fields.Many2one(
        comodel_name='customer.followup', string="Record of Informing", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    submitted_on = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='restrict')
    decided_on = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='restrict')
    refusal_reason = fields.Char(readonly=True, copy=False, tracking=True)
    cancelled_by_id = fields.Many2one(
        comodel_name='res.users', string="Withdrawn By", readonly=True, copy=False, ondelete='set null')
    cancelled_on = fields.Date(string="Withdrawn On", readonly=True, copy=False)
    cancel_reason = fields.Char(string="Withdrawn Because", readonly=True, copy=False, tracking=True)
    applied_on = fields.Date(readonly=True, copy=False, tracking=True)
    new_strategy_id = fields.Many2one(
        comodel_name='customer.strategy', string="New Version", readonly=True, copy=False, ondelete='set null',
        index='btree_not_null')
    problem = fields.Char(
        string="Not Applied Because", readonly=True, copy=False, help="Why it could not be applied on its date.")
    # before and after: written by customer.strategy.effect
    before_start = fields.Date(readonly=True, copy=False)
    before_stop = fields.Date(readonly=True, copy=False)
    after_start = fields.Date(readonly=True, copy=False)
    after_stop = fields.Date(string="Cycle Over On", readonly=True, copy=False)
    cohort_size = fields.Integer(
        string="Customers Compared With", readonly=True, copy=False, required=True, default=0)
    measured_on = fields.Date(readonly=True, copy=False)
    net_percent = fields.Float(
        string="Of the Expected (%)", readonly=True, copy=False, aggregator='avg', digits=(16, 1),
        help="How much of the expected improvement was reached, net of what the segment did meanwhile.")
    verdict = fields.Selection(selection=VERDICTS, readonly=True, copy=False, tracking=True, index=True)
    conclusion = fields.Text(copy=False, string="What We Learned")
    reviewed_on = fields.Date(readonly=True, copy=False)
    reviewed_by_id = fields.Many2one(comodel_name='res.users', readonly=True, copy=False, ondelete='set null')

    _open_uniq = models.UniqueIndex(
        "(strategy_id) WHERE state IN ('submitted', 'approved')",
        "Another adjustment of this strategy is submitted or approved and not applied yet.")
    _origin_uniq = models.UniqueIndex(
        "(origin_key) WHERE origin_key IS NOT NULL", "This was proposed already.")
    _due_idx = models.Index("(date) WHERE state = 'approved'")
    _cycle_days = models.Constraint('CHECK (cycle_days > 0)', "A cycle lasts at least a day.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('strategy_id')
    def _compute_root_cause(self):
        causes = self.env['customer.insight']._causes(self.strategy_id.partner_id)
        for adjustment in self:
            adjustment.root_cause = adjustment.root_cause or causes.get(adjustment.strategy_id.partner_id)

    @api.depends('name', 'partner_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for adjustment in self:
            customer = adjustment.partner_id.display_name
            adjustment.display_name = labelled(self.env, adjustment.name, customer) if adjustment.name \
                else self.env._("New adjustment")

    @api.depends('kind_ids.announce')
    def _compute_needs_informing(self):
        for adjustment in self:
            if adjustment.state in ('applied', 'reviewed', 'cancelled'):
                adjustment.needs_informing = adjustment.needs_informing  # what was, stays as it was
            else:
                adjustment.needs_informing = any(adjustment.kind_ids.mapped('announce'))

    def _read_group_orderby(self, order, groupby_terms, query):
        # on a board the states stand in the order of the flow
        return order_by_selection(super()._read_group_orderby, self, ['state'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    @api.onchange('strategy_id')
    def _onchange_strategy_id(self):
        if self.strategy_id and not self._origin:
            for name, value in self._values_from_strategy(self.strategy_id).items():
                if f'default_{name}' not in self.env.context:
                    self[name] = value
            self.kpi_ids = [Command.clear()] + [
                Command.create(values) for values in self._kpi_values_from_strategy(self.strategy_id)]

    @api.onchange('template_id')
    def _onchange_template_id(self):
        if not self.template_id:
            return
        template = self.template_id
        self.core_approach, self.cycle_days = template.core_approach, template.cycle_days
        self.cadence_id = template.cadence_id.filtered('active')
        self._take_template_kpis()

    def _take_template_kpis(self):
        """Let the KPIs of this proposal be those of its template, if it has one: what the strategy has beyond it is dropped."""
        if not self.template_id:
            return
        goals = {line.kpi_id: line for line in self.template_id.kpi_ids}
        for line in self.kpi_ids:
            goal = goals.pop(line.kpi_id, None)
            line.is_dropped = not goal
            if goal:
                line.new_target, line.weight = goal.target, goal.weight
        self.kpi_ids = [Command.create({
            'kpi_id': kpi.id, 'new_target': goal.target, 'weight': goal.weight, 'sequence': 100 + goal.sequence})
            for kpi, goal in goals.items()]

    @api.model
    def _values_from_strategy(self, strategy):
        """Return what a proposal begins with: the strategy as it is."""
        proposer = self.env.user if self.env.uid != SUPERUSER_ID else self.env['res.users']
        return {
            'user_id': (strategy.user_id or strategy.partner_id.user_id or proposer).id,
            'core_approach': strategy.core_approach,
            'cadence_id': strategy.cadence_id.id,
            'cycle_days': strategy.cycle_days,
        }

    @api.model
    def _kpi_values_from_strategy(self, strategy):
        """Return a line for each KPI of a strategy, with the target kept.

        :rtype: list[dict]
        """
        return [{
            'kpi_id': line.kpi_id.id, 'sequence': line.sequence, 'weight': line.weight, 'is_current': True,
            'target': line.target, 'new_target': line.target,
        } for line in strategy.kpi_ids]

    def _complete_lines(self):
        """Give new proposals a line for each KPI of their strategy, and the lines that they brought along its targets."""
        for adjustment in self:
            lines = {line.kpi_id.id: line for line in adjustment.kpi_ids}
            missing = []
            for values in self._kpi_values_from_strategy(adjustment.strategy_id):
                if line := lines.get(values['kpi_id']):
                    line.write({'is_current': True, 'target': values['target']})
                else:
                    missing.append({'adjustment_id': adjustment.id, **values})
            adjustment.kpi_ids.create(missing)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _open_when_new(self):
        """Return the names of the fields that people may give a new proposal; all others begin as the addon has it."""
        return CONTENT | ALWAYS | {'strategy_id'}

    def _open_to_people(self):
        """Return the names of the fields that people may write on all of these, in the states they are in."""
        names = set(ALWAYS)
        states = set(self.mapped('state'))
        if states == {'draft'}:
            names |= CONTENT
        if states == {'applied'}:
            names.add('conclusion')
        return names

    @api.model_create_multi
    def create(self, vals_list):
        """Begin proposals as drafts of whoever creates them, with the strategy as it is, and give them their numbers."""
        for vals in vals_list:
            if not self.env.su and (forbidden := vals.keys() - self._open_when_new()):
                raise AccessError(self.env._(
                    "A new proposal can't come with these fields: %(names)s. Submit it, and let somebody else decide.",
                    names=listed(self.env, sorted(forbidden))))
        strategies = self.env['customer.strategy'].browse({
            vals['strategy_id'] for vals in vals_list if vals.get('strategy_id')})
        strategies.check_access('read')  # the number of another's strategy must not be enough
        for strategy in strategies:
            self._check_may_propose(strategy)
        adjustments = super().create([self._complete_values(vals) for vals in vals_list])
        adjustments.sudo()._complete_lines()  # what the strategy has is no secret to who may read it
        return adjustments

    @api.model
    def _complete_values(self, vals):
        """Return the values of a new proposal with everything that was left out.

        What people may not choose is always given, so that defaults of the context or of a user have no say.
        """
        writers = [] if self.env.uid == SUPERUSER_ID else [self.env.uid]
        vals = {**kept_values(self, self._open_when_new()), 'contributor_ids': [Command.set(writers)], **vals}
        strategy = self.env['customer.strategy'].browse(vals.get('strategy_id'))
        if strategy:
            for name, value in self._values_from_strategy(strategy).items():
                if f'default_{name}' not in self.env.context:
                    vals.setdefault(name, value)
            vals['name'] = strategy.company_id.sudo()._next_adjustment_number()  # sequences are for administrators
        return vals

    def write(self, vals):
        """Keep from people what the actions write, and from everybody a proposal that is no draft any more."""
        self._guard(vals)
        if vals.keys() & CONTENT:
            self._before_content()
        result = super().write(vals)
        if 'user_id' in vals:
            for adjustment in self if self._is_guarded() else ():
                self.env['customer.responsibility']._check_able(adjustment.user_id.id, adjustment.company_id.id)
            self._follow_user()
        return result

    def _refuse_kept(self, names):
        late = self.filtered(lambda adjustment: adjustment.state != 'draft')
        if late and names <= CONTENT:
            raise UserError(self.env._(
                "%(adjustment)s can't be changed any more: %(what)s", adjustment=late[0].name, what=late[0]._tell_state()))
        return super()._refuse_kept(names)

    def _say_kept(self, names):
        return self.env._(
            "These fields of an adjustment can't be written: %(names)s. Submit, approve, refuse or apply it instead.",
            names=names)

    def _before_content(self):
        """Let a person change what is proposed: only as long as it is a draft, and for the price of not deciding on it.

        The row is locked, so that nobody submits or approves what is just being changed by somebody else.
        """
        if self.env.uid == SUPERUSER_ID:
            return
        self._lock()
        if late := self.filtered(lambda adjustment: adjustment.state != 'draft'):
            late._refuse_kept({'note'})
        # people don't write what the actions keep
        others = self.sudo().filtered(lambda adjustment: self.env.user not in adjustment.contributor_ids)
        others.write({'contributor_ids': [Command.link(self.env.uid)]})

    def copy(self, default=None):
        """Whoever wrote the original can't approve its copy either."""
        copies = super().copy(default)
        for original, copied in zip(self.sudo(), copies.sudo(), strict=True):  # people don't write what actions keep
            writers = (original.contributor_ids | original.author_id).filtered(lambda user: user.id != SUPERUSER_ID)
            copied.contributor_ids |= writers
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        for adjustment in self:
            if adjustment.state != 'draft' or adjustment.submitted_on:
                raise UserError(self.env._(
                    "%(adjustment)s was submitted once, so it is kept. Withdraw it instead, with a reason.",
                    adjustment=adjustment.name))
            if adjustment.origin_key:
                raise UserError(self.env._(
                    "%(adjustment)s was proposed by the addon and would be proposed again. Withdraw it instead, with a "
                    "reason.", adjustment=adjustment.name))

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _lock(self):
        """Keep others away from these adjustments until the end of the transaction, after whoever is at them.

        :raises LockError: with a sentence, when somebody is at them for too long
        """
        wait_for_update(self, allow_referencing=True)  # rows of the chatter may refer to them meanwhile
        self.invalidate_recordset(['state'])

    def _tell_state(self):
        """Return a sentence that says what became of an adjustment, and who did it when."""
        self.ensure_one()
        own = self.sudo()  # who did it is no secret to who may read the adjustment
        moment = own.decided_on or own.submitted_on
        day = format_date(self.env, fields.Datetime.context_timestamp(self, moment)) if moment else ''
        return {
            'draft': self.env._("it is a draft."),
            'submitted': self.env._("%(user)s submitted it on %(day)s.", user=own.submitted_by_id.name, day=day),
            'approved': self.env._("%(user)s approved it on %(day)s.", user=own.decided_by_id.name, day=day),
            'refused': self.env._("%(user)s refused it on %(day)s.", user=own.decided_by_id.name, day=day),
            'applied': self.env._("it was applied on %(day)s.", day=format_date(self.env, own.applied_on)),
            'reviewed': self.env._("it was applied and reviewed."),
            'cancelled': self.env._("%(user)s withdrew it.", user=own.cancelled_by_id.name),
        }[self.state]

    def _before_lines(self):
        """Let a person change the KPIs of these proposals: that is writing the proposal."""
        if self:
            self.check_access('write')
            self._before_content()
