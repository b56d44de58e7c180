"""S7, PLT-2: every button that somebody sees may be clicked by them, and does something or says in words why not."""
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tools.safe_eval import safe_eval

from ..everything import OF_A_CUSTOMER, EverythingCase

#: Of so many records of a model one is looked for that shows a button.
LOOKED_AT = 20

#: Views that have buttons.
MODES = ('form', 'list', 'kanban')


class TestButtons(EverythingCase):
    maxDiff = None

    def _screens(self, user):
        """Return the models and views that a user's menu leads to, and the form of a customer."""
        menus = self.env['ir.ui.menu'].with_user(user)
        root = self.env.ref('customer_success.customer_success_menu_root')
        actions = {
            menu.action for menu in menus.sudo().browse(menus._visible_menu_ids())
            if f'/{root.id}/' in f'/{menu.parent_path}' and menu.action and menu.action._name == 'ir.actions.act_window'}
        screens = {('res.partner', self.env.ref('base.view_partner_form').id, 'form')}
        for action in actions:
            screens |= {(action.res_model, view, mode) for view, mode in action.views if mode in MODES}
        return sorted((screen for screen in screens if screen[0] in self.env), key=str)

    def _records_of(self, user, model):
        """Return some records of a model that a user may see, those of the customer first."""
        records = self.env[model].with_user(user)
        way = OF_A_CUSTOMER.get(model, 'id' if model == 'res.partner' else None)
        own = records.search([(way, '=', self.customer.id)], limit=LOOKED_AT) if way else records
        return (own | records.search([], limit=LOOKED_AT))[:LOOKED_AT]

    def _shows(self, button, record, context):
        """Return whether a record shows a button, as its form and all that is around the button says."""
        for node in (button, *button.iterancestors()):
            expression = node.get('invisible') or node.get('column_invisible')
            if not expression or node.tag == 'form':
                continue
            names = {name for name in record._fields if name in expression}
            values = {name: field.convert_to_read(record[name], record, use_display_name=False)
                      for name, field in ((name, record._fields[name]) for name in names)}
            try:
                if safe_eval(expression, {**values, 'id': record.id, 'uid': record.env.uid, 'context': context}):
                    return False
            except (NameError, ValueError):
                return False  # it asks for what only the page knows
        return True

    def _opens(self, user, action, label, wrong):
        """Follow what a button answers to the screen that it leads to."""
        if not isinstance(action, dict) or action.get('type') != 'ir.actions.act_window':
            return
        model = self.env[action['res_model']].with_user(user).with_context(**(
            action['context'] if isinstance(action.get('context'), dict) else {}))
        views = action.get('views') or [(False, mode) for mode in (action.get('view_mode') or 'form').split(',')]
        model.get_views([tuple(view) for view in views])
        if action.get('res_id'):
            model.browse(action['res_id']).check_access('read')
        elif views[0][1] == 'form':
            model.default_get(list(model._fields))
        elif isinstance(action.get('domain'), list):
            model.search(action['domain'], limit=1)

    def _click_all(self, user):
        """Click every button once, on the first record that shows it.

        :return: what came instead of an action or of words, what was refused, and which buttons were clicked
        """
        wrong, refused, clicked = [], [], set()
        for model, view, mode in self._screens(user):
            records = self._records_of(user, model)
            arch = etree.fromstring(records.get_view(view, mode)['arch'])
            for button in arch.xpath("//*[@type='object' and @name]"):
                name = button.get('name')
                if (model, name) in clicked or arch.xpath("//field//*[@type='object']") and any(
                        node.tag == 'field' for node in button.iterancestors()):
                    continue  # of the lines in it: they are of another model
                record = next((one for one in records if self._shows(button, one, {})), None)
                if not record:
                    continue
                clicked.add((model, name))
                errors, label = [], (user.login, model, mode, name)
                with self._tried(wrong, label, errors):
                    answer = self._rpc(user.id, model, name, record.ids)
                    self._opens(user, answer, label, wrong)
                refused += [(*label, str(error)[:200]) for error in errors if isinstance(error, AccessError)]
        return wrong, refused, clicked

    def _check(self, user, least):
        wrong, refused, clicked = self._click_all(user)
        self.assertEqual(wrong, [])
        self.assertEqual(refused, [], "who sees a button may click it")
        self.assertGreater(len(clicked), least)

    def test_salesperson(self):
        """A salesperson, whose customer it is."""
        self._check(self.anna, 40)

    def test_leader(self):
        """The leader of the team."""
        self._check(self.lena, 60)

    def test_manager(self):
        """A manager, the configuration included."""
        self._check(self.mara, 80)
