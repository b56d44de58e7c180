"""Clocks that run in working time: when something is due, how much of its time is used, and how that adds up.

Moments are naive ``datetime.datetime`` in UTC, as Odoo keeps them. Working hours are those of a wall clock somewhere: what it
shows decides, so the hour that daylight saving takes away is not worked, and the one that it gives twice is worked twice.
"""
from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .zones import day_in, local_time

ONE_DAY = datetime.timedelta(days=1)
ONE_MINUTE = datetime.timedelta(minutes=1)
NOTHING = datetime.timedelta()

#: Minutes of a day.
DAY_MINUTES = 24 * 60

#: A schedule by which nobody works in so many days is taken as one by which nobody ever works again.
LOOK_AHEAD_DAYS = 366

#: Nothing is due later than in so many days.
FAR_DAYS = 3660

Span = tuple[datetime.datetime, datetime.datetime]
OpenSpan = tuple[datetime.datetime, datetime.datetime | None]


class NeverWorksError(ValueError):
    """Nobody works by this schedule any more, so nothing that waits for working time is ever due."""


class Hours(NamedTuple):
    """A stretch of work on a weekday; a day may have several.

    :param weekday: 0 is Monday
    :param start: minutes after midnight
    :param end: minutes after midnight, at most 1440
    :param week: only in every second week: 0 or 1, see :func:`week_of`; None: in every week
    """

    weekday: int
    start: int
    end: int
    week: int | None = None


class Schedule(NamedTuple):
    """When somebody works.

    :param zone: name of the time zone in which the hours are meant
    :param hours: the stretches of work of a week
    :param closed: stretches in which nobody works, public holidays: moments in UTC
    """

    zone: str
    hours: tuple[Hours, ...]
    closed: tuple[Span, ...] = ()


class Plan(NamedTuple):
    """What :func:`plan` found, as data for a sentence.

    :param due: when the time is used up; None while somebody waits and nobody knows until when
    :param warn: when the share to warn at is used up; None as above
    :param pieces: the working time that would have been used, had nobody waited
    :param waits: the stretches of waiting that took working time away; the last one may have no end
    """

    due: datetime.datetime | None
    warn: datetime.datetime | None
    pieces: tuple[Span, ...]
    waits: tuple[OpenSpan, ...]


def around_the_clock(zone: str) -> Schedule:
    """Return the schedule of somebody who is always there."""
    return Schedule(zone, tuple(Hours(weekday, 0, DAY_MINUTES) for weekday in range(7)))


def whole_day(zone: str, day: datetime.date) -> Span:
    """Return when a day of a zone begins and when it is over.

    >>> whole_day('Asia/Shanghai', datetime.date(2026, 10, 1))
    (datetime.datetime(2026, 9, 30, 16, 0), datetime.datetime(2026, 10, 1, 16, 0))
    """
    spans = _day_spans(around_the_clock(zone), day)
    return spans[0][0], spans[-1][1]


def works_on(schedule: Schedule, day: datetime.date) -> bool:
    """Return whether somebody would work on a day, had it no holiday."""
    return bool(_day_spans(schedule, day))


def week_of(day: datetime.date) -> int:
    """Return which of two alternating weeks a day is in, 0 or 1, counted as Odoo does it.

    >>> week_of(datetime.date(2026, 11, 30)), week_of(datetime.date(2026, 12, 7))
    (1, 0)
    """
    return (day.toordinal() - 1) // 7 % 2


# ------------------------------------------------------------
# WORKING TIME
# ------------------------------------------------------------

def working(
    schedule: Schedule, start: datetime.datetime, end: datetime.datetime | None = None,
) -> Iterator[Span]:
    """Yield the working time from ``start`` on, in order, until ``end`` or for ever.

    :raises NeverWorksError: without an end, as soon as nobody works for :data:`LOOK_AHEAD_DAYS`, or after :data:`FAR_DAYS`
    """
    day, free = day_in(schedule.zone, start), 0
    closed = join(schedule.closed)
    for __ in range(FAR_DAYS if end is None else (end - start).days + 3):
        worked = False
        for span_start, span_end in _without(_day_spans(schedule, day), closed):
            span = max(span_start, start), span_end if end is None else min(span_end, end)
            if span[0] < span[1]:
                worked = True
                yield span
        free = 0 if worked else free + 1
        if end is None and free > LOOK_AHEAD_DAYS:
            break
        day += ONE_DAY
    if end is None:
        raise NeverWorksError("nobody works by this schedule any more")


def elapsed(
    schedule: Schedule, start: datetime.datetime, end: datetime.datetime, pauses: Iterable[OpenSpan] = (),
) -> datetime.timedelta:
    """Return the working time from ``start`` to ``end``, the pauses taken out; nothing where the end comes first."""
    if end <= start:
        return NOTHING
    return total(_without(working(schedule, start, end), _closed_pauses(pauses, end)))


def waited(
    schedule: Schedule, start: datetime.datetime, end: datetime.datetime, pauses: Iterable[OpenSpan],
) -> datetime.timedelta:
    """Return the working time that pauses took between two moments."""
    return elapsed(schedule, start, end) - elapsed(schedule, start, end, pauses)


