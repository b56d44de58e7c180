"""HEA-4: BG/NBD and MBG/NBD in plain Python, against the published example and against another implementation."""
import math
import random
from collections import Counter

import numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter
from lifetimes.datasets import load_cdnow_summary

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import churn
from odoo.addons.customer_success.engine.churn import FitError, Parameters

from . import common  # noqa: F401

FITTERS = {'bgnbd': BetaGeoFitter, 'mbgnbd': ModifiedBetaGeoFitter}

models = st.sampled_from(sorted(churn.MODELS))
shapes = st.floats(-3, 2).map(lambda exponent: 10 ** exponent)
parameters = st.builds(Parameters, models, shapes, st.floats(-1, 3).map(lambda exponent: 10 ** exponent), shapes, shapes)


@st.composite
def customers(draw):
    """Return x, t_x and T of a customer, in weeks that are whole days."""
    known = draw(st.integers(1, 3000))
    x = draw(st.integers(0, min(known, 60)))
    return x, draw(st.integers(x, known)) / 7 if x else 0.0, known / 7


def cdnow():
    """Return the 2,357 customers of the CDNOW sample, calibrated on 39 weeks: x, t_x and T, in weeks."""
    table = load_cdnow_summary(index_col=[0])
    return list(zip(map(int, table['frequency']), table['recency'], table['T'], strict=True))


def live(number, true, seed=1, weeks=150):
    """Return x, t_x and T of customers who live as the model says."""
    model, r, alpha, a, b = true
    chance = random.Random(seed)
    for __ in range(number):
        known = round(chance.uniform(5, weeks) * 7)
        rate, leaving = chance.gammavariate(r, 1 / alpha), chance.betavariate(a, b)
        now, x, last = 0.0, 0, 0.0
        gone = model == 'mbgnbd' and chance.random() < leaving
        while not gone and (now := now + chance.expovariate(rate)) * 7 < known:
            x, last, gone = x + 1, now, chance.random() < leaving
        yield x, min(round(last * 7), known) / 7, known / 7


