"""SEG-5: what a customer may bring in money, held against simulated customers."""
import doctest
import random

from odoo.tests import BaseCase, tagged

from ...engine import churn, foretell, prospect
from ...engine.prospect import Prospect

#: The parameters that Fader, Hardie and Lee (2005) found for the customers of CDNOW, in weeks.
CDNOW = churn.Parameters('bgnbd', 0.243, 4.414, 0.793, 2.426)


def lives(parameters, weeks, more, chance, count):
    """Yield what customers drawn by the story of MBG/NBD or BG/NBD did in some weeks and in those after: purchases again, the
    time of the last, and later purchases. It shares nothing with the engine."""
    model, r, alpha, a, b = parameters
    for __ in range(count):
        rate, leave = chance.gammavariate(r, 1 / alpha), chance.betavariate(a, b)
        time, x, last, later = 0.0, 0, 0.0, 0
        active = model == 'bgnbd' or chance.random() >= leave
        while active:
            time += chance.expovariate(rate) if rate > 0 else 1e9
            if time > weeks + more:
                break
            if time <= weeks:
                x, last = x + 1, time
            else:
                later += 1
            active = chance.random() >= leave
        yield x, last, later


@tagged('-at_install', 'post_install')
class TestProspect(BaseCase):
    def test_seg_5_doctests(self):
        """SEG-5: examples in the sentences of the engine."""
        for module in (prospect, foretell):
            self.assertFalse(doctest.testmod(module).failed)

    def test_seg_5_cdnow(self):
        """SEG-5: the published figure: a customer of CDNOW with x = 2, t_x = 30.43, T = 38.86 is expected to buy 1.226 times in
        the 39 weeks to come (Fader, Hardie and Lee 2005, page 282)."""
        self.assertAlmostEqual(churn.expected_purchases(CDNOW, 2, 30.43, 38.86, 39), 1.226, places=3)
        active = churn.p_active(CDNOW, 2, 30.43, 38.86)
        self.assertAlmostEqual(churn.expected_if_active(CDNOW, 2, 38.86, 39) * active, 1.226, places=3)

    def test_seg_5_simulated_orders(self):
        """SEG-5: the mean of what 60,000 simulated customers bought in the year after two, by how often they had bought."""
        chance = random.Random(11)
        parameters = churn.Parameters('mbgnbd', 1.2, 14.0, 0.9, 6.0)
        said, came, counts = {}, {}, {}
        for x, last, later in lives(parameters, 104, 52, chance, 60000):
            group = min(x, 8)
            said[group] = said.get(group, 0) + churn.expected_purchases(parameters, x, last, 104, 52)
            came[group], counts[group] = came.get(group, 0) + later, counts.get(group, 0) + 1
        for group, count in counts.items():
            # five standard errors of a mean that varies about as much as it is
            self.assertAlmostEqual(said[group] / count, came[group] / count, delta=5 * (came[group] / count + 0.1) / count ** 0.5)

    def test_seg_5_simulated_range(self):
        """SEG-5: of simulated customers, the money of 8 in 10 lies within the range that is told of them."""
        chance = random.Random(3)
        parameters = churn.Parameters('mbgnbd', 1.5, 9.0, 0.5, 6.0)
        model, inside, below, count = foretell.Model('mbgnbd', (parameters,)), 0, 0, 0
        for x, last, later in lives(parameters, 104, 52, chance, 12000):
            if x < 3:
                continue
            mean, own = 1000.0, [chance.lognormvariate(0, 0.5) * 1000 / 1.1331 for __ in range(x + 1)]
            seen = sum(own) / len(own)
            spread = (sum((one - seen) ** 2 for one in own) / (len(own) - 1)) ** 0.5
            low, high = prospect.span(Prospect(
                model.p_active(x, last, 104), model.expected_purchases(x, last, 104, 52), model.shape + x, seen, spread, x + 1))
            money = sum(chance.lognormvariate(0, 0.5) * mean / 1.1331 for __ in range(later))
            count, inside, below = count + 1, inside + (low <= money <= high), below + (money < low)
        self.assertGreater(count, 3000)
        # the range begins at nothing where one in ten of such customers has left, so that more may lie within it
        self.assertGreater(inside / count, 0.76)
        self.assertLess(inside / count, 0.90)
        self.assertLess(below / count, 0.13)

    def test_seg_5_exact(self):
        """SEG-5: without any spread, and with nobody leaving, the range is that of the number of orders."""
        known = Prospect(1.0, 5.0, 1e9, 100.0, 0.0, 10)  # as good as a Poisson distribution with the mean 5
        low, high = prospect.span(known)
        # by the table of the Poisson distribution: P(N <= 1) = 0.040, P(N <= 2) = 0.125; P(N <= 7) = 0.867, P(N <= 8) = 0.932
        self.assertAlmostEqual(low, 200, delta=2)
        self.assertAlmostEqual(high, 800, delta=5)
        self.assertEqual(prospect.expected(known), 500)

    def test_seg_5_ends(self):
        """SEG-5: who has left for certain brings nothing; more spread makes the range wider, more orders make it higher."""
        self.assertEqual(prospect.span(Prospect(0.0, 0.0, 2.0, 100.0, 30.0, 4)), (0.0, 0.0))
        self.assertEqual(prospect.span(Prospect(0.05, 0.2, 2.0, 100.0, 30.0, 4)), (0.0, 0.0))
        narrow, wide = (prospect.span(Prospect(1.0, 6.0, 8.0, 100.0, spread, 9)) for spread in (5.0, 90.0))
        self.assertLess(wide[0], narrow[0])
        self.assertGreater(wide[1], narrow[1])
        before = (0.0, 0.0)
        for orders in (0.5, 1, 2, 4, 8, 16, 400):
            now = prospect.span(Prospect(0.95, orders, 8.0, 100.0, 40.0, 9))
            self.assertTrue(before[0] <= now[0] <= now[1] and before[1] <= now[1], orders)
            before = now
