"""PLT-1: "Duplicate" is offered where it works."""
from lxml import etree

from odoo.tests import tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestCopies(CustomerCase):

    def _offering(self, model):
        """Return the external ids of the own lists and forms of a model whose menu has *Duplicate*."""
        views = self.env['ir.ui.view'].search([
            ('model', '=', model._name), ('type', 'in', ('form', 'list')), ('mode', '=', 'primary')])
        return [
            view.xml_id for view in views
            for root in [etree.fromstring(model.get_view(view.id, view.type)['arch'])]
            if not {'0', 'False', 'false'} & {root.get('create'), root.get('duplicate')}]

    def test_plt_1_duplicates(self):
        """PLT-1: what a list or a form offers to duplicate can be: of what there is once for a customer, a day or a place the
        menu says nothing of it. Tried with a record of each model that has one, and a second duplicate of it."""
        tried = []
        for name in sorted(self.env.registry):
            model = self.env[name].with_context(active_test=False)
            if not name.startswith('customer.') or model._abstract or model._transient or not model._auto or model._table_query:
                continue
            record = model.search([], limit=1)
            if not record or not (offering := self._offering(model)):
                continue
            tried.append(name)
            with self.subTest(model=name, offered_by=offering), self.env.cr.savepoint() as savepoint:
                self.env.flush_all()
                for __ in range(2):
                    record.copy()
                    self.env.flush_all()
                savepoint.rollback()
        self.assertGreater(len(tried), 15)
