"""REP-5: sheets that exist in the world."""
import base64
import time
from datetime import date, datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.customer_success.engine import sheet_book
from odoo.addons.customer_success.models.profile import customer_import_finder
from odoo.addons.customer_success.models.reporting import customer_import_loader

from . import sheets
from .import_common import ImportCase


@tagged('post_install', '-at_install')
class TestImport(ImportCase):

    def test_rep_5_every_trap(self):
        """REP-5: 2,000 rows with every trap: the bad ones are named with their column, the others are loaded, nothing twice;
        after correction the rest comes in as well."""
        data, good, bad = sheets.tracking(self.names, "Anna")
        record = self._import(data)
        labels = {key: column.label for key, column in record._of_kind().columns.items()}
        self.assertEqual(self._reasons(record), {number: labels[column] for number, column in bad.items()})
        self.assertEqual((record.new_count, record.bad_count), (good, len(bad)))
        self.assertFalse(self._contacts(), "nothing is written by a preview")
        record.action_load()
        self.assertEqual(record.state, 'queued', "many rows are loaded by the scheduled action")
        self._run_cron('import')
        self.assertEqual((record.state, record.new_count, record.bad_count), ('done', good, len(bad)))
        self.assertEqual(self._reasons(record), {number: labels[column] for number, column in bad.items()})
        contacts = self._contacts()
        self.assertEqual(len(contacts), good)
        self.assertEqual(set(contacts.mapped('contact_day')), {date(2026, 11, 3)})
        again = self._import(data)
        self.assertEqual((again.new_count, again.update_count, again.same_count), (0, 0, good))
        marked = self._marked(record)
        self.assertEqual(len(marked), len(bad))
        corrected = sheets.table([sheets.HEADINGS] + [
            [1, self.names[0], "张经理", 13800138000, "2026-11-04", "电话", "Anna", f"补充{number}", "", "", ""]
            for number in bad])
        record = self._import(corrected)
        record.action_load()
        self.assertEqual((record.new_count, record.bad_count), (len(bad), 0))
        self.assertEqual(len(self._contacts()), good + len(bad))

    def _marked(self, record):
        """Return the rows of the marked file."""
        return sheet_book.read(base64.b64decode(record.marked)).sheets[0].rows[1:]

    def test_rep_5_history_stays_history(self):
        """REP-5: what is loaded keeps its person and its day, is late for nobody, reminds nobody; the next contact is planned."""
        self.huaxin.customer_cadence_id = self.cadence
        mails, tasks = self.env['mail.mail'].search_count([]), self.env['mail.activity'].search_count([])
        with self._on('2026-11-29'):
            record = self._table(
                ["客户名称", "跟进时间", "跟进方式", "跟进人", "跟进记录", "下一步", "下次跟进时间"],
                ["華信貿易有限公司", "2026.10.20 下午3点", "微信", "Ben", "要报价", "发送报价", "2026-12-08"],
                ["华信贸易", "2026.11.3", "电话", "anna", "已收到样品", "", "2026-11-10"])
            record.action_load()
        first, second = self._contacts()
        self.assertRecordValues(first, [{
            'user_id': self.ben.id, 'closed_by_id': self.ben.id, 'contact_day': date(2026, 10, 20), 'recorded_late': False,
            'contact_at': datetime(2026, 10, 20, 15), 'closed_at': datetime(2026, 10, 20, 15), 'channel_id': self.messenger.id,
            'feedback': "要报价", 'partner_id': self.huaxin.id, 'qualifies': True}])
        self.assertEqual((second.user_id, second.channel_id), (self.anna, self.call))
        self.assertEqual(first.next_followup_id.date_planned, date(2026, 12, 8))
        self.assertEqual(first.next_followup_id.user_id, self.anna, "whoever has the customer now")
        self.assertFalse(second.next_followup_id, "a day that has passed is not opened")
        self.assertFalse(first.message_ids.notified_partner_ids)
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        self.assertEqual(self.env['mail.activity'].search_count([]), tasks)
        [monthly] = self._open(self.huaxin, self.step)
        self.assertEqual(monthly.date_anchor, date(2026, 11, 3), "the rhythm counts from the last contact")

    def test_rep_5_nothing_twice(self):
        """REP-5: a sheet that somebody went on writing changes what it brought, and adds what is new."""
        heads = ["Customer", "Date", "Channel", "Notes"]
        rows = [["Hansen", "2026-11-03", "Phone", "Wants an offer"], ["Hansen", "2026-11-03", "Phone", "Asked about delivery"]]
        self._table(heads, *rows, rows[0]).action_load()
        self.assertEqual(self._contacts().mapped('feedback'), ["Wants an offer", "Asked about delivery"])
        record = self._table(
            heads, ["Hansen", "2026-11-03", "Phone", "Wants an offer for two lines"], rows[1],
            ["Hansen", "2026-11-04", "Visit", "Signed"])
        self.assertEqual((record.new_count, record.update_count, record.same_count), (1, 1, 1))
        record.action_load()
        self.assertEqual(
            self._contacts().mapped('feedback'), ["Wants an offer for two lines", "Asked about delivery", "Signed"])

    def test_rep_5_what_people_logged_is_theirs(self):
        """REP-5: a contact that was logged here is known again, and never changed by a sheet."""
        self._log(self.hansen, contact_at='2026-11-03 09:00:00', feedback="Wants an offer")
        record = self._table(["Customer", "Date", "Channel", "Notes"], ["Hansen", "2026-11-03", "Phone", "Wants an offer"])
        self.assertEqual((record.new_count, record.same_count), (0, 1))
        with self.assertRaisesRegex(UserError, "nothing to load"):
            record.action_load()

    def test_rep_5_asked_once(self):
        """REP-5: what a column leaves open is asked once, and remembered for the next such sheet."""
        rows = [["客户名称", "跟进日期", "跟进方式", "跟进人", "跟进记录"],
                ["华信贸易", "3/4", "喝茶", "小安/李四", "一"], ["华信贸易", "5/6", "喝茶", "小安/李四", "二"]]
        record = self.env['customer.import'].with_user(self.lena).create({
            'kind': 'followups', 'file': base64.b64encode(sheets.table(rows)), 'name': "a.xlsx"})
        record.action_read()
        record.action_ask()
        questions = {question.kind: question for question in record.question_ids}
        self.assertEqual(sorted(record.question_ids.mapped('kind')), ['order', 'person', 'word', 'year'])
        record.action_preview()
        self.assertEqual(record.bad_count, 2, "what is not answered is left out, and named")
        record.action_back()
        questions['person'].user_id = self.anna
        questions['word'].option_id = questions['word'].option_ids.filtered(lambda option: option.value == 'visit')
        questions['order'].option_id = questions['order'].option_ids.filtered(lambda option: option.value == 'dmy')
        questions['year'].option_id = questions['year'].option_ids.filtered(lambda option: option.value == '2025')
        record.action_preview()
        record.action_load()
        self.assertRecordValues(self._contacts(), [
            {'contact_day': date(2025, 4, 3), 'channel_id': self.visit.id, 'user_id': self.anna.id},
            {'contact_day': date(2025, 6, 5), 'channel_id': self.visit.id, 'user_id': self.anna.id}])
        rows[1][4], rows[2][4] = "三", "四"
        again = self._import(sheets.table(rows))
        self.assertEqual((again.new_count, again.bad_count), (2, 0), "the answers are remembered")

    def test_rep_5_columns_are_remembered(self):
        """REP-5: what was said of columns holds for the next sheet with the same headings."""
        rows = [["谁", "啥时候", "内容"], ["华信贸易", "2026-11-03", "一"]]
        record = self.env['customer.import'].with_user(self.lena).create({
            'kind': 'followups', 'file': base64.b64encode(sheets.table(rows)), 'name': "a.xlsx"})
        record.action_read()
        with self.assertRaisesRegex(UserError, "No column means"):
            record.action_ask()
        words = {word.key: word for word in record.column_ids.meaning_ids}
        record.column_ids[0].meaning_id, record.column_ids[1].meaning_id = words['customer'], words['day']
        record.action_ask()
        record.action_preview()
        again = self._import(sheets.table([*rows, ["Hansen", "2026-11-04", "二"]]))
        self.assertEqual(again.new_count, 2)

    def test_rep_5_ambiguous_customers(self):
        """REP-5: a name that stands for two is refused with both; the number decides."""
        twin = self._customer("Hansen AG", ref="HM-2")
        record = self._table(
            ["Customer", "Customer No", "Date", "Notes"], ["Hansen", "", "2026-11-03", "One"],
            ["Hansen", "HM-2", "2026-11-03", "Two"])
        self.assertIn("HM-2", record.bad_ids.reason)
        record.action_load()
        self.assertEqual(twin.customer_followup_ids.filtered(lambda followup: followup.state == 'done').feedback, "Two")

    def test_rep_5_new_customers(self):
        """REP-5: customers that nobody knows are left out, or taken under care where that is chosen."""
        rows = (["Customer", "Date", "Notes"], ["Brandneu GmbH", "2026-11-03", "One"], ["Brandneu", "2026-11-04", "Two"])
        self.assertEqual(self._table(*rows).bad_count, 2)
        record = self._table(*rows, missing='create')
        record.action_load()
        customer = self.env['res.partner'].search([('name', '=', "Brandneu GmbH")])
        self.assertEqual(len(customer), 1)
        self.assertTrue(customer.customer_managed)
        self.assertEqual(len(customer.customer_followup_ids.filtered(lambda f: f.state == 'done')), 2)

    def test_rep_5_who_may(self):
        """REP-5, PLT-2: a salesperson loads the own customers alone, and sees no sheet of others; a manager sees all."""
        rows = (["Customer", "Date", "Notes"], ["Hansen", "2026-11-03", "One"])
        record = self._table(*rows, user=self.otto)
        self.assertIn("colleague", record.bad_ids.reason)
        mine = self._table(*rows, user=self.anna)
        self.assertEqual(mine.new_count, 1)
        mine.action_load()
        for user in (self.otto, self.lena):
            self.assertFalse(self.env['customer.import'].with_user(user).search([('id', '=', mine.id)]))
            self.assertFalse(self.env['customer.import.row'].with_user(user).search([('import_id', '=', mine.id)]))
            with self.assertRaises(AccessError):
                mine.with_user(user).read(['name'])
        self.assertTrue(self.env['customer.import'].with_user(self.mara).search([('id', '=', mine.id)]))
        self.assertFalse(self.env['customer.import'].with_user(self.zoe).search([('id', '=', mine.id)]))
        with self.assertRaises(AccessError):
            self.env['customer.import'].with_user(self.nils).search([])
        with self.assertRaisesRegex(AccessError, "stays as it was"):
            mine.write({'name': "x"})
        with self.assertRaises(AccessError):
            self.env['customer.import'].with_user(self.anna).create({'state': 'done'})

    def test_rep_5_bad_files(self):
        """REP-5: a file that can't be read gets a sentence that says what it is and what to do."""
        for data, words in ((b'%PDF-1.4', "PDF"), (b'', "Choose a file"), (b'\n', "Nothing stands"),
                            (sheets.table([["客户名称", "日期"]]), "below the headings"),
                            (sheet_book.OLE + 'EncryptedPackage'.encode('utf-16-le'), "password")):
            record = self.env['customer.import'].with_user(self.lena).create({
                'kind': 'followups', 'file': base64.b64encode(data), 'name': "a.xlsx"})
            with self.assertRaisesRegex(UserError, words):
                record.action_read()

    def test_rep_5_one_bad_row_takes_nothing_along(self):
        """REP-5: what only the database refuses is found by halves, named, and all others are loaded."""
        record = self._table(["Customer", "Date", "Notes"], *(
            [name, "2026-11-03", f"Talk {number}"] for number in range(4) for name in self.names))
        kind, reason = record._of_kind(), "This one can't be kept."

        def write(rows, options):
            kind.write(rows, options)
            if any(row.number == 5 for row in rows):
                raise UserError(reason)

        loader, rows = self.env['customer.import.loader'].with_user(self.lena), None
        rows = loader._rows_of(record)
        self.patch(type(record), '_of_kind', lambda record: kind._replace(write=write))
        record._keep({'state': 'queued', 'started_at': fields.Datetime.now()})
        loader._load_batch(record, rows)
        self.assertEqual([(row.number, row.reason) for row in record.bad_ids if row.import_id == record], [
            (5, reason)])
        self.assertEqual(len(self._contacts()), 11)

    def test_rep_5_marked_file(self):
        """REP-5: the rows that were left out come back with their reason, as texts that no program takes for formulas, and can be
        loaded when they are corrected."""
        record = self._table(
            ["Customer", "Date", "Notes"], ["Hansen", "2026-02-31", "=1+1"], ["Hansen", datetime(2026, 11, 3), "One"],
            ["Nobody Ltd", datetime(2026, 11, 4), "@two"])
        self.assertEqual(self._reasons(record), {2: "Contacted on", 4: "Customer"})
        rows = self._marked(record)
        self.assertEqual([row.cells[:4] for row in rows], [
            ["Hansen", "2026-02-31", "=1+1", 2], ["Nobody Ltd", datetime(2026, 11, 4), "@two", 4]])
        self.assertTrue(all(row.cells[4] for row in rows))
        self.assertEqual(self._import(base64.b64decode(record.marked)).bad_count, 2)

    def test_rep_5_templates(self):
        """REP-5: each kind has a sheet to begin with, in the reader's language, which is read as it is meant."""
        self.env['res.lang']._activate_lang('zh_CN')
        for lang in ('en_US', 'zh_CN'):
            for name, kind in self.env['customer.import.kind'].with_context(lang=lang)._kinds().items():
                with self.subTest(kind=name, lang=lang):
                    record = self.env['customer.import'].with_user(self.lena).with_context(lang=lang).create({'kind': name})
                    book = sheet_book.read(base64.b64decode(record.template))
                    reader = self.env['customer.import.reader'].with_context(lang=lang)
                    labels = [str(cell) for cell in book.sheets[0].rows[0].cells]
                    self.assertEqual(len(labels), len(kind.columns) - 1)
                    with self.assertRaisesRegex(UserError, "."):
                        reader._table_of(book.sheets[0], name)  # nothing but the example, which is left out

    def test_rep_5_not_compared_yet(self):
        """REP-5, PRO-6: customers that came in one go and wait for the night are found by name all the same, and those among
        them that may be the same stay to be found."""
        twin = self._customer("Hansen Import", email='office@hansen.example', company_id=self.env.company.id)
        self.hansen.email = 'office@hansen.example'
        pairs = Domain('partner_id', '=', self.hansen.id) & Domain('other_id', '=', twin.id)
        for check in (True, False):
            with self.subTest(check=check):
                self.env['res.config.settings'].create({'customer_duplicate_check': check}).set_values()
                self.env['customer.duplicate'].search([]).unlink()
                self.env['customer.duplicate.key'].search([]).unlink()
                self.patch(customer_import_finder, 'AT_A_TIME', 2)
                record = self._table(["Customer", "Date", "What was said"], *(
                    [name, "2026-11-03", f"Talk {check}"] for name in self.names))
                self.assertEqual((record.new_count, record.bad_count), (3, 0))
                self.env['res.config.settings'].create({'customer_duplicate_check': True}).set_values()
                self._run_cron('duplicates')
                self.assertTrue(self.env['customer.duplicate'].search(pairs))

    def test_rep_5_many_not_compared(self):
        """REP-5, PLT-3: where so many wait that it takes minutes, that is said, and done behind the screen; nothing is lost."""
        self._customer("One More")
        self.env['customer.duplicate.key'].search([]).unlink()
        self.patch(customer_import_finder, 'AT_ONCE', 2)
        rows = (["Customer", "Date", "What was said"], *([name, "2026-11-03", "Talk"] for name in self.names))
        triggers = self.env['ir.cron.trigger'].search([])
        record = self._table(*rows)
        self.assertIn("takes some minutes", record.problem)
        self.assertNotEqual(record.state, 'preview')
        cron = self.env.ref('customer_success.ir_cron_duplicates')
        self.assertEqual((self.env['ir.cron.trigger'].search([]) - triggers).cron_id, cron)
        self._run_cron('duplicates')
        record.action_preview()
        self.assertRecordValues(record, [{'state': 'preview', 'new_count': 3, 'bad_count': 0, 'problem': False}])

    def test_rep_5_by_name(self):
        """REP-5: a customer is found by its name however that is written, and as it is called now, whether or not anybody wants
        to know of duplicates."""
        for check in (True, False):
            self.env['res.config.settings'].create({'customer_duplicate_check': check}).set_values()
            short = self._customer(f"{'X' if check else 'Y'} Ltd")
            firm, person = self._customer(f"興華{check}有限公司"), self._customer(f"Café Brown {check}", is_company=False)
            renamed = self._customer(f"Alpha {check}")
            renamed.name = f"Omega {check}"
            for customer, name in (
                    (short, short.name), (firm, f"兴华{check}"), (person, f"cafe brown-{check}"), (renamed, renamed.name)):
                with self.subTest(check=check, name=name):
                    record = self._table(["Customer", "Date", "What was said"], [name, "2026-11-03", f"Talk {check}"])
                    self.assertEqual((record.new_count, record.bad_count), (1, 0))
                    record.action_load()
                    self.assertTrue(self.env['customer.followup'].search(
                        [('state', '=', 'done'), ('partner_id', '=', customer.id)]))
            record = self._table(["Customer", "Date", "What was said"], [f"Alpha {check}", "2026-11-04", "Nobody"])
            self.assertEqual((record.new_count, record.bad_count), (0, 1))

    def test_rep_5_killed(self):
        """REP-5, PLT-3: a load that was stopped goes on where it was, and brings nothing twice."""
        record = self._import(sheets.long_tracking(self.names, 700))
        record.action_load()
        loader = self.env['customer.import.loader']
        own = loader._as_loader(record)
        own.env['customer.import.loader']._load_part(own)
        self.assertEqual((record.done, record.progress, record.state), (500, 71, 'queued'))
        self._run_cron('import')
        self.assertEqual((record.state, record.new_count, len(self._contacts())), ('done', 700, 700))

    def test_rep_5_tier_in_parts(self):
        """REP-5: a customer that a sheet makes itself gets the same tier whether the sheet comes in one part or in many, also
        where its rows name several, in any order of their days."""
        high, mid, low = (self.env.ref(f'customer_success.customer_tier_{code}').name for code in ('high', 'mid', 'low'))
        orders = {
            "First": [('2026-11-05', high), ('2026-11-03', low), ('2026-11-04', mid)],  # the last day stands first
            "Later": [('2026-11-03', ''), ('2026-11-04', low), ('2026-11-05', high)],  # made before it has one
            "Twice": [('2026-11-03', low), ('2026-11-05', mid), ('2026-11-05', high)],  # of one day the last
            "Alone": [('2026-11-03', ''), ('2026-11-04', ''), ('2026-11-05', high)]}
        for size in (1, 2, 500):
            self.patch(customer_import_loader, 'BATCH', size)
            record = self._table(["Customer", "Date", "Notes", "Tier"], *(
                [f"{name} {size} GmbH", day, f"Talk {place}", tier]
                for place in range(3) for name, days in orders.items() for day, tier in [days[place]]), missing='create')
            record.action_load()
            self.assertEqual((record.state, record.new_count), ('done', 12), record.bad_ids.mapped('reason'))
            for name in orders:
                with self.subTest(size=size, name=name):
                    customer = self.env['res.partner'].search([('name', '=', f"{name} {size} GmbH")])
                    self.assertEqual((len(customer), customer.customer_tier_manual_id.name), (1, high))

    def test_rep_5_ten_thousand(self):
        """REP-5: 10,000 rows in about a minute, from reading to the last contact; on a busy machine in two."""
        data, started = sheets.long_tracking(self.names, 10000), time.monotonic()
        record = self._import(data)
        record.action_load()
        for __ in range(20):  # as Odoo does, as long as something is left
            self._run_cron('import')
            if record.state == 'done':
                break
        self.assertEqual((record.state, record.new_count, record.done), ('done', 10000, 10000))

        self.assertLess(time.monotonic() - started, 240)
