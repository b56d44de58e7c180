"""CUL-6, K8: two people who spend from one budget at the same moment, each in a transaction of their own."""
from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import ValidationError
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install')
class TestCareConcurrency(TransactionCase):
    """What the two work on is committed for the time of a test, as two transactions see nothing else of each other."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(self.env.cr.dbname)
        self.created = []
        self.limit = self.env['ir.config_parameter'].get_param('customer_success.care_gift_year_limit')
        self.addCleanup(self._clean)
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {})
            self.one, self.two = self._keep([
                mail_new_test_user(
                    env, login=f'care_{name}', name=name.capitalize(), email=f'{name}@example.com', tz='UTC',
                    groups='base.group_user,customer_success.group_customer_success_user')
                for name in ('one', 'two')])
            partner = env['res.partner'].create({
                'name': "Two spenders", 'is_company': True, 'customer_enrolment': 'enrolled', 'user_id': self.one,
                'child_ids': [Command.create({'name': "Recipient"})]})
            self.partner, self.contact = self._keep([partner, partner.child_ids])
            self.meal, self.gift = self._keep([env['customer.care.kind'].create({
                'name': name, 'is_gift': is_gift}) for name, is_gift in (("Meal for two", False), ("Gift of two", True))])
            self._keep([env['customer.care.budget'].create({
                'partner_id': partner.id, 'kind_id': self.meal, 'year': str(fields.Date.today().year), 'amount': 100,
                'reason': "Agreed"})])
            env['ir.config_parameter'].set_param('customer_success.care_gift_year_limit', '100')
            cursor.commit()

    def _keep(self, records):
        """Remember what has to go again, and return the ids."""
        self.created += [(record._name, record.id) for record in records]
        return [record.id for record in records]

    def _clean(self):
        with closing(self.database.cursor()) as cursor:
            env = api.Environment(cursor, SUPERUSER_ID, {'active_test': False})
            env['customer.care.expense'].search([('partner_id', '=', self.partner)]).unlink()
            for model, record_id in reversed(self.created):
                record = env[model].browse(record_id).exists()
                people = record.partner_id if model == 'res.users' else env['res.partner']
                record.unlink()
                people.unlink()
            env['ir.config_parameter'].set_param('customer_success.care_gift_year_limit', self.limit)
            cursor.commit()

    def _booking(self, cursor, user, **vals):
        """Return a call that books 60 for the customer, as a user in a transaction."""
        env = api.Environment(cursor, user, {})

        def book():
            expense = env['customer.care.expense'].create({'name': "Spent", 'partner_id': self.partner, 'amount': 60, **vals})
            env.flush_all()
            return expense
        return book

    def _both(self, **vals):
        """Let two users book, the second one while the first did not commit yet, and return what Odoo repeats for the
        second."""
        with closing(self.database.cursor()) as first, closing(self.database.cursor()) as second:
            late = self._booking(second, self.two, **vals)
            second.execute("SELECT 1")  # its transaction begins before the other one ends
            self._booking(first, self.one, **vals)()
            with self.assertRaises(psycopg2.errors.LockNotAvailable), second.savepoint():
                second.execute("SET LOCAL lock_timeout = '100ms'")
                late()  # waits
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure), second.savepoint():
                late()
            second.execute("SET LOCAL lock_timeout = 0")
            with patch('odoo.service.model.time.sleep'), self.assertRaises(ValidationError) as refused:
                retrying(late, api.Environment(second, self.two, {}))
        return str(refused.exception)

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_cul_6_a_budget_is_spent_once(self):
        """CUL-6, K8: 60 of 100 are left to nobody twice; the second is asked for a reason."""
        self.assertRegex(self._both(kind_id=self.meal), r"go\s+over the budget")
        with closing(self.database.cursor()) as cursor:
            booked = api.Environment(cursor, SUPERUSER_ID, {})['customer.care.expense'].search(
                [('partner_id', '=', self.partner)])
            self.assertEqual(booked.mapped('amount'), [60])

    @mute_logger('odoo.sql_db', 'odoo.service.model')
    def test_cul_6_a_limit_holds_for_a_person(self):
        """CUL-6, K8: two gifts of 60 to one person at once are above the limit of 100 for a year."""
        self.assertIn("above the limit", self._both(kind_id=self.gift, contact_id=self.contact))
