from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from .customer_strategy_adjustment import VERDICTS
from .kept_values import kept_values

#: What people propose; see ``customer_strategy_adjustment.CONTENT``.
CONTENT = {'kpi_id', 'new_target', 'weight', 'is_dropped', 'sequence'}


class CustomerStrategyAdjustmentKpi(models.Model):
    """A KPI of an adjustment: as it is, as it shall be, and what came of it (STR-4)."""

    _name = 'customer.strategy.adjustment.kpi'
    _description = "KPI of a Strategy Adjustment"
    _inherit = ['customer.guarded']
    _order = 'sequence, id'
    _rec_name = 'kpi_id'

    adjustment_id = fields.Many2one(
        comodel_name='customer.strategy.adjustment', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, required=True)
    kpi_id = fields.Many2one(comodel_name='customer.kpi', string="KPI", required=True, index=True, ondelete='restrict')
    unit = fields.Selection(related='kpi_id.unit')
    better = fields.Selection(related='kpi_id.better')
    # as it is: of the current strategy, frozen when the proposal is submitted
    is_current = fields.Boolean(readonly=True, copy=False, help="The current strategy has this KPI.")
    target = fields.Float(readonly=True, copy=False, aggregator=None)
    actual = fields.Float(readonly=True, copy=False, aggregator=None)
    has_actual = fields.Boolean(readonly=True, copy=False)
    attainment = fields.Float(string="Attainment (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1))
    # as it shall be
    new_target = fields.Float(aggregator=None)
    weight = fields.Integer(required=True, default=1)
    is_dropped = fields.Boolean(string="Drop", help="The new version does without this KPI.")
    # before and after, frozen at approval and after the cycle; by hand where the KPI is entered by hand
    before = fields.Float(copy=False, aggregator=None)
    has_before = fields.Boolean(readonly=True, copy=False)
    after = fields.Float(copy=False, aggregator=None)
    has_after = fields.Boolean(readonly=True, copy=False)
    segment_before = fields.Float(copy=False, aggregator=None, help="The mean of the segment's other customers.")
    has_segment_before = fields.Boolean(readonly=True, copy=False)
    segment_after = fields.Float(copy=False, aggregator=None, help="The mean of the same customers.")
    has_segment_after = fields.Boolean(readonly=True, copy=False)
    change = fields.Float(readonly=True, copy=False, aggregator=None, help="After − before.")
    segment_change = fields.Float(readonly=True, copy=False, aggregator=None)
    net = fields.Float(
        string="Net Effect", readonly=True, copy=False, aggregator=None,
        help="What changed, less what changed for the segment in the same time.")
    net_percent = fields.Float(string="Of the Expected (%)", readonly=True, copy=False, aggregator=None, digits=(16, 1))
    verdict = fields.Selection(selection=VERDICTS, readonly=True, copy=False)
    # what people look at
    sign = fields.Char(compute='_compute_sign', string="≥ ≤")
    now_actual = fields.Float(string="Actual Now", compute='_compute_now')
    now_known = fields.Boolean(compute='_compute_now')
    now_attainment = fields.Float(string="Reached (%)", compute='_compute_now', digits=(16, 0))

    _kpi_uniq = models.Constraint('UNIQUE (adjustment_id, kpi_id)', "An adjustment has each KPI once.")
    _weight = models.Constraint('CHECK (weight >= 0)', "The weight of a KPI can't be negative.")

    @api.depends('better')
    def _compute_sign(self):
        for line in self:
            line.sign = {'higher': "≥", 'lower': "≤"}.get(line.better, '')

    @api.depends('kpi_id', 'actual', 'has_actual', 'adjustment_id.state', 'adjustment_id.strategy_id.kpi_ids.actual')
    def _compute_now(self):
        """Show how a draft's strategy stands today, and later what was frozen with the submission."""
        for line in self:
            source, frozen = line, line.adjustment_id.state != 'draft'
            if not frozen:
                source = line.adjustment_id.strategy_id.kpi_ids.filtered(lambda goal, line=line: goal.kpi_id == line.kpi_id)
            line.now_known = source.has_actual
            line.now_actual = source.actual
            line.now_attainment = source.attainment if source.has_actual else 0

    @api.onchange('kpi_id')
    def _onchange_kpi_id(self):
        if self.kpi_id and not self.new_target:
            self.new_target = self.kpi_id.target

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _open_to_people(self):
        """Return the names of the fields that people may write on these lines; other parts add theirs."""
        return CONTENT if set(self.adjustment_id.mapped('state')) <= {'draft'} else set()

    @api.model_create_multi
    def create(self, vals_list):
        """Add KPIs to drafts; what is measured is not for people to bring along."""
        for vals in vals_list:
            if self._is_guarded() and (forbidden := vals.keys() - CONTENT - {'adjustment_id', 'target', 'is_current'}):
                self._refuse_kept(forbidden)
        # the form shows what the strategy has; whether it is true is for the server to say
        taken_from_strategy = () if self.env.su else ('target', 'is_current')
        vals_list = [{
            **kept_values(self, CONTENT | {'adjustment_id'}),
            **{name: value for name, value in vals.items() if name not in taken_from_strategy},
        } for vals in vals_list]
        self.adjustment_id.browse({
            vals['adjustment_id'] for vals in vals_list if vals.get('adjustment_id')})._before_lines()
        return super().create(vals_list)

    def write(self, vals):
        """Keep from people what is measured, and from everybody a proposal that is no draft any more."""
        self._guard(vals)
        if vals.keys() & CONTENT:
            self.adjustment_id._before_lines()
            if vals.get('kpi_id') and not self.env.su and any(
                    line.is_current and line.kpi_id.id != vals['kpi_id'] for line in self):
                raise UserError(self.env._(
                    "A KPI of the current strategy can't be made another one. Drop it, and add the other one."))
        return super().write(vals)

    def _refuse_kept(self, names):
        if names <= CONTENT:
            self.adjustment_id._refuse_kept({'kpi_ids'})
        return super()._refuse_kept(names)

    def _say_kept(self, names):
        return self.env._(
            "These fields of a KPI can't be written: %(names)s. They are measured, or taken from the strategy.", names=names)

    def unlink(self):
        """Take KPIs out of drafts: that is writing the proposal."""
        if self.env.uid != SUPERUSER_ID:
            self.adjustment_id._before_lines()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_current(self):
        if not self.env.su and self.filtered('is_current'):
            raise UserError(self.env._(
                "The current strategy has this KPI. Tick “Drop” if the new version shall do without it."))
