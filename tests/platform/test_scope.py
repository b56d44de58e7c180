"""S1: a screen opens with what is for whoever opens it, and does not say "none" where only its filter hides the rest."""
from odoo.tests import Form, HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestScope(HttpCase, CustomerCase):

    def _context_of(self, user, name):
        return self.env['ir.actions.act_window'].with_user(user)._for_xml_id(f'customer_success.{name}')['context']

    def test_default_by_role(self):
        """A salesperson begins with the own, a leader with the team's, a manager with all."""
        for name in ('customer_followup_action', 'res_partner_action_customers', 'customer_warning_action'):
            self.assertIn("'search_default_mine': 1", self._context_of(self.anna, name))
            leaders = self._context_of(self.lena, name)
            self.assertIn("'search_default_my_team': 1", leaders)
            self.assertNotIn('search_default_mine', leaders)
            managers = self._context_of(self.mara, name)
            self.assertNotIn('search_default_mine', managers)
            self.assertNotIn('search_default_my_team', managers)
        self.assertIn("'search_default_due_week': 1", self._context_of(self.mara, 'customer_followup_action'))

    def test_other_actions_stay(self):
        """Actions of other apps are left alone, whatever their context says."""
        action = self.env['ir.actions.act_window'].create({
            'name': "Elsewhere", 'res_model': 'res.partner', 'context': "{'search_default_mine': 1}"})
        self.assertEqual(
            action.with_user(self.mara).sudo()._get_action_dict()['context'], "{'search_default_mine': 1}")

    def test_every_screen_that_opens_with_the_own(self):
        """Each of them has both filters, and views that count what the filters hide."""
        actions = self.env['ir.actions.act_window'].search([('context', 'like', 'search_default_mine')]).filtered(
            lambda action: action.get_external_id()[action.id].startswith('customer_success.'))
        self.assertGreater(len(actions), 10)
        for action in actions:
            model = self.env[action.res_model]
            search = model.get_view(action.search_view_id.id, 'search')['arch']
            for name in ('mine', 'my_team'):
                self.assertIn(f'name="{name}"', search, action.name)
            for view_id, mode in action.views:
                if mode in ('list', 'kanban', 'graph', 'pivot'):
                    arch = model.get_view(view_id, mode)['arch']
                    self.assertIn(f'js_class="customer_{mode}"', arch, f'{action.name}: {mode}')

    def test_new_is_of_its_maker(self):
        """S8: who makes a customer under Mine looks after it, and sees it there."""
        context = safe_eval(self._context_of(self.anna, 'res_partner_action_customers'), {'uid': self.anna.id})
        partners = self.env['res.partner'].with_user(self.anna).with_context(**context)
        with Form(partners) as form:
            form.name = "Made by Anna"
        self.assertEqual(form.record.user_id, self.anna)
        self.assertTrue(form.record.customer_managed)

    def test_none_of_yours(self):
        """A manager begins with all; who narrows it to the own reads how many others have, and is back with a click."""
        self.env['customer.warning'].search([]).unlink()
        rule = self.env['customer.warning.rule'].search([], limit=1)
        for number in range(2):
            self.env['customer.warning'].create({
                'partner_id': self._customer(f"Worried {number}", user_id=self.otto.id).id, 'rule_id': rule.id,
                'signal': rule.signal, 'level': rule.level, 'date': '2026-11-28', 'user_id': self.otto.id})
        self.start_tour('/odoo/customer-warnings', 'customer_success_none_of_yours', login='mara')
