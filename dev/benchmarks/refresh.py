"""Nightly refresh of figures, tiers and segments, against hand-written SQL that leaves the same, a loop, and Odoo's scoring."""

import resource
import statistics
from pathlib import Path

from benchmarks._data import make_customers, make_leads, make_users, report_ratio, tidy
from benchmarks._refresh_floor import COMPLETE, ids, left_behind

from odoo import fields
from odoo.tools import SQL

TABLES = ('res_partner', 'customer_tier_change', 'customer_segment_change', 'customer_plan_request', 'customer_followup')

#: What a good engineer would write for the tier alone: revenue of twelve months, rank, tier; only changed rows.
BY_HAND = """
WITH revenue AS (
    SELECT o.customer_commercial_id AS id, sum(o.amount_untaxed / o.currency_rate) AS amount
      FROM sale_order o
     WHERE o.state = 'sale' AND o.date_order >= %(start)s
  GROUP BY o.customer_commercial_id
), ranked AS (
    SELECT p.id, (rank() OVER (ORDER BY COALESCE(revenue.amount, 0) DESC) - 1) * 100.0 / count(*) OVER () AS position,
           COALESCE(revenue.amount, 0) AS amount
      FROM res_partner p
 LEFT JOIN revenue ON revenue.id = p.id
     WHERE p.customer_managed
), verdict AS (
    SELECT id, CASE WHEN position < 20 AND amount > 0 THEN %(high)s
                    WHEN position < 70 AND amount > 0 THEN %(mid)s
                    ELSE %(low)s END AS tier_id
      FROM ranked
)
UPDATE res_partner p
   SET customer_tier_id = verdict.tier_id, write_date = now() at time zone 'UTC'
  FROM verdict
 WHERE verdict.id = p.id AND p.customer_tier_id IS DISTINCT FROM verdict.tier_id
"""
#: What account managers said of one customer in ten, so that some have a potential.
ANSWERS = """
INSERT INTO customer_potential_answer (partner_id, question, answer, date, create_date, write_date)
SELECT p.id, a.question, a.answers[1 + (p.id / 10) % 3], current_date - 30, now() at time zone 'UTC', now() at time zone 'UTC'
  FROM res_partner p
 CROSS JOIN (VALUES ('upgrade', ARRAY['no', 'maybe', 'yes']), ('expansion', ARRAY['no', 'maybe', 'yes']),
                    ('budget', ARRAY['shrinking', 'level', 'growing'])) AS a (question, answers)
 WHERE p.is_company AND p.name LIKE 'Company %' AND p.id % 10 = 0
 ORDER BY p.id
"""
#: A risk for everybody, so that a tier means another segment for some.
RISKS = "UPDATE res_partner SET customer_risk_level = CASE id % 5 WHEN 0 THEN 'high' ELSE 'low' END WHERE customer_managed"
#: Small customers get a large order; others fall over the boundaries in return: three changes of tier for each.
FEW_CHANGE = """
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id, currency_rate,
                        user_id, state, invoice_status, date_order, amount_untaxed, amount_tax, amount_total,
                        create_date, write_date, create_uid, write_uid, customer_commercial_id)
SELECT 'B' || p.id, p.id, p.id, p.id, company.id, company.currency_id, 1, p.user_id, 'sale', 'no',
       now() at time zone 'UTC', 10000000, 0, 10000000, now() at time zone 'UTC', now() at time zone 'UTC', 1, 1, p.id
  FROM (SELECT id, user_id FROM res_partner WHERE customer_managed AND customer_tier_id = %(low)s
         ORDER BY md5(id::text) LIMIT %(count)s) AS p
 CROSS JOIN (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) AS company
"""
#: Nobody is where the revenue says.
ALL_CHANGE = """
UPDATE res_partner SET customer_tier_id = CASE customer_tier_id WHEN %(high)s THEN %(mid)s WHEN %(mid)s THEN %(low)s
                                                                ELSE %(high)s END
 WHERE customer_managed
"""
#: What was written until now was of the week before: who comes back on the same day was never away.
AGE = """
UPDATE customer_tier_change SET date = date - 7;
UPDATE customer_segment_change SET date = date - 7;
UPDATE res_partner SET customer_tier_since = customer_tier_since - 7, customer_segment_since = customer_segment_since - 7
 WHERE customer_managed
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    context.say("Making customers and orders …")
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    context.sql(ANSWERS)
    tidy(context, 'customer_potential_answer')
    make_leads(context, users, max(sizes.customers // 10, 100))
    tiers = prepare(context)
    first_refresh(context, sizes)
    size = {'customers': sizes.customers, 'orders': sizes.orders}

    context.sql(FEW_CHANGE, {**tiers, 'count': max(sizes.customers // 300, 30)})
    few = alternate(context, tiers, runs=5)
    report(context, 'refresh, 1 % change', few, size)

    with context.environment() as env:
        env['customer.ranking']._refresh_all()
    context.sql(AGE)
    context.sql(ALL_CHANGE, tiers)
    plan_everybody(context)
    everything = alternate(context, tiers, runs=3, warm_up=0)  # minutes each, and warm from before
    report(context, 'refresh, all change', everything, size)

    ours = statistics.median(everything['ours']) / sizes.customers
    sample = min(2000, sizes.customers)
    loop = orm_loop(context, tiers, sample) / sample
    context.report(
        'refresh per customer, all change', ours * 1e6, 'µs', f'a loop through the ORM, {sample} customers', ours / loop,
        theirs=round(loop * 1e6, 1), **size)
    leads, scoring = lead_scoring(context)
    context.report(
        'refresh per customer, all change', ours * 1e6, 'µs', f"Odoo's lead scoring per lead, {leads} leads", ours / scoring,
        theirs=round(scoring * 1e6, 1), **size)


def prepare(context):
    """Take the dead band and the minimum stay out: the statement by hand knows neither."""
    with context.environment() as env:
        scheme = env['customer.tier.scheme']._get_current()
        scheme.write({'dead_band': 0, 'minimum_stay_days': 0})
        lines = scheme.line_ids.sorted('sequence')
        assert lines.mapped('share') == [20, 50, 30]
        high, mid, low = lines.tier_id.ids
    return {'high': high, 'mid': mid, 'low': low}


def first_refresh(context, sizes):
    """The very first refresh finds, numbers, ranks and queues everybody; then everybody is planned."""
    with context.environment() as env:
        before = memory_peak_reset()
        with context.clock() as clock:
            result = env['customer.ranking']._refresh_all()
            env.flush_all()
        grown = memory_peak() - before
        assert result['customers'] == result['tier_changes'] == sizes.customers, result
        context.report('refresh, the very first', clock.seconds, 's', customers=sizes.customers, orders=sizes.orders)
        context.report('refresh, the very first: memory', grown, 'MB', customers=sizes.customers)
    context.sql(RISKS)
    with context.environment() as env:
        env['customer.segmenter']._refresh()
    plan_everybody(context)


def plan_everybody(context):
    """Make the follow-ups what the tiers say now, so that a change of tier is one for the planner, too."""
    context.say("Planning …")
    tidy(context, *TABLES)
    context.sql("DELETE FROM customer_plan_request")
    with context.environment() as env:
        partners = env['res.partner'].search([('customer_managed', '=', True)])
        env['customer.plan.request']._request(partners.ids, at_once=0)
        env['customer.planner']._work_queue()


def alternate(context, tiers, runs, warm_up=1):
    """Ours, the complete floor and the tier alone by turns, each in a transaction that is rolled back.

    :return: the seconds of each
    """
    taken, peaks = {'ours': [], 'floor': [], 'tier alone': []}, []
    for number in range(runs + warm_up):
        seconds = {}
        for name, work in (('tier alone', tier_alone), ('floor', complete), ('ours', refresh)):
            tidy(context, *TABLES)
            with rolled_back(context) as env:
                before = memory_peak_reset()
                with context.clock() as clock:
                    changed = work(env, tiers)
                seconds[name] = clock.seconds
                if name == 'floor':
                    expected = left_behind(env)
                elif name == 'ours':
                    peaks.append(memory_peak() - before)
                    left = left_behind(env)
                    assert left == expected, {part: (left[part], expected[part]) for part in left if left[part] != expected[part]}
        if number >= warm_up:
            for name, value in seconds.items():
                taken[name].append(value)
    context.report('refresh: memory', max(peaks), 'MB', changed=changed)
    return taken


def report(context, name, taken, size):
    """Report what the refresh took against both comparators."""
    report_ratio(context, name, taken['ours'], taken['floor'], 'hand-written SQL that leaves the same', **size)
    report_ratio(context, name, taken['ours'], taken['tier alone'], 'one hand-written SQL statement for the tier alone', **size)


def first_day(env):
    """The first day of the twelve months."""
    today = fields.Date.context_today(env.user)
    return fields.Date.add(fields.Date.subtract(today, months=12), days=1)


def refresh(env, tiers):
    """Ours; answers how many changed their tier."""
    changed = env['customer.ranking']._refresh_all()['tier_changes']
    env.flush_all()
    return changed


def complete(env, tiers):
    """The same by hand."""
    values = {**tiers, **ids(env), 'start': first_day(env), 'today': fields.Date.context_today(env.user)}
    for statement in COMPLETE:
        env.cr.execute(statement, values)


def tier_alone(env, tiers):
    """The tier and nothing else."""
    env.cr.execute(BY_HAND, {**tiers, 'start': first_day(env)})


class rolled_back:
    """An environment whose work is undone."""

    def __init__(self, context):
        self.manager = context.environment()

    def __enter__(self):
        self.env = self.manager.__enter__()
        self.env.cr.execute('SELECT 1')
        return self.env

    def __exit__(self, *error):
        self.env.cr.rollback()
        self.env.transaction.clear()
        return self.manager.__exit__(*error)


def orm_loop(context, tiers, sample):
    """The same for one customer after the other, as it is often written; answers the seconds."""
    with rolled_back(context) as env:
        today = fields.Date.context_today(env.user)
        start = fields.Date.subtract(today, months=12)
        [[first, second]] = env.execute_query(SQL(
            """SELECT percentile_disc(0.8) WITHIN GROUP (ORDER BY customer_revenue),
                      percentile_disc(0.3) WITHIN GROUP (ORDER BY customer_revenue)
                 FROM res_partner WHERE customer_managed"""))
        partners = env['res.partner'].search([('customer_managed', '=', True)], limit=sample)
        tier = {name: env['customer.tier'].browse(tier_id) for name, tier_id in tiers.items()}
        env.invalidate_all()
        with context.clock() as clock:
            for partner in partners:
                orders = env['sale.order'].search([
                    ('partner_id.commercial_partner_id', '=', partner.id), ('state', '=', 'sale'),
                    ('date_order', '>', start)])
                revenue = sum(orders.mapped('amount_untaxed'))
                name = 'high' if revenue >= first else 'mid' if revenue >= second else 'low'
                if partner.customer_tier_id != tier[name]:
                    partner.customer_tier_id = tier[name]
                    partner.customer_tier_since = today
            env.flush_all()
        return clock.seconds


def lead_scoring(context):
    """Odoo's own nightly scoring; answers how many open leads, and the seconds per lead."""
    seconds = []
    for __ in range(3):
        tidy(context, 'crm_lead')
        with context.environment() as env:
            env['ir.config_parameter'].set_param('crm.pls_start_date', '2000-01-01')
            leads = env['crm.lead'].search_count([('won_status', '=', 'pending')])
            with context.clock() as clock:
                env['crm.lead']._cron_update_automated_probabilities()
            seconds.append(clock.seconds / leads)
            scored = env['crm.lead'].search_count([('won_status', '=', 'pending'), ('automated_probability', '!=', 10)])
            assert scored > leads / 2, scored
    return leads, statistics.median(seconds)


def memory_peak_reset():
    """Let the peak of this process's memory be what it is now; answers it in MB."""
    try:
        Path('/proc/self/clear_refs').write_text('5')
    except OSError:
        pass  # then the peak since the start is taken, which can only be higher
    return memory_peak()


def memory_peak():
    """The peak of this process's memory, in MB."""
    status = Path('/proc/self/status')
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith('VmHWM')).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
