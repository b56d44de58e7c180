"""SEG-1: tiers by shares of revenue (ABC), held against an independent loop."""
from random import Random

from odoo.tests import users

from . import test_path_edges


class TestTierParts(test_path_edges.TestPathEdges):
    """Who together makes the first 80 % of the revenue is A, the next 15 % B, the rest C."""

    # those of the other class are not run again
    test_share = test_share_behind_the_band = test_thresholds = test_nothing_to_say = None

    def _oracle(self, customers, shares, band=0):
        """Return the tier of each customer, one after the other."""
        total = sum(max(one.customer_revenue, 0) for one in customers)
        tiers, found = [self.tier_high, self.tier_mid, self.tier_low], {}
        for one in customers:
            before = sum(max(other.customer_revenue, 0) for other in customers if other.customer_revenue > one.customer_revenue)
            position = round(before * 100 / total, 4) if total else 0
            edge, found[one] = 0, self.tier_low
            for tier, share in zip(tiers, shares, strict=True):
                if position < edge + share and one.customer_revenue > 0:
                    found[one] = tier
                    break
                edge += share
        return found

    def test_seg_1_parts_of_revenue(self):
        """SEG-1: any revenues, ties and customers without any among them; one alone is placed as all together are."""
        random = Random(11)
        for attempt in range(4):
            amounts = [random.choice((0, 10, 100, 100, 250, 1000, 9000)) + random.choice((0, 0, 0.5)) for __ in range(18)]
            customers = self._bought(amounts)
            scheme = self._in_force('revenue', (80, 15, 5), dead_band=0)
            expected = self._oracle(customers, (80, 15, 5))
            self.assertEqual({one: one.customer_tier_id for one in customers}, expected, amounts)
            self.assertEqual(len(set(expected.values())), 3, amounts)
            for one in random.sample(customers, 4):
                order = self.env['sale.order'].search([('partner_id', '=', one.id)])
                order.order_line.write({'price_unit': random.choice((1, 500, 20000))})
                self.env['customer.ranking']._rank(one.ids)
                alone = one.customer_tier_id
                scheme.action_recompute()
                self.assertEqual(one.customer_tier_id, alone, (attempt, amounts))
            customers.write({'customer_enrolment': 'excluded'})

    def test_seg_1_nobody_bought(self):
        """SEG-1, bad input: without any revenue everybody is in the last tier, and nothing is divided by it."""
        customers = self._bought([0, 0])
        self._in_force('revenue', (80, 15, 5))
        self.assertEqual(customers.customer_tier_id, self.tier_low)
        self.env['customer.ranking']._rank(customers[0].ids)
        self.assertEqual([edge.rise for edge in self.scheme._edges()], [None, None, None])

    def test_seg_7_edges(self):
        """SEG-7: with the revenue that is named a customer rises, and with the one it has to keep it stays."""
        for band in (0, 3):
            customers = self._bought([4000, 2500, 1500, 900, 600, 300, 150, 100, 80, 50, 20, 10])
            self._in_force('revenue', (80, 15, 5), dead_band=band)
            rises, margins = self._asked(customers)
            self.assertGreater(min(len(rises), len(margins)), 3)
            for one in customers:
                tier, revenue = one.customer_tier_id, one.customer_revenue
                if one.id in rises:
                    self.assertLess(self._with_revenue(one, revenue + rises[one.id][1]).sequence, tier.sequence, revenue)
                if one.id in margins:
                    self.assertEqual(self._with_revenue(one, revenue - margins[one.id][1]), tier, revenue)
            customers.write({'customer_enrolment': 'excluded'})

    @users('mara')
    def test_seg_1_words(self):
        """SEG-1: the ranking says in words how it makes tiers, and shares have to add up here too."""
        scheme = self.env.ref('customer_success.customer_tier_scheme_abc').with_env(self.env)
        self.assertIn("makes which part of the revenue", " ".join(scheme._explain_rules()))
        self.assertIn("High value 80 %", " ".join(scheme._explain_rules()))
        with self.assertRaisesRegex(Exception, "add up to 90 %"):
            scheme.line_ids[0].share = 70
