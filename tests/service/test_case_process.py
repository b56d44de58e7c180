"""Two keepers of deadlines at once, and one that is killed in the middle (SRV-1, PLT-3)."""
import os
import signal
from contextlib import closing

import psycopg2

from odoo.sql_db import connection_info_for
from odoo.tests import tagged

from ..process import ProcessCase

#: Cases whose answer and solution are overdue, and how many clocks a process takes at a time: there has to be a middle to die in.
CASES = 60
BATCH = 4

#: Besides: solved cases that nobody has asked about, and cases that were offered to somebody who has not answered.
OTHERS = 6

BUILD = f"""
from datetime import timedelta
from odoo import fields
env = env(context={{**env.context, 'tracking_disable': True}})
group = env.ref('customer_success.group_customer_success_manager')
leader, worker, busy = env['res.users'].create([{{
    'name': name, 'login': f'keeper_{{name}}', 'group_ids': [(6, 0, [env.ref('base.group_user').id, group.id])]}}
    for name in ('leader', 'worker', 'busy')])
customer = env['res.partner'].create({{'name': "Harbour", 'is_company': True, 'customer_enrolment': 'enrolled'}})
env.ref('base.main_company').partner_id.tz = 'UTC'
cases = env['customer.case'].create([{{
    'name': f'Kept {{number}}', 'partner_id': customer.id, 'user_id': worker.id, 'state': 'working', 'company_id': 1,
    'case_type': 'complaint'}} for number in range({CASES + 2 * OTHERS})])
late, unasked, offered = cases[:{CASES}], cases[{CASES}:{CASES + OTHERS}], cases[{CASES + OTHERS}:]
for case in unasked:
    env['customer.case.course']._solve(case, "Done")
unasked.followup_ids.unlink()
offered.write({{'offered_to_id': busy.id, 'offered_by_id': worker.id, 'offered_at': fields.Datetime.now() - timedelta(days=9)}})
env.flush_all()
env.cr.execute(
    "UPDATE customer_case_clock SET due = now() - interval '2 hours', warn_at = now() - interval '3 hours' "
    "WHERE case_id = ANY(%s)", [late.ids])
env.cr.execute("UPDATE customer_case_clock SET state = 'void' WHERE case_id <> ALL(%s) AND kind <> 'revisit'", [late.ids])
env.cr.commit()
"""

#: The scheduled action in small bites, from a given moment on; a conflict is tried again, as Odoo does.
KEEP = """
import time
from pathlib import Path
from odoo.service.model import retrying
from odoo.addons.customer_success.models.service import customer_case_keeper
customer_case_keeper.BATCH, customer_case_keeper.ONE_BY_ONE = {batch}, 10 ** 6
Path({ready!r}).touch()
while not Path({go!r}).exists():
    time.sleep(0.005)
retrying(lambda: env(user=1)['customer.case.keeper']._cron_keep(), env)
env.cr.commit()
"""


@tagged('post_install', '-at_install')
class TestCaseProcess(ProcessCase):

    def _keep(self, database, number, batch=BATCH):
        """Start a keeper that waits for the others."""
        ready, go = self.folder / f'{database}_{number}.ready', self.folder / f'{database}.go'
        process = self._start(database, KEEP.format(batch=batch, ready=str(ready), go=str(go)))
        self._wait(ready.exists, [process])
        return process

    def _told(self, database):
        """Return how many deadlines were told to somebody, each by an activity."""
        return self._sql(database, "SELECT count(*) FROM customer_case_clock WHERE state = 'failed' AND told")[0][0]

    def _check(self, database):
        """Check that everything was done, and once."""
        kept = "SELECT id FROM customer_case WHERE name LIKE 'Kept %%'"
        states = self._sql(database, f"SELECT state, told, count(*) FROM customer_case_clock WHERE case_id IN ({kept}) "
                                     "AND kind <> 'revisit' AND state <> 'void' GROUP BY 1, 2")
        self.assertEqual(states, [('failed', True, 2 * CASES)])
        missed = self._sql(database, f"""
            SELECT a.res_id, count(*) FROM mail_activity a
              JOIN ir_model_data d ON d.model = 'mail.activity.type' AND d.res_id = a.activity_type_id
             WHERE a.res_model = 'customer.case' AND a.res_id IN ({kept}) AND d.name = 'mail_activity_type_case_missed'
          GROUP BY 1""")
        self.assertEqual({count for __, count in missed}, {2}, "each of two deadlines is told once")
        self.assertEqual(len(missed), CASES)
        self.assertEqual(self._sql(database, "SELECT count(*) FROM customer_case WHERE offered_to_id IS NOT NULL"), [(0,)])
        back = self._sql(database, f"""
            SELECT count(*) FROM mail_activity WHERE res_model = 'customer.case' AND res_id IN ({kept})
               AND summary LIKE '%%has not answered%%'""")
        self.assertEqual(back, [(OTHERS,)])
        revisits = self._sql(database, f"""
            SELECT case_id, count(*) FROM customer_followup WHERE case_id IN ({kept}) AND state = 'planned'
               AND case_purpose = 'revisit' GROUP BY 1""")
        self.assertEqual([count for __, count in revisits], [1] * OTHERS)

    def test_two_at_once(self):
        """Two keepers in the same moment do each thing once; neither waits for a case that somebody works on meanwhile."""
        database = self._database('keepers')
        self._finish(self._start(database, BUILD))
        processes = [self._keep(database, number) for number in range(2)]
        __, info = connection_info_for(database)
        with closing(psycopg2.connect(**info)) as connection, connection.cursor() as cr:
            cr.execute("SELECT id FROM customer_case WHERE name = 'Kept 0' FOR UPDATE")
            (self.folder / f'{database}.go').touch()
            for process in processes:
                self._finish(process)
            cr.execute("SELECT DISTINCT state FROM customer_case_clock WHERE case_id IN (SELECT id FROM customer_case "
                       "WHERE name = 'Kept 0')")
            self.assertEqual(cr.fetchall(), [('running',)])
        # what one of them left to the other is done by the next run
        self._finish(self._keep(database, 3))
        self._check(database)

    def test_killed_in_the_middle(self):
        """A keeper that is killed has told of some deadlines and not of others: the next one tells of the rest, and of none
        twice."""
        database = self._database('killed')
        self._finish(self._start(database, BUILD))
        process = self._keep(database, 0)
        (self.folder / f'{database}.go').touch()
        self._wait(lambda: self._told(database) >= 2 * BATCH, [process], pause=0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.assertLess(self._told(database), 2 * CASES, "it was killed too late to prove anything")
        self._finish(self._keep(database, 1, batch=500))
        self._check(database)
