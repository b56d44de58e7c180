from odoo import api, models
from odoo.tools import SQL


class CustomerPurchaseReader(models.AbstractModel):
    """What a purchase is and what it is worth: said here and nowhere else.

    **What an order is worth.** What was invoiced for it, less what was credited, and what is still to be invoiced: the
    goods that were ordered and neither invoiced nor credited, less open down payments. So a credit note takes its amount
    until that is invoiced again (*Reverse and Create Invoice* changes nothing), a credit note that is set back gives it
    again, and down payment, final invoice, credit note and new invoice make the amount of the order. Once more was
    invoiced than ordered, that counts. Of an order that is cancelled or set back, what was invoiced and not credited is
    left: nothing, where its credit note came first. However much is credited, an order is not worth less than nothing.

    **When it counts.** An order counts on its own day, with what was ordered; what is credited, or invoiced again, or
    beyond the order, on the day of that document. A *running order* is one whose goods are invoiced over more days than
    the ranking says (a framework order that is called off every month): what was invoiced counts on the days of the
    invoices and what is left to invoice, *pending*, on the day of the order. Both add up to what the order is worth. Whoever
    compares one time with another leaves out what is pending: else a framework order would look like a rise and a fall.

    **What is a purchase.** An order on its day, unless it was credited altogether. Of a running order, besides, each
    later invoice that invoices goods for the first time. An invoice without an order, on its day; together with the
    invoices that were made to correct it it is one purchase, and none where nothing of it is left. Where the ranking goes
    by invoices, each invoice is a purchase that invoices something for the first time, be it of an order or not: what was
    credited before and is invoiced again is none, and a down payment is one only until the goods are invoiced.

    How goods are told from what is invoiced *again*: the goods invoiced less those credited go up and down along the
    documents of an order; new is what lifts them above where they ever were, and what was credited at the end comes off
    the newest.
    """

    _name = 'customer.purchase.reader'
    _description = "Purchases Read from Documents"

    @api.model
    def _documents_sql(self, scheme, partner_ids=None, amounts=True):
        """Return SQL with what customers ordered, were invoiced and credited until today, see the class.

        Columns: ``id`` of the customer, ``day``, ``counts`` as a purchase, ``bought``: it is an order or an invoice,
        ``amount`` without taxes in the main company's currency, NULL where an exchange rate is not known, and how much of it
        is ``pending``. There may be several rows of a document, and their amounts add up to what it is worth.

        For all customers, what the last night found is taken where no document was written since (``customer.purchase``).

        :param scheme: the ranking that says by what to count
        :param partner_ids: ids of customers, or None for all
        :param amounts: whether somebody looks at the amounts; without them no currency is converted
        """
        if partner_ids is None and (kept := self.env['customer.purchase']._kept_sql(scheme)) is not None:
            return kept
        return SQL("SELECT id, day, counts, bought, amount, pending FROM (%s) AS documents",
                   self._read_documents_sql(scheme, partner_ids, amounts))

    @api.model
    def _read_documents_sql(self, scheme, partner_ids=None, amounts=True, latest=None):
        """Return SQL as :meth:`_documents_sql`, from the documents themselves, and with the id of the order or invoice, or of
        both, that a row is of: ``order_key`` and ``move_key``.

        :param date latest: the last day that counts; by default the one that it is where among us it is latest
        """
        by_order, latest = scheme.basis == 'orders', latest or self.env['customer.document']._latest_day()
        missing = self.env['customer.money']._missing_rates() if amounts else None
        parts = self._orders_sql(partner_ids, missing) if by_order else [self._orderers_sql(partner_ids)]
        return SQL(
            "WITH billed AS MATERIALIZED (%s), bills AS MATERIALIZED (%s) %s",
            self._billed_sql(scheme, partner_ids, latest), self._bills_sql(scheme),
            SQL(" UNION ALL ").join([*parts, self._invoices_sql(by_order, partner_ids, missing, latest)]))

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    @api.model
    def _orders_sql(self, partner_ids, missing):
        """Return SQL with a row per confirmed order, on its day, and SQL with a row per invoice and credit note that changes
        what its order is worth, or counts besides it.

        :param missing: see ``customer.money._order_money_sql``
        """
        documents, money = self.env['customer.document'], self.env['customer.money']
        zone, zone_join = documents._order_zone_sql()
        day = documents._day_sql(SQL("o.date_order"), zone)
        ordered, join = money._order_money_sql(
            SQL("CASE WHEN b.running THEN b.worth - b.net ELSE o.amount_untaxed END"), day, missing)
        billed, __ = money._order_money_sql(SQL("CASE WHEN b.running AND b.sold THEN b.total ELSE b.change END"), day, missing)
        return [SQL(
            """SELECT o.customer_commercial_id AS id, %(day)s AS day,
                      o.amount_untaxed >= 0 AND (b.worth IS NULL OR b.worth > 0 OR o.amount_untaxed = 0) AS counts,
                      TRUE AS bought, %(ordered)s AS amount, CASE WHEN b.running THEN %(ordered)s ELSE 0 END AS pending,
                      o.id AS order_key, NULL::int AS move_key
                 FROM sale_order o LEFT JOIN bills b ON b.order_id = o.id AND b.is_last %(zone_join)s %(join)s
                WHERE o.state = 'sale' AND o.customer_commercial_id IS NOT NULL %(only)s""",
            day=day, ordered=ordered, zone_join=zone_join, join=join,
            only=documents._only_sql(SQL("o.customer_commercial_id"), partner_ids),
        ), SQL(
            """SELECT o.customer_commercial_id, b.day,
                      b.is_new AND CASE WHEN b.sold THEN b.running AND NOT b.is_first ELSE b.is_first OR b.running END,
                      FALSE, %(billed)s, 0, b.order_id, b.move_id
                 FROM bills b JOIN sale_order o ON o.id = b.order_id %(zone_join)s %(join)s
                WHERE (b.running OR b.change <> 0 OR b.is_new AND NOT b.sold) AND o.customer_commercial_id IS NOT NULL""",
            billed=billed, zone_join=zone_join if join.code else SQL(), join=join)]

    @api.model
    def _orderers_sql(self, partner_ids):
        """Return SQL with a row per confirmed order, where the ranking goes by invoices: that somebody ordered at all."""
        return SQL(
            """SELECT o.customer_commercial_id AS id, NULL::date AS day, FALSE AS counts, TRUE AS bought, 0::numeric AS amount,
                      0 AS pending, o.id AS order_key, NULL::int AS move_key
                 FROM sale_order o WHERE o.state = 'sale' AND o.customer_commercial_id IS NOT NULL %s""",
            self.env['customer.document']._only_sql(SQL("o.customer_commercial_id"), partner_ids))

    # ------------------------------------------------------------
    # WHAT WAS INVOICED OF ORDERS
    # ------------------------------------------------------------

    @api.model
    def _bills_sql(self, scheme):
        """Return SQL with a row per order and invoice or credit note of it, in the order's currency.

        Orders with a single invoice over what was ordered or less, which are nearly all, are left out: it changes nothing of
        what the order is worth, and is new.

        Columns: ``order_id``, ``sold``: the order is confirmed; ``move_id``, ``day``, ``total`` of the order's part of the
        document; ``net``: all totals until then; ``worth`` of the order from then on, and ``change`` of it; ``is_new``:
        most of it are goods that were not invoiced before, and stay invoiced; ``is_first`` of those; ``is_deposit``: the
        first down payment of an order without such; ``running``, see the class; ``is_last`` document of the order.
        """
        return SQL(
            """SELECT order_id, sold, move_id, day, total, net, worth, is_new,
                      worth - lag(worth, 1, CASE WHEN sold THEN ordered ELSE 0 END) OVER so_far AS change,
                      is_new AND count(*) FILTER (WHERE is_new) OVER so_far = 1 AS is_first,
                      count(*) FILTER (WHERE is_new) OVER every = 0 AND row_number() OVER so_far = 1
                      AND last_value(net) OVER every > 0 AS is_deposit,
                      COALESCE(max(day) FILTER (WHERE is_new) OVER every - min(day) FILTER (WHERE is_new) OVER every
                               > %(running_days)s, FALSE) AS running,
                      lead(move_id) OVER so_far IS NULL AS is_last
                 FROM (SELECT *, goods > 0 AND peak - lag(peak, 1, 0::numeric) OVER so_far > goods / 2
                                 AND lag(peak, 1, 0::numeric) OVER so_far < goods_kept AS is_new,
                              GREATEST(CASE WHEN sold THEN ordered - (peak - goods_so_far) + LEAST(net - goods_so_far, 0) END,
                                       net, LEAST(ordered, 0)) AS worth
                         FROM (SELECT *, GREATEST(max(goods_so_far) OVER so_far, 0) AS peak,
                                      last_value(goods_so_far) OVER every AS goods_kept
                                 FROM (SELECT *, sum(goods) OVER so_far AS goods_so_far, sum(total) OVER so_far AS net
                                         FROM billed
                                        WHERE order_id IN (
                                              SELECT order_id FROM billed GROUP BY order_id
                                              HAVING count(*) > 1 OR bool_or(refund OR NOT sold OR total > ordered))
                                       WINDOW so_far AS (%(so_far)s)) AS added
                               WINDOW so_far AS (%(so_far)s), every AS (%(every)s)) AS levels
                       WINDOW so_far AS (%(so_far)s)) AS judged
               WINDOW so_far AS (%(so_far)s), every AS (%(every)s)""",
            running_days=scheme.running_days or 10 ** 6,
            # on one day the credit note comes before what takes its place
            so_far=SQL("PARTITION BY order_id ORDER BY day, refund DESC, move_id"),
            every=SQL("PARTITION BY order_id ORDER BY day, refund DESC, move_id"
                      " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"))

    @api.model
    def _billed_sql(self, scheme, partner_ids, latest):
        """Return SQL with a row per order and invoice or credit note of it: what of the order stands on it, in the order's
        currency, and as ``booked`` in that of the company."""
        return SQL(
            # added up first and joined then: sums of numbers with decimals and joins by the line are the dear part
            """SELECT o.id AS order_id, o.state = 'sale' AS sold, o.amount_untaxed AS ordered, m.id AS move_id,
                      m.invoice_date AS day, m.move_type = 'out_refund' AS refund, added.booked, its.total,
                      its.total - COALESCE(added.converted_deposit * its.rate, added.deposit, 0) AS goods
                 FROM (SELECT l.order_id, a.move_id, -sum(a.balance) AS booked,
                              -sum(a.amount_currency) FILTER (WHERE a.currency_id <> a.company_currency_id) AS foreign,
                              -sum(a.balance) FILTER (WHERE a.currency_id <> l.currency_id) AS converted,
                              -sum(a.amount_currency) FILTER (WHERE l.is_downpayment) AS deposit,
                              -sum(a.balance) FILTER (WHERE l.is_downpayment AND a.currency_id <> l.currency_id)
                              AS converted_deposit
                         FROM sale_order_line l
                         JOIN %(linked)s r ON r.order_line_id = l.id
                         JOIN account_move_line a ON a.id = r.invoice_line_id
                        WHERE a.parent_state = 'posted' %(only)s
                     GROUP BY l.order_id, a.move_id) AS added
                 JOIN sale_order o ON o.id = added.order_id
                 JOIN account_move m ON m.id = added.move_id
           CROSS JOIN LATERAL (SELECT COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric AS rate) AS given
           CROSS JOIN LATERAL (SELECT given.rate, COALESCE(added.converted * given.rate, added.foreign, added.booked) AS total)
                      AS its
                WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.invoice_date <= %(latest)s""",
            linked=self._linked_lines_sql(partner_ids), only=self._billed_only_sql(scheme, partner_ids), latest=latest)

    @api.model
    def _linked_lines_sql(self, partner_ids):
        """Return SQL with which line of an invoice stands for which line of an order; for several it counts once."""
        if partner_ids is None:
            return SQL(
                """(SELECT DISTINCT ON (invoice_line_id) invoice_line_id, order_line_id FROM sale_order_line_invoice_rel
                   ORDER BY invoice_line_id, order_line_id)""")
        return SQL(
            """(SELECT invoice_line_id, order_line_id FROM sale_order_line_invoice_rel r
                 WHERE NOT EXISTS (SELECT 1 FROM sale_order_line_invoice_rel other
                                    WHERE other.invoice_line_id = r.invoice_line_id
                                      AND other.order_line_id < r.order_line_id))""")

    @api.model
    def _billed_only_sql(self, scheme, partner_ids):
        """Return a condition, with AND before it, that leaves what was invoiced of orders of some customers."""
        if partner_ids is None:
            return SQL()
        if scheme.basis == 'orders':
            orders = SQL("SELECT id FROM sale_order WHERE customer_commercial_id = ANY(%s)", partner_ids)
        else:
            orders = SQL(
                """SELECT DISTINCT l.order_id
                     FROM account_move m
                     JOIN account_move_line a ON a.move_id = m.id
                     JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = a.id
                     JOIN sale_order_line l ON l.id = r.order_line_id
                    WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.commercial_partner_id = ANY(%s)""", partner_ids)
        return SQL("AND l.order_id = ANY(ARRAY(%s))", orders)  # an array is looked up first, and then what hangs on these few

    # ------------------------------------------------------------
    # INVOICES
    # ------------------------------------------------------------

    @api.model
    def _invoices_sql(self, by_order, partner_ids, missing, latest):
        """Return SQL with a row per invoice and credit note.

        Its amount is, where orders count, only what does not come from an order.
        """
        money, join = self.env['customer.money']._invoice_money_sql(
            SQL("m.amount_untaxed_signed - COALESCE(l.amount, 0)") if by_order else SQL("m.amount_untaxed_signed"), missing)
        of_order, of_order_join = (SQL("FALSE"), SQL()) if by_order else (SQL("COALESCE(b.counts, TRUE)"), SQL(
            """LEFT JOIN (SELECT move_id, bool_or(is_new OR is_deposit) AS counts FROM bills GROUP BY move_id) AS b
                      ON b.move_id = m.id"""))
        only = self.env['customer.document']._only_sql(SQL("m.commercial_partner_id"), partner_ids)
        return SQL(
            """SELECT m.commercial_partner_id AS id, m.invoice_date AS day,
                      m.move_type = 'out_invoice' AND CASE
                          WHEN l.move_id IS NOT NULL THEN %(of_order)s
                          WHEN EXISTS (SELECT 1 FROM account_move x
                                        WHERE x.id = m.customer_corrects_id AND x.state = 'posted') THEN FALSE
                          ELSE c.amount IS NULL OR m.amount_untaxed_signed <= 0 OR m.amount_untaxed_signed + c.amount > 0
                          END AS counts,
                      m.move_type = 'out_invoice' AS bought, %(money)s AS amount, 0 AS pending, NULL::int AS order_key,
                      m.id AS move_key
                 FROM account_move m
            LEFT JOIN (%(linked)s) AS l ON l.move_id = m.id
            LEFT JOIN (%(corrections)s) AS c ON c.root_id = m.id %(of_order_join)s %(join)s
                WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted' AND m.invoice_date <= %(latest)s
                  AND m.commercial_partner_id IS NOT NULL %(only)s""",
            money=money, join=join, of_order=of_order, of_order_join=of_order_join, only=only,
            linked=self._linked_sql(partner_ids), corrections=self._corrections_sql(only), latest=latest)

    @api.model
    def _linked_sql(self, partner_ids):
        """Return SQL with what of invoices and credit notes comes from orders, in the currency of their company."""
        if partner_ids is None:
            return SQL("SELECT move_id, sum(booked) AS amount FROM billed GROUP BY move_id")
        # of some customers the orders may be somebody else's, and not among those that were looked at
        return SQL(
            """SELECT a.move_id, -sum(a.balance) AS amount
                 FROM account_move own JOIN account_move_line a ON a.move_id = own.id
                WHERE own.move_type IN ('out_invoice', 'out_refund') AND own.commercial_partner_id = ANY(%s)
                  AND EXISTS (SELECT 1 FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = a.id)
             GROUP BY a.move_id""", partner_ids)

    @api.model
    def _corrections_sql(self, only):
        """Return SQL with what credit notes of an invoice, and invoices that take its place, add to it."""
        return SQL(
            """SELECT COALESCE(m.customer_corrects_id, x.customer_corrects_id, x.id) AS root_id,
                      sum(m.amount_untaxed_signed) AS amount
                 FROM account_move m LEFT JOIN account_move x ON x.id = m.reversed_entry_id
                WHERE m.state = 'posted' %s
                  AND (m.move_type = 'out_refund' AND m.reversed_entry_id IS NOT NULL
                       OR m.move_type = 'out_invoice' AND m.customer_corrects_id IS NOT NULL)
             GROUP BY 1""", only)
