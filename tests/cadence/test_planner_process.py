"""Two planners at once, one of them killed, and a server that slept (CAD-4, PLT-3)."""
import os
import signal
from contextlib import closing

import psycopg2
from psycopg2 import sql

from odoo import fields
from odoo.sql_db import connection_info_for
from odoo.tests import tagged
from odoo.tests.common import get_db_name

from ..common import CustomerCase
from ..process import PATIENCE, ProcessCase

#: Customers to plan, and how many of them a process takes at a time: small bites, so that there is a middle to die in.
CUSTOMERS = 240
BATCH = 8

#: Customers with and without follow-ups, contacts and pauses, on three cadences, many waiting in the queue twice.
BUILD = f"""
env = env(context={{**env.context, 'tracking_disable': True}})
cadences = [env.ref('customer_success.customer_cadence_' + name) for name in ('high', 'mid', 'low')]
channels = env['customer.channel'].search([])
reason = env.ref('customer_success.customer_reason_asked')
env['customer.planner']._work_queue()
customers = env['res.partner'].create([{{
    'name': f'Process {{number}}', 'is_company': True, 'customer_enrolment': 'enrolled', 'user_id': 2,
    'customer_cadence_id': cadences[number % 3].id,
}} for number in range({CUSTOMERS})])
env['customer.planner']._plan(customers[:{CUSTOMERS} // 2].ids)
now = __import__('datetime').datetime.now()
for number, customer in enumerate(customers[:40]):
    env['customer.followup'].create({{
        'partner_id': customer.id, 'company_id': 1, 'channel_id': channels[number % len(channels)].id, 'state': 'done',
        'qualifies': True, 'contact_at': now, 'contact_day': now.date()}})
env['customer.pause'].create([{{
    'partner_id': customer.id, 'date_from': now.date(), 'date_to': now.date() + __import__('datetime').timedelta(9),
    'reason_id': reason.id}} for customer in customers[20:30]])
env.cr.execute('UPDATE res_partner SET customer_cadence_id = %s WHERE id = ANY(%s)', [cadences[0].id, customers[:90].ids])
env.cr.execute('DELETE FROM customer_plan_request')
env['customer.plan.request']._request(customers.ids, at_once=0)
env['customer.plan.request']._request(customers[::2].ids, at_once=0)
env.cr.commit()
"""

#: The scheduled action as Odoo runs it, in small bites, from a given moment on.
PLAN = """
import time
from pathlib import Path
from odoo.addons.customer_success.models.cadence import customer_planner
customer_planner.BATCH = {batch}
Path({ready!r}).touch()
while not Path({go!r}).exists():
    time.sleep(0.005)
env(user={uid})['customer.planner'].sudo()._cron_plan()
env.cr.commit()
"""


@tagged('post_install', '-at_install')
class TestPlannerProcess(ProcessCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clean, cls.crashed = cls._database('clean'), f'{get_db_name()}_{os.getpid()}_crashed'
        cls.addClassCleanup(cls._drop, cls.crashed)
        cls._finish(cls._start(cls.clean, BUILD))
        cls._sql('postgres', sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(cls.crashed), sql.Identifier(cls.clean)))

    def _planner(self, database, uid=1):
        """Start a planner that gets ready and waits for its ``go``."""
        number = len(self.processes)
        ready, go = self.folder / f'ready-{number}', self.folder / f'go-{number}'
        planner = self._start(database, PLAN.format(batch=BATCH, ready=str(ready), go=str(go), uid=uid))
        planner.ready, planner.go = ready, go
        return planner

    def _plan(self, database):
        """What the follow-ups are, whoever wrote them and when."""
        return self._sql(database, """
            SELECT partner_id, step_id, state, date_planned, date_anchor, date_limit, channel_id, close_kind
              FROM customer_followup ORDER BY 1, 2, 3, 4, 5, 6, 7, 8""")

    def _waiting(self, database):
        [[count]] = self._sql(database, "SELECT count(*) FROM customer_plan_request")
        return count

    # ------------------------------------------------------------
    # TESTS
    # ------------------------------------------------------------

    def test_cad_4_two_planners_one_killed(self):
        """CAD-4, PLT-3: two processes plan, one is killed in the middle, the action runs again: as one clean run."""
        before = self._plan(self.crashed)
        self.assertEqual(before, self._plan(self.clean))
        waiting = self._waiting(self.crashed)
        self.assertGreaterEqual(waiting, CUSTOMERS)

        alone = self._planner(self.clean)
        victim, other, again = self._planner(self.crashed, uid=2), self._planner(self.crashed), self._planner(self.crashed)
        planners = [alone, victim, other, again]
        self._wait(lambda: all(planner.ready.exists() for planner in planners), planners)

        alone.go.touch()
        self._finish(alone)
        expected = self._plan(self.clean)
        self.assertEqual(self._waiting(self.clean), 0)
        self.assertGreater(len(expected), len(before) + CUSTOMERS // 2)

        with closing(psycopg2.connect(**connection_info_for(self.crashed)[1])) as connection:
            connection.autocommit = True
            cr = connection.cursor()

            def in_the_middle():
                cr.execute("""
                    SELECT (SELECT count(*) FROM customer_plan_request),
                           (SELECT count(*) FROM customer_followup WHERE create_uid = 2 AND step_id IS NOT NULL)""")
                left, by_victim = cr.fetchone()
                return left < waiting * 0.8 and by_victim

            victim.go.touch()
            other.go.touch()
            self._wait(in_the_middle, [victim, other], pause=0)
            victim.send_signal(signal.SIGKILL)
            self.assertEqual(victim.wait(PATIENCE), -signal.SIGKILL)
        self.assertGreater(self._waiting(self.crashed), 0, "the planner was killed too late to be in the middle")
        self.assertIsNone(other.poll())
        self._finish(other)

        again.go.touch()
        self._finish(again)
        self.assertEqual(self._plan(self.crashed), expected)
        self.assertEqual(self._waiting(self.crashed), 0)


class TestDowntime(CustomerCase):

    def test_cad_4_week_of_downtime(self):
        """CAD-4: after a week without any action one follow-up is open, not seven, and one reminder was given."""
        daily = self._cadence("Daily", {
            'name': "Daily call", 'channel_id': self.call.id, 'interval_count': 1, 'interval_unit': 'day',
            'remind_days': 0, 'escalation_days': 0, 'grace_days': 0})
        with self._on('2026-03-02'):
            customer = self._customer("Sleeper", customer_cadence_id=daily.id)
            self._log(customer)
            first = self._open(customer)
            self.assertEqual(first.date_planned, fields.Date.to_date('2026-03-03'))
        with self._on('2026-03-10'):
            for name in ('refresh', 'plan', 'remind', 'plan', 'remind'):
                self._run_cron(name)
            self.assertEqual(self._open(customer), first)
            self.assertEqual(first.date_planned, fields.Date.to_date('2026-03-03'))
            self.assertEqual(len(first.activity_ids), 1)
            self._log(customer, followup=first)
            self.assertEqual(self._open(customer).date_planned, fields.Date.to_date('2026-03-11'))
        self.assertEqual(
            self.env['customer.followup'].search_count([('partner_id', '=', customer.id)]), 3, "two done, one open")
