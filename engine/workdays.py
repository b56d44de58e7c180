"""Which day to take when the wished day is not a working day."""
from __future__ import annotations

import datetime
from collections.abc import Callable

ONE_DAY = datetime.timedelta(days=1)

#: A calendar without a working day in this many days is taken as one that is not maintained: nothing is moved.
LOOK_AHEAD_DAYS = 366


def weekday_only(day: datetime.date) -> bool:
    """Return whether the day is Monday to Friday: the working week where no calendar says otherwise."""
    return day.weekday() < 5


def next_working_day(
    day: datetime.date,
    is_working: Callable[[datetime.date], bool],
    look_ahead: int = LOOK_AHEAD_DAYS,
) -> datetime.date:
    """Return the first working day on or after ``day``; ``day`` itself when there is none within ``look_ahead`` days."""
    for offset in range(look_ahead + 1):
        candidate = day + offset * ONE_DAY
        if is_working(candidate):
            return candidate
    return day
