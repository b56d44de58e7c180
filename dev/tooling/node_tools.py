"""What comes from npm, in the cache: the linters of JavaScript (eslint, prettier) and the check of accessibility (axe)."""

import shutil

from .cache import DEV, LOGS, ROOT, digest, lock
from .console import progress
from .process import run_logged

PINS = DEV / 'package.json'


def ensure_linters():
    """The folder with the commands of the pinned linters."""
    return ensure_packages() / '.bin'


def ensure_axe():
    """The script that a page is checked with."""
    return ensure_packages() / 'axe-core' / 'axe.min.js'


def ensure_packages():
    """The folder of the pinned packages."""
    folder = ROOT / f'node-{digest(PINS.read_text())}'
    if not (folder / 'complete').exists():
        with lock('node'):
            if not (folder / 'complete').exists():
                with progress('Installing the linters of JavaScript and the check of accessibility'):
                    _install(folder)
    return folder / 'node_modules'


def _install(folder):
    """Made in place; the file "complete" tells that it is whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(PINS, folder)
    command = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
    run_logged(command, LOGS / 'npm.log', cwd=folder)
    (folder / 'complete').touch()
