"""When the next touch of a customer is due.

All dates are calendar days (``datetime.date``); time zones are resolved before values come here.
"""
from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

ONE_DAY = datetime.timedelta(days=1)

UNITS = ('day', 'week', 'month', 'year')

#: Scatters customers, and the touchpoints of one customer, over the days of a first round: the golden ratio of 2³² days. Its
#: multiples are even over any length, whatever the distance from one customer's number to the next.
GOLDEN, ROUND = 2654435769, 2 ** 32


class Interval(NamedTuple):
    """A length of time between two touches.

    :param count: how many units, a whole number above 0
    :param unit: one of ``day``, ``week``, ``month``, ``year``
    """

    count: int
    unit: str

    def after(self, day: datetime.date) -> datetime.date:
        """Return the day this interval after ``day``.

        Months and years end on the last day of a shorter month (31 January + 1 month = 28 or 29 February), which is
        what PostgreSQL does with ``date + interval`` too.

        :raises ValueError: when the count is not above 0 or the unit is unknown
        """
        if self.count <= 0:
            raise ValueError("an interval must be longer than nothing")
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit {self.unit!r}")
        return day + relativedelta(**{f"{self.unit}s": self.count})


def spread(begins: datetime.date, interval: Interval, customer_id: int, step_id: int) -> datetime.date:
    """Return the day of a first round that is spread over one interval: one of the days after ``begins``, up to the one that is
    the interval away, always the same for the same customer and touchpoint.

    :param begins: the day from which the round counts
    """
    length = (interval.after(begins) - begins).days
    place = (customer_id + step_id) * GOLDEN % ROUND
    return begins + datetime.timedelta(days=place * length // ROUND + 1)


class Pause(NamedTuple):
    """A stretch of days in which the clock of a customer stands still.

    :param start: first paused day
    :param end: last paused day
    """

    start: datetime.date
    end: datetime.date


class Due(NamedTuple):
    """The outcome of :func:`next_due`.

    :param raw: anchor + interval, before anything was moved
    :param unpaused: ``raw`` after the pauses
    :param planned: the day to make the touch
    :param limit: the last day on which the touch is in time
    """

    raw: datetime.date
    unpaused: datetime.date
    planned: datetime.date
    limit: datetime.date


def merge_pauses(pauses: Iterable[Pause]) -> list[Pause]:
    """Return the pauses in order, overlapping and touching ones made one, empty ones left out."""
    merged: list[Pause] = []
    for pause in sorted(pause for pause in pauses if pause.end >= pause.start):
        if merged and pause.start <= merged[-1].end + ONE_DAY:
            merged[-1] = Pause(merged[-1].start, max(merged[-1].end, pause.end))
        else:
            merged.append(pause)
    return merged


def skip_pauses(
    anchor: datetime.date,
    due: datetime.date,
    pauses: Iterable[Pause],
    today: datetime.date,
) -> datetime.date:
    """Return the due day when paused days don't run.

    Every paused day after the anchor and up to the due day pushes the due day back by one. A touch that was already due
    when a pause began waits for the pause to end, and is due on the day after it; a pause that has not begun yet leaves
    what is due before it alone.

    :param anchor: the day the interval counts from
    :param due: anchor + interval
    :param pauses: the pauses of this customer, in any order
    :param today: the day the question is asked
    """
    for pause in merge_pauses(pauses):
        if pause.end <= anchor:
            continue
        if pause.start <= due:
            due += pause.end - max(pause.start, anchor + ONE_DAY) + ONE_DAY
        elif pause.start <= today:
            due = pause.end + ONE_DAY
    return due


def next_due(
    anchor: datetime.date,
    interval: Interval,
    *,
    grace_days: int = 0,
    not_before: datetime.date | None = None,
    pauses: Iterable[Pause] = (),
    today: datetime.date | None = None,
    move: Callable[[datetime.date], datetime.date] = lambda day: day,
) -> Due:
    """Return when the next touch is due, and until when it is in time.

    :param anchor: day of the last qualifying contact, or what stands for it (a skipped touch, the start)
    :param interval: the ideal interval of the touchpoint
    :param grace_days: how many days after the planned day the touch is still in time
    :param not_before: the rule applies since this day; the limit does not count days before it
    :param pauses: stretches in which the clock stands still
    :param today: the day the question is asked, needed with pauses
    :param move: gives the day itself, or the day to take instead (see :mod:`workdays`)
    """
    raw = interval.after(anchor)
    unpaused = skip_pauses(anchor, raw, pauses, today or raw)
    planned = move(unpaused)
    limit = max(planned, not_before or planned) + datetime.timedelta(days=grace_days)
    return Due(raw, unpaused, planned, limit)
