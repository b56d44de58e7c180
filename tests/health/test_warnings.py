"""HEA-3: when warnings are raised, become worse and end."""
from datetime import datetime, time
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tools import SQL, mute_logger

from ...models.base.customer_fact import PREFIX
from ...models.health.warning_signal import Signal
from .warning_common import DAY, START, WarningCase

MONITOR = 'odoo.addons.customer_success.models.health.customer_warning_monitor'


class TestScoreLevel(WarningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._rule()
        cls._history(cls.customer, [(START - 30 * DAY, 70)])

    def test_hea_3_two_evaluations_in_a_row(self):
        """HEA-3: below the level on two evaluations in a row; once below, and up again, is nothing."""
        self._live([(START, 49), (START + DAY, 51), (START + 2 * DAY, 48)])
        self.assertFalse(self._warnings())
        self._watch(START + 3 * DAY)
        self.assertRecordValues(self._warnings(), [{
            'level': '2', 'state': 'open', 'signal': 'score_level', 'date': START + 3 * DAY, 'user_id': self.anna.id,
            'value': 48, 'rule_id': self.rule.id}])
        self.assertEqual(self._warnings().reason, "Health fell from 51 to 48, below 50")

    def test_hea_3_two_evaluations_on_one_day_count_once(self):
        """HEA-3: run again on the same day counts nothing."""
        self._history(self.customer, [(START, 40)])
        for hour in (2, 3, 4):
            self._watch(START, hour)
        self.assertFalse(self._warnings())
        self.assertEqual(self.env['customer.warning.watch'].search([('rule_id', '=', self.rule.id)]).met_count, 1)
        self._watch(START + DAY)
        self._watch(START + DAY, 3)
        self.assertEqual(len(self._warnings()), 1)

    def test_hea_3_swings_for_a_month(self):
        """HEA-3: a score that swings around the level for 30 days raises one warning and clears it once."""
        scores = [49, 51, 48, 47, 52, 54, 49, 53, 46, 45, 51, 54, 54, 48, 50, 49, 47, 53, 54, 52, 48, 49, 51, 56, 54, 49]
        self._live([(START + number * DAY, score) for number, score in enumerate([*scores, 56, 57, 49, 48, 49])])
        warning = self._warnings()
        self.assertRecordValues(warning, [{
            'state': 'closed', 'outcome': 'cleared', 'date': START + 3 * DAY, 'closed_on': START + 27 * DAY,
            'closed_by_id': False, 'acted_at': False}])
        self.assertGreaterEqual(warning.repeats, 2, "what came back was counted on it")
        self.assertFalse(self.env['customer.warning.watch'].search([('clear_count', '>', 0)]))

    def test_hea_3_ends_above_the_margin_only(self):
        """HEA-3: it ends 5 points above the level, on two evaluations in a row."""
        self._live([(START, 40), (START + DAY, 40), (START + 2 * DAY, 54.9), (START + 3 * DAY, 54.9), (START + 4 * DAY, 55),
                    (START + 5 * DAY, 54), (START + 6 * DAY, 55)])
        self.assertEqual(self._warnings().state, 'open')
        self._watch(START + 7 * DAY)
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_changed_weights_raise_none(self):
        """HEA-3: new weights over all customers raise nothing, of no score signal."""
        self._rule('score_drop', 15)
        customers = [self._customer(f"Reweighted {number}") for number in range(12)]
        for number, customer in enumerate(customers):
            points = (40 + 3 * number, 80 - 2 * number)
            self._history(customer, [(START - 60 * DAY, points), (START - 20 * DAY, (points[0] - 2, points[1] - 3))])
        for day in (START - 2 * DAY, START - DAY):
            self._watch(day)
        before = self.env['customer.warning'].search([])
        for number, customer in enumerate(customers):
            self._history(customer, [(START, (38 + 3 * number, 77 - 2 * number))], rules=self.other_rules, score=30,
                          computed=30, uncapped=30, band='risk')
        for number in range(40):
            self._watch(START + number * DAY)
        self.assertEqual(self.env['customer.warning'].search([]), before)

    def test_hea_3_rules_are_read_once(self):
        """HEA-3: the rules that many customers are compared by are those of the version, and not copied for each of them."""
        versions = self.env['customer.health.rules']
        for version in self.rules, self.other_rules:
            self.assertEqual(versions._of_version(version.id), version.rules)
            self.assertIs(versions._of_version(version.id), versions._of_version(version.id))
        self.assertNotEqual(versions._of_version(self.rules.id), versions._of_version(self.other_rules.id))
        self.assertIsNone(versions._of_version(None))

    def test_hea_3_changed_question_raises_none(self):
        """HEA-3, T3: another period of a measure, of which each customer's points fall, raises no warning of any kind; falling
        on under the new rules does."""
        self._rule('score_drop', 15, window_days=60)
        changed = self._rules_json(50, 50)
        changed['measures'][str(self.rhythm.id)]['window'] = 30
        rules = self.env['customer.health.rules'].create({'date': START, 'fingerprint': 'question', 'rules': changed})
        self._history(self.customer, [(START - 20 * DAY, (90, 60))])
        self._history(self.customer, [(START, (20, 60))], rules=rules)
        self._live([(START + number * DAY, (20, 60)) for number in range(1, 5)], rules=rules)
        self.assertFalse(self._warnings())
        self._live([(START + number * DAY, (20, 45)) for number in range(5, 8)], rules=rules)
        self.assertEqual(self._warnings().mapped('signal'), ['score_level'])

    def test_hea_3_falling_on_after_changed_weights(self):
        """HEA-3: brought low by new weights it is no news; falling on from there is."""
        self._history(self.customer, [(START - DAY, (40, 90))])
        self._history(self.customer, [(START, (40, 90))], rules=self.other_rules)  # 65 points, and now 45
        self._live([(START + DAY, (39, 90)), (START + 2 * DAY, (37, 90))], rules=self.other_rules)
        self._watch(START + 3 * DAY)
        self.assertFalse(self._warnings())
        self._live([(START + 4 * DAY, (33, 90)), (START + 5 * DAY, (33, 90))], rules=self.other_rules)
        self.assertEqual(len(self._warnings()), 1)

    def test_hea_3_expired_value_raises_none(self):
        """HEA-3: a value that grew too old takes the score down: no news about the customer. What it says later is."""
        self._rule('score_drop', 15)
        self._live([(START, (45, 70)), (START + DAY, (45, None)), (START + 2 * DAY, (45, None))])
        self._watch(START + 3 * DAY)
        self.assertFalse(self._warnings())
        # known again, and bad: a fall by the data, seen across the days on which it was unknown
        self._live([(START + 4 * DAY, (45, 40)), (START + 5 * DAY, (45, 40))])
        self.assertEqual(self._warnings().mapped('signal'), ['score_level'], "that it fell by so much is the same news")

    def test_hea_3_an_expiry_after_a_fall(self):
        """HEA-3: the level was crossed by the expiry alone, whatever had fallen before."""
        self._live([(START, (46, 60)), (START + DAY, (46, None)), (START + 2 * DAY, (46, None))])
        self._watch(START + 3 * DAY)
        self.assertFalse(self._warnings())

    def test_hea_3_first_score_raises_none(self):
        """HEA-3: who begins low is in the list of those at risk; becoming known is no fall."""
        newcomer = self._customer("Newcomer")
        self._history(newcomer, [(START, 30)])
        for number in range(4):
            self._watch(START + number * DAY)
        self.assertFalse(self._warnings(newcomer))

    def test_hea_3_not_scored_is_neither(self):
        """HEA-3: without a score nothing is raised, and nothing ends."""
        self._live([(START, 40), (START + DAY, 40)])
        self._history(self.customer, [(START + 2 * DAY, 90)], state='thin', score=False, computed=False, uncapped=False)
        self.env.cr.execute("UPDATE customer_health_snapshot SET score = NULL, computed = NULL WHERE state = 'thin'")
        for number in range(2, 6):
            self._watch(START + number * DAY)
        self.assertEqual(self._warnings().state, 'open')

    def test_hea_3_set_by_hand(self):
        """HEA-3: a score that a person set low is no news; one set high keeps quiet until it ends."""
        self._history(self.customer, [(START, 70)], score=20)
        self._watch(START)
        self._watch(START + DAY)
        self.assertFalse(self._warnings())
        self._history(self.customer, [(START + 2 * DAY, 40)], score=80)
        self._watch(START + 2 * DAY)
        self._watch(START + 3 * DAY)
        self.assertFalse(self._warnings())
        self._history(self.customer, [(START + 4 * DAY, 40)])
        self._watch(START + 4 * DAY)
        self._watch(START + 5 * DAY)
        self.assertEqual(self._warnings().state, 'open')

    def test_hea_3_a_cap_is_data(self):
        """HEA-3: a cap that begins to bind says something about the customer."""
        cap = self.env['customer.health.cap'].create({
            'name': "Long overdue", 'measure_id': self.payment.id, 'comparison': 'below', 'value': 40, 'maximum': 45})
        rules = self.env['customer.health.rules'].create({
            'date': START, 'fingerprint': 'capped', 'rules': {**self._rules_json(50, 50), 'caps': [{
                'id': cap.id, 'name': cap.name, 'measure': str(self.payment.id), 'comparison': 'below', 'value': 40,
                'maximum': 45}]}})
        capped = self._customer("Capped")
        self._history(capped, [(START - 30 * DAY, (70, 70))], rules=rules)
        self._history(capped, [(START, (100, 39))], rules=rules, score=45, computed=45, cap_id=cap.id)
        self._watch(START)
        self._watch(START + DAY)
        self.assertEqual(self._warnings(capped).reason, "Health fell from 70 to 45, below 50")


class TestLevels(WarningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orange = cls._rule(threshold=50, level='2')
        cls.red = cls._rule(threshold=35, level='3')
        cls._history(cls.customer, [(START - 30 * DAY, 70)])

    def test_hea_3_the_worst_gives_the_level(self):
        """HEA-3: one open warning for a customer and signal, of the level of the worst rule that holds."""
        self._live([(START, 30), (START + DAY, 30)])
        self.assertRecordValues(self._warnings(), [{'level': '3', 'rule_id': self.red.id}])

    def test_hea_3_worse_and_better(self):
        """HEA-3: it becomes red, orange again when the red one is over, and then ends."""
        self._live([(START, 45), (START + DAY, 45)])
        self.assertEqual(self._warnings().level, '2')
        self._live([(START + 2 * DAY, 30), (START + 3 * DAY, 30)])
        self.assertRecordValues(self._warnings(), [{'level': '3', 'rule_id': self.red.id, 'news_on': START + 3 * DAY}])
        self._live([(START + 4 * DAY, 42), (START + 5 * DAY, 42)])
        self.assertRecordValues(self._warnings(), [{'level': '2', 'rule_id': self.orange.id, 'state': 'open'}])
        self._live([(START + 6 * DAY, 60), (START + 7 * DAY, 60)])
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_changed_weights_make_none_worse(self):
        """HEA-3: new weights do not make an open warning red either; the data do."""
        self._live([(START, (25, 65)), (START + DAY, (25, 65))])
        for number in range(2, 6):
            self._live([(START + number * DAY, (25, 65))], rules=self.other_rules)  # 45 points, and now 29
        self.assertEqual(self._warnings().level, '2')
        self._live([(START + 6 * DAY, (15, 65)), (START + 7 * DAY, (15, 65))], rules=self.other_rules)
        self.assertEqual(self._warnings().level, '3')

    def test_hea_3_the_database_keeps_one(self):
        """HEA-3: a second open warning of a customer and signal is refused by the database."""
        self._raised()
        with self._refused("already an open warning"):
            self._raised()

    def test_hea_3_quiet_unless_worse(self):
        """HEA-3: 30 days of quiet after it was closed, unless it is worse."""
        self._live([(START, 45), (START + DAY, 45)])
        with self._on(START + DAY):
            self._warnings().with_user(self.anna)._finish('dismissed', "They are just on holiday")
        for number in range(2, 31):
            self._watch(START + number * DAY)
        self.assertEqual(len(self._warnings()), 1)
        self._watch(START + 31 * DAY)
        again = self._warnings()[1]
        self.assertEqual((again.level, again.date), ('2', START + 31 * DAY))
        with self._on(START + 31 * DAY):
            again.with_user(self.anna)._finish('solved', '')
        self._live([(START + 32 * DAY, 30), (START + 33 * DAY, 30)])
        self.assertEqual(self._warnings()[2:].mapped('level'), ['3'])

    def test_hea_3_quiet_but_not_at_once(self):
        """HEA-3: a worse one needs its evaluations too."""
        self._live([(START, 45), (START + DAY, 45)])
        with self._on(START + DAY):
            self._warnings().with_user(self.anna)._finish('solved', '')
        self._live([(START + 2 * DAY, 30)])
        self.assertEqual(len(self._warnings()), 1)

    def test_hea_3_for_some_customers(self):
        """HEA-3: a rule for some tiers raises nothing for others, and does not end what is open either."""
        self.orange.tier_ids = self.tier_high
        self.red.tier_ids = self.tier_high
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [
            self.tier_low.id, self.customer.id])
        self._live([(START, 45), (START + DAY, 45)])
        self.assertFalse(self._warnings())
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [
            self.tier_high.id, self.customer.id])
        self._live([(START + 2 * DAY, 45), (START + 3 * DAY, 45)])
        self.assertEqual(self._warnings().state, 'open')
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [
            self.tier_low.id, self.customer.id])
        self._watch(START + 4 * DAY)
        self._watch(START + 5 * DAY)
        self.assertEqual(self._warnings().state, 'open')
        self._live([(START + 6 * DAY, 80), (START + 7 * DAY, 80)])
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_no_customer_any_more(self):
        """HEA-3: who is no customer any more has no open warning."""
        self._live([(START, 45), (START + DAY, 45)])
        self.customer.action_customer_exclude()
        self._watch(START + 2 * DAY)
        self.assertRecordValues(self._warnings(), [{'state': 'closed', 'outcome': 'left'}])

    def test_hea_3_a_changed_rule_counts_anew(self):
        """HEA-3: what was counted for another question is forgotten."""
        self._live([(START, 45)])
        self.orange.threshold = 48
        self._watch(START + DAY)
        self.assertFalse(self._warnings())


