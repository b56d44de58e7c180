"""PLT-3, CAD-4, PRO-1: several people do the same with one customer in the same moment, each in a transaction of its own."""
from odoo.tests import tagged

from ..process import ProcessCase

PEOPLE = 6

#: Each call is tried again after a conflict, as Odoo does with calls of the web client.
AT_ONCE = """
import threading
from odoo import fields
from odoo.api import Environment
from odoo.service.model import retrying
from odoo.sql_db import db_connect

def at_once(act, people={people}):
    barrier, errors = threading.Barrier(people), []

    def one(number):
        with db_connect(env.cr.dbname).cursor() as cr:
            mine = Environment(cr, 1, {{}})
            mine['res.company'].search([]).mapped('name')
            barrier.wait()
            try:
                retrying(lambda: act(mine, number), mine)
                cr.commit()
            except Exception as error:
                errors.append(f'{{type(error).__name__}}: {{error}}')
                cr.rollback()
    threads = [threading.Thread(target=one, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    env.cr.rollback()
    env.invalidate_all()

def open_steps():
    rows = env['customer.followup'].search([
        ('partner_id', '=', customer.id), ('state', '=', 'planned'), ('step_id', '!=', False)])
    assert len(rows) == len(rows.step_id), rows.mapped('display_name')
    return rows

customer = env['res.partner'].create({{'name': "Wanted by all", 'is_company': True}})
env.cr.commit()

# enrolled by all: one customer, one number, each touchpoint once
at_once(lambda mine, number: mine['res.partner'].browse(customer.id).action_customer_enrol())
assert customer.customer_managed and customer.customer_number == customer.ref, customer.read(['ref', 'customer_number'])
assert open_steps()
assert env['customer.tier.change'].search_count([('partner_id', '=', customer.id)]) == 1

# logged by all: what each of them said is kept, the touchpoint goes on once
call = env.ref('customer_success.customer_channel_call')
at_once(lambda mine, number: mine['res.partner'].browse(customer.id)._log_contact(
    channel=mine['customer.channel'].browse(call.id), contact_at=fields.Datetime.now(), feedback=f'Said to {{number}}'))
said = env['customer.followup'].search([('partner_id', '=', customer.id), ('state', '=', 'done')]).mapped('feedback')
assert sorted(said) == [f'Said to {{number}}' for number in range({people})], said
assert open_steps()

# planned by all, while it changes
def plan(mine, number):
    partner = mine['res.partner'].browse(customer.id)
    if number == 1:  # one alone: Odoo's own followers are no match for two who assign the same salesperson
        partner.user_id = 2
    mine['customer.planner']._plan([customer.id])
at_once(plan)
assert open_steps()

# the dates beside the customer are those of its follow-ups
dates = env['customer.contact.date'].search([('partner_id', '=', customer.id)])
assert len(dates) == 1, dates
assert dates.next_contact == min(open_steps().mapped('date_planned')), (dates.next_contact, open_steps().mapped('date_planned'))
"""


@tagged('post_install', '-at_install')
class TestAtOnceProcess(ProcessCase):

    def test_one_customer_several_people(self):
        """Enrolling, logging and planning one customer at the same moment ends as if it had been done one after the other."""
        self._finish(self._start(self._database('at_once'), AT_ONCE.format(people=PEOPLE)))
