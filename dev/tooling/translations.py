"""The translation gate: every term of the addon is in the template and in each language, and none is stale."""

import json
import subprocess

from .cache import ADDON, CHECKOUT, LOGS, WORK
from .console import UserError
from .process import run_logged

LANGUAGES = ('zh_CN', 'zh_TW')
# runs in the environment's Python, which has polib
COMPARE = '''
import json, sys
import polib

fresh = polib.pofile(sys.argv[1])
terms = {entry.msgid for entry in fresh}
problems = []
for path in sys.argv[2:]:
    name = "i18n/" + path.rsplit("/", 1)[1]
    try:
        known = polib.pofile(path)
    except OSError:
        problems.append(f"{name} is missing")
        continue
    alive = {entry.msgid: entry for entry in known if not entry.obsolete}
    problems += [f"{name} lacks the term {term!r}" for term in sorted(terms - alive.keys())]
    if name.endswith(".pot"):
        problems += [f"{name} has a stale term: {term!r}" for term in sorted(alive.keys() - terms)]
        continue
    for term in sorted(alive.keys() & terms):
        entry = alive[term]
        if entry.fuzzy:
            problems.append(f"{name} has a fuzzy translation of {term!r}")
        elif not entry.msgstr.strip() and not any(entry.msgstr_plural.values()):
            problems.append(f"{name} has no translation of {term!r}")
print(json.dumps(problems))
'''


def export_terms(odoo, database, target):
    """Write the terms of the addon, as Odoo exports them."""
    command = odoo.command(['i18n', 'export', '-d', database, '-o', str(target), ADDON])
    run_logged(command, LOGS / f'{database}-terms.log', env=odoo.environment(), cwd=WORK)
    return target


def check_translations(odoo, database):
    """Compare the files in i18n/ with a fresh export."""
    fresh = export_terms(odoo, database, WORK / f'{ADDON}.pot')
    folder = CHECKOUT / 'i18n'
    files = [folder / f'{ADDON}.pot', *(folder / f'{language}.po' for language in LANGUAGES)]
    command = [odoo.python, '-c', COMPARE, fresh, *files]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f'The translations cannot be compared: {done.stderr.strip()}')
    return json.loads(done.stdout)
