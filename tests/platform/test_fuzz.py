"""PLT-2, K9: whatever other programs hand to a method, a dialog or a field, they are answered in words, and never by a traceback.

Values are drawn with a fixed seed: a failure comes again, and each run takes the same time.
"""
import inspect
import math
import random
from copy import deepcopy

from odoo.exceptions import UserError

from ..everything import EverythingCase, public_methods

SEED = 20

#: What no caller should send, and some do.
VALUES = (
    None, True, 0, -1, 2**31, -2**63, 10**40, 1e308, math.nan, math.inf, '', "x", '\x00', 'a\x00b', "😀", "مرحبا\u202e", '\ud800',
    "x" * 50_000, '0001-01-01', '9999-12-31', '2026-02-30', '0001-01-01 00:00:00', '9999-12-31 23:59:59', [], [1], [None],
    [[6, 0, [2**31 - 1]]], [[6, 0, ['x']]], [[0, 0, {}]], [[9, 9, 9]], {}, {'a': 1}, "<b onclick='x'>", "=1+1",
)

#: Right by their type, and far off what anybody means.
FAR = {
    'integer': (-1, 0, 2**31 - 1, -2**31, 10**40), 'float': (-1.5, 0, 1e308, -1e308, math.nan),
    'monetary': (-1.5, 0, 1e308, -1e308),
    'date': ('0001-01-01', '9999-12-31', '1900-01-01', '2199-12-31'),
    'datetime': ('0001-01-01 00:00:00', '9999-12-31 23:59:59', '2199-12-31 23:59:59'),
    'char': ('\x00', "😀", "مرحبا\u202e", "x" * 50_000, ''), 'text': ('\x00', "😀", "مرحبا\u202e", ''),
    'html': ('\x00', "😀", "<script>x</script>"), 'boolean': (True, False), 'many2one': (2**31 - 1, False),
    'many2many': ([[6, 0, [2**31 - 1]]], [[6, 0, []]]), 'one2many': ([[0, 0, {}]], []),
}

#: How a field is searched by type.
OPERATORS = {
    **dict.fromkeys(('integer', 'float', 'monetary', 'date', 'datetime'), ('=', '!=', 'in', 'not in', '<', '>=')),
    **dict.fromkeys(('char', 'text', 'html'), ('=', '!=', 'in', 'ilike', 'not ilike', '=like')),
}

#: Which records a method is called on that never were, or can't be.
NO_RECORDS = ([], [2**31 - 1], [-1])
WRONG_IDS = ('abc', ['x'], {}, None, 2**70, [[1]], 1.5, [True, 'x'])


