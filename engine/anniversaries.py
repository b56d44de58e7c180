"""Days that come back every year, in the Gregorian and in the Chinese lunar calendar, and on which day they are kept.

The stated rules:

- 29 February is kept on 28 February in other years, or on 1 March: the caller says which.
- The 30th of a lunar month is kept on the 29th where the month has 29 days.
- A day of a leap month is kept in that leap month in years that have it, else in the ordinary month of that number.
- What is kept once a year is counted in the years of its own calendar: a lunar day late in the year falls twice in some
  Gregorian years and never in others, but once in each lunar year.
"""
from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from . import lunar

ONE_DAY = datetime.timedelta(days=1)

#: The longest month, by its number; February in a leap year.
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LUNAR_MONTH_DAYS = 30


class Impossible(ValueError):
    """A day that no year has.

    :param kind: what is wrong: ``month``, ``day`` or ``leap``
    """

    def __init__(self, kind: str):
        super().__init__(f"no year has such a day: {kind}")
        self.kind = kind


class Anniversary(NamedTuple):
    """A day that comes back every year.

    :param month: 1 to 12
    :param day: 1 to 31, to 30 in the lunar calendar
    :param lunar: in the Chinese lunar calendar
    :param leap: in the leap month of that number
    """

    month: int
    day: int
    lunar: bool = False
    leap: bool = False


def check(anniversary: Anniversary) -> None:
    """Refuse a day that no year has.

    :raises Impossible: with what is wrong
    """
    if not 1 <= anniversary.month <= 12:
        raise Impossible('month')
    longest = LUNAR_MONTH_DAYS if anniversary.lunar else MONTH_DAYS[anniversary.month - 1]
    if not 1 <= anniversary.day <= longest:
        raise Impossible('day')
    if anniversary.leap and not anniversary.lunar:
        raise Impossible('leap')


def falls_on(anniversary: Anniversary, year: int, leap_day_in_march: bool = False) -> datetime.date:
    """Return the day on which an anniversary is kept in a year of its own calendar.

    :param year: Gregorian year; for a lunar day the lunar year, named by the Gregorian year in which it begins
    :param leap_day_in_march: 29 February is kept on 1 March in other years, not on 28 February
    :raises Impossible: when no year has such a day
    :raises lunar.OutOfRange: for a lunar day outside the lunar years 1900 to 2100
    :raises lunar.CalendarMissing: for a lunar day when the library is not installed
    """
    check(anniversary)
    if anniversary.lunar:
        return lunar.lunar_to_solar(year, anniversary.month, anniversary.day, anniversary.leap)
    if anniversary[:2] == (2, 29) and not _is_leap_year(year):
        return datetime.date(year, 3, 1) if leap_day_in_march else datetime.date(year, 2, 28)
    return datetime.date(year, anniversary.month, anniversary.day)


def next_on(
    anniversary: Anniversary, day: datetime.date, leap_day_in_march: bool = False,
) -> tuple[int, datetime.date]:
    """Return when an anniversary is kept next, on or after a day: the year of its own calendar, and the day.

    :raises: as :func:`falls_on`
    """
    # the lunar year begins in January or February of the Gregorian year it is named by, and ends in the next one
    for year in range(day.year - anniversary.lunar, day.year + 3):
        kept = falls_on(anniversary, year, leap_day_in_march)
        if kept >= day:
            return year, kept
    raise AssertionError("an anniversary comes every year")


def kept_on(day: datetime.date, leap_day_in_march: bool = False) -> list[tuple[int, Anniversary]]:
    """Return all Gregorian anniversaries that are kept on a day, with the year: the inverse of :func:`falls_on`."""
    anniversaries = [Anniversary(day.month, day.day)]
    stand_in = (3, 1) if leap_day_in_march else (2, 28)
    if (day.month, day.day) == stand_in and not _is_leap_year(day.year):
        anniversaries.append(Anniversary(2, 29))
    return [(day.year, anniversary) for anniversary in anniversaries]


def lunar_kept_on(day: datetime.date) -> list[tuple[int, Anniversary]]:
    """Return all lunar anniversaries that are kept on a day, with the lunar year: the inverse of :func:`falls_on`.

    :raises lunar.OutOfRange: outside the lunar years 1900 to 2100
    :raises lunar.CalendarMissing: when the library is not installed
    """
    year, month, number, leap = lunar.solar_to_lunar(day)
    is_last = number == LUNAR_MONTH_DAYS - 1 and lunar.solar_to_lunar(day + ONE_DAY)[2] == 1
    numbers = (number, LUNAR_MONTH_DAYS) if is_last else (number,)
    # who was born in a leap month keeps the ordinary one in years without it
    leaps = (leap,) if leap or lunar.leap_month(year) == month else (False, True)
    return [(year, Anniversary(month, number, True, leap)) for number in numbers for leap in leaps]


def days_between(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    """Yield the days from ``first`` to ``last``."""
    while first <= last:
        yield first
        first += ONE_DAY


def _is_leap_year(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
