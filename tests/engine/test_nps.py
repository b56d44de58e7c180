import doctest
from itertools import chain, product
from math import comb, isclose
from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import contrast, nps

from . import common  # noqa: F401  how hypothesis works here

COUNTS = st.integers(min_value=0, max_value=5000)


@tagged('-at_install', 'post_install')
class TestNps(BaseCase):
    """The NPS, its range and its classes (SRV-5)."""

    def test_doctests(self):
        for module in (nps, contrast):
            failed, tried = doctest.testmod(module)
            self.assertFalse(failed)
            self.assertTrue(tried)

    def test_golden(self):
        """Issue 16: 10, 9, 8, 6, 0 are NPS 0, and four answers show none; 0 is an answer."""
        found = nps.summary_of([10, 9, 8, 6, 0])
        self.assertEqual((found.n, found.score, found.promoters, found.passives, found.detractors), (5, 0, 40, 20, 40))
        self.assertIsNone(nps.summary_of([10, 9, 8, 6]).score)
        self.assertIsNone(nps.summary_of([10, 9, 8, 6]).margin)
        self.assertEqual(nps.category(0), 'detractor')
        for wrong in (-1, 11):
            with self.assertRaises(ValueError):
                nps.category(wrong)

    @given(COUNTS, COUNTS, COUNTS)
    def test_properties(self, promoters, passives, detractors):
        found = nps.summary(promoters, passives, detractors)
        self.assertEqual(found.n, promoters + passives + detractors)
        if found.n:
            self.assertTrue(isclose(found.promoters + found.passives + found.detractors, 100))
        if found.n < 5:
            self.assertIsNone(found.score)
            return
        self.assertTrue(isclose(found.score, found.promoters - found.detractors, abs_tol=1e-9))
        self.assertGreater(found.margin, 0)
        self.assertTrue(-100 <= found.low <= found.score + 1e-9 and found.score - 1e-9 <= found.high <= 100, found)
        mirrored = nps.summary(detractors, passives, promoters)
        self.assertTrue(isclose(mirrored.score, -found.score, abs_tol=1e-9))
        self.assertTrue(isclose(mirrored.margin, found.margin))

    @given(st.lists(st.lists(st.integers(min_value=0, max_value=10), min_size=5, max_size=30), min_size=1, max_size=6))
    def test_average_of_values(self, groups):
        """The mean of the stored values is the NPS, of a group and of all groups together."""
        for scores in (*groups, list(chain(*groups))):
            values = [nps.VALUES[nps.category(score)] for score in scores]
            self.assertTrue(isclose(mean(values), nps.summary_of(scores).score, abs_tol=1e-9))

    @given(*(st.integers(min_value=1, max_value=200) for __ in range(3)))
    def test_more_answers_are_nearer(self, promoters, passives, detractors):
        """Four times as many answers of the same shares are nearer to the truth."""
        few = nps.summary(promoters + 5, passives, detractors)
        many = nps.summary(4 * (promoters + 5), 4 * passives, 4 * detractors)
        self.assertLess(many.margin, few.margin)

    def test_coverage(self):
        """Held against all that can happen: of the answers of so many people drawn from a known mix, in about 95 of 100 cases
        the range holds the true NPS."""
        for n, (p, d) in product((6, 12, 25), ((0.5, 0.2), (0.3, 0.3), (0.7, 0.1), (0.1, 0.6), (0.85, 0.05))):
            truth, covered = 100 * (p - d), 0.0
            for promoters in range(n + 1):
                for detractors in range(n - promoters + 1):
                    passives = n - promoters - detractors
                    chance = (comb(n, promoters) * comb(n - promoters, detractors)
                              * p ** promoters * d ** detractors * (1 - p - d) ** passives)
                    found = nps.summary(promoters, passives, detractors)
                    covered += chance * (found.low <= truth <= found.high)
            self.assertGreater(covered, 0.9, (n, p, d))
            self.assertLess(covered, 0.999, (n, p, d))


@tagged('-at_install', 'post_install')
class TestContrast(BaseCase):
    """Whatever colour a company has chosen, the text on it can be read."""

    @given(st.from_regex('#[0-9a-fA-F]{6}', fullmatch=True))
    def test_readable(self, color):
        self.assertGreaterEqual(contrast.contrast(contrast.readable_on(color), color), 3.7)

    def test_bad_color(self):
        for wrong in ('', 'red', '#12', '#1234567', 'rgb(0,0,0)', '#ggg'):
            with self.assertRaises(ValueError):
                contrast.luminance(wrong)
