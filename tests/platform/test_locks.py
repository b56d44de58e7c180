"""PLT-3, K8: whoever meets a lock waits, or is told in words what to do; Odoo's own words for it are read by nobody."""
import ast
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import LockError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

WAIT = 'odoo.addons.customer_success.models.platform.locks.WAIT'


@tagged('post_install', '-at_install')
class TestLocks(TransactionCase):
    """Scheduled actions at work, as two transactions see them."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(self.env.cr.dbname)
        self.cron = self.env.ref('customer_success.ir_cron_remind')

    def _row(self, cursor):
        """Return the row of a scheduled action for whoever runs it by hand."""
        return api.Environment(cursor, SUPERUSER_ID, {})['customer.schedule'].browse(self.cron.id)

    def _at_work(self, cursor):
        """Hold a scheduled action as the server does while it works."""
        cursor.execute("SELECT id FROM ir_cron WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", [self.cron.id])
        self.assertTrue(cursor.fetchall())

    def test_plt_3_run_now_while_it_works(self):
        """PLT-3, K8: an action that is at work is asked for once more, and nobody waits."""
        with closing(self.database.cursor()) as server, closing(self.database.cursor()) as person:
            self._at_work(server)
            person.execute("SET LOCAL lock_timeout = '1s'")
            answer = self._row(person).action_run_now()
            person.execute("SELECT count(*) FROM ir_cron_trigger WHERE cron_id = %s", [self.cron.id])
            self.assertGreater(person.fetchone()[0], 0)
            person.rollback()
        self.assertIn("within a minute", answer['params']['message'])

    @mute_logger('odoo.sql_db')
    def test_plt_3_switch_on_while_it_works(self):
        """PLT-3, K8: an action that is switched on while its last run is still at work says so, and is switched on after it."""
        with closing(self.database.cursor()) as server, closing(self.database.cursor()) as person:
            person.execute("UPDATE ir_cron SET active = FALSE WHERE id = %s", [self.cron.id])
            person.commit()
            try:
                self._at_work(server)
                with patch(WAIT, 100), self.assertRaisesRegex(LockError, "is being worked on by .* Try again in a moment"):
                    self._row(person).action_switch_on()
                server.rollback()
                self._row(person).action_switch_on()
                person.commit()
                self.assertTrue(self._row(person).cron_id.active)
            finally:
                person.execute("UPDATE ir_cron SET active = TRUE WHERE id = %s", [self.cron.id])
                person.commit()

    def test_nobody_gives_up_at_once(self):
        """K8: the addon locks what people wait for by `wait_for_update`, and skips what is locked in scheduled actions."""
        root, wrong, waits = Path(__file__).parents[2], [], 0
        for file in [*root.glob('models/**/*.py'), *root.glob('wizard/**/*.py')]:
            for node in ast.walk(ast.parse(file.read_text())):
                wrong += [(file.name, node.lineno)] if isinstance(node, ast.Attribute) and node.attr == 'lock_for_update' else []
                waits += isinstance(node, ast.Name) and node.id == 'wait_for_update'
        self.assertGreater(waits, 10)
        self.assertFalse(wrong)
