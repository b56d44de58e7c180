from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .common import ServiceCase, at

REPLAN = 'odoo.addons.customer_success.models.service.customer_case_replanner'


class TestPolicy(ServiceCase):
    """Which policy holds (SRV-1)."""

    def _policy(self, **vals):
        with self._at('Mon 09:00'):
            case = self._case(**vals)
        return self._clock(case, 'response').policy_id

    def test_first_that_fits(self):
        """SRV-1: type, priority, tier, segment, demand type and tag; the first in sequence."""
        segment = self.env.ref('customer_success.customer_segment_high_stable')
        demand = self.env.ref('customer_success.customer_demand_type_service')
        tag = self.env['res.partner.category'].create({'name': "VIP"})
        policies = self.env['customer.sla.policy'].create([
            {'name': name, 'sequence': -10 + index, 'response_hours': 1, 'hours': 'always', **vals}
            for index, (name, vals) in enumerate((
                ("segment", {'segment_id': segment.id}), ("demand", {'demand_type_id': demand.id}),
                ("tag", {'category_id': tag.id}), ("critical need", {'priority': '3', 'case_type': 'need'})))])
        self.assertEqual(self._policy(), self.policy_complaint)
        self.assertEqual(self._policy(case_type='problem'), self.policy_problem)
        self.assertEqual(self._policy(case_type='need', priority='3'), policies[3])
        self.assertEqual(self._policy(case_type='complaint', priority='3'), self.policy_complaint)
        self.harbour.category_id = tag
        self.assertEqual(self._policy(), policies[2])
        self.harbour.customer_demand_type_id = demand
        self.assertEqual(self._policy(), policies[1])
        self.harbour._write({'customer_segment_id': segment.id})
        self.env.invalidate_all()
        self.assertEqual(self._policy(), policies[0])

    def test_new_customer_of_a_case(self):
        """The policy of the customer holds as soon as somebody knows who it is."""
        self.harbour._write({'customer_tier_id': self.tier_high.id})
        self.env.invalidate_all()
        with self._at('Mon 09:00'):
            case = self.env['customer.case'].create({'name': "Who?", 'case_type': 'problem'})
            self.assertEqual(self._clock(case, 'response').policy_id, self.policy_problem)
            case.with_user(self.anna).write({'partner_id': self.captain.id})
        self.assertEqual(case.partner_id, self.harbour)
        self.assertEqual(self._clock(case, 'response').policy_id, self.policy_high)

    def test_policy_that_goes(self):
        """A policy that is archived or deleted leaves its open cases to the next one that fits."""
        with self._at('Mon 09:00'):
            case = self._case()
            self.policy_complaint.active = False
            self.assertEqual(self._clock(case, 'response').policy_id, self.policy_problem)
            self.policy_complaint.active = True
            self.policy_problem.unlink()
            self.assertEqual(self._clock(case, 'response').policy_id, self.policy_complaint)

    def test_times_that_are_none(self):
        """0 is no deadline; less is refused."""
        self.policy_complaint.write({'solution_hours': 0, 'revisit_days': 0})
        with self._at('Mon 09:00'):
            case = self._case()
            self.assertEqual(case.clock_ids.mapped('kind'), ['response'])
            self._change(case, 'solve', solution="Done")
            case.action_close()
        self.assertEqual(case.state, 'closed')
        with self._refused("can't be negative"):
            self.policy_complaint.response_hours = -1

    def test_flexible_hours(self):
        """Working hours that don't say when somebody works are refused."""
        flexible = self.env['resource.calendar'].create({
            'name': "Flexible", 'schedule_type': 'flexible', 'flexible_hours': True, 'hours_per_day': 8})
        with self.assertRaisesRegex(ValidationError, "nothing would ever be due"):
            self.policy_complaint.calendar_id = flexible

    def test_shipped(self):
        """SRV-1: complaints are answered in an hour, problems in two, solved in 24, asked about after 3 days; high tier
        around the clock."""
        policies = self.env['customer.sla.policy'].with_context(active_test=False)
        shipped = policies.browse(
            self.env.ref(f'customer_success.customer_sla_policy_{name}').id
            for name in ('high_complaint', 'high', 'critical', 'complaint', 'problem', 'need'))
        self.assertEqual(
            [(policy.response_hours, policy.solution_hours, policy.revisit_days, policy.hours) for policy in shipped],
            [(1, 24, 3, 'always'), (2, 24, 3, 'always'), (1, 24, 3, 'always'), (1, 24, 3, 'calendar'),
             (2, 24, 3, 'calendar'), (8, 40, 3, 'calendar')])
        self.assertEqual(shipped[0].summary, "answer in 1 h, solve in 24 h, ask again after 3 days")

    def test_settings(self):
        """PLT-5: another share to warn at holds for the clocks that run; what no clock could keep is refused."""
        with self._at('Mon 09:00'):
            case = self._case()
            settings = self.env['res.config.settings'].create({'customer_case_warn_percent': 50})
            settings.set_values()
        self.assertEqual(self._clock(case, 'response').warn_at.strftime('%H:%M'), '09:30')
        for name, value in (('warn_percent', 0), ('offer_hours', 0), ('reopen_days', -1)):
            with self.assertRaises(ValidationError):
                self.env['res.config.settings'].create({f'customer_case_{name}': value}).set_values()

    def test_srv_1_archiving_says_how_many(self):
        """SRV-1, S5: before a policy is archived, or used again, it says of how many open cases the deadlines change, and that
        is how many do."""
        cases = self._case(case_type='complaint') + self._case(case_type='complaint') + self._case(case_type='problem')
        mine = self.policy_complaint.with_user(self.mara)
        self.assertIn("2 open cases", mine.customer_archiving(False))
        self.assertIn("1 open case ", self.policy_problem.with_user(self.mara).customer_archiving(False))
        mine.action_archive()
        self.assertEqual(cases.sudo().clock_ids.policy_id, self.policy_problem)
        self.assertIn("2 open cases", mine.customer_archiving(True))
        mine.action_unarchive()
        self.assertEqual(cases[:2].sudo().clock_ids.policy_id, self.policy_complaint)
        self.assertEqual(cases[2].sudo().clock_ids.policy_id, self.policy_problem)


