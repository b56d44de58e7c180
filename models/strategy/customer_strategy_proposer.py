from odoo import SUPERUSER_ID, Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .adjustment_choices import UNDER_WAY
from .kept_values import kept_values


class CustomerStrategyProposer(models.AbstractModel):
    """What of a strategy can be adjusted, and what is proposed for it (STR-3)."""

    _name = 'customer.strategy.proposer'
    _description = "Proposer of Adjustments"

    # ------------------------------------------------------------
    # WHAT CAN BE ADJUSTED
    # ------------------------------------------------------------

    def _in_force(self, strategies):
        """Return the cycle that an adjustment of this strategy would change: this one, or the one that it went on as.

        :return: customer.strategy, and why nothing can be adjusted (empty where it can)
        :rtype: tuple[customer.strategy, str]
        """
        strategies.ensure_one()
        strategy = strategies.sudo()  # a later cycle may have another owner
        while strategy.state == 'done' and strategy.ended_by == 'cycle':
            following = strategy.search([('previous_id', '=', strategy.id)], order='id desc', limit=1)
            if not following:
                break
            strategy = following
        return strategy, self._why_not_adjusted(strategy)

    def _why_not_adjusted(self, strategy):
        """Return why this cycle can't be changed by an adjustment; empty where it can."""
        strategy.ensure_one()
        day = format_date(strategy.env, strategy.date_end)
        if strategy.state == 'draft':
            return strategy.env._("This strategy has not begun, so it can still be changed directly.")
        if strategy.ended_by == 'stopped':
            return strategy.env._("This strategy was stopped on %(day)s. Start a new one instead.", day=day)
        if strategy.ended_by == 'adjustment':
            return strategy.env._(
                "This strategy was replaced by a new version on %(day)s. Adjust that one.",
                day=format_date(strategy.env, fields.Date.add(strategy.date_end, days=1)))
        if strategy.state == 'done' and strategy.search_count([
            ('partner_id', '=', strategy.partner_id.id), ('company_id', '=', strategy.company_id.id), ('state', '=', 'active'),
        ], limit=1):
            return strategy.env._("Another strategy of this customer is running. Adjust that one.")
        return ''

    def _adjustment_under_way(self, strategy):
        """Return what is proposed for this customer and waits to be decided on or applied, if anything."""
        strategy.ensure_one()
        return strategy.env['customer.strategy.adjustment'].sudo().search([  # also a colleague's
            ('partner_id', '=', strategy.partner_id.id), ('company_id', '=', strategy.company_id.id), ('state', 'in', UNDER_WAY),
        ], limit=1)

    def _check_no_adjustment_under_way(self, strategies, but=None):
        """Refuse a second adjustment on top of one that is not applied yet.

        :param strategies: customer.strategy
        :param but: the customer.strategy.adjustment that asks
        """
        other = self._adjustment_under_way(strategies)
        if other and other != but:
            raise UserError(strategies.env._(
                "%(number)s changes the strategy of this customer already, and is not applied yet: %(what)s Wait until it is "
                "applied, or withdraw it.", number=other.name, what=strategies.env['customer.adjustment.flow']._tell_state(
                    other)))

    def _check_may_propose(self, strategy):
        """Refuse to propose where nothing can be adjusted, or where something is under way."""
        if why_not := self._in_force(strategy)[1]:
            raise UserError(why_not)
        self._check_no_adjustment_under_way(strategy)

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    def _propose_adjustment(self, strategy, values=None):
        """Return a new draft that proposes to change this strategy.

        What is left out is taken from the strategy as it is: owner, approach, cadence, days of a cycle, and a line for each
        KPI with its target.

        :param strategy: customer.strategy
        :param dict values: fields of ``customer.strategy.adjustment``
        """
        strategy.ensure_one()
        return strategy.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id, **(values or {})})

    def _values_from_strategy(self, strategy):
        """Return what a proposal begins with: the strategy as it is."""
        env = strategy.env
        proposer = env.user if env.uid != SUPERUSER_ID else env['res.users']
        return {
            'user_id': (strategy.user_id or strategy.partner_id.user_id or proposer).id,
            'core_approach': strategy.core_approach,
            'cadence_id': strategy.cadence_id.id,
            'cycle_days': strategy.cycle_days,
        }

    def _kpi_values_from_strategy(self, strategy):
        """Return a line for each KPI of a strategy, with the target kept.

        :rtype: list[dict]
        """
        return [{
            'kpi_id': line.kpi_id.id, 'sequence': line.sequence, 'weight': line.weight, 'is_current': True,
            'target': line.target, 'new_target': line.target,
        } for line in strategy.kpi_ids]

    def _complete_values(self, adjustments, vals):
        """Return the values of a new proposal with everything that was left out.

        What people may not choose is always given, so that defaults of the context or of a user have no say.

        :param adjustments: customer.strategy.adjustment, in the environment in which it is created
        :param dict vals: of its fields
        """
        env = adjustments.env
        writers = [] if env.uid == SUPERUSER_ID else [env.uid]
        vals = {
            **kept_values(adjustments, adjustments._open_when_new()), 'contributor_ids': [Command.set(writers)], **vals}
        strategy = env['customer.strategy'].browse(vals.get('strategy_id'))
        if strategy:
            for name, value in self._values_from_strategy(strategy).items():
                if f'default_{name}' not in env.context:
                    vals.setdefault(name, value)
            vals['name'] = strategy.company_id.sudo()._next_adjustment_number()  # sequences are for administrators
        return vals

    def _complete_lines(self, adjustments):
        """Give new proposals a line for each KPI of their strategy, and the lines that they brought along its targets."""
        for adjustment in adjustments:
            lines = {line.kpi_id.id: line for line in adjustment.kpi_ids}
            missing = []
            for values in self._kpi_values_from_strategy(adjustment.strategy_id):
                if line := lines.get(values['kpi_id']):
                    line.write({'is_current': True, 'target': values['target']})
                else:
                    missing.append({'adjustment_id': adjustment.id, **values})
            adjustment.kpi_ids.create(missing)

    def _take_template_kpis(self, adjustment):
        """Let the KPIs of this proposal be those of its template, if it has one: what the strategy has beyond it is dropped."""
        if not adjustment.template_id:
            return
        goals = {line.kpi_id: line for line in adjustment.template_id.kpi_ids}
        for line in adjustment.kpi_ids:
            goal = goals.pop(line.kpi_id, None)
            line.is_dropped = not goal
            if goal:
                line.new_target, line.weight = goal.target, goal.weight
        adjustment.kpi_ids = [Command.create({
            'kpi_id': kpi.id, 'new_target': goal.target, 'weight': goal.weight, 'sequence': 100 + goal.sequence})
            for kpi, goal in goals.items()]
