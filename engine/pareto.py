"""How customers buy and stop buying where they may leave at any moment: Pareto/NBD.

While a customer is active it buys at random moments at a rate of its own (rates differ by a gamma distribution with shape
``r`` and scale ``alpha``), and it leaves for good at a random moment (the rates of leaving differ by a gamma distribution
with shape ``s`` and scale ``beta``), whether it buys or not. In BG/NBD and MBG/NBD (:mod:`.churn`) it leaves at a purchase
only. Times are in weeks since the first purchase; a customer is ``(x, t_x, T)`` as there.

* Schmittlein, Morrison and Colombo (1987), Counting Your Customers: Who Are They and What Will They Do Next?, Management
  Science 33 (1), 1-24.
* Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions (brucehardie.com/notes/009).

All its expressions hold one integral, the chance to leave between two moments without a purchase between them, which is
written with Gauss' hypergeometric function there. Here it is a sum over the nodes of Gauss and Legendre, after a change of
variables: of the chance not to have bought and the chance not to have left, the one that sinks faster runs evenly. SQL adds
up the same nodes.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from . import churn
from .churn import FitError

#: Nodes of the sum: with 16 a chance is right to 0.0002 in the worst corners, to 0.0000001 where customers are.
NODES = 16

#: Rows above which the starting points are tried on times rounded to so many steps.
MANY_ROWS, STEPS = 300, 30

#: Above so many rows, so many customers are looked at: every so-and-so-manieth of them. More tell little more about four
#: parameters, and each one costs a sum.
MOST_ROWS = 6000

#: Shapes of the rates, and shapes and mean rates of leaving per span of time, that the search starts from.
STARTS = ((0.5, 0.6, 0.4), (1.5, 0.3, 0.1))


class Pareto(NamedTuple):
    """A fitted model.

    :param model: ``pareto``
    :param r: shape of the rates at which customers buy
    :param alpha: scale of these rates, in weeks
    :param s: shape of the rates at which customers leave
    :param beta: scale of these rates, in weeks
    """

    model: str
    r: float
    alpha: float
    s: float
    beta: float


def legendre_nodes(count: int) -> list[tuple[float, float]]:
    """Return the nodes and weights of Gauss and Legendre between 0 and 1.

    >>> [(round(node, 4), weight) for node, weight in legendre_nodes(2)]
    [(0.2113, 0.5), (0.7887, 0.5)]
    """
    nodes = []
    for number in range(count):
        point = -math.cos(math.pi * (number + 0.75) / (count + 0.5))
        for __ in range(100):
            before, value = 1.0, point
            for degree in range(2, count + 1):
                before, value = value, ((2 * degree - 1) * point * value - (degree - 1) * before) / degree
            slope = count * (point * value - before) / (point * point - 1)
            step = value / slope
            point -= step
            if abs(step) < 1e-15:
                break
        nodes.append(((1 + point) / 2, round(1 / ((1 - point * point) * slope * slope), 16)))
    return nodes


#: What the sums go over, here and in SQL.
QUADRATURE = legendre_nodes(NODES)


def _stays(parameters, power, start, stop):
    """Return the chance of who is active at a moment to stay without a purchase until a later one, and to leave between
    them without a purchase.

    :param power: ``r`` and the purchases until then
    """
    __, __, alpha, s, beta = parameters
    stays = math.exp(-power * math.log((alpha + stop) / (alpha + start)) - s * math.log((beta + stop) / (beta + start)))
    even, leaves, exp, log, log1p = _even(power, alpha, s, beta, start, stop), 0.0, math.exp, math.log, math.log1p
    apart, log_other = even.other - even.scale, log(even.other)
    for node, weight in QUADRATURE:
        grown = -log1p(-node * even.z) / even.shape
        # of two large numbers little may be left
        other = max(even.scale * exp(grown) + apart, even.other)
        leaves += weight * exp(even.once * grown + even.power * (log_other - log(other)))
    return stays, leaves * even.times


class Even(NamedTuple):
    """What runs evenly in the integral of who leaves without a purchase: the chance not to have bought, or not to have left.

    :param left: whether it is the chance not to have left
    :param shape: its exponent
    :param scale: its scale when the integral begins
    :param other: the scale of the other one then
    :param power: the exponent of the other one in the integral
    :param once: whether the scale itself is a factor of the integral
    :param z: by how much it sinks until the integral ends
    :param times: what does not change within the integral
    """

    left: bool
    shape: float
    scale: float
    other: float
    power: float
    once: int
    z: float
    times: float


def _even(power, alpha, s, beta, start, stop):
    """Return what of the two sinks faster, as :class:`Even`."""
    a_x, b_x = alpha + start, beta + start
    if s * a_x > power * b_x:
        z = -math.expm1(s * (math.log(b_x) - math.log(beta + stop)))
        return Even(True, s, b_x, a_x, power, 0, z, z)
    z = -math.expm1(power * (math.log(a_x) - math.log(alpha + stop)))
    return Even(False, power, a_x, b_x, s + 1, 1, z, s * z * a_x / (power * b_x))


def p_active(parameters: Pareto, x: int, t_x: float, T: float) -> float:
    """Return the probability that a customer has not left yet."""
    stays, leaves = _stays(parameters, parameters.r + x, t_x, T)
    # nothing may be left of both where somebody bought very often and is silent for very long
    return stays / (stays + leaves) if stays else 0.0


def p_buys(parameters: Pareto, x: int, t_x: float, T: float, t: float) -> float:
    """Return the probability that a customer buys at least once in the ``t`` weeks to come."""
    return p_active(parameters, x, t_x, T) * max(1 - sum(_stays(parameters, parameters.r + x, T, T + t)), 0.0)


def expected_purchases(parameters: Pareto, x: int, t_x: float, T: float, t: float) -> float:
    """Return how many purchases to expect of a customer in the ``t`` weeks to come: equation 41 of Fader and Hardie."""
    return expected_if_active(parameters, x, T, t) * p_active(parameters, x, t_x, T)


def expected_if_active(parameters: Pareto, x: int, T: float, t: float) -> float:
    """Return how many purchases to expect in the ``t`` weeks to come of a customer that is active still."""
    __, r, alpha, s, beta = parameters
    log_q = -math.log1p(t / (beta + T))
    first = -log_q if s == 1 else -math.expm1((s - 1) * log_q) / (s - 1)
    return (r + x) * (beta + T) / (alpha + T) * first


# ------------------------------------------------------------
# FITTING
# ------------------------------------------------------------


def fit(customers: Mapping[tuple, int] | Iterable[tuple]) -> churn.Fit:
    """Return the parameters by which the customers' purchases are most likely.

    :param customers: ``(x, t_x, T)`` of each customer, or how many customers there are of each such triple
    :raises FitError: when there is nothing to fit, or the data tell nothing of leaving
    :raises ValueError: for times that can't be
    """
    rows = Counter(customers)
    longest = churn.check_rows(rows)
    customers_there = sum(rows.values())
    if len(rows) > MOST_ROWS:
        rows = thinned(rows, MOST_ROWS)
    scale = churn.SPAN / longest
    likelihood = _Likelihood(rows, scale)
    coarse = _Likelihood(churn.rounded(rows, longest / STEPS), scale) if len(rows) > MANY_ROWS else likelihood
    found = [churn.minimum(coarse.value_and_slope, start, precise=1e-3, rounds=40) for start in _starts(rows, scale)]
    best = min(found, key=lambda one: one.value)
    best = churn.minimum(likelihood.value_and_slope, best.point, best.curvature, precise=1e-6)
    total = sum(rows.values())
    gone = likelihood.gone(best.point)
    if gone < 1 or total - gone < 1:
        raise FitError('nobody_left' if gone < 1 else 'everybody_left')
    if not best.converged:
        raise FitError('no_convergence')
    r, alpha, s, beta = _natural(best.point)
    value = likelihood.unscaled(best.value) * customers_there / total
    return churn.Fit(Pareto('pareto', r, alpha / scale, s, beta / scale), value, customers_there)


def thinned(rows: Mapping[tuple, int], most: int) -> Counter:
    """Return so many of the customers, evenly over how they bought: every so-and-so-manieth in order.

    >>> thinned({(0, 0.0, 9.0): 6, (1, 2.0, 9.0): 2, (2, 8.0, 9.0): 4}, 6)
    Counter({(0, 0.0, 9.0): 3, (2, 8.0, 9.0): 2, (1, 2.0, 9.0): 1})
    """
    step, passed, fewer = sum(rows.values()) / most, 0, Counter()
    for row in sorted(rows):
        before, passed = passed, passed + rows[row]
        if taken := int(passed / step) - int(before / step):
            fewer[row] = taken
    return fewer


def log_likelihood(customers: Mapping[tuple, int] | Iterable[tuple], parameters: Pareto) -> float:
    """Return the logarithm of the likelihood of the customers' purchases."""
    __, r, alpha, s, beta = parameters
    likelihood = _Likelihood(Counter(customers), 1.0)
    return likelihood.unscaled(likelihood.value_and_slope(
        [math.log(r), math.log(r / alpha), math.log(s), math.log(s / beta)])[0])


