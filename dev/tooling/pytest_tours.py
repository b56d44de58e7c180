"""A pytest plugin that counts the browser runs (tours and JS suites) that really ran and passed.

Odoo skips its browser tests when the browser does not start; without this count a green session would mean nothing.
"""

import os

import pytest

from .pytest_names import APPS, BROWSER, PATIENCE, TOURS_REQUIRED

#: What the pages of the client are made of. A test that makes them takes them back with its transaction, and so would the next.
BUNDLES = (
    'web.assets_web', 'web.assets_web_print', 'web.assets_tests', 'web.assets_emoji', 'web.chartjs_lib',
    'web.fullcalendar_lib', 'bus.websocket_worker_assets', 'web_tour.automatic', 'web.assets_frontend',
    'web.assets_frontend_minimal', 'web.assets_frontend_lazy',
)

#: How many milliseconds a tour waits for what it is to find next.
TOUR_PATIENCE = 10_000

#: Lets each tour of a page wait longer for what it is to find next; what a step says itself holds.
PATIENT_TOURS = """
for (const [, tour] of odoo.loader.modules.get("@web/core/registry").registry.category("web_tour.tours").getEntries()) {
    tour.timeout ||= %d;
}
"""


class Browser:
    """The counts of one session."""

    passed = 0
    failed = 0


def pytest_configure():
    """Let pytest time the tests by a clock that none of them stops."""
    import freezegun

    freezegun.configure(extend_ignore_list=['_pytest.timing'])


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that open a browser, or all others, as the environment says; and so those that need other apps."""
    apps = 'only' if os.environ.get(APPS) else 'without'
    _choose(config, items, lambda item: hasattr(getattr(item, 'cls', None), 'needs_apps'), apps)
    if wanted := os.environ.get(BROWSER):
        _choose(config, items, _opens_browser, wanted)


def _patience():
    return int(os.environ.get(PATIENCE) or 1)


def _opens_browser(item):
    from odoo.tests.common import HttpCase

    return issubclass(getattr(item, 'cls', None) or object, HttpCase)


def _choose(config, items, is_one, wanted):
    """Keep only the tests of a kind, or all others."""
    ours = [item for item in items if is_one(item)]
    others = [item for item in items if not is_one(item)]
    items[:], left_out = (ours, others) if wanted == 'only' else (others, ours)
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope='session', autouse=True)
def bundles(request, load_registry):
    """Make the bundles of the client once, before the first test that opens a browser: they cost three seconds each time."""
    if not any(map(_opens_browser, request.session.items)):
        return
    from odoo import SUPERUSER_ID
    from odoo.api import Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    with Registry(get_db_name()).cursor() as cr:
        pages = Environment(cr, SUPERUSER_ID, {})['ir.qweb']
        for name in BUNDLES:
            bundle = pages._get_asset_bundle(name)
            bundle.js()
            bundle.css()


@pytest.fixture(scope='session', autouse=True)
def files_stay(load_registry):
    """Keep the files where several processes share them: what one has just written is garbage to the others, who don't find it
    in their copies of the database. All of them go with the database.
    """
    from odoo.tests.common import TransactionCase

    if os.environ.get('PYTEST_XDIST_WORKER'):
        TransactionCase._gc_filestore = classmethod(lambda cls: None)


@pytest.fixture(scope='session', autouse=True)
def patience(load_registry):
    """Wait longer for pages, as Odoo itself does for a browser that it slows down."""
    from odoo.tests.common import ChromeBrowser

    factor = _patience()
    ChromeBrowser.throttling_factor = property(
        lambda browser: max(factor, vars(browser).get('slowed_down', 1)),
        lambda browser, value: vars(browser).update(slowed_down=value))
    yield
    del ChromeBrowser.throttling_factor


@pytest.fixture(scope='session', autouse=True)
def count_browser_runs(load_registry):
    """Wrap the one method that every tour and every JS suite goes through."""
    from odoo.tests.common import HttpCase

    original, factor = HttpCase.browser_js, _patience()

    def browser_js(self, url_path, code, *args, **kwargs):
        if factor > 1 and code.startswith('odoo.startTour('):
            code = PATIENT_TOURS % (factor * TOUR_PATIENCE) + code
        try:
            result = original(self, url_path, code, *args, **kwargs)
        except BaseException:
            Browser.failed += 1
            raise
        Browser.passed += 1
        return result

    HttpCase.browser_js = browser_js
    yield
    HttpCase.browser_js = original


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Add up what the processes of a session that is spread over several counted."""
    passed, failed = getattr(node, 'workeroutput', {}).get('browser', (0, 0))
    Browser.passed += passed
    Browser.failed += failed


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """A full session without a single browser run has failed, whatever else passed."""
    if hasattr(session.config, 'workeroutput'):
        session.config.workeroutput['browser'] = (Browser.passed, Browser.failed)
        return
    if os.environ.get(TOURS_REQUIRED) and not Browser.passed and exitstatus in (0, 5):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Say how many browser runs there were, before pytest's own closing line."""
    terminalreporter.write_line(f'browser runs: {Browser.passed} passed, {Browser.failed} not passed')
    if os.environ.get(TOURS_REQUIRED) and not Browser.passed:
        terminalreporter.write_line('FAILED: no browser test ran, so the interface is untested.', red=True)
