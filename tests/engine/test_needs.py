"""Every complete set of answers has exactly one needs grade, an incomplete one none (SEG-6)."""
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import needs

from . import common  # noqa: F401

amounts = st.integers(0, 10**9).map(lambda cents: cents / 100)
tables = st.lists(st.integers(0, 20), min_size=1, max_size=6, unique=True).map(lambda least: list(enumerate(least)))
answers = st.lists(st.integers(0, 10), min_size=3, max_size=3)

#: What the guides say: A, B, C, and three classes of importance.
SHIPPED = [('A', 8), ('B', 6), ('C', 0)]
IMPORTANCE = [(3, 500000), (2, 100000), (1, 0)]


@tagged('post_install', '-at_install')
class TestNeeds(BaseCase):

    def test_seg_6_every_boundary(self):
        """SEG-6: what is equal to a threshold reaches it; a cent less does not."""
        self.assertEqual(
            [needs.reached(value, IMPORTANCE) for value in (0, 0.01, 99999.99, 100000, 100000.01, 499999.99, 500000, 10**9)],
            [1, 1, 1, 2, 2, 2, 3, 3])
        self.assertEqual([needs.reached(points, SHIPPED) for points in range(3, 10)], ['C', 'C', 'C', 'B', 'B', 'A', 'A'])

    def test_seg_6_all_twenty_seven(self):
        """SEG-6: of the 27 sets of answers 4 are A, 13 B and 10 C: counted by hand, 9 and 8 points; 7 and 6; 5, 4 and 3."""
        grades = [needs.grade([urgency, importance, fit], SHIPPED)[1]
                  for urgency in (1, 2, 3) for importance in (1, 2, 3) for fit in (1, 2, 3)]
        self.assertEqual({grade: grades.count(grade) for grade in 'ABC'}, {'A': 4, 'B': 13, 'C': 10})

    def test_seg_6_incomplete(self):
        """SEG-6: there is no grade of half an answer, nor without any rule."""
        self.assertEqual(needs.grade([3, None, 3], SHIPPED), (None, None))
        self.assertEqual(needs.grade([], SHIPPED), (None, None))
        self.assertEqual(needs.grade([1, 1, 1], []), (3, None))

    @given(points=answers, table=tables)
    def test_seg_6_exactly_one(self, points, table):
        """SEG-6: whatever an administrator enters, a complete answer has one grade: the highest whose points are reached."""
        total, key = needs.grade(points, table)
        least = dict(table)
        self.assertEqual(total, sum(points))
        above = [other for other, minimum in table if least[key] < minimum <= total]
        self.assertFalse(above, "a higher grade is reached as well")
        if least[key] > total:
            self.assertEqual(least[key], min(least.values()), "what reaches none falls to the lowest")

    @given(table=tables, first=amounts, second=amounts)
    def test_seg_6_more_is_never_less(self, table, first, second):
        """SEG-6: a higher value never has a lower class."""
        least = dict(table)
        low, high = sorted((first, second))
        self.assertLessEqual(least[needs.reached(low, table)], least[needs.reached(high, table)])

    @given(table=tables, value=amounts, seed=st.randoms())
    def test_seg_6_order_of_the_rules(self, table, value, seed):
        """SEG-6: in which order the rules stand makes no difference."""
        shuffled = list(table)
        seed.shuffle(shuffled)
        self.assertEqual(needs.reached(value, table), needs.reached(value, shuffled))
