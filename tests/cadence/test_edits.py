"""CAD-4: a customer is planned anew when something changed that its plan follows from, once, and only then."""
from unittest.mock import patch

from odoo import Command

from ..common import CustomerCase


class TestEdits(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Edited", customer_cadence_id=cls.cadence.id, email='edited@example.com')

    def _planned(self, change):
        """Return for whom a change plans, a list of ids for each time."""
        self.env.flush_all()
        with patch.object(self.env.registry['customer.planner'], '_plan_safely', autospec=True) as plan:
            change()
        return [call.args[1] for call in plan.call_args_list]

    def test_cad_4_edits_that_move_nothing(self):
        """CAD-4: another phone or address, or the same salesperson once more, plans nothing."""
        customer = self.customer
        for name, value in (
            ('phone', '+86 21 5555 1234'), ('email', 'other@example.com'), ('user_id', customer.user_id.id),
            ('country_id', customer.country_id.id), ('name', "Edited again"), ('customer_cadence_id', self.cadence.id),
        ):
            self.assertEqual(self._planned(lambda name=name, value=value: customer.write({name: value})), [], name)

    def test_cad_4_edits_that_move_something(self):
        """CAD-4, CAD-8: another salesperson or country, and the address of somebody who opted out, plan it anew."""
        customer, wanted = self.customer, [[self.customer.id]]
        self.env['mail.blacklist'].create({'email': 'gone@example.com'})
        self.env['phone.blacklist'].create({'number': '+862155551234'})
        china = self.env.ref('base.cn').id
        for name, value in (
            ('user_id', self.ben.id), ('country_id', china), ('email', 'Gone <gone@example.com>'),
            ('email', 'edited@example.com'), ('phone', '+86 21 5555 1234'), ('customer_cadence_id', False),
        ):
            self.assertEqual(
                self._planned(lambda name=name, value=value: customer.write({name: value})), wanted, (name, value))
        others = self._customer("Other", email='gone@example.com') + self._customer("Third")
        self.assertEqual(self._planned(lambda: (customer + others).write({'email': 'gone@example.com'})),
                         [sorted([customer.id, others[1].id])], "the second one had opted out before")

    def test_cad_4_first_order_plans_once(self):
        """CAD-4: whoever joins by an order is ranked first and planned once, with the tier."""
        newcomer = self.env['res.partner'].create({'name': "Newcomer", 'is_company': True, 'user_id': self.anna.id})
        order = self.env['sale.order'].create({
            'partner_id': newcomer.id,
            'order_line': [Command.create({'product_id': self.product_thing.id, 'price_unit': 100})]})
        self.assertEqual(self._planned(order.action_confirm), [[newcomer.id]])
        self.assertTrue(newcomer.customer_tier_id)
        enrolled = self.env['res.partner'].create({'name': "Enrolled", 'is_company': True})
        self.assertEqual(self._planned(enrolled.action_customer_enrol), [[enrolled.id]])

    def test_cad_4_asked_for_together(self):
        """CAD-4: what several steps ask for is planned once, after the last of them; where they fail, nothing is."""
        requests, customer, other = self.env['customer.plan.request'], self.customer, self._customer("Other")

        def steps():
            with requests._together():
                requests._request(customer.ids)
                with requests.with_user(self.anna)._together():
                    customer.write({'user_id': self.ben.id})
                    requests._request(other.ids)
                self.assertFalse(plan.called, "the outer block is not over")
                requests._request(customer.ids)

        with patch.object(self.env.registry['customer.planner'], '_plan_safely', autospec=True) as plan:
            steps()
            self.assertEqual([call.args[1] for call in plan.call_args_list], [sorted([customer.id, other.id])])
            plan.reset_mock()
            with self.assertRaises(ZeroDivisionError), requests._together():
                requests._request(customer.ids)
                raise ZeroDivisionError
            self.assertFalse(plan.called)
            requests._request(customer.ids)
            self.assertTrue(plan.called, "as ever, outside a block")
