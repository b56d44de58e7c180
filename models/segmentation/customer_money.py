from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.i18n import format_list


class CustomerMoney(models.AbstractModel):
    """Amounts of documents in one currency, that of the main company.

    Where an exchange rate is missing Odoo counts 1 : 1. Here such an amount is not known: it is left out, and said so to
    the account manager (:meth:`_unpriced`), in the result of the nightly action and beside the ranking.
    """

    _name = 'customer.money'
    _description = "Amounts in the Main Currency"

    @api.model
    def _order_money_sql(self, amount, day, missing):
        """Return SQL for an amount of ``sale_order o`` in the main currency, and the join that it needs.

        :param amount: SQL of an amount in the order's currency
        :param day: SQL of the order's day
        :param missing: what :meth:`_missing_rates` returns; None where nobody looks at amounts
        """
        if missing is None:
            return SQL("0::numeric"), SQL()
        factor, join = self._rate_sql(SQL("o.company_id"), day)
        return SQL(
            # dividing is dear; nearly all rates are 1
            """CASE %(unknown)s WHEN o.currency_rate <> 1 AND o.currency_rate <> 0
                                THEN (%(amount)s) / o.currency_rate::numeric ELSE %(amount)s END%(factor)s""",
            amount=amount, factor=factor, unknown=self._unknown_sql(missing, SQL("o.company_id"), SQL("o.currency_id"))), join

    @api.model
    def _invoice_money_sql(self, amount, missing):
        """Return SQL for an amount of ``account_move m`` in the main currency, and the join that it needs.

        :param amount: SQL of an amount in the currency of the invoice's company
        :param missing: what :meth:`_missing_rates` returns; None where nobody looks at amounts
        """
        if missing is None:
            return SQL("0::numeric"), SQL()
        factor, join = self._rate_sql(SQL("m.company_id"), SQL("m.invoice_date"))
        unknown = self._unknown_sql(
            missing, SQL("m.company_id"), SQL("m.currency_id"), SQL("COALESCE(m.invoice_currency_rate, 1) = 1"))
        if not unknown.code:
            return SQL("(%s)%s", amount, factor), join
        return SQL("CASE %s ELSE %s END%s", unknown, amount, factor), join

    @api.model
    def _unknown_sql(self, missing, company, currency, condition=None):
        """Return SQL of the cases in which a document's amount is not known, for a CASE; empty where there are none.

        :param condition: SQL of what must hold besides, for a document whose rate may have been typed in
        """
        pairs = [SQL("(%s, %s)", company_id, currency_id)
                 for company_id, currency_ids in missing.items() for currency_id in currency_ids]
        if not pairs:
            return SQL()
        return SQL(
            "WHEN (%s, %s) IN (%s) AND %s THEN NULL", company, currency, SQL(", ").join(pairs), condition or SQL("TRUE"))

    @api.model
    @ormcache()
    def _missing_rates(self):
        """Return by company the active currencies that it has no exchange rate for.

        One currency needs none: that of the company, or, where the company's own has rates other than 1, the one in which
        they are given, which is the only one without.

        :rtype: dict[int, set[int]]
        """
        companies = self.env['res.company'].sudo().search([])  # figures are one over all companies
        active = set(self.env['res.currency'].search([]).ids)
        if active <= set(companies.currency_id.ids) and len(active) <= 1:
            return {}
        rated = {}
        # as above
        for company, currency, lowest, highest in self.env['res.currency.rate'].sudo()._read_group(
            [], ['company_id', 'currency_id'], ['rate:min', 'rate:max']):
            rated.setdefault(company.id, {})[currency.id] = (lowest, highest)
        missing = {}
        for company in companies:
            rates = {**rated.get(False, {}), **rated.get(company.root_id.id, {})}
            without = active - set(rates) - {company.currency_id.id}
            if rates.get(company.currency_id.id, (1, 1)) != (1, 1) and len(without) == 1:
                continue
            if without:
                missing[company.id] = without
        return missing

    @api.model
    def _rate_sql(self, company, day):
        """Return SQL that multiplies an amount in a company's currency into the main company's, and the join it needs.

        The rate of the document's own day is taken, NULL where there is none at all. Where all companies have the main
        currency there is nothing to join.
        """
        main = self.env['customer.registry']._main_company()
        # figures are one over all companies, whichever the user sees
        others = self.env['res.company'].sudo().browse(self._companies_of_other_currency())
        if not others:
            return SQL(), SQL()
        unknown, rows = self._missing_rates().get(main.id, ()), []
        for other in others:
            if other.currency_id.id in unknown:
                rows.append(SQL("(%s, '-infinity'::date, 'infinity'::date, NULL::numeric)", other.id))
                continue
            days = self.env['res.currency.rate'].sudo().search([  # as above
                ('currency_id', 'in', [other.currency_id.id, main.currency_id.id]),
                ('company_id', 'in', [False, main.root_id.id]),
            ]).mapped('name')
            starts = sorted(set(days)) or [fields.Date.context_today(self)]
            for number, begin in enumerate(starts):
                rows.append(SQL(
                    "(%s, %s::date, %s::date, %s::numeric)", other.id,
                    begin if number else fields.Date.to_date('0001-01-01'),
                    starts[number + 1] if number + 1 < len(starts) else fields.Date.to_date('9999-12-31'),
                    self.env['res.currency']._get_conversion_rate(other.currency_id, main.currency_id, main, begin)))
        return SQL(" * CASE WHEN fx.company_id IS NULL THEN 1 ELSE fx.rate END"), SQL(
            """LEFT JOIN (VALUES %(rows)s) AS fx (company_id, date_from, date_to, rate)
                      ON fx.company_id = %(company)s AND %(day)s >= fx.date_from AND %(day)s < fx.date_to""",
            rows=SQL(", ").join(rows), company=company, day=day)

    @api.model
    @ormcache()
    def _companies_of_other_currency(self):
        """Return the ids of the companies that count in another currency than the main one."""
        currency = self.env['customer.registry']._main_company().currency_id
        return self.env['res.company'].sudo().search([('currency_id', '!=', currency.id)]).ids  # as above

    @api.model
    def _unpriced(self, partner_ids=None):
        """Return how many documents are left out of the revenue because their exchange rate is not known.

        :param partner_ids: ids of customers, or None for all
        :return: how many, by customer and by the currency of the documents
        :rtype: dict[int, dict[int, int]]
        """
        missing = self._missing_rates()
        if not missing:
            return {}
        for model in ('sale.order', 'account.move', 'account.move.line'):
            self.env[model].flush_model()
        by_order = self.env['customer.tier.scheme']._get_current().basis == 'orders'
        one = SQL("1::numeric")
        money, join = self._invoice_money_sql(one, missing)
        parts = [SQL(
            """SELECT m.commercial_partner_id AS id, m.currency_id
                 FROM account_move m %(join)s
                WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted' AND %(money)s IS NULL
                  AND m.commercial_partner_id IS NOT NULL %(only)s %(alone)s""",
            join=join, money=money, only=self.env['customer.document']._only_sql(SQL("m.commercial_partner_id"), partner_ids),
            alone=SQL("""AND NOT EXISTS (SELECT 1 FROM account_move_line a
                                           JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = a.id
                                          WHERE a.move_id = m.id)""") if by_order else SQL())]
        if by_order:
            money, join = self._order_money_sql(one, SQL("o.date_order::date"), missing)
            parts.append(SQL(
                """SELECT o.customer_commercial_id, o.currency_id
                     FROM sale_order o %(join)s
                    WHERE o.state = 'sale' AND %(money)s IS NULL AND o.customer_commercial_id IS NOT NULL %(only)s""",
                join=join, money=money, only=self.env['customer.document']._only_sql(
                    SQL("o.customer_commercial_id"), partner_ids)))
        found = {}
        for partner_id, currency_id, count in self.env.execute_query(SQL(
            "SELECT id, currency_id, count(*) FROM (%s) AS documents GROUP BY 1, 2 ORDER BY 1, 2",
            SQL(" UNION ALL ").join(parts),
        )):
            found.setdefault(partner_id, {})[currency_id] = count
        return found

    @api.model
    def _describe_unpriced(self, found):
        """Return a sentence about documents that are left out, or False.

        :param found: what :meth:`_unpriced` returns
        """
        counts = Counter()
        for currencies in found.values():
            counts.update(currencies)
        if not counts:
            return False
        names = self.env['res.currency'].browse(counts).mapped('name')
        return self.env._(
            "Orders or invoices that are not in the revenue: %(count)s. There is no exchange rate for %(currencies)s; ask an "
            "administrator to enter one.", count=sum(counts.values()), currencies=format_list(self.env, names))
