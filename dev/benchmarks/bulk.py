"""What people do with many records of a list at once, against the same with a tenth as many."""

from benchmarks._data import make_customers, make_users, tidy

from odoo import Command, fields

FEW, MANY = 50, 500


def run(context):
    sizes = context.sizes(customers=50000, orders=150000)
    context.say("Making customers and orders …")
    users = make_users(context)
    make_customers(context, users, 1, sizes.customers, sizes.orders)
    with context.environment() as env:
        env['customer.ranking']._refresh_all()
        env['customer.planner']._work_queue()
        manager = env['res.users'].with_context(no_reset_password=True).create({
            'name': "Manager", 'login': 'benchmanager', 'group_ids': [Command.set([
                env.ref('customer_success.group_customer_success_manager').id,
                env.ref('sales_team.group_sale_manager').id])]}).id
    tidy(context, 'res_partner', 'customer_followup', 'customer_contact_date', 'sale_order')
    size = {'customers': sizes.customers, 'orders': sizes.orders}
    for name, act in ACTIONS.items():
        figures = [measured(context, manager, users, act, count) for count in (FEW, MANY)]
        (few, asked_few), (many, asked_many) = figures
        context.report(
            f'{name}, {MANY} at once', many, 's', f'the same with {FEW}', many / few, theirs=round(few, 3),
            queries=asked_many, more_for_each=round((asked_many - asked_few) / (MANY - FEW), 1), **size)


def measured(context, manager, users, act, count):
    """Do something with so many as a manager, and take it back; answers the seconds and the number of queries."""
    with context.environment(user=manager, lang='en_US', tz='UTC') as env:
        prepared = act(env, count, users)
        env.flush_all()
        asked = env.cr.sql_log_count
        with context.clock() as clock:
            prepared()
            env.flush_all()
            env.cr.precommit.run()
        asked = env.cr.sql_log_count - asked
        env.cr.rollback()
    return clock.seconds, asked


def customers(env, count):
    """Return so many companies that are customers."""
    return env['res.partner'].search([('customer_managed', '=', True), ('is_company', '=', True)], limit=count, order='id')


def due(env, count):
    """Return so many open follow-ups."""
    return env['customer.followup'].search([('state', '=', 'planned')], limit=count, order='id')


def dialog(env, model, values, button):
    """Return what a dialog does when it is confirmed."""
    return getattr(env[model].create(values), button)


def change(env, count, **values):
    """Return the dialog over many follow-ups."""
    return dialog(env, 'customer.followup.change', {'followup_ids': due(env, count).ids, **values}, 'action_apply')


def reason(env):
    """Return a reason that asks for no sentence."""
    return env['customer.followup.reason'].search([('needs_note', '=', False)], limit=1).id


def later(env):
    """Return a day that follow-ups are moved to."""
    return fields.Date.add(fields.Date.context_today(env.user), days=20)


#: By name, what is prepared: a function of environment, count and users that returns what is measured.
ACTIONS = {
    'follow-ups done': lambda env, count, users: change(env, count, action='done', note="Newsletter"),
    'follow-ups skipped': lambda env, count, users: change(env, count, action='skip', reason_id=reason(env)),
    'follow-ups moved': lambda env, count, users: change(
        env, count, action='move', date=later(env), reason_id=reason(env)),
    'follow-ups given to a colleague': lambda env, count, users: change(
        env, count, action='reassign', user_id=users[3]),
    'follow-ups planned': lambda env, count, users: dialog(env, 'customer.followup.plan', {
        'partner_ids': customers(env, count).ids, 'name': "Invite", 'date_planned': later(env),
        'channel_id': env.ref('customer_success.customer_channel_call').id}, 'action_plan'),
    'customers handed over': lambda env, count, users: dialog(env, 'customer.assign', {
        'partner_ids': customers(env, count).ids, 'user_id': users[3]}, 'action_apply'),
    'customers paused': lambda env, count, users: dialog(env, 'customer.pause.wizard', {
        'partner_ids': customers(env, count).ids, 'kind': 'pause', 'date_to': later(env), 'reason_id': reason(env)},
        'action_apply'),
    'customers put into a tier': lambda env, count, users: dialog(env, 'customer.tier.manual', {
        'partner_ids': customers(env, count).ids, 'reason': "Agreed",
        'tier_id': env.ref('customer_success.customer_tier_low').id}, 'action_set'),
    'strategies started': lambda env, count, users: dialog(env, 'customer.strategy.start', {
        'partner_ids': customers(env, count).ids,
        'template_id': env['customer.strategy.template'].search([], limit=1).id}, 'action_start'),
    'customers excluded': lambda env, count, users: customers(env, count).action_customer_exclude,
    'profiles confirmed': lambda env, count, users: customers(env, count).action_customer_confirm,
}
