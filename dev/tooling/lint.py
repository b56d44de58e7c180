"""The lint gates: ruff, pylint-odoo, eslint and prettier, and Odoo's own lint on this addon."""

import subprocess

from .cache import ADDON, CHECKOUT, DEV, WORK, addons_folder
from .node_tools import PINS, ensure_linters
from .odoo_process import CONFIG
from .process import run


def ruff(odoo):
    """Style and simple errors, of the addon and of the tooling."""
    commands = [str(path) for path in (DEV / 'run', DEV / 'test', DEV / 'bench', DEV / 'odoo')]
    command = [odoo.python, '-m', 'ruff', 'check', '--no-cache', '--output-format=concise', '--quiet']
    return lines_of([*command, CHECKOUT, *commands], cwd=CHECKOUT)


def pylint(odoo):
    """What the Odoo community's linter knows."""
    command = [odoo.python, '-m', 'pylint', f'--rcfile={CHECKOUT / ".pylintrc"}', '--ignore=dev', ADDON]
    listed = lines_of(command, cwd=addons_folder(), env=odoo.environment())
    return [line for line in listed if not line.startswith('****')]


def javascript(odoo):
    """Errors by Odoo's own rules (eslint), and one style (prettier)."""
    linters = ensure_linters()
    sources = [str(path) for path in sorted(CHECKOUT.glob('static/**/*.js'))]
    rules = next(
        path for folder in (odoo.tree.python_path / 'odoo' / 'addons', *odoo.tree.addons_paths)
        if (path := folder / 'test_lint' / 'tests' / 'eslintrc').exists())
    checks = (
        [linters / 'eslint', '--no-ignore', '--no-eslintrc', '-c', rules],
        [linters / 'prettier', '--config', PINS, '--log-level', 'warn', '--check'],
    )
    return [line for command in checks for line in lines_of([*command, *sources], cwd=CHECKOUT) if line.strip()]


def odoo_lint(odoo, database):
    """Odoo's own lint, in a database with the addon installed."""
    command = [
        *(odoo.python, '-m', 'pytest', '--pyargs', 'odoo.addons.test_lint', '-p', 'tooling.pytest_odoo_lint'),
        *('-c', CHECKOUT / 'pyproject.toml', '--rootdir', addons_folder() / ADDON, '-p', 'no:cacheprovider'),
        *('--odoo-config', CONFIG, '--odoo-database', database, '--odoo-log-level', 'warn'),
        *('-q', '--no-header', '--tb=short', '-W', 'ignore'),
    ]
    return lines_of(command, cwd=WORK, env={**odoo.environment(), 'PYTHONPATH': str(DEV)})


def lines_of(command, **options):
    """The output of a checker that failed; nothing when it ended well."""
    done = run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', **options
    )
    if not done.returncode:
        return []
    return done.stdout.splitlines() or [f'{command[2]} ended with code {done.returncode}']
