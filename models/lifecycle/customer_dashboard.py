from odoo import api, models

from ..base.customer_dashboard import Column, Part, Row, Seen, Tile
from ..platform.counted import customers, months


class CustomerDashboard(models.AbstractModel):
    """How many customers are lost, as the targets of the tiers keep it (SEG-8)."""

    _inherit = 'customer.dashboard'

    @api.model
    def _tiles(self):
        return super()._tiles() | {'churn': Tile(
            self.env._("Churn and Retention"), 'customer.target', self._churn_tile, 'customer_target_value_action', 30)}

    @api.model
    def _churn_target(self, filters):
        """Return the target for the churn of all customers: of the company that is looked at, else of all together."""
        targets = self.env['customer.target'].search([('measure', '=', 'churn'), ('tier_id', '=', False)])
        companies = [filters.company_id] if filters.company_id else []
        own = targets.filtered(lambda target: target.company_id.id in companies)
        return (own or targets.filtered(lambda target: not target.company_id))[:1]

    @api.model
    def _churn_tile(self, filters):
        target = self._churn_target(filters)
        if not target:
            return Seen(
                empty=self.env._("There is no target for the churn of all customers. Set one: then it is measured each night."),
                todo=('customer_target_action', self.env._("Targets of Tiers")))
        values = self.env['customer.target.value'].search(
            [('target_id', '=', target.id), ('month', '>=', filters.start), ('month', '<=', filters.stop)], order='month')
        newest = values[-1:]
        if newest.state != 'known':
            return Seen(
                sentence=self.env._("%(base)s: too few to tell, or not known so far back.", base=target.base) if newest else "",
                empty="" if newest else self.env._(
                    "Not measured yet. That is done each night; a manager can measure now in Targets of Tiers."),
                notes=(target.explanation,), opens=('customer.target', target.id, 'action_open_behind') if newest else (),
                todo=('customer_target_action', self.env._("Targets of Tiers")))
        facts = self.env['customer.fact']
        return Seen(
            figure=self.env._("%(churn)s lost", churn=target.actual_text),
            sentence=self.env._(
                "Lost within %(months)s and not won back: %(hits)s of %(customers)s; %(stayed)s stayed. Wanted: %(target)s.",
                hits=self._number(newest.hits), customers=customers(self.env, newest.n),
                months=months(self.env, target.period_months),
                stayed=facts._format(100 - newest.value, 'percent'), target=target.target_text),
            notes=(self._whose_churn(target, filters), self._before_churn(target), target.explanation),
            tone='good' if target.state == 'met' else 'bad',
            rows=[Row(
                self.env._("Stayed"), facts._format(100 - newest.value, 'percent'), [[
                    Part(self.env._("Stayed"), 100 - newest.value, facts._format(100 - newest.value, 'percent'), 'good'),
                    Part(self.env._("Lost"), newest.value, facts._format(newest.value, 'percent'), 'bad')]])],
            columns=self._churn_columns(filters, values),
            legend=[(self.env._("Stayed"), 'good'), (self.env._("Lost"), 'bad')],
            opens=('customer.target', target.id, 'action_open_behind'))

    @api.model
    def _churn_columns(self, filters, values):
        """Return the months: the share of those who were lost in the period up to the end of each."""
        by_month, facts, columns = {value.month: value for value in values}, self.env['customer.fact'], []
        for first in filters.month_begins():
            value = by_month.get(first)
            if not value or value.state != 'known':
                columns.append(Column(first, [], self.env._("not known"), "–"))
                continue
            text = facts._format(value.value, 'percent')
            columns.append(Column(
                first, [Part(self.env._("Lost"), value.value, text, 'bad')], self.env._(
                    "%(share)s lost, n = %(n)s", share=text, n=self._number(value.n)), self._number(value.value)))
        return columns

    @api.model
    def _whose_churn(self, target, filters):
        """Return whose figure it is, where it is not that of the customers that were chosen."""
        if filters.team_id:
            return self.env._("Of all customers: targets are measured for companies and not for teams.")
        if filters.company_id and not target.company_id:
            return self.env._("Of all companies together: this one has no target of its own.")
        return ""

    @api.model
    def _before_churn(self, target):
        if not target.trend_text:
            return ""
        return self.env._("Against the equally long period before: %(trend)s", trend=target.trend_text)
