"""Which model of how customers buy foretells best, and from when on a silence is worth a warning.

A model is fitted on what was known before the held-out weeks and then asked about them (:func:`back_test`). Three things
are measured: how likely it held what happened (who bought and who did not), whether it put those first who bought (the area
under the curve), and how many purchases it expected altogether. :func:`choose` takes the model that is best in most of
them. Warnings are tried at many limits (:class:`Trial`), and :func:`best_trial` takes the one that is worth it, if any.
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from . import churn, pareto
from .churn import FitError

#: What can be fitted, and what can be used: a blend is the mean of all that could be fitted.
SINGLE = (*churn.MODELS, 'pareto')
BLEND = 'blend'

#: By what the purchases that the blend expects are multiplied at least and at most, and how many purchases are taken as
#: having been expected rightly beforehand, so that a few do not sway it.
FACTORS, PRIOR = (0.7, 1.4), 100

#: Warnings are tried at these multiples of the longest pause, and at these chances to be active still: a warning says that
#: somebody has rather left than not.
PAUSES, CHANCES = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0), (0.5, 0.4, 0.3, 0.2, 0.1)

#: Fewer warnings than that tell nothing about a limit.
ENOUGH = 20

#: A limit is better than guessing when guessing would do as well by chance once in twenty times only.
CLEARLY = 1.64

#: Right warnings count for so many times what missed ones do: crying wolf costs trust.
PRECISION_WEIGHT = 2.0

#: Rows above which the chances of customers who are nearly alike are worked out once, times rounded to so many steps.
MANY_ROWS, STEPS = 20000, 200


class Model(NamedTuple):
    """One or several fitted models of which the mean counts.

    :param name: ``bgnbd``, ``mbgnbd``, ``pareto`` or ``blend``
    :param parts: the parameters, see :class:`.churn.Parameters` and :class:`.pareto.Pareto`
    :param factor: what expected purchases are multiplied by
    """

    name: str
    parts: tuple
    factor: float = 1.0

    def _mean(self, function, *args):
        return sum(getattr(_engine(part), function)(part, *args) for part in self.parts) / len(self.parts)

    def p_active(self, x, t_x, T):
        """Return the probability that a customer will buy again some day."""
        return self._mean('p_active', x, t_x, T)

    def p_buys(self, x, t_x, T, t):
        """Return the probability that a customer buys in the ``t`` weeks to come."""
        return self._mean('p_buys', x, t_x, T, t)

    def expected_purchases(self, x, t_x, T, t):
        """Return how many purchases to expect of a customer in the ``t`` weeks to come."""
        return self.factor * self._mean('expected_purchases', x, t_x, T, t)

    def expected_if_active(self, x, T, t):
        """Return how many purchases each of the models expects in the ``t`` weeks to come of a customer that is active still."""
        return tuple(_engine(part).expected_if_active(part, x, T, t) for part in self.parts)

    @property
    def shape(self):
        """The shape of the rates at which customers buy, see :data:`.churn.Parameters`."""
        return sum(part.r for part in self.parts) / len(self.parts)

    def range_of_purchases(self, x, t_x, T, t, within=0.8):
        """Return between which numbers the purchases of the ``t`` weeks to come lie with a probability."""
        lowest, highest = (1 - within) / 2, (1 + within) / 2
        ends, reached = [], 0.0
        for number, chance in enumerate(chances(self.p_active(x, t_x, T), self.expected_purchases(x, t_x, T, t), self.shape + x)):
            reached += chance
            for end in (lowest, highest)[len(ends):]:
                if reached >= end - 1e-12 or number > 100000:
                    ends.append(number)
            if len(ends) == 2:
                return tuple(ends)


def chances(active: float, expected: float, shape: float) -> Iterator[float]:
    """Yield how likely it is that a customer buys 0, 1, 2, … times.

    Somebody who has left buys nothing; who has not buys by a negative binomial distribution.

    :param active: the chance to be active still
    :param expected: purchases, whether active or not
    :param shape: of the rate at which the customer buys: the prior one and its purchases
    """
    mean = expected / active if active else 0.0
    number, term = 0, (shape / (shape + mean)) ** shape
    yield 1 - active + active * term
    while True:
        term *= (shape + number) / (number + 1) * mean / (shape + mean)
        number += 1
        yield active * term


def _engine(parameters):
    return pareto if parameters.model == 'pareto' else churn


def fit(customers: Mapping[tuple, int], model: str) -> churn.Fit:
    """Return the parameters of a model by which the customers' purchases are most likely; see :func:`.churn.fit`."""
    return pareto.fit(customers) if model == 'pareto' else churn.fit(customers, model)


