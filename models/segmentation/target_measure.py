"""What a target of a tier is held against; see ``customer.target.measurer._measures``."""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

#: The table of the periods: ``id``, ``start``, ``stop``, and ``before_id``, that of the period before it.
WINDOWS = SQL("customer_target_window")

#: The table of the customers that a period begins with: ``window_id``, ``partner_id``.
MEMBERS = SQL("customer_target_member")


class Window(NamedTuple):
    """A period of a target.

    :param id: unique among the periods that are measured together
    :param start: first day
    :param stop: last day
    :param before_id: id of the equally long period before it, None where that is not asked for
    """

    id: int
    start: date
    stop: date
    before_id: int | None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A figure of a tier over a period.

    :param label: what it is called, translated
    :param definition: in words what is divided by what, translated; the docstring of the method behind :attr:`sql` says the
        same for who reads the code
    :param counted: what :attr:`n` counts, translated: "customers"
    :param sql: ``sql(target) -> SQL`` with a row for each period of :data:`WINDOWS` of which it is known: ``window_id``,
        ``value``, ``n`` (how many it rests on) and ``hits`` (how many of them make the value, or NULL)
    :param unit: see ``customer.fact``
    :param better: ``higher`` or ``lower``
    :param open: ``open(target, value) -> dict``, the action that shows who is behind a value; None for the customers that the
        period begins with
    """

    label: str
    definition: str
    counted: str
    sql: Callable
    unit: str = 'percent'
    better: str = 'higher'
    open: Callable | None = None
