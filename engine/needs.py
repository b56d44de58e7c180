"""The needs grade of a lead (SEG-6): three answers, each worth points, and the grade that their sum gives.

A table of thresholds leaves no gap and no overlap: what reaches none of them falls to the lowest one, so every complete
set of answers has exactly one grade and every amount exactly one importance, whatever an administrator enters.
"""


def reached(value, thresholds):
    """Return the key of the highest threshold that a value reaches; of one that reaches none, the key of the lowest.

    A value that is equal to a threshold reaches it. Of two equal thresholds the first one counts.

    :param value: points, or an amount
    :param thresholds: pairs of a key and the least value for it
    :return: None only where there is no threshold at all
    """
    ranked = sorted(enumerate(thresholds), key=lambda entry: (entry[1][1], -entry[0]))
    if not ranked:
        return None
    within = [key for __, (key, least) in ranked if least <= value]
    if within:
        return within[-1]
    lowest = ranked[0][1][1]
    return next(key for key, least in thresholds if least == lowest)


def grade(points, grades):
    """Return the points of the answers together, and the key of the grade that they give.

    :param points: those of each answer; None where a question has none
    :param grades: pairs of a key and the least points for it
    :return: None and None where an answer is missing: there is no grade of half an answer
    :rtype: tuple
    """
    if not points or any(one is None for one in points):
        return None, None
    total = sum(points)
    return total, reached(total, grades)
