"""REP-4: sheets as workbooks and PDF: what is read back is what was written; numbered pages; what is said without a printer."""
import io
from datetime import date, datetime
from unittest.mock import patch

from openpyxl import load_workbook
from reportlab.pdfgen import canvas

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfReader

from ...models.reporting.page_numbers import numbered
from ...models.reporting.report_book import Book
from ...models.reporting.report_part import Figure
from ..common import CustomerCase

NASTY = ['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://example.com";"x")', '\t=1', "http://example.com", "007", "客户关系"]


class SheetCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue = cls._customer("Blue =1+1", ref='B-1', customer_cadence_id=cls.cadence.id, city="Berlin")
        cls.red = cls._customer("Red", customer_cadence_id=cls.cadence.id)
        cls.followup = cls._open(cls.blue)
        cls._open(cls.red)
        strategy = cls.env['customer.strategy'].create({
            'partner_id': cls.blue.id, 'company_id': cls.env.company.id, 'user_id': cls.anna.id, 'state': 'active',
            'core_approach': "=Monthly visit", 'date_start': '2026-01-01', 'date_end': '2026-12-31'})
        cls.adjustment = cls.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id})
        cls.sheet = cls.env['customer.sheet']._as_reader(cls.anna)

    def _book(self, kind, records, month=None):
        made = self.sheet._make(kind, records.with_env(self.sheet.env), 'xlsx', month)
        self.assertTrue(made.name.endswith('.xlsx'))
        return load_workbook(io.BytesIO(made.content))


@tagged('post_install', '-at_install')
class TestBook(SheetCase):

    def test_rep_4_text_is_text(self):
        """REP-4: text that looks like a formula, a link or a number is read back as the text that it was."""
        book = Book('EUR')
        book.add("Nasty: names/and*more, far too long for a sheet", ("What",), [(text,) for text in NASTY] + [("a\x00b\x0b",)])
        book.add("Nasty: names/and*more, far too long for a sheet", ("What",), [])
        one, two = load_workbook(io.BytesIO(book.close())).worksheets
        cells = [row[0] for row in one.iter_rows(min_row=2)]
        self.assertEqual([cell.value for cell in cells], [*NASTY, "ab"])
        self.assertEqual({cell.data_type for cell in cells}, {'s'})
        self.assertTrue(all(cell.quotePrefix for cell in cells))
        self.assertFalse(any(cell.hyperlink for cell in cells))
        self.assertNotEqual(one.title.casefold(), two.title.casefold())
        self.assertLessEqual(max(len(one.title), len(two.title)), 31)

    def test_rep_4_days_and_numbers(self):
        """REP-4: days are days, numbers are numbers with their unit, nothing is empty."""
        book = Book('EUR')
        book.add("Values", ("A", "B", "C", "D", "E"), [
            (date(2026, 5, 31), 12, Figure(99.5, 'money'), Figure(12.5, 'percent'), Figure(None))])
        [sheet] = load_workbook(io.BytesIO(book.close())).worksheets
        day, number, money, percent, nothing = next(sheet.iter_rows(min_row=2))
        self.assertTrue(day.is_date)
        self.assertEqual(day.value, datetime(2026, 5, 31))
        self.assertEqual((number.value, money.value, percent.value, nothing.value), (12, 99.5, 12.5, None))
        self.assertIn('EUR', money.number_format)
        self.assertIn('%', percent.number_format)
        self.assertEqual(sheet.freeze_panes, 'B2')
        self.assertEqual(sheet.auto_filter.ref, 'A1:E2')

    def test_rep_4_tracking(self):
        """REP-4: the tracking sheet has its columns in its order, called as the fields are, the next contact as a day."""
        followups = self.sheet._kinds()['tracking'].records(self.sheet._customers('mine'), None)
        self.assertIn(self.followup.id, followups.ids)
        sheet = self._book('tracking', followups).worksheets[0]
        heads = [cell.value for cell in sheet[1]]
        self.assertEqual(heads, [
            "Customer", "Tier", "Segment", "Region", "Cycle", "Last Contact", "Channel", "Feedback and Needs",
            "Latest Issue Progress", "Latest Next Step", "Responsible", "Due"])
        self.assertEqual(heads, [
            self.env['customer.followup']._fields[name]._description_string(self.env) for name in (
                'partner_id', 'tier_id', 'segment_id', 'region', 'cycle', 'last_contact', 'channel_id', 'sheet_feedback',
                'sheet_progress', 'sheet_next_step', 'user_id', 'date_planned')])
        row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == self.blue.name)
        self.assertEqual(row[6].value, self.call.name)
        self.assertEqual(row[10].value, "Anna")
        self.assertEqual(row[11].value.date(), self.followup.date_planned)

    def test_rep_4_all_kinds(self):
        """REP-4: each sheet is a workbook, in Chinese too, whose last page says what it is and for whom."""
        self.env['res.lang']._activate_lang('zh_CN')
        self.anna.lang = 'zh_CN'
        sheet = self.env['customer.sheet']._as_reader(self.anna)
        month = sheet.env['customer.monthly']._last_month()
        self.env['customer.review'].create({
            'name': "Look back", 'user_id': self.anna.id, 'date_start': month, 'date_end': month})
        for name, kind in sheet._kinds().items():
            with self.subTest(kind=name):
                records = kind.records(sheet._customers('mine'), month)
                self.assertTrue(records)
                book = load_workbook(io.BytesIO(sheet._make(name, records, 'xlsx', month).content))
                *parts, about = book.worksheets
                self.assertTrue(parts)
                self.assertIn("Anna", [cell.value for row in about.iter_rows() for cell in row])
                self.assertTrue(all(cell.value for part in parts for cell in part[1]))

    def test_rep_4_monthly_rows(self):
        """REP-4: the workbook of the monthly report has a table for each part, with the customers in its first column."""
        customers = self.sheet._customers('mine')
        book = self._book('monthly', customers, self.sheet.env['customer.monthly']._last_month())
        figures = book.worksheets[0]
        self.assertEqual(figures['A1'].value, "Customer")
        self.assertLessEqual({"Blue =1+1", "Red"}, {row[0].value for row in figures.iter_rows(min_row=2)})

    def test_rep_4_whose(self):
        """REP-4: customers of a segment, a team, chosen ones: of these, those that the reader works with."""
        self.red.user_id = self.otto
        for whose, values in (('mine', {}), ('all', {}), ('chosen', {'partners': self.blue + self.red}),
                              ('team', {'team': self.team_north})):
            found = self.sheet._customers(whose, **values)
            self.assertIn(self.blue, found, whose)
            self.assertNotIn(self.red, found, whose)
        self.assertIn(self.red, self.env['customer.sheet']._as_reader(self.mara)._customers('all'))


