"""Days and lists as a language writes them."""
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


def listed(env, texts):
    """Return texts one after the other, separated as the user's language does: with commas, in Chinese with “、”."""
    between = babel_locale_parse(get_lang(env).code).list_patterns['standard']['middle']
    return between.removeprefix('{0}').removesuffix('{1}').join(texts)
