"""Whether a change of a strategy helped: before, after, what the segment did meanwhile, and a verdict (STR-4).

For one KPI, with all values in its unit:

* change = after - before; the segment's change likewise, from the mean of the same other customers;
* net effect = change - segment's change: what is left when everybody's good or bad time is taken out;
* expected = the way from *before* to the new target, in the direction in which the KPI is better;
* reached % = 100 × net effect (in that direction) / expected, not below 0 and not above 100.

A customer that was at the new target already has no way to go: it reaches 100 % if it is at the target still and its net
effect is not worse than :data:`HOLD_TOLERANCE` of the target the wrong way, else 0 %.

A KPI of which one of the four values is missing is not known, and is no zero. The overall figure is the mean of the known
KPIs by their weights; where too little of the weight is known, there is none, and the verdict is *unknown*.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

HIGHER, LOWER = 'higher', 'lower'
EFFECTIVE, PARTLY, NOT, UNKNOWN = 'effective', 'partly', 'not', 'unknown'

#: Differences are compared with so many decimals, so that 0.1 + 0.2 is at a target of 0.3.
DECIMALS = 6

#: How much worse than the segment a customer may have done that was at its target already, as a part of the target.
HOLD_TOLERANCE = 0.05


class Line(NamedTuple):
    """What came of one KPI. What can't be said is None.

    :param change: after - before, in the KPI's unit
    :param segment_change: the same of the segment
    :param net: change - segment_change, in the KPI's unit: below 0 is good where lower is better
    :param expected: the improvement from before to the new target; 0 or less where there was no way to go
    :param net_percent: how much of the expected improvement was reached, 0 to 100, with one decimal
    :param verdict: ``effective``, ``partly``, ``not`` or ``unknown``
    """

    change: float | None
    segment_change: float | None
    net: float | None
    expected: float | None
    net_percent: float | None
    verdict: str


class Overall(NamedTuple):
    """What came of all KPIs together.

    :param net_percent: how much of the expected improvement was reached, 0 to 100, or None where too little is known
    :param known_percent: the part of the KPIs, by weight, of which it is known
    :param verdict: ``effective``, ``partly``, ``not`` or ``unknown``
    """

    net_percent: float | None
    known_percent: float
    verdict: str


def improvement(before: float, after: float, better: str) -> float:
    """Return by how much a KPI became better, in its unit; below 0 where it became worse.

    :param better: ``higher`` or ``lower``
    """
    return before - after if better == LOWER else after - before


def line(
    before: float | None, after: float | None, segment_before: float | None, segment_after: float | None,
    new_target: float, better: str, *, effective: float = 80, partly: float = 30,
) -> Line:
    """Return what came of one KPI, see the module for the formulas.

    :param before: the customer's value before, None where it is not known; so the other three
    :param new_target: what was to be reached
    :param better: ``higher`` or ``lower``
    :param effective: from so many percent of the expected improvement on it was effective
    :param partly: from so many percent on it was partly effective
    """
    change = None if before is None or after is None else after - before
    segment_change = None if segment_before is None or segment_after is None else segment_after - segment_before
    expected = None if before is None else improvement(before, new_target, better)
    if change is None or segment_change is None:
        return Line(change, segment_change, None, expected, None, UNKNOWN)
    net = change - segment_change
    gain = improvement(0, net, better)
    if round(expected, DECIMALS) > 0:
        # one decimal, as it is shown: what people read is what decides. The quotient may pass what a float holds
        # where the way was tiny; capped it is harmless
        percent = round(min(max(gain / expected * 100, 0), 100), 1)
    else:
        is_at_target = round(improvement(new_target, after, better), DECIMALS) >= 0
        kept_up = round(gain + HOLD_TOLERANCE * abs(new_target), DECIMALS) >= 0
        percent = 100.0 if is_at_target and kept_up else 0.0
    return Line(change, segment_change, net, expected, percent, verdict(percent, effective, partly))


def overall(
    lines: Iterable[tuple[float, float | None]], effective: float, partly: float, known_minimum: float,
) -> Overall:
    """Return what came of all KPIs together.

    :param lines: the weight and ``net_percent`` of each; None where it is not known
    :param effective: from so many percent of the expected improvement on it was effective
    :param partly: from so many percent on it was partly effective
    :param known_minimum: with less than so many percent of the weight known, the verdict is unknown
    """
    lines = [(weight, percent) for weight, percent in lines if weight > 0]
    weights = sum(weight for weight, _percent in lines)
    known = sum(weight for weight, percent in lines if percent is not None)
    known_percent = 100 * known / weights if weights else 0.0
    if not known or known_percent < known_minimum:
        return Overall(None, known_percent, UNKNOWN)
    mean = round(sum(weight * percent for weight, percent in lines if percent is not None) / known, 1)
    return Overall(mean, known_percent, verdict(mean, effective, partly))


def verdict(percent: float, effective: float, partly: float) -> str:
    """Return the verdict on a part, in percent, of the expected improvement."""
    if percent >= effective:
        return EFFECTIVE
    return PARTLY if percent >= partly else NOT
