from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from ..screens import ScreensCase
from .test_onboarding import OnboardingCase

PHONE = '390x844'


class NowCase(OnboardingCase):
    """The plan, in force since long ago: a browser lives by the clock on the wall."""

    def _newcomer(self, name="Newcomer"):
        """Return a customer with a quotation."""
        customer = self._customer(name, customer_enrolment='auto', email='new@example.com')
        order = self.env['sale.order'].create({
            'partner_id': customer.id, 'user_id': self.anna.id, 'order_line': [
                Command.create({'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})]})
        return customer, order


@tagged('post_install', '-at_install')
class TestOnboardingTour(NowCase, HttpCase):

    def test_lif_1_from_signing_to_done(self):
        """LIF-1, LIF-2: an order is confirmed; the list says what is missing; the items are ticked until it is done."""
        customer, order = self._newcomer()
        self.start_tour(f'/odoo/orders/{order.id}', 'customer_onboarding_sign', login='anna')
        onboarding = self._onboardings(customer)
        self.assertEqual((onboarding.state, onboarding.order_id), ('running', order))
        self.start_tour('/odoo/customer-onboardings', 'customer_onboarding_done', login='anna')
        self.env.invalidate_all()
        self.assertEqual(onboarding.state, 'done')
        self.assertEqual(self._item(onboarding, 'terms').note, "By phone")
        self.assertFalse(self._open(customer, self.steps['call']), "what was planned for it is withdrawn")


@tagged('post_install', '-at_install')
class TestOnboardingScreens(ScreensCase, NowCase):

    def _screens_of_onboardings(self):
        customer, order = self._newcomer("Newcomer of the Northern Harbour Company")
        order.action_confirm()
        onboarding = self._onboardings(customer)
        onboarding.item_ids[:2].action_tick()
        self.env.cr.execute(
            "UPDATE customer_onboarding_item SET due_at = %s WHERE onboarding_id = %s AND due_at < now() + interval '2 days'",
            [fields.Datetime.subtract(fields.Datetime.now(), days=3), onboarding.id])
        self.env.invalidate_all()
        onboarding._compute_next_due()
        self.env.flush_all()
        action = self.env.ref('customer_success.customer_onboarding_action').id
        form = {'type': 'ir.actions.act_window', 'views': [[False, 'form']]}
        return [
            ('list', action, {'viewType': 'list'}), ('kanban', action, {'viewType': 'kanban'}),
            ('onboarding', {**form, 'res_model': 'customer.onboarding', 'res_id': onboarding.id}, {}),
            ('followup', {**form, 'res_model': 'customer.followup',
                          'res_id': self._open(customer, self.steps['needs']).id}, {}),
            ('customer', {**form, 'res_model': 'res.partner', 'res_id': customer.id, 'context': {
                'form_view_ref': 'customer_success.res_partner_view_form'}}, {}),
            ('card', {
                'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'domain': [['id', '=', customer.id]],
                'views': [[self.env.ref('customer_success.res_partner_view_kanban_customers').id, 'kanban']]}, {})]

    def test_lif_1_phone(self):
        """LIF-1: a salesperson with a phone."""
        self.assertEqual(self._sweep('anna', self._screens_of_onboardings(), PHONE), [])

    def test_lif_1_desk(self):
        """LIF-1, LIF-2: a manager at a desk: the same, the plan, its cadence and the targets."""
        screens = self._screens_of_onboardings()
        report = self.env.ref('customer_success.customer_onboarding_report_action').id
        screens += [(f'report {kind}', report, {'viewType': kind}) for kind in ('pivot', 'graph', 'list')]
        screens += [
            (model, {'type': 'ir.actions.act_window', 'res_model': model, 'res_id': record.id, 'views': [[False, 'form']]}, {})
            for model, record in (('customer.onboarding.plan', self.plan), ('customer.cadence', self.plan.cadence_id))]
        screens.append(('plans', self.env.ref('customer_success.customer_onboarding_plan_action').id, {'viewType': 'list'}))
        self.assertEqual(self._sweep('mara', screens), [])
