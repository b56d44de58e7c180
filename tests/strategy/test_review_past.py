"""The past stays what it was: reviews are asked as of the end of their time."""
from datetime import date

from odoo import Command

from .review_common import TODAY, ReviewCase

#: When the same month is drafted once more.
LATER = '2026-06-15'


class TestReviewPast(ReviewCase):
    """STR-5, K1: drafted anew long after, a month says what it said the week after it ended."""

    def setUp(self):
        super().setUp()
        self.measured = self.env['customer.kpi'].create({
            'name': "Test orders", 'unit': 'count', 'better': 'higher', 'source': 'new_orders'})
        self.customers = {name: self._old_customer(name) for name in (
            "Azure", "Gemini", "Ready", "Lumber", "Deco", "Joel", "Wood", "Brandon")}

    def _findings(self, day):
        """Return what a new review of the month finds on a day, by topic."""
        review = self._review()
        texts = self._draft(review, day)
        found = {}
        for line in review.line_ids:
            found.setdefault(line.topic, []).append((line.text, line.res_id, tuple(line.res_ids or ())))
        review.unlink()
        return {topic: sorted(lines) for topic, lines in found.items()}, texts

    def _make_month(self):
        """Let every topic find something in the month."""
        azure, gemini, ready, lumber, deco, joel, wood, __ = self.customers.values()
        # it is measured again after the month, and ends then
        self.works = self._running(
            azure, (self.repurchase, 80, 85, 100), grade=self.excellent, attainment=100, started_on='2026-01-12')
        self.fails = self._running(
            gemini, (self.complaints, 3, 2, 100), (self.repurchase, 80, 10, 12.5), grade=self.poor, attainment=56.3)
        (self.works + self.fails).kpi_ids.by_hand = True
        self.ended = self._running(
            ready, (self.repurchase, 80, 90, 100), grade=self.good, attainment=95, state='done', ended_by='cycle',
            date_start='2025-12-21', date_end='2026-03-20')
        self._milestone(self.works, "Trial", '2026-03-10', '2026-03-08')
        self.missed = self._milestone(self.works, "Contract", '2026-03-20')
        for number, vals in enumerate((
                {'state': 'applied', 'verdict': 'effective', 'net_percent': 95, 'measured_on': '2026-03-15'},
                {'state': 'applied', 'verdict': 'not', 'net_percent': 10, 'measured_on': '2026-03-16'},
                {'state': 'approved', 'date': '2026-03-20', 'submitted_on': '2026-03-10 09:00:00',
                 'decided_on': '2026-03-12 09:00:00'})):
            self._adjustment(self.fails, name=f"ADJ/{number}", **vals)
        self.stuck = self.env['customer.strategy.adjustment'].search([('state', '=', 'approved')])
        self.waits = self._adjustment(self.works, state='submitted', submitted_on='2026-03-02 09:00:00', name="ADJ/9")
        self._health(azure, ('2026-01-01', 40), ('2026-03-10', 80))
        self._health(gemini, ('2026-01-01', 78), ('2026-03-10', 42))
        self.env['customer.tier.change'].search([('partner_id', 'in', [azure.id, gemini.id])]).unlink()
        for partner, direction, tier in ((azure, 'up', self.tier_high), (gemini, 'down', self.tier_low)):
            self.env['customer.tier.change'].create({
                'partner_id': partner.id, 'cause': 'revenue', 'old_tier_id': self.tier_mid.id, 'date': '2026-03-05',
                'new_tier_id': tier.id, 'direction': direction})
        self._warn(azure, '2026-03-02', state='closed', outcome='solved', closed_on='2026-03-12', outcome_note="New person")
        self._warn(lumber, '2026-02-01', state='closed', outcome='lost', closed_on='2026-03-12', outcome_note="A rival")
        self.warning = self._warn(gemini, '2026-03-02')
        pair = self.env['customer.offer.pair'].create({
            'company_id': self.env.company.id, 'level': 'product', 'reason_key': 1, 'item_key': 2, 'both_buyers': 14,
            'buyers': 20, 'product_tmpl_id': self.product_thing.product_tmpl_id.id})
        self.offer = self.env['customer.offer'].create({
            'partner_id': azure.id, 'company_id': self.env.company.id, 'level': 'product', 'item_key': 2, 'pair_id': pair.id,
            'product_tmpl_id': pair.product_tmpl_id.id, 'offered_on': '2026-03-05', 'amount': 500})
        with self._on('2026-03-20'):
            self.buyer = self._customer("Buyer")
            self._order(self.buyer, 1000, '2026-03-20')
            self._order(azure, 3000, '2026-03-02')
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM customer_followup")
        self.env.invalidate_all()
        vals = {'partner_id': joel.id, 'channel_id': self.call.id, 'step_id': self.step.id, 'user_id': self.anna.id}
        self.made, self.done_later, self.moved, self.skipped, self.older = self.env['customer.followup'].create([
            {**vals, 'state': 'done', 'contact_day': '2026-03-05', 'date_limit': '2026-03-06', 'event_date': '2026-03-01'},
            {**vals, 'date_planned': '2026-03-10', 'date_limit': '2026-03-13', 'event_date': '2026-03-02'},
            {**vals, 'partner_id': wood.id, 'date_planned': '2026-03-11', 'date_limit': '2026-03-14', 'step_id': self.step.id},
            {**vals, 'partner_id': deco.id, 'date_planned': '2026-03-12', 'date_limit': '2026-03-15', 'event_date': '2026-03-03'},
            {**vals, 'date_planned': '2026-01-04', 'date_limit': '2026-01-07', 'event_date': '2026-01-01'}])
        self.env.flush_all()

    def _let_things_change(self):
        """Change everything that a topic of the month looks at, in the months after it."""
        azure, gemini, ready, lumber, deco, joel, wood, brandon = self.customers.values()
        with self._on('2026-04-20'):
            (self.done_later + self.older).write({
                'state': 'done', 'contact_day': '2026-04-20', 'closed_at': '2026-04-20 10:00:00'})
            wood.customer_cadence_id = self.cadence
            self.assertTrue(self.moved.missed)
            self.skipped._skip(self.reason)
            self.warning.write({'state': 'closed', 'outcome': 'solved', 'closed_on': '2026-04-20'})
            self.missed.done_on = '2026-04-18'
            self.offer._answer('refused', False, self.reason)
            self.stuck.write({'state': 'applied', 'applied_on': '2026-04-20'})
            self.waits.write({'state': 'refused', 'decided_on': '2026-04-20 10:00:00'})
            self._order(self.buyer, 7000, '2026-04-18')
            self._order(azure, 90000, '2026-04-19')
            self._health(azure, ('2026-01-01', 40), ('2026-03-10', 80), ('2026-04-10', 20))
            self._log(gemini)
        with self._on('2026-05-20'):
            self.env['customer.strategy'].create({
                'partner_id': brandon.id, 'company_id': self.env.company.id, 'core_approach': "New", 'state': 'active',
                'date_start': '2026-05-01', 'date_end': '2026-08-01', 'user_id': self.anna.id})
            self.fails.write({
                'measured_on': '2026-05-19', 'grade_id': self.excellent.id, 'effect_id': self.excellent.id, 'attainment': 130})
            self.env['customer.strategy.judgement']._judge(self.ended, self.poor, "Seen from today")
            self.works.write({'state': 'done', 'ended_by': 'cycle', 'measured_on': '2026-04-12'})
            self._stop_being_customer(lumber)
            gemini.customer_risk_level = 'low'

    def _stop_being_customer(self, partner):
        partner.action_customer_exclude()
        self.assertFalse(partner.customer_managed)

    def test_all_topics_as_of_the_end(self):
        """Every topic finds the same the week after the month and long after it, whatever became of its findings."""
        self._make_month()
        before, __ = self._findings(TODAY)
        self.assertEqual(
            set(self.env['customer.review']._topics()) - before.keys(), set(),
            "every topic has to find something here, a new one too: give it something above, and let that change after")
        self._let_things_change()
        after, __ = self._findings(LATER)
        self.maxDiff = None
        for topic in self.env['customer.review']._topics():
            self.assertEqual(after.get(topic), before[topic], topic)

    def test_made_in_time_beside_overdue(self):
        """What is overdue from before the month stands beside what was made in time in it, in one sentence."""
        self._make_month()
        self.env.cr.execute(
            "DELETE FROM customer_followup WHERE id IN %s", (tuple((self.done_later + self.moved + self.skipped).ids),))
        self.env.invalidate_all()
        texts = self._findings(TODAY)[1]
        self.assertIn("The one follow-up of the time was made in time; 1 from before are still overdue", texts)
        self.assertIn("Joel: “Monthly call” overdue for 86 days", [text for text in texts if "overdue for" in text])

    def test_what_is_moved_was_missed(self):
        """The planner keeps until when a follow-up was overdue that it gives another day."""
        customer = self.customers["Azure"]
        self.env.cr.execute(
            "UPDATE res_partner SET customer_tier_since = '2020-01-01', customer_segment_since = '2020-01-01' WHERE id = %s",
            (customer.id,))
        self.env.invalidate_all()
        with self._on('2026-01-05'):
            customer.customer_cadence_id = self.cadence
        followup = self._open(customer)
        with self._on('2026-04-20'):
            limit = followup.date_limit
            self.assertLess(limit.isoformat(), '2026-04-20')
            followup.with_user(self.anna)._move(date(2026, 5, 4), self.reason)
        self.assertEqual([entry['limit'] for entry in followup.missed], [limit.isoformat()])
        self.assertEqual(followup.missed[0]['until'], '2026-04-20')
        with self._on('2026-04-21'):
            followup.with_user(self.anna)._move(date(2026, 5, 8), self.reason)
        self.assertEqual(len(followup.missed), 1, "it was not overdue meanwhile")

    def test_measured_over_the_days_until_then(self):
        """A strategy that ran stands where it stood, by what had happened by the end of the month."""
        customer = self.customers["Azure"]
        strategy = self._running(customer, grade=self.fair, attainment=70)
        strategy.kpi_ids = [Command.create({'kpi_id': self.measured.id, 'target': 9})]
        for day in ('2026-03-10', '2026-03-20'):
            with self._on(day):
                self._order(customer, 100, day)
        with self._on(TODAY):
            self.env['customer.strategy.measurer']._measure(strategy)
            before = self._findings(TODAY)[0]
        for day in ('2026-04-07', '2026-04-08', '2026-04-09'):
            with self._on(day):
                self._order(customer, 100, day)
                self._order(customer, 100, day)
        with self._on('2026-04-10'):
            self.env['customer.strategy.measurer']._measure(strategy)
        self.assertGreater(strategy.kpi_ids.actual, 4)
        after = self._findings(LATER)[0]
        for topic in ('effect_good', 'effect_poor', 'kpi_over'):
            self.assertEqual(after.get(topic), before.get(topic), topic)
        self.assertTrue({'effect_good', 'effect_poor'} & before.keys())
