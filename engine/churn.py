"""How customers buy and stop buying, told from when they bought: BG/NBD and MBG/NBD (Pareto/NBD: see :mod:`.pareto`).

The story of both models: while a customer is active it buys at random moments at a rate of its own (rates differ between
customers by a gamma distribution with shape ``r`` and scale ``alpha``); it may leave for good with a probability of its
own (a beta distribution with ``a`` and ``b``). In BG/NBD it may leave after each purchase but the first, so that whoever
bought once counts as active forever; in MBG/NBD it may leave after the first one, too.

* BG/NBD: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
  Marketing Science 24 (2), 275-284; numerically stable likelihood: Fader and Hardie (2019), A Step-by-Step Derivation of
  the BG/NBD Model, brucehardie.com/notes/039.
* MBG/NBD: Batislam, Denizel and Filiztekin (2007), Empirical Validation and Comparison of Models for Customer Base
  Analysis, International Journal of Research in Marketing 24 (3), 201-209.

A customer is ``(x, t_x, T)``: how often it bought again, when last, and how long it is known, the times in weeks since its
first purchase. The two models differ by one purchase more that a customer survived, ``k`` below: 0 and 1.

The likelihood needs no gamma function: ``Γ(r + x) / Γ(r)`` is the product of ``r + j`` for ``j < x``, so that customers
are counted by how often they bought at least, and a logarithm is taken once for each time that occurs.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

#: The purchases survived that a model counts besides those made again.
MODELS = {'bgnbd': 0, 'mbgnbd': 1}

#: What is looked for, and between which limits, far beyond what customers do: the logarithms of the shape ``r``, of the
#: mean rate ``r / alpha`` and of the size ``a + b``, and the logit of the mean chance to leave ``a / (a + b)``. Where the
#: customers are all alike in one way, the shape or the size has no end, and the other three are found all the same.
LIMITS = ((-9.0, 9.0), (-14.0, 14.0), (-10.0, 10.0), (-9.0, 9.0))

#: Time is scaled so that the longest known customer is known this long, which keeps the four parameters of one size.
SPAN = 10.0

#: Rows above which the starting points are tried on times rounded to so many steps.
MANY_ROWS, STEPS = 2000, 40

#: Shapes of the rates, mean chances to leave and sizes of them that the search starts from.
STARTS = tuple((r, p, size) for r in (0.3, 1.5) for p, size in ((0.1, 1.0), (0.3, 3.0), (0.7, 2.0)))


class FitError(ValueError):
    """The parameters can't be told from the data.

    :ivar str reason: ``no_data``, ``no_repeat``, ``nobody_left``, ``everybody_left`` or ``no_convergence``
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Parameters(NamedTuple):
    """A fitted model.

    :param model: a key of :data:`MODELS`
    :param r: shape of the rates at which customers buy
    :param alpha: scale of the rates, in weeks
    :param a: first shape of the chances to leave
    :param b: second shape of the chances to leave
    """

    model: str
    r: float
    alpha: float
    a: float
    b: float


class Fit(NamedTuple):
    """What :func:`fit` found.

    :param parameters: the most likely ones
    :param log_likelihood: of all customers
    :param customers: how many
    """

    parameters: Parameters
    log_likelihood: float
    customers: int


# ------------------------------------------------------------
# WHAT A MODEL SAYS OF A CUSTOMER
# ------------------------------------------------------------


def p_active(parameters: Parameters, x: int, t_x: float, T: float) -> float:
    """Return the probability that a customer will buy again some day.

    ``1 / (1 + a / (b + x - 1 + k) · ((alpha + T) / (alpha + t_x)) ^ (r + x))``, see Fader, Hardie and Lee (2008),
    Computing P(alive) Using the BG/NBD Model (brucehardie.com/notes/021), and Batislam et al. (2007). By BG/NBD it is 1
    for whoever never bought again, which says nothing.
    """
    model, r, alpha, a, b = parameters
    survived = x - 1 + MODELS[model]
    if survived < 0:
        return 1.0
    odds = math.log(a / (b + survived)) + (r + x) * (math.log(alpha + T) - math.log(alpha + t_x))
    return 1 / (1 + math.exp(min(odds, 700.0)))


