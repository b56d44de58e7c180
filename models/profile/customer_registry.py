from odoo import api, fields, models
from odoo.tools import SQL

from .res_company import CODE


class CustomerRegistry(models.AbstractModel):
    """Who is a managed customer: decided here and nowhere else.

    A managed customer is an active commercial partner (a company, or a person without one) that has a confirmed order
    or a posted customer invoice, its contacts' ones included, or that somebody enrolled by hand; unless somebody
    excluded it. Our own companies, which order from each other, are none. The rule is one SQL condition, used for one
    partner and for all. Whose a document is, is said by ``customer.document``.
    """

    _name = 'customer.registry'
    _description = "Registry of Managed Customers"

    @api.model
    def _buyers_sql(self, partner_ids=None):
        """Return SQL that selects the ids of the commercial partners who bought, as column ``id``.

        :param partner_ids: look at these commercial partners only
        """
        orders, invoices = (
            SQL("AND %s = ANY(%s)", column, partner_ids) if partner_ids is not None else SQL()
            for column in (SQL("o.customer_commercial_id"), SQL("m.commercial_partner_id")))
        return SQL(
            """SELECT o.customer_commercial_id AS id
                 FROM sale_order o
                WHERE o.state = 'sale' %(orders)s
                UNION
               SELECT m.commercial_partner_id AS id
                 FROM account_move m
                WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.commercial_partner_id IS NOT NULL
                      %(invoices)s""",
            orders=orders, invoices=invoices,
        )

    @api.model
    def _refresh(self, partner_ids=None):
        """Make the mark *managed* true to the data, give numbers to new customers and ask for their planning.

        Writes only rows that change.

        :param partner_ids: ids of commercial partners, or None for all
        :return: ids of the partners that joined, and of those that left
        :rtype: tuple[list[int], list[int]]
        """
        self._carry_parts(partner_ids)
        self.env['res.partner'].flush_model()
        self.env['sale.order'].flush_model(['customer_commercial_id', 'state'])
        self.env['account.move'].flush_model(['commercial_partner_id', 'move_type', 'state'])
        self.env['customer.document']._file()
        rows = self._to_change(partner_ids)
        joined = [partner_id for partner_id, managed in rows if managed]
        left = [partner_id for partner_id, managed in rows if not managed]
        if rows:
            numbers = self._new_numbers(joined)
            self.env.cr.execute(SQL(
                # all at once: each time a contact is written its row and all indexes are
                """UPDATE res_partner p
                      SET customer_managed = v.managed,
                          customer_managed_since = CASE WHEN v.managed THEN COALESCE(p.customer_managed_since, %(today)s)
                                                        ELSE p.customer_managed_since END,
                          customer_filed_on = CASE WHEN v.managed THEN COALESCE(p.customer_filed_on, %(today)s)
                                                   ELSE p.customer_filed_on END,
                          ref = COALESCE(v.number, p.ref),
                          customer_number = COALESCE(v.number, p.customer_number),
                          write_date = %(now)s
                     FROM unnest(%(ids)s, %(managed)s, %(numbers)s::varchar[]) AS v (id, managed, number)
                    WHERE v.id = p.id""",
                ids=[row[0] for row in rows], managed=[row[1] for row in rows], numbers=[numbers.get(row[0]) for row in rows],
                today=fields.Date.context_today(self), now=self.env.cr.now()))
            self.env['res.partner'].browse(joined + left).invalidate_recordset(
                ['customer_managed', 'customer_managed_since', 'customer_filed_on', 'ref', 'customer_number', 'write_date'])
            self.env['customer.statistics']._keep_columns(len(rows), 'res_partner', 'customer_managed')
            self._moved(joined, left)
        return joined, left

    @api.model
    def _to_change(self, partner_ids=None):
        """Return the partners whose mark is not what the data say, and what it should be.

        Looking is apart from writing: most nights nobody joins or leaves, and a query alone may use several processes.
        """
        only = SQL("AND p.id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        return self.env.execute_query(SQL(
            """SELECT id, managed
                 FROM (SELECT p.id, COALESCE(p.customer_managed, FALSE) AS before,
                              p.active AND p.commercial_partner_id = p.id AND (
                                  p.customer_enrolment = 'enrolled'
                                  OR COALESCE(p.customer_enrolment, 'auto') = 'auto' AND b.id IS NOT NULL
                                 AND NOT EXISTS (SELECT 1 FROM res_company own WHERE own.partner_id = p.id)
                              ) AS managed
                         FROM res_partner p
                    LEFT JOIN (%(buyers)s) b ON b.id = p.id
                        WHERE (b.id IS NOT NULL OR p.customer_managed IS TRUE OR p.customer_enrolment = 'enrolled') %(only)s
                      ) AS verdict
                WHERE managed <> before
             ORDER BY id""",
            buyers=self._buyers_sql(partner_ids), only=only))

    @api.model
    def _carry_parts(self, partner_ids=None):
        """Let customers that became a part of another one, whatever way, bring it their business before that is looked at.

        :param partner_ids: ids of commercial partners, or None for all
        """
        self.env['res.partner'].flush_model(['customer_managed', 'commercial_partner_id'])
        only = SQL("AND p.commercial_partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL()
        for partner_id, in self.env.execute_query(SQL(
            """SELECT p.id FROM res_partner p
                WHERE p.customer_managed IS TRUE AND p.commercial_partner_id <> p.id %s ORDER BY p.id""", only,
        )):
            part = self.env['res.partner'].browse(partner_id)
            self.env['customer.carry']._carry(part, part)

    @api.model
    def _moved(self, joined, left):
        """Hook for the other wings: these customers joined or left.

        :param list[int] joined: ids of the new managed customers
        :param list[int] left: ids of those that are not managed any more
        """

    @api.model
    def _new_numbers(self, partner_ids):
        """Draw a customer number for each of the partners that has no reference yet (PRO-1).

        :rtype: dict[int, str]
        """
        rows = self.env.execute_query(SQL(
            """SELECT COALESCE(company_id, %s), array_agg(id ORDER BY id)
                 FROM res_partner
                WHERE id = ANY(%s) AND COALESCE(ref, '') = '' AND customer_number IS NULL
             GROUP BY 1""",
            self._main_company().id, partner_ids,
        ))
        numbers = {}
        for company_id, ids in rows:
            numbers.update(zip(ids, self._draw_numbers(self.env['res.company'].browse(company_id), len(ids)), strict=True))
        return numbers

    @api.model
    def _draw_numbers(self, company, count):
        """Return new customer numbers of the company, none of which stands as a reference anywhere yet."""
        sequence, prefix, suffix, padding = company._get_numbering(CODE, fields.Date.context_today(self))
        numbers = []
        while len(numbers) < count:
            drawn = self.env.execute_query(SQL(
                """SELECT number
                     FROM (SELECT %s || lpad(value, GREATEST(length(value), %s), '0') || %s AS number
                             FROM (SELECT nextval(%s)::text AS value FROM generate_series(1, %s)) AS s) AS n
                    WHERE NOT EXISTS (SELECT 1 FROM res_partner WHERE ref = number)
                 ORDER BY length(number), number""",
                prefix, padding, suffix, sequence, count - len(numbers),
            ))
            numbers += [number for number, in drawn]
        return numbers

    @api.model
    def _main_company(self):
        """Return the company whose currency a customer's own figures are in, for users of other companies too."""
        return self.env['customer.responsibility']._main_company()
