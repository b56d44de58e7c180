"""REP-4: the sheets on paper: as PDF, with Chinese in it, and no cell that is missing."""
import io
import re
import unicodedata
from pathlib import Path

from odoo.tests import tagged
from odoo.tools.pdf import PdfReader

from ..common import CustomerCase

ROOT = Path(__file__).parents[2]
NAME = "上海启明自动化设备有限公司"

#: What prints, and a record of which model.
REPORTS = {
    'customer_success.report_customer_handover': 'res.partner',
    'customer_success.report_customer_case': 'customer.case',
    'customer_success.report_customer_strategy_sheet': 'customer.strategy.adjustment',
    'customer_success.report_customer_review': 'customer.review',
    'customer_success.report_customer_monthly': 'res.partner',
    'customer_success.report_customer_tracking': 'customer.followup',
}


@tagged('post_install', '-at_install')
class TestPdf(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls._customer(NAME)
        strategy = cls.env['customer.strategy'].create({
            'partner_id': customer.id, 'company_id': cls.env.company.id, 'user_id': cls.anna.id, 'state': 'active',
            'core_approach': "每月拜访",
            'date_start': '2026-09-01', 'date_end': '2026-12-31'})
        cls.records = {
            'customer.followup': cls.env['customer.followup'].create({
                'partner_id': customer.id, 'channel_id': cls.call.id, 'name': "寄样品", 'user_id': cls.anna.id}),
            'res.partner': customer,
            'customer.case': cls.env['customer.case'].create({
                'partner_id': customer.id, 'name': "交货损坏", 'company_id': cls.env.company.id, 'user_id': cls.anna.id}),
            'customer.strategy.adjustment': cls.env['customer.strategy.adjustment'].create({'strategy_id': strategy.id}),
            'customer.review': cls.env['customer.review'].create({
                'name': "八月复盘", 'user_id': cls.anna.id, 'date_start': '2026-08-01', 'date_end': '2026-08-31'}),
        }

    def test_printed(self):
        """Each of them is a PDF whose text, read back, has the Chinese that stands on the record."""
        reports = self.env['ir.actions.report'].with_user(self.mara)
        if reports.get_wkhtmltopdf_state() not in ('ok', 'upgrade'):
            self.skipTest("wkhtmltopdf is not installed")
        self.assertEqual(
            set(REPORTS), set(self.env['ir.actions.report'].search([
                ('report_name', '=like', 'customer_success.%')]).mapped('report_name')))
        for report, model in REPORTS.items():
            with self.subTest(report=report):
                content, kind = reports.with_context(force_report_rendering=True)._render_qweb_pdf(
                    report, self.records[model].ids)
                self.assertEqual(kind, 'pdf')
                text = ''.join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
                # glyphs of radicals are read back as those of the words
                words = re.sub(r'\s', '', unicodedata.normalize('NFKC', text))
                self.assertIn("八月复盘" if model == 'customer.review' else NAME, words)

    def test_every_cell(self):
        """A cell whose value is empty is a cell: told by ``t-out`` on it, it would be left out, and the row be shorter."""
        files = [*ROOT.glob('views/**/*.xml'), *ROOT.glob('wizard/**/*.xml')]
        self.assertGreater(len(files), 100)
        wrong = [file.name for file in files if re.search(r'<t[dh]\b[^>]*\st-(out|esc)=', file.read_text())]
        self.assertFalse(wrong)
        content, __ = self.env['ir.actions.report'].with_user(self.mara)._render_qweb_html(
            'customer_success.report_customer_strategy_sheet', self.records['customer.strategy.adjustment'].ids)
        heads, cells = (len(re.findall(rf'<{tag}[ >]', content.decode())) for tag in ('th', 'td'))
        self.assertEqual((heads, cells), (14, 14))
