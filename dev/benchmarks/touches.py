"""Ten thousand automatic emails due at once around the world: none twice, none lost, each in office hours; against a tenth."""

from collections import Counter
from datetime import datetime, timedelta

from benchmarks._data import make_customers, make_users, tidy
from freezegun import freeze_time

ZONES = ('America/New_York', 'Asia/Shanghai', 'Asia/Riyadh', 'Australia/Sydney')
#: Mondays around which clocks are changed: in New York on the Sunday before the first, in Sydney before the second.
MONDAYS = (datetime(2027, 3, 15), datetime(2027, 4, 5))
#: From the morning in Sydney to the evening in New York; what waits in Riyadh for the end of a weekend has its own Monday.
HOURS = range(-14, 26)

PLACE = "UPDATE res_partner SET customer_cadence_id = %(cadence)s, tz = %(zone)s WHERE id = ANY(%(ids)s)"
#: Nothing was planned before the day on which they joined.
DUE = """
UPDATE customer_followup SET date_planned = %(day)s, date_limit = %(day)s::date + 7, date_anchor = %(day)s::date - 30
 WHERE step_id = %(step)s AND state = 'planned'
"""


def run(context):
    sizes = context.sizes(customers=10000, orders=10000)
    users = make_users(context)
    # a tenth beside the ten thousand, on a rhythm of its own
    make_customers(context, users, 1, sizes.customers + sizes.customers // 10, sizes.orders + sizes.orders // 10)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        partners = env['res.partner'].search([('customer_managed', '=', True), ('is_company', '=', True)], order='id')
    seconds = []
    for monday, ids in zip(MONDAYS, (partners.ids[:sizes.customers // 10], partners.ids[sizes.customers // 10:]), strict=True):
        step_id, unlucky_id = plan(context, monday, ids)
        seconds.append(send_all(context, monday, step_id, ids, unlucky_id) / len(ids))
        check(context, step_id, ids, unlucky_id)
    few, many = seconds
    context.report('an automatic email of many due at once', many, 's', 'one of a tenth as many', many / few,
                   emails=len(partners) - sizes.customers // 10, theirs=round(few, 5))


def plan(context, monday, ids):
    """Put customers in four time zones on a rhythm that is due on a Monday; answers the touchpoint and whom no text fits."""
    with context.environment() as env:
        template = env['mail.template'].create({
            'name': "News", 'model_id': env['ir.model']._get_id('res.partner'), 'use_default_to': True,
            'email_from': "{{ object.user_id.email_formatted or user.email_formatted }}",
            'subject': "News for {{ object.name }}",
            'body_html': """<p>Dear <t t-out="object.name"/>, <t t-out="1 / (object.ref != 'unlucky')"/></p>"""})
        cadence = env['customer.cadence'].create({'name': f"News of {monday:%B}", 'step_ids': [(0, 0, {
            'name': "News", 'channel_id': env.ref('customer_success.customer_channel_email').id, 'automatic': True,
            'mail_template_id': template.id, 'date_start': '2020-01-01'})]})
        for number, zone in enumerate(ZONES):
            env.cr.execute(PLACE, {'cadence': cadence.id, 'zone': zone, 'ids': ids[number::len(ZONES)]})
        env['res.partner'].browse(ids[0]).ref = 'unlucky'
        env.cr.commit()
        env.invalidate_all()
        env['customer.planner']._plan(ids)
        env.flush_all()
        env.cr.execute(DUE, {'day': monday.date(), 'step': cadence.step_ids.id})
        step_id = cadence.step_ids.id
    tidy(context, 'res_partner', 'customer_followup', 'mail_mail', 'mail_message')
    return step_id, ids[0]


def send_all(context, monday, step_id, ids, unlucky_id):
    """Let the scheduled action run each hour; answers its seconds, and fails where somebody is written to at night."""
    seconds, seen = 0, set()
    for hour in HOURS:
        moment = monday + timedelta(hours=hour)
        with freeze_time(moment, tick=True), context.environment() as env:
            with context.clock() as clock:
                env['customer.sender']._cron_send()
                env.cr.commit()
            seconds += clock.seconds
            done = env['customer.followup'].search([('step_id', '=', step_id), ('state', '=', 'done')])
            for followup in done.filtered(lambda followup: followup.id not in seen):
                local = followup.partner_id._customer_now(moment)
                assert 9 <= local.hour < 17 and local.date() >= monday.date(), (followup, local)
            seen.update(done.ids)
    return seconds


def check(context, step_id, ids, unlucky_id):
    """Fail where somebody got nothing, or two; and where the one without a text held up others, or is not told."""
    with context.environment() as env:
        followups = env['customer.followup'].search([('step_id', '=', step_id)])
        done = followups.filtered(lambda followup: followup.state == 'done')
        assert set(done.partner_id.ids) == set(ids) - {unlucky_id}, len(done)
        mails = env['mail.mail'].search([('id', 'in', done.mail_id.ids)])
        told = Counter(partner_id for mail in mails for partner_id in mail.recipient_ids.ids)
        assert set(told.values()) == {1} and len(told) == len(ids) - 1, Counter(told.values())
        [left] = followups.filtered(lambda followup: followup.state == 'planned' and followup.partner_id.id == unlucky_id)
        assert left.send_problem == 'text' and "division by zero" in left.send_error, left.send_error
        assert len(followups.filtered(lambda followup: followup.state == 'planned')) == len(ids)
