"""What PostgreSQL reads for a search, as it counted it itself."""
from odoo.tools import SQL


def rows_read(plan, only=None):
    """Return how many rows the steps of a plan handed on or threw away, as PostgreSQL counted them.

    :param plan: a step, with those below it
    :param only: names of the relations whose scans count; None: every step counts
    """
    own = 0
    if only is None or plan.get('Relation Name') in only:
        own = (plan['Actual Rows'] + plan.get('Rows Removed by Filter', 0) * bool(only)) * plan['Actual Loops']
    return own + sum(rows_read(step, only) for step in plan.get('Plans', ()))


def cost_of(model, domain, order, tables, only=None):
    """Return how many rows the first page of a list reads, and how many it shows.

    The tables of a test are so small that reading them whole is cheapest: it must not be needed.

    :param model: what is searched, as the user who does
    :param str tables: names of the tables that were filled just now
    :param only: see :func:`rows_read`
    :rtype: tuple[int, int]
    """
    env = model.env
    env.flush_all()
    env.cr.execute(f"ANALYZE {tables}")
    query = model._search(domain, order=order, limit=80)
    env.cr.execute("SET LOCAL enable_seqscan = off")
    [[[plan]]] = env.execute_query(SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query.select()))
    env.cr.execute("SET LOCAL enable_seqscan = on")
    return rows_read(plan['Plan'], only), plan['Plan']['Actual Rows']


def read_whole(plan):
    """Return the names of the relations that a plan reads from the first row to the last."""
    own = {plan['Relation Name']} if plan['Node Type'].endswith('Seq Scan') else set()
    return own.union(*(read_whole(step) for step in plan.get('Plans', ())))


def plan_of(query):
    """Return how PostgreSQL would read what a search or a statement asks for, where reading tables whole is dear.

    :param query: what ``_search`` returned
    """
    env = query._env
    env.cr.execute("SET LOCAL enable_seqscan = off")
    [[[plan]]] = env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query.select()))
    env.cr.execute("SET LOCAL enable_seqscan = on")
    return plan['Plan']
