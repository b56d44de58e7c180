from random import Random

from odoo import Command

from ..common import CustomerCase


class TestPathEdges(CustomerCase):
    """How much revenue is missing to the next tier, and how much may be lost (SEG-7): held against the ranking itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # nobody but those of the test
        cls.env['res.partner'].search([('customer_managed', '=', True)]).write({'customer_enrolment': 'excluded'})
        cls.scheme = cls.env['customer.tier.scheme']

    def _in_force(self, method, values, **vals):
        field = 'threshold' if method == 'threshold' else 'share'
        scheme = self.env['customer.tier.scheme'].create({
            'name': "Mine", 'method': method, 'minimum_stay_days': 0, 'line_ids': [
                Command.create({'sequence': number, 'tier_id': tier.id, field: value}) for number, (tier, value) in enumerate(zip(
                    (self.tier_high, self.tier_mid, self.tier_low), values, strict=True))], **vals})
        scheme.action_put_in_force()
        self.env.invalidate_all()
        return scheme

    def _bought(self, amounts):
        """Return a customer for each amount, which it bought today."""
        customers = self.env['res.partner'].create([
            {'name': f"Buyer {number}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled'}
            for number in range(len(amounts))])
        orders = self.env['sale.order'].create([
            {'partner_id': customer.id, 'order_line': [Command.create({
                'product_id': self.product_thing.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': False})]}
            for customer, amount in zip(customers, amounts, strict=True) if amount])
        orders.action_confirm()
        return customers

    def _with_revenue(self, customer, amount):
        """Return the tier that the ranking gives a customer who bought for so much in all; nothing is kept."""
        found = []
        order = self.env['sale.order'].search([('partner_id', '=', customer.id)])
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            order.order_line.write({'price_unit': amount})
            self.env['customer.ranking']._rank(customer.ids)
            found.append(customer.customer_tier_id)
            raise ZeroDivisionError
        self.env.invalidate_all()
        return found[0]

    def _asked(self, customers):
        """Return what the two facts say, by customer."""
        facts = self.env['customer.fact'].sudo()
        spans = facts._days_back(customers.ids, 1)
        found = []
        for name in ('tier_up', 'tier_margin'):
            rows = self.env.execute_query(facts._query(name, spans, {}, 'detail'))
            found.append({row[0]: (float(row[1]), float(row[2]['missing'])) for row in rows})
        return found

    def _check_edges(self, customers, step=0.01):
        """Hold what is missing, and what may be lost, against the ranking: one cent decides."""
        rises, margins = self._asked(customers)
        counts = [0, 0]
        for customer in customers:
            tier, revenue = customer.customer_tier_id, customer.customer_revenue
            if customer.id in rises and revenue:
                __, missing = rises[customer.id]
                self.assertLess(self._with_revenue(customer, revenue + missing).sequence, tier.sequence, customer.name)
                if missing > step:
                    self.assertEqual(self._with_revenue(customer, revenue + missing - step), tier, customer.name)
                    counts[0] += 1
            if customer.id in margins:
                __, lost = margins[customer.id]
                self.assertEqual(self._with_revenue(customer, revenue - lost), tier, customer.name)
                self.assertGreater(self._with_revenue(customer, revenue - lost - step).sequence, tier.sequence, customer.name)
                counts[1] += 1
        return counts

    def test_share(self):
        """SEG-7, K1: with shares of customers, the revenue of whoever has the place; ties and a boundary customer among them."""
        self._in_force('share', (20, 50, 30), dead_band=0)
        random = Random(7)
        customers = self._bought([random.choice((100, 250, 250, 400, 900, 1300, 2000)) + number for number in range(14)] + [
            5000, 5000])
        self.scheme._get_current().action_recompute()
        counts = self._check_edges(customers)
        self.assertGreater(min(counts), 3)

    def test_share_behind_the_band(self):
        """SEG-7, K1: what counts is where the customer really moves, behind the dead band."""
        self._in_force('share', (20, 50, 30), dead_band=5)
        customers = self._bought([100 * number for number in range(1, 21)])
        self.scheme._get_current().action_recompute()
        self.assertGreater(min(self._check_edges(customers)), 3)

    def test_thresholds(self):
        """SEG-7, K1: with thresholds, the threshold and its band; on the cent."""
        self._in_force('threshold', (5000, 1000, 0), dead_band=2)
        customers = self._bought([999.99, 1000, 1020, 4900, 5000, 5100, 8000, 10])
        self.scheme._get_current().action_recompute()
        self.assertGreater(min(self._check_edges(customers)), 2)
        rises, margins = self._asked(customers)
        low = customers[7]
        self.assertEqual(rises[low.id], (1.0 * 1000 / 1020, 1010))
        self.assertNotIn(low.id, margins, "nobody falls out of the last tier")
        high = customers[6]
        self.assertNotIn(high.id, rises, "there is nothing above the best tier")
        self.assertEqual(margins[high.id], (38.75, 3100))

    def test_nothing_to_say(self):
        """SEG-7, bad input: nobody to rank, tiers by hand, a tier that stands by hand, no revenue at all."""
        self._in_force('share', (20, 50, 30))
        self.assertEqual([edge.rise for edge in self.scheme._edges()], [None, None, None])
        customers = self._bought([0, 0, 700])
        self.scheme._get_current().action_recompute()
        rises, margins = self._asked(customers)
        self.assertEqual(rises[customers[0].id][0], 0)
        self.assertGreater(rises[customers[0].id][1], 0)
        self.assertEqual(margins[customers[2].id][1], 699.99, "with a cent less than any revenue it is in the last tier")
        customers[2]._set_tier_by_hand(self.tier_mid, "Because")
        rises, margins = self._asked(customers)
        self.assertNotIn(customers[2].id, {**rises, **margins})
        self._in_force('manual', (0, 0, 0))
        self.assertEqual(self._asked(customers), [{}, {}])
