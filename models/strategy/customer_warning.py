from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerWarning(models.Model):
    _inherit = 'customer.warning'

    strategy_id = fields.Many2one(
        comodel_name='customer.strategy', string="Running Strategy", compute='_compute_strategy_id')

    @api.depends('partner_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_strategy_id(self):
        strategies = self.env['customer.strategy'].search([
            ('partner_id', 'in', self.partner_id.ids), ('state', '=', 'active'),
            ('company_id', 'in', self.env.companies.ids)], order='date_start, id')
        running = {strategy.partner_id: strategy for strategy in strategies}
        for warning in self:
            warning.strategy_id = running.get(warning.partner_id)

    def action_propose_adjustment(self):
        """Open a proposal that adjusts the customer's running strategy because of this warning: the one that waits for
        somebody already, else a new one.

        :raise UserError: when the customer has no running strategy
        """
        self._customer_one()
        strategy = self.strategy_id
        if not strategy:
            raise UserError(self.env._(
                "%(customer)s has no running strategy that could be adjusted. Start one first.",
                customer=self.partner_id.display_name))
        adjustments = self.env['customer.strategy.adjustment']
        adjustment = adjustments.search([
            ('strategy_id', '=', strategy.id), ('state', 'in', ('draft', 'submitted', 'approved'))], limit=1)
        return (adjustment or self._propose_adjustment())._customer_open()

    def _propose_adjustment(self):
        """Return a new proposal of the user because of this warning. The night doesn't propose it once more."""
        strategy = self.strategy_id
        strategy.check_access('write')
        adjustments = self.env['customer.strategy.adjustment']
        adjustments.check_access('create')
        suggester = self.env['customer.strategy.suggester']
        key = suggester._warning_key(self, strategy)
        row = {'origin': 'warning', 'origin_key': key, 'warning_id': self.id, 'segment_id': False}
        adjustments = adjustments.sudo()  # people don't write where a proposal comes from; the user stays its author
        values = suggester._proposal_values(strategy, row)
        if adjustments.search_count([('origin_key', '=', key)], limit=1):
            values['origin_key'] = False  # it was proposed and withdrawn; the user wants to have another look
        return adjustments.create(values).sudo(False)  # back to the user's rights
