"""K5: what was cancelled and is there again is what it was; what was away for long counts from the return (CAD-4, CAD-8)."""
from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.fields import Domain

from ..common import CustomerCase


class TestAgain(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rhythm = cls._cadence(
            "Rhythm", {'name': "Visit", 'channel_id': cls.visit.id, 'interval_count': 3, 'escalation_days': 5},
            {'name': "Mail", 'channel_id': cls.email.id, 'interval_count': 2},
            {'name': "Welcome", 'kind': 'event', 'event': 'managed', 'delay_count': 3, 'channel_id': cls.call.id},
            {'name': "Thanks", 'kind': 'event', 'event': 'order', 'delay_count': 2, 'channel_id': cls.call.id})
        cls.touch, cls.mail, cls.welcome, cls.thanks = cls.rhythm.step_ids
        with freeze_time('2026-03-01 12:00:00'):
            cls.customer = cls._customer(
                "Sun", customer_enrolment='auto', customer_cadence_id=cls.rhythm.id, email='sun@example.com')
            cls.order = cls._order(cls.customer, 50000)
            for event in cls._open(cls.customer).filtered('event_date'):
                cls._log(cls.customer, followup=event, feedback="Hello")
            cls._log(cls.customer, channel=cls.visit, feedback="First visit")
            cls._log(cls.customer, channel=cls.email, feedback="First mail")
            cls.person = cls.env['res.partner'].create({'name': "Li", 'parent_id': cls.customer.id})

    def _breaks(self):
        """Return the ways in which touchpoints cease to apply and apply again: functions by name."""
        customer, mail = self.customer, self.env['mail.blacklist']

        def set_back():
            self.order._action_cancel()

        def confirm():
            self.order.action_draft()
            self.order.action_confirm()

        def stop():
            self.env['customer.pause.wizard'].create({
                'partner_ids': [Command.set(customer.ids)], 'kind': 'stop', 'reason_id': self.reason.id}).action_apply()

        return {
            'order': (set_back, confirm),
            'archive': (customer.action_archive, customer.action_unarchive),
            'exclude': (customer.action_customer_exclude, lambda: customer.write({'customer_enrolment': 'auto'})),
            'stop': (stop, customer.action_customer_resume),
            'cadence': (self.rhythm.action_archive, self.rhythm.action_unarchive),
            'touchpoints': ((self.touch + self.mail).action_archive, (self.touch + self.mail).action_unarchive),
            'opt-out': (lambda: mail._add(customer.email), lambda: mail._remove(customer.email)),
        }

    def _events(self):
        return self.env['customer.followup'].search([
            ('partner_id', '=', self.customer.id), ('event_date', '!=', False), ('state', '!=', 'cancelled')])

    def _state(self, step):
        self.env['customer.planner']._work_queue()
        self.env.flush_all()
        self.env.invalidate_all()
        followup, customer = self._open(self.customer, step), self.customer
        return {
            'id': followup.id, 'day': followup.date_planned, 'limit': followup.date_limit, 'who': followup.user_id,
            'contact': followup.contact_id, 'reason': followup.reason_id, 'moves': followup.move_count,
            'since': customer.customer_managed_since, 'tier': customer.customer_tier_id,
            'tier since': customer.customer_tier_since, 'segment since': customer.customer_segment_since,
            'history': customer.customer_tier_change_ids.ids, 'segments': customer.customer_segment_change_ids.ids,
            'events': len(self._events()),
        }

    def test_cad_8_set_right_the_same_day(self):
        """CAD-4, CAD-8, PRO-1, SEG-1, K5: whatever ended by mistake and is there again the same day is exactly what it was: the
        agreed day, who it was given to, with whom, since when, and no second welcome or thanks."""
        with self._on('2026-05-20'):
            for step, channel in ((self.touch, self.visit), (self.mail, self.email)):
                followup = self._open(self.customer, step)
                followup._move(date(2026, 12, 15), self.reason, "agreed")
                followup._reassign(self.ben)
                followup.contact_id = self.person
                self.assertEqual(followup.channel_id, channel)
        for name, (away, back) in self._breaks().items():
            step = self.mail if name == 'opt-out' else self.touch
            with self.subTest(name), self._on('2026-11-28'):
                before = self._state(step)
                self.assertEqual((before['day'], before['who'], before['moves']), (date(2026, 12, 15), self.ben, 1))
                self.assertEqual((before['since'], before['events']), (date(2026, 3, 1), 2))
                away()
                self.assertFalse(self._state(step)['id'])
                back()
                self.assertEqual(self._state(step), before)

    def test_cad_8_overdue_stays_overdue(self):
        """CAD-4, K5: who excludes and enrols a customer on a day does not get rid of what is overdue."""
        with self._on('2026-11-28'):
            self.assertEqual(self._open(self.customer, self.touch).due_state, 'overdue')
            before = self._state(self.touch)
            self.customer.action_customer_exclude()
            self.customer.action_customer_enrol()
            self.assertEqual(self._state(self.touch), before)

    def test_cad_8_back_after_months(self):
        """CAD-4, CAD-8, K5: what came due while it did not apply counts from the return: not overdue by months, not escalated
        at once; and stays there. The next contact counts as ever."""
        for name, (away, back) in self._breaks().items():
            step, months = (self.mail, 2) if name == 'opt-out' else (self.touch, 3)
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                with self._on('2026-04-01'):
                    before = self._state(step)
                    away()
                    self.assertFalse(self._state(step)['id'])
                with self._on('2026-11-30'):
                    back()
                    after, followup = self._state(step), self._open(self.customer, step)
                    self.assertEqual(followup.date_anchor, date(2026, 11, 30))
                    self.assertEqual(followup.date_raw, fields.Date.add(date(2026, 11, 30), months=months))
                    self.assertEqual(followup.anchor_kind, 'back')
                    self.assertEqual((after['id'], after['since'], after['tier'], after['tier since'], after['events']),
                                     (before['id'], before['since'], before['tier'], before['tier since'], 2))
                    self._run_reminders()
                    self.assertFalse(followup.escalated or followup.activity_ids)
                with self._on('2026-12-08'):
                    self.env['customer.planner']._plan(self.customer.ids)
                    self.assertEqual(self._state(step)['day'], after['day'])
                    self._log(self.customer, channel=followup.channel_id)
                    self.assertEqual(self._open(self.customer, step).date_anchor, date(2026, 12, 8))
                savepoint.rollback()
                self.env.invalidate_all()

    def _run_reminders(self):
        reminder = self.env['customer.reminder']
        for domain, act in ((reminder._remind_domain(), reminder._remind),
                            (reminder._escalate_domain(), reminder._escalate_overdue)):
            act(self.env['customer.followup'].search(domain & Domain('partner_id', '=', self.customer.id)))

    def test_cad_8_agreed_day_after_a_long_break(self):
        """CAD-8, K5: an agreed day that lies ahead holds, however long contacts were stopped."""
        with self._on('2026-04-01'):
            self._open(self.customer, self.touch)._move(date(2026, 12, 15), self.reason, "agreed")
            self.customer.action_customer_exclude()
        with self._on('2026-11-30'):
            self.customer.action_customer_enrol()
            self.assertEqual(self._state(self.touch)['day'], date(2026, 12, 15))
        with self._on('2026-12-20'):
            self.env['customer.planner']._plan(self.customer.ids)
            self.assertEqual(self._state(self.touch)['day'], date(2026, 12, 15), "overdue by now, as agreed")

    def test_cad_8_never_had_it(self):
        """CAD-4, CAD-8, K5: nobody is overdue with what was never theirs to do: opted out from the beginning, or a cadence that
        was off when the customer came; and nobody is welcomed long after."""
        with self._on('2026-03-01'):
            self.env['mail.blacklist']._add('late@example.com')
            late = self._customer("Late", customer_cadence_id=self.rhythm.id, email='late@example.com')
            self.assertFalse(self._open(late, self.mail))
            self.rhythm.active = False
            new = self._customer("New", customer_cadence_id=self.rhythm.id)
            self.assertFalse(self._open(new, self.touch))
        with self._on('2026-11-30'):
            self.rhythm.active = True
            self.env['mail.blacklist']._remove('late@example.com')
            self.env['customer.planner']._work_queue()
            for partner, step in ((late, self.mail), (new, self.touch)):
                self.assertEqual(self._open(partner, step).date_anchor, date(2026, 11, 30), partner.name)
            self.assertFalse(self._open(new, self.welcome))

    def test_cad_8_promises_come_back(self):
        """CAD-8, K5: what was agreed with a customer is open again when contacts are resumed: on its day, or at once where that
        has passed."""
        with self._on('2026-04-01'):
            for day in (date(2026, 5, 4), date(2026, 12, 15)):
                self._log(self.customer, next_step=f"Send {day}", next_date=day)
            promises = self._open(self.customer).filtered(lambda followup: not followup.step_id)
            promises._reassign(self.ben)
            away, back = self._breaks()['stop']
            away()
            self.assertEqual(set(promises.mapped('state')), {'cancelled'})
        with self._on('2026-11-30'):
            back()
            self.env.invalidate_all()
            self.assertEqual(promises.mapped('date_planned'), [date(2026, 11, 30), date(2026, 12, 15)])
            self.assertEqual((set(promises.mapped('state')), promises.user_id), ({'planned'}, self.ben))

    def test_seg_1_tier_up_and_down_in_a_day(self):
        """SEG-1, CAD-4, K5: up and down in a day: the same tier since the same day, the agreed day stays, and the touch after
        the change of the tier is withdrawn."""
        with self._on('2026-03-02'):
            self.customer.customer_cadence_id = False
            change = self.env['customer.cadence.step'].create({
                'cadence_id': self.env.ref('customer_success.customer_cadence_high').id, 'name': "Congratulate",
                'kind': 'event', 'event': 'tier', 'delay_count': 4, 'channel_id': self.call.id, 'date_start': '2020-01-01'})
            self.customer._set_tier_by_hand(self.tier_mid, "Test")
        with self._on('2026-03-05'):
            survey = self._open(self.customer).filtered(lambda followup: followup.channel_id == self.survey)
            survey._move(date(2026, 5, 7), self.reason, "agreed")
        with self._on('2026-03-20'):
            before = self._state(survey.step_id)
            self.customer._set_tier_by_hand(self.tier_high, "Up")
            self.env['customer.planner']._work_queue()
            self.assertTrue(self._open(self.customer, change))
            self.customer._set_tier_by_hand(self.tier_mid, "Down")
            after = self._state(survey.step_id)
            self.assertFalse(self._open(self.customer, change))
        for key in ('id', 'day', 'tier', 'tier since', 'segment since', 'moves'):
            self.assertEqual(after[key], before[key], key)
        self.assertLess(after['tier since'], date(2026, 3, 3))

    def test_seg_1_rank_goes_on_after_a_break(self):
        """SEG-1, K5: a customer that comes back has the tier that it had, since then, and the history says so."""
        # whatever it has among the customers of the demo data, it gets another one
        tier = self.tier_mid if self.customer.customer_tier_id == self.tier_high else self.tier_high
        with self._on('2026-03-10'):
            self.customer._set_tier_by_hand(tier, "Test")
        with self._on('2026-04-01'):
            self.customer.action_customer_exclude()
        with self._on('2026-06-01'):
            self.customer.action_customer_enrol()
        self.assertEqual(
            (self.customer.customer_tier_id, self.customer.customer_tier_since), (tier, date(2026, 3, 10)))
        self.assertEqual(
            [(change.date, change.cause) for change in self.customer.customer_tier_change_ids.sorted('id')][-2:],
            [(date(2026, 4, 1), 'left'), (date(2026, 6, 1), 'back')])

    def test_cad_1_same_order_is_thanked_for_once(self):
        """CAD-1, K5: an order that is set back with its thanks still open, and confirmed again, is thanked for once; another
        order is thanked for on its own."""
        other = self._customer("Moon", customer_enrolment='auto', customer_cadence_id=self.rhythm.id)
        with self._on('2026-06-01'):
            order = self._order(other, 100)
            thanks = self._open(other, self.thanks)
            self.assertEqual(thanks.date_planned, date(2026, 6, 3))
        with self._on('2026-06-02'):
            order._action_cancel()
            self.assertFalse(self._open(other, self.thanks))
            order.action_draft()
            order.action_confirm()
            self.assertEqual(self._open(other, self.thanks), thanks)
            self.assertEqual(thanks.date_planned, date(2026, 6, 3))
            self._log(other, followup=thanks)
        with self._on('2026-06-20'):
            order._action_cancel()
            order.action_draft()
            order.action_confirm()
            self.env['customer.ranking']._rank(other.ids)
            self.assertFalse(self._open(other, self.thanks))
        with self._on('2026-07-01'):
            self._order(other, 50)
            self.assertEqual(self._open(other, self.thanks).event_date, date(2026, 7, 1))

    def test_cad_1_own_cadence_since(self):
        """CAD-1, K5: writing the cadence that a customer has does not begin it anew."""
        values = {'customer_cadence_id': self.rhythm.id}
        with self._on('2026-04-01'):
            self.customer.write(values)
        self.assertEqual(values, {'customer_cadence_id': self.rhythm.id})
        self.assertEqual(self.customer.customer_cadence_since, date(2026, 3, 1))
        with self._on('2026-04-02'):
            self.customer.customer_cadence_id = self.cadence
        self.assertEqual(self.customer.customer_cadence_since, date(2026, 4, 2))
