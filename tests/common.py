"""Who and what the tests work with."""
from contextlib import contextmanager
from datetime import datetime, time
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.base.tests.common import BaseCommon

from .strict import refuse_records_as_text

GROUP = 'customer_success.group_customer_success_'

#: Nobody is written to.
QUIETLY = {'mail_create_nolog': True, 'mail_create_nosubscribe': True, 'mail_notrack': True, 'no_reset_password': True}


@tagged('post_install', '-at_install')
class CustomerCase(BaseCommon):
    """People and customers of a small sales organisation.

    ::

        company (main)                                        company_2
        │                                                     │
        ├─ mara   Manager: sees and configures everything     └─ zoe   Manager, of company 2 only
        ├─ team_north                                             (a manager, so that nothing but the
        │   ├─ lena   Team leader, leads team_north                company can hide a record from her)
        │   ├─ anna   User: the responsible person by default
        │   └─ ben    User
        ├─ team_south
        │   ├─ li     Team leader, leads team_south
        │   └─ otto   User
        └─ nils       internal user without any Customer Success group

    Customers come into being as in real life: by a confirmed sale order (:meth:`_order`) or because somebody enrolled
    them (:meth:`_customer`). ``cadence`` is a cadence with one monthly call; customers follow it only when a test says
    so (``customer_cadence_id``), else the shipped cadences of their tier hold.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # time goes on as it does; where it is stopped, freezegun need not look through all modules each time
        clock = freeze_time(tick=True)
        clock.start()
        cls.addClassCleanup(clock.stop)
        refuse_records_as_text(cls)
        # how large the tables of a database are decides whether they are counted again: no test is to see that by chance
        cls.classPatch(type(cls.env['customer.statistics']), '_keep', lambda model, *tables: [])
        # whether orders of the demo data are enough for a churn model is for no test to see
        cls.env.cr.execute("DELETE FROM customer_churn_fit")
        cls.env['customer.churn.fit'].invalidate_model()
        # all live in one time zone, else it is not the same day for everybody an hour before midnight
        cls.env.user.tz = 'UTC'
        cls.company_2 = cls._create_company(name="Second Company")
        cls.env['res.company'].search([]).partner_id.tz = 'UTC'
        # together: one after the other they are the greater part of what a class costs
        cls.mara, cls.lena, cls.anna, cls.ben, cls.li, cls.otto, cls.nils, cls.zoe = cls._users([
            cls._user_values(login, role) for login, role in (
                ('mara', 'manager'), ('lena', 'leader'), ('anna', 'user'), ('ben', 'user'), ('li', 'leader'), ('otto', 'user'))
        ] + [
            cls._user_values('nils', None),
            cls._user_values('zoe', 'manager', company_id=cls.company_2.id, company_ids=[Command.set(cls.company_2.ids)]),
        ])
        cls.team_north, cls.team_south = cls.env['crm.team'].create([
            {'name': "North", 'user_id': cls.lena.id, 'member_ids': [Command.set((cls.lena + cls.anna + cls.ben).ids)]},
            {'name': "South", 'user_id': cls.li.id, 'member_ids': [Command.set((cls.li + cls.otto).ids)]},
        ])
        cls.call, cls.video, cls.visit, cls.executive_visit, cls.email, cls.sms, cls.messenger, cls.survey = (
            cls.env.ref(f'customer_success.customer_channel_{name}') for name in (
                'call', 'video', 'visit', 'executive_visit', 'email', 'sms', 'messenger', 'survey'))
        cls.tier_high, cls.tier_mid, cls.tier_low = (
            cls.env.ref(f'customer_success.customer_tier_{name}') for name in ('high', 'mid', 'low'))
        cls.reason = cls.env.ref('customer_success.customer_reason_asked')
        cls.product_thing = cls.env['product.product'].create({'name': "Thing", 'type': 'service', 'taxes_id': False})
        # those of the demo data would begin with each order of a test
        cls.env['customer.onboarding.plan'].search([]).action_archive()
        # and those would give away whoever of a test has nobody
        cls.env['customer.assignment.rule'].search([]).action_archive()
        # and this with each person of a test who leaves, and the introduction with each change of hands: together, because
        # the customers of the demo data are looked through each time
        (cls.env['customer.cadence'].search([('for_people', '=', True)])
         | cls.env.ref('customer_success.customer_cadence_handover')).active = False
        cls.cadence = cls._cadence("Test rhythm", {'name': "Monthly call", 'channel_id': cls.call.id})
        cls.step = cls.cadence.step_ids

    @classmethod
    def _user(cls, login, role, **vals):
        """Return a new user with a role of the addon: ``user``, ``leader`` or ``manager``."""
        return cls._users([cls._user_values(login, role, **vals)])

    @classmethod
    def _user_values(cls, login, role, **vals):
        """Return the values of a new user; without a role it is one of Odoo alone."""
        groups = cls.env.ref('base.group_user') + (cls.env.ref(GROUP + role) if role else cls.env['res.groups'])
        return {
            'login': login, 'name': login.capitalize(), 'email': f'{login}@example.com', 'tz': 'UTC',
            'password': login.ljust(8, 'x'), 'group_ids': [Command.set(groups.ids)], **vals}

    @classmethod
    def _users(cls, vals_list):
        """Return new users, who get no email about it, and no picture: those that Odoo draws in five sizes cost a third."""
        with patch.object(type(cls.env['res.partner']), '_avatar_generate_svg', lambda partner: False):
            users = cls.env['res.users'].with_context(**QUIETLY).create(vals_list)
        return users.with_env(cls.env)

    @classmethod
    def _customer(cls, name, **vals):
        """Return a company that somebody enrolled today, looked after by Anna."""
        return cls.env['res.partner'].create({
            'name': name, 'is_company': True, 'user_id': cls.anna.id, 'customer_enrolment': 'enrolled', **vals})

    @classmethod
    def _order(cls, partner, amount, date=None, **vals):
        """Return a sale order over an amount without taxes that was confirmed at noon of a day, today by default.

        Whoever was no customer before becomes one on that day. The customer's figures are those of today.
        """
        day = fields.Date.to_date(date) or fields.Date.context_today(partner)
        with freeze_time(datetime.combine(day, time(12))):
            order = cls.env['sale.order'].create({
                'partner_id': partner.id,
                'order_line': [Command.create({
                    'product_id': cls.product_thing.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': False})],
                **vals,
            })
            order.action_confirm()
        cls.env['customer.ranking']._rank(partner.commercial_partner_id.ids)
        return order

    @classmethod
    def _cadence(cls, name, *steps, **vals):
        """Return a cadence with touchpoints; a touchpoint is monthly and in force for long unless it says otherwise."""
        return cls.env['customer.cadence'].create({
            'name': name,
            'step_ids': [Command.create({'date_start': '2020-01-01', **step}) for step in steps],
            **vals,
        })

    @classmethod
    def _open(cls, partner, step=None):
        """Return the open follow-ups of a customer, of one touchpoint if given, the earliest first."""
        domain = [('partner_id', '=', partner.id), ('state', '=', 'planned')]
        if step:
            domain.append(('step_id', 'in', step.ids))
        return cls.env['customer.followup'].search(domain, order='date_planned, id')

    @classmethod
    def _log(cls, partner, channel=None, contact_at=None, **vals):
        """Return the record of a contact with a customer that was just made, by call unless said otherwise."""
        return partner._log_contact(
            channel=channel or cls.call, contact_at=fields.Datetime.to_datetime(contact_at) or fields.Datetime.now(),
            **vals)

    def _run_cron(self, name):
        """Run a scheduled action of the addon (``plan``, ``remind``, ``refresh``) the way Odoo does, commits included.

        Odoo only writes into the log that an action failed; here it fails the test.
        """
        cron, errors = self.env.ref(f'customer_success.ir_cron_{name}').sudo(), []
        original = type(cron)._callback

        def callback(self, *args):
            try:
                return original(self, *args)
            except Exception as error:
                errors.append(error)
                raise

        with patch.object(type(cron), '_callback', callback), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        if errors:
            raise errors[0]
        self.env.invalidate_all()

    @contextmanager
    def _refused(self, message):
        """Expect that the database refuses something, with a message for people."""
        with self.assertRaises(psycopg2.IntegrityError) as refused, mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            yield
            self.env.flush_all()
        table = refused.exception.diag.table_name
        model = next(model for model in self.env.registry.values() if model._table == table and not model._abstract)
        self.assertRegex(self.env[model._name]._sql_error_to_message(refused.exception), message)

    def _poison(self, record, column):
        """Let the database refuse that a column of a record is changed, whatever writes it: one that nothing works with."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """CREATE FUNCTION %(name)s() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$ LANGUAGE plpgsql;
               CREATE TRIGGER %(name)s BEFORE UPDATE OF %(column)s ON %(table)s FOR EACH ROW
                 WHEN (OLD.id = %(id)s AND NEW.%(column)s IS DISTINCT FROM OLD.%(column)s) EXECUTE FUNCTION %(name)s()""",
            name=self._poisoned(record), table=SQL.identifier(record._table), column=SQL.identifier(column),
            id=SQL(str(record.id))))

    def _poisoned(self, record):
        return SQL.identifier(f'poison_{record._table}_{record.id}')

    def _heal(self, record):
        """Let a record be one that can be worked with again, see :meth:`_poison`."""
        self.env.cr.execute(SQL("DROP FUNCTION %s CASCADE", self._poisoned(record)))

    @contextmanager
    def _on(self, day, hour=12):
        """Let it be another day meanwhile."""
        with freeze_time(datetime.combine(fields.Date.to_date(day), time(hour))) as clock:
            self.env.invalidate_all()
            yield clock
        self.env.invalidate_all()
