import hashlib

from odoo import api, fields, models
from odoo.tools import SQL

NAME = 'purchases'

#: From so many documents on that were written since, all are gone through: by night, and by day where somebody waits.
MANY, MANY_BY_DAY = 20000, 2000

#: So many days after all documents were gone through, they are again.
CHECK_DAYS = 7

COLUMNS = ('customer_key', 'day', 'counts', 'bought', 'amount', 'pending', 'order_key', 'move_key')


class CustomerPurchase(models.Model):
    """What customers ordered, were invoiced and credited, as the last night found it: the rows of
    ``customer.purchase.reader._documents_sql``, so that figures of all customers need not go through all documents each time.

    The night looks anew at the customers of documents that were written since the night before, and of those that were
    deleted (``customer.watermark``); by day, whoever asks for all customers gets these from their documents, and the others
    from here. Once a week all documents are gone through: that nothing differs is a check, and what differs is mended and
    said so in the run.

    The numbers of customers and documents are numbers and nothing else: a reference would be checked for each row, and a
    document that is deleted has to be missed.
    """

    _name = 'customer.purchase'
    _description = "Purchases of Customers, as the Night Found Them"
    _log_access = False
    _rec_name = 'customer_key'
    _order = 'customer_key, day, id'

    customer_key = fields.Integer(required=True, readonly=True, index=True)
    day = fields.Date(readonly=True)
    counts = fields.Boolean(readonly=True, help="It is a purchase.")
    bought = fields.Boolean(readonly=True, help="It is an order or an invoice, whether it counts or not.")
    amount = fields.Float(digits=0, readonly=True, help="Without taxes, in the main company's currency.")
    pending = fields.Float(digits=0, readonly=True, help="What of it is still to be invoiced, of a running order.")
    order_key = fields.Integer(readonly=True)
    move_key = fields.Integer(readonly=True)

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _kept_sql(self, scheme):
        """Return SQL as ``customer.purchase.reader._documents_sql`` for all customers; None where the documents have to be asked.

        :param scheme: the ranking that says by what to count; another one than that in force counts otherwise
        """
        current = scheme._get_current()
        if (scheme.basis, scheme.running_days) != (current.basis, current.running_days):
            return None
        changed = self._changed_since(current)
        if changed is None:
            return None
        kept = SQL("SELECT customer_key AS id, day, counts, bought, amount, pending FROM customer_purchase")
        if not changed:
            return kept
        return SQL(
            """%(kept)s WHERE customer_key NOT IN (SELECT unnest(%(changed)s))
                UNION ALL
               SELECT id, day, counts, bought, amount, pending FROM (%(read)s) AS documents""",
            kept=kept, changed=changed, read=self.env['customer.purchase.reader']._read_documents_sql(current, changed))

    @api.model
    def _changed_since(self, scheme):
        """Return the ids of the commercial partners whose documents changed since they were kept; None where what is kept can't
        be taken at all, or too much changed.

        :param scheme: the ranking in force
        :rtype: list[int] | None
        """
        latest = self.env['customer.document']._latest_day()
        mark = self.env['customer.watermark']._get(NAME, self._fingerprint(scheme))
        return self._changed(mark, latest, MANY_BY_DAY) if mark and mark.day <= latest else None

    @api.model
    def _news_sql(self, mark, latest):
        """Return SQL with the ids of the commercial partners of which a row was kept after a mark, or is of a day that has come
        since.

        :param Mark mark: of a reader of this table
        :param date latest: the last day that counts by now
        """
        return SQL(
            "SELECT k.customer_key FROM customer_purchase k WHERE %s OR k.day > %s AND k.day <= %s",
            self.env['customer.watermark']._written_sql('k', mark), mark.day, latest)

    @api.model
    def _bought_until_sql(self, customer, latest):
        """Return SQL that is true for a commercial partner of which a purchase was kept.

        :param SQL customer: its id
        :param date latest: the last day that counts
        """
        return SQL(
            "EXISTS (SELECT 1 FROM customer_purchase k WHERE k.customer_key = %s AND k.counts AND k.day <= %s)", customer, latest)

    @api.model
    def _fingerprint(self, scheme):
        """Return what purchases follow from besides documents: the statement itself, with its exchange rates and time zones,
        and the clocks of colleagues where these tell the day of an order."""
        statement = self.env['customer.purchase.reader']._read_documents_sql(scheme, latest=fields.Date.to_date('0001-01-01'))
        clocks = []
        if self._goes_by_clocks():
            self.env['res.partner'].flush_model(['tz'])
            clocks = self.env.execute_query(SQL(
                """SELECT u.id, p.tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id
                    WHERE p.tz <> '' AND u.share IS NOT TRUE ORDER BY u.id"""))
        return hashlib.sha256(repr((statement.code, list(statement.params), clocks)).encode()).hexdigest()

    @api.model
    def _goes_by_clocks(self):
        """Return whether the day of an order follows from the time zone of a colleague."""
        return bool(self.env['customer.document']._order_zone_sql()[1].code)

    # ------------------------------------------------------------
    # WHAT CHANGED
    # ------------------------------------------------------------

    @api.model
    def _changed(self, mark, latest, limit):
        """Return the ids of the commercial partners some document of which was written after a mark, or is of a day that has
        come since; None where there are more documents than the limit.

        :param Mark mark: up to where documents were read
        :param date latest: the last day that counts by now
        :param int limit: how many documents
        :rtype: list[int] | None
        """
        written = self.env['customer.watermark']._written_sql
        [[orders, moves]] = self.env.execute_query(SQL(
            """SELECT ARRAY(SELECT o.id FROM sale_order o WHERE %(order_written)s LIMIT %(limit)s),
                      ARRAY(SELECT m.id FROM account_move m
                             WHERE m.move_type IN ('out_invoice', 'out_refund')
                               AND (%(move_written)s OR m.invoice_date > %(day)s AND m.invoice_date <= %(latest)s)
                             LIMIT %(limit)s)""",
            order_written=written('o', mark), move_written=written('m', mark), day=mark.day, latest=latest, limit=limit))
        if len(orders) + len(moves) >= limit:
            return None
        customers = set()
        if orders or moves:
            customers = self._customers_of(orders, moves)
        if self._goes_by_clocks():
            customers |= {customer_id for customer_id, in self.env.execute_query(SQL(
                "SELECT p.id FROM res_partner p WHERE p.customer_managed IS TRUE AND %s", written('p', mark)))}
        return sorted(customers)

    @api.model
    def _customers_of(self, orders, moves):
        """Return the ids of the commercial partners that documents are of, and of those whose documents hang on these; whoever
        had them when they were kept, too.

        :param list[int] orders: ids
        :param list[int] moves: ids of invoices and credit notes
        :rtype: set[int]
        """
        return {customer_id for customer_id, in self.env.execute_query(SQL(
            """WITH its_orders AS MATERIALIZED (
                    SELECT unnest(%(orders)s::int[]) AS id
                     UNION
                    SELECT l.order_id FROM account_move_line a
                      JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = a.id
                      JOIN sale_order_line l ON l.id = r.order_line_id
                     WHERE a.move_id = ANY(%(moves)s)),
                    its_moves AS MATERIALIZED (
                    SELECT unnest(%(moves)s::int[]) AS id
                     UNION
                    SELECT a.move_id FROM sale_order_line l
                      JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                      JOIN account_move_line a ON a.id = r.invoice_line_id
                     WHERE l.order_id IN (SELECT id FROM its_orders)),
                    roots AS (
                    SELECT unnest(ARRAY[m.id, m.customer_corrects_id, m.reversed_entry_id, x.customer_corrects_id]) AS id
                      FROM account_move m LEFT JOIN account_move x ON x.id = m.reversed_entry_id
                     WHERE m.id IN (SELECT id FROM its_moves))
               SELECT o.customer_commercial_id FROM sale_order o
                WHERE o.id IN (SELECT id FROM its_orders) AND o.customer_commercial_id IS NOT NULL
                UNION
               SELECT m.commercial_partner_id FROM account_move m
                WHERE m.id IN (SELECT id FROM roots) AND m.commercial_partner_id IS NOT NULL
                UNION
               SELECT k.customer_key FROM customer_purchase k
                WHERE k.order_key IN (SELECT id FROM its_orders) OR k.move_key IN (SELECT id FROM its_moves)""",
            orders=orders, moves=moves))}

    @api.model
    def _missed(self):
        """Return the ids of the customers some document of which is not there any more.

        :rtype: set[int]
        """
        return {customer_id for customer_id, in self.env.execute_query(SQL(
            """SELECT k.customer_key FROM customer_purchase k
                WHERE k.order_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sale_order o WHERE o.id = k.order_key)
                UNION
               SELECT k.customer_key FROM customer_purchase k
                WHERE k.move_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account_move m WHERE m.id = k.move_key)"""))}

    # ------------------------------------------------------------
    # KEEPING
    # ------------------------------------------------------------

    @api.model
    def _keep(self):
        """Make the rows true to the documents; write those of customers that differ.

        :return: ``changed``: of so many customers; ``differed``: of these, found by the weekly look at everything alone
        :rtype: dict[str, int]
        """
        scheme, today = self.env['customer.tier.scheme']._get_current(), fields.Date.context_today(self)
        watermark, latest = self.env['customer.watermark'], self.env['customer.document']._latest_day()
        self.env['customer.document']._flush()
        fingerprint = self._fingerprint(scheme)
        mark = watermark._get(NAME, fingerprint)
        changed = self._changed(mark, latest, MANY) if mark and mark.day <= latest else None
        checked_on, result = today, {'changed': 0, 'differed': 0}
        if changed is not None:
            result['changed'] = self._bring(scheme, sorted({*changed, *self._missed()}))
            checked_on = mark.checked_on
        if changed is None:
            result['changed'] = self._bring(scheme)
        elif not checked_on <= today < fields.Date.add(checked_on, days=CHECK_DAYS):
            checked_on, result['differed'] = today, self._bring(scheme)
        watermark._set(NAME, fingerprint, latest, checked_on)
        return result

    @api.model
    def _bring(self, scheme, customer_ids=None):
        """Bring the rows of customers to what their documents say.

        :param scheme: the ranking in force
        :param customer_ids: a list, or None for everybody
        :return: of how many customers they differed
        :rtype: int
        """
        if customer_ids is not None and not customer_ids:
            return 0
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        only = SQL("WHERE customer_key = ANY(%s)", customer_ids) if customer_ids is not None else SQL()
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_purchase_now"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_purchase_now ON COMMIT DROP AS
               SELECT id AS customer_key, day, COALESCE(counts, FALSE) AS counts, bought, amount, pending::numeric AS pending,
                      order_key, move_key
                 FROM (%s) AS documents ORDER BY id""",
            self.env['customer.purchase.reader']._read_documents_sql(scheme, customer_ids)))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_purchase_other ON COMMIT DROP AS
               SELECT DISTINCT customer_key
                 FROM ((SELECT %(columns)s FROM customer_purchase_now EXCEPT ALL
                        SELECT %(columns)s FROM customer_purchase %(only)s)
                        UNION ALL
                       (SELECT %(columns)s FROM customer_purchase %(only)s EXCEPT ALL
                        SELECT %(columns)s FROM customer_purchase_now)) AS differing""", columns=columns, only=only))
        self.env.cr.execute(SQL(
            "DELETE FROM customer_purchase WHERE customer_key IN (SELECT customer_key FROM customer_purchase_other)"))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_purchase (%(columns)s)
                    SELECT %(columns)s FROM customer_purchase_now
                     WHERE customer_key IN (SELECT customer_key FROM customer_purchase_other)
                  ORDER BY customer_key""", columns=columns))
        [[differing]] = self.env.execute_query(SQL("SELECT count(*) FROM customer_purchase_other"))
        self.env.cr.execute(SQL("DROP TABLE customer_purchase_now, customer_purchase_other"))
        self.invalidate_model()
        return differing
