"""Nightly stages of customers, one in a hundred changed, against one hand-written SQL statement of the same information."""

from benchmarks._data import make_customers, make_users, report_ratio, tidy
from benchmarks.refresh import rolled_back

from odoo import fields
from odoo.tools import SQL

TABLES = ('res_partner', 'customer_stage_change', 'customer_rhythm')

#: What a good engineer would write for the shipped rules alone: the stage, since when, and a line in the history with its cause.
BY_HAND = """
WITH verdict AS (
    SELECT p.id, p.customer_stage_id AS old, p.customer_stage_since AS since,
           CASE WHEN %(today)s::date - p.customer_first_order <= 30 THEN %(onboarding)s
                WHEN %(today)s::date - p.customer_last_order >= 365 THEN %(dormant)s
                WHEN %(today)s::date - p.customer_last_order >= 120 AND r.purchases >= 3 AND r.last_day > r.first_day
                     AND CASE WHEN %(season)s THEN (%(today)s::date - r.last_day) / 365.0
                              ELSE (%(today)s::date - r.last_day)::float8 * (r.purchases - 1) / (r.last_day - r.first_day)
                         END >= 4 THEN %(dormant)s
                WHEN p.customer_health_band = 'risk' OR p.customer_risk_level = 'high' THEN %(at_risk)s
                WHEN p.customer_first_order <= %(today)s::date - interval '3 years' THEN %(mature)s
                ELSE %(growth)s END AS new
      FROM res_partner p
 LEFT JOIN customer_rhythm r ON r.partner_id = p.id
     WHERE p.customer_managed
), moved AS (
    UPDATE res_partner p
       SET customer_stage_id = v.new, customer_stage_since = %(today)s, write_date = now() at time zone 'UTC'
      FROM verdict v
     WHERE v.id = p.id AND v.new IS DISTINCT FROM v.old
 RETURNING p.id, v.old, v.new, v.since
)
INSERT INTO customer_stage_change (partner_id, date, old_stage_id, new_stage_id, cause, days, create_date, write_date)
SELECT id, %(today)s, old, new, 'facts', %(today)s::date - since, now() at time zone 'UTC', now() at time zone 'UTC' FROM moved
"""
#: Half of them will be at risk tonight, the others stood there until now.
FEW_CHANGE = """
UPDATE res_partner SET customer_risk_level = CASE WHEN customer_risk_level = 'high' THEN 'low' ELSE 'high' END
 WHERE id IN (SELECT id FROM res_partner
               WHERE customer_managed AND customer_stage_id IN %(calm)s ORDER BY md5(id::text) LIMIT %(count)s)
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    context.say("Making customers and orders …")
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env['customer.churn']._refresh_rhythm()
        env['customer.health.refresh']._step_risk(None)
    stages = prepare(context)
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    with context.environment() as env, context.clock() as clock:
        first = env['customer.stager']._refresh()
        env.flush_all()
    assert first['rows'] == sizes.customers, first
    context.report('stages, the very first', clock.seconds, 's', **size)
    context.sql("UPDATE res_partner SET customer_stage_since = customer_stage_since - 100 WHERE customer_managed")
    context.sql("UPDATE customer_stage_change SET date = date - 100")
    context.sql(FEW_CHANGE, {'calm': (stages['growth'], stages['mature']), 'count': max(sizes.customers // 100, 1)})
    few = alternate(context, stages)
    report_ratio(context, 'stages, 1 % change', *few, 'one hand-written SQL statement', **size)


def prepare(context):
    """Return the stages by name."""
    with context.environment() as env:
        return {name: env.ref(f'customer_success.customer_stage_{name}').id
                for name in ('onboarding', 'dormant', 'at_risk', 'mature', 'growth')}


def alternate(context, stages, runs=5):
    """Ours and by hand in turns, each in a transaction that is rolled back; answers the seconds of both."""
    ours, theirs = [], []
    for number in range(runs + 1):
        tidy(context, *TABLES)
        with rolled_back(context) as env, context.clock() as clock:
            today = fields.Date.context_today(env.user)
            # when somebody buys in one season alone is an expression that is not worth writing twice
            env.cr.execute(SQL(BY_HAND, **stages, today=today, season=env['customer.churn']._waits_sql(SQL("%s::date", today))))
            changed = env.cr.rowcount
        by_hand = clock.seconds
        tidy(context, *TABLES)
        with rolled_back(context) as env, context.clock() as clock:
            result = env['customer.stager']._refresh()
            env.flush_all()
        assert result == {'rows': changed, 'failed': 0} and changed, (result, changed)
        if number:  # the first one warms up
            ours.append(clock.seconds)
            theirs.append(by_hand)
    return ours, theirs
