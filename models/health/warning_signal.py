"""What a warning can be raised by."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Signal:
    """A signal of warnings: what the rules of one kind look at (HEA-3).

    Other wings and addons add theirs by extending ``customer.warning.rule._signals``.

    :param label: name of the signal, translated
    :param unit: what the threshold of its rules is counted in, translated
    :param sql: function of a rule and ids of customers (None: all) to SQL with the columns ``partner_id``, ``met``,
        ``cleared`` (both bool; both false: neither), ``value`` (numeric) and ``detail`` (jsonb: what the sentence needs).
        A customer about whom nothing is known has no row. With a text ``event`` in its detail the row is about something
        that happened once, for which only one warning is ever raised
    :param describe: function of a warning to a translated sentence that says what happened
    :param margin: its rules end by a margin: the warning ends by itself so far above the threshold
    :param window: its rules look back a number of days
    :param threshold: its rules have a threshold at all
    :param source: the source of the health measures that it warns of. What falls because of them alone needs no warning from
        the score besides
    :param absent_clears: a customer without a row has nothing of this kind (any more), so that its warning ends
    :param fact: of the catalogue that it looks at, see ``customer.fact``
    :param comparison: its rules say whether the threshold is the least or the most
    """

    label: str
    unit: str
    sql: Callable
    describe: Callable
    margin: bool = False
    window: bool = False
    threshold: bool = True
    source: str = ''
    absent_clears: bool = False
    fact: str = ''
    comparison: bool = False
