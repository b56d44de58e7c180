"""SEG-3: the potential is a mean of what is known, its explanation adds up to it, and more of anything is never less."""
import doctest
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import potential
from odoo.addons.customer_success.engine.potential import Part

from . import common  # noqa: F401

parts = st.lists(st.builds(Part, st.integers(1, 1000), st.none() | st.integers(0, 100)), min_size=1, max_size=8)
scores = st.integers(0, 10000).map(lambda cents: cents / 100)
bounds = st.integers(1, 99).flatmap(lambda medium: st.tuples(st.integers(medium + 1, 100), st.just(medium)))


@tagged('post_install', '-at_install')
class TestPotential(BaseCase):

    def test_doctests(self):
        self.assertFalse(doctest.testmod(potential).failed)

    def test_seg_3_by_hand(self):
        """SEG-3: the shipped factors, worked out on paper: (25·100 + 20·50 + 15·0) / 60 = 58.33; 60 of 100 are known."""
        found = potential.score([Part(25, 100), Part(20, 50), Part(20, None), Part(15, 0), Part(10, None), Part(10, None)], 50)
        self.assertEqual(found, (58.33, 60))
        self.assertEqual(potential.shares([Part(25, 100), Part(20, 50), Part(15, 0)], 58.33), [41.66, 16.67, 0])

    @given(parts=parts, minimum=st.integers(1, 100))
    def test_seg_3_adds_up(self, parts, minimum):
        """SEG-3: the explanation adds up to the score, each share is right to a hundredth, and the score to half of one."""
        score, known = potential.score(parts, minimum)
        sure = [part for part in parts if part.points is not None]
        weight, everything = sum(part.weight for part in sure), sum(part.weight for part in parts)
        self.assertEqual(score is None, not sure or 100 * weight < minimum * everything)
        self.assertEqual(known, int(Fraction(100 * weight, everything)))
        if score is None:
            return
        exact = Fraction(sum(part.weight * part.points for part in sure), weight)
        self.assertLessEqual(abs(Fraction(str(score)) - exact), Fraction(1, 200))
        shares = potential.shares(sure, score)
        self.assertEqual(sum(map(lambda share: round(100 * share), shares)), round(100 * score))
        for share, part in zip(shares, sure, strict=True):
            self.assertLess(abs(Fraction(str(share)) - Fraction(part.weight * part.points, weight)), Fraction(1, 50))

    @given(score=st.none() | scores, bounds=bounds)
    def test_seg_3_exactly_one_grade(self, score, bounds):
        """SEG-3: every score has one grade, and none is no grade; a judgement has the score of its grade."""
        high, medium = bounds
        within = {'high': (high, 100), 'medium': (medium, high - 0.01), 'low': (0, medium - 0.01)}
        grades = [grade for grade, (lowest, highest) in within.items()
                  if score is not None and lowest <= score <= round(highest, 2)]
        self.assertEqual([grade for grade in [potential.grade(score, high, medium)] if grade], grades)
        for by_hand in within:
            judged = potential.judged(score, by_hand, high, medium)
            self.assertEqual(potential.grade(judged, high, medium), by_hand)
            if by_hand in grades:
                self.assertEqual(judged, score, "who agrees changes nothing")

    @given(parts=parts, minimum=st.integers(1, 100), data=st.data())
    def test_seg_3_more_is_never_less(self, parts, minimum, data):
        """SEG-3: more points of one factor never make a lower score."""
        place = data.draw(st.integers(0, len(parts) - 1))
        if parts[place].points is None:
            return
        better = list(parts)
        better[place] = parts[place]._replace(points=data.draw(st.integers(parts[place].points, 100)))
        before, after = (potential.score(some, minimum).score for some in (parts, better))
        self.assertEqual(before is None, after is None)
        if before is not None:
            self.assertGreaterEqual(after, before)
