"""HEA-1: the arithmetic of the health score."""
import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import scoring

from . import common  # noqa: F401  how hypothesis works here

TODAY = date(2026, 3, 2)
BANDS = [[0.0, 100], [1.5, 60], [3.0, 0]]


def card(weights, coverage=0, groups=1, **values):
    return {'name': "Card", 'weights': weights, 'healthy': 75.0, 'watch': 50.0, 'coverage': coverage, 'groups': groups,
            **values}


def part(points, group=1, value=1.0, status='known', imputed=False):
    return {'w': 1, 'p': points, 'v': value, 'd': None, 's': status, 'g': group, 'i': imputed}


@st.composite
def customers(draw):
    """Return a card and the parts of a customer on it, everything possible among them."""
    weights, parts = {}, {}
    for number in range(draw(st.integers(1, 7))):
        weights[str(number)] = draw(st.sampled_from([0, 0.1, 0.3, 5, 10, 25]))
        points = draw(st.none() | st.integers(0, 100))
        known = points is not None and draw(st.booleans())
        parts[str(number)] = part(
            points, draw(st.integers(1, 3)), draw(st.floats(-100, 100)), 'known' if known else 'stale',
            points is not None and not known)
    return card(weights, draw(st.integers(0, 100)), draw(st.integers(1, 3))), parts


