"""HEA-2: the history of a customer's health, versions of the rules, retention."""
from datetime import date
from unittest.mock import patch

from odoo import Command, fields

from .health_common import HealthCase


class TestSnapshots(HealthCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Remembered")

    def _stretches(self):
        """Return the history of the customer: first and last day, score."""
        snapshots = self.customer.customer_snapshot_ids.sorted('date')
        return [(str(snapshot.date), str(snapshot.date_end or ''), snapshot.score) for snapshot in snapshots]

    def _measure_on(self, day, **values):
        with self._on(day):
            self._set(self.customer, **values)
            return self._refresh(self.customer)

    def test_hea_2_stretches(self):
        """HEA-2: a stretch of days lasts until something changes, and the next begins the day after it."""
        self._measure_on('2026-03-01', a=80, b=80)
        self._measure_on('2026-03-02', a=80, b=80)
        self._measure_on('2026-03-09', a=80, b=40)
        self._measure_on('2026-03-09', a=80, b=60)
        self._measure_on('2026-03-12', a=80, b=60)
        self.assertEqual(self._stretches(), [('2026-03-01', '2026-03-08', 80), ('2026-03-09', '', 75)])

    def test_hea_2_same_day(self):
        """HEA-2: what changes several times a day is one stretch; a clock that was wrong breaks nothing."""
        for value in (80, 60, 40):
            self._measure_on('2026-03-09', a=value, b=value)
        self.assertEqual(self._stretches(), [('2026-03-09', '', 40)])
        self._measure_on('2026-03-05', a=20, b=20)
        self.assertEqual(self._stretches(), [('2026-03-09', '', 20)])

    def test_hea_2_values_alone_are_no_change(self):
        """HEA-2: a value that moves inside its band ends no stretch; the stored ones are those of the first day."""
        bands = [Command.clear(), Command.create({'value_from': 0, 'points': 100}),
                 Command.create({'value_from': 50, 'points': 20})]
        self.measure_a.band_ids = bands
        self._measure_on('2026-03-01', a=10, b=60)
        self.assertEqual(self._measure_on('2026-03-02', a=20, b=60)['rows'], 0)
        self.assertEqual(self._now(self.customer).parts[str(self.measure_a.id)]['v'], 10)
        self._measure_on('2026-03-03', a=50, b=60)
        self.assertEqual(self._now(self.customer).parts[str(self.measure_a.id)]['v'], 50)

    def test_hea_2_same_score_of_other_parts(self):
        """HEA-2: parts that changed begin a new stretch, although the score is the same."""
        self.card.line_ids.weight = 10
        self._measure_on('2026-03-01', a=80, b=20)
        self._measure_on('2026-03-02', a=20, b=80)
        self.assertEqual(self._stretches(), [('2026-03-01', '2026-03-01', 50), ('2026-03-02', '', 50)])

    def test_hea_2_versions_of_the_rules(self):
        """HEA-2: every change of the rules is a version that says in words what changed, and by whom."""
        Rules = self.env['customer.health.rules']
        self._measure_on('2026-03-01', a=80, b=40)
        first = self._now(self.customer).rules_id
        self.assertEqual(first, Rules._get_current())
        with self._on('2026-03-02'):
            self.card.line_ids[0].with_user(self.mara).weight = 10
            self.env.flush_all()
        self._measure_on('2026-03-02', a=80, b=40)
        second = self._now(self.customer).rules_id
        self.assertNotEqual(second, first)
        self.assertEqual((second.date, second.user_id), (date(2026, 3, 2), self.mara))
        self.assertEqual(second.summary, "Everybody: Measure a weighs 10 (before: 30)")
        self.assertEqual(second.rules['cards'][str(self.card.id)]['weights'], {
            str(self.measure_a.id): 10, str(self.measure_b.id): 10})
        self.assertEqual(self._stretches(), [('2026-03-01', '2026-03-01', 70), ('2026-03-02', '', 60)])
        cap = self.env['customer.health.cap'].create(
            {'name': "Bad", 'measure_id': self.measure_b.id, 'comparison': 'below', 'value': 30, 'maximum': 60})
        self.measure_a.write({'validity_days': 30, 'missing_policy': 'worst', 'window_days': 10})
        self.measure_b.band_ids = [Command.clear(), Command.create({'value_from': 0, 'points': 7})]
        self.card.write({'healthy_from': 80, 'minimum_coverage': 50, 'tier_ids': self.tier_high.ids})
        summary = Rules._get_current().summary
        for text in ("Measure b: points 0 → 7 (before: ", "valid for 30 days (before: ∞)", "where not known: Worst: 0 points",
                     "healthy from 80, at risk below 50", "a score from 50 % known", "for other customers",
                     "another source, period or group", "New cap: Bad, at most 60"):
            self.assertIn(text, summary)
        cap.maximum = 50
        self.assertIn("Cap Bad: at most 50", Rules._get_current().summary)
        cap.unlink()
        other = self._card("Other", {self.measure_a: 1})
        self.assertEqual(Rules._get_current().summary, "New scorecard: Other\nCap gone: Bad")
        other.action_archive()
        self.measure_b.action_archive()
        self.assertEqual(
            Rules._get_current().summary, "Measure b is no measure any more\nEverybody: Measure b weighs 0 (before: 10)\n"
            "Scorecard gone: Other")

    def test_hea_2_names_are_no_rule(self):
        """HEA-2: renaming is no change of the rules, and neither is the language of who refreshes."""
        version = self.env['customer.health.rules']._get_current()
        self.measure_a.name = "Renamed"
        self.env['res.lang']._activate_lang('fr_FR')
        self.measure_a.with_context(lang='fr_FR').name = "Autre"
        self.assertEqual(self.env['customer.health.rules'].with_context(lang='fr_FR')._get_current(), version)

    def test_hea_2_changed_rules_are_in_force_soon(self):
        """HEA-2: whoever changes a rule does not wait for the night; what the refresh notes wakes nobody."""
        cron = self.env.ref('customer_success.ir_cron_health')
        triggers = self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)])
        self.card.line_ids[0].weight = 20
        after = self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)])
        self.assertGreater(after, triggers)
        self.measure_a.problem = "x"
        self.assertEqual(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), after)

    def test_hea_2_retention(self):
        """HEA-2: daily for 90 days, then one a week; no day is left without health, and none changes again later."""
        first = date(2026, 1, 1)
        with self._on(first):
            for day in range(200):
                begin = fields.Date.add(first, days=day)
                self.env['customer.health.snapshot'].create({
                    'partner_id': self.customer.id, 'date': begin, 'date_end': begin if day < 199 else False,
                    'state': 'scored', 'band': 'risk', 'score': day / 2})
        last = fields.Date.add(first, days=199)
        with self._on(last):
            Snapshot = self.env['customer.health.snapshot']
            with patch('odoo.addons.customer_success.models.health.customer_health_snapshot.GC_LIMIT', 3):
                done, remaining = Snapshot._gc_snapshots()
            self.assertTrue(done and remaining)
            while remaining:
                done, remaining = Snapshot._gc_snapshots()
            history = self.customer.customer_snapshot_ids.sorted('date')
            for one, two in zip(history[:-1], history[1:], strict=True):
                self.assertEqual(fields.Date.add(one.date_end, days=1), two.date)
            self.assertEqual((history[0].date, history[-1].date), (first, last))
            limit = fields.Date.subtract(last, days=90)
            old = history.filtered(lambda snapshot: snapshot.date_end and snapshot.date_end < limit)
            weeks = [snapshot.date.isocalendar()[:2] for snapshot in old]
            self.assertEqual(len(weeks), len(set(weeks)))
            self.assertTrue(14 <= len(weeks) <= 17, len(weeks))
            self.assertEqual(len(history - old), 91)
            self.assertEqual(old[0].score, 1.5, "the last of the week")
            self.assertEqual(Snapshot._gc_snapshots(), (0, False))
