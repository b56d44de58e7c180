"""STR-3: two people at the same moment, each in a transaction of their own."""
import threading
from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import LockError, UserError
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

WAIT = 'odoo.addons.customer_success.models.platform.locks.WAIT'


@tagged('post_install', '-at_install')
class TestAdjustmentConcurrency(TransactionCase):
    """What the two work on is committed for the time of a test, as two transactions see nothing else of each other."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(self.env.cr.dbname)
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            self.created = {}
            self.addCleanup(self._clean)
            self.one, self.two, self.author = self._keep('res.users', [
                mail_new_test_user(
                    env, login=f'adjust_{name}', name=name.capitalize(), email=f'{name}@example.com', tz='UTC',
                    groups=f'base.group_user,customer_success.group_customer_success_{role}')
                for name, role in (('one', 'manager'), ('two', 'manager'), ('author', 'user'))])
            partner = env['res.partner'].create({
                'name': "Two at once", 'is_company': True, 'customer_enrolment': 'enrolled', 'user_id': self.author})
            self._keep('res.partner', [partner])
            kpi = env['customer.kpi'].create({'name': "KPI of two at once", 'source': 'manual'})
            self._keep('customer.kpi', [kpi])
            today = fields.Date.context_today(partner)
            strategy = env['customer.strategy'].create({
                'partner_id': partner.id, 'core_approach': "Be there", 'date_start': today,
                'date_end': fields.Date.add(today, days=89), 'kpi_ids': [Command.create({'kpi_id': kpi.id, 'target': 80})]})
            self.env['customer.strategy.cycle']._begin(strategy)
            self._keep('customer.strategy', [strategy])
            adjustment = self.env['customer.strategy.proposer']._propose_adjustment(strategy.with_user(self.author), {
                'reason_id': env.ref('customer_success.customer_adjustment_reason_missed').id, 'reason': "Fell",
                'kind_ids': [Command.set(env.ref('customer_success.customer_adjustment_kind_approach').ids)],
                'root_cause': "Slow", 'core_approach': "Quicker", 'expected_effect': "More", 'feasibility': 'high',
                'date': fields.Date.add(today, days=2)})
            self.adjustment, = self._keep('customer.strategy.adjustment', [adjustment])
            cursor.commit()

    def _keep(self, model, records):
        """Remember what has to go again, and return the ids."""
        self.created[model] = [record.id for record in records]
        return self.created[model]

    def _clean(self):
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {'active_test': False})
            env['mail.activity'].search([
                ('res_model', '=', 'customer.strategy.adjustment'),
                ('res_id', 'in', self.created.get('customer.strategy.adjustment', []))]).unlink()
            for model in ('customer.strategy.adjustment', 'customer.strategy'):
                # below the ORM: what was submitted once can't be deleted
                cursor.execute(SQL(
                    "DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(env[model]._table), self.created.get(model, [])))
            for model in ('customer.kpi', 'res.partner', 'res.users'):
                records = env[model].browse(self.created.get(model, [])).exists()
                people = records.partner_id if model == 'res.users' else env['res.partner']
                records.unlink()
                people.unlink()
            cursor.commit()

    def _adjustment(self, cr, user):
        """Return the adjustment as a user sees it in a transaction."""
        return api.Environment(cr, user, {})['customer.strategy.adjustment'].browse(self.adjustment)

    def _submit(self):
        with closing(self.database.cursor()) as cursor:
            self._adjustment(cursor, self.author).action_submit()
            cursor.commit()

    def _state(self):
        with closing(self.database.cursor()) as cursor:
            adjustment = self._adjustment(cursor, SUPERUSER_ID)
            return adjustment.state, adjustment.decided_by_id.name

    def test_str_3_two_approvals_at_once(self):
        """STR-3: while one approves, the other is told that somebody is at it, and afterwards who it was."""
        self._submit()
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            self._adjustment(first, self.one).action_approve()
            first.flush()
            with self.assertRaisesRegex(LockError, "ADJ/.*: Two at once is being worked on"), patch(WAIT, 100):
                self._adjustment(second, self.two).action_approve()
            second.rollback()
            first.commit()
            with self.assertRaisesRegex(UserError, "can't be done with ADJ/.* any more: One approved it on"):
                self._adjustment(second, self.two).action_approve()
        self.assertEqual(self._state(), ('approved', "One"))

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_str_3_waits(self):
        """STR-3, K8: whoever approves while another is at it waits until that is through, and is told what became of it."""
        self._submit()
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            self._adjustment(first, self.one).action_approve()
            first.flush()
            timer = threading.Timer(0.5, first.commit)
            timer.start()
            late = self._adjustment(second, self.two)
            with patch('odoo.service.model.time.sleep'), self.assertRaisesRegex(UserError, "One approved it on"):
                retrying(late.action_approve, late.env)
            timer.join()
        self.assertEqual(self._state(), ('approved', "One"))

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_str_3_two_approvals_one_after_the_other(self):
        """STR-3: whoever began before the other was done wins nothing either, and is told by the call that Odoo repeats."""
        self._submit()
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            late = self._adjustment(second, self.two)
            self.assertEqual(late.state, 'submitted')
            self._adjustment(first, self.one).action_approve()
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure), second.savepoint():
                late.action_approve()
            with patch('odoo.service.model.time.sleep'), self.assertRaisesRegex(UserError, "One approved it on"):
                retrying(late.action_approve, late.env)
        self.assertEqual(self._state(), ('approved', "One"))

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_str_3_changed_while_submitted(self):
        """STR-3: a KPI that is just being changed can't slip into what was submitted meanwhile, nor the other way round."""
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            writing = self._adjustment(first, self.author)
            self.assertEqual(writing.state, 'draft')
            self._submit()

            def change():
                writing.kpi_ids[0].new_target = 5

            with self.assertRaises(psycopg2.errors.SerializationFailure), first.savepoint():
                change()
            with patch('odoo.service.model.time.sleep'), self.assertRaisesRegex(UserError, "can't be changed any more"):
                retrying(change, writing.env)
            first.rollback()
            self._adjustment(first, self.author).action_recall()
            first.commit()
            self._adjustment(first, self.author).kpi_ids[0].new_target = 5
            first.flush()
            with self.assertRaisesRegex(LockError, "is being worked on"), patch(WAIT, 100):
                self._adjustment(second, self.author).action_submit()
