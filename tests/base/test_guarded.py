"""PLT-2: people write what is open to them; actions write the rest for them, within their rights."""
from odoo.exceptions import AccessError

from ..common import CustomerCase


class TestGuarded(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rule = cls.env['customer.warning.rule'].search([], limit=1)
        cls.warning = cls.env['customer.warning'].create({
            'partner_id': cls._customer("Guarded").id, 'rule_id': rule.id, 'signal': rule.signal, 'level': rule.level,
            'date': '2026-11-28', 'user_id': cls.anna.id})

    def test_kept_from_people(self):
        """The sentence names the fields; what an import names the record by is none of them."""
        own = self.warning.with_user(self.anna)
        with self.assertRaisesRegex(AccessError, "level, state.*Take the warning on"):
            own.write({'state': 'working', 'level': '1', 'user_id': self.anna.id})
        own.write({'id': own.id, 'user_id': self.ben.id})
        self.assertEqual(self.warning.user_id, self.ben)

    def test_nothing_from_outside_opens_it(self):
        """The key that opens the guard is an object: no context that is sent along can hold it."""
        for key in (True, 1, 'KEEPS', {'a': 1}):
            with self.assertRaises(AccessError):
                self.warning.with_user(self.anna).with_context(customer_keeps=key).write({'state': 'working'})

    def test_actions_write_within_the_rights_of_people(self):
        """What an action keeps is written for whoever may write the record, and for nobody else."""
        self.warning.with_user(self.anna)._keep({'snooze_reason': "On holiday"})
        self.assertEqual(self.warning.snooze_reason, "On holiday")
        for user in (self.otto, self.zoe, self.nils):
            with self.assertRaises(AccessError):
                self.warning.with_user(user)._keep({'snooze_reason': "Not mine"})
        self.assertEqual(self.warning.snooze_reason, "On holiday")

    def test_every_guarded_model_says_why(self):
        """Each model has a sentence of its own, which names the fields, and keeps some field from people."""
        guarded = [self.env[name] for name, model in self.registry.items()
                   if not model._abstract and issubclass(model, self.registry['customer.guarded'])]
        self.assertGreater(len(guarded), 10)
        for model in guarded:
            self.assertIn("Names", model._say_kept("Names"), model._name)
            self.assertGreater(len(set(model._fields) - set(model._open_to_people())), 0, model._name)
