"""The Chinese lunisolar calendar: where a lunar day falls, also when the year has no such day.

Converted by ``lunar_python``. Months are numbered 1 to 12; a leap month follows the month whose number it bears.
"""
from __future__ import annotations

import datetime
from functools import lru_cache
from typing import NamedTuple

from .calendar_errors import CalendarMissing, OutOfRange

#: Beyond these lunar years the calendar is not settled by published tables.
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Month(NamedTuple):
    """A month of a lunar year.

    :param number: 1 to 12
    :param leap: whether it is the leap month of this number
    :param start: its first day
    :param days: 29 or 30
    """

    number: int
    leap: bool
    start: datetime.date
    days: int


def _library():
    try:
        import lunar_python  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise CalendarMissing('lunar_python') from error
    return lunar_python


def _months(year: int) -> tuple[Month, ...]:
    """Return the months of a lunar year in their order."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRange('lunar_python', FIRST_YEAR, LAST_YEAR)
    _library()
    return _table(year)


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 1)
def _table(year):
    # the library works a year out anew for every date, which takes milliseconds
    library = _library()
    months = []
    for month in library.LunarYear.fromYear(year).getMonths():
        if month.getYear() == year:
            start = library.Solar.fromJulianDay(month.getFirstJulianDay())
            months.append(Month(
                abs(month.getMonth()), month.getMonth() < 0,
                datetime.date(start.getYear(), start.getMonth(), start.getDay()), month.getDayCount()))
    return tuple(sorted(months, key=lambda month: month.start))


def leap_month(year: int) -> int:
    """Return the number of the leap month of a lunar year, 0 when it has none.

    :raises OutOfRange: outside 1900 to 2100
    """
    return next((month.number for month in _months(year) if month.leap), 0)


def lunar_to_solar(year: int, month: int, day: int, leap: bool = False) -> datetime.date:
    """Return the day on which a lunar date falls in a lunar year.

    A date that the year does not have is kept on the nearest day before: a leap month that the year lacks is taken as the
    ordinary month of the same number, the 30th of a month with 29 days as the 29th. This is how people born on such a
    day commonly keep their birthday.

    :param year: lunar year, named by the Gregorian year in which it begins
    :param month: 1 to 12
    :param day: 1 to 30
    :param leap: whether the leap month of this number is meant
    :raises ValueError: when month or day can't exist in any year
    :raises OutOfRange: outside 1900 to 2100
    :raises CalendarMissing: when ``lunar_python`` is not installed
    """
    if not 1 <= month <= 12 or not 1 <= day <= 30:
        raise ValueError(f"there is no lunar month {month}, day {day}")
    months = _months(year)
    found = next((found for found in months if found.number == month and found.leap and leap), None) \
        or next(found for found in months if found.number == month and not found.leap)
    return found.start + datetime.timedelta(days=min(day, found.days) - 1)


def solar_to_lunar(day: datetime.date) -> tuple[int, int, int, bool]:
    """Return the lunar year, month, day, and whether the month is a leap month.

    :raises OutOfRange: outside the lunar years 1900 to 2100
    :raises CalendarMissing: when ``lunar_python`` is not installed
    """
    # a lunar year begins in January or February of the year that names it
    for year in (day.year, day.year - 1):
        months = _months(year)
        for month in reversed(months):
            if month.start <= day:
                return year, month.number, (day - month.start).days + 1, month.leap
    raise OutOfRange('lunar_python', FIRST_YEAR, LAST_YEAR)
