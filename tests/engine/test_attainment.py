"""STR-2: the arithmetic of attainment and grades."""
import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import attainment as engine

from . import common  # noqa: F401  how hypothesis works here

amounts = st.floats(0.01, 1e6)
caps = st.integers(100, 200)
directions = st.sampled_from(['higher', 'lower'])
lines = st.lists(st.tuples(st.none() | st.floats(0, 200), st.integers(1, 20)), max_size=6)


@tagged('post_install', '-at_install')
class TestAttainment(BaseCase):

    def test_str_2_examples(self):
        """STR-2: the examples of the documentation."""
        self.assertFalse(doctest.testmod(engine).failed)

    def test_str_2_borders(self):
        """STR-2: nothing counts below 0 or above the cap; a target of 0 or less is no target."""
        for target, actual, better, percent in (
                (80, 80, 'higher', 100), (80, 40, 'higher', 50), (80, 0, 'higher', 0), (80, -5, 'higher', 0),
                (80, 800, 'higher', 120), (5, 10, 'lower', 50), (5, 5, 'lower', 100), (5, 0, 'lower', 120),
                (5, -1, 'lower', 120), (5, 1e-300, 'lower', 120), (5, 4, 'lower', 120)):
            self.assertEqual(engine.attainment(target, actual, better, 120), percent, (target, actual, better))
        for target, better, reason in ((0, 'higher', 'target'), (-1, 'lower', 'target'), (1, 'sideways', 'better')):
            with self.assertRaises(engine.AttainmentError) as refused:
                engine.attainment(target, 1, better)
            self.assertEqual(refused.exception.reason, reason)

    def test_str_2_owed(self):
        """STR-2: what grows is owed by the days that passed, what is counted in whole pieces."""
        for days, part in ((-3, 0), (0, 0), (1, 100), (45, 4500), (90, 9000), (91, 9000)):
            self.assertEqual(engine.owed(9000, True, days, 90), part)
        self.assertEqual([engine.owed(3, True, days, 90, whole=True) for days in (0, 29, 30, 59, 60, 89, 90)],
                         [0, 0, 1, 1, 2, 2, 3])
        self.assertEqual(engine.owed(0.3, True, 1, 1, whole=True), 0.3, "at the end all of it is owed")

    def test_str_2_known(self):
        """STR-2: the others weigh more where a KPI is not known; below the minimum there is no attainment."""
        for known, expected in ((0, (50.0, 40.0)), (40, (50.0, 40.0)), (41, (None, 40.0))):
            self.assertEqual(engine.overall([(50, 2), (None, 3)], known), expected)
        self.assertEqual(engine.overall([], 0), (None, 0.0))
        self.assertEqual(engine.overall([(None, 1)], 0), (None, 0.0))
        self.assertEqual(engine.overall([(89.95, 1)], 0).attainment, 90.0, "what is shown is what is graded")
        self.assertEqual(engine.overall([(89.94, 1)], 0).attainment, 89.9)

    @given(amounts, amounts, amounts, directions, caps)
    def test_str_2_attainment_is_monotone(self, target, one, other, better, cap):
        """STR-2: more of what is better never counts less, and all is between 0 and the cap."""
        worse, good = sorted((one, other), reverse=better == 'lower')
        low, high = (engine.attainment(target, actual, better, cap) for actual in (worse, good))
        self.assertLessEqual(low, high)
        self.assertTrue(0 <= low <= cap and high <= cap)
        self.assertEqual(engine.attainment(target, target, better, cap), 100)

    @given(amounts, amounts, st.floats(0.01, 100), directions, caps)
    def test_str_2_attainment_has_no_unit(self, target, actual, factor, better, cap):
        """STR-2: it is the same in cents and in thousands."""
        self.assertAlmostEqual(
            engine.attainment(target, actual, better, cap),
            engine.attainment(target * factor, actual * factor, better, cap), 6)

    @given(amounts, st.integers(0, 100), st.integers(1, 100), st.booleans())
    def test_str_2_owed_grows(self, target, elapsed, days, whole):
        """STR-2: from day to day more is owed, until all is at the end."""
        today, tomorrow = (engine.owed(target, True, elapsed + day, days, whole) for day in (0, 1))
        self.assertTrue(0 <= today <= tomorrow <= target)
        self.assertEqual(engine.owed(target, True, days, days, whole), target)

    @given(lines, st.integers(0, 100), st.integers(2, 5))
    def test_str_2_overall_is_a_mean(self, parts, minimum, factor):
        """STR-2: the mean lies between its parts, their order and the scale of the weights don't matter."""
        result = engine.overall(parts, minimum)
        self.assertEqual(result.attainment is None, not any(percent is not None for percent, __ in parts)
                         or result.known_percent < minimum - engine.TOLERANCE)
        if result.attainment is not None:
            known = [percent for percent, __ in parts if percent is not None]
            self.assertTrue(min(known) - 0.06 <= result.attainment <= max(known) + 0.06)
        other = engine.overall([(percent, weight * factor) for percent, weight in reversed(parts)], minimum)
        self.assertAlmostEqual(other.known_percent, result.known_percent)
        if result.attainment is not None and other.attainment is not None:
            self.assertAlmostEqual(other.attainment, result.attainment, delta=0.1001)

    @given(st.floats(0, 200), st.floats(0, 200), st.lists(st.integers(1, 200), unique=True, max_size=5))
    def test_str_2_grade_is_monotone(self, one, other, minima):
        """STR-2: a better attainment gets no worse grade, and every attainment gets one where the lowest begins at 0."""
        minima.append(0)
        low, high = (minima[engine.grade(percent, minima)] for percent in sorted((one, other)))
        self.assertLessEqual(low, high)
        self.assertLessEqual(low, min(one, other) + engine.TOLERANCE)
