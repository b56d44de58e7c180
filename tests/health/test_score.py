"""HEA-1: the health score of customers in the database."""
import random
from datetime import date
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_success.engine import scoring

from .health_common import HealthCase

REFRESH = 'odoo.addons.customer_success.models.health.customer_health_refresh'


class TestScore(HealthCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Scored")

    def _state(self, customer=None):
        """Return state, score, band and coverage of a customer."""
        now = self._now(customer or self.customer)
        return now.state, self._column(customer or self.customer), now.band, now.coverage

    def test_hea_1_weighed(self):
        """HEA-1: the score is the weighed mean of the points, on the snapshot as on the customer."""
        self._set(self.customer, a=100, b=20)
        result = self._refresh()
        self.assertEqual(result['failed'], 0)
        self.assertGreaterEqual(result['customers'], 1)
        self.assertEqual(self._state(), ('scored', 80, 'healthy', 100))
        self.assertEqual(self.customer.customer_health, 80)
        self.assertEqual(self.customer.customer_health_band, 'healthy')
        now = self._now(self.customer)
        self.assertEqual((now.uncapped, now.computed, now.groups_known, now.scorecard_id), (80, 80, 2, self.card))
        today = fields.Date.to_string(fields.Date.today())
        self.assertEqual(now.parts, {
            str(self.measure_a.id): {
                'w': 30, 'p': 100, 'v': 100, 'd': today, 's': 'known', 'g': self.group_a.id, 'i': False},
            str(self.measure_b.id): {
                'w': 10, 'p': 20, 'v': 20, 'd': today, 's': 'known', 'g': self.group_b.id, 'i': False},
        })

    def test_hea_1_from_outside(self):
        """HEA-1: a measure of another addon plugs in by the documented method, and is scored and told like any other."""
        self.assertIn(('a', "Source a"), self.env['customer.health.measure']._selection_source())
        self.assertEqual(self.measure_a.unit, "points")
        self.assertEqual(self.measure_a._describe(12.0, None), "Measure a is 12")

    def test_hea_1_all_missing(self):
        """HEA-1: of whom nothing is known has no score, not zero."""
        self._refresh()
        self.assertEqual(self._state(), ('thin', None, 'none', 0))
        part = self._now(self.customer).parts[str(self.measure_a.id)]
        self.assertEqual((part['p'], part['v'], part['s'], part['i']), (None, None, 'missing', False))
        self._set(self.customer, a=1, b=1)
        self._refresh()
        self._set(self.customer, a=None, b=None)
        self._refresh()
        self.assertEqual(self._state(), ('thin', None, 'none', 0))

    def test_hea_1_one_group(self):
        """HEA-1: one side alone is not the whole, however much it weighs."""
        self._set(self.customer, a=90)
        self._refresh()
        self.assertEqual(self._state(), ('thin', None, 'none', 75))
        self.card.minimum_groups = 1
        self._refresh()
        self.assertEqual(self._state(), ('scored', 90, 'healthy', 75))

    def test_hea_1_coverage(self):
        """HEA-1: less than 60 percent known is not enough."""
        self.card.minimum_groups = 1
        self._set(self.customer, b=90)
        self._refresh()
        self.assertEqual(self._state(), ('thin', None, 'none', 25))

    def test_hea_1_zero_weight(self):
        """HEA-1: a measure of weight 0 is shown, and neither counts nor is a group."""
        self.card.line_ids[1].weight = 0
        self._set(self.customer, a=90, b=10)
        self._refresh()
        self.assertEqual(self._state(), ('thin', None, 'none', 100))
        self.card.minimum_groups = 1
        self._refresh()
        self.assertEqual(self._state(), ('scored', 90, 'healthy', 100))
        self.assertEqual(self._now(self.customer).parts[str(self.measure_b.id)]['p'], 10)

    def test_hea_1_stale(self):
        """HEA-1: a value counts until its last valid day, and is then missing, by itself."""
        self.measure_b.validity_days = 10
        self.card.minimum_groups = 1
        with self._on('2026-03-01'):
            self._set(self.customer, a=80, b=40)
        for day, score, status in (('2026-03-11', 70, 'known'), ('2026-03-12', 80, 'stale')):
            with self._on(day):
                self._set(self.customer, a=80)
                self._refresh()
                self.assertEqual(self._column(self.customer), score)
                part = self._now(self.customer).parts[str(self.measure_b.id)]
                self.assertEqual((part['s'], part['v'], part['d']), (status, 40, '2026-03-01'))

    def test_hea_1_policies(self):
        """HEA-1: what is missing is left out, or counts as neutral or as worst; in any case it is not known."""
        self.card.minimum_groups = 1
        self._set(self.customer, a=90)
        for policy, score, points in (('leave_out', 90, None), ('neutral', 80, 50), ('worst', 67.5, 0)):
            self.measure_b.missing_policy = policy
            self._refresh()
            self.assertEqual(self._state()[1], score)
            now = self._now(self.customer)
            self.assertEqual((now.coverage, now.groups_known), (75, 1))
            part = now.parts[str(self.measure_b.id)]
            self.assertEqual((part['p'], part['i'], part['s']), (points, points is not None, 'missing'))

    def test_hea_1_usual_in_the_segment(self):
        """HEA-1: the median of the customer's segment stands in; left out where nobody of the segment is known."""
        segments = self.env['customer.segment'].create([{'name': "One"}, {'name': "Other"}])
        self.measure_b.missing_policy = 'median'
        self.card.minimum_groups = 1
        others = [self._customer(f"Other {number}") for number in range(4)]
        lonely = self._customer("Lonely")
        nowhere = self._customer("Without a segment")
        for customer, segment in [(customer, segments[0]) for customer in [self.customer, *others]] + [(lonely, segments[1])]:
            customer.sudo().customer_segment_id = segment
        for other, points in zip(others, (10, 20, 31, 90), strict=True):
            self._set(other, a=50, b=points)
        for customer in (self.customer, lonely, nowhere):
            self._set(customer, a=90)
        with self._segments_kept():
            self._refresh()
            part = self._now(self.customer).parts[str(self.measure_b.id)]
            self.assertEqual((part['p'], part['i'], part['s']), (26, True, 'missing'), "25.5, rounded half up")
            self.assertEqual(self._column(self.customer), 74)
            for customer in (lonely, nowhere):
                self.assertEqual(self._column(customer), 90)
            self.assertEqual(self._refresh()['rows'], 0)
            self._set(others[3], a=50, b=32)
            self._set(self.customer, a=100)
            self._refresh(self.customer)
            self.assertEqual(self._column(self.customer), 81.5, "one customer is refreshed with what is usual")
            self._set(others[0], b=40)
            self._refresh()
            self.assertEqual(self._now(self.customer).parts[str(self.measure_b.id)]['p'], 32)
            for other in others:
                self._set(other, b=None)
            self._refresh()
            self.assertFalse(self.env['customer.health.median'].search([]))
            self.assertEqual(self._column(self.customer), 100)

    def _segments_kept(self):
        """Keep segments as the test set them."""
        return patch.multiple(
            self.registry['customer.health.refresh'], _step_segments=lambda self, partner_ids: {'rows': 0},
            _step_segments_by_health=lambda self, partner_ids: {'rows': 0})

    def test_hea_1_caps(self):
        """HEA-1: the lowest cap that fits holds the score and is named; what the measures give stays visible."""
        caps = self.env['customer.health.cap'].create([
            {'name': "Bad", 'measure_id': self.measure_b.id, 'comparison': 'below', 'value': 30, 'maximum': 60},
            {'name': "Terrible", 'measure_id': self.measure_b.id, 'comparison': 'below', 'value': 10, 'maximum': 40},
        ])
        for value, score, uncapped, cap in (
            (30, 82.5, 82.5, False), (29, 60, 82.25, caps[0]), (9, 40, 77.25, caps[1])):
            self._set(self.customer, a=100, b=value)
            self._refresh()
            now = self._now(self.customer)
            self.assertEqual((now.score, now.uncapped, now.cap_id), (score, uncapped, cap or caps.browse()))
        self._set(self.customer, a=30, b=0)
        self._refresh()
        self.assertFalse(self._now(self.customer).cap_id, "the score is lower anyway")

    def test_hea_1_cap_of_a_measure_off_the_card(self):
        """HEA-1: a cap holds on every card; its measure is shown there without weight."""
        measure = self._measure('c')
        self.env['customer.health.cap'].create(
            {'name': "Bad", 'measure_id': measure.id, 'comparison': 'from', 'value': 5, 'maximum': 10})
        self._set(self.customer, a=80, b=80, c=5)
        self._refresh()
        now = self._now(self.customer)
        self.assertEqual((now.score, now.uncapped, now.parts[str(measure.id)]['w']), (10, 80, 0))

    def test_hea_1_first_card_that_fits(self):
        """HEA-1: a customer is judged by the first card for its tier; where none fits it is not scored."""
        self.card.tier_ids = self.tier_low
        high = self._card("High", {self.measure_a: 1, self.measure_b: 1}, sequence=1, tier_ids=[Command.set(self.tier_high.ids)])
        self._set(self.customer, a=80, b=40)
        for tier, state, score, card in (
            (self.tier_high, 'scored', 60, high), (self.tier_low, 'scored', 70, self.card),
            (self.tier_mid, 'no_card', None, False)):
            self.customer.sudo().customer_tier_id = tier
            self._refresh()
            self.assertEqual(self._state()[:2], (state, score))
            self.assertEqual(self._now(self.customer).scorecard_id, card or high.browse())
        self.assertFalse(self._now(self.customer).parts)
        self.customer.sudo().customer_tier_id = self.tier_low
        self.env['customer.health.scorecard'].create({
            'name': "First", 'sequence': 0, 'line_ids': [Command.create({'measure_id': self.measure_b.id, 'weight': 1})],
            'minimum_groups': 1})
        self._refresh()
        self.assertEqual(self._column(self.customer), 40)

    def test_hea_1_averages_leave_out(self):
        """HEA-1: averages, pivots and bands are made of the customers that have a score."""
        unknown = self._customer("Unknown")
        self._set(self.customer, a=90, b=90)
        self._refresh()
        both = [('id', 'in', (self.customer + unknown).ids)]
        self.assertEqual(self.env['res.partner']._read_group(both, [], ['customer_health:avg', '__count']), [(90, 2)])
        self.assertEqual(
            self.env['res.partner']._read_group(both, ['customer_health_band'], ['customer_health:avg', '__count']),
            [('healthy', 90, 1), ('none', False, 1)])
        snapshots = [('partner_id', 'in', (self.customer + unknown).ids)]
        self.assertEqual(self.env['customer.health.snapshot']._read_group(
            snapshots, [], ['score:avg', 'computed:avg', 'uncapped:avg']), [(90, 90, 90)])

    def test_hea_1_report(self):
        """HEA-1: the report groups by tier and by a selection at once, each in its own order."""
        partners = [('id', 'in', (self.customer + self._customer("Unknown")).ids)]
        self._set(self.customer, a=90, b=90)
        self._refresh()
        sets = self.env['res.partner'].with_user(self.mara).formatted_read_grouping_sets(
            partners, [['customer_tier_id', 'customer_health_band'], []], ['customer_health:avg', '__count'],
            order='customer_tier_id, customer_health_band')
        self.assertEqual([group['customer_health_band'] for group in sets[0]], ['healthy', 'none'])
        self.assertEqual([group['customer_health:avg'] for group in sets[0]], [90, False])

    def test_hea_1_not_a_number(self):
        """HEA-1: what is no number is not known."""
        for value in ('NaN', 'Infinity', '-Infinity'):
            self._set(self.customer, a=50, b=value)
            self._refresh()
            self.assertEqual(self._now(self.customer).parts[str(self.measure_b.id)]['s'], 'missing')
            self.assertFalse(self.measure_b.problem)

    def test_hea_1_same_as_the_engine(self):
        """HEA-1: the database and the engine agree, on random rules and customers, to half a hundredth."""
        choice = random.Random(7)
        measures = self.measure_a + self.measure_b + self._measure('c', group_id=self.group_b.id)
        segment = self.env['customer.segment'].create({'name': "All"})
        customers = self.env['res.partner'].concat(*(self._customer(f"Random {number}") for number in range(40)))
        customers.sudo().customer_segment_id = segment
        today = date(2026, 3, 2)
        for __ in range(12):
            for measure in measures:
                starts = sorted({0, *(choice.choice([0.5, 1, 2.25, 10, 33.3333, 70]) for __ in range(4))})
                measure.write({
                    'validity_days': choice.choice([0, 5]),
                    'missing_policy': choice.choice(['leave_out', 'neutral', 'worst', 'median']),
                    'band_ids': [Command.clear(), *(
                        Command.create({'value_from': start, 'points': choice.randint(0, 100)}) for start in starts)]})
            self.card.write({
                'minimum_coverage': choice.choice([0, 40, 60, 90]), 'minimum_groups': choice.choice([1, 2]),
                'line_ids': [Command.clear(), *(Command.create({
                    'measure_id': measure.id, 'weight': choice.choice([0.1, 0.3, 7, 25])}) for measure in measures)]})
            self.env['customer.health.cap'].search([]).unlink()
            self.env['customer.health.cap'].create([{
                'name': f"Cap {number}", 'measure_id': choice.choice(measures).id, 'value': choice.choice([1, 10, 50]),
                'comparison': choice.choice(['from', 'below']), 'maximum': choice.choice([20, 40, 40, 70])}
                for number in range(3)])
            self.values.clear()
            for customer in customers:
                for source in 'abc':
                    if choice.random() < 0.7:
                        self.values[source, customer.id] = (
                            choice.choice([0, 0.49999, 0.5, 33.3333, 33.33334, 100, choice.random() * 100]),
                            fields.Date.subtract(today, days=choice.choice([0, 5, 6])))
            with self._on('2026-03-02'), self._segments_kept():
                self._refresh()
                self._compare(customers, today)

    def _compare(self, customers, today):
        rules = self.env['customer.health.rules']._get_current().rules
        card = rules['cards'][str(self.card.id)]
        medians = {str(median.measure_id.id): median.points for median in self.env['customer.health.median'].search([])}
        for customer in customers:
            parts = {}
            for key, measure in rules['measures'].items():
                value, as_of = self.values.get((measure['source'], customer.id), (None, None))
                value = value if value is None else round(value, 4)
                judged = scoring.judge(measure, value, as_of, today, medians.get(key))
                parts[key] = {'w': card['weights'][key], 'p': judged.points, 'v': value, 's': judged.status,
                              'd': as_of and fields.Date.to_string(as_of), 'g': measure['group'], 'i': judged.imputed}
            result, now = scoring.score(card, parts, rules['caps']), self._now(customer)
            self.assertEqual(now.parts, parts)
            self.assertEqual(
                (now.state, now.coverage, now.groups_known, now.cap_id.id or None),
                (result.state, result.coverage, result.groups, result.cap))
            if result.state == 'scored':
                self.assertAlmostEqual(now.uncapped, result.uncapped, delta=0.005)
                self.assertAlmostEqual(now.score, result.computed, delta=0.005)
            self.assertEqual(now.band, scoring.band(card, result.computed))
            self.assertEqual(self._column(customer), now.score if result.state == 'scored' else None)

    def test_hea_1_poisoned_source(self):
        """HEA-1: a source that fails leaves the others scored; it is set aside, visible, and back once it works."""
        self.card.minimum_groups = 1
        self._set(self.customer, a=80, b=40)
        for poison, message in (
            (SQL("SELECT 1 / 0 AS partner_id, 1 AS value, NULL::date AS as_of"), "division by zero"),
            (SQL("SELECT nonsense"), "nonsense"),
            (SQL("SELECT id AS partner_id, 'x' AS value, NULL AS as_of FROM res_partner"), "invalid input"),
            (SQL("SELECT id AS partner_id, v AS value, NULL AS as_of FROM res_partner, generate_series(1, 2) v"),
             "more than one value"),
        ):
            self.broken['b'] = poison
            with mute_logger('odoo.sql_db', REFRESH):
                result = self._refresh()
            self.assertEqual(result['failed'], 1)
            self.assertEqual(self._state()[:2], ('scored', 80))
            self.assertIn(message, self.measure_b.problem)
            self.assertFalse(self.measure_a.problem)
            self._refresh(self.customer)  # does not even ask it
            del self.broken['b']
            self.assertEqual(self._refresh()['failed'], 0)
            self.assertEqual(self._column(self.customer), 70)
            self.assertFalse(self.measure_b.problem)

    def test_hea_1_poisoned_python(self):
        """HEA-1: the same where a source fails before there is any SQL, or is gone, or is left without bands."""
        self.card.minimum_groups = 1
        self._set(self.customer, a=80, b=40)
        self.broken['b'] = "no SQL at all"
        with mute_logger('odoo.sql_db', REFRESH):
            self._refresh()
        self.assertEqual(self._column(self.customer), 80)
        self.assertTrue(self.measure_b.problem)
        self.broken.clear()
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_health_measure SET source = 'gone' WHERE id = %s", [self.measure_b.id])
        self.env.invalidate_all()
        self.assertEqual(self._refresh()['failed'], 1)
        self.assertIn("not there any more", self.measure_b.problem)
        self.env.cr.execute("UPDATE customer_health_measure SET source = 'b' WHERE id = %s", [self.measure_b.id])
        self.env.cr.execute("DELETE FROM customer_health_band WHERE measure_id = %s", [self.measure_b.id])
        self.env.invalidate_all()
        self._refresh()
        self.assertIn("no points", self.measure_b.problem)
        self.assertEqual(self._column(self.customer), 80)

    def test_hea_1_poison_imputes_nothing(self):
        """HEA-1: a measure that fails puts nothing in the place of what it would have said, whatever its policy."""
        self.card.minimum_groups = 1
        self.measure_b.missing_policy = 'worst'
        self._set(self.customer, a=80, b=80)
        self._refresh()
        self.broken['b'] = SQL("SELECT 1 / 0")
        with mute_logger('odoo.sql_db', REFRESH):
            self._refresh()
        self.assertEqual(self._column(self.customer), 80)

    def test_hea_1_all_poisoned(self):
        """HEA-1: where no source works nobody is scored, and the refresh goes through."""
        self.broken.update(a=SQL("SELECT 1 / 0"), b=SQL("SELECT 1 / 0"))
        with mute_logger('odoo.sql_db', REFRESH):
            self.assertEqual(self._refresh()['failed'], 2)
        self.assertEqual(self._state(), ('thin', None, 'none', 0))

    def test_hea_1_no_rules_at_all(self):
        """HEA-1: without any scorecard nobody is scored."""
        self._set(self.customer, a=80, b=80)
        self._refresh()
        self.card.action_archive()
        self._refresh()
        self.assertEqual(self._state(), ('no_card', None, 'none', 0))

    def test_hea_1_left(self):
        """HEA-1: who is no customer any more has no health; who comes back gets it again, on the same day, too."""
        self._set(self.customer, a=80, b=80)
        with self._on('2026-03-01'):
            self._refresh()
        with self._on('2026-03-05'):
            self.customer.action_customer_exclude()
            self._refresh()
            self.assertFalse(self._now(self.customer))
            self.assertEqual(self.customer.customer_snapshot_ids.date_end, date(2026, 3, 4))
            self.assertFalse(self.customer.customer_health_band)
            self.assertIsNone(self._column(self.customer))
            self.assertEqual(self._refresh()['rows'], 0)
            self.customer.action_customer_enrol()
            self._set(self.customer, a=80, b=80)
            self._refresh()
            self.assertEqual(self._now(self.customer).date, date(2026, 3, 5))
            self.customer.action_customer_exclude()
            self._refresh()
            self.customer.action_customer_enrol()
            self._refresh()
            self.assertEqual(len(self.customer.customer_snapshot_ids), 2)
            self.assertEqual(self._column(self.customer), 80)

    def test_hea_1_nobody(self):
        """HEA-1: refreshing nobody asks nothing."""
        with self.assertQueryCount(0):
            self.assertEqual(self.refresh._refresh([])['rows'], 0)

    def test_hea_1_query_count(self):
        """HEA-1: many customers take as many queries as few."""
        self._refresh()  # how purchases are counted is noted once
        counts = []
        with self._segments_kept():  # whether somebody moves is another matter
            for number in (5, 60):
                for index in range(number):
                    self._set(self._customer(f"One of {number} {index}"), a=index, b=index)
                self._refresh()
                for key in list(self.values):
                    self.values[key] = (self.values[key][0] + 1, fields.Date.today())
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertGreaterEqual(self._refresh()['rows'], number)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[0], 55)

    def test_hea_1_running_twice(self):
        """HEA-1: a second refresh writes nothing, the same day or the next."""
        self._set(self.customer, a=80, b=80)
        self._refresh()
        self.assertEqual(self._refresh()['rows'], 0)
        self.assertEqual(self._refresh(self.customer)['rows'], 0)
        self._run_cron('health')
        runs = self.env['customer.run'].search_count([('name', '=', 'health')])
        self._run_cron('health')
        self.assertEqual(self.env['customer.run'].search_count([('name', '=', 'health')]), runs, "nothing happened")

    def test_hea_1_scheduled_action(self):
        """HEA-1: the nightly action scores everybody and keeps a line of what it did; a failing step is in it."""
        self._set(self.customer, a=80, b=80)
        self._run_cron('health')
        run = self.env['customer.run'].search([('name', '=', 'health')], limit=1)
        self.assertGreaterEqual(run.done, 2)
        self.assertFalse(run.failed)
        self.assertIn("scored", run.note)
        self.assertEqual(self._column(self.customer), 80)

        def fail(self, partner_ids):
            raise ValueError("boom")
        self._set(self.customer, a=60)
        with patch.object(self.registry['customer.health.refresh'], '_step_rhythm', fail), mute_logger(REFRESH):
            self._run_cron('health')
        run = self.env['customer.run'].search([('name', '=', 'health')], limit=1)
        self.assertEqual(run.failed, 1)
        self.assertIn("buying rhythm", run.note)
        self.assertEqual(self._column(self.customer), 65, "the other steps went on")

    def test_hea_1_who_sees_what(self):
        """HEA-1: a figure is one for all, whoever causes it; who sees it is a matter of the customer's record rules."""
        self.customer.company_id = self.env.ref('base.main_company')
        self._set(self.customer, a=80, b=80)
        self.refresh.with_user(self.otto)._refresh(self.customer.ids)
        self.assertEqual(self._column(self.customer), 80)
        for user, seen in ((self.anna, True), (self.lena, True), (self.mara, True), (self.otto, False), (self.li, False),
                           (self.zoe, False)):
            snapshots = self.env['customer.health.snapshot'].with_user(user)
            self.assertEqual(bool(snapshots.search([('partner_id', '=', self.customer.id)])), seen, user.name)
        for operation in ('create', 'write', 'unlink'):
            self.assertFalse(self._now(self.customer).with_user(self.mara).has_access(operation))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.mara).write({'customer_health': 100})
        with self.assertRaises(AccessError):
            self.env['customer.health.snapshot'].with_user(self.nils).search([])

    def test_hea_1_live(self):
        """HEA-1: what the measures say at this moment, without writing anything."""
        self._set(self.customer, a=80, b=80)
        self._refresh()
        self._set(self.customer, a=82, b=None)
        live = self.refresh._measure_live(self.customer)
        self.assertEqual(live[str(self.measure_a.id)]['v'], 82)
        self.assertEqual(live[str(self.measure_b.id)]['s'], 'missing')
        self.assertEqual(self._now(self.customer).score, 80)
        self.broken['a'] = SQL("SELECT 1 / 0")
        with mute_logger('odoo.sql_db', REFRESH):
            self.assertEqual(self.refresh._measure_live(self.customer)[str(self.measure_a.id)]['s'], 'missing')
