"""Names of companies, compared without what says nothing: legal forms, punctuation, blanks, accents and capitals.

The legal forms are given by the caller: which there are, people know best.
"""
from __future__ import annotations

import re
import unicodedata

#: Between a name and a legal form, and inside of both.
_SIGNS = re.compile(r"[^\w]+|_+")
_DOTS = re.compile(r"(?<=\w)\.(?=\w|\s|$)")

#: A single sign without its legal form says nothing: *X Ltd* and *X GmbH* are two.
_SHORTEST = 2


def plain(text: str) -> str:
    """Return a name in small letters, without accents and with single blanks instead of punctuation.

    >>> plain('  Café-Müller G.m.b.H. & Co. KG '), plain('華信貿易（上海）有限公司')
    ('cafe muller gmbh co kg', '華信貿易 上海 有限公司')
    """
    text = unicodedata.normalize('NFKD', unicodedata.normalize('NFKC', text).casefold())
    text = ''.join(sign for sign in text if not unicodedata.combining(sign))
    return _SIGNS.sub(' ', _DOTS.sub('', unicodedata.normalize('NFC', text))).strip()


def prepared(forms) -> list[str]:
    """Return legal forms as :func:`key` wants them: plain, the longer ones first.

    >>> prepared(['Ltd.', 'Co. Ltd', '有限公司', ' '])
    ['co ltd', '有限公司', 'ltd']
    """
    return sorted({form for form in map(plain, forms) if form}, key=lambda form: (-len(form), form))


def key(name: str, forms) -> str:
    """Return what is left of the name of a company without its legal forms, to be compared; '' where nothing is.

    Legal forms stand behind the name or before it, and there may be several. A name that is nothing but one keeps it, and so
    does a name of a single sign.

    >>> forms = prepared(['GmbH', 'GmbH & Co. KG', 'Ltd', 'Co.', '有限公司', '股份有限公司', 'SARL'])
    >>> [key(name, forms) for name in ('Hafen G.m.b.H.', 'Hafen GmbH & Co. KG', 'SARL Hafen', 'HAFEN Co., Ltd.')]
    ['hafen', 'hafen', 'hafen', 'hafen']
    >>> key('华信贸易股份有限公司', forms), key('Hua Xin', forms) == key('HuaXin Ltd', forms), key('Ltd', forms), key('…', forms)
    ('华信贸易', True, 'ltd', '')
    >>> key('X Co. Ltd', forms), key('3 GmbH', forms), key('X', forms)
    ('xco', '3gmbh', 'x')
    """
    left = plain(name)
    while len((shorter := _without_one(left, forms)).replace(' ', '')) >= _SHORTEST:
        left = shorter
    return left.replace(' ', '')


def _without_one(name: str, forms) -> str:
    """Return the name without one legal form at one of its ends; '' where there is none, or nothing else."""
    for form in forms:
        # Chinese and Japanese write it without a blank
        between = ' ' if form.isascii() else ''
        if name.endswith(between + form) and (left := name[:-len(form)].strip()):
            return left
        if name.startswith(form + between) and (left := name[len(form):].strip()):
            return left
    return ''
