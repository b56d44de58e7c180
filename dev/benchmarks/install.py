"""Installing the addon on a database full of customers, against one UPDATE of all contacts; and what it leaves to later."""

import collections
import time

from benchmarks._data import make_customers, make_users, tidy

from odoo.modules.registry import Registry
from odoo.sql_db import Cursor

ONE_UPDATE = "UPDATE res_partner SET color = color"
SIZE = "SELECT pg_total_relation_size('res_partner')"

#: So many of the dearest statements are named.
NAMED = 12

#: Seconds below which nobody asks what a statement was.
WORTH_NAMING = 1


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    context.say("Making customers and orders …")
    users = make_users(context, plain=True)
    make_customers(context, users, 1, sizes.customers, sizes.orders, plain=True)
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    theirs = one_update(context)
    tidy(context, 'res_partner', plain=True)
    [[before]] = context.sql(SIZE, plain=True)

    context.say("Installing …")
    with timed() as spent, context.clock() as clock:
        Registry.new(context.plain_database, update_module=True, install_modules={'customer_success'})
    seconds = sum(spent.values())
    context.report(
        'install, in the database', seconds, 's', 'one UPDATE of all contacts', seconds / theirs, theirs=theirs, **size)
    context.report('install, in all', clock.seconds, 's', **size)
    [[after]] = context.sql(SIZE, plain=True)
    context.report('contacts and their indexes', after / 2 ** 20, 'MB', 'before', after / before, **size)
    name_dearest(context, spent)
    later(context, size, before)


def name_dearest(context, spent):
    """Say which statements took longest."""
    for statement, taken in spent.most_common(NAMED):
        if taken > WORTH_NAMING:
            context.say(f'{taken:7.2f} s  {statement}')


def one_update(context):
    """How long one UPDATE of all contacts takes, thrown away."""
    with context.environment(plain=True) as env:
        with context.clock() as clock:
            env.cr.execute(ONE_UPDATE)
        env.cr.rollback()
    return clock.seconds


def later(context, size, before):
    """What the scheduled actions still have to do: run each once, in their order, as the cron workers would."""
    with context.environment(plain=True) as env:
        actions = env['ir.cron'].search([
            ('id', 'in', env['ir.model.data'].search([
                ('module', '=', 'customer_success'), ('model', '=', 'ir.cron')]).mapped('res_id'))])
        wanted = env['ir.cron.trigger'].search([('cron_id', 'in', actions.ids)]).cron_id.sorted('priority')
        for action in wanted:
            with timed() as spent, context.clock() as clock:
                action.method_direct_trigger()
                env.cr.commit()
            context.report(f'then {action.name}', clock.seconds, 's', in_database=round(sum(spent.values()), 2), **size)
            name_dearest(context, spent)
    [[size_then]] = context.sql(SIZE, plain=True)
    context.report('contacts and their indexes then', size_then / 2 ** 20, 'MB', 'before', size_then / before, **size)


class timed:  # noqa: N801 - reads as a function
    """Adds up the seconds that each statement of this process takes in the database."""

    def __enter__(self):
        self.spent, self.execute = collections.Counter(), Cursor.execute

        def execute(cursor, query, *args, **kwargs):
            started = time.perf_counter()
            try:
                return self.execute(cursor, query, *args, **kwargs)
            finally:
                code = getattr(query, 'code', query)
                code = code.decode() if isinstance(code, bytes) else str(code)
                self.spent[' '.join(code.split())[:150]] += time.perf_counter() - started
        Cursor.execute = execute
        return self.spent

    def __exit__(self, *error):
        Cursor.execute = self.execute
