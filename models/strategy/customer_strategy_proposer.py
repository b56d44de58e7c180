from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .customer_strategy_adjustment import UNDER_WAY


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
                "applied, or withdraw it.", number=other.name, what=other._tell_state()))

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
