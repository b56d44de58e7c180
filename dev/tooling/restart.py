"""After a restart of PostgreSQL the scheduled actions go on by themselves: shown on a server and a cluster of its own."""

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from .cache import DATA_DIR, LOGS, ROOT
from .console import UserError, progress, say
from .postgres import ROLE, EmbeddedServer, Server
from .process import end, end_with_parent

#: The scheduled action that is looked at: it is short, and runs on every database.
ACTION = 'ir_cron_remind'

#: Seconds that PostgreSQL is away: longer than a process that asks once more at once can bear.
AWAY = 3

#: Seconds within which an action has to run; by itself Odoo looks once a minute.
PATIENCE = 90

DATABASE = 'restarted'


def check(databases, source, workers):
    """Restart PostgreSQL under a running server; answers what did not go on.

    :param databases: where the source is
    :param str source: a database with the addon, which is copied
    :param int workers: of the server; 0 for one process with threads
    """
    with _cluster(databases) as (cluster, odoo):
        with progress(f'Copying "{source}" into a cluster of its own'):
            _copy(databases.server, odoo.server, source)
        with _running(odoo, workers) as process:
            if not _runs(odoo.server, process):
                return [f'{ACTION} did not run before PostgreSQL was restarted']
            cluster.restart(AWAY)
            started = time.monotonic()
            if not _runs(odoo.server, process):
                return [f'{ACTION} did not run within {PATIENCE} seconds after PostgreSQL was back ({workers} workers)']
            say(f'With {workers} workers {ACTION} ran {time.monotonic() - started:.0f} s after PostgreSQL was back.')
    return []


@contextmanager
def _cluster(databases):
    """A cluster that nobody else uses, with an Odoo that works on it."""
    folder = Path(tempfile.mkdtemp(prefix='cs-restart-', dir=ROOT))
    folder.chmod(0o755)
    cluster = EmbeddedServer(databases.server.programs, folder, shared_buffers='128MB', max_connections='60')
    try:
        cluster.ensure()
        server = Server(databases.server.programs, str(cluster.socket), '5432', ROLE)
        yield cluster, replace(databases.odoo, server=server)
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source_server, target_server, source):
    target_server.query(f'CREATE DATABASE {DATABASE} TEMPLATE template0')
    dump = subprocess.Popen(
        [source_server.programs / 'pg_dump', '--no-owner', '--no-privileges', source],
        stdout=subprocess.PIPE, env=source_server.environment(), preexec_fn=end_with_parent,
    )  # fmt: skip
    with dump.stdout:
        load = [target_server.programs / 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE]
        done = subprocess.run(
            load, stdin=dump.stdout, stdout=subprocess.DEVNULL, env=target_server.environment(), check=False)
    if dump.wait() or done.returncode:
        raise UserError(f'"{source}" could not be copied.')
    # only what is looked at shall run
    target_server.query("UPDATE ir_cron SET active = id = " + _ID, DATABASE)


#: SQL of the id of the action.
_ID = f"(SELECT res_id FROM ir_model_data WHERE module = 'customer_success' AND name = '{ACTION}')"


@contextmanager
def _running(odoo, workers):
    """A server with its scheduler, until the end of the block."""
    log = LOGS / f'restart-{workers}.log'
    arguments = [
        '-d', DATABASE, '--db_host', odoo.server.host, '--db_port', odoo.server.port, '--db_user', odoo.server.user,
        '--data-dir', str(DATA_DIR), *(['--http-port', '8991', '--gevent-port', '8992'] if workers else ['--no-http']),
        '--http-interface', '127.0.0.1', '--workers', str(workers), '--max-cron-threads', '2',
    ]  # fmt: skip
    with log.open('wb') as output:
        process = subprocess.Popen(
            odoo.command(arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=odoo.environment(), preexec_fn=end_with_parent, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        end(process)


def _runs(server, process):
    """Make the action due, and wait until it ran."""
    before = server.query(
        f"UPDATE ir_cron SET nextcall = now() at time zone 'UTC' WHERE id = {_ID} RETURNING now() at time zone 'UTC'", DATABASE)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UserError(f'Odoo ended with code {process.returncode}; see {LOGS}.')
        since = f"date_trunc('second', '{before[0][0]}'::timestamp)"
        if server.query(f'SELECT 1 FROM ir_cron WHERE id = {_ID} AND lastcall >= {since}', DATABASE):
            return True
        time.sleep(1)
    return False
