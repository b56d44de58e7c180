"""Where things are: the checkout, and the cache folder that holds everything set up."""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from .console import UserError, say

ADDON = 'customer_success'
CHECKOUT = Path(__file__).resolve().parents[2]
DEV = CHECKOUT / 'dev'


def digest(*parts):
    """A short name for a combination of values."""
    return hashlib.sha256('\0'.join(map(str, parts)).encode()).hexdigest()[:10]


def _find_root():
    chosen = os.environ.get('CUSTOMER_SUCCESS_CACHE')
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path('/var/cache/customer-success')
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'customer-success'


ROOT = _find_root()
CHECKOUT_KEY = digest(CHECKOUT)[:6]
WORK = ROOT / 'checkouts' / CHECKOUT_KEY
LOGS = WORK / 'logs'
DATA_DIR = ROOT / 'data'
FILESTORE = DATA_DIR / 'filestore'
#: Compiled Python of all checkouts, beside the sources, which may be anybody's.
BYTECODE = ROOT / 'bytecode'


def prepare():
    """Make the folders that every step relies on."""
    try:
        for folder in (ROOT, WORK, LOGS, FILESTORE):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f'The cache folder {ROOT} cannot be written ({error}); set CUSTOMER_SUCCESS_CACHE to a folder that can.'
        ) from error
    (WORK / 'checkout').write_text(f'{CHECKOUT}\n')


@contextmanager
def lock(name):
    """Let only one command at a time do a step; others wait until it is done."""
    path = ROOT / f'{name}.lock'
    with path.open('w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f'Waiting for another command that is busy with "{name}" …')
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def built(target):
    """Build a folder under a temporary name and rename it when complete, so that an interruption leaves no half."""
    target = Path(target)
    draft = target.with_name(f'{target.name}.draft')
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def addons_folder():
    """A folder outside the checkout that shows the checkout under the addon's technical name."""
    folder = WORK / 'addons'
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / ADDON
    if not link.is_symlink() or Path(os.readlink(link)) != CHECKOUT:
        draft = folder / f'.{ADDON}.{os.getpid()}'
        draft.symlink_to(CHECKOUT)
        draft.rename(link)
    return folder
