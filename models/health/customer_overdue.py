from odoo import api, fields, models
from odoo.tools import SQL

from ..platform.counted import days as in_days
from .threshold import last_day


class CustomerOverdue(models.AbstractModel):
    """Who pays late: said here and nowhere else (HEA-1, HEA-3, HEA-6).

    What counts is the instalment, not the invoice: a payment term of 30 % at once and 70 % in 60 days is late from the
    first day on. What the customer has in credit with the same company (payments that were not matched yet, open credit
    notes) pays its oldest instalments first, as a bookkeeper would match it. And a small rest is no debt: payment is overdue
    since the due date of the instalment with which more than the amount of the settings was owed.

    An invoice whose payment somebody blocked, or that is being paid, is left out.
    """

    _name = 'customer.overdue'
    _description = "Overdue Payments"

    @api.model
    def _flush(self):
        """Let SQL see what is owed and paid."""
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        self.env['account.move'].flush_model(['commercial_partner_id', 'move_type', 'state', 'payment_state'])
        self.env['account.move.line'].flush_model([
            'move_id', 'partner_id', 'account_id', 'company_id', 'amount_residual', 'date_maturity', 'parent_state',
            'reconciled'])

    @api.model
    def _describe(self, count, days, amount):
        """Return the sentence that people read.

        :param count: of how many instalments something is open
        :param days: how long payment is overdue
        :param amount: in the main company's currency, or None where it is not known
        """
        days = in_days(self.env, days)
        money = self.env['customer.registry']._main_company().currency_id.format(amount) if amount else ""
        if not money:
            return self.env._("%(count)s instalments are overdue, the oldest for %(days)s", count=count, days=days) \
                if count > 1 else self.env._("An instalment is overdue for %(days)s", days=days)
        if count == 1:
            return self.env._("%(amount)s is overdue for %(days)s (open credit deducted)", amount=money, days=days)
        return self.env._(
            "%(amount)s in %(count)s instalments is overdue, the oldest for %(days)s (open credit deducted)",
            amount=money, count=count, days=days)

    @api.model
    def _sql(self, partner_ids=None, days=1):
        """Return SQL with a row per customer that owes more than the small amount for so many days.

        Columns: ``partner_id``, ``since``: the due date from which on more was owed, ``amount`` that was due by then, in the
        main company's currency, NULL where a rate is not known, and ``instalments`` of which something is open.

        :param partner_ids: ids of customers, or None for all
        :param days: from how many days on it is overdue for long enough, one at least
        """
        rate, join = self.env['customer.money']._rate_sql(
            SQL("d.company_id"), SQL("%s::date", fields.Date.context_today(self)))
        minimum = self.env['res.config.settings']._customer_success('overdue_minimum')
        return SQL(
            """SELECT partner_id, min(since) AS since, sum(amount) AS amount, sum(instalments)::int AS instalments
                 FROM (SELECT d.partner_id, max(d.owed%(rate)s) AS amount, count(*) FILTER (WHERE d.owed > 0) AS instalments,
                              min(d.due) FILTER (WHERE d.owed > 0 AND COALESCE(d.owed%(rate)s > %(minimum)s, TRUE)) AS since
                         FROM (SELECT o.partner_id, o.company_id, o.due, sum(o.debit) OVER (
                                          PARTITION BY o.partner_id, o.company_id ORDER BY o.due, o.id)
                                      - COALESCE(c.credit, 0) AS owed
                                 FROM (%(open)s) AS o
                            LEFT JOIN (%(credit)s) AS c ON c.partner_id = o.partner_id AND c.company_id = o.company_id
                              ) AS d %(join)s
                     GROUP BY d.partner_id, d.company_id) AS by_company
                WHERE since IS NOT NULL
             GROUP BY partner_id""",
            rate=rate, join=join, minimum=minimum, open=self._open_sql(partner_ids, days), credit=self._credit_sql(partner_ids))

    @api.model
    def _open_sql(self, partner_ids, days):
        """Return SQL with the instalments of invoices that are due for so many days and not paid, or not altogether."""
        return SQL(
            """SELECT a.id, m.commercial_partner_id AS partner_id, a.company_id, COALESCE(a.date_maturity, m.date) AS due,
                      a.amount_residual AS debit
                 FROM account_move_line a JOIN account_move m ON m.id = a.move_id
                WHERE %(receivable)s AND a.amount_residual > 0 AND COALESCE(a.date_maturity, m.date) <= %(day)s
                  AND m.move_type = 'out_invoice' AND m.payment_state IN ('not_paid', 'partial') %(only)s""",
            receivable=self._receivable_sql(), day=last_day(fields.Date.context_today(self), days, least=1),
            only=SQL("AND m.commercial_partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL())

    @api.model
    def _credit_sql(self, partner_ids):
        """Return SQL with what customers have in credit with each company."""
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, a.company_id, -sum(a.amount_residual) AS credit
                 FROM account_move_line a JOIN res_partner p ON p.id = a.partner_id
                WHERE %(receivable)s AND a.amount_residual < 0 %(only)s
             GROUP BY p.commercial_partner_id, a.company_id""",
            receivable=self._receivable_sql(),
            only=SQL("AND p.commercial_partner_id = ANY(%s)", partner_ids) if partner_ids is not None else SQL())

    @api.model
    def _receivable_sql(self):
        """Return SQL for whether an ``account_move_line a`` is an open item of a customer: what Odoo has an index for."""
        return SQL(
            """a.account_id IN (SELECT id FROM account_account WHERE account_type = 'asset_receivable')
               AND a.reconciled IS NOT TRUE AND a.parent_state = 'posted'""")
