from random import Random

from odoo import fields

from .offer_common import OfferCase


class TestOffersTrial(OfferCase):
    """How well offers foretell what is bought, against best sellers (HEA-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 40 of 64 who bought an anvil have bellows; of the others, 18 buy one in the held-out days, and 6 of everybody else
        cls.customers = cls._people(200)
        random, baskets = Random(5), []
        for number, customer in enumerate(cls.customers):
            lines = [(thing, 100, 300) for thing in random.sample(list(cls.noise[:5]), 2)]
            if number < 64:
                lines.append((cls.anvil, 100, 280))
            if number < 40:
                lines.append((cls.bellows, 100, 270))
            elif number < 58 or number >= 194:
                lines.append((cls.bellows, 100, 30))
            if 50 <= number < 64:
                lines.append((random.choice(cls.noise[:5]), 100, 20))
            baskets.append((customer, lines))
        cls._sell(baskets)

    def _oracle(self, holdout=90, most=5):
        """Return how many customers are compared, hit by offers, hit by best sellers, by one alone and by the other alone."""
        company, cutoff = self.env.company, fields.Date.subtract(self.today, days=holdout)
        before, now = self._oracle_baskets(company, cutoff), self._oracle_baskets(company)
        pairs, counts = self._oracle_pairs(company, cutoff), {}
        for things in before.values():
            for thing in things:
                counts[thing] = counts.get(thing, 0) + 1
        best = sorted(counts, key=lambda thing: (-counts[thing], thing.id))
        result = [0] * 5
        for customer, things in before.items():
            likely = {}
            for (reason, thing), (__, __, low, __) in pairs.items():
                if reason in things and thing not in things:
                    likely[thing] = max(low, likely.get(thing, 0))
            offered = sorted(likely, key=lambda thing, likely=likely: (-likely[thing], thing.id))[:most]
            later = now[customer].keys() - things.keys()
            if not offered or not later:
                continue
            hit = bool(later & set(offered))
            plain = bool(later & set([thing for thing in best if thing not in things][:len(offered)]))
            for place, holds in enumerate((True, hit, plain, hit and not plain, plain and not hit)):
                result[place] += holds
        return tuple(result)

    def test_trial(self):
        """HEA-7: the offers of 90 days ago are held against what was bought since, as plain Python does; the figures stand on
        the trial, with date and sample."""
        result = self.env['customer.offer.keeper']._refresh()
        trial = self.trials.search([('company_id', '=', self.env.company.id)])
        found = (trial.customers, trial.hits, trial.best_hits, trial.only_hits, trial.only_best)
        self.assertEqual(found, self._oracle())
        self.assertEqual(trial.customers, 23, "who had an anvil and no bellows, and bought something new")
        self.assertEqual(trial.hits, 18)
        day = self.env['customer.document']._latest_day()  # it may be tomorrow where an order was made
        self.assertEqual((trial.date, trial.cutoff, trial.holdout_days), (day, fields.Date.subtract(day, days=90), 90))
        self.assertEqual((trial.best_hits, trial.state), (3, 'better'))
        self.assertAlmostEqual(trial.hit_percent, 78.3, 1)
        self.assertTrue(trial.is_current)
        self.assertGreater(result['pairs'], 0)

    def test_verdict(self):
        """HEA-7: better, and shown; the same figures with fewer customers than the settings ask for are silent, in words."""
        self.keeper._refresh()
        trial = self.trials.search([('company_id', '=', self.env.company.id)])
        self.assertIn("of 23 customers who bought something new, the offers hit 18", trial.summary)
        shown = bool(self._offered())
        self.assertEqual(shown, trial.state == 'better')
        self.env['ir.config_parameter'].set_param('customer_success.offer_minimum_customers', '25')
        self.keeper._refresh()
        trial = self.trials.search([('company_id', '=', self.env.company.id)], limit=1)
        self.assertEqual(trial.state, 'few')
        self.assertIn("25 customers are needed", trial.summary)
        self.assertEqual(self._offered(), [])
        self.assertEqual(self.customers[63].customer_offer_trial.splitlines()[0].removeprefix(
            f'{self.env.company.name}: '), trial.summary)

    def test_once_a_month(self):
        """HEA-7: tried again after 30 days, after a change of the settings, and when a manager asks; the history stays."""
        trials = [('company_id', '=', self.env.company.id)]
        self.keeper._refresh()
        self.keeper._refresh()
        self.assertEqual(self.trials.search_count(trials), 1)
        self.trials.search(trials).date = fields.Date.subtract(self.today, days=30)
        self.keeper._refresh()
        self.assertEqual(self.trials.search_count(trials), 2)
        self.trials.with_user(self.mara).action_try_now()
        self.assertEqual(self.trials.search_count(trials), 3)

    def test_no_orders(self):
        """HEA-7: a company without orders is not tried, and one whose orders are too few is silent."""
        self.keeper._refresh()
        self.assertFalse(self.trials.search([('company_id', '=', self.company_2.id)]))
        self._sell([(self.customers[0], [(self.noise[0], 10, 3)])], company=self.company_2)
        self.keeper._refresh()
        trial = self.trials.search([('company_id', '=', self.company_2.id)])
        self.assertEqual((trial.state, trial.customers, trial.pairs), ('few', 0, 0))
