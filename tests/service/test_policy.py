from odoo.exceptions import ValidationError

from .common import ServiceCase


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
