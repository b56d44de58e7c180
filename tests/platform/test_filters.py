"""PLT-5: whatever is offered in a search box can be clicked, typed and grouped by; relations hold what their fields say."""
from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

from ..everything import EverythingCase

#: What a column of a relation may be, of a field that PostgreSQL would keep otherwise: it compares them as they are.
ALSO = {'int4': {'int8'}, 'numeric': {'float8'}, 'varchar': {'text'}}

#: Fields that people type into.
TYPED = {'char', 'text', 'html', 'many2one', 'many2many', 'one2many'}


@tagged('post_install', '-at_install')
class TestFilters(EverythingCase):
    maxDiff = None

    def _search_views(self, user):
        """Yield the models and search views that a user's menu leads to."""
        menus = self.env['ir.ui.menu'].with_user(user)
        root, seen = self.env.ref('customer_success.customer_success_menu_root'), set()
        for menu in menus.sudo().browse(menus._visible_menu_ids()):
            action = menu.action
            if not action or action._name != 'ir.actions.act_window' or f'/{root.id}/' not in f'/{menu.parent_path}':
                continue
            if (place := (action.res_model, action.search_view_id.id)) not in seen and action.res_model in self.env:
                seen.add(place)
                yield place

    def _wrong(self, node, records, known):
        """Return what is wrong with one thing of a search box, '' for nothing."""
        field = records._fields.get(node.get('name'))
        try:
            with self.env.cr.savepoint():
                if node.tag == 'filter':
                    records.search(safe_eval(node.get('domain') or '[]', known), limit=5)
                    if node.get('date'):
                        records.search(Domain(node.get('date'), '>=', 'today -30d'), limit=5)
                    if name := safe_eval(node.get('context') or '{}', known).get('group_by'):
                        self._group(records, name)
                elif node.get('filter_domain'):
                    records.search(safe_eval(node.get('filter_domain'), {**known, 'self': "Hafen"}), limit=5)
                elif field and field.type in TYPED:
                    records.search(Domain(node.get('name'), node.get('operator') or 'ilike', "Hafen"), limit=5)
        except UserError:
            return ''  # a sentence that says what to type
        except Exception as error:
            return f'{records._name} {node.tag} {node.get("name")}: {error}'
        return ''

    @staticmethod
    def _group(records, name):
        field = records._fields[name.partition(':')[0]]
        if field.type in ('date', 'datetime') and ':' not in name:
            name += ':month'
        if field.type != 'properties':
            records.formatted_read_group([], [name], ['__count'], limit=5)

    def test_plt_5_offered(self):
        """PLT-5: every filter, group and field of every search box works for whoever is offered it."""
        wrong, looked_at = [], 0
        for user in (self.anna, self.lena, self.mara):
            env, today = self.env(user=user), fields.Date.context_today(self.env.user)
            known = {
                'uid': user.id, 'time': time, 'datetime': datetime, 'relativedelta': dateutil.relativedelta.relativedelta,
                'active_id': False, 'active_ids': [], 'allowed_company_ids': env.companies.ids, 'current_date': str(today),
                'context_today': lambda today=today: today}
            for model, view in self._search_views(user):
                arch = env[model].get_views([(view, 'search')])['views']['search']['arch']
                nodes = [node for node in etree.fromstring(arch).iter('filter', 'field')]
                wrong += filter(None, (self._wrong(node, env[model], known) for node in nodes))
                looked_at += len(nodes)
        self.assertFalse(wrong)
        self.assertGreater(looked_at, 1500)

    def test_plt_5_columns(self):
        """PLT-5, REP-3: a relation gives each field what it is: a number with decimals is none without, or it can't be
        searched."""
        self.env.cr.execute("SELECT oid, typname FROM pg_type")
        types, wrong, looked_at = dict(self.env.cr.fetchall()), [], 0
        for name in sorted(self.env.registry):
            model = self.env[name]
            if not name.startswith('customer.') or model._abstract or model._auto:
                continue
            self.env.cr.execute(SQL("SELECT * FROM (%s) AS relation LIMIT 0", model._table_query))
            columns = {column.name: types[column.type_code] for column in self.env.cr.description}
            for field in model._fields.values():
                if not field.store or not field.column_type:
                    continue
                kind, looked_at = field.column_type[0], looked_at + 1
                if columns.get(field.name) not in ({kind} | ALSO.get(kind, set())):
                    wrong.append(f'{field}: {columns.get(field.name)} instead of {kind}')
        self.assertFalse(wrong)
        self.assertGreater(looked_at, 200)
