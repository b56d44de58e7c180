from datetime import date

from odoo.exceptions import UserError, ValidationError

from .common import ServiceCase, at


class TestCaseRevisit(ServiceCase):
    """The revisit before closing, promises, and what the customer's own screens show (SRV-1, SRV-4, CAD-10)."""

    def _solved(self, **vals):
        """Return a case that was solved on Monday at 11:00."""
        with self._at('Mon 09:00'):
            case = self._case(**vals)
        with self._at('Mon 11:00'):
            self._change(case, 'solve', solution="New crates sent")
        return case

    def _dialog(self, case, **vals):
        """Return the dialog that logs a contact about a case, opened by its button."""
        action = case.with_user(self.anna).action_log()
        return self.env[action['res_model']].with_user(self.anna).with_context(**action['context']).create(
            {'channel_id': self.call.id, **vals})

    def test_revisit_opens(self):
        """SRV-1: three days after the solution the customer is asked; the deadline is the end of that working day."""
        case = self._solved()
        revisit = case.followup_ids
        self.assertEqual(
            (revisit.case_purpose, revisit.date_planned, revisit.user_id, revisit.contact_id, revisit.channel_id),
            ('revisit', date(2026, 12, 10), self.anna, self.captain, self.call))
        self.assertClock(self._clock(case, 'revisit'), 'running', 'Thu 17:00')
        self.assertEqual(self._clock(case, 'revisit').explanation, "3 days after Mon 11:00; due Thu 17:00")
        # on a day off the next working day
        with self._at('Wed 10:00'):
            other = self._case()
            self._change(other, 'solve', solution="Done")
        self.assertEqual(other.followup_ids.date_planned, date(2026, 12, 14))

    def test_can_not_close_before(self):
        """SRV-1: closing needs the logged revisit."""
        case = self._solved()
        with self._at('Tue 09:00'), self.assertRaisesRegex(UserError, "nobody has asked the customer"):
            case.action_close()

    def test_satisfied_closes(self):
        """SRV-1: a satisfied customer closes the case, and the clock of the revisit is met."""
        case = self._solved()
        with self._at('Thu 10:00'):
            dialog = self._dialog(case, outcome='satisfied', feedback="All whole")
            self.assertEqual(dialog.effect, "Closes the case “Crates broken”.")
            dialog.action_done()
        self.assertEqual((case.state, case.satisfied), ('closed', 'yes'))
        self.assertClock(self._clock(case, 'revisit'), 'met')
        self.assertEqual(case.followup_ids.state, 'done')

    def test_not_satisfied_reopens(self):
        """SRV-1: a customer who is not satisfied reopens it, with new clocks, and whoever leads hears of it."""
        case = self._solved()
        with self._at('Thu 10:00'):
            self._dialog(case, outcome='problem', feedback="Two are broken again").action_done()
        self.assertEqual((case.state, case.cycle), ('working', 2))
        self.assertClock(self._clock(case, 'response', 1), 'failed')
        self.assertClock(self._clock(case, 'revisit', 1), 'met')
        self.assertClock(self._clock(case, 'solution', 2), 'running', 'Fri 11:00')
        told = self._activities(case, '_missed', self.lena)
        self.assertIn("Two are broken again", told[-1:].summary)
        self.assertEqual(self.env['customer.case'].search_count([('partner_id', '=', self.harbour.id)]), 1,
                         "no second case for the same problem")

    def test_revisit_without_an_answer(self):
        """Who did not answer is asked again: the revisit stays open, and the dialog asks for a clear answer."""
        case = self._solved()
        with self._at('Thu 10:00'):
            self._dialog(case, outcome='no_answer').action_done()
            self.assertEqual((case.state, case.followup_ids.filtered('case_purpose').mapped('state')), ('solved', ['planned']))
            with self.assertRaisesRegex(ValidationError, "Choose “Satisfied”"):
                self._dialog(case, outcome='neutral').action_done()

    def test_skipped_revisit_comes_back(self):
        """SRV-1: a revisit that somebody skips or cancels opens again: the customer still waits to be asked."""
        case = self._solved()
        with self._at('Thu 10:00'):
            case.followup_ids._skip(self.reason)
            self._run_cron('cases')
            self._run_cron('cases')
        self.assertEqual(sorted(case.followup_ids.mapped('state')), ['planned', 'skipped'])

    def test_nobody_to_ask(self):
        """A customer who is not to be contacted is not asked: the case closes, and says why."""
        case = self._solved()
        with self._at('Tue 10:00'):
            self.harbour._write({'customer_do_not_contact': True})
            self.env.invalidate_all()
            case.action_close()
        self.assertEqual((case.state, case.not_asked), ('closed', "the customer is not to be contacted"))
        self.assertFalse(self.env['customer.case.agenda']._open_followups(case))

    def test_reopened_takes_the_revisit_away(self):
        """A case that is worked on again is not asked about meanwhile."""
        case = self._solved()
        with self._at('Tue 10:00'):
            self._change(case, 'reopen', note="It was not all")
        self.assertEqual(case.followup_ids.state, 'cancelled')

    def test_reopened_too_often(self):
        """frappe 3465: from the third reopening on whoever leads hears of it."""
        case = self._solved()
        for number in range(3):
            with self._at('Tue 10:00'):
                self._change(case, 'reopen', note="Again")
                self.assertEqual(bool(self._activities(case, '_missed', self.lena).filtered(
                    lambda activity: "Reopened" in activity.summary)), number > 1, number)
                self._change(case, 'solve', solution="Done")
                self._activities(case, '_missed').unlink()

    # ------------------------------------------------------------
    # PROMISES
    # ------------------------------------------------------------

    def test_promise(self):
        """SRV-4: a need that can't be met now: reason, alternative, day; it is followed up until the customer was told."""
        with self._at('Mon 09:00'):
            case = self._case(case_type='need', name="Smaller crates")
            with self.assertRaisesRegex(ValidationError, "a day to come"):
                self._change(case, 'promise', unmet_reason="No mould", promised_on='2026-12-07')
            self._change(
                case, 'promise', unmet_reason="No mould yet", alternative="Half-filled ones", promised_on='2026-12-10')
        promise = case.followup_ids
        self.assertEqual((case.state, promise.case_purpose, promise.date_planned), ('waiting', 'promise', date(2026, 12, 10)))
        # it stands on the customer and in the panel of the dialog
        dialog = self.env['customer.followup.log'].with_user(self.anna).new({'partner_id': self.harbour.id})
        self.assertIn(promise, dialog._prepare_good_to_know()['promises'])
        with self._at('Thu 10:00'):
            promise._cancel()
            self._run_cron('cases')
            again = case.followup_ids - promise
            self.assertEqual((again.state, again.date_planned), ('planned', date(2026, 12, 10)))
            self._dialog(case, outcome='satisfied', feedback="They come in January").action_done()
        self.assertEqual((case.state, case.told_at), ('working', at('Thu 10:00')))
        self.assertEqual(case.pause_ids.end_reason, 'told')
        self._run_cron('cases')
        self.assertFalse(self.env['customer.case.agenda']._open_followups(case))

    def test_promise_moves_along(self):
        """SRV-4, SRV-2: who takes the case over takes the promise over."""
        with self._at('Mon 09:00'):
            case = self._case(case_type='need')
            self._change(case, 'promise', unmet_reason="No mould yet", promised_on='2026-12-10')
            self._change(case, 'hand_over', user_id=self.ben.id)
            case.with_user(self.ben).action_accept()
        self.assertEqual(case.followup_ids.user_id, self.ben)

    # ------------------------------------------------------------
    # FROM THE CUSTOMER
    # ------------------------------------------------------------

    def test_from_the_log_dialog(self):
        """SRV-1: “has a problem” opens a case with what was typed."""
        with self._at('Mon 09:00'):
            dialog = self.env['customer.followup.log'].with_user(self.anna).create({
                'partner_id': self.harbour.id, 'channel_id': self.call.id, 'contact_id': self.captain.id,
                'outcome': 'problem', 'feedback': "Crates broken again\nthe third time"})
            self.assertTrue(dialog.open_case)
            dialog.action_done()
        case = self.env['customer.case'].search([('partner_id', '=', self.harbour.id)])
        self.assertEqual(
            (case.name, case.description, case.case_type, case.contact_id, case.channel_id, case.user_id),
            ("Crates broken again", "Crates broken again\nthe third time", 'complaint', self.captain, self.call, self.anna))
        self.assertEqual(case.followup_ids.feedback, case.description)
        # other outcomes open none, unless somebody wants one
        with self._at('Mon 09:30'):
            for outcome, wanted in (('satisfied', False), ('need', False), ('need', True)):
                dialog = dialog.create({
                    'partner_id': self.harbour.id, 'channel_id': self.call.id, 'outcome': outcome, 'feedback': "More crates",
                    'case_type': 'need'})
                dialog.open_case = wanted
                dialog.action_done()
        self.assertEqual(len(case.search([('partner_id', '=', self.harbour.id), ('case_type', '=', 'need')])), 1)

    def test_log_without_words(self):
        with self._at('Mon 09:00'), self.assertRaisesRegex(ValidationError, "what the problem is"):
            self.env['customer.followup.log'].with_user(self.anna).create({
                'partner_id': self.harbour.id, 'channel_id': self.call.id, 'outcome': 'problem'}).action_done()

    def test_logging_about_a_case_is_an_answer(self):
        """A call to the customer about the case answers it."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:20'):
            self._dialog(case, outcome='neutral', feedback="New ones come tomorrow").action_done()
        self.assertClock(self._clock(case, 'response'), 'met', taken=1 / 3)
        self.assertEqual(case.followup_ids.feedback, "New ones come tomorrow")

    def test_nothing_by_itself_meanwhile(self):
        """CAD-10: while a complaint is open nothing is sent by itself; afterwards it leaves."""
        template = self.env['mail.template'].create({
            'name': "News", 'subject': "News", 'model_id': self.env['ir.model']._get_id('res.partner')})
        cadence = self._cadence("By itself", {
            'name': "News", 'channel_id': self.email.id, 'automatic': True, 'mail_template_id': template.id})
        self.harbour.customer_cadence_id = cadence
        with self._at('Mon 09:00'):
            case = self._case()
            self.env['customer.planner']._plan(self.harbour.ids)
            followup = self._open(self.harbour, cadence.step_ids)
            followup._write({'date_planned': date(2026, 12, 7)})
            due = self.env['customer.sender']._due_domain()
            self.assertTrue(self.harbour.customer_has_complaint)
            self.assertNotIn(followup, followup.search(due))
            self._change(case, 'solve', solution="Done")
            self.assertIn(followup, followup.search(self.env['customer.sender']._due_domain()))
            # a problem is no complaint
            self._case(case_type='problem')
            self.assertIn(followup, followup.search(self.env['customer.sender']._due_domain()))

    def test_strip(self):
        """The strip of the customer's form says that there is a complaint, and until when something has to happen."""
        with self._at('Mon 09:00'):
            self.assertFalse(self.harbour.with_user(self.anna).get_customer_strip()['cases'])
            self._case()
            cases = self.harbour.with_user(self.anna).get_customer_strip()['cases']
        self.assertEqual((cases['name'], cases['complaint'], cases['missed']), ("Open complaint", True, False))
        self.assertIn("Answer", cases['deadline'])
        self.assertEqual(cases['left'], "1 h left")
        self.assertEqual(self.harbour.with_user(self.anna).customer_open_case_count, 1)
        self.assertIn(self.harbour, self.harbour.search([('customer_has_complaint', '=', True)]))

    def test_service_of_a_year(self):
        """SRV-1: card, list and strip say when the last complaint came in and how many deadlines were met in a year, of the
        cases that the user may see, in one statement for all customers."""
        with self._at('Mon 09:00'):
            case = self._case()
            self._case(case_type='problem')
            self._change(self._case(), 'withdraw', note="None")
        with self._at('Mon 09:30'):
            case.action_answer()
        with self._at('Wed 09:00'):
            self._run_cron('cases')
            self._change(case, 'solve', solution="Done")
            harbour = self.harbour.with_user(self.anna)
            # answered in time, solved too late; of the problem both were missed
            self.assertEqual(
                (harbour.customer_open_case_count, harbour.customer_last_complaint, harbour.customer_sla_count,
                 harbour.customer_sla_percent), (2, date(2026, 12, 7), 3, 33))
            self.assertEqual(harbour.get_customer_strip()['service'], {'last': "12/07/2026", 'met': "33 % of 3"})
            self.assertEqual(self.harbour.with_user(self.otto).customer_sla_count, 0)
            others, counts = self.harbour + self._customer("One") + self._customer("Two"), []
            for partners in (self.harbour, self.harbour, others):
                self.env.flush_all()
                self.env.invalidate_all()
                partners.mapped('name')
                before = self.env.cr.sql_log_count
                partners.with_user(self.anna).mapped('customer_open_case_count')
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[1], counts[2])
        with self._on('2027-12-20'):
            self.env.invalidate_all()
            strip = harbour.get_customer_strip()
            self.assertEqual(strip['service'], {'last': '', 'met': ''})