def plan(
    schedule: Schedule, start: datetime.datetime, target: datetime.timedelta, pauses: Iterable[OpenSpan] = (),
    warn_share: float = 0.8,
) -> Plan:
    """Return when a clock is due that began at ``start``.

    :param target: the working time it gives
    :param pauses: stretches in which it stood still, in any order; the last one may have no end yet
    :param warn_share: the share of the target after which somebody is warned
    :raises NeverWorksError: when there is no such working time
    :raises ValueError: when a pause ends before it begins
    """
    pauses = _joined_pauses(pauses)
    pieces = tuple(join(_take(working(schedule, start), target)))
    due = _reach(schedule, start, target, pauses)
    warn = _reach(schedule, start, target * warn_share, pauses)
    waits = tuple(
        (max(pause_start, start), pause_end) for pause_start, pause_end in pauses
        if (due is None or pause_start < due) and (pause_end is None or pause_end > start)
        and (pause_end is None or elapsed(schedule, max(pause_start, start), pause_end)))
    return Plan(due, warn, pieces, waits)


def working_day_after(schedule: Schedule, day: datetime.date, count: int) -> datetime.date:
    """Return the day on which somebody works for the ``count``-th time after a day; that day itself for 0.

    :raises NeverWorksError: when nobody works by this schedule so often

    >>> week = Schedule('UTC', tuple(Hours(weekday, 540, 1020) for weekday in range(5)))
    >>> working_day_after(week, datetime.date(2026, 11, 27), 1)
    datetime.date(2026, 11, 30)
    """
    closed, free = join(schedule.closed), 0
    while count > 0:
        day += ONE_DAY
        worked = any(_without(_day_spans(schedule, day), closed))
        count, free = count - worked, 0 if worked else free + 1
        if free > LOOK_AHEAD_DAYS:
            raise NeverWorksError("nobody works by this schedule any more")
    return day


def end_of_work(schedule: Schedule, day: datetime.date) -> datetime.datetime:
    """Return when work ends on a day, or on the first working day after it.

    :raises NeverWorksError: when there is none
    """
    closed = join(schedule.closed)
    for offset in range(LOOK_AHEAD_DAYS + 1):
        if spans := list(_without(_day_spans(schedule, day + offset * ONE_DAY), closed)):
            return spans[-1][1]
    raise NeverWorksError("nobody works by this schedule any more")


# ------------------------------------------------------------
# SPANS
# ------------------------------------------------------------

def join(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, touching and overlapping ones made one, empty ones left out."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def total(spans: Iterable[Span]) -> datetime.timedelta:
    """Return how long spans are together."""
    return sum((end - start for start, end in spans), NOTHING)


def _without(spans: Iterable[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of spans; both are in order."""
    position = 0
    for start, end in spans:
        while position < len(taken) and taken[position][1] <= start:
            position += 1
        here = position
        while start < end and here < len(taken) and taken[here][0] < end:
            if start < taken[here][0]:
                yield start, taken[here][0]
            start = max(start, taken[here][1])
            here += 1
        if start < end:
            yield start, end


def _joined_pauses(pauses: Iterable[OpenSpan]) -> list[OpenSpan]:
    """Return pauses in order, overlapping ones made one; from the first one without an end on there is only that.

    :raises ValueError: when one ends before it begins
    """
    pauses = list(pauses)
    if any(end is not None and end < start for start, end in pauses):
        raise ValueError("a pause ends before it begins")
    last = datetime.datetime.max
    return [(start, None if end == last else end) for start, end in join((start, end or last) for start, end in pauses)]


def _closed_pauses(pauses: Iterable[OpenSpan], end: datetime.datetime) -> list[Span]:
    """Return pauses as spans; one without an end lasts until ``end``, or nothing of it has begun yet."""
    return [(start, stop or max(start, end)) for start, stop in _joined_pauses(pauses)]


def _take(spans: Iterator[Span], need: datetime.timedelta) -> Iterator[Span]:
    """Yield as much of endless spans as is needed."""
    while need > NOTHING:
        start, end = next(spans)
        end = min(end, start + need)
        need -= end - start
        yield start, end


def _reach(schedule, start, need, pauses):
    """Return when so much time has been worked since ``start``; None when that lies in a pause without an end.

    Nothing is needed at once, also while nobody works.
    """
    if need <= NOTHING:
        return start
    stop = next((pause_start for pause_start, pause_end in pauses if pause_end is None), None)
    spans = _without(working(schedule, start, stop), [pause for pause in pauses if pause[1] is not None])
    for span_start, span_end in spans:
        if span_end - span_start >= need:
            return span_start + need
        need -= span_end - span_start
    return None


def _day_spans(schedule: Schedule, day: datetime.date) -> list[Span]:
    """Return the working time of a day of the schedule's zone, in UTC, holidays not taken out."""
    midnight, week, weekday = datetime.datetime.combine(day, datetime.time()), week_of(day), day.weekday()
    return join(
        (max(midnight + hours.start * ONE_MINUTE - offset, first), min(midnight + hours.end * ONE_MINUTE - offset, last))
        for offset, first, last in _offsets(schedule.zone, day)
        for hours in schedule.hours if hours.weekday == weekday and hours.week in (None, week))


@lru_cache(maxsize=4096)
def _offsets(zone: str, day: datetime.date) -> list[tuple[datetime.timedelta, datetime.datetime, datetime.datetime]]:
    """Return how far the wall clock is ahead of UTC on a day: stretches of UTC with the same offset, nearly always one."""
    midnight = datetime.datetime.combine(day, datetime.time())
    # whatever the zone, the day lies between these moments
    first, last = midnight - 14 * 60 * ONE_MINUTE, midnight + 36 * 60 * ONE_MINUTE
    before, after = _offset(zone, first), _offset(zone, last)
    if before == after:
        return [(before, first, last)]
    low, high = first, last
    while high - low > ONE_MINUTE:
        middle = low + (high - low) // ONE_MINUTE // 2 * ONE_MINUTE
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return [(before, first, high), (after, high, last)]


def _offset(zone, moment):
    return local_time(zone, moment).utcoffset()
