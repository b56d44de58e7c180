"""What Odoo itself can count of customers."""
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class ReadingSource(NamedTuple):
    """Where the readings of a metric come from when Odoo counts them itself (HEA-5).

    Other wings and addons add theirs by extending ``customer.reading.taker._sources``.

    :param label: what is counted, translated
    :param app: technical name of the app that knows it
    :param needs: a field that is there with the app, and only with it: ``res.users.log.create_uid``
    :param sql: function of a moment in UTC to SQL with what happened from then on, a row each. Columns: ``partner_id`` of
        whoever did it, may be null; ``email`` of that person, in small letters, asked where the partner is no customer or
        there is none; ``moment`` in UTC, or the ``day`` where that is no matter of the customer's clock; ``company_id`` with
        which it happened, null where that is not known; ``key``, a text: rows with the same one are counted once a day
    :param forgets: the app deletes what it knew, so that what was counted once stays
    """

    label: str
    app: str
    needs: str
    sql: Callable
    forgets: bool = False
