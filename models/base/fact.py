"""What can be known of a customer, and of which days: the words in which facts are asked and answer."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

#: What values are counted in; whoever shows them says it in these words.
UNITS = [('percent', "%"), ('days', "days"), ('count', "number"), ('money', "amount"), ('points', "points")]

#: What a fact may say of a span besides its value, with the column's type.
EXTRAS = {'day': SQL("date"), 'res_id': SQL("int"), 'count': SQL("int"), 'detail': SQL("jsonb")}


class Span(NamedTuple):
    """Days of a customer that a fact is asked about.

    :param key: whatever tells the caller which span it is; unique among the spans of one call
    :param partner_id: the customer
    :param start: first day
    :param stop: last day
    """

    key: int
    partner_id: int
    start: date
    stop: date


class Found(NamedTuple):
    """What a fact says of a span.

    :param value: in the fact's unit
    :param day: the day that it is of, None where the fact gives none
    :param res_id: the record of the fact's model that it is about
    :param count: of how many orders, talks, … it is
    :param detail: what the sentence needs besides
    """

    value: float | None
    day: date | None = None
    res_id: int | None = None
    count: int | None = None
    detail: dict | None = None


class Spans(NamedTuple):
    """The spans that a fact is asked about, as SQL finds them.

    :param table: SQL naming a relation with the columns ``id``, ``partner_id`` (a customer, which is a commercial partner),
        ``start`` and ``stop`` (the first and the last day, both included), and ``running`` (``stop`` is today, and more days
        are to come). Spans of the same customer may overlap, and none reaches beyond today
    :param partner_ids: ids of their customers, None for all
    :param kept: they stand in the tables of the runner, so that what several facts look at is looked up once
    """

    table: SQL
    partner_ids: list | None = None
    kept: bool = False


class Use(NamedTuple):
    """Somebody who looks at a fact.

    :param fact: its name
    :param reader: what kind of rule it is, translated: "KPI"
    :param name: of the rule
    :param problem: why it was set aside, if it was
    """

    fact: str
    reader: str
    name: str
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that can be known of a customer, said once for whoever asks: health measures, warning rules, KPIs, next best
    actions and reviews; see :meth:`CustomerFact._facts`.

    :param label: what it is called, translated
    :param unit: what a value counts, one of :data:`UNITS`
    :param counted: the unit in words, where those of :data:`UNITS` say less: "people"; translated
    :param better: ``higher`` or ``lower``; None where neither is
    :param sql: ``sql(spans, options) -> odoo.tools.SQL``: ``span_id``, ``value`` and the columns named in :attr:`gives`, a row
        for each span whose value is known, and none for the others
    :param say: ``say(found, options) -> str``, a translated sentence: "3 complaints in 90 days, the last one on March 3"
    :param gives: what it says besides the value, of :data:`EXTRAS`
    :param tells: what of that its sentence needs, all of it by default. Whoever kept less says the value plainly
    :param options: names of what it wants to know of whoever asks; it is offered where all of them are fields. Besides these,
        every reader says ``window_days``, how many days it asks about, ``today`` and, where it has one, its ``threshold``
    :param minimum: the smallest possible value; None for no limit
    :param additive: the value grows over the days, so that half of the days owe half of a target
    :param past: it can be asked about days gone by; else it knows what holds today, whatever days are asked about
    :param period: it looks at the days of the span; else at its last day alone
    :param nothing: a customer without a row has nothing of it, so that a warning of it is over; else nothing is known
    :param once: what :attr:`res_id` names happened once, and raises one warning only, however long it stands
    :param model: of the record that ``res_id`` is the id of
    :param open: ``open(partner, found) -> dict``, the action that one click opens; None to log a contact
    :param contacts: that means getting in touch, so it is not proposed while contacts are paused or stopped
    :param review: reviews tell it: ``success``, ``shortfall`` or ``point``; empty where they don't
    :param needs: a model, or a field of one, that is there with an app and only with it: ``helpdesk.ticket``
    """

    label: str
    sql: Callable
    say: Callable
    unit: str = 'count'
    counted: str = ''
    better: str | None = None
    gives: tuple[str, ...] = ()
    tells: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()
    minimum: float | None = None
    additive: bool = False
    past: bool = True
    period: bool = True
    nothing: bool = False
    once: bool = False
    model: str = 'res.partner'
    open: Callable | None = None
    contacts: bool = True
    review: str = ''
    needs: str = ''

    def columns(self, query, *names):
        """Return SQL that selects the span's id, the value and some of what it says besides, NULL where it says nothing.

        :param SQL query: what :attr:`sql` returned
        :param str names: of :data:`EXTRAS`
        """
        extras = [
            SQL.identifier('f', name) if name in self.gives else SQL("NULL::%s AS %s", EXTRAS[name], SQL.identifier(name))
            for name in names]
        return SQL("SELECT %s FROM (%s) AS f", SQL(", ").join([SQL("f.span_id"), SQL("f.value"), *extras]), query)


def array(values):
    """Return numbers as the text of a PostgreSQL array: of many, it is read far quicker than a list of constants.

    :param values: numbers, booleans and None
    """
    return f'{{{",".join("NULL" if value is None else str(value) for value in values)}}}'
