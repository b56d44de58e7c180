"""Invoices for the orders of the benchmarks, made by SQL: of each order one line and one invoice over it, of some a credit
note, and of some of these an invoice once more."""

from benchmarks._data import tidy

LINES = """
INSERT INTO sale_order_line (order_id, sequence, name, product_id, product_uom_id, product_uom_qty, price_unit, price_subtotal,
                             price_total, customer_lead, company_id, currency_id, order_partner_id, state, invoice_status,
                             create_date, write_date, create_uid, write_uid)
SELECT o.id, n, 'Goods', product.id, product.uom_id, 1, part.amount, part.amount, part.amount, 0, o.company_id, o.currency_id,
       o.partner_id, o.state, 'invoiced', o.create_date, o.write_date, 1, 1
  FROM sale_order o
 CROSS JOIN generate_series(1, 2) AS n
 CROSS JOIN LATERAL (SELECT CASE n WHEN 1 THEN round(o.amount_untaxed / 3, 2)
                                   ELSE o.amount_untaxed - round(o.amount_untaxed / 3, 2) END AS amount) AS part
 CROSS JOIN (SELECT p.id, t.uom_id FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
              ORDER BY p.id LIMIT 1) AS product
 WHERE o.state = 'sale'
"""
#: ``step`` 1 is the invoice, 2 the credit note of one order in twenty, 3 the invoice that replaces half of these.
MOVES = """
INSERT INTO account_move (name, move_type, state, auto_post, date, invoice_date, journal_id, company_id, currency_id,
                          partner_id, commercial_partner_id, amount_untaxed, amount_total, amount_untaxed_signed,
                          amount_total_signed, payment_state, ref, create_date, write_date, create_uid, write_uid{columns})
SELECT 'INV/' || o.id || '/' || %(step)s, CASE %(step)s WHEN 2 THEN 'out_refund' ELSE 'out_invoice' END, 'posted', 'no',
       day, day, %(journal)s, o.company_id, o.currency_id, o.partner_invoice_id, o.partner_invoice_id, o.amount_untaxed,
       o.amount_untaxed, sign * o.amount_untaxed, sign * o.amount_untaxed, 'not_paid', o.id::text || ':' || %(step)s,
       o.create_date, o.write_date, 1, 1{values}
  FROM sale_order o
 CROSS JOIN LATERAL (SELECT LEAST(o.date_order::date + 3 * %(step)s, CURRENT_DATE) AS day,
                            CASE %(step)s WHEN 2 THEN -1 ELSE 1 END AS sign) AS its
 WHERE o.state = 'sale' AND (%(step)s = 1 OR o.id %% 20 = 0 AND (%(step)s = 2 OR o.id %% 40 = 0))
"""
MOVE_LINES = """
WITH made AS (
INSERT INTO account_move_line (move_id, sequence, name, display_type, account_id, journal_id, company_id, currency_id,
                               company_currency_id, partner_id, product_id, quantity, price_unit, price_subtotal, price_total,
                               amount_currency, balance, debit, credit, date, invoice_date, parent_state, move_name, ref,
                               create_date, write_date, create_uid, write_uid)
SELECT m.id, l.sequence, l.name, 'product', %(account)s, m.journal_id, m.company_id, m.currency_id, m.currency_id,
       m.commercial_partner_id, l.product_id, 1, l.price_subtotal, l.price_subtotal, l.price_subtotal, signed, signed,
       GREATEST(signed, 0), GREATEST(-signed, 0), m.date, m.invoice_date, 'posted', m.name, l.id::text,
       m.create_date, m.write_date, 1, 1
  FROM account_move m
  JOIN sale_order_line l ON l.order_id = split_part(m.ref, ':', 1)::int
 CROSS JOIN LATERAL (SELECT CASE m.move_type WHEN 'out_refund' THEN l.price_subtotal ELSE -l.price_subtotal END AS signed) AS its
 WHERE m.name LIKE 'INV/%%'
RETURNING id, ref)
INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id) SELECT id, ref::int FROM made
"""
#: What is owed stands on a line of its own, as of each real invoice.
OWED = """
INSERT INTO account_move_line (move_id, sequence, name, display_type, account_id, journal_id, company_id, currency_id,
                               company_currency_id, partner_id, quantity, amount_currency, balance, debit, credit, date,
                               invoice_date, date_maturity, parent_state, move_name, create_date, write_date, create_uid,
                               write_uid)
SELECT m.id, 100, m.name, 'payment_term', %(owed)s, m.journal_id, m.company_id, m.currency_id, m.currency_id,
       m.commercial_partner_id, 0, m.amount_untaxed_signed, m.amount_untaxed_signed, GREATEST(m.amount_untaxed_signed, 0),
       GREATEST(-m.amount_untaxed_signed, 0), m.date, m.invoice_date, m.date, 'posted', m.name, m.create_date, m.write_date, 1, 1
  FROM account_move m WHERE m.name LIKE 'INV/%%'
"""
#: Odoo knows which invoice a credit note takes back.
REVERSED = """
UPDATE account_move r SET reversed_entry_id = m.id
  FROM account_move m
 WHERE r.move_type = 'out_refund' AND r.name LIKE 'INV/%%/2' AND m.name = left(r.name, -1) || '1'
"""


def make_invoices(context, plain=False):
    """Invoice every confirmed order of the benchmark."""
    with context.environment(plain=plain) as env:
        accounts = env['account.account'].create([
            {'code': 'B4000', 'name': "Sold", 'account_type': 'income'},
            {'code': 'B1000', 'name': "Owed", 'account_type': 'asset_receivable', 'reconcile': True}])
        journal = env['account.journal'].search([('type', '=', 'sale')], limit=1) or env['account.journal'].create({
            'name': "Sales", 'code': 'BSAL', 'type': 'sale', 'default_account_id': accounts[0].id})
        if not env['product.product'].search_count([], limit=1):
            env['product.product'].create({'name': "Goods"})
        values = {'journal': journal.id, 'account': accounts[0].id, 'owed': accounts[1].id}
    context.sql(LINES, {}, plain=plain)
    for step in (1, 2, 3):
        context.sql(MOVES.format(columns='', values=''), {**values, 'step': step}, plain=plain)
    for statement in (MOVE_LINES, OWED, REVERSED):
        context.sql(statement, values, plain=plain)
    tidy(context, 'sale_order_line', 'account_move', 'account_move_line', 'sale_order_line_invoice_rel', plain=plain)
