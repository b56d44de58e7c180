"""Which clock a customer lives by."""
from __future__ import annotations

import datetime

import pytz


def zone_of(zone: str | None, country_code: str | None, now: datetime.datetime) -> str | None:
    """Return the time zone of somebody in a country, or None where that is not known.

    The zone that stands on a contact is often that of the person who typed it in. So it is believed only as far as clocks
    in that country agree with it at this moment; else a country that has a single zone decides.

    >>> moment = datetime.datetime(2026, 3, 2, 12)
    >>> zone_of('Europe/Berlin', 'SA', moment)
    'Asia/Riyadh'
    >>> zone_of('US/Pacific', 'US', moment)
    'US/Pacific'
    >>> zone_of('Europe/Berlin', 'US', moment) is None
    True

    :param zone: the zone on record, if any
    :param country_code: ISO code of the country, if known
    :param now: the moment, in UTC
    """
    of_country = pytz.country_timezones.get(country_code or '', [])
    if zone and (not of_country or any(_offset(zone, now) == _offset(other, now) for other in of_country)):
        return zone
    return of_country[0] if len(of_country) == 1 else None


def _offset(zone, now):
    return pytz.utc.localize(now).astimezone(pytz.timezone(zone)).utcoffset()
