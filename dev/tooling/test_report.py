"""What several sessions of tests came to: the files that cost most, and one closing line."""

import json
from datetime import timedelta

#: How many files are named.
SHOWN = 10
#: What becomes of a test, in the order in which pytest says it.
KINDS = ('failed', 'passed', 'skipped', 'xfailed', 'xpassed', 'error')


def slowest(costs):
    """The lines that name the files that cost most, and the sum."""
    shown = sorted(costs.items(), key=lambda item: -item[1])[:SHOWN]
    return [f'processor time: {sum(costs.values()):.0f} s in {len(costs)} files, most of it in'] + [
        f'{seconds:8.1f} s  {name}' for name, seconds in shown]


def closing_line(reports, seconds):
    """One line in pytest's words."""
    counts = {kind: sum(report['counts'].get(kind, 0) for report in reports) for kind in KINDS}
    said = ', '.join(
        f'{count} {kind}{"s" if kind == "error" and count > 1 else ""}' for kind, count in counts.items() if count)
    return f' {said or "no tests ran"} in {seconds:.2f}s ({timedelta(seconds=int(seconds))}) '.center(80, '=')


def read_reports(paths):
    """What the sessions that came to an end counted."""
    return [json.loads(path.read_text()) for path in paths if path.exists()]


def costs_of(reports):
    """What each file cost, in all sessions."""
    costs = {}
    for report in reports:
        for name, seconds in report['costs'].items():
            costs[name] = costs.get(name, 0) + seconds
    return costs
