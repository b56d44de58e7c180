"""CAD-10, SRV-5: touchpoints that ask by themselves, by the rules of all questions."""
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form

from .feedback_common import FeedbackCase

MONDAY = datetime(2027, 3, 1, 12)


class TestTouchpointSurvey(FeedbackCase):
    """The harbour is asked once a month, the first time on 4 February 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nps.active = False
        cls.question = cls.env.ref('customer_success.customer_survey_touch')
        with freeze_time('2027-01-04 12:00:00'):
            cls.rhythm = cls._cadence("Asks", {
                'name': "Monthly question", 'channel_id': cls.survey.id, 'survey_id': cls.question.id, 'automatic': True,
                'grace_days': 40})
            cls.harbour.write({'customer_cadence_id': cls.rhythm.id, 'tz': 'UTC'})
            cls.followup = cls._open(cls.harbour)

    def _night(self, moment=MONDAY):
        with freeze_time(moment):
            self._run_cron('send')
            self._run_cron('feedback')

    def _requests(self):
        return self.env['customer.feedback.request'].search([('followup_id', 'in', self.harbour.customer_followup_ids.ids)])

    def test_asked_once(self):
        """The question is queued by the asker, the follow-up is done with it, and the answer stands on it."""
        self._night()
        request = self._requests()
        self.assertRecordValues(request, [{
            'state': 'sent', 'contact_id': self.captain.id, 'survey_id': self.question.id, 'followup_id': self.followup.id}])
        self.assertRecordValues(self.followup, [{'state': 'done', 'qualifies': True, 'contact_id': self.captain.id}])
        self.assertIn("How satisfied are you", self.followup.feedback)
        self._night()
        self.assertEqual(len(self._requests()), 1)
        with freeze_time('2027-03-02 09:00:00'):
            request._take_answer(5, "Fine", 'browser')
        self.assertEqual((self.followup.outcome, self.followup.answered_at), ('satisfied', datetime(2027, 3, 2, 9)))
        self.assertIn("Answered: 5", self.followup.feedback)
        self.assertFalse(self._open(self.harbour).send_problem, "an answer to a question asks for no letter")

    def test_nobody_else_is_asked_by_it(self):
        self.rhythm.active = False
        self._night()
        self.assertFalse(self.env['customer.feedback.request'].search([('survey_id', '=', self.question.id)]))

    def test_rest(self):
        """Who was asked not long ago is not asked: it waits as long as it is in time, until 16 March."""
        self._set(feedback_rest_days=20)
        with freeze_time('2027-02-20 12:00:00'):
            self._request(survey=self.csat)
        self._night()
        with freeze_time(MONDAY):
            self.assertEqual((self.followup.state, self.followup.send_wait), ('planned', 'rest'))
            self.assertIn("may not be asked yet", self.followup.send_note)
        self.assertFalse(self._requests())
        self._night(datetime(2027, 3, 11, 12))
        self.assertFalse(self._requests())
        self._night(datetime(2027, 3, 12, 12))
        self.assertEqual((self.followup.state, self._requests().state), ('done', 'sent'))

    def test_rest_beyond_its_time(self):
        """Whom it can't ask in time a person has, with why not."""
        with freeze_time('2027-02-20 12:00:00'):
            self._request(survey=self.csat)
        self._night()
        self.assertEqual((self.followup.state, self.followup.send_problem), ('planned', 'nobody'))
        self.assertIn("Not asked: was asked not long ago", self.followup.send_error)

    def test_no_questions(self):
        """Who wants no questions is left to a person at once, in words."""
        self.harbour.customer_no_surveys = True
        self._night()
        self.assertEqual(self.followup.send_problem, 'nobody')
        self.assertIn("wants no questions", self.followup.send_error)

    def test_not_asked_after_all(self):
        """Between planning and sending somebody decided otherwise: it comes back onto the follow-up, with the reason."""
        with freeze_time(MONDAY):
            self._run_cron('send')
            self.assertEqual(self._requests().state, 'waiting')
            self.captain.customer_no_surveys = True
            self._run_cron('feedback')
        self.assertEqual((self._requests().state, self.followup.qualifies), ('dropped', False))
        again = self._open(self.harbour)
        self.assertEqual(again.send_problem, 'nobody')
        self.assertIn("Not asked: wants no questions", again.send_error)

    def test_not_delivered(self):
        self._night()
        self._requests().mail_id.write({'state': 'exception', 'failure_reason': "550 5.1.1 User unknown"})
        self._night(datetime(2027, 3, 1, 13))
        self.assertFalse(self.followup.qualifies)
        self.assertIn("User unknown", self._open(self.harbour).send_error)

    def test_comes_back_days_later(self):
        """CAD-10: a question that comes back to us when it counts as asked already was not asked: its touch is due again, for a
        person where the address is wrong."""
        self._night()
        request = self._requests()
        message = request.mail_id.mail_message_id
        self.assertEqual((message.model, message.res_id), (request._name, request.id))
        request.mail_id.state = 'sent'
        with freeze_time('2027-03-04 09:00:00'):
            self.env['customer.delivery']._take_bounce(message, "550 5.1.1 No such user", True)
        self.assertRecordValues(request, [{'state': 'failed', 'reason': "Came back: 550 5.1.1 No such user"}])
        self.assertFalse(self.followup.qualifies)
        again = self._open(self.harbour)
        self.assertEqual((again.send_problem, again.send_error), ('failed', "Came back: 550 5.1.1 No such user"))

    def test_switched_off(self):
        for off in (lambda: self.rhythm.step_ids.write({'automatic': False}), lambda: self.question.write({'active': False})):
            with self.subTest(), self.env.cr.savepoint() as savepoint:
                with freeze_time(MONDAY):
                    self._run_cron('send')
                    off()
                    self._run_cron('feedback')
                self.assertEqual((self._requests().state, self.followup.qualifies), ('dropped', False))
                self.assertEqual(len(self._open(self.harbour)), 1)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_archived_survey(self):
        self.question.active = False
        self._night()
        self.assertEqual(self.followup.send_problem, 'text')
        self.assertIn("is archived", self.followup.send_error)

    def test_bad_input(self):
        step = self.rhythm.step_ids
        with self.assertRaisesRegex(ValidationError, "choose the survey first"):
            step.survey_id = False

    def test_dry_run(self):
        """What would be asked is shown before it is switched on."""
        self.rhythm.step_ids.automatic = False
        form = Form(self.env['customer.cadence.dry.run'].with_user(self.mara).with_context(
            default_cadence_id=self.rhythm.id, default_partner_id=self.harbour.id))
        self.assertIn("How satisfied are you with our work", form.letters)
        self.assertIn("Monthly question: about 0.2 a week, to 1 customer.", form.volume)
        form.save().action_switch()
        self.assertTrue(self.rhythm.step_ids.automatic)

    def test_several_people(self):
        """Who was asked longest ago is asked; who was chosen before all."""
        mate = self.env['res.partner'].create({'name': "Mate", 'parent_id': self.harbour.id, 'email': 'mate@harbour.example'})
        with freeze_time('2026-06-01 12:00:00'):
            self._request()
        with self.env.cr.savepoint() as savepoint:
            self._night()
            self.assertEqual(self._requests().contact_id, mate)
            savepoint.rollback()
            self.env.invalidate_all()
        self.followup.contact_id = self.captain
        self._night()
        self.assertEqual(self._requests().contact_id, self.captain)
