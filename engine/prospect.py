"""What a customer may bring in the months to come, in money: the orders to expect times what its own orders are worth.

The number of orders comes from the model of how customers buy (:mod:`.foretell`): zero with who has left, else negative
binomial. What so many orders are worth together is taken as lognormal, as amounts of orders are lopsided, with the mean and
the spread of the customer's own orders; that the mean is told from a few orders only is part of the spread: of ``n`` orders
the variance is ``n · s² · (1 + n / seen)``. Both together give the distribution of the money, of which the range is cut:
``P(money ≤ v) = P(0 orders) + Σ P(n orders) · Φ((ln v - μ_n) / σ_n)``.

That the two are independent, so that who buys often does not buy for less, is what Fader, Hardie and Lee (2005), RFM and CLV:
Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing Research 42 (4), 415-430, take, too.
"""
from __future__ import annotations

import math
from itertools import islice
from typing import NamedTuple

from . import foretell

#: Numbers of orders that are all together less likely are left out.
REST = 1e-6

#: Nobody orders more often, so that the sum over numbers of orders ends.
MOST = 20000


class Prospect(NamedTuple):
    """What is known of what a customer may bring.

    :param active: the chance that it still buys, 0 to 1
    :param orders: how many to expect, whether it still buys or not
    :param shape: of the rate at which it buys, see :func:`.foretell.chances`
    :param worth: the mean value of its orders
    :param spread: the standard deviation of their values
    :param seen: of how many orders these two are
    """

    active: float
    orders: float
    shape: float
    worth: float
    spread: float
    seen: int


def expected(prospect: Prospect) -> float:
    """Return how much to expect.

    >>> expected(Prospect(0.8, 4, 5, 250, 50, 9))
    1000
    """
    return prospect.orders * prospect.worth


def span(prospect: Prospect, within: float = 0.8) -> tuple[float, float]:
    """Return between which amounts the money lies with a probability; within a two-thousandth of itself.

    >>> span(Prospect(0.5, 0, 1, 100, 0, 3))
    (0.0, 0.0)

    :param within: the probability; as much of the rest lies below as above
    """
    numbers = _numbers(prospect)
    return tuple(_quantile(prospect, numbers, share) for share in ((1 - within) / 2, (1 + within) / 2))


def about(amount: float) -> float:
    """Return an amount as exactly as an estimate can be: three digits.

    >>> [about(amount) for amount in (0, 12.345, 2955.5, 295973.88)]
    [0.0, 12.3, 2960.0, 296000.0]
    """
    return float(f'{amount:.3g}')


def _numbers(prospect):
    """Return how likely each number of orders is, without those that are too unlikely to matter."""
    numbers, reached = [], 0.0
    for chance in islice(foretell.chances(prospect.active, prospect.orders, prospect.shape), MOST):
        numbers.append(chance)
        reached += chance
        if reached >= 1 - REST:
            break
    return numbers


def _quantile(prospect, numbers, share):
    """Return the amount that is not passed with a probability."""
    if numbers[0] >= share - 1e-12 or prospect.worth <= 0:
        return 0.0
    low, high = 0.0, prospect.worth * max(len(numbers), 1)
    while _reached(prospect, numbers, high) < share and high < 1e15:
        low, high = high, 2 * high
    while high - low > 0.0005 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _reached(prospect, numbers, middle) < share else (low, middle)
    return high


def _reached(prospect, numbers, amount):
    """Return how likely it is that the money is an amount at most."""
    variation = (prospect.spread / prospect.worth) ** 2
    total = numbers[0]
    for number, chance in enumerate(numbers[1:], start=1):
        if chance < 1e-9:
            continue
        variance = math.log1p(variation * (1 / number + 1 / prospect.seen))
        distance = math.log(amount / (number * prospect.worth)) + variance / 2
        if variance:
            total += chance * (1 + math.erf(distance / math.sqrt(2 * variance))) / 2
        else:
            total += chance * (distance >= -1e-12)
    return total
