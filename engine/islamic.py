"""Festivals of the Islamic calendar as the countries keep them.

A month begins when its moon is seen, which each country decides for itself: Eid in India is mostly a day after Eid in Saudi
Arabia. ``holidays`` knows what many countries announced, and estimates the coming years the way each of them reckons.
"""
from __future__ import annotations

from datetime import date
from typing import NamedTuple

from .calendars import HIJRI_MONTH, ONE_DAY, Festival, entity, occurrences
from .places import Place

#: What the library calls a day, by Hijri month and day.
NAMES = {
    (1, 1): 'hijri_new_year', (1, 10): 'ashura', (3, 12): 'mawlid', (9, 1): 'ramadan_beginning', (10, 1): 'eid_al_fitr',
    (12, 10): 'eid_al_adha',
}

#: The moon is seen so many days before or after the civil calendar of Saudi Arabia has it; what is farther off is an error.
EARLIEST, LATEST = -1, 2


class Kept(NamedTuple):
    """A festival as one country keeps it.

    :param year: Hijri year
    :param start: first day
    :param end: last day
    :param estimated: not announced yet
    """

    year: int
    start: date
    end: date
    estimated: bool


def kept_in(place: Place, festival: Festival, first: int, last: int) -> list[Kept]:
    """Return the days of a festival in a country that keeps its own; nothing for a country whose days are not known.

    :param place: a country
    :param festival: of method ``hijri``
    :param first: first Gregorian year
    :param last: last Gregorian year
    :raises NotKnown: when the library does not know the place
    :raises OutOfRange: when the calendar is not known for all of these years
    :raises CalendarMissing: when a Python library is not installed
    """
    moons = getattr(entity(place), '_islamic_calendar', None)
    if not moons:
        return []
    found = []
    for general in occurrences(festival, first, last):
        whole_month = festival.duration == HIJRI_MONTH and festival.day == 1
        begin = _seen(moons, (festival.month, festival.day), general.start - festival.shift * ONE_DAY)
        if whole_month:
            following = _seen(moons, (festival.month + 1, 1), general.end + ONE_DAY)
            begin, end = begin or (general.start, True), following
            if not end:
                continue
            found.append(Kept(general.year, begin[0], end[0] - ONE_DAY, begin[1] or end[1]))
        elif begin:
            start = begin[0] + festival.shift * ONE_DAY
            found.append(Kept(general.year, start, start + (festival.duration - 1) * ONE_DAY, begin[1]))
    return found


def _seen(moons, day, civil):
    """Return when a country has a day of the Hijri calendar, and whether that is an estimate; None when it is not known.

    :param day: Hijri month and day
    :param civil: when the civil calendar of Saudi Arabia has it
    """
    ask = getattr(moons, f'{NAMES.get(day)}_dates', None)
    if not ask:
        return None
    dates = {found: estimated for year in (civil.year, civil.year + 1) for found, estimated in ask(year)}
    near = [found for found in dates if EARLIEST <= (found - civil).days <= LATEST]
    if not near:
        return None
    nearest = min(near, key=lambda found: abs(found - civil))
    return nearest, dates[nearest]
