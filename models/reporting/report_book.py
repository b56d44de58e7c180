"""Workbooks (XLSX) of the parts of a sheet: real days and numbers, in the order and with the words of the sheet (REP-4)."""
import io
import re
import unicodedata
from datetime import date

import xlsxwriter

from .report_part import Figure, is_number

#: Excel's own formats: a short day, as the reader's country writes it.
DAY_FORMAT = 14
FORMATS = {'percent': '0.0"%"', 'days': '#,##0', 'count': '#,##0.##', 'money': '#,##0.00', 'points': '#,##0.##'}

#: A column is at least and at most so wide, in characters; longer text is wrapped.
NARROW, WIDE = 10, 60

#: What a cell holds; and what no workbook may hold.
LONGEST = 32767
UNKEPT = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')

#: What the name of a worksheet may not contain, and how long it is at most.
NO_NAME = re.compile(r"[\[\]:*?/\\]|^'|'$")
NAME_LENGTH = 31


def text_width(text):
    """Return how many characters wide a text is; Chinese ones are twice as wide.

    >>> text_width("abc"), text_width("客户"), text_width("a\\nlonger")
    (3, 4, 6)
    """
    return max((sum(2 if unicodedata.east_asian_width(sign) in 'WF' else 1 for sign in line)
                for line in text.split('\n')), default=0)


def sheet_name(title, taken):
    """Return what a worksheet is called: without what is not allowed, not too long, and unlike the others.

    >>> sheet_name("Cases: open/closed", set())
    'Cases  open closed'
    >>> sheet_name("Cases", {'cases'})
    'Cases 2'
    """
    name, number = NO_NAME.sub(' ', title).strip()[:NAME_LENGTH] or '-', 1
    while name.casefold() in taken:
        number += 1
        ending = f' {number}'
        name = NO_NAME.sub(' ', title).strip()[:NAME_LENGTH - len(ending)] + ending
    return name


class Book:
    """A workbook in the making.

    Text is text: what begins like a formula is none, neither here nor after somebody edited the cell, which Excel marks with an
    apostrophe that is no part of it. So what is read back is what was written.
    """

    def __init__(self, currency=''):
        self.stream, self.names = io.BytesIO(), set()
        self.book = xlsxwriter.Workbook(self.stream, {
            'in_memory': True, 'strings_to_formulas': False, 'strings_to_numbers': False, 'strings_to_urls': False})
        add = self.book.add_format
        self.head = add({'bold': True, 'bg_color': '#E7E6F0', 'bottom': 1, 'text_wrap': True, 'valign': 'top'})
        self.text = add({'text_wrap': True, 'valign': 'top', 'quote_prefix': True})
        self.day = add({'num_format': DAY_FORMAT, 'valign': 'top', 'align': 'left'})
        self.numbers = {unit: add({'valign': 'top', 'num_format': form + (f' "{currency}"' if unit == 'money' else '')})
                        for unit, form in FORMATS.items()}

    def add(self, title, heads, rows):
        """Add a worksheet: the headings in the first row, which stays, with filters, and a row for each line.

        :param str title: its name
        :param heads: text
        :param rows: cells, see :class:`Part`
        :return: the worksheet
        """
        name = sheet_name(title, self.names)
        self.names.add(name.casefold())
        sheet = self.book.add_worksheet(name)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, UNKEPT.sub('', head), self.head)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self._write(sheet, number, column, cell)
        for column, head in enumerate(heads):
            widths = [text_width(head) + 3] + [self._width(row[column]) for row in rows if column < len(row)]
            sheet.set_column(column, column, min(max(NARROW, *widths), WIDE))
        sheet.freeze_panes(1, 1)
        if heads:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer('&P / &N')
        return sheet

    def _write(self, sheet, row, column, cell):
        if isinstance(cell, Figure):
            if cell.value is not None:
                sheet.write_number(row, column, cell.value, self.numbers[cell.unit])
        elif is_number(cell):
            sheet.write_number(row, column, cell, self.numbers['count'])
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, self.day)
        elif cell:
            sheet.write_string(row, column, UNKEPT.sub('', cell)[:LONGEST], self.text)

    def _width(self, cell):
        return text_width(cell) + 1 if isinstance(cell, str) else NARROW if cell is not None else 0

    def close(self):
        """Return the file.

        :rtype: bytes
        """
        self.book.close()
        return self.stream.getvalue()
