"""Workbooks and text files as they come: what a file really is, whatever its name says, and its sheets as rows of cells.

XLSX is read from its own XML: merged cells, hidden rows, formulas that nobody calculated and styles that only one program
understands would be lost, or stop everything, by way of a library that wants to understand all of it. XLS is read by ``xlrd``,
text by :mod:`csv`, tables of web pages (which many programs save under the name of a workbook) by ``lxml``.

A cell is a text, a number, a ``datetime``, a ``time``, a truth value, None, or :class:`Broken`.
"""
from __future__ import annotations

import csv
import datetime
import io
import zipfile
from contextlib import suppress
from typing import Any, NamedTuple

#: A file that is unpacked to more than this is none that somebody filled in.
MOST_BYTES = 400_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 500

#: Signs that stand in nearly every such sheet, in both ways of writing Chinese.
USUAL = frozenset(
    "的一是不了在人有我他这为之来以个中上大到说们国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成"
    "者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从客户户名称名稱电话電話手机手機号号碼码姓性别职位期时间間"
    "跟进跟進记录記錄备注備註负责負責业务業務联系聯絡系人司有限省市区區路地址级别级類类来源方式内容結结果处理處投诉訴产品產品需求下次")

OLE = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'

#: By how a file begins: what it is, of those that are no tables.
OTHERS = (
    (b'%PDF', 'pdf'), (b'\x89PNG', 'picture'), (b'\xff\xd8\xff', 'picture'), (b'GIF8', 'picture'), (b'Rar!', 'archive'),
    (b'7z\xbc\xaf', 'archive'), (b'\x1f\x8b', 'archive'),
)


class Unreadable(Exception):
    """A file that can't be read as a table.

    :param kind: why: ``empty``, ``password``, ``pdf``, ``picture``, ``archive``, ``numbers``, ``ods``, ``word``, ``other``,
        ``broken``, ``large``, ``library``
    :param detail: the name of what is missing, where it is a library
    """

    def __init__(self, kind: str, detail: str = ''):
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class Broken(NamedTuple):
    """A cell whose formula gives no value.

    :param code: ``#N/A`` and the like; '' where nobody has calculated it
    """

    code: str


class Row(NamedTuple):
    """A row in which something stands.

    :param number: as the program shows it, from 1 on
    :param cells: of the columns from the first one on
    :param hidden: whether it is hidden or filtered away
    """

    number: int
    cells: list[Any]
    hidden: bool = False


class Sheet(NamedTuple):
    """One sheet.

    :param name: of its tab
    :param rows: those in which something stands
    :param merges: merged cells: first row, first column, last row, last column; rows from 1 on, columns from 0 on
    :param hidden: whether its tab is hidden
    """

    name: str
    rows: list[Row]
    merges: list[tuple[int, int, int, int]]
    hidden: bool = False


class Book(NamedTuple):
    """A file that was read.

    :param kind: what it really is: ``xlsx``, ``xls``, ``csv``, ``html``
    :param sheets: those in which something stands, hidden ones last
    :param date1904: whether its days are counted from 1904 on
    :param encoding: of a text
    """

    kind: str
    sheets: list[Sheet]
    date1904: bool = False
    encoding: str = ''


def read(data: bytes) -> Book:
    """Read a file.

    :raises Unreadable: where it is no table
    """
    if not data.strip(b' \r\n\t\x00'):
        raise Unreadable('empty')
    for start, kind in OTHERS:
        if data.startswith(start):
            raise Unreadable(kind)
    try:
        book = _read(data)
    except (Unreadable, RecursionError):
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, OverflowError, EOFError, NotImplementedError,
            SyntaxError, AssertionError, AttributeError, UnicodeError, MemoryError) as error:
        raise Unreadable('broken') from error
    sheets = sorted((sheet for sheet in book.sheets if sheet.rows), key=lambda sheet: sheet.hidden)
    if not sheets:
        raise Unreadable('empty')
    if any(len(sheet.rows) > MOST_ROWS for sheet in sheets):
        raise Unreadable('large')
    return book._replace(sheets=sheets)


def _read(data):
    """Read what is no plain refusal, by what it begins with."""
    if data.startswith(OLE):
        return _read_xls(data)
    if data.startswith(b'PK'):
        return _read_zip(data)
    head = data[:4096].lstrip(b'\xef\xbb\xbf \r\n\t').lower()
    if head.startswith((b'<html', b'<!doctype html', b'<table', b'<meta', b'<head')) or b'<table' in head and b'<' == head[:1]:
        return _read_html(data)
    if head.startswith(b'<?xml') and b'spreadsheet' in head:
        raise Unreadable('other')
    return _read_text(data)


