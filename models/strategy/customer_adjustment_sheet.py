from odoo import fields, models
from odoo.tools import format_date

from ..platform.counted import days as in_days
from ..platform.local_text import day_text


class CustomerAdjustmentSheet(models.AbstractModel):
    """What stands in the columns of the sheet 策略动态调整表, in lists, exports and print (STR-3).

    While a proposal is a draft they show the strategy as it is now; from its submission on, as it was then.
    """

    _name = 'customer.adjustment.sheet'
    _description = "Sheet of Adjustments"

    # ------------------------------------------------------------
    # COLUMNS
    # ------------------------------------------------------------

    def _as_found(self, adjustment):
        """Return the columns on how the customer stands, or stood when the adjustment was submitted.

        :rtype: dict
        """
        adjustment.ensure_one()
        frozen, strategy = adjustment.state != 'draft' and bool(adjustment.submitted_on), adjustment.strategy_id
        lines = adjustment.kpi_ids.filtered('is_current') if frozen else strategy.kpi_ids
        return {
            'sheet_segment_id': adjustment.segment_id if frozen else adjustment.partner_id.customer_segment_id,
            'sheet_effect_id': adjustment.effect_id if frozen else strategy.effect_id,
            'sheet_effect_color': adjustment.effect_id.color if frozen else strategy.effect_color,
            'sheet_doubt': not frozen and strategy.doubt,
            'sheet_kpis': "\n".join(self._kpi_line(line.kpi_id, line.target, line.actual, line.has_actual) for line in lines),
        }

    def _cycle(self, adjustment):
        """Return the days of the strategy's cycle as agreed, and which one it is."""
        strategy, env = adjustment.strategy_id, adjustment.env
        # as agreed: an adjustment ends the cycle early
        end = strategy.date_start and fields.Date.add(strategy.date_start, days=strategy.cycle_days - 1)
        days = [format_date(env, day) for day in (strategy.date_start, end)]
        lines = ["\N{NO-BREAK SPACE}– ".join(days)]
        if strategy.version > 1 or strategy.cycle > 1:
            lines.append(env._("Version %(version)s, cycle %(cycle)s", version=strategy.version, cycle=strategy.cycle))
        return "\n".join(lines)

    def _changes(self, adjustment):
        """Return what the adjustment changes, a sentence each; what stays as it is, is left out.

        :rtype: list[str]
        """
        adjustment.ensure_one()
        env, strategy, changes = adjustment.env, adjustment.strategy_id, []
        if adjustment.core_approach and adjustment.core_approach != strategy.core_approach:
            changes.append(adjustment.core_approach)
        for line in adjustment.kpi_ids.filtered('kpi_id'):
            kpi = line.kpi_id
            if line.is_dropped and line.is_current:
                changes.append(env._("No longer: %(kpi)s", kpi=kpi.name))
            elif line.is_dropped:
                continue
            elif not line.is_current:
                changes.append(f'{kpi.name} {self._glued(kpi._format_target(line.new_target))}')
            elif line.new_target != line.target:
                changes.append(env._(
                    "%(kpi)s %(target)s (was %(before)s)", kpi=kpi.name,
                    target=self._glued(kpi._format_target(line.new_target)),
                    before=self._glued(kpi._format_target(line.target))))
        if adjustment.cadence_id != strategy.cadence_id:
            changes.append(env._("Cadence: %(cadence)s", cadence=adjustment.cadence_id.name) if adjustment.cadence_id else
                           env._("Cadence: as usual for such customers"))
        if adjustment.cycle_days != strategy.cycle_days:
            changes.append(env._("Cycle: %(days)s", days=in_days(env, adjustment.cycle_days)))
        return changes

    def _kpi_line(self, kpi, target, actual, known):
        """Return what was agreed and what it is: "Repurchase rate ≥ 80 % / 85 %".

        :param kpi: customer.kpi
        :param float target: in the KPI's unit
        :param float actual: in the KPI's unit
        :param bool known: whether there is an actual value
        """
        reached = kpi._format(actual) if known else kpi.env._("not known")
        return f'{kpi.name} {self._glued(f"{kpi._format_target(target)} / {reached}")}'

    def _glued(self, figures):
        """Return figures that stay on one line where a column is narrow."""
        return figures.replace(' ', '\N{NO-BREAK SPACE}')

    # ------------------------------------------------------------
    # PRINT
    # ------------------------------------------------------------

    def _pages(self, adjustments):
        """Return what is printed: for each company its adjustments by the month in which they apply, those without a day
        last.

        :return: pairs of company and its groups, which are pairs of heading and adjustments
        :rtype: list[tuple]
        """
        pages, env = [], adjustments.env
        by_company = adjustments.sorted(lambda adjustment: adjustment.company_id.name).grouped('company_id')
        for company, some in by_company.items():
            dated = some.filtered('date').sorted(lambda adjustment: (adjustment.date, adjustment.id))
            months = dated.grouped(lambda adjustment: adjustment.date.replace(day=1))
            groups = [(day_text(env, month, 'yMMMM'), rows) for month, rows in months.items()]
            if undated := (some - dated).sorted('id'):
                groups.append((env._("Without a day yet"), undated))
            pages.append((company, groups))
        return pages
