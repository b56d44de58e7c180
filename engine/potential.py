"""What more a customer could buy (SEG-3): points of what is known, weighed, and given only where enough is known.

The database does the same for all customers at once (``customer.potential.keeper``); here it is for one, on plain values, so
that a score can be explained and both can be held to each other. The stated rules:

- What is known of a factor is worth the points of the last band that begins at it or below (:func:`.scoring.points`).
- What is not known is left out: the others weigh more. Below a minimum share of all weights nothing is said.
- The score is the mean of the points, weighed, rounded half up to two digits; the grade is the highest whose bound it reaches.
- What somebody judged by hand comes before: the score goes to where the grade judged begins or ends, and no further.
"""
from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from . import explanation

HIGH, MEDIUM, LOW = 'high', 'medium', 'low'

#: Between the best score of a grade and the first of the next.
CENT = Fraction(1, 100)


class Part(NamedTuple):
    """What is known of a factor.

    :param weight: how much it counts, a whole number from 1 on
    :param points: 0 to 100, None where nothing is known
    """

    weight: int
    points: int | None


class Result(NamedTuple):
    """The potential of a customer.

    :param score: 0 to 100 with two decimals, None where too little is known
    :param known: the weight of what is known, in percent of all weights, rounded down
    """

    score: float | None
    known: int


def score(parts: Sequence[Part], minimum: int) -> Result:
    """Return the potential.

    :param parts: of all factors
    :param minimum: from how many percent of the weights on something is said

    >>> score([Part(25, 100), Part(20, 50), Part(55, None)], 45)
    Result(score=77.78, known=45)
    >>> score([Part(25, 100), Part(20, 50), Part(55, None)], 46)
    Result(score=None, known=45)
    """
    everything = sum(part.weight for part in parts)
    sure = [part for part in parts if part.points is not None]
    known = sum(part.weight for part in sure)
    percent = 100 * known // everything if everything else 0
    if not known or 100 * known < minimum * everything:
        return Result(None, percent)
    exact = Fraction(sum(part.weight * part.points for part in sure), known)
    return Result(_half_up(exact), percent)


def shares(parts: Sequence[Part], total: float) -> list[float]:
    """Return what each known factor gives to a score, rounded so that it adds up to it to the last digit.

    :param parts: with points, of the factors that are known
    :param total: the score

    >>> shares([Part(1, 100), Part(1, 100), Part(1, 0)], 66.67)
    [33.34, 33.33, 0.0]
    """
    known = sum(part.weight for part in parts)
    return explanation.spread([part.weight * part.points / known for part in parts], total, 2) if known else []


def grade(value: float | None, high_from: int, medium_from: int) -> str | None:
    """Return the grade of a score: a bound belongs to the better one.

    >>> [grade(value, 70, 40) for value in (70, 69.99, 40, 39.99, 0, None)]
    ['high', 'medium', 'medium', 'low', 'low', None]
    """
    if value is None:
        return None
    return HIGH if value >= high_from else MEDIUM if value >= medium_from else LOW


def judged(value: float | None, by_hand: str, high_from: int, medium_from: int) -> float:
    """Return the score of a customer whose grade was judged by hand: the computed one where it has that grade, else the nearest
    that has; without a computed one, the middle of the grade.

    >>> [judged(value, 'medium', 70, 40) for value in (90, 55.5, 10, None)]
    [69.99, 55.5, 40.0, 55.0]
    """
    lowest, highest = {
        HIGH: (Fraction(high_from), Fraction(100)), MEDIUM: (Fraction(medium_from), high_from - CENT),
        LOW: (Fraction(0), medium_from - CENT)}[by_hand]
    if value is None:
        return _half_up((lowest + highest) / 2)
    return float(min(max(Fraction(str(value)), lowest), highest))


def _half_up(exact):
    """Return a number that is not negative with two decimals, as people round."""
    return ((200 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 100
