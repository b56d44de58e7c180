"""The table in a sheet: which row names the columns, what belongs to it and what is a title, a sum or an empty line, and which
column means what.
"""
from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from .sheet_book import Row, Sheet, Unreadable

#: The heading stands among the first rows, or there is none.
SEARCHED = 40

#: With fewer known words a row is taken for a heading only where nothing speaks for another.
ENOUGH = 2

SUMS = re.compile(
    r'(合计|合計|小计|小計|总计|總計|汇总|彙總|共计|共計|累计|累計|平均|(grand)?totals?$|subtotal|sum$|summe$)', re.IGNORECASE)
EXAMPLES = re.compile(r'(示例|範例|范例|样例|例[:：]|例如|example)', re.IGNORECASE)
MONTHS = re.compile(
    r'(\d{2,4}年)?\d{1,2}月(份)?|\d{4}(年(度)?)?|(第)?[一二三四1-4]季度|q[1-4]([ -]?\d{4})?'
    r'|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?( ?\d{4})?', re.IGNORECASE)
TICKS = re.compile(r'[□☐☑☒]')
BRACKETS = re.compile(r'[(\[【〔<《][^)\]】〕>》]*[)\]】〕>》]')
NO_WORD = re.compile(r'[\W_]+')


class Line(NamedTuple):
    """A row of the table.

    :param number: as the program shows it
    :param cells: one for each column
    """

    number: int
    cells: list[Any]


class Table(NamedTuple):
    """A table.

    :param header: number of the row that names the columns, the last one where several do
    :param labels: how each column is called, as it stands there
    :param names: for each column the words it may be known by, the most telling first
    :param lines: what stands below
    :param skipped: how many rows were left out, by why: ``sum``, ``section``, ``repeated``, ``example``, ``hidden``
    """

    header: int
    labels: list[str]
    names: list[list[str]]
    lines: list[Line]
    skipped: Counter


def shown(value: Any) -> str:
    """Return what stands in a cell as a text on one line, days in the way every program reads.

    >>> shown(13800138000.0), shown(datetime(2026, 11, 3)), shown(None), shown('  a\\n b')
    ('13800138000', '2026-11-03', '', 'a b')
    """
    if value is None:
        return ''
    if isinstance(value, bool):
        return 'TRUE' if value else 'FALSE'
    if isinstance(value, datetime):
        return value.strftime('%Y-%m-%d' if value.time() == time() else '%Y-%m-%d %H:%M')
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return ' '.join(cleaned(str(getattr(value, 'code', value))).split())


def cleaned(text: str) -> str:
    """Return a text without what nobody sees: zero-width signs, blanks of other widths, blanks at its ends.

    >>> cleaned('\\ufeff\\u3000华信\\u00a0贸易\\u200b ')
    '华信 贸易'
    """
    if text.isprintable():
        return text.strip()
    chars = []
    for char in text:
        kind = unicodedata.category(char)
        if kind == 'Zs':
            chars.append(' ')
        elif char in '\r\n\t' or kind not in ('Cf', 'Cc', 'Cs'):
            chars.append(char)
    return ''.join(chars).replace('\r\n', '\n').replace('\r', '\n').strip()


@lru_cache(maxsize=10000)
def plain(text: str) -> str:
    """Return a heading as it is compared: small, without blanks, signs and remarks in brackets.

    >>> plain(' 下次\\n跟进时间（必填）* '), plain('Ｎｅｘｔ Contact'), plain('(备注)')
    ('下次跟进时间', 'nextcontact', '备注')
    """
    text = unicodedata.normalize('NFKC', cleaned(text)).casefold()
    return NO_WORD.sub('', BRACKETS.sub('', text)) or NO_WORD.sub('', text)


def find(sheet: Sheet, known: Callable[[str], bool], header: int = 0, hidden: bool = True) -> Table:
    """Find the table of a sheet.

    :param known: whether a plain word names a column
    :param header: number of the row that names the columns, where somebody said so
    :param hidden: whether hidden rows belong to it
    :raises Unreadable: ``form`` where it is a form to be filled in by hand, ``header`` where there is no heading, ``rows``
        where nothing stands below it
    """
    merged = _Merged(sheet)
    index = next((place for place, row in enumerate(sheet.rows) if row.number == header), None)
    if index is None:
        index = _header(sheet, merged, known)
    labels, names, last = _labels(sheet, merged, index, known, bool(header))
    skipped, lines = Counter(), []
    for row in sheet.rows[last + 1:]:
        if row.hidden and not hidden:
            skipped['hidden'] += 1
            continue
        cells = merged.filled(row, len(labels))
        if why := _no_line(row, cells, labels, merged):
            skipped[why] += 1
        elif any(shown(cell) for cell in cells):
            lines.append(Line(row.number, cells))
    if not lines:
        raise Unreadable('rows')
    return Table(sheet.rows[last].number, labels, names, lines, skipped)


class _Merged:
    """What stands in merged cells."""

    def __init__(self, sheet):
        values = {}
        rows = {row.number: row for row in sheet.rows}
        self.spans, self.across, self.down = {}, {}, {}
        for first, left, last, right in sheet.merges:
            row = rows.get(first)
            value = row.cells[left] if row and left < len(row.cells) else None
            self.spans[first, left] = last, right
            if right > left:
                for column in range(left, min(right, left + 500) + 1):
                    self.across[first, column] = value
            if last > first and last - first < 5000:  # a whole column that is merged says nothing of a row
                for number in range(first + 1, last + 1):
                    values[number, left] = value
                    self.down[number, left] = first
        self.values = values

    def filled(self, row, width):
        """Return the cells of a row, with what stands in those that are merged downwards."""
        cells = [*row.cells[:width], *[None] * (width - len(row.cells))]
        return [self.values.get((row.number, place)) if cell is None else cell for place, cell in enumerate(cells)]


