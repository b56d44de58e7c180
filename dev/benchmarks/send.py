"""Automatic emails: chosen, written, queued, logged and the next ones planned, against Odoo's own batch sending of the same
template to the same customers."""

from unittest.mock import patch

from benchmarks._data import make_customers, make_users, report_ratio, tidy

ROUNDS = 3
OWN = "UPDATE res_partner SET customer_cadence_id = %(cadence)s WHERE id = ANY(%(ids)s)"
DUE = """
UPDATE customer_followup SET date_planned = current_date - 1, date_anchor = current_date - 40
 WHERE step_id = %(step)s AND state = 'planned'
"""


def run(context):
    sizes = context.sizes(customers=2000 * ROUNDS, orders=2000 * ROUNDS)
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        template = env['mail.template'].create({
            'name': "News", 'model_id': env['ir.model']._get_id('res.partner'), 'use_default_to': True,
            'email_from': "{{ object.user_id.email_formatted or user.email_formatted }}",
            'subject': "News for {{ object.name }}", 'auto_delete': True,
            'body_html': """<div><p>Dear <t t-out="object.name"/>,</p>
                <p t-if="object.city">how are things going in <t t-out="object.city"/>? Here is what is new:</p>
                <ul><li>New opening hours</li><li>A second warehouse</li><li>More people who answer your calls</li></ul>
                <p>Best regards<br/><t t-out="object.user_id.name"/></p></div>"""})
        partners = env['res.partner'].search([('customer_managed', '=', True), ('is_company', '=', True)], order='id')
        steps, parts = [], []
        for number in range(ROUNDS):
            cadence = env['customer.cadence'].create({'name': f"Round {number}", 'step_ids': [(0, 0, {
                'name': "News", 'channel_id': env.ref('customer_success.customer_channel_email').id, 'automatic': True,
                'mail_template_id': template.id, 'date_start': '2020-01-01'})]})
            part = partners[number::ROUNDS].ids
            steps.append(cadence.step_ids.id)
            parts.append(part)
            env.cr.execute(OWN, {'cadence': cadence.id, 'ids': part})
        env.cr.commit()
        env.invalidate_all()
        env['customer.planner']._plan(partners.ids)
    tidy(context, 'res_partner', 'customer_followup', 'mail_mail', 'mail_message')
    ours, theirs = [], []
    for step_id, part in zip(steps, parts, strict=True):
        context.sql(DUE, {'step': step_id})
        ours.append(send(context, step_id, len(part)))
        theirs.append(odoo_alone(context, template.id, part))
    report_ratio(context, 'automatic emails queued', ours, theirs, 'mail.template.send_mail_batch of the same template',
                 emails=sizes.customers // ROUNDS)


def send(context, step_id, count):
    """Send what is due, at any hour of any day; answers the seconds."""
    with context.environment() as env:
        sender = env.registry['customer.sender']
        original = sender._is_office_time

        def any_time(self, followup, is_open):
            original(self, followup, is_open)
            return True

        with patch.object(sender, '_is_office_time', any_time), context.clock() as clock:
            env['customer.sender']._cron_send()
            env.cr.commit()
        sent = env['customer.followup'].search_count([('step_id', '=', step_id), ('state', '=', 'done')])
        mails = env['mail.mail'].search_count([('customer_delivery', '=', 'waiting'), ('state', '=', 'outgoing')])
        ahead = env['customer.followup'].search_count([('step_id', '=', step_id), ('state', '=', 'planned')])
        assert (sent, ahead) == (count, count) and mails >= count, (sent, ahead, mails, count)
    return clock.seconds


def odoo_alone(context, template_id, partner_ids):
    """The seconds that Odoo takes to queue the template for the same partners."""
    with context.environment() as env:
        with context.clock() as clock:
            mails = env['mail.template'].browse(template_id).send_mail_batch(partner_ids)
            env.cr.commit()
        assert len(mails) == len(partner_ids)
    return clock.seconds
