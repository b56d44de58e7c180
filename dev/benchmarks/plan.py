"""First planning of all customers, in twenty countries with all their calendars, against a plain INSERT of the same rows,
and a working day with 1,000 due."""

import statistics

from benchmarks._data import make_customers, make_users, report_ratio, summary, tidy

from odoo import Command, fields

TABLES = ('res_partner', 'customer_followup', 'customer_plan_request', 'mail_activity')

#: Where the customers are, by turns: every kind of weekend, and cultures with much and with little to say.
COUNTRIES = (
    'CN', 'SA', 'AE', 'DE', 'US', 'JP', 'KR', 'IN', 'TR', 'IL', 'FR', 'GB', 'BR', 'ID', 'EG', 'IT', 'PL', 'ZA', 'AU', 'MX')
SPREAD = """
UPDATE res_partner p
   SET country_id = c.id, state_id = (
       SELECT (array_agg(s.id ORDER BY s.id))[1 + p.id %% count(*)] FROM res_country_state s
        WHERE s.country_id = c.id HAVING count(*) > 0)
  FROM res_country c
 WHERE p.is_company AND p.name LIKE 'Company %%' AND c.code = (%(countries)s)[1 + p.id %% array_length(%(countries)s, 1)]
   AND substr(p.name, 9)::int BETWEEN %(first)s AND %(last)s
"""
#: A contact exactly one interval ago: the follow-up of its touchpoint falls due today.
CONTACTS = """
INSERT INTO customer_followup (partner_id, step_id, cadence_id, company_id, channel_id, owner_id, user_id, state,
                               contact_at, contact_day, qualifies, outcome, closed_at, closed_by_id,
                               create_uid, create_date, write_uid, write_date)
SELECT f.partner_id, f.step_id, f.cadence_id, f.company_id, f.channel_id, f.owner_id, f.user_id, 'done',
       %(day)s::date, %(day)s::date, TRUE, 'neutral', now() at time zone 'UTC', f.user_id,
       1, now() at time zone 'UTC', 1, now() at time zone 'UTC'
  FROM customer_followup f
 WHERE f.state = 'planned' AND f.step_id = %(step)s AND f.date_planned > %(today)s
   AND NOT EXISTS (SELECT 1 FROM customer_followup d WHERE d.partner_id = f.partner_id AND d.state = 'done')
 ORDER BY md5(f.id::text) LIMIT %(due)s
"""


