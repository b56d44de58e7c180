"""REP-7: the usage map, metric by week, of a customer and of a segment; held against a plain loop over all readings."""
import random
from collections import defaultdict
from datetime import timedelta
from statistics import mean, median

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged, users

from ...engine import heat
from ..common import CustomerCase


class MapCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stable, cls.other = cls.env['customer.segment'].search([], limit=2)
        cls.env['res.partner'].search([('customer_segment_id', '=', cls.stable.id)]).write({'customer_segment_id': False})
        cls.blue, cls.red, cls.green = (cls._customer(name) for name in ("Blue", "Red", "Green"))
        (cls.blue + cls.red + cls.green).write({'customer_segment_id': cls.stable.id})
        cls.logins = cls.env.ref('customer_success.customer_metric_logins')
        cls.features = cls.env.ref('customer_success.customer_metric_features')
        cls.maps = cls.env['customer.usage.map'].with_user(cls.anna)

    @classmethod
    def _count(cls, customer, metric, readings):
        """Put down readings by day."""
        cls.env['customer.reading'].with_context(customer_health_later=True).create([
            {'partner_id': customer.id, 'metric_id': metric.id, 'date': day, 'value': value}
            for day, value in readings.items()])

    def _row(self, found, metric):
        return next(row for row in found['metrics'] if row['id'] == metric.id)