def _natural(point):
    """Return r, alpha, s and beta of a point: logarithms of the shapes and of the mean rates."""
    shape, rate, leave_shape, leave_rate = point
    return math.exp(shape), math.exp(shape - rate), math.exp(leave_shape), math.exp(leave_shape - leave_rate)


def _starts(rows, scale):
    bought = sum(x * count for (x, __, __), count in rows.items())
    known = sum(T * count for (__, __, T), count in rows.items()) * scale
    for r, s, leave in STARTS:
        yield [math.log(r), math.log(2 * bought / known), math.log(s), math.log(leave)]


class _Likelihood:
    """The likelihood of many customers, and how it changes."""

    def __init__(self, rows, scale):
        self.scale = scale
        self.rows = [(x, t_x * scale, T * scale, count) for (x, t_x, T), count in rows.items()]
        self.total = sum(rows.values())
        self.purchases = sum(x * count for (x, __, __), count in rows.items())
        # how many customers bought again more than j times, for j = 0, 1, ...
        self.more = churn.more_than(rows, 0)

    def unscaled(self, value):
        """Return the log-likelihood in the unit of time that came in, of :meth:`value_and_slope`'s mean."""
        return -value * self.total + self.purchases * math.log(self.scale)

    def gone(self, point):
        """Return how many customers have left, by the model."""
        parameters = Pareto('pareto', *_natural(point))
        return sum(count * (1 - p_active(parameters, x, t_x, T)) for x, t_x, T, count in self.rows)

    def value_and_slope(self, point):
        """Return minus the mean log-likelihood, and its derivatives by the point's parts."""
        r, alpha, s, beta = _natural(point)
        total, log = self.total, math.log
        value = total * (r * log(alpha) + s * log(beta))
        by_r, by_alpha, by_s, by_beta = total * log(alpha), total * r / alpha, total * log(beta), total * s / beta
        for j, more in enumerate(self.more):
            value += more * log(r + j)
            by_r += more / (r + j)
        for x, t_x, T, count in self.rows:
            terms = _row(r + x, alpha, s, beta, t_x, T)
            value += count * terms[0]
            by_r += count * terms[1]
            by_alpha += count * terms[2]
            by_s += count * terms[3]
            by_beta += count * terms[4]
        by_r, by_alpha, by_s, by_beta = by_r * r, by_alpha * alpha, by_s * s, by_beta * beta
        slope = (by_r + by_alpha, -by_alpha, by_s + by_beta, -by_beta)
        return -value / total, [-part / total for part in slope]


