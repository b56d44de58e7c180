from odoo import api, models
from odoo.fields import Domain

from ..base.customer_dashboard import Part, Row, Seen, Tile


class CustomerDashboard(models.AbstractModel):
    """How well the strategies work (STR-2)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {'strategies': Tile(
            self.env._("Strategies by Grade"), 'customer.strategy', self._strategies_tile, 'customer_strategy_action_report',
            100)}

    @api.model
    def _strategies_tile(self, filters):
        domain = (Domain('state', '!=', 'draft') & Domain('date_start', '<=', filters.stop)
                  & Domain('date_end', '>=', filters.start) & filters.own('company_id', 'partner_id.user_id.customer_team_id'))
        counts = dict(self.env['customer.strategy']._read_group(domain, ['effect_id'], ['__count']))
        total = sum(counts.values())
        if not total:
            return Seen(
                empty=self.env._("No strategy was in force in this time. Start one for the customers of a segment, chosen in the "
                                 "list of customers."),
                todo=('customer_strategy_action', self.env._("Strategies")))
        ungraded = sum(count for grade, count in counts.items() if not grade)
        graded, failed = total - ungraded, sum(count for grade, count in counts.items() if grade.is_failure)
        rows = []
        for grade in self.env['customer.strategy.grade'].search([]):
            of_grade, count = domain & Domain('effect_id', '=', grade.id), counts.get(grade, 0)
            tone = 'bad' if grade.is_failure else ('good', 'main', 'fair')[min(len(rows), 2)]
            rows.append(self._grade_row(grade.name, count, tone, of_grade))
        if ungraded:
            none = domain & Domain('effect_id', '=', False)
            rows.append(self._grade_row(self.env._("No grade yet"), ungraded, 'none', none))
        return Seen(
            figure=self.env._("Graded: %(count)s of %(total)s", count=self._number(graded), total=self._number(total)),
            sentence=self.env._(
                "%(share)s of the strategies with a grade work; counted as failed: %(failed)s.",
                share=self._percent(graded - failed, graded), failed=self._number(failed)) if graded else self.env._(
                "None of them has a grade yet: it comes with the first measured KPIs."),
            rows=rows, full=max(counts.values()), domain=domain)

    @api.model
    def _grade_row(self, name, count, tone, domain):
        text = self._number(count)
        return Row(name, text, [[Part(name, count, text, tone, domain)]], domain)
