"""System packages: the browser that runs the tours, the fonts it needs, what prints PDFs, and what runs the linters of
JavaScript."""

import os
import shutil
import subprocess

from .cache import LOGS, lock
from .console import UserError, progress, say
from .process import run_logged

BROWSERS = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')

#: Without these everything runs; text shows as boxes in screenshots, and what prints PDFs is skipped.
OPTIONAL = {'fonts-noto-cjk', 'wkhtmltopdf'}


def missing_packages():
    """The names of the packages that the tests lack on this machine."""
    missing = []
    if not any(map(shutil.which, BROWSERS)):
        missing.append('chromium')
    if not shutil.which('npm'):
        missing += ['nodejs', 'npm']
    if not _has_chinese_font():
        missing.append('fonts-noto-cjk')
    if not shutil.which('wkhtmltopdf'):
        missing.append('wkhtmltopdf')
    return missing


def _has_chinese_font():
    if os.path.isdir('/usr/share/fonts/opentype/noto') or not shutil.which('apt-get'):
        return True
    if not shutil.which('fc-list'):
        return False
    return bool(subprocess.run(['fc-list', ':lang=zh'], capture_output=True, text=True, check=False).stdout.strip())


def ensure_browser():
    """Install what the browser tests need, or say how to."""
    if not missing_packages():
        return
    with lock('system'):
        missing = missing_packages()
        if not missing:
            return
        command = f'apt-get install --no-install-recommends -y {" ".join(missing)}'
        if not shutil.which('apt-get'):
            if set(missing) <= OPTIONAL:
                return
            raise UserError('The tests need Chromium (or Google Chrome) and npm on the PATH: please install them.')
        if os.geteuid():
            if set(missing) <= OPTIONAL:
                say(f'Chinese text may show as boxes, and no PDF is tested, until you run: sudo {command}')
                return
            raise UserError(f'Packages are missing; please run: sudo apt-get update && sudo {command}')
        with progress(f'Installing system packages ({", ".join(missing)})'):
            environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
            run_logged(['apt-get', 'update'], LOGS / 'apt-update.log', env=environment)
            run_logged(command.split(), LOGS / 'apt-install.log', env=environment)
