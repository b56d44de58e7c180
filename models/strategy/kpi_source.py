from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..base.customer_fact import Fact, Span

__all__ = ['Actual', 'KpiSource', 'Span']


class KpiSource(NamedTuple):
    """Where the actual values of a KPI come from; see ``customer.kpi._sources``.

    :param label: what it is called, translated
    :param unit: one of the units of ``customer.kpi``; None where whoever makes the KPI says it
    :param better: ``higher`` or ``lower``, as proposed
    :param additive: whether the value grows over the days of a cycle, so that half a cycle owes half of the target
    :param sql: ``sql(kpi, spans) -> odoo.tools.SQL``, see ``customer.kpi._sources``; None where nothing is measured
    :param describe: ``describe(kpi, value, facts) -> str``, a translated sentence that says what was counted
    :param fact: of the catalogue, where it is one
    """

    label: str
    unit: str | None
    better: str | None
    additive: bool
    sql: Callable | None
    describe: Callable
    fact: Fact | None = None


class Actual(NamedTuple):
    """What a KPI was over a span.

    :param value: in the KPI's unit
    :param facts: how many orders, talks, … it rests on
    """

    value: float
    facts: int