def fit_all(customers: Mapping[tuple, int], names: Iterable[str]) -> tuple[dict[str, churn.Fit], dict[str, str]]:
    """Return the models that could be fitted, by name, and why the others could not be.

    :param names: of single models
    """
    found, failed = {}, {}
    for name in names:
        try:
            found[name] = fit(customers, name)
        except FitError as error:
            failed[name] = error.reason
    return found, failed


def blend(fits: Mapping[str, churn.Fit], factor: float = 1.0) -> Model:
    """Return the mean of several fitted models."""
    return Model(BLEND, tuple(found.parameters for found in fits.values()), factor)


def calibration(model: Model, customers: Mapping[tuple, int], t: float) -> float:
    """Return what the purchases that a model expects have to be multiplied by, by earlier held-out weeks. Half of what
    they were wrong by is put right: as much again is the season, which the weeks to come do not share.

    :param customers: see :func:`back_test`
    """
    expected = actual = PRIOR
    for (*__, later), count, said in _asked(model, customers, t):
        expected += count * said[0]
        actual += count * later
    return min(max(math.sqrt(actual / expected), FACTORS[0]), FACTORS[1])


# ------------------------------------------------------------
# HOW WELL IT FORETOLD
# ------------------------------------------------------------


class Trial(NamedTuple):
    """How warnings from a limit on did on held-out weeks.

    :param judge: ``pause`` (times the longest pause that ended in an order) or ``model`` (chance to be active still)
    :param limit: from where on
    :param warned: how many customers it would have warned of
    :param hit: how many of them did not buy
    """

    judge: str
    limit: float
    warned: int
    hit: int


class BackTest(NamedTuple):
    """What a model said of weeks that it had not seen, and what happened.

    :param model: its name
    :param likelihood: mean logarithm of the probability that it gave to what each customer did: buy or not
    :param order: the area under the curve: how often it put who bought before who did not
    :param expected: purchases of all customers
    :param actual: purchases that came
    :param judged: customers with two purchases after the first one or more, of whom both rules say something
    :param bought: how many of them did buy
    :param right_model: of how many the model said rightly that they would buy, or would not
    :param right_gap: the same for the plain rule
    :param repeat: customers who had bought again, of whom a warning may be given
    :param left: how many of them did not buy in the weeks after
    :param trials: warnings that were tried
    """

    model: str
    likelihood: float
    order: float
    expected: float
    actual: int
    judged: int
    bought: int
    right_model: int
    right_gap: int
    repeat: int
    left: int
    trials: tuple

    @property
    def miss(self):
        """How far the purchases expected were from those that came, as a share."""
        return abs(self.expected / self.actual - 1) if self.actual else math.inf


def _asked(model, customers, t):
    """Yield each kind of customer, how many there are, and what a model says of it: expected purchases, the chance to buy in
    the ``t`` weeks to come, and the chance to be active."""
    step = max((T for __, __, T, *__ in customers), default=0) / STEPS if len(customers) > MANY_ROWS else 0
    said = {}
    for row, count in customers.items():
        x, t_x, T, *__ = row
        key = (x, round(t_x / step) * step, round(T / step) * step) if step else (x, t_x, T)
        if key not in said:
            said[key] = (
                model.expected_purchases(*key, t), min(max(model.p_buys(*key, t), 1e-9), 1 - 1e-9), model.p_active(*key))
        yield row, count, said[key]


def back_test(model: Model, customers: Mapping[tuple, int], t: float, gap_limit: float) -> BackTest:
    """Compare what a model says of the next weeks with what happened in them, next to the plain rules.

    The model says that a customer will buy where :meth:`Model.p_buys` is one half or more. The plain rule says so where the
    time since the last purchase is less than ``gap_limit`` times the customer's own mean interval.

    :param customers: how many customers there are of each ``(x, t_x, T, longest pause, how often they bought after T)``; the
        pause of who buys in one season of the year is infinite until it has passed, and 0 when it has passed without them
    :param t: how many weeks after T are looked at
    """
    expected = likelihood = 0.0
    counts, ranks, warned = Counter(), defaultdict(lambda: [0, 0]), Counter()
    for (x, t_x, T, pause, later), count, (purchases, buys, active) in _asked(model, customers, t):
        expected += count * purchases
        likelihood += count * math.log(buys if later else 1 - buys)
        ranks[purchases][later > 0] += count
        counts['all'] += count
        counts['actual'] += count * later
        if x >= 1:
            counts['repeat'] += count
            counts['left'] += count * (later == 0)
            for judge, limit in _warnings(T - t_x, pause, active):
                warned[judge, limit, later == 0] += count
        if x >= 2:
            counts['judged'] += count
            counts['bought'] += count * (later > 0)
            counts['right_model'] += count * ((buys >= 0.5) == (later > 0))
            counts['right_gap'] += count * (((T - t_x) * x < gap_limit * t_x) == (later > 0))
    return BackTest(
        model.name, likelihood / max(counts['all'], 1), area(ranks), expected, counts['actual'],
        *(counts[name] for name in ('judged', 'bought', 'right_model', 'right_gap', 'repeat', 'left')),
        _trials(warned))


