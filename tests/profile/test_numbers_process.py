"""PRO-1, K8: the first customers of a company, of a year and the first adjustments, by several people at once."""
from odoo.tests import tagged

from ..process import ProcessCase

#: So many people enrol their first customer in the same moment.
PEOPLE = 8

#: Everybody has begun with the work, so that nobody sees what the others do, before the first one goes on.
ENROL = """
import threading
from odoo.api import Environment
from odoo.sql_db import db_connect
from freezegun import freeze_time

barrier, errors, numbers = threading.Barrier({people}), [], []

def enrol(number):
    with db_connect(env.cr.dbname).cursor() as cr:
        mine = Environment(cr, 1, {{}})
        mine['res.company'].search([]).mapped('name')
        barrier.wait()
        try:
            customer = mine['res.partner'].create({{
                'name': f'First {{number}}', 'is_company': True, 'customer_enrolment': 'enrolled'}})
            numbers.append((customer.ref, mine.company._next_adjustment_number()))
            cr.commit()
        except Exception as error:
            errors.append(f'{{type(error).__name__}}: {{error}}')
            cr.rollback()

def enrol_all():
    threads = [threading.Thread(target=enrol, args=(number,)) for number in range({people})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
    for kind in zip(*numbers):
        assert len(set(kind)) == {people}, kind
        assert len({{number[:-3] for number in kind}}) == 1, kind
    numbers.clear()

assert not env['ir.sequence'].search([('code', '=like', 'customer_success.%')])
enrol_all()
with freeze_time('2051-03-03 10:00:00'):
    enrol_all()
env.cr.rollback()
sequences = env['ir.sequence'].search([('code', '=like', 'customer_success.%')])
assert len(sequences) == 2, sequences.mapped('name')
assert len(sequences.date_range_ids) == 4, sequences.date_range_ids.mapped('date_from')
"""


@tagged('post_install', '-at_install')
class TestNumbersProcess(ProcessCase):

    def test_pro_1_first_numbers_at_once(self):
        """PRO-1, STR-3, K8: the first customers and adjustments of a company, and of a year, are numbered without errors
        and without a number twice, whoever makes them at the same moment."""
        database = self._database('numbers')
        self._sql(database, """
            DELETE FROM ir_sequence WHERE code LIKE 'customer_success.%';
            UPDATE res_company SET customer_abbreviation = NULL""")
        self._finish(self._start(database, ENROL.format(people=PEOPLE)))
