"""CAD-5, K9: follow-ups that are imported from a file."""
from odoo import fields

from ..common import CustomerCase


class TestImport(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Imported")
        cls.day = fields.Date.add(fields.Date.today(), days=5)

    def _load(self, *rows):
        """Return what the import of rows says: external id, customer, what, channel, day."""
        return self.env['customer.followup'].with_user(self.anna).load(
            ['id', 'partner_id', 'name', 'channel_id', 'date_planned'], [list(row) for row in rows])

    def test_cad_5_only_the_bad_row_is_marked(self):
        """CAD-5, K9: of three rows the one with a day in the past is marked, with a sentence about that day."""
        found = self._load(
            ('imp.a', "Imported", "One", "Call", str(self.day)), ('imp.b', "Imported", "Two", "Call", '2020-01-01'),
            ('imp.c', "Imported", "Three", "Call", str(self.day)))
        self.assertFalse(found['ids'])
        self.assertEqual([message['rows'] for message in found['messages']], [{'from': 1, 'to': 1}])
        self.assertIn("can't be due before today", found['messages'][0]['message'])

    def test_cad_5_imported_again(self):
        """CAD-5, K9: the same file once more moves nothing, though it names the customer; another day is a move."""
        row = ('imp.a', "Imported", "One", "Call", str(self.day))
        followup = self.env['customer.followup'].browse(self._load(row)['ids'])
        self.assertEqual((followup.date_planned, followup.move_count), (self.day, 0))
        again = self._load(row)
        self.assertEqual((again['ids'], again['messages']), (followup.ids, []))
        self.assertEqual(followup.move_count, 0)
        later = fields.Date.add(self.day, days=1)
        self._load((*row[:4], str(later)))
        followup.invalidate_recordset()
        self.assertEqual((followup.move_count, followup.date_manual), (1, later))

    def test_cad_5_what_can_not_be_written(self):
        """CAD-5, K9: a file that gives a follow-up to another customer is told that it can't, by the names of the file."""
        self._customer("Another")
        followup = self.env['customer.followup'].browse(
            self._load(('imp.a', "Imported", "One", "Call", str(self.day)))['ids'])
        found = self._load(('imp.a', "Another", "One", "Call", str(self.day)))
        self.assertFalse(found['ids'])
        self.assertIn("can't be written: partner_id.", found['messages'][-1]['message'])
        self.assertEqual(followup.partner_id, self.customer)
