"""PLT-4: what people choose by name is told apart by its name in every language."""
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase

from ...models.platform.base import PREFIX

#: What has something else beside its name that stands once.
NO_DUPLICATE = {'customer.needs.grade'}


class TestNamed(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.models = [
            model for name, model in sorted(cls.env.items())
            if name.startswith(PREFIX) and not model._abstract and f'{model._table}_name_uniq' in model._table_objects
            and model._fields['name'].translate]

    def _two(self, model):
        """Return two records of a model that are what a name has to tell apart."""
        found = model.with_context(active_test=False).search([])
        for one in found:
            same = found.filtered(lambda other, one=one: all(other[name] == one[name] for name in model._named_within))
            if len(same) > 1:
                return same[:2]
        one = found[:1] or model.create({'name': "One"})
        return one + one.copy({'name': "Other"})

    def test_plt_4_all_are_named(self):
        """Whatever has a unique name in several languages is looked at in each; none is forgotten."""
        unique = {
            name for name, model in self.env.items() if name.startswith(PREFIX) and not model._abstract
            for definition in (str(one.get_definition(self.env.registry)) for one in model._table_objects.values())
            if 'unique' in definition.lower() and any(
                field.translate and field.name in definition.replace('(', ' ').replace(')', ' ').replace(',', ' ').split()
                for field in model._fields.values())}
        self.assertEqual(unique, {model._name for model in self.models})
        self.assertGreater(len(unique), 20)
        for model in self.models:
            self.assertIsInstance(model, self.env.registry['customer.named'], model._name)

    def test_plt_4_names_in_chinese(self):
        """A name that another one has in the language of who writes is refused, with the sentence of the list; in the other
        language it is free."""
        for model in self.models:
            with self.subTest(model=model._name):
                first, second = self._two(model)
                chinese = second.with_context(lang='zh_CN')
                self.env['ir.model.constraint'].search([('name', '=', f'{model._table}_name_uniq')]).with_context(
                    lang='zh_CN').message = "已有同名的一条。"
                first.with_context(lang='zh_CN').name = "重名"
                with self.assertRaises(ValidationError) as refused, self.cr.savepoint():
                    chinese.name = "重名"
                sentence = refused.exception.args[0]
                self.assertEqual(sentence, "已有同名的一条。")
                self.assertNotEqual(first.name, "重名")
                chinese.name = "另一个"
                with self.assertRaisesRegex(ValidationError, "already|once"), self.cr.savepoint():
                    second.name = first.name

    def test_plt_4_duplicate(self):
        """Who duplicates one in English gets a second one, in Chinese too."""
        for model in self.models:
            if model._name in NO_DUPLICATE:
                continue
            with self.subTest(model=model._name):
                first, __ = self._two(model)
                first.with_context(lang='zh_CN').name = "原名"
                with self.cr.savepoint():
                    doubles = first.copy() + first.copy()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(doubles.mapped('name'), [f"{first.name} (copy)", f"{first.name} (copy) (copy)"])
                self.assertEqual(doubles.with_context(lang='zh_CN').mapped('name'), ["原名（副本）", "原名（副本）（副本）"])
