"""Words in a text that tell a mood, for a person to judge: nothing is scored.

The longest word at a place wins: “不满意” is found before “满意” is. A word that is denied is not found: "no
complaints", “没有投诉”; denied twice, it is: "never without problems". Between what denies and the word stand only
words that pass it on: "did not have any problem", “没有任何投诉”; whatever else stands between, or a comma, ends it: "not
only broken" is broken, “没修好，要投诉” a complaint.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

#: What denies the word after it.
NEGATORS = {
    *"no not never without none nothing nobody neither nor cannot cant dont doesnt didnt isnt arent wasnt werent wont".split(),
    *"hasnt havent hadnt couldnt wouldnt shouldnt hardly".split(),
    *"没有 没 不是 不会 不想 不要 不 无 未 从未 从不 并非 并不 别 绝不 毫无 从来没有 从没".split(),
    *"沒有 沒 不會 無 從未 從不 並非 並不 別 絕不 毫無 從來沒有 從沒".split(),
}

#: What passes a denial on to the word after it.
FILLERS = {
    *"a an any the at all really very so that too been had have has having ever to be is are was were need want wish".split(),
    *"intend going more much of yet my our your their its this single further real big major experienced seen got get".split(),
    *"find found with about such".split(),
    *"任何 什么 一点 一点儿 半点 过 再 收到 收到过 遇到 遇到过 发生 出现 想 要 想要 打算 的 很 太 那么 有 有过 值得 需要".split(),
    *"什麼 一點 半點 過 收到過 遇到過 發生 出現 那麼 有過".split(),
}

#: Signs of scripts that are written without spaces.
_SOLID = re.compile('[\u2e80-\u9fff\u3040-\u30ff]')

#: So far a denial reaches back, in words or signs that are passed over.
_REACH = 6


class Word(NamedTuple):
    """A word of the list.

    :param key: whatever tells the caller which word it is
    :param text: the word, or several
    """

    key: int
    text: str


class Found(NamedTuple):
    """A word that stands in a text, where it begins and ends."""

    start: int
    end: int
    key: int


def find(text: str, words: Iterable[Word]) -> list[Found]:
    """Return the words of a list that stand in a text and are not denied there, in the order of the text.

    >>> words = [Word(1, "bad"), Word(2, "投诉"), Word(3, "满意"), Word(4, "不满意"), Word(5, "very bad")]
    >>> [found.key for found in find("A very bad day, and not bad at all", words)]
    [5]
    >>> [found.key for found in find("没有投诉，但是不满意", words)]
    [4]
    >>> find("Badly put, bade", words), find("", words)
    ([], [])

    :param text: what somebody wrote
    """
    plain = _plain(text)
    by_first: dict[str, list[tuple[str, int]]] = {}
    for word in words:
        if searched := ' '.join(_plain(word.text).split()):
            by_first.setdefault(searched[0], []).append((searched, word.key))
    for candidates in by_first.values():
        candidates.sort(key=lambda candidate: (-len(candidate[0]), candidate[1]))
    result, place = [], 0
    while place < len(plain):
        hit = next((
            (end, key) for searched, key in by_first.get(plain[place], ()) if (end := _end_of(searched, plain, place))), None)
        if not hit:
            place += 1
            continue
        end, key = hit
        if not is_denied(plain, place):
            result.append(Found(place, end, key))
        place = end
    return result


def is_denied(text: str, place: int) -> bool:
    """Return whether what stands at a place of a text is denied by what stands before.

    >>> is_denied("i have no complaint", 10), is_denied("not only a complaint", 11), is_denied("never without trouble", 14)
    (True, False, False)
    """
    denied, start, passed = False, place, 0
    while passed < _REACH and (start := _before(text, start)) is not None:
        found = _piece(text, start)
        if not found:
            break
        kind, start = found
        denied ^= kind == 'negator'
        passed += 1
    return denied


def _plain(text: str) -> str:
    """Return a text in small letters and with plain apostrophes, sign for sign where it was."""
    lowered = (small if len(small := sign.lower()) == 1 else sign for sign in text)
    return ''.join("'" if sign == '\u2019' else ' ' if sign.isspace() else sign for sign in lowered)


def _end_of(searched: str, text: str, place: int) -> int:
    """Return where a word ends that begins at a place of a text; 0 where it does not stand there as a whole."""
    end = place
    for number, part in enumerate(searched.split(' ')):
        if number:
            spaces = end
            while spaces < len(text) and text[spaces] == ' ':
                spaces += 1
            if spaces == end:
                return 0
            end = spaces
        if not text.startswith(part, end):
            return 0
        end += len(part)
    first, last = text[place], text[end - 1]
    if place and _joins(text[place - 1], first) or end < len(text) and _joins(last, text[end]):
        return 0
    return end


def _joins(one: str, other: str) -> bool:
    """Return whether two signs are of one word, in scripts that put spaces between words."""
    def is_letter(sign: str) -> bool:
        return sign.isalnum() and not _SOLID.match(sign)
    return is_letter(one) and is_letter(other)


def _before(text: str, place: int) -> int | None:
    """Return where the text before a place ends, spaces passed over; None where a clause begins there."""
    while place and text[place - 1] == ' ':
        place -= 1
    return place or None


def _piece(text: str, end: int) -> tuple[str, int] | None:
    """Return what stands right before a place, as far as it denies or passes a denial on: which of both, and where it begins."""
    if _SOLID.match(text[end - 1]):
        for length in range(min(4, end), 0, -1):
            part = text[end - length:end]
            if part in NEGATORS or part in FILLERS:
                return 'negator' if part in NEGATORS else 'filler', end - length
        return None
    start = end
    while start and (text[start - 1].isalpha() or text[start - 1] == "'") and not _SOLID.match(text[start - 1]):
        start -= 1
    part = text[start:end]
    if part.replace("'", '') in NEGATORS:
        return 'negator', start
    return ('filler', start) if part in FILLERS else None
