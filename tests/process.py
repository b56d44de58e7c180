"""Real processes on databases of their own, copied from the one under test."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from unittest import SkipTest

import psycopg2
from psycopg2 import sql

from odoo.sql_db import connection_info_for
from odoo.tests import BaseCase
from odoo.tests.common import get_db_name
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

#: Seconds a process may take.
PATIENCE = 60


class ProcessCase(BaseCase):
    """What really happens at the same time: each test class works on databases that only it has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = os.environ.get('CUSTOMER_SUCCESS_ODOO_CONFIG')
        if not cls.config:
            raise SkipTest("CUSTOMER_SUCCESS_ODOO_CONFIG is not set: processes are tested by dev/test only.")
        cls.folder = Path(tempfile.mkdtemp(prefix='customer_success_'))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.processes = []
        cls.addClassCleanup(cls._end_processes)

    @classmethod
    def _database(cls, purpose):
        """Return the name of a new copy of the database under test."""
        name = f'{get_db_name()}_{os.getpid()}_{purpose}'
        cls.addClassCleanup(cls._drop, name)
        cls._sql('postgres', sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        cls._dump_into(name)
        return name

    @classmethod
    def _sql(cls, database, query, parameters=None):
        """Run one statement outside of any transaction, and return its rows."""
        __, info = connection_info_for(database)
        with closing(psycopg2.connect(**info)) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute(query, parameters)
                return cr.fetchall() if cr.description else []

    @classmethod
    def _dump_into(cls, name):
        """Copy the database under test as it is committed; unlike a template it may be in use."""
        environment = exec_pg_environ()
        dump = subprocess.Popen(
            [find_pg_tool('pg_dump'), '--no-owner', '--no-privileges', get_db_name()], stdout=subprocess.PIPE,
            env=environment)
        with dump.stdout:
            subprocess.run(
                [find_pg_tool('psql'), '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', name], stdin=dump.stdout,
                stdout=subprocess.DEVNULL, env=environment, check=True)
        assert dump.wait() == 0, "pg_dump failed"

    @classmethod
    def _drop(cls, name):
        for attempt in range(50):
            try:
                cls._sql('postgres', sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                break
            except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectInUse):  # autovacuum is at work there
                if attempt == 49:
                    raise
                time.sleep(0.2)
        # not config.filestore(name): where tests run in several processes, that is the one folder of all of them
        shutil.rmtree(Path(config['data_dir'], 'filestore', name), ignore_errors=True)

    @classmethod
    def _start(cls, database, script):
        """Start an Odoo process that runs a script on a database."""
        number = len(cls.processes)
        source, log = cls.folder / f'{number}.py', cls.folder / f'{number}.log'
        source.write_text(script)
        with source.open() as stdin, log.open('w') as output:
            process = subprocess.Popen(
                [sys.executable, '-m', 'odoo', 'shell', '-c', cls.config, '-d', database, '--no-http',
                 '--max-cron-threads=0', '--log-level=warn'],
                stdin=stdin, stdout=output, stderr=subprocess.STDOUT, cwd=cls.folder)
        process.log = log
        cls.processes.append(process)
        return process

    @classmethod
    def _end_processes(cls):
        for process in cls.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    @classmethod
    def _finish(cls, process):
        code = process.wait(PATIENCE)
        text = process.log.read_text()
        assert code == 0 and 'Traceback' not in text, f'the process ended with {code}:\n{text[-4000:]}'

    def _wait(self, condition, processes, pause=0.01):
        end = time.monotonic() + PATIENCE
        while not condition():
            logs = '\n'.join(process.log.read_text()[-2000:] for process in processes)
            self.assertLess(time.monotonic(), end, f'it took too long:\n{logs}')
            self.assertTrue(all(process.poll() is None for process in processes), f'a process ended early:\n{logs}')
            time.sleep(pause)
