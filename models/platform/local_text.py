"""Days, lists and what else is put together, as a language writes it."""
from functools import reduce

from babel.dates import format_skeleton

from odoo.tools.misc import babel_locale_parse, get_lang


def day_text(env, day, skeleton='yMMMEd'):
    """Return a day with the parts of a skeleton, in the order and with the signs of the user's language: *Wed, Jan 27, 2027*
    or *2027年1月27日周三*. A pattern would put the parts of every language into the order of one.

    :param day: date or datetime; a datetime is taken as it is
    :param str skeleton: the parts, see https://cldr.unicode.org: ``MMMEd``, ``MMMMd``, ``yMMMEd``, ``yMMMM``
    """
    return format_skeleton(skeleton, day, locale=babel_locale_parse(get_lang(env).code))


def labelled(env, label, text):
    """Return a text with what it is of before it, with the colon of the user's language; where one of both is empty, the other.

    :param str label: whose or what it is
    :param str text: what is said of it
    """
    return env._("%(label)s: %(text)s", label=label, text=text) if label and text else label or text or ''


def bracketed(env, text, note):
    """Return a text with a note behind it, in the brackets of the user's language; where one of both is empty, the other.

    :param text: str or Markup
    :param str note: what is said of it by the way
    """
    return env._("%(text)s (%(note)s)", text=text, note=note) if text and note else text or note or ''


def clauses(env, texts):
    """Return what is said one after the other, each a part of a sentence: with semicolons, as the user's language writes them."""
    texts = [text for text in texts if text]
    return reduce(lambda said, text: env._("%(said)s; %(text)s", said=said, text=text), texts) if texts else ''


def listed(env, texts):
    """Return texts one after the other, separated as the user's language does: with commas, in Chinese with “、”."""
    between = babel_locale_parse(get_lang(env).code).list_patterns['standard']['middle']
    return between.removeprefix('{0}').removesuffix('{1}').join(texts)


def listed_first(env, texts, most):
    """Return the first of some texts, separated as by :func:`listed`, and how many more there are."""
    said, more = listed(env, texts[:most]), len(texts[most:])
    return env._("%(names)s and %(more)s more", names=said, more=more) if more else said


def quoted(env, text):
    """Return a name in the quotation marks of the user's language: “…”, in Taiwan 「…」."""
    return env._("“%(text)s”", text=text)
