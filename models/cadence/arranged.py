"""What if cadences were meant for others, and customers stood elsewhere? (PLT-5)"""
from typing import NamedTuple

from odoo.tools import SQL


class Meant(NamedTuple):
    """Whom a cadence is meant for.

    :param tier_ids: ids of tiers
    :param segment_ids: ids of segments
    :param is_default: for whom no other one is meant
    """

    tier_ids: tuple
    segment_ids: tuple
    is_default: bool


class Arranged(NamedTuple):
    """Cadences, and the places of customers, as they would be: what if this was in force?

    :param on: customer.cadence, taken as active whether they are or not
    :param off: customer.cadence, taken as archived
    :param meant: :class:`Meant` by the id of a cadence, where that is another than today
    :param placed: SQL with the ``id`` of each customer and the ``tier_id`` and ``segment_id`` that it would have
    """

    on: object
    off: object
    meant: dict
    placed: SQL