@tagged('post_install', '-at_install')
class TestScoring(BaseCase):

    def test_hea_1_examples(self):
        """HEA-1: the examples of the documentation."""
        self.assertFalse(doctest.testmod(scoring).failed)

    def test_hea_1_bands(self):
        """HEA-1: a band holds from its bound, included, up to the next; below the first one its points hold."""
        for value, points in ((-5, 100), (0, 100), (1.4999, 100), (1.5, 60), (2.9, 60), (3, 0), (1e9, 0)):
            self.assertEqual(scoring.points(BANDS, value), points, value)

    def test_hea_1_validity_and_policies(self):
        """HEA-1: what is too old counts as missing; what is missing is left out, neutral, worst or usual."""
        measure = {'bands': BANDS, 'validity': 10, 'policy': 'leave_out'}
        for days, status in ((0, 'known'), (10, 'known'), (11, 'stale')):
            self.assertEqual(scoring.judge(measure, 1, TODAY - timedelta(days), TODAY).status, status)
        self.assertEqual(scoring.judge(measure, 1, None, TODAY).status, 'stale', "nobody knows how old it is")
        self.assertEqual(scoring.judge({**measure, 'validity': 0}, 1, None, TODAY).status, 'known')
        for policy, points in (('leave_out', None), ('neutral', 50), ('worst', 0), ('median', 70)):
            judged = scoring.judge({**measure, 'policy': policy}, None, None, TODAY, 70)
            self.assertEqual(judged, ('missing', points, points is not None))
        self.assertEqual(scoring.judge({**measure, 'policy': 'median'}, None, None, TODAY), ('missing', None, False))

    def test_hea_1_weighed_mean(self):
        """HEA-1: the others weigh more where one is left out."""
        parts = {'1': part(100, 1), '2': part(40, 2), '3': part(None, 3, None, 'missing')}
        result = scoring.score(card({'1': 10, '2': 20, '3': 30}), parts)
        self.assertEqual(result[:5], ('scored', 60.0, 60.0, 50, 2))
        self.assertAlmostEqual(sum(result.terms.values()), 60)

    def test_hea_1_published_only_where_enough_is_known(self):
        """HEA-1: all missing, one group only, zero weights, too little coverage: no score."""
        everything = {'1': part(100, 1), '2': part(40, 1), '3': part(80, 2)}
        weights = {'1': 40, '2': 30, '3': 30}
        for expected, parts in (
            ('scored', everything),
            ('thin', {}),
            ('thin', {key: part(None, 1, None, 'missing') for key in weights}),
            ('thin', {key: everything[key] for key in '12'}),  # 70 % known, but of one group
            ('scored', {key: everything[key] for key in '13'}),
            ('thin', {key: everything[key] for key in '1'}),
            ('thin', everything | {'1': part(50, 1, None, 'missing', True)}),  # imputed is not known
        ):
            result = scoring.score(card(weights, 65, 2), parts)
            self.assertEqual(result.state, expected)
            self.assertEqual(result.computed is None, expected == 'thin')
        self.assertEqual(scoring.score(None, everything).state, 'no_card')
        zero = scoring.score(card({'1': 0, '3': 0}), everything)
        self.assertEqual(zero[:5], ('thin', None, None, 0, 0))
        self.assertEqual(scoring.score(card({'1': 0, '2': 1, '3': 1}), everything).groups, 2)

    def test_hea_1_coverage_of_fractions(self):
        """HEA-1: 60 percent are 60 percent, also where floats say 59.99999."""
        weights = {str(number): 0.1 for number in range(10)}
        parts = {str(number): part(50, number) for number in range(6)}
        result = scoring.score(card(weights, 60), parts)
        self.assertEqual((result.state, result.coverage), ('scored', 60))

    def test_hea_1_caps(self):
        """HEA-1: the lowest cap that fits counts, only where it binds, and only by what is known."""
        caps = [
            {'id': 1, 'measure': 1, 'comparison': 'from', 'value': 60.0, 'maximum': 60},
            {'id': 2, 'measure': 1, 'comparison': 'from', 'value': 90.0, 'maximum': 40},
            {'id': 3, 'measure': 2, 'comparison': 'below', 'value': 1.0, 'maximum': 40},
            {'id': 4, 'measure': 9, 'comparison': 'below', 'value': 1.0, 'maximum': 0},
        ]

        def capped(overdue, met, points=80, **values):
            parts = {'1': part(points, 1, overdue, **values), '2': part(points, 2, met, **values)}
            result = scoring.score(card({'1': 1, '2': 1}, groups=0), parts, caps)
            return result.computed, result.cap
        self.assertEqual(capped(59, 3), (80, None))
        self.assertEqual(capped(60, 3), (60, 1))
        self.assertEqual(capped(90, 3), (40, 2))
        self.assertEqual(capped(90, 0), (40, 2), "among equals the first")
        self.assertEqual(capped(0, 0), (40, 3))
        self.assertEqual(capped(90, 3, points=30), (30, None), "it would not be higher")
        self.assertEqual(capped(90, 3, status='stale', imputed=True), (80, None), "old values hold nothing down")

    def test_hea_1_bands_of_the_score(self):
        """HEA-1: healthy from 75, watch from 50, both included."""
        for score, band in ((None, 'none'), (0, 'risk'), (49.99, 'risk'), (50, 'watch'), (74.99, 'watch'), (75, 'healthy')):
            self.assertEqual(scoring.band(card({}), score), band)
            self.assertEqual(scoring.band(None, score), band)

    @given(customers())
    def test_hea_1_terms_add_up(self, customer):
        """HEA-1: what the measures give adds up to the score before caps, and nothing leaves 0 to 100."""
        result = scoring.score(*customer)
        if result.uncapped is not None:
            self.assertAlmostEqual(sum(result.terms.values()), result.uncapped, delta=0.00501)
            self.assertTrue(0 <= result.uncapped <= 100)
        self.assertTrue(0 <= result.coverage <= 100)

    @given(customers(), st.integers(1, 50))
    def test_hea_1_only_proportions_count(self, customer, factor):
        """HEA-1: weights ten times as large say the same."""
        one, parts = customer
        other = {**one, 'weights': {key: weight * factor for key, weight in one['weights'].items()}}
        self.assertEqual(scoring.score(one, parts).coverage, scoring.score(other, parts).coverage)
        for name in ('uncapped', 'computed'):
            self.assertAlmostEqual(
                getattr(scoring.score(one, parts), name) or 0, getattr(scoring.score(other, parts), name) or 0, delta=0.0101)

    @given(customers(), st.data())
    def test_hea_1_better_points_never_hurt(self, customer, data):
        """HEA-1: where a measure has more points, the score is not lower."""
        one, parts = customer
        key = data.draw(st.sampled_from(sorted(parts)))
        if parts[key]['p'] is None:
            return
        better = parts | {key: {**parts[key], 'p': data.draw(st.integers(parts[key]['p'], 100))}}
        self.assertGreaterEqual(scoring.score(one, better).uncapped or 0, scoring.score(one, parts).uncapped or 0)
