"""Health and silence are conditions of segments, and not enough known is a segment of its own."""
from odoo import fields
from odoo.exceptions import ValidationError

from .common import SegmentCase


class TestSegmentConditions(SegmentCase):
    """SEG-4, HEA-1, K1: nobody with a bad score, unheard of for long or of whom nothing is known is called stable."""

    def _set_health(self, customer, score, band, refresh=True):
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_health = %s, customer_health_band = %s WHERE id = %s",
                            [score, band, customer.id])
        customer.invalidate_recordset()
        if refresh:
            self.segmenter._refresh(customer.ids, cause='health')

    def test_by_tier_and_health(self):
        """Every tier, with a risk that is known and not, in every health."""
        expected = {
            # tier, risk: at risk, watch, healthy, not scored
            ('high', None): (self.high_potential, self.high_stable, self.high_stable, self.unknown),
            ('high', 'low'): (self.high_potential, self.high_stable, self.high_stable, self.high_stable),
            ('low', None): (self.low_risk, self.low_stable, self.low_stable, self.unknown),
            ('low', 'low'): (self.low_risk, self.low_stable, self.low_stable, self.low_stable),
            ('mid', 'medium'): (self.low_risk, self.low_stable, self.low_stable, self.low_stable),
            ('mid', 'high'): (self.low_risk, self.low_risk, self.low_risk, self.low_risk),
        }
        customer = self._customer("Everything")
        for (tier, risk), segments in expected.items():
            customer._set_tier_by_hand(self.env.ref(f'customer_success.customer_tier_{tier}'), "Test")
            self._set_risk(customer, risk)
            for (score, band), segment in zip(
                    ((46, 'risk'), (60, 'watch'), (90, 'healthy'), (None, 'none')), segments, strict=True):
                self._set_health(customer, score, band)
                self.assertEqual(customer.customer_segment_id, segment, (tier, risk, band))

    def test_the_night_places_by_health(self):
        """What the nightly ranking does with the same rules, and what it writes into the history."""
        customer = self._customer("Quiet")
        self._set_risk(customer, 'low')
        self.assertEqual(customer.customer_segment_id, self.low_stable)
        self._set_health(customer, 46, 'risk', refresh=False)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(customer.customer_segment_id, self.low_risk)
        change = self._last_change(customer)
        self.assertEqual((change.cause, change.health_band), ('health', 'risk'))
        self.assertIn("health “At risk”", " ".join(customer._explain_segment()))

    def test_health_refresh_places(self):
        """Scored, a customer is placed by the score of the moment, and not by that of the day before."""
        customer = self._customer("Scored")
        self._set_risk(customer, 'low')
        self.env['customer.health.refresh']._refresh(customer.ids)
        band = customer.customer_health_band
        rule = self.env['customer.segment.rule'].create(
            {'sequence': 1, 'segment_id': self.high_stable.id, 'health': band})
        self.assertNotEqual(customer.customer_segment_id, self.high_stable)
        self.env['customer.health.refresh']._refresh(customer.ids)
        self.assertEqual(customer.customer_segment_id, self.high_stable)
        self.assertTrue(rule._fits(customer))

    def _nights(self, customer, scores, first='2026-03-02', after=None):
        """Let nights pass in which a customer has such scores, and place everybody as the nightly actions do.

        :param after: function of a day, called before its night
        :return: the segment after each night
        """
        segments, snapshots = [], self.env['customer.health.snapshot'].sudo()
        for number, score in enumerate(scores):
            day = fields.Date.add(fields.Date.to_date(first), days=number)
            with self._on(day, hour=2):
                band = 'none' if score is None else 'risk' if score < 50 else 'watch' if score < 75 else 'healthy'
                snapshots.search([('partner_id', '=', customer.id), ('date_end', '=', False)]).date_end = fields.Date.subtract(
                    day, days=1)
                self.env.flush_all()
                snapshots.create({
                    'partner_id': customer.id, 'date': day, 'score': score, 'band': band, 'parts': {}, 'coverage': 80,
                    'state': 'thin' if score is None else 'scored'})
                self._set_health(customer, score, band, refresh=False)
                self.env['customer.ranking']._refresh_all()
                self.env['customer.health.refresh']._step_segments_by_health(None)
                segments.append(customer.customer_segment_id)
        return segments

    def test_around_a_border(self):
        """SEG-4, K1: whose score goes back and forth around a border moves once and not every night; worse counts at once, and
        better when the border is passed by the margin. What holds in SQL is what is explained."""
        customer = self._customer("Around fifty")
        self._set_risk(customer, 'low')
        stable, risk = self.low_stable, self.low_risk
        nights = [(62, stable), (49, risk), (51, risk), (49.9, risk), (52, risk), (48, risk), (54.9, risk), (55, stable),
                  (51, stable), (54, stable), (50, stable), (49.9, risk), (50, risk), (None, stable), (52, risk), (80, stable)]
        changes = len(customer.customer_segment_change_ids)
        segments = self._nights(customer, [score for score, __ in nights])
        self.assertEqual([segment.name for segment in segments], [segment.name for __, segment in nights])
        customer.invalidate_recordset()
        moves = sum(one != other for (__, one), (__, other) in zip(nights, nights[1:], strict=False))
        self.assertEqual(len(customer.customer_segment_change_ids) - changes, moves, "and none besides")
        [segment] = self._nights(customer, [49], first='2026-04-01')
        self.assertEqual(segment, risk)
        [segment] = self._nights(customer, [53], first='2026-04-02')
        self.assertEqual(segment, risk)
        self.assertTrue(self.env.ref('customer_success.customer_segment_rule_health')._fits(customer))
        self.assertIn(
            "Its health is “Watch” by now. It counts as better when the score has passed the border by 5 points.",
            customer._explain_segment())
        self.env['ir.config_parameter'].set_param('customer_success.segment_health_margin', '0')
        self.assertEqual(self._nights(customer, [49, 51, 49, 51], first='2026-04-03'), [risk, stable, risk, stable])

    def test_borders_of_the_card(self):
        """SEG-4, HEA-1: the border is that of the scorecard by which the customer is judged."""
        card = self.env.ref('customer_success.customer_health_scorecard_all')
        own = card.copy({'name': "Of low ones", 'sequence': 1, 'watch_from': 30, 'tier_ids': self.tier_low.ids})
        customer = self._customer("Of its own card")
        self._set_risk(customer, 'low')
        self.assertEqual(customer.customer_tier_id, self.tier_low)
        segmenter = self.env['customer.segmenter']
        self._nights(customer, [29])
        self._set_health(customer, 33, 'watch', refresh=False)
        self.assertEqual(segmenter._calm_band(customer), 'risk')
        own.watch_from = 20
        self.assertEqual(segmenter._calm_band(customer), 'watch')

    def test_silence_needs_no_margin(self):
        """CAD-1: silence only grows: a customer comes once, and goes by a talk."""
        self.env['customer.segment.rule'].create({'sequence': 44, 'segment_id': self.low_risk.id, 'silent_days': 120})
        customer = self._customer("Silent")
        self._set_risk(customer, 'low')
        self.env.cr.execute(
            "UPDATE res_partner SET customer_managed_since = '2026-01-01' WHERE id = %s", [customer.id])
        self.env.invalidate_all()
        with self._on('2026-04-28'):
            self.env['customer.ranking']._refresh_all()
        changes = len(customer.customer_segment_change_ids)
        for number in range(8):
            with self._on(fields.Date.add(fields.Date.to_date('2026-04-29'), days=number), hour=2):
                self.env['customer.ranking']._refresh_all()
                if number == 5:
                    self._log(customer)
        customer.invalidate_recordset()
        self.assertEqual(len(customer.customer_segment_change_ids) - changes, 2)
        self.assertEqual(customer.customer_segment_id, self.low_stable)

    def test_silence(self):
        customer, talked = self._customer("Silent"), self._customer("Talked with")
        self._set_risk(customer + talked, 'low')
        rule = self.env['customer.segment.rule'].create(
            {'sequence': 44, 'segment_id': self.low_risk.id, 'silent_days': 120})
        today = fields.Date.today()
        self.env.cr.execute(
            "UPDATE res_partner SET customer_managed_since = %s WHERE id = ANY(%s)",
            [fields.Date.subtract(today, days=200), (customer + talked).ids])
        self.env.invalidate_all()
        with self._on(fields.Date.subtract(today, days=90)):
            self._log(talked)
        with self._on(fields.Date.subtract(today, days=30)):
            self._log(customer, outcome='no_answer')
        self.segmenter._refresh()
        self.assertEqual((customer + talked).mapped('customer_segment_id'), self.low_risk + self.low_stable)
        self.assertEqual((rule._fits(customer), rule._fits(talked)), (True, False))
        self.assertIn("silent for more than 120 days", " ".join(customer._explain_segment()))
        with self._on(fields.Date.add(today, days=31)):
            self.env['customer.ranking']._refresh_all()
            self.assertEqual(talked.customer_segment_id, self.low_risk, "silence grows by itself")
            self.assertEqual(self._last_change(talked).cause, 'silence')

    def test_a_condition_is_a_condition(self):
        """A rule with health or silence alone is not for everybody."""
        rest = self.env.ref('customer_success.customer_segment_rule_rest')
        for values in ({'health': 'watch'}, {'silent_days': 30}, {'risk': 'unknown'}):
            with self._refused_rule():
                rest.write(values)

    def _refused_rule(self):
        return self.assertRaisesRegex(ValidationError, "Keep one rule without any condition")

    def test_rules_together(self):
        """What the rules say in SQL is what they say of one customer."""
        customers = self.env['res.partner'].concat(*(self._customer(f"C {number}") for number in range(4)))
        for customer, risk, band in zip(
                customers, (None, 'low', 'high', None), ('none', 'risk', 'healthy', 'watch'), strict=True):
            self._set_risk(customer, risk, refresh=False)
            self._set_health(customer, None, band, refresh=False)
        self.segmenter._refresh(customers.ids)
        for customer in customers:
            rule = next(rule for rule in self.env['customer.segment.rule']._in_order() if rule._fits(customer))
            self.assertEqual(customer.customer_segment_id, rule.segment_id)
        self.assertEqual(self.segmenter._refresh(customers.ids), {'rows': 0})
