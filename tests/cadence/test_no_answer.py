"""CAD-7: nobody answers: why, what is done otherwise next time, when the leader hears of it, and what helped."""
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ...models.base.customer_fact import Span
from ..common import CustomerCase

REASON = 'customer_success.customer_reason_'


class TestNoAnswer(CustomerCase):
    """Monday, 2 March 2026, at noon: Anna calls a customer with two people, and nobody answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime(2026, 3, 2, 12))
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        with freeze_time('2026-02-02 12:00:00'):
            cls.customer = cls._customer("Silent Works", customer_cadence_id=cls.cadence.id)
            cls.env['customer.planner']._work_queue()
        cls.ann, cls.bob = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': f'{name.lower()}@silent.example.com', 'phone': '+49 30 1234567'}
            for name in ("Ann", "Bob")])
        cls.reasons = {name: cls.env.ref(REASON + name) for name in (
            'no_need', 'no_budget', 'wrong_person', 'unreachable', 'competitor')}

    def _dialog(self, followup=None):
        """Return the dialog as Anna sees it, with no answer chosen."""
        customer = self.customer.with_user(self.anna)
        context = customer._action_log(followup=followup, contact=self.ann)['context']
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(**context))
        form.outcome = 'no_answer'
        return form

    def _take(self, change, reason='unreachable', **vals):
        """Log an attempt with a change of approach, and return its record and the action that follows."""
        form = self._dialog()
        form.reason_id = self.reasons[reason]
        form.approach_id = form.approach_ids[:].filtered(lambda approach: approach.change == change)
        for name, value in vals.items():
            form[name] = value
        action = form.save().action_done()
        return self._attempts()[:1], action

    def _attempts(self):
        return self.env['customer.followup'].search(
            [('partner_id', '=', self.customer.id), ('outcome', '=', 'no_answer')], order='id desc')

    def _attempt(self, **vals):
        return self._log(self.customer.with_user(self.anna), outcome='no_answer', **vals)

    def _told(self):
        return self.env['mail.activity'].search([('summary', 'like', "Nobody has answered")])

    # ------------------------------------------------------------
    # WHY, AND WHAT IS PROPOSED
    # ------------------------------------------------------------

    def test_cad_7_reason(self):
        """CAD-7: that nobody was there is the reason until somebody knows better; nothing changes that nobody chose."""
        before = self._open(self.customer)
        form = self._dialog()
        self.assertEqual(form.reason_id, self.reasons['unreachable'])
        form.reason_id = self.reasons['no_budget']
        form.save().action_done()
        self.assertRecordValues(self._attempts(), [{
            'reason_id': self.reasons['no_budget'].id, 'approach_id': False, 'qualifies': False, 'channel_id': self.call.id}])
        self.assertEqual((self._open(self.customer), before.channel_id, before.date_manual), (before, self.call, False))
        form = self._dialog()
        form.outcome = 'neutral'
        self.assertFalse(form.reason_id or form.approach_ids)

    def test_cad_7_proposals(self):
        """CAD-7: by the reason, and by how often nobody answered; an editable list."""
        def proposed(reason, attempts):
            return self.env['customer.approach']._proposals(self.reasons[reason], attempts).mapped('change')

        self.assertEqual(proposed('unreachable', 1), ['time', 'channel'])
        self.assertEqual(proposed('unreachable', 2), ['time', 'channel', 'person'])
        self.assertEqual(proposed('unreachable', 4), ['channel', 'person', 'time', 'stop'])
        self.assertEqual(proposed('wrong_person', 1)[0], 'person')
        self.assertEqual(proposed('no_need', 1)[0], 'case')
        self.assertEqual(proposed('no_need', 2)[:2], ['case', 'stop'])
        self.assertEqual(proposed('no_budget', 1)[0], 'threshold')
        self.assertEqual(proposed('competitor', 3)[:3], ['case', 'threshold', 'stop'])
        self.env['customer.approach'].search([('reason_id', '=', self.reasons['no_need'].id)]).active = False
        self.assertEqual(proposed('no_need', 1), ['channel', 'time'])

    def test_cad_7_chosen_for_another_reason(self):
        """CAD-7: what was chosen goes when the reason changes, and a second click takes it back."""
        form = self._dialog()
        form.reason_id = self.reasons['no_need']
        form.approach_id = form.approach_ids[:].filtered(lambda approach: approach.change == 'case')
        self.assertEqual(form.approach_text, "Tell how a similar customer used it")
        self.assertIn("The next one: Call with Ann on Mon, Mar 16", form.effect)
        form.reason_id = self.reasons['unreachable']
        self.assertFalse(form.approach_id or form.approach_text)
        form.approach_id = form.approach_ids[:][0]
        self.assertTrue(form.approach_date)
        form.approach_id = self.env['customer.approach']
        self.assertIn("What is planned stays planned", form.effect)
        before = self._open(self.customer).date_planned
        form.save().action_done()
        self.assertEqual(self._open(self.customer).date_planned, before)

    # ------------------------------------------------------------
    # WHAT IS TAKEN
    # ------------------------------------------------------------

    def test_cad_7_other_channel(self):
        """CAD-7: the next follow-up is on the other channel and on its day, whatever plans it anew, until somebody answers."""
        planned = self._open(self.customer)
        self._attempt()
        attempt, __ = self._take('channel')
        self.assertEqual(attempt.next_followup_id, planned)
        self.assertRecordValues(planned, [{
            'state': 'planned', 'channel_id': self.video.id, 'channel_manual_id': self.video.id, 'contact_id': self.ann.id,
            'date_planned': date(2026, 3, 4), 'move_kind': 'manual', 'move_count': 0}])
        self.step.interval_count = 2
        self.env['customer.planner']._work_queue()
        self.assertRecordValues(planned, [{'channel_id': self.video.id, 'date_planned': date(2026, 3, 4)}])
        done = self._log(self.customer.with_user(self.anna), self.video)
        self.assertEqual(done, planned)
        self.assertRecordValues(self._open(self.customer), [{
            'channel_id': self.call.id, 'channel_manual_id': False, 'date_anchor': date(2026, 3, 2)}])

    def test_cad_7_channel_that_was_opted_out_of(self):
        """CAD-7, CAD-8: who wants no emails any more gets none, whatever was chosen before."""
        planned = self._open(self.customer)
        self._take('channel', 'unreachable', approach_channel_id=self.email)
        self.assertEqual(planned.channel_id, self.email)
        self.customer.email = 'office@silent.example.com'
        self.env['mail.blacklist']._add('office@silent.example.com')
        self.env['customer.planner']._work_queue()
        self.assertEqual(planned.channel_id, self.call)

    def test_cad_7_other_person(self):
        """CAD-7: the next one is with somebody else there; a touch that was agreed on changes as well."""
        promise = self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Samples", 'date_planned': '2026-03-02'})
        attempt, __ = self._take('person', 'wrong_person')
        self.assertEqual(attempt.next_followup_id, promise, "what was due was worked on")
        self.assertRecordValues(promise, [{
            'contact_id': self.bob.id, 'date_planned': date(2026, 3, 3), 'channel_id': self.call.id, 'state': 'planned'}])

    def test_cad_7_other_time(self):
        """CAD-7: the day is one that suits: from Friday on it is Monday."""
        with freeze_time('2026-03-06 12:00:00'):
            self._take('time')
        self.assertEqual(self._open(self.customer).date_planned, date(2026, 3, 9))

    def test_cad_7_text_and_template(self):
        """CAD-7: a case study and a lower threshold stand on the next follow-up, with the template it is written by."""
        template = self.env['mail.template'].create({
            'name': "Case", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "How others did it"})
        self.env['customer.approach'].search([('change', '=', 'case')]).mail_template_id = template
        self._take('case', 'competitor', approach_channel_id=self.email)
        planned = self._open(self.customer)
        self.assertRecordValues(planned, [{
            'name': "Tell of a customer who came from the same competitor", 'mail_template_id': template.id,
            'date_planned': date(2026, 3, 23)}])
        self.assertEqual(planned.with_user(self.anna).action_write_email()['context']['default_template_id'], template.id)

    def test_cad_7_nothing_planned(self):
        """CAD-7: where nothing is planned, the next attempt opens as an agreed step."""
        self.customer.write({
            'email': 'office@silent.example.com',
            'customer_cadence_id': self._cadence("By email", {'name': "News", 'channel_id': self.email.id}).id})
        self.env['mail.blacklist']._add('office@silent.example.com')
        self.env['customer.planner']._work_queue()
        self.assertFalse(self._open(self.customer))
        self._take('time')
        self.assertRecordValues(self._open(self.customer), [{
            'name': "Another time of day", 'date_planned': date(2026, 3, 3), 'user_id': self.anna.id, 'step_id': False}])

    def test_cad_7_stop(self):
        """CAD-7: a stop opens the dialog that pauses, and nothing stops before it is confirmed there."""
        for __ in range(3):
            self._attempt()
        attempt, action = self._take('stop', 'no_need')
        self.assertEqual((attempt.approach_change, attempt.next_followup_id.id), ('stop', False))
        self.assertFalse(self.customer.customer_pause_ids)
        following = action['params']['next']
        form = Form(self.env[following['res_model']].with_user(self.anna).with_context(**following['context']))
        self.assertEqual((form.kind, form.date_to, form.reason_id), ('pause', date(2026, 5, 31), self.reasons['no_need']))
        form.save().action_apply()
        self.assertRecordValues(self.customer.customer_pause_ids, [{'note': "Nobody answered, attempt number 4"}])

    def test_cad_7_bad_input(self):
        """CAD-7: a day that is past, a change without words, attempts that can't be."""
        with self.assertRaisesRegex(ValidationError, "moved into the past"):
            self._take('time', approach_date=date(2026, 3, 1))
        approach = self.env['customer.approach'].search([('change', '=', 'case')], limit=1)
        with self.assertRaisesRegex(ValidationError, "what is to be done"):
            approach.text = False
        with self._refused("from the first attempt"):
            approach.attempts_from = 0
        with self._refused("can't be negative"):
            approach.days = -1

    # ------------------------------------------------------------
    # THE LEADER
    # ------------------------------------------------------------

    def test_cad_7_leader_hears_once(self):
        """CAD-7: the third attempt in a row goes to the leader, with the history, once until somebody is reached."""
        self._attempt(feedback="Rang for long", reason=self.reasons['unreachable'])
        self._attempt(channel=self.email)
        self.assertFalse(self._told())
        self._attempt()
        told = self._told()
        self.assertRecordValues(told, [{'user_id': self.lena.id, 'summary': "Nobody has answered 3 times in a row"}])
        for words in ("Rang for long", "Unreachable", "Email", "<li>"):
            self.assertIn(words, told.note)
        self._attempt()
        self.assertEqual(self._told(), told)
        with freeze_time('2026-03-02 13:00:00'):
            self._log(self.customer.with_user(self.anna))
        with freeze_time('2026-03-02 14:00:00'):
            for __ in range(3):
                self._attempt()
        self.assertEqual(len(self._told()), 2)

    def test_cad_7_what_is_no_attempt(self):
        """CAD-7: an email that the server refused, and a meeting that did not take place, are nobody's attempts."""
        for vals in ({'send_error': "No address"}, {'counted_by_id': self.env['customer.contact.rule'].with_context(
                active_test=False).search([], limit=1).id}):
            attempt = self._attempt()
            attempt.sudo().write(vals)
        self._attempt()
        self.assertFalse(self._told())
        self.assertEqual(len(self.env['customer.followup.attempts']._in_a_row(self.customer)), 1)

    def _leave_by_itself(self):
        """Let something leave that nobody answered: a letter, a question, and an email that a rule counts."""
        letter, question, email = (self._log(self.customer, self.email, outcome=False) for __ in range(3))
        letter.sudo().sent_message_id = self.env['mail.message'].create({'model': 'customer.followup', 'res_id': letter.id})
        question.sudo().step_id = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "News", 'channel_id': self.email.id, 'interval_unit': 'year',
            'automatic': True, 'mail_template_id': self.env['mail.template'].create({
                'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News",
                'body_html': "<p>News</p>"}).id})
        email.sudo().counted_by_id = self.env['customer.contact.rule'].with_context(active_test=False).search(
            [('kind', '=', 'email_out')], limit=1)
        return letter + question + email

    def test_cad_7_what_leaves_by_itself_is_no_answer(self):
        """CAD-7, CAD-10: what left by itself between the attempts reached nobody: the leader hears all the same, it is not what
        helped, and nobody was spoken to; an answer to it ends the row."""
        with freeze_time('2026-02-20 12:00:00'):
            self._log(self.customer.with_user(self.anna))
        with freeze_time('2026-03-02 12:00:00'):
            taken, __ = self._take('time')
        with freeze_time('2026-03-02 13:00:00'):
            sent = self._leave_by_itself()
        report = self.env['customer.approach.report'].search([('followup_id', '=', taken.id)])
        self.assertEqual((report.result, report.answered), ('waiting', 0))
        facts = self.env['customer.fact']
        found, __ = facts._measure({'it': ('silence', {'window_days': None, 'today': date(2026, 3, 2), 'threshold': 1}, [
            Span(self.customer.id, self.customer.id, date(2026, 1, 1), date(2026, 3, 2))])})
        self.assertEqual(found['it'][self.customer.id].value, 10)
        with freeze_time('2026-03-02 14:00:00'):
            for __ in range(2):
                self._attempt()
        self.assertEqual(self._told().summary, "Nobody has answered 3 times in a row")
        report.invalidate_recordset()
        self.assertEqual(report.result, 'unanswered')
        sent[0].sudo().answered_at = '2026-03-02 13:30:00'
        report.invalidate_recordset()
        self.assertEqual(report.result, 'answered')
        self.assertEqual(len(self.env['customer.followup.attempts']._in_a_row(self.customer)), 2)

    def test_cad_7_limit_is_a_setting(self):
        """CAD-7: after how many attempts the leader hears of it is a setting."""
        self.env['ir.config_parameter'].set_param('customer_success.no_answer_limit', '1')
        self._attempt()
        self.assertEqual(len(self._told()), 1)

    # ------------------------------------------------------------
    # WHAT HELPED
    # ------------------------------------------------------------

    def test_cad_7_what_helped(self):
        """CAD-7: of each change taken, whether somebody answered the next time; what waits and stops are out of the share."""
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(days=6)):
            first, __ = self._take('time')
        with freeze_time(now - timedelta(days=4)):
            second, __ = self._take('channel', approach_channel_id=self.email)
        with freeze_time(now - timedelta(days=1)):
            self._log(self.customer.with_user(self.anna), self.email, outcome='need')
        third, __ = self._take('channel')
        report = self.env['customer.approach.report'].with_user(self.anna)
        rows = report.search([('partner_id', '=', self.customer.id)], order='date')
        self.assertRecordValues(rows, [
            {'followup_id': first.id, 'result': 'unanswered', 'answered': 0, 'answered_percent': 0, 'days': 2},
            {'followup_id': second.id, 'result': 'answered', 'answered': 1, 'answered_percent': 100, 'days': 3},
            {'followup_id': third.id, 'result': 'waiting', 'answered': 0, 'answered_percent': 0, 'days': 0}])
        self.assertEqual(rows[1].next_outcome, 'need')
        [[share, taken]] = report._read_group(
            [('partner_id', '=', self.customer.id)], [], ['answered_percent:avg', 'taken:sum'])
        self.assertEqual((share, taken), (50, 3))
        self.assertFalse(self.env['customer.approach.report'].with_user(self.otto).search([]))
        with self.assertRaises(UserError):
            rows.write({'answered': 1})
