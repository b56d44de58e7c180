"""Each scheduled action over all customers: with nothing to do, and after one customer in a hundred ordered."""

import collections
import time

from benchmarks._data import make_customers, make_users, tidy
from benchmarks.refresh import FEW_CHANGE

WRITTEN = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
TABLES = (
    'res_partner', 'sale_order', 'customer_followup', 'customer_health_snapshot', 'customer_plan_request', 'customer_rhythm')


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    night(context, 'first', size)
    tidy(context, *TABLES)
    night(context, None, size)  # what the first night left to the second
    tidy(context, *TABLES)
    night(context, 'nothing to do', size)
    changed = max(sizes.customers // 100, 1)
    with context.environment() as env:
        low = env.ref('customer_success.customer_tier_low').id
    context.sql(FEW_CHANGE, {'low': low, 'count': changed})
    night(context, '1 % ordered', {**size, 'changed': changed})


def actions(context):
    """Return the names of all scheduled actions, in the order of the night."""
    with context.environment() as env:
        ours = env['ir.model.data'].search([('module', '=', 'customer_success'), ('model', '=', 'ir.cron')])
        names = {one.res_id: one.name.removeprefix('ir_cron_') for one in ours}
        crons = env['ir.cron'].browse(list(names)).sorted(lambda cron: (cron.priority, cron.id))
        return [names[cron.id] for cron in crons]


def night(context, name, size):
    """Run all actions as the cron workers would, in their order, and report what each of them took."""
    spent = collections.Counter()
    for action in actions(context):
        [[before]] = context.sql(WRITTEN)
        with context.environment() as env:
            cron = env.ref(f'customer_success.ir_cron_{action}')
            env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).unlink()
            env.cr.commit()
            processor, started = time.process_time(), time.perf_counter()
            cron.method_direct_trigger()
            env.cr.commit()
            spent[action] = time.perf_counter() - started
            processor = time.process_time() - processor
        [[after]] = context.sql(WRITTEN)
        if name:
            context.report(f'{name}: {action}', spent[action], 's', python=round(processor, 3),
                           written_mb=round(float(after - before) / 2 ** 20, 1), **size)
    if name:
        context.report(f'{name}: all', sum(spent.values()), 's', **size)