def p_buys(parameters: Parameters, x: int, t_x: float, T: float, t: float) -> float:
    """Return the probability that a customer buys at least once in the ``t`` weeks to come.

    An active customer leaves only when it buys, so that the next purchase waits for the rate alone, a gamma distribution
    with ``r + x`` and ``alpha + T`` by now.
    """
    __, r, alpha, *__ = parameters
    return p_active(parameters, x, t_x, T) * -math.expm1(-(r + x) * math.log1p(t / (alpha + T)))


def expected_purchases(parameters: Parameters, x: int, t_x: float, T: float, t: float) -> float:
    """Return how many purchases to expect of a customer in the ``t`` weeks to come."""
    return expected_if_active(parameters, x, T, t) * p_active(parameters, x, t_x, T)


def expected_if_active(parameters: Parameters, x: int, T: float, t: float) -> float:
    """Return how many purchases to expect in the ``t`` weeks to come of a customer that is active still; when it bought last
    does not matter then.

    Equation 10 of Fader, Hardie and Lee (2005), for MBG/NBD with the one purchase more that was survived::

        (c / (a - 1)) · (1 - q ^ s · F(s, b + x + k; c; z))
        s = r + x, c = a + b + x - 1 + k, q = (alpha + T) / (alpha + T + t), z = 1 - q

    with Gauss' hypergeometric function F. By Euler's transformation the second factor is ``1 - q ^ (a - 1) · F(c - s, a - 1;
    c; z)``, in which ``a - 1`` divides out: nothing happens at ``a = 1``, and the series is short.
    """
    model, r, alpha, a, b = parameters
    s, c = r + x, a + b + x - 1 + MODELS[model]
    log_q = -math.log1p(t / (alpha + T))
    z = -math.expm1(log_q)
    if not z:
        return 0.0
    if c - s >= -15:  # the terms change their sign at most so often: nothing to speak of cancels out
        first = -log_q if a == 1 else -math.expm1((a - 1) * log_q) / (a - 1)
        purchases = c * first - _series(c - s, a, c, z, (a - 1) * log_q)
    else:
        if abs(a - 1) < 1e-5:
            a, c = 1 + 1e-5, c + 1 + 1e-5 - a
        purchases = (c - _scaled_series(s, c + 1 - a, c, z, s * log_q)) / (a - 1)
    return max(purchases, 0.0)


def _series(first: float, a: float, c: float, z: float, log_scale: float) -> float:
    """Return ``exp(log_scale) · c · (F(first, a - 1; c; z) - 1) / (a - 1)`` by its power series; its terms may be too large to
    be added as they are, and the scale too small to be a number."""
    term, total, n = first * z, 0.0, 1
    while abs(term) > 1e-17 * abs(total) and n < 1000000:
        total += term
        term *= (first + n) * (a + n - 1) / ((c + n) * (n + 1)) * z
        n += 1
        if abs(term) > 1e200:
            term, total, log_scale = term * 1e-200, total * 1e-200, log_scale + 200 * math.log(10)
    return math.exp(log_scale) * total


def _scaled_series(s: float, b: float, c: float, z: float, log_scale: float) -> float:
    """Return ``exp(log_scale) · c · F(s, b; c; z)`` by its power series, whose terms are too large to be added as they are.

    All terms but perhaps the first are above zero and grow before they shrink. The sum may be below zero: ``c`` is, for who
    bought once, where ``a + b < 1``.
    """
    term, total, n = s * b * z, c, 1
    while (abs(term) > 1e-17 * abs(total) or term > 1 and n < s) and n < 1000000:
        total += term
        term *= (s + n) * (b + n) / ((c + n) * (n + 1)) * z
        n += 1
        if term > 1e200:
            term, total, log_scale = term * 1e-200, total * 1e-200, log_scale + 200 * math.log(10)
    return math.exp(log_scale) * total


