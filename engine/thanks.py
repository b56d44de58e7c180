"""Whether somebody says anything but thanks."""
from __future__ import annotations

import re

from .phrases import phrases, says_without

#: Lines from here on were written before, or by a program.
_QUOTED = re.compile(
    r'^\s*(>|-{2,}\s*$|_{5,}|on .+ wrote:\s*$|am .+ schrieb.*:\s*$|[在于].+写道[:\uff1a]\s*$|-+ ?original message|sent from my '
    r'|发自我的)',
    re.IGNORECASE)

#: So many words may be left beside the thanks: a name. Two may say that nothing is solved.
LEFT = 1


def is_thanks(text: str, words: str) -> bool:
    """Return whether a text says thanks and nothing else.

    >>> words = "thanks, thank you, many thanks, ok, received, 谢谢, 已收到, 收到"
    >>> is_thanks("Many thanks, John!\\n> Here is the new part", words), is_thanks("谢谢，已收到", words)
    (True, True)
    >>> is_thanks("Thanks, but it still leaks", words), is_thanks("谢谢，但是还没有解决", words)
    (False, False)
    >>> is_thanks("Thanks, still broken", words)
    False
    >>> is_thanks("OK?", words), is_thanks("", words), is_thanks("Call me", words)
    (False, False, False)

    :param text: what somebody wrote; what is quoted below it does not count
    :param words: the phrases of thanks, as people write lists: see ``phrases.phrases``
    """
    said = own_words(text).replace('\n', ' ')
    if not said.strip() or re.search('[?\uff1f]', said):
        return False
    left = says_without(said, sorted(phrases(words), key=len, reverse=True))
    return left is not None and len(left) <= LEFT


def own_words(text: str) -> str:
    """Return what somebody wrote, without what is quoted below it.

    >>> own_words("It leaks.\\nAnna\\n> What happened?")
    'It leaks.\\nAnna'
    """
    own = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        own.append(line)
    return '\n'.join(own)
