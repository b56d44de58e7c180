from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import ServiceCase, at


class TestCase(ServiceCase):
    """A case and its clocks (SRV-1, SRV-3)."""

    def test_opens_with_its_clocks(self):
        """SRV-1: the clocks of the answer and the solution run from the first minute, in working hours."""
        with self._at('Mon 11:30'):
            case = self._case()
        self.assertEqual((case.state, case.user_id, case.company_id), ('working', self.anna, self.env.company))
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 13:30')
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 13:30')
        self.assertEqual(case.next_due, at('Mon 13:30'))
        self.assertFalse(self._clock(case, 'revisit'))

    def test_sentence(self):
        """SRV-1: a deadline says in one sentence how it adds up."""
        self.policy_problem.response_hours = 4
        with self._at('Fri 16:00'):
            case = self._case(case_type='problem')
        clock = self._clock(case, 'response')
        self.assertEqual(clock.explanation, "4 h: Fri 16:00–17:00, Mon 09:00–12:00; due Mon 12:00")
        with self._at('Mon2 11:20'):
            self._change(case, 'pause', wait_for='customer')
            self.assertEqual(
                clock.explanation,
                "4 h: Fri 16:00–17:00, Mon 09:00–12:00; waited for the customer since Mon 11:20; no deadline while it waits")
        with self._at('Mon2 13:05'):
            case.action_resume()
        self.env.invalidate_all()
        self.assertEqual(
            clock.explanation,
            "4 h: Fri 16:00–17:00, Mon 09:00–12:00; waited for the customer Mon 11:20–13:05 (45 min); due Mon 13:45")

    def test_sentence_of_many_days(self):
        """Of a long time the stretches in the middle are counted; a day that is far has a date."""
        self.policy_problem.solution_hours = 70
        with self._at('Fri 16:00'):
            case = self._case(case_type='problem')
        # 1 h on Friday, 7 h on each of nine working days in 18 stretches, 6 h on the last Friday
        self.assertEqual(
            self._clock(case, 'solution').explanation,
            "70 h: Fri 16:00–17:00, Mon 09:00–12:00, 63 h in between, Fri, Dec 25 13:00–16:00; "
            "due Fri, Dec 25 16:00")

    def test_around_the_clock(self):
        """SRV-1: customers of high tier are served at night and on Sundays."""
        self._order(self.harbour, 1000000)
        self.harbour._write({'customer_tier_id': self.tier_high.id})
        self.env.invalidate_all()
        with self._at('Sat 22:00'):
            case = self._case()
        clock = self._clock(case, 'response')
        self.assertEqual(clock.policy_id, self.policy_high)
        self.assertClock(clock, 'running', 'Sat 23:00')
        self.assertEqual(clock.explanation, "1 h: Sat 22:00–23:00, around the clock; due Sat 23:00")

    def test_answer_ends_the_answer_only(self):
        """SRV-1: answering ends the clock of the answer, and no other (frappe 1542)."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:20'):
            case.action_answer()
        self.assertClock(self._clock(case, 'response'), 'met', taken=1 / 3)
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 10:00')
        self.assertEqual(case.next_due, at('Tue 10:00'))

    def test_solution_ends_both(self):
        """SRV-1: solving ends the answer too, also where nobody answered before (frappe 1607)."""
        with self._at('Sat 11:00'):
            case = self._case()
        with self._at('Mon2 09:20'):
            self._change(case, 'solve', solution="New crates sent", cause_id=self.defect.id)
        self.assertClock(self._clock(case, 'response'), 'met', taken=1 / 3)
        self.assertClock(self._clock(case, 'solution'), 'met', taken=1 / 3)
        self.assertEqual((case.state, case.case_class, case.cause_id), ('solved', 'product', self.defect))
        self.assertEqual(case.answered_at, at('Mon2 09:20'))

    def test_late_is_failed(self):
        """SRV-1: done late, the clock failed at the minute of its deadline; how long it took is kept."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 14:00'):
            case.action_answer()
        clock = self._clock(case, 'response')
        self.assertClock(clock, 'failed', 'Mon 10:00', taken=4)
        self.assertEqual((clock.ended_at, clock.done_at), (at('Mon 10:00'), at('Mon 14:00')))
        self.assertTrue(case.breached)

    def test_pause_counts_in_working_time(self):
        """SRV-1: Fri 16:00 to Mon 10:00 is a pause of two hours, not of 66 (glpi 10594)."""
        with self._at('Fri 15:00'):
            case = self._case()
        with self._at('Fri 15:30'):
            case.action_answer()
        with self._at('Fri 16:00'):
            self._change(case, 'pause', wait_for='customer', note="Asked for pictures")
        self.assertClock(self._clock(case, 'solution'), 'paused', '')
        self.assertFalse(case.next_due)
        with self._at('Mon2 10:00'):
            case.action_resume()
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue2 10:00')
        pause = case.pause_ids
        self.assertEqual(
            (pause.user_id, pause.end_user_id, pause.note, pause.end_reason),
            (self.anna, self.anna, "Asked for pictures", 'resumed'))

    def test_pause_is_closed_by_any_end(self):
        """SRV-1: paused in February, solved in August: none of it counts (frappe 3776)."""
        for end in ('solve', 'withdraw'):
            with freeze_time(datetime(2026, 2, 3, 9)):
                case = self._case()
                case.action_answer()
            with freeze_time(datetime(2026, 2, 3, 11)):
                self._change(case, 'pause', wait_for='customer')
            with freeze_time(datetime(2026, 8, 3, 9, 30)):
                self._change(case, end, note="It was none", solution="Replaced")
            self.assertEqual(case.pause_ids.date_end, datetime(2026, 8, 3, 9, 30))
            if end == 'solve':
                self.assertClock(self._clock(case, 'solution'), 'met', taken=2)
            else:
                self.assertClock(self._clock(case, 'solution'), 'void')

    def test_priority_keeps_used_and_paused_time(self):
        """SRV-1: a change of priority keeps what was used and paused; the new rule counts from then on."""
        self.policy_high.write({'tier_id': False, 'priority': '3'})
        with self._at('Mon 09:00'):
            case = self._case()
            case.action_answer()
        with self._at('Mon 10:00'):
            self._change(case, 'pause', wait_for='customer')
        with self._at('Mon 11:00'):
            case.action_resume()
        with self._at('Mon 15:00'):
            case.priority = '3'
        clock = self._clock(case, 'solution')
        # 9–10, 11–12, 13–15 are used: 4 h of now 24, around the clock
        self.assertEqual((clock.policy_id, clock.used_minutes), (self.policy_high, 240))
        self.assertClock(clock, 'running', 'Tue 11:00')
        self.assertEqual(
            clock.explanation, "24 h: 4 h used until Mon 15:00 by a former rule, Mon 15:00 – Tue 11:00, around the clock; "
            "due Tue 11:00")
        self.assertClock(self._clock(case, 'response'), 'met')

    def test_priority_that_makes_it_late(self):
        """A rule that is changed is no failure of yesterday: it is due when the rule changes."""
        self.policy_high.write({'tier_id': False, 'priority': '3', 'response_hours': 0.5})
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:50'):
            case.priority = '3'
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 09:50')
        with self._at('Mon 09:51'):
            self._run_cron('cases')
        self.assertClock(self._clock(case, 'response'), 'failed', 'Mon 09:50')

    def test_holiday_plans_anew(self):
        """SRV-1: a public holiday that comes or goes moves the open clocks, and those only (frappe 2449)."""
        with self._at('Mon 09:00'):
            case, over = self._case(), self._case()
            over.action_answer()
            met = self._clock(over, 'response')
        with self._at('Mon 09:30'):
            holiday = self._holiday('Tue 00:00', 'Wed 00:00')
            self.assertClock(self._clock(case, 'solution'), 'running', 'Wed 10:00')
            self.assertClock(met, 'met', 'Mon 10:00')
            before = self._clock(case, 'solution').read()
            case.sudo().clock_ids._replan()
            self.env.invalidate_all()
            self.assertEqual(self._clock(case, 'solution').read(), before)
            holiday.unlink()
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 10:00')

    def test_holiday_of_another_company(self):
        """A holiday of another company's people moves nothing here."""
        with self._at('Mon 09:00'):
            case = self._case()
            self.env['resource.calendar.leaves'].with_company(self.company_2).create({
                'name': "Theirs", 'date_from': at('Tue 00:00'), 'date_to': at('Wed 00:00')})
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 10:00')

    def test_met_and_failed_never_change(self):
        """SRV-1: what is decided stays, whatever happens to calendars and policies, and whoever writes (OCA 157)."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 09:30'):
            case.action_answer()
        met = self._clock(case, 'response')
        before = met.read(['state', 'due', 'detail', 'target_minutes', 'ended_at', 'explanation'])
        with self._at('Mon 10:30'):
            self.policy_complaint.write({'response_hours': 0.1, 'hours': 'always'})
            self.office.attendance_ids.unlink()
            case.priority = '3'
            case.case_type = 'need'
        self.env.invalidate_all()
        self.assertEqual(met.read(['state', 'due', 'detail', 'target_minutes', 'ended_at', 'explanation']), before)
        for vals in ({'state': 'failed'}, {'due': at('Fri 09:00')}, {'ended_at': False}):
            with self.assertRaisesRegex(UserError, "stays as it was counted"):
                met.write(vals)
        with self.assertRaises(AccessError):
            met.with_user(self.mara).write({'state': 'failed'})

    def test_policy_of_what_was_due(self):
        """What was due before a rule changed is decided by the rule that held then, also while nobody has looked yet."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 10:30'):
            self.policy_complaint.response_hours = 6
        self.assertClock(self._clock(case, 'response'), 'failed', 'Mon 10:00')
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 10:00')

    def test_empty_calendar(self):
        """A calendar by which nobody works any more: the case is kept, and says that nothing is due and why."""
        with self._at('Mon 09:00'):
            self.office.attendance_ids.unlink()
            case = self._case()
            clock = self._clock(case, 'response')
            self.assertClock(clock, 'running', '')
            self.assertIn("nobody works any more", clock.explanation)
            with self.assertRaisesRegex(ValidationError, "nothing would ever be due"):
                self.policy_complaint.response_hours = 2

    def test_no_policy(self):
        """Without a policy that fits there is no clock, and the case goes its way all the same."""
        self.env['customer.sla.policy'].search([]).active = False
        with self._at('Mon 09:00'):
            case = self._case()
            self.assertFalse(case.clock_ids)
            self._change(case, 'solve', solution="Done")
            case.action_close()
        self.assertEqual((case.state, case.due_state), ('closed', 'none'))

    def test_policy_without_calendar(self):
        """It runs by the working hours of the company."""
        self.policy_complaint.calendar_id = False
        with self._at('Mon 11:30'):
            case = self._case()
        self.assertClock(self._clock(case, 'response'), 'running', 'Mon 13:30')

    def test_reopening(self):
        """SRV-1: a reopened case begins a new cycle; the old results stay and are counted as they were."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._at('Mon 14:00'):
            self._change(case, 'solve', solution="New crates")
        with self._at('Tue 09:00'):
            self._change(case, 'reopen', note="Broken again")
        self.assertEqual((case.state, case.cycle, case.solved_at), ('working', 2, False))
        self.assertClock(self._clock(case, 'response', 1), 'failed')
        self.assertClock(self._clock(case, 'solution', 1), 'met')
        self.assertClock(self._clock(case, 'revisit', 1), 'void')
        self.assertClock(self._clock(case, 'response', 2), 'running', 'Tue 10:00')
        self.assertFalse(case.breached)

    def test_repetition(self):
        """SRV-3: the same customer and root cause within the days of the setting are linked."""
        with self._at('Mon 09:00'):
            first = self._case(cause_id=self.defect.id)
        with self._at('Wed 09:00'):
            second, other = self._case(cause_id=self.defect.id), self._case(cause_id=self.damage.id)
        self.assertEqual((second.previous_id, second.again), (first, "It has happened once before."))
        self.assertFalse(other.previous_id)
        with freeze_time(datetime(2027, 6, 1, 9)):
            late = self._case(cause_id=self.defect.id)
        self.assertFalse(late.previous_id)

    def test_staged_feedback(self):
        """SRV-1: a day for feedback is a clock of its own; one that is missed is failed, and told in time it is met."""
        with self._at('Mon 09:00'):
            case = self._case()
            case.node_ids = [(0, 0, {'name': "Inspection", 'date_due': at('Tue 12:00')}),
                             (0, 0, {'name': "Parts", 'date_due': at('Wed 12:00')})]
        first, second = case.node_ids
        with self._at('Tue 11:00'):
            first.action_done()
        with self._at('Wed 12:01'):
            self._run_cron('cases')
        self.env.invalidate_all()
        self.assertEqual((first.state, second.state), ('done', 'missed'))
        self.assertClock(second.sudo().clock_ids, 'failed', 'Wed 12:00')
        self.assertTrue(self._activities(case, '_missed', self.lena))
        with self._at('Wed 13:00'):
            second.action_done()
            self.assertEqual(second.state, 'late')
            with self.assertRaisesRegex(UserError, "stays as it was"):
                second.date_due = at('Fri 12:00')
            with self.assertRaisesRegex(ValidationError, "over already"):
                case.node_ids = [(0, 0, {'name': "Late", 'date_due': at('Tue 12:00')})]

    def test_staged_feedback_from_the_beginning(self):
        """SRV-1: a case that is written down with its days for feedback has all its deadlines."""
        with self._at('Mon 09:00'):
            case = self._case(node_ids=[(0, 0, {'name': "Inspection", 'date_due': at('Tue 12:00')})])
        self.assertEqual(sorted(case.clock_ids.mapped('kind')), ['node', 'response', 'solution'])
        self.assertEqual(case.next_due, at('Mon 10:00'))

    def test_not_failed_right_after_it_came_in(self):
        """erpnext 38745: whatever the time zones of company, calendar and user, nothing is late in the minute it came in."""
        for zone in ('Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati'):
            self.office.tz = self.env.company.partner_id.tz = zone
            for moment in ('Mon 01:00', 'Mon 09:00', 'Mon 23:30', 'Sun 12:00'):
                with self._at(moment):
                    case = self._case()
                    self._run_cron('cases')
                    self.assertEqual(set(case.clock_ids.mapped('state')), {'running'}, (zone, moment))
                    self.assertGreater(case.next_due, at(moment))

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_calendar_that_never_works_again(self):
        """A day off without an end: the case is kept and says why nothing is due; when the day off goes, it is due again."""
        with self._at('Mon 09:00'):
            case = self._case()
            holiday = self.env['resource.calendar.leaves'].create({
                'name': "For ever", 'date_from': at('Mon 09:30'), 'date_to': datetime(2999, 1, 1), 'calendar_id': self.office.id})
            clock = self._clock(case, 'solution')
            self.assertClock(clock, 'running', '')
            self.assertIn("nobody works any more", clock.explanation)
            self._run_cron('cases')
            holiday.unlink()
        self.assertClock(self._clock(case, 'solution'), 'running', 'Tue 10:00')

    def test_customer_who_is_not_to_be_contacted(self):
        """Who wants to be left alone may complain all the same: it is worked on, answered, and closed without asking."""
        self.harbour._write({'customer_do_not_contact': True})
        self.env.invalidate_all()
        with self._at('Mon 09:00'):
            case = self._case()
            self.assertClock(self._clock(case, 'response'), 'running', 'Mon 10:00')
            self._change(case, 'solve', solution="New crates")
            self.assertFalse(case.followup_ids)
            case.action_close()
        self.assertEqual((case.state, case.not_asked), ('closed', "the customer is not to be contacted"))

    def test_copy(self):
        """A copy is a new case with clocks of its own, and nothing of what happened to the first one."""
        with self._at('Mon 09:00'):
            case = self._case(cause_id=self.defect.id)
            self._change(case, 'solve', solution="Done")
        with self._at('Tue 09:00'):
            copy = case.copy()
        self.assertEqual((copy.name, copy.state, copy.solved_at, copy.previous_id), (
            "Crates broken (copy)", 'working', False, case))
        self.assertClock(self._clock(copy, 'response'), 'running', 'Tue 10:00')

    def test_what_people_can_not_write(self):
        """What happens to a case is noted by its buttons, also past the screens and by defaults."""
        with self._at('Mon 09:00'):
            case = self._case()
            for vals in ({'state': 'closed'}, {'answered_at': at('Mon 08:00')}, {'cycle': 3}, {'satisfied': 'yes'}):
                with self.assertRaisesRegex(AccessError, "can't be written"):
                    case.write(vals)
            with self.assertRaisesRegex(AccessError, "can't be written"):
                self._case(state='closed')
            trick = self.env['customer.case'].with_user(self.anna).with_context(
                default_state='closed', default_satisfied='yes', default_cycle=7).create(
                    {'name': "x", 'partner_id': self.harbour.id})
        self.assertEqual((trick.state, trick.satisfied, trick.cycle), ('working', False, 1))

    def test_solution_without_words(self):
        """Nothing is solved by nothing."""
        with self._at('Mon 09:00'):
            case = self._case()
            with self.assertRaisesRegex(ValidationError, "Please say what was done"):
                self._change(case, 'solve', solution="  ")

    def test_archived_customer(self):
        """A case is not opened for a customer that is archived."""
        self.harbour.active = False
        with self._at('Mon 09:00'), self.assertRaisesRegex(ValidationError, "is archived"):
            self._case()

    def test_deleting(self):
        """What a customer complained of stays, until somebody says that it was no case."""
        with self._at('Mon 09:00'):
            case = self._case()
            with self.assertRaisesRegex(UserError, "stays in the customer's history"):
                case.unlink()
            self._change(case, 'withdraw', note="Wrong customer")
            case.unlink()

    def test_twice(self):
        """A button that was pressed twice says so, or changes nothing."""
        with self._at('Mon 09:00'):
            case = self._case()
            case.action_answer()
            case.action_answer()
            self._change(case, 'pause', wait_for='customer')
            with self.assertRaisesRegex(UserError, "can't go on like this"):
                self._change(case, 'pause', wait_for='customer')
        self.assertEqual(len(case.pause_ids), 1)

    def test_pause_that_ends_before_it_begins(self):
        """It is refused, also past the screens."""
        with self._at('Mon 09:00'):
            case = self._case()
        with self._refused("can't end before it begins"):
            self.env['customer.case.pause'].create({
                'case_id': case.id, 'date_start': at('Mon 10:00'), 'date_end': at('Mon 09:30')})

    def test_form(self):
        """The form opens a case for a customer, and proposes nothing that is refused."""
        with self._at('Mon 09:00'):
            form = Form(self.env['customer.case'].with_user(self.anna))
            form.partner_id = self.harbour
            form.name = "Late"
            form.cause_id = self.damage
            self.assertEqual(form.case_class, 'product')
            case = form.save()
        self.assertEqual((case.user_id, case.state), (self.anna, 'working'))

    def test_due_state(self):
        """The search finds the same cases that the list shows."""
        with self._at('Mon 09:00'):
            case = self._case()
        for moment, expected in (('Mon 09:10', 'running'), ('Mon 09:50', 'near')):
            with self._at(moment):
                self.env.invalidate_all()
                self.assertEqual(case.due_state, expected)
                self.assertIn(case, case.search([('due_state', '=', expected)]))
                self.assertNotIn(case, case.search([('due_state', '!=', expected)]))
        with self._at('Mon 10:00'):
            self._run_cron('cases')
            self.assertEqual(case.due_state, 'missed')
            self.assertIn(case, case.search([('due_state', '=', 'missed')]))

    def test_event_of_cadences(self):
        """CAD-1, SRV-1: a touchpoint after a solved case is planned for its hour, and withdrawn when the case is reopened."""
        step = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "All well?", 'kind': 'event', 'event': 'case_solved', 'delay_count': 90,
            'delay_unit': 'minute', 'channel_id': self.call.id, 'date_start': '2020-01-01'})
        with self._at('Mon 11:30'):
            case = self._case()
            self.assertFalse(self._open(self.harbour, step))
            self._change(case, 'solve', solution="New crates")
            self.assertEqual(self._open(self.harbour, step).planned_at, at('Mon 13:00'))
            self._change(case, 'reopen', note="Broken again")
            self.assertFalse(self._open(self.harbour, step))
