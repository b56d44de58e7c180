"""The health score of a customer: points for what is measured, weighed, capped, and given only where enough is known (HEA-1).

The database does the same for all customers at once (``customer.health.refresh``); here it is for one customer, on the same
plain values, so that a score can be explained, and foretold before rules are saved. The stated rules:

- A value is worth the points of the last band that begins at it or below; below the first band, those of the first. Or it is
  worth points between two ends, see :func:`between`.
- What is not known, or older than its validity, is left out (the others weigh more), or points are put in its place:
  50, 0, or what is usual in the customer's segment.
- The score is the mean of the points, weighed; rounded half up to two digits.
- Coverage is the share of all weights that is really known. Points put in place of an unknown value are not known.
- Of all caps that fit, the lowest counts; among equals the first. It binds only where the score would be higher.

What is known of a customer comes as *parts*, one per measure, keyed by the measure's id as text::

    {"<measure id>": {"w": weight, "p": points or None, "v": value or None, "d": day of the value or None,
                      "s": "known" | "stale" | "missing", "g": group id, "i": True where the points are imputed}}

The rules are those of a version (``customer.health.rules``): measures with their bands, cards with their weights and
thresholds, caps.
"""
from __future__ import annotations

import datetime
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

SCORED, THIN, NO_CARD = 'scored', 'thin', 'no_card'
KNOWN, STALE, MISSING = 'known', 'stale', 'missing'

NEUTRAL_POINTS = 50

#: The bands where a score is set by hand for a customer that no scorecard fits.
HEALTHY_FROM, WATCH_FROM = 75, 50

#: Weights may be decimal fractions, so that 59.999999999 percent are 60.
TOLERANCE = 1e-9

CENT = Decimal('0.01')


class Judgement(NamedTuple):
    """What a value is worth.

    :param status: :data:`KNOWN`, :data:`STALE` (there is a value, too old) or :data:`MISSING`
    :param points: 0 to 100, or None where the measure is left out
    :param imputed: the points stand in place of a value that is not known
    """

    status: str
    points: int | None
    imputed: bool


class Result(NamedTuple):
    """A score, and what it was made of.

    :param state: :data:`SCORED`, :data:`THIN` (too little is known) or :data:`NO_CARD`
    :param uncapped: the weighted mean of the points, two decimals; None where nothing counts
    :param computed: the same with the cap applied; None where the score is not published
    :param coverage: the weight that is known, in percent of all weights of the card, rounded down
    :param groups: of how many groups something is known that weighs
    :param cap: id of the cap that lowers the score, or None
    :param terms: what each counting measure gives to the mean, not rounded, by its id
    """

    state: str
    uncapped: float | None
    computed: float | None
    coverage: int
    groups: int
    cap: int | None
    terms: dict[str, float]


def points(bands: Sequence[Sequence[float]], value: float | None) -> int | None:
    """Return what a value is worth, None where there is none.

    :param bands: pairs of where a band begins and its points, rising

    >>> [points([[0, 100], [1.5, 50]], value) for value in (-1, 0, 1.5, 9, None)]
    [100, 100, 50, 50, None]
    """
    if value is None:
        return None
    place = bisect_right([start for start, __ in bands], value)
    return bands[max(place - 1, 0)][1]


def between(ends: Sequence[float], value: float | None) -> int | None:
    """Return what a value is worth between two ends, None where there is none: whole points, rounded half up.

    :param ends: from which value on there are no points, and from which on all 100; the second may be the lower one

    >>> [between([0, 50], value) for value in (-1, 0, 0.24, 0.25, 25, 50, 99, None)]
    [0, 0, 0, 1, 50, 100, 100, None]
    >>> between([90, 30], 45)
    75
    """
    if value is None:
        return None
    worst, best = ends
    return math.floor(100 * min(max((value - worst) / (best - worst), 0.0), 1.0) + 0.5)


def judges(measure: Mapping[str, Any]) -> bool:
    """Return whether a measure gives points at all: it has bands or two ends."""
    return bool(measure.get('ends') or measure['bands'])


def worth(measure: Mapping[str, Any], value: float | None) -> int | None:
    """Return what a value is worth by the bands, or between the ends, of a measure."""
    return between(measure['ends'], value) if measure.get('ends') else points(measure['bands'], value)


