"""What people write by day, one by one and together, with the addon and without it: contacts, orders, invoices, messages,
meetings, activities."""

from datetime import timedelta

from benchmarks._data import make_both, report_ratio, tidy

from odoo import Command, fields

RUNS = 7
WARM_UP = 2
MANY = 100


def run(context):
    sizes = context.sizes(customers=200000, orders=600000)
    users = make_both(context, sizes)
    tidy(context, 'res_partner', 'sale_order', 'customer_followup', 'customer_plan_request')
    tidy(context, 'res_partner', 'sale_order', plain=True)
    goods = {plain: make_goods(context, plain) for plain in (False, True)}
    for name, prepare, act, count in WORK:
        seconds = {False: [], True: []}
        for number in range(RUNS + WARM_UP):
            for plain in (False, True) if number % 2 else (True, False):
                with context.environment(plain=plain) as env:
                    records = prepare(env, number * MANY, count, goods[plain], users[plain][0])
                    env.flush_all()
                    env.cr.commit()
                    env.invalidate_all()
                    with context.clock() as clock:
                        act(env, records)
                        env.flush_all()
                        env.cr.commit()
                if number >= WARM_UP:
                    seconds[plain].append(clock.seconds)
        report_ratio(context, name, seconds[False], seconds[True], 'the same without the addon',
                     customers=sizes.customers, orders=sizes.orders, records=count)


def make_goods(context, plain):
    """Something to sell, and what an invoice needs."""
    with context.environment(plain=plain) as env:
        journal = env['account.journal'].search([('type', '=', 'sale')], limit=1)
        product = env['product.product'].create({'name': "Goods", 'type': 'service', 'list_price': 100, 'taxes_id': False})
        return {'product': product.id, 'journal': journal.id}


# ------------------------------------------------------------
# WHAT IS WORKED ON
# ------------------------------------------------------------

def nothing(env, number, count, goods, user):
    return [{'name': f'New contact {number + place}', 'email': f'new{number + place}@example.com', 'phone': '+32 2 555 01 01',
             'user_id': user} for place in range(count)]


def customers(env, number, count, goods, user):
    """Customers that were there before, those of all salespeople by turns."""
    return env['res.partner'].search(
        [('is_company', '=', True), ('name', '=like', 'Company %')], order='id', offset=number, limit=count)


def orders(env, number, count, goods, user):
    return env['sale.order'].create([{
        'partner_id': customer.id,
        'order_line': [Command.create({'product_id': goods['product'], 'price_unit': 1000})],
    } for customer in customers(env, number, count, goods, user)])


def invoices(env, number, count, goods, user):
    return env['account.move'].create([{
        'move_type': 'out_invoice', 'partner_id': customer.id, 'invoice_date': fields.Date.today(),
        'invoice_line_ids': [Command.create({'product_id': goods['product'], 'price_unit': 1000, 'tax_ids': False})],
    } for customer in customers(env, number, count, goods, user)]) if goods['journal'] else env['account.move']


def activities(env, number, count, goods, user):
    activity_type = env.ref('mail.mail_activity_data_call')
    return env['mail.activity'].create([{
        'res_model_id': env['ir.model']._get_id('res.partner'), 'res_id': customer.id, 'activity_type_id': activity_type.id,
        'user_id': user, 'summary': "Call",
    } for customer in customers(env, number, count, goods, user)])


# ------------------------------------------------------------
# WHAT IS DONE
# ------------------------------------------------------------

def one_by_one(values):
    """Return an action that writes values to each record alone."""
    def act(env, records):
        for record in records:
            record.write(values)
    return act


def say(env, records):
    for record in records:
        record.message_post(body="They asked for a price list.", message_type='comment', subtype_xmlid='mail.mt_note')


def meet(env, records):
    start = fields.Datetime.now() + timedelta(days=1)
    for record in records:
        env['calendar.event'].create({
            'name': "Meeting", 'start': start, 'stop': start + timedelta(hours=1), 'partner_ids': [Command.set(record.ids)]})


WORK = [
    ('create a contact', nothing, lambda env, vals: env['res.partner'].create(vals), 1),
    ('create contacts together', nothing, lambda env, vals: env['res.partner'].create(vals), MANY),
    ('change the phone of a customer', customers, one_by_one({'phone': '+32 2 555 02 02'}), 1),
    ('change the city of a customer', customers, one_by_one({'city': "Ghent"}), 1),
    ('change the salesperson of a customer', customers, lambda env, records: records.write({
        'user_id': env['res.users'].search([('login', '=', 'bench7')]).id}), 1),
    ('change the city of customers together', customers, lambda env, records: records.write({'city': "Ghent"}), MANY),
    ('confirm an order of a customer', orders, lambda env, records: records.action_confirm(), 1),
    ('confirm orders of customers together', orders, lambda env, records: records.action_confirm(), 20),
    ('post an invoice of a customer', invoices, lambda env, records: records and records.action_post(), 1),
    ('note on a customer', customers, say, 1),
    ('meeting with a customer', customers, meet, 1),
    ('activity done', activities, lambda env, records: records.action_feedback("They will think about it."), 1),
]
