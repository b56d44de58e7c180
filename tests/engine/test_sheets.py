"""Sheets, read without a database: what a file really is, where its table is, and what days are meant (REP-5)."""
import io
import zipfile
from datetime import date, datetime, time

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import hanzi, sheet_book, sheet_day, sheet_goal, sheet_table, sheet_value

from ..reporting import sheets
from . import common  # noqa: F401

TODAY = date(2026, 11, 29)
HEADINGS = {'客户名称': ['customer'], '跟进日期': ['day'], '跟进方式': ['channel'], '联系人': ['person'], '电话': ['phone'],
            '跟进记录': ['feedback'], '生日': ['birthday'], '下次跟进时间': ['next_day']}


def day(text, order='mdy', year='past', birthday=False, **options):
    """Return what a cell is decided to be."""
    return sheet_day.decide(sheet_day.read(text, **options), sheet_day.Answer(order, year), TODAY, birthday)


def table(data, **options):
    """Return the table of the first sheet that has one."""
    return sheet_table.find(sheet_book.read(data).sheets[0], HEADINGS.__contains__, **options)


@tagged('post_install', '-at_install')
class TestSheetDays(BaseCase):

    def test_rep_5_days(self):
        """REP-5: days in all the ways in which people write them."""
        for text, (month, number) in sheets.DAYS.items():
            with self.subTest(text=text):
                self.assertEqual(day(text).day, date(2026, month, number))
        self.assertEqual(day('2026年11月3日 下午3点').time, time(15))
        self.assertEqual(day('2026-11-03 14:05').time, time(14, 5))
        self.assertIsNone(day('2026-11-03 00:00:00').time)
        self.assertEqual(day(46000.5), sheet_day.Day(date(2025, 12, 9), time(12)))
        self.assertEqual(day('46000').day, day(46000).day)
        self.assertEqual(day(44538, date1904=True).day, day(46000).day)
        self.assertEqual(day(datetime(2026, 11, 3, 9)), sheet_day.Day(date(2026, 11, 3), time(9)))

    def test_rep_5_no_days(self):
        """REP-5: what is no day says why, and what stands for nothing is nothing."""
        for text, problem in sheets.NO_DAYS.items():
            with self.subTest(text=text):
                self.assertEqual(day(text).problem, problem)
        for text in ('', ' ', '/', '—', '待定', '猴年马月', '0000-00-00', 'N/A', None):
            with self.subTest(text=text):
                self.assertTrue(sheet_day.read(text).nothing)
        self.assertEqual(sheet_day.read(sheet_book.Broken('#N/A')).problem, 'broken')
        self.assertEqual(sheet_day.read(11.3).problem, 'number')

    def test_rep_5_open_days(self):
        """REP-5: a column says what it leaves open; one clear day decides for all."""
        def survey(*texts):
            return sheet_day.survey(map(sheet_day.read, texts))
        self.assertEqual(set(survey('3/11/2026', '4/5/2026').orders), {'dmy', 'mdy'})
        self.assertEqual(survey('3/11/2026', '25/11/2026').orders, ('dmy',))
        self.assertEqual(survey('3/11/2026', '11/25/2026').orders, ('mdy',))
        self.assertEqual(survey('26-11-3', '25-1-31').orders, ('ymd',))
        self.assertTrue(survey('11月3日').yearless)
        self.assertFalse(survey('2026-11-03').yearless)
        self.assertTrue(survey('八月十五').maybe_lunar)
        self.assertFalse(survey('农历八月十五').maybe_lunar)

    def test_rep_5_days_without_a_year(self):
        """REP-5: the last such day, the next one, or the one of a year."""
        self.assertEqual(day('12月3日').day, date(2025, 12, 3))
        self.assertEqual(day('12月3日', year='coming').day, date(2026, 12, 3))
        self.assertEqual(day('11月3日', year='coming').day, date(2027, 11, 3))
        self.assertEqual(day('11月3日', year=2024).day, date(2024, 11, 3))
        self.assertEqual(day('2月29日').day, date(2024, 2, 29))
        self.assertEqual(day('3/8', birthday=True).month_day, (3, 8))

    def test_rep_5_lunar_days(self):
        """REP-5: days of the lunar calendar, as they stand for birthdays, and as they fall for contacts."""
        for text, lunar in {
                '农历八月十五': (0, 8, 15), '八月十五': (0, 8, 15), '闰六月初三': (0, 6, 3, True), '腊月三十': (0, 12, 30),
                '正月初一': (0, 1, 1), '08-15(农历)': (0, 8, 15), '农历1985-08-15': (1985, 8, 15), '阴历八月十五': (0, 8, 15),
                '1990年正月初一': (1990, 1, 1), '八月廿三': (0, 8, 23), '除夕': (0, 12, 30), '冬月十一': (0, 11, 11)}.items():
            with self.subTest(text=text):
                self.assertEqual(day(text, birthday=True).lunar, sheet_day.Lunar(*lunar))
        self.assertEqual(day('农历2026-08-15').day, date(2026, 9, 25))
        self.assertEqual(day('1985-08-15', birthday=True, is_lunar=True).lunar, sheet_day.Lunar(1985, 8, 15))
        self.assertEqual(day('八月十五', birthday=True, is_lunar=False).month_day, (8, 15))
        self.assertEqual(day('85-8-15', order='ymd', birthday=True).day, date(1985, 8, 15))

    @given(st.dates(min_value=date(1990, 1, 1), max_value=date(2030, 12, 31)))
    def test_rep_5_every_day(self, one):
        """REP-5: each day comes back from each clear way of writing it."""
        for text in (one.isoformat(), f'{one:%Y.%m.%d}', f'{one.year}年{one.month}月{one.day}日', f'{one:%Y%m%d}',
                     f'{one.year}/{one.month}/{one.day} 10:30', f'{one:%d %b %Y}', f'{one:%B} {one.day}, {one.year}'):
            self.assertEqual(day(text).day, one, text)
        self.assertEqual(day(f'{one:%d/%m/%Y}', order='dmy').day, one)
        self.assertEqual(day(f'{one:%m/%d/%Y}', order='mdy').day, one)

    @given(st.text(max_size=30))
    def test_rep_5_any_text(self, text):
        """REP-5: whatever stands in a cell, it is a day, nothing, or has a reason."""
        read = sheet_day.read(text)
        found = day(text)
        self.assertTrue(read.nothing or found.problem or found.day or found.lunar)