@tagged('post_install', '-at_install')
class TestUsageMap(MapCase):

    @freeze_time('2026-06-17 10:00:00')  # a Wednesday
    def test_rep_7_against_a_loop(self):
        """REP-7: what is added up and what is averaged, week by week; mean, median and n of a segment; all as a loop finds it."""
        draw, today = random.Random(7), fields.Date.to_date('2026-06-17')
        kept = defaultdict(dict)
        for customer in (self.blue, self.red, self.green):
            for metric in (self.logins, self.features):
                days = draw.sample(range(0, 130), 60)
                kept[customer, metric] = {today - timedelta(days=back): draw.randint(0, 20) for back in days}
                self._count(customer, metric, kept[customer, metric])
        sunday = today - timedelta(days=3)
        for weeks in (13, 26):
            whole = self.maps.get_map(weeks, segment_id=self.stable.id)
            own = self.maps.get_map(weeks, partner_id=self.blue.id)
            start = sunday - timedelta(days=7 * (weeks - 1))
            self.assertEqual(own['weeks'][0]['from'], str(start))
            self.assertEqual([week['running'] for week in own['weeks']], [False] * (weeks - 1) + [True])
            compared = 0
            for metric in (self.logins, self.features):
                join = sum if metric == self.logins else mean
                for week in range(weeks):
                    first = start + timedelta(days=7 * week)
                    values = {}
                    for customer in (self.blue, self.red, self.green):
                        counted = [value for day, value in kept[customer, metric].items()
                                   if first <= day < first + timedelta(days=7)]
                        if counted:
                            values[customer] = join(counted)
                    cell = self._row(own, metric)['cells'][week]
                    self.assertEqual(cell is None, self.blue not in values)
                    if cell:
                        self.assertAlmostEqual(cell['mean']['value'], values[self.blue])
                    cell = self._row(whole, metric)['cells'][week]
                    self.assertEqual(cell is None, not values)
                    if cell:
                        compared += 1
                        self.assertEqual(cell['count'], len(values))
                        self.assertAlmostEqual(cell['mean']['value'], mean(values.values()))
                        self.assertAlmostEqual(cell['median']['value'], median(values.values()))
            self.assertGreater(compared, weeks)

    @freeze_time('2026-06-17 10:00:00')
    def test_rep_7_colours(self):
        """REP-7: nothing is a figure and no reading is none; the running week of what adds up is held against nothing; own weeks
        or the segment's."""
        day = fields.Date.to_date('2026-06-10')
        week = timedelta(days=7)
        self._count(self.blue, self.logins, {day + week: 1, day: 0, day - week: 40, day - 2 * week: 20, day - 3 * week: 80})
        self._count(self.blue, self.features, {day + week: 4, day: 8})
        self._count(self.red, self.logins, {day - n * week: 100 for n in range(4)})
        found = self.maps.get_map(13, partner_id=self.blue.id)
        row = self._row(found, self.logins)
        self.assertEqual([cell and cell['mean']['step'] for cell in row['cells']], [None] * 8 + [2, -1, 1, -2, None])
        self.assertEqual(row['usual']['mean'], '30')
        self.assertEqual(row['cells'][-2]['mean']['text'], '0')
        self.assertIsNone(row['cells'][0])
        # a state holds in a week that is not over
        self.assertEqual([cell['mean']['step'] for cell in self._row(found, self.features)['cells'] if cell], [0, -2])
        against = self.maps.get_map(13, partner_id=self.blue.id, against='segment')
        row = self._row(against, self.logins)
        # 0, 20, 40, 80 and four times 100: 90
        self.assertEqual(row['usual']['mean'], '90')
        self.assertEqual([cell and cell['mean']['step'] for cell in row['cells']][8:], [0, -2, -2, -2, None])
        self.assertIn('2 customers', against['scope'])
        self.assertEqual([heat.step(value, 90) for value in (80, 20)], [0, -2])

    def test_rep_7_whose(self):
        """REP-7: a user sees the readings of own customers, in a segment too; nobody without a role sees any."""
        self._count(self.blue, self.logins, {fields.Date.today(): 10})
        self._count(self.red, self.logins, {fields.Date.today(): 30})
        self.red.user_id = self.otto
        def of(user):
            return self._row(self.maps.with_user(user).get_map(13, segment_id=self.stable.id), self.logins)['cells'][-1]

        self.assertEqual((of(self.anna)['count'], of(self.anna)['mean']['value']), (1, 10))
        self.assertEqual((of(self.mara)['count'], of(self.mara)['mean']['value']), (2, 20))
        self.assertFalse(self.maps.get_map(13, partner_id=self.red.id)['metrics'])
        with self.assertRaises(AccessError):
            self.maps.with_user(self.nils).get_map(13, segment_id=self.stable.id)

    def test_rep_7_asked_wrongly(self):
        """REP-7: what can't be shown is refused in words."""
        with self.assertRaisesRegex(ValidationError, "13, 26 or 52 weeks"):
            self.maps.get_map(7, partner_id=self.blue.id)
        with self.assertRaisesRegex(UserError, "one record at a time"):
            self.maps.get_map(13)

    def test_rep_7_opens_readings(self):
        """REP-7: a cell opens the readings that it is made of."""
        today = fields.Date.today()
        self._count(self.blue, self.logins, {today: 10, today - timedelta(days=30): 5})
        self._count(self.blue, self.features, {today: 3})
        week = self.maps.get_map(13, partner_id=self.blue.id)['weeks'][-1]
        for whose in ({'partner_id': self.blue.id}, {'segment_id': self.stable.id}):
            action = self.maps.action_open_readings(self.logins.id, week['from'], week['to'], **whose)
            self.assertEqual(
                self.env['customer.reading'].with_user(self.anna).search(action['domain']).mapped('value'), [10])

    @users('anna')
    def test_rep_7_queries(self):
        """REP-7: of one customer and of many, of few weeks and of a year, the same number of queries."""
        maps, today = self.env['customer.usage.map'], fields.Date.today()
        self._count(self.blue, self.logins, {today: 10})

        def ask(count, weeks):
            self.env.invalidate_all()
            with self.assertQueryCount(count):
                maps.get_map(weeks, segment_id=self.stable.id)

        maps.get_map(13, segment_id=self.stable.id)  # caches of rules and of words
        ask(8, 13)
        for number in range(20):
            customer = self._customer(f"Another {number}", customer_segment_id=self.stable.id)
            self._count(customer, self.logins, {today - timedelta(days=back): back for back in range(0, 300, 7)})
            self._count(customer, self.features, {today - timedelta(days=back): back for back in range(0, 300, 7)})
        ask(8, 52)


@tagged('post_install', '-at_install')
class TestUsageMapTours(HttpCase, MapCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls._count(cls.blue, cls.logins, {today - timedelta(days=7 * back): 10 + back for back in range(40)})
        cls._count(cls.red, cls.logins, {today - timedelta(days=7 * back): 30 for back in range(1, 40)})

    def test_of_a_customer(self):
        """REP-7: the tab Health of a customer; a cell by keyboard, a longer period, and the readings behind it."""
        self.start_tour(f'/odoo/customer-success/{self.blue.id}', 'customer_success_usage_map', login='anna')

    def test_of_a_segment(self):
        """REP-7: from a segment to the map of its customers and back with what was chosen."""
        self.start_tour(f'/odoo/customer-segments/{self.stable.id}', 'customer_success_usage_map_segment', login='mara')


@tagged('post_install', '-at_install')
class TestUsageMapPhoneTours(TestUsageMapTours):
    browser_size = '390x844'
    touch_enabled = True
