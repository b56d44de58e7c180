"""What the checkout says: the manifest, and a fingerprint of the code that a database has to know."""

import ast
import hashlib
import os

from .cache import CHECKOUT
from .console import UserError

# files that change nothing in a database: no update is needed after them
NOT_INSTALLED = ('tests', 'dev', '.ci', '.git', 'static/src', 'static/tests', '__pycache__', '.pytest_cache')
SUFFIXES = ('.py', '.xml', '.csv', '.po', '.sql', '.json', '.scss', '.svg', '.png')


def manifest():
    """The addon's manifest."""
    path = CHECKOUT / '__manifest__.py'
    if not path.is_file():
        raise UserError(f'There is no "__manifest__.py" in {CHECKOUT}.')
    return ast.literal_eval(path.read_text())


def addon_files():
    """Every file that installing or updating the addon reads."""
    for folder, folders, files in os.walk(CHECKOUT):
        inside = os.path.relpath(folder, CHECKOUT)
        folders[:] = sorted(f for f in folders if f not in NOT_INSTALLED and f'{inside}/{f}' not in NOT_INSTALLED)
        for name in sorted(files):
            if name.endswith(SUFFIXES):
                yield os.path.join(folder, name)


def code_fingerprint():
    """A hash that changes when a database has to be updated."""
    hashed = hashlib.sha256()
    for path in addon_files():
        hashed.update(os.path.relpath(path, CHECKOUT).encode())
        with open(path, 'rb') as handle:
            hashed.update(handle.read())
    return hashed.hexdigest()[:20]
