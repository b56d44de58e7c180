"""Revenue of customers whose orders are invoiced, credited and invoiced again, against one SQL statement."""

from benchmarks._data import make_customers, make_users, report_ratio, tidy
from benchmarks._invoices import make_invoices
from benchmarks.refresh import rolled_back

from odoo import fields

#: What a good engineer would write: what was ordered, less credit notes, with what else was invoiced, of twelve months;
#: rank of each; only changed rows. Of what is invoiced again after a credit note it knows nothing.
BY_HAND = """
WITH linked AS (
    SELECT l.move_id, -sum(l.balance) AS amount
      FROM account_move_line l
     WHERE EXISTS (SELECT 1 FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = l.id)
  GROUP BY l.move_id
), document AS (
    SELECT o.customer_commercial_id AS id, o.amount_untaxed / o.currency_rate::numeric AS amount
      FROM sale_order o WHERE o.state = 'sale' AND o.date_order >= %(start)s
     UNION ALL
    SELECT m.commercial_partner_id, CASE WHEN m.move_type = 'out_refund' THEN m.amount_untaxed_signed
                                         ELSE m.amount_untaxed_signed - COALESCE(linked.amount, 0) END
      FROM account_move m LEFT JOIN linked ON linked.move_id = m.id
     WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted' AND m.invoice_date >= %(start)s
), revenue AS (
    SELECT id, sum(amount) AS amount FROM document GROUP BY id
)
UPDATE res_partner p SET customer_revenue = revenue.amount, write_date = now() at time zone 'UTC'
  FROM revenue WHERE revenue.id = p.id AND p.customer_revenue IS DISTINCT FROM revenue.amount::float8
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    context.say("Making customers, orders and invoices …")
    make_customers(context, make_users(context), 1, sizes.customers, sizes.orders)
    make_invoices(context)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        scheme = env['customer.tier.scheme']._get_current()
        start = fields.Date.add(fields.Date.subtract(fields.Date.today(), months=scheme.window_months), days=1)
    ours, theirs = [], []
    for __ in range(4):
        tidy(context, 'res_partner')
        with rolled_back(context) as env, context.clock() as clock:
            env.cr.execute(BY_HAND, {'start': start})
        theirs.append(clock.seconds)
        with rolled_back(context) as env, context.clock() as clock:
            env['customer.ranking']._refresh_all()
            env.flush_all()
        ours.append(clock.seconds)
    report_ratio(
        context, 'refresh with invoices, nothing to do', ours[1:], theirs[1:], 'one hand-written SQL statement', **size)
