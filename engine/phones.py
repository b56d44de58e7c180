"""Phone numbers as people write them: with extensions, remarks and several in one field.

What people typed stays as it is; here it is only read, to tell whether somebody can be called at all and which number
that is. Words in brackets or apart from the digits are remarks, marks like 转, # or *ext.* start an extension, and full-width
signs and digits of any script are as good as ASCII ones.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

try:
    import phonenumbers
except ImportError:
    phonenumbers = None

#: What starts an extension in the languages of our customers; the longer ones first.
_EXTENSION_MARKS = (
    r"分机号|分機號|分机|分機|内线|內線|转接|轉接|转|轉|內|"  # Chinese
    r"内線|"  # Japanese
    r"تحويلة|"  # Arabic
    r"доб\.?|"  # Russian
    r"durchwahl|dw\.?|app\.|nebenst(?:elle|\.)|"  # German
    r"poste|interno|int\.|ramal|"  # French, Italian, Spanish, Portuguese
    r";?ext(?:ension|n)?\.?=?|x|#"
)
_EXTENSION = re.compile(
    rf"(?:(?<![a-z])|(?<=\d))(?:{_EXTENSION_MARKS})\s*[:.\-]?\s*\d{{1,7}}(?!\d)(?:\s*[/、,~\-]\s*\d{{1,6}}(?!\d))*")
_BRACKETS = re.compile(r"[(\[{【〔「<《]([^()\[\]{}【】〔〕「」<>《》]*)[)\]}】〕」>》]")
#: Labels that are written without a space before the number, like "Tel021-62345678".
_LABEL = re.compile(r"(?<![a-z])(?:tel(?:efon|ephone)?|mob(?:ile|il)?|cell|handy|phone|ph|fon|fax|[tmphwc])(?=\d)")
_GLUED = re.compile(r"[a-z](?=\d)|(?<=\d)[a-z]")
_STRONG = re.compile(r"[\n;、,|]+")
_WEAK = re.compile(r"([\s/\-~]+)")
#: What may be left once remarks are gone.
_SIGNS = re.compile(r"[\d+().\[\]/~:&'\"*·\s\-]*")
_TAIL = re.compile(r"(.*\d)[\s/~\-]+\d{1,6}")
_SPREADSHEET_FLOAT = re.compile(r"\s*(\+?\d{5,15})\.0+\s*")
_SPREADSHEET_POWER = re.compile(r"\s*\d(?:[.,]\d+)?e\+?\d{1,2}\s*", re.IGNORECASE)

#: A field with more groups of digits than this holds something else than phone numbers.
_MOST_GROUPS = 40


def mended(text: str) -> str:
    """Return the text without what a spreadsheet added to a number: 13800138000.0 is 13800138000.

    >>> mended('13800138000.0'), mended('021.62345678')
    ('13800138000', '021.62345678')
    """
    found = _SPREADSHEET_FLOAT.fullmatch(text)
    return found[1] if found else text


def lost_digits(text: str) -> bool:
    """Return whether a spreadsheet has written the number as a power of ten, by which digits are lost.

    >>> lost_digits('1.38001E+10'), lost_digits('13800138000')
    (True, False)
    """
    return bool(_SPREADSHEET_POWER.fullmatch(text))


def numbers(text: str, region: str | None = None) -> list[str]:
    """Return the phone numbers in a text, digits only, with a + where people wrote one; empty when that can't be dialled.

    :param text: as people wrote it
    :param region: code of the country from which numbers without a country code are dialled; None if not known

    >>> numbers('021-62345678转8001', 'CN'), numbers('13800138000（王总）、13900139000', 'CN')
    (['02162345678'], ['13800138000', '13900139000'])
    """
    region = _known(region)
    text = vanity = _plain(text)
    text = _BRACKETS.sub(lambda found: _of_brackets(found[1]), _EXTENSION.sub("\n", text))
    text = _LABEL.sub(" ", text)
    if _GLUED.search(text):
        return []
    rest = "".join(char if not char.isalpha() else " " for char in text).replace("+", " +")
    if not _SIGNS.fullmatch(_STRONG.sub(" ", rest)):
        return []
    pieces = [piece.strip(" .:-/~&'\"*·") for piece in _STRONG.split(rest)]
    found = _of_pieces([piece for piece in pieces if re.search(r"\d", piece)], _readers(region))
    if not found and region and phonenumbers and re.search(r"\d[\s\-]*[a-z]{3}", vanity):
        return [vanity] if _parsed(vanity, region, phonenumbers.is_valid_number) else []
    return found


def international(text: str, region: str | None = None) -> str:
    """Return the first number of the text in the form +8613800138000; empty when there is none that exists.

    >>> international('021-62345678转8001', 'CN')
    '+862162345678'
    """
    region = _known(region)
    for number in numbers(text, region):
        parsed = phonenumbers and _parsed(number, region, phonenumbers.is_valid_number)
        if parsed:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return ''


def is_plain(text: str) -> bool:
    """Return whether the text is one number and nothing else, so that it may be written in another form.

    >>> is_plain('（021）62345678'), is_plain('021-62345678-8001 张经理')
    (True, False)
    """
    text = _plain(text)
    return bool(re.fullmatch(r"\+?[\d\s().\-/]+", text)) and len(re.sub(r"\D", "", text)) <= 15


def _known(region: str | None) -> str | None:
    """Return the region, or None for one without a numbering plan of its own, like Antarctica."""
    return region if phonenumbers and region in phonenumbers.SUPPORTED_REGIONS else None


def _plain(text: str) -> str:
    """Return the text in lower case, with ASCII digits and signs, and without invisible marks."""
    chars = []
    for char in unicodedata.normalize('NFKC', text).lower():
        category = unicodedata.category(char)
        if category == 'Nd':
            chars.append(str(unicodedata.digit(char)))
        elif category == 'Pd' or char == '−':
            chars.append('-')
        elif category != 'Cf':
            chars.append(char)
    return "".join(chars)


def _of_brackets(inside: str) -> str:
    """Return what stays of a text in brackets: an area code does, a remark does not."""
    return f" {inside} " if re.fullmatch(r"[\s+\d\-.]*", inside) else " "


def _of_pieces(pieces: list[str], readers: list[Callable]) -> list[str]:
    """Return the numbers of all pieces, or nothing when one of them is none; a short one is an extension of the one
    before."""
    found = []
    for piece in pieces:
        read = _of_piece(piece, readers)
        if not read and not (found and re.fullmatch(r"[\s\-]*\d{1,6}", piece)):
            return []
        found += read
    return found


def _of_piece(piece: str, readers: list[Callable]) -> list[str]:
    """Return the numbers of a text without words: one if there is such a number, else as few as there are.

    A slash, a hyphen or a blank may stand within a number (089/1234567), between two, or before an extension. Where more
    than one reading is possible, that of numbers which exist wins.
    """
    parts = _WEAK.split(piece)
    if len(parts) > _MOST_GROUPS:
        return []
    for accepted in readers:
        for pattern in (None, _TAIL):
            if found := _split(parts, lambda *span, a=accepted, p=pattern: _number(parts, *span, a, p)):
                return found
    return []


def _split(parts: list[str], number: Callable) -> list[str]:
    """Return as few numbers as the parts make, all of them used; empty when they can't be read so.

    :param parts: groups of digits, and between them what parts them
    :param number: what the parts from one place to another make, or None
    """
    @cache
    def split(first):
        if first >= len(parts):
            return []
        for last in range(len(parts), first, -2):
            head = number(first, last)
            tail = split(last + 1) if head else None
            if tail is not None:
                return [head, *tail]
        return None
    return split(0) or []


def _number(parts, first, last, accepted, tail):
    """Return the number that the parts from one place to another make, or None.

    :param accepted: whether digits are a number, and whether they stand alone in the field
    :param tail: a pattern whose group leaves out what looks like an extension; None to take all digits
    """
    whole = "".join(parts[first:last])
    for candidate in tail.findall(whole) if tail else [whole]:
        digits = ('+' if candidate.lstrip(" (").startswith('+') else '') + re.sub(r"\D", "", candidate)
        if digits and candidate.count('+') < 2 and accepted(digits, first == 0 and last == len(parts)):
            return digits
    return None


def _readers(region: str | None) -> list[Callable]:
    """Return what tells whether digits are a number, the strictest first; see :func:`_number`."""
    def exists(number, _alone):
        return _parsed(number, region, phonenumbers.is_valid_number)

    def possible(number, alone):
        # a few digits may be dialled locally, but several such groups are rather one wrong number
        return (alone or len(number) >= 7) and _parsed(number, region, phonenumbers.is_possible_number)

    def hotline(number, alone):
        return alone and region and not number.startswith('+') and phonenumbers.is_valid_short_number_for_region(
            phonenumbers.PhoneNumber(
                country_code=phonenumbers.country_code_for_region(region), national_number=int(number)), region)

    def any_digits(number, alone):
        if number.startswith(('+', '00')) and phonenumbers:
            return possible(number, alone)
        return (5 if alone else 7) <= len(number) <= 15
    return [exists, possible, hotline] if phonenumbers and region else [any_digits]


def _parsed(number: str, region: str | None, accepted: Callable):
    """Return the number as `phonenumbers` reads it, if that is accepted, else None; 0049… is +49… everywhere."""
    for written in (number, '+' + number[2:]) if number.startswith('00') else (number,):
        try:
            parsed = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if accepted(parsed):
            return parsed
    return None
