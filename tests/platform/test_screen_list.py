"""PLT-5: nobody needs a menu to get to what they may read: it is found in one list, and from a customer to everything of it."""
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import users
from odoo.tools.safe_eval import safe_eval

from ..common import CustomerCase
from ..everything import OF_A_CUSTOMER


class TestScreenList(CustomerCase):

    def _own(self, user):
        """Return the window actions that stand in a user's menu."""
        menus = self.env['ir.ui.menu'].with_user(user)
        root = self.env.ref('customer_success.customer_success_menu_root')
        return menus.sudo().browse(menus._visible_menu_ids()).filtered(
            lambda menu: menu.action and f'/{root.id}/' in f'/{menu.parent_path}')

    def _leaders_menus(self):
        """Return all entries but those of the configuration, with what they lead to."""
        root = self.env.ref('customer_success.customer_success_menu_root')
        configuration = self.env.ref('customer_success.customer_success_menu_configuration')
        return self.env['ir.ui.menu'].with_context(active_test=False).search([
            ('id', 'child_of', root.id), '!', ('id', 'child_of', configuration.id), ('action', '!=', False)]).filtered(
                lambda menu: menu.action._name == 'ir.actions.act_window')

    def test_everything_that_one_may_read(self):
        """Whoever may read a model finds its screens, in the menu or in the list; who may not, does not."""
        for user in (self.anna, self.lena, self.mara):
            listed = self.env['customer.screen'].with_user(user).search([])
            self.assertGreater(len(listed), 40)
            reached = set(self._own(user).ids) | set(listed.ids)
            for menu in self._leaders_menus():
                may = self.env[menu.action.res_model].with_user(user).has_access('read')
                self.assertEqual(menu.id in reached, may, f'{user.login}: {menu.complete_name}')

    @users('anna')
    def test_more_than_the_menu(self):
        """A salesperson's list leads to what is missing from their menu, and stands in it."""
        hub = self.env.ref('customer_success.customer_success_menu_screens')
        own = self._own(self.env.user)
        self.assertIn(hub.id, own.ids)
        more = self.env['customer.screen'].search([('id', 'not in', own.ids)])
        self.assertGreater(len(more), 20)
        self.assertIn(self.env.ref('customer_success.customer_success_menu_targets').id, more.ids)
        self.assertNotIn(hub.id, more.ids)
        found = self.env['customer.screen'].search([('name', 'ilike', "gift register")])
        self.assertEqual(found.mapped('name'), ["Gift Register"])
        self.assertEqual(dict(found._fields['section']._description_selection(self.env))[found.section], "Care")

    @users('anna')
    def test_each_opens(self):
        """Every line opens what the menu entry would, and may be read."""
        for screen in self.env['customer.screen'].search([]):
            action = screen.action_open()
            self.assertEqual(action['id'], self.env['ir.ui.menu'].sudo().browse(screen.id).action.id)
            if action['type'] == 'ir.actions.act_window':
                self.env[action['res_model']].check_access('read')

    def test_others_menus(self):
        """What stands in a leader's menu because of a right is not in the list of who lacks it."""
        dashboard = self.env.ref('customer_success.customer_success_menu_dashboard')
        self.assertNotIn(dashboard.id, self.env['customer.screen'].with_user(self.anna).search([]).ids)
        self.assertIn(dashboard.id, self.env['customer.screen'].with_user(self.lena).search([]).ids)
        with self.assertRaises(AccessError):
            self.env['customer.screen'].with_user(self.env.ref('base.public_user')).search([])

    def test_sections_in_the_order_of_the_menu(self):
        """The parts are called as in the menu, and come in its order."""
        screens = self.env['customer.screen'].with_user(self.mara)
        keys = [key for key, __ in screens._selection_section()]
        shown = [key for key, __ in screens._read_group([], ['section'], ['__count'])]
        self.assertEqual(shown, [key for key in keys if key in shown])
        names = [dict(screens._selection_section())[key] for key in shown]
        self.assertEqual(names[0], "Customers")
        self.assertIn("Reporting › Contacts", names)

    def test_of_a_customer(self):
        """From a customer to everything of it: each model that a menu leads to, with nothing but the customer's."""
        mine, other = self._customer("Everything Ltd"), self._customer("Another Ltd")
        for customer in (mine, mine, other):
            self.env['customer.insight'].create({'partner_id': customer.id, 'kind': 'pain', 'name': "Late deliveries"})
        self.env.flush_all()
        action = mine.with_user(self.anna).action_customer_screens()
        screens = self.env['customer.screen'].with_user(self.anna).with_context(**action['context']).search(action['domain'])
        models = {}
        for screen in screens:
            opened = screen.action_open()
            model = self.env[opened['res_model']].with_user(self.anna)
            domain = safe_eval(opened['domain'], {'uid': self.anna.id})
            way = OF_A_CUSTOMER.get(opened['res_model'], 'partner_id')
            self.assertLessEqual(model.search(domain).mapped(way).commercial_partner_id, mine, opened['name'])
            self.assertFalse([key for key in opened['context'] if key.startswith('search_default_')])
            models[opened['res_model']] = screen
        self.assertEqual(models['customer.insight'].records, '2')
        self.assertFalse(models['customer.adherence'].records, "a report is not counted")
        wanted = {
            menu.action.res_model for menu in self._leaders_menus() if menu.action.res_model in OF_A_CUSTOMER
            and self.env[menu.action.res_model].with_user(self.anna).has_access('read')}
        self.assertEqual(wanted - models.keys(), set())
        self.assertGreater(len(wanted), 25)
        shown = [screen.name for screen in screens]
        self.assertIn("Follow-ups", shown)
        self.assertNotIn("Follow-ups of Leads", shown, "the same of one customer")

    def test_button(self):
        """The button stands on the form of a customer."""
        arch = self.env['res.partner'].with_user(self.anna).get_view(
            self.env.ref('base.view_partner_form').id, 'form')['arch']
        self.assertIn('action_customer_screens', arch)

    def test_many_records(self):
        """More than a hundred are said to be more."""
        customer = self._customer("Busy Ltd")
        self.env['customer.insight'].create([
            {'partner_id': customer.id, 'kind': 'pain', 'name': f"Pain {number}", 'date': fields.Date.today()}
            for number in range(102)])
        insights = self.env.ref('customer_success.customer_success_menu_insights')
        screen = self.env['customer.screen'].with_user(self.anna).with_context(customer_screen_of=customer.id).browse(insights.id)
        self.assertEqual(screen.records, '100+')
