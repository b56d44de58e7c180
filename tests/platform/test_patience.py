"""PLT-3: the scheduler outlives a restart of PostgreSQL. `dev/restart` shows it on real servers."""
import os
from types import SimpleNamespace
from unittest.mock import patch

import psycopg2

from odoo.service.server import PreforkServer, ThreadedServer
from odoo.tests import TransactionCase, mute_logger, tagged

from odoo.addons.customer_success.models.platform import patience

LOGGER = 'odoo.addons.customer_success.models.platform.patience'


@tagged('post_install', '-at_install')
class TestPatience(TransactionCase):

    def setUp(self):
        super().setUp()
        self.calls, self.errors = [], []
        self.slept = self.enterContext(patch.object(patience.time, 'sleep'))

    def _method(self, server, *args):
        self.calls.append(args)
        if self.errors:
            raise self.errors.pop()
        return "done"

    def _call(self, again, pid=None):
        server = SimpleNamespace(pid=pid or os.getpid())
        with mute_logger(LOGGER):
            return patience.patient(self._method, again)(server, 1)

    def test_plt_3_servers_are_patient(self):
        """PLT-3: both kinds of servers wait, and are made to once."""
        before = ThreadedServer.cron_thread
        self.assertTrue(before.is_patient)
        self.assertTrue(PreforkServer.process_spawn.is_patient)
        self.env['ir.cron']._register_hook()
        self.assertIs(ThreadedServer.cron_thread, before)

    def test_plt_3_threads_begin_anew(self):
        """PLT-3: a thread begins anew as often as it takes."""
        self.errors = [psycopg2.OperationalError("shutting down"), psycopg2.InterfaceError("closed")]
        self.assertEqual(self._call(again=True), "done")
        self.assertEqual((len(self.calls), self.slept.call_count), (3, 2))

    def test_plt_3_server_with_workers_goes_on(self):
        """PLT-3: a server with workers goes back to its loop, so that it can be stopped meanwhile."""
        self.errors = [psycopg2.OperationalError("shutting down")]
        self.assertIsNone(self._call(again=False))
        self.assertEqual(self._call(again=False), "done")

    def test_plt_3_other_errors(self):
        """PLT-3: an error of another kind is one, and a process that the server replaces ends."""
        self.errors = [ValueError("x")]
        with self.assertRaises(ValueError):
            self._call(again=True)
        self.errors = [psycopg2.OperationalError("shutting down")]
        with self.assertRaises(psycopg2.OperationalError):
            self._call(again=True, pid=-1)