# ------------------------------------------------------------
# FITTING
# ------------------------------------------------------------


def fit(customers: Mapping[tuple, int] | Iterable[tuple], model: str) -> Fit:
    """Return the parameters by which the customers' purchases are most likely.

    :param customers: ``(x, t_x, T)`` of each customer, or how many customers there are of each such triple
    :param model: a key of :data:`MODELS`
    :raises FitError: when there is nothing to fit, or the data tell nothing of leaving
    :raises ValueError: for times that can't be
    """
    rows = Counter(customers)
    longest = check_rows(rows)
    scale = SPAN / longest
    likelihood = _Likelihood(rows, model, scale)
    coarse = _Likelihood(rounded(rows, longest / STEPS), model, scale) if len(rows) > MANY_ROWS else likelihood
    found = [minimum(coarse.value_and_slope, start, precise=1e-4) for start in _starts(rows, scale)]
    best = min(found, key=lambda one: one.value)
    best = minimum(likelihood.value_and_slope, best.point, best.curvature)
    total = sum(rows.values())
    leave = best.point[2]
    if total / (1 + math.exp(-leave)) < 1 or total / (1 + math.exp(leave)) < 1:
        # the data would look the same if customers never left, or all at once: the model can't tell them apart
        raise FitError('nobody_left' if leave < 0 else 'everybody_left')
    if not best.converged:
        raise FitError('no_convergence')
    r, alpha, a, b = _natural(best.point)
    return Fit(Parameters(model, r, alpha / scale, a, b), likelihood.unscaled(best.value), total)


def check_rows(rows: Mapping[tuple, int]) -> float:
    """Return for how long the longest known customer is known.

    :raises FitError: when there is nothing to fit
    :raises ValueError: for times that can't be
    """
    if any(x < 0 or not 0 <= t_x <= T for x, t_x, T in rows):
        raise ValueError("a customer bought for the last time before the first, or after today")
    longest = max((T for __, __, T in rows), default=0)
    if longest <= 0:
        raise FitError('no_data')
    if not any(x for x, __, __ in rows):
        raise FitError('no_repeat')
    return longest


def log_likelihood(customers: Mapping[tuple, int] | Iterable[tuple], parameters: Parameters) -> float:
    """Return the logarithm of the likelihood of the customers' purchases (Fader, Hardie and Lee 2005)."""
    model, r, alpha, a, b = parameters
    likelihood = _Likelihood(Counter(customers), model, 1.0)
    return likelihood.unscaled(likelihood.value_and_slope(
        [math.log(r), math.log(r / alpha), math.log(a / b), math.log(a + b)])[0])


def _natural(point):
    """Return r, alpha, a and b of a point."""
    shape, rate, leave, size = point
    return (
        math.exp(shape), math.exp(shape - rate), math.exp(size) / (1 + math.exp(-leave)),
        math.exp(size) / (1 + math.exp(leave)))


def rounded(rows, step):
    """Return the same customers with their times rounded: fewer rows, for a first look."""
    fewer = Counter()
    for (x, t_x, T), count in rows.items():
        fewer[x, round(t_x / step) * step, round(T / step) * step] += count
    return fewer


def more_than(rows, extra):
    """Return how many customers bought again more than j times, for j = 0, 1, ...

    :param int extra: purchases to count besides
    """
    counts = Counter()
    for (x, __, __), count in rows.items():
        counts[x + extra] += count
    more, left = [], sum(counts.values())
    for j in range(max(counts)):
        left -= counts[j]
        more.append(left)
    return more


