"""STR-5: what a review says, and who may see and change it."""
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_success.models.strategy.review_topic import ReviewTopic

from .review_common import START, STOP, TODAY, ReviewCase


class TestReviewFindings(ReviewCase):

    def setUp(self):
        super().setUp()
        self.azure, self.gemini = self._old_customer("Azure"), self._old_customer("Gemini")

    def test_str_5_strategies(self):
        """STR-5: strategies that work and that do not, with the KPIs that stand out, the ended ones first."""
        self._running(
            self.azure, (self.repurchase, 80, 85, 100), (self.complaints, 3, 5, 60), grade=self.good, attainment=92)
        self._running(
            self.gemini, (self.repurchase, 80, 40, 50), grade=self.poor, attainment=50, state='done', ended_by='cycle',
            date_start='2025-12-21', date_end='2026-03-20')
        self._running(self._old_customer("Fair"), grade=self.fair, attainment=70)
        self.assertEqual(self._draft(), [
            "Azure: the strategy stands at “good”, 92 % of its targets – Test repurchase rate 85 % (≥ 80 %)",
            "Gemini: the strategy's cycle ended “poor”, 50 % of its targets – Test repurchase rate 40 % (≥ 80 %)",
            "1 of 3 customers has no running strategy"])

    def test_str_5_order_and_rest(self):
        """STR-5: the most important first, so many per topic; the rest is counted and opens as a list."""
        plan = self.env['customer.review.plan'].create({'name': "Two", 'kind': 'monthly', 'lines_per_topic': 2})
        rest = [self._running(self._old_customer(f"Customer {number}"), grade=self.excellent, attainment=number)
                for number in range(100, 105)][:3]
        review = self._review(plan_id=plan.id)
        texts = self._draft(review)
        self.assertEqual([text[:12] for text in texts[:2]], ["Customer 104", "Customer 103"])
        self.assertEqual(texts[2], "… and 3 more strategies that work")
        self.assertEqual(review.success_count, 5)
        action = review.line_ids.filtered('more').with_user(self.anna).action_open()
        self.assertEqual(action['res_model'], 'customer.strategy')
        self.assertEqual(self.env['customer.strategy'].search(action['domain']), self.env['customer.strategy'].union(*rest))

    def test_str_5_a_summary_is_short(self):
        """STR-5, T7: of all successes those are listed that matter, the most important of each topic first; the rest is counted
        by topic and opens as a list, what was only counted by the topic included; a shortfall takes no success its place."""
        plan = self.env['customer.review.plan'].create(
            {'name': "Short", 'kind': 'monthly', 'lines_per_topic': 3, 'lines_per_kind': 3})
        self.assertEqual(self.env['customer.review.plan'].new({}).lines_per_kind, 10)
        running = [self._running(self._old_customer(f"Customer {number}"), grade=self.excellent, attainment=number)
                   for number in range(100, 105)]
        for day in ('2026-03-10', '2026-03-11', '2026-03-12', '2026-03-13'):
            self._milestone(running[0], f"Step {day}", day, day)
        self._milestone(running[0], "Contract", '2026-03-20')
        review = self._review(plan_id=plan.id)
        self._draft(review)
        successes = review.line_ids.filtered(lambda line: line.kind == 'success').sorted('sequence')
        self.assertEqual([text[:12] for text in successes.mapped('text')[:2]], ["Customer 104", "Customer 103"])
        self.assertEqual(len(successes.filtered(lambda line: not line.more)), 3)
        counted = successes.filtered('more')
        self.assertEqual(counted.mapped('text'), ["… and 3 more strategies that work", "… and 3 more milestones reached"])
        self.assertEqual(review.success_count, 9)
        for line, count in zip(counted, (3, 3), strict=True):
            action = line.with_user(self.anna).action_open()
            self.assertEqual(len(line.res_ids), count)
            self.assertTrue(self.env[action['res_model']].search(action['domain']))
        self.assertEqual(self.env['customer.strategy'].search(counted[0].action_open()['domain']).sorted('id'),
                         self.env['customer.strategy'].union(*running[:3]).sorted('id'))
        self.assertTrue(review.line_ids.filtered(lambda line: "Contract" in line.text and not line.more))

    def test_str_5_judged_by_hand(self):
        """STR-5: where a person judged, the draft says who and why."""
        self._running(
            self.azure, grade=self.good, attainment=40, grade_manual_id=self.good.id, grade_user_id=self.lena.id,
            grade_reason="The order came a day late")
        self.assertEqual(self._draft()[0], "Azure: strategy judged “good” by Lena: The order came a day late")

    def test_str_5_kpi_on_target(self):
        """STR-5: a KPI on target is a success of its own only where the strategy as a whole is none."""
        self._running(self.azure, (self.complaints, 3, 2, 100), (self.repurchase, 80, 20, 25), grade=self.fair, attainment=62)
        self._running(self.gemini, (self.complaints, 3, 2, 100), grade=self.excellent, attainment=100)
        texts = self._draft()
        self.assertEqual(sum("on target though" in text for text in texts), 1)
        self.assertIn(
            "Azure: Test complaints 2 % (≤ 3 %), on target though the strategy as a whole is “fair”", texts)

    def test_str_5_success_beside_a_warning(self):
        """STR-5, S4, K1: what is named as a success is named with the warning that was open beside it at the end of the month;
        what was closed by then or came later is not."""
        self.complaints.signal = 'low_pulse'
        self._running(self.azure, (self.repurchase, 80, 85, 100), grade=self.excellent, attainment=105)
        self._running(self.gemini, (self.complaints, 3, 2, 100), (self.repurchase, 80, 20, 25), grade=self.fair, attainment=62)
        said = {'signal': 'low_pulse', 'value': 2, 'detail': {'day': '2026-03-20'}}
        self._warn(self.azure, '2026-04-02', **{**said, 'level': '3'})
        self._warn(self.gemini, '2026-03-02', **said, state='closed', closed_on='2026-03-30')
        texts = self._draft()
        self.assertTrue(texts)
        self.assertFalse([text for text in texts if "open warning" in text])
        self.env['customer.warning'].search([('partner_id', 'in', (self.azure + self.gemini).ids)]).unlink()
        self._warn(self.azure, '2026-03-20', **{**said, 'level': '3'})
        self._warn(self.gemini, '2026-03-20', **said)
        texts = self._draft()
        for start in ("Azure: the strategy stands at “excellent”", "Gemini: Test complaints 2 %"):
            [text] = [text for text in texts if text.startswith(start)]
            self.assertTrue(text.endswith(
                " – but with an open warning since 03/20/2026: Satisfaction 2 of 5 on 03/20/2026: Unhappy"), text)

    def test_str_5_milestones(self):
        """STR-5: milestones reached and missed in the month, not those of other months or to come."""
        strategy = self._running(self.azure, grade=self.fair)
        self._milestone(strategy, "Trial", '2026-03-10', '2026-03-08')
        self._milestone(strategy, "Contract", '2026-03-20')
        self._milestone(strategy, "Audit", '2026-03-25', '2026-04-02')
        self._milestone(strategy, "Earlier", '2026-02-10', '2026-02-10')
        self._milestone(strategy, "Later", '2026-04-04')
        self.assertEqual(self._draft()[:3], [
            "Azure: “Trial” reached on 03/08/2026, 2 days early",
            "Azure: “Contract” was due on 03/20/2026 and is not reached",
            "Azure: “Audit” was due on 03/25/2026 and is not reached"], "what came after the month is not known to it")

    def test_str_5_adjustments(self):
        """STR-5: adjustments that helped, that did not, and that wait."""
        strategy = self._running(self.azure, grade=self.fair)
        self._adjustment(strategy, state='applied', verdict='effective', net_percent=95, measured_on='2026-03-15', name="ADJ/1")
        self._adjustment(strategy, state='reviewed', verdict='not', net_percent=10, measured_on='2026-03-16', name="ADJ/2")
        self._adjustment(strategy, state='applied', verdict='not', net_percent=0, measured_on='2026-02-16', name="ADJ/3")
        self._adjustment(strategy, state='approved', date='2026-03-20', problem="The customer was not told.", name="ADJ/4")
        other = self._running(self.gemini, grade=self.fair)
        self._adjustment(other, state='submitted', submitted_on='2026-03-02 09:00:00', name="ADJ/5")
        self.assertEqual(self._draft()[:4], [
            "Azure: the adjustment ADJ/1 helped, 95 % of the expected improvement",
            "Azure: the adjustment ADJ/2 did not help, 10 % of the expected improvement",
            "Gemini: the adjustment ADJ/5 waits for a decision since 03/02/2026",
            "Azure: the adjustment ADJ/4 was to apply on 03/20/2026 and has not: The customer was not told."])

    def test_str_5_health(self):
        """STR-5: who does better and worse than before the month, by the band at its end."""
        self._health(self.azure, ('2026-01-01', 40), ('2026-03-10', 80))
        self._health(self.gemini, ('2026-01-01', 78), ('2026-03-10', 60), ('2026-03-20', 42), ('2026-04-03', 90))
        self._health(self._old_customer("Same"), ('2026-01-01', 80), ('2026-03-10', 76))
        self.assertEqual(self._draft(), [
            "Azure: health up from 40 to 80, now “Healthy”", "Gemini: health down from 78 to 42, now “At risk”"])

    def test_str_5_customers_come_and_go(self):
        """STR-5: new customers, and those who were lost, with why."""
        with self._on('2026-03-12'):
            self._customer("Newcomer")
            old = self._customer("Enrolled only now")
        with self._on(TODAY):
            self._order(old, 100, '2024-03-05')
            self._order(self._customer("Buyer"), 1000, '2026-03-20')
        self._warn(
            self.gemini, '2026-02-01', state='closed', outcome='lost', closed_on='2026-03-12', outcome_note="Went to a rival")
        self._warn(self.gemini, '2026-02-01', state='closed', outcome='lost', closed_on='2026-03-12', signal='silence')
        texts = self._draft()
        self.assertEqual([text for text in texts if "new customer" in text], [
            "Buyer: new customer since 03/20/2026, bought for $\N{NO-BREAK SPACE}1,000.00 in twelve months",
            "Newcomer: new customer since 03/12/2026"])
        self.assertEqual([text for text in texts if "lost" in text], ["Gemini: lost: Went to a rival"])

    def test_str_5_warnings(self):
        """STR-5: warnings that were solved, and those that are open for long."""
        self._warn(
            self.azure, '2026-03-02', state='closed', outcome='solved', closed_on='2026-03-12', outcome_note="New contact person")
        self._warn(self.gemini, '2026-03-02')
        self._warn(self.azure, '2026-03-25', signal='silence')
        signal = dict(self.env['customer.warning']._selection_signal())['score_level']
        self.assertEqual(self._draft(), [
            f"Azure: warning “{signal}” solved after 10 days: New contact person",
            f"Gemini: warning “{signal}” open for 29 days, nobody has taken it on"])

    def test_str_5_followups(self):
        """STR-5: what was overdue at the end of the month, and how many follow-ups were made in time."""
        self.azure.customer_cadence_id = self.cadence
        vals = {'partner_id': self.azure.id, 'channel_id': self.call.id, 'step_id': self.step.id, 'name': "Monthly call"}
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM customer_followup")
        self.env.invalidate_all()
        self.env['customer.followup'].create([
            {**vals, 'state': 'done', 'contact_day': '2026-03-05', 'date_limit': '2026-03-06', 'event_date': '2026-03-01'},
            {**vals, 'state': 'done', 'contact_day': '2026-03-28', 'date_limit': '2026-04-20', 'event_date': '2026-03-02'},
            {**vals, 'state': 'done', 'contact_day': '2026-03-20', 'date_limit': '2026-03-10', 'event_date': '2026-03-03'},
            {**vals, 'state': 'skipped', 'date_limit': '2026-03-10', 'event_date': '2026-03-04'},
            {**vals, 'state': 'planned', 'date_planned': '2026-03-10', 'date_limit': '2026-03-13'}])
        self.assertEqual(self._draft(), [
            "Azure: “Monthly call” overdue for 21 days",
            "2 of 4 follow-ups were made in time (50 %), 1 late, 1 not yet"])

    def test_str_5_tiers(self):
        """STR-5: who moved up or down by the figures; the last change of the month counts."""
        change = {'partner_id': self.azure.id, 'cause': 'revenue', 'old_tier_id': self.tier_mid.id}
        self.env['customer.tier.change'].search([('partner_id', 'in', (self.azure + self.gemini).ids)]).unlink()
        self.env['customer.tier.change'].create([
            {**change, 'date': '2026-03-05', 'new_tier_id': self.tier_low.id, 'direction': 'down'},
            {**change, 'date': '2026-03-15', 'new_tier_id': self.tier_high.id, 'direction': 'up'},
            {**change, 'partner_id': self.gemini.id, 'date': '2026-03-05', 'new_tier_id': self.tier_low.id,
             'direction': 'down', 'cause': 'manual'}])
        texts = self._draft()
        self.assertEqual(len(texts), 1)
        self.assertIn("Azure: moved up from", texts[0])

    def test_str_5_own_customers_only(self):
        """STR-5: a summary is about the own customers; a team's about the team's, a company's about all of its."""
        self._health(self.azure, ('2026-01-01', 40), ('2026-03-10', 80))
        self._health(self._old_customer("Bens", user_id=self.ben.id), ('2026-01-01', 40), ('2026-03-10', 70))
        self._health(self._old_customer("Ottos", user_id=self.otto.id), ('2026-01-01', 40), ('2026-03-10', 60))
        self._health(
            self._old_customer("Others", company_id=self.company_2.id), ('2026-01-01', 40), ('2026-03-10', 80))
        own, team, company = self._review(), self._review(scope='team', team_id=self.team_north.id), self._review(scope='company')
        with self._on(TODAY):
            (own + team + company)._draft_lines()
        self.assertEqual(own.line_ids.partner_id.mapped('name'), ["Azure"])
        self.assertEqual(sorted(team.line_ids.partner_id.mapped('name')), ["Azure", "Bens"])
        self.assertEqual(sorted(company.line_ids.partner_id.mapped('name')), ["Azure", "Bens", "Ottos"])

    def test_str_5_customers_left_behind(self):
        """STR-5, K3: the team's summary is about the customers of somebody who left, too: the team answers for them."""
        self._health(self._old_customer("Bens", user_id=self.ben.id), ('2026-01-01', 40), ('2026-03-10', 70))
        self.ben.active = False
        review = self._review(scope='team', team_id=self.team_north.id)
        with self._on(TODAY):
            review._draft_lines()
        self.assertEqual(review.line_ids.partner_id.mapped('name'), ["Bens"])
        decision = self.env['customer.review.decision'].new({
            'review_id': review.id, 'partner_id': review.line_ids.partner_id.id})
        self.assertTrue(decision._in_review(), "its people decide about them")

    def test_str_5_language(self):
        """STR-5: a draft is in the language of whoever reads it."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.excellent.with_context(lang='fr_FR').name = "excellente"
        self.anna.lang = 'fr_FR'
        self._running(self.azure, grade=self.excellent, attainment=100)
        self.assertIn("“excellente”", self._draft()[0])

    def test_str_5_all_at_once(self):
        """STR-5: the number of queries does not depend on the number of managers and customers."""
        def count(users):
            reviews = self.env['customer.review'].union(*(self._review(user_id=user.id) for user in users))
            with self._on(TODAY):
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                reviews._draft_lines()
                return self.env.cr.sql_log_count - before
        for user in (self.anna, self.ben, self.otto):
            for number in range(6):
                customer = self._old_customer(f"{user.name} {number}", user_id=user.id)
                self._running(customer, (self.repurchase, 80, 85, 100), grade=self.excellent, attainment=100)
                self._health(customer, ('2026-01-01', 40), ('2026-03-10', 80))
        count(self.ben)  # fills the caches of the registry
        few = count(self.ben)
        many = count([self.anna, self.ben, self.otto])
        self.assertLessEqual(many, few + 3)

    def test_str_5_a_topic_that_fails(self):
        """STR-5: a topic of another addon that can't be looked up is left out and named; the others are drafted."""
        self._health(self.azure, ('2026-01-01', 40), ('2026-03-10', 80))
        broken = ReviewTopic(
            'success', 1, 'res.partner', lambda covered: SQL("SELECT nonsense FROM %s", covered), lambda finding: '', None)
        reviews, review = self.env.registry['customer.review'], self._review()
        topics = self.env['customer.review']._topics()
        with patch.object(reviews, '_topics', lambda model: {'broken': broken, **topics}), self._on(TODAY), \
                mute_logger('odoo.addons.customer_success.models.strategy.customer_review'):
            self.assertEqual(review._draft_lines(), 1)
        self.assertEqual(review.problem, "Not looked up: broken")
        self.assertEqual(len(review.line_ids), 1)
        self._draft(review)