@tagged('post_install', '-at_install')
class TestSheetFiles(BaseCase):

    def _refused(self, data):
        with self.assertRaises(sheet_book.Unreadable) as refused:
            sheet_table.find(sheet_book.read(data).sheets[0], HEADINGS.__contains__)
        return refused.exception.kind

    def test_rep_5_what_a_file_is(self):
        """REP-5: a file is what it holds, and not what its name says."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, 'w') as archive:
            archive.writestr('word/document.xml', '<a/>')
        ole = sheet_book.OLE + b'\x00' * 600
        for kind, data in {
                'empty': b'  \r\n', 'pdf': b'%PDF-1.7 x', 'picture': b'\x89PNG\r\n', 'archive': b'Rar!\x1a\x07',
                'word': stream.getvalue(), 'password': ole + 'EncryptedPackage'.encode('utf-16-le'),
                'broken': b'PK\x03\x04zzz'}.items():
            with self.subTest(kind=kind):
                self.assertEqual(self._refused(data), kind)
        self.assertIn(self._refused(ole), ('broken', 'library'))

    def test_rep_5_texts(self):
        """REP-5: texts in the encodings and with the separators that programs write."""
        text = '客户名称,跟进日期,跟进记录\r\n华信贸易,2026-11-03,"第一行\n第二行"\r\n'
        traditional = '客戶名稱;聯絡電話\r\n華信貿易有限公司;02-12345678\r\n'
        for encoding in ('utf-8', 'utf-8-sig', 'gb18030', 'utf-16', 'utf-16-le', 'utf-16-be'):
            with self.subTest(encoding=encoding):
                found = table(text.encode(encoding))
                self.assertEqual(found.labels, ['客户名称', '跟进日期', '跟进记录'])
                self.assertEqual(found.lines[0].cells, ['华信贸易', '2026-11-03', '第一行\n第二行'])
        for mark in ('sep=;\r\n', ''):
            self.assertEqual(table((mark + text.replace(',', ';')).encode()).lines[0].cells[0], '华信贸易')
        self.assertEqual(sheet_book.decoded(traditional.encode('big5'))[0], traditional)
        page = '<html><table><tr><th>客户名称</th><th>电话</th></tr><tr><td>华信</td><td>138</td></tr></table></html>'
        self.assertEqual(table(page.encode('gb18030')).lines[0].cells, ['华信', '138'])

    def test_rep_5_where_the_table_is(self):
        """REP-5: titles, two rows of headings, merged cells, sums, months and empty rows."""
        def write(book):
            sheet = book.add_worksheet()
            sheet.merge_range(0, 0, 0, 4, "客户跟进表")
            sheet.merge_range(1, 0, 2, 0, "客户名称")
            sheet.merge_range(1, 1, 1, 2, "联系人")
            sheet.write_row(2, 1, ["姓名", "电话"])
            sheet.merge_range(1, 3, 2, 3, "跟进日期")
            sheet.merge_range(3, 0, 3, 3, "3月份")
            sheet.merge_range(4, 0, 5, 0, "华信")
            sheet.write_row(4, 1, ["张三", "138", "2026-03-01"])
            sheet.write_row(5, 1, ["李四", "139", "2026-03-02"])
            sheet.write_row(7, 0, ["合计", None, 2])
            sheet.write_row(8, 0, ["Hansen", "Jo", "040", "2026-03-04"])
            sheet.set_row(8, None, None, {'hidden': True})
        data = sheets.workbook(write)
        found = table(data)
        self.assertEqual(found.labels, ["客户名称", "联系人 / 姓名", "联系人 / 电话", "跟进日期"])
        self.assertEqual([line.cells[:2] for line in found.lines], [["华信", "张三"], ["华信", "李四"], ["Hansen", "Jo"]])
        self.assertEqual([line.number for line in found.lines], [5, 6, 9])
        self.assertEqual(dict(found.skipped), {'section': 1, 'sum': 1})
        self.assertEqual(sheet_table.match(found.names, HEADINGS), ['customer', 'person', 'phone', 'day'])
        self.assertEqual(len(table(data, hidden=False).lines), 2)

    def test_rep_5_workbooks_of_the_old_kind(self):
        """REP-5: a workbook of the old kind (BIFF8): Chinese, merged cells, hidden rows, days as numbers with and without a time
        and as texts, formulas, wide numbers, days counted from 1904; also under another name."""
        for date1904 in (False, True):
            with self.subTest(date1904=date1904):
                data = sheets.old_workbook(date1904)
                self.assertTrue(data.startswith(sheet_book.OLE))
                book = sheet_book.read(data)
                self.assertEqual((book.kind, book.date1904), ('xls', date1904))
                self.assertEqual([sheet.name for sheet in book.sheets], ["跟进表", "说明"], "hidden ones last")
                found = sheet_table.find(book.sheets[0], HEADINGS.__contains__)
                self.assertEqual(found.labels, ["客户名称", "联系人", "电话", "跟进日期", "跟进记录"])
                self.assertEqual([line.cells for line in found.lines], [
                    ["华信贸易有限公司", "张三", 13800138000, datetime(2026, 3, 1), "第一次沟通\n等报价"],
                    ["华信贸易有限公司", "李四", "021-6234 5678", datetime(2026, 3, 2, 15, 30), "=HYPERLINK"],
                    ["Hansen GmbH", "Jo", None, "2026.3.4", None],
                    ["Müller & Söhne", None, None, 46085 if not date1904 else 44623, None]])
                self.assertEqual(dict(found.skipped), {'sum': 1})
                self.assertEqual(len(sheet_table.find(book.sheets[0], HEADINGS.__contains__, hidden=False).lines), 3)
                days = [day(line.cells[3], date1904=date1904).day for line in found.lines]
                self.assertEqual(days, [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 4)])

    def test_rep_5_goals(self):
        """REP-5, STR-1: KPIs of a cell: name, target, actual value, in the ways in which people write them."""
        for text, goals in {
                'Days to Convert ≤ 30 days / 25 days': [('Days to Convert', 30, 25)],
                'Recommendation (NPS) ≥ 40 / not known': [('Recommendation (NPS)', 40, None)],
                'Revenue ≥ CN¥ 1.200,50 / 900 €': [('Revenue', 1200.5, 900)],
                '复购率：目标80%，实际 72.5%；客单价 12.5万/10万': [('复购率', 80, 72.5), ('客单价', 125000, 100000)],
                'NPS: 50\n投诉率<=2%': [('NPS', 50, None), ('投诉率', 2, None)], 'to be agreed': [('to be agreed', None, None)],
                '': []}.items():
            with self.subTest(text=text):
                self.assertEqual(sheet_goal.goals(text), goals)

    def test_rep_5_forms(self):
        """REP-5: a form for one customer is no table; a sheet without headings has none."""
        form = [["客户跟进记录表"], ["客户姓名：", "", "性别：", "□男 □女"], ["电话：", "", "地址：", ""],
                ["第一次跟进", "", "第二次跟进"]]
        self.assertEqual(self._refused(sheets.table(form)), 'form')
        self.assertEqual(self._refused(sheets.table([[1, 2], [3, 4], [5, 6]])), 'header')
        self.assertEqual(self._refused(sheets.table([["客户名称", "跟进日期"]])), 'rows')

    def test_rep_5_cells(self):
        """REP-5: formulas without a value, days of 1904, wide numbers, and texts that begin like formulas."""
        def write(book):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["客户名称", "跟进日期", "电话", "跟进记录"])
            sheet.write_string(1, 0, "=HYPERLINK")
            sheet.write_datetime(1, 1, datetime(2026, 11, 3), book.add_format({'num_format': 'yyyy"年"m"月"d"日"'}))
            sheet.write_number(1, 2, 13800138000)
            sheet.write_formula(1, 3, '=NA()', None, '#N/A')
        for options in ({}, {'date_1904': True}):
            line = table(sheets.workbook(write, **options)).lines[0]
            self.assertEqual(line.cells, ["=HYPERLINK", datetime(2026, 11, 3), 13800138000, sheet_book.Broken('#N/A')])

    @settings(max_examples=60)
    @given(st.binary(max_size=300))
    def test_rep_5_any_bytes(self, data):
        """REP-5: whatever bytes come, they are a table or are refused in words."""
        for start in (b'', b'PK\x03\x04', sheet_book.OLE, b'<html><table>'):
            try:
                sheet_table.find(sheet_book.read(start + data).sheets[0], HEADINGS.__contains__)
            except sheet_book.Unreadable as error:
                self.assertTrue(error.kind)

    def test_rep_5_values(self):
        """REP-5: phone numbers, names and numbers; what was lost is refused, and not guessed."""
        for value in ('1.38001E+10', 13800138000123456, '138001380001234567'):
            with self.assertRaises(sheet_value.Refused):
                sheet_value.phone(value)
        for value in (13800138000, 13800138000.0, '13800138000.0', "'13800138000", '１３８００１３８０００'):
            self.assertEqual(sheet_value.phone(value), '13800138000')
        self.assertEqual(sheet_value.people('张三/李四'), ['张三', '李四'])
        self.assertEqual(sheet_value.number('12.5万'), 125000)
        self.assertEqual(hanzi.simplified('華信貿易有限公司'), '华信贸易有限公司')
        self.assertEqual(len(hanzi.TRADITIONAL), len(hanzi.SIMPLIFIED))

    def test_rep_5_headings(self):
        """REP-5: headings are known whatever blanks, signs and remarks they have, and each meaning once."""
        names = [[sheet_table.plain(text)] for text in (
            '下次跟进\n时间', ' 客户名称（必填）*', '客户联系人', '备注', '最近跟进日期')]
        self.assertEqual(sheet_table.match(names, HEADINGS), ['next_day', 'customer', 'person', None, 'day'])
