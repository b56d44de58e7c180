"""Odoo as a process: its configuration file, and the ways to run it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cache import BYTECODE, DATA_DIR, WORK, addons_folder
from .console import UserError
from .odoo_tree import OdooTree
from .postgres import Server
from .process import run

CONFIG = WORK / 'odoo.conf'

#: The address space of a process: one that runs tests holds all that they loaded, and starts threads besides.
MEMORY = 6 * 1024 ** 3


@dataclass(frozen=True)
class Odoo:
    """Odoo with this checkout on its addons path, on one database server."""

    python: Path
    tree: OdooTree
    server: Server

    def write_config(self):
        """The configuration file that every Odoo process here reads."""
        paths = [*self.tree.addons_paths, addons_folder()]
        options = {
            'addons_path': ','.join(map(str, paths)),
            'data_dir': DATA_DIR,
            'db_host': self.server.host,
            'db_port': self.server.port,
            'db_user': self.server.user,
            'http_interface': '127.0.0.1',
            'list_db': True,
            'max_cron_threads': 1,
            'limit_memory_hard': MEMORY,
        }
        if self.server.password:
            options['db_password'] = self.server.password
        text = '[options]\n' + ''.join(f'{name} = {value}\n' for name, value in options.items())
        if not CONFIG.exists() or CONFIG.read_text() != text:
            draft = CONFIG.with_suffix(f'.{os.getpid()}')
            draft.write_text(text)
            draft.chmod(0o600)
            draft.rename(CONFIG)
        return CONFIG

    def command(self, arguments=()):
        """The command line for Odoo's own arguments (a subcommand first, if there is one)."""
        return [str(self.python), '-m', 'odoo', *arguments]

    def environment(self):
        """The environment of an Odoo process: our programs first, and our configuration instead of the user's. What Python
        compiles is kept: to compile Odoo anew takes as long as all else at its start."""
        path = os.pathsep.join([str(self.python.parent), str(self.server.programs), os.environ.get('PATH', '')])
        foreign = ('OPENERP_SERVER', 'PYTHONPATH', 'PYTHONDONTWRITEBYTECODE')
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        return {**kept, 'PATH': path, 'ODOO_RC': str(CONFIG), 'PYTHONPYCACHEPREFIX': str(BYTECODE)}

    def run(self, arguments, log, allow_errors=False, **options):
        """Run Odoo to its end with its output in a log file; a non-zero end is a failure that names the log."""
        log.parent.mkdir(parents=True, exist_ok=True)
        if '--stop-after-init' in arguments:
            arguments = [*arguments, '--no-http', '--max-cron-threads=0']
        with log.open('wb') as output:
            done = run(
                self.command(arguments),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                cwd=WORK,
                **options,
            )
        if done.returncode and not allow_errors:
            tail = '\n'.join(log.read_text(errors='replace').splitlines()[-25:])
            raise UserError(f'{tail}\nOdoo ended with code {done.returncode}; its whole log is {log}.')
        return done.returncode
