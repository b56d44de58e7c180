"""REP-5: loading a sheet on the screen."""
import base64

from odoo.tests import HttpCase, tagged

from . import sheets
from .import_common import ImportCase


@tagged('post_install', '-at_install')
class TestImportTour(HttpCase, ImportCase):

    def _begun(self):
        rows = [["客户名称", "跟进日期", "跟进方式", "跟进记录"], ["华信贸易", "2026年11月3日", "电话", "等报价"],
                ["没有这个", "2026-11-04", "微信", "一"]]
        return self.env['customer.import'].with_user(self.lena).create({
            'kind': 'followups', 'file': base64.b64encode(sheets.table(rows)), 'name': "跟进表.xlsx"})

    def test_rep_5_tour(self):
        """REP-5: from the file to what was loaded."""
        record = self._begun()
        self.start_tour(f'/odoo/customer-sheets/{record.id}', 'customer_import_tour', login='lena')
        self.assertEqual((record.state, record.new_count, record.bad_count), ('done', 1, 1))
        self.assertEqual(self._contacts().feedback, "等报价")

    def test_rep_5_tour_on_a_phone(self):
        """REP-5: the same on a phone."""
        self.browser_size, self.touch_enabled = '390x844', True
        record = self._begun()
        self.start_tour(f'/odoo/customer-sheets/{record.id}', 'customer_import_tour', login='lena')
        self.assertEqual(record.state, 'done')
