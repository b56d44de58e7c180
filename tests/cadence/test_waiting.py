"""CAD-5, K8: somebody logs while a batch of customers is being planned."""
import threading
from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.exceptions import LockError, UserError
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..common import CustomerCase

LOCKS = 'odoo.addons.customer_success.models.platform.locks.WAIT'


@tagged('post_install', '-at_install')
class TestWaiting(TransactionCase):
    """What two transactions work on is committed for the time of a test, as they see nothing else of each other."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(self.env.cr.dbname)
        self.addCleanup(self._clean)
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            partner = env['res.partner'].create({
                'name': "Waited for", 'is_company': True, 'customer_enrolment': 'enrolled', 'user_id': SUPERUSER_ID})
            self.partner = partner.id
            env['customer.planner']._plan(partner.ids)
            self.followup = env['customer.followup'].search([('partner_id', '=', partner.id)], limit=1).id
            self.reason = env.ref('customer_success.customer_reason_asked').id
            self.assertTrue(self.followup)
            cursor.commit()

    def _clean(self):
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            env['res.partner'].browse(self.partner).write({'customer_enrolment': 'auto'})
            env['res.partner'].browse(self.partner).unlink()
            cursor.commit()

    def _skip(self, cursor):
        """Return a call that skips the follow-up."""
        env = api.Environment(cursor, SUPERUSER_ID, {})

        def skip():
            env['customer.followup'].browse(self.followup)._skip(env['customer.followup.reason'].browse(self.reason))
            env.flush_all()
        return skip

    def _state(self):
        with closing(self.database.cursor()) as cursor:
            return api.Environment(cursor, SUPERUSER_ID, {})['customer.followup'].browse(self.followup).state

    def test_cad_5_waits_for_a_batch(self):
        """CAD-5, K8: whoever skips while the planner holds the follow-up waits until its batch is through."""
        with closing(self.database.cursor()) as planner, closing(self.database.cursor()) as person:
            planner.execute("SELECT id FROM customer_followup WHERE id = %s FOR UPDATE", [self.followup])
            timer = threading.Timer(0.5, planner.commit)
            timer.start()
            self._skip(person)()
            person.commit()
            timer.join()
        self.assertEqual(self._state(), 'skipped')

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_cad_5_repeats_what_changed(self):
        """CAD-5, K8: where the planner changed the follow-up meanwhile, Odoo repeats the call, which goes through."""
        with closing(self.database.cursor()) as planner, closing(self.database.cursor()) as person:
            skip = self._skip(person)
            person.execute("SELECT 1")
            planner.execute(
                "UPDATE customer_followup SET date_planned = date_planned + 1 WHERE id = %s", [self.followup])
            planner.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure), person.savepoint():
                skip()
            with patch('odoo.service.model.time.sleep'):
                retrying(skip, api.Environment(person, SUPERUSER_ID, {}))
            person.commit()
        self.assertEqual(self._state(), 'skipped')

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_cad_5_two_people_at_once(self):
        """CAD-5, K8: of two people who skip at once, the second hears what became of it."""
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            late = self._skip(second)
            second.execute("SELECT 1")
            self._skip(first)()
            first.commit()
            with patch('odoo.service.model.time.sleep'), self.assertRaisesRegex(UserError, "is closed already"):
                retrying(late, api.Environment(second, SUPERUSER_ID, {}))

    def test_cad_5_not_for_ever(self):
        """CAD-5, K8: who waited for too long is told in words, and may go on in the same transaction."""
        with closing(self.database.cursor()) as planner, closing(self.database.cursor()) as person, patch(LOCKS, 200):
            planner.execute("SELECT id FROM customer_followup WHERE id = %s FOR UPDATE", [self.followup])
            with self.assertRaisesRegex(LockError, "Waited for.* is being worked on"):
                self._skip(person)()
            planner.rollback()
            self._skip(person)()
            person.commit()
        self.assertEqual(self._state(), 'skipped')


class TestBatches(CustomerCase):

    def test_cad_4_small_batches_by_day(self):
        """CAD-4, K8: while people work, by the clock of the company, a transaction of the planner is a short one."""
        self.env['customer.clock']._main_company().partner_id.tz = 'Asia/Shanghai'
        sizes = []
        for hour in (1, 12):  # 09:00 and 20:00 in Shanghai
            with self._on('2026-03-02', hour):
                sizes.append(self.env['customer.planner']._batch_size())
        self.assertEqual(sizes, [500, 20000])
