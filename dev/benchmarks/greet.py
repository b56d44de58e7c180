"""Greetings of one occasion for many customers: found, drafted and planned, against Odoo's own means for the same, a template
rendered in batches and an activity for each."""

import statistics
import time

from benchmarks._data import make_customers, make_users, tidy

from odoo import fields

BATCH = 200
FOUNDED = """
INSERT INTO customer_occasion (partner_id, kind_id, calendar, month, day, year, greet, active, create_uid, create_date,
                               write_uid, write_date)
SELECT p.id, %(kind)s, 'gregorian', %(month)s, %(day)s, 1990 + p.id %% 30, 'always', TRUE, 1, now() at time zone 'UTC',
       1, now() at time zone 'UTC'
  FROM res_partner p WHERE p.customer_managed AND p.is_company
"""
#: What was said to every second customer, and may be told.
SAID = """
INSERT INTO customer_followup (partner_id, company_id, channel_id, user_id, state, contact_at, contact_day, qualifies,
                               outcome, feedback, may_tell, closed_at, create_uid, create_date, write_uid, write_date)
SELECT p.id, %(company)s, %(channel)s, p.user_id, 'done', now() at time zone 'UTC' - interval '20 days',
       current_date - 20, TRUE, 'neutral', 'The new warehouse no. ' || p.id || ' opens in spring', TRUE,
       now() at time zone 'UTC' - interval '20 days', 1, now() at time zone 'UTC', 1, now() at time zone 'UTC'
  FROM res_partner p WHERE p.customer_managed AND p.is_company AND p.id %% 2 = 0
"""


def run(context):
    sizes = context.sizes(customers=100000, orders=100000)
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env.cr.commit()
        kind = env.ref('customer_success.customer_occasion_kind_founding')
        day = fields.Date.add(fields.Date.today(), days=2)
        context.sql(FOUNDED, {'kind': kind.id, 'month': day.month, 'day': day.day})
        context.sql(SAID, {'company': env.company.id, 'channel': env.ref('customer_success.customer_channel_call').id})
    tidy(context, 'res_partner', 'customer_occasion', 'customer_followup')
    ours, count = greet(context)
    theirs = odoo_alone(context, min(count, 2000))
    context.report(
        'greetings opened', ours / count * 1000, 'ms of processor time each', 'a template rendered and an activity planned',
        (ours / count) / theirs, customers=sizes.customers, greetings=count, theirs=round(theirs * 1000, 3))


def greet(context):
    """Look for what is due and open it; answers the seconds of processor time of this process, and how many opened."""
    with context.environment() as env:
        begun = time.process_time()
        with context.clock() as clock:
            env['customer.greeter']._cron_open()
            env.cr.commit()
        spent = time.process_time() - begun
        count = env['customer.greeting'].search_count([('state', '=', 'planned')])
        texts = env['customer.greeting'].search([('draft', '!=', False)], limit=count)
        assert len(texts) == count, (len(texts), count)
    context.report('greetings opened, time of the action', clock.seconds / count * 1000, 'ms each', greetings=count)
    return spent, count


def odoo_alone(context, count):
    """The seconds of processor time that Odoo takes for a text and an activity of one customer."""
    with context.environment() as env:
        template = env['mail.template'].create({
            'name': "Congratulations", 'model_id': env['ir.model']._get_id('res.partner'),
            'subject': "Congratulations, {{ object.name }}",
            'body_html': """<p>Dear <t t-out="object.name"/>,</p><p>all the best from <t t-out="object.user_id.name"/>.</p>"""})
        env.cr.commit()
        partners = env['res.partner'].search([('customer_managed', '=', True), ('is_company', '=', True)], limit=count)
        spent = []
        for start in range(0, len(partners), BATCH):
            batch = partners[start:start + BATCH]
            begun = time.process_time()
            template._render_field('subject', batch.ids)
            template._render_field('body_html', batch.ids)
            for partner in batch:
                partner.activity_schedule('mail.mail_activity_data_call', summary="Congratulate", user_id=partner.user_id.id)
            env.flush_all()
            spent.append((time.process_time() - begun) / len(batch))
            env.cr.rollback()
            env.invalidate_all()
        return statistics.median(spent)