def _warnings(silent, pause, active):
    """Return by which judges and limits a customer would be warned of.

    Who is silent for no longer than before an order of late is not warned of. Whose season has passed without a purchase is
    warned of whatever the limit.

    :param silent: how long ago the last purchase was
    :param pause: the longest time between two purchases, see :func:`back_test`
    :param active: the chance to be active still
    """
    if silent <= pause:
        return []
    return [('pause', limit) for limit in PAUSES if silent >= limit * pause] + [
        ('model', limit) for limit in CHANCES if active < limit or not pause]


def try_pauses(customers: Mapping[tuple, int]) -> tuple[int, int, tuple]:
    """Try warnings by the longest pause alone, where no model could be fitted.

    :return: as in :class:`BackTest`: how many may be warned of, how many of them left, and the trials
    """
    warned, repeat, left = Counter(), 0, 0
    for (x, t_x, T, pause, later), count in customers.items():
        if x:
            repeat += count
            left += count * (later == 0)
            for judge, limit in _warnings(T - t_x, pause, 1.0):
                warned[judge, limit, later == 0] += count * (judge == 'pause')
    return repeat, left, _trials(warned)


def _trials(warned):
    """Return the trials of what :func:`_warnings` counted, with whether it was right."""
    return tuple(
        Trial(judge, limit, warned[judge, limit, True] + warned[judge, limit, False], warned[judge, limit, True])
        for judge, limits in (('pause', PAUSES), ('model', CHANCES)) for limit in limits)


def area(ranks: Mapping[float, tuple]) -> float:
    """Return the area under the curve: the probability that who bought had a higher value than who did not; ties count
    half. One half where all did the same.

    :param ranks: by value how many did not buy, and how many did
    """
    below = won = 0
    for __, (no, yes) in sorted(ranks.items()):
        won += yes * (below + no / 2)
        below += no
    pairs = below * sum(yes for __, yes in ranks.values())
    return won / pairs if pairs else 0.5


# ------------------------------------------------------------
# CHOOSING
# ------------------------------------------------------------


def choose(results: Iterable[BackTest]) -> BackTest | None:
    """Return the result of the model that foretold best: first in two of the three measures; where each has another first,
    the order of the customers decides, by which people look at one before the other."""
    results = list(results)
    if not results:
        return None
    ordered = max(results, key=lambda result: result.order)
    wins = Counter(result.model for result in (
        ordered, max(results, key=lambda result: result.likelihood), min(results, key=lambda result: result.miss)))
    return max(results, key=lambda result: (wins[result.model] > 1, result is ordered))


def best_trial(trials: Iterable[Trial], repeat: int, left: int, least: float) -> Trial | None:
    """Return the limit at which warnings are worth it most, or None where none are.

    Worth it are warnings that are clearly more often right than by guessing, and at least as often as asked for.

    :param trials: those to choose from
    :param repeat: how many could have been warned of
    :param left: how many of them left
    :param least: the smallest share of right ones
    """
    base = left / repeat if repeat else 1.0
    worth = [trial for trial in trials if trial.warned >= ENOUGH and trial.hit >= least * trial.warned
             and trial.hit > base * trial.warned + CLEARLY * math.sqrt(base * (1 - base) * trial.warned)]
    return max(worth, key=lambda trial: _balance(trial, left), default=None)


def _balance(trial, left):
    """Return the weighted harmonic mean of how many warnings are right and how many who leave are warned of."""
    if not trial.hit:
        return 0.0
    precision, recall = trial.hit / trial.warned, trial.hit / left
    weight = 1 / PRECISION_WEIGHT ** 2
    return (1 + weight) * precision * recall / (weight * precision + recall)