def run(context):
    sizes = context.sizes(customers=200000, orders=0)
    small = max(sizes.customers // 10, 100)
    due = min(1000, small // 10)  # 1,000 in the full run
    users = make_users(context)
    step = make_cadence(context)

    context.say(f"{small} customers …")
    grow(context, users, 1, small)
    plan_all(context)
    few = working_days(context, step, due, small)

    context.say(f"{sizes.customers} customers …")
    grow(context, users, small + 1, sizes.customers)
    first_planning(context, sizes.customers)
    many = working_days(context, step, due, sizes.customers)
    for part in ('plan', 'remind', 'both'):
        report_ratio(
            context, f'{due} due: {part}', many[part], few[part], f'the same with {small} customers',
            customers=sizes.customers, due=due)


def make_cadence(context):
    """One cadence for everybody: a call a month, and a survey every quarter. Answers the id of the call."""
    with context.environment() as env:
        be_night(env)
        channel = {kind: env.ref(f'customer_success.customer_channel_{kind}').id for kind in ('call', 'survey')}
        since = {'date_start': fields.Date.subtract(fields.Date.context_today(env.user), days=60)}
        cadence = env['customer.cadence'].create({
            'name': 'Everybody', 'sequence': 1, 'tier_ids': [Command.set(env['customer.tier'].search([]).ids)],
            'step_ids': [
                Command.create({'name': 'Call', 'channel_id': channel['call'], 'interval_count': 1, **since}),
                Command.create({'name': 'Survey', 'channel_id': channel['survey'], 'interval_count': 3, **since}),
            ]})
        return cadence.step_ids.filtered(lambda step: step.channel_id.id == channel['call']).id


def be_night(env):
    """Let it be night where the main company is, on the same day: while people work the planner takes small batches."""
    hour = fields.Datetime.now().hour
    offset = (21 if hour >= 12 else 2) - hour
    env['customer.clock']._main_company().partner_id.tz = f'Etc/GMT{-offset:+d}' if offset else 'UTC'


def grow(context, users, first, last):
    """More customers, ranked and not planned yet."""
    make_customers(context, users, first, last, orders=last - first + 1)
    context.sql(SPREAD, {'countries': list(COUNTRIES), 'first': first, 'last': last})
    tidy(context, 'res_partner')
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env['customer.calendar.keeper']._refresh_all()
    # customers of the last four weeks, so that their first calls fall on many different days
    context.sql(
        """UPDATE res_partner SET customer_managed_since = customer_managed_since - id %% 28,
                                  customer_tier_since = customer_tier_since - id %% 28
            WHERE customer_managed AND substr(name, 9)::int BETWEEN %(first)s AND %(last)s""",
        {'first': first, 'last': last})


def plan_all(context):
    """Work the queue as the scheduled action does; answers the seconds."""
    tidy(context, *TABLES)
    with context.environment() as env:
        env['customer.planner']._begin_pauses()  # loads the code that every server has loaded
        env.cr.commit()
        with context.clock() as clock:
            env['customer.planner']._cron_plan()
        assert not env['customer.plan.request'].search_count([])
    return clock.seconds


def first_planning(context, customers):
    """Plan everybody from an empty table, in turns with the INSERT of the same rows into the same empty table."""
    ours, theirs = [], []
    columns = None
    for number in range(3):
        empty(context)
        context.sql("DELETE FROM customer_plan_request")
        context.sql(
            """INSERT INTO customer_plan_request (partner_id, attempts, create_uid, create_date, write_uid, write_date)
                    SELECT id, 0, 1, now() at time zone 'UTC', 1, now() at time zone 'UTC'
                      FROM res_partner WHERE customer_managed ORDER BY id""")
        ours.append(plan_all(context))
        if not number:
            [[count]] = context.sql("SELECT count(*) FROM customer_followup WHERE state = 'planned'")
            assert count == customers * 2, count
            [[moved]] = context.sql(
                """SELECT count(*) FROM customer_followup WHERE state = 'planned'
                      AND (move_holiday_id IS NOT NULL OR move_period_id IS NOT NULL OR move_kind = 'customer_day')""")
            context.report('moved by culture or holiday', moved, 'follow-ups', customers=customers)
            context.sql("CREATE TABLE bench_rows AS SELECT * FROM customer_followup ORDER BY id")
            [[columns]] = context.sql(
                """SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                    WHERE attrelid = 'customer_followup'::regclass AND attnum > 0 AND NOT attisdropped
                      AND attname <> 'id'""")
            tidy(context, 'bench_rows')
        empty(context)
        tidy(context, *TABLES)
        with context.clock() as clock:
            context.sql(f"INSERT INTO customer_followup ({columns}) SELECT {columns} FROM bench_rows")
        theirs.append(clock.seconds)
    context.sql("DROP TABLE bench_rows")
    report_ratio(context, 'first planning', ours, theirs, 'INSERT … SELECT of the same rows', customers=customers, steps=2)


def empty(context):
    context.sql("TRUNCATE customer_followup CASCADE")
    context.sql("DELETE FROM mail_activity WHERE res_model = 'customer.followup'")


def working_days(context, step, due, customers):
    """The scheduled actions with so many due, several times; answers the seconds of planning, reminding and both."""
    seconds = {'plan': [], 'remind': [], 'both': []}
    for number in range(6):
        make_due(context, step, due)
        tidy(context, *TABLES)
        with context.environment() as env:
            with context.clock() as plan:
                env['customer.planner']._cron_plan()
        with context.environment() as env:
            before = env['mail.activity'].search_count([('res_model', '=', 'customer.followup')])
            with context.clock() as remind:
                env['customer.reminder']._cron_remind()
            reminded = env['mail.activity'].search_count([('res_model', '=', 'customer.followup')]) - before
            assert due / 2 < reminded <= due, reminded  # the others are on a holiday of their customer
        if number:  # the first round only warms up
            seconds['plan'].append(plan.seconds)
            seconds['remind'].append(remind.seconds)
            seconds['both'].append(plan.seconds + remind.seconds)
    context.report(
        f'{due} due', statistics.median(seconds['both']), 's', customers=customers, **summary(seconds['both']))
    return seconds


def make_due(context, step, due):
    """Customers who were called a month ago, asked to be planned."""
    with context.environment() as env:
        today = fields.Date.context_today(env.user)
        day = fields.Date.subtract(today, months=1)
        env.cr.execute(CONTACTS, {'day': day, 'today': today, 'step': step, 'due': due})
        assert env.cr.rowcount == due, env.cr.rowcount
        env.cr.execute(
            """INSERT INTO customer_plan_request (partner_id, attempts, create_uid, create_date, write_uid, write_date)
                    SELECT partner_id, 0, 1, now() at time zone 'UTC', 1, now() at time zone 'UTC'
                      FROM customer_followup WHERE state = 'done' AND contact_day = %s AND NOT EXISTS (
                           SELECT 1 FROM customer_followup f WHERE f.partner_id = customer_followup.partner_id
                              AND f.state = 'planned' AND f.step_id = %s AND f.date_anchor = %s)""",
            (day, step, day))
        assert env.cr.rowcount == due, env.cr.rowcount
