"""Missed deadlines of cases, against one SQL statement and against fewer open cases; their lists, against Odoo's pipeline."""

import statistics

from benchmarks._data import make_customers, make_leads, make_users, report_ratio, tidy
from benchmarks.refresh import rolled_back
from benchmarks.screens import Screen

TABLES = ('customer_case', 'customer_case_clock', 'mail_activity')

#: So many deadlines are over, whatever the number of open cases.
DUE = 500

#: Open cases by turns of the customers and their account managers; each has a deadline to come for the answer and the
#: solution. ``%(first)s`` to ``%(last)s`` number them.
CASES = """
WITH made AS (
INSERT INTO customer_case (partner_id, company_id, user_id, name, case_type, priority, state, opened_at, taken_at, cycle,
                           breached, create_uid, create_date, write_uid, write_date)
SELECT p.id, (SELECT id FROM res_company ORDER BY id LIMIT 1), p.user_id, 'Case ' || g.n,
       (ARRAY['complaint', 'problem', 'need'])[1 + g.n %% 3], (g.n %% 4)::text, 'working', %(now)s, %(now)s, 1, FALSE,
       1, %(now)s, 1, %(now)s
  FROM generate_series(%(first)s, %(last)s) AS g (n)
  JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS customers, id, user_id
          FROM res_partner WHERE customer_managed) AS p ON p.n = g.n %% p.customers
RETURNING id)
INSERT INTO customer_case_clock (case_id, kind, cycle, state, policy_id, date_start, counted_from, used_minutes,
                                 target_minutes, due, warn_at, stale, warned, told, met_percent, create_uid, create_date,
                                 write_uid, write_date)
SELECT made.id, k.kind, 1, 'running', (SELECT id FROM customer_sla_policy ORDER BY sequence DESC LIMIT 1), %(now)s, %(now)s, 0,
       480, %(now)s + interval '1 day' + made.id %% 20000 * interval '1 minute' + k.later,
       %(now)s + interval '20 hours' + made.id %% 20000 * interval '1 minute' + k.later, FALSE, FALSE, FALSE, 0,
       1, %(now)s, 1, %(now)s
  FROM made CROSS JOIN (VALUES ('response', interval '0'), ('solution', interval '3 days')) AS k (kind, later)
"""
NEXT_DUE = """
UPDATE customer_case c SET next_due = k.due
  FROM (SELECT case_id, min(due) AS due FROM customer_case_clock WHERE state = 'running' GROUP BY case_id) AS k
 WHERE k.case_id = c.id
"""
#: Some deadlines were over a minute ago.
OVER = """
UPDATE customer_case_clock SET due = %(now)s - interval '1 minute', warned = TRUE
 WHERE id IN (SELECT id FROM customer_case_clock WHERE kind = 'response' ORDER BY id LIMIT %(due)s)
"""
#: What a good engineer would write to find and mark them: on the deadline and on the case.
BY_HAND = """
WITH failed AS (
    UPDATE customer_case_clock SET state = 'failed', ended_at = due, write_date = %(now)s
     WHERE state = 'running' AND due <= %(now)s
 RETURNING id, case_id)
UPDATE customer_case c
   SET breached = TRUE, next_due = (SELECT min(k.due) FROM customer_case_clock k
                                     WHERE k.case_id = c.id AND k.state = 'running' AND k.id NOT IN (SELECT id FROM failed))
 WHERE c.id IN (SELECT case_id FROM failed)
"""


def run(context):
    sizes = context.sizes(customers=50000, orders=5000)
    few = sizes.customers // 10
    context.say("Making customers and cases …")
    users = make_users(context)
    make_customers(context, users, 1, max(few, 1000), sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
    make_cases(context, 1, few)
    less = alternate(context)[1]
    make_cases(context, few + 1, sizes.customers)
    (mark, by_hand), more = marked(context), alternate(context)[1]
    size = {'cases': sizes.customers, 'due': DUE}
    report_ratio(context, 'deadlines that are over, marked', mark, by_hand, 'one hand-written SQL statement', **size)
    report_ratio(context, 'deadlines that are over, marked and told', more, less, f'the same with {few} open cases', **size)
    make_leads(context, users, max(few, 1000))
    screens(context, users[0], size)


def make_cases(context, first, last):
    """Open cases number ``first`` to ``last``."""
    with context.environment() as env:
        now = env.cr.now().replace(microsecond=0)
    context.sql(CASES, {'first': first, 'last': last, 'now': now})
    context.sql(NEXT_DUE)
    tidy(context, *TABLES)


def alternate(context, runs=5):
    """The whole look at what is due, several times; answers what was told, and the seconds."""
    seconds, told = [], 0
    for number in range(runs + 1):
        with rolled_back(context) as env:
            env.cr.execute(OVER, {'now': env.cr.now().replace(microsecond=0), 'due': DUE})
            keeper = env['customer.case.keeper']
            with context.clock() as clock:
                marked_ones, warned = keeper._mark_failed(), keeper._mark_warned()
                told = keeper._tell_failed()
                keeper._plan_stale()
                keeper._take_offers_back()
                keeper._open_missing()
                env.flush_all()
            assert (marked_ones, warned, told) == (DUE, 0, DUE), (marked_ones, warned, told)
        if number:  # the first round only warms up
            seconds.append(clock.seconds)
    return told, seconds


def marked(context, runs=7):
    """Marking by our statement and by hand in turns, each in a transaction that is rolled back; answers the seconds."""
    ours, theirs = [], []
    for number in range(runs + 1):
        with rolled_back(context) as env:
            values = {'now': env.cr.now().replace(microsecond=0), 'due': DUE}
            env.cr.execute(OVER, values)
            with context.clock() as clock:
                env.cr.execute(BY_HAND, values)
            by_hand, expected = clock.seconds, verdicts(env)
        with rolled_back(context) as env:
            env.cr.execute(OVER, values)
            with context.clock() as clock:
                env['customer.case.keeper']._mark_failed()
            found = verdicts(env)
        assert found == expected and len(found) == DUE, (len(found), len(expected))
        if number:  # the first round only warms up
            ours.append(clock.seconds)
            theirs.append(by_hand)
    return ours, theirs


def verdicts(env):
    """Which deadlines failed, and what their cases say."""
    env.cr.execute(
        """SELECT k.id, k.ended_at, c.breached, c.next_due FROM customer_case_clock k JOIN customer_case c ON c.id = k.case_id
            WHERE k.state = 'failed' ORDER BY k.id""")
    return env.cr.fetchall()


def screens(context, user, size):
    """Report what the list and the board of cases cost a salesperson, against Odoo's own pipeline on the same database."""
    with context.environment(user=user, lang='en_US', tz='UTC') as env:
        pipeline = Screen(env, env.ref('crm.crm_lead_action_pipeline'))
        action = env.ref('customer_success.customer_case_action')
        ours = [Screen(env, action), Screen(env, action, 'kanban', True)]
        ours[1].context = ours[0].context
        ours[1].domain = ours[0].domain
        ours[1].name = 'Cases, as a board'
    yardstick = statistics.median(pipeline.timed(context, user) for __ in range(5))
    for screen in ours:
        seconds = statistics.median(screen.timed(context, user) for __ in range(5))
        context.report(
            screen.name, seconds, 's', "Odoo's CRM pipeline", seconds / yardstick, view=screen.mode, rows=screen.rows,
            theirs=round(yardstick, 4), **size)