@tagged('post_install', '-at_install')
class TestChurn(BaseCase):

    def test_hea_4_published_example(self):
        """HEA-4: the parameters of Fader, Hardie and Lee (2005), and the purchases they expect of customer 1."""
        found = churn.fit(cdnow(), 'bgnbd')
        __, r, alpha, a, b = found.parameters
        self.assertEqual([round(r, 3), round(alpha, 3), round(a, 3), round(b, 3)], [0.243, 4.414, 0.793, 2.426])
        self.assertAlmostEqual(found.log_likelihood, -9582.4, 1)
        self.assertEqual(found.customers, 2357)
        # x = 2, t_x = 30.43, T = 38.86: 1.226 purchases in the next 39 weeks (brucehardie.com/notes/004)
        self.assertAlmostEqual(churn.expected_purchases(found.parameters, 2, 30.43, 38.86, 39), 1.226, 3)
        self.assertEqual(churn.p_active(found.parameters, 0, 0.0, 38.86), 1, "BG/NBD says nothing of who bought once")

    def test_hea_4_same_as_lifetimes(self):
        """HEA-4: fit, P(active) and expected purchases are those of the package lifetimes, for both models."""
        table = load_cdnow_summary(index_col=[0])
        for model, fitter in FITTERS.items():
            oracle = fitter().fit(table['frequency'], table['recency'], table['T'])
            found = churn.fit(cdnow(), model).parameters
            for name in ('r', 'alpha', 'a', 'b'):
                self.assertAlmostEqual(getattr(found, name), oracle.params_[name], delta=1e-4 * oracle.params_[name])
            same = Parameters(model, *(oracle.params_[name] for name in ('r', 'alpha', 'a', 'b')))
            for x, t_x, T in cdnow()[:300]:
                active = numpy.ravel(oracle.conditional_probability_alive(x, t_x, T))[0]
                self.assertAlmostEqual(churn.p_active(same, x, t_x, T), active, 10)
                for t in (1, 13, 200):
                    expected = numpy.ravel(oracle.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T))[0]
                    self.assertAlmostEqual(churn.expected_purchases(same, x, t_x, T, t), expected, delta=1e-8 * expected)

    def test_hea_4_finds_the_truth(self):
        """HEA-4: from many customers who live by known parameters, these are found again."""
        for true in (Parameters('bgnbd', 0.5, 5, 0.6, 2.5), Parameters('mbgnbd', 2, 10, 0.5, 3)):
            rows = Counter(live(20000, true))
            found = churn.fit(rows, true.model)
            self.assertGreaterEqual(found.log_likelihood, churn.log_likelihood(rows, true))
            for name in ('r', 'alpha', 'a', 'b'):
                self.assertAlmostEqual(getattr(found.parameters, name), getattr(true, name), delta=0.12 * getattr(true, name))

    def test_hea_4_grouped(self):
        """HEA-4: it makes no difference whether customers come one by one or counted, nor what unit their times have."""
        rows = list(live(1500, Parameters('mbgnbd', 0.5, 5, 0.6, 2.5)))
        one_by_one, counted = churn.fit(rows, 'mbgnbd'), churn.fit(Counter(rows), 'mbgnbd')
        self.assertEqual(one_by_one, counted)
        in_days = churn.fit([(x, t_x * 7, T * 7) for x, t_x, T in rows], 'mbgnbd').parameters
        self.assertAlmostEqual(in_days.alpha / 7, counted.parameters.alpha, 3)
        self.assertAlmostEqual(in_days.b, counted.parameters.b, 3)

    def test_hea_4_no_story(self):
        """HEA-4: where the data tell no story, the fit says why, and no parameters come out."""
        refused = {
            'no_data': [[], [(0, 0.0, 0.0)], [(1, 0.0, 0.0)]],
            'no_repeat': [[(0, 0.0, 20.0)] * 50],
            # everybody buys every four weeks until the last day
            'nobody_left': [[(n, 4.0 * n, 4.0 * n + 1) for n in range(2, 30)] * 20],
            'everybody_left': [[(1, 1.0, 100.0 + n % 50) for n in range(300)]],
        }
        for reason, samples in refused.items():
            for sample in samples:
                with self.assertRaises(FitError) as error:
                    churn.fit(sample, 'bgnbd')
                self.assertEqual(error.exception.reason, reason, sample[:3])

    def test_hea_4_impossible_customers(self):
        """HEA-4: nobody bought after today, or before the first purchase."""
        for row in ((1, 11.0, 10.0), (1, -1.0, 10.0), (-1, 0.0, 10.0)):
            with self.assertRaises(ValueError):
                churn.fit([row, (2, 5.0, 10.0)], 'bgnbd')

    @settings(max_examples=60)
    @given(st.lists(customers(), min_size=1, max_size=60), models, st.lists(st.floats(-0.5, 0.5), min_size=4, max_size=4))
    def test_hea_4_nowhere_better(self, rows, model, push):
        """HEA-4: whatever the customers did, a fit is finite and no parameters near by are more likely."""
        try:
            found = churn.fit(rows, model)
        except FitError:
            return
        self.assertTrue(math.isfinite(found.log_likelihood))
        self.assertTrue(all(math.isfinite(value) and value > 0 for value in found.parameters[1:]))
        self.assertAlmostEqual(churn.log_likelihood(rows, found.parameters), found.log_likelihood, 6)
        values = [value * math.exp(part) for value, part in zip(found.parameters[1:], push, strict=True)]
        __, r, __, a, b = found.parameters
        if r < 1000 and 0.001 < a + b < 1000:  # beyond the limits of the search likelihoods may still creep up
            self.assertLessEqual(churn.log_likelihood(rows, Parameters(model, *values)), found.log_likelihood + 1e-4)

    @given(parameters, customers(), st.floats(0.1, 500), st.floats(0.1, 500))
    # sums below zero, and terms beyond all numbers
    @example(Parameters('bgnbd', 100.0, 100.0, 0.1, 0.1), (0, 0.0, 1 / 7), 0.5, 1.0)
    @example(Parameters('mbgnbd', 0.27, 0.74, 142.0, 2.5), (5, 0.085, 0.18), 291.0, 1.0)
    def test_hea_4_chances(self, model, customer, t, more):
        """HEA-4: chances are between 0 and 1 and sink while a customer is silent; expected purchases are not below the
        chance of one, not above those of an active customer who never leaves, and grow with the time ahead."""
        x, t_x, T = customer
        active, later = churn.p_active(model, x, t_x, T), churn.p_active(model, x, t_x, T + more)
        self.assertTrue(0 <= later <= active <= 1)
        expected = churn.expected_purchases(model, x, t_x, T, t)
        self.assertGreaterEqual(expected, churn.p_buys(model, x, t_x, T, t) * (1 - 1e-7) - 1e-9)
        self.assertLessEqual(expected, active * (model.r + x) * t / (model.alpha + T) * (1 + 1e-7) + 1e-9)
        self.assertLessEqual(expected, churn.expected_purchases(model, x, t_x, T, t + more) * (1 + 1e-7) + 1e-9)
