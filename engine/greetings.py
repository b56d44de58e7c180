"""When two greetings are the same text: to whom it is addressed and who signs it makes no difference."""
from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

#: A salutation stands alone in the first line, ends like one, and is short.
SALUTATION = re.compile(r'.{1,80}[,，:：!！]')
WORDS = re.compile(r'[\W_]+')


def normalised(text: str, names: Iterable[str] = ()) -> str:
    """Return what is left of a greeting without salutation, names, punctuation, spaces and case.

    :param text: plain text
    :param names: full names of the person, the customer and the sender; their words are left out too
    """
    lines = [line.strip() for line in _plain(text).splitlines() if line.strip()]
    if len(lines) > 1 and SALUTATION.fullmatch(lines[0]):
        lines = lines[1:]
    rest = ' '.join(lines)
    words = set()
    for name in filter(None, map(_plain, names)):
        words |= {name.strip(), *(part for part in WORDS.split(name) if len(part) > 1)}
    for word in sorted(words, key=len, reverse=True):
        # a name in Latin letters is a word of its own, a Chinese one stands between other characters
        rest = re.sub(rf'\b{re.escape(word)}\b' if word.isascii() else re.escape(word), ' ', rest)
    return WORDS.sub('', rest)


def fingerprint(text: str, names: Iterable[str] = ()) -> str:
    """Return a short text that is the same for greetings that say the same; empty when they say nothing."""
    rest = normalised(text, names)
    return hashlib.sha256(rest.encode()).hexdigest() if rest else ''


def _plain(text: str) -> str:
    return unicodedata.normalize('NFKC', text or '').casefold()
