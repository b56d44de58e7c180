"""What somebody meant who wrote a few words."""
from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r'\s+')

#: Scripts that are written without blanks: a word may begin and end anywhere.
_NO_BLANKS = re.compile('[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]')


def phrases(text: str) -> list[str]:
    """Return the phrases of a list as people write it: one per line, or with commas in between.

    >>> phrases("No answer, voicemail\\n没人接、无人接听，")
    ['no answer', 'voicemail', '没人接', '无人接听']
    """
    return [phrase for part in re.split(r'[,;\n,、,;]', _plain(text, keep_lines=True)) if (phrase := _plain(part))]


def says(text: str, wanted: list[str]) -> bool:
    """Return whether one of the phrases stands in a text, as words of their own.

    >>> says("Called twice: NO  ANSWER.", ['no answer'])
    True
    >>> says("They didn’t pick up", ["didn't pick up"]), says("打了两次，没人接", ['没人接'])
    (True, True)
    >>> says("Has no answers for us yet", ['no answer'])
    False

    :param text: what somebody wrote
    :param wanted: see :func:`phrases`
    """
    plain = _plain(text)
    return any(
        phrase in plain if _NO_BLANKS.search(phrase) else re.search(rf'(?<!\w){re.escape(phrase)}(?!\w)', plain)
        for phrase in wanted)


def says_without(text: str, wanted: list[str]) -> list[str] | None:
    """Return the words that are left of a text without some phrases; None where none of them stands in it.

    In scripts without blanks every sign counts as a word.

    >>> says_without("Thank you, Anna.", ['thank you']), says_without("谢谢您", ['谢谢']), says_without("Hello", ['thanks'])
    (['anna'], ['您'], None)

    :param text: what somebody wrote
    :param wanted: see :func:`phrases`; the longest ones first
    """
    plain, found = _plain(text), False
    for phrase in wanted:
        pattern = re.escape(phrase) if _NO_BLANKS.search(phrase) else rf'(?<!\w){re.escape(phrase)}(?!\w)'
        plain, count = re.subn(pattern, ' ', plain)
        found = found or bool(count)
    if not found:
        return None
    return [sign for word in re.findall(r'\w+', plain) for sign in (word if _NO_BLANKS.search(word) else [word])]


def _plain(text, keep_lines=False):
    """Return a text in small letters, with half-width signs, straight apostrophes and single blanks."""
    plain = unicodedata.normalize('NFKC', text).replace('’', "'").casefold()
    return plain if keep_lines else _BLANKS.sub(' ', plain).strip()
