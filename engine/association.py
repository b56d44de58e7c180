"""Which things are bought together more often than chance would have it, and whether foretelling from that is any good.

Of ``buyers`` of A, ``both`` bought B as well. Whether that is more than chance is a question with two traps.

*What chance would have it.* Whoever buys many things buys more of everything, so that any two things are bought together by
more customers than the product of their shares: what is expected is taken from how many other things the buyers of A bought,
each of them B as often as B is among all that is bought (the configuration model of F. Chung and L. Lu, "Connected components
in random graphs with given expected degree sequences", Annals of Combinatorics 6, 2002), and not less than the plain share of B.

*Many questions.* Of two thousand things there are four million ordered pairs. The chance that a pair reaches its number is at
most ``exp(-strength)``, where the strength is ``buyers`` times the Kullback-Leibler divergence of the share found from the share
expected (W. Hoeffding, "Probability inequalities for sums of bounded random variables", JASA 58, 1963, theorem 1 with its
section 6 for drawing without replacement; twice the strength is the likelihood ratio that T. Dunning takes in "Accurate methods
for the statistics of surprise and coincidence", Computational Linguistics 19, 1993). It is a bound and no approximation, so that
it also holds for the few and the rare; times the number of pairs (Bonferroni) it is the chance that any pair passes by chance.

How large the effect is says the lift, of which the lower bound is taken: the share found is not the share that is, and the less
so the fewer there are (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927).
"""
from __future__ import annotations

from math import comb, exp, inf, lgamma, log, sqrt

#: So many standard errors below the share found lies the lower bound: in 97.5 of 100 cases the true share is above it.
Z = 1.96

#: So seldom may a list win by chance, where it is compared with another one.
CHANCE = 0.025


def wilson_low(hits: int, of: int, z: float = Z) -> float:
    """Return the lower bound of a share, by Wilson's interval.

    >>> round(wilson_low(14, 20), 3), round(wilson_low(140, 200), 3)
    (0.481, 0.633)

    :param hits: 0 to ``of``
    :param of: how many
    :param z: standard errors
    :return: 0 of nothing
    """
    if not of:
        return 0.0
    share = hits / of
    # rounding must not lift it above what was found, nor below nothing
    low = (share + z * z / (2 * of) - z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))) / (1 + z * z / of)
    return min(max(low, 0.0), share)


def expected_share(buyers: int, others: int, of_item: int, of_all: int, customers: int) -> float:
    """Return which share of the buyers of a thing would buy another one by chance.

    Ten customers buy 40 things altogether, four of them A and 12 things besides; five buy B. Of all that is not A these are
    five in 36, so that 12 more things are B 1.7 times, by four buyers; but half of all customers buy B anyway.

    >>> expected_share(4, 12, 5, 40, 10)
    0.5

    :param buyers: of the thing
    :param others: how many other things these bought, together
    :param of_item: buyers of the other thing
    :param of_all: how many things all customers bought, together
    :param customers: all of them
    :return: 0 to 1
    """
    by_number = others * of_item / ((of_all - buyers) * buyers) if of_all > buyers else 0.0
    return min(max(by_number, of_item / customers), 1.0)


def strength(both: int, buyers: int, expected: float) -> float:
    """Return how much speaks against chance: chance reaches so many with a probability of ``exp(-strength)`` at most.

    >>> round(strength(14, 20, 0.1), 1), strength(2, 20, 0.1), strength(5, 5, 0.0)
    (20.7, 0.0, inf)

    :param both: who bought both
    :param buyers: who bought the one
    :param expected: which share of them would have bought both by chance
    """
    share = both / buyers
    if share <= expected:
        return 0.0
    if not expected:
        return inf
    missing = (1 - share) * log((1 - share) / (1 - expected)) if share < 1 else 0.0
    return max(buyers * (share * log(share / expected) + missing), 0.0)


def needed_strength(things: int, error: float) -> float:
    """Return the strength that a pair needs, so that of all pairs of so many things any passes by chance with a probability of
    ``error`` at most.

    >>> round(needed_strength(2000, 0.05), 1)
    18.2

    :param things: that are bought often enough to be looked at
    :param error: above 0, below 1
    """
    return log(max(things * (things - 1), 1) / error)


def chance_of_wins(wins: int, losses: int) -> float:
    """Return how likely it is that one of two equally good lists wins so often or more, by the sign test (the exact form of
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12, 1947).

    >>> chance_of_wins(5, 0), chance_of_wins(6, 0), chance_of_wins(1, 1), chance_of_wins(0, 0)
    (0.03125, 0.015625, 0.75, 1.0)

    :param wins: cases that the one hit and the other did not
    :param losses: the reverse
    """
    n = wins + losses
    if n < 500:
        return sum(comb(n, k) for k in range(wins, n + 1)) / 2 ** n
    log_all = n * log(2) - lgamma(n + 1)
    return min(sum(exp(-lgamma(k + 1) - lgamma(n - k + 1) - log_all) for k in range(wins, n + 1)), 1.0)


def verdict(customers: int, minimum: int, wins: int, losses: int) -> str:
    """Return whether a list of recommendations is worth being shown, compared with another list for the same customers.

    >>> verdict(50, 20, 12, 2), verdict(50, 20, 5, 2), verdict(12, 20, 12, 0)
    ('better', 'not', 'few')

    :param customers: for whom both lists were compared
    :param minimum: from so many on it is told
    :param wins: customers of whom only the recommendations hit
    :param losses: customers of whom only the other list did
    :return: ``better``; ``not``, where that may be chance; ``few``
    """
    if customers < minimum:
        return 'few'
    return 'better' if wins > losses and chance_of_wins(wins, losses) <= CHANCE else 'not'
