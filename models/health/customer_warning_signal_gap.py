from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..platform.counted import days as in_days


class CustomerWarningSignalGap(models.AbstractModel):
    """The signal from orders: somebody has not bought for long."""

    _name = 'customer.warning.signal.gap'
    _description = "Signal from Orders"

    def _gap_sql(self, rule, partner_ids):
        """Return SQL: customers who bought on two days or more and seem to have stopped.

        What says so is what foretold best on the held-out days (``customer.churn.fit._judge``), at the limit that was worth
        it there: the days since the last order over the longest pause that ended in an order, or the chance to buy again by
        the model. Where neither was clearly better than guessing nobody is warned of. Nobody is either who has been silent
        for no longer than before. Of who buys in one season only the same season of last year says it: it is warned of when
        that has passed without it.

        The rule holds from the day on which the customer passed the limit, for as many days as it looks back: who stopped
        buying years ago is no news. Nor is who had passed it when the ranking began to count by invoices, or by orders.
        """
        # figures of all companies, like the rhythm itself, whoever looks at the rule
        fits, churn = rule.env['customer.churn.fit'].sudo(), rule.env['customer.churn'].sudo()
        verdict = fits._get_tried()._judge(rule.threshold, rule.chance, rule.least_percent)
        today = fields.Date.context_today(rule)
        before = fields.Date.subtract(rule._first_day(), days=1)
        # who seems to have stopped since orders are counted otherwise did nothing new
        before = max(before, churn._counted_since() or before)
        return SQL(
            """SELECT g.partner_id, %(speaks)s AND g.now AND NOT g.before AS met, NOT g.now AS cleared,
                      round((g.days / g.pause)::numeric, 2) AS value,
                      jsonb_build_object('days', g.days, 'usual', round(g.usual), 'longest', round(g.pause),
                                         'chance', round(g.chance), 'season', g.season_day) AS detail
                 FROM (SELECT r.partner_id, r.season_day, %(today)s - r.last_day AS days, %(pause)s AS pause,
                              %(chance)s AS chance, (r.last_day - r.first_day)::float8 / (r.purchases - 1) AS usual,
                              %(now)s AS now, %(holds_before)s AS before
                         FROM customer_rhythm r
                        WHERE r.purchases >= 2 AND r.last_day > r.first_day AND r.last_day <= %(today)s %(only)s) g""",
            speaks=verdict.state != 'silent', today=today, pause=churn._pause_sql(),
            chance=churn._active_percent_sql() if verdict.judge == 'model' else SQL("NULL::float8"),
            now=self._gap_holds_sql(verdict, today), holds_before=self._gap_holds_sql(verdict, before),
            only=rule._only_sql(SQL("r.partner_id"), partner_ids))

    @api.model
    def _gap_holds_sql(self, verdict, day):
        """Return SQL for whether the customer of a customer.rhythm ``r`` was silent for too long on a day."""
        churn = self.env['customer.churn'].sudo()  # as in _gap_sql
        silent = SQL("(%s - r.last_day)", day)
        if verdict.judge == 'pause':
            holds = SQL("%s >= CEIL(GREATEST(%s * %s, 1))", silent, verdict.limit, churn._pause_sql())
        else:
            holds = SQL(
                "(%s > %s AND %s < %s)", silent, churn._pause_sql(), churn._active_percent_sql(SQL("%s::date", day)),
                100 * verdict.limit)
        return SQL("COALESCE(%s, %s)", churn._season_over_sql(SQL("%s::date", day)), holds)

    @api.model
    def _describe_gap(self, warning):
        detail = warning.detail or {}
        values = {name: detail.get(name) or 0 for name in ('usual', 'longest')}
        values['days'] = in_days(self.env, detail.get('days') or 0)
        if detail.get('season'):
            return self.env._(
                "No order for %(days)s: the season in which it came back last year, on %(day)s, has passed without one",
                days=values['days'], day=format_date(self.env, detail['season']))
        if values['longest'] > values['usual']:
            text = self.env._("No order for %(days)s, usually every %(usual)s, at most %(longest)s so far", **values)
        else:
            values.pop('longest')
            text = self.env._("No order for %(days)s, usually every %(usual)s", **values)
        if detail.get('chance') is None:
            return text
        return self.env._("%(silence)s; chance to buy again %(chance)s %%", silence=text, chance=detail['chance'])
