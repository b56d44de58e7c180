"""The linters of JavaScript, eslint and prettier, in the cache."""

import shutil

from .cache import DEV, LOGS, ROOT, digest, lock
from .console import progress
from .process import run_logged

PINS = DEV / 'package.json'


def ensure_linters():
    """The folder with the commands of the pinned linters."""
    folder = ROOT / f'node-{digest(PINS.read_text())}'
    if not (folder / 'complete').exists():
        with lock('node'):
            if not (folder / 'complete').exists():
                with progress('Installing the linters of JavaScript'):
                    _install(folder)
    return folder / 'node_modules' / '.bin'


def _install(folder):
    """Made in place; the file "complete" tells that it is whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(PINS, folder)
    command = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
    run_logged(command, LOGS / 'npm.log', cwd=folder)
    (folder / 'complete').touch()
