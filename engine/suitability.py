"""Which day, and which channel, to take when the wished day does not suit.

Three calendars meet here: that of the person who makes contact (on other days nobody would do it), the customer's (weekend,
public holidays), and the periods of the customer's culture. The first is a function of the day; the other two answer
with a :class:`Verdict`.
"""
from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .workdays import LOOK_AHEAD_DAYS, next_working_day

ONE_DAY = datetime.timedelta(days=1)

#: How well a day suits a channel.
GOOD, POOR, CLOSED = 'good', 'poor', 'closed'

#: What to do when it does not: wait for a better day, take the fallback channel, or the one and, failing that, the other.
WAIT, SWITCH, WAIT_SWITCH = 'wait', 'switch', 'wait_switch'

LATER, EARLIER, NEAREST = 'later', 'earlier', 'nearest'


class Verdict(NamedTuple):
    """How well a day suits.

    :param fit: :data:`GOOD`, :data:`POOR` (discouraged) or :data:`CLOSED`
    :param kind: why not: ``customer_day`` (closed at the customer's, whatever the channel) or ``culture``
    :param cause: what stands behind it, given back unchanged
    """

    fit: str = GOOD
    kind: str = ''
    cause: object = None


class Wish(NamedTuple):
    """What a touchpoint asks for.

    :param channel: the channel, given on to the verdict unchanged
    :param fallback: the channel to take instead, or None
    :param policy: :data:`WAIT`, :data:`SWITCH` or :data:`WAIT_SWITCH`
    :param direction: :data:`LATER`, :data:`EARLIER` or :data:`NEAREST`
    :param grace: the maximum date is so many days after the due date
    :param back: at most so many days earlier
    """

    channel: object
    fallback: object = None
    policy: str = WAIT_SWITCH
    direction: str = LATER
    grace: int = 0
    back: int = 0


class Choice(NamedTuple):
    """The day and the channel to take.

    :param day: the day
    :param due: the day before customer and culture had a say; the maximum date counts from it
    :param channel: the channel
    :param kind: why it is not the wished day and channel: ``workday``, ``customer_day``, ``culture``, or empty
    :param cause: what the verdict gave with it
    :param unfit: nothing up to the maximum date suits, so the day stays and somebody has to be warned
    """

    day: datetime.date
    due: datetime.date
    channel: object
    kind: str = ''
    cause: object = None
    unfit: bool = False


def choose(
    wished: datetime.date,
    wish: Wish,
    works: Callable[[datetime.date], bool],
    verdict: Callable[[datetime.date, object], Verdict],
    look_ahead: int = LOOK_AHEAD_DAYS,
) -> Choice:
    """Return the day and the channel to take.

    The due day is the next working day of the person who makes contact. From there the days up to the maximum date are
    looked at in the order of the direction; the first that suits is taken, else the first that is only discouraged. Under
    :data:`SWITCH` the channel changes rather than the day, as far as the channel is what does not suit.

    :param wished: the day that interval, pauses and the like ask for
    :param wish: see :class:`Wish`
    :param works: whether the person who makes contact works on a day
    :param verdict: how well a day suits a channel, on the customer's side
    :param look_ahead: a person without a working day in so many days has no calendar worth asking
    """
    due = next_working_day(wished, works, look_ahead)
    if not works(due):
        works = _every_day
    days = list(_in_order(wished, due, wish, works))
    first = verdict(days[0], wish.channel)
    stays = Choice(days[0], due, wish.channel, 'workday' if days[0] != wished else '')
    if first.fit == GOOD:
        return stays
    if wish.policy == SWITCH and wish.fallback is not None and (switched := _switch(days, due, wish, verdict)):
        return switched
    day = _best(days, wish.channel, verdict)
    if day is None and wish.policy == WAIT_SWITCH and wish.fallback is not None:
        if (other := _best(days, wish.fallback, verdict)) is not None:
            cause = _reason(days, wish.channel, verdict, 'culture') or first
            return Choice(other, due, wish.fallback, cause.kind, cause.cause)
    if day is None:
        return Choice(days[0], due, wish.channel, first.kind, first.cause, unfit=True)
    if day == days[0]:
        return stays  # discouraged, and no better day in time
    return Choice(day, due, wish.channel, first.kind, first.cause)


def _every_day(day):
    """Return True: the week of somebody whose calendar is not worth asking."""
    return True


