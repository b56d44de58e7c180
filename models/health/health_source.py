from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..base.customer_fact import Fact


class Source(NamedTuple):
    """Where the values of a health measure come from; see ``customer.health.measure._sources``.

    :param label: what it is called, translated
    :param unit: what a value counts, translated: "days", "%"
    :param minimum: the smallest possible value, at which the lowest band has to begin at the latest; None for no limit
    :param sql: ``sql(measure, partner_ids) -> odoo.tools.SQL``
    :param describe: ``describe(measure, value, as_of) -> str``
    :param fact: of the catalogue, where it is one
    """

    label: str
    unit: str
    minimum: float | None
    sql: Callable
    describe: Callable
    fact: Fact | None = None
