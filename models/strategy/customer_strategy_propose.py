from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .customer_strategy_adjustment import UNDER_WAY


class CustomerStrategy(models.Model):
    _inherit = 'customer.strategy'

    adjustment_count = fields.Integer(string="Adjustments So Far", compute='_compute_adjustment_count')

    @api.depends('adjustment_ids')
    def _compute_adjustment_count(self):
        counts = dict(self.env['customer.strategy.adjustment']._read_group(
            [('partner_id', 'in', self.partner_id.ids), ('state', '!=', 'cancelled')], ['partner_id'], ['__count']))
        for strategy in self:
            strategy.adjustment_count = counts.get(strategy.partner_id, 0)

    def action_view_adjustments(self):
        """Open the adjustment sheet of this customer: what was changed, and what came of it."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_strategy_sheet_action')
        action['domain'] = [('partner_id', '=', self.partner_id.id)]
        action['context'] = {}
        return action

    # ------------------------------------------------------------
    # WHAT CAN BE ADJUSTED
    # ------------------------------------------------------------

    def _in_force(self):
        """Return the cycle that an adjustment of this strategy would change: this one, or the one that it went on as.

        :return: customer.strategy, and why nothing can be adjusted (empty where it can)
        :rtype: tuple[customer.strategy, str]
        """
        self.ensure_one()
        strategy = self.sudo()  # a later cycle may have another owner
        while strategy.state == 'done' and strategy.ended_by == 'cycle':
            following = strategy.search([('previous_id', '=', strategy.id)], order='id desc', limit=1)
            if not following:
                break
            strategy = following
        return strategy, strategy._why_not_adjusted()

    def _why_not_adjusted(self):
        """Return why this cycle can't be changed by an adjustment; empty where it can."""
        self.ensure_one()
        day = format_date(self.env, self.date_end)
        if self.state == 'draft':
            return self.env._("This strategy has not begun, so it can still be changed directly.")
        if self.ended_by == 'stopped':
            return self.env._("This strategy was stopped on %(day)s. Start a new one instead.", day=day)
        if self.ended_by == 'adjustment':
            return self.env._(
                "This strategy was replaced by a new version on %(day)s. Adjust that one.",
                day=format_date(self.env, fields.Date.add(self.date_end, days=1)))
        if self.state == 'done' and self.search_count([
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'active'),
        ], limit=1):
            return self.env._("Another strategy of this customer is running. Adjust that one.")
        return ''

    def _adjustment_under_way(self):
        """Return what is proposed for this customer and waits to be decided on or applied, if anything."""
        self.ensure_one()
        return self.env['customer.strategy.adjustment'].sudo().search([  # also a colleague's
            ('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id), ('state', 'in', UNDER_WAY),
        ], limit=1)

    def _check_no_adjustment_under_way(self, but=None):
        """Refuse a second adjustment on top of one that is not applied yet.

        :param but: the customer.strategy.adjustment that asks
        """
        other = self._adjustment_under_way()
        if other and other != but:
            raise UserError(self.env._(
                "%(number)s changes the strategy of this customer already, and is not applied yet: %(what)s Wait until it is "
                "applied, or withdraw it.", number=other.name, what=other._tell_state()))

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    def _propose_adjustment(self, values=None):
        """Return a new draft that proposes to change this strategy.

        What is left out is taken from the strategy as it is: owner, approach, cadence, days of a cycle, and a line for each
        KPI with its target.

        :param dict values: fields of ``customer.strategy.adjustment``
        """
        self.ensure_one()
        return self.env['customer.strategy.adjustment'].create({'strategy_id': self.id, **(values or {})})

    def action_propose(self):
        """Open the user's draft of an adjustment of this strategy, or a new one."""
        self._customer_one()
        self.check_access('read')
        adjustments = self.env['customer.strategy.adjustment']
        draft = adjustments.search([
            ('strategy_id', '=', self.id), ('state', '=', 'draft'),
            '|', ('author_id', '=', self.env.uid), ('origin', '!=', 'person')], limit=1)
        if not draft:
            adjustments._check_may_propose(self)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Propose an adjustment"),
            'res_model': 'customer.strategy.adjustment',
            'res_id': draft.id,
            'view_mode': 'form',
            'context': {'default_strategy_id': self.id},
        }
