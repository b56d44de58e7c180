"""REP-1: what needs somebody today, in the order in which it is lost; for whom, on which day, and what a tap does."""
import json
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import users
from odoo.tools import json_default, mute_logger

from ..common import CustomerCase

TODAY = date(2026, 9, 16)  # a Wednesday
NOW = '2026-09-16 08:55:00'


@freeze_time(NOW)
class TestDay(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            # those of the demo data, which anybody may take
            cls.env['customer.case'].search([('user_id', '=', False)]).user_id = cls.mara
            cls.customer = cls._customer("Ready Mat", customer_cadence_id=cls.cadence.id)
            cls.customer.customer_tier_id = cls.tier_mid
            cls.person = cls.env['res.partner'].create({
                'name': "Rosa", 'parent_id': cls.customer.id, 'phone': "+32 2 290 34 90", 'email': "rosa@ready.example"})

    def _look(self, user=None, user_id=None, problems=0):
        """Return a day as a browser gets it, with its lines by kind."""
        user = user or self.anna
        env = self.env(user=user, context={'lang': 'en_US', 'tz': 'UTC'}, su=False)
        seen = json.loads(json.dumps(call_kw(env['customer.day'], 'look', [], {'user_id': user_id}), default=json_default))
        self.assertEqual(len(seen['problems']), problems, seen['problems'])
        seen['by_kind'] = {}
        for section in seen['sections']:
            for line in section['lines']:
                seen['by_kind'].setdefault(line['kind'], []).append({**line, 'section': section['code']})
        return seen

    def _lines(self, kind, **kwargs):
        return self._look(**kwargs)['by_kind'].get(kind, [])

    def _set_days(self, followup, planned, limit):
        followup.sudo().write({'date_planned': planned, 'date_limit': limit})

    def _promise(self, day, **vals):
        return self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Send samples", 'user_id': self.anna.id,
            'date_planned': day, **vals})

    # ------------------------------------------------------------
    # FOLLOW-UPS
    # ------------------------------------------------------------

    def test_due_on_its_day(self):
        """A follow-up stands there from its day on, is overdue from the day after its last one, and then comes first."""
        followup = self._open(self.customer)
        for planned, limit, kind in (
                (TODAY + timedelta(1), TODAY + timedelta(4), None), (TODAY, TODAY + timedelta(3), 'due'),
                (TODAY - timedelta(3), TODAY, 'due'), (TODAY - timedelta(4), TODAY - timedelta(1), 'overdue')):
            with self.subTest(planned=planned):
                self._set_days(followup, planned, limit)
                seen = self._look()
                self.assertEqual(list(seen['by_kind']), [kind] if kind else [])
        line, = seen['by_kind']['overdue']
        self.assertEqual(
            (line['section'], line['title'], line['what'], line['why'], line['late'], line['badge']['name']),
            ('first', "Ready Mat", "Call: Monthly call", "Overdue for 1 day, since Tue, Sep 15 · monthly", True,
             self.tier_mid.name))
        self.assertEqual([act['method'] for act in line['does']], ['action_log'])
        self.assertTrue(line['put_off'])
        self._set_days(followup, TODAY, TODAY)
        self.assertEqual(self._lines('due')[0]['why'], "Today is the last day · monthly")

    def test_what_is_sent_by_itself_is_nobodys_work(self):
        """A message that goes out by itself is no line; one that could not be sent is, with the reason."""
        template = self.env['mail.template'].create({
            'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News", 'body_html': "<p>x</p>"})
        self.step.write({'channel_id': self.email.id, 'automatic': True, 'mail_template_id': template.id})
        followup = self._open(self.customer)
        self._set_days(followup, TODAY, TODAY + timedelta(3))
        self.assertFalse(self._lines('due'))
        followup.sudo().send_error = "No email address."
        self.assertIn("No email address.", self._lines('due')[0]['why'])

    def test_promise_before_what_is_overdue(self):
        """What was promised comes before what is merely overdue, and all that is about one customer stands together."""
        other = self._customer("Azure", customer_cadence_id=self.cadence.id)
        self._set_days(self._open(other), TODAY - timedelta(40), TODAY - timedelta(30))
        self._set_days(self._open(self.customer), TODAY - timedelta(9), TODAY - timedelta(5))
        self._promise(TODAY, contact_id=self.person.id)
        self._promise(TODAY + timedelta(1), name="Later")
        first = self._look()['sections'][0]['lines']
        self.assertEqual(
            [(line['kind'], line['title'], line['follows']) for line in first],
            [('promise', "Ready Mat", False), ('overdue', "Ready Mat", True), ('overdue', "Azure", False)])
        self.assertEqual(first[0]['why'], "Promised for today")
        self.assertEqual(first[0]['what'], "Call: Send samples, with Rosa")
        self.assertEqual(first[0]['phone'], "+32 2 290 34 90", "the person is called, not the company")

    def test_best_customers_first(self):
        """Of what is overdue the best customers come first; of one tier what waits longest."""
        for name, tier, late in (("Low", self.tier_low, 60), ("High", self.tier_high, 2), ("Old", self.tier_mid, 50)):
            customer = self._customer(name, customer_cadence_id=self.cadence.id)
            customer.customer_tier_id = tier
            self._set_days(self._open(customer), TODAY - timedelta(late + 3), TODAY - timedelta(late))
        self._set_days(self._open(self.customer), TODAY - timedelta(9), TODAY - timedelta(6))
        self.assertEqual([line['title'] for line in self._lines('overdue')], ["High", "Old", "Ready Mat", "Low"])
        self.env['customer.day.kind'].search([('code', '=', 'overdue')]).most = 2
        seen = self._look()
        self.assertEqual([line['title'] for line in seen['by_kind']['overdue']], ["High", "Old"])
        kind = next(kind for kind in seen['kinds'] if kind['code'] == 'overdue')
        self.assertEqual((kind['count'], kind['more']), (4, True))
        action = self.env['customer.day'].with_user(self.anna).get_more('overdue')
        self.assertEqual(len(self.env[action['res_model']].with_user(self.anna).search(action['domain'])), 4)

    def test_only_ones_own(self):
        """What is a colleague's, what is done, and what is another day's work stands in nobody else's day."""
        followup = self._open(self.customer)
        self._set_days(followup, TODAY, TODAY + timedelta(3))
        self.assertTrue(self._lines('due'))
        self.assertFalse(self._lines('due', user=self.ben))
        self.assertFalse(self._lines('due', user=self.mara), "who may see it is not who does it")
        followup.with_user(self.anna)._log_contact(channel=self.call, contact_at=fields.Datetime.now(), feedback="ok")
        seen = self._look()
        self.assertFalse(seen['by_kind'])
        self.assertEqual(seen['done'], 1)
        self.assertEqual([one['count'] for one in seen['coming']], [], "the next call is in a month")

    def test_day_of_the_person(self):
        """It is the day of whom it is about: what is due on the 17th stands there in Auckland, where it is the 17th already."""
        self._set_days(self._open(self.customer), TODAY + timedelta(1), TODAY + timedelta(3))
        self.anna.tz = 'Pacific/Auckland'
        with freeze_time('2026-09-16 13:00:00'):
            self.assertTrue(self._lines('due'))
            self.assertTrue(self._lines('due', user=self.lena, user_id=self.anna.id))
        self.anna.tz = 'UTC'
        with freeze_time('2026-09-16 13:00:00'):
            self.assertFalse(self._lines('due'))

    def test_leads(self):
        """The follow-up of a lead stands there under the lead's name, and nobody's customer is asked for it."""
        lead = self.env['crm.lead'].create({'name': "Cold store", 'user_id': self.anna.id, 'type': 'opportunity'})
        self.env['customer.followup'].create({
            'lead_id': lead.id, 'channel_id': self.call.id, 'name': "Ask again", 'user_id': self.anna.id, 'date_planned': TODAY})
        line, = self._lines('promise')
        self.assertEqual((line['title'], line['customer_id'], line['badge']), ("Cold store", False, False))

    # ------------------------------------------------------------
    # EVERYTHING ELSE
    # ------------------------------------------------------------

    def test_cases(self):
        """A case near or past its deadline comes first, with the moment; one that has time does not; one that is offered, and one
        that nobody has, can be taken."""
        case = self.env['customer.case'].create({
            'partner_id': self.customer.id, 'name': "Delivery damaged", 'company_id': self.env.company.id,
            'user_id': self.anna.id})
        case.clock_ids.sudo().write({'warn_at': '2026-09-20 09:00:00'})
        for due, breached, there in (
                ('2026-09-17 00:00:00', False, False), ('2026-09-16 23:59:59', False, True), ('2026-09-16 08:00:00', True, True)):
            with self.subTest(due=due):
                case.sudo().write({'next_due': due, 'breached': breached})
                self.assertEqual(bool(self._lines('case')), there)
        line, = self._lines('case')
        self.assertEqual((line['section'], line['late'], line['until']), ('first', True, '2026-09-16 08:00:00'))
        self.assertEqual(line['what'], "Complaint: Delivery damaged")
        self.env['customer.case.assigner']._offer(case.with_user(self.anna), self.ben, "Yours")
        self.assertEqual([act['method'] for act in self._lines('case_offered', user=self.ben)[0]['does']],
                         ['action_accept', 'action_refuse'])
        case.with_user(self.ben).action_accept()
        self.assertFalse(self._lines('case'))
        case.sudo().write({'user_id': False})
        self.assertEqual(self._lines('case_open')[0]['does'][0]['method'], 'action_take')
        case.with_user(self.anna).action_take()
        self.assertFalse(self._lines('case_open'))

    def test_feedback(self):
        """What a customer said stands there until somebody replied, late ones marked; a tap logs the reply."""
        feedback = self.env['customer.feedback'].create({
            'partner_id': self.customer.id, 'score': 8, 'comment': "Slow", 'contact_id': self.person.id,
            'user_id': self.anna.id, 'given_at': NOW})
        line, = self._lines('feedback')
        self.assertEqual((line['what'], line['why'], line['late']), ("Reply to: 8 of 10", "Wed, Sep 16 · Rosa · Slow", False))
        self.assertEqual(line['does'][0]['method'], 'action_log')
        feedback.sudo().given_at = '2026-09-01 08:00:00'
        self.assertTrue(self._lines('feedback')[0]['late'])
        self.assertFalse(self._lines('feedback', user=self.ben))
        self.customer.with_user(self.anna)._log_contact(
            channel=self.call, contact_at=fields.Datetime.now(), feedback="ok", outcome='satisfied', contact=self.person)
        feedback.sudo().write({'state': 'answered'})
        self.assertFalse(self._lines('feedback'))

    def test_warnings(self):
        """Red warnings come first, others are good to know; what is put off or taken on is neither."""
        rule = self.env['customer.warning.rule'].search([], limit=1)
        red, yellow = self.env['customer.warning'].create([{
            'partner_id': self.customer.id, 'rule_id': rule.id, 'signal': signal, 'level': level, 'date': TODAY,
            'user_id': self.anna.id} for signal, level in (('score_drop', '3'), ('payment', '1'))])
        self.assertEqual(self._lines('warning_red')[0]['id'], red.id)
        self.assertEqual(self._lines('warning_red')[0]['section'], 'first')
        self.assertEqual([line['id'] for line in self._lines('warning')], [yellow.id])
        yellow.sudo().snooze_until = TODAY + timedelta(1)
        self.assertFalse(self._lines('warning'))
        yellow.sudo().snooze_until = TODAY
        self.assertTrue(self._lines('warning'))
        red.with_user(self.anna).action_take_on()
        self.assertFalse(self._lines('warning_red'))

    def test_meetings(self):
        """A meeting of today with a customer stands there until it is over, then the question for its record; one among
        colleagues does not."""
        event, among = self.env['calendar.event'].create([{
            'name': name, 'start': '2026-09-16 10:00:00', 'stop': '2026-09-16 11:00:00', 'user_id': self.anna.id,
            'location': "Brussels", 'partner_ids': [Command.set((self.anna.partner_id + who).ids)],
        } for name, who in (("Annual talk", self.person), ("Team", self.ben.partner_id))])
        line, = self._lines('meeting')
        self.assertEqual((line['id'], line['title'], line['until']), (event.id, "Ready Mat", '2026-09-16 10:00:00'))
        self.assertIn("Brussels · Rosa", line['why'])
        with freeze_time('2026-09-16 11:00:01'):
            self.assertFalse(self._lines('meeting'))
        asked = self.env['customer.meeting'].create({
            'event_id': event.id, 'partner_id': self.customer.id, 'user_id': self.anna.id, 'day': TODAY,
            'company_id': self.env.company.id})
        self.assertEqual([act['method'] for act in self._lines('record')[0]['does']], ['action_log', 'action_void'])
        asked.with_user(self.anna).action_void()
        self.assertFalse(self._lines('record'))
        self.assertTrue(among)

    def test_strategies(self):
        """A proposal stands with who decides and not with who wrote it; an approved one with who carries it out, on its day; a
        milestone some days ahead, and a tap reaches it."""
        strategy = self.env['customer.strategy'].create({
            'partner_id': self.customer.id, 'company_id': self.env.company.id, 'user_id': self.anna.id, 'core_approach': "x",
            'state': 'active', 'date_start': '2026-09-01', 'date_end': '2026-12-31',
            'milestone_ids': [Command.create({'name': "First pallet", 'date': TODAY + timedelta(7)}),
                              Command.create({'name': "Later", 'date': TODAY + timedelta(8)})]})
        adjustment = self.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id, 'reason': "KPI missed"})
        adjustment.sudo().write({'state': 'submitted', 'author_id': self.anna.id, 'submitted_by_id': self.anna.id})
        self.assertEqual(self._lines('adjustment_decide', user=self.lena)[0]['id'], adjustment.id)
        self.assertFalse(self._lines('adjustment_decide'))
        adjustment.sudo().write({'state': 'approved', 'user_id': self.anna.id, 'date': TODAY + timedelta(1)})
        self.assertFalse(self._lines('adjustment_apply'))
        adjustment.sudo().date = TODAY
        self.assertEqual(self._lines('adjustment_apply')[0]['id'], adjustment.id)
        line, = self._lines('milestone')
        self.assertIn("due by Wed, Sep 23", line['why'])
        self.assertEqual(line['title'], "Ready Mat")
        milestone = self.env['customer.strategy.milestone'].with_user(self.anna).browse(line['id'])
        self.assertEqual(milestone.action_open_strategy()['res_id'], strategy.id)
        milestone.action_reached()
        self.assertEqual(milestone.done_on, TODAY)
        self.assertFalse(self._lines('milestone'))

    def test_review_and_onboarding(self):
        """A review when its time is over and its day has come; an item of an onboarding when it is due, ticked by a tap."""
        review = self.env['customer.review'].create({
            'user_id': self.anna.id, 'company_id': self.env.company.id, 'date_start': '2026-08-01', 'date_end': '2026-08-31'})
        self.assertEqual([line['id'] for line in self._lines('review')], [review.id])
        review.sudo().planned_on = TODAY + timedelta(1)
        self.assertFalse(self._lines('review'))
        plan = self.env['customer.onboarding.plan'].with_context(active_test=False).search([], limit=1)
        items = plan.item_ids.filtered(lambda item: not item.step_id)[:2]
        self.assertEqual(len(items), 2)
        onboarding = self.env['customer.onboarding'].create({
            'partner_id': self.customer.id, 'company_id': self.env.company.id, 'plan_id': plan.id, 'user_id': self.anna.id,
            'started_at': NOW, 'date_start': TODAY, 'item_ids': [
                Command.create({'plan_item_id': item.id, 'due_at': due, 'required': True})
                for item, due in zip(items, ('2026-09-16 23:00:00', '2026-09-17 00:00:00'), strict=True)]})
        line, = self._lines('onboarding')
        item = self.env['customer.onboarding.item'].with_user(self.anna).browse(line['id'])
        self.assertEqual(item, onboarding.item_ids[:1].with_user(self.anna))
        self.assertEqual(item.action_open_onboarding()['res_id'], onboarding.id)
        item.action_tick()
        self.assertFalse(self._lines('onboarding'))

    def test_occasions(self):
        """An occasion of the coming week of whom nobody is asked to greet; not the one that has its follow-up already."""
        kind = self.env.ref('customer_success.customer_occasion_kind_birthday')
        self.env['customer.occasion'].create({
            'partner_id': self.person.id, 'kind_id': kind.id, 'month': '9', 'day': 20, 'greet': 'always'})
        occasion = self.env['customer.occasion.coming'].with_user(self.anna).search([
            ('customer_id', '=', self.customer.id), ('kind_id', '=', kind.id)])
        self.assertEqual(occasion.date, date(2026, 9, 20))
        self.assertIn((self.person.name, kind.name), [
            (line['why'].split(' · ')[1], line['what']) for line in self._lines('occasion')])
        self.env['ir.config_parameter'].set_param('customer_success.day_ahead', '3')
        self.assertFalse(self._lines('occasion'))

    def test_nobody(self):
        """What is due and nobody's stands in the day of who leads, with a tap that gives it to somebody."""
        followup = self._open(self.customer)
        self._set_days(followup, TODAY, TODAY + timedelta(3))
        followup.sudo().write({'user_id': False})
        line = next(line for line in self._lines('nobody', user=self.mara) if line['id'] == followup.id)
        self.assertEqual(line['does'][0]['method'], 'action_change')
        self.assertFalse(self._lines('nobody'))

    # ------------------------------------------------------------
    # WHOSE DAY
    # ------------------------------------------------------------

    def test_through_anothers_eyes(self):
        """A leader looks at the day of the own team, a manager at everybody's of the own companies, and nobody else at any."""
        self._set_days(self._open(self.customer), TODAY, TODAY + timedelta(3))
        seen = self._look(user=self.lena, user_id=self.anna.id)
        self.assertEqual(seen['by_kind']['due'][0]['title'], "Ready Mat")
        self.assertFalse(seen['user']['own'])
        self.assertEqual({one['name'] for one in self._look(user=self.lena)['colleagues']}, {"Anna", "Ben"})
        self.assertIn("Otto", {one['name'] for one in self._look(user=self.mara)['colleagues']})
        self.assertNotIn("Zoe", {one['name'] for one in self._look(user=self.mara)['colleagues']})
        self.assertFalse(self._look()['colleagues'])
        with self.assertRaises(AccessError):
            self._look(user=self.nils)
        for user, whom in ((self.ben, self.anna), (self.li, self.anna), (self.anna, self.mara), (self.lena, self.otto)):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self._look(user=user, user_id=whom.id)

    def test_another_company(self):
        """Of another company nobody sees anything."""
        self._set_days(self._open(self.customer), TODAY, TODAY + timedelta(3))
        seen = self._look(user=self.zoe)
        self.assertFalse(seen['by_kind'])
        self.assertFalse(seen['customers']['own'])
        with self.assertRaises(AccessError):
            self._look(user=self.zoe, user_id=self.anna.id)

    def test_empty(self):
        """Who has no customers is told so, and whether there are any at all."""
        self.assertEqual(self._look(user=self.ben)['customers'], {'own': False, 'any': True})
        self.assertEqual(self._look()['customers'], {'own': True, 'any': True})
        self.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        seen = self._look()
        self.assertEqual(seen['customers'], {'own': False, 'any': False})
        self.assertFalse(seen['by_kind'])

    # ------------------------------------------------------------
    # HOW IT IS ARRANGED
    # ------------------------------------------------------------

    @users('mara')
    def test_arranged_by_a_manager(self):
        """Order, place and number are records: a manager moves, archives and limits kinds, and each stands there once."""
        self._set_days(self._open(self.customer), TODAY, TODAY + timedelta(3))
        kinds = self.env['customer.day.kind']
        due = kinds.search([('code', '=', 'due')])
        due.section = 'know'
        self.assertEqual(self._lines('due')[0]['section'], 'know')
        due.active = False
        self.assertFalse(self._lines('due'))
        with mute_logger('odoo.sql_db'):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                due.write({'active': True, 'most': 0})
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                kinds.create({'name': "Again", 'code': 'overdue', 'section': 'first'})
        with self.assertRaises(AccessError):
            due.with_user(self.anna).section = 'first'
        self.assertEqual(
            set(kinds.with_context(active_test=False).search([]).mapped('code')), set(self.env['customer.day']._kinds()),
            "each kind that a wing knows has its place")

    def test_one_that_fails_is_set_aside(self):
        """A kind that can't be looked up is named; everything else is shown."""
        self._set_days(self._open(self.customer), TODAY, TODAY + timedelta(3))
        day = type(self.env['customer.day'])
        self.patch(day, '_warning_domain', lambda model, day, operator, level: [('nothing', '=', level)])
        with mute_logger('odoo.addons.customer_success.models.base.customer_day'):
            seen = self._look(problems=2)
        self.assertIn("Red warnings", seen['problems'][0])
        self.assertTrue(seen['by_kind']['due'])

    def test_queries(self):
        """A day with many lines costs no more questions to the database than one with a few."""
        def queries():
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            count = len(self._lines('due'))
            return count, self.env.cr.sql_log_count - before

        def more(number):
            for __ in range(number):
                customer = self._customer("More", customer_cadence_id=self.cadence.id)
                self._set_days(self._open(customer), TODAY, TODAY + timedelta(3))
        more(2)
        queries()
        few, at_first = queries()
        more(10)
        many, then = queries()
        self.assertEqual((few, many), (2, 12))
        self.assertLessEqual(then, at_first)

    # ------------------------------------------------------------
    # RETURN
    # ------------------------------------------------------------

    def test_briefing(self):
        """After an absence it is told, once, what others did with the own customers and what waits; to nobody who was not
        away."""
        absence = self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': TODAY - timedelta(10),
            'date_to': TODAY - timedelta(1)})
        self.assertFalse(self._look()['briefing'], "nothing happened")
        self.customer.with_user(self.ben).sudo()._log_contact(
            channel=self.call, contact_at=datetime(2026, 9, 10, 9), feedback="They like it")
        self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')]).sudo().write({
            'closed_by_id': self.ben.id, 'contact_day': date(2026, 9, 10), 'qualifies': True})
        self.env['customer.case'].create({
            'partner_id': self.customer.id, 'name': "x", 'company_id': self.env.company.id, 'user_id': self.ben.id})
        briefing = self._look()['briefing']
        self.assertEqual(briefing['id'], absence.id)
        self.assertEqual([told['text'] for told in briefing['told']], [
            "Colleagues talked to one of your customers.", "One case was opened for your customers."])
        for told in briefing['told']:
            self.assertEqual(self.env[told['model']].with_user(self.anna).search_count(told['domain']), 1)
        self.assertFalse(self._look(user=self.ben)['briefing'])
        self.assertFalse(self._look(user=self.lena, user_id=self.anna.id)['briefing'])
        self.env['customer.day'].with_user(self.ben).close_briefing(absence.id)
        self.assertTrue(self._look()['briefing'], "nobody else reads it")
        self.env['customer.day'].with_user(self.anna).close_briefing(absence.id)
        self.assertFalse(self._look()['briefing'])
        absence.is_briefed = False
        with freeze_time(NOW) as clock:
            clock.move_to('2026-09-20 08:55:00')
            self.assertTrue(self._look()['briefing'], "on the fifth day")
            clock.move_to('2026-09-21 08:55:00')
            self.assertFalse(self._look()['briefing'])

    # ------------------------------------------------------------
    # LIVE
    # ------------------------------------------------------------

    def test_news(self):
        """Whoever looks at the day hears at once what others changed in it: what was given, taken, closed or moved."""
        heard = []
        self.patch(type(self.env['res.users']), '_bus_send', lambda people, kind, message, **options: heard.extend(
            (person.login, kind) for person in people))
        followup = self._promise(TODAY)
        self.assertIn(('anna', 'customer_success.day'), heard)
        heard.clear()
        followup.with_user(self.lena).user_id = self.ben
        self.assertLessEqual({('anna', 'customer_success.day'), ('ben', 'customer_success.day')}, set(heard))
        heard.clear()
        followup.sudo().feedback = "x"
        self.assertFalse(heard, "what is said does not change a day")