def _header(sheet, merged, known):
    """Return the place of the row that names the columns."""
    best, score = None, 0
    for place, row in enumerate(sheet.rows[:SEARCHED]):
        words = {plain(shown(cell)) for cell in row.cells if isinstance(cell, str)} - {''}
        found = sum(known(word) for word in words)
        if found > score:
            best, score = place, found
    if score < ENOUGH and _is_form(sheet):
        raise Unreadable('form')
    if best is not None and (score >= ENOUGH or max(len(row.cells) for row in sheet.rows) <= 2):
        return best
    for place, row in enumerate(sheet.rows[:SEARCHED]):
        texts = [cell for cell in row.cells if isinstance(cell, str) and 0 < len(cell.strip()) < 30]
        if len(texts) >= 2 and len(texts) == sum(cell is not None for cell in row.cells) == len(set(texts)):
            return place
    raise Unreadable('header')


def _is_form(sheet):
    """Return whether a sheet is a form for one customer, to be filled in by hand."""
    ticks = labels = rounds = 0
    for row in sheet.rows[:SEARCHED]:
        for cell in row.cells:
            text = shown(cell)
            ticks += len(TICKS.findall(text))
            labels += bool(re.fullmatch(r'[^:：]{1,12}[:：]\s*', text))
            rounds += bool(re.match(r'第[一二三四五1-5]次', text))
    return ticks >= 2 or labels >= 4 or rounds >= 2


def _labels(sheet, merged, index, known, chosen):
    """Return labels, names and the place of the last row of the heading.

    Above or below the row with most of the words may stand another one: groups of columns over them, or columns under a group.
    """
    row = sheet.rows[index]
    upper, lower = None, row
    following = sheet.rows[index + 1] if index + 1 < len(sheet.rows) else None
    before = sheet.rows[index - 1] if index else None
    if following and not chosen and _under(row, following, merged, known):
        upper, lower, index = row, following, index + 1
    elif before and sum(1 for (number, __) in merged.spans if number == before.number) > 1:
        upper = before
    width = max(len(lower.cells), len(upper.cells) if upper else 0)
    labels, names = [], []
    for column in range(width):
        own = shown(lower.cells[column]) if column < len(lower.cells) else ''
        over = ''
        if upper:
            value = upper.cells[column] if column < len(upper.cells) else None
            over = shown(merged.across.get((upper.number, column)) if value is None else value)
        words = [over + own, own, over] if over and own else [own or over]
        labels.append(f'{over} / {own}' if over and own and over != own else own or over)
        names.append([word for word in dict.fromkeys(map(plain, words)) if word])
    return labels, names, index


def _under(row, following, merged, known):
    """Return whether the next row names the columns of a group in this one."""
    if following.number != row.number + 1:
        return False
    texts = [(place, cell) for place, cell in enumerate(following.cells) if cell is not None]
    return bool(texts) and all(isinstance(cell, str) for __, cell in texts) and all(
        (row.number, place) in merged.across for place, __ in texts) and any(known(plain(shown(cell))) for __, cell in texts)


def _no_line(row: Row, cells, labels, merged):
    """Return why a row is none of the table, or ''."""
    texts = [shown(cell) for cell in cells]
    filled = [text for text in texts if text]
    if not filled:
        return ''
    if SUMS.match(plain(filled[0])) and (len(filled[0]) < 12):
        return 'sum'
    if EXAMPLES.match(filled[0]):
        return 'example'
    same = sum(plain(text) == plain(label) for text, label in zip(texts, labels, strict=True) if text)
    if len(filled) >= 2 and same >= .6 * len(filled):
        return 'repeated'
    across = any((row.number, place) in merged.across and right - place >= 2
                 for place, (__, right) in ((column, merged.spans.get((row.number, column), (0, 0)))
                                            for column in range(len(cells))))
    if len(set(filled)) == 1 and len(labels) > 2 and (across or MONTHS.fullmatch(filled[0].replace(' ', ''))):
        return 'section'
    return ''


def match(names: Iterable[list[str]], words: dict[str, list[str]]) -> list[str | None]:
    """Return for each column what it means, each meaning once: what is called exactly so comes first, then what has the
    longest known word in its name.

    :param names: see :class:`Table`
    :param words: the meanings of each plain word, the likeliest first

    >>> match([['客户名称'], ['最近一次跟进时间'], ['客户名称']], {'客户名称': ['customer'], '跟进时间': ['day']})
    ['customer', 'day', None]
    """
    names = list(names)
    found: list[str | None] = [None] * len(names)
    taken = set()

    def take(place, meanings):
        meaning = next((one for one in meanings if one not in taken), None)
        if found[place] is None and meaning:
            found[place] = meaning
            taken.add(meaning)

    for rank in range(max(map(len, names), default=0)):
        for place, own in enumerate(names):
            if rank < len(own) and own[rank] in words:
                take(place, words[own[rank]])
    contained = []
    for place, own in enumerate(names):
        if found[place] is None:
            contained += [
                (-len(word), place, word) for name in own[:1] for word in words
                if len(word) >= (5 if word.isascii() else 2) and word in name and len(name) <= 4 * len(word)]
    for __, place, word in sorted(contained):
        take(place, words[word])
    return found
