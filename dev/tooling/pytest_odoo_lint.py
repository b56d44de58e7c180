"""A pytest plugin that narrows Odoo's own "test_lint" to this addon: Odoo's modules are none of our business."""

import os
import subprocess
from contextlib import contextmanager

import pytest

ADDON = 'customer_success'
TOOLING = 'dev'
# tests of the checkers themselves, of Odoo's own docstrings, and of themes
FOREIGN = ('test_checkers.py', 'test_docstring.py', 'test_eslint.py', 'test_l10n.py')
FOREIGN_TESTS = ('test_directives_regex', 'test_regular_expression', 'test_matches_underscore')


def pytest_ignore_collect(collection_path):
    """Leave out the files that test something else than addons."""
    return True if collection_path.name in FOREIGN else None


def pytest_collection_modifyitems(items):
    """Leave out the tests that test the checkers."""
    items[:] = [item for item in items if not item.name.startswith(FOREIGN_TESTS)]


@pytest.fixture(scope='session', autouse=True)
def only_this_addon():
    """Make Odoo's linters believe that this addon is the only one there is."""
    from odoo.modules import Manifest
    from odoo.tests.case import TestCase
    from odoo.tools import config

    from odoo.addons.test_lint.tests import lint_case, test_pofile, test_pylint

    patch = pytest.MonkeyPatch()
    patch.setattr(Manifest, 'all_addon_manifests', staticmethod(lambda: [Manifest.for_addon(ADDON)]))
    patch.setattr(test_pofile, 'get_modules', lambda: [ADDON])
    original_files = lint_case.LintCase.iter_module_files

    def iter_module_files(self, *globs, modules=None):
        tooling = os.path.join(Manifest.for_addon(ADDON).path, TOOLING) + os.sep
        for path in original_files(self, *globs, modules=modules):
            if not path.startswith(tooling):
                yield path

    patch.setattr(lint_case.LintCase, 'iter_module_files', iter_module_files)

    original_subtest = TestCase.subTest

    @contextmanager
    def sub_test(self, *args, **options):
        # these tests have fifty thousand, and each is a report of its own: only those that fail make one
        try:
            yield
        except Exception:
            with original_subtest(self, *args, **options):
                raise

    patch.setattr(TestCase, 'subTest', sub_test)

    class NarrowedSubprocess:
        """Lets Odoo's pylint check the addon without Odoo itself."""

        @staticmethod
        def run(command, env, **options):
            command = [part for part in command if part != config.root_path]
            # pytest puts the folder of all addons on the path, where "calendar" hides Python's own
            path = [part for part in env['PYTHONPATH'].split(os.pathsep) if os.path.basename(part) != 'addons']
            env = {**env, 'PYTHONPATH': os.pathsep.join(path)}
            return subprocess.run([*command[:1], f'--ignore={TOOLING}', *command[1:]], check=False, env=env, **options)

    patch.setattr(test_pylint, 'subprocess', NarrowedSubprocess)
    yield
    patch.undo()
