"""HEA-3: what people do with warnings, who sees them, and what becomes of the rules."""
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from .warning_common import DAY, START, WarningCase


class TestWork(WarningCase):

    def _activities(self, warning, done=False):
        return self.env['mail.activity'].with_context(active_test=not done).search([
            ('res_model', '=', 'customer.warning'), ('res_id', 'in', warning.ids)])

    def test_hea_3_one_click_starts_the_plan(self):
        """HEA-3: take it on, and the steps of the plan are follow-ups, as agreed next steps on working days."""
        self.team_north.customer_expert_id = self.ben
        plan = self.env['customer.warning.plan'].create({'name': "Three steps", 'line_ids': [
            (0, 0, {'name': "Call", 'channel_id': self.call.id, 'delay_days': 0}),
            (0, 0, {'name': "Train", 'channel_id': self.video.id, 'delay_days': 5, 'role': 'expert'}),
            (0, 0, {'name': "Lead", 'channel_id': self.visit.id, 'delay_days': 7, 'role': 'leader'})]})
        with self._on(START):
            warning = self._raised(plan_id=plan.id)
            warning.with_user(self.anna).action_take_on()
            warning.with_user(self.anna).action_take_on()
        self.assertRecordValues(warning, [{'state': 'working', 'taken_by_id': self.anna.id, 'plan_started': True}])
        self.assertRecordValues(warning.followup_ids.sorted('date_planned'), [
            {'name': "Call", 'date_planned': START, 'user_id': self.anna.id, 'anchor_kind': 'promise', 'state': 'planned'},
            {'name': "Train", 'date_planned': START + 7 * DAY, 'user_id': self.ben.id, 'anchor_kind': 'promise',
             'state': 'planned'},
            {'name': "Lead", 'date_planned': START + 7 * DAY, 'user_id': self.lena.id, 'anchor_kind': 'promise',
             'state': 'planned'}])
        self.assertIn("step of an action plan", warning.followup_ids[0].move_note)
        with self._on(START + DAY):
            self._log(self.customer.with_user(self.anna), followup=warning.followup_ids.sorted('date_planned')[:1])
        self.assertEqual(warning.open_followup_count, 2)

    def test_hea_3_a_plan_that_starts_at_once(self):
        """HEA-3: a plan may start by itself; nobody took it on, so it goes when the warning is over."""
        rule = self._rule(evaluations=1, plan_id=self.plan.id, plan_start='auto')
        self._history(self.customer, [(START - 30 * DAY, 70)])
        self._live([(START, 40)])
        warning = self._warnings()
        self.assertEqual(len(warning.followup_ids), len(self.plan.line_ids))
        self.assertEqual(warning.state, 'open')
        self._live([(START + DAY, 80)])
        self.assertRecordValues(warning, [{'state': 'closed', 'outcome': 'cleared', 'rule_id': rule.id}])
        self.assertEqual(set(warning.followup_ids.mapped('state')), {'cancelled'})
        self.assertEqual(set(warning.followup_ids.mapped('close_kind')), {'warning'})

    def test_hea_3_worse_while_somebody_works_on_it(self):
        """HEA-3: what becomes worse is open again, for whoever has it, with the plan of the worse rule."""
        other = self.env.ref('customer_success.customer_warning_plan_good')
        self._rule(evaluations=1, plan_id=self.plan.id)
        self._rule(threshold=35, level='3', evaluations=1, plan_id=other.id)
        self._history(self.customer, [(START - 30 * DAY, 70)])
        self._live([(START, 45)])
        warning = self._warnings()
        with self._on(START):
            warning.with_user(self.anna).action_take_on()
        self._live([(START + DAY, 30)])
        self.assertRecordValues(warning, [{
            'state': 'open', 'level': '3', 'plan_id': other.id, 'plan_started': False, 'taken_by_id': self.anna.id}])
        self.assertTrue(self._activities(warning))
        with self._on(START + DAY):
            warning.with_user(self.anna).action_take_on()
        self.assertEqual(len(warning.followup_ids), len(self.plan.line_ids + other.line_ids))
        self.assertFalse(self._activities(warning))

    def test_hea_3_steps_of_a_taken_warning_stay(self):
        """HEA-3: what somebody is working on is not taken away when the warning ends by itself."""
        self._rule(evaluations=1, plan_id=self.plan.id)
        self._history(self.customer, [(START - 30 * DAY, 70)])
        self._live([(START, 40)])
        with self._on(START):
            self._warnings().with_user(self.anna).action_take_on()
        self._live([(START + DAY, 80)])
        self.assertEqual(self._warnings().outcome, 'cleared')
        self.assertEqual(set(self._warnings().followup_ids.mapped('state')), {'planned'})

    def test_hea_3_outcome(self):
        """HEA-3: closed with what came of it, by whom and when; the steps left are cancelled."""
        with self._on(START, 8):
            warning = self._raised(level='3')
        self.assertTrue(self._activities(warning))
        with self._on(START, 14):
            warning.with_user(self.anna).action_take_on()
        with self._on(START + DAY, 14):
            self.env['customer.warning.change'].with_user(self.anna).create({
                'warning_ids': warning.ids, 'action': 'close', 'outcome': 'solved', 'note': "New contract"}).action_apply()
        self.assertRecordValues(warning, [{
            'state': 'closed', 'outcome': 'solved', 'outcome_note': "New contract", 'closed_by_id': self.anna.id,
            'closed_on': START + DAY, 'hours_to_act': 6}])
        self.assertEqual(set(warning.followup_ids.mapped('state')), {'cancelled'})
        self.assertFalse(self._activities(warning))
        with self.assertRaisesRegex(UserError, "closed already"):
            warning.with_user(self.anna).action_take_on()

    def test_hea_3_why_is_required(self):
        """HEA-3: dismissed and lost need a sentence, and so does putting off, to a day to come."""
        warning = self._raised().with_user(self.anna)
        for outcome in ('dismissed', 'lost'):
            with self.assertRaisesRegex(ValidationError, "add a sentence"):
                warning._finish(outcome, " ")
        with self.assertRaisesRegex(ValidationError, "why it can wait"):
            warning._snooze(fields.Date.today() + DAY, "")
        with self.assertRaisesRegex(ValidationError, "later day"):
            warning._snooze(fields.Date.today(), "On holiday")
        with self.assertRaisesRegex(ValidationError, "who takes"):
            self.env['customer.warning.change'].with_user(self.anna).create({
                'warning_ids': warning.ids, 'action': 'reassign'}).action_apply()

    def test_hea_3_put_off(self):
        """HEA-3: what was put off is out of sight until its day, or until it is worse."""
        now = self.env.ref('customer_success.customer_warning_view_search')
        self.assertIn("snooze_until", now.arch)
        self._rule(evaluations=1)
        self._rule(threshold=35, level='3', evaluations=1)
        self._history(self.customer, [(START - 30 * DAY, 70)])
        self._live([(START, 45)])
        warning = self._warnings()
        with self._on(START):
            self.env['customer.warning.change'].with_user(self.anna).create({
                'warning_ids': warning.ids, 'action': 'snooze', 'date': START + 10 * DAY, 'note': "Their fair is on",
            }).action_apply()
            self.assertTrue(warning.is_snoozed)
        self._live([(START + DAY, 44)])
        self.assertEqual(warning.snooze_until, START + 10 * DAY)
        self._live([(START + 2 * DAY, 30)])
        self.assertRecordValues(warning, [{'snooze_until': False, 'level': '3', 'state': 'open'}])

    def test_hea_3_red_ones_are_activities(self):
        """HEA-3: a red warning is an activity of the responsible person, once; an orange one is not."""
        with self._on(START):
            self.assertFalse(self._activities(self._raised(level='2')))
            red = self._raised(signal='low_pulse', level='3', value=1, detail={'day': '2026-03-01'})
        activity = self._activities(red)
        self.assertRecordValues(activity, [{
            'user_id': self.anna.id, 'date_deadline': START, 'automated': True,
            'summary': "Satisfaction 1 of 5 on 03/01/2026: Very unhappy"}])
        red._notify_red()
        self.assertEqual(len(self._activities(red)), 1)
        red.with_user(self.lena).user_id = self.ben
        self.assertEqual(activity.user_id, self.ben)
        with self._on(START + DAY):
            activity.with_user(self.ben).action_feedback(feedback="On it")
        self.assertRecordValues(red, [{'state': 'working', 'taken_by_id': self.ben.id, 'plan_started': True}])

    def test_hea_3_no_email_for_each(self):
        """HEA-3: raised and reassigned by the night, nobody gets an email for it."""
        mails = self.env['mail.mail'].search([])
        notifications = self.env['mail.notification'].search([])
        self._raised(level='3')
        self.assertEqual(self.env['mail.mail'].search([]), mails)
        self.assertEqual(self.env['mail.notification'].search([]), notifications)

    def test_hea_3_goes_with_the_customer(self):
        """HEA-3: a new account manager gets the open warnings, unless somebody else was asked to look after one."""
        mine, given = self._raised(), self._raised(signal='order_gap')
        given.user_id = self.lena
        self.customer.user_id = self.ben
        self.assertEqual((mine.user_id, given.user_id), (self.ben, self.lena))

    def test_hea_3_to_the_leader(self):
        """HEA-3: a rule may send its warnings to the team leader, or to whoever is there."""
        self._rule(evaluations=1, owner_role='leader')
        loner = self._customer("No manager", user_id=False)
        for customer in (self.customer, loner):
            self._history(customer, [(START - 30 * DAY, 70), (START, 40)])
        self._watch(START)
        self.assertEqual(self._warnings().user_id, self.lena)
        self.assertFalse(self._warnings(loner).user_id)
        with self._on(START):
            self._warnings(loner).with_user(self.otto).action_take_on()
        self.assertEqual(self._warnings(loner).user_id, self.otto)

    def test_hea_3_grouped_by_level_and_rule(self):
        """HEA-3: grouped by level and rule at once, the worst come first."""
        self._raised(self._customer("Mild"), level='1')
        self._raised(level='3')
        groups = self.env['customer.warning']._read_group(
            [('state', '=', 'open')], ['level', 'rule_id'], ['__count'], order='level, rule_id')
        self.assertEqual([level for level, *__ in groups], ['3', '1'])

    def test_hea_3_the_worst_first(self):
        """HEA-3: red ones come first, in the list and on the board."""
        for level in ('2', '3', '1'):
            self._raised(self._customer(f"Level {level}"), level=level)
        warnings = self.env['customer.warning'].with_user(self.anna)
        domain = [('user_id', '=', self.anna.id)]
        self.assertEqual([level for level, in warnings._read_group(domain, ['level'])], ['3', '2', '1'])
        self.assertEqual(warnings.search(domain).mapped('level'), ['3', '2', '1'])
        groups = warnings.web_read_group(domain, ['level'])['groups']
        self.assertEqual([group['level'] for group in groups], ['3', '2', '1'])

    def test_hea_3_many_at_once(self):
        """HEA-3: many are put off, closed or given away with one dialog."""
        warnings = sum((self._raised(self._customer(f"Bulk {number}")) for number in range(3)), self.env['customer.warning'])
        dialog = self.env['customer.warning.change'].with_user(self.anna).create({
            'warning_ids': warnings.ids, 'action': 'close', 'outcome': 'dismissed', 'note': "Test data"})
        self.assertEqual(dialog.count, 3)
        self.assertIn("30 days", dialog.consequence)
        dialog.action_apply()
        self.assertEqual(set(warnings.mapped('outcome')), {'dismissed'})


