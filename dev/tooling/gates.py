"""Gates: checks that each end as ok or with a list of problems; some of them run side by side."""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .console import UserError, say

SHOWN = 40


@dataclass
class Outcome:
    """How one gate went."""

    name: str
    problems: list


class Gates:
    """Runs gates, prints one line for each, and keeps the outcomes."""

    def __init__(self):
        self.outcomes = []

    def run(self, name, check, *arguments):
        """Run one check, which answers the problems it found; answers whether there were none."""
        started = time.monotonic()
        try:
            problems = list(check(*arguments) or [])
        except UserError as error:
            problems = [str(error)]
        except Exception:  # a broken gate is a failed gate, and the others still run
            problems = [traceback.format_exc()]
        seconds = f'{time.monotonic() - started:.0f} s'
        lines = [f'gate {name} … {"FAILED" if problems else "ok"} ({seconds})']
        for problem in problems[:SHOWN]:
            lines.append('    ' + problem.rstrip().replace('\n', '\n    '))
        if len(problems) > SHOWN:
            lines.append(f'    … and {len(problems) - SHOWN} more')
        say('\n'.join(lines))
        self.outcomes.append(Outcome(name, problems))
        return not problems

    def failed(self):
        """The names of the gates with problems."""
        return [outcome.name for outcome in self.outcomes if outcome.problems]


def side_by_side(*lanes):
    """Run several functions at the same time and wait for all."""
    pool = ThreadPoolExecutor(len(lanes))
    try:
        for future in [pool.submit(lane) for lane in lanes]:
            future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
