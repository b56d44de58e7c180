"""SEG-5: the value score as arithmetic."""
import doctest
import random

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine import scoring, worth


def part(weight, points, group):
    """Return what is known of a component, None for unknown points."""
    return {
        'w': weight, 'p': points, 'v': points, 'd': None, 's': 'missing' if points is None else 'known', 'g': group, 'i': False}


PARTS = st.dictionaries(
    st.integers(1, 40).map(str),
    st.tuples(st.floats(0.1, 100), st.one_of(st.none(), st.integers(0, 100)), st.integers(1, 4)).map(lambda row: part(*row)),
    min_size=1, max_size=12)


@tagged('-at_install', 'post_install')
class TestWorth(BaseCase):
    def test_seg_5_doctests(self):
        """SEG-5: examples in the sentences of the engine."""
        for module in (worth, scoring):
            failed, tried = doctest.testmod(module)
            self.assertFalse(failed)
            self.assertTrue(tried)

    def test_seg_5_by_hand(self):
        """SEG-5: 30 % current value 80, 20 % of two components 100 and 50 that weigh 3 and 1, 50 % 10 points."""
        parts = {'1': part(30, 80, 'a'), '2': part(15, 100, 'b'), '3': part(5, 50, 'b'), '4': part(50, 10, 'c')}
        found = worth.worth(parts)
        # 0.3 × 80 + 0.2 × 87.5 + 0.5 × 10
        self.assertEqual((found.score, found.coverage), (46.5, 100))
        self.assertEqual(found.dimensions, {'a': 80, 'b': 87.5, 'c': 10})
        self.assertEqual({share.key: share.earned for share in found.shares}, {'1': 24, '2': 15, '3': 2.5, '4': 5})

    def test_seg_5_not_known(self):
        """SEG-5: what is not known is left out, first within its dimension, then the whole dimension."""
        parts = {'1': part(30, 80, 'a'), '2': part(15, None, 'b'), '3': part(5, 50, 'b'), '4': part(50, 10, 'c')}
        # the dimension b stays with its 20 %, told by the other component alone
        self.assertEqual(worth.worth(parts).score, 0.3 * 80 + 0.2 * 50 + 0.5 * 10)
        self.assertEqual(worth.worth(parts).coverage, 85)
        parts['3'] = part(5, None, 'b')
        self.assertEqual(worth.worth(parts).score, round((30 * 80 + 50 * 10) / 80, 2))
        self.assertEqual(worth.worth({'1': part(1, None, 'a')}).score, None)

    def test_seg_5_enough(self):
        """SEG-5: exactly as much as it takes is enough."""
        parts = {'1': part(40, 80, 'a'), '2': part(60, None, 'b')}
        self.assertEqual(worth.worth(parts, 40).score, 80)
        self.assertEqual(worth.worth(parts, 41).score, None)

    @given(PARTS)
    def test_seg_5_adds_up(self, parts):
        """SEG-5, property: the score is within 0 to 100, and what its components give adds up to it to 0.01."""
        found = worth.worth(parts)
        if not any(scoring.counts(one) for one in parts.values()):
            self.assertIsNone(found.score)
            return
        self.assertTrue(0 <= found.score <= 100)
        self.assertAlmostEqual(sum(share.earned for share in found.shares), found.score, delta=1e-6)
        self.assertAlmostEqual(sum(share.possible for share in found.shares), 100, delta=1e-6)
        self.assertTrue(all(share.earned <= share.possible + 1e-9 for share in found.shares))

    @given(PARTS, st.randoms(use_true_random=False))
    def test_seg_5_monotone(self, parts, chance):
        """SEG-5, property: more points of a component never lower the score."""
        known = [key for key, one in parts.items() if one['p'] is not None and one['p'] < 100]
        if not known:
            return
        key = chance.choice(known)
        better = {**parts, key: {**parts[key], 'p': chance.randint(parts[key]['p'], 100)}}
        self.assertLessEqual(worth.worth(parts).score, worth.worth(better).score)

    def test_seg_5_between(self):
        """SEG-5: points between two ends, either way round, with every boundary."""
        self.assertEqual([scoring.between([1, 5], value) for value in (0, 1, 2, 3, 4, 5, 6)], [0, 0, 25, 50, 75, 100, 100])
        self.assertEqual([scoring.between([5, 1], value) for value in (0, 1, 3, 5, 6)], [100, 100, 50, 0, 0])
        # half a point is rounded up
        self.assertEqual([scoring.between([0, 200], value) for value in (0.99, 1, 2.99, 3)], [0, 1, 1, 2])
        random.seed(5)
        for __ in range(200):
            low, high = random.uniform(-1e6, 1e6), random.uniform(-1e6, 1e6)
            values = sorted(random.uniform(-2e6, 2e6) for __ in range(5))
            points = [scoring.between([low, high], value) for value in values]
            self.assertEqual(points, sorted(points, reverse=high < low))
