"""KPIs as they stand in a cell of a sheet: a name, what was agreed, what it is."""
from __future__ import annotations

import re
from typing import NamedTuple

from . import sheet_value

#: KPIs of one cell are parted by these.
PARTS = re.compile(r'[\n;；]+')
NUMBER = r'[-+]?\d[\d.,]*(?:[\s\u00a0\u202f]?\d{3})*\s*[万千亿%]?'
GOAL = re.compile(
    rf'(?P<name>[^\d≥≤<>=:：]+?)\s*[:：]?\s*(?:目标|目標|target)?\s*[:：]?\s*(?:≥|≤|>=|<=|>|<|=)?\s*(?-i:[A-Z]{{0,3}}[¥￥$€£]|[A-Z]{{3}}\b)?\s*'
    rf'(?P<target>{NUMBER})(?P<rest>.*)', re.IGNORECASE)
#: What stands behind the target: what it is.
ACTUAL = re.compile(rf'[/／,，、|](?P<text>[^\d]*?)(?P<actual>{NUMBER})')


class Goal(NamedTuple):
    """A KPI of a cell.

    :param name: as it stands there
    :param target: what was agreed; None where that can't be read
    :param actual: what it is; None where that doesn't stand there
    """

    name: str
    target: float | None
    actual: float | None


def goals(cell: str) -> list[Goal]:
    """Return the KPIs that stand in a cell.

    >>> goals('Repurchase Rate ≥ 80\\u00a0% / 85\\u00a0%')
    [Goal(name='Repurchase Rate', target=80.0, actual=85.0)]
    >>> goals('复购率：目标80%，实际 72.5%；投诉率 ≤ 2 % / not known')
    [Goal(name='复购率', target=80.0, actual=72.5), Goal(name='投诉率', target=2.0, actual=None)]
    >>> goals('Average Order Value ≥ $ 1,200 / $ 1,350.50'), goals('to be agreed')
    ([Goal(name='Average Order Value', target=1200.0, actual=1350.5)], [Goal(name='to be agreed', target=None, actual=None)])
    """
    return [_goal(part) for part in (' '.join(part.split()) for part in PARTS.split(cell or '')) if part]


def _goal(part):
    found = GOAL.fullmatch(part)
    if not found:
        return Goal(part, None, None)
    actual = ACTUAL.search(found['rest'])
    try:
        return Goal(
            found['name'].strip(), sheet_value.number(found['target']), sheet_value.number(actual['actual']) if actual else None)
    except sheet_value.Refused:
        return Goal(part, None, None)
