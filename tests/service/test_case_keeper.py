from unittest.mock import patch

from odoo.tests import mute_logger

from odoo.addons.customer_success.models.service import customer_case_keeper

from .common import ServiceCase, at


class TestCaseKeeper(ServiceCase):
    """Warnings and breaches at the minute (SRV-1, PLT-3)."""

    def _states(self, case):
        self.env.invalidate_all()
        return {clock.kind: clock.state for clock in case.sudo().clock_ids}

    def test_warning_and_breach(self):
        """SRV-1: whoever is in charge is warned at 80 %; whoever leads is told at the minute of the breach."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:47'):
            self._run_cron('cases')
            self.assertFalse(self._activities(case))
        with self._at('Mon 09:48'):
            self._run_cron('cases')
            self.assertEqual(self._activities(case).user_id, self.anna)
            self.assertEqual(self._activities(case).summary, "Answer due Mon 10:00")
        with self._at('Mon 10:00'):
            self._run_cron('cases')
        self.assertEqual(self._states(case), {'response': 'failed', 'solution': 'running'})
        self.assertEqual(self._activities(case, '_missed').user_id, self.lena)
        self.assertEqual(self._activities(case, '_missed').summary, "Answer missed: it was due Mon 10:00")
        self.assertTrue(case.breached)
        self.assertEqual(case.next_due, at('Tue 10:00'))

    def test_notice_at_closing_time(self):
        """SRV-1: a case that breaches on Friday at 17:00 is told at 17:00, not at midnight or on Sunday (zammad 4432)."""
        with self._at('Fri 16:00'):
            case = self._case()
        clock = self._clock(case, 'response')
        self.assertClock(clock, 'running', 'Fri 17:00')
        with self._at('Fri 17:00'):
            self._run_cron('cases')
        self.assertClock(clock, 'failed', 'Fri 17:00')
        self.assertTrue(self._activities(case, '_missed', self.lena))

    def test_alarm_is_set(self):
        """SRV-1: the scheduled action is woken for the warning, then for the deadline, then for the next one."""
        cron = self.env.ref('customer_success.ir_cron_cases')
        triggers = self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)])
        triggers.unlink()

        def moments():
            return set(self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).mapped('call_at'))

        with self._at('Mon 09:00'):
            self._case().action_answer()
            case = self._case()
            self.assertIn(at('Mon 09:48'), moments())
        with self._at('Mon 09:48'):
            self._run_cron('cases')
            self.assertIn(at('Mon 10:00'), moments())
        with self._at('Mon 10:00'):
            self._run_cron('cases')
            # 80 % of 8 h: 6 h 24 min
            self.assertIn(at('Mon 16:24'), moments())
        self.assertTrue(case.breached)

    def test_twice_and_late(self):
        """PLT-3: run twice, or after a night in which the server stood still, nothing is told twice and nothing lost."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Wed 15:00'):
            self._run_cron('cases')
            self._run_cron('cases')
        self.assertEqual(self._states(case), {'response': 'failed', 'solution': 'failed'})
        self.assertClock(self._clock(case, 'solution'), 'failed', 'Tue 10:00')
        self.assertEqual(self._clock(case, 'solution').ended_at, at('Tue 10:00'))
        self.assertEqual(len(self._activities(case, '_missed')), 2)
        self.assertFalse(self._activities(case), "who hears of the breach needs no warning of it")

    def test_killed_before_it_told(self):
        """PLT-3: what was marked and not told yet is told by the next run."""
        with self._at('Mon 09:00'):
            case = self._case()
        keeper = self.env['customer.case.keeper']
        with self._at('Mon 10:00'):
            keeper._mark_failed()
            self.assertFalse(self._activities(case, '_missed'))
            self._run_cron('cases')
        self.assertEqual(len(self._activities(case, '_missed')), 1)

    def test_poisoned_case(self):
        """PLT-3: a case that nobody can be told of is set aside, visibly, and does not hold up the others."""
        with self._at('Mon 09:00'):
            cases = self._case() + self._case() + self._case()
        poisoned, original = cases[1], type(self.env['customer.case.clock'])._say_missed

        def say(clock):
            if clock.case_id == poisoned:
                raise ValueError("no words")
            return original(clock)

        with self._at('Mon 10:00'), patch.object(type(self.env['customer.case.clock']), '_say_missed', say), \
                mute_logger('odoo.addons.customer_success.models.service.customer_case_keeper'):
            self._run_cron('cases')
        self.assertEqual([len(self._activities(case, '_missed')) for case in cases], [1, 0, 1])
        self.assertEqual(cases.mapped('problem'), [False, "no words", False])
        self.assertEqual(set(cases.mapped('breached')), {True})

    def test_poisoned_offer_and_revisit(self):
        """PLT-3: an offer that can't be given back, or a revisit that can't be opened, holds up neither the others nor the
        alarm for the next deadline; what worked afterwards is no problem any more."""
        with self._at('Mon 09:00'):
            offered, asked, fine = self._case(), self._case(), self._case()
            (offered + fine).action_answer()
            for case in (offered, fine):
                self._change(case, 'hand_over', user_id=self.ben.id)
            self._change(asked, 'solve', solution="Done")
            asked.followup_ids.sudo().unlink()
        assigner, agenda = type(self.env['customer.case.assigner']), type(self.env['customer.case.agenda'])
        give_back, open_revisits = assigner._give_back_offer, agenda._open_revisits

        def give(model, case, why):
            if case == offered:
                raise ValueError("no words")
            return give_back(model, case, why)

        def ask(model, cases):
            if asked in cases:
                raise ValueError("no channel")
            return open_revisits(model, cases)

        with self._at('Tue 09:30'):
            with patch.object(assigner, '_give_back_offer', give), patch.object(agenda, '_open_revisits', ask), \
                    patch.object(type(self.env['customer.case.keeper']), '_wake_next') as wake, \
                    mute_logger('odoo.addons.customer_success.models.service.customer_case_keeper'):
                self._run_cron('cases')
            wake.assert_called_once()
            self.assertEqual((offered + asked + fine).mapped('problem'), ["no words", "no channel", False])
            self.assertEqual((offered + fine).mapped('offered_to_id'), self.ben)
            self.assertFalse(fine.offered_to_id)
            self._run_cron('cases')
        self.env.invalidate_all()
        self.assertEqual((offered + asked).mapped('problem'), [False, False])
        self.assertFalse(offered.offered_to_id)
        self.assertEqual(asked.followup_ids.mapped('state'), ['planned'])

    def test_many_at_once(self):
        """Of more than five missed deadlines whoever leads gets one activity that counts them."""
        with self._at('Mon 09:00'):
            for number in range(7):
                self._case(name=f"Crate {number}")
        with self._at('Mon 10:00'):
            self._run_cron('cases')
        told = self.env['mail.activity'].search([
            ('user_id', '=', self.lena.id),
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_case_missed').id)])
        self.assertEqual(told.mapped('summary'), ["7 deadlines were missed"])
        self.assertIn("Crate 6", told.note)

    def test_batches(self):
        """PLT-3: what is due is worked off batch by batch."""
        with self._at('Mon 09:00'):
            for __ in range(5):
                self._case()
        with self._at('Mon 10:00'), patch.object(customer_case_keeper, 'BATCH', 2):
            self.assertEqual(self.env['customer.case.keeper']._mark_failed(), 2)
            self._run_cron('cases')
        over = [('state', '=', 'running'), ('due', '<=', at('Mon 10:00'))]
        self.assertFalse(self.env['customer.case.clock'].search_count(over))

    def test_warning_goes_when_it_is_done(self):
        """Who was warned and has answered is warned no more."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:50'):
            self._run_cron('cases')
            self.assertTrue(self._activities(case))
            case.action_answer()
            self.assertFalse(self._activities(case))

    def test_in_the_readers_language(self):
        """PLT-4: whoever is told reads it in the own language."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.lena.lang = 'zh_CN'
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 10:00'):
            self._run_cron('cases')
        self.assertIn("周一", self._activities(case, '_missed').summary)

    def test_cost_follows_what_is_due(self):
        """PLT-3: looking for what is due takes the same number of queries however many cases are due."""
        def queries():
            before = self.env.cr.sql_log_count
            self.env['customer.case.keeper']._mark_failed()
            return self.env.cr.sql_log_count - before

        with self._at('Mon 09:00'):
            self._case()
        with self._at('Mon 10:00'):
            self.env.flush_all()
            one = queries()
        with self._at('Tue 09:00'):
            for __ in range(20):
                self._case()
        with self._at('Tue 10:00'):
            self.env.flush_all()
            self.assertEqual(queries(), one)

    def test_plans_anew_by_itself(self):
        """Many open clocks are planned anew by the scheduled action, when a rule has changed."""
        with self._at('Mon 09:00'):
            cases = self._case() + self._case()
        clock = self.env['customer.case.clock']
        with self._at('Mon 09:30'):
            with patch('odoo.addons.customer_success.models.service.customer_case_replanner.AT_ONCE', 1):
                self._holiday('Tue 00:00', 'Wed 00:00')
            self.assertTrue(clock.search_count([('stale', '=', True)]))
            self.assertClock(self._clock(cases[0], 'solution'), 'running', 'Tue 10:00')
            self._run_cron('cases')
        self.assertFalse(clock.search_count([('stale', '=', True)]))
        self.assertClock(self._clock(cases[0], 'solution'), 'running', 'Wed 10:00')