# ------------------------------------------------------------
# XLSX
# ------------------------------------------------------------

def _read_zip(data):
    """Read a zipped file: a workbook, or say what else it is."""
    from . import sheet_xlsx  # noqa: PLC0415  it stands on this module
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
            raise Unreadable('large')
        if any(info.flag_bits & 1 for info in archive.infolist()):
            raise Unreadable('password')
        if 'mimetype' in names and b'opendocument' in archive.read('mimetype'):
            raise Unreadable('ods')
        if any(name.endswith('.iwa') for name in names) or 'Index.zip' in names:
            raise Unreadable('numbers')
        if any(name.startswith(('word/', 'ppt/')) for name in names):
            raise Unreadable('word')
        if any(name.lower().endswith('workbook.bin') for name in names):
            raise Unreadable('other')
        if not any(name.lower().lstrip('/').endswith('workbook.xml') for name in names):
            raise Unreadable('archive')
        return sheet_xlsx.read(archive)


# ------------------------------------------------------------
# XLS
# ------------------------------------------------------------

def _read_xls(data):
    """Read a workbook of the old kind, by what it holds and not by its name."""
    if 'EncryptedPackage'.encode('utf-16-le') in data:
        raise Unreadable('password')
    if 'WordDocument'.encode('utf-16-le') in data or 'PowerPoint Document'.encode('utf-16-le') in data:
        raise Unreadable('word')
    try:
        import xlrd  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise Unreadable('library', 'xlrd') from error
    book = None
    for formatting in (True, False):  # where merged cells and hidden rows can't be read, the values can
        try:
            book = xlrd.open_workbook(file_contents=data, formatting_info=formatting, logfile=io.StringIO())
            break
        except xlrd.XLRDError as error:
            if 'encrypted' in str(error).lower():
                raise Unreadable('password') from error
            if not formatting:
                raise Unreadable('broken') from error
        except Exception as error:  # what the library stumbles over is of many kinds
            if not formatting:
                raise Unreadable('broken') from error
    return Book('xls', [_xls_sheet(xlrd, book, sheet) for sheet in book.sheets()], bool(book.datemode))


def _xls_sheet(xlrd, book, sheet):
    rows = []
    for number in range(sheet.nrows):
        cells = _trimmed(_xls_value(xlrd, book, cell) for cell in sheet.row(number)[:MOST_COLUMNS])
        info = sheet.rowinfo_map.get(number)
        if cells:
            rows.append(Row(number + 1, cells, bool(info and info.hidden)))
    merges = [(first + 1, left, last, right - 1) for first, last, left, right in sheet.merged_cells]
    return Sheet(sheet.name, rows, merges, bool(sheet.visibility))


def _xls_value(xlrd, book, cell):
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return from_serial(cell.value, bool(book.datemode))
        except (OverflowError, ValueError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Broken(xlrd.error_text_from_code.get(cell.value, '#ERROR'))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return whole(cell.value) if cell.ctype == xlrd.XL_CELL_NUMBER else cell.value or None


# ------------------------------------------------------------
# TEXT AND WEB PAGES
# ------------------------------------------------------------

def _read_text(data):
    """Read a text whose cells are parted by signs."""
    text, encoding = decoded(data)
    if '\x00' in text:
        raise Unreadable('other')
    first, __, rest = text.partition('\n')
    if first.strip().lower().startswith('sep=') and len(first.strip()) == 5:
        text, delimiter = rest, first.strip()[4]
    else:
        delimiter = _delimiter(text)
    csv.field_size_limit(10_000_000)
    rows, number = [], 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=''), delimiter=delimiter), 1):
            cells = _trimmed(cell if cell.strip() else None for cell in cells[:MOST_COLUMNS])
            if cells:
                rows.append(Row(number, cells))
    except csv.Error as error:
        raise Unreadable('broken') from error
    return Book('csv', [Sheet('', rows, [])], encoding=encoding)


