"""From where on a rule holds: said once, so that ten days are ten days for every rule."""
from datetime import timedelta


def last_day(today, days, least=0):
    """Return the last day that is so many days ago: whatever happened on it or before is *from so many days on*.

    >>> from datetime import date
    >>> last_day(date(2026, 3, 11), 10)
    datetime.date(2026, 3, 1)

    What was due is overdue for one day at least, whatever the rule says:

    >>> last_day(date(2026, 3, 11), 0, least=1)
    datetime.date(2026, 3, 10)

    :param date today: the day on which the rule is asked
    :param days: the threshold, in days; the day itself is included
    :param int least: the fewest days with which the rule makes sense
    """
    return today - timedelta(days=max(int(days), least))
