"""Public holidays and festivals of the world, as plain dates.

Sources: ``holidays`` (public holidays and weekends by country), ``hijridate`` (Umm al-Qura, the civil calendar of Saudi
Arabia; the ritual date is by sighting and may differ by a day), ``lunar_python`` (Chinese calendar), ``dateutil`` (Easter,
after Claus Tøndering's calendar FAQ). Nothing here looks at the clock.
"""
from __future__ import annotations

import datetime
import re
import warnings
from importlib import metadata
from typing import NamedTuple

from dateutil import easter
from dateutil.relativedelta import relativedelta, weekday

from . import published
from .calendar_errors import CalendarMissing, NotKnown, OutOfRange
from .lunar import FIRST_YEAR, LAST_YEAR, lunar_to_solar
from .places import Place, place_of_country

ONE_DAY = datetime.timedelta(days=1)

#: Umm al-Qura is tabulated for these Hijri years.
HIJRI_YEARS = (1343, 1500)

#: A festival of so many Hijri days means the whole month, which has 29 or 30.
HIJRI_MONTH = 30

#: The public holidays of a feast lie so close together, days off in lieu of a weekend included.
FEAST = datetime.timedelta(days=6)

#: What the library says beside a name, not part of it.
REMARK = re.compile(r'\s*\([^()]*\b(?:observed|estimated|substituted)\b[^()]*\)|\s*（[^（）]*）$')
OBSERVED = re.compile(r'\bobserved\b|\bsubstituted\b|^alternative holiday')


class Festival(NamedTuple):
    """How the day of a festival is found.

    :param method: ``fixed``, ``weekday``, ``easter``, ``orthodox``, ``lunar``, ``hijri``, ``holiday``, or ``manual``, which
        computes nothing
    :param month: Gregorian, lunar or Hijri month
    :param day: day of that month
    :param weekday: 0 (Monday) to 6, for ``weekday``
    :param nth: which of these weekdays in the month, -1 for the last
    :param country: ISO 3166 code, for ``holiday``
    :param name: English name of the public holiday, for ``holiday``
    :param shift: days added to the day found
    :param duration: days it lasts
    """

    method: str
    month: int = 1
    day: int = 1
    weekday: int = 0
    nth: int = 1
    country: str = ''
    name: str = ''
    shift: int = 0
    duration: int = 1


class Occurrence(NamedTuple):
    """A festival in one year.

    :param year: the year of the calendar it belongs to: Hijri, lunar or Gregorian
    :param start: first day
    :param end: last day
    """

    year: int
    start: datetime.date
    end: datetime.date


class PublicHoliday(NamedTuple):
    """A day that is free in a country, or a weekend day that is worked.

    :param day: the day
    :param names: its name by language
    :param works: a working day that makes up for a bridge day (调休)
    :param estimated: the library calls the date an estimate
    :param source: who published it, where that is not the library
    """

    day: datetime.date
    names: dict[str, str]
    works: bool
    estimated: bool
    source: str = ''


class Weekend(NamedTuple):
    """The weekdays that are free in a place.

    :param days: 0 for Monday
    :param source: where that is known from
    """

    days: frozenset[int]
    source: str


def source(method: str) -> str:
    """Return what the dates of a method come from, with its version."""
    library = {'lunar': 'lunar_python', 'hijri': 'hijridate', 'holiday': 'holidays'}.get(method)
    if not library:
        return 'calculated'
    try:
        return f'{library} {metadata.version(library)}'
    except metadata.PackageNotFoundError:
        return library


# ------------------------------------------------------------
# PUBLIC HOLIDAYS
# ------------------------------------------------------------

def entity(place: Place, years=(), language: str | None = 'en_US', **options):
    """Return the library's calendar of a place, all of its warnings kept quiet.

    :param years: Gregorian years
    :param language: of the names
    :param options: given on to the library
    :raises NotKnown: when the library does not know the place
    :raises CalendarMissing: when ``holidays`` is not installed
    """
    try:
        import holidays  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise CalendarMissing('holidays') from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            # without a language the names would be in that of the server process
            options = {'subdiv': place.part or None, 'years': years, 'language': language, **options}
            found = holidays.country_holidays(place.country, **options)
            if getattr(found, '_islamic_calendar_show_estimated', True):
                return found
            # a few countries (Saudi Arabia) do not say by themselves which days wait for the moon
            return type(found)(islamic_show_estimated=True, **options)
    except NotImplementedError as error:
        raise NotKnown(str(place)) from error


