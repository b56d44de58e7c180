"""Somebody becomes a customer among many: a first order, contacts enrolled by hand, one customer ranked anew."""

from benchmarks._data import make_both, report_ratio, tidy

from odoo import Command

COUNT = "SELECT count(*) FROM res_partner WHERE customer_managed AND customer_revenue > %(revenue)s"
RUNS = 7


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    users = make_both(context, sizes)
    tidy(context, 'res_partner', 'sale_order', 'customer_followup', 'customer_plan_request')
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    first_orders(context, users, size)
    recompute(context, size)
    for count in (1, 10, 100):
        enrol(context, users[False], count, size)


def newcomers(env, user, count):
    """Contacts that have not bought anything yet."""
    return env['res.partner'].create([
        {'name': f'Newcomer {number}', 'is_company': True, 'user_id': user} for number in range(count)])


def first_orders(context, users, size):
    """Confirm orders of contacts that are no customers yet, with the addon and without it in turns."""
    seconds = {False: [], True: []}
    for number in range(RUNS + 2):
        for plain in (False, True) if number % 2 else (True, False):
            with context.environment(plain=plain) as env:
                product = env['product.product'].search([], limit=1) or env['product.product'].create({'name': "Goods"})
                order = env['sale.order'].create({
                    'partner_id': newcomers(env, users[plain][0], 1).id,
                    'order_line': [Command.create({'product_id': product.id, 'price_unit': 1000})]})
                env.flush_all()
                with context.clock() as clock:
                    order.action_confirm()
                    env.flush_all()
                    env.cr.commit()
                if number > 1:  # the first ones warm up
                    seconds[plain].append(clock.seconds)
    report_ratio(context, 'confirm the first order', seconds[False], seconds[True], 'the same without the addon', **size)


def recompute(context, size):
    """Rank one customer anew, against one count over all."""
    ours, theirs = [], []
    with context.environment() as env:
        customers = env['res.partner'].search([('customer_managed', '=', True)], limit=RUNS, offset=100)
        for customer in customers:
            revenue = customer.customer_revenue
            env.flush_all()
            with context.clock() as clock:
                env.cr.execute(COUNT, {'revenue': revenue})
            theirs.append(clock.seconds)
            env.invalidate_all()
            with context.clock() as clock:
                customer.action_customer_recompute()
                env.flush_all()
            ours.append(clock.seconds)
    report_ratio(context, 'recompute one customer', ours[1:], theirs[1:], 'one count over all customers', **size)


def enrol(context, users, count, size):
    """Enrol some contacts at once."""
    seconds = []
    for __ in range(3):
        with context.environment() as env:
            partners = newcomers(env, users[0], count)
            env.flush_all()
            env.cr.commit()
            with context.clock() as clock:
                partners.action_customer_enrol()
                env.flush_all()
                env.cr.commit()
            seconds.append(clock.seconds)
    context.report(f'enrol {count}', min(seconds), 's', **size)