class TestOtherSignals(WarningCase):

    def test_hea_3_drop(self):
        """HEA-3: 15 points in 30 days; slowly it is none; it ends when the score came back."""
        self._rule('score_drop', 15)
        slow = self._customer("Slow")
        self._history(slow, [(START - 60 * DAY + number * 5 * DAY, 90 - 2 * number) for number in range(13)])
        self._history(self.customer, [(START - 60 * DAY, 80), (START - 10 * DAY, 70), (START, 65)])
        self._watch(START)
        self._watch(START + DAY)
        self.assertFalse(self._warnings(slow))
        warning = self._warnings()
        self.assertEqual(warning.reason, "Health fell by 15 points in 30 days, from 80 to 65")
        for number in (40, 41, 42):
            self._watch(START + number * DAY)
        self.assertEqual(warning.state, 'open', "it has not recovered, however long ago it was")
        self._live([(START + 43 * DAY, 70), (START + 44 * DAY, 70)])
        self.assertEqual(warning.outcome, 'cleared')

    def test_hea_3_low_and_used_less(self):
        """HEA-3: a score of 65 or less and falling usage; one of both alone is nothing."""
        self._rule('score_usage', 65)
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_health_measure SET source = 'usage' WHERE id = %s", [self.rhythm.id])
        self.env.invalidate_all()
        high, steady = self._customer("High"), self._customer("Steady")
        self._history(self.customer, [(START - 60 * DAY, (70, 60)), (START - 5 * DAY, (60, 60))])
        self._history(high, [(START - 60 * DAY, (90, 60)), (START - 5 * DAY, (75, 60))])
        self._history(steady, [(START - 60 * DAY, (60, 70)), (START - 5 * DAY, (60, 60))])
        self._watch(START)
        self._watch(START + DAY)
        self.assertEqual(self._warnings().reason, "Health 60, and usage is falling")
        self.assertFalse(self._warnings(high) + self._warnings(steady))

    def test_hea_3_missed_touches(self):
        """HEA-3: touches overdue or skipped; it ends when the contacts are made up for."""
        self._rule('missed_touches', 2, window_days=60)
        with self._on(START - 90 * DAY):
            self.customer.customer_cadence_id = self.cadence
            followup = self._open(self.customer)
        self._watch(START - 20 * DAY)
        self._watch(START - 19 * DAY)
        self.assertFalse(self._warnings(), "one is not two")
        with self._on(START):
            followup._skip(self.reason)
        later = START + 70 * DAY
        with self._on(later - 40 * DAY):
            self._open(self.customer)._skip(self.reason)
        self._watch(later)
        self.assertFalse(self._warnings(), "the first skip is long ago")
        overdue = self._open(self.customer)
        overdue.sudo().write({'date_limit': later - DAY})
        self._watch(later + DAY)
        self._watch(later + 2 * DAY)
        self.assertEqual(self._warnings().reason, "Missed touches: 1 overdue and 1 skipped")
        with self._on(later + 3 * DAY):
            self._log(self.customer)
        self._watch(later + 4 * DAY)
        self._watch(later + 5 * DAY)
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_low_pulse_says_what_was_said(self):
        """HEA-3: the warning shows what the customer said: why it was judged so, else what the contact was about."""
        self._rule('low_pulse', 2, evaluations=1, cool_down_days=0, window_days=90)
        other = self._customer("Other")
        with self._on(START):
            followup = self._log(other, feedback="Third delivery too late")
        self.env['customer.pulse'].create([
            {'partner_id': self.customer.id, 'date': START, 'score': '2', 'note': "The hotline does not answer"},
            {'partner_id': other.id, 'date': START, 'score': '1', 'followup_id': followup.id}])
        self._watch(START + DAY)
        self.assertEqual(
            self._warnings().reason, "Satisfaction 2 of 5 on 03/02/2026: Unhappy. “The hotline does not answer”")
        self.assertIn("“Third delivery too late”", self._warnings(other).reason)

    def test_hea_3_low_pulse(self):
        """HEA-3: an unhappy customer at once; the same judgement raises one warning only, ever; a better one ends it."""
        self._rule('low_pulse', 2, evaluations=1, cool_down_days=0, window_days=90)
        pulses = self.env['customer.pulse']
        pulses.create({'partner_id': self.customer.id, 'date': START - 200 * DAY, 'score': '1'})
        self._watch(START - DAY)
        self.assertFalse(self._warnings(), "that was long ago")
        pulses.create({'partner_id': self.customer.id, 'date': START, 'score': '2'})
        self._watch(START + DAY)
        self.assertEqual(self._warnings().reason, "Satisfaction 2 of 5 on 03/02/2026: Unhappy")
        with self._on(START + DAY):
            self._warnings().with_user(self.anna)._finish('solved', '')
        for number in range(2, 6):
            self._watch(START + number * DAY)
        self.assertEqual(len(self._warnings()), 1)
        pulses.create({'partner_id': self.customer.id, 'date': START + 6 * DAY, 'score': '1'})
        self._watch(START + 6 * DAY)
        self.assertEqual(len(self._warnings()), 2)
        pulses.create({'partner_id': self.customer.id, 'date': START + 7 * DAY, 'score': '4'})
        self._watch(START + 8 * DAY)
        self.assertEqual(self._warnings()[1].outcome, 'cleared')

    def test_hea_3_one_cause_one_warning(self):
        """HEA-3, T6: an unhappy judgement takes the score down below a level and by fifteen points: one warning, the one about
        the judgement. What another measure does besides, and a fall without a judgement, makes one of the score."""
        self.payment.source = 'satisfaction'
        self._rule('low_pulse', 2, evaluations=1, window_days=90, level='3')
        self._rule('score_level', 50, window_days=30)
        self._rule('score_drop', 15, window_days=30)
        other, both = self._customer("Other"), self._customer("Both")

        for partner in (self.customer, other, both):
            self._history(partner, [(START - 20 * DAY, (60, 90))])
        self._watch(START - DAY)
        for partner, rhythm, judged in ((self.customer, 60, 10), (other, 60, 10), (both, 20, 10)):
            self._history(partner, [(START, (rhythm, judged))])
        self.env['customer.pulse'].create([
            {'partner_id': partner.id, 'date': START, 'score': '1'} for partner in (self.customer, both)])
        for number in range(4):
            self._watch(START + number * DAY)
        self.assertEqual(self._warnings().mapped('signal'), ['low_pulse'])
        self.assertEqual(self._warnings(other).mapped('signal'), ['score_level'], "and not that it fell as well")
        self.assertEqual(sorted(self._warnings(both).mapped('signal')), ['low_pulse', 'score_drop'])
        with self._on(START + 4 * DAY):
            self._warnings().with_user(self.anna)._finish('solved', '')
        for number in range(4, 8):
            self._watch(START + number * DAY)
        self.assertEqual(len(self._warnings()), 1, "nor after it was solved")

    def test_hea_3_order_gap(self):
        """HEA-3: the silence against the longest one before, known from the second order on, as long as it is news."""
        self._rule('order_gap', 2, evaluations=1, window_days=90, level='1')
        self._rule('order_gap', 3, evaluations=1, window_days=90, level='3')
        two, gone = self._customer("Two orders"), self._customer("Gone for years")
        days = {self.customer: (4, 90, START - 61 * DAY), two: (2, 10, START - 300 * DAY),
                gone: (11, 100, START - 900 * DAY)}
        self.env['customer.rhythm'].search([('partner_id', 'in', [c.id for c in days])]).unlink()
        self.env['customer.rhythm'].create([
            {'partner_id': customer.id, 'purchases': count, 'first_day': last - span * DAY, 'last_day': last}
            for customer, (count, span, last) in days.items()])
        self._watch(START - 2 * DAY)
        self.assertFalse(self._warnings())
        self._watch(START)
        self.assertRecordValues(self._warnings(), [{'level': '1', 'reason': "No order for 61 days, usually every 30"}])
        self.assertFalse(self._warnings(two) + self._warnings(gone))
        self._watch(START + 30 * DAY)
        self.assertEqual(self._warnings().level, '3')
        self.env['customer.rhythm'].search([('partner_id', '=', self.customer.id)]).write({
            'purchases': 5, 'last_day': START + 30 * DAY})
        self._watch(START + 31 * DAY)
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_overdue_invoices(self):
        """HEA-3: so many days after they were due; paid, it ends."""
        self._rule('overdue_invoices', 30, evaluations=1)
        journal = self.env['account.journal'].search([
            ('type', '=', 'sale'), ('company_id', '=', self.env.company.id)], limit=1)
        account = self.env['account.account'].search([('account_type', '=', 'income')], limit=1)
        if not journal or not account:
            self.skipTest("The database has no chart of accounts")
        invoices = self.env['account.move'].create([{
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': START - 60 * DAY,
            'invoice_date_due': START - days * DAY, 'journal_id': journal.id, 'invoice_line_ids': [Command.create({
                'name': "Thing", 'quantity': 1, 'price_unit': 10, 'account_id': account.id, 'tax_ids': False})],
        } for days in (20, 35)])
        invoices.action_post()
        self._watch(START)
        self.assertEqual(self._warnings().reason, (
            f"{self.env.company.currency_id.format(10)} is overdue for 35 days (open credit deducted)"))
        invoices[1]._reverse_moves([{'invoice_date': START}], cancel=True)
        self._watch(START + DAY)
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_hea_3_contact_left(self):
        """HEA-3: somebody left: by name, and once."""
        self._rule('contact_left', 1, evaluations=1, cool_down_days=0)
        person, stays = self.env['res.partner'].create([
            {'name': name, 'parent_id': self.customer.id, 'function': "Buyer"} for name in ("Ann Lee", "Bob Ray")])
        self.assertTrue(stays)
        with self._on(START - DAY):
            person.action_archive()
        self._watch(START)
        self.assertEqual(self._warnings().reason, "Left: Ann Lee · Buyer")
        with self._on(START):
            self._warnings().with_user(self.anna)._finish('solved', '')
        self._watch(START + DAY)
        self.assertEqual(len(self._warnings()), 1)


