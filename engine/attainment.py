"""Whether a strategy works: how far each KPI came, all of them together, and the grade for it (STR-2).

The stated rules; everything is in percent:

- A KPI of which more is better is attained by ``actual / target``, one of which less is better by ``target / actual``. Nothing
  counts below 0 or above a cap, so that one excellent KPI does not hide a bad one.
- A KPI that grows over the days of a cycle (orders, revenue) owes on each day only its part of the target. What is counted in
  whole pieces is owed in whole pieces: of two orders in ninety days the first one is owed from day 45 on.
- A strategy is attained by the mean of its KPIs, weighed, over those that can be judged, rounded to the tenth that people
  see. It is not judged where less than a minimum of the weight can be.
- The grade is the last one that begins at the attainment or below it.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

HIGHER, LOWER = 'higher', 'lower'

#: Actual values and targets are decimal fractions, so that 0.1 + 0.2 of an order are 0.3.
TOLERANCE = 1e-9


class AttainmentError(ValueError):
    """An attainment that there is none of.

    :param reason: ``target`` (nothing can be compared with a target of 0 or less) or ``better`` (an unknown direction)
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Overall(NamedTuple):
    """How well a strategy works.

    :param attainment: percent, to the tenth; None where too little can be judged
    :param known_percent: the weight of what can be judged, in percent of all weights
    """

    attainment: float | None
    known_percent: float


def attainment(target: float, actual: float, better: str, cap: float = 100) -> float:
    """Return how far a KPI came, in percent: ``100 × actual / target`` where more is better, ``100 × target / actual`` where
    less is; between 0 and the cap. Of a KPI of which less is better, nothing at all is the best there is.

    :param target: more than 0, in the unit of the KPI
    :param actual: in the same unit
    :param better: :data:`HIGHER` or :data:`LOWER`
    :param cap: percent
    :raises AttainmentError: for a target of 0 or less, and an unknown direction

    >>> attainment(80, 85, 'higher'), attainment(80, 85, 'higher', 120)
    (100.0, 106.25)
    >>> round(attainment(90, 88, 'higher'), 1), round(attainment(30, 45, 'lower'), 1), attainment(5, 0, 'lower')
    (97.8, 66.7, 100.0)
    """
    if not target > 0:
        raise AttainmentError('target')
    if better == HIGHER:
        percent = 100 * (actual / target)
    elif better == LOWER:
        # a tiny actual value would be beyond every number
        percent = 100 * (target / actual) if actual > target * TOLERANCE else cap
    else:
        raise AttainmentError('better')
    return float(min(max(percent, 0), cap))


def owed(target: float, additive: bool, elapsed_days: int, all_days: int, whole: bool = False) -> float:
    """Return how much of a target is owed so far, in the unit of the target.

    :param target: of all days
    :param additive: whether the KPI grows over the days; else the whole target is owed on every day
    :param elapsed_days: days of the cycle that passed, today included; what passed after its end does not count
    :param all_days: days of the cycle, at least 1
    :param whole: whether it is counted in whole pieces

    >>> owed(9000, True, 30, 90), owed(80, False, 30, 90), owed(9000, True, 120, 90)
    (3000.0, 80.0, 9000.0)
    >>> owed(2, True, 44, 90, whole=True), owed(2, True, 45, 90, whole=True), owed(2.5, True, 90, 90, whole=True)
    (0.0, 1.0, 2.5)
    """
    if not additive or elapsed_days >= all_days:
        return float(target)
    part = target * max(elapsed_days, 0) / all_days
    return float(math.floor(part + TOLERANCE)) if whole else part


def overall(lines: Iterable[tuple[float | None, float]], known_minimum: float) -> Overall:
    """Return the weighted mean of the KPIs that can be judged.

    :param lines: attainment (None where it is not known) and weight of each KPI
    :param known_minimum: how much of the weight has to be known, in percent

    >>> overall([(100, 1), (97.78, 1)], 50)
    Overall(attainment=98.9, known_percent=100.0)
    >>> overall([(100, 1), (None, 3)], 50)
    Overall(attainment=None, known_percent=25.0)
    """
    weights = total = points = 0
    for percent, weight in lines:
        total += weight
        if percent is not None:
            weights += weight
            points += percent * weight
    if not weights:
        return Overall(None, 0.0)
    known = 100 * weights / total
    if known < known_minimum - TOLERANCE:
        return Overall(None, known)
    # half a tenth goes up; a mean of what is 100 everywhere is 100, whatever binary fractions make of it
    return Overall(math.floor(points / weights * 10 + 0.5 + TOLERANCE) / 10, known)


def grade(percent: float | None, minima: Sequence[float]) -> int | None:
    """Return the place of the grade that an attainment gets.

    :param percent: the attainment, None where there is none
    :param minima: where the grades begin, in any order
    :return: the place in ``minima``; None without an attainment, and below the lowest grade

    >>> [grade(percent, [100, 90, 60, 0]) for percent in (100, 99.9, 60, 12, None)]
    [0, 1, 2, 3, None]
    """
    if percent is None:
        return None
    reached = [place for place, minimum in enumerate(minima) if minimum <= percent + TOLERANCE]
    return max(reached, key=lambda place: minima[place], default=None)
