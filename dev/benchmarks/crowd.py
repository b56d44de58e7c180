"""More of one thing than anybody expects: a customer with 5,000 follow-ups, a salesperson with most of the customers, an import
of thousands of customers, a database that has counted nothing. No screen may take longer than somebody waits."""

from benchmarks._data import make_both, tidy
from benchmarks.open import specification
from benchmarks.screens import Screen, menu_actions
from lxml import etree

FOLLOWUPS = 5000
IMPORTED = 2000
BATCH = 500

HISTORY = """
INSERT INTO customer_followup (partner_id, company_id, channel_id, owner_id, user_id, state, outcome, qualifies, feedback,
                               contact_at, contact_day, closed_at, date_planned, date_limit, create_uid, create_date,
                               write_uid, write_date)
SELECT p.id, u.company_id, %(channel)s, p.user_id, p.user_id, 'done', 'satisfied', TRUE, 'Said ' || n, d.day, d.day, d.day,
       d.day, d.day, 1, d.day, 1, d.day
  FROM res_partner p JOIN res_users u ON u.id = p.user_id CROSS JOIN generate_series(1, %(count)s) AS n
 CROSS JOIN LATERAL (SELECT current_date - n / 3 - 1 AS day) d
 WHERE p.id = %(customer)s
"""
#: Four customers in five are one person's.
CROWD = "UPDATE res_partner SET user_id = %(user)s WHERE customer_managed IS TRUE AND id %% 5 <> 0"
#: As after a restored dump; PostgreSQL 18 lets the owner do it.
FORGET = """
SELECT pg_clear_relation_stats('public', c.relname),
       (SELECT count(pg_clear_attribute_stats('public', c.relname, a.attname, FALSE)) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relname ~ '^(res_partner|sale_order|sale_order_line|customer_.*|account_move|account_move_line)$'
"""


def run(context):
    sizes = context.sizes(customers=62500, orders=187500)
    users = make_both(context, sizes)
    with context.environment() as env:
        env['customer.planner']._work_queue()
    context.sql(CROWD, {'user': users[False][0]})
    with context.environment() as env:
        env['customer.plan.request']._request(env['res.partner'].search([('user_id', '=', users[False][0])]).ids)
        env['customer.planner']._work_queue()
    tidy(context, 'res_partner', 'customer_followup', 'customer_contact_date')
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    long_history(context, users[False][0], size)
    with context.environment(user=users[False][0], lang='en_US', tz='UTC') as env:
        ours = [Screen(env, action) for action in menu_actions(env)]
    screens(context, 'most of the customers', ours, users[False][0], size)
    context.sql(FORGET)
    screens(context, 'nothing counted', ours, users[False][0], size)
    night(context, size)
    bring_in(context, size)


def long_history(context, user, size):
    """Open a customer with thousands of follow-ups, and what its form loads, against one with a few."""
    with context.environment() as env:
        few, many = env['res.partner'].search([('user_id', '=', user), ('customer_managed', '=', True)], limit=2).ids
        channel = env.ref('customer_success.customer_channel_call').id
    context.sql(HISTORY, {'channel': channel, 'customer': many, 'count': FOLLOWUPS})
    tidy(context, 'customer_followup')
    for method in ('form', 'get_customer_strip', 'get_customer_relationship', 'get_customer_health', 'action_customer_log'):
        seconds = {partner: min(opened(context, user, partner, method) for __ in range(5)) for partner in (few, many)}
        context.report(f'{FOLLOWUPS} follow-ups: {method}', seconds[many], 's', 'a customer with a few',
                       seconds[many] / seconds[few], **size)


def opened(context, user, partner_id, method):
    with context.environment(user=user, lang='en_US', tz='UTC') as env:
        partner = env['res.partner'].browse(partner_id)
        if method == 'form':
            got = partner.get_views([(False, 'form')])
            wanted = specification(etree.fromstring(got['views']['form']['arch']), 'res.partner', got['models'])
        with context.clock() as clock:
            partner.web_read(wanted) if method == 'form' else getattr(partner, method)()
    return clock.seconds


def screens(context, name, ours, user, size):
    """Report the dearest screens of a person."""
    figures = sorted(((min(screen.timed(context, user) for __ in range(2)), screen.name) for screen in ours), reverse=True)
    for seconds, screen in figures[:5]:
        context.report(f'{name}: {screen}', seconds, 's', **size)


def night(context, size):
    """What the night does where PostgreSQL knows nothing of the tables."""
    for action in ('refresh', 'health', 'plan', 'warn'):
        with context.environment() as env, context.clock() as clock:
            env.ref(f'customer_success.ir_cron_{action}').method_direct_trigger()
        context.report(f'nothing counted: {action}', clock.seconds, 's', **size)


def bring_in(context, size):
    """Import customers as the import screen does it, by batches."""
    seconds = {}
    for plain in (False, True):
        names, more = ['name', 'email', 'phone', 'city', 'user_id'], []
        if not plain:
            names, more = [*names, 'customer_enrolment'], ['Enrolled by hand']
        seconds[plain] = 0.0
        for start in range(0, IMPORTED, BATCH):
            rows = [[f'Imported {n}', f'imported{n}@example.com', '+32 2 555 01 01', 'Ghent', f'Salesperson {n % 20 + 1}', *more]
                    for n in range(start, start + BATCH)]
            with context.environment(plain=plain, lang='en_US', tz='UTC', import_file=True) as env, context.clock() as clock:
                result = env['res.partner'].load(names, rows)
                if not result['ids']:
                    raise ValueError(result['messages'][:3])
            seconds[plain] += clock.seconds
    context.report(f'import {IMPORTED} customers', seconds[False], 's', 'the same contacts without the addon',
                   seconds[False] / seconds[True], **size)