class TestProcess(WarningCase):

    def test_hea_3_a_signal_of_another_addon(self):
        """HEA-3: another wing or addon adds a signal by one method."""
        rules = type(self.env['customer.warning.rule'])
        shipped = rules._signals
        other = Signal(
            label="Letter came", unit="letters",
            sql=lambda rule, partner_ids: SQL(
                "SELECT %s AS partner_id, TRUE AS met, FALSE AS cleared, 3 AS value, NULL::jsonb AS detail",
                self.customer.id),
            describe=lambda warning: f'{warning.value:.0f} letters')
        with patch.object(rules, '_signals', lambda model: shipped(model) | {'letter': other}):
            self._rule('letter', 1, evaluations=1)
            self._watch(START)
            self.assertEqual(self._warnings().reason, "3 letters")

    def test_hea_3_a_poisoned_rule(self):
        """HEA-3, PLT-3: a rule that can't be evaluated is set aside, visibly; the others go on, and open ones stay."""
        good = self._rule('score_level', 50, evaluations=1)
        bad = self._rule('score_level', 35, evaluations=1, level='3')
        self.allowed_problems = bad
        self._history(self.customer, [(START - 30 * DAY, 70), (START, 30)])
        signals = type(self.env['customer.warning.signal.score'])
        original = signals._score_level_sql

        def score_level_sql(signal, rule, partner_ids):
            return SQL("SELECT 1 / 0 AS partner_id") if rule.id == bad.id else original(signal, rule, partner_ids)

        with patch.object(signals, '_score_level_sql', score_level_sql), mute_logger(MONITOR, 'odoo.sql_db'):
            self._watch(START)
        self.assertRecordValues(self._warnings(), [{'rule_id': good.id, 'level': '2'}])
        self.assertTrue(bad.problem)
        self.assertFalse(good.problem)
        run = self.env['customer.run'].search([('name', '=', 'warn')], limit=1)
        self.assertEqual((run.done, run.failed), (1, 1))
        with self._on(START):
            bad.with_user(self.mara).action_retry()
        self._watch(START, 5)
        self.assertFalse(bad.problem)
        self.assertRecordValues(self._warnings(), [{'rule_id': bad.id, 'level': '3'}])

    def test_hea_3_a_signal_that_is_gone(self):
        """HEA-3: the addon of a signal was taken away: its rule says so."""
        rule = self._rule('missed_touches', 1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_warning_rule SET signal = 'gone' WHERE id = %s", [rule.id])
        self.env.invalidate_all()
        self.allowed_problems = rule
        with mute_logger(MONITOR):
            self._watch(START)
        self.assertIn("is not there", rule.problem)

    def test_hea_3_killed_and_run_again(self):
        """HEA-3, PLT-3: killed between two signals, run again: as one clean run."""
        self._rule('score_level', 50, evaluations=1)
        self._rule('low_pulse', 2, evaluations=1)
        self._history(self.customer, [(START - 30 * DAY, 70), (START, 30)])
        self.env['customer.pulse'].create({'partner_id': self.customer.id, 'date': START, 'score': '1'})
        monitor = type(self.env['customer.warning.monitor'])
        original = monitor._evaluate

        def evaluate(model, signal):
            if signal == 'low_pulse':
                raise SystemError("killed")
            return original(model, signal)

        with patch.object(monitor, '_evaluate', evaluate), mute_logger('odoo.addons.base.models.ir_cron'), \
                self.assertRaisesRegex(ValueError, "killed"):
            self._watch(START)
        self.env.invalidate_all()
        self.assertLess(len(self._warnings()), 2)
        for hour in (3, 4):
            self._watch(START, hour)
        self.assertEqual(sorted(self._warnings().mapped('signal')), ['low_pulse', 'score_level'])

    def test_hea_3_two_workers(self):
        """HEA-3, PLT-3: what another server has locked or evaluated meanwhile is left to it."""
        rule = self._rule('score_level', 50, evaluations=1)
        self._history(self.customer, [(START - 30 * DAY, 70), (START, 30)])
        self._rule('low_pulse', 2, evaluations=1)
        self.env['customer.pulse'].create({'partner_id': self.customer.id, 'date': START, 'score': '1'})
        monitor = self.env['customer.warning.monitor']
        original = type(monitor)._evaluate

        def evaluate(model, signal):
            if signal == 'low_pulse':
                raise psycopg2.errors.SerializationFailure("changed by another transaction")
            return original(model, signal)

        with self._on(START):
            with patch.object(type(rule), 'try_lock_for_update', lambda rules, **__: rules.browse()):
                self.assertEqual(set(monitor._evaluate('score_level').values()), {0})
            self.assertFalse(self._warnings())
            with patch.object(type(monitor), '_evaluate', evaluate):
                self._run_cron('warn')
            self.assertEqual(self._warnings().signal, 'score_level')
            self.assertEqual(set(monitor._evaluate('score_level').values()), {0})
        self._watch(START, 3)
        self.assertEqual(self._warnings().mapped('signal'), ['score_level', 'low_pulse'])

    def test_hea_3_slept_a_week(self):
        """HEA-3, PLT-3: nights that did not take place count nothing."""
        self._rule('score_level', 50)
        self._history(self.customer, [(START - 30 * DAY, 70), (START, 30)])
        self._watch(START)
        self._watch(START + 8 * DAY)
        self.assertEqual(self._warnings().date, START + 8 * DAY)

    def test_hea_3_nothing_new_nothing_written(self):
        """HEA-3, PLT-3: what stays as it is is not written again night after night."""
        rule = self._rule('score_level', 50)
        self._history(self.customer, [(START - 30 * DAY, 70), (START, 30)])
        for number in range(3):
            self._watch(START + number * DAY)
        runs = self.env['customer.run'].search_count([])
        self.env.cr.execute("SELECT xmin, ctid FROM customer_warning_watch WHERE rule_id = %s", [rule.id])
        before = self.env.cr.fetchall()
        stamp = self._warnings().write_date
        self._watch(START + 3 * DAY)
        self.env.cr.execute("SELECT xmin, ctid FROM customer_warning_watch WHERE rule_id = %s", [rule.id])
        self.assertEqual(self.env.cr.fetchall(), before)
        self.assertEqual(self._warnings().write_date, stamp)
        self.assertEqual(self.env['customer.run'].search_count([]), runs)

    def test_hea_3_as_many_queries_for_many(self):
        """HEA-3, PLT-3: a night costs as many statements for 20 customers as for 2."""
        self._rule('score_level', 50, evaluations=1, plan_id=self.plan.id)
        self._rule('score_drop', 15, evaluations=1)
        self._rule('low_pulse', 2, evaluations=1)

        def night(day, count):
            customers = [self._customer(f"Many {day} {number}") for number in range(count)]
            for customer in customers:
                self._history(customer, [(day - 20 * DAY, 70), (day, 30)])
                self.env['customer.pulse'].create({'partner_id': customer.id, 'date': day, 'score': '1'})
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(datetime.combine(day, time(2))):
                before = self.env.cr.sql_log_count
                raised = sum(self.env['customer.warning.monitor']._evaluate(signal)['raised']
                             for signal in ('low_pulse', 'score_level', 'score_drop'))
                self.env.flush_all()
            self.assertEqual(raised, 2 * count, "that the score fell is told once")
            return self.env.cr.sql_log_count - before

        night(START, 2)
        few, many = night(START + DAY, 2), night(START + 2 * DAY, 20)
        self.assertLessEqual(many, few + 2)

    def test_hea_3_bad_rules(self):
        """HEA-3: thresholds and days that make no sense are refused, with the reason."""
        with self.assertRaisesRegex(ValidationError, "more than 0 points"):
            self._rule(threshold=0)
        for vals in ({'evaluations': 0}, {'window_days': 0}, {'cool_down_days': -1}):
            with self._refused("at least|can't be negative"):
                self._rule(**vals)

    def test_hea_3_shipped_rules(self):
        """HEA-3: every shipped rule can be evaluated where its app is there, has a plan with steps, and nobody is set aside."""
        rules = self.env['customer.warning.rule'].with_context(active_test=False).search([])
        names = self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', 'customer.warning.rule')])
        shipped = rules.filtered(lambda rule: rule.id in names.mapped('res_id'))
        # besides, facts of other wings as they are
        signals = set(shipped.mapped('signal'))
        self.assertEqual({signal for signal in signals if not signal.startswith(PREFIX)}, set(rules._signals()))
        self.assertLessEqual(signals, rules._known_signals().keys())
        self.assertTrue(all(rule.plan_id.line_ids for rule in shipped))
        self.assertEqual(set(shipped.mapped('level')), {'1', '2', '3'})
        there = shipped.filtered(lambda rule: not rule.metric_id.is_absent)
        self.assertLessEqual(set((shipped - there).mapped('signal')), {'readings_fall', 'readings_reach'})
        there.active = True
        self._watch(fields.Date.today())
        self.assertEqual(set(there.mapped('evaluated_on')), {fields.Date.today()})
