"""The value score of a customer: points for what is known, weighed in two steps, components in their dimension and dimensions
in the whole (SEG-5).

The database does the same for all customers at once (``customer.value.refresh``); here it is for one, so that a score can be
explained. The stated rules:

- A component is worth the points of its band, or points between two ends; see :mod:`.scoring`.
- A dimension is the mean of its components that are known, weighed.
- The score is the mean of the dimensions of which something is known, weighed; rounded half up to two digits. So what is not
  known is left out and the rest weighs more, first within its dimension.
- Coverage is the share of all weights that is known.

What is known comes as *parts*, as in :mod:`.scoring`: ``w`` is the weight of a component in the whole, so that the weights of
a dimension's components add up to that of the dimension, and ``g`` is the dimension.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from . import explanation, scoring


class Worth(NamedTuple):
    """A value score, and what it was made of.

    :param score: 0 to 100, two decimals; None where less is known than it takes
    :param coverage: what is known, in percent of all weights, rounded down
    :param shares: what each component that counts gives and could give
    :param dimensions: the mean points of each dimension of which something is known, not rounded
    """

    score: float | None
    coverage: int
    shares: list[explanation.Share]
    dimensions: dict[Any, float]


def nominal(dimensions: Sequence[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Return the weight of each component in the whole, in percent.

    :param dimensions: of each its weight, and the weights of its components by their key

    >>> nominal([(30, {'a': 1, 'b': 2}), (10, {'c': 5}), (60, {})])
    {'a': 25.0, 'b': 50.0, 'c': 25.0}
    """
    kept = [(weight, parts) for weight, parts in dimensions if weight > 0 and sum(parts.values()) > 0]
    whole = sum(weight for weight, __ in kept)
    return {
        key: 100 * weight * part / sum(parts.values()) / whole
        for weight, parts in kept for key, part in parts.items() if part > 0}


def weights(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return what each component that is known weighs in the end, what is not known left out."""
    whole, known = defaultdict(float), defaultdict(float)
    for part in parts.values():
        whole[part['g']] += part['w']
        if scoring.counts(part):
            known[part['g']] += part['w']
    return {
        key: whole[part['g']] * part['w'] / known[part['g']] for key, part in parts.items()
        if scoring.counts(part) and part['w'] > 0}


def worth(parts: Mapping[str, Mapping[str, Any]], least: float = 0) -> Worth:
    """Return the value score of a customer.

    :param parts: what is known of it
    :param least: how much of all weights has to be known, in percent
    """
    everything = sum(part['w'] for part in parts.values())
    sure = sum(part['w'] for part in parts.values() if scoring.counts(part))
    coverage = int(100 * sure / everything + scoring.TOLERANCE) if everything else 0
    card = {'weights': weights(parts)}
    mean = scoring.mean(card, parts)
    enough = mean is not None and 100 * sure >= least * everything - scoring.TOLERANCE * everything
    groups = defaultdict(dict)
    for key, part in parts.items():
        groups[part['g']][key] = part
    dimensions = {
        group: found for group, own in groups.items()
        if (found := scoring.mean({'weights': {key: part['w'] for key, part in own.items()}}, own)) is not None}
    return Worth(
        scoring.rounded(mean) if enough else None, coverage, explanation.earned(card, parts, 2), dimensions)