class TestReviewPeople(ReviewCase):

    def setUp(self):
        super().setUp()
        self.azure = self._old_customer("Azure")
        self._health(self.azure, ('2026-01-01', 40), ('2026-03-10', 80))

    def test_str_5_links(self):
        """STR-5: each finding opens what it is about."""
        strategy = self._running(self.azure, grade=self.excellent, attainment=100)
        review = self._review()
        self._draft(review)
        line = review.line_ids.filtered(lambda line: line.topic == 'effect_good').with_user(self.anna)
        action = line.action_open()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.strategy', strategy.id))
        self._milestone(strategy, "Trial", '2026-03-10', '2026-03-08')
        self._draft(review)
        for topic, opened in (('milestone_reached', strategy), ('recovered', self.azure)):
            action = review.line_ids.filtered(lambda line, topic=topic: line.topic == topic).action_open()
            self.assertEqual((action['res_model'], action['res_id']), (opened._name, opened.id))
        line = review.line_ids.filtered(lambda line: line.topic == 'effect_good').with_user(self.anna)
        strategy.state = 'draft'  # what has begun stays
        strategy.unlink()
        self.assertEqual(line.action_open()['res_model'], 'res.partner')

    def test_str_5_draft_anew_keeps_what_people_did(self):
        """STR-5: what somebody changed, added or took out stays so."""
        gemini, deco = self._old_customer("Gemini"), self._old_customer("Deco")
        self._health(gemini, ('2026-01-01', 40), ('2026-03-10', 80))
        self._health(deco, ('2026-01-01', 40), ('2026-03-10', 80))
        review = self._review()
        self._draft(review)
        mine = review.with_user(self.anna)
        by_customer = {line.partner_id: line for line in mine.line_ids}
        by_customer[self.azure].text = "Azure is back"
        by_customer[gemini].unlink()
        mine.line_ids = [Command.create({'kind': 'success', 'text': "Fair in May", 'sequence': 1})]
        self._health(deco, ('2026-01-01', 40), ('2026-03-10', 90))
        with self._on(TODAY):
            mine.action_draft_lines()
        self.assertEqual(set(review.line_ids.mapped('text')), {
            "Azure is back", "Fair in May", "Deco: health up from 40 to 90, now “Healthy”"})

    def test_str_5_done_is_done(self):
        """STR-5: a review that is done does not change any more, until somebody opens it again."""
        review = self._review()
        self._draft(review)
        mine = review.with_user(self.anna)
        mine.action_done()
        self.assertEqual(review.state, 'done')
        for change in (
            lambda: mine.write({'summary': "More"}), lambda: mine.line_ids.write({'text': "No"}),
            lambda: mine.line_ids.unlink(), lambda: mine.write({'line_ids': [Command.create({'text': "New"})]}),
            lambda: mine.write({'decision_ids': [Command.create({'name': "New"})]}), mine.action_done,
            mine.action_draft_lines,
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        mine.action_reopen()
        mine.summary = "More"

    def test_str_5_what_methods_keep(self):
        """STR-5: state, links and origin of a review are not for people to write, nor to import."""
        review = self._review()
        self._draft(review)
        mine = review.with_user(self.anna)
        for vals in ({'state': 'done'}, {'plan_id': False}, {'dropped': []}, {'event_id': False}):
            with self.assertRaises(AccessError):
                mine.write(vals)
        with self.assertRaises(AccessError):
            mine.line_ids.write({'res_id': 1})
        with self.assertRaises(AccessError):
            self.env['customer.review'].with_user(self.anna).create({'state': 'done'})
        result = self.env['customer.review'].with_user(self.anna).load(['.id', 'state'], [[str(review.id), 'done']])
        self.assertFalse(result['ids'])
        other = self._review(scope='company').with_user(self.mara)
        with self.assertRaises(AccessError):
            mine.line_ids.write({'review_id': other.id})

    def test_str_5_who_sees_it(self):
        """STR-5: one's own and those one takes part in; leaders the team's, managers all of their companies."""
        review = self._review()

        def sees(user):
            return review in self.env['customer.review'].with_user(user).search([])
        self.assertEqual([sees(user) for user in (self.anna, self.ben, self.lena, self.li, self.mara, self.zoe)], [
            True, False, True, False, True, False])
        review.attendee_ids = self.otto
        self.assertTrue(sees(self.otto))

    def test_str_5_whose_customers(self):
        """STR-5: nobody gets a draft about customers that are not the own, also not by changing whose review it is."""
        reviews = self.env['customer.review']
        for user, vals in (
            (self.anna, {'user_id': self.otto.id}), (self.anna, {'scope': 'company'}),
            (self.anna, {'scope': 'team', 'team_id': self.team_north.id}),
            (self.lena, {'user_id': self.otto.id}), (self.lena, {'scope': 'team', 'team_id': self.team_south.id}),
            (self.lena, {'scope': 'company'}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                reviews.with_user(user).create({'user_id': user.id, 'attendee_ids': [Command.set(user.ids)], **vals})
        own = reviews.with_user(self.anna).create({'attendee_ids': [Command.set((self.anna + self.ben).ids)]})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.user_id = self.otto
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.scope = 'company'
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.with_user(self.ben).action_draft_lines()
        reviews.with_user(self.lena).create({'user_id': self.anna.id}).action_draft_lines()
        reviews.with_user(self.lena).create({'scope': 'team', 'team_id': self.team_north.id}).action_draft_lines()
        reviews.with_user(self.mara).create({'scope': 'company'}).action_draft_lines()

    def test_str_5_bad_input(self):
        """STR-5: what makes no sense is refused with a sentence."""
        with self._refused("ends before it begins"):
            self._review(date_start=STOP, date_end=START)
        with self.assertRaisesRegex(ValidationError, "choose an account manager"), self.env.cr.savepoint():
            self._review(user_id=False)
        with self.assertRaisesRegex(ValidationError, "choose the team"), self.env.cr.savepoint():
            self._review(scope='team')
        with self._refused("more than 0"):
            self._review(meeting_hours=0)

    def test_str_5_print(self):
        """STR-5: a review prints with its findings, words and decisions."""
        review = self._review(summary="<p>The trial did it</p>")
        self._draft(review)
        review.decision_ids = [Command.create({'name': "Offer the new line", 'partner_id': self.azure.id})]
        html = self.env['ir.actions.report'].with_user(self.anna)._render_qweb_html(
            'customer_success.report_customer_review', review.ids)[0].decode()
        for text in ("Monthly summary · March 2026 · Anna", "Azure: health up from 40 to 80", "The trial did it",
                     "Offer the new line"):
            self.assertIn(text, html)

    def test_str_5_names(self):
        """STR-5: a name says what it is, of when and whose."""
        self.assertEqual(self._review().name, "Monthly summary · March 2026 · Anna")
        self.assertEqual(
            self._review(kind='quarterly', scope='team', team_id=self.team_north.id, date_start='2026-01-01').name,
            "Quarterly review · Q1 2026 · North")
