"""STR-5: the meeting of a review, and what comes of its decisions."""
from datetime import datetime

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .review_common import ReviewCase


class TestReviewMeeting(ReviewCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.azure = cls._old_customer("Azure")
        cls.today = fields.Date.context_today(cls.env['res.partner'].with_user(cls.anna))
        cls.at = datetime.combine(fields.Date.add(cls.today, days=7), datetime.min.time()).replace(hour=10)
        cls.review = cls.env['customer.review'].with_user(cls.mara).create({
            'kind': 'quarterly', 'scope': 'company', 'user_id': cls.mara.id, 'agenda': "<p>Look at the figures</p>",
            'meeting_at': cls.at, 'meeting_hours': 1.5, 'attendee_ids': [Command.set((cls.anna + cls.otto).ids)]})

    def _decision(self, **vals):
        return self.env['customer.review.decision'].with_user(self.anna).create({
            'review_id': self.review.id, 'name': "Offer a trial", 'partner_id': self.azure.id, **vals})

    def test_str_5_invite(self):
        """STR-5: one click puts the meeting into the calendars and invites people, with the agenda and both links."""
        self.review.action_schedule()
        event = self.review.event_id
        self.assertRecordValues(event, [{
            'start': self.at, 'stop': self.at.replace(hour=11, minute=30), 'user_id': self.mara.id,
            'res_model': 'customer.review', 'res_id': self.review.id}])
        self.assertEqual(event.partner_ids, (self.mara + self.anna + self.otto).partner_id)
        self.assertIn("Look at the figures", event.description)
        self.assertIn(f'/odoo/customer-reviews/{self.review.id}', event.description)
        self.assertEqual(event.action_open_calendar_event()['res_id'], self.review.id)
        self.assertFalse(self.review.event_differs)
        self.review.action_schedule()
        self.assertEqual(self.review.event_id, event)

    def test_str_5_move(self):
        """STR-5: moved in the review it moves in the calendar on a click; moved in the calendar it moves in the review."""
        self.review.action_schedule()
        event = self.review.event_id
        self.review.write({'meeting_at': self.at.replace(hour=14), 'attendee_ids': [Command.link(self.ben.id)]})
        self.assertTrue(self.review.event_differs)
        self.review.action_schedule()
        self.assertEqual(event.start, self.at.replace(hour=14))
        self.assertIn(self.ben.partner_id, event.partner_ids)
        event.with_user(self.mara).write({'start': self.at.replace(hour=9), 'stop': self.at.replace(hour=10), 'duration': 1})
        self.assertRecordValues(self.review, [{'meeting_at': self.at.replace(hour=9), 'meeting_hours': 1}])
        self.assertFalse(self.review.event_differs)

    def test_str_5_deleted_meeting(self):
        """STR-5: a meeting that was deleted from the calendar can be scheduled again."""
        self.review.action_schedule()
        self.review.event_id.unlink()
        self.review.action_schedule()
        self.assertTrue(self.review.event_id)
        self.review.event_id.active = False
        self.review.action_schedule()
        self.assertTrue(self.review.event_id.active)

    def test_str_5_done_closes_the_task(self):
        """STR-5: with the review its meeting is no task any more."""
        self.review.action_schedule()
        self.assertTrue(self.review.activity_ids)
        self.review.action_done()
        self.assertFalse(self.review.activity_ids)
        self.assertTrue(self.review.event_id)

    def test_str_5_nothing_to_schedule(self):
        """STR-5: without a time nobody is invited."""
        self.review.meeting_at = False
        with self.assertRaisesRegex(UserError, "when the meeting takes place"):
            self.review.action_schedule()

    def test_str_5_decision_becomes_a_followup(self):
        """STR-5: a decision becomes a follow-up of the customer, an agreed next step, once."""
        day = fields.Date.add(self.today, days=5)
        decision = self._decision(becomes='followup', date=day, user_id=self.otto.id)
        self.assertTrue(decision.is_open)
        action = decision.action_create()
        followup = decision.followup_id.sudo()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.followup', followup.id))
        self.assertRecordValues(followup, [{
            'partner_id': self.azure.id, 'name': "Offer a trial", 'date_planned': day, 'user_id': self.otto.id,
            'anchor_kind': 'promise', 'state': 'planned', 'channel_id': self.call.id}])
        decision.action_create()
        self.assertEqual(decision.followup_id.sudo(), followup)
        with self.assertRaisesRegex(UserError, "come of"):
            decision.name = "Something else"
        self.review.action_done()
        self.assertEqual(decision.action_open_result()['res_id'], followup.id)

    def test_str_5_decision_becomes_an_adjustment(self):
        """STR-5: a decision becomes a proposal to adjust the running strategy; without one it says so."""
        decision = self._decision(becomes='adjustment')
        with self.assertRaisesRegex(UserError, "no running strategy"):
            decision.action_create()
        strategy = self._running(self.azure)
        decision.action_create()
        self.assertRecordValues(decision.adjustment_id.sudo(), [{
            'strategy_id': strategy.id, 'origin': 'review', 'reason': "Offer a trial", 'state': 'draft',
            'origin_key': f'review:{decision.id}'}])

    def test_str_5_decisions_that_say_too_little(self):
        """STR-5: what is missing is said."""
        for vals, message in (
            ({'partner_id': False, 'becomes': 'followup', 'date': self.today}, "which customer"),
            ({'becomes': 'followup'}, "until when"),
            ({'becomes': 'followup', 'date': fields.Date.subtract(self.today, days=1)}, "to come"),
            ({'becomes': 'followup', 'date': self.today, 'channel_id': False}, "how the customer is contacted"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self._decision(**vals).action_create()
        self._decision().action_create()  # only noted

    def test_str_5_decisions_about_customers_of_others(self):
        """STR-5: in the own summary nothing is decided about customers of colleagues, nor carried over into another review."""
        ottos = self._old_customer("Ottos", user_id=self.otto.id)
        own = self._review()
        decision = self.env['customer.review.decision'].with_user(self.anna).create({
            'review_id': own.id, 'name': "Call", 'partner_id': ottos.id, 'becomes': 'followup', 'date': self.today})
        with self.assertRaises(AccessError):
            decision.action_create()
        with self.assertRaises(AccessError):
            decision.review_id = self.review
        with self.assertRaises(AccessError):
            decision.followup_id = False
        decision.with_user(self.mara).action_create()
        self.assertEqual(decision.sudo().followup_id.user_id, self.otto)

    def test_cad_1_event(self):
        """CAD-1: a touchpoint after a review that was held is planned for whom it was about, and for nobody else."""
        cadence = self._cadence("Value", {
            'name': "Tell what was decided", 'kind': 'event', 'event': 'review', 'delay_count': 3, 'channel_id': self.call.id})
        about, other = (self._customer(name, customer_cadence_id=cadence.id) for name in ("About", "Other"))
        self.review.decision_ids = [Command.create({'name': "New offer", 'partner_id': about.id})]
        self.assertFalse(self._open(about))
        self.review.action_done()
        self.assertEqual(self._open(about).event_date, self.review.done_on)
        self.assertFalse(self._open(other))
        self.review.action_reopen()
        self.assertFalse(self._open(about))
