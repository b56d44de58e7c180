"""XLSX, read from its own XML: see :mod:`sheet_book`."""
from __future__ import annotations

import re

from .sheet_book import MOST_COLUMNS, MOST_ROWS, Book, Broken, Row, Sheet, Unreadable, _trimmed, from_serial, whole

#: Numbers of formats that show a day or a time, the East Asian ones included.
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})

_NO_SIGN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_REFERENCE = re.compile(r'\$?([A-Z]{1,3})\$?(\d+)')
_ESCAPED = re.compile(r'_x([0-9A-Fa-f]{4})_')


def read(archive) -> Book:
    """Read a workbook.

    :param archive: the opened ZipFile
    :raises Unreadable: where it is none, or too large
    """
    try:
        from lxml import etree  # noqa: PLC0415  only such files need it
    except ImportError as error:
        raise Unreadable('library', 'lxml') from error
    try:
        return _Reader(archive, etree).book()
    except etree.XMLSyntaxError as error:
        raise Unreadable('broken') from error


class _Reader:
    """Reads one workbook, part by part."""

    def __init__(self, archive, etree):
        self.archive, self.etree = archive, etree
        self.names = {name.lower().lstrip('/'): name for name in archive.namelist()}
        self.date1904, self.texts, self.dates = False, [], frozenset()

    def book(self):
        """Return the workbook."""
        path = next(name for name in self.names if name.endswith('workbook.xml'))
        folder = path.rpartition('/')[0]
        root = self._parsed(path)
        self.date1904 = any(
            node.get('date1904') in ('1', 'true') for node in root.iter('{*}workbookPr'))
        self.texts = self._shared(folder)
        self.dates = self._date_styles(folder)
        targets = {node.get('Id'): node.get('Target') for node in self._parsed(
            f'{folder}/_rels/workbook.xml.rels' if folder else '_rels/workbook.xml.rels').iter('{*}Relationship')}
        sheets = []
        for node in root.iter('{*}sheet'):
            relation = next((value for name, value in node.attrib.items() if name.endswith('}id')), None)
            target = (targets.get(relation) or '').lstrip('/')
            full = target if target.lower() in self.names else f'{folder}/{target}'
            if full.lower() in self.names and 'chartsheet' not in full.lower():
                sheets.append(self._sheet(full, node.get('name') or '', node.get('state') in ('hidden', 'veryHidden')))
        return Book('xlsx', sheets, self.date1904)

    def _open(self, path):
        return self.archive.open(self.names[path.lower()])

    def _parsed(self, path):
        with self._open(path) as stream:
            return self.etree.parse(stream, self.etree.XMLParser(resolve_entities=False, no_network=True)).getroot()

    def _shared(self, folder):
        """Return the texts that cells refer to."""
        path = f'{folder}/sharedStrings.xml' if folder else 'sharedStrings.xml'
        if path.lower() not in self.names:
            return []
        texts = []
        with self._open(path) as stream:
            for __, node in self.etree.iterparse(stream, tag='{*}si', resolve_entities=False, no_network=True):
                texts.append(self._text(node))
                node.clear()
        return texts

    def _text(self, node):
        """Return a text with its differently written parts, without how it is pronounced."""
        parts = [part.text or '' for part in node.iter('{*}t') if not part.getparent().tag.endswith('}rPh')]
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), ''.join(parts))

    def _date_styles(self, folder):
        """Return the numbers of the styles that show a day or a time."""
        path = f'{folder}/styles.xml' if folder else 'styles.xml'
        if path.lower() not in self.names:
            return frozenset()
        root = self._parsed(path)
        own = {node.get('numFmtId'): node.get('formatCode') or '' for node in root.iter('{*}numFmt')}
        styles = set()
        for formats in root.iter('{*}cellXfs'):
            for number, node in enumerate(formats.iter('{*}xf')):
                format_id = node.get('numFmtId') or '0'
                shown = own.get(format_id)
                if self._shows_a_day(shown) if shown is not None else format_id.isdigit() and int(format_id) in DATE_FORMATS:
                    styles.add(str(number))
        return frozenset(styles)

    @staticmethod
    def _shows_a_day(code):
        return bool(re.search(r'[ymdhs]', _NO_SIGN.sub('', code.partition(';')[0]).lower().replace('general', '')))

    def _sheet(self, path, name, hidden):
        """Return one sheet."""
        rows, merges, number = [], [], 0
        with self._open(path) as stream:
            for __, node in self.etree.iterparse(
                    stream, tag=('{*}row', '{*}mergeCell'), resolve_entities=False, no_network=True):
                if node.tag.endswith('}mergeCell'):
                    merges += self._merged(node.get('ref') or '')
                else:
                    number = int(node.get('r') or number + 1)
                    if cells := self._cells(node):
                        rows.append(Row(number, cells, node.get('hidden') in ('1', 'true')))
                        if len(rows) > MOST_ROWS:
                            raise Unreadable('large')
                node.clear()
                while node.getprevious() is not None:
                    del node.getparent()[0]
        return Sheet(name, rows, merges, hidden)

    @staticmethod
    def _merged(reference):
        corners = [_place(corner) for corner in _REFERENCE.findall(reference)]
        if len(corners) != 2:
            return []
        (left, first), (right, last) = corners
        return [(first, left, last, right)]

    def _cells(self, row):
        cells = []
        for node in row.iterchildren('{*}c'):
            found = _REFERENCE.match(node.get('r') or '')
            column = _place(found.groups())[0] if found else len(cells)
            if column >= MOST_COLUMNS:
                break
            value = self._value(node)
            if value is not None:
                cells += [None] * (column + 1 - len(cells))
                cells[column] = value
            elif not found:
                cells.append(None)
        return _trimmed(cells)

    def _value(self, node):
        kind, value, formula = node.get('t'), None, False
        for part in node:
            tag = part.tag.rpartition('}')[2]
            if tag == 'v':
                value = part.text
            elif tag == 'is':
                return self._text(part) or None
            elif tag == 'f':
                formula = True
        if value is None or value == '':
            return Broken('') if formula and kind != 'str' else None
        if kind == 's':
            return self.texts[int(value)] or None
        if kind == 'e':
            return Broken(value)
        if kind == 'b':
            return value in ('1', 'true')
        if kind in ('str', 'd'):
            return value
        return self._number(value, node.get('s'))

    def _number(self, text, style):
        """Return a number, or the day that its style shows."""
        try:
            number = float(text)
        except ValueError:
            return text
        if style in self.dates:
            try:
                return from_serial(number, self.date1904)
            except (OverflowError, ValueError):
                return whole(number)
        # what has no point is kept as it stands: a float has no more than fifteen digits
        return int(text) if text.lstrip('-').isdigit() else whole(number)


def _place(found):
    """Return column, from 0 on, and row of a reference.

    >>> _place(('A', '1')), _place(('AB', '12'))
    ((0, 1), (27, 12))
    """
    column = 0
    for letter in found[0]:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(found[1])
