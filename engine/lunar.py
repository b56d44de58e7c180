"""The Chinese lunisolar calendar: where a lunar day falls, also when the year has no such day.

Converted by ``lunar_python``. Months are numbered 1 to 12; a leap month follows the month whose number it bears.
"""
from __future__ import annotations

import datetime

from .calendar_errors import CalendarMissing, OutOfRange

#: Beyond these lunar years the calendar is not settled by published tables.
FIRST_YEAR, LAST_YEAR = 1900, 2100


def _library():
    try:
        from lunar_python import Lunar, LunarMonth, LunarYear, Solar  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise CalendarMissing('lunar_python') from error
    return Lunar, LunarMonth, LunarYear, Solar


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRange('lunar_python', FIRST_YEAR, LAST_YEAR)


def leap_month(year: int) -> int:
    """Return the number of the leap month of a lunar year, 0 when it has none.

    :raises OutOfRange: outside 1900 to 2100
    """
    _check_year(year)
    __, __, lunar_year, __ = _library()
    return lunar_year.fromYear(year).getLeapMonth()


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
    _check_year(year)
    lunar, lunar_month, lunar_year, __ = _library()
    if leap and lunar_year.fromYear(year).getLeapMonth() == month:
        month = -month
    day = min(day, lunar_month.fromYm(year, month).getDayCount())
    solar = lunar.fromYmd(year, month, day).getSolar()
    return datetime.date(solar.getYear(), solar.getMonth(), solar.getDay())


def solar_to_lunar(day: datetime.date) -> tuple[int, int, int, bool]:
    """Return the lunar year, month, day, and whether the month is a leap month.

    :raises OutOfRange: outside the lunar years 1900 to 2100
    :raises CalendarMissing: when ``lunar_python`` is not installed
    """
    *__, solar = _library()
    lunar = solar.fromYmd(day.year, day.month, day.day).getLunar()
    _check_year(lunar.getYear())
    return lunar.getYear(), abs(lunar.getMonth()), lunar.getDay(), lunar.getMonth() < 0
