from odoo import api, fields, models
from odoo.tools import SQL

from .customer_churn import WEEK
from .season import YEAR

#: The temporary table that :meth:`CustomerProspect._make` fills.
TABLE = SQL.identifier('customer_prospect_now')


class CustomerProspect(models.AbstractModel):
    """What customers may bring in the next twelve months, in money: an estimate (SEG-5).

    The orders to expect, by the churn model in use (``customer.churn``), times what an order of the customer's own is worth;
    see :mod:`engine.prospect`. Both count days with an order. *The customer's own order* is the mean of those of the last days
    (a setting), and of as many as the minimum where fewer were made in them; what was credited comes off the order before it.

    What is told from too few orders is nothing: there is a minimum of days with an order (a setting). Nothing is told either
    where no churn model could be fitted, where the exchange rate of all its orders is missing, and where its orders were
    credited to nothing or less.

    Who buys in one season of the year, and whose season is not over without it, is silent as it was last year. The model
    takes orders as coming at any time, so the silence out of season is not counted against it: it is looked at as of the end
    of its last year, whole seasons of which are its past.
    """

    _name = 'customer.prospect'
    _description = "What Customers May Bring"

    @api.model
    def _make(self, partner_ids=None):
        """Make the temporary table ``customer_prospect_now`` with a line per managed customer.

        Columns: ``partner_id``, ``prospect_state`` (``ok``, ``few``, ``no_model``, ``no_rate`` or ``negative``), ``orders``
        (days with an order, all), ``waits`` out of season, ``order_value`` and ``order_spread`` (mean and standard deviation of
        the customer's own) of ``orders_seen`` with ``orders_unpriced`` besides, ``active_percent``, ``expected_orders`` and
        ``expected_value`` of the next twelve months, and the ``shape`` of the rate at which it buys. What is not known is
        NULL.

        :param partner_ids: ids of customers, or None for all
        """
        fit = self.env['customer.churn.fit']._get_current()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_prospect_rhythm, %s", TABLE))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_prospect_rhythm ON COMMIT DROP AS %s", self._rhythm_sql(fit, partner_ids)))
        rows = self._expected_rows(fit)
        setting = self.env['res.config.settings']._customer_success
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE %(table)s ON COMMIT DROP AS
               SELECT *, CASE WHEN prospect_state = 'ok' THEN expected_orders * order_value END AS expected_value
                 FROM (SELECT p.id AS partner_id, COALESCE(c.purchases, 0) AS orders, COALESCE(r.waits, FALSE) AS waits,
                              CASE WHEN COALESCE(c.purchases, 0) < %(minimum)s THEN 'few' WHEN NOT %(fitted)s THEN 'no_model'
                                   WHEN o.order_value IS NULL THEN 'no_rate' WHEN o.order_value <= 0 THEN 'negative'
                                   ELSE 'ok' END AS prospect_state,
                              o.order_value, o.order_spread, COALESCE(o.orders_seen, 0) AS orders_seen,
                              COALESCE(o.orders_unpriced, 0) AS orders_unpriced,
                              round((100 * %(active)s)::numeric, 2) AS active_percent,
                              round((%(expected)s)::numeric, 4) AS expected_orders,
                              round((%(shape)s::float8 + c.purchases - 1)::numeric, 4) AS shape
                         FROM res_partner p
                    LEFT JOIN customer_rhythm c ON c.partner_id = p.id
                    LEFT JOIN customer_prospect_rhythm r ON r.partner_id = p.id
                    LEFT JOIN unnest(%(purchases)s::int[], %(days)s::int[]%(arrays)s) AS e (purchases, days%(names)s)
                           ON e.purchases = r.purchases AND e.days = r.known_day - r.first_day
                    LEFT JOIN (%(own)s) o ON o.partner_id = p.id
                        WHERE p.customer_managed IS TRUE %(only)s) AS known""",
            table=TABLE, minimum=setting('value_minimum_orders'), fitted=bool(fit), own=self._own_orders_sql(partner_ids),
            shape=fit._model().shape if fit else None,
            only=SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL(),
            **self._expected_sql(fit, rows)))
        self.env.cr.execute(SQL("DROP TABLE customer_prospect_rhythm"))

    @api.model
    def _rhythm_sql(self, fit, partner_ids):
        """Return SQL with when customers bought, as the churn model takes it, and for each of its parts the chance ``active_…``
        that they still buy; of those with enough orders.

        Columns besides: ``partner_id``, ``purchases``, ``first_day``, ``known_day`` up to which they are known, ``waits``.

        :param fit: customer.churn.fit in use, may be empty
        :param partner_ids: ids of customers, or None for all
        """
        self.env['customer.rhythm'].flush_model()
        churn, today = self.env['customer.churn'], SQL("%s::date", fields.Date.context_today(self))
        chances = [
            SQL("1 / (1 + exp(%s)) AS %s", odds, SQL.identifier(f'active_{place}'))
            for place, odds in enumerate(churn._odds_sql(SQL("r.known_day")) if fit else ())]
        return SQL(
            """SELECT r.partner_id, r.purchases, r.first_day, r.known_day, r.waits%(chances)s
                 FROM (SELECT partner_id, purchases, first_day, waits, last_day, GREATEST(%(today)s, last_day) AS known_day
                         FROM (SELECT r.partner_id, r.purchases, r.first_day, %(waits)s AS waits,
                                      CASE WHEN %(waits)s THEN GREATEST(r.last_day, r.season_day + %(year)s)
                                           ELSE r.last_day END AS last_day
                                 FROM customer_rhythm r
                                WHERE r.purchases >= %(minimum)s %(only)s) AS known) AS r""",
            chances=SQL().join(SQL(", %s", chance) for chance in chances), today=today, waits=churn._waits_sql(today), year=YEAR,
            minimum=self.env['res.config.settings']._customer_success('value_minimum_orders'),
            only=SQL("AND r.partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL())

    @api.model
    def _expected_rows(self, fit):
        """Return how many orders to expect in a year of who still buys, for each number of purchases and days that occurs: what
        the models say of these does not depend on the day of the last order.

        :return: rows of purchases, days, and a number for each part of the model
        :rtype: list[tuple]
        """
        if not fit:
            return []
        model = fit._model()
        return [(purchases, days, *model.expected_if_active(purchases - 1, days / WEEK, YEAR / WEEK))
                for purchases, days in self.env.execute_query(SQL(
                    "SELECT DISTINCT purchases, known_day - first_day FROM customer_prospect_rhythm"))]

    @api.model
    def _expected_sql(self, fit, rows):
        """Return the pieces of SQL that the mean over the parts of a model is made of.

        :param rows: of :meth:`_expected_rows`
        :rtype: dict[str, SQL]
        """
        parts = range(len(fit._model().parts) if fit else 0)
        names = [SQL.identifier(f'if_active_{place}') for place in parts]
        columns = list(zip(*rows, strict=True)) or [()] * (2 + len(names))
        active = [SQL("r.%s", SQL.identifier(f'active_{place}')) for place in parts]
        factor = fit._model().factor if fit else 1.0
        return {
            'purchases': list(columns[0]), 'days': list(columns[1]),
            'arrays': SQL().join(SQL(", %s::float8[]", list(values)) for values in columns[2:]),
            'names': SQL().join(SQL(", %s", name) for name in names),
            'active': SQL("(%s) / %s", SQL(" + ").join(active), len(active)) if active else SQL("NULL::float8"),
            'expected': SQL("%s::float8 * (%s) / %s", factor, SQL(" + ").join(
                SQL("%s * e.%s", chance, name) for chance, name in zip(active, names, strict=True)), len(active))
            if active else SQL("NULL::float8"),
        }

    @api.model
    def _own_orders_sql(self, partner_ids):
        """Return SQL with what an order of each customer's own is worth: ``partner_id``, ``order_value``, ``order_spread``,
        ``orders_seen``, and ``orders_unpriced`` of which no exchange rate is known.

        An order is all that was bought on a day; what was credited later comes off the last one before.

        :param partner_ids: ids of customers, or None for all
        """
        setting = self.env['res.config.settings']._customer_success
        documents, latest = self.env['customer.document'], self.env['customer.document']._latest_day()
        documents._flush()
        return SQL(
            """SELECT partner_id, round(avg(amount)::numeric, 2) AS order_value, count(amount)::int AS orders_seen,
                      COALESCE(round(stddev_samp(amount)::numeric, 2), 0) AS order_spread,
                      (count(*) - count(amount))::int AS orders_unpriced
                 FROM (SELECT partner_id, row_number() OVER (PARTITION BY partner_id ORDER BY place DESC) AS back,
                              max(day) FILTER (WHERE counts) AS day,
                              CASE WHEN NOT bool_or(unpriced) THEN sum(amount) END AS amount
                         FROM (SELECT partner_id, day, counts, amount, unpriced, GREATEST(
                                          count(*) FILTER (WHERE counts) OVER (PARTITION BY partner_id ORDER BY day), 1) AS place
                                 FROM (SELECT id AS partner_id, day, bool_or(counts) AS counts, sum(amount)::float8 AS amount,
                                              bool_or(amount IS NULL) AS unpriced
                                         FROM (%(documents)s) AS documents (id, day, counts, bought, amount, pending)
                                        WHERE day <= %(latest)s
                                     GROUP BY id, day) AS days) AS placed
                     GROUP BY partner_id, place) AS orders
                WHERE day IS NOT NULL AND (back <= %(minimum)s OR day > %(start)s)
             GROUP BY partner_id""",
            documents=self.env['customer.purchase.reader']._documents_sql(
                self.env['customer.tier.scheme']._get_current(), partner_ids),
            latest=latest, minimum=setting('value_minimum_orders'),
            start=fields.Date.subtract(fields.Date.context_today(self), days=setting('value_order_days')))
