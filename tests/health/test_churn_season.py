"""HEA-3, HEA-4, T2: customers who buy in one season of the year: the same season of last year before a warning."""
import random
from collections import Counter
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.customer_success.engine import foretell

from .test_churn import ChurnCase

DAY = timedelta(days=1)


class TestSeason(ChurnCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': 1.25, 'chance': 50, 'window_days': 30})

    def _warned(self, day, customers):
        """Return of which of these customers the rule warns on a day."""
        with self._on(day):
            self.churn._refresh_rhythm()
            return self.env['res.partner'].browse([partner_id for partner_id, in self.env.execute_query(SQL(
                "SELECT partner_id FROM (%s) f WHERE met AND partner_id = ANY(%s) ORDER BY partner_id",
                self.rule._signal_sql(), customers.ids))])

    def _season(self, day, customer):
        with self._on(day):
            self.churn._refresh_rhythm()
            return str(self.env['customer.rhythm'].search([('partner_id', '=', customer.id)]).season_day or '')

    @staticmethod
    def _springs(*years, shift=0, gap=12, orders=5):
        return [date(year, 3, 5) + (shift + gap * number) * DAY for year in years for number in range(orders)]

    def test_hea_3_spring(self):
        """HEA-3, T2: who bought in two springs is not warned of in summer, autumn, winter or when the third one begins, but
        when it passes without an order, for as long as the rule looks back; by whatever limit foretold best."""
        spring, yearly, comes = self._bulk_orders({
            'spring': self._springs(2024, 2025), 'yearly': self._springs(2023, 2024, 2025, orders=1),
            'comes': [*self._springs(2024, 2025), date(2026, 4, 10)]})
        customers = spring + yearly + comes
        for limit in ([], ['pause', 2.0, 100, 90], ['pause', 10.0, 100, 90], ['model', 0.5, 100, 90]):
            self.env.cr.execute("DELETE FROM customer_churn_fit")
            self.env.invalidate_all()
            self._fitted('2025-11-20', test_repeat=1000, test_left=500, trials=[limit] if limit else [], r=2.0, alpha=4.0, a=0.5,
                         b=3.0)
            self._fitted('2026-04-01', test_repeat=1000, test_left=500, trials=[limit] if limit else [], r=2.0, alpha=4.0, a=0.5,
                         b=3.0)
            for day in ('2025-06-30', '2025-08-30', '2025-12-24', '2026-01-31', '2026-03-06', '2026-03-20', '2026-04-18'):
                self.assertFalse(self._warned(day, customers), (limit, day))
            for day in ('2026-04-19', '2026-05-18'):
                self.assertEqual(self._warned(day, customers), spring + yearly, (limit, day))
            self.assertFalse(self._warned('2026-06-01', spring + yearly), "who passed the day long ago is no news")

    def test_hea_3_who_has_a_season(self):
        """HEA-3, T2: a return at the same time in two years makes a season; neither one spring does, nor returns at another
        time, nor pauses that are like the others, and who buys through the winter has none any more."""
        cases = {
            'springs': (self._springs(2024, 2025), '2025-03-05'),
            'later': ([*self._springs(2024), *self._springs(2025, shift=40)], '2025-04-14'),
            'too late': ([*self._springs(2024), *self._springs(2025, shift=50)], ''),
            'one': (self._springs(2025), ''),
            'irregular': ([date(2024, 3, 5), date(2024, 6, 20), date(2024, 11, 1), date(2025, 3, 5)], ''),
            'through': ([*self._springs(2023, 2024), *(date(2024, 5, 1) + 30 * number * DAY for number in range(14))], ''),
            'two seasons': (sorted([*self._springs(2023, 2024, 2025), *self._springs(2023, 2024, shift=184)]), ''),
            'every second': (self._springs(2021, 2023, 2025), ''),
        }
        customers = self._bulk_orders({name: days for name, (days, __) in cases.items()})
        for customer, (name, (__, season)) in zip(customers, cases.items(), strict=True):
            self.assertEqual(self._season('2025-07-01', customer), season, name)
        # the season of this year takes the place of the last one, and a cancelled one is none
        springs = customers[0]
        order = self._order(springs, 10, '2026-03-20')
        self.assertEqual(self._season('2026-07-01', springs), '2026-03-20')
        order._action_cancel()
        self.assertEqual(self._season('2026-07-01', springs), '2025-03-05')

    def _lives(self, chance):
        """Draw customers who buy in one season, every month, or as it comes, and who leave at some time.

        :return: days by name, of five years
        """
        days = {}
        for number in range(150):
            leaves, begins, bought = chance.randint(2023, 2028), chance.randint(20, 280), []
            for year in range(2021, min(leaves, 2027)):
                day = date(year, 1, 1) + (begins + round(chance.gauss(0, 10))) * DAY
                for __ in range(chance.randint(1, 6)):
                    bought.append(day)
                    day += chance.randint(4, 15) * DAY
            days[f'season {number}'] = bought
        for number in range(120):
            leaves, usual = date(2024, 1, 1) + chance.randint(0, 1500) * DAY, chance.choice([20, 30, 45])
            bought = [date(2022, 1, 1) + chance.randint(0, 300) * DAY]
            while (day := bought[-1] + max(1, round(chance.gauss(usual, usual / 3))) * DAY) < min(leaves, date(2026, 12, 31)):
                bought.append(day)
            days[f'steady {number}'] = bought
        for number in range(150):
            leaves = date(2024, 1, 1) + chance.randint(0, 1500) * DAY
            bought = [date(2022, 1, 1) + chance.randint(0, 300) * DAY]
            while (day := bought[-1] + max(1, round(chance.expovariate(1 / 90))) * DAY) < min(leaves, date(2026, 12, 31)):
                bought.append(day)
            days[f'by chance {number}'] = bought
        return days

    def _judge_lives(self, customers, days, begin, stop):
        """Let the rule look every 25 days at drawn lives.

        :return: by kind of customer how many were ``warned``, how many of them ``right``; of who let its season pass without an
            order in these days (``missed``), how many were warned ``in time``
        """
        self.env.cr.execute("DELETE FROM customer_rhythm")
        names, first_warned, found = dict(zip(customers.ids, days, strict=True)), {}, Counter()
        for number in range(0, (stop - begin).days, 25):
            for customer in self._warned(begin + number * DAY, customers):
                first_warned.setdefault(customer.id, begin + number * DAY)
        for partner_id, name in names.items():
            kind, bought, warned = name.rpartition(' ')[0], days[name], first_warned.get(partner_id)
            if warned:
                found[kind, 'warned'] += 1
                found[kind, 'right'] += warned >= bought[-1]
            if kind == 'season':
                due = [day for day in bought if day.year == bought[-1].year][0] + 410 * DAY
                if begin <= due < stop - 30 * DAY and len({day.year for day in bought}) > 1:
                    found['missed'] += 1
                    found['in time'] += warned is not None and due <= warned <= due + 30 * DAY
        return found

    def test_hea_3_simulated_lives(self):
        """HEA-3, T2: against drawn lives of which it is known who leaves: over a year the warnings are right at least as often as
        without a look at the season, of each kind of customer, by the longest pause and by the model. Buyers of a season are
        hardly ever warned of wrongly, and those who let it pass are soon after; without the look hardly any is."""
        days = self._lives(random.Random(13))
        customers = self._bulk_orders(days)
        nobody = SQL("SELECT NULL::int AS id, NULL::date AS season_day WHERE FALSE")
        kinds = ('season', 'steady', 'by chance')

        def precision(found, *kinds):
            return sum(found[kind, 'right'] for kind in kinds) / sum(found[kind, 'warned'] for kind in kinds)

        for trials in ([], [['model', 0.5, 100, 90]]):
            for day in ('2025-06-01', '2025-12-01'):
                self._fitted(day, test_repeat=1000, test_left=500, trials=trials, r=2.0, alpha=4.0, a=0.5, b=3.0)
            looked = self._judge_lives(customers, days, date(2025, 6, 1), date(2026, 6, 1))
            with patch.object(self.registry['customer.churn'], '_season_sql', lambda *args: nobody):
                blind = self._judge_lives(customers, days, date(2025, 6, 1), date(2026, 6, 1))
            self.assertEqual((looked['missed'], looked['in time']), (20, 20))
            self.assertLess(blind['in time'], 10)
            self.assertGreater(precision(looked, 'season'), 0.95)
            for kind in kinds:
                self.assertGreaterEqual(precision(looked, kind), precision(blind, kind), kind)
            self.assertEqual(
                *([found['steady', what] for what in ('warned', 'right')] for found in (looked, blind)), "who has no season")

    def test_hea_3_tried_with_the_season(self):
        """HEA-3, T2: what is tried on the held-out days is what would have been warned of: who waits for its season is not, who
        let it pass is at every limit."""
        inf = float('inf')
        rows = {(3, 20.0, 60.0, inf, 1): 5, (3, 20.0, 80.0, 0, 0): 4, (3, 20.0, 80.0, 0, 1): 1, (3, 20.0, 22.0, 10.0, 1): 30}
        repeat, left, trials = foretell.try_pauses(rows)
        self.assertEqual((repeat, left), (40, 4))
        self.assertEqual({trial[2:] for trial in trials if trial.judge == 'pause'}, {(5, 4)})
        self.assertEqual({trial[2:] for trial in trials if trial.judge == 'model'}, {(0, 0)})
        model = foretell.Model('bgnbd', (foretell.churn.Parameters('bgnbd', 1, 4, 0.5, 2),))
        tested = foretell.back_test(model, rows, 10, 3.0)
        self.assertEqual({trial[2:] for trial in tested.trials}, {(5, 4)})
        # and so the sample says it
        self._bulk_orders({'spring': self._springs(2024, 2025), 'month': self._days('2025-01-01', 30, 30)})
        for day, pause in ((date(2025, 12, 1), inf), (date(2026, 5, 1), 0)):
            self.assertEqual({row[0]: row[3] for row in self.churn._sample(day)}, {9: pause, 2: 30 / 7})
        self.assertEqual(self._warned('2026-05-01', self.env['res.partner'].search([('name', '=', 'spring')])).name, 'spring')

    def test_hea_6_expected_in_its_season(self):
        """HEA-6, T2: an order is expected of who buys in spring when spring comes, not in winter; of others after their usual
        time."""
        spring, monthly = self._bulk_orders({
            'spring': self._springs(2024, 2025), 'monthly': self._days('2025-06-01', *[30] * 6)})
        rules = self.env['customer.action.rule']
        rules.search([]).active = False
        self.env['customer.profile.requirement'].search([]).policy = 'off'
        rules.create({'name': "Order", 'kind': 'order', 'threshold': 100})
        for day, expected in (('2025-12-10', []), ('2026-01-10', [monthly]), ('2026-03-04', [monthly]),
                              ('2026-03-05', [spring, monthly])):
            with self._on(day):
                self.churn._refresh_rhythm()
                found = [customer for customer in (spring, monthly) if customer.with_user(self.anna).customer_next_action]
                self.assertEqual(found, expected, day)

    def test_hea_3_season_and_health(self):
        """HEA-1, HEA-3, T2: out of its season a customer is neither at risk nor does its rhythm cost points; when the season has
        passed without it both are. What it says is true."""
        [spring] = self._bulk_orders({'spring': self._springs(2024, 2025)})
        measures = {source: self.env['customer.health.measure'].search([('source', '=', source)], limit=1)
                    for source in ('rhythm', 'value_trend')}

        def value(source, day):
            with self._on(day):
                self.churn._refresh_rhythm()
                rows = self.env.execute_query(measures[source]._sources()[source].sql(measures[source], spring.ids))
                return rows and (float(rows[0][1]), rows[0][2])

        with self._on('2025-12-01'):
            self._fitted('2025-12-01', r=2.0, alpha=4.0, a=0.5, b=3.0)
            self.churn._refresh_rhythm()
            percent, gap, level = self._risk(spring)[spring.id]
            self.assertGreater(percent, 60)
            self.assertGreater(gap, 3)
            self.assertEqual(level, 'low')
            silent, last = value('rhythm', '2025-12-01')
            self.assertAlmostEqual(silent, 223 / 365)
            self.assertEqual(
                measures['rhythm']._describe(silent, last), "223 days since the last order, usually one every 365")
            text = ' '.join(spring.with_user(self.anna).get_customer_churn()['sentences'])
            self.assertRegex(text, "Buys in one season of the year: last time it came back on 03/05/2025")
        with self._on('2026-04-19'):
            self._fitted('2026-04-19', r=2.0, alpha=4.0, a=0.5, b=3.0)
            self.assertEqual(self._risk(spring)[spring.id][2], 'high')
        self.assertGreater(value('rhythm', '2026-04-19')[0], 5)
        self.assertFalse(value('value_trend', '2025-12-01'))
        monitor, self.rule.evaluations = self.env['customer.warning.monitor'], 1
        self.env['customer.warning.rule'].search([('id', '!=', self.rule.id)]).action_archive()
        with self._on('2026-04-20'):
            monitor._evaluate('order_gap')
            warning = self.env['customer.warning'].search([('partner_id', '=', spring.id), ('rule_id', '=', self.rule.id)])
            self.assertEqual(
                warning.reason,
                "No order for 363 days: the season in which it came back last year, on 03/05/2025, has passed without one")
