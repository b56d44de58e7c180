"""PLT-3: what screens only read runs on a connection that can't write, as on a replica, and hides no attempt to write."""
from odoo.api import Environment
from odoo.service.model import call_kw

from ..everything import EverythingCase, public_methods

#: What a method is asked besides the record.
ASKED = {'customer_archiving': [False]}


class TestReadonly(EverythingCase):

    def test_what_is_read_writes_nothing(self):
        methods = [
            (model, name) for model, name in public_methods(self.env)
            if any(getattr(vars(base).get(name), '_readonly', False) for base in type(self.env[model]).__mro__)]
        self.assertGreater(len(methods), 12)
        answers = {}
        with self.enter_registry_test_mode():
            for model, name in methods:
                record = self.customer if model == 'res.partner' else self.env[model].search([], limit=1)
                if not record:
                    continue
                with self.registry.cursor(readonly=True) as cr:
                    env = Environment(cr, self.mara.id, {'lang': 'en_US', 'tz': 'UTC'})
                    answers[model, name] = call_kw(env[model], name, [record.ids, *ASKED.get(name, [])], {})
        self.assertGreater(len(answers), 10)
        self.assertTrue(answers['res.partner', 'get_customer_health'])
        self.assertTrue(answers['res.partner', 'get_customer_strip'])
