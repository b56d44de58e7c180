"""STR-4: what a change of a strategy brought, less what the segment did, from real orders."""
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .effect_common import APPLIED, APPROVED, DAY, EffectCase


@tagged('post_install', '-at_install')
class TestEffect(EffectCase):

    def _hand_case(self):
        """Two orders became five, while the segment went from 1 to 1.5 orders a customer; six were the target.

        The order of 30 January is before *before*, those of 1 and 5 April between, that of 5 June after *after*.
        """
        self._orders(self.customer, '2026-01-30', '2026-01-31', '2026-03-31', '2026-04-01', '2026-04-05',
                     '2026-04-06', '2026-04-20', '2026-05-02', '2026-05-20', '2026-06-04', '2026-06-05')
        for other, before, after in zip(self.others, (1, 1, 2, 0), (1, 2, 3, 0), strict=True):
            self._orders(other, *(f'2026-02-{day:02}' for day in range(1, before + 1)),
                         *(f'2026-05-{day:02}' for day in range(1, after + 1)))
        return self._changed((self.orders, 6))

    def test_str_4_hand_computed(self):
        """STR-4: +3 orders, the segment +0.5, net +2.5 of the 4 expected: 62.5 %, partly effective."""
        adjustment = self._hand_case()
        line = adjustment.kpi_ids
        self.assertRecordValues(adjustment, [{
            'before_start': fields.Date.to_date('2026-01-31'), 'before_stop': fields.Date.to_date('2026-03-31'),
            'cohort_size': 4, 'measured_on': False, 'verdict': False}])
        self.assertRecordValues(line, [{
            'before': 2, 'has_before': True, 'segment_before': 1, 'has_segment_before': True, 'has_after': False}])
        self._measure('2026-06-04')
        self.assertFalse(adjustment.measured_on, "the cycle's last day is not over")
        self._measure()
        self.assertRecordValues(line, [{
            'before': 2, 'after': 5, 'change': 3, 'segment_before': 1, 'segment_after': 1.5, 'segment_change': 0.5,
            'net': 2.5, 'net_percent': 62.5, 'verdict': 'partly'}])
        self.assertRecordValues(adjustment, [{
            'net_percent': 62.5, 'verdict': 'partly', 'measured_on': fields.Date.to_date('2026-06-05'),
            'effective_from': 80, 'partly_from': 30, 'effect_known_percent': 100, 'state': 'applied'}])
        panel = adjustment.effect_panel
        self.assertEqual(
            panel['lines'][0]['sentence'], "Test orders +3, segment +0.5, net +2.5 of +4 expected: 62.5 %.")
        self.assertIn("62.5 % of the expected improvement", panel['total'])
        self.assertEqual(panel['lines'][0]['values'], {
            'before': 2, 'after': 5, 'segment_before': 1, 'segment_after': 1.5, 'target': 6, 'drift': 2.5})

    def test_str_4_frozen_at_approval(self):
        """STR-4: an order that is booked into the days before, after the approval, does not change what was before."""
        adjustment = self._hand_case()
        self._orders(self.customer, '2026-03-01')
        self._orders(self.others[0], '2026-03-01')
        self._measure()
        self.assertRecordValues(adjustment.kpi_ids, [{'before': 2, 'segment_before': 1, 'verdict': 'partly'}])

    def test_str_4_measured_once(self):
        """STR-4: the second night measures nothing, and asks nobody again."""
        adjustment = self._hand_case()
        self._measure()
        activity = adjustment.activity_ids
        self.assertRecordValues(activity, [{
            'user_id': self.anna.id, 'summary': "Changed: Partly effective",
            'activity_type_id': self.env.ref('customer_success.mail_activity_type_effect').id}])
        self._orders(self.customer, '2026-05-21')
        with self._on('2026-06-06'), patch.object(type(self.effect), '_measure') as measure:
            self._run_cron('effect')
        measure.assert_not_called()
        self.assertEqual(adjustment.activity_ids, activity)
        self.assertEqual(adjustment.kpi_ids.after, 5)
        runs = self.env['customer.run'].search([('name', '=', 'effect')])
        self.assertRecordValues(runs, [{'done': 1, 'failed': 0}])

    def test_str_4_lower_is_better(self):
        """STR-4: where less is better, going down is what was expected."""
        self.orders.better = 'lower'
        self._orders(self.customer, '2026-02-01', '2026-02-02', '2026-02-03', '2026-05-01')
        for other in self.others:
            self._orders(other, '2026-02-01', '2026-05-01', '2026-05-02')
        adjustment = self._changed((self.orders, 1))
        self._measure()
        self.assertRecordValues(adjustment.kpi_ids, [{
            'change': -2, 'segment_change': 1, 'net': -3, 'net_percent': 100, 'verdict': 'effective'}])

    def test_str_4_drift_alone(self):
        """STR-4: a customer that only went along with its segment was not helped by the change."""
        for partner in self.customer + self.others:
            self._orders(partner, '2026-02-01', '2026-05-01', '2026-05-02', '2026-05-03')
        adjustment = self._changed((self.orders, 3))
        self._measure()
        self.assertRecordValues(adjustment, [{'verdict': 'not', 'net_percent': 0}])
        self.assertRecordValues(adjustment.kpi_ids, [{'change': 2, 'net': 0}])

    def test_str_4_dropped_kpi(self):
        """STR-4: a KPI that the new version does without is not judged."""
        strategy = self._strategy(self.customer, (self.orders, 2), (self.quality, 90), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.orders, 2), (self.quality, 90))
        dropped = adjustment.kpi_ids.filtered(lambda line: line.kpi_id == self.quality)
        dropped.is_dropped = True
        self._approve(adjustment)
        self._apply(adjustment)
        self._measure()
        self.assertFalse(dropped.verdict)
        self.assertEqual(adjustment.effect_known_percent, 100)
        self.assertEqual([line['name'] for line in adjustment.effect_panel['lines']], ["Test orders"])

    # ------------------------------------------------------------
    # NOT KNOWN
    # ------------------------------------------------------------

    def test_str_4_segment_too_small(self):
        """STR-4: with two other customers where three are needed, the effect is not known, and it says why."""
        self.others[2:].write({'customer_segment_id': False})
        adjustment = self._hand_case_without_place()
        self._measure()
        self.assertRecordValues(adjustment, [{'verdict': 'unknown', 'net_percent': 0, 'cohort_size': 2}])
        self.assertRecordValues(adjustment.kpi_ids, [{
            'has_before': True, 'has_segment_before': False, 'verdict': 'unknown', 'net': 0}])
        self.assertIn("at least 3 are needed", adjustment.effect_panel['lines'][0]['sentence'])
        self.assertIn("only 0 %", adjustment.effect_panel['total'])

    def _hand_case_without_place(self):
        self._orders(self.customer, '2026-02-01', '2026-05-01', '2026-05-02')
        return self._changed((self.orders, 6))

    def test_str_4_no_segment(self):
        """STR-4: a customer without a segment is compared with nobody, not with others without one."""
        (self.customer + self.others).write({'customer_segment_id': False})
        adjustment = self._changed((self.orders, 6))
        self.assertFalse(adjustment.cohort_size)
        self._measure()
        self.assertEqual(adjustment.verdict, 'unknown')
        self.assertIn("no other customer", adjustment.effect_panel['cohort'])

    def test_str_4_too_little_known(self):
        """STR-4: half of the weight known is enough for a verdict, less is not."""
        for partner in self.others:
            self._orders(partner, '2026-02-01')
        self._orders(self.customer, '2026-05-01', '2026-05-02')
        strategy = self._strategy(self.customer, (self.orders, 2), (self.quality, 90), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.orders, 2), (self.quality, 90))
        by_hand = adjustment.kpi_ids.filtered(lambda line: line.kpi_id == self.quality)
        self._approve(adjustment)
        self._apply(adjustment)
        self._measure()
        self.assertRecordValues(adjustment, [
            {'verdict': 'effective', 'net_percent': 100, 'effect_known_percent': 50}])
        by_hand.weight = 2
        self.effect._evaluate(adjustment)
        self.assertEqual(adjustment.verdict, 'unknown')
        self.assertIn("entered by hand", adjustment.effect_panel['lines'][1]['sentence'])

    def test_str_4_unknown_is_no_zero_in_means(self):
        """STR-4: the report's mean leaves out what is not known."""
        adjustments = self.env['customer.strategy.adjustment']
        for number, (verdict, percent) in enumerate((('effective', 90), ('not', 10), ('unknown', 0))):
            strategy = self._strategy(self.others[number])
            adjustments += self._adjustment(
                strategy, verdict=verdict, net_percent=percent, state='reviewed', origin_key=f'test:{number}')
        [[mean]] = adjustments._read_group([('id', 'in', adjustments.ids)], [], ['net_percent:avg'])
        self.assertEqual(mean, 50)

    # ------------------------------------------------------------
    # WHO IS COMPARED
    # ------------------------------------------------------------

    def test_str_4_cohort(self):
        """STR-4: compared are the managed customers of the segment on the day of approval, without those adjusted then."""
        self.others[0].customer_enrolment = 'excluded'
        other_segment = self.env['customer.segment'].create({'name': "Elsewhere"})
        self.others[1].customer_segment_id = other_segment
        self._place(self.others[0])
        adjusted, early = self.others[2], self.others[3]
        for partner, day in ((adjusted, '2026-02-10'), (early, '2026-01-30')):
            other = self._adjustment(self._strategy(partner))
            self._apply(other, fields.Date.to_date(day), measured_on=APPROVED)
        kept = self._customer("Kept")
        self._place(kept)
        adjustment = self._changed((self.orders, 6))
        self.assertEqual(adjustment.cohort_ids, early + kept)

    def test_str_4_same_customers_after(self):
        """STR-4: who leaves the segment or joins it meanwhile does not change who is compared."""
        adjustment = self._hand_case()
        joined = self._customer("Joined")
        self._orders(joined, *(f'2026-05-{day:02}' for day in range(1, 20)))
        self.others[0].customer_segment_id = False
        self._measure()
        self.assertEqual(adjustment.kpi_ids.segment_after, 1.5)

    def test_str_4_adjusted_meanwhile(self):
        """STR-4: who was adjusted itself after the approval is left out on both sides."""
        adjustment = self._hand_case()
        other = self._adjustment(self._strategy(self.others[2]))
        self._apply(other, fields.Date.to_date('2026-05-01'))
        self._measure()
        # left are 1, 1, 0 before and 1, 2, 0 after
        self.assertAlmostEqual(adjustment.kpi_ids.segment_before, 2 / 3)
        self.assertAlmostEqual(adjustment.kpi_ids.segment_after, 1)
        self.assertRecordValues(adjustment, [{'cohort_size': 3, 'cohort_left_out': 1}])
        self.assertEqual(adjustment.kpi_ids.before, 2, "the customer's own value stays frozen")
        self.assertIn("1 more were left out", adjustment.effect_panel['cohort'])

    def test_str_4_own_other_adjustment_is_told(self):
        """STR-4: when the customer was adjusted again within the cycle, the page says that the figures hold both."""
        adjustment = self._hand_case()
        again = self._adjustment(adjustment.new_strategy_id, name="ADJ/AGAIN")
        self._apply(again, fields.Date.to_date('2026-05-10'))
        self.assertIn("the figures hold the effect of both", " ".join(adjustment.effect_panel['notes']))

    def test_str_4_large_segment(self):
        """STR-4: of a large segment a part is compared, the same before and after."""
        self.env['ir.config_parameter'].set_param('customer_success.strategy_segment_maximum', '3')
        adjustment = self._hand_case()
        chosen = adjustment.cohort_ids
        self.assertEqual(len(chosen), 3)
        self._measure()
        self.assertEqual(adjustment.cohort_ids, chosen)

    def test_str_4_merged_customers(self):
        """STR-4: a contact that is merged into another is compared once, and never with itself."""
        adjustment = self._hand_case()
        self.env.flush_all()
        merge = self.env['base.partner.merge.automatic.wizard'].create({})
        merge._merge((self.customer + self.others[0]).ids, self.customer)
        merge._merge((self.others[1] + self.others[2]).ids, self.others[1])
        self.env.invalidate_all()
        self._measure()
        self.assertEqual(adjustment.cohort_ids, self.others[1] + self.others[3])

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def test_str_4_queries(self):
        """STR-4: freezing and measuring take the same statements for two adjustments and for eight."""
        def cost(count):
            partners = self.env['res.partner'].union(*(self._customer(f"{count}-{number}") for number in range(count)))
            self._place(partners)
            adjustments = self.env['customer.strategy.adjustment']
            for partner in partners:
                adjustments += self._adjustment(self._strategy(partner, (self.orders, 2)), (self.orders, 2))
            self._approve(adjustments)
            for adjustment in adjustments:
                self._apply(adjustment)
            self.env.flush_all()
            lines = adjustments.kpi_ids
            with self._on('2026-06-05'):
                self.effect._side_values(lines, 'after')  # what is read once
                start = self.env.cr.sql_log_count
                self.effect._leave_out_adjusted(adjustments)
                self.effect._side_values(lines, 'after')
                measuring = self.env.cr.sql_log_count - start
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                self.effect._measure(adjustments)
                self.env.flush_all()
                return measuring, (self.env.cr.sql_log_count - start)

        few, few_all = cost(2)
        many, many_all = cost(8)
        self.assertEqual(few, many)
        # what is left for each is its savepoint, and what Odoo writes in batches
        self.assertLessEqual((many_all - few_all) / 6, 3)

    def test_str_4_one_fails(self):
        """STR-4: one adjustment that can't be written is set aside with the reason; the others are measured."""
        adjustment = self._hand_case()
        other = self._adjustment(self._strategy(self.others[3], (self.orders, 2)), (self.orders, 2))
        self._approve(other)
        self._apply(other)
        evaluate = type(self.effect)._evaluate

        def fail(effect, adjustments):
            if other in adjustments:
                raise ValueError("Out of order")
            return evaluate(effect, adjustments)

        with patch.object(type(self.effect), '_evaluate', fail), mute_logger(
                'odoo.addons.customer_success.models.strategy.customer_strategy_effect'), self._on('2026-06-05'):
            self._run_cron('effect')
        self.assertEqual(adjustment.verdict, 'partly')
        self.assertRecordValues(other, [{'effect_problem': "Out of order", 'measured_on': False, 'verdict': False}])
        self.assertFalse(other.kpi_ids.has_after, "nothing half done")
        self.assertIn("Out of order", " ".join(other.effect_panel['notes']))
        self.assertRecordValues(self.env['customer.run'].search([('name', '=', 'effect')]), [{'done': 1, 'failed': 1}])
        self._measure('2026-06-06')
        self.assertRecordValues(other, [{'effect_problem': False, 'measured_on': fields.Date.to_date('2026-06-06')}])

    def test_str_4_caught_up(self):
        """STR-4: a job that slept for a month measures the same days."""
        adjustment = self._hand_case()
        self._measure(APPLIED + 100 * DAY)
        self.assertRecordValues(adjustment, [{'verdict': 'partly', 'net_percent': 62.5}])
