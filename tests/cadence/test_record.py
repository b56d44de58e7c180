"""CAD-6: a record within 24 hours, meetings that ask for theirs, and what counts as a contact by itself."""
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ...models.base.customer_fact import Span
from ..common import CustomerCase


class RecordCase(CustomerCase):
    """Monday, 2 March 2026, at noon: Anna looks after a customer with two people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime(2026, 3, 2, 12), tick=False)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env['customer.meeting'].search([]).unlink()
        cls.env['customer.contact.rule'].search([]).active = False
        parameters = cls.env['ir.config_parameter']
        parameters.set_param('customer_success.meetings_since', '2026-01-01 00:00:00')
        with freeze_time('2026-02-10 12:00:00'):
            cls.customer = cls._customer(
                "Northern Mill", customer_cadence_id=cls.cadence.id, country_id=cls.env.ref('base.de').id)
        cls.ann, cls.bob = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': f'{name.lower()}@mill.example.com'} for name in ("Ann", "Bob")])
        cls.env['customer.planner']._work_queue()
        cls.finder = cls.env['customer.contact.finder']

    @classmethod
    def _meeting(cls, user=None, people=None, states=None, **vals):
        """Return a meeting of this morning with Ann, who has accepted."""
        user = user or cls.anna
        people = cls.ann if people is None else people
        event = cls.env['calendar.event'].with_user(user).with_context(no_mail_to_attendees=True).create({
            'name': "Yearly review", 'start': '2026-03-02 07:00:00', 'stop': '2026-03-02 08:00:00',
            'partner_ids': [Command.set((people + user.partner_id).ids)], **vals})
        for attendee in event.sudo().attendee_ids:
            attendee.state = (states or {}).get(attendee.partner_id, 'accepted')
        cls.env.flush_all()
        return event.with_env(cls.env)

    def _find(self, at='2026-03-02 12:00:00'):
        """Let the scheduled action run."""
        with freeze_time(at):
            self._run_cron('record')

    def _asked(self, event=None):
        """Return the open questions, of one meeting if given."""
        domain = [('state', '=', 'asked')] + ([('event_id', '=', event.id)] if event else [])
        return self.env['customer.meeting'].search(domain)

    def _questions(self):
        """Return the activities that ask for a record."""
        return self.env['mail.activity'].search([
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_record').id)])

    def _contacts(self):
        return self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')])


class TestRecordedLate(RecordCase):

    def test_cad_6_late_flag(self):
        """CAD-6: 24 hours after the contact it is in time, a moment later it is late."""
        now = fields.Datetime.now()
        in_time = self._log(self.customer, contact_at=now - timedelta(hours=24))
        late = self._log(self.customer, self.email, contact_at=now - timedelta(hours=24, seconds=1))
        self.assertEqual((in_time.recorded_late, late.recorded_late), (False, True))
        attempt = self._log(self.customer, contact_at=now - timedelta(days=3), outcome='no_answer')
        self.assertTrue(attempt.recorded_late, "an attempt is a record too")

    def test_cad_6_decided_on_its_day(self):
        """CAD-6: another setting changes what comes, not what was."""
        late = self._log(self.customer, contact_at=fields.Datetime.now() - timedelta(hours=30))
        self.env['ir.config_parameter'].set_param('customer_success.record_hours', '48')
        in_time = self._log(self.customer, self.email, contact_at=fields.Datetime.now() - timedelta(hours=30))
        self.assertEqual((late.recorded_late, in_time.recorded_late), (True, False))
        with self.assertRaises(AccessError):
            late.with_user(self.anna).recorded_late = False

    def test_cad_6_old_sheets(self):
        """CAD-6: what comes in with an old sheet is nobody's lateness."""
        record = self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'state': 'done', 'qualifies': True,
            'contact_at': '2025-03-02 09:00:00', 'contact_day': '2025-03-02', 'closed_at': '2026-03-02 09:00:00'})
        self.assertFalse(record.recorded_late)

    def test_cad_6_counted_by_person(self):
        """CAD-6: late records are counted by who made them, of those that the reader may see."""
        now = fields.Datetime.now()
        self._log(self.customer.with_user(self.anna), contact_at=now - timedelta(days=2))
        self._log(self.customer.with_user(self.anna), self.email, contact_at=now - timedelta(days=2))
        self._log(self.customer.with_user(self.lena), self.visit, contact_at=now)
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_followup_action_recorded')
        groups = self.env['customer.followup'].with_user(self.lena)._read_group(
            [('state', '=', 'done'), ('partner_id', '=', self.customer.id)], ['closed_by_id', 'recorded_late'], ['__count'])
        self.assertEqual(action['res_model'], 'customer.followup')
        self.assertEqual({(user.name, late): count for user, late, count in groups}, {("Anna", True): 2, ("Lena", False): 1})

    def test_cad_6_fact(self):
        """CAD-6, HEA-1: how many were recorded late is a fact of the customer, with its sentence."""
        self._log(self.customer, contact_at=fields.Datetime.now() - timedelta(days=3))
        self._log(self.customer, self.email, contact_at=fields.Datetime.now() - timedelta(days=2))
        self._log(self.customer, self.visit)
        facts = self.env['customer.fact']
        fact = facts._facts()['late_records']
        span = Span(self.customer.id, self.customer.id, date(2026, 1, 1), date(2026, 3, 2))
        found, problems = facts._measure({
            'it': ('late_records', {'window_days': 90, 'today': date(2026, 3, 2), 'threshold': 1}, [span])})
        self.assertFalse(problems)
        [one] = found['it'].values()
        self.assertEqual((one.value, one.day), (2, date(2026, 2, 28)))
        self.assertIn("2 contacts were recorded late", fact.say(one, {}))


