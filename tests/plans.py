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