def _starts(rows, scale):
    """Return points to start from: different spreads of the rates, with the mean rate that is observed, and different
    chances to leave."""
    bought = sum(x * count for (x, __, __), count in rows.items())
    known = sum(T * count for (__, __, T), count in rows.items()) * scale
    for r, chance, size in STARTS:
        rate = bought / known / (1 - chance)
        yield [math.log(r), math.log(rate), math.log(chance / (1 - chance)), math.log(size)]


class _Likelihood:
    """The likelihood of many customers, and how it changes."""

    def __init__(self, rows, model, scale):
        """Sort the customers so that as little as possible is left to do for each of them.

        :param Counter rows: how many customers there are of each ``(x, t_x, T)``
        :param str model: a key of :data:`MODELS`
        :param float scale: what times are multiplied by
        """
        self.k = MODELS[model]
        self.total = sum(rows.values())
        self.purchases = sum(x * count for (x, __, __), count in rows.items())
        self.scale = scale
        times = sorted({time for __, t_x, T in rows for time in (t_x, T)})
        position = {time: number for number, time in enumerate(times)}
        self.times = [time * scale for time in times]
        # (alpha + t) ^ -(r + x): how often, and with which sum of x, each time occurs
        self.often, self.weight = [0] * len(times), [0] * len(times)
        by_x = {}
        for (x, t_x, T), count in rows.items():
            may_have_left = x or self.k
            number = position[t_x if may_have_left else T]
            self.often[number] += count
            self.weight[number] += count * x
            if may_have_left:
                by_x.setdefault(x, []).append((number, position[T], count))
        self.by_x = sorted(by_x.items())
        # how many customers bought again more than j times, for j = 0, 1, ...; and the same for purchases survived
        self.more = more_than(rows, 0)
        self.survived = more_than(rows, self.k)

    def unscaled(self, value):
        """Return the log-likelihood in the unit of time that came in, of :meth:`value_and_slope`'s mean."""
        return -value * self.total + self.purchases * math.log(self.scale)

    def value_and_slope(self, point):
        """Return minus the mean log-likelihood, and its derivatives, at a point as of :data:`LIMITS`."""
        r, alpha, a, b = _natural(point)
        logs = [math.log(alpha + time) for time in self.times]
        shares = [1 / (alpha + time) for time in self.times]
        value, by_r, by_alpha, by_a, by_b = self._common(r, alpha, a, b, logs, shares)
        for x, rows in self.by_x:
            s, w = r + x, a / (b + x - 1 + self.k)
            terms, lost, shifts, bends = _sum_rows(rows, logs, shares, s, w)
            value += terms
            by_r += shifts
            by_alpha += s * bends
            by_a += lost * w / a
            by_b -= lost * w * w / a
        by_r, by_alpha, by_a, by_b = by_r * r, by_alpha * alpha, by_a * a, by_b * b
        slope = (by_r + by_alpha, -by_alpha, (b * by_a - a * by_b) / (a + b), by_a + by_b)
        return -value / self.total, [-part / self.total for part in slope]

    def _common(self, r, alpha, a, b, logs, shares):
        """Return value and derivatives of what can be counted over all customers."""
        log, total, log_alpha = math.log, self.total, math.log(alpha)
        value, by_r, by_alpha = total * r * log_alpha, total * log_alpha, total * r / alpha
        for often, weight, log_time, share in zip(self.often, self.weight, logs, shares, strict=True):
            power = often * r + weight
            value -= power * log_time
            by_r -= often * log_time
            by_alpha -= power * share
        for j, more in enumerate(self.more):
            value += more * log(r + j)
            by_r += more / (r + j)
        by_a = by_b = 0.0
        for j, more in enumerate(self.survived):
            value += more * (log(b + j) - log(a + b + j))
            both = more / (a + b + j)
            by_a -= both
            by_b += more / (b + j) - both
        return value, by_r, by_alpha, by_a, by_b


