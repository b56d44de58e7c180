"""When a regular review takes place, and which days it looks back at."""
from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
MONTHS = 12


class Occasion(NamedTuple):
    """A review of a rhythm.

    :param day: the day on which it takes place
    :param start: the first day that is looked back at
    :param stop: the last one
    """

    day: date
    start: date
    stop: date


def latest(
    unit: str, interval: int, weekday: int, first: date, horizon: date, phase: int = 0,
) -> Occasion | None:
    """Return the last occasion of a rhythm up to a day.

    A rhythm of months takes place on the first such weekday of a month and looks back at the whole calendar months
    before it; a rhythm of weeks looks back at the weeks since the occasion before.

    :param unit: ``weeks`` or ``months``
    :param interval: so many weeks or months lie between two occasions, at least 1
    :param weekday: 0 is Monday
    :param first: nothing takes place before; a rhythm of weeks counts from this day's week
    :param horizon: the last day that counts
    :param phase: for months: a month after which a year of account ends, 1 to 12; January to March is a quarter by 0 and 12
    :return: None where the first occasion is still to come
    """
    find = {'weeks': _in_weeks, 'months': _in_months}[unit]
    occasion = find(interval, weekday, first, horizon, phase)
    return occasion if occasion and occasion.day >= first else None


def _in_weeks(interval: int, weekday: int, first: date, horizon: date, phase: int) -> Occasion:
    """Return the last occasion up to the horizon, every so many weeks counted from the week of the first day."""
    anchor = first - first.weekday() * DAY + weekday * DAY
    weeks = (horizon - anchor).days // 7
    day = anchor + (weeks - weeks % interval) * 7 * DAY
    return Occasion(day, day - interval * 7 * DAY, day - DAY)


def _in_months(interval: int, weekday: int, first: date, horizon: date, phase: int) -> Occasion:
    """Return the last occasion up to the horizon, every so many months of the calendar or of the year of account."""
    month = horizon.year * MONTHS + horizon.month - 1
    if _first_weekday(month, weekday) > horizon:
        month -= 1
    month -= (month - phase) % interval
    return Occasion(_first_weekday(month, weekday), _first_day(month - interval), _first_day(month) - DAY)


def _first_day(month: int) -> date:
    """Return the first day of a month that is counted from year 0."""
    return date(month // MONTHS, month % MONTHS + 1, 1)


def _first_weekday(month: int, weekday: int) -> date:
    """Return the first such weekday of a month that is counted from year 0."""
    day = _first_day(month)
    return day + (weekday - day.weekday()) % 7 * DAY
