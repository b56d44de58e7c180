"""What a warning can foretell."""
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class WarningEvent(NamedTuple):
    """What may happen to a customer in the days after a warning (HEA-3): rules say which of these they foretell, and are held
    against how often it happens anyway.

    Other wings and addons add theirs by extending ``customer.warning.base._events``.

    :param label: what happens, translated: "No order comes"
    :param sql: function of three arguments to SQL with the columns ``partner_id``, ``day`` and ``happened`` (bool): whether it
        happened in the days after ``day``, a row for each customer to whom it could. The arguments: SQL naming a relation of
        days asked about, with the columns ``partner_id`` and ``day``, of which the first is null where all customers are asked
        about; how many days after; and ids of the customers asked about, or None for all
    :param record: function of the numbers ``judged``, ``precision``, ``base`` (percent) and ``days`` to a translated sentence
        about a rule's warnings
    """

    label: str
    sql: Callable
    record: Callable
