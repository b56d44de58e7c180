from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..base.customer_fact import CUSTOMER_TABLE, PREFIX, Fact, Use
from ..platform.counted import plural, points
from ..platform.local_text import labelled

PURCHASE_TABLE = 'customer_fact_purchase'

#: Days of a year, leap years among them.
YEAR = 365.25


class CustomerFact(models.AbstractModel):
    """What orders tell of a customer (STR-1)."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | {
            'repurchase_rate': Fact(
                label=self.env._("Repurchase rate"), unit='percent', better='higher', minimum=0, gives=('count',),
                sql=self._repurchase_sql, say=self._say_repurchase),
            'tenure': Fact(
                label=self.env._("Years since the first order"), counted=self.env._("years"), minimum=0, period=False,
                gives=('day',), sql=self._tenure_sql, say=self._say_tenure),
            'usual_rhythm': Fact(
                label=self.env._("Days with an order, against the usual rhythm"), unit='percent', better='higher', minimum=0,
                gives=('count',), options=('interval_days',), sql=self._usual_rhythm_sql, say=self._say_usual_rhythm),
            'new_orders': Fact(
                label=self.env._("Number of orders"), better='higher', minimum=0, additive=True, gives=('count',),
                sql=self._new_orders_sql,
                say=lambda found, options: self.env._("Orders in these days: %(count)s", count=found.count)),
            'order_value': Fact(
                label=self.env._("Average value of an order"), unit='money', better='higher', gives=('count',),
                sql=self._order_value_sql,
                say=lambda found, options: self.env._("Average of so many orders: %(count)s", count=found.count)),
            'revenue': Fact(
                label=self.env._("Revenue"), unit='money', better='higher', additive=True, gives=('count',),
                sql=self._revenue_sql, say=lambda found, options: self.env._(
                    "Orders, less what was credited, of so many documents: %(count)s", count=found.count)),
            'retention': Fact(
                label=self.env._("Revenue against as many days before"), unit='percent', better='higher', minimum=0,
                gives=('count',), sql=self._retention_sql, say=lambda found, options: self.env._(
                    "%(value)s of the revenue of as many days before", value=self._format(found.value, 'percent'))),
            'conversion_days': Fact(
                label=self.env._("Days from the first sign to the order"), unit='days', better='lower', minimum=0,
                gives=('count',), sql=self._conversion_sql, say=lambda found, options: self.env._(
                    "Mean of so many orders, each from its opportunity or quotation on: %(count)s", count=found.count)),
            'potential': Fact(
                label=self.env._("Potential: what more it could buy"), unit='points', better='higher', minimum=0, past=False,
                period=False, gives=('detail',), sql=self._potential_sql, say=self._say_potential,
                open=lambda partner, found: partner.action_customer_segment_dialog()),
        } | self._path_facts()

    # ------------------------------------------------------------
    # PURCHASES
    # ------------------------------------------------------------

    @api.model
    def _purchases_sql(self, spans):
        """Return SQL naming a relation with what the customers of spans ever bought.

        Columns: ``partner_id``, ``day``, ``counts`` as a purchase, ``amount`` in the main company's currency and what of it is
        ``pending``; see ``customer.purchase.reader._documents_sql``, which says what a purchase is.

        :param Spans spans: the runner's own are looked up once for all facts
        """
        if not spans.kept:
            return SQL("(%s)", self._bought_by_sql(spans.partner_ids))
        [[there]] = self.env.execute_query(SQL("SELECT to_regclass(%s) IS NOT NULL", f'pg_temp.{PURCHASE_TABLE}'))
        if not there:
            [[partner_ids]] = self.env.execute_query(SQL(
                "SELECT COALESCE(array_agg(id ORDER BY id), '{}') FROM %s", SQL.identifier(CUSTOMER_TABLE)))
            self._keep_purchases(partner_ids)
        return SQL.identifier(PURCHASE_TABLE)

    @api.model
    def _keep_purchases(self, partner_ids):
        """Look up once what all facts take that are asked about kept spans, until the table is dropped.

        :param partner_ids: ids of customers, None for all
        """
        table = SQL.identifier(PURCHASE_TABLE)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", table, self._bought_by_sql(partner_ids)))
        self.env.cr.execute(SQL("CREATE INDEX ON %s (partner_id, day)", table))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    @api.model
    def _bought_by_sql(self, partner_ids):
        self.env['customer.document']._flush()
        scheme = self.env['customer.tier.scheme']._get_current()
        return SQL(
            """SELECT id AS partner_id, day, counts, amount, pending
                 FROM (%s) AS documents (id, day, counts, bought, amount, pending)
                WHERE day IS NOT NULL""", self.env['customer.purchase.reader']._documents_sql(scheme, partner_ids))

    @api.model
    def _temporary_tables(self):
        return [*super()._temporary_tables(), PURCHASE_TABLE]

    # ------------------------------------------------------------
    # HOW OFTEN
    # ------------------------------------------------------------

    @api.model
    def _repurchase_sql(self, spans, options):
        """Repeat orders in percent of all orders of the span; several on a day are one.

        A repeat order is any but the very first of the customer, whenever that was: who bought once and never again has
        0 %. Unknown for who never bought, and while a cycle runs for who has not bought in it.
        """
        return SQL(
            """SELECT id AS span_id, COALESCE(100.0 * repeats / NULLIF(bought, 0), 0) AS value, bought AS count
                 FROM (SELECT s.id, s.running, count(*) FILTER (WHERE d.day >= s.start) AS bought,
                              count(*) FILTER (WHERE d.day >= s.start AND NOT d.is_first) AS repeats
                         FROM %(spans)s s
                         JOIN (SELECT DISTINCT partner_id, day,
                                      day = min(day) OVER (PARTITION BY partner_id) AS is_first
                                 FROM %(purchases)s AS bought WHERE counts) d
                              ON d.partner_id = s.partner_id AND d.day <= s.stop
                     GROUP BY s.id, s.running) AS bought
                WHERE bought > 0 OR NOT running""", spans=spans.table, purchases=self._purchases_sql(spans))

    @api.model
    def _say_repurchase(self, found, options):
        value = self._format(found.value, 'percent')
        return plural(
            found.count, self.env._("One day with an order, %(value)s of it a repeat order", value=value),
            self.env._("%(days)s days with an order, %(value)s of them repeat orders", days=found.count, value=value))

    @api.model
    def _usual_rhythm_sql(self, spans, options):
        """Days with an order, in percent of those that the usual interval lets expect; 100 at most.

        The usual interval is the customer's own mean, of three days with an order or more before the span; else that of the
        options. One order is expected at least. Unknown for who never bought, and while a cycle runs for who has not bought
        in it and need not have: less than an interval has passed.
        """
        return SQL(
            """SELECT id AS span_id, LEAST(100, 100 * bought * usual / GREATEST(stop - start + 1, usual)) AS value,
                      bought AS count
                 FROM (SELECT s.id, s.start, s.stop, s.running, count(*) FILTER (WHERE d.day >= s.start) AS bought,
                              CASE WHEN count(*) FILTER (WHERE d.day < s.start) >= 3
                                   THEN (max(d.day) FILTER (WHERE d.day < s.start) - min(d.day))::float8
                                        / (count(*) FILTER (WHERE d.day < s.start) - 1)
                                   ELSE %(interval)s END AS usual
                         FROM %(spans)s s
                         JOIN (SELECT DISTINCT partner_id, day FROM %(purchases)s AS bought WHERE counts) d
                              ON d.partner_id = s.partner_id AND d.day <= s.stop
                     GROUP BY s.id, s.start, s.stop, s.running) AS bought
                WHERE bought > 0 OR NOT running OR stop - start + 1 >= usual""",
            interval=float(options['interval_days']), spans=spans.table, purchases=self._purchases_sql(spans))

    @api.model
    def _say_usual_rhythm(self, found, options):
        value = self._format(found.value, 'percent')
        return plural(
            found.count, self.env._("One day with an order, %(value)s of what the usual rhythm lets expect", value=value),
            self.env._(
                "%(days)s days with an order, %(value)s of what the usual rhythm lets expect", days=found.count, value=value))

    @api.model
    def _new_orders_sql(self, spans, options):
        """Number of purchases in the span; 0 where there is none."""
        return SQL(
            """SELECT s.id AS span_id, count(d.day) AS value, count(d.day) AS count
                 FROM %(spans)s s
            LEFT JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.counts AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans=spans.table, purchases=self._purchases_sql(spans))

    @api.model
    def _tenure_sql(self, spans, options):
        """Years from the first purchase to the last day of the span; unknown of who had not bought by then."""
        return SQL(
            """SELECT s.id AS span_id, (s.stop - min(d.day)) / %(year)s AS value, min(d.day) AS day
                 FROM %(spans)s s
                 JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.counts AND d.day <= s.stop
             GROUP BY s.id, s.stop""", spans=spans.table, purchases=self._purchases_sql(spans), year=YEAR)

    @api.model
    def _say_tenure(self, found, options):
        return self.env._("A customer since %(day)s", day=format_date(self.env, found.day))

    # ------------------------------------------------------------
    # FOR HOW MUCH
    # ------------------------------------------------------------

    @api.model
    def _order_value_sql(self, spans, options):
        """Revenue of the span over the number of its purchases; unknown without one.

        So what was credited makes an order smaller, and a running order is as many purchases as were invoiced.
        """
        return SQL(
            """SELECT s.id AS span_id, sum(d.amount) / count(*) FILTER (WHERE d.counts) AS value,
                      count(*) FILTER (WHERE d.counts) AS count
                 FROM %(spans)s s
                 JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id
               HAVING bool_or(d.counts)""", spans=spans.table, purchases=self._purchases_sql(spans))

    @api.model
    def _revenue_sql(self, spans, options):
        """What was bought in the span, less what was credited in it; 0 where there is nothing."""
        return SQL(
            """SELECT s.id AS span_id, COALESCE(sum(d.amount), 0) AS value, count(d.amount) AS count
                 FROM %(spans)s s
            LEFT JOIN %(purchases)s d ON d.partner_id = s.partner_id AND d.amount <> 0 AND d.day BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans=spans.table, purchases=self._purchases_sql(spans))

    @api.model
    def _retention_sql(self, spans, options):
        """Revenue of the span, in percent of that of equally many days before it; unknown where there was none.

        Of a running order only what was invoiced is compared, and of days only whole ones: today is not over.
        """
        return SQL(
            """SELECT id AS span_id, GREATEST(100 * (now_amount / before_amount), 0) AS value, count
                 FROM (SELECT s.id, COALESCE(sum(d.amount - d.pending) FILTER (WHERE d.day >= s.start), 0)::float8 AS now_amount,
                              (sum(d.amount - d.pending) FILTER (WHERE d.day < s.start))::float8 AS before_amount,
                              count(*) FILTER (WHERE d.day >= s.start AND d.amount <> d.pending) AS count
                         FROM (SELECT id, partner_id, start, LEAST(stop, %(yesterday)s) AS stop FROM %(spans)s AS asked) s
                         JOIN %(purchases)s d ON d.partner_id = s.partner_id
                              AND d.day BETWEEN s.start - (s.stop - s.start + 1) AND s.stop
                     GROUP BY s.id) AS sums
                WHERE before_amount > 0""",
            spans=spans.table, purchases=self._purchases_sql(spans),
            yesterday=fields.Date.subtract(fields.Date.context_today(self), days=1))

    # ------------------------------------------------------------
    # HOW FAST
    # ------------------------------------------------------------

    @api.model
    def _conversion_sql(self, spans, options):
        """Mean days from the first sign, the creation of the order's opportunity or else of the quotation, to the order.

        Unknown where none was confirmed in the span, and of an order that is older than its first sign here: it was
        imported. Whatever revenue is counted by, a deal ends with the order.
        """
        documents = self.env['customer.document']
        zone, join = documents._order_zone_sql()
        return SQL(
            """SELECT s.id AS span_id, avg(o.day - o.sign) AS value, count(*) AS count
                 FROM %(spans)s s
                 JOIN (SELECT o.customer_commercial_id, %(day)s AS day, %(sign)s AS sign
                         FROM sale_order o LEFT JOIN crm_lead l ON l.id = o.opportunity_id %(join)s
                        WHERE o.state = 'sale'
                          AND o.customer_commercial_id IN (SELECT partner_id FROM %(spans)s AS asked)) o
                   ON o.customer_commercial_id = s.partner_id AND o.day BETWEEN s.start AND s.stop AND o.sign <= o.day
             GROUP BY s.id""",
            spans=spans.table, join=join, day=documents._day_sql(SQL("o.date_order"), zone),
            sign=documents._day_sql(SQL("COALESCE(l.create_date, o.create_date)"), zone))

    # ------------------------------------------------------------
    # HOW MUCH MORE
    # ------------------------------------------------------------

    @api.model
    def _potential_sql(self, spans, options):
        """The score of the potential in force, 0 to 100; unknown where too little is known and nobody judged it."""
        return SQL(
            """SELECT s.id AS span_id, %(points)s AS value,
                      jsonb_build_object('grade', p.customer_potential, 'judged', p.customer_potential_reason IS NOT NULL)
                      AS detail
                 FROM %(spans)s s JOIN res_partner p ON p.id = s.partner_id
            LEFT JOIN customer_potential k ON k.partner_id = p.id
                WHERE p.customer_potential IS NOT NULL""",
            spans=spans.table, points=self.env['customer.potential']._points_sql(SQL("p"), SQL("k")))

    @api.model
    def _say_potential(self, found, options):
        grades = dict(self.env['customer.potential']._fields['grade']._description_selection(self.env))
        values = {'grade': grades[found.detail['grade']], 'points': points(self.env, found.value)}
        if found.detail['judged']:
            return self.env._("Potential %(grade)s (%(points)s), judged by hand", **values)
        return self.env._("Potential %(grade)s (%(points)s)", **values)

    # ------------------------------------------------------------
    # THE UPGRADE PATH
    #
    # How far a customer is from the next tier and from leaving its own, and whether it could rise or is falling (SEG-7).
    # ------------------------------------------------------------

    @api.model
    def _path_facts(self):
        """Return the facts of the upgrade path; see :meth:`_facts`."""
        today = {'unit': 'percent', 'past': False, 'period': False}
        path = {**today, 'minimum': 0, 'gives': ('day', 'res_id'), 'nothing': True, 'model': 'customer.path',
                'open': lambda partner, found: partner.action_view_customer_path()}
        return {
            'tier_up': Fact(
                label=self.env._("Revenue, of what lifts it into the next tier"), better='higher', gives=('detail',),
                sql=self._tier_up_sql, say=self._say_tier_up, **today),
            'tier_margin': Fact(
                label=self.env._("Revenue that it may lose before it falls"), better='higher', gives=('detail',),
                sql=self._tier_margin_sql, say=self._say_tier_margin, **today),
            'could_rise': Fact(
                label=self.env._("Could rise: conditions that are met"), say=self._say_path,
                sql=lambda spans, options: self._path_sql(spans, 'rise'), **path),
            'is_falling': Fact(
                label=self.env._("Is falling: conditions that are met"), better='lower', say=self._say_path,
                sql=lambda spans, options: self._path_sql(spans, 'fall'), **path),
        }

    @api.model
    def _uses(self):
        conditions = self.env['customer.path.condition'].search([('rule_id.active', 'in', (True, False))])
        return super()._uses() + [
            Use(condition.kind.removeprefix(PREFIX), self.env._("Upgrade path"), condition.rule_id.display_name,
                condition.rule_id.problem) for condition in conditions]

    # ------------------------------------------------------------
    # HOW FAR
    # ------------------------------------------------------------

    @api.model
    def _of_tiers_sql(self, spans, value, missing, tier, condition):
        """Return SQL with a row for each customer whose tier follows from its revenue.

        :param SQL value: of the fact
        :param SQL missing: what is missing, or may be lost
        :param SQL tier: the tier that it is about
        :param SQL condition: that there is such a border
        """
        self.env['res.partner'].flush_model(['customer_revenue', 'customer_tier_id', 'customer_tier_manual_id'])
        return SQL(
            """SELECT s.id AS span_id, %(value)s AS value,
                      jsonb_build_object('tier', %(tier)s, 'missing', %(missing)s) AS detail
                 FROM %(spans)s s
                 JOIN (SELECT id, customer_tier_id, COALESCE(customer_revenue, 0) AS revenue
                         FROM res_partner WHERE customer_tier_manual_id IS NULL) p ON p.id = s.partner_id
                 JOIN %(edges)s ON edge.tier_id = p.customer_tier_id
                WHERE %(condition)s""",
            value=value, missing=missing, tier=tier, spans=spans.table, condition=condition,
            edges=self.env['customer.tier.scheme']._edges_sql())

    @api.model
    def _tier_up_sql(self, spans, options):
        """Revenue in percent of the smallest that lifts the customer out of its tier; unknown in the best tier, where tiers are
        set by hand, and of who stands in its tier by hand."""
        return self._of_tiers_sql(
            spans, SQL("100 * p.revenue / edge.rise"), SQL("GREATEST(edge.rise - p.revenue, 0)"), SQL("edge.above_id"),
            SQL("edge.rise IS NOT NULL"))

    @api.model
    def _tier_margin_sql(self, spans, options):
        """What of its revenue the customer may lose and still stay in its tier, in percent; less than 0 where it has less than
        its tier asks for, and the ranking keeps it for a while. Unknown in the last tier, and as :meth:`_tier_up_sql`."""
        return self._of_tiers_sql(
            spans, SQL("100 * (p.revenue - edge.floor) / GREATEST(p.revenue, edge.floor)"), SQL("p.revenue - edge.floor"),
            SQL("edge.tier_id"), SQL("edge.floor IS NOT NULL"))

    @api.model
    def _tier_called(self, found):
        return self.env['customer.tier']._get_badges().get((found.detail or {}).get('tier'), ("–", 0))[0]

    @api.model
    def _say_tier_up(self, found, options):
        missing, tier = float((found.detail or {}).get('missing') or 0), self._tier_called(found)
        if not missing:
            return self.env._("revenue is enough for %(tier)s", tier=tier)
        return self.env._(
            "revenue %(value)s of what lifts it into %(tier)s, %(missing)s to go",
            # what is not reached is never told as all of it
            value=self._format(min(found.value, 99.9), 'percent'), tier=tier, missing=self._format(missing, 'money'))

    @api.model
    def _say_tier_margin(self, found, options):
        amount, tier = float((found.detail or {}).get('missing') or 0), self._tier_called(found)
        if amount < 0:
            return self.env._(
                "revenue is %(missing)s short of %(tier)s", missing=self._format(-amount, 'money'), tier=tier)
        return self.env._(
            "may lose %(value)s of its revenue (%(missing)s) before it leaves %(tier)s",
            value=self._format(found.value, 'percent'), missing=self._format(amount, 'money'), tier=tier)

    # ------------------------------------------------------------
    # THE LISTS
    # ------------------------------------------------------------

    @api.model
    def _path_sql(self, spans, direction):
        """How many of the conditions that it takes are met, in percent, as the last night found it; nothing for who is not on
        the list, and while the proposal is set aside."""
        self.env['customer.path'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, x.percent AS value, x.since AS day, x.id AS res_id
                 FROM %(spans)s s JOIN customer_path x ON x.partner_id = s.partner_id
                WHERE x.direction = %(direction)s AND x.state <> 'dismissed' AND %(seen)s""",
            spans=spans.table, direction=direction, seen=self._seen_sql('customer.path', SQL("x.id"), spans))

    @api.model
    def _say_path(self, found, options):
        path = self.env['customer.path'].browse(found.res_id).exists()
        if not path:
            return self.env._("Conditions met: %(value)s", value=self._format(found.value, 'percent'))
        return labelled(self.env, path.rule_id.display_name, path.sentence)
