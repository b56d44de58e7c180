"""What a night takes of each customer, as they become ten and fifty times as many: refresh, health, planning."""

import statistics

from benchmarks._data import make_customers, make_users, tidy
from benchmarks.plan import be_night

TABLES = (
    'res_partner', 'sale_order', 'customer_followup', 'customer_plan_request', 'customer_health_snapshot', 'customer_rhythm')

#: The sizes that are compared, as parts of the last one.
PARTS = (50, 5, 1)

#: One customer in a hundred orders again today, as much as nobody before.
ORDERED = """
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id, currency_rate,
                        user_id, state, invoice_status, date_order, amount_untaxed, amount_tax, amount_total,
                        create_date, write_date, create_uid, write_uid, customer_commercial_id)
SELECT 'G' || p.id, p.id, p.id, p.id, company.id, company.currency_id, 1, p.user_id, 'sale', 'no',
       now() at time zone 'UTC', 1000000, 0, 1000000, now() at time zone 'UTC', now() at time zone 'UTC', 1, 1, p.id
  FROM (SELECT id, user_id FROM res_partner WHERE customer_managed ORDER BY md5(id::text || %(round)s) LIMIT %(count)s) AS p
 CROSS JOIN (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) AS company
"""


def run(context):
    sizes = context.sizes(customers=1000000, orders=3000000)
    users = make_users(context)
    with context.environment() as env:
        be_night(env)
    there, before = 0, {}
    for part in PARTS:
        size = sizes.customers // part
        context.say(f"{size} customers …")
        make_customers(context, users, there + 1, size, (size - there) * sizes.orders // sizes.customers)
        per_customer = {f'{name}, joined': seconds / (size - there) for name, seconds in night(context).items()}
        rounds = [changed(context, size, number) for number in range(4)][1:]  # the first one warms up
        for name in rounds[0]:
            per_customer[name] = statistics.median(taken[name] for taken in rounds) / size
        for name, taken in per_customer.items():
            # what is fixed counts for the smaller ones: below 1 is better than in proportion, above it is worse
            context.report(
                name, taken * 1e6, 'µs a customer', f'the same with {there} customers' if there else None,
                taken / before[name] if there else None, customers=size)
        there, before = size, per_customer


def night(context):
    """Each action of the night that grows with the customers, once; answers the seconds."""
    tidy(context, *TABLES)
    taken = {}
    for name, work in (
            ('refresh', lambda env: env['customer.ranking']._refresh_all()),
            ('health', lambda env: env['customer.health.refresh']._refresh()),
            ('plan', lambda env: env['customer.planner']._cron_plan())):
        with context.environment() as env, context.clock() as clock:
            work(env)
            env.cr.commit()
        taken[name] = clock.seconds
    return taken


def changed(context, customers, number):
    """The night after one customer in a hundred ordered; answers the seconds."""
    context.sql(ORDERED, {'round': number, 'count': customers // 100})
    return {f'{name}, 1 % ordered': seconds for name, seconds in night(context).items()}
