"""Nightly value of customers: score, estimate and history, against one SQL statement over the same purchases."""

from benchmarks._data import make_customers, make_users, report_ratio, tidy
from benchmarks.refresh import rolled_back

from odoo import fields

RUNS = 3

#: The amounts, the tenure, the repurchase rate, the longest break and the own orders, weighed and kept for every customer: what
#: cannot be left out of the score. It has no estimate of the orders to come, which is a model's, and explains nothing.
FLOOR = """
WITH bought AS (
    SELECT id, day, amount, day - lag(day) OVER (PARTITION BY id ORDER BY day) AS pause
      FROM (SELECT customer_key AS id, day, sum(amount)::float8 AS amount
              FROM customer_purchase WHERE counts AND day <= %(today)s GROUP BY customer_key, day) AS days
), told AS (
    SELECT id, COALESCE(sum(amount) FILTER (WHERE day > %(today)s::date - 365), 0) AS annual, sum(amount) AS total,
           (%(today)s::date - min(day)) / 365.25 AS tenure, 100.0 * (count(*) - 1) / count(*) AS again,
           CASE WHEN max(pause) > 180 OR %(today)s::date - max(day) > 180 THEN 0 ELSE (%(today)s::date - min(day)) / 365.25 END
               AS unbroken, avg(amount) AS worth, stddev_samp(amount) AS spread
      FROM bought GROUP BY id
), judged AS (
    SELECT id, worth, spread,
           20 * GREATEST(width_bucket(annual, ARRAY[0, 1e4, 5e4, 1e5, 2.5e5, 5e5]::float8[]) - 1, 0) AS p1,
           20 * GREATEST(width_bucket(total, ARRAY[0, 5e4, 2e5, 5e5, 1e6, 3e6]::float8[]) - 1, 0) AS p2,
           floor(100 * LEAST(tenure / 5, 1) + 0.5) AS p3, floor(100 * LEAST(again / 90, 1) + 0.5) AS p4,
           floor(100 * LEAST(unbroken / 3, 1) + 0.5) AS p5
      FROM told
)
INSERT INTO bench_value
     SELECT p.id, %(today)s, round(((30 * p1 + 10 * p2 + 5 * p3 + 5 * p4 + 15 * p5) / 65)::numeric, 2), worth, spread,
            jsonb_build_array(p1, p2, p3, p4, p5)
       FROM res_partner p JOIN judged ON judged.id = p.id
      WHERE p.customer_managed
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    context.say("Making customers and orders …")
    make_customers(context, make_users(context), 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env['customer.purchase']._keep()
        env['customer.churn']._refresh_rhythm()
        env['customer.churn']._fit()
        today = fields.Date.context_today(env.user)
    context.sql("CREATE TABLE bench_value (id int, date date, score numeric, worth float8, spread float8, points jsonb)")
    tidy(context, 'res_partner', 'sale_order', 'customer_purchase', 'customer_rhythm')
    ours, theirs = [], []
    for __ in range(RUNS):
        with rolled_back(context) as env, context.clock() as clock:
            rows = env['customer.value.refresh']._refresh()['rows']
        ours.append(clock.seconds)
        with rolled_back(context) as env, context.clock() as clock:
            env.cr.execute(FLOOR, {'today': today})
        theirs.append(clock.seconds)
    report_ratio(context, 'value, the very first', ours, theirs, 'one SQL statement of the score alone', rows=rows, **size)
    with context.environment() as env:
        env['customer.value.refresh']._refresh()
    tidy(context, 'customer_value', 'customer_value_history')
    with context.environment() as env:
        with context.clock() as clock:
            rows = env['customer.value.refresh']._refresh()['rows']
        context.report('value, nothing changed', clock.seconds, 's', rows=rows, **size)
        customer = env['customer.value'].search([], limit=1).partner_id
        with context.clock() as clock:
            env['customer.value.refresh']._refresh(customer.ids)
        context.report('value of one customer', clock.seconds, 's', **size)