def public_holidays(place: Place, first: int, last: int, languages: tuple[str, ...] = ()) -> list[PublicHoliday]:
    """Return the public holidays and make-up working days of a place, in the order of their days.

    :param place: a country or a part of one; the holidays of a part are all that are kept there, the country's included
    :param first: first Gregorian year
    :param last: last Gregorian year
    :param languages: languages like ``zh_CN`` that names are wanted in besides English, where the library has them
    :raises NotKnown: when the library does not know the place
    :raises CalendarMissing: when ``holidays`` is not installed
    """
    years = range(first, last + 1)
    english = entity(place, years)
    known = set(languages) & set(english.supported_languages or ()) - {'en_US'}
    named = {'en_US': english, **{language: entity(place, years, language) for language in sorted(known)}}
    found = [
        _published(place, PublicHoliday(
            day, {language: REMARK.sub('', days.get(day) or name) for language, days in named.items()}, False,
            'estimated' in name))
        for day, name in english.items() if first <= day.year <= last]
    found = [_waiting(holiday, found) for holiday in found]
    free = {holiday.day for holiday in found}
    found += [
        # a holiday on a weekend whose day off was moved (Russia) is no working day
        PublicHoliday(day, {'en_US': "Make-up working day"}, True, False)
        for day in getattr(english, 'weekend_workdays', ()) if first <= day.year <= last and day not in free]
    found += [holiday for holiday in _added(place, years) if holiday.day not in free]
    return sorted(found, key=lambda holiday: (holiday.day, holiday.works))


def _waiting(holiday, found):
    """Return a holiday, estimated when another day of the same feast is: the library marks not all of them."""
    if holiday.estimated or not any(
            other.estimated and other.names['en_US'] == holiday.names['en_US']
            and abs(other.day - holiday.day) <= FEAST for other in found):
        return holiday
    return holiday._replace(estimated=True)


def _published(place, holiday):
    """Return a holiday on the day that the government published, where the library has another."""
    day = published.MOVED.get((place.country, holiday.day, holiday.names['en_US']))
    if not day:
        return holiday
    return holiday._replace(day=day, estimated=False, source=published.MOVED_SOURCE[place.country])


def _added(place, years):
    """Return the days that are kept though the library has them among the optional ones."""
    wanted = {
        name for name, without in published.ADDED.get(place.country, {}).items() if place.part not in without}
    if not wanted:
        return []
    optional = entity(place, years, categories=('optional',))
    return [
        PublicHoliday(day, {'en_US': name}, False, False)
        for day, names in optional.items() for name in names.split('; ') if name in wanted and day.year in years]


def arranged_until(place: Place) -> int | None:
    """Return the last year whose make-up and bridge days are published, None where nothing of the kind is arranged yearly.

    :raises NotKnown: when the library does not know the place
    :raises CalendarMissing: when ``holidays`` is not installed
    """
    if place.country not in published.ARRANGES_YEARLY:
        return None
    years = [0]
    for year, days in (getattr(entity(place), 'special_public_holidays', None) or {}).items():
        # a single day may come without a tuple around it
        days = days if isinstance(days[0], tuple) else (days,)
        # month and day, and the month and day that make up for it
        if any(len(day) >= 4 for day in days):  # noqa: PLR2004
            years.append(year)
    return max(years)


def weekend(place: Place, day: datetime.date) -> Weekend:
    """Return the weekdays (0: Monday) that are free in a place.

    :param day: a day of the week that is asked about: some countries changed their weekend
    :raises NotKnown: when neither the library nor anybody else knows the place
    :raises CalendarMissing: when ``holidays`` is not installed
    """
    if fact := published.WEEKENDS.get(place):
        return Weekend(frozenset(fact.value), fact.source)
    known = entity(place)
    is_free = getattr(known, 'is_weekend', None) or (lambda asked: asked.weekday() in known.weekend)
    monday = day - day.weekday() * ONE_DAY
    return Weekend(
        frozenset(weekday for weekday in range(7) if is_free(monday + weekday * ONE_DAY)), source('holiday'))