def decoded(data: bytes) -> tuple[str, str]:
    """Return a text and how it was written. Where no mark says so, what can be read as UTF-8 is; of the encodings that are
    left that one is it in which the signs are common ones.

    >>> decoded('客户名称,电话'.encode('gb18030')), decoded('客戶名稱,電話'.encode('big5')), decoded('Müller;1'.encode('cp1252'))
    (('客户名称,电话', 'gb18030'), ('客戶名稱,電話', 'cp950'), ('Müller;1', 'cp1252'))
    """
    for mark, encoding in ((b'\xef\xbb\xbf', 'utf-8-sig'), (b'\xff\xfe', 'utf-16'), (b'\xfe\xff', 'utf-16')):
        if data.startswith(mark):
            return data.decode(encoding, 'replace'), encoding
    head = data[:4000]
    if head.count(0) > len(head) // 5:
        encoding = 'utf-16-le' if head[1::2].count(0) >= head[::2].count(0) else 'utf-16-be'
        return data.decode(encoding, 'replace'), encoding
    with suppress(UnicodeDecodeError):
        return data.decode('utf-8'), 'utf-8'
    found = []
    # the first bytes of the signs that are common, in the order of each standard
    for encoding, first, last in (('gb18030', 0xB0, 0xD7), ('cp950', 0xA4, 0xC6)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        signs = [sign for sign in text[:20000] if sign >= '\u3400']
        common = sum(_leads(sign, encoding, first, last) for sign in signs) / max(len(signs), 1)
        usual = sum(sign in USUAL for sign in signs) / max(len(signs), 1)
        found.append((common + 3 * usual, common, text, encoding))
    best = max(found, default=(0, 0, '', ''))
    return best[2:] if best[1] >= .5 else (data.decode('cp1252', 'replace'), 'cp1252')


def _leads(sign, encoding, first, last):
    """Return whether a sign is a common one of an encoding; what is no sign of a word doesn't count against it."""
    written = sign.encode(encoding, 'ignore')
    return not '\u3400' <= sign <= '\u9fff' and '\ue000' > sign or len(written) == 2 and first <= written[0] <= last


def _delimiter(text):
    """Return what parts the cells: of the usual signs the one that stands in most lines equally often, outside of quotes."""
    counts = {sign: [] for sign in ',;\t|，'}
    quoted, line = False, dict.fromkeys(counts, 0)
    for sign in text[:50000]:
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign == '\n':
            for one, number in line.items():
                counts[one].append(number)
            line = dict.fromkeys(counts, 0)
        elif not quoted and sign in line:
            line[sign] += 1
    for one, number in line.items():
        counts[one].append(number)

    def fits(sign):
        numbers = [number for number in counts[sign] if number]
        usual = max(set(numbers), key=numbers.count) if numbers else 0
        return numbers.count(usual) * min(usual, 20), usual

    return max(',;\t|，', key=fits)


def _read_html(data):
    """Read the tables of a web page, the largest first."""
    from lxml import etree, html  # noqa: PLC0415  only such files need it
    text, encoding = decoded(data)
    if b'charset=gb' in data[:4096].lower():
        text, encoding = data.decode('gb18030', 'replace'), 'gb18030'
    try:
        page = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding='utf-8'))
    except etree.LxmlError as error:
        raise Unreadable('broken') from error
    sheets = []
    for table in page.iter('table'):
        rows, merges = [], []
        for number, line in enumerate(table.iter('tr'), 1):
            cells = []
            for cell in line.iter('td', 'th'):
                width = min(int(cell.get('colspan') or 1), MOST_COLUMNS) if (cell.get('colspan') or '1').isdigit() else 1
                if width > 1:
                    merges.append((number, len(cells), number, len(cells) + width - 1))
                cells += [' '.join(cell.text_content().split()) or None] + [None] * (width - 1)
            if cells := _trimmed(cells[:MOST_COLUMNS]):
                rows.append(Row(number, cells))
        sheets.append(Sheet('', rows, merges))
    return Book('html', sorted(sheets, key=lambda sheet: -len(sheet.rows)), encoding=encoding)


# ------------------------------------------------------------
# VALUES
# ------------------------------------------------------------

def whole(number: float) -> float:
    """Return a number without a fraction as an integer, as long as that says no more than the number does.

    >>> whole(13800138000.0), whole(2.5)
    (13800138000, 2.5)
    """
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else number


def from_serial(number: float, date1904: bool = False) -> datetime.datetime | datetime.time:
    """Return the day and time that a workbook keeps as a number; a time where it is less than a day.

    >>> from_serial(46000.5), from_serial(44538, date1904=True), from_serial(0.25)
    (datetime.datetime(2025, 12, 9, 12, 0), datetime.datetime(2025, 12, 9, 0, 0), datetime.time(6, 0))

    :raises ValueError: where there is no such day
    :raises OverflowError: as well
    """
    if 0 <= number < 1:
        seconds = round(number * 86400) % 86400
        return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if date1904:
        start = datetime.datetime(1904, 1, 1)
    else:
        # the program takes 1900 for a leap year
        start = datetime.datetime(1899, 12, 30) if number >= 60 else datetime.datetime(1899, 12, 31)
    day = int(number)
    return start + datetime.timedelta(days=day, seconds=round((number - day) * 86400))


def _trimmed(cells):
    """Return cells as a list without the empty ones at its end."""
    cells = list(cells)
    while cells and (cells[-1] is None or isinstance(cells[-1], str) and not cells[-1].strip()):
        cells.pop()
    return cells
