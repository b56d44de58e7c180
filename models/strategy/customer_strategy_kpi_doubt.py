from odoo import api, fields, models
from odoo.tools import format_date

from ..platform.counted import days


class CustomerStrategyKpi(models.Model):
    """Open warnings about what a KPI measures, beside its value (STR-1, HEA-3)."""

    _inherit = 'customer.strategy.kpi'

    doubt = fields.Char(
        string="Warning of the Same", compute='_compute_doubt',
        help="An open warning about what this KPI measures, and of which days the KPI's own value is.")

    @api.depends('strategy_id.doubt_ids', 'kpi_id', 'has_actual', 'by_hand', 'entered_on')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_doubt(self):
        doubts = self.strategy_id._doubts(whatever_grade=True)
        for line in self:
            warnings = doubts.get(line.strategy_id._origin.id, self.env['customer.warning'])
            same = line.has_actual and warnings.filtered_domain([('signal', '=', line.kpi_id.signal)])
            line.doubt = bool(same) and self.env._(
                "%(warnings)s. This value is %(span)s", warnings=line.strategy_id._describe_warnings(same),
                span=line._describe_span())

    def _describe_span(self):
        """Return of which days the actual value is."""
        self.ensure_one()
        if self.by_hand and self.entered_on:
            return self.env._("of %(day)s, entered by hand", day=format_date(self.env, self.entered_on))
        if self.kpi_id.window == 'days' and self.kpi_id._is_measured():
            return self.env._("of the last %(days)s", days=days(self.env, self.kpi_id.window_days))
        return self.env._("of the cycle since %(day)s", day=format_date(self.env, self.strategy_id.date_start))
