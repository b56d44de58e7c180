"""Logging a contact by the dialog, one after the other and eight people at once, against planning an activity and doing it."""

import threading

from benchmarks._data import make_both, report_ratio, tidy

from odoo.service.model import retrying

RUNS = 40
WARM_UP = 5
PEOPLE = 8
EACH = 25


def run(context):
    sizes = context.sizes(customers=20000, orders=60000)
    users = make_both(context, sizes)
    with context.environment() as env:
        env['customer.planner']._work_queue()
    tidy(context, 'res_partner', 'customer_followup', 'customer_contact_date')
    tidy(context, 'res_partner', 'mail_activity', plain=True)
    seconds = {False: [], True: []}
    mine = {plain: own(context, plain, users[plain][0]) for plain in (False, True)}
    for number in range(RUNS + WARM_UP):
        for plain in (False, True) if number % 2 else (True, False):
            with context.clock() as clock:
                once(context, plain, users[plain][0], mine[plain][number])
            if number >= WARM_UP:
                seconds[plain].append(clock.seconds)
    report_ratio(context, 'log a contact', seconds[False], seconds[True], 'an activity planned and done without the addon',
                 customers=sizes.customers)
    at_once = {plain: [together(context, plain, users[plain], number) for number in range(3)] for plain in (False, True)}
    report_ratio(context, f'{PEOPLE} people log at once', at_once[False], at_once[True], 'as many activities without the addon',
                 customers=sizes.customers, records=PEOPLE * EACH)


def own(context, plain, user, skip=0, count=PEOPLE * EACH):
    with context.environment(plain=plain, user=user) as env:
        return env['res.partner'].search(
            [('user_id', '=', user), ('is_company', '=', True)], order='id', offset=skip, limit=count).ids


def once(context, plain, user, partner_id):
    """One request: the dialog with what somebody typed, or an activity that is planned and ticked off."""
    with context.environment(plain=plain, user=user, lang='en_US', tz='UTC') as env:
        retrying(lambda: (tick if plain else log)(env, partner_id), env)


def log(env, partner_id):
    env['customer.followup.log'].create({
        'partner_id': partner_id, 'outcome': 'satisfied', 'feedback': "They asked for a price list."}).action_done()


def tick(env, partner_id):
    env['res.partner'].browse(partner_id).activity_schedule(
        'mail.mail_activity_data_call', summary="Call", user_id=env.uid).action_feedback("They asked for a price list.")


def together(context, plain, users, number):
    """Let several people work at the same time, each with own customers; answers the seconds until all are done."""
    failures = []
    work = [(user, own(context, plain, user, 50 + number * EACH, EACH)) for user in users[:PEOPLE]]

    def sit(user, partner_ids):
        try:
            for partner_id in partner_ids:
                once(context, plain, user, partner_id)
        except Exception as error:  # what a thread raises would be lost
            failures.append(error)

    people = [threading.Thread(target=sit, args=each) for each in work]
    with context.clock() as clock:
        for person in people:
            person.start()
        for person in people:
            person.join()
    if failures:
        raise failures[0]
    return clock.seconds
