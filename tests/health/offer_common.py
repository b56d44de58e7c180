"""Customers who buy this and that, and what is bought together, counted by plain Python."""
from collections import defaultdict
from random import Random
from statistics import median

from odoo import Command, fields

from odoo.addons.customer_success.engine import association

from ..common import CustomerCase


class OfferCase(CustomerCase):
    """Orders with planted pairs among noise.

    24 customers buy *Anvil*, 20 of these *Bellows*; 20 others buy *Crane*, 16 of these *Derrick*. Everybody buys *Everything*,
    and three of twelve other things by chance. ``cls.customers`` are 80; the first 24 buy *Anvil*, those from 30 to 49 *Crane*.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['sale.order'].search([('state', '=', 'sale')])._action_cancel()
        cls.today = fields.Date.today()
        cls.offers, cls.keeper = cls.env['customer.offer'], cls.env['customer.offer.keeper']
        cls.pairs, cls.trials = cls.env['customer.offer.pair'], cls.env['customer.offer.trial']
        cls.anvil, cls.bellows, cls.crane, cls.derrick, cls.everything = cls._products(
            "Anvil", "Bellows", "Crane", "Derrick", "Everything")
        for known in (cls.offers, cls.pairs, cls.trials):
            known.with_context(active_test=False).search([]).unlink()  # of the demo data
        cls.noise = cls._products(*(f"Noise {number}" for number in range(12)))

    @classmethod
    def _products(cls, *names, **vals):
        return cls.env['product.product'].create([
            {'name': name, 'type': 'service', 'taxes_id': False, **vals} for name in names])

    @classmethod
    def _people(cls, count, **vals):
        """Return so many new customers of Anna's."""
        return cls.env['res.partner'].create([
            {'name': f"Buyer {number}", 'is_company': True, 'user_id': cls.anna.id, 'customer_enrolment': 'enrolled', **vals}
            for number in range(count)])

    @classmethod
    def _sell(cls, baskets, company=None, **vals):
        """Make confirmed orders, all at once.

        :param baskets: pairs of a customer and a list of product, amount and how many days ago; each day is an order
        """
        orders = []
        for customer, lines in baskets:
            days = defaultdict(list)
            for product, amount, ago in lines:
                days[ago].append(Command.create({
                    'product_id': product.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': False}))
            orders += [{
                'partner_id': customer.id, 'date_order': f'{fields.Date.subtract(cls.today, days=ago)} 12:00:00',
                'state': 'sale', 'company_id': (company or cls.env.company).id, 'order_line': order_lines, **vals,
            } for ago, order_lines in days.items()]
        return cls.env['sale.order'].with_context(tracking_disable=True).create(orders)

    @classmethod
    def _plant(cls):
        """Make the customers and orders of the class, see there."""
        random = Random(7)
        cls.customers = cls._people(80)
        baskets = []
        for number, customer in enumerate(cls.customers):
            lines = [(cls.everything, 50, 300)]
            lines += [(thing, 100 + number, 200) for thing in random.sample(list(cls.noise), 3)]
            if number < 24:
                lines.append((cls.anvil, 1000, 250))
            if number < 20:
                lines.append((cls.bellows, 8000 + 20 * number, 150))
            if 30 <= number < 50:
                lines.append((cls.crane, 500, 250))
            if 30 <= number < 46:
                lines.append((cls.derrick, 3000, 150))
            baskets.append((customer, lines))
        return cls._sell(baskets)

    @classmethod
    def _prove(cls, *companies, state='better'):
        """Say that offers were tried today, so that they are shown, or not."""
        look = cls.env['customer.offer.finder']._look()
        return cls.trials.create([{
            'company_id': company.id, 'date': look.day, 'cutoff': look.day, 'level': look.level, 'state': state,
            'settings': cls.trials._fingerprint(look)} for company in companies or cls.env['res.company'].search([])])

    def _offered(self, customer=None, **by):
        """Return the names of what is offered, in order, of one customer or by customer."""
        domain = [('state', '=', 'open'), *((name, '=', value) for name, value in by.items())]
        offers = self.offers.search([*domain, ('partner_id', 'in', (customer or self.env['res.partner'].search([])).ids)])
        return offers.sorted(lambda offer: (offer.partner_id.id, offer.place)).mapped('display_name')

    def _pair_names(self):
        return {(pair.reason_tmpl_id.name, pair.product_tmpl_id.name) for pair in self.pairs.search([])}

    # ------------------------------------------------------------
    # THE SAME BY PLAIN PYTHON
    # ------------------------------------------------------------

    def _oracle_baskets(self, company, day=None):
        """Return what each customer bought of a company, by template: the amount and the first day."""
        day, baskets = day or self.today, defaultdict(dict)
        for order in self.env['sale.order'].search([('state', '=', 'sale'), ('company_id', '=', company.id)]):
            if order.date_order.date() > day:
                continue
            for line in order.order_line:
                bought = baskets[order.partner_id.commercial_partner_id].setdefault(
                    line.product_id.product_tmpl_id, [0, 0, order.date_order.date()])
                bought[0] += line.product_uom_qty
                bought[1] += line.price_subtotal
                bought[2] = min(bought[2], order.date_order.date())
        return {customer: {thing: figures for thing, figures in things.items() if figures[0] > 0 and figures[1] > 0}
                for customer, things in baskets.items()}

    def _oracle_pairs(self, company, day=None, support=5, lift=1.5):
        """Return by the templates of reason and thing: how many buy both, how many the reason, the lower bound, and the
        median spent a year on the thing."""
        day, baskets = day or self.today, self._oracle_baskets(company, day)
        baskets = {customer: things for customer, things in baskets.items() if things}
        buyers = defaultdict(set)
        for customer, things in baskets.items():
            for thing in things:
                buyers[thing].add(customer)
        often = [thing for thing, who in buyers.items() if len(who) >= support]
        of_all, found = sum(map(len, baskets.values())), {}
        for reason in often:
            others = sum(len(baskets[customer]) - 1 for customer in buyers[reason])
            for thing in often:
                both = buyers[reason] & buyers[thing]
                if thing == reason or len(both) < support or not thing.sale_ok or not thing.active:
                    continue
                count = len(buyers[reason])
                expected = association.expected_share(count, others, len(buyers[thing]), of_all, len(baskets))
                low = association.wilson_low(len(both), count)
                if association.strength(len(both), count, expected) >= association.needed_strength(len(often), 0.05) \
                        and low >= lift * expected:
                    yearly = [baskets[customer][thing][1] / max(1, (day - baskets[customer][thing][2]).days / 365.25)
                              for customer in both]
                    found[reason, thing] = (len(both), count, round(low, 4), round(median(yearly), 2))
        return found
