"""REP-5: a loaded sheet is taken back."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from . import sheets
from .import_common import ImportCase

HEADS = ["Customer", "Date", "Channel", "Notes", "Contact person", "Next contact on"]


@tagged('post_install', '-at_install')
class TestImportBack(ImportCase):

    def _loaded(self, *rows, user=None, **options):
        record = self._import(sheets.table([HEADS, *rows]), user=user, **options)
        record.action_load()
        self.assertEqual(record.state, 'done', record.bad_ids.mapped('reason'))
        return record

    def _dialog(self, record, user=None):
        action = record.with_user(user or record.create_uid).action_undo()
        return self.env['customer.import.undo'].with_user(user or record.create_uid).with_context(**action['context']).create({})

    def _next_day(self):
        return str(fields.Date.add(fields.Date.today(), days=9))

    def test_rep_5_back(self):
        """REP-5: what was made goes, with the people and customers that came along; a look before says how much, and writes
        nothing; the same sheet can be loaded again."""
        rows = (["Hansen", "2026-11-03", "Phone", "One", "Jo Brown", self._next_day()],
                ["Neu GmbH", "2026-11-04", "Phone", "Two", "", ""])
        partners = self.env['res.partner'].search_count([])
        record = self._loaded(*rows, missing='create')
        new = self.env['res.partner'].search([('name', '=', "Neu GmbH")])
        followups = self.env['customer.followup'].search(
            [('partner_id', 'in', (self.hansen | new).ids), ('step_id', '=', False)])
        self.assertEqual((len(followups), self.env['res.partner'].search_count([])), (3, partners + 2))
        dialog = self._dialog(record)
        self.assertIn("Follow-up (3)", dialog.goes)
        self.assertIn("Contact (2)", dialog.goes)
        self.assertFalse(dialog.stays or dialog.comes_back)
        self.assertTrue(followups.exists(), "nothing is written by the dialog")
        dialog.action_take_back()
        self.assertFalse(followups.exists() or new.exists() or self.hansen.child_ids)
        self.assertEqual(self.env['res.partner'].search_count([]), partners)
        self.assertRecordValues(record, [{'state': 'undone', 'may_undo': False, 'undone_by_id': self.lena.id}])
        self.assertIn("Follow-up (3)", record.undone_note)
        with self.assertRaisesRegex(UserError, "taken back already"):
            record.action_undo()
        again = self._loaded(*rows, missing='create')
        self.assertEqual(again.new_count, 2)

    def test_rep_5_back_keeps_what_was_worked_with(self):
        """REP-5: what somebody changed, wrote of, planned for or sold to since stays, with what it needs; the rest goes."""
        record = self._loaded(
            ["Hansen", "2026-11-03", "Phone", "One", "Jo Brown", ""], ["Hansen", "2026-11-04", "Phone", "Two", "", ""],
            ["Neu GmbH", "2026-11-04", "Phone", "Three", "", ""], ["Sold Ltd", "2026-11-04", "Phone", "Four", "", ""],
            ["Told Ltd", "2026-11-04", "Phone", "Five", "", ""], missing='create')
        first, __ = self._contacts()
        first.with_user(self.anna).feedback = "One, and more"
        customers = {partner.name: partner for partner in self.env['res.partner'].search(
            [('name', 'in', ("Neu GmbH", "Sold Ltd", "Told Ltd"))])}
        self.env['sale.order'].create({'partner_id': customers["Sold Ltd"].id})
        note = "Rang back"
        customers["Told Ltd"].with_user(self.mara).message_post(body=note)
        dialog = self._dialog(record)
        for name, why in (("Hansen", "changed"), ("Jo Brown", "belongs"), ("Sold Ltd", "belongs"), ("Told Ltd", "wrote")):
            self.assertTrue(any(name in line and why in line for line in dialog.stays.splitlines()), (name, dialog.stays))
        dialog.action_take_back()
        self.assertEqual(self._contacts(), first)
        self.assertEqual(first.feedback, "One, and more")
        self.assertEqual(first.contact_id.name, "Jo Brown")
        self.assertTrue(customers["Sold Ltd"].exists() and customers["Told Ltd"].exists())
        self.assertFalse(customers["Neu GmbH"].exists())
        self.assertFalse(customers["Sold Ltd"].customer_followup_ids.filtered(lambda followup: followup.feedback == "Four"))

    def test_rep_5_back_by_night_is_nobody(self):
        """REP-5, PLT-3: what the addon made of it by night holds nothing back, and goes along."""
        record = self._loaded(["Neu GmbH", "2026-11-04", "Phone", "Three", "", ""], missing='create')
        new = self.env['res.partner'].search([('name', '=', "Neu GmbH")])
        self._run_cron('refresh')
        self._run_cron('plan')
        self._dialog(record).action_take_back()
        self.assertFalse(new.exists())

    def test_rep_5_back_restores(self):
        """REP-5: of what was changed each value comes back that is still the loaded one."""
        self.hansen.write({'city': "Hamburg", 'street': "Hafen 1"})
        record = self._import(sheets.table([
            ["Customer", "City", "Address"], ["Hansen", "Bremen", "Markt 2"]]), kind='customers')
        record.action_load()
        self.assertEqual((self.hansen.city, self.hansen.street), ("Bremen", "Markt 2"))
        self.hansen.with_user(self.anna).street = "Markt 3"
        dialog = self._dialog(record)
        self.assertIn("Contact (1)", dialog.comes_back)
        self.assertIn("Hansen GmbH (it was changed since)", dialog.stays)
        dialog.action_take_back()
        self.assertIn("Put back as it was: Contact (1)", record.undone_note)
        self.assertIn("Stayed (1):", record.undone_note)
        self.assertEqual((self.hansen.city, self.hansen.street), ("Hamburg", "Markt 3"))

    def test_rep_5_back_every_kind(self):
        """REP-5: complaints, birthdays and proposals go as well, with the strategy that began for them."""
        self.env['customer.strategy.template'].search([], limit=1).segment_ids = False
        kinds = {
            'cases': [["客户名称", "投诉日期", "具体问题描述"], ["华信贸易", "2026.3.2", "划痕"]],
            'birthdays': [["客户名称", "姓名", "生日"], ["华信贸易", "王芳", "八月十五"]],
            'adjustments': [["客户名称", "当前策略", "调整原因", "调整后策略"],
                            ["华信贸易", "每月电话", "复购率下降", "改为每两周"]]}
        for kind, rows in kinds.items():
            with self.subTest(kind=kind):
                record = self._import(sheets.table(rows), kind=kind)
                record.action_load()
                self.assertEqual((record.state, record.new_count), ('done', 1), record.bad_ids.mapped('reason'))
                self._dialog(record).action_take_back()
                self.assertNotIn("Stayed", record.undone_note)
        for model in ('customer.case', 'customer.strategy', 'customer.strategy.adjustment'):
            self.assertFalse(self.env[model].search([('partner_id', '=', self.huaxin.id)]))
        self.assertFalse(self.huaxin.child_ids)

    def test_rep_5_back_who_may(self):
        """REP-5, PLT-2: whoever loaded a sheet and managers take it back, within the hours of the settings; nobody else, and
        nobody of another company."""
        record = self._loaded(["Hansen", "2026-11-03", "Phone", "One", "", ""], user=self.anna)
        for user in (self.otto, self.lena, self.zoe):
            with self.assertRaises(AccessError):
                record.with_user(user).action_undo()
            with self.assertRaises(AccessError):
                record.with_user(user)._undo()
        self.assertFalse(record.with_user(self.mara).sudo(False).part_ids.with_user(self.zoe).search([]))
        dialog = self._dialog(record)
        with self.assertRaises(AccessError):
            dialog.with_user(self.mara).action_take_back()
        self.assertEqual(len(self._contacts()), 1)
        self._dialog(record, self.mara).action_take_back()
        self.assertFalse(self._contacts())
        late = self._loaded(["Hansen", "2026-11-03", "Phone", "One", "", ""], user=self.anna)
        late._keep({'loaded_at': late.loaded_at - timedelta(hours=25)})
        with self.assertRaisesRegex(UserError, "within 24 hours"):
            late.action_undo()
        with self.assertRaisesRegex(AccessError, "stays as it was"):
            late.write({'loaded_at': fields.Datetime.now()})
        begun = self.env['customer.import'].with_user(self.anna).create({'kind': 'followups'})
        with self.assertRaisesRegex(UserError, "not loaded yet"):
            begun.action_undo()

    def test_rep_5_back_hours(self):
        """REP-5, PLT-5: for how long is a setting; 0 lets nothing be taken back, and the sentences say the span in force."""
        record = self._loaded(["Hansen", "2026-11-03", "Phone", "One", "", ""])
        settings = self.env['customer.settings'].with_user(self.mara)
        for wrong in (-1, 721):
            with self.assertRaisesRegex(UserError, "720 hours"):
                settings.create({'customer_import_back_hours': wrong}).execute()
        for hours, loaded, may in ((1, 2, False), (1, 0, True), (720, 719, True), (720, 721, False), (0, 0, False)):
            settings.create({'customer_import_back_hours': hours}).execute()
            record._keep({'loaded_at': fields.Datetime.now() - timedelta(hours=loaded)})
            record.invalidate_recordset(['may_undo'])
            self.assertEqual(record.may_undo, may, (hours, loaded))
        for hours, told in ((1, "within 1 hour\\."), (48, "within 48 hours\\."), (0, "the settings let no loaded sheet")):
            settings.create({'customer_import_back_hours': hours}).execute()
            record._keep({'loaded_at': fields.Datetime.now() - timedelta(hours=50)})
            record.invalidate_recordset(['may_undo'])
            with self.assertRaisesRegex(UserError, told):
                record.action_undo()
        settings.create({'customer_import_back_hours': 48}).execute()
        self.env['customer.import']._gc_traces()
        self.assertFalse(record.sudo().part_ids)

    def test_rep_5_back_is_forgotten(self):
        """REP-5: what loads did is forgotten when it can't be taken back any more, and not before."""
        late = self._loaded(["Hansen", "2026-11-03", "Phone", "One", "", ""])
        fresh = self._loaded(["Hansen", "2026-11-04", "Phone", "Two", "", ""])
        late._keep({'loaded_at': late.loaded_at - timedelta(hours=26)})
        self.env['customer.settings'].with_user(self.mara).create({'customer_import_back_hours': 48}).execute()
        self.env['customer.import']._gc_traces()
        self.assertTrue(late.sudo().part_ids)
        self.env['customer.settings'].with_user(self.mara).create({'customer_import_back_hours': 24}).execute()
        self.env['customer.import']._gc_traces()
        self.assertFalse(late.sudo().part_ids)
        self.assertTrue(fresh.sudo().part_ids)

    def test_rep_5_back_of_many(self):
        """REP-5, PLT-3: a sheet that came in parts goes as a whole."""
        record = self._import(sheets.long_tracking(self.names, 700))
        record.action_load()
        self._run_cron('import')
        self.assertEqual(len(self._contacts()), 700)
        self._dialog(record).action_take_back()
        self.assertFalse(self._contacts())
        self.assertEqual(record.state, 'undone')
