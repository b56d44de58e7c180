"""What printed sheets are made of: parts with a heading, columns and lines, the same on paper, on screen and in a workbook."""
from __future__ import annotations

from datetime import date
from typing import NamedTuple

from odoo.tools import format_date
from odoo.tools.misc import formatLang


class Figure(NamedTuple):
    """A number with what it counts.

    :param value: the number, None where it is not known
    :param unit: one of the units of facts: ``percent``, ``days``, ``count``, ``money`` or ``points``
    """

    value: float | None
    unit: str = 'count'


class Part(NamedTuple):
    """A part of a sheet.

    :param key: what it is called in code
    :param title: its heading, in the reader's language
    :param heads: headings of the columns
    :param rows: lines of as many cells: text, numbers, days, :class:`Figure`, or None for nothing
    :param note: what is to be known of it, above the lines
    :param nothing: what is said where there is no line; empty: the part is left out then
    """

    key: str
    title: str
    heads: tuple[str, ...] = ()
    rows: tuple | list = ()
    note: str = ''
    nothing: str = ''


def cell_text(env, cell):
    """Return a cell as people read it."""
    if cell is None or cell is False:
        return ''
    if isinstance(cell, Figure):
        return '' if cell.value is None else env['customer.fact']._format(cell.value, cell.unit)
    if isinstance(cell, date):
        return format_date(env, cell)
    if isinstance(cell, int | float):
        return formatLang(env, cell, digits=0 if cell == int(cell) else 1)
    return cell


def is_number(cell):
    """Return whether a cell is a number, which stands at the end of its column."""
    return isinstance(cell, int | float | Figure) and not isinstance(cell, bool)
