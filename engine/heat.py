"""How far a figure is from what is usual, in five steps: what the colour of a cell in a map says (REP-7)."""
from statistics import median as _median

#: From which share above or below what is usual on a figure is one step, and two steps, from it. A fifth less is seen; a
#: quarter more is the same as a fifth less seen from the other side, and twice as much is the other side of half.
LESS, MUCH_LESS, MORE, MUCH_MORE = -0.2, -0.5, 0.25, 1.0


def usual(values):
    """Return the median of the figures that are known, or None where none is.

    >>> usual([3, None, 1, 2])
    2
    >>> usual([None]) is None
    True
    """
    known = [value for value in values if value is not None]
    return _median(known) if known else None


def step(value, usual_value):
    """Return how far a figure is from what is usual: -2 for half of it and less, -1 for less, 0 for about the same, 1 for more
    and 2 for twice as much and more; None where there is no figure. Nothing, where nothing is usual, is about the same.

    >>> [step(value, 40) for value in (0, 20, 21, 32, 33, 40, 49, 50, 79, 80)]
    [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2]
    >>> [step(value, 0) for value in (-1, 0, 1)]
    [-2, 0, 2]
    >>> step(None, 40) is None
    True
    """
    if value is None or usual_value is None:
        return None
    if not usual_value:
        return 2 * ((value > 0) - (value < 0))
    # below zero, too, more is more
    share = (value - usual_value) / abs(usual_value)
    if share <= LESS:
        return -2 if share <= MUCH_LESS else -1
    if share >= MORE:
        return 2 if share >= MUCH_MORE else 1
    return 0
