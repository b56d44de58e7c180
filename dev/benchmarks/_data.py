"""Data in bulk for the benchmarks, made by SQL, and small helpers to measure on it; not a benchmark by itself.

The same seed makes the same customers and orders in every database, so that two databases can be compared.
"""

import statistics

import psycopg2

from odoo import Command
from odoo.sql_db import connection_info_for

SALESPEOPLE = 20

#: Who the customers belong to, by turns; ``%(users)s`` is the list of their ids.
PARTNERS = """
WITH made AS (
SELECT nextval('res_partner_id_seq') AS id, n, (%(users)s)[1 + n %% array_length(%(users)s, 1)] AS user_id
  FROM generate_series(%(first)s, %(last)s) AS n)
INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, commercial_company_name, type, is_company,
                         active, partner_share, lang, email, email_normalized, phone, phone_sanitized, city, country_id,
                         user_id, color, autopost_bills, create_date, write_date, create_uid, write_uid{columns})
SELECT id, id, 'Company ' || n, 'Company ' || n, 'Company ' || n, 'contact', TRUE,
       TRUE, TRUE, 'en_US', 'mail' || n || '@example.com', 'mail' || n || '@example.com', '+8621' || (50000000 + n),
       '+8621' || (50000000 + n), 'City ' || n %% 500, (SELECT id FROM res_country WHERE code = 'CN'),
       user_id, 0, 'ask', now() at time zone 'UTC', now() at time zone 'UTC', 1, 1{values}
  FROM made
"""
#: One customer in ten has a contact person, who places some of its orders.
CONTACTS = """
INSERT INTO res_partner (parent_id, commercial_partner_id, name, complete_name, commercial_company_name, type,
                         is_company, active, partner_share, lang, email, email_normalized, city, country_id,
                         color, autopost_bills, create_date, write_date, create_uid, write_uid{columns})
SELECT id, id, 'Buyer', name || ', Buyer', name, 'contact', FALSE, TRUE, TRUE, lang, 'buyer.' || email,
       'buyer.' || email, city, country_id, 0, 'ask', create_date, write_date, 1, 1{values}
  FROM res_partner
 WHERE is_company AND name LIKE 'Company %%' AND substr(name, 9)::int BETWEEN %(first)s AND %(last)s
   AND substr(name, 9)::int %% 10 = 0
"""
#: Every customer has an order; the rest goes to some more than to others. Amounts are spread like real ones: a few large,
#: many small. Some orders are only quotations.
ORDERS = """
SELECT setseed(0.5);
CREATE TEMPORARY TABLE bench_partner AS
SELECT row_number() OVER (ORDER BY p.id) AS n, p.id, c.id AS contact_id, p.user_id
  FROM res_partner p LEFT JOIN res_partner c ON c.parent_id = p.id
 WHERE p.is_company AND p.name LIKE 'Company %%' AND substr(p.name, 9)::int BETWEEN %(first)s AND %(last)s;
CREATE UNIQUE INDEX ON bench_partner (n);
ANALYZE bench_partner;
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id, currency_rate,
                        user_id, state, invoice_status, date_order, amount_untaxed, amount_tax, amount_total,
                        create_date, write_date, create_uid, write_uid{order_columns})
SELECT 'S' || lpad(k::text, 8, '0'), CASE WHEN chance < 0.5 THEN COALESCE(contact_id, p.id) ELSE p.id END, p.id, p.id,
       company.id, company.currency_id, 1, p.user_id,
       CASE WHEN k <= %(customers)s OR chance < 0.93 THEN 'sale' WHEN chance < 0.98 THEN 'draft' ELSE 'cancel' END,
       'no', now() at time zone 'UTC' - days * interval '1 day', amount, 0, amount,
       now() at time zone 'UTC', now() at time zone 'UTC', 1, 1{order_values}
  FROM (SELECT k, random() AS chance, random() * 540 AS days, round(exp(6 + 1.5 * random_normal())::numeric, 2) AS amount,
               CASE WHEN k <= %(customers)s THEN k ELSE 1 + floor(%(customers)s * random() ^ 1.5)::int END AS n
          FROM generate_series(1, %(orders)s) AS k) AS o
  JOIN bench_partner p ON p.n = o.n
 CROSS JOIN (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) AS company;
DROP TABLE bench_partner;
"""
#: Opportunities for Odoo's own nightly scoring: a third is won or lost already and teaches the probabilities.
LEADS = """
SELECT setseed(0.5);
INSERT INTO crm_lead (name, type, active, stage_id, team_id, user_id, company_id, country_id, lang_id, source_id,
                      email_state, phone_state, won_status, probability, automated_probability, priority,
                      create_date, write_date, date_open, create_uid, write_uid)
SELECT 'Lead ' || n, 'opportunity', fate <> 'lost', CASE fate WHEN 'won' THEN won.id ELSE stage.ids[1 + n %% 3] END,
       team.id, (%(users)s)[1 + n %% array_length(%(users)s, 1)], company.id,
       country.ids[1 + floor(random() * 20)::int], lang.id, source.ids[1 + floor(random() * array_length(source.ids, 1))::int],
       CASE WHEN random() < 0.6 THEN 'correct' ELSE 'incorrect' END, CASE WHEN random() < 0.7 THEN 'correct' END,
       fate, CASE fate WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 10 END, CASE fate WHEN 'won' THEN 100 ELSE 10 END, '0',
       now() at time zone 'UTC', now() at time zone 'UTC', now() at time zone 'UTC', 1, 1
  FROM (SELECT n, CASE WHEN n > %(leads)s THEN CASE WHEN n %% 2 = 0 THEN 'won' ELSE 'lost' END ELSE 'pending' END AS fate
          FROM generate_series(1, %(leads)s * 3 / 2) AS n) AS made
 CROSS JOIN (SELECT id FROM res_company ORDER BY id LIMIT 1) AS company
 CROSS JOIN (SELECT id FROM crm_team ORDER BY id LIMIT 1) AS team
 CROSS JOIN (SELECT id FROM crm_stage WHERE is_won ORDER BY id LIMIT 1) AS won
 CROSS JOIN (SELECT array_agg(id ORDER BY sequence, id) AS ids FROM crm_stage WHERE is_won IS NOT TRUE) AS stage
 CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM res_country) AS country
 CROSS JOIN (SELECT id FROM res_lang WHERE active ORDER BY id LIMIT 1) AS lang
 CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM utm_source) AS source;
"""


