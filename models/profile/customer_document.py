from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.zones import day_in

UTC = 'UTC'


class CustomerDocument(models.AbstractModel):
    """Whose a document is and of which day: decided here and nowhere else.

    *Whose.* An order stays with the customer for which it was made (``sale.order.customer_commercial_id``), wherever the
    person who signed it works by now; an invoice with the one that it was posted for, as Odoo keeps it.

    *Of which day.* An order keeps a moment in UTC, and its day is the one that the calendar showed where it was made: by
    the time zone of the order's company, else of its salesperson, else of the customer's account manager, else UTC. It is
    the zone of our side, as the date of an invoice is, so that a document does not change its day when a customer moves.
    """

    _name = 'customer.document'
    _description = "Customers and Days of Documents"

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    @api.model
    def _file(self):
        """Note the customer of orders that came past Odoo's own create (an import by SQL, data from before the addon).

        A company is its own customer. For a person the document itself is believed before today's employer: the customer
        of its oldest posted invoice, else that of the invoice address.

        A screen that only reads, perhaps from a replica, leaves that to the next one who writes.
        """
        if self.env.cr.readonly:
            return
        self.env['sale.order'].flush_model(['partner_id', 'partner_invoice_id', 'customer_commercial_id'])
        self.env.cr.execute(SQL(
            """UPDATE sale_order o
                  SET customer_commercial_id = CASE
                          WHEN p.is_company THEN p.commercial_partner_id
                          ELSE COALESCE((SELECT m.commercial_partner_id
                                           FROM sale_order_line l
                                           JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                                           JOIN account_move_line a ON a.id = r.invoice_line_id
                                           JOIN account_move m ON m.id = a.move_id
                                          WHERE l.order_id = o.id AND m.state = 'posted' AND m.move_type = 'out_invoice'
                                       ORDER BY m.invoice_date, m.id LIMIT 1),
                                        payer.commercial_partner_id, p.commercial_partner_id) END
                 FROM res_partner p, sale_order doc LEFT JOIN res_partner payer ON payer.id = doc.partner_invoice_id
                WHERE o.customer_commercial_id IS NULL AND doc.id = o.id AND p.id = o.partner_id"""))
        if self.env.cr.rowcount:
            self.env['sale.order'].invalidate_model(['customer_commercial_id'])

    @api.model
    def _only_sql(self, column, partner_ids):
        """Return a condition, with AND before it, that leaves only some customers.

        :param SQL column: id of the customer
        :param partner_ids: ids, or None for all
        """
        return SQL("AND %s = ANY(%s)", column, partner_ids) if partner_ids is not None else SQL()

    @api.model
    def _flush(self):
        """Let SQL see all that orders and invoices say, and whose they are."""
        for model in ('res.partner', 'res.users', 'sale.order', 'sale.order.line', 'account.move', 'account.move.line'):
            self.env[model].flush_model()
        self._file()

    @api.model
    def _carry(self, source, target, only=None):
        """Let the documents of a customer be those of another from now on: the same customer goes on as somebody else.

        For a sole trader that became a company, and for whoever joins a group as the same customer; not for a person who
        changes the employer, whose documents stay. Orders, and invoices with their credit notes, go along; what accounting
        booked on whom stays as it is booked.

        :param source: the commercial partner that the documents were made for
        :param target: the partner whose commercial partner has them from now on
        :param only: what an earlier call returned: these documents and no others
        :return: ids of the documents, by table
        :rtype: dict[str, list[int]]
        """
        target, moved = target.commercial_partner_id, {}
        if not source or source == target:
            return moved
        for model, column in (('sale.order', 'customer_commercial_id'), ('account.move', 'commercial_partner_id')):
            documents, table = self.env[model], self.env[model]._table
            documents.flush_model([column])
            rows = self.env.execute_query(SQL(
                "UPDATE %(table)s SET %(column)s = %(target)s WHERE %(column)s = ANY(%(source)s) %(kind)s %(only)s RETURNING id",
                table=SQL.identifier(table), column=SQL.identifier(column), source=source.ids, target=target.id,
                kind=SQL("AND move_type IN ('out_invoice', 'out_refund')") if model == 'account.move' else SQL(),
                only=SQL("AND id = ANY(%s)", (only or {}).get(table, [])) if only is not None else SQL()))
            moved[table] = [document_id for document_id, in rows]
            documents.invalidate_model([column])
        (source | target).sudo()._refresh_managed()  # figures follow from documents, whoever moves them
        return moved

    @api.model
    def _invoices_of(self, partners):
        """Return the invoices and credit notes that customers have.

        :param partners: a list of commercial partners
        :rtype: dict[res.partner, list[int]]
        """
        if not partners:
            return {}
        self.env['account.move'].flush_model(['commercial_partner_id', 'move_type'])
        rows = dict(self.env.execute_query(SQL(
            """SELECT commercial_partner_id, array_agg(id ORDER BY id) FROM account_move
                WHERE commercial_partner_id = ANY(%s) AND move_type IN ('out_invoice', 'out_refund')
             GROUP BY commercial_partner_id""", [partner.id for partner in partners])))
        return {partner: rows[partner.id] for partner in partners if partner.id in rows}

    # ------------------------------------------------------------
    # OF WHICH DAY
    # ------------------------------------------------------------

    @api.model
    def _order_zone_sql(self):
        """Return SQL for the time zone of the day of a ``sale_order o``, None for UTC, and the join that it needs.

        Where all companies have a time zone, or nobody has one but UTC, there is nothing to join.
        """
        companies, people = self.env['customer.clock']._our_zones()
        zones = set(companies.values())
        if not (zones | people) - {None, UTC}:
            return None, SQL()
        if len(zones) == 1 and None not in zones:
            return SQL("%s", zones.pop()), SQL()
        by_company = SQL("CASE o.company_id %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s", company_id, zone or SQL("zone.tz")) for company_id, zone in companies.items()))
        if None not in zones:
            return SQL("COALESCE(%s, %s)", by_company, UTC), SQL()
        # the account manager is looked up where an order has no salesperson, and only there
        return SQL("COALESCE(%s, %s)", by_company, UTC), SQL(
            """LEFT JOIN (SELECT u.id, p.tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id
                           WHERE p.tz <> '' AND u.share IS NOT TRUE) AS zone
                      ON zone.id = COALESCE(o.user_id, (
                         SELECT owner.user_id FROM res_partner owner WHERE owner.id = o.customer_commercial_id))""")

    @api.model
    def _day_sql(self, moment, zone):
        """Return SQL for the day of a moment that is kept in UTC.

        :param moment: SQL of the moment
        :param zone: SQL of a time zone, or None for UTC
        """
        return self.env['customer.clock']._day_sql(moment, zone) if zone else SQL("%s::date", moment)

    @api.model
    def _latest_day(self):
        """Return the day that it is where among us it is latest: a document of a later day has not happened yet."""
        now = fields.Datetime.now()
        companies, people = self.env['customer.clock']._our_zones()
        return max(day_in(zone, now) for zone in {UTC, *people, *companies.values()} - {None})
