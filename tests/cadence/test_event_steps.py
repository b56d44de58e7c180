"""CAD-1, LIF-1: touchpoints after an event: when, by which clock, and what becomes of them if nobody makes them."""
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..common import CustomerCase

DAY = timedelta(days=1)


class TestEventSteps(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.after = cls._cadence(
            "After signing", {'name': "Monthly", 'channel_id': cls.call.id},
            cls._after("Thank you", delay_count=1, delay_unit='hour', channel_id=cls.email.id))
        cls.thanks = cls.after.step_ids[1]
        cls.hours = cls.env['resource.calendar'].create({'name': "Nine to five", 'tz': 'UTC', 'company_id': cls.company.id})
        cls._work((9, 17))
        cls.resource = cls.env['resource.resource'].create({
            'name': "Anna", 'user_id': cls.anna.id, 'calendar_id': cls.hours.id})

    @classmethod
    def _after(cls, name, event='signing', **vals):
        return {'name': name, 'kind': 'event', 'event': event, 'delay_count': 0, 'channel_id': cls.call.id, **vals}

    @classmethod
    def _work(cls, *spans):
        """Let Anna work in these hours, Monday to Friday."""
        cls.hours.attendance_ids = [Command.clear()] + [
            Command.create({'name': "Work", 'dayofweek': str(day), 'hour_from': start, 'hour_to': end})
            for day in range(5) for start, end in spans]

    def _new(self, name="Signer", **vals):
        vals = {'customer_cadence_id': self.after.id, 'email': 'signer@example.com', **vals}
        return self._customer(name, **vals)

    def _sign(self, partner, day, hour=12, minute=0):
        """Return an order that is confirmed at a moment in UTC."""
        with self._on(day, hour) as clock:
            clock.tick(timedelta(minutes=minute))
            order = self.env['sale.order'].create({
                'partner_id': partner.id, 'order_line': [Command.create({
                    'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})]})
            order.action_confirm()
            self.env['customer.ranking']._rank(partner.ids)
        return order

    def _all(self, partner, step):
        return self.env['customer.followup'].search([('partner_id', '=', partner.id), ('step_id', '=', step.id)], order='id')

    def _made(self, partner, followup):
        record = self._log(partner, channel=followup.channel_id, followup=followup)
        self.assertEqual((record, record.state), (followup, 'done'))

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    def test_cad_1_dry_run(self):
        """CAD-1, CAD-10: touches after an event are foreseen as if it happened now, by their own clocks, and after another
        touchpoint; the planner plans the same when it does happen."""
        with self._on('2027-03-05', 12):  # a Friday
            cadence = self._cadence(
                "Welcome", self._after("Hours", delay_count=2, delay_unit='hour', channel_id=self.email.id),
                self._after("Days", delay_count=4), self._after("Working days", delay_count=2, delay_clock='work'),
                self._after("Working hours", delay_count=10, delay_unit='hour', delay_clock='work'))
            days = cadence.step_ids[1]
            self.env['customer.cadence.step'].create({
                **self._after("Then", 'step', delay_count=1), 'after_step_id': days.id, 'cadence_id': cadence.id})
            customer = self._new(customer_cadence_id=cadence.id)
            dry_run = self.env['customer.cadence.dry.run'].with_user(self.mara).create({
                'cadence_id': cadence.id, 'partner_id': customer.id})
            foreseen = {line.step_id.name: line.date for line in dry_run.line_ids}
            self.assertEqual(foreseen, {
                "Hours": date(2027, 3, 5), "Days": date(2027, 3, 9), "Working days": date(2027, 3, 9),
                "Working hours": date(2027, 3, 8), "Then": date(2027, 3, 10)})
            told = {line.step_id.name: line.after for line in dry_run.line_ids}
            self.assertEqual(told["Then"], "1 day after: Days")
            self.assertEqual(told["Working days"], "2 days of working time after: Signs: an order is confirmed or a lead won")
            self.assertEqual(
                [str(line.date_raw) for line in dry_run.line_ids if line.date_raw], [], "none of them had to move")
        self._sign(customer, '2027-03-05')
        planned = {followup.step_id.name: followup.date_planned for followup in self._open(customer, cadence.step_ids)}
        self.assertEqual(planned, {name: day for name, day in foreseen.items() if name != "Then"}, "that one waits")

    def test_lif_1_an_hour_later(self):
        """LIF-1, CAD-10: one hour after the order, to the minute; nothing is sent before, and the sender is woken then."""
        self.thanks.write({'automatic': True, 'mail_template_id': self.env['mail.template'].create({
            'name': "Thanks", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "Thank you"}).id})
        with self._on('2026-06-01', 9):
            customer = self._new(country_id=self.env.ref('base.uk').id)
        self._sign(customer, '2026-06-01', 11, 17)
        followup = self._open(customer, self.thanks)
        self.assertEqual(
            (followup.planned_at, followup.date_planned, followup.event_date),
            (datetime(2026, 6, 1, 12, 17), date(2026, 6, 1), date(2026, 6, 1)))
        trigger = self.env['ir.cron.trigger'].search([
            ('cron_id', '=', self.env.ref('customer_success.ir_cron_send').id), ('call_at', '=', '2026-06-01 12:17:00')])
        self.assertEqual(len(trigger), 1)
        for minute, due in ((16, False), (17, True)):
            with self._on('2026-06-01', 12) as clock:
                clock.tick(timedelta(minutes=minute))
                found = self.env['customer.followup'].search(self.env['customer.sender']._due_domain())
                self.assertEqual(followup in found, due, minute)
        self.assertIn("not before", followup.move_note)
        self.assertIn("1 hour after", followup.move_note)

    def test_lif_1_day_of_the_customer(self):
        """LIF-1: the day of a moment is that of the customer; moved off a weekend it is for that day from its beginning."""
        newyork = {'country_id': self.env.ref('base.us').id, 'state_id': self.env.ref('base.state_us_27').id}
        with self._on('2026-06-01'):
            customer, other = self._new(**newyork), self._new("Other", **newyork)
        self._sign(customer, '2026-06-02', 1)  # Monday evening there
        followup = self._open(customer, self.thanks)
        self.assertEqual((followup.planned_at, followup.date_planned), (datetime(2026, 6, 2, 2), date(2026, 6, 1)))
        self._sign(other, '2026-06-06')  # Saturday
        followup = self._open(other, self.thanks)
        self.assertEqual(followup.date_planned, date(2026, 6, 8))
        self.assertEqual(followup.planned_at, datetime(2026, 6, 8, 4), "midnight in New York, in summer")

    def test_cad_1_working_time(self):
        """CAD-1: waits that count in working time, against published and corrected examples of working clocks."""
        self.thanks.write({'delay_clock': 'work'})
        with self._on('2026-11-23', 1):
            customer = self._new()
        for number, (spans, signed, unit, count, due) in enumerate((
            (((8, 18),), datetime(2026, 11, 23, 17), 'hour', 4, datetime(2026, 11, 24, 11)),
            (((9, 17),), datetime(2026, 11, 27, 17), 'hour', 8, datetime(2026, 11, 30, 17)),
            (((9, 12), (13, 18)), datetime(2026, 12, 1, 11, 30), 'hour', 2, datetime(2026, 12, 1, 14, 30)),
            (((9, 12), (13, 18)), datetime(2026, 12, 2, 12, 15), 'minute', 60, datetime(2026, 12, 2, 14)),
        )):
            with self.subTest(number):
                self._work(*spans)
                self.thanks.write({'delay_unit': unit, 'delay_count': count})
                self._sign(customer, signed.date(), signed.hour, signed.minute)
                followup = self._open(customer, self.thanks).filtered(lambda f, at=signed: f.event_date == at.date())
                self.assertEqual((followup.planned_at, followup.date_planned), (due, due.date()))
        self.thanks.write({'delay_unit': 'day', 'delay_count': 3})
        self._sign(customer, '2026-12-10')  # Thursday: Friday, Monday, Tuesday
        followup = self._open(customer, self.thanks).filtered(lambda f: f.event_date == date(2026, 12, 10))
        self.assertEqual((followup.date_planned, followup.planned_at), (date(2026, 12, 15), False))

    def test_cad_1_moved_by_hand(self):
        """CAD-1: a day that a person chose is a day, without an hour."""
        with self._on('2026-06-01'):
            customer = self._new()
        self._sign(customer, '2026-06-01')
        with self._on('2026-06-01', 12):
            followup = self._open(customer, self.thanks)
            followup._move(date(2026, 6, 4), self.reason)
            self.assertEqual((followup.date_planned, followup.planned_at), (date(2026, 6, 4), False))

    # ------------------------------------------------------------
    # WHAT HAPPENED, AND WHAT DID NOT AFTER ALL
    # ------------------------------------------------------------

    def test_cad_1_each_order_its_own(self):
        """CAD-1: of two orders each has its follow-up; the one whose order is cancelled is withdrawn, in whatever order; what
        is set back and confirmed again is the same."""
        with self._on('2026-06-01'):
            customer = self._new()
        first, second = self._sign(customer, '2026-06-01'), self._sign(customer, '2026-06-03')
        opened = self._open(customer, self.thanks)
        self.assertEqual(opened.mapped('event_date'), [date(2026, 6, 1), date(2026, 6, 3)])
        with self._on('2026-06-04'):
            first._action_cancel()
            self.assertEqual(self._open(customer, self.thanks), opened[1])
            self.assertEqual((opened[0].state, opened[0].close_kind), ('cancelled', 'replanned'))
            first.action_draft()
            first.action_confirm()
            self.assertEqual(self._open(customer, self.thanks), opened)
            self._made(customer, opened[1])
            second._action_cancel()
            second.action_draft()
            second.action_confirm()
            self.assertEqual(self._open(customer, self.thanks), opened[0])
            self.assertEqual(len(self._all(customer, self.thanks)), 2)

    def test_cad_1_moved_back(self):
        """CAD-1: an event that is moved back is the same event: what is done is not done again, what is open is for the new
        day. An event of long ago plans nothing, whatever the customer's tier has become since."""
        with self._on('2026-06-01'):
            customer, other = self._new(), self._new("Other")
        done, moved = self._sign(customer, '2026-06-05'), self._sign(other, '2026-06-05')
        with self._on('2026-06-05', 14):
            self._made(customer, self._open(customer, self.thanks))
            for order in (done, moved):
                order.date_order = datetime(2026, 6, 3, 12)
            self.env['customer.ranking']._rank((customer + other).ids)
            self.env['customer.planner']._plan((customer + other).ids)
            self.assertFalse(self._open(customer, self.thanks))
            self.assertEqual(self._open(other, self.thanks).event_date, date(2026, 6, 3))
        with self._on('2026-06-06'):
            self._made(other, self._open(other, self.thanks))
        with self._on('2026-11-20'):
            late = self._new("Late", customer_cadence_id=False)
        self._sign(late, '2026-05-04')
        with self._on('2026-11-28'):
            late.customer_cadence_id = self.after
            (customer + late)._set_tier_by_hand(self.tier_high, "Test")
            self.env['customer.planner']._plan((customer + late).ids)
            self.assertFalse(self._open(customer, self.thanks) + self._open(late, self.thanks))

    def test_lif_1_won_lead(self):
        """LIF-1: a lead that is won is signed; its order is not signed once more, nor is a lead that is won again."""
        with self._on('2026-06-01'):
            customer = self._new()
            lead = self.env['crm.lead'].create({'name': "Deal", 'type': 'opportunity', 'partner_id': customer.id})
            self.assertFalse(self._open(customer, self.thanks))
            lead.action_set_won()
            followup = self._open(customer, self.thanks)
            self.assertEqual((followup.event_date, lead.customer_won_at), (date(2026, 6, 1), datetime(2026, 6, 1, 12)))
            lead.stage_id = self.env['crm.stage'].search([('is_won', '=', False)], limit=1)
            self.assertFalse(self._open(customer, self.thanks))
        with self._on('2026-06-02'):
            lead.action_set_won()
            self.assertEqual(self._open(customer, self.thanks), followup)
        with self._on('2026-06-03'):
            order = self.env['sale.order'].create({
                'partner_id': customer.id, 'opportunity_id': lead.id, 'order_line': [
                    Command.create({'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})]})
            order.action_confirm()
            self.assertEqual(self._open(customer, self.thanks), followup)
            self._made(customer, followup)
            self.assertFalse(self._open(customer, self.thanks))

    def test_cad_1_first_order(self):
        """CAD-1: the first order is welcomed, the second one is not."""
        self.thanks.event = 'first_order'
        with self._on('2026-06-01'):
            customer = self._new()
        self._sign(customer, '2026-06-01')
        self._sign(customer, '2026-06-03')
        self.assertEqual(self._open(customer, self.thanks).event_date, date(2026, 6, 1))

    def test_cad_1_switched_off(self):
        """CAD-1: what a cadence has open goes with it when it is switched off, and stays where the customer gets another one."""
        with self._on('2026-06-01'):
            customer = self._new()
        self._sign(customer, '2026-06-01')
        with self._on('2026-06-02'):
            followup = self._open(customer, self.thanks)
            customer.customer_cadence_id = self.cadence
            self.assertEqual(self._open(customer, self.thanks), followup)
            customer.user_id = self.ben
            self.assertEqual(followup.user_id, self.ben)
            self.after.active = False
            self.assertFalse(self._open(customer, self.thanks))
            self.after.active = True
            self.assertFalse(self._open(customer, self.thanks), "the customer has another cadence by now")

    # ------------------------------------------------------------
    # EVERY WAIT HAS AN END
    # ------------------------------------------------------------

    def test_cad_1_nobody_did_it(self):
        """CAD-1: what nobody made by its latest day is escalated, given to somebody, or cancelled; nothing hangs for ever, and
        what was cancelled for that does not come back."""
        for on_timeout in ('escalate', 'give', 'cancel'):
            self.thanks.write({
                'on_timeout': on_timeout, 'timeout_user_id': self.ben.id, 'grace_days': 3, 'escalation_days': 0})
            with self.subTest(on_timeout):
                with self._on('2026-06-01'):
                    customer = self._new(on_timeout)
                self._sign(customer, '2026-06-01')
                followup = self._open(customer, self.thanks)
                self.assertEqual((followup.date_limit, followup.date_escalate), (date(2026, 6, 4), date(2026, 6, 5)))
                for day in ('2026-06-04', '2026-06-05', '2026-06-06'):
                    with self._on(day):
                        reminder = self.env['customer.reminder']
                        reminder._escalate_overdue(self.env['customer.followup'].search(reminder._escalate_domain()))
                        self.env['customer.planner']._plan(customer.ids)
                        late = day > '2026-06-04'
                        told = self.env['mail.activity'].search_count([
                            ('res_model', '=', 'customer.followup'), ('res_id', '=', followup.id),
                            ('user_id', '=', self.lena.id)])
                        self.assertEqual(
                            (followup.state, followup.close_kind, followup.user_id, told),
                            ('cancelled', 'timeout', self.anna, 0) if late and on_timeout == 'cancel' else
                            ('planned', False, self.ben, 0) if late and on_timeout == 'give' else
                            ('planned', False, self.anna, int(late)))
                self.assertEqual(len(self._all(customer, self.thanks)), 1)

    def _chain(self, **vals):
        """Return a touchpoint that waits for the thank-you."""
        return self.env['customer.cadence.step'].create({
            'cadence_id': self.after.id, 'date_start': '2020-01-01', **self._after(
                "Call", event='step', after_step_id=self.thanks.id, delay_count=2, grace_days=5, wait_days=4, **vals)})

    def test_cad_1_one_after_the_other(self):
        """CAD-1: a touchpoint waits until another is done or skipped, and no longer than it says; taken back is all of it."""
        call = self._chain()
        self.thanks.grace_days = 3
        with self._on('2026-06-01'):
            done, skipped, waiting = self._new("Done"), self._new("Skipped"), self._new("Waiting")
        order = self._sign(done, '2026-06-01')
        self._sign(skipped, '2026-06-01')
        self._sign(waiting, '2026-06-01')
        self.assertFalse(self._open(done, call) + self._open(skipped, call) + self._open(waiting, call))
        with self._on('2026-06-02'):
            self._made(done, self._open(done, self.thanks))
            self.assertEqual(self._open(done, call).date_raw, date(2026, 6, 4))
            self._open(skipped, self.thanks)._skip(self.reason)
            self.assertEqual(self._open(skipped, call).date_raw, date(2026, 6, 4))
        with self._on('2026-06-03'):
            followup = self._open(done, call)
            order._action_cancel()
            self.assertFalse(self._open(done, call), "what was signed was not, after all")
            order.action_draft()
            order.action_confirm()
            self.assertEqual(self._open(done, call), followup)
        for day, starts in (('2026-06-08', False), ('2026-06-09', True)):  # latest on 4 June, and 4 days
            with self._on(day):
                self.env['customer.plan.request']._claim(1000)
                self.env['customer.planner']._request_missing()
                self.env['customer.planner']._work_queue()
                self.assertEqual(bool(self._open(waiting, call)), starts, day)
        followup = self._open(waiting, call)
        self.assertEqual((followup.date_raw, followup.event_date), (date(2026, 6, 11), date(2026, 6, 1)))
        with self._on('2026-06-10'):
            self._made(waiting, self._open(waiting, self.thanks))
            self.assertEqual(self._open(waiting, call), followup)
            self._made(waiting, followup)
            self.assertEqual(len(self._all(waiting, call)), 1)

    def test_cad_1_left_out(self):
        """CAD-1: a touchpoint that is left out when the other is not done in time is left out, also when it is done later."""
        call = self._chain(on_wait='drop')
        self.thanks.grace_days = 3
        with self._on('2026-06-01'):
            customer = self._new()
        self._sign(customer, '2026-06-01')
        with self._on('2026-06-09'):
            self.env['customer.planner']._plan(customer.ids)
            self.assertFalse(self._open(customer, call))
            self._made(customer, self._open(customer, self.thanks))
            self.assertFalse(self._open(customer, call))

    def test_cad_1_waits_for_each_other(self):
        """CAD-1: touchpoints that wait for each other, for a recurring one or for nothing are refused, with what to do."""
        call = self._chain()
        other = self.env['customer.cadence.step'].create({'cadence_id': self.cadence.id, **self._after("Other")})
        for step, values, message in (
            (self.thanks, {'event': 'step', 'after_step_id': call.id},
             "wait for each other, so none would ever begin: Thank you, Call"),
            (call, {'after_step_id': self.after.step_ids[0].id}, "a recurring one is never over"),
            (call, {'after_step_id': other.id}, "of the same cadence"),
            (call, {'after_step_id': False}, "choose the touchpoint that it waits for"),
            (self.thanks, {'kind': 'recurring'}, "Call waits for Thank you: a recurring"),
            (call, {'on_timeout': 'give'}, "to whom it is given"),
            (call, {'delay_unit': 'day', 'delay_count': 4000}, "more than ten years"),
        ):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                step.write(values)
        with self._refused("a wait that is not negative"):
            call.delay_count = -1

    def test_cad_1_copied(self):
        """CAD-1: the touchpoints of a copied cadence wait for each other, not for those of the original."""
        call = self._chain()
        copied = self.after.copy({'name': "Copy"})
        self.assertEqual(copied.step_ids.after_step_id, copied.step_ids.filtered(lambda step: step.name == "Thank you"))
        self.assertEqual(call.after_step_id, self.thanks)

    def test_cad_1_beside(self):
        """CAD-1: a cadence that runs beside the others is for nobody by itself, and nobody's default."""
        self.after.is_beside = True
        for values in ({'is_default': True}, {'tier_ids': self.tier_high.ids}):
            with self.assertRaisesRegex(ValidationError, "runs beside the others"), self.env.cr.savepoint():
                self.after.write(values)
        customer = self._new(customer_cadence_id=False)
        with self._as_beside(customer):
            self.env['customer.planner']._plan(customer.ids)
            self.assertEqual(self._open(customer, self.after.step_ids[0]).cadence_id, self.after)
            self.assertIn(customer.id, self.after._followers())
            self.assertEqual(self.after.customer_count, 1)
            self.assertGreater(len(self._open(customer)), 1, "its own cadence goes on")
            self._open(customer, self.after.step_ids[0])._mark_cancelled('person', "")
            self.env['customer.planner']._request_missing()
            self.env['customer.planner']._work_queue()
            self.assertTrue(self._open(customer, self.after.step_ids[0]))
        self.env['customer.planner']._plan(customer.ids)
        self.assertFalse(self._open(customer, self.after.step_ids[0]))

    @contextmanager
    def _as_beside(self, customer):
        """Let a customer follow the cadence beside its own, as higher wings do."""
        follows = SQL("SELECT %s AS partner_id, %s AS cadence_id, '2026-01-01'::date AS since", customer.id, self.after.id)
        with patch.object(self.env.registry['customer.planner'], '_beside', lambda *args: [follows]):
            self.after.invalidate_recordset(['customer_count'])
            yield

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_cad_1_events_and_labels(self):
        """CAD-1: each event that can be chosen has its SQL, and each that has one can be chosen; all of them work."""
        events = self.env['customer.cadence.event']
        names = set(dict(self.env['customer.cadence.step']._fields['event']._description_selection(self.env)))
        self.assertEqual(names - {'step'}, set(events._events()))
        customer = self._new()
        for name in sorted(names - {'step'}):
            with self.subTest(name):
                self.thanks.event = name
                self.assertIn(name, events._awaited().events)
                self.env['customer.planner']._plan(customer.ids)
        self.after.active = False
        self.assertNotIn(name, events._awaited().events)

    def test_cad_1_delay_days(self):
        """CAD-1: files and programs of earlier versions, which write days, are understood."""
        step = self.env['customer.cadence.step'].create({
            'cadence_id': self.after.id, 'name': "Days", 'kind': 'event', 'event': 'order', 'delay_days': 5,
            'channel_id': self.call.id})
        self.assertEqual((step.delay_count, step.delay_unit, step.cycle), (5, 'day', "5 days after: Orders"))
        at_once = step.copy({'delay_days': 0})
        self.assertEqual((at_once.delay_count, at_once.delay_unit), (0, 'day'))
        self.assertEqual(self.thanks.delay_days, 0, "an hour")
        self.thanks.delay_days = 2
        self.assertEqual((self.thanks.delay_count, self.thanks.delay_unit), (2, 'day'))

    def test_cad_1_preview(self):
        """CAD-1: what an edit of a touchpoint after an event would do is shown before it is saved; a new event as well."""
        with self._on('2026-06-01'):
            customer = self._new()
        self._sign(customer, '2026-06-01')
        with self._on('2026-06-01', 13):
            before = self._open(customer)
            with self.env.cr.savepoint() as savepoint:
                self.thanks.flush_recordset()
                edits = {self.thanks.id: {'delay_unit': 'day', 'delay_count': 4}, -1: {
                    **self.after._preview_row(self.thanks), 'event': 'managed', 'delay_unit': 'day', 'delay_count': 1}}
                edits[-1].pop('alternative_channel_ids')
                old, new = self.after._preview_plans(edits, customer.ids)
                savepoint.rollback()
            self.assertEqual(len(new), len(old) + 1)
            key = customer.id, self.thanks.id, date(2026, 6, 1)
            self.assertEqual((old[key][0], new[key][0]), (date(2026, 6, 1), date(2026, 6, 5)))
            self.assertEqual(self._open(customer), before)