def judge(
    measure: Mapping[str, Any], value: float | None, as_of: datetime.date | None, today: datetime.date,
    median: int | None = None,
) -> Judgement:
    """Return what a value is worth today.

    :param measure: one of the measures of the rules
    :param value: the value, or None where there is none
    :param as_of: the day that the value is of
    :param median: the usual points of this measure in the customer's segment, where they are known
    """
    validity = measure['validity']
    if value is not None and (not validity or as_of and as_of >= today - datetime.timedelta(days=validity)):
        return Judgement(KNOWN, worth(measure, value), False)
    instead = {'neutral': NEUTRAL_POINTS, 'worst': 0, 'median': median}.get(measure['policy'])
    return Judgement(MISSING if value is None else STALE, instead, instead is not None)


def score(
    card: Mapping[str, Any] | None, parts: Mapping[str, Mapping[str, Any]], caps: Sequence[Mapping[str, Any]] = (),
) -> Result:
    """Return the score of a customer.

    :param card: the scorecard that fits: ``weights`` by measure id, ``coverage`` (percent) and ``groups`` that have to be
        known; None where no card fits
    :param parts: what is known of the customer
    :param caps: ``id``, ``measure``, ``comparison`` (``from`` or ``below``), ``value``, ``maximum`` of all caps
    """
    if not card:
        return Result(NO_CARD, None, None, 0, 0, None, {})
    weight = weights(card)
    everything = sum(weight.values())
    counting = [key for key in weight if counts(parts.get(key))]
    sure = [key for key in counting if known(parts[key])]
    covered = 100 * sum(weight[key] for key in sure)
    groups = len({parts[key].get('g') for key in sure})
    coverage = int(covered / everything + TOLERANCE) if everything else 0
    value = mean(card, parts)
    if value is None:
        return Result(THIN, None, None, coverage, groups, None, {})
    whole = sum(weight[key] for key in counting)
    terms = {key: weight[key] * parts[key]['p'] / whole for key in counting}
    uncapped = rounded(value)
    if covered < card['coverage'] * everything - TOLERANCE or groups < card['groups']:
        return Result(THIN, uncapped, None, coverage, groups, None, terms)
    cap = lowest_cap(caps, parts)
    binds = cap is not None and cap['maximum'] < uncapped
    computed = float(cap['maximum']) if binds else uncapped
    return Result(SCORED, uncapped, computed, coverage, groups, cap['id'] if binds else None, terms)


def weights(card: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the weights of a card by measure id as text, without those that weigh nothing, in the order of the ids: sums
    of fractions depend on it."""
    named = (card or {}).get('weights', {})
    return {str(key): float(named[key]) for key in sorted(named, key=lambda key: (len(str(key)), str(key))) if named[key]}


def mean(card: Mapping[str, Any] | None, parts: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Return the weighted mean of the points that count, not rounded; None where none does."""
    weighed = [(weight, parts[key]['p']) for key, weight in weights(card).items() if counts(parts.get(key))]
    whole = sum(weight for weight, __ in weighed)
    return sum(weight * given for weight, given in weighed) / whole if whole else None


def counts(part: Mapping[str, Any] | None) -> bool:
    """Return whether a part has points, known or imputed."""
    return part is not None and part.get('p') is not None


def known(part: Mapping[str, Any] | None) -> bool:
    """Return whether a part's points come from a value that is still valid."""
    return counts(part) and part.get('s') == KNOWN and not part.get('i')


def lowest_cap(
    caps: Sequence[Mapping[str, Any]], parts: Mapping[str, Mapping[str, Any]],
) -> Mapping[str, Any] | None:
    """Return the lowest of the caps that fit what is known, None where none fits."""
    fitting = [cap for cap in caps if _fits(cap, parts.get(str(cap['measure'])))]
    return min(fitting, key=lambda cap: cap['maximum'], default=None)


def band(card: Mapping[str, Any] | None, shown: float | None) -> str:
    """Return the band of a shown score: ``healthy``, ``watch``, ``risk``, or ``none`` where there is no score.

    :param card: the scorecard with ``healthy`` and ``watch``; None for the shipped thresholds
    """
    if shown is None:
        return 'none'
    if shown >= (card['healthy'] if card else HEALTHY_FROM):
        return 'healthy'
    return 'watch' if shown >= (card['watch'] if card else WATCH_FROM) else 'risk'


def rounded(value: float) -> float:
    """Round half up to two digits, as the database does with a float of 15 digits.

    >>> rounded(74.995), rounded(1 / 3)
    (75.0, 0.33)
    """
    return float(Decimal(format(value, '.15g')).quantize(CENT, ROUND_HALF_UP))


def _fits(cap: Mapping[str, Any], part: Mapping[str, Any] | None) -> bool:
    if not known(part) or part.get('v') is None:
        return False
    return part['v'] >= cap['value'] if cap['comparison'] == 'from' else part['v'] < cap['value']