def _sum_rows(rows, logs, shares, s, w):
    """Add up ``ln(((alpha + t_x) / (alpha + T)) ^ s + w)`` of customers who bought equally often.

    :return: the sum, and its derivatives by w, by s, and by alpha divided by s
    """
    exp, log = math.exp, math.log
    value = by_w = by_s = by_alpha = 0.0
    for last, now, count in rows:
        shift = logs[last] - logs[now]
        stayed = exp(s * shift)
        either = stayed + w
        value += count * log(either)
        part = count / either
        by_w += part
        part *= stayed
        by_s += part * shift
        by_alpha += part * (shares[last] - shares[now])
    return value, by_w, by_s, by_alpha


class Minimum(NamedTuple):
    """Where a search ended: point, value there, inverse curvature as it was learned, and whether it is a minimum."""

    point: list
    value: float
    curvature: list
    converged: bool


def minimum(function, point, inverse=None, precise=1e-7, rounds=200):
    """Return the minimum of a function near a point, by the method of Broyden, Fletcher, Goldfarb and Shanno inside a box.

    :param function: returns value and slope of a point
    :param inverse: the inverse curvature to begin with
    :param precise: how flat it is where the search ends
    """
    size = range(len(point))
    inverse = inverse or [[float(i == j) for j in size] for i in size]
    value, slope = function(point)
    for __ in range(rounds):
        free = _inside(point, slope)
        if max(map(abs, free)) < precise:
            return Minimum(point, value, inverse, True)
        step = [-sum(inverse[i][j] * free[j] for j in size) for i in size]
        # on the edge of the box: along it
        step = [0.0 if not free[i] or _leaves(i, point[i], step[i]) else step[i] for i in size]
        if sum(step[i] * free[i] for i in size) >= 0:
            inverse = [[float(i == j) for j in size] for i in size]
            step = [-part for part in free]
        after = _descend(function, point, value, slope, step)
        if not after:
            break
        new_point, new_value, new_slope = after
        moved = [new_point[i] - point[i] for i in size]
        turned = [new_slope[i] - slope[i] for i in size]
        inverse = _learn(inverse, moved, turned)
        point, value, slope = new_point, new_value, new_slope
    # rounding may be coarser than the precision asked for
    return Minimum(point, value, inverse, max(map(abs, _inside(point, slope))) < 100 * precise)


def _inside(point, slope):
    """Return the slope without what leads out of the box."""
    return [0.0 if _leaves(i, point[i], -part) else part for i, part in enumerate(slope)]


def _leaves(i, position, step):
    lowest, highest = LIMITS[i]
    return position <= lowest and step < 0 or position >= highest and step > 0


def _descend(function, point, value, slope, step):
    """Return a point down the way with its value and slope, or None where it goes no further down."""
    longest = max(map(abs, step))
    length = min(1.0, 3.0 / longest)  # a parameter changes at most by a factor of twenty at once
    while length * longest > 1e-14:
        new = [
            min(max(here + length * part, lowest), highest)
            for here, part, (lowest, highest) in zip(point, step, LIMITS, strict=True)]
        promised = sum((a - b) * part for a, b, part in zip(new, point, slope, strict=True))
        new_value, new_slope = function(new)
        if new_value <= value + 1e-4 * promised and new != point:
            return new, new_value, new_slope
        length *= 0.3
    return None


def _learn(inverse, moved, turned):
    """Return the inverse curvature corrected by what a step told, unless it told nothing."""
    size = range(len(moved))
    bend = sum(moved[i] * turned[i] for i in size)
    if bend <= 1e-12 * math.hypot(*moved) * math.hypot(*turned):
        return inverse
    image = [sum(inverse[i][j] * turned[j] for j in size) for i in size]
    factor = (1 + sum(turned[i] * image[i] for i in size) / bend) / bend
    return [[
        inverse[i][j] + factor * moved[i] * moved[j] - (image[i] * moved[j] + moved[i] * image[j]) / bend
        for j in size] for i in size]
