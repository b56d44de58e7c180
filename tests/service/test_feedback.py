from markupsafe import Markup
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, mute_logger, users

from odoo.addons.customer_success.engine import nps

from .common import at
from .feedback_common import FeedbackCase


class TestFeedback(FeedbackCase):
    """What customers say, what it counts, and what is done about it (SRV-5, SRV-6)."""

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _nps(self, groupby, domain=()):
        """Return the NPS by group as pivots, graphs and grouped lists read it."""
        rows = self.env['customer.feedback'].formatted_read_group(
            [('partner_id', 'in', (self.harbour + self.mill).ids), *domain], groupby, ['nps:avg', 'nps_margin:avg', '__count'])
        return {tuple(row[name][0] if isinstance(row[name], tuple) else row[name] for name in groupby): row for row in rows}

    def test_nps_in_every_grouping(self):
        """SRV-5, golden: 10, 9, 8, 6, 0 are NPS 0 in every grouping; four answers show none; the mean of means is not used."""
        self.mill = self._customer("Mill")
        for score in (10, 9, 8, 6, 0):
            self._feedback(score)
        for score in (10, 10, 10, 10, 10, 10, 10):
            self._feedback(score, partner_id=self.mill.id, contact_id=False)
        self._feedback(1, kind='csat')  # is no recommendation
        for groupby in ([], ['partner_id'], ['user_id'], ['manager_id'], ['tier_id'], ['kind'], ['given_at:month'], ['source'],
                        ['partner_id', 'source']):
            rows = self._nps(groupby)
            of_all = self._nps([])[()]
            self.assertAlmostEqual(of_all['nps:avg'], 100 * (9 - 2) / 12, msg="12 answers: 9 promoters, 2 detractors")
            if 'partner_id' in groupby:
                found = {key: row['nps:avg'] for key, row in rows.items()}
                self.assertEqual(found, {
                    key: (0 if self.harbour.id in key else 100) for key in rows})
        found = self._nps(['partner_id'], [('score', '!=', 0)])[self.harbour.id,]
        self.assertFalse(found['nps:avg'], "four answers show none")
        self.assertFalse(found['nps_margin:avg'])
        self.assertFalse(self._nps(['category'])['passive',]['nps:avg'], "a single answer is no NPS")

    def test_margin_is_that_of_the_engine(self):
        """The range that a pivot shows is that of the arithmetic, in one group and in all."""
        self.mill = self._customer("Mill")
        scores = (10, 9, 8, 6, 0, 3, 7, 10)
        for score in scores:
            self._feedback(score)
        row = self._nps([])[()]
        expected = nps.summary_of(scores)
        self.assertAlmostEqual(row['nps_margin:avg'], expected.margin)
        self.assertAlmostEqual(row['nps:avg'], expected.score)
        self.assertEqual(
            self.env['customer.feedback']._say_summary(expected, 80),
            "NPS 0 ± 49 (n = 8): 38 % promoters, 25 % passives, 38 % detractors. Target: 80")

    def test_minimum_is_a_setting(self):
        self.mill = self._customer("Mill")
        for score in (10, 9, 0):
            self._feedback(score)
        self.assertFalse(self._nps([])[()]['nps:avg'])
        self._set(feedback_minimum=3)
        self.assertAlmostEqual(self._nps([])[()]['nps:avg'], 100 / 3)

    def test_classes(self):
        """0 is an answer; the class of an NPS answer is what it is everywhere, whatever the setting of who is called."""
        self._set(feedback_unhappy_nps=3)
        for score, category, value, unhappy in (
                (0, 'detractor', -100, True), (3, 'detractor', -100, True), (4, 'detractor', -100, False),
                (6, 'detractor', -100, False),
                (7, 'passive', 0, False), (8, 'passive', 0, False), (9, 'promoter', 100, False), (10, 'promoter', 100, False)):
            feedback = self._feedback(score)
            self.assertEqual(
                (feedback.score, feedback.category, feedback.nps, feedback.unhappy), (score, category, value, unhappy))
        for score, category, satisfied in (
                (1, 'unsatisfied', 0), (3, 'neutral', 0), (4, 'satisfied', 100), (5, 'satisfied', 100)):
            feedback = self._feedback(score, kind='csat')
            self.assertEqual((feedback.category, feedback.csat, feedback.satisfied), (category, score, satisfied))

    def test_not_on_the_scale(self):
        for kind, score in (('nps', 11), ('nps', -1), ('csat', 0), ('csat', 6)):
            with self._refused("from 0 to 10"):
                self._feedback(score, kind=kind)

    def test_facts(self):
        """SRV-5: CSAT, NPS, unhappy answers and what waits, for health, warnings, KPIs and next best actions."""
        with self._at('Mon 09:00'):
            for score in (4, 5, 3):
                self._feedback(score, kind='csat')
            for score in (10, 9, 8, 6, 0):
                self._feedback(score, comment="Late again" if score == 0 else '')
        with self._at('Thu 09:00'):
            found = self._fact('csat', 'satisfied_share', 'nps', 'unhappy_answers', 'feedback_waits')
            self.assertEqual(found['csat'][0], 4)
            self.assertAlmostEqual(found['satisfied_share'][0], 66.6667, 3)
            self.assertEqual(found['nps'][0], 0)
            self.assertEqual(found['unhappy_answers'][0], 2)
            self.assertEqual(found['feedback_waits'][0], 3)
            self.assertEqual(found['unhappy_answers'][1], "Answered 0 of 10 on 12/07/2026: “Late again”")
            self.assertEqual(found['nps'][1], "NPS 0 (n = 5)")
            self.env['customer.feedback'].search([('score', '=', 8)]).unlink()
            found = self._fact('nps', 'csat')
            self.assertNotIn('nps', found, "of four answers there is none")

    def test_kpis(self):
        """The shipped KPIs of satisfaction and recommendation are measured by the answers of the cycle, where nobody chose
        otherwise; a measure of health can take the average."""
        kpi = self.env['customer.kpi'].create({'name': "Asked", 'source': 'nps', 'target': 50, 'minimum': -100, 'maximum': 100})
        self.assertEqual((kpi.unit, kpi.better), ('points', 'higher'))
        shipped = [self.env.ref(f'customer_success.customer_kpi_{name}') for name in ('satisfaction', 'nps')]
        for own, source in zip(shipped, ('satisfied_share', 'nps'), strict=True):
            self.assertIn(own.source, (source, 'manual'))
            own.source = source
            self.assertTrue(own._is_measured())
        self.assertEqual(self.env.ref('customer_success.customer_health_measure_csat').source, 'csat')
        with self._at('Mon 09:00'):
            for score in (4, 5, 3):
                self._feedback(score, kind='csat')
            self.env.flush_all()
        with self._at('Tue 09:00'):
            self.assertEqual(self._fact('csat', days=365)['csat'], (4, "CSAT 4.0 of 5 (n = 3)"))

    def test_warning(self):
        """An unhappy answer raises the shipped warning, once for each answer."""
        with self._at('Mon 09:00'):
            self._feedback(3, comment="Third bad batch")
        for day in ('Tue 09:00', 'Wed 09:00'):
            with self._at(day):
                self._run_cron('warn')
        warning = self.env['customer.warning'].search([
            ('partner_id', '=', self.harbour.id),
            ('rule_id', '=', self.env.ref('customer_success.customer_warning_rule_unhappy_answer').id)])
        self.assertEqual(len(warning), 1)
        self.assertIn("Answered 3 of 10", warning.reason)

    # ------------------------------------------------------------
    # CLOSED LOOP
    # ------------------------------------------------------------

    def test_loop_of_the_unhappy(self):
        """SRV-6: who is unhappy is answered to only when it is known what is behind it and what was done."""
        feedback = self._feedback(3)
        self.assertEqual(feedback.state, 'new')
        with self._at('Tue 09:00'):
            self._note(feedback, reply="We are sorry")
            self.assertEqual(feedback.state, 'new')
            self._note(feedback, analysis="Wrong seal")
            self.assertEqual(
                (feedback.state, feedback.analysed_by_id, feedback.analysed_at), ('analysed', self.anna, at('Tue 09:00')))
        with self._at('Wed 09:00'):
            self._note(feedback, measure="Other seal", user=self.lena)
        self.assertEqual((feedback.state, feedback.acted_by_id, feedback.answered_by_id), ('answered', self.lena, self.anna))

    def test_loop_of_the_happy(self):
        """A word of thanks is enough, for many at once."""
        feedbacks = self._feedback(9) + self._feedback(10)
        self._note(feedbacks, reply="Thanked by email")
        self.assertEqual(feedbacks.mapped('state'), ['answered', 'answered'])

    def test_nothing_to_note(self):
        with self.assertRaisesRegex(ValidationError, "Please say what is behind it"):
            self._note(self._feedback(9), reply="  ")

    def test_call(self):
        """Who is unhappy is called within a day by whoever is responsible; what is logged is the answer."""
        with self._at('Mon 09:00'):
            feedback = self._feedback(2)
        followup = feedback.followup_ids
        self.assertEqual((len(followup), followup.user_id, followup.medium, str(followup.date_planned), followup.contact_id),
                         (1, self.anna, 'phone', '2026-12-07', self.captain))
        self.assertIn("2 of 10", followup.name)
        with self._at('Mon 12:00'):
            self._log(self.harbour.with_user(self.anna), contact_at=at('Mon 11:00'), followup=followup.with_user(self.anna),
                      feedback="Told them about the new seal")
            self._note(feedback, analysis="Seal", measure="New seal")
        self.assertEqual((feedback.state, feedback.reply), ('answered', "Told them about the new seal"))

    def test_call_that_reaches_nobody(self):
        """Nobody was told anything."""
        with self._at('Mon 09:00'):
            feedback = self._feedback(2)
        with self._at('Mon 12:00'):
            self._log(self.harbour.with_user(self.anna), contact_at=at('Mon 11:00'),
                      followup=feedback.followup_ids.with_user(self.anna), outcome='no_answer')
        self.assertFalse(feedback.reply)

    def test_complaint_instead(self):
        """By the setting an unhappy answer opens a complaint with what was said."""
        self._set(feedback_unhappy_step='case')
        feedback = self._feedback(2, comment="Crates broken <b>again</b>")
        case = feedback.opened_case_id
        self.assertEqual((case.partner_id, case.case_type, case.description, case.user_id, case.contact_id),
                         (self.harbour, 'complaint', "Crates broken <b>again</b>", self.anna, self.captain))
        self.assertEqual(len(feedback.followup_ids), 1)
        self._set(feedback_unhappy_step='none')
        feedback = self._feedback(2)
        self.assertFalse(feedback.opened_case_id + feedback.followup_ids.case_id)
        self.assertFalse(feedback.followup_ids)

    def test_complaint_reopens_the_case(self):
        """Who is not satisfied with a case that is over has it opened again."""
        self._set(feedback_unhappy_step='case')
        with self._at('Mon 09:00'):
            case = self._case()
            self._change(case, 'solve', solution="New crates")
        with self._at('Tue 09:00'):
            feedback = self._feedback(1, kind='csat', case_id=case.id, comment="Broken too")
        self.assertEqual((case.state, case.cycle, feedback.opened_case_id), ('working', 2, case))

    def test_nobody_calls_who_wants_peace(self):
        self.harbour.customer_do_not_contact = True
        self.assertFalse(self._feedback(0).followup_ids)

    def test_late(self):
        """SRV-6: after the days of the setting whoever is responsible gets an activity, once; the list says so."""
        with self._at('Mon 09:00'):
            feedback = self._feedback(9)
            other = self._feedback(10)
            self._note(other, reply="Thanked")
        with self._at('Wed 09:00'):
            self._run_cron('feedback')
            self.assertFalse(feedback._tasks())
            self.assertFalse(feedback.late)
        with self._at('Fri 09:00'):
            for __ in range(2):
                self._run_cron('feedback')
            self.assertEqual(feedback._tasks().user_id, self.anna)
            self.assertEqual(len(feedback._tasks()), 1)
            self.assertEqual(self.env['customer.feedback'].search([
                ('late', '=', True), ('partner_id', '=', self.harbour.id)]), feedback)
            feedback.user_id = self.ben
            self.assertEqual(feedback._tasks().user_id, self.ben)
            self._note(feedback, reply="Thanked", user=self.lena)
            self.assertFalse(feedback._tasks())

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_entered_by_hand(self):
        """What was said on the phone can be entered, and corrected until somebody has worked with it."""
        feedback = self.env['customer.feedback'].with_user(self.anna).create({
            'contact_id': self.captain.id, 'kind': 'nps', 'score': 0, 'source': 'phone'})
        self.assertEqual(
            (feedback.partner_id, feedback.user_id, feedback.score, feedback.nps), (self.harbour, self.anna, 0, -100))
        feedback.score = 9
        self.assertEqual(feedback.nps, 100)
        self._note(feedback, reply="Thanked")
        with self.assertRaisesRegex(UserError, "stays as it was said"):
            feedback.score = 5

    def test_form(self):
        """The form takes what was said on the phone, 0 as well."""
        with Form(self.env['customer.feedback'].with_user(self.anna)) as form:
            form.partner_id = self.harbour
            form.contact_id = self.captain
            form.score = 0
            form.comment = "Nobody calls back, bad"
        feedback = form.record
        self.assertEqual((feedback.score, feedback.category, feedback.user_id, feedback.contact_id, feedback.source),
                         (0, 'detractor', self.anna, self.captain, 'phone'))
        self.assertTrue(feedback.followup_ids)
        with Form(feedback) as form:
            form.comment = "Nobody calls back"
        self.assertFalse(feedback.mood_ids)

    def test_what_people_dont_write(self):
        feedback = self._feedback(9, source='mail').with_user(self.mara)
        for values in ({'state': 'answered'}, {'nps': 100}, {'reply': "x"}, {'request_id': self._request().id},
                       {'analysed_by_id': self.mara.id}):
            with self.assertRaisesRegex(AccessError, "can't be written"):
                feedback.write(values)
        with self.assertRaisesRegex(UserError, "stays as it was said"):
            feedback.comment = "x"
        with self.assertRaisesRegex(UserError, "the customer has said it"):
            feedback.unlink()
        with self.assertRaisesRegex(AccessError, "can't be written"):
            feedback.create({'partner_id': self.harbour.id, 'score': 5, 'state': 'answered'})
        with self.assertRaisesRegex(ValidationError, "on the phone or by hand"):
            feedback.create({'partner_id': self.harbour.id, 'score': 5, 'source': 'mail'})

    def test_not_somebody_elses(self):
        with self.assertRaisesRegex(AccessError, "is looked after by"):
            self.env['customer.feedback'].with_user(self.otto).create({'partner_id': self.harbour.id, 'score': 5})
        with self.assertRaises(ValidationError):
            self.env['customer.feedback'].with_user(self.mara).create({'score': 5})
        with self.assertRaisesRegex(ValidationError, "Choose a moment that has passed"):
            self._feedback(5, given_at='2031-01-01 00:00:00')

    @users('anna', 'lena', 'mara')
    def test_who_sees_it(self):
        feedback = self._feedback(3).with_user(self.env.uid)
        self.assertIn(feedback, self.env['customer.feedback'].search([]))
        for user in (self.otto, self.li, self.zoe):
            self.assertFalse(feedback.with_user(user).search([('id', '=', feedback.id)]))

    def test_merge(self):
        """Of two customers that are one, the feedback is one's; the person stays who said it."""
        other = self._customer("Harbour Ltd", email='other@harbour.example')
        feedback = self._feedback(3, partner_id=other.id, contact_id=False)
        request = self._request(other)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.harbour + other).ids, self.harbour)
        self.assertEqual((feedback.partner_id, request.partner_id), (self.harbour, self.harbour))

    # ------------------------------------------------------------
    # ON THE CUSTOMER
    # ------------------------------------------------------------

    def test_strip_and_notes(self):
        with self._at('Mon 09:00'):
            self._feedback(9)
            self._feedback(2, comment="Crates <script>alert(1)</script>")
            strip = self.harbour.with_user(self.anna).get_customer_strip()['feedback']
            self.assertEqual(strip, {
                'waits': "2 answers wait for a reply", 'said': "2 of 10 on Dec 7, 2026",
                'comment': "Crates <script>alert(1)</script>", 'unhappy': True})
            self.assertEqual(self.harbour.with_user(self.anna).customer_feedback_note, "2 of 10 on Dec 7, 2026")
            for score in (4, 5):
                self._feedback(score, kind='csat')
            self.env.invalidate_all()
            self.assertEqual(
                self.harbour.with_user(self.anna).customer_feedback_note,
                "5 of 5 on Dec 7, 2026 · CSAT 4.5 of 5 (n = 2): 100 % satisfied")
            lines = self.harbour.with_user(self.anna).get_customer_feedback()
            self.assertEqual(lines[0], [
                "Said When Asked", "5 of 5 on Dec 7, 2026 · CSAT 4.5 of 5 (n = 2): 100 % satisfied"])
            self.assertEqual([label for label, __ in lines], ["Said When Asked", "May Be Asked"])
            form = self.env['res.partner'].with_user(self.anna).get_view(view_type='form')['arch']
            self.assertNotIn('customer_survey_note', form, "opening a contact asks for none of it")
            self._note(self.env['customer.feedback'].search([('partner_id', '=', self.harbour.id)]),
                       analysis="x", measure="y", reply="z")
            self.assertFalse(self.harbour.with_user(self.anna).get_customer_strip()['feedback'])

    def test_uniqueness(self):
        """One question has one answer, also where two come at once."""
        request = self._request()
        values = {'partner_id': self.harbour.id, 'score': 5, 'source': 'mail', 'request_id': request.id}
        self.env['customer.feedback'].create(values)
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.env['customer.feedback'].create(values)

    def test_scripts(self):
        """HTML and scripts in a comment are words."""
        feedback = self._feedback(3, comment="<script>alert(1)</script> broken <img src=x onerror=alert(2)>\n&amp; bad")
        html = feedback.marked_comment
        self.assertIsInstance(html, Markup)
        self.assertNotIn('<script', html)
        self.assertNotIn('<img', html)
        self.assertIn('&lt;script&gt;', html)
        self.assertIn('<mark class="o_customer_mood o_customer_mood_unhappy">broken</mark>', html)
        self.assertIn('&amp;amp;', html)
