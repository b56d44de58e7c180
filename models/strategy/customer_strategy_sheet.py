from odoo import api, fields, models
from odoo.tools import format_date

from ..platform.counted import days as in_days
from ..platform.local_text import day_text


class CustomerStrategyAdjustment(models.Model):
    """The columns of the sheet 策略动态调整表 as people read them, in lists, exports and print (STR-3).

    While a proposal is a draft they show the strategy as it is now; from its submission on, as it was then. Whoever may read
    an adjustment may read its sheet, also where the strategy belongs to somebody else: hence the computation as superuser.
    """

    _inherit = 'customer.strategy.adjustment'

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

    # ------------------------------------------------------------
    # COLUMNS
    # ------------------------------------------------------------

    def _is_frozen(self):
        """Return whether this adjustment holds what was found when it was submitted."""
        self.ensure_one()
        return self.state != 'draft' and bool(self.submitted_on)

    @api.depends(
        'state', 'submitted_on', 'segment_id', 'effect_id', 'partner_id.customer_segment_id', 'strategy_id.effect_color',
        'kpi_ids.is_current', 'kpi_ids.target', 'kpi_ids.actual', 'kpi_ids.has_actual', 'strategy_id.kpi_ids.target',
        'strategy_id.kpi_ids.actual', 'strategy_id.kpi_ids.has_actual')
    @api.depends_context('lang')
    def _compute_sheet_now(self):
        for adjustment in self:
            frozen, strategy = adjustment._is_frozen(), adjustment.strategy_id
            lines = adjustment.kpi_ids.filtered('is_current') if frozen else strategy.kpi_ids
            adjustment.sheet_segment_id = adjustment.segment_id if frozen else adjustment.partner_id.customer_segment_id
            adjustment.sheet_effect_id = adjustment.effect_id if frozen else strategy.effect_id
            adjustment.sheet_effect_color = adjustment.effect_id.color if frozen else strategy.effect_color
            adjustment.sheet_doubt = not frozen and strategy.doubt
            adjustment.sheet_kpis = "\n".join(
                self._kpi_line(line.kpi_id, line.target, line.actual, line.has_actual) for line in lines)

    @api.depends('strategy_id.date_start', 'strategy_id.cycle_days', 'strategy_id.cycle', 'strategy_id.version')
    @api.depends_context('lang')
    def _compute_sheet_cycle(self):
        for adjustment in self:
            strategy = adjustment.strategy_id
            # as agreed: an adjustment ends the cycle early
            end = strategy.date_start and fields.Date.add(strategy.date_start, days=strategy.cycle_days - 1)
            days = [format_date(self.env, day) for day in (strategy.date_start, end)]
            lines = ["\N{NO-BREAK SPACE}– ".join(days)]
            if strategy.version > 1 or strategy.cycle > 1:
                lines.append(self.env._(
                    "Version %(version)s, cycle %(cycle)s", version=strategy.version, cycle=strategy.cycle))
            adjustment.sheet_cycle = "\n".join(lines)

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
            adjustment.sheet_adjusted = "\n".join(adjustment._sheet_changes())

    def _sheet_changes(self):
        """Return what the adjustment changes, a sentence each; what stays as it is, is left out.

        :rtype: list[str]
        """
        self.ensure_one()
        strategy, changes = self.strategy_id, []
        if self.core_approach and self.core_approach != strategy.core_approach:
            changes.append(self.core_approach)
        for line in self.kpi_ids.filtered('kpi_id'):
            kpi = line.kpi_id
            if line.is_dropped and line.is_current:
                changes.append(self.env._("No longer: %(kpi)s", kpi=kpi.name))
            elif line.is_dropped:
                continue
            elif not line.is_current:
                changes.append(f'{kpi.name} {self._glued(kpi._format_target(line.new_target))}')
            elif line.new_target != line.target:
                changes.append(self.env._(
                    "%(kpi)s %(target)s (was %(before)s)", kpi=kpi.name,
                    target=self._glued(kpi._format_target(line.new_target)),
                    before=self._glued(kpi._format_target(line.target))))
        if self.cadence_id != strategy.cadence_id:
            changes.append(self.env._("Cadence: %(cadence)s", cadence=self.cadence_id.name) if self.cadence_id else
                           self.env._("Cadence: as usual for such customers"))
        if self.cycle_days != strategy.cycle_days:
            changes.append(self.env._("Cycle: %(days)s", days=in_days(self.env, self.cycle_days)))
        return changes

    @api.model
    def _kpi_line(self, kpi, target, actual, known):
        """Return what was agreed and what it is: "Repurchase rate ≥ 80 % / 85 %".

        :param kpi: customer.kpi
        :param float target: in the KPI's unit
        :param float actual: in the KPI's unit
        :param bool known: whether there is an actual value
        """
        reached = kpi._format(actual) if known else self.env._("not known")
        return f'{kpi.name} {self._glued(f"{kpi._format_target(target)} / {reached}")}'

    @api.model
    def _glued(self, figures):
        """Return figures that stay on one line where a column is narrow."""
        return figures.replace(' ', '\N{NO-BREAK SPACE}')

    @api.depends('feasibility', 'feasibility_note')
    @api.depends_context('lang')
    def _compute_sheet_feasibility(self):
        labels = dict(self._fields['feasibility']._description_selection(self.env))
        for adjustment in self:
            adjustment.sheet_feasibility = "\n".join(filter(
                None, (labels.get(adjustment.feasibility), adjustment.feasibility_note)))

    # ------------------------------------------------------------
    # PRINT
    # ------------------------------------------------------------

    def _sheet_pages(self):
        """Return what is printed: for each company its adjustments by the month in which they apply, those without a day
        last.

        :return: pairs of company and its groups, which are pairs of heading and adjustments
        :rtype: list[tuple]
        """
        pages = []
        for company, adjustments in self.sorted(lambda adjustment: adjustment.company_id.name).grouped('company_id').items():
            dated = adjustments.filtered('date').sorted(lambda adjustment: (adjustment.date, adjustment.id))
            months = dated.grouped(lambda adjustment: adjustment.date.replace(day=1))
            groups = [(day_text(self.env, month, 'yMMMM'), rows) for month, rows in months.items()]
            if undated := (adjustments - dated).sorted('id'):
                groups.append((self.env._("Without a day yet"), undated))
            pages.append((company, groups))
        return pages

    def _sheet_file_name(self):
        """Return what the printed sheet of this adjustment is called."""
        self.ensure_one()
        return " ".join(filter(None, (
            self.env._("Adjustment Sheet"), self.name and self.name.replace('/', '-'), self.partner_id.name)))
