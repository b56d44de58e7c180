"""PLT-5: where models got another name, an updated database takes along what it kept under the name of before."""
import importlib.util
from pathlib import Path
from unittest.mock import patch

from odoo.tools import SQL

from ..common import CustomerCase

SCRIPT = Path(__file__).parents[2] / 'migrations' / '19.0.1.12.0' / 'pre-a-names.py'


class TestRenamed(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.spec_from_file_location('pre_a_names', SCRIPT)
        cls.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.script)

    def _rows(self, query, *args):
        return sorted(self.env.execute_query(SQL(query, *args)))

    def _kept(self):
        """Return what a database keeps under names of models, whatever these are."""
        return {
            'models': self._rows("SELECT id, model FROM ir_model"),
            'fields': self._rows("SELECT id, model, COALESCE(relation, '') FROM ir_model_fields"),
            'external ids': self._rows("SELECT id, name, model FROM ir_model_data WHERE module = 'customer_success'"),
            'constraints': self._rows("SELECT id, name FROM ir_model_constraint"),
            'relations': self._rows(
                "SELECT oid, relname FROM pg_class WHERE relname LIKE 'customer%%' AND relkind IN ('r', 'i', 'S')"),
            'checks': self._rows("SELECT oid, conname FROM pg_constraint WHERE conname LIKE 'customer%%'"),
            'views': self._rows("SELECT id, COALESCE(model, '') FROM ir_ui_view"),
            'actions': self._rows("SELECT id, res_model FROM ir_act_window"),
        }

    def test_there_and_back(self):
        """Renamed to the names of before and back again, everything is as it was, and nothing is called by a name of before in
        between that doesn't belong to it."""
        self.env.flush_all()
        now = self._kept()
        with patch.dict(self.script.RENAMED, {new: old for old, new in self.script.RENAMED.items()}, clear=True):
            self.script.migrate(self.env.cr, '19.0.1.11.0')
        before = self._kept()
        moved = {kind: len(set(rows) - set(now[kind])) for kind, rows in before.items()}
        # four models, with their fields and a parent; one of them with a table
        self.assertEqual(moved['models'], 4)
        self.assertGreater(moved['fields'], 30)
        self.assertGreater(moved['external ids'], 40)
        self.assertEqual(moved['relations'], 4)
        for kind in ('constraints', 'checks', 'views', 'actions'):
            self.assertTrue(moved[kind], kind)
        called = {name for __, name in before['models']}
        self.assertLessEqual(self.script.RENAMED.keys() | {'customer.automatic.preview', 'customer.country.calendar'}, called)
        self.assertIn('constraint_customer_reason_name_uniq', [name for __, name, __ in before['external ids']])
        self.assertIn('customer_reason_view_list', [name for __, name, __ in before['external ids']])
        self.script.migrate(self.env.cr, '19.0.1.11.0')
        for kind, rows in self._kept().items():
            self.assertEqual(rows, now[kind], kind)

    def test_new_database(self):
        """A database that is made anew has nothing of before: nothing is looked for."""
        with self.assertQueryCount(0):
            self.script.migrate(self.env.cr, None)