@freeze_time(NOW)
class TestTriage(CustomerCase):
    """A pile of overdue follow-ups is sorted in one go, and the rhythm stays honest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            cls.customers = cls.env['res.partner'].browse()
            for number, tier in enumerate((cls.tier_high, cls.tier_mid, cls.tier_low, cls.tier_low)):
                customer = cls._customer(f"Pile {number}", customer_cadence_id=cls.cadence.id)
                customer.customer_tier_id = tier
                cls._open(customer).sudo().write({'date_planned': '2026-09-01', 'date_limit': '2026-09-04'})
                cls.customers += customer

    def _triage(self):
        triage = self.env['customer.triage'].with_user(self.anna)
        return triage.create(triage.default_get(['line_ids']))

    def test_sorted(self):
        """REP-1, CAD-8: today stays as it is, the days ahead count as moved and are spread, the rest counts as skipped."""
        triage = self._triage()
        self.assertEqual([line.whose for line in triage.line_ids], ["Pile 0", "Pile 1", "Pile 2", "Pile 3"])
        self.assertEqual(triage.line_ids.mapped('choice'), ['today', 'week', 'week', 'week'])
        self.assertEqual(triage.line_ids[0].late, "12 days")
        triage.line_ids[3].choice = 'skip'
        self.assertEqual(triage.summary, "Today: 1, This week: 2, Skip this time: 1")
        with self.assertRaises(ValidationError):
            triage.action_apply()
        triage.write({'move_reason_id': self.reason.id, 'skip_reason_id': self.reason.id, 'note': "Back from the fair"})
        followups = triage.line_ids.followup_id
        triage.action_apply()
        self.assertRecordValues(followups.sudo(), [
            {'state': 'planned', 'move_count': 0, 'date_planned': date(2026, 9, 1)},
            {'state': 'planned', 'move_count': 1, 'date_planned': date(2026, 9, 17)},
            {'state': 'planned', 'move_count': 1, 'date_planned': date(2026, 9, 18)},
            {'state': 'skipped', 'move_count': 0, 'date_planned': date(2026, 9, 1)}])
        self.assertEqual(followups[1].sudo().reason_note, "Back from the fair")
        self.assertTrue(self._open(self.customers[3]), "the next one is planned")

    def test_all_of_one_kind(self):
        """All are set with one tap each; a weekend and an absence get nothing."""
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2026-09-17', 'date_to': '2026-09-17'})
        triage = self._triage()
        self.assertEqual(triage.action_all_week()['res_id'], triage.id)
        self.assertEqual(set(triage.line_ids.mapped('choice')), {'week'})
        triage.move_reason_id = self.reason
        triage.action_apply()
        days = self.env['customer.followup'].search([
            ('partner_id', 'in', self.customers.ids), ('state', '=', 'planned')]).mapped('date_planned')
        self.assertEqual(sorted(days), [date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23)])
        triage.action_all_skip()
        self.assertEqual(set(triage.line_ids.mapped('choice')), {'skip'})

    def test_closed_meanwhile(self):
        """What a colleague did meanwhile is left alone, and the others are sorted."""
        triage = self._triage()
        triage.action_all_skip()
        triage.skip_reason_id = self.reason
        self._open(self.customers[0]).with_user(self.anna)._log_contact(
            channel=self.call, contact_at=fields.Datetime.now(), feedback="ok")
        triage.action_apply()
        self.assertEqual(triage.line_ids.followup_id.mapped('state'), ['done', 'skipped', 'skipped', 'skipped'])

    def test_another_company_meanwhile(self):
        """A customer that went to a company of which one sees nothing: it is said, and nothing is done to the others."""
        triage = self._triage()
        triage.action_all_skip()
        triage.skip_reason_id = self.reason
        self.customers[1].write({'company_id': self.company_2.id, 'user_id': self.zoe.id})
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            triage.action_apply()
        self.env.invalidate_all()
        self.assertEqual(self._open(self.customers[0]).move_count, 0)
        self.assertEqual(set(self.env['customer.followup'].search([
            ('partner_id', 'in', (self.customers - self.customers[1]).ids)]).mapped('state')), {'planned'})

    def test_offered(self):
        """It is offered from so many on, as the settings say, and to nobody else."""
        look = self.env['customer.day'].with_user(self.anna).look
        self.assertFalse(look()['pile'])
        self.env['ir.config_parameter'].set_param('customer_success.day_pile', '4')
        self.assertIn("4 follow-ups", look()['pile'])
        self.assertFalse(self.env['customer.day'].with_user(self.lena).look(self.anna.id)['pile'])
        self.assertEqual(self.env['customer.triage'].with_user(self.ben).default_get(['line_ids'])['line_ids'], [])
