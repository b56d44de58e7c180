"""Net effects are what is left without the segment's drift, and their verdicts follow from what is shown (STR-4)."""
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import effect

from . import common  # noqa: F401

values = st.integers(-10000, 10000).map(lambda tenths: tenths / 10)
directions = st.sampled_from((effect.HIGHER, effect.LOWER))
weighted = st.lists(st.tuples(st.integers(0, 20), st.none() | st.integers(0, 1000).map(lambda tenths: tenths / 10)))


@tagged('post_install', '-at_install')
class TestEffect(BaseCase):

    def test_str_4_by_hand(self):
        """STR-4: 62 % became 70 %, the segment went from 60 % to 63 %, 72 % was the target: 5 of 10."""
        line = effect.line(62, 70, 60, 63, 72, 'higher')
        self.assertEqual(line, effect.Line(8, 3, 5, 10, 50.0, 'partly'))

    def test_str_4_lower_is_better(self):
        """STR-4: complaints from 5 % to 3 % while the segment's rose by 1: 3 of the 2 expected, which is all of it."""
        line = effect.line(5, 3, 4, 5, 3, 'lower')
        self.assertEqual(line, effect.Line(-2, 1, -3, 2, 100.0, 'effective'))

    def test_str_4_drift_alone_is_no_effect(self):
        """STR-4: whoever only went along with the segment reached nothing."""
        self.assertEqual(effect.line(10, 20, 30, 40, 20, 'higher').verdict, 'not')

    def test_str_4_at_the_target_already(self):
        """STR-4: without a way to go, staying at the target counts, unless the segment ran away."""
        self.assertEqual(effect.line(90, 88, 70, 70, 85, 'higher').net_percent, 100)
        self.assertEqual(effect.line(90, 84, 70, 60, 85, 'higher').net_percent, 0, "below the target")
        self.assertEqual(effect.line(90, 88, 70, 72.25, 85, 'higher').net_percent, 100, "4.25 are 5 % of the target")
        self.assertEqual(effect.line(90, 88, 70, 72.3, 85, 'higher').net_percent, 0, "fell behind the segment")
        self.assertEqual(effect.line(2, 2, 4, 4, 3, 'lower').net_percent, 100)

    def test_str_4_unknown(self):
        """STR-4: each of the four values is needed; what can be said without it is said."""
        known = (62, 70, 60, 63)
        for number in range(4):
            line = effect.line(*[None if number == position else value for position, value in enumerate(known)],
                               72, 'higher')
            self.assertEqual((line.net, line.net_percent, line.verdict), (None, None, 'unknown'))
        self.assertEqual(effect.line(62, 70, None, 63, 72, 'higher').change, 8)
        self.assertEqual(effect.line(62, None, 60, 63, 72, 'higher').segment_change, 3)

    def test_str_4_overall(self):
        """STR-4: the mean by weight of what is known, and unknown when too little is."""
        self.assertEqual(effect.overall([(3, 100), (1, 20)], 80, 30, 50), effect.Overall(80.0, 100, 'effective'))
        self.assertEqual(effect.overall([(1, 79.9)], 80, 30, 50).verdict, 'partly')
        self.assertEqual(effect.overall([(1, 29.9)], 80, 30, 50).verdict, 'not')
        self.assertEqual(effect.overall([(1, 100), (1, None)], 80, 30, 50), effect.Overall(100.0, 50, 'effective'))
        self.assertEqual(effect.overall([(1, 100), (2, None)], 80, 30, 50).verdict, 'unknown')
        self.assertEqual(effect.overall([(1, None)], 80, 30, 0).verdict, 'unknown')
        self.assertEqual(effect.overall([], 80, 30, 0), effect.Overall(None, 0, 'unknown'))

    @given(values, values, values, values, values, directions)
    def test_str_4_bounds(self, before, after, segment_before, segment_after, target, better):
        """STR-4: what is reached is between 0 and 100 %, and the verdict follows from it."""
        line = effect.line(before, after, segment_before, segment_after, target, better)
        self.assertTrue(0 <= line.net_percent <= 100)
        self.assertEqual(line.verdict, effect.verdict(line.net_percent, 80, 30))
        self.assertAlmostEqual(line.net, line.change - line.segment_change)

    @given(values, values, values, values, values, values, directions)
    def test_str_4_better_is_never_worse(self, before, after, other, segment_before, segment_after, target, better):
        """STR-4: a better value after the change never makes the verdict worse."""
        low, high = sorted((after, other), reverse=better == effect.LOWER)
        self.assertLessEqual(
            effect.line(before, low, segment_before, segment_after, target, better).net_percent,
            effect.line(before, high, segment_before, segment_after, target, better).net_percent)

    @given(values, values, values, values, values, directions)
    def test_str_4_direction(self, before, after, segment_before, segment_after, target, better):
        """STR-4: turning all signs around together with the direction changes nothing."""
        other = effect.LOWER if better == effect.HIGHER else effect.HIGHER
        self.assertEqual(
            effect.line(before, after, segment_before, segment_after, target, better).net_percent,
            effect.line(-before, -after, -segment_before, -segment_after, -target, other).net_percent)

    @given(values, values, values, values, values, values, directions)
    def test_str_4_level_of_the_segment(self, before, after, segment_before, segment_after, target, level, better):
        """STR-4: only the change of the segment counts, not where it stands."""
        self.assertAlmostEqual(
            effect.line(before, after, segment_before, segment_after, target, better).net,
            effect.line(before, after, segment_before + level, segment_after + level, target, better).net)

    @given(weighted, st.integers(2, 9))
    def test_str_4_weights(self, lines, factor):
        """STR-4: only the proportion of the weights counts, and the mean is between the lowest and the highest."""
        result = effect.overall(lines, 80, 30, 0)
        scaled = effect.overall([(weight * factor, percent) for weight, percent in lines], 80, 30, 0)
        self.assertEqual(result.verdict, scaled.verdict)
        known = [percent for weight, percent in lines if weight and percent is not None]
        self.assertEqual(result.net_percent is None, not known)
        if known:
            self.assertTrue(min(known) - 0.05 <= result.net_percent <= max(known) + 0.05)