class TestWarningSecurity(WarningCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ottos = cls._customer("Otto's", user_id=cls.otto.id)
        cls.nobodys = cls._customer("Nobody's", user_id=False)
        cls.theirs = cls._customer("Theirs", user_id=cls.zoe.id, company_id=cls.company_2.id)
        cls.all_four = cls.customer + cls.ottos + cls.nobodys + cls.theirs
        (cls.customer + cls.ottos + cls.nobodys).company_id = cls.env.company
        for customer in cls.all_four:
            cls._raised(customer)
        cls.warning = cls.env['customer.warning'].search([('partner_id', '=', cls.customer.id)])

    def _seen(self, user):
        return set(self.env['customer.warning'].with_user(user).search(
            [('partner_id', 'in', self.all_four.ids)]).sudo().partner_id.mapped('name'))

    def test_hea_3_who_sees_which(self):
        """HEA-3, PLT-2: the own and nobody's, those of the team, all of the company."""
        self.assertEqual(self._seen(self.anna), {"Watched", "Nobody's"})
        self.assertEqual(self._seen(self.otto), {"Otto's", "Nobody's"})
        self.assertEqual(self._seen(self.lena), {"Watched", "Nobody's"})
        self.assertEqual(self._seen(self.mara), {"Watched", "Otto's", "Nobody's"})
        self.assertEqual(self._seen(self.zoe), {"Theirs"})
        with self.assertRaises(AccessError):
            self._seen(self.nils)

    @users('otto')
    def test_hea_3_another_s_warning(self):
        """HEA-3, PLT-2: another's warning is neither read nor worked on, also by RPC."""
        warning = self.warning.with_env(self.env)
        for call in (
            lambda: warning.read(['reason']), warning.action_take_on, lambda: warning._finish('solved', ''),
            lambda: warning._snooze(fields.Date.today() + DAY, "x"), lambda: warning.write({'user_id': self.otto.id}),
            warning.action_wake, warning.action_start_plan,
        ):
            with self.assertRaises(AccessError):
                call()

    @users('anna')
    def test_hea_3_what_the_night_writes(self):
        """HEA-3, PLT-2: people take on and close; level, state and counters are not for writing, and nothing is deleted."""
        warning = self.warning.with_env(self.env)
        for vals in ({'level': '1'}, {'state': 'closed'}, {'outcome': 'solved'}, {'repeats': 5}, {'plan_started': True}):
            with self.assertRaisesRegex(AccessError, "can't be written"):
                warning.write(vals)
        with self.assertRaises(AccessError):
            warning.unlink()
        with self.assertRaises(AccessError):
            self.env['customer.warning'].create({
                'partner_id': self.customer.id, 'signal': 'order_gap', 'level': '1', 'date': START})
        with self.assertRaises(AccessError):
            self.env['customer.warning.rule'].search([], limit=1).write({'threshold': 1})
        for model in ('customer.warning.watch', 'customer.warning.digest'):
            with self.assertRaises(AccessError):
                self.env[model].search([])

    @users('mara')
    def test_hea_3_managers_make_rules(self):
        """HEA-3, PLT-2: managers make rules and plans, and look who a rule holds for."""
        rule = self.env['customer.warning.rule'].create({'name': "Mine", 'signal': 'low_pulse', 'threshold': 2, 'level': '1'})
        self.env['customer.pulse'].sudo().create({'partner_id': self.customer.id, 'score': '1'})
        [(__, __, found)] = rule.action_view_met()['domain']
        self.assertIn(self.customer.id, found)
        rule.threshold = 0.5
        [(__, __, found)] = rule.action_view_met()['domain']
        self.assertNotIn(self.customer.id, found)
        self.env['customer.warning.plan'].create({'name': "Mine"})

    def test_hea_3_reason_in_the_own_language(self):
        """HEA-3, PLT-4: what happened is said in the language of whoever reads it."""
        self.env['res.lang']._activate_lang('fr_FR')
        warning = self._raised(signal='low_pulse', value=1, detail={'day': '2026-03-21'})
        self.assertIn("03/21/2026", warning.reason)
        self.assertIn("21/03/2026", warning.with_context(lang='fr_FR').reason)


class TestReport(WarningCase):

    def test_hea_3_rules_that_cry_wolf(self):
        """HEA-3: raised, acted on, dismissed and hours by rule; more than 20 percent dismissed is named."""
        rules = {}
        for signal, outcomes in {'score_level': ['solved'] * 4 + ['dismissed'], 'order_gap': ['solved', 'dismissed'],
                                 'low_pulse': ['cleared', None]}.items():
            for hours, outcome in enumerate(outcomes, 1):
                warning = self._raised(self._customer(f"{signal} {hours}"), signal=signal)
                rules.setdefault(signal, warning.rule_id)
                warning.rule_id = rules[signal]
                warning.raised_at = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
                if outcome == 'cleared':
                    warning._close('cleared')
                elif outcome:
                    warning.with_user(self.anna)._finish(outcome, "x")
        self.env.flush_all()
        lines = {line.signal: line for line in self.env['customer.warning.report'].with_user(self.anna).search(
            [('rule_id', 'in', [rule.id for rule in rules.values()])])}
        self.assertRecordValues(lines['score_level'], [{
            'raised': 5, 'acted': 5, 'dismissed': 1, 'dismissed_percent': 20, 'verdict': 'ok'}])
        self.assertAlmostEqual(lines['score_level'].hours, 3, 1)
        self.assertRecordValues(lines['order_gap'], [{'dismissed_percent': 50, 'verdict': 'tune', 'solved': 1}])
        self.assertRecordValues(lines['low_pulse'], [{
            'raised': 2, 'open': 1, 'cleared': 1, 'acted': 0, 'hours': 0, 'verdict': 'ok'}])
        self.assertFalse(self.env['customer.warning.report'].with_user(self.otto).search(
            [('rule_id', 'in', [rule.id for rule in rules.values()]), ('raised', '>', 0)]), "Anna's are not Otto's")
        self.env['res.config.settings'].create({'customer_warn_dismissed_percent': 60}).execute()
        self.env.invalidate_all()
        self.assertEqual(lines['order_gap'].verdict, 'ok')
        action = lines['order_gap'].action_view_warnings()
        self.assertEqual(action['domain'], [('rule_id', 'in', rules['order_gap'].ids)])

    def test_hea_3_settings_bad_input(self):
        for vals in ({'customer_warn_digest_hour': 24}, {'customer_warn_dismissed_percent': 101}):
            with self.assertRaisesRegex(ValidationError, "between 0 and"):
                self.env['res.config.settings'].create(vals).execute()