@tagged('post_install', '-at_install')
class TestPaper(SheetCase):

    def _pages(self, kind, records, month=None):
        if not self.sheet._can_print():
            self.skipTest("wkhtmltopdf is not installed")
        made = self.sheet.with_context(force_report_rendering=True)._make(kind, records.with_env(self.sheet.env), 'pdf', month)
        return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made.content)).pages], len(made.content)

    def test_rep_4_numbered(self):
        """REP-4: each page has its number, and its words are words that can be searched for."""
        pages, size = self._pages('handover', self.blue + self.red)
        self.assertGreater(len(pages), 1)
        for number, text in enumerate(pages, 1):
            self.assertIn(f'{number} / {len(pages)}', text)
        self.assertIn("Hand-over", pages[0])
        self.assertIn("Red", " ".join(pages))
        self.assertLess(size, 1_000_000, "letters are not drawn as lines")

    def test_rep_4_monthly_on_paper(self):
        """REP-4: customers follow each other in one file, each on a page of its own."""
        pages, __ = self._pages('monthly', self.blue + self.red)
        self.assertGreaterEqual(len(pages), 2)
        self.assertIn("Blue =1+1", pages[0])
        self.assertIn("The month in figures", pages[0])
        self.assertNotIn("Blue", pages[-1])
        self.assertIn("Red", " ".join(pages))

    def test_rep_4_numbers_on_any_paper(self):
        """REP-4: numbers stand on upright pages and on those that lie, and take nothing away."""
        stream = io.BytesIO()
        drawing = canvas.Canvas(stream)
        for size in ((595, 842), (842, 595)):
            drawing.setPageSize(size)
            drawing.drawString(100, 300, "Kept")
            drawing.showPage()
        drawing.save()
        pages = PdfReader(io.BytesIO(numbered(stream.getvalue()))).pages
        self.assertEqual([page.extract_text().split() for page in pages], [["Kept", "1", "/", "2"], ["Kept", "2", "/", "2"]])

    def test_rep_4_no_printer(self):
        """REP-4: where nothing can print, a sentence says so and what to do; the workbook is there."""
        dialog = self.env['customer.sheet.print'].with_user(self.anna).create({'kind': 'tracking'})
        state = patch.object(type(self.env['ir.actions.report']), 'get_wkhtmltopdf_state', lambda self: 'install')
        self.assertFalse(dialog.no_printer and self.sheet._can_print())
        with state:
            dialog.invalidate_recordset(['no_printer'])
            self.assertIn("wkhtmltopdf", dialog.no_printer)
            with self.assertRaisesRegex(UserError, r"Take the workbook \(XLSX\)"):
                dialog.action_pdf()
            self.assertTrue(dialog._make('xlsx').content)
            made, note = self.sheet._make_all('tracking', self.followup.with_env(self.sheet.env), None, True, False)
        self.assertEqual([one.form for one in made], ['xlsx'])
        self.assertIn("so this is a workbook", note)


@tagged('post_install', '-at_install')
class TestDownloads(HttpCase, SheetCase):

    def test_rep_4_download(self):
        """REP-4: a dialog's file is for whoever filled it in; another one finds nothing."""
        dialog = self.env['customer.sheet.print'].with_user(self.anna).create({'kind': 'tracking'})
        url = dialog.action_xlsx()['url']
        self.authenticate('anna', 'annaxxxx')
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn('attachment', answer.headers['Content-Disposition'])
        self.assertEqual(load_workbook(io.BytesIO(answer.content)).worksheets[0]['A1'].value, "Customer")
        screen = self.url_open(dialog.action_show()['url'])
        self.assertIn("Tracking Sheet", screen.text)
        self.assertEqual(self.url_open(f'/customer_success/sheet/{dialog.id}/exe').status_code, 404)
        self.authenticate('otto', 'ottoxxxx')
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_rep_4_nothing_to_print(self):
        """REP-4: where there is nothing, a sentence says so before anything is fetched."""
        dialog = self.env['customer.sheet.print'].with_user(self.otto).create({'kind': 'tracking', 'whose': 'mine'})
        with self.assertRaisesRegex(UserError, "nothing to print"):
            dialog.action_xlsx()

    def test_rep_4_print_tour(self):
        """REP-4: from a customer to its report by email, in a browser."""
        self.start_tour(f'/odoo/customer-success/{self.blue.id}', 'customer_success_print_sheet', login='anna')
        mail = self.env['mail.mail'].search([('email_to', 'like', 'anna@example.com')], limit=1)
        self.assertIn("Customer Report", mail.subject)
        self.assertTrue(mail.attachment_ids)


@tagged('post_install', '-at_install')
class TestDownloadsOnPhone(TestDownloads):
    browser_size = '390x844'
    touch_enabled = True