# ------------------------------------------------------------
# FESTIVALS
# ------------------------------------------------------------

def occurrences(festival: Festival, first: int, last: int) -> list[Occurrence]:
    """Return when a festival begins in the Gregorian years ``first`` to ``last``, the earliest first.

    A Hijri festival may come twice in a Gregorian year (both Ramadans of 2030), a late lunar one not at all.

    :raises ValueError: when the festival has no method that computes, or a day no year has
    :raises OutOfRange: when the calendar is not known for all of these years
    :raises NotKnown: when the library does not know the country
    :raises CalendarMissing: when the Python library is not installed
    """
    find = {
        'fixed': _fixed, 'weekday': _nth_weekday, 'easter': _easter, 'orthodox': _easter, 'lunar': _lunar,
        'hijri': _hijri, 'holiday': _holiday,
    }.get(festival.method)
    if not find:
        raise ValueError(f"{festival.method!r} computes no dates")
    shift = datetime.timedelta(days=festival.shift)
    found = []
    # a year more at both ends, because the shift may cross New Year
    for year, start, end in find(festival, first - 1, last + 1):
        start, end = start + shift, (end or start + (festival.duration - 1) * ONE_DAY) + shift
        if first <= start.year <= last:
            found.append(Occurrence(year, start, end))
    return sorted(found, key=lambda occurrence: occurrence.start)


def _fixed(festival, first, last):
    for year in range(first, last + 1):
        # 29 February is kept on the 28th in other years
        yield year, datetime.date(year, festival.month, 1) + relativedelta(day=festival.day), None


def _nth_weekday(festival, first, last):
    for year in range(first, last + 1):
        anchor = datetime.date(year, festival.month, 1)
        if festival.nth < 0:
            anchor += relativedelta(day=31)
        found = anchor + relativedelta(weekday=weekday(festival.weekday)(festival.nth))
        if found.month == festival.month:  # a month without a fifth Friday has no such day
            yield year, found, None


def _easter(festival, first, last):
    kind = easter.EASTER_ORTHODOX if festival.method == 'orthodox' else easter.EASTER_WESTERN
    for year in range(first, last + 1):
        yield year, easter.easter(year, kind), None


def _lunar(festival, first, last):
    if first + 1 < FIRST_YEAR + 1 or last - 1 > LAST_YEAR:
        raise OutOfRange('lunar_python', FIRST_YEAR + 1, LAST_YEAR)
    for year in range(max(first - 1, FIRST_YEAR), min(last, LAST_YEAR) + 1):
        yield year, lunar_to_solar(year, festival.month, festival.day), None


def _hijri(festival, first, last):
    try:
        from hijridate import Gregorian, Hijri  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise CalendarMissing('hijridate') from error
    try:
        # the years asked for have to be known; the year more at both ends need not
        begin = Gregorian(first + 1, 1, 1).to_hijri().year
        end = Gregorian(last - 1, 12, 31).to_hijri().year
    except OverflowError as error:
        raise OutOfRange('hijridate', 1925, 2076) from error
    for year in range(max(begin - 1, HIJRI_YEARS[0]), min(end + 1, HIJRI_YEARS[1]) + 1):
        month = Hijri(year, festival.month, 1)
        start = Hijri(year, festival.month, min(festival.day, month.month_length())).to_gregorian()
        start = datetime.date(start.year, start.month, start.day)
        whole_month = festival.duration == HIJRI_MONTH and festival.day == 1
        yield year, start, start + (month.month_length() - 1) * ONE_DAY if whole_month else None


def _holiday(festival, first, last):
    place, years = place_of_country(festival.country), range(first, last + 1)
    days = _days_named(entity(place, years), festival.name)
    if not days:
        known = entity(place)
        days = _days_named(entity(place, years, categories=known.supported_categories), festival.name)
    for year, day in days.items():
        yield year, day, None


def _days_named(days, wanted):
    """Return the first day of each year that bears a name: the day itself, not the day off that stands in for it."""
    by_year = {}
    for day, names in sorted(days.items()):
        for name in names.split('; '):
            if REMARK.sub('', name) == wanted and not OBSERVED.search(name.lower()):
                by_year.setdefault(day.year, day)
    return by_year
