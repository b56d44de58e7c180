"""CAD-10: before a cadence sends by itself, what it would send to whom is shown; the first round is spread."""
from collections import Counter
from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from ...engine.schedule import Interval, spread
from ..common import CustomerCase


class SwitchCase(CustomerCase):
    """Nine customers on a cadence that could send letters by itself; one has no address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env['mail.template'].create({
            'name': "Letter", 'model_id': cls.env['ir.model']._get_id('customer.followup'),
            'subject': "To {{ object.contact_id.name }}",
            'body_html': """<p>Dear <t t-out="object.contact_id.name"/> of <t t-out="object.partner_id.name"/>,
                all the best, <t t-out="object.user_id.name"/></p>"""})
        cls.rhythm = cls._cadence(
            "By itself",
            {'name': "Letter", 'channel_id': cls.email.id, 'mail_template_id': cls.template.id, 'interval_count': 2,
             'interval_unit': 'week'},
            {'name': "Word", 'channel_id': cls.sms.id}, {'name': "Talk", 'channel_id': cls.call.id})
        cls.letter, cls.word, cls.talk = cls.rhythm.step_ids
        cls.customers = cls.env['res.partner'].create([{
            'name': f"Customer {number}", 'is_company': True, 'user_id': cls.anna.id, 'customer_enrolment': 'enrolled',
            'customer_cadence_id': cls.rhythm.id,
            'child_ids': [Command.create({
                'name': f"Person {number}", 'email': f'p{number}@example.com' if number < 8 else False})],
        } for number in range(9)])

    def _dry_run(self, user=None):
        return Form(self.env['customer.cadence.dry.run'].with_user(user or self.mara).with_context(
            default_cadence_id=self.rhythm.id))


class TestAutomaticSwitch(SwitchCase):

    def test_what_is_shown(self):
        """The message as this customer would read it, with its days; how many messages a week; what is missing for the rest."""
        before = self.env['mail.mail'].search_count([]), self.env['customer.followup'].search_count([])
        form = self._dry_run()
        form.partner_id = self.customers[3]
        self.assertEqual(form.step_ids[:], self.letter)
        self.assertIn("Dear Person 3 of Customer 3", form.letters)
        self.assertIn("To Person 3", form.letters)
        self.assertIn("all the best, Anna", form.letters)
        self.assertIn("Letter: about 4 a week, to 8 customers. At 1 more nobody may be written to", form.volume)
        self.assertIn("Word: choose the template", form.unable)
        self.assertNotIn("Talk", form.unable)
        form.partner_id = self.customers[8]
        self.assertIn("Person 8: no email address", form.letters)
        form.save()
        self.assertEqual(before, (
            self.env['mail.mail'].search_count([]), self.env['customer.followup'].search_count([])), "nothing was kept")

    def test_touches_after_events(self):
        """CAD-3, CAD-10: touches after an event are foreseen as if it happened now, by their own clocks: hours, days, working
        days, and after another touchpoint; the planner plans the same when it does happen."""
        def step(name, **vals):
            return {
                'name': name, 'kind': 'event', 'event': 'tier', 'channel_id': self.email.id, 'date_start': '2027-01-01', **vals}

        with self._on('2027-03-05', 9):  # a Friday
            rhythm = self._cadence(
                "Welcome", step("Hours", delay_count=2, delay_unit='hour'), step("Days", delay_count=4),
                step("Worked", delay_count=2, delay_clock='work'), step("Hours of work", delay_count=10, delay_unit='hour',
                                                                        delay_clock='work'))
            other = rhythm.step_ids[1]
            self.env['customer.cadence.step'].create({
                **step("Then", delay_count=1), 'event': 'step', 'after_step_id': other.id, 'cadence_id': rhythm.id})
            customer = self.customers[0]
            wizard = self.env['customer.cadence.dry.run'].with_user(self.mara).create({
                'cadence_id': rhythm.id, 'partner_id': customer.id})
            foreseen = {line.step_id.name: line.date for line in wizard.line_ids}
            self.assertEqual(foreseen, {
                "Hours": date(2027, 3, 5), "Days": date(2027, 3, 9), "Worked": date(2027, 3, 9),
                "Hours of work": date(2027, 3, 8), "Then": date(2027, 3, 10)})
            self.assertEqual(
                {line.after for line in wizard.line_ids if line.step_id.name in ("Hours", "Then")},
                {"2 hours after: Changes its tier", "1 day after: Days"})
            customer.customer_cadence_id = rhythm
            customer.customer_tier_manual_id = customer.customer_tier_manual_reason = False
            self.env['customer.planner']._plan(customer.ids)
        self.template.subject = "{{ 1 / (object.partner_id.name != 'Customer 4') }}"
        form = self._dry_run()
        form.partner_id = self.customers[4]
        self.assertIn("division by zero", form.letters)

    def test_switch(self):
        """Only whoever keeps cadences switches it; what is not chosen is done by people."""
        for user, error in ((self.anna, AccessError), (self.lena, AccessError)):
            form = self._dry_run(user)
            self.assertFalse(form.may_switch)
            with self.assertRaises(error):
                form.save().action_switch()
        today = date.today()
        self._dry_run().save().action_switch()
        self.assertEqual(self.rhythm.step_ids.mapped('automatic'), [True, False, False])
        self.assertEqual((self.letter.spread_from, self.word.spread_from), (today, False))
        wizard = self._dry_run().save()
        wizard.step_ids = False
        wizard.action_switch()
        self.assertFalse(self.letter.automatic)
        wizard = self._dry_run().save()
        wizard.step_ids = self.talk
        with self.assertRaisesRegex(UserError, "Talk can't be sent by itself: only emails and text messages"):
            wizard.action_switch()

    def test_reminders_go(self):
        """Who was reminded of what leaves by itself from now on has nothing to do any more."""
        followup = self._open(self.customers[2], self.letter)
        with self._on(str(followup.date_planned)):
            self._run_cron('remind')
            self.assertTrue(followup.activity_ids)
            self.letter.automatic = True
            self.assertFalse(followup.activity_ids)
            self.assertFalse(followup.reminded)
            self.letter.automatic = False
            self._run_cron('remind')
            self.assertTrue(followup.activity_ids, "a person does it again")

    def test_archived_cadence(self):
        """A cadence that sends by itself is switched on after somebody has read what and how much it sends."""
        self.letter.automatic = True
        self.assertIn("0 messages in the queue do not leave", self.rhythm.customer_archiving(False))
        self.rhythm.active = False
        self.assertIn("about 4 a week", self.rhythm.customer_archiving(True))
        self.assertIn("about 4 a week", self._dry_run().volume)
        self.assertEqual(self.rhythm.with_user(self.mara).action_switch_on()['res_model'], 'customer.cadence.dry.run')
        self.assertFalse(self.rhythm.active)
        with self.assertRaises(AccessError):
            self._dry_run(self.anna).save().action_switch_on_cadence()
        self._dry_run().save().action_switch_on_cadence()
        self.assertTrue(self.rhythm.active)
        self.letter.automatic = self.rhythm.active = False
        self.rhythm.with_user(self.mara).action_switch_on()
        self.assertTrue(self.rhythm.active, "nothing is sent by itself")

    def test_the_only_channel_is_forbidden(self):
        """Bad input: who opted out of the only channel is left alone, and the customer and the run say so."""
        (self.word + self.talk).active = False
        customer = self.customers[3]
        customer.email = 'office@example.com'
        self.env['mail.blacklist']._add('office@example.com')
        self.assertFalse(self._open(customer))
        told = customer.with_user(self.anna).get_customer_relationship()['cadence']
        self.assertIn("Not planned, because the customer opted out of the channel and the touchpoint has no other: Letter.", told)
        self.assertIn("opted out of: 1", self.env['customer.sender']._describe_run(Counter()))
        self.letter.fallback_channel_id = self.call
        self.assertNotIn("Not planned", customer.get_customer_relationship()['cadence'])

    def test_first_round_is_spread(self):
        """Everybody due on one day is due over one interval; always the same day for the same customer; the second round counts
        from the contact."""
        with self._on('2027-03-01'):
            rhythm = self._cadence("Many", {
                'name': "Call", 'channel_id': self.call.id, 'interval_count': 4, 'interval_unit': 'week',
                'spread_from': '2027-03-01'})
            step = rhythm.step_ids
            many = self.env['res.partner'].create([{
                'name': f"Many {number}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled',
                'customer_cadence_id': rhythm.id} for number in range(280)])
            self.env['customer.planner']._work_queue()
            raw = {followup.partner_id.id: followup.date_raw for followup in many.customer_followup_ids}
            self.assertEqual(len(raw), 280)
            for partner_id, day in raw.items():
                self.assertEqual(day, spread(date(2027, 3, 1), Interval(4, 'week'), partner_id, step.id))
            days = Counter(raw.values())
            self.assertEqual((min(days), max(days)), (date(2027, 3, 2), date(2027, 3, 29)))
            self.assertEqual(len(days), 28)
            self.assertLessEqual(max(days.values()), 12, "10 a day")
            self.env['customer.planner']._plan(many.ids)
            self.assertEqual(raw, {followup.partner_id.id: followup.date_raw for followup in many.customer_followup_ids})
        with self._on('2027-03-10'):
            self._log(many[0])
            self.assertEqual(self._open(many[0]).date_raw, date(2027, 4, 7))

    def test_what_is_overdue_is_spread(self):
        """Who was due long before the round begins gets a day of it, too; who is due later keeps the day."""
        with self._on('2027-01-04'):
            old, recent = self.customers[:2]
            self._log(old, self.email)
        with self._on('2027-02-25'):
            self._log(recent, self.email)
        with self._on('2027-03-01'):
            self.assertEqual(self._open(old, self.letter).date_raw, date(2027, 1, 18))
            self.letter.spread_from = '2027-03-01'
            expected = spread(date(2027, 3, 1), Interval(2, 'week'), old.id, self.letter.id)
            self.assertEqual(self._open(old, self.letter).date_raw, expected)
            self.assertEqual(self._open(recent, self.letter).date_raw, date(2027, 3, 11))
            wizard = self.env['customer.cadence.dry.run'].create({'cadence_id': self.rhythm.id, 'partner_id': old.id})
            self.assertIn(expected, wizard.line_ids.filtered(lambda line: line.step_id == self.letter).mapped(
                lambda line: line.date_raw or line.date))
            self.letter.spread_from = False
            self.assertEqual(self._open(old, self.letter).date_raw, date(2027, 1, 18))

    def test_spread_days(self):
        """Each day of the interval, none before or after it, and evenly, whatever numbers lie between two customers."""
        for interval in (Interval(2, 'week'), Interval(1, 'month'), Interval(3, 'month'), Interval(1, 'year')):
            for gap in (1, 2, 3, 7, 28):
                begins = date(2027, 1, 31)
                length = (interval.after(begins) - begins).days
                days = Counter(spread(begins, interval, 5000 + gap * number, 7) for number in range(10 * length))
                self.assertEqual(set(days), {begins + timedelta(days=number + 1) for number in range(length)})
                self.assertLessEqual(max(days.values()), 14, (interval, gap))

    def test_shipped_texts_are_there(self):
        """CAD-3: the shipped cadences of mid and low value can be switched on as they are."""
        for name in ('mid', 'low'):
            cadence = self.env.ref(f'customer_success.customer_cadence_{name}')
            self.rhythm = cadence
            customer = self._customer(f"{name} value", customer_cadence_id=cadence.id, child_ids=[
                Command.create({'name': "Wei", 'email': 'wei@example.com', 'phone': '+86 10 8888 7777'})])
            self.assertFalse(any(cadence.step_ids.mapped('automatic')))
            form = self._dry_run()
            form.partner_id = customer
            self.assertTrue(form.step_ids[:], form.unable)
            self.assertIn("Dear Wei", form.letters)
            self.assertNotIn("text-danger", form.letters)


@tagged('post_install', '-at_install')
class TestAutomaticTour(HttpCase, SwitchCase):

    def test_cad_10_switch_on_tour(self):
        """CAD-10, in a real browser: read what a cadence would send, and switch it on."""
        self.start_tour(f'/odoo/customer-cadences/{self.rhythm.id}', 'customer_success_automatic', login='mara')
        self.env.invalidate_all()
        self.assertEqual(self.rhythm.step_ids.mapped('automatic'), [True, False, False])
        self.assertTrue(self.letter.spread_from)
