"""What to offer to all customers, against one hand-written SQL statement that counts the same pairs, with the temporary files
that PostgreSQL needs for it."""

import psycopg2
from benchmarks._data import make_customers, make_users, report_ratio, tidy
from benchmarks.refresh import rolled_back

from odoo.sql_db import connection_info_for

PRODUCTS = 2000

#: So many pairs of products are planted: whoever buys the one buys the other as well, three times in five.
PLANTED = 100

TABLES = ('res_partner', 'sale_order', 'sale_order_line', 'customer_offer', 'customer_offer_pair')

MAKE_PRODUCTS = """
INSERT INTO product_template (name, type, categ_id, uom_id, active, sale_ok, purchase_ok, list_price, service_tracking,
                              create_uid, write_uid, create_date, write_date)
SELECT jsonb_build_object('en_US', 'Product ' || n), 'consu', (SELECT min(id) FROM product_category),
       (SELECT min(id) FROM uom_uom), TRUE, TRUE, TRUE, 100, 'no', 1, 1, now() at time zone 'UTC', now() at time zone 'UTC'
  FROM generate_series(1, %(products)s) AS n;
INSERT INTO product_product (product_tmpl_id, active, create_uid, write_uid, create_date, write_date)
SELECT id, TRUE, 1, 1, now() at time zone 'UTC', now() at time zone 'UTC'
  FROM product_template WHERE name ->> 'en_US' LIKE 'Product %%'
"""
#: Three lines an order; some products are bought far more often than others.
MAKE_LINES = """
SELECT setseed(0.5);
CREATE TEMPORARY TABLE bench_product AS
SELECT row_number() OVER (ORDER BY p.id) AS n, p.id, t.uom_id
  FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
 WHERE t.name ->> 'en_US' LIKE 'Product %%';
CREATE UNIQUE INDEX ON bench_product (n);
CREATE TEMPORARY TABLE bench_line AS
SELECT id, currency_id, company_id, customer_commercial_id, state, 1 + floor(%(products)s * random() ^ 1.5)::int AS n
  FROM sale_order CROSS JOIN generate_series(1, 3) AS line;
INSERT INTO bench_line
SELECT id, currency_id, company_id, customer_commercial_id, state, n + %(planted)s
  FROM bench_line WHERE n BETWEEN 400 AND 399 + %(planted)s AND random() < 0.6;
INSERT INTO sale_order_line (order_id, sequence, company_id, currency_id, order_partner_id, state, product_id, name,
                             product_uom_id, product_uom_qty, price_unit, price_subtotal, price_total, customer_lead, discount,
                             is_downpayment, is_expense, create_uid, write_uid, create_date, write_date)
SELECT l.id, 10, l.company_id, l.currency_id, l.customer_commercial_id, l.state, p.id, 'Line', p.uom_id, 1, 100, 100, 100, 0, 0,
       FALSE, FALSE, 1, 1, now() at time zone 'UTC', now() at time zone 'UTC'
  FROM bench_line l JOIN bench_product p USING (n);
DROP TABLE bench_product, bench_line
"""
#: What a good engineer would write to count who bought both of two products: no rules, no offers, nothing kept.
BY_HAND = """
CREATE TEMPORARY TABLE bench_pairs ON COMMIT DROP AS
  WITH baskets AS MATERIALIZED (
       SELECT DISTINCT o.customer_commercial_id AS partner_id, o.company_id, p.product_tmpl_id AS item
         FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id JOIN product_product p ON p.id = l.product_id
        WHERE o.state = 'sale' AND o.date_order >= now() at time zone 'UTC' - interval '730 days' AND l.product_uom_qty > 0)
SELECT a.company_id, a.item AS one, b.item AS other, count(*) AS both_buyers
  FROM baskets a JOIN baskets b ON b.partner_id = a.partner_id AND b.company_id = a.company_id AND b.item > a.item
GROUP BY a.company_id, a.item, b.item HAVING count(*) >= 5
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    context.say("Making customers, products and orders with lines …")
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    context.sql(MAKE_PRODUCTS, {'products': PRODUCTS})
    context.sql(MAKE_LINES, {'products': PRODUCTS, 'planted': PLANTED})
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        prove(env)
    tidy(context, *TABLES)
    [[lines]] = context.sql("SELECT count(*) FROM sale_order_line")
    size = {'customers': sizes.customers, 'orders': sizes.orders, 'lines': lines, 'products': PRODUCTS}
    alternate(context, size, 'offers, the very first', runs=1)
    with context.environment() as env:
        result = env['customer.offer.keeper']._refresh()
        context.report('offers found', result['new'], 'offers', pairs=result['pairs'], **size)
    tidy(context, *TABLES)
    alternate(context, size, 'offers, nothing new', runs=2)


def prove(env):
    """Say that offers were tried, so that the night shows them; how long trying takes is not a matter of every night."""
    look, trials = env['customer.offer.finder']._look(), env['customer.offer.trial']
    trials.create([{
        'company_id': company.id, 'date': look.day, 'cutoff': look.day, 'level': look.level, 'state': 'better',
        'settings': trials._fingerprint(look)} for company in env['res.company'].search([])])


def alternate(context, size, name, runs):
    """Ours and by hand in turns, each in a transaction that is rolled back."""
    ours, theirs, files = [], [], {'ours': 0, 'theirs': 0}
    for __ in range(runs):
        before = temporary_files(context)
        with rolled_back(context) as env, context.clock() as clock:
            env.cr.execute(BY_HAND)
        theirs.append(clock.seconds)
        between = temporary_files(context)
        with rolled_back(context) as env, context.clock() as clock:
            env['customer.offer.keeper']._refresh()
            env.flush_all()
        ours.append(clock.seconds)
        files = {'ours': temporary_files(context) - between, 'theirs': between - before}
    report_ratio(context, name, ours, theirs, 'one hand-written SQL statement that counts the pairs', **size)
    context.report(f'{name}: temporary files', files['ours'], 'MB', 'the same', files['ours'] / max(files['theirs'], 1),
                   theirs=files['theirs'], **size)


def temporary_files(context):
    """How much PostgreSQL wrote into temporary files of the database so far, in MB."""
    connection = psycopg2.connect(**connection_info_for(context.database)[1])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT temp_bytes / 1048576 FROM pg_stat_database WHERE datname = current_database()")
            return int(cursor.fetchone()[0])
    finally:
        connection.close()
