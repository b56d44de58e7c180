from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import ServiceCase


@tagged('post_install', '-at_install')
class TestCaseTours(ServiceCase, HttpCase):
    """A complaint in the browser, from the phone call to closing (SRV-1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # it is always working time, whenever the tests run
        cls.policy_complaint.hours = 'always'

    def _harbours(self):
        self.env.invalidate_all()
        return self.env['customer.case'].search([('partner_id', '=', self.harbour.id)])

    def test_from_call_to_closing(self):
        """The call is logged and opens a case; a breach is told; solved, asked, not satisfied, solved again, satisfied."""
        self.start_tour(f'/odoo/customers/{self.harbour.id}', 'customer_case_call', login='anna')
        case = self._harbours()
        self.assertEqual((case.name, case.user_id, case.state), ("Crates broken", self.anna, 'working'))
        clock = self._clock(case, 'response')
        self.env.cr.execute(
            "UPDATE customer_case_clock SET due = %s WHERE id = %s", (fields.Datetime.now(), clock.id))
        self.env.invalidate_all()
        self._run_cron('cases')
        self.assertTrue(self._activities(case, '_missed', self.lena))
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_solve', login='anna')
        self.assertEqual((case.state, case.solution), ('solved', "New crates sent"))
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_unhappy', login='anna')
        self.assertEqual((case.state, case.cycle, self._clock(case, 'response', 1).state), ('working', 2, 'failed'))
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_solve', login='anna')
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_happy', login='anna')
        self.assertEqual((case.state, case.satisfied), ('closed', 'yes'))
        self.assertEqual(len(self._harbours()), 1)

    def test_hand_over(self):
        """Anna offers a case, Ben accepts it."""
        case = self._case()
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_hand_over', login='anna')
        self.assertEqual((case.user_id, case.offered_to_id), (self.anna, self.ben))
        self.start_tour(f'/odoo/customer-cases/{case.id}', 'customer_case_accept', login='ben')
        self.assertEqual(case.sudo().user_id, self.ben)
