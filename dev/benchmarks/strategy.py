"""Nightly measuring of strategies: three KPIs, attainment and grade, against one SQL statement of the same."""

from benchmarks._data import make_customers, make_users, report_ratio, tidy
from benchmarks.refresh import rolled_back

from odoo import fields

TABLES = ('customer_strategy', 'customer_strategy_kpi')

#: The measured KPIs of every strategy, with their targets.
KPIS = (('repurchase', 80), ('new_orders', 2), ('revenue', 3000))

#: Every tenth customer has a strategy; it began on one of the last 90 days.
STRATEGIES = """
WITH made AS (
INSERT INTO customer_strategy (partner_id, company_id, user_id, core_approach, date_start, date_end, cycle, version, renew, state,
                               cycle_days, create_uid, create_date, write_uid, write_date)
SELECT p.id, (SELECT id FROM res_company ORDER BY id LIMIT 1), p.user_id, 'Be there', %(today)s::date - (p.n %% 90)::int,
       %(today)s::date - (p.n %% 90)::int + 89, 1, 1, TRUE, 'active', 90, 1, now() at time zone 'UTC', 1,
       now() at time zone 'UTC'
  FROM (SELECT row_number() OVER (ORDER BY id) AS n, id, user_id FROM res_partner WHERE customer_managed) AS p
 WHERE p.n %% 10 = 0
RETURNING id)
INSERT INTO customer_strategy_kpi (strategy_id, sequence, kpi_id, target, weight, facts, create_uid, create_date, write_uid,
                                   write_date)
SELECT made.id, 10, k.id, k.target, 1, 0, 1, now() at time zone 'UTC', 1, now() at time zone 'UTC'
  FROM made CROSS JOIN unnest(%(kpis)s, %(targets)s) AS k (id, target)
"""
#: One customer in a hundred orders today, each with a strategy.
FEW_CHANGE = """
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id, currency_rate,
                        user_id, state, invoice_status, date_order, amount_untaxed, amount_tax, amount_total,
                        create_date, write_date, create_uid, write_uid, customer_commercial_id)
SELECT 'TODAY', s.partner_id, s.partner_id, s.partner_id, company.id, company.currency_id, 1, s.user_id, 'sale', 'no',
       %(today)s::date, 1000, 0, 1000, now() at time zone 'UTC', now() at time zone 'UTC', 1, 1, s.partner_id
  FROM (SELECT row_number() OVER (ORDER BY id) AS n, partner_id, user_id FROM customer_strategy) AS s
 CROSS JOIN (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) AS company
 WHERE s.n %% 10 = 0
"""
#: What a good engineer would write for these three KPIs and grades: one statement, which writes what changed.
BY_HAND = """
WITH strategy AS (
    SELECT id, partner_id, date_start, LEAST(date_end, %(today)s::date) AS stop, date_end - date_start + 1 AS days,
           date_end > %(today)s::date AS running
      FROM customer_strategy WHERE state = 'active'
), document AS (
    SELECT o.customer_commercial_id AS id, o.date_order::date AS day, TRUE AS counts,
           CASE WHEN o.currency_rate <> 1 AND o.currency_rate <> 0 THEN o.amount_untaxed / o.currency_rate::numeric
                ELSE o.amount_untaxed END AS amount
      FROM sale_order o
     WHERE o.state = 'sale' AND o.customer_commercial_id IN (SELECT partner_id FROM strategy)
     UNION ALL
    SELECT m.commercial_partner_id, m.invoice_date, m.move_type = 'out_invoice', m.amount_untaxed_signed
      FROM account_move m
     WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted'
       AND m.commercial_partner_id IN (SELECT partner_id FROM strategy)
       AND (m.move_type = 'out_refund' OR NOT EXISTS (
            SELECT 1 FROM account_move_line l JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
             WHERE l.move_id = m.id))
), sums AS (
    SELECT s.id, s.date_start, s.stop, s.days, s.running,
           count(*) FILTER (WHERE d.counts AND d.day >= s.date_start) AS orders,
           count(DISTINCT d.day) FILTER (WHERE d.counts AND d.day >= s.date_start) AS bought,
           min(d.day) FILTER (WHERE d.counts) AS first_day,
           COALESCE(sum(d.amount) FILTER (WHERE d.day >= s.date_start), 0) AS revenue
      FROM strategy s LEFT JOIN document d ON d.id = s.partner_id AND d.day <= s.stop
  GROUP BY s.id, s.date_start, s.stop, s.days, s.running
), actual AS (
    SELECT id, %(repurchase)s AS kpi_id, 80::float8 AS due, bought AS facts,
           CASE WHEN bought > 0 THEN 100.0 * (bought - (first_day >= date_start)::int) / bought
                WHEN first_day IS NOT NULL AND NOT running THEN 0 END AS value
      FROM sums
     UNION ALL
    SELECT id, %(new_orders)s, floor(2.0 * (stop - date_start + 1) / days), orders, orders FROM sums
     UNION ALL
    SELECT id, %(revenue)s, 3000.0 * (stop - date_start + 1) / days, orders, revenue FROM sums
), judged AS (
    -- GREATEST takes NULL for the smallest value
    SELECT *, CASE WHEN value IS NULL THEN NULL WHEN due > 0 THEN LEAST(GREATEST(100 * value / due, 0), 100)
                   WHEN value > 0 THEN 100 END AS percent
      FROM actual
), line AS (
    UPDATE customer_strategy_kpi l
       SET actual = COALESCE(j.value, 0), has_actual = j.value IS NOT NULL,
           facts = CASE WHEN j.value IS NULL THEN 0 ELSE j.facts END,
           due = j.due, is_judged = j.percent IS NOT NULL, attainment = round(j.percent::numeric, 1),
           write_date = now() at time zone 'UTC'
      FROM judged j
     WHERE j.id = l.strategy_id AND j.kpi_id = l.kpi_id
       AND (l.actual, l.has_actual, l.due, l.is_judged, l.attainment)
           IS DISTINCT FROM (COALESCE(j.value, 0), j.value IS NOT NULL, j.due, j.percent IS NOT NULL,
                             round(j.percent::numeric, 1))
), mean AS (
    SELECT id, 100.0 * count(percent) / count(*) AS known,
           CASE WHEN 100.0 * count(percent) / count(*) >= 50 THEN round(avg(percent)::numeric, 1) END AS attainment
      FROM judged GROUP BY id
), graded AS (
    SELECT m.*, (SELECT g.id FROM customer_strategy_grade g WHERE g.minimum <= m.attainment ORDER BY g.minimum DESC LIMIT 1)
           AS grade_id
      FROM mean m
)
UPDATE customer_strategy s
   SET attainment = g.attainment, known_percent = g.known, grade_id = g.grade_id,
       effect_id = COALESCE(s.grade_manual_id, g.grade_id), measured_on = %(today)s
  FROM graded g
 WHERE g.id = s.id
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    size = {'customers': sizes.customers, 'orders': sizes.orders, 'strategies': sizes.customers // 10}
    context.say("Making customers, orders and strategies …")
    values = make_data(context, sizes)

    first = alternate(context, values, runs=5)
    report_ratio(context, 'strategies, the first night', *first, 'one hand-written SQL statement', **size)
    with context.environment() as env:
        strategies = env['customer.strategy'].search([])
        env['customer.strategy.measurer']._measure(strategies)
    few = alternate(context, values, runs=5, few=True)
    report_ratio(context, 'strategies, one customer in ten ordered', *few, 'one hand-written SQL statement', **size)


def make_data(context, sizes):
    """Customers with orders, a tenth of them with a strategy; answers what the statements need."""
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        kpis = {name: env.ref(f'customer_success.customer_kpi_{name}').id for name, __ in KPIS}
        values = {
            'today': fields.Date.context_today(env.user), **kpis, 'kpis': list(kpis.values()),
            'targets': [float(target) for __, target in KPIS]}
    context.sql(STRATEGIES, values)
    tidy(context, *TABLES, 'sale_order')
    return values


def alternate(context, values, runs, few=False):
    """Ours and by hand in turns, each in a transaction that is rolled back; answers the seconds of both.

    :param few: one strategy in ten has a new order; else everything is measured for the first time
    """
    ours, theirs = [], []
    for number in range(runs + 1):
        tidy(context, *TABLES)
        with rolled_back(context) as env:
            if few:
                env.cr.execute(FEW_CHANGE, values)
            with context.clock() as clock:
                env.cr.execute(BY_HAND, values)
            by_hand, expected = clock.seconds, verdicts(env)
        tidy(context, *TABLES)
        with rolled_back(context) as env:
            if few:
                env.cr.execute(FEW_CHANGE, values)
            strategies = env['customer.strategy'].search([('state', '=', 'active')])
            with context.clock() as clock:
                env['customer.strategy.measurer']._measure(strategies)
            found = verdicts(env)
        # the two round halves of a tenth by different binary fractions
        different = sum(abs(found[key] - expected[key]) > 0.11 for key in expected)
        assert len(found) == len(expected) and not different, (len(found), len(expected), different)
        if number:  # the first round only warms up
            ours.append(clock.seconds)
            theirs.append(by_hand)
    return ours, theirs


def verdicts(env):
    """The attainment of each strategy, -1 where there is none."""
    env.cr.execute("SELECT id, COALESCE(attainment, -1)::float8 FROM customer_strategy")
    return dict(env.cr.fetchall())
