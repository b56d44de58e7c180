import doctest
from itertools import combinations
from math import comb, exp, inf, isclose
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import association

from . import common  # noqa: F401  how hypothesis works here

SHARES = st.floats(min_value=0.001, max_value=0.999)


@tagged('-at_install', 'post_install')
class TestAssociation(BaseCase):
    """What is bought together more often than by chance (HEA-7)."""

    def test_doctests(self):
        failed, tried = doctest.testmod(association)
        self.assertFalse(failed)
        self.assertTrue(tried)

    def test_wilson_published(self):
        """R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table
        I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
        for hits, of, low in ((81, 263, 0.2553), (15, 148, 0.0624), (0, 20, 0.0), (1, 29, 0.0061)):
            self.assertAlmostEqual(association.wilson_low(hits, of, 1.959964), low, 4)

    @given(st.integers(1, 60), SHARES, st.data())
    def test_strength_is_a_bound(self, buyers, expected, data):
        """Chance never passes more often than is said: the tail of the binomial distribution, added up exactly."""
        both = data.draw(st.integers(0, buyers))
        tail = sum(comb(buyers, k) * expected ** k * (1 - expected) ** (buyers - k) for k in range(both, buyers + 1))
        self.assertLessEqual(tail, exp(-association.strength(both, buyers, expected)) * (1 + 1e-9))

    @given(st.integers(1, 500), SHARES, st.data())
    def test_properties(self, buyers, expected, data):
        both = data.draw(st.integers(0, buyers))
        low = association.wilson_low(both, buyers)
        self.assertTrue(0 <= low <= both / buyers)
        found = association.strength(both, buyers, expected)
        self.assertGreaterEqual(found, 0)
        if both < buyers:
            self.assertGreaterEqual(association.strength(both + 1, buyers, expected), found)
            self.assertGreaterEqual(association.wilson_low(both + 1, buyers), low)
        if both / buyers <= expected:
            self.assertEqual(found, 0)

    @given(st.integers(0, 900), st.integers(0, 900))
    def test_sign_test(self, wins, losses):
        chance = association.chance_of_wins(wins, losses)
        self.assertTrue(0 <= chance <= 1)
        # so often or more, and more seldom, are all there is
        self.assertTrue(isclose(chance + association.chance_of_wins(losses + 1, wins - 1) if wins else 1, 1, abs_tol=1e-9))
        self.assertTrue(wins > losses or association.verdict(10 ** 6, 1, wins, losses) == 'not')

    def test_everybody_buys_it(self):
        """A thing that everybody buys is no reason for anything: what its buyers buy is what everybody buys."""
        low = association.wilson_low(140, 200)
        self.assertLess(low / association.expected_share(200, 800, 140, 1000, 200), 1)
        self.assertEqual(association.strength(140, 200, association.expected_share(200, 800, 140, 1000, 200)), 0)
        self.assertEqual(association.strength(1, 1, 0.0), inf)

    def test_uneven_customers(self):
        """A few buy very much, all at random: plainly counted, whole crowds of pairs stand out; by how much the customers buy,
        none does."""
        random, things = Random(18), range(60)
        baskets = [set(random.sample(things, 40 if n < 40 else 2)) for n in range(600)]
        buyers = {thing: sum(thing in basket for basket in baskets) for thing in things}
        others = {thing: sum(len(basket) - 1 for basket in baskets if thing in basket) for thing in things}
        needed, plainly, found = association.needed_strength(len(things), 0.05), 0, 0
        for one, other in combinations(things, 2):
            both = sum(one in basket and other in basket for basket in baskets)
            plainly += association.strength(both, buyers[one], buyers[other] / len(baskets)) >= needed
            found += association.strength(both, buyers[one], association.expected_share(
                buyers[one], others[one], buyers[other], sum(buyers.values()), len(baskets))) >= needed
        self.assertGreater(plainly, 100)
        self.assertEqual(found, 0)
