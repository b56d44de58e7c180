"""K6, CAD-4: activities that are ticked off: nobody reached is no contact, and three ticks of one moment are one."""
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import Form, users

from ..common import CustomerCase

NOW = '2026-11-30 10:00:00'


class TickedCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time('2026-10-28 10:00:00'):
            cls.customer = cls._customer("Ticked", customer_cadence_id=cls.cadence.id)
            cls.person = cls.env['res.partner'].create({'name': "Wei", 'parent_id': cls.customer.id})
            cls.followup = cls._open(cls.customer)
        cls.startClassPatcher(freeze_time(NOW))

    def _activity(self, record=None, user=None, kind='mail.mail_activity_data_call'):
        return (record or self.customer).with_user(user or self.anna).activity_schedule(kind, user_id=(user or self.anna).id)

    def _reminder(self):
        self._run_cron('remind')
        reminder = self.env.ref('customer_success.mail_activity_type_followup')
        return self.followup.activity_ids.filtered(lambda activity: activity.activity_type_id == reminder).with_user(self.anna)

    def _done(self):
        return self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')], order='id')

    def _last_contact(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.customer.with_user(self.anna).customer_last_contact


class TestNobodyReached(TickedCase):

    def test_written(self):
        """Where nobody can be asked, what was written tells: an attempt is kept, and what is planned stays planned."""
        self._activity().action_feedback(feedback="no answer, voicemail (没人接)")
        self.assertFalse(self._last_contact())
        self.assertRecordValues(self._done(), [{'outcome': 'no_answer', 'qualifies': False}])
        self.assertEqual(self.followup.state, 'planned')

    def test_written_on_a_reminder(self):
        """The follow-up is still to be done, and its person is told again."""
        self._reminder().action_feedback(feedback="nobody picked up")
        self.assertFalse(self._last_contact())
        self.assertEqual((self.followup.state, self.followup.reminded), ('planned', False))
        self.assertTrue(self._reminder())

    def test_button(self):
        """*Nobody Reached* beside *Done*, for whatever counts as a contact, in the pop-up of the chatter and in the form."""
        activity, todo = self._activity(), self._activity(kind='mail.mail_activity_data_todo')
        self.assertEqual((activity.customer_counts, todo.customer_counts), (True, False))
        self.assertTrue(self._reminder().customer_counts)
        self.assertTrue(activity.activity_format()['mail.activity'][0]['customer_counts'])
        with Form(activity, view='mail.mail_activity_view_form_popup') as form:
            self.assertTrue(form.customer_counts)
        activity.action_customer_not_reached(feedback="Tuesday then")
        self.assertFalse(self._last_contact())
        self.assertEqual(self._done().feedback, "Tuesday then")

    def test_written_in_bulk(self):
        """Also where many are marked as done at once."""
        self.env['customer.followup.change'].with_user(self.anna).create({
            'followup_ids': self.followup.ids, 'action': 'done', 'note': "打了两轮，没人接"}).action_apply()
        self.assertFalse(self._last_contact())
        self.assertEqual(self.followup.state, 'planned')

    def test_words_are_a_setting(self):
        """An administrator adds a language, or empties the list."""
        settings = self.env['res.config.settings']
        settings.create({'customer_no_answer_words': "niemand da\nMailbox"}).execute()
        self._activity().action_feedback(feedback="Mailbox!")
        self.assertFalse(self._last_contact())
        settings.create({'customer_no_answer_words': False}).execute()
        self._activity().action_feedback(feedback="no answer")
        self.assertEqual(self._last_contact(), date(2026, 11, 30))

    def test_unsaid(self):
        """Done without a word is done: it counts, its outcome stays unknown, and a filter shows such contacts."""
        self._activity().action_done()
        self.assertRecordValues(self._done(), [{'outcome': False, 'qualifies': True}])
        self.assertEqual(self._last_contact(), date(2026, 11, 30))
        self.assertEqual(self.followup.state, 'done')


class TestOneMoment(TickedCase):

    def test_three_at_once(self):
        """Three activities ticked off together, in bulk or one after the other, are one call."""
        (self._activity() + self._activity(self.person) + self._activity()).action_done()
        self.assertEqual(len(self._done()), 1)
        self.assertEqual(len(self._open(self.customer)), 1)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self._activity().action_feedback(feedback="Wants a quote")
        self.assertRecordValues(self._done(), [{'feedback': "Wants a quote"}])

    def test_different_ones(self):
        """Another channel, another person, another hour, or reached at last: a contact of its own."""
        self._activity().action_feedback(feedback="no answer")
        self._activity().action_feedback(feedback="Reached")
        self._activity(kind='mail.mail_activity_data_email').action_feedback(feedback="Sent")
        self._activity(user=self.lena).action_feedback(feedback="Me too")
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self._activity().action_feedback(feedback="Called back")
        self.assertEqual(len(self._done()), 1 + len({"Reached", "Me too", "Called back"})
                         + self.env['customer.channel'].search_count([
                             ('activity_type_ids', 'in', self.env.ref('mail.mail_activity_data_email').ids)]))

    def test_reminder_and_activity(self):
        """The reminder closes its follow-up, and the call beside it is the same one."""
        (self._reminder() + self._activity()).action_feedback(feedback="Talked")
        self.assertEqual(self._done(), self.followup)

    @users('anna')
    def test_person_of_the_follow_up_stays(self):
        """Ticking off what was agreed with somebody keeps with whom."""
        promise = self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'contact_id': self.person.id, 'channel_id': self.call.id, 'name': "Promise",
            'date_planned': '2026-11-30'})
        self._run_cron('remind')
        promise.activity_ids.with_env(self.env).action_feedback(feedback="Sent it")
        self.assertRecordValues(promise, [{'state': 'done', 'contact_id': self.person.id}])