class TestFuzz(EverythingCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        # what the page of a session gets is Odoo's, extended here
        cls.methods = [one for one in public_methods(cls.env) if one[0] != 'ir.http']
        cls.models = sorted(
            name for name, model in cls.env.registry.items() if name.startswith('customer.') and not model._abstract)
        cls.dialogs = [name for name in cls.models if cls.env[name]._transient]

    def _some(self, model, user, count=3):
        """Return ids of records of a model, those of the customer first, as far as the user sees them."""
        records = self.env[model].with_user(user)
        if not self.env[model]._auto and not self.env[model]._table_query or not records.has_access('read'):
            return []
        domain = [('customer_managed', '=', True)] if model == 'res.partner' else []
        return records.search(domain, limit=count).ids

    def _arguments(self, model, name):
        """Return the names of the arguments that a method takes after its records."""
        given = list(inspect.signature(inspect.unwrap(getattr(type(self.env[model]), name))).parameters.values())[1:]
        return [one for one in given if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]

    def _plain(self, model, name):
        """Return values for the arguments that have to be there."""
        known = {'note': "x", 'day': '2030-01-01', 'rows': [], 'fields': ['id'], 'data': [], 'vals_list': [], 'vals': {}}
        return {one.name: known.get(one.name, "x") for one in self._arguments(model, name) if one.default is one.empty}

    def _is_model_method(self, model, name):
        return getattr(getattr(type(self.env[model]), name), '_api_model', False)

    def _ids(self, model, name, user):
        """Return the arguments that stand for the records of a method: none for one of the model."""
        if self._is_model_method(model, name):
            return [()]
        some = self._some(model, user)
        return [(ids,) for ids in (*NO_RECORDS, some, [*some, 2**31 - 1])]

    def test_every_method_is_found(self):
        """K9: methods of the addon's models and those it adds to Odoo's are found, of forms, dialogs and lists."""
        self.assertGreater(len(self.methods), 140)
        for method in (('customer.followup', 'action_put_off'), ('res.partner', 'get_customer_health'),
                       ('mail.activity', 'action_customer_not_reached'), ('customer.reading', 'load_readings')):
            self.assertIn(method, self.methods)

    def test_any_records(self):
        """K9: each public method, called on no record, many, and such as don't exist."""
        wrong, count = [], 0
        for model, name in self.methods:
            for user in (self.anna, self.lena, self.mara):
                for ids in self._ids(model, name, user):
                    count += 1
                    with self._tried(wrong, (model, name, user.login, ids)):
                        self._rpc(user, model, name, *ids, **self._plain(model, name))
        self.assertGreater(count, 1200)
        self.assertFalse(wrong)

    def test_any_arguments(self):
        """K9: each argument of each public method, with everything."""
        wrong, count = [], 0
        for model, name in self.methods:
            for argument in self._arguments(model, name):
                for user in (self.anna, self.mara):
                    ids = () if self._is_model_method(model, name) else (self._some(model, user)[:1],)
                    for value in deepcopy(VALUES):
                        count += 1
                        with self._tried(wrong, (model, name, argument.name, str(value)[:20])):
                            self._rpc(user, model, name, *ids, **{**self._plain(model, name), argument.name: value})
        self.assertGreater(count, 400)
        self.assertFalse(wrong)

    def _writable(self, model):
        fields = self.env[model].with_user(self.mara).fields_get()
        return [
            name for name in fields
            if not fields[name]['readonly'] and self.env[model]._fields[name]._module == 'customer_success']

    def test_any_value_in_a_field(self):
        """K9: each field that may be written of each model, created and written, with some of everything."""
        wrong, count = [], 0
        for model in [*self.models, 'res.partner']:
            ids = self._some(model, self.mara)[:1]
            for field in self._writable(model) if self.env[model]._auto else ():
                for value in deepcopy(self.random.sample(VALUES, 2)):
                    count += 1
                    with self._tried(wrong, (model, field, 'create', str(value)[:20])):
                        self._rpc(self.mara, model, 'create', {field: value})
                    with self._tried(wrong, (model, field, 'write', str(value)[:20])):
                        self._rpc(self.mara, model, 'write', ids, {field: value})
        self.assertGreater(count, 600)
        self.assertFalse(wrong)

    def _far(self, field):
        """Return a value of the right type for a field that nobody means, or now and then one that may be."""
        if field.type == 'selection':
            return self.random.choice(field.get_values(self.env))
        if field.relational and self.random.random() < 0.7:
            ids = self._some(field.comodel_name, self.mara)
            return (ids and ids[0]) if field.type == 'many2one' else [[6, 0, ids]] if field.type == 'many2many' else []
        return deepcopy(self.random.choice(FAR.get(field.type, (False,))))

    def _dialog(self, model):
        """Return values with which a dialog opens: its relations lead to what there is."""
        values = {}
        for name, field in self.env[model]._fields.items():
            if field.relational and field.store and field.comodel_name and name not in ('create_uid', 'write_uid'):
                ids = self._some(field.comodel_name, self.anna)
                if field.comodel_name == 'res.partner':
                    ids = self.customer.ids
                if ids and field.type != 'one2many':
                    values[name] = ids[0] if field.type == 'many2one' else [[6, 0, ids]]
        return values

    def test_any_dialog(self):
        """K9: each dialog, filled in like nobody does, and each of its buttons."""
        wrong, count, done = [], 0, 0
        for model in self.dialogs:
            buttons = [name for name in self._buttons(model)]
            if not buttons or model in ('customer.settings',):
                continue
            names = self._writable(model)
            for number in range(24):
                user = (self.anna, self.mara)[number % 2]
                values = self._dialog(model)
                for name in self.random.sample(names, min(len(names), number % 4)):
                    values[name] = self._far(self.env[model]._fields[name])
                errors, count = [], count + 1
                with self._tried(wrong, (model, user.login, str(values)[:300]), errors):
                    dialog = self._rpc(user, model, 'create', values)
                    self._rpc(user, model, 'web_read', [dialog], {name: {} for name in self.env[model]._fields})
                    self._rpc(user, model, self.random.choice(buttons), [dialog])
                done += not errors
        self.assertGreater(count, 300)
        self.assertGreater(done, count // 5, "next to nothing gets as far as its button")
        self.assertFalse(wrong)

    def _buttons(self, model):
        return [name for owner, name in self.methods if owner == model and name not in ('get_values', 'set_values')]

    def test_any_change_on_a_form(self):
        """K9: what a form asks when a field changes, in dialogs and on records, with values far off."""
        wrong, count = [], 0
        for model in self.models:
            if not self.env[model]._auto:
                continue
            names = self._writable(model)
            spec = {name: {} for name in self.env[model].with_user(self.mara).fields_get()}
            ids = [] if self.env[model]._transient else self._some(model, self.mara)[:1]
            for name in self.random.sample(names, min(len(names), 6)):
                value = self._far(self.env[model]._fields[name])
                values, count = {**(self._dialog(model) if self.env[model]._transient else {}), name: value}, count + 1
                with self._tried(wrong, (model, name, str(value)[:30])):
                    self._rpc(self.mara, model, 'onchange', ids, values, [name], spec)
        self.assertGreater(count, 150)
        self.assertFalse(wrong)

    def _sought(self, field):
        """Return a value to look for, far off, but none that Odoo itself can't look for in any column."""
        if field.type in ('char', 'text', 'html'):
            return self.random.choice(("😀", "%_", "x" * 5000))
        if field.type in ('float', 'monetary'):
            return self.random.choice((-1.5, 0, 1e13, 12.34))
        if field.type in ('date', 'datetime'):
            return self.random.choice(('1900-01-01', '2199-12-31'))
        return 2**31 - 1 if field.type.endswith('2many') else self._far(field)

    def test_any_search(self):
        """K9: each field that the addon itself searches, with operators and values of its type far off."""
        wrong, count = [], 0
        for model in [*self.models, 'res.partner', 'sale.order', 'calendar.event']:
            for name, field in self.env[model]._fields.items():
                if field.store or not field.search or (field._module or '') != 'customer_success':
                    continue
                for operator in OPERATORS.get(field.type, ('=', '!=', 'in', 'not in')):
                    value = self._sought(field)
                    value = [value] if operator in ('in', 'not in') else value
                    count += 1
                    with self._tried(wrong, (model, name, operator, str(value)[:30])):
                        self._rpc(self.mara, model, 'search', [(name, operator, value)])
        self.assertGreater(count, 100)
        self.assertFalse(wrong)

    def test_ids_that_are_none(self):
        """K9: what is no id at all is refused by a method as by Odoo's own `read`, or in words."""
        wrong, count = [], 0
        for ids in WRONG_IDS:
            odoos = []
            with self._tried(odoos, ()):
                self._rpc(self.mara, 'customer.followup', 'read', ids, ['id'])
            for model, name in [] if odoos else self.methods:
                if not self._is_model_method(model, name):
                    count += 1
                    with self._tried(wrong, (model, name, ids)):
                        self._rpc(self.mara, model, name, ids, **self._plain(model, name))
        self.assertFalse(wrong)
        self.assertGreater(count, 100)

    def test_words_are_asked_for(self):
        """K9: the test sees an error of Python, of the database, and one that is told without words."""
        wrong = []
        for error in (ValueError("x"), TypeError("x"), UserError("'NoneType' object has no attribute 'id'")):
            with self._tried(wrong, ()):
                raise error
        with self._tried(wrong, ()):
            self.env.cr.execute("SELECT 1 / 0")
        self.assertEqual([kind for kind, __ in wrong], ['ValueError', 'TypeError', "no words", 'DivisionByZero'])
