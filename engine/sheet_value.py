"""Phone numbers, names and numbers as they stand in sheets: what a spreadsheet made of them is mended where nothing was lost, and
refused where it was."""
from __future__ import annotations

import re
import unicodedata
from typing import Any

from . import phones
from .sheet_book import Broken
from .sheet_table import cleaned, shown

#: A spreadsheet keeps so many digits of a number.
KEPT_DIGITS = 15

PEOPLE = re.compile(r'[/、,，;；&+＋|\n]|\band\b|和|与')
NUMBER = re.compile(r'[^\d.,\-+%万千亿wWkK]')
TIMES = {'万': 10_000, 'w': 10_000, '千': 1000, 'k': 1000, '亿': 100_000_000}


class Refused(ValueError):
    """A value that can't be taken.

    :param kind: why: ``broken``, ``lost_digits``, ``phone``, ``number``
    """

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def text(value: Any) -> str:
    """Return a text, with its line breaks.

    >>> text(' 华信\\u200b贸易 '), text(3.0), text(None)
    ('华信贸易', '3', '')

    :raises Refused: where a formula gives no value
    """
    if isinstance(value, Broken):
        raise Refused('broken')
    return cleaned(value) if isinstance(value, str) else shown(value)


def line(value: Any) -> str:
    """Return a text on one line; see :func:`text`."""
    return ' '.join(text(value).split())


def phone(value: Any) -> str:
    """Return a phone number as it was typed.

    >>> phone(13800138000.0), phone("'138 0013 8000"), phone('１３８００１３８０００')
    ('13800138000', '138 0013 8000', '13800138000')

    :raises Refused: where digits were lost
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and (
            abs(value) >= 10 ** KEPT_DIGITS or value != int(value) or value < 0):
        raise Refused('lost_digits')
    typed = unicodedata.normalize('NFKC', text(value)).lstrip("'`’‘ ").strip()
    typed = '\n'.join(part.strip() for part in typed.split('\n') if part.strip())
    typed = phones.mended(typed)
    if phones.lost_digits(typed) or re.fullmatch(r'\d{16,}', typed):
        raise Refused('lost_digits')
    return ' / '.join(typed.split('\n')) if re.search(r'\d', typed) else ''


def number(value: Any) -> float | None:
    """Return a number: with thousands parted, as a share, in units of ten thousand; None where nothing stands.

    >>> number('1,234.5'), number('12.5万'), number('85%'), number('￥ 3,000 元'), number(' ')
    (1234.5, 125000.0, 85.0, 3000.0, None)

    :raises Refused: where it is none
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    typed = NUMBER.sub('', unicodedata.normalize('NFKC', text(value))).lower()
    if not typed:
        return None
    found = re.fullmatch(r'([-+]?[\d.,]*\d[\d.,]*)([万千亿wk])?%?', typed)
    if not found:
        raise Refused('number')
    digits = found[1]
    if re.fullmatch(r'[-+]?\d{1,3}(\.\d{3})+,\d{1,2}|[-+]?\d+,\d{1,2}', digits):
        digits = digits.replace('.', '').replace(',', '.')
    try:
        return float(digits.replace(',', '')) * TIMES.get(found[2], 1)
    except ValueError as error:
        raise Refused('number') from error


def people(value: Any) -> list[str]:
    """Return the names in a cell.

    >>> people('张三/李四'), people(' Wei Chen '), people(None)
    (['张三', '李四'], ['Wei Chen'], [])
    """
    return [name for name in (' '.join(part.split()) for part in PEOPLE.split(text(value))) if name]


def similar(one: str, other: str) -> bool:
    """Return whether a text may be another one that somebody went on with: one begins as the other, or most words are the same.

    >>> similar('要报价', '要报价，下周再谈'), similar('要报价', '投诉交期'), similar('', '要报价')
    (True, False, True)
    """
    one, other = (re.sub(r'[\W_]+', '', text.casefold()) for text in (one, other))
    if not one or not other or one.startswith(other) or other.startswith(one):
        return True
    pairs, others = ({text[place:place + 2] for place in range(len(text) - 1)} for text in (one, other))
    return 2 * len(pairs & others) > len(pairs | others)
