"""PostgreSQL: the server named by PGHOST, or an embedded one in the cache that stays up between commands."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .cache import ROOT, lock
from .console import UserError, progress
from .python_env import postgres_programs

MAJOR = '18'
FOLDER = ROOT / f'postgresql-{MAJOR}'
SUPERUSER = 'postgres'
ROLE = 'odoo'
SYSTEM_USER = 'customer-success-db'
# a cluster for development: it may lose everything when the machine crashes, and is fast
SETTINGS = {
    'listen_addresses': "''",
    'unix_socket_permissions': '0700',
    'fsync': 'off',
    'synchronous_commit': 'off',
    'full_page_writes': 'off',
    'shared_buffers': '1GB',
    'work_mem': '64MB',
    'maintenance_work_mem': '512MB',
    'max_wal_size': '8GB',
    'checkpoint_timeout': '30min',
    'random_page_cost': '1.1',
    'max_connections': '200',
    'jit': 'off',
    'wal_level': 'minimal',
    'max_wal_senders': '0',
    'log_line_prefix': "'%m [%p] %d '",
}


@dataclass(frozen=True)
class Server:
    """How to reach a server, and the programs to talk to it with."""

    programs: Path
    host: str
    port: str
    user: str
    password: str = ''

    def variables(self):
        """The variables that PostgreSQL's own programs read."""
        values = {'PGHOST': self.host, 'PGPORT': self.port, 'PGUSER': self.user}
        if self.password:
            values['PGPASSWORD'] = self.password
        return values

    def environment(self):
        """The environment of PostgreSQL's own programs."""
        return {**os.environ, **self.variables()}

    def query(self, sql, database='postgres', superuser=False):
        """Run SQL and answer its rows as lists of text."""
        environment = self.environment()
        if superuser:
            environment['PGUSER'] = SUPERUSER
        command = [self.programs / 'psql', '-X', '-q', '-A', '-t', '-F', '\x1f', '-v', 'ON_ERROR_STOP=1', '-f', '-']
        done = subprocess.run(
            [*command, '-d', database], input=sql, capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode:
            raise UserError(f'PostgreSQL refused: {done.stderr.strip()}')
        return [line.split('\x1f') for line in done.stdout.splitlines()]


def ensure_postgres(python):
    """A server that answers: the one given by PGHOST, else the embedded one (started when it is down)."""
    programs = postgres_programs(python)
    given = os.environ.get('PGHOST')
    if given:
        user = os.environ.get('PGUSER') or ROLE
        password = os.environ.get('PGPASSWORD', '')
        server = Server(programs, given, os.environ.get('PGPORT') or '5432', user, password)
        server.query('SELECT 1')
        return server
    embedded = EmbeddedServer(programs)
    with lock('postgresql'):
        embedded.ensure()
    return Server(programs, str(embedded.socket), '5432', ROLE)


class EmbeddedServer:
    """A cluster of our own, reached through a socket in its folder."""

    def __init__(self, programs, folder=FOLDER, **settings):
        self.programs = programs
        self.folder = folder
        self.settings = SETTINGS | settings
        self.data = folder / 'data'
        self.log = folder / 'server.log'
        self.socket = folder
        if len(str(self.socket)) > 85:  # a socket's path may have 107 characters
            self.socket = Path(tempfile.gettempdir()) / f'customer-success-db-{os.geteuid()}'

    def ensure(self):
        """Make the cluster if there is none, start it if it is down."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(parents=True, exist_ok=True)
        self._adopt(self.folder)
        self._adopt(self.socket)
        if self._answers():
            return
        if not (self.data / 'complete').exists():
            with progress('Preparing the database server'):
                self._initialise()
        self._write_settings()
        self._start()
        self._ensure_role()

    def restart(self, pause=0):
        """Stop the cluster as an administrator does, and start it again some seconds later."""
        self.stop()
        time.sleep(pause)
        self._start()

    def stop(self):
        self._run('pg_ctl', '-w', '-D', self.data, '-m', 'fast', 'stop')

    def _answers(self):
        command = [self.programs / 'pg_isready', '-q', '-h', self.socket, '-d', 'postgres']
        return subprocess.run(command, check=False).returncode == 0

    def _initialise(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self._run('initdb', '-D', self.data, '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8')
        (self.data / 'complete').touch()

    def _write_settings(self):
        lines = ''.join(f'{name} = {value}\n' for name, value in self.settings.items())
        path = self.data / 'postgresql.auto.conf'
        path.write_text(f'# written by the development tooling at each start\n{lines}')
        self._adopt(path)

    def _start(self):
        self._forget_killed_server()
        for attempt in range(3):
            options = f"-k '{self.socket}' -p 5432"
            try:
                return self._run('pg_ctl', '-w', '-t', '120', '-D', self.data, '-l', self.log, '-o', options, 'start')
            except UserError:
                if self._answers():
                    return None
                if attempt == 2:
                    tail = self.log.read_text(errors='replace').splitlines()[-8:] if self.log.exists() else []
                    lines = '\n'.join(tail)
                    raise UserError(f'{lines}\nThe database server does not start; see {self.log}.') from None
                time.sleep(2)

    def _forget_killed_server(self):
        """A killed server leaves its pid file behind; the number may belong to another process by now."""
        pid_file = self.data / 'postmaster.pid'
        try:
            pid = int(pid_file.read_text().split('\n')[0])
        except (OSError, ValueError):
            return
        if self._is_our_server(pid):
            # it runs but does not answer: ask it to stop at once, wait for its children to leave
            os.kill(pid, signal.SIGQUIT)
            for _second in range(30):
                if not self._is_our_server(pid):
                    break
                time.sleep(1)
        else:
            pid_file.unlink(missing_ok=True)

    def _is_our_server(self, pid):
        try:
            return str(self.data) in Path(f'/proc/{pid}/cmdline').read_text()
        except OSError:
            return False

    def _ensure_role(self):
        server = Server(self.programs, str(self.socket), '5432', SUPERUSER)
        if not server.query(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):
            server.query(f'CREATE ROLE {ROLE} LOGIN CREATEDB')
        # a database that is being vacuumed can only be dropped by who may end the vacuum
        server.query(f'GRANT pg_signal_backend, pg_signal_autovacuum_worker TO {ROLE}')

    # the server refuses to run as root, so root hands it to a system user

    def _system_user(self):
        if os.geteuid():
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            command = ['useradd', '--system', '--no-create-home', '--home-dir', '/nonexistent', SYSTEM_USER]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise UserError(f'The system user "{SYSTEM_USER}" cannot be made: {done.stderr.strip()}') from None
            return pwd.getpwnam(SYSTEM_USER)

    def _adopt(self, path):
        user = self._system_user()
        if user:
            os.chown(path, user.pw_uid, user.pw_gid)

    def _run(self, program, *arguments):
        user = self._system_user()
        options = {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []} if user else {}
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(
                    [self.programs / program, *arguments],
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    check=False, cwd=self.folder, start_new_session=True, **options,
                )  # fmt: skip
            except PermissionError as error:
                raise UserError(
                    f'The user "{SYSTEM_USER}" cannot enter {ROOT}; set CUSTOMER_SUCCESS_CACHE to a folder '
                    f'outside the home folder.'
                ) from error
            if done.returncode:
                output.seek(0)
                raise UserError(f'"{program}" failed: {output.read().decode(errors="replace").strip()}')
