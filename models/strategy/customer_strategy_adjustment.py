from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..base.local_day import in_company_zone
from ..cadence.selection_order import order_by_selection
from ..platform.local_text import labelled, listed
from ..platform.locks import wait_for_update
from .adjustment_choices import FEASIBILITIES, ORIGINS, STATES, VERDICTS

#: What is proposed and why: people write it as long as it is a draft, and whoever wrote of it can't approve it.
CONTENT = {
    'reason_id', 'reason', 'root_cause', 'kind_ids', 'template_id', 'core_approach', 'cadence_id', 'cycle_days', 'kpi_ids',
    'expected_effect', 'feasibility', 'feasibility_note', 'date', 'note',
}

#: What people may write at any time; everything else goes through the actions, which keep it in order.
ALWAYS = {'user_id', 'activity_ids', 'message_follower_ids', 'message_ids', 'message_main_attachment_id'}


class CustomerStrategyAdjustment(models.Model):
    """A line of the sheet 策略动态调整表: what is changed about a strategy, who agreed, and whether it helped (STR-3, STR-4).

    What is written how:

    * the proposal (:data:`CONTENT`): by people, while it is a draft; each of them becomes a contributor;
    * everything else: by the actions alone (see ``customer.adjustment.flow``), so neither a call, nor an import,
      nor a default in the context or of a user can bring an adjustment into a state, or under another author's name.

    Measuring whether it helped is done by ``customer.strategy.effect``.
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
    cohort_ids = fields.Many2many(
        comodel_name='res.partner', relation='customer_strategy_cohort', column1='adjustment_id', column2='partner_id',
        string="Compared With", readonly=True, copy=False,
        help="Customers of the same segment on the day of the approval, or some of them chosen by chance. They are measured "
             "before and after.")
    cohort_left_out = fields.Integer(
        string="Left Out", readonly=True, copy=False, required=True, default=0,
        help="Customers that are not compared with any more: their own strategy was adjusted meanwhile, or they are gone.")
    effect_known_percent = fields.Float(
        string="Known of the Effect (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1),
        help="The share of the KPIs, by weight, of which is known what came of them.")
    effective_from = fields.Integer(
        string="Effective From (%)", readonly=True, copy=False, help="The limit when it was measured.")
    partly_from = fields.Integer(
        string="Partly Effective From (%)", readonly=True, copy=False, help="The limit when it was measured.")
    effect_problem = fields.Char(
        string="Not Measured Because", readonly=True, copy=False, help="It is tried again every night.")
    effect_failed_on = fields.Date(readonly=True, copy=False)
    effect_panel = fields.Json(compute='_compute_effect_panel', export_string_translation=False)
    next_adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', string="Proposed Next", compute='_compute_next_adjustment_id',
        compute_sudo=True)
    # who may do what; see ``customer.adjustment.decider``
    can_approve = fields.Boolean(compute='_compute_can_approve', search='_search_can_approve')
    can_recall = fields.Boolean(compute='_compute_rights')
    can_inform = fields.Boolean(compute='_compute_rights')
    can_apply = fields.Boolean(compute='_compute_rights')
    can_cancel = fields.Boolean(compute='_compute_rights')
    can_write = fields.Boolean(compute='_compute_rights')
    is_early = fields.Boolean(compute='_compute_rights')
    must_inform = fields.Boolean(compute='_compute_must_inform', search='_search_must_inform')
    waits_for = fields.Char(compute='_compute_waits_for')
    # the strategy: that of a draft as it stands, later as it was on the day of the submission
    current_approach = fields.Text(related='strategy_id.core_approach', string="Approach Now")
    current_cadence_id = fields.Many2one(related='strategy_id.cadence_id', string="Cadence Now")
    current_start = fields.Date(related='strategy_id.date_start', string="Cycle From")
    current_end = fields.Date(related='strategy_id.date_end', string="Cycle Until")
    current_effect_id = fields.Many2one(
        comodel_name='customer.strategy.grade', string="Effect Now", compute='_compute_current')
    current_attainment = fields.Float(string="Attainment Now (%)", compute='_compute_current', digits=(16, 0))
    current_color = fields.Integer(compute='_compute_current')
    current_doubt = fields.Char(string="Open Warning", compute='_compute_current')
    # the columns of the sheet; whoever may read an adjustment may read them, also where the strategy is another's: as superuser
    sheet_segment_id = fields.Many2one(
        comodel_name='customer.segment', string="Type", compute='_compute_sheet_now', compute_sudo=True)
    sheet_strategy = fields.Text(related='strategy_id.core_approach', string="Present Strategy")
    sheet_cycle = fields.Text(string="Cycle", compute='_compute_sheet_cycle', compute_sudo=True)
    sheet_kpis = fields.Text(string="KPIs: Target / Actual", compute='_compute_sheet_now', compute_sudo=True)
    sheet_effect_id = fields.Many2one(
        comodel_name='customer.strategy.grade', string="Effect So Far", compute='_compute_sheet_now', compute_sudo=True)
    sheet_effect_color = fields.Integer(compute='_compute_sheet_now', compute_sudo=True)
    sheet_doubt = fields.Char(string="Open Warning Beside It", compute='_compute_sheet_now', compute_sudo=True)
    sheet_reason = fields.Text(string="Reason for It", compute='_compute_sheet_reason', compute_sudo=True)
    sheet_adjusted = fields.Text(string="Changed Strategy", compute='_compute_sheet_adjusted', compute_sudo=True)
    sheet_feasibility = fields.Text(
        string="Feasibility and Why", compute='_compute_sheet_feasibility', compute_sudo=True)

    _open_uniq = models.UniqueIndex(
        "(strategy_id) WHERE state IN ('submitted', 'approved')",
        "Another adjustment of this strategy is submitted or approved and not applied yet.")
    _origin_uniq = models.UniqueIndex(
        "(origin_key) WHERE origin_key IS NOT NULL", "This was proposed already.")
    _due_idx = models.Index("(date) WHERE state = 'approved'")
    _effect_due_idx = models.Index("(after_stop) WHERE state = 'applied' AND measured_on IS NULL")
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

    @api.depends('state', 'needs_informing', 'informed_on')
    def _compute_must_inform(self):
        must = self.filtered_domain(self._must_inform_domain())
        for adjustment in self:
            adjustment.must_inform = adjustment in must

    def _search_must_inform(self, operator, value):
        return self._must_inform_domain() if operator == 'in' else NotImplemented

    @api.model
    def _must_inform_domain(self):
        """Return the domain of what can't be applied because nobody told the customer."""
        return Domain([('state', '=', 'approved'), ('needs_informing', '=', True), ('informed_on', '=', False)])

    @api.depends('state', 'strategy_id.effect_color', 'strategy_id.attainment', 'effect_id', 'attainment')
    def _compute_current(self):
        """Show how the strategy of a draft stands today, and later what was frozen with the submission."""
        for adjustment in self:
            source = adjustment.strategy_id if adjustment.state == 'draft' else adjustment
            adjustment.current_effect_id = source.effect_id
            adjustment.current_attainment = source.attainment
            # what was frozen stays as it was
            adjustment.current_color = source.effect_color if adjustment.state == 'draft' else source.effect_id.color
            adjustment.current_doubt = source.doubt if adjustment.state == 'draft' else False

    @api.depends(
        'kpi_ids.verdict', 'kpi_ids.net_percent', 'kpi_ids.has_before', 'kpi_ids.has_after', 'kpi_ids.has_segment_before',
        'kpi_ids.has_segment_after', 'kpi_ids.entered_by_id', 'verdict', 'state', 'measured_on', 'cohort_size')
    @api.depends_context('lang')
    def _compute_effect_panel(self):
        for adjustment in self:
            adjustment.effect_panel = self.env['customer.adjustment.panel']._describe_effect(adjustment)

    def _compute_next_adjustment_id(self):
        keys = {f'verdict:{adjustment.id}': adjustment for adjustment in self._origin}
        self.next_adjustment_id = False
        for proposal in self.search([('origin_key', 'in', list(keys))]):
            keys[proposal.origin_key].next_adjustment_id = proposal

    def _read_group_orderby(self, order, groupby_terms, query):
        # on a board the states stand in the order of the flow, and the best verdict comes first
        return order_by_selection(super()._read_group_orderby, self, ['state', 'verdict'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # WHO DOES WHAT
    # ------------------------------------------------------------

    @api.depends('state', 'author_id', 'submitted_by_id', 'contributor_ids', 'user_id', 'partner_id.user_id')
    @api.depends_context('uid')
    def _compute_can_approve(self):
        # sudo: whom one leads follows from teams, which users don't read
        can = self.sudo().filtered_domain(self.env['customer.adjustment.decider']._decidable_domain())
        for adjustment in self:
            adjustment.can_approve = adjustment.id in can._ids

    def _search_can_approve(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # sudo: as above; what is found is filtered by the rules of the user as ever
        return Domain('id', 'in', self.sudo()._search(self.env['customer.adjustment.decider']._decidable_domain()))

    @api.depends('state', 'contributor_ids', 'user_id', 'submitted_by_id')
    @api.depends_context('lang', 'uid')
    def _compute_waits_for(self):
        decider = self.env['customer.adjustment.decider']
        for adjustment in self:
            adjustment.waits_for = adjustment.state == 'submitted' and decider._describe_deciders(adjustment) or False

    @api.depends('state', 'user_id', 'author_id', 'submitted_by_id', 'decided_by_id', 'date')
    @api.depends_context('uid')
    def _compute_rights(self):
        writable = self._filtered_access('write') if self.ids else self
        for adjustment in self:
            may_write = not adjustment._origin or adjustment._origin in writable or adjustment in writable
            adjustment.update(self.env['customer.adjustment.decider']._rights(adjustment, may_write))

    # ------------------------------------------------------------
    # SHEET
    # ------------------------------------------------------------

    @api.depends(
        'state', 'submitted_on', 'segment_id', 'effect_id', 'partner_id.customer_segment_id', 'strategy_id.effect_color',
        'kpi_ids.is_current', 'kpi_ids.target', 'kpi_ids.actual', 'kpi_ids.has_actual', 'strategy_id.kpi_ids.target',
        'strategy_id.kpi_ids.actual', 'strategy_id.kpi_ids.has_actual')
    @api.depends_context('lang')
    def _compute_sheet_now(self):
        for adjustment in self:
            adjustment.update(self.env['customer.adjustment.sheet']._as_found(adjustment))

    @api.depends('strategy_id.date_start', 'strategy_id.cycle_days', 'strategy_id.cycle', 'strategy_id.version')
    @api.depends_context('lang')
    def _compute_sheet_cycle(self):
        for adjustment in self:
            adjustment.sheet_cycle = self.env['customer.adjustment.sheet']._cycle(adjustment)

    @api.depends('reason_id', 'reason')
    @api.depends_context('lang')
    def _compute_sheet_reason(self):
        for adjustment in self:
            adjustment.sheet_reason = "\n".join(filter(None, (adjustment.reason_id.name, adjustment.reason)))

    @api.depends(
        'core_approach', 'cadence_id', 'cycle_days', 'kpi_ids.new_target', 'kpi_ids.is_dropped', 'kpi_ids.is_current',
        'strategy_id.core_approach', 'strategy_id.cadence_id', 'strategy_id.cycle_days')
    @api.depends_context('lang')
    def _compute_sheet_adjusted(self):
        for adjustment in self:
            adjustment.sheet_adjusted = "\n".join(self.env['customer.adjustment.sheet']._changes(adjustment))

    @api.depends('feasibility', 'feasibility_note')
    @api.depends_context('lang')
    def _compute_sheet_feasibility(self):
        labels = dict(self._fields['feasibility']._description_selection(self.env))
        for adjustment in self:
            adjustment.sheet_feasibility = "\n".join(filter(
                None, (labels.get(adjustment.feasibility), adjustment.feasibility_note)))

    def _sheet_file_name(self):
        """Return what the printed sheet of this adjustment is called."""
        self.ensure_one()
        return " ".join(filter(None, (
            self.env._("Adjustment Sheet"), self.name and self.name.replace('/', '-'), self.partner_id.name)))

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    @api.onchange('strategy_id')
    def _onchange_strategy_id(self):
        if self.strategy_id and not self._origin:
            proposer = self.env['customer.strategy.proposer']
            for name, value in proposer._values_from_strategy(self.strategy_id).items():
                if f'default_{name}' not in self.env.context:
                    self[name] = value
            self.kpi_ids = [Command.clear()] + [
                Command.create(values) for values in proposer._kpi_values_from_strategy(self.strategy_id)]

    @api.onchange('template_id')
    def _onchange_template_id(self):
        if not self.template_id:
            return
        template = self.template_id
        self.core_approach, self.cycle_days = template.core_approach, template.cycle_days
        self.cadence_id = template.cadence_id.filtered('active')
        self.env['customer.strategy.proposer']._take_template_kpis(self)

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
        proposer = self.env['customer.strategy.proposer']
        for strategy in strategies:
            proposer._check_may_propose(strategy)
        adjustments = super().create([proposer._complete_values(self, vals) for vals in vals_list])
        proposer._complete_lines(adjustments.sudo())  # what the strategy has is no secret to who may read it
        return adjustments

    def write(self, vals):
        """Keep from people what the actions write, and from everybody a proposal that is no draft any more."""
        self._guard(vals)
        if vals.keys() & CONTENT:
            self._before_content()
        result = super().write(vals)
        if 'user_id' in vals:
            for adjustment in self if self._is_guarded() else ():
                self.env['customer.responsibility']._check_able(adjustment.user_id.id, adjustment.company_id.id)
            self.env['customer.adjustment.asker']._follow_user(self)
        if vals.get('state', 'draft') != 'draft':
            self._tasks('suggestion').unlink()  # the draft that the addon proposed was dealt with
        return result

    def _refuse_kept(self, names):
        late = self.filtered(lambda adjustment: adjustment.state != 'draft')
        if late and names <= CONTENT:
            raise UserError(self.env._(
                "%(adjustment)s can't be changed any more: %(what)s", adjustment=late[0].name,
                what=self.env['customer.adjustment.flow']._tell_state(late[0])))
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
    # ACTIONS
    # ------------------------------------------------------------

    def action_submit(self):
        """Hand these drafts in for approval."""
        self.env['customer.adjustment.flow']._submit(self)
        return True

    def action_recall(self):
        """Take back what was submitted, to go on writing."""
        self.env['customer.adjustment.flow']._recall(self)
        return True

    def action_approve(self):
        """Approve these proposals: somebody else's, with the right to."""
        self.env['customer.adjustment.flow']._approve(self)
        return True

    def action_refuse(self):
        """Open the dialog that asks why these proposals are refused."""
        return self._action_end('refuse', self.env._("Refuse"))

    def action_cancel(self):
        """Open the dialog that asks why these adjustments are withdrawn."""
        return self._action_end('cancel', self.env._("Withdraw"))

    def _action_end(self, action, title):
        return {
            'type': 'ir.actions.act_window', 'name': title, 'res_model': 'customer.adjustment.refuse', 'view_mode': 'form',
            'target': 'new', 'context': {'default_adjustment_ids': self.ids, 'default_action': action},
        }

    def action_redraft(self):
        """Make drafts of refused proposals, to write them anew."""
        self.env['customer.adjustment.flow']._redraft(self)
        return True

    def action_inform(self):
        """Open the dialog that notes that the customer was told."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("The customer was told"),
            'res_model': 'customer.adjustment.inform', 'view_mode': 'form', 'target': 'new',
            'context': {'default_adjustment_id': self.id},
        }

    def action_apply(self):
        """Apply these adjustments today, on their day or before it."""
        self.env['customer.adjustment.applier']._apply_today(self)
        return True

    @api.model
    @in_company_zone
    def _cron_apply(self):
        """Apply what is approved and due where its owner is; see ``customer.adjustment.applier``."""
        self.env['customer.adjustment.applier']._apply_due()

    def action_review(self):
        """Open the dialog that concludes what was learned."""
        self._customer_one()
        self.env['customer.adjustment.conclusion']._check_reviewable(self)
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Did it help?"),
            'res_model': 'customer.strategy.adjustment.review', 'view_mode': 'form', 'views': [(False, 'form')],
            'target': 'new', 'context': {'default_adjustment_id': self.id},
        }

    def action_open_cohort(self):
        """Open the customers that this adjustment is compared with, those that the user may see."""
        self._customer_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Compared with %(name)s", name=self.partner_id.display_name),
            'res_model': 'res.partner', 'view_mode': 'list,form', 'domain': [('id', 'in', self.cohort_ids.ids)],
        }

    def action_open_next(self):
        """Open what was proposed because this adjustment did not help."""
        self._customer_one()
        return self.next_adjustment_id._customer_open()

    def action_open_customer(self):
        """Open the customer's form."""
        self._customer_one()
        return self.partner_id._customer_open()

    def action_open_strategy(self):
        """Open the strategy that is adjusted."""
        self._customer_one()
        return self.strategy_id._customer_open()

    def action_open_new_strategy(self):
        """Open the version that came of it."""
        self._customer_one()
        return self.new_strategy_id._customer_open()

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _lock(self):
        """Keep others away from these adjustments until the end of the transaction, after whoever is at them.

        :raises LockError: with a sentence, when somebody is at them for too long
        """
        wait_for_update(self, allow_referencing=True)  # rows of the chatter may refer to them meanwhile
        self.invalidate_recordset(['state'])

    def _before_lines(self):
        """Let a person change the KPIs of these proposals: that is writing the proposal."""
        if self:
            self.check_access('write')
            self._before_content()

    def _verdict_text(self):
        labels = dict(self.fields_get(['verdict'], ['selection'])['verdict']['selection'])
        return labels.get(self.verdict, '')
