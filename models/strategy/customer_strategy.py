from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..platform.local_text import listed

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