def _row(power, alpha, s, beta, t_x, T):
    """Return a customer's part of the log-likelihood without what can be counted, and its derivatives by r, alpha, s and
    beta: of the chance to have stayed silent, or to have left, since the last purchase."""
    exp, log, log1p = math.exp, math.log, math.log1p
    a_T, b_T = alpha + T, beta + T
    log_a, log_b, log_aT, log_bT = log(alpha + t_x), log(beta + t_x), log(a_T), log(b_T)
    stays = exp(power * (log_a - log_aT) + s * (log_b - log_bT))
    left, shape, scale, other_scale, exponent, once, z, times = _even(power, alpha, s, beta, t_x, T)
    apart, log_scale, log_other = other_scale - scale, log(scale), log(other_scale)
    leaves = by_own = by_own_scale = by_other = by_other_scale = 0.0
    for node, weight in QUADRATURE:
        grown = -log1p(-node * z) / shape
        own = scale * exp(grown)
        other = max(own + apart, other_scale)
        behind = log(other)
        part = weight * times * exp(once * grown + exponent * (log_other - behind))
        leaves += part
        by_own += part * (log_scale + grown)
        by_own_scale += part / own
        by_other += part * behind
        by_other_scale += part / other
    by_r, by_alpha, by_s, by_beta = (by_other, by_other_scale, by_own, by_own_scale) if left else (
        by_own, by_own_scale, by_other, by_other_scale)
    either = stays + leaves
    return (
        log(either) - power * log_a - s * log_b,
        -(stays * log_aT + by_r) / either,
        -power * (stays / a_T + by_alpha) / either,
        (leaves / s - stays * log_bT - by_s) / either,
        -(stays * s / b_T + (s + 1) * by_beta) / either,
    )
