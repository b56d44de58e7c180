from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date
from odoo.tools.i18n import format_list

#: What a proposal has to say before somebody decides on it.
REQUIRED = (
    'reason_id', 'reason', 'root_cause', 'kind_ids', 'core_approach', 'expected_effect', 'feasibility', 'date', 'kpi_ids')


class CustomerAdjustmentSubmission(models.AbstractModel):
    """What an adjustment has to say when it is handed in, and what is kept of that day (STR-3)."""

    _name = 'customer.adjustment.submission'
    _description = "Submission of Adjustments"

    def _check_complete(self, adjustment):
        """Refuse to submit what is not worked out."""
        adjustment.ensure_one()
        env = adjustment.env
        if missing := [adjustment._fields[name]._description_string(env) for name in REQUIRED
                       if not self._says(adjustment, name)]:
            raise ValidationError(env._(
                "Before somebody decides on it, please fill in: %(names)s.", names=format_list(env, missing)))
        if adjustment.date < fields.Date.context_today(adjustment):
            raise ValidationError(env._(
                "%(day)s, the day to apply it on, is over. Choose today or a day to come.",
                day=format_date(env, adjustment.date)))
        kept = adjustment.kpi_ids.filtered(lambda line: not line.is_dropped)
        if not sum(kept.mapped('weight')):
            raise ValidationError(env._(
                "Nobody could tell whether the new version works: keep at least one KPI, with a weight above 0."))
        for line in kept:
            line.kpi_id._check_target(line.new_target)
        if not self._changes_anything(adjustment):
            raise ValidationError(env._(
                "This proposal changes nothing: approach, cadence, cycle and KPIs are those of the current strategy."))

    def _says(self, adjustment, name):
        """Return whether a field is filled in; blanks say nothing."""
        value = adjustment[name]
        return bool(value.strip() if isinstance(value, str) else value)

    def _changes_anything(self, adjustment):
        """Return whether the new version would differ from the strategy."""
        adjustment.ensure_one()
        strategy = adjustment.strategy_id
        as_it_is = adjustment.env['customer.strategy.proposer']._values_from_strategy(strategy)
        if (adjustment.core_approach or '').strip() != (strategy.core_approach or '').strip():
            return True
        if (adjustment.cadence_id.id, adjustment.cycle_days) != (as_it_is['cadence_id'], as_it_is['cycle_days']):
            return True
        return {(line.kpi_id.id, line.target, line.weight) for line in strategy.kpi_ids} != {
            (line.kpi_id.id, line.new_target, line.weight) for line in adjustment.kpi_ids if not line.is_dropped}

    def _freeze_current(self, adjustment):
        """Keep what the customer and the strategy are like on the day of the submission."""
        adjustment.ensure_one()
        strategy = adjustment.strategy_id.sudo()  # figures of the strategy are for all who may read the proposal
        if strategy.state == 'active':
            adjustment.env['customer.strategy.measurer'].sudo()._measure(strategy)  # as above
        own = adjustment.sudo()  # people don't write what the steps keep
        own.write({
            'segment_id': own.partner_id.customer_segment_id.id, 'effect_id': strategy.effect_id.id,
            'attainment': strategy.attainment, 'attainment_known': bool(strategy.grade_id),
        })
        current = {line.kpi_id: line for line in strategy.kpi_ids}
        for line in own.kpi_ids:
            goal = current.get(line.kpi_id, strategy.kpi_ids.browse())
            line.write({
                'is_current': bool(goal), 'target': goal.target, 'actual': goal.actual, 'has_actual': goal.has_actual,
                'attainment': goal.attainment})
