from collections import namedtuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import association

#: Whoever buys so many different things buys everything, and tells nothing of what goes with what.
MOST_THINGS = 200

#: So many things are proposed for one reason: the likeliest.
MOST_OF_ONE_REASON = 20

#: Shares of a period of so many days are said for a year.
YEAR = 365.25

#: What somebody wants to know: see :meth:`CustomerOfferFinder._look`.
Look = namedtuple('Look', 'level, day, window_days, support, lift, error, most')

#: The tables that are made on the way, each of the one before.
TABLES = (
    'customer_offer_bought', 'customer_offer_usual', 'customer_offer_basket', 'customer_offer_thing',
    'customer_offer_several', 'customer_offer_sold', 'customer_offer_kept', 'customer_offer_rule', 'customer_offer_found',
    'customer_offer_best')


class CustomerOfferFinder(models.AbstractModel):
    """What similar customers buy and a customer does not (HEA-7), in a few SQL statements over all customers.

    *What was bought* is said by the lines of confirmed orders: variants are one product, a contact's orders are the customer's,
    goods that were credited or given back don't count, nor do discounts, down payments and delivery. *Similar* are customers who
    buy the same thing of the same company. *Pairs* are things that are bought together more often than chance would have it, by
    the formulas of ``engine.association``, which stand here once more in SQL; a test holds them to each other.

    Nothing is proposed that the customer has: what it bought within the period, or within the time after which it, or who else
    buys it, usually buys it again.

    Things are products or categories (the level); ``item`` is the id of the one or the other.
    """

    _name = 'customer.offer.finder'
    _description = "Search for What to Offer"

    @api.model
    def _look(self, day=None):
        """Return what the settings say is looked for.

        :param date day: orders until then count, by default until today
        :rtype: Look
        """
        setting = self.env['res.config.settings']._customer_success
        return Look(
            level=setting('offer_level'), day=day or self.env['customer.document']._latest_day(),
            window_days=setting('offer_window_days'), support=setting('offer_support'), lift=setting('offer_lift'),
            error=setting('offer_error_percent') / 100, most=setting('offer_most'))

    @api.model
    def _flush(self):
        self.env['customer.document']._flush()
        for model in ('product.product', 'product.template', 'product.category', 'res.company'):
            self.env[model].flush_model()

    @api.model
    def _make(self, table, query, *indexes):
        """Make a temporary table anew.

        :param str table: of :data:`TABLES`
        :param SQL query: what is in it
        :param str indexes: names of columns that it is looked up by
        """
        name = SQL.identifier(table)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", name))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", name, query))
        if indexes:
            self.env.cr.execute(SQL("CREATE INDEX ON %s (%s)", name, SQL(", ").join(map(SQL.identifier, indexes))))
        self.env.cr.execute(SQL("ANALYZE %s", name))

    @api.model
    def _drop(self):
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL(", ").join(map(SQL.identifier, TABLES))))

    # ------------------------------------------------------------
    # WHAT WAS BOUGHT
    # ------------------------------------------------------------

    @api.model
    def _find_bought(self, look, partner_ids=None):
        """Make the table of what each customer bought of each company: ``partner_id``, ``company_id``, ``item``; ``had``: it has
        some of it; ``evidence``: and paid for it within the period; ``first_day`` and ``last_day``; ``usual_days`` between two
        purchases, NULL of one; ``yearly``: how much it spends a year on it, over the days since it began within the period, one
        year at least, NULL where an exchange rate is not known.

        :param Look look: see :meth:`_look`
        :param partner_ids: ids of customers, None for all
        """
        start = fields.Date.subtract(look.day, days=look.window_days)
        self._make('customer_offer_bought', SQL(
            """SELECT partner_id, company_id, item, sum(kept) > 0 AS had,
                      min(day) FILTER (WHERE kept > 0) AS first_day, max(day) FILTER (WHERE kept > 0) AS last_day,
                      COALESCE(sum(kept) FILTER (WHERE day > %(start)s) > 0
                               AND sum(worth) FILTER (WHERE day > %(start)s) > 0, FALSE) AS evidence,
                      (max(day) FILTER (WHERE kept > 0) - min(day) FILTER (WHERE kept > 0))::float8
                      / NULLIF(count(DISTINCT day) FILTER (WHERE kept > 0) - 1, 0) AS usual_days,
                      sum(amount) FILTER (WHERE day > %(start)s)
                      / GREATEST(1, (%(day)s - min(day) FILTER (WHERE day > %(start)s)) / %(year)s) AS yearly
                 FROM (%(lines)s) AS lines
             GROUP BY partner_id, company_id, item""",
            start=start, day=SQL("%s::date", look.day), year=YEAR, lines=self._lines_sql(look, partner_ids)))

    @api.model
    def _lines_sql(self, look, partner_ids):
        """Return SQL with a row per line of a confirmed order, and per line of a credit note without an order: how many pieces
        the customer has of it (``kept``), for what ``amount`` in the main company's currency, NULL where the rate is not known,
        and what it is ``worth`` in any case: then in the currency of the order."""
        documents, money = self.env['customer.document'], self.env['customer.money']
        zone, zone_join = documents._order_zone_sql()
        day = documents._day_sql(SQL("o.date_order"), zone)
        worth = SQL(
            """CASE WHEN c.line_id IS NULL OR l.product_uom_qty = 0 THEN l.price_subtotal
                    ELSE l.price_subtotal * c.kept / l.product_uom_qty END""")
        amount, join = money._order_money_sql(worth, day, money._missing_rates())
        return SQL(
            """SELECT o.customer_commercial_id AS partner_id, o.company_id, %(item)s AS item, %(day)s AS day,
                      CASE WHEN c.line_id IS NULL THEN l.product_uom_qty ELSE c.kept END AS kept,
                      (%(amount)s)::float8 AS amount, COALESCE(%(amount)s, %(worth)s)::float8 AS worth
                 FROM sale_order_line l
                 JOIN sale_order o ON o.id = l.order_id
                 JOIN %(products)s v ON v.id = l.product_id
            LEFT JOIN (%(credited)s) AS c ON c.line_id = l.id %(zone_join)s %(join)s
                WHERE o.state = 'sale' AND o.customer_commercial_id IS NOT NULL AND l.product_uom_qty <> 0
                  AND o.date_order < %(end)s AND %(day)s <= %(until)s AND %(goods)s %(only)s
                UNION ALL
               %(refunds)s""",
            item=self._item_sql(look.level), products=self._products_sql(look.level), day=day, amount=amount, worth=worth,
            credited=self._credited_sql(look.day), zone_join=zone_join, join=join, until=look.day,
            end=fields.Date.add(look.day, days=2), goods=self._goods_sql(),
            only=documents._only_sql(SQL("o.customer_commercial_id"), partner_ids),
            refunds=self._refunds_sql(look, partner_ids))

    @api.model
    def _item_sql(self, level):
        return SQL("v.categ_id") if level == 'category' else SQL("v.product_tmpl_id")

    @api.model
    def _products_sql(self, level):
        """Return SQL naming a relation with the variants, ``id``, and what they are variants of."""
        if level == 'product':
            return SQL("product_product")
        return SQL(
            "(SELECT p.id, t.categ_id FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id)")

    @api.model
    def _goods_sql(self):
        """Return a condition that line ``l`` is of something that can be offered: no heading, down payment, discount, delivery,
        reward or expense."""
        lines = self.env['sale.order.line']._fields
        marks = [SQL("l.%s IS NOT TRUE", SQL.identifier(name))
                 for name in ('is_downpayment', 'is_expense', 'is_delivery', 'is_reward_line')
                 if name in lines and lines[name].store]
        products = self._no_goods()
        return SQL(" AND ").join([
            SQL("l.display_type IS NULL"), *marks, *([SQL("l.product_id <> ALL(%s)", products)] if products else [])])

    @api.model
    def _no_goods(self):
        """Return the ids of products that stand for no goods: discounts, and what carriers charge; other addons add theirs.

        :rtype: list[int]
        """
        companies = self.env['res.company'].sudo().search([])  # figures are one over all companies
        products = companies.sale_discount_product_id
        if 'delivery.carrier' in self.env:
            products |= self.env['delivery.carrier'].sudo().with_context(active_test=False).search([]).product_id  # as above
        return sorted(products.ids)

    @api.model
    def _credited_sql(self, day):
        """Return SQL with what is left of order lines of which something was credited, as ``line_id`` and ``kept``: what was
        invoiced and not credited, and what was never invoiced; invoiced again is bought again."""
        return SQL(
            """SELECT line_id, GREATEST(invoiced - credited, 0) + GREATEST(ordered - invoiced, 0) AS kept
                 FROM (SELECT l.id AS line_id, l.product_uom_qty AS ordered,
                              COALESCE(sum(a.quantity) FILTER (WHERE m.move_type = 'out_invoice'), 0) AS invoiced,
                              COALESCE(sum(a.quantity) FILTER (WHERE m.move_type = 'out_refund'), 0) AS credited
                         FROM sale_order_line l
                         JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                         JOIN account_move_line a ON a.id = r.invoice_line_id
                         JOIN account_move m ON m.id = a.move_id
                        WHERE a.parent_state = 'posted' AND m.invoice_date <= %(day)s
                          AND l.id IN (SELECT linked.order_line_id
                                         FROM account_move credit
                                         JOIN account_move_line given ON given.move_id = credit.id
                                         JOIN sale_order_line_invoice_rel linked ON linked.invoice_line_id = given.id
                                        WHERE credit.move_type = 'out_refund' AND credit.state = 'posted'
                                          AND credit.invoice_date <= %(day)s)
                     GROUP BY l.id) AS billed WHERE ordered > 0""", day=day)

    @api.model
    def _refunds_sql(self, look, partner_ids):
        """Return SQL with what credit notes without an order take back, as :meth:`_lines_sql`."""
        money = self.env['customer.money']
        amount, join = money._invoice_money_sql(SQL("a.balance"), money._missing_rates())
        return SQL(
            """SELECT m.commercial_partner_id, m.company_id, %(item)s, m.invoice_date, -a.quantity,
                      -(%(amount)s)::float8, -COALESCE(%(amount)s, abs(a.price_subtotal))::float8
                 FROM account_move m
                 JOIN account_move_line a ON a.move_id = m.id
                 JOIN %(products)s v ON v.id = a.product_id %(join)s
                WHERE m.move_type = 'out_refund' AND m.state = 'posted' AND m.invoice_date <= %(until)s
                  AND m.commercial_partner_id IS NOT NULL AND a.quantity > 0 %(only)s
                  AND NOT EXISTS (SELECT 1 FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = a.id)""",
            item=self._item_sql(look.level), products=self._products_sql(look.level), amount=amount, join=join,
            until=look.day, only=self.env['customer.document']._only_sql(SQL("m.commercial_partner_id"), partner_ids))

    # ------------------------------------------------------------
    # WHAT GOES TOGETHER
    # ------------------------------------------------------------

    @api.model
    def _find_rules(self, look):
        """Make the tables of what is bought how often, and of the pairs that are bought together more often than by chance: of
        each company, with the column ``reason`` for what somebody buys and ``item`` for what it may buy then.

        :param Look look: see :meth:`_look`, after :meth:`_find_bought`
        """
        self._find_usual()
        self._make('customer_offer_basket', SQL(
            """SELECT * FROM (SELECT partner_id, company_id, item, yearly,
                                     count(*) OVER (PARTITION BY partner_id, company_id) AS size
                                FROM customer_offer_bought
                               WHERE evidence AND partner_id NOT IN (
                                     SELECT partner_id FROM res_company WHERE partner_id IS NOT NULL)) AS baskets
                WHERE size <= %s""", MOST_THINGS))
        self._make('customer_offer_thing', SQL(
            """SELECT t.*, every.customers, every.bought, count(*) OVER (PARTITION BY company_id) AS things
                 FROM (SELECT company_id, item, count(*) AS buyers, sum(size - 1) AS others
                         FROM customer_offer_basket GROUP BY company_id, item HAVING count(*) >= %s) AS t
                 JOIN (SELECT company_id, count(DISTINCT partner_id) AS customers, count(*) AS bought
                         FROM customer_offer_basket GROUP BY company_id) AS every USING (company_id)""", look.support))
        # with what PostgreSQL knows of it: a guess joins everything with everything
        self._make('customer_offer_several', SQL(
            """SELECT b.partner_id, b.company_id, b.item FROM customer_offer_basket b
                 JOIN customer_offer_thing USING (company_id, item)
                WHERE b.size > 1 ORDER BY b.partner_id, b.company_id"""))
        self._make('customer_offer_sold', self._sold_sql(look.level))
        self._make('customer_offer_kept', self._kept_sql(look))
        self._make('customer_offer_rule', self._rules_sql(), 'company_id', 'reason')

    @api.model
    def _find_usual(self):
        """Make the table of how many days usually pass until somebody buys a thing again: half of who does does so within
        them."""
        self._make('customer_offer_usual', SQL(
            """SELECT item, percentile_cont(0.5) WITHIN GROUP (ORDER BY usual_days) AS usual_days
                 FROM customer_offer_bought WHERE usual_days IS NOT NULL GROUP BY item"""))

    @api.model
    def _sold_sql(self, level):
        """Return SQL with what each company sells, ``company_id`` and ``item``: a product that is not archived, can be sold, and
        is one of the company, or of those above it, or of all; of a category, any such product."""
        return SQL(
            """SELECT DISTINCT c.id AS company_id, %(item)s AS item
                 FROM res_company c
                 JOIN (SELECT t.id AS product_tmpl_id, t.categ_id, t.company_id FROM product_template t
                        WHERE t.active AND t.sale_ok
                          AND EXISTS (SELECT 1 FROM product_product p WHERE p.product_tmpl_id = t.id AND p.active)) AS v
                      ON v.company_id IS NULL
                      OR v.company_id = ANY(string_to_array(trim(trailing '/' FROM c.parent_path), '/')::int[])
                WHERE %(item)s IS NOT NULL""", item=self._item_sql(level))

    @api.model
    def _pairs_sql(self, support):
        """Return SQL with how many customers bought two things, each pair of things of a company once.

        :param int support: of so many customers at least
        """
        return SQL(
            """SELECT one.company_id, one.item AS one, other.item AS other, count(*) AS both_buyers
                 FROM customer_offer_several one
                 JOIN customer_offer_several other
                      ON other.partner_id = one.partner_id AND other.company_id = one.company_id AND other.item > one.item
             GROUP BY one.company_id, one.item, other.item HAVING count(*) >= %s""", support)

    @api.model
    def _kept_sql(self, look):
        """Return SQL with the pairs that are no chance, in the direction in which they are: how many ``buyers`` of the reason,
        how many buy both, ``both_buyers``, the share ``expected`` by chance, and the lower bound of the true share, ``low``.

        Formulas: ``engine.association``.
        """
        strength = SQL(
            """buyers * (share * ln(share / expected)
                         + CASE WHEN share < 1 THEN (1 - share) * ln((1 - share) / (1 - expected)) ELSE 0 END)""")
        return SQL(
            """WITH pairs AS MATERIALIZED (%(pairs)s),
                    directed AS (SELECT company_id, one AS reason, other AS item, both_buyers FROM pairs
                                  UNION ALL
                                 SELECT company_id, other, one, both_buyers FROM pairs),
                    judged AS (
                    SELECT d.*, r.buyers, r.things, d.both_buyers::float8 / r.buyers AS share,
                           GREATEST(r.others::float8 * i.buyers / NULLIF((r.bought - r.buyers)::float8 * r.buyers, 0),
                                    i.buyers::float8 / i.customers) AS expected
                      FROM directed d
                      JOIN customer_offer_thing r ON r.company_id = d.company_id AND r.item = d.reason
                      JOIN customer_offer_thing i ON i.company_id = d.company_id AND i.item = d.item
                      JOIN customer_offer_sold s ON s.company_id = d.company_id AND s.item = d.item),
                    bounded AS (
                    SELECT *, %(low)s AS low FROM judged
                     WHERE share > expected
                       AND CASE WHEN share > expected THEN %(strength)s END
                           >= ln(GREATEST(things * (things - 1), 1) / %(error)s::float8))
               SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY company_id, reason ORDER BY low DESC, item) AS place
                                FROM bounded WHERE low >= %(lift)s * expected) AS placed
                WHERE place <= %(most)s""",
            pairs=self._pairs_sql(look.support), strength=strength, low=self._low_sql(), error=look.error,
            lift=float(look.lift), most=MOST_OF_ONE_REASON)

    @api.model
    def _rules_sql(self):
        """Return SQL with the pairs that are no chance, and what follows from them: their ``lift``, after how many days the thing
        is usually bought again (``usual_days``), and what those who buy both spend a year on it, the median, ``yearly``."""
        return SQL(
            """SELECT k.company_id, k.reason, k.item, k.both_buyers, k.buyers, k.expected, k.low, k.low / k.expected AS lift,
                      u.usual_days, spent.yearly
                 FROM customer_offer_kept k
                 JOIN (SELECT k.company_id, k.reason, k.item,
                              percentile_cont(0.5) WITHIN GROUP (ORDER BY spent.yearly) AS yearly
                         FROM customer_offer_kept k
                         JOIN customer_offer_basket base ON base.company_id = k.company_id AND base.item = k.reason
                         JOIN customer_offer_basket spent
                              ON spent.partner_id = base.partner_id AND spent.company_id = k.company_id AND spent.item = k.item
                     GROUP BY k.company_id, k.reason, k.item) AS spent USING (company_id, reason, item)
            LEFT JOIN customer_offer_usual u ON u.item = k.item""")

    @api.model
    def _low_sql(self):
        """Return SQL for ``engine.association.wilson_low`` of a ``share`` of ``buyers``."""
        z = association.Z
        return SQL(
            """GREATEST(share + %(half)s / buyers - %(z)s * sqrt(share * (1 - share) / buyers + %(quarter)s / (buyers ^ 2)), 0)
               / (1 + %(square)s / buyers)""", half=z * z / 2, z=z, quarter=z * z / 4, square=z * z)

    # ------------------------------------------------------------
    # WHAT TO OFFER WHOM
    # ------------------------------------------------------------

    @api.model
    def _find_offers(self, look, rules, without=None, partner_ids=None, everybody=False):
        """Make the table of what to offer: ``partner_id``, ``company_id``, ``item`` and its ``place``, by the likeliest reason,
        with the columns of the rule.

        :param Look look: see :meth:`_look`, after :meth:`_find_bought`
        :param SQL rules: a relation with the columns of :meth:`_rules_sql`
        :param SQL without: a relation of ``partner_id``, ``company_id`` and ``item`` that are not offered anyway
        :param partner_ids: ids of customers, None for all
        :param bool everybody: who bought anything, be it a customer or not any more; else managed customers
        """
        self._make('customer_offer_found', SQL(
            """SELECT * FROM (
                   SELECT likeliest.*, row_number() OVER (
                              PARTITION BY partner_id, company_id ORDER BY low DESC, yearly DESC NULLS LAST, item) AS place
                     FROM (SELECT DISTINCT ON (b.partner_id, r.company_id, r.item) b.partner_id, r.*
                             FROM customer_offer_bought b
                             JOIN %(rules)s r ON r.company_id = b.company_id AND r.reason = b.item %(whose)s
                            WHERE b.evidence %(only)s
                              AND NOT EXISTS (
                                  SELECT 1 FROM customer_offer_bought has
                                   WHERE has.partner_id = b.partner_id AND has.item = r.item AND has.had
                                     AND %(day)s::date - has.last_day < GREATEST(%(window)s, has.usual_days, r.usual_days))
                              %(without)s
                         ORDER BY b.partner_id, r.company_id, r.item, r.low DESC, r.reason) AS likeliest) AS placed
                WHERE place <= %(most)s""",
            rules=rules, day=look.day, window=look.window_days, most=look.most,
            whose=SQL() if everybody else SQL("JOIN res_partner p ON p.id = b.partner_id AND p.customer_managed IS TRUE"),
            only=self.env['customer.document']._only_sql(SQL("b.partner_id"), partner_ids),
            without=without and SQL(
                """AND NOT EXISTS (SELECT 1 FROM %s AS other WHERE other.partner_id = b.partner_id
                                      AND other.company_id = r.company_id AND other.item = r.item)""", without) or SQL()))

    @api.model
    def _find_best(self):
        """Make the table of best sellers: ``company_id``, ``item`` and its ``place`` by how many customers bought it."""
        self._make('customer_offer_best', SQL(
            """SELECT company_id, item, row_number() OVER (PARTITION BY company_id ORDER BY count(*) DESC, item) AS place
                 FROM customer_offer_bought JOIN customer_offer_sold USING (company_id, item)
                WHERE evidence GROUP BY company_id, item"""), 'company_id', 'place')
