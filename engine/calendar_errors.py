"""What can be wrong with a calendar, for callers that say it in the user's words."""
from __future__ import annotations


class CalendarError(Exception):
    """A calendar can't answer."""


class CalendarMissing(CalendarError):
    """The Python library of the calendar is not installed.

    :param library: its name
    """

    def __init__(self, library: str):
        super().__init__(f"the Python library {library} is not installed")
        self.library = library


class OutOfRange(CalendarError):
    """The calendar is not known for that year.

    :param library: the Python library that was asked
    :param first: first year it knows
    :param last: last year it knows
    """

    def __init__(self, library: str, first: int, last: int):
        super().__init__(f"{library} knows the years {first} to {last}")
        self.library, self.first, self.last = library, first, last


class NotKnown(CalendarError):
    """The calendar does not know that country, state or holiday.

    :param what: what was asked for
    """

    def __init__(self, what: str):
        super().__init__(f"{what} is not known")
        self.what = what