def make_users(context, plain=False):
    """Salespeople with the rights of a Customer Success user, in teams of five; where the addon is missing, with the
    rights that come with those.

    :return: their ids
    """
    with context.environment(plain=plain) as env:
        group = env.ref('sales_team.group_sale_salesman' if plain else 'customer_success.group_customer_success_user')
        users = env['res.users'].with_context(no_reset_password=True).create([{
            'name': f'Salesperson {number}', 'login': f'bench{number}',
            'group_ids': [Command.set([env.ref('base.group_user').id, group.id])],
        } for number in range(1, SALESPEOPLE + 1)])
        for start in range(0, len(users), 5):
            team = users[start:start + 5]
            env['crm.team'].create({
                'name': f'Team of {team[0].name}', 'user_id': team[0].id, 'member_ids': [Command.set(team.ids)]})
        return users.ids


def make_customers(context, users, first, last, orders, plain=False):
    """Customers number ``first`` to ``last`` with ``orders`` orders of the last 18 months.

    The addon does not know yet that they are customers; that is what its refresh finds out.
    """
    extra = dict.fromkeys(('columns', 'values', 'order_columns', 'order_values'), '') if plain else {
        'columns': ', customer_enrolment', 'values': ", 'auto'",
        'order_columns': ', customer_commercial_id', 'order_values': ', p.id'}
    values = {'users': users, 'first': first, 'last': last, 'orders': orders, 'customers': last - first + 1}
    for statement in (PARTNERS.format(**extra), CONTACTS.format(**extra), ORDERS.format(**extra)):
        context.sql(statement, values, plain=plain)
    tidy(context, 'res_partner', 'sale_order', plain=plain)


def make_both(context, sizes):
    """The same users, customers and orders with the addon and without it.

    :return: the ids of the users, by whether the database is the plain one
    """
    users = {}
    for plain in (False, True):
        context.say(f"Making customers {'without' if plain else 'with'} the addon …")
        users[plain] = make_users(context, plain=plain)
        make_customers(context, users[plain], 1, sizes.customers, sizes.orders, plain=plain)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env['customer.planner']._work_queue()
    return users


def make_leads(context, users, leads):
    """Open leads, and half as many closed ones."""
    context.sql(LEADS, {'users': users, 'leads': leads})
    tidy(context, 'crm_lead')


def tidy(context, *tables, plain=False):
    """Remove what earlier runs left behind and look at the data again, so that every run starts alike."""
    connection = psycopg2.connect(**connection_info_for(context.plain_database if plain else context.database)[1])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f'VACUUM (ANALYZE) {table}')
            cursor.execute('CHECKPOINT' if _may_checkpoint(cursor) else 'SELECT 1')
    finally:
        connection.close()


def _may_checkpoint(cursor):
    cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')")
    return cursor.fetchone()[0]


def summary(seconds):
    """Several measurements of the same thing as values of a figure."""
    return {
        'runs': len(seconds), 'min': round(min(seconds), 4), 'median': round(statistics.median(seconds), 4),
        'max': round(max(seconds), 4),
    }


def report_ratio(context, name, ours, theirs, comparator, **sizes):
    """Report how long ours took against theirs: the ratio of the medians of the alternating runs."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    context.report(
        name, mine, 's', comparator, mine / other,
        **{f'ours_{key}': value for key, value in summary(ours).items()},
        **{f'theirs_{key}': value for key, value in summary(theirs).items()}, **sizes)