def _in_order(wished, due, wish, works) -> Iterator[datetime.date]:
    """Yield the working days between the earliest and the maximum date, the preferred first."""
    later = [due + offset * ONE_DAY for offset in range(max(wish.grace, 0) + 1)]
    earlier = [wished - offset * ONE_DAY for offset in range(1, wish.back + 1)]
    if wish.direction == LATER:
        order = later
    elif wish.direction == EARLIER:
        order = [due, *earlier, *later[1:]] if due == wished else [*earlier, *later]
    else:
        order = sorted([*later, *earlier], key=lambda day: (abs(day - wished), day < wished))
    return (day for day in order if works(day))


def _best(days, channel, verdict):
    """Return the first day that suits a channel, else the first that is only discouraged, else None."""
    fits = [(day, verdict(day, channel).fit) for day in days]
    return next((day for wanted in (GOOD, POOR) for day, fit in fits if fit == wanted), None)


def _reason(days, channel, verdict, kind):
    """Return the first verdict of a kind."""
    return next((found for found in (verdict(day, channel) for day in days) if found.kind == kind), None)


def _switch(days, due, wish, verdict):
    """Return the choice with the fallback channel when on the first day that is open at the customer's the channel is what
    does not suit; else None."""
    found = next((found for found in (verdict(day, wish.channel) for day in days)
                  if found.fit == GOOD or found.kind != 'customer_day'), None)
    if found is None or found.fit != CLOSED:
        return None
    day = _best(days, wish.fallback, verdict)
    if day is None:
        return None
    return Choice(day, due, wish.fallback, found.kind, found.cause)


# ------------------------------------------------------------
# THE CUSTOMER'S SIDE
# ------------------------------------------------------------

FORBID, DISCOURAGE, SUGGEST = 'forbid', 'discourage', 'suggest'


class Period(NamedTuple):
    """A stretch of days in which a culture forbids, discourages or suggests channels.

    :param start: first day
    :param end: last day
    :param effect: :data:`FORBID`, :data:`DISCOURAGE` or :data:`SUGGEST`
    :param channels: the channels meant; none: every channel
    :param cause: given back in the verdict
    :param opens: what is suggested is welcome on closed days too, like a greeting on the feast itself
    :param estimated: the days are not announced yet
    """

    start: datetime.date
    end: datetime.date
    effect: str
    channels: frozenset = frozenset()
    cause: object = None
    opens: bool = False
    estimated: bool = False


class CustomerSide:
    """The days of a customer: working week, public holidays, make-up working days, culture periods.

    What names a channel comes before what holds for every channel, and a ban before a suggestion: at Eid every contact may
    be forbidden and a greeting by messenger still be welcome, on a public holiday too.

    :param week: weekdays (0: Monday) that are worked
    :param closed: public holidays, with the cause to give back
    :param worked: days worked whatever the weekday
    :param periods: see :class:`Period`
    """

    def __init__(self, week=frozenset(range(5)), closed=None, worked=frozenset(), periods=()):
        self.week, self.closed, self.worked = frozenset(week), dict(closed or {}), frozenset(worked)
        self.periods = sorted(periods, key=lambda period: (period.start, period.end))
        self._known: dict = {}
        self._by_day: dict = {}

    def verdict(self, day: datetime.date, channel: object) -> Verdict:
        """Return how well a day suits a channel."""
        key = day, channel
        if key not in self._known:
            self._known[key] = self._judge(day, channel)
        return self._known[key]

    def periods_on(self, day: datetime.date) -> list[Period]:
        """Return the periods that a day lies in."""
        if day not in self._by_day:
            self._by_day[day] = [period for period in self.periods if period.start <= day <= period.end]
        return self._by_day[day]

    def is_closed(self, day: datetime.date) -> bool:
        """Return whether nobody works at the customer's on a day."""
        return day not in self.worked and (day in self.closed or day.weekday() not in self.week)

    def _judge(self, day, channel):
        on_day = self.periods_on(day)
        # stable: of periods alike, the first in order speaks
        named = [period for period in on_day if channel in period.channels]
        general = [period for period in on_day if not period.channels]
        ban = _first(named, FORBID)
        if ban:
            return Verdict(CLOSED, 'culture', ban.cause)
        ban = _first(general, FORBID)
        suggestions = [period for period in (named if ban else on_day)
                       if period.effect == SUGGEST and (period in named or period in general)]
        if suggestions and (not self.is_closed(day) or any(period.opens for period in suggestions)):
            return Verdict()
        if ban and not suggestions:
            return Verdict(CLOSED, 'culture', ban.cause)
        if self.is_closed(day):
            return Verdict(CLOSED, 'customer_day', self.closed.get(day))
        poor = _first(named, DISCOURAGE) or _first(general, DISCOURAGE)
        return Verdict(POOR, 'culture', poor.cause) if poor else Verdict()


def _first(periods, effect):
    """Return the first period with an effect, or None."""
    return next((period for period in periods if period.effect == effect), None)
