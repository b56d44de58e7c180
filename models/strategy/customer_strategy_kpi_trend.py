from odoo import api, fields, models
from odoo.tools import float_compare


class CustomerStrategyKpi(models.Model):
    """How a KPI moved since the cycle before (STR-1)."""

    _inherit = 'customer.strategy.kpi'

    previous = fields.Float(string="Cycle Before", compute='_compute_trend', aggregator=None)
    trend = fields.Selection(
        selection=[('better', "Better"), ('same', "As before"), ('worse', "Worse")], compute='_compute_trend')
    trend_text = fields.Char(
        string="Since the Cycle Before", compute='_compute_trend', help="The actual value, less that of the cycle before.")

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
