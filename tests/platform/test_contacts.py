"""PLT-1: who is noted as the contact of something belongs to its customer, whoever writes it: a screen offers no others, a file
or a program may."""
import re

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..everything import EverythingCase

#: How a field says whose people it offers.
OF = re.compile(r"^\[\('commercial_partner_id', '=', (\w+)\)\]$")


class TestContacts(EverythingCase):

    def _contact_fields(self):
        """Return the fields that offer the people of a customer, with the field of that customer."""
        return [
            (model, field, found[1]) for name, model in sorted(self.env.items())
            if name.startswith('customer.') and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.store and isinstance(field.domain if field.relational else None, str) and (found := OF.match(field.domain))]

    def test_plt_1_people_of_another(self):
        """Nobody writes somebody of another customer, in any model; one of its own people can be chosen."""
        other = self._customer("Other House")
        stranger = self.env['res.partner'].create({'name': "Stranger", 'parent_id': other.id})
        looked_at = self._contact_fields()
        self.assertGreater(len(looked_at), 7)
        for model, field, customer in looked_at:
            with self.subTest(field=str(field)):
                record = model.with_context(active_test=False).search([(customer, '=', self.customer.id)], limit=1)
                self.assertTrue(record, "something of the customer is noted")
                record = record.with_user(self.mara)
                with mute_logger('odoo.sql_db'), self.assertRaises(UserError) as refused, self.cr.savepoint():
                    record.write({field.name: stranger.id})
                    self.env.flush_all()
                sentence = str(refused.exception)
                if 'Stranger' in sentence:
                    self.assertIn(self.customer.name, sentence)
                    with self.cr.savepoint():
                        record.write({field.name: self.person.id})
                        self.env.flush_all()
                        self.assertEqual(record[field.name], self.person)

    def test_plt_1_new_with_people_of_another(self):
        """Nor does anything begin with one."""
        other = self._customer("Other House")
        stranger = self.env['res.partner'].create({'name': "Stranger", 'parent_id': other.id})
        named = {'partner_id': self.customer.id, 'contact_id': stranger.id}
        for model, values in (
                ('customer.case', {'name': "Broken"}), ('customer.feedback', {'kind': 'nps', 'score': 9}),
                ('customer.followup', {'channel_id': self.call.id, 'date_planned': '2030-01-07'})):
            with self.subTest(model=model):
                with self.assertRaisesRegex(UserError, "Stranger does not belong to Secret"), self.cr.savepoint():
                    self.env[model].with_user(self.mara).create({**values, **named})
                own = self.env[model].with_user(self.mara).create({**values, **named, 'contact_id': self.person.id})
                self.assertEqual(own.contact_id, self.person)
