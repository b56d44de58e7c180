"""When two greetings are the same text: to whom it is addressed, who signs it, and on which day makes no difference."""
from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

WORDS = re.compile(r'[\W_]+')
#: Scripts that are written without blanks: no boundary tells where a name ends.
UNBROKEN = '\u0e00-\u0e7f\u2e80-\u2fff\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff'
LETTER = rf'[^\W\d_{UNBROKEN}]'
IDEOGRAPHS = re.compile(r'[\u3400-\u9fff\uf900-\ufaff]{2,4}')
#: Chinese surnames of two characters; all others have one.
LONG_SURNAMES = frozenset((
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 皇甫 令狐 东方 東方 尉迟 尉遲 公孙 公孫 慕容 "
    "司徒 夏侯 端木 南宫 南宮 独孤 獨孤 长孙 長孫 宇文 轩辕 軒轅").split())
LEGAL_FORM = re.compile(
    r'(?:股份|集团|集團|責任|责任|控股)*(?:有限公司|公司|株式会社|有限会社|集团|集團)$|^(?:株式会社|有限会社)')

#: Numbers of years, days and ages, which follow the person and say nothing to them.
NUMERALS = re.compile(r'\d+|[〇零一二三四五六七八九十百两兩廿卅]+(?=周?週?(?:年|月|日|号|號|岁|歲))')

#: The first clause of a text, up to its comma, colon or exclamation mark.
CLAUSE = re.compile(r'([^,:!;。、؛،\n]{1,80})[,:!;。、؛،\n]+\s*')
BLANK_CLAUSE = re.compile(rf'([{UNBROKEN}\ue000]{{1,12}})\s+')
#: What may be left of a salutation besides its opening, names and titles: a name that is not on the contact.
OTHER_NAME = re.compile(
    r'[\u3400-\u9fff\uf900-\ufaff]{0,4}|[\u30a0-\u30ff]{0,12}|[\uac00-\ud7af]{0,4}|'
    rf'{LETTER}+(?:[ \'’-]{LETTER}+){{0,3}}')
#: Stands where a name stood.
NAME = '\ue000'


class Address(NamedTuple):
    """How people are addressed: titles stand beside a name, openings begin a salutation."""
    titles: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()


class _Patterns(NamedTuple):
    """What is looked for in the texts of all people."""
    opening: re.Pattern
    title_alone: re.Pattern
    title_behind: re.Pattern
    title_end: re.Pattern
    titled_name: re.Pattern


#: No words of address are known.
PLAIN = Address()


def normalised(text: str, names: Iterable[str] = (), address: Address = PLAIN) -> str:
    """Return what is left of a greeting without salutation, names and their titles, numbers, punctuation, spaces and case.

    :param text: plain text
    :param names: full names of the person, the customer and the sender; their words are left out too
    :param address: the titles and openings of all languages
    """
    patterns = _patterns(address)
    marked = _without_names(_plain(text).replace(NAME, ' ').strip(), names, patterns)
    return WORDS.sub('', NUMERALS.sub('', _without_salutation(marked, patterns)))


def fingerprint(text: str, names: Iterable[str] = (), address: Address = PLAIN) -> str:
    """Return a short text that is the same for greetings that say the same; empty when they say nothing."""
    rest = normalised(text, names, address)
    return hashlib.sha256(rest.encode()).hexdigest() if rest else ''


@lru_cache(maxsize=4)
def _patterns(address: Address) -> _Patterns:
    titles, openings = (_any_of(map(_plain, words)) for words in address)
    return _Patterns(
        opening=re.compile(openings),
        title_alone=re.compile(rf'^(?:(?:{titles})(?:\.\s*|\s+|$))+|(?:{titles})+[们們]?\s*$'),
        title_behind=re.compile(rf'\s*(?:{titles})'),
        title_end=re.compile(rf'(?<=.)(?:{titles})+$'),
        titled_name=re.compile(rf'(?:(?:{titles})\.?\s*)*{NAME}(?:\s*(?:{titles}))*'),
    )


