from ..culture.test_greetings import GreetingCase


class TestCaseGreetings(GreetingCase):
    """Nobody with an open complaint is greeted as if nothing were the matter (CAD-10, CUL-4)."""

    def test_no_greeting_while_a_complaint_is_open(self):
        """No greeting opens while a complaint is being worked on; one that is open is taken back, and opens again when the
        complaint is solved in time."""
        self.fang.birthdate_date = '1985-03-10'  # a Tuesday in 2026
        customer = self.fang.commercial_partner_id
        self.assertTrue(self._open_on('2026-03-08'))
        with self._on('2026-03-08', 13):
            case = self.env['customer.case'].create({
                'name': "Late", 'partner_id': customer.id, 'case_type': 'complaint', 'user_id': self.anna.id})
        greeting = self._open_on('2026-03-09')
        self.assertEqual((greeting.state, greeting.withdrawn), ('skipped', True))
        with self._on('2026-03-09', 13):
            self.env['customer.case.course']._solve(case, "Sent")
        self.assertIn('planned', self._open_on('2026-03-10').mapped('state'))

    def test_a_problem_is_no_complaint(self):
        """Who has a question is greeted all the same."""
        self.fang.birthdate_date = '1985-03-10'
        with self._on('2026-03-05'):
            self.env['customer.case'].create({
                'name': "How?", 'partner_id': self.fang.commercial_partner_id.id, 'case_type': 'problem',
                'user_id': self.anna.id})
        self.assertEqual(self._open_on('2026-03-10').state, 'planned')
