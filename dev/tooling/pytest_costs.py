"""A pytest plugin that says where the time goes: the slowest files, and the processor seconds of all.

Counted is what the programs of the tests use, browsers included; the database server works for others besides.
"""

import json
import os
from pathlib import Path

import pytest

from .pytest_names import KNOWN, REPORT
from .test_report import KINDS, slowest


class Costs:
    """The processor seconds of one session, by file."""

    by_file = {}


def _processor_seconds():
    return sum(os.times()[:4])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the files that cost most first, or those with most tests where nothing is known: no process is to be left alone
    with one of them at the end."""
    if not (path := os.environ.get(KNOWN)):
        return
    known, counts = json.loads(Path(path).read_text()) if Path(path).exists() else {}, {}
    for item in items:
        counts[_file(item)] = counts.get(_file(item), 0) + 1
    items.sort(key=lambda item: (-known.get(_file(item), counts[_file(item)]), _file(item)))


def _file(item):
    return item.nodeid.split('::')[0].split('customer_success/')[-1]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """What a class sets up counts with its first test."""
    begun = _processor_seconds()
    try:
        return (yield)
    finally:
        name = _file(item)
        Costs.by_file[name] = Costs.by_file.get(name, 0) + _processor_seconds() - begun


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Add up what the processes of a session counted."""
    for name, seconds in getattr(node, 'workeroutput', {}).get('costs', {}).items():
        Costs.by_file[name] = Costs.by_file.get(name, 0) + seconds


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Hand on to the process of the session."""
    if hasattr(session.config, 'workeroutput'):
        session.config.workeroutput['costs'] = Costs.by_file


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Say it at the end, or hand it on to whoever adds up."""
    if path := os.environ.get(REPORT):
        counts = {kind: len(terminalreporter.stats.get(kind, ())) for kind in KINDS}
        Path(path).write_text(json.dumps({'counts': counts, 'costs': Costs.by_file}))
    elif len(Costs.by_file) > 1:
        terminalreporter.write_line('\n'.join(slowest(Costs.by_file)))