def _plain(text: str) -> str:
    """Return the text in one case and one width, without invisible marks; what case and width make of each other included."""
    text = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', text or '').casefold())
    return ''.join(char for char in text if unicodedata.category(char) != 'Cf')


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first, as words of their own where the script has blanks."""
    return '|'.join(_word(word) for word in sorted(set(filter(None, words)), key=len, reverse=True)) or '(?!)'


def _word(word: str) -> str:
    """Return the pattern of a word: in Latin letters it stands alone, a Chinese one between other characters."""
    before = rf'(?<!{LETTER})' if re.match(LETTER, word) else ''
    after = rf'(?!{LETTER})' if re.match(LETTER, word[-1]) else ''
    return before + re.escape(word) + after


def _without_names(text: str, names: Iterable[str], patterns: _Patterns) -> str:
    """Return the text with a mark for each name, its titles included.

    A Chinese surname alone is a name where a title follows.
    """
    whole, surnames = set(), set()
    for name in filter(None, (_plain(name).strip() for name in names)):
        bare = patterns.title_end.sub('', name).strip()
        whole |= {name, LEGAL_FORM.sub('', name), *WORDS.split(name)}
        if IDEOGRAPHS.fullmatch(bare):
            cut = 2 if len(bare) > 2 and bare[:2] in LONG_SURNAMES else 1
            surnames.add(bare[:cut])
            whole.add(bare[cut:])
        elif len(bare) == 1:
            surnames.add(bare)
    whole = {word for word in whole if len(word) > 1}

    marked, end = [], 0
    for start, word in _found(text, whole | surnames):
        alone = word in surnames and word not in whole and not patterns.title_behind.match(text, start + len(word))
        marked += [text[end:start], word if alone else NAME]
        end = start + len(word)
    return patterns.titled_name.sub(NAME, ''.join([*marked, text[end:]]))


@lru_cache(maxsize=4096)
def _is_letter(char: str) -> bool:
    return bool(re.match(LETTER, char))


def _found(text: str, words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield where the words stand in a text, and which, from left to right, the longest first, as :func:`_any_of` finds them.

    The names of each greeting are others: to make a pattern of them takes a hundred times as long as to look for them.
    """
    by_first = {}
    for word in sorted(set(words), key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word)
    start = 0
    while start < len(text):
        word = next((word for word in by_first.get(text[start], ()) if _stands_alone(text, word, start)), None)
        if word:
            yield start, word
        start += len(word) if word else 1


def _stands_alone(text: str, word: str, start: int) -> bool:
    """Return whether a word stands at this place, and not inside of another one; see :func:`_word`."""
    end = start + len(word)
    return (
        text.startswith(word, start)
        and not (start and _is_letter(word[0]) and _is_letter(text[start - 1]))
        and not (end < len(text) and _is_letter(word[-1]) and _is_letter(text[end])))


def _without_salutation(text: str, patterns: _Patterns) -> str:
    """Return the text without the clauses at its beginning that only address somebody.

    Such a clause consists of an opening, titles and names, and is short. A line of its own in a script with blanks may be
    any, like "Neighbours,".

    :param text: with a mark for each name
    """
    line, __, below = text.partition('\n')
    if below.strip() and re.fullmatch(rf'[^{UNBROKEN}]{{1,80}}[,:]', line.strip()):
        text = below.strip()
    other_name = True  # a name that is not on the contact is in the first clause, if anywhere
    for _clause in range(3):
        begins = CLAUSE.match(text) or BLANK_CLAUSE.match(text)
        if not begins:
            break
        rest, opened = patterns.opening.subn(' ', begins[1].replace(NAME, ' '))
        rest, titled = patterns.title_alone.subn(' ', rest.strip())
        left = ' '.join(rest.split()).strip(' .')
        if not (NAME in begins[1] or opened or titled) or left and not (
                other_name and opened + titled and OTHER_NAME.fullmatch(left)):
            break
        text, other_name = text[begins.end():], False
    return text
