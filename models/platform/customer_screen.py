from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

#: How a record leads to its customer: the first of these ways that its model has.
WAYS = ('customer_id', 'partner_id', 'referrer_id', 'need_id.partner_id', 'lead_id.partner_id')

#: More records than these are not counted.
MOST_COUNTED = 100


class CustomerScreen(models.Model):
    """One row for each list and report that the reader may open, whether it stands in their menu or not (PLT-5).

    The menu of a salesperson holds what a day needs. What leaders have in theirs besides is not hidden from them: it is found
    here, by its name. With a customer as ``customer_screen_of`` in the context, it is what there is of this customer alone.

    The id of a row is that of the menu entry, whose name and place it has.
    """

    _name = 'customer.screen'
    _description = "List or Report"
    _auto = False
    _order = 'section, sequence, id'

    name = fields.Char(string="Entry", translate=True, readonly=True)
    section = fields.Selection(selection='_selection_section', readonly=True, help="The part of the menu that it belongs to.")
    sequence = fields.Integer(readonly=True)
    records = fields.Char(
        compute='_compute_records', help="How many there are of this customer; more than a hundred are not counted.")

    @property
    def _table_query(self):
        ids = [menu.id for menu in self._menus()]
        return SQL(
            """SELECT menu.id, menu.name, menu.sequence, CONCAT(LPAD(CAST(COALESCE(above.sequence, 0) AS varchar), 4, '0'),
                   LPAD(CAST(part.sequence AS varchar), 4, '0'), '-', part.id) AS section
               FROM ir_ui_menu AS menu JOIN ir_ui_menu AS part ON part.id = menu.parent_id
               LEFT JOIN ir_ui_menu AS above ON above.id = part.parent_id AND above.parent_id IS NOT NULL
               WHERE menu.id = ANY(%s)""", ids)

    @api.model
    def _selection_section(self):
        """Return the parts of the menu, in its order."""
        # the names of entries are no secret, and those above what one may open are perhaps not in one's own menu
        menus = self.env['ir.ui.menu'].sudo()
        root = self.env.ref('customer_success.customer_success_menu_root', raise_if_not_found=False)
        parts = menus.search([('id', 'child_of', root.id), ('child_id', '!=', False)]) - root if root else menus
        found = []
        for part in parts:
            above = part.parent_id - root
            key = f'{above.sequence:04}{part.sequence:04}-{part.id}'
            found.append((key, f'{above.name} › {part.name}' if above else part.name))
        return sorted(found)

    @api.model
    def _menus(self):
        """Return the entries of the menu that lead to something which the reader may read, the configuration left out."""
        # who is missing from the groups of an entry may yet read what it leads to: that is asked below
        menus = self.env['ir.ui.menu'].sudo()
        root = self.env.ref('customer_success.customer_success_menu_root', raise_if_not_found=False)
        configuration = self.env.ref('customer_success.customer_success_menu_configuration', raise_if_not_found=False)
        if not root:
            return menus
        found = menus.search([
            ('id', 'child_of', root.id), '!', ('id', 'child_of', configuration.ids), ('action', '!=', False),
            ('parent_id', '!=', root.id)])
        own = self.env['ir.ui.menu']._visible_menu_ids()
        return found.filtered(lambda menu: self._opens(menu.action, menu.id in own))

    @api.model
    def _opens(self, action, own):
        """Return whether the reader may open an action.

        :param action: of a menu entry
        :param bool own: whether the entry stands in the reader's own menu
        """
        if action._name != 'ir.actions.act_window':
            return own
        if action.res_model not in self.env or action.res_model == self._name:
            return False
        allowed = not action.group_ids or action.group_ids & self.env.user.all_group_ids
        return bool(allowed) and self.env[action.res_model].has_access('read')

    @api.model
    def _way(self, model):
        """Return the field, or the way over another record, that leads from a record to its customer, if there is one.

        :param str model: name of a model
        :rtype: str | None
        """
        for way in WAYS:
            end = self.env[model]
            for name in way.split('.'):
                end = end[name] if end is not None and name in end._fields and end._fields[name].relational else None
            if end is not None and end._name == 'res.partner':
                return way
        return None

    @api.model
    def _of_customer(self):
        """Return the entries that lead to records which belong to one customer."""
        windows = self._menus().filtered(
            lambda menu: menu.action._name == 'ir.actions.act_window'
            and menu.action.res_model.startswith(('customer.', 'crm.lead')))
        of_one = windows.filtered(
            lambda menu: not self.env[menu.action.res_model]._transient and self._way(menu.action.res_model))
        # several entries that show the same records in different ways would be the same for one customer: what everybody has
        # in the menu stands for them
        first = {}
        for menu in of_one.sorted(lambda menu: (bool(menu.group_ids), menu.id)):
            first.setdefault((menu.action.res_model, menu.action.domain or '[]'), menu)
        return self.env['ir.ui.menu'].union(*first.values())

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends_context('uid', 'customer_screen_of')
    def _compute_records(self):
        customer = self.env.context.get('customer_screen_of')
        for screen in self:
            screen.records = screen._counted(customer) if isinstance(customer, int) else False

    def _counted(self, customer):
        """Return how many records of a customer this screen shows, as a text; reports that are made when asked are not counted.

        :param int customer: id
        """
        action = self.env['ir.ui.menu'].sudo().browse(self.id).action  # as its row was made from
        if action._name != 'ir.actions.act_window' or not self.env[action.res_model]._auto:
            return False
        model = self.env[action.res_model]
        domain = [(self._way(model._name), 'child_of', customer), *safe_eval(action.domain or '[]', {'uid': self.env.uid})]
        count = model.search_count(domain, limit=MOST_COUNTED + 1)
        return f'{MOST_COUNTED}+' if count > MOST_COUNTED else str(count)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Open this screen; with a customer in the context, with what there is of this customer."""
        self._customer_one()
        self.check_access('read')
        # of an entry that was found for this reader
        menu = self.env['ir.ui.menu'].sudo().browse(self.id)
        action = self.env['ir.actions.actions']._for_xml_id(menu.action.xml_id)
        customer = self.env.context.get('customer_screen_of')
        if isinstance(customer, int) and action['type'] == 'ir.actions.act_window':
            way = self._way(action['res_model'])
            context = safe_eval(action.get('context') or '{}', {'uid': self.env.uid})
            action['domain'] = f"[({way!r}, 'child_of', {customer})] + ({action.get('domain') or '[]'})"
            # everything, and not what a day begins with
            action['context'] = {
                **{key: value for key, value in context.items() if not key.startswith('search_default_')},
                **({} if '.' in way else {f'default_{way}': customer})}
        return action
