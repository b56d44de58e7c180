"""The pytest session over the addon's tests."""

import os
import shlex
import subprocess

from .cache import ADDON, CHECKOUT, DEV, WORK, addons_folder
from .node_tools import ensure_axe
from .odoo_process import CONFIG
from .process import end, end_with_parent
from .pytest_names import APPS, BROWSER, KNOWN, PATIENCE, REPORT, TOURS_REQUIRED

#: What each file of the whole run cost the last time.
COSTS = WORK / 'test-costs.json'


def run_pytest(
        odoo, database, arguments=(), tours_required=False, processes=1, browser=None, apps=False, report=None, output=None):
    """Run the tests; answers pytest's exit code. Its own summary closes the output.

    With several processes each works on a copy of the database of its own, file by file. `browser` is 'only' for the tests
    that open a browser, 'without' for the others. With `apps` only those tests run that need other apps of Odoo, else all
    others. A session that is a part of a run writes its `report`, a file; its output may go to a file, too.
    """
    home = addons_folder() / ADDON
    arguments = [_inside(argument, home) for argument in arguments]
    chosen = any(argument.startswith(str(home)) for argument in arguments)
    command = [
        *(odoo.python, '-m', 'pytest', '-c', home / 'pyproject.toml', '--rootdir', home),
        *('-p', 'tooling.pytest_tours', '-p', 'tooling.pytest_costs', '-o', f'cache_dir={WORK / "pytest"}'),
        *(['-n', str(processes), '--dist', 'loadfile', '--no-loadscope-reorder'] if processes > 1 else []),
        *('--odoo-config', CONFIG, '--odoo-database', database, '--odoo-http'),
        *([] if chosen else ['--pyargs', f'odoo.addons.{ADDON}']),
        *arguments,
    ]
    environment = {
        **odoo.server.variables(),  # for the programs that copy the database
        **odoo.environment(),
        'PYTHONPATH': str(DEV),
        'CUSTOMER_SUCCESS_AXE': str(ensure_axe()),
        'CUSTOMER_SUCCESS_ODOO_CONFIG': str(CONFIG),
        'CUSTOMER_SUCCESS_ODOO_BIN': shlex.join([*odoo.command(), '-c', str(CONFIG)]),
    }
    if tours_required:
        environment[TOURS_REQUIRED] = '1'
    if apps:
        environment[APPS] = '1'
    if browser:
        environment[BROWSER] = browser
    if report:
        # beside others that work too, pages may take their time
        environment |= {REPORT: str(report), KNOWN: str(COSTS), PATIENCE: '3'}
    process = subprocess.Popen(
        [os.fspath(part) for part in command], env=environment, cwd=WORK, preexec_fn=end_with_parent,
        stdout=output, stderr=output and subprocess.STDOUT,
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        end(process)
        raise


def _inside(argument, home):
    """A path below `tests/` as pytest has to see it: below the folder with the addon's technical name."""
    path, separator, rest = argument.partition('::')
    inside = os.path.relpath(CHECKOUT / path, CHECKOUT)
    if inside.split(os.sep)[0] != 'tests' or not (CHECKOUT / path).exists():
        return argument
    return f'{home / inside}{separator}{rest}'
