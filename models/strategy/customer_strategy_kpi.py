from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_compare, format_date

from ..platform.counted import days
from ..platform.local_text import clauses, listed

#: What the measuring and the actions keep.
NOT_FOR_PEOPLE = {'has_actual', 'facts', 'entered_by_id', 'entered_on', 'due', 'is_judged', 'attainment'}

#: What was agreed: only an adjustment changes it once the strategy runs.
AGREED = {'strategy_id', 'kpi_id', 'target', 'weight'}


class CustomerStrategyKpi(models.Model):
    """A KPI of a strategy: what was agreed, and what it is (STR-1)."""

    _name = 'customer.strategy.kpi'
    _description = "KPI of a Strategy"
    _inherit = ['customer.known']
    _order = 'sequence, id'
    _rec_name = 'kpi_id'
    _known_when = {'attainment': [('is_judged', '=', True)]}

    strategy_id = fields.Many2one(comodel_name='customer.strategy', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    kpi_id = fields.Many2one(comodel_name='customer.kpi', string="KPI", required=True, index=True, ondelete='restrict')
    unit = fields.Selection(related='kpi_id.unit')
    better = fields.Selection(related='kpi_id.better')
    target = fields.Float(required=True, aggregator=None)
    weight = fields.Integer(required=True, default=1, aggregator=None)
    # by customer.strategy.measurer, or by hand
    actual = fields.Float(copy=False, aggregator=None)
    has_actual = fields.Boolean(string="Known", readonly=True, copy=False)
    facts = fields.Integer(readonly=True, copy=False, required=True, default=0, aggregator=None)
    by_hand = fields.Boolean(
        readonly=True, copy=False, help="Somebody entered the actual value; it is not measured.")
    note = fields.Char(copy=False, help="Where a value entered by hand comes from.")
    entered_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, copy=False, ondelete='set null', index='btree_not_null')
    entered_on = fields.Date(readonly=True, copy=False)
    due = fields.Float(
        string="Owed by Now", readonly=True, copy=False, aggregator=None,
        help="The part of the target that the days so far owe, for KPIs that grow over the cycle; else the target.")
    is_judged = fields.Boolean(
        string="Counts", readonly=True, copy=False,
        help="Whether it counts in the attainment: its value is known, and something is owed by now.")
    attainment = fields.Float(string="Attainment (%)", readonly=True, copy=False, aggregator='avg', digits=(16, 1))
    # what people look at
    is_measured = fields.Boolean(string="Measured", compute='_compute_is_measured')
    target_text = fields.Char(string="Agreed", compute='_compute_texts')
    actual_text = fields.Char(string="Is", compute='_compute_texts')
    explanation = fields.Char(string="Where It Comes From", compute='_compute_explanation')
    # for lists over many strategies
    partner_id = fields.Many2one(related='strategy_id.partner_id', string="Customer")
    user_id = fields.Many2one(related='strategy_id.user_id', string="Owner")
    state = fields.Selection(related='strategy_id.state')
    date_end = fields.Date(related='strategy_id.date_end')
    doubt = fields.Char(
        string="Warning of the Same", compute='_compute_doubt',
        help="An open warning about what this KPI measures, and of which days the KPI's own value is.")
    previous = fields.Float(string="Cycle Before", compute='_compute_trend', aggregator=None)
    trend = fields.Selection(
        selection=[('better', "Better"), ('same', "As before"), ('worse', "Worse")], compute='_compute_trend')
    trend_text = fields.Char(
        string="Since the Cycle Before", compute='_compute_trend', help="The actual value, less that of the cycle before.")

    _kpi_uniq = models.Constraint('UNIQUE (strategy_id, kpi_id)', "A strategy has each KPI once.")
    _weight_positive = models.Constraint('CHECK (weight > 0)', "The weight of a KPI is 1 at least. To leave it out, remove it.")

    @api.constrains('target', 'kpi_id')
    def _check_target(self):
        for line in self:
            line.kpi_id._check_target(line.target)

    @api.constrains('actual', 'by_hand', 'note', 'kpi_id')
    def _check_actual(self):
        for line in self.filtered('by_hand'):
            line.kpi_id._check_value(line.actual)
            if line.kpi_id._is_measured() and not (line.note or '').strip():
                raise ValidationError(self.env._(
                    "“%(kpi)s” is measured. Please note where the value that you enter instead comes from.",
                    kpi=line.kpi_id.name))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('kpi_id')
    def _compute_is_measured(self):
        for line in self:
            line.is_measured = bool(line.kpi_id) and line.kpi_id._is_measured()

    @api.depends('kpi_id', 'target', 'actual', 'has_actual')
    @api.depends_context('lang')
    def _compute_texts(self):
        for line in self:
            line.target_text = line.kpi_id._format_target(line.target) if line.kpi_id else False
            line.actual_text = line.kpi_id._format(line.actual) if line.kpi_id and line.has_actual else False

    @api.depends('kpi_id', 'actual', 'has_actual', 'facts', 'by_hand', 'note', 'entered_by_id', 'entered_on', 'due', 'state')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for line in self:
            line.explanation = bool(line.kpi_id) and line._explain()

    def _explain(self):
        """Return in a sentence where the actual value comes from, or why there is none."""
        self.ensure_one()
        if self.by_hand:
            # the name of a colleague is no secret
            values = {'name': self.entered_by_id.sudo().name, 'day': format_date(self.env, self.entered_on)}
            entered = self.env._("Entered by %(name)s on %(day)s", **values) if values['name'] else self.env._(
                "Entered on %(day)s", day=values['day'])
            return self.env._("%(entered)s: %(note)s", entered=entered, note=self.note) if self.note else entered
        if not self.kpi_id._is_measured():
            return self.env._("To be entered by hand")
        if not self.has_actual:
            if self.kpi_id.problem:
                return self.env._("Could not be measured: %(problem)s", problem=self.kpi_id.problem)
            return self.env._("Not known yet") if self.state != 'done' else self.env._("Not known")
        return clauses(self.env, (self.kpi_id._describe(self.actual, self.facts), self._explain_due()))

    def _explain_due(self):
        """Return what is owed so far where that is less than the target."""
        if self.state != 'active' or self.due >= self.target:
            return ''
        if not self.due:
            return self.env._("nothing is owed by now")
        return self.env._("owed by now: %(due)s", due=self.kpi_id._format(self.due))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Add KPIs to strategies that have not begun; a value that comes along is one entered by hand."""
        for vals in vals_list:
            self._check_fields(vals)
        lines = super().create([
            # a form sends 0 where nobody entered anything
            vals | self._entered_values() if 'has_actual' not in vals and (vals.get('actual') or vals.get('by_hand')) else vals
            for vals in vals_list])
        lines._check_open()
        lines._grade_where_entered(vals_list)
        return lines

    def write(self, vals):
        """Change what may be changed; a value that a person writes is one entered by hand."""
        self._check_fields(vals)
        if changed := vals.keys() & AGREED:
            self._check_open(changed, vals)
        if 'actual' in vals and 'has_actual' not in vals:
            self._check_enterable()
            vals = vals | self._entered_values()
        result = super().write(vals)
        self._grade_where_entered([vals] * len(self))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self._check_open()

    def _check_fields(self, vals):
        """Refuse what is not for people to write."""
        forbidden = vals.keys() & NOT_FOR_PEOPLE
        if 'by_hand' in vals and 'actual' not in vals:
            forbidden = forbidden | {'by_hand'}
        if forbidden and not self.env.su:
            raise AccessError(self.env._(
                "These fields of a KPI can't be written: %(names)s. Enter the actual value instead.",
                names=listed(self.env, sorted(forbidden))))

    def _check_open(self, changed=None, vals=None):
        """Refuse to change what was agreed once a strategy runs.

        :param changed: names of the fields that are about to be written with ``vals``; else a line comes or goes
        """
        if self.env.su:
            return
        for line in self:
            if changed and all(line._fields[name].convert_to_write(line[name], line) == vals[name] for name in changed):
                continue
            if line.strategy_id.state != 'draft':
                raise UserError(self.env._(
                    "The KPIs of “%(strategy)s” were agreed and can't be changed any more. Propose an adjustment instead.",
                    strategy=line.strategy_id.display_name))

    def _check_enterable(self):
        """Refuse values that come too late: what was concluded from a cycle must not change for ever."""
        today = fields.Date.context_today(self)
        late_days = self.env['res.config.settings']._customer_success('strategy_late_days')
        for line in self:
            strategy = line.strategy_id
            last = fields.Date.add(strategy.date_end, days=late_days)
            if strategy.state == 'done' and today > last:
                raise UserError(self.env._(
                    "“%(strategy)s” ended on %(day)s. Values could be entered until %(last)s.",
                    strategy=strategy.display_name, day=format_date(self.env, strategy.date_end),
                    last=format_date(self.env, last)))

    @api.model
    def _entered_values(self):
        """Return what is kept of who enters a value."""
        return {
            'has_actual': True, 'by_hand': True, 'facts': 0, 'entered_by_id': self.env.uid,
            'entered_on': fields.Date.context_today(self)}

    def _grade_where_entered(self, vals_list):
        """Judge the strategies anew whose KPIs got a value.

        :param vals_list: what was written on each of these lines
        """
        entered = self.browse(line.id for line, vals in zip(self, vals_list, strict=True) if 'actual' in vals)
        strategies = entered.strategy_id.filtered(lambda strategy: strategy.state != 'draft')
        if strategies:
            self.env['customer.strategy.measurer']._grade(strategies)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_measure_again(self):
        """Forget values that were entered by hand: those of measured KPIs are measured again."""
        self.check_access('write')
        self._check_enterable()
        lines = self.filtered('by_hand')
        # people don't write what the measuring keeps
        lines.sudo().write({
            'by_hand': False, 'has_actual': False, 'actual': 0, 'facts': 0, 'entered_by_id': False, 'entered_on': False,
            'note': False})
        strategies = lines.strategy_id.filtered(lambda strategy: strategy.state != 'draft')
        if strategies:
            self.env['customer.strategy.measurer']._measure(strategies)
        return True

    # ------------------------------------------------------------
    # DOUBT
    #
    # Open warnings about what a KPI measures, beside its value (STR-1, HEA-3).
    # ------------------------------------------------------------

    @api.depends('strategy_id.doubt_ids', 'kpi_id', 'has_actual', 'by_hand', 'entered_on')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_doubt(self):
        doubts = self.env['customer.strategy.doubt']._doubts(self.strategy_id, whatever_grade=True)
        for line in self:
            warnings = doubts.get(line.strategy_id._origin.id, self.env['customer.warning'])
            same = line.has_actual and warnings.filtered_domain([('signal', '=', line.kpi_id.signal)])
            line.doubt = bool(same) and self.env._(
                "%(warnings)s. This value is %(span)s", warnings=self.env['customer.strategy.doubt']._describe_warnings(same),
                span=line._describe_span())

    def _describe_span(self):
        """Return of which days the actual value is."""
        self.ensure_one()
        if self.by_hand and self.entered_on:
            return self.env._("of %(day)s, entered by hand", day=format_date(self.env, self.entered_on))
        if self.kpi_id.window == 'days' and self.kpi_id._is_measured():
            return self.env._("of the last %(days)s", days=days(self.env, self.kpi_id.window_days))
        return self.env._("of the cycle since %(day)s", day=format_date(self.env, self.strategy_id.date_start))

    # ------------------------------------------------------------
    # TREND
    #
    # How a KPI moved since the cycle before (STR-1).
    # ------------------------------------------------------------

    @api.depends('actual', 'has_actual', 'kpi_id', 'strategy_id.previous_id')
    @api.depends_context('lang')
    def _compute_trend(self):
        before = {
            (line.strategy_id, line.kpi_id): line.actual
            for line in self.search([
                ('strategy_id', 'in', self.strategy_id.previous_id.ids), ('has_actual', '=', True)])}
        for line in self:
            previous = before.get((line.strategy_id.previous_id, line.kpi_id))
            line.previous = previous or 0
            line.trend = line.trend_text = False
            if previous is None or not line.has_actual:
                continue
            difference = float_compare(line.actual, previous, precision_digits=2)
            better = 1 if line.better == 'higher' else -1
            line.trend = {0: 'same', better: 'better', -better: 'worse'}[difference]
            arrow = {0: "→", 1: "▲", -1: "▼"}[difference]
            line.trend_text = arrow if not difference else f'{arrow} {line.kpi_id._format(abs(line.actual - previous))}'

    @api.onchange('kpi_id')
    def _onchange_kpi_id(self):
        """Propose the usual target."""
        if self.kpi_id.target:
            self.target = self.kpi_id.target
