"""Counted units in the words of the reader: 1 day, 2 days."""
from odoo.tools.misc import formatLang


def _number(env, number):
    """Return a number, without a decimal where there is none; most need not ask how the language writes them."""
    rounded, whole = round(number, 1), int(number)
    if rounded == whole and abs(whole) < 1000:
        return rounded, str(whole)
    return rounded, formatLang(env, rounded, digits=0 if rounded == int(rounded) else 1)


def days(env, number):
    """Return so many days, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s day", number=text) if rounded == 1 else env._("%(number)s days", number=text)


def months(env, number):
    """Return so many months, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s month", number=text) if rounded == 1 else env._("%(number)s months", number=text)


def hours(env, number):
    """Return so many hours, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s hour", number=text) if rounded == 1 else env._("%(number)s hours", number=text)


def minutes(env, number):
    """Return so many minutes, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s minute", number=text) if rounded == 1 else env._("%(number)s minutes", number=text)


def points(env, number):
    """Return so many points, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s point", number=text) if rounded == 1 else env._("%(number)s points", number=text)


def customers(env, number):
    """Return so many customers, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s customer", number=text) if rounded == 1 else env._("%(number)s customers", number=text)


def persons(env, number):
    """Return so many persons, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s person", number=text) if rounded == 1 else env._("%(number)s persons", number=text)


def followups(env, number):
    """Return so many follow-ups, in words."""
    rounded, text = _number(env, number)
    return env._("%(number)s follow-up", number=text) if rounded == 1 else env._("%(number)s follow-ups", number=text)


def plural(number, one, several):
    """Return what to say of one, or of several.

    Languages that inflect more than nouns need whole sentences for both.
    """
    return one if number == 1 else several
