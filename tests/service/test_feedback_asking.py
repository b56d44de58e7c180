from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError

from .feedback_common import FeedbackCase


class TestFeedbackAsking(FeedbackCase):
    """Who is asked, when, in which language, and why not (SRV-5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.harbour.email = False
        cls.captain.lang = 'en_US'
        cls.mate, cls.cook, cls.pilot = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.harbour.id, 'email': f'{name.lower()}@harbour.example'}
            for name in ("Mate", "Cook", "Pilot")])

    def _run(self, when):
        """Run the scheduled action at a moment of the week of the tests."""
        with self._at(when):
            self._run_cron('feedback')

    def _requests(self, **vals):
        return self.env['customer.feedback.request'].search(
            [('partner_id', '=', self.harbour.id), *((name, '=', value) for name, value in vals.items())])

    def _why(self, person, when=None):
        with self._at(when or 'Mon 09:00'):
            self.env.invalidate_all()
            return person.with_user(self.anna).customer_survey_note

    # ------------------------------------------------------------
    # ROUNDS
    # ------------------------------------------------------------

    def test_round(self):
        """Three people of the customer at most are asked, in office hours there; running twice changes nothing."""
        self._run('Mon 04:00')  # 5 o'clock in Belgium
        requests = self._requests()
        self.assertEqual(requests.mapped('state'), ['waiting'] * 3)
        self.assertFalse(requests.mail_id)
        self._run('Mon 09:30')
        self.assertEqual(requests.mapped('state'), ['sent'] * 3)
        self.assertEqual({str(day) for day in requests.mapped('asked_on')}, {'2026-12-07'})
        mails = requests.mail_id
        self.assertEqual(mails.recipient_ids, requests.contact_id)
        for request in requests:
            body = request.mail_id.body_html
            self.assertIn("How likely is it that you would recommend us", body)
            for score in range(11):
                self.assertIn(f'/feedback/{request.id}/{request._signature()}?s={score}"', body)
        self._run('Mon 10:30')
        self.assertEqual(len(self._requests()), 3, "the cap of the customer")
        self.assertEqual(self.env['customer.run'].search([('name', '=', 'feedback')], limit=1).failed, 0)

    def test_weekend_and_holiday(self):
        """On the customer's weekend nobody is asked; in Dubai Friday's afternoon is one."""
        self._run('Sat 10:00')
        self.assertEqual(set(self._requests().mapped('state')), {'waiting'})
        self._run('Mon2 10:00')
        self.assertEqual(set(self._requests().mapped('state')), {'sent'})

    def test_language(self):
        """The email is in the language of the person."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.nps.with_context(lang='zh_CN').question = "您会向同事推荐我们吗？"
        self.captain.lang = 'zh_CN'
        self._run('Mon 10:00')
        request = self._requests(contact_id=self.captain.id)
        self.assertIn("您会向同事推荐我们吗？", request.mail_id.body_html)
        self.assertIn("How likely", self._requests(contact_id=self.mate.id).mail_id.body_html)

    def test_rest_over_all_surveys(self):
        """A person rests 90 days over all surveys; the day on which it may be asked again is told, with the reason."""
        self._run('Mon 10:00')
        asked = self._requests().contact_id
        left = (self.captain + self.mate + self.cook + self.pilot) - asked
        other = self.nps.copy({'name': "Other", 'active': True, 'customer_domain': self.nps.customer_domain})
        self.assertEqual(self._why(asked[0], 'Tue 10:00'), "Again on Mar 7, 2027, because: last asked on Dec 7, 2026")
        self.assertEqual(
            self._why(left, 'Tue 10:00'), "Again on Mar 7, 2027, because: enough people of this customer were asked")
        with self._on('2027-03-06', 10):
            self._run_cron('feedback')
        self.assertEqual(len(self._requests()), 3)
        with self._on('2027-03-08', 10):
            self._run_cron('feedback')
        again = self._requests() - self._requests(asked_on='2026-12-07')
        self.assertEqual((again.filtered(lambda request: request.survey_id == self.nps).contact_id, len(again)), (left, 3),
                         "the first survey waits half a year for the same people, the cap holds over both")
        self.assertEqual(len(again.filtered(lambda request: request.survey_id == other)), 2)

    def test_rest_counts_the_phone(self):
        """Who was asked on the phone was asked."""
        with self._at('Mon 09:00'):
            self._feedback(9)
        self._run('Mon 10:00')
        self.assertNotIn(self.captain, self._requests().contact_id)

    def test_why_not(self):
        """Each reason is told, and keeps from being asked."""
        self.mate.customer_no_surveys = True
        self.cook.email = False
        self.env['mail.blacklist']._add(self.pilot.email)
        for person, why in ((self.mate, "Not now: wants no questions"), (self.cook, "Not now: no email address"),
                            (self.pilot, "Not now: wants no emails"), (self.captain, "Now: never asked yet")):
            self.assertEqual(self._why(person), why)
        self._run('Mon 10:00')
        self.assertEqual(self._requests().contact_id, self.captain)
        self.captain.active = False
        self.assertEqual(self._why(self.captain), "Not now: archived")
        self.harbour.customer_no_surveys = True
        self.captain.active = True
        self.assertEqual(self._why(self.captain), "Not now: wants no questions")

    def test_not_during_a_case_or_pause(self):
        """While a case is open or contacts are paused nobody is asked; what was planned waits, and is given up in the end."""
        self._run('Mon 04:00')
        with self._at('Mon 09:00'):
            case = self._case()
        self._run('Mon 10:00')
        self.assertEqual(set(self._requests().mapped('state')), {'waiting'})
        self.assertEqual(self._why(self.pilot, 'Mon 10:00'), "Not now: a case is open")
        with self._at('Tue 09:00'):
            self.env['customer.case.course']._withdraw(case, "none")
            self.env['customer.pause'].create({
                'partner_id': self.harbour.id, 'date_from': '2026-12-08', 'date_to': '2026-12-09', 'reason_id': self.reason.id})
        self._run('Tue 10:00')
        self.assertEqual(set(self._requests().mapped('state')), {'waiting'})
        self.assertEqual(
            self._why(self.pilot, 'Tue 10:00'), "Again on Dec 10, 2026, because: contacts are paused")
        self._run('Thu 10:00')
        self.assertEqual(set(self._requests().mapped('state')), {'sent'})

    def test_given_up(self):
        self._run('Mon 04:00')
        with self._at('Mon 09:00'):
            self._case()
        self.env.cr.execute("UPDATE customer_feedback_request SET create_date = '2026-11-01'")
        self._run('Mon 10:00')
        self.assertEqual({(request.state, request.reason) for request in self._requests()}, {('dropped', "a case is open")})
        self._run('Mon 11:00')
        self.assertEqual(len(self._requests()), 3, "nobody is planned anew while the case is open")

    def test_other_survey_took_it(self):
        """Who was asked meanwhile by another way is not asked again."""
        self._run('Mon 04:00')
        with self._at('Mon 08:00'):
            person = self._requests()[0].contact_id
            self._feedback(9, contact_id=person.id)
        self._run('Mon 10:00')
        request = self._requests(contact_id=person.id)
        self.assertEqual((request.state, request.reason), ('dropped', "was asked not long ago, until Mar 7, 2027"))

    def test_choice(self):
        """Tiers, the domain and the limit of a day choose."""
        self.nps.tier_ids = self.tier_high
        self._run('Mon 10:00')
        self.assertFalse(self._requests())
        self.nps.write({'tier_ids': [(5,)], 'per_day': 2})
        self._run('Mon 10:00')
        self.assertEqual(len(self._requests()), 2)
        self._run('Mon 11:00')
        self.assertEqual(len(self._requests()), 2)
        with self.assertRaisesRegex(ValidationError, "can't be read"):
            self.nps.customer_domain = "[('no_field', '=', 1)]"

    def test_customer_without_people(self):
        """A customer without contact persons is asked itself."""
        self.harbour.email = 'desk@harbour.example'
        (self.captain + self.mate + self.cook + self.pilot).active = False
        self._run('Mon 10:00')
        self.assertEqual(self._requests().contact_id, self.harbour)

    def test_archived_survey(self):
        self._run('Mon 04:00')
        self.assertIn("3 questions", self.nps.with_user(self.mara).customer_archiving(False))
        self.nps.active = False
        self.assertEqual({(request.state, request.reason) for request in self._requests()},
                         {('dropped', "the survey is not in use any more")})

    # ------------------------------------------------------------
    # WHAT GOES WRONG
    # ------------------------------------------------------------

    def test_poisoned(self):
        """One person who can't be written to holds up nobody, and the error is kept; running again does not send twice."""
        self._run('Mon 04:00')
        bad = self._requests()[0]
        original = type(self.env['mail.template']).send_mail

        def send_mail(template, res_id, *args, **kwargs):
            if res_id == bad.id:
                raise ValueError("Broken template")
            return original(template, res_id, *args, **kwargs)

        with patch.object(type(self.env['mail.template']), 'send_mail', send_mail):
            self._run('Mon 10:00')
        self.assertEqual((bad.state, bad.reason), ('failed', "Broken template"))
        others = self._requests() - bad
        self.assertEqual(set(others.mapped('state')), {'sent'})
        mails = others.mail_id
        self._run('Mon 11:00')
        self._run('Mon 12:00')
        self.assertEqual((others.mail_id, len(self._requests(contact_id=bad.contact_id.id))), (mails, 1))
        self.assertEqual(len(self._requests()), 4, "somebody else is asked instead")

    def test_killed(self):
        """What was sent before the server stopped stays sent, the rest leaves with the next run."""
        self._run('Mon 04:00')
        sent = []
        original = type(self.env['customer.feedback.asker'])._send

        def send(asker, request):
            if sent:
                raise KeyboardInterrupt
            sent.append(request)
            return original(asker, request)

        with patch.object(type(self.env['customer.feedback.asker']), '_send', send), self.assertRaises(KeyboardInterrupt):
            self._run('Mon 10:00')
        self.env.invalidate_all()
        self._run('Mon 11:00')
        self.assertEqual(self._requests().mapped('state'), ['sent'] * 3)
        self.assertEqual(len(self._requests().mail_id), 3)

    def test_refused_by_the_server(self):
        """An email that did not arrive is told so; the person rests all the same."""
        self._run('Mon 10:00')
        request = self._requests()[0]
        request.mail_id.write({'state': 'exception', 'failure_reason': "No such mailbox"})
        self._run('Mon 11:00')
        self.assertEqual((request.state, request.reason), ('failed', "No such mailbox"))
        self.assertEqual(len(self._requests()), 3)

    # ------------------------------------------------------------
    # AFTER A CASE
    # ------------------------------------------------------------

    def _closed_case(self, **vals):
        with self._at('Mon 09:00'):
            case = self._case(**vals)
            self._change(case, 'solve', solution="New crates")
            case.sudo().satisfied = 'yes'
            case.action_close()
        return case

    def test_after_a_case(self):
        """SRV-5: a day after the case is closed its contact is asked how satisfied it is."""
        self.csat.active, self.nps.active = True, False
        case = self._closed_case()
        self.assertEqual(case.asked_note, "Captain is asked from Dec 8, 2026")
        self._run('Mon 10:00')
        self.assertEqual(self._requests().state, 'waiting')
        self._run('Tue 10:00')
        request = self._requests()
        self.assertEqual((request.state, request.contact_id, request.case_id), ('sent', self.captain, case))
        self.assertIn("Crates broken", request.mail_id.body_html)
        with self._at('Tue 11:00'):
            self.assertEqual(request._take_answer(4, "", 'abc'), 'open')
        feedback = case.feedback_ids
        self.assertEqual((feedback.score, feedback.source, feedback.kind, feedback.user_id), (4, 'case', 'csat', self.anna))
        self.assertEqual(case.asked_note, "Captain answered: 4 of 5")
        self.assertEqual(case.state, 'closed')

    def test_reopened(self):
        """Who was not asked yet is not asked about what is worked on again."""
        self.csat.active, self.nps.active = True, False
        case = self._closed_case()
        with self._at('Mon 10:00'):
            self._change(case, 'reopen', note="Not whole")
        self._run('Tue 10:00')
        self.assertEqual(case.asked_note, "Not asked: the case is worked on again")
        with self._at('Tue 11:00'):
            self._change(case, 'solve', solution="All new")
            case.sudo().satisfied = 'yes'
            case.action_close()
        self.assertEqual(len(case.feedback_request_ids), 2, "the second time it is asked again")

    def test_not_asked_says_why(self):
        """chatwoot 11584: who was not asked, and why, stands on the case."""
        self.csat.active, self.nps.active = True, False
        with self._at('Mon 08:00'):
            self._feedback(9)
        case = self._closed_case()
        self.assertEqual(case.asked_note, "Not asked: was asked not long ago, until Mar 7, 2027")
        self.captain.email = False
        (self.mate + self.cook + self.pilot).active = False
        self.assertEqual(self._closed_case().asked_note, "Not asked: no email address")

    def test_solved(self):
        self.csat.write({'active': True, 'case_when': 'solved', 'case_type': 'problem'})
        self.assertFalse(self._closed_case().asked_note)
        self.assertTrue(self._closed_case(case_type='problem').asked_note)
        self.assertEqual(len(self._requests(survey_id=self.csat.id)), 1)

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_ask_one(self):
        """A person can be asked from the form; who may not be, is not, with the reason."""
        with self._at('Mon 09:00'):
            self.captain.with_user(self.anna).action_customer_ask()
            self.assertEqual(self._requests().contact_id, self.captain)
            with self.assertRaisesRegex(UserError, "Captain can't be asked now: is about to be asked"):
                self.captain.with_user(self.anna).action_customer_ask()
        with self.assertRaisesRegex(AccessError, "is looked after by"):
            self.mate.with_user(self.otto).action_customer_ask()
        self.nps.active = False
        with self.assertRaisesRegex(UserError, "no survey that asks regularly"):
            self.mate.with_user(self.anna).action_customer_ask()

    def test_not_by_rpc(self):
        request = self._request().with_user(self.mara)
        for act in (lambda: request.create({}), lambda: request.write({'state': 'sent'}), request.unlink):
            with self.assertRaises(AccessError):
                act()
        self.assertNotIn('session', request.with_user(self.anna).fields_get())

    def test_settings(self):
        settings = self.env['res.config.settings'].create({})
        for name, value in (('rest_days', -1), ('cap', 0), ('minimum', 0), ('unhappy_nps', 10), ('unhappy_csat', 5),
                            ('answer_days', 0), ('open_days', 0)):
            before = settings[f'customer_feedback_{name}']
            settings[f'customer_feedback_{name}'] = value
            with self.assertRaises(ValidationError):
                settings.set_values()
            settings[f'customer_feedback_{name}'] = before

    def test_one_statement(self):
        """However many people are looked at, why they may not be asked is one statement."""
        people = self.env['res.partner'].create([
            {'name': f"Sailor {number}", 'parent_id': self.harbour.id, 'email': f's{number}@harbour.example'}
            for number in range(60)])
        asker = self.env['customer.feedback.asker']
        asker._why([(self.captain.id, self.harbour.id)])
        self.env.flush_all()
        with self.assertQueryCount(2):
            found = asker._why([(person.id, self.harbour.id) for person in people])
        self.assertEqual({why for why, __, __ in found.values()}, {None})