class TestPolicyFollows(ServiceCase):
    """Open clocks follow what a policy asks of a customer, whoever changes it and however (SRV-1, PLT-3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag, cls.other_tag = cls.env['res.partner.category'].create([{'name': "VIP"}, {'name': "Other"}])
        cls.demand = cls.env['customer.demand.type'].create({'name': "Cold chain"})
        cls.segment = cls.env['customer.segment'].create({'name': "Crates"})
        cls.tier = cls.env['customer.tier'].create({'name': "Crates"})

    def _asking(self, **vals):
        """Return a policy that comes first and asks for something."""
        return self.env['customer.sla.policy'].create({
            'name': "First", 'sequence': -5, 'hours': 'always', 'response_hours': 2, 'solution_hours': 24, **vals})

    def assertFollows(self, case, policy):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(case.sudo().clock_ids.policy_id, policy)

    def test_tag(self):
        """A tag that the customer gets or loses, from its own side or that of the tag."""
        policy = self._asking(category_id=self.tag.id)
        with self._at('Mon 09:00'):
            case = self._case()
            self.harbour.with_user(self.anna).category_id = self.tag
            self.assertFollows(case, policy)
            self.harbour.with_user(self.anna).category_id = self.other_tag
            self.assertFollows(case, self.policy_complaint)
            self.tag.partner_ids = self.harbour
            self.assertFollows(case, policy)
            self.tag.partner_ids = [(3, self.harbour.id)]
            self.assertFollows(case, self.policy_complaint)

    def test_demand_type(self):
        policy = self._asking(demand_type_id=self.demand.id)
        with self._at('Mon 09:00'):
            case = self._case()
            self.harbour.with_user(self.anna).customer_demand_type_id = self.demand
            self.assertFollows(case, policy)

    def test_tier_and_segment_by_the_ranking(self):
        """The tier that an order gives, and the segment that follows from it, hold for the cases that are open, with the time
        that was used until then."""
        self.policy_high.response_hours = 3
        with self._at('Mon 09:00'):
            case = self._case()
            self.harbour.write({'customer_tier_manual_id': self.tier_high.id, 'customer_tier_manual_reason': "Grows"})
        with self._at('Mon 09:30'):
            self.env['customer.ranking']._refresh_all()
            self.assertEqual(self.harbour.customer_tier_id, self.tier_high)
            self.assertFollows(case, self.policy_high)
        clock = self._clock(case, 'response')
        self.assertEqual(clock.used_minutes + (at('Mon 09:30') - clock.counted_from).total_seconds() / 60, 30)
        self.assertClock(clock, 'running', 'Mon 12:00')

    def test_segment(self):
        policy = self._asking(segment_id=self.segment.id)
        self.env['customer.segment.rule'].create({'segment_id': self.segment.id, 'sequence': -100, 'potential': 'high'})
        with self._at('Mon 09:00'):
            case = self._case()
            self.harbour._write({'customer_potential': 'high'})
            self.env.invalidate_all()
            self.env['customer.segmenter']._refresh(self.harbour.ids, cause='potential')
            self.assertEqual(self.harbour.customer_segment_id, self.segment)
            self.assertFollows(case, policy)

    def test_who_leaves(self):
        """Who is no customer any more has no tier, and the policy for everybody."""
        self.harbour._write({'customer_tier_id': self.tier_high.id})
        self.env.invalidate_all()
        with self._at('Mon 09:00'):
            case = self._case()
            self.assertFollows(case, self.policy_high)
            self.harbour.customer_enrolment = 'excluded'
            self.env['customer.registry']._refresh(self.harbour.ids)
            self.assertFalse(self.harbour.customer_tier_id)
            self.assertFollows(case, self.policy_complaint)

    def test_merge(self):
        """The customer that goes on has its own tier, tags and demand type: the cases of the other one follow them."""
        policy = self._asking(demand_type_id=self.demand.id)
        other = self._customer("Harbour Ltd")
        self.harbour.customer_demand_type_id = self.demand
        with self._at('Mon 09:00'):
            case = self._case(partner_id=other.id, contact_id=False)
            self.assertFollows(case, self.policy_complaint)
            self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.harbour + other).ids, self.harbour)
            self.assertFollows(case, policy)

    def test_gone_with_what_it_asks_for(self):
        """A policy that goes with its tier, segment, demand type or tag leaves its open cases to the next one that fits; what
        was used by it stays used."""
        for name, record in (('tier_id', self.tier), ('segment_id', self.segment), ('demand_type_id', self.demand),
                             ('category_id', self.tag)):
            policy = self._asking(**{name: record.id})
            column = {'tier_id': 'customer_tier_id', 'segment_id': 'customer_segment_id',
                      'demand_type_id': 'customer_demand_type_id'}.get(name)
            if column:
                self.harbour._write({column: record.id})
            else:
                self.harbour.category_id = record
            self.env.invalidate_all()
            with self._at('Mon 08:00'):
                case = self._case()
                self.assertFollows(case, policy)
            with self._at('Mon 09:00'):
                if column:
                    self.harbour._write({column: None})
                    self.env.invalidate_all()
                record.unlink()
                self.assertFalse(policy.exists())
                self.assertFollows(case, self.policy_complaint)
            self.assertEqual(self._clock(case, 'solution').used_minutes, 60, name)

    def test_many_go_through_the_queue(self):
        """PLT-3: of many cases the clocks are marked in one statement, and planned by the scheduled action."""
        policy = self._asking(category_id=self.tag.id)
        with self._at('Mon 09:00'):
            cases = self._case() + self._case() + self._case()
            with patch(f'{REPLAN}.AT_ONCE', 2):
                before = self.env.cr.sql_log_count
                self.harbour.category_id = self.tag
                self.env.flush_all()
                self.assertLess(self.env.cr.sql_log_count - before, 25)
                self.assertFollows(cases, self.policy_complaint)
                self.assertEqual(set(cases.sudo().clock_ids.mapped('stale')), {True})
            self._run_cron('cases')
            self.assertFollows(cases, policy)
            self.assertEqual(set(cases.sudo().clock_ids.mapped('stale')), {False})

    def test_nobody_asks(self):
        """PLT-3: where no policy asks for tags, a tag costs nothing."""
        self._case()
        self.env.flush_all()
        self.harbour.category_id = self.other_tag
        self.env.flush_all()
        with patch.object(self.registry['customer.case.replanner'], '_replan_where', side_effect=AssertionError):
            self.harbour.category_id = self.tag

    def test_statement_and_record_agree(self):
        """The condition in SQL says of each case what the policy says of it, whatever it asks for (PLT-3)."""
        stranger = self.env['customer.case'].create({'name': "Who?", 'case_type': 'problem'})
        tagged = self._customer("Tagged", category_id=[(6, 0, self.tag.ids)], customer_demand_type_id=self.demand.id)
        tagged._write({'customer_tier_id': self.tier.id, 'customer_segment_id': self.segment.id})
        self.env.invalidate_all()
        cases = stranger + self._case() + self._case(priority='3') + self._case(case_type='need') + self._case(
            partner_id=tagged.id, contact_id=False, priority='3')
        asks = {
            'company_id': self.env.company.id, 'case_type': 'complaint', 'priority': '3', 'tier_id': self.tier.id,
            'segment_id': self.segment.id, 'demand_type_id': self.demand.id, 'category_id': self.tag.id}
        fitting = []
        for number in range(2 ** len(asks)):
            vals = {name: value for place, (name, value) in enumerate(asks.items()) if number >> place & 1}
            policy = self.env['customer.sla.policy'].new({'name': "x", **vals})
            rows = self.env.execute_query(SQL(
                """SELECT o.id FROM customer_case o LEFT JOIN res_partner c ON c.id = o.partner_id
                    WHERE o.id = ANY(%s) AND %s ORDER BY o.id""", cases.ids, policy._fits_sql()))
            expected = [case.id for case in cases if policy._fits(case)]
            self.assertEqual([row[0] for row in rows], expected, vals)
            fitting.append(len(expected))
        self.assertEqual((max(fitting), min(fitting)), (5, 1), "each of them says something")

    def test_archiving_is_one_statement(self):
        """S5, PLT-3: how many cases would change is counted in one statement, however many are open."""
        for __ in range(3):
            self._case()
        self.policy_complaint.active = False
        self.env.flush_all()
        counts = []
        for __ in range(2):
            before = self.env.cr.sql_log_count
            self.assertIn("3 open cases" if not counts else "8 open cases", self.policy_complaint.customer_archiving(True))
            counts.append(self.env.cr.sql_log_count - before)
            for __ in range(5):
                self._case()
            self.env.flush_all()
        self.assertEqual(*counts)


class TestPolicyHolidays(ServiceCase):
    """Public holidays of a country, where a policy says so (SRV-1, CUL-2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here, cls.there = cls.env.ref('base.be'), cls.env.ref('base.cn')
        cls.env['customer.country.calendar'].search([('country_id', 'in', (cls.here + cls.there).ids)]).unlink()
        calendars = cls.env['customer.country.calendar'].create([
            {'country_id': cls.here.id}, {'country_id': cls.there.id}])
        calendars.holiday_ids.sudo().unlink()
        cls.calendar_here, cls.calendar_there = calendars
        cls.env.company.partner_id.country_id = cls.here
        cls.harbour.country_id = cls.there
        cls.holiday_here, cls.holiday_there = cls.env['customer.holiday'].create([
            {'calendar_id': cls.calendar_here.id, 'name': "Harbour Day", 'date': at('Tue 00:00').date()},
            {'calendar_id': cls.calendar_there.id, 'name': "Dragon Day", 'date': at('Wed 00:00').date()}])

    def _due(self, case):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._clock(case, 'solution').due

    def test_whose(self):
        """Those of the working hours alone, those of the company's country too, or of the customer's."""
        with self._at('Mon 13:00'):
            case = self._case()  # 8 h: 4 on Monday, 4 on Tuesday or later
            self.assertEqual(self._due(case), at('Tue 14:00'))
            for holidays, due in (('of_company', 'Wed 14:00'), ('of_customer', 'Tue 14:00'), ('of_hours', 'Tue 14:00')):
                self.policy_complaint.holidays = holidays
                self.assertEqual(self._due(case), at(due), holidays)
            self.policy_complaint.write({'holidays': 'of_customer', 'solution_hours': 14})
            self.assertEqual(self._due(case), at('Thu 12:00'))
            self.assertEqual(
                self._clock(case, 'solution').explanation,
                "14 h: Mon 13:00–17:00, Tue 09:00–12:00, Tue 13:00–17:00, Thu 09:00–12:00; "
                "public holiday: Dragon Day (Wed, Dec 9); due Thu 12:00")
            self.assertNotIn("holiday", self._clock(case, 'response').explanation, "its time is over before")

    def test_moves(self):
        """A holiday that comes, moves or goes, and a customer that moves, plan the open clocks anew; what is decided stays."""
        self.policy_complaint.write({'holidays': 'of_customer'})
        with self._at('Mon 13:00'):
            case = self._case()
            case.action_answer()
            met = self._clock(case, 'response').due
            self.holiday_there.date = at('Tue 00:00').date()
            self.assertEqual(self._due(case), at('Wed 14:00'))
            self.holiday_there.active = False
            self.assertEqual(self._due(case), at('Tue 14:00'))
            self.harbour.with_user(self.anna).country_id = self.here
            self.assertEqual(self._due(case), at('Wed 14:00'))
            self.holiday_here.sudo().unlink()
            self.assertEqual(self._due(case), at('Tue 14:00'))
        self.assertEqual(self._clock(case, 'response').due, met)

    def test_state(self):
        """A state may keep days of its own, and not keep those of the country."""
        state = self.env['res.country.state'].create({'country_id': self.there.id, 'name': "North", 'code': "NN"})
        self.env['customer.holiday'].create([
            {'calendar_id': self.calendar_there.id, 'state_id': state.id, 'name': "North Day", 'date': at('Tue 00:00').date()},
            {'calendar_id': self.calendar_there.id, 'state_id': state.id, 'name': "None", 'date': at('Wed 00:00').date(),
             'kind': 'ordinary'}])
        self.policy_complaint.write({'holidays': 'of_customer', 'solution_hours': 14})
        with self._at('Mon 13:00'):
            case = self._case()
            self.assertEqual(self._due(case), at('Thu 12:00'))
            self.harbour.state_id = state
            self.assertIn("North Day", self._clock(case, 'solution').explanation)
            self.assertEqual(self._due(case), at('Thu 12:00'), "Tuesday instead of Wednesday")

    def test_around_the_clock(self):
        """Who is served around the clock is served on holidays, too."""
        self.policy_complaint.write({'holidays': 'of_company', 'hours': 'always'})
        with self._at('Mon 13:00'):
            self.assertEqual(self._due(self._case()), at('Mon 21:00'))

    def test_wall_clock(self):
        """The holiday is a day of the place where the hours are meant."""
        self.office.tz = 'Asia/Shanghai'
        self.policy_complaint.holidays = 'of_company'
        with self._at('Mon 05:00'):  # 13:00 there: four hours on Monday, four on Wednesday
            self.assertEqual(self._due(self._case()), at('Wed 06:00'))