class TestMeetings(RecordCase):

    def test_cad_6_asks_once(self):
        """CAD-6: a meeting that is over asks its organiser, two hours later, once."""
        event = self._meeting()
        self._find('2026-03-02 09:59:00')
        self.assertFalse(self._asked(), "two hours are not over")
        self._find('2026-03-02 10:00:00')
        self.assertRecordValues(self._asked(), [{
            'event_id': event.id, 'partner_id': self.customer.id, 'contact_id': self.ann.id, 'user_id': self.anna.id,
            'day': date(2026, 3, 2), 'state': 'asked'}])
        self.assertRecordValues(self._questions(), [{'user_id': self.anna.id, 'res_model': 'customer.meeting'}])
        self.assertNotIn("Yearly review", self._questions().summary)
        self._questions().unlink()
        self._find('2026-03-03 10:00:00')
        self.assertFalse(self._questions(), "who took it away is not asked again")

    def test_cad_6_two_workers(self):
        """CAD-6, PLT-3: of two processes that found the same meeting one asks; what one left undone the next does."""
        self._meeting()
        rows = self.finder._meetings_to_ask()
        self.finder._ask(rows)
        self.finder._ask(rows)
        self.assertEqual((len(self._asked()), len(self._questions())), (1, 1))
        self._questions().unlink()
        self._asked().unlink()  # as if its transaction was taken back
        self._find()
        self.assertEqual((len(self._asked()), len(self._questions())), (1, 1))

    def test_cad_6_log_answers(self):
        """CAD-6: one click opens the dialog, filled in; what is logged closes the question."""
        event = self._meeting(people=self.ann + self.bob)
        self._find()
        meeting = self._asked(event).with_user(self.anna)
        action = meeting.action_log()
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(**action['context']))
        self.assertEqual((form.channel_id, form.contact_id, form.meeting_id), (self.visit, self.ann, event))
        self.assertEqual(form.contact_at, datetime(2026, 3, 2, 8))
        self.assertEqual(form.feedback, "Yearly review (also there: Bob):")
        form.feedback = "They want a second line"
        form.save().action_done()
        self.assertRecordValues(meeting, [{'state': 'recorded', 'followup_id': self._contacts().id}])
        self.assertRecordValues(self._contacts(), [{'meeting_id': event.id, 'recorded_late': False, 'contact_id': self.ann.id}])
        self.assertFalse(self._questions())
        self.assertEqual(event.with_user(self.anna).customer_record_state, 'recorded')

    def test_cad_6_video_by_rule(self):
        """CAD-6: with a link and no place it was by video; all day it is the noon of its first day."""
        event = self._meeting(
            videocall_location='https://example.com/meet', allday=True, start_date='2026-02-27', stop_date='2026-02-28',
            start='2026-02-27', stop='2026-02-28')
        context = event.with_user(self.anna).action_customer_log()['context']
        self.assertEqual(context['default_channel_id'], self.video.id)
        self.assertEqual(context['default_contact_at'], '2026-02-27 12:00:00')

    def test_cad_6_closed_otherwise(self):
        """CAD-6: a contact of that day, the activity ticked off, and a meeting that did not take place close the question."""
        self._meeting()
        self._find()
        self._log(self.customer, self.messenger, contact_at='2026-03-02 11:00:00')
        self.assertFalse(self._asked() or self._questions())
        other = self._meeting(start='2026-03-01 07:00:00', stop='2026-03-01 08:00:00')
        self._find()
        self._questions().with_user(self.anna).action_feedback(feedback="Two new lines")
        self.assertRecordValues(self.env['customer.meeting'].search([('event_id', '=', other.id)]), [{'state': 'recorded'}])
        record = self._contacts().filtered('meeting_id')
        self.assertRecordValues(record, [{
            'feedback': "Two new lines", 'channel_id': self.visit.id, 'outcome': False, 'recorded_late': True}])
        third = self._meeting(start='2026-02-27 07:00:00', stop='2026-02-27 08:00:00')
        self._find()
        third.with_user(self.anna).action_customer_void()
        self.assertEqual(third.with_user(self.anna).customer_record_state, 'void')
        self._find()
        self.assertFalse(self._asked() or self._questions())

    def test_cad_6_recorded_by_another_way(self):
        """CAD-6: what came in by SQL or import closes the question with the next run."""
        event = self._meeting()
        self._find()
        record = self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'state': 'done', 'qualifies': True,
            'contact_at': '2026-03-02 09:00:00', 'contact_day': '2026-03-02'})
        self._find()
        self.assertRecordValues(self.env['customer.meeting'].search([('event_id', '=', event.id)]), [{
            'state': 'recorded', 'followup_id': record.id}])
        self.assertFalse(self._questions())

    def test_cad_6_whom_nobody_asks(self):
        """CAD-6: cancelled, declined, to come, without a customer, of many customers, too old: nobody is asked."""
        others = self.env['res.partner'].concat(*(self._customer(f"Guest {number}") for number in range(3)))
        self._meeting(active=False)
        self._meeting(states={self.ann: 'declined'})
        self._meeting(states={self.anna.partner_id: 'declined'})
        self._meeting(start='2026-03-02 11:00:00', stop='2026-03-02 13:00:00')
        self._meeting(people=self.ben.partner_id)
        self._meeting(people=self.ann + others)
        self._meeting(start='2026-02-02 11:00:00', stop='2026-02-02 13:00:00')
        self._find()
        self.assertFalse(self._asked())
        self._meeting(states={self.ann: 'declined', self.bob: 'needsAction'}, people=self.ann + self.bob)
        self._find()
        self.assertEqual(self._asked().contact_id, self.bob, "one of two was there")

    def test_cad_6_settings_say_which(self):
        """CAD-6: how many customers are an event, and how long a meeting is asked about, stand in the settings."""
        other = self._customer("Guest")
        old = self._meeting(start='2026-02-02 11:00:00', stop='2026-02-02 13:00:00')
        many = self._meeting(people=self.ann + other)
        settings = self.env['res.config.settings'].create({'customer_meeting_days': 60, 'customer_meeting_customers': 1})
        settings.execute()
        self._find()
        self.assertEqual(self._asked().event_id, old)
        self.env['res.config.settings'].create({'customer_meeting_customers': 2}).execute()
        self._find()
        self.assertEqual(self._asked(many).partner_id, self.customer + other)
        for wrong in ({'customer_meeting_days': 0}, {'customer_meeting_customers': 0}):
            with self.assertRaisesRegex(ValidationError, "1 to"):
                self.env['res.config.settings'].create(wrong).execute()

    def test_cad_6_switched_off(self):
        """CAD-6: the settings say whether, and how long after the end."""
        self._meeting()
        self.env['ir.config_parameter'].set_param('customer_success.meeting_ask', 'False')
        self._find()
        self.assertFalse(self._asked())

    def test_cad_6_moved_and_cancelled(self):
        """CAD-6: a meeting that is moved or cancelled afterwards takes its question back, and asks anew when it is over."""
        event = self._meeting()
        self._find()
        event.write({'start': '2026-03-03 07:00:00', 'stop': '2026-03-03 08:00:00'})
        self._find()
        self.assertFalse(self._asked() or self._questions())
        self._find('2026-03-03 12:00:00')
        self.assertEqual(self._asked().day, date(2026, 3, 3))
        event.active = False
        self._find('2026-03-03 13:00:00')
        self.assertFalse(self._asked() or self._questions())

    def test_cad_6_deleted(self):
        """CAD-6: of a meeting that is deleted nobody is asked any more, and no activity about nothing is left."""
        for delete in (lambda event: event.unlink(), lambda event: event.with_user(self.anna).unlink()):
            event = self._meeting()
            self._find()
            self.assertEqual(self._questions().user_id, self.anna)
            delete(event)
            self.env.invalidate_all()
            self.assertFalse(self._questions())

    def test_cad_6_recurring(self):
        """CAD-6: each day of a recurring meeting is a meeting of its own."""
        self._meeting(
            start='2026-02-25 07:00:00', stop='2026-02-25 08:00:00', recurrency=True, rrule_type='daily', end_type='count',
            count=3, interval=1)
        self.env['calendar.attendee'].search([('partner_id', '=', self.ann.id)]).state = 'tentative'
        self._find()
        self.assertEqual(sorted(self._asked().mapped('day')), [date(2026, 2, 25), date(2026, 2, 26), date(2026, 2, 27)])

    def test_cad_6_all_day_in_its_zone(self):
        """CAD-6: a meeting of a whole day is over when the day is, where its organiser is."""
        self.anna.tz = 'America/Los_Angeles'
        self._meeting(allday=True, start_date='2026-03-01', stop_date='2026-03-01', start='2026-03-01', stop='2026-03-01')
        self._find('2026-03-02 07:30:00')  # still 1 March there
        self.assertFalse(self._asked())
        self._find('2026-03-02 08:30:00')
        self.assertEqual(self._asked().day, date(2026, 3, 1))

    def test_cad_6_day_of_the_organiser(self):
        """CAD-6: a meeting late in the evening is of the day on which it was there, whatever day it is in Greenwich."""
        self.anna.tz = 'America/Los_Angeles'
        self._meeting(start='2026-03-02 04:00:00', stop='2026-03-02 05:00:00')  # 1 March, 20:00 there
        self._find()
        self.assertEqual(self._asked().day, date(2026, 3, 1))

    def test_cad_6_private(self):
        """CAD-6: a private meeting asks its organiser, tells nobody what it was about, and never counts by itself."""
        self.env['customer.contact.rule'].with_context(active_test=False).search([]).active = True
        event = self._meeting(privacy='private', name="Old friends")
        self._find()
        self.assertEqual(self._asked().user_id, self.anna)
        self.assertFalse(self._contacts())
        self.assertFalse(self._asked().with_user(self.anna).action_log()['context']['default_feedback'])
        self.env.invalidate_all()
        self.assertNotIn("Old friends", self._asked().with_user(self.lena).read(['name', 'display_name'])[0].values())
        self.assertEqual(event.with_user(self.lena).customer_record_state, 'none')

    def test_cad_6_whom_it_asks(self):
        """CAD-6: an organiser who does not work with customers can't record it: the account manager is asked; of another
        company, nobody there."""
        self._meeting(self.nils)
        self._find()
        self.assertEqual(self._asked().user_id, self.anna)
        self.env['customer.meeting'].search([]).unlink()
        self.env['calendar.event'].search([]).unlink()
        self._meeting(self.zoe)
        self._find()
        self.assertEqual(self._asked().user_id, self.anna, "she works in the customer's company")

    def test_cad_6_organiser_leaves(self):
        """CAD-6: whose question it was, and who left: the account manager is asked instead."""
        self._meeting(self.ben)
        self._find()
        self.assertEqual(self._asked().user_id, self.ben)
        self.ben.active = False
        self._find()
        self.assertEqual(self._asked().user_id, self.anna)
        self.assertEqual(self._questions().user_id, self.anna)

    def test_cad_6_two_customers(self):
        """CAD-6: a meeting with two customers has a record with each."""
        other = self._customer("Southern Mill")
        event = self._meeting(people=self.ann + other)
        self._find()
        self.assertEqual(self._asked().partner_id, self.customer + other)
        event = event.with_user(self.anna)
        first = event.action_customer_log()['context']['default_partner_id']
        self._log(self.env['res.partner'].browse(first).with_user(self.anna), self.visit, contact_at=event.stop, meeting=event)
        self.assertEqual(event.customer_record_state, 'open')
        second = event.action_customer_log()['context']['default_partner_id']
        self.assertEqual({first, second}, set((self.customer + other).ids))

    def test_cad_6_refusals(self):
        """CAD-6: what can't be logged says why."""
        with self.assertRaisesRegex(UserError, "Nobody of a customer"):
            self._meeting(people=self.ben.partner_id).with_user(self.anna).action_customer_log()
        with self.assertRaisesRegex(UserError, "not over yet"):
            self._meeting(start='2026-03-04 07:00:00', stop='2026-03-04 08:00:00').with_user(self.anna).action_customer_log()
        self._meeting()
        self._find()
        with self.assertRaises(AccessError):
            self._asked().with_user(self.otto).action_log()
        with self.assertRaises(AccessError):
            self._asked().with_user(self.anna).state = 'void'

    def test_cad_6_rules_of_roles(self):
        """CAD-6, PLT-2: who was asked and who looks after the customer see it, leaders their team's, others nothing."""
        self._meeting()
        self._find()
        meetings = self.env['customer.meeting']
        seen = {user.login for user in (self.anna, self.ben, self.lena, self.li, self.mara, self.zoe)
                if meetings.with_user(user).search([])}
        self.assertEqual(seen, {'anna', 'lena', 'mara'})

    def test_cad_6_merged(self):
        """CAD-6, PLT-2: two people of one meeting who turn out to be one customer have one record, and the answer is kept."""
        other = self._customer("Northern Mill Ltd")
        event = self._meeting(people=self.ann + other)
        self._find()
        self._log(other, self.visit, contact_at=event.stop, meeting=event)
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer + other).ids, self.customer)
        self.assertRecordValues(self.env['customer.meeting'].search([('event_id', '=', event.id)]), [{
            'partner_id': self.customer.id, 'state': 'recorded'}])

    def test_cad_6_cost(self):
        """CAD-6, PLT-3: ten times as many meetings that are recorded cost no query more."""
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertFalse(self.finder._meetings_to_ask(), "they are recorded")
            return self.env.cr.sql_log_count - start

        self._log(self.customer, self.visit, contact_at='2026-03-02 09:00:00')
        self._meeting()
        cost()
        before = cost()
        for __ in range(10):
            self._meeting()
        self.assertEqual(cost(), before)


