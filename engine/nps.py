"""Net Promoter Score with its range, and answers on a scale of five.

Every answer is kept as 100 (promoter, 9 and 10), 0 (passive, 7 and 8) or -100 (detractor, 0 to 6), so that the mean of any
group of answers is its NPS.

The range is the adjusted-Wald interval for NPS: three answers are added, a quarter of them promoters, a quarter detractors, and
of a mean of values that are 1, 0 or -1 the variance is ``p + d - (p - d)²`` (J. Sauro and J. R. Lewis, "Confidence intervals for
Net Promoter scores", MeasuringU 2021). Without the added answers five promoters would be 100 ± 0, which nobody believes.
"""
from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

PROMOTER, PASSIVE, DETRACTOR = 'promoter', 'passive', 'detractor'

#: What an answer of a class counts.
VALUES = {PROMOTER: 100, PASSIVE: 0, DETRACTOR: -100}

#: Answers that are added before the range is taken, and the part of them that goes to promoters, and to detractors.
ADDED, SHARE = 3, 0.25

#: So many standard errors hold 95 of 100 such ranges.
Z = 1.96


class Nps(NamedTuple):
    """What a group of answers says.

    :param n: how many answers
    :param promoters: share in percent, so the next two
    :param passives: share in percent
    :param detractors: share in percent
    :param score: the NPS, -100 to 100; None where there are too few answers to tell
    :param margin: the NPS is this much more or less, in 95 of 100 cases; None as above
    :param low: where the range begins; None as above
    :param high: where it ends; None as above
    """

    n: int
    promoters: float
    passives: float
    detractors: float
    score: float | None
    margin: float | None
    low: float | None
    high: float | None


class Csat(NamedTuple):
    """What a group of answers from 1 to 5 says.

    :param n: how many answers
    :param average: 1 to 5
    :param satisfied: share of 4 and 5, in percent
    """

    n: int
    average: float
    satisfied: float


def category(score: int) -> str:
    """Return the class of an answer from 0 to 10.

    >>> [category(score) for score in (0, 6, 7, 8, 9, 10)]
    ['detractor', 'detractor', 'passive', 'passive', 'promoter', 'promoter']

    :raises ValueError: for what no one can answer
    """
    if not 0 <= score <= 10:
        raise ValueError(score)
    return PROMOTER if score >= 9 else PASSIVE if score >= 7 else DETRACTOR


def summary(promoters: int, passives: int, detractors: int, minimum: int = 5) -> Nps:
    """Return what so many answers of each class say.

    >>> found = summary(2, 1, 2)  # 10, 9, 8, 6, 0
    >>> found.n, found.score, found.promoters, round(found.margin, 1)
    (5, 0.0, 40.0, 57.5)
    >>> summary(2, 1, 1).score is None, summary(0, 0, 0).n
    (True, 0)

    :param minimum: with fewer answers there is no score
    """
    n = promoters + passives + detractors
    if not n:
        return Nps(0, 0.0, 0.0, 0.0, None, None, None, None)
    shares = [100 * count / n for count in (promoters, passives, detractors)]
    if n < minimum:
        return Nps(n, *shares, None, None, None, None)
    total = n + ADDED
    p, d = (promoters + SHARE * ADDED) / total, (detractors + SHARE * ADDED) / total
    middle, margin = 100 * (p - d), 100 * Z * sqrt((p + d - (p - d) ** 2) / total)
    score = 100 * (promoters - detractors) / n
    return Nps(n, *shares, score, margin, max(middle - margin, -100.0), min(middle + margin, 100.0))


def summary_of(scores: Iterable[int], minimum: int = 5) -> Nps:
    """Return what answers from 0 to 10 say.

    >>> summary_of([10, 9, 8, 6, 0]).score
    0.0
    """
    classes = [category(score) for score in scores]
    return summary(*(classes.count(name) for name in (PROMOTER, PASSIVE, DETRACTOR)), minimum)
