"""HEA-3: it is kept in mind when a contact person leaves a customer."""
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestLeft(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue, cls.red = cls._customer("Blue"), cls._customer("Red")
        cls.person = cls.env['res.partner'].create({'name': "Bo", 'parent_id': cls.blue.id})

    def _left(self, person=None):
        """Return the day on which somebody left, and the customer; unless it was taken back."""
        change = self.env['customer.person.change'].search([
            ('person_id', '=', (person or self.person).id), ('undone_on', '=', False)], limit=1)
        return change.date, change.partner_id

    def test_hea_3_archived_person_left(self):
        """HEA-3: who is archived left; who comes back did not."""
        with self._on('2026-03-02'):
            self.person.with_user(self.anna).action_archive()
        self.assertEqual(self._left(), (fields.Date.to_date('2026-03-02'), self.blue))
        with self._on('2026-03-09'):
            self.person.active = False
            self.assertEqual(self._left()[0], fields.Date.to_date('2026-03-02'))
            self.person.with_user(self.anna).action_unarchive()
        self.assertEqual(self._left(), (False, self.env['res.partner']))

    def test_hea_3_moved_person_left(self):
        """HEA-3: who moves to another company left the first one, also when nobody there is a customer."""
        with self._on('2026-03-02'):
            self.person.parent_id = self.red
        self.assertEqual(self._left(), (fields.Date.to_date('2026-03-02'), self.blue))
        with self._on('2026-03-09'):
            self.person.parent_id = False
        self.assertEqual(self._left(), (fields.Date.to_date('2026-03-09'), self.red))
        self.person.parent_id = self.red
        self.assertEqual(self._left(), (fields.Date.to_date('2026-03-02'), self.blue), "it left that one, and is back here")

    def test_hea_3_who_did_not_leave(self):
        """HEA-3: addresses, people of others, and the people of a customer that is archived itself leave nobody."""
        stranger = self.env['res.partner'].create({'name': "Stranger", 'is_company': True})
        others = self.env['res.partner'].create([
            {'name': "Warehouse", 'parent_id': self.blue.id, 'type': 'delivery'},
            {'name': "Somebody", 'parent_id': stranger.id},
            {'name': "Independent"},
        ])
        others.active = False
        changes = self.env['customer.person.change']
        self.assertFalse(changes.search([('person_id', 'in', others.ids)]))
        (self.blue | self.person).active = False
        self.assertFalse(self._left()[0])
        self.person.function = "Buyer"
        self.assertFalse(self._left()[0])

    def test_hea_3_leaving_is_not_written_by_people(self):
        """HEA-3: whoever may edit contacts may archive one, and nobody writes the mark."""
        self.nils.group_ids += self.env.ref('base.group_partner_manager')
        self.person.with_user(self.nils).active = False
        self.assertEqual(self._left()[1], self.blue)
        change = self.env['customer.person.change'].search([('person_id', '=', self.person.id)])
        for role in (self.anna, self.mara):
            with self.assertRaises(AccessError):
                change.with_user(role).undone_on = '2026-03-02'
            with self.assertRaises(AccessError):
                change.with_user(role).unlink()

    def test_cad_1_event(self):
        """CAD-1: a touchpoint after a contact person left is planned, and withdrawn when that one is back."""
        cadence = self._cadence("Stay", {
            'name': "Who comes next?", 'kind': 'event', 'event': 'contact_left', 'delay_count': 2, 'channel_id': self.call.id})
        with self._on('2026-03-02'):
            self.blue.customer_cadence_id = cadence
            self.assertFalse(self._open(self.blue))
            self.person.active = False
            self.assertEqual(self._open(self.blue).date_raw, fields.Date.to_date('2026-03-04'))
            self.person.active = True
            self.assertFalse(self._open(self.blue))
