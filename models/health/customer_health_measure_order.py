from odoo import fields, models
from odoo.tools import SQL

from ..platform.counted import days as in_days
from ..platform.res_config_settings import DEFAULTS
from .health_source import Source
from .season import YEAR

#: What a purchase is by the ranking, as it is shipped.
COUNTED = {'basis': 'orders', 'running_days': 21}

#: The debt that is none, as it is shipped.
OVERDUE_MINIMUM = DEFAULTS['overdue_minimum']


class CustomerHealthMeasure(models.Model):
    _inherit = 'customer.health.measure'

    def _sources(self):
        return super()._sources() | {
            'rhythm': Source(
                label=self.env._("Buying rhythm"), unit=self.env._("times the usual interval"), minimum=0,
                sql=self._rhythm_sql, describe=self._describe_rhythm),
            'value_trend': Source(
                label=self.env._("Order value, against the period before"), unit=self.env._("%"), minimum=-100,
                sql=self._value_trend_sql, describe=self._describe_value_trend),
            'payment': Source(
                label=self.env._("Overdue invoices"), unit=self.env._("days"), minimum=0,
                sql=self._payment_sql, describe=self._describe_payment),
        }

    def _asks(self):
        asks = super()._asks()
        if self.source in ('rhythm', 'value_trend'):
            scheme = self.env['customer.tier.scheme']._get_current()
            asks |= {name: scheme[name] for name, shipped in COUNTED.items() if scheme and scheme[name] != shipped}
        if self.source == 'payment':
            minimum = self.env['res.config.settings']._customer_success('overdue_minimum')
            asks |= {'minimum': minimum} if minimum != OVERDUE_MINIMUM else {}
        return asks

    def _rhythm_sql(self, measure, partner_ids):
        """Days since the last order, over the customer's own mean interval; over a year as long as it may be out of season.

        The value is of the day of that order, which is how the sentence knows the days.
        """
        only = SQL("AND r.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        model, today = self.env['customer.churn'], SQL("%s::date", fields.Date.context_today(self))
        return SQL(
            """SELECT r.partner_id, CASE WHEN %(waits)s THEN %(silent)s ELSE %(gap)s END AS value, r.last_day AS as_of
                 FROM customer_rhythm r
                WHERE %(usual)s IS NOT NULL %(only)s""",
            gap=model._gap_sql(), usual=model._usual_sql(), only=only,
            waits=model._waits_sql(today), silent=SQL("GREATEST(%s - r.last_day, 0) / %s::float8", today, YEAR))

    def _describe_rhythm(self, measure, value, as_of):
        # a value of the past is told as it was then
        today = self.env.context.get('customer_health_day') or fields.Date.context_today(self)
        # where the customer is, it may be tomorrow already
        days = max((today - as_of).days, 0) if as_of else 0
        if not days or not value:
            return self.env._("Ordered today")
        return self.env._(
            "%(days)s since the last order, usually one every %(usual)s", days=in_days(self.env, days),
            usual=round(days / value) or 1)

    def _value_trend_sql(self, measure, partner_ids):
        """Change of the order value of the period against the period before, in percent; unknown without orders before, and of
        who buys in one season of the year: one half of it can't be compared with the other.

        Of a running order only what was invoiced is compared, and of days only whole ones: today is not over.
        """
        today = fields.Date.context_today(self)
        refresh = self.env['customer.refresh']
        scheme = self.env['customer.tier.scheme']._get_current()
        return SQL(
            """SELECT id AS partner_id, GREATEST((now_amount - before_amount) * 100 / before_amount, -100) AS value,
                      %(today)s::date AS as_of
                 FROM (SELECT id, COALESCE(sum((amount - pending)::float8) FILTER (WHERE day >= %(middle)s), 0) AS now_amount,
                              sum((amount - pending)::float8) FILTER (WHERE day < %(middle)s) AS before_amount
                         FROM (%(documents)s) AS documents (id, day, counts, bought, amount, pending)
                        WHERE day >= %(start)s AND day < %(today)s
                     GROUP BY id) AS sums
                WHERE before_amount > 0
                  AND id NOT IN (SELECT partner_id FROM customer_rhythm WHERE season_day IS NOT NULL)""",
            today=today, documents=refresh._documents_sql(scheme, partner_ids),
            middle=fields.Date.subtract(today, days=measure.window_days),
            start=fields.Date.subtract(today, days=2 * measure.window_days))

    def _describe_value_trend(self, measure, value, as_of):
        return self.env._(
            "Orders of the last %(days)s days: %(change)s %% against the %(days)s days before",
            days=measure.window_days, change=f'{value:+.0f}')

    def _payment_sql(self, measure, partner_ids):
        """Days since which a customer owes more than the small amount of the settings, 0 for none; unknown where there never
        was an invoice. See ``customer.overdue``."""
        only = SQL("AND m.commercial_partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return SQL(
            """SELECT invoiced.partner_id, GREATEST(%(today)s::date - o.since, 0) AS value, %(today)s::date AS as_of
                 FROM (SELECT DISTINCT m.commercial_partner_id AS partner_id
                         FROM account_move m
                        WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.commercial_partner_id IS NOT NULL
                              %(only)s) AS invoiced
            LEFT JOIN (%(overdue)s) AS o ON o.partner_id = invoiced.partner_id""",
            today=fields.Date.context_today(self), only=only, overdue=self.env['customer.overdue']._sql(partner_ids))

    def _describe_payment(self, measure, value, as_of):
        if value <= 0:
            return self.env._("Nothing is overdue")
        return self.env._(
            "Payment is %(days)s overdue (instalments count, open credit deducted)", days=in_days(self.env, round(value)))