class TestCounted(RecordCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env['customer.contact.rule'].with_context(active_test=False).search([])
        cls.rules.active = True
        cls.finder._seen()  # it begins here
        cls.env.flush_all()

    def _email_in(self, author=None, **vals):
        """Return an email that came in this morning."""
        return self.env['mail.message'].create({
            'model': 'res.partner', 'res_id': self.customer.id, 'message_type': 'email', 'author_id': (author or self.ann).id,
            'subject': "Question", 'body': "When does it arrive?", 'date': '2026-03-02 08:00:00',
            'subtype_id': self.env.ref('mail.mt_comment').id, **vals})

    def _email_out(self, status='sent', to=None, kind='email', author=None, **vals):
        """Return an email that Anna sent this morning, as far as it came."""
        message = self._email_in((author or self.anna).partner_id, **{'message_type': 'comment', **vals})
        self.env['mail.notification'].create({
            'mail_message_id': message.id, 'res_partner_id': (to or self.ann).id, 'notification_type': kind,
            'notification_status': status})
        return message

    def test_cad_6_email_of_the_customer(self):
        """CAD-6: what a person of the customer wrote is a contact of that day, once, and closes what is planned by email."""
        step = self.cadence.step_ids.create({'cadence_id': self.cadence.id, 'name': "News", 'channel_id': self.email.id,
                                             'date_start': '2020-01-01'})
        self.env['customer.planner']._work_queue()
        planned = self._open(self.customer, step)
        message = self._email_in()
        self._email_in(self.bob, date='2026-03-02 09:00:00')
        self._find()
        self._find()
        self.assertRecordValues(self._contacts(), [{
            'id': planned.id, 'message_id': message.id, 'contact_id': self.ann.id, 'channel_id': self.email.id, 'qualifies': True,
            'outcome': False, 'contact_day': date(2026, 3, 2), 'recorded_late': False, 'feedback': "Question",
            'counted_by_id': self.rules.filtered(lambda rule: rule.kind == 'email_in').id}])
        self.assertEqual(self._open(self.customer, step).date_anchor, date(2026, 3, 2))

    def test_cad_6_what_never_counts(self):
        """CAD-6: notes, answers to notes, machines, colleagues, mass mailings, what was not delivered, other documents."""
        note = self.env.ref('mail.mt_note').id
        self._email_in(is_internal=True)
        self._email_in(customer_by_itself=True)
        self._email_in(self.ben.partner_id)
        self._email_in(message_type='out_of_office')
        self._email_in(model='product.product', res_id=self.product_thing.id)
        self._email_in(self.env['res.partner'].create({'name': "Nobody's"}))
        self._email_out(subtype_id=note)
        self._email_out(message_type='email_outgoing')
        self._email_out(message_type='auto_comment')
        self._email_out(message_type='notification')
        self._email_out(to=self.ben.partner_id)
        self._email_out(kind='inbox')
        for status in ('ready', 'bounce', 'exception', 'canceled'):
            self._email_out(status)
        self._find()
        self.assertFalse(self._contacts())
        message = self._email_out()
        self._find()
        self.assertRecordValues(self._contacts(), [{'message_id': message.id, 'user_id': self.anna.id}])

    def test_cad_6_machine_is_known_by_its_headers(self):
        """CAD-6: an absence note that comes in by email is kept as one."""
        for header, written in (("", False), ("Auto-Submitted: auto-replied\n", True)):
            self.env['mail.thread'].message_process('res.partner', (
                f"From: Ann <{self.ann.email}>\nTo: anna@example.com\nSubject: Re\n{header}Message-Id: <{written}@mill>\n"
                "Content-Type: text/plain\n\nHello"), thread_id=self.customer.id)
            message = self.env['mail.message'].search([('message_id', '=', f'<{written}@mill>')])
            self.assertEqual((message.message_type, message.customer_by_itself), ('email', written))

    def test_cad_6_logged_already(self):
        """CAD-6: a day with a contact on that channel gets no second one; whoever tells of one that counted completes it."""
        self._log(self.customer, self.email, contact_at='2026-03-02 07:00:00')
        self._email_in()
        self._find()
        self.assertEqual(len(self._contacts()), 1)
        self._email_in(date='2026-03-01 08:00:00')
        self._find()
        counted = self._contacts().filtered('message_id')
        told = self._log(self.customer, self.email, contact_at='2026-03-01 09:00:00', feedback="Wants a price", outcome='need')
        self.assertEqual(told, counted)
        self.assertEqual((told.feedback, told.outcome, told.recorded_late), ("Wants a price", 'need', True))

    def test_cad_6_comes_back(self):
        """CAD-6: an email that comes back later was no contact; what it had closed is open again as before."""
        before = self._open(self.customer).date_planned
        self.email.satisfies_ids += self.call
        self.env['customer.planner']._work_queue()
        message = self._email_out()
        self._find()
        self.assertNotEqual(self._open(self.customer).date_planned, before)
        message.notification_ids.notification_status = 'bounce'
        self._find()
        self.assertRecordValues(self._contacts(), [{'qualifies': False, 'outcome': 'no_answer'}])
        self.assertEqual(self._open(self.customer).date_planned, before)
        self._find()
        self.assertEqual(len(self._contacts()), 1)

    def test_cad_6_comes_back_in_the_own_language(self):
        """CAD-6: that an email came back is told in the language of whose contact it was."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.anna.lang = 'zh_CN'
        message = self._email_out()
        self._find()
        message.notification_ids.notification_status = 'bounce'
        self._find()
        self.assertNotIn("The email came back", self._contacts().feedback)

    def test_cad_6_broken_one(self):
        """CAD-6, PLT-3: the one contact that can't be kept holds up no other one, and is not lost."""
        other = self._customer("Southern Mill", customer_cadence_id=self.cadence.id)
        person = self.env['res.partner'].create({'name': "Cleo", 'parent_id': other.id, 'email': 'cleo@south.example.com'})
        self._email_in()
        self._email_in(person)
        self.email.satisfies_ids += self.call
        self.env['customer.planner']._work_queue()
        self._poison(self._open(self.customer), 'state')
        with mute_logger('odoo.sql_db'):
            self._find()
        run = self.env['customer.run'].search([('name', '=', 'record')], limit=1)
        self.assertEqual((run.done, run.failed, len(self._contacts())), (1, 1, 0))
        self.assertEqual(other.customer_followup_ids.filtered(lambda own: own.state == 'done').contact_id, person)
        self._heal(self._open(self.customer))
        self._find()
        self.assertEqual(len(self._contacts()), 1)

    def test_cad_6_from_the_day_it_is_used(self):
        """CAD-6: what came while no rule was used never counts; what comes late by the clock of the server does."""
        self.rules.active = False
        self._email_in()
        self._find('2026-03-02 12:00:00')
        self.env.cr.execute("UPDATE mail_message SET create_date = '2026-02-01' WHERE author_id = %s", [self.ann.id])
        self._find('2026-03-02 12:30:00')
        self.rules.active = True
        self._find('2026-03-02 13:00:00')
        self.assertFalse(self._contacts())

    def test_cad_6_meeting_counts(self):
        """CAD-6: a meeting that took place counts, is told once, and whoever says it did not takes it back."""
        before = self._open(self.customer)
        event = self._meeting()
        self._find()
        self.assertRecordValues(self._contacts(), [{
            'id': before.id, 'meeting_id': event.id, 'channel_id': self.visit.id, 'qualifies': True, 'outcome': False}])
        self.assertEqual(self._asked(event).user_id, self.anna, "what was said, nobody knows yet")
        event.with_user(self.anna).action_customer_void()
        self.assertRecordValues(self._contacts(), [{'qualifies': False, 'outcome': 'no_answer'}])
        self.assertEqual(self._open(self.customer).date_planned, before.date_planned)
        self._find()
        self.assertEqual(len(self._contacts()), 1)
        other = self._meeting(start='2026-03-01 07:00:00', stop='2026-03-01 08:00:00')
        self._find()
        counted = self._contacts().filtered(lambda record: record.meeting_id == other)
        self._log(self.customer, self.video, contact_at=other.stop, meeting=other, feedback="By video after all")
        self.assertRecordValues(counted, [{'channel_id': self.video.id, 'feedback': "By video after all", 'outcome': 'neutral'}])

    def test_cad_6_who_has_to_accept(self):
        """CAD-6: by rule somebody has to have accepted, or nobody may have declined."""
        self._meeting(states={self.ann: 'needsAction'})
        self._find()
        self.assertFalse(self._contacts())
        self.rules.filtered(lambda rule: rule.kind == 'meeting').attendance = 'invited'
        self._find()
        self.assertEqual(len(self._contacts()), 1)

    def test_cad_6_rule_needs_a_channel(self):
        """CAD-6: an email without a channel would count as nothing."""
        with self.assertRaisesRegex(UserError, "as which channel"):
            self.rules.filtered(lambda rule: rule.kind == 'email_in').channel_id = False

    def test_cad_6_cost_of_emails(self):
        """CAD-6, PLT-3: ten times as many emails of people who are no customers cost no query more, and one index."""
        stranger = self.env['res.partner'].create({'name': "Stranger"})

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(len(self.finder._emails_to_count()), 1)
            return self.env.cr.sql_log_count - start

        self._email_in()
        self._email_in(stranger)
        cost()
        before = cost()
        for __ in range(10):
            self._email_in(stranger)
        self.assertEqual(cost(), before)
