from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.counted import plural
from .kpi_source import KpiSource


class CustomerKpi(models.Model):
    """What orders tell of a customer (STR-1)."""

    _inherit = 'customer.kpi'

    @api.model
    def _sources(self):
        return super()._sources() | {
            'repurchase_rate': KpiSource(
                label=self.env._("Repurchase rate"), unit='percent', better='higher', additive=False,
                sql=lambda kpi, spans: kpi._repurchase_sql(spans),
                describe=lambda kpi, value, facts: plural(
                    facts, self.env._("One day with an order, %(value)s of it a repeat order", value=kpi._format(value)),
                    self.env._(
                        "%(days)s days with an order, %(value)s of them repeat orders", days=facts, value=kpi._format(value)))),
            'usual_rhythm': KpiSource(
                label=self.env._("Days with an order, against the usual rhythm"), unit='percent', better='higher',
                additive=False, sql=lambda kpi, spans: kpi._usual_rhythm_sql(spans),
                describe=lambda kpi, value, facts: plural(
                    facts, self.env._(
                        "One day with an order, %(value)s of what the usual rhythm lets expect", value=kpi._format(value)),
                    self.env._(
                        "%(days)s days with an order, %(value)s of what the usual rhythm lets expect", days=facts,
                        value=kpi._format(value)))),
            'new_orders': KpiSource(
                label=self.env._("Number of orders"), unit='count', better='higher', additive=True,
                sql=lambda kpi, spans: kpi._new_orders_sql(spans),
                describe=lambda kpi, value, facts: self.env._("Orders in these days: %(count)s", count=facts)),
            'order_value': KpiSource(
                label=self.env._("Average value of an order"), unit='money', better='higher', additive=False,
                sql=lambda kpi, spans: kpi._order_value_sql(spans),
                describe=lambda kpi, value, facts: self.env._("Average of so many orders: %(count)s", count=facts)),
            'revenue': KpiSource(
                label=self.env._("Revenue"), unit='money', better='higher', additive=True,
                sql=lambda kpi, spans: kpi._revenue_sql(spans),
                describe=lambda kpi, value, facts: self.env._(
                    "Orders, less what was credited, of so many documents: %(count)s", count=facts)),
            'retention': KpiSource(
                label=self.env._("Revenue against as many days before"), unit='percent', better='higher', additive=False,
                sql=lambda kpi, spans: kpi._retention_sql(spans),
                describe=lambda kpi, value, facts: self.env._(
                    "%(value)s of the revenue of as many days before", value=kpi._format(value))),
            'conversion_days': KpiSource(
                label=self.env._("Days from the first sign to the order"), unit='days', better='lower', additive=False,
                sql=lambda kpi, spans: kpi._conversion_sql(spans),
                describe=lambda kpi, value, facts: self.env._(
                    "Mean of so many orders, each from its opportunity or quotation on: %(count)s", count=facts)),
        }

    def _repurchase_sql(self, spans):
        """Repeat orders in percent of all orders of the span; several on a day are one.

        A repeat order is any but the very first of the customer, whenever that was: who bought once and never again has
        0 %. Unknown for who never bought, and while a cycle runs for who has not bought in it.
        """
        return SQL(
            """SELECT id AS span_id, COALESCE(100.0 * repeats / NULLIF(bought, 0), 0) AS value, bought AS facts
                 FROM (SELECT s.id, s.running, count(*) FILTER (WHERE d.day >= s.start) AS bought,
                              count(*) FILTER (WHERE d.day >= s.start AND NOT d.is_first) AS repeats
                         FROM %(spans)s s
                         JOIN (SELECT DISTINCT partner_id, day,
                                      day = min(day) OVER (PARTITION BY partner_id) AS is_first
                                 FROM %(purchases)s WHERE counts) d
                              ON d.partner_id = s.partner_id AND d.day <= s.stop
                     GROUP BY s.id, s.running) AS bought
                WHERE bought > 0 OR NOT running""", spans=spans, purchases=self._purchases_sql())

    def _usual_rhythm_sql(self, spans):
        """Days with an order, in percent of those that the usual interval lets expect; 100 at most.

        The usual interval is the customer's own mean, of three days with an order or more before the span; else the KPI's.
        One order is expected at least. Unknown for who never bought, and while a cycle runs for who has not bought in it
        and need not have: less than an interval has passed.
        """
        return SQL(
            """SELECT id AS span_id, LEAST(100, 100 * bought * usual / GREATEST(stop - start + 1, usual)) AS value,
                      bought AS facts
                 FROM (SELECT s.id, s.start, s.stop, s.running, count(*) FILTER (WHERE d.day >= s.start) AS bought,
                              CASE WHEN count(*) FILTER (WHERE d.day < s.start) >= 3
                                   THEN (max(d.day) FILTER (WHERE d.day < s.start) - min(d.day))::float8
                                        / (count(*) FILTER (WHERE d.day < s.start) - 1)
                                   ELSE %(interval)s END AS usual
                         FROM %(spans)s s
                         JOIN (SELECT DISTINCT partner_id, day FROM %(purchases)s WHERE counts) d
                              ON d.partner_id = s.partner_id AND d.day <= s.stop
                     GROUP BY s.id, s.start, s.stop, s.running) AS bought
                WHERE bought > 0 OR NOT running OR stop - start + 1 >= usual""",
            interval=float(self.interval_days), spans=spans, purchases=self._purchases_sql())

    def _new_orders_sql(self, spans):
        """Number of purchases in the span; 0 where there is none."""
        return SQL(
            """SELECT s.id AS span_id, count(d.day) AS value, count(d.day) AS facts
                 FROM %(spans)s s
            LEFT JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.counts AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans=spans, purchases=self._purchases_sql())

    def _order_value_sql(self, spans):
        """Revenue of the span over the number of its purchases; unknown without one.

        So what was credited makes an order smaller, and a running order is as many purchases as were invoiced.
        """
        return SQL(
            """SELECT s.id AS span_id, sum(d.amount) / count(*) FILTER (WHERE d.counts) AS value,
                      count(*) FILTER (WHERE d.counts) AS facts
                 FROM %(spans)s s
                 JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id
               HAVING bool_or(d.counts)""", spans=spans, purchases=self._purchases_sql())

    def _revenue_sql(self, spans):
        """What was bought in the span, less what was credited in it; 0 where there is nothing."""
        return SQL(
            """SELECT s.id AS span_id, COALESCE(sum(d.amount), 0) AS value, count(d.amount) AS facts
                 FROM %(spans)s s
            LEFT JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.amount <> 0 AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans=spans, purchases=self._purchases_sql())

    def _retention_sql(self, spans):
        """Revenue of the span, in percent of that of equally many days before it; unknown where there was none.

        Of a running order only what was invoiced is compared, and of days only whole ones: today is not over.
        """
        return SQL(
            """SELECT id AS span_id, GREATEST(100 * (now_amount / before_amount), 0) AS value, facts
                 FROM (SELECT s.id, COALESCE(sum(d.amount - d.pending) FILTER (WHERE d.day >= s.start), 0)::float8 AS now_amount,
                              (sum(d.amount - d.pending) FILTER (WHERE d.day < s.start))::float8 AS before_amount,
                              count(*) FILTER (WHERE d.day >= s.start AND d.amount <> d.pending) AS facts
                         FROM (SELECT id, partner_id, start, LEAST(stop, %(yesterday)s) AS stop FROM %(spans)s) s
                         JOIN %(purchases)s d ON d.partner_id = s.partner_id
                              AND d.day BETWEEN s.start - (s.stop - s.start + 1) AND s.stop
                     GROUP BY s.id) AS sums
                WHERE before_amount > 0""",
            spans=spans, purchases=self._purchases_sql(),
            yesterday=fields.Date.subtract(fields.Date.context_today(self), days=1))

    def _conversion_sql(self, spans):
        """Mean days from the first sign, the creation of the order's opportunity or else of the quotation, to the order.

        Unknown where none was confirmed in the span, and of an order that is older than its first sign here: it was
        imported. Whatever revenue is counted by, a deal ends with the order.
        """
        documents = self.env['customer.document']
        zone, join = documents._order_zone_sql()
        return SQL(
            """SELECT s.id AS span_id, avg(o.day - o.sign) AS value, count(*) AS facts
                 FROM %(spans)s s
                 JOIN (SELECT o.customer_commercial_id, %(day)s AS day, %(sign)s AS sign
                         FROM sale_order o LEFT JOIN crm_lead l ON l.id = o.opportunity_id %(join)s
                        WHERE o.state = 'sale' AND o.customer_commercial_id IN (SELECT partner_id FROM %(spans)s)) o
                   ON o.customer_commercial_id = s.partner_id AND o.day BETWEEN s.start AND s.stop AND o.sign <= o.day
             GROUP BY s.id""",
            spans=spans, join=join, day=documents._day_sql(SQL("o.date_order"), zone),
            sign=documents._day_sql(SQL("COALESCE(l.create_date, o.create_date)"), zone))
