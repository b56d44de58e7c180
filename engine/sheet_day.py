"""Days as people write them into sheets: numbers of a spreadsheet, every order of year, month and day, without a year, in the
Chinese lunar calendar, in words, and what stands there when nobody knows.

A text is read without regard to its column (:func:`read`); what a column leaves open (:func:`survey`) is asked once, and with
the answers each text is a day (:func:`decide`) or has a reason why it is none.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, NamedTuple

from . import lunar
from .calendar_errors import CalendarError
from .sheet_book import Broken, from_serial
from .sheet_table import cleaned

ORDERS = ('ymd', 'dmy', 'mdy')

NOTHING = re.compile(
    r'[\s\-–—―_/\\.。·…*?？×xX√0]*|无|無|没有|空|待定|未定|待确认|待確認|暂无|暫無|未知|不详|不詳|猴年马月|猴年馬月|长期|'
    r'n/?a|none|null|nil|tbd|tba|unknown|never|open|-+|0{2,4}[-/.]0{1,2}[-/.]0{1,2}( 0{2}:0{2}(:0{2})?)?', re.IGNORECASE)
RELATIVE = re.compile(
    r'(昨|今|明|前|后|後)[天日]|大前天|大后天|(上|下|本|这|這)(个|個)?(周|星期|礼拜|月|季度)|[去今明]年|刚才|月底|月初|年底|年初|春节前?后?|节后|'
    r'(last|next|this) (week|month|year|quarter|\w+day)|yesterday|today|tomorrow|asap|soon', re.IGNORECASE)
LUNAR = re.compile(
    r'[(\[【]?(农历|農曆|阴历|陰曆|旧历|舊曆|lunar|(?<![a-z])农(?!历)|(?<![a-z])阴(?!历))[)\]】]?[:：]?', re.IGNORECASE)
SOLAR = re.compile(r'[(\[【]?(阳历|陽曆|公历|公曆|新历|新曆|国历|國曆|solar|gregorian)[)\]】]?[:：]?', re.IGNORECASE)
WEEKDAY = re.compile(
    r'[(（]?(星期|周|週|礼拜|禮拜)[一二三四五六日天][)）]?|[(（][一二三四五六日][)）]|\b(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)'
    r'(day|nesday|rsday|urday|sday)?\b\.?,?', re.IGNORECASE)
TIME = re.compile(
    r'(?P<half>上午|下午|晚上|早上|中午|凌晨|傍晚|夜里|晚|早|a\.?m\.?|p\.?m\.?)?\s*'
    r'(?:(?P<hour>[0-2]?\d)\s*[:：]\s*(?P<minute>[0-5]\d)(?:\s*[:：]\s*[0-5]\d(?:\.\d+)?)?'
    r'|(?P<bell>[0-2]?\d)\s*[点點时時](?:\s*(?P<past>[0-5]?\d)\s*分?|(?P<halfpast>半))?(?:钟|鐘|整)?)'
    r'\s*(?P<after>a\.?m\.?|p\.?m\.?)?(?:\s*(?:z|utc|[+-]\d{2}:?\d{2}))?', re.IGNORECASE)
HALF_ALONE = re.compile(r'(上午|下午|晚上|早上|中午|傍晚)$')

DIGITS = {sign: number for number, sign in enumerate('零一二三四五六七八九')} | {'〇': 0, '○': 0, '两': 2, '廿': 20, '卅': 30}
_NUMERAL = r'[〇○零一二三四五六七八九十廿卅两]+'
LUNAR_DAY = re.compile(
    rf'(?:(?P<year>\d{{4}}|[〇○零一二三四五六七八九]{{4}})年?)?\s*(?P<leap>闰|閏)?\s*(?P<month>正|冬|腊|臘|十[一二]?|[一二三四五六七八九])月'
    rf'(?P<first>初)?(?P<day>{_NUMERAL})(?P<mark>日|号|號)?')
MONTHS = {name: number for number, names in enumerate((
    'jan january januar janvier', 'feb february februar février fevrier', 'mar march märz maerz mars mrz', 'apr april avril',
    'may mai', 'jun june juni juin', 'jul july juli juillet', 'aug august août aout', 'sep sept september septembre',
    'oct october oktober okt octobre', 'nov november novembre', 'dec december dezember dez décembre decembre'), 1)
    for name in names.split()}
_NAMES = '|'.join(sorted(MONTHS, key=len, reverse=True))
NAMED = (
    re.compile(
        rf'(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s\-]*(?:of\s+)?(?P<name>{_NAMES})\.?[\s,\-]*(?P<year>\d{{4}}|\d{{2}})?',
        re.IGNORECASE),
    re.compile(
        rf'(?P<name>{_NAMES})\.?[\s\-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[\s,\-]+(?P<year>\d{{4}}|\d{{2}}))?',
        re.IGNORECASE),
)
FULL = re.compile(r'(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号號]?')
SHORT_YEAR = re.compile(r"'?(\d{2})年\s*(\d{1,2})月\s*(\d{1,2})\s*[日号號]?")
COMPACT = re.compile(r'((?:19|20)\d{2})([01]\d)([0-3]\d)')
YEAR_LAST = re.compile(r'(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})')
TWO_DIGITS = re.compile(r"'?(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*'?(\d{1,2})")
MONTH_DAY = re.compile(r'(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?')
TWO_NUMBERS = re.compile(r'(\d{1,2})\s*[-/.]\s*(\d{1,2})')
MONTH_ALONE = re.compile(r'(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?(份)?|\d{1,2}月(份)?')
SERIAL = re.compile(r'(\d{5})(\.\d+)?')
SEVERAL = re.compile(r'\d\s*[日号]?\s*(~|～|至|到|—|–|、|,|，|;|；|&|和)\s*\d')


class Lunar(NamedTuple):
    """A day in the Chinese lunar calendar; 0 is a year that nobody said."""

    year: int
    month: int
    day: int
    leap: bool = False


class Read(NamedTuple):
    """What a cell says, without regard to its column.

    :param day: the day, where it is certain
    :param time: as well
    :param orders: what it may be, as numbers of year (None: not said), month and day by the order they are written in
    :param lunar: what it says in the lunar calendar
    :param maybe_lunar: whether it may be meant in the Gregorian one all the same
    :param short: whether the year has two digits
    :param nothing: whether it says that nobody knows
    :param problem: why it is no day: ``broken``, ``relative``, ``no_day``, ``several``, ``month_only``, ``number``, ``words``
    """

    day: date | None = None
    time: time | None = None
    orders: dict[str, tuple[int | None, int, int]] = {}
    lunar: Lunar | None = None
    maybe_lunar: bool = False
    short: bool = False
    nothing: bool = False
    problem: str = ''


class Survey(NamedTuple):
    """What a column leaves open.

    :param orders: orders that some cells may be read in, and none contradicts; one or none where nothing is to be asked
    :param yearless: whether days have no year
    :param maybe_lunar: whether days may be meant in the lunar calendar
    """

    orders: tuple[str, ...] = ()
    yearless: bool = False
    maybe_lunar: bool = False


class Answer(NamedTuple):
    """What somebody said about a column.

    :param order: ``ymd``, ``dmy``, ``mdy``; '' where nothing was to be asked
    :param year: of days without one: a year, ``past`` for the last such day, ``coming`` for the next, ``none`` to leave it so
    :param lunar: whether days that may be lunar are
    """

    order: str = ''
    year: int | str = 'past'
    lunar: bool = True


class Day(NamedTuple):
    """What a cell says in the end: a day, perhaps with a time and in the lunar calendar; or why it is none.

    :param month_day: month and day where the year stays open
    """

    day: date | None = None
    time: time | None = None
    lunar: Lunar | None = None
    month_day: tuple[int, int] | None = None
    problem: str = ''


def read(value: Any, date1904: bool = False, is_lunar: bool | None = None) -> Read:
    """Read a cell.

    :param date1904: whether numbers are counted from 1904 on
    :param is_lunar: what another column says of the calendar
    """
    if value is None or isinstance(value, str) and NOTHING.fullmatch(cleaned(value)):
        return Read(nothing=True)
    if isinstance(value, Broken):
        return Read(problem='broken')
    if isinstance(value, datetime):
        value, clock = value.date(), value.time()
        found = Read(day=value, time=clock if clock != time() else None) if 1900 <= value.year <= 2200 else Read(problem='no_day')
        return _as_lunar(found) if is_lunar else found
    if isinstance(value, bool) or isinstance(value, time):
        return Read(problem='words')
    if isinstance(value, int | float):
        found = _of_number(value, date1904)
        return _as_lunar(found) if is_lunar else found
    return _of_text(_normal(value), date1904, is_lunar)


def _normal(text):
    return ' '.join(unicodedata.normalize('NFKC', cleaned(text)).replace('／', '/').replace('．', '.').split())


def _as_lunar(found):
    """Take the numbers of a day for those of the lunar calendar."""
    if found.day:
        return found._replace(day=None, lunar=Lunar(found.day.year, found.day.month, found.day.day))
    if found.orders and (numbers := found.orders.get('mdy') or found.orders.get('ymd')):
        return Read(lunar=Lunar(numbers[0] or 0, numbers[1], numbers[2]), time=found.time)
    return found


def _of_number(number, date1904):
    if 19000101 <= number <= 22001231 and number == int(number) and COMPACT.fullmatch(str(int(number))):
        text = str(int(number))
        return _certain(int(text[:4]), int(text[4:6]), int(text[6:]))
    if not 15000 <= number <= 80000:
        return Read(problem='number')
    moment = from_serial(float(number), date1904)
    return Read(day=moment.date(), time=moment.time() if moment.time() != time() else None)


def _of_text(text, date1904, is_lunar):
    if is_lunar is None and LUNAR.search(text):
        is_lunar = True
    if is_lunar is None and SOLAR.search(text):
        is_lunar = False
    text = SOLAR.sub('', LUNAR.sub('', text)).strip()
    doubtful = bool(re.match(r'[rn]\d', text, re.IGNORECASE))  # some programs mark one of the two calendars so
    text = text[1:] if doubtful else text
    if text in ('除夕', '大年三十'):
        return Read(lunar=Lunar(0, 12, 30))
    if found := LUNAR_DAY.fullmatch(text):
        return _of_lunar_words(found, is_lunar)
    found = _of_numbers(text, date1904)
    if is_lunar and not found.problem:
        return _as_lunar(found)
    if doubtful and found.day and is_lunar is None:
        return found._replace(lunar=Lunar(found.day.year, found.day.month, found.day.day), maybe_lunar=True)
    return found


def _of_lunar_words(found, is_lunar):
    month = {'正': 1, '冬': 11, '腊': 12, '臘': 12}.get(found['month']) or numeral(found['month'])
    day, year = numeral(found['day']), _year_of_words(found['year'])
    if not 1 <= month <= 12 or not 1 <= day <= (30 if is_lunar else 31):
        return Read(problem='no_day')
    certain = is_lunar or found['leap'] or found['first'] or found['month'] in '正冬腊臘' or found['day'].startswith('廿')
    says = Lunar(year, month, day, bool(found['leap']))
    gregorian = {'ymd': (year or None, month, day)}
    if is_lunar is False or not certain and (found['mark'] or year or day > 30):
        return Read(orders=gregorian) if not year else _certain(year, month, day)
    return Read(lunar=says, orders={} if certain else gregorian, maybe_lunar=not certain)


def _year_of_words(text):
    if not text:
        return 0
    return int(text) if text.isdigit() and text.isascii() else int(''.join(str(DIGITS[sign]) for sign in text))


def numeral(text: str) -> int:
    """Return a Chinese numeral up to 99 as a number.

    >>> [numeral(text) for text in ('三', '十', '十五', '二十', '廿三', '三十', '卅')]
    [3, 10, 15, 20, 23, 30, 30]
    """
    tens, between, ones = text.partition('十')
    if between:
        return (DIGITS.get(tens, 1) if tens else 1) * 10 + DIGITS.get(ones, 0)
    return sum(DIGITS.get(sign, 0) for sign in text)


def _of_numbers(text, date1904):
    """Read a text in the Gregorian calendar."""
    if NOTHING.fullmatch(text):
        return Read(nothing=True)
    clock, rest = _time(WEEKDAY.sub(' ', text).strip(' ,'))
    rest = rest.strip(' ,tT')
    if found := SERIAL.fullmatch(text):
        if 15000 <= int(found[1]) <= 80000:
            return _of_number(float(text), date1904)
    if clock == 'wrong':
        return Read(problem='no_day')
    for pattern, make in READERS:
        if found := pattern.fullmatch(rest):
            return make(found)._replace(time=clock)
    return Read(problem=_why_no_day(text, rest))


def _why_no_day(text, rest):
    if RELATIVE.search(text):
        return 'relative'
    if SEVERAL.search(text) or len(FULL.findall(text)) > 1:
        return 'several'
    return 'month_only' if MONTH_ALONE.fullmatch(rest) else 'words'


def _time(text):
    """Return the time in a text, or ``wrong``, and the rest of the text."""
    found = TIME.search(text)
    if not found:
        return None, HALF_ALONE.sub('', text)
    hour = int(found['hour'] or found['bell'])
    minute = 30 if found['halfpast'] else int(found['minute'] or found['past'] or 0)
    half = (found['half'] or found['after'] or '').lower().replace('.', '')
    if half in ('下午', '晚上', '傍晚', '晚', '夜里', 'pm') and hour < 12 or half == '中午' and hour < 3:
        hour += 12
    elif half in ('上午', '凌晨', '早上', 'am') and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        return 'wrong', text
    # midnight is what a program writes where nobody said when
    return time(hour, minute) if hour or minute else None, text[:found.start()] + text[found.end():]


def _certain(year, month, day):
    try:
        return Read(day=date(year, month, day)) if 1900 <= year <= 2200 else Read(problem='no_day')
    except ValueError:
        return Read(problem='no_day')


def _possible(orders, short=False):
    """Return what a text with these readings says, without those that no calendar has."""
    found = {order: numbers for order, numbers in orders.items() if _exists(*numbers)}
    if not found:
        return Read(problem='no_day')
    return Read(orders=found, short=short)


def _exists(year, month, day):
    try:
        return bool(date(year or 2000, month, day))
    except ValueError:
        return False


def _year_last(found):
    one, two, year = int(found[1]), int(found[2]), int(found[3])
    return _possible({'dmy': (year, two, one), 'mdy': (year, one, two)})


def _two_digits(found):
    one, two, three = int(found[1]), int(found[2]), int(found[3])
    # nobody writes a year with one digit
    return _possible({
        **({'ymd': (one, two, three)} if len(found[1]) == 2 else {}),
        **({'dmy': (three, two, one), 'mdy': (three, one, two)} if len(found[3]) == 2 else {})}, short=True)


def _two_numbers(found):
    one, two = int(found[1]), int(found[2])
    return _possible({'mdy': (None, one, two), 'dmy': (None, two, one)})


def _named(found):
    month, day, year = MONTHS[found['name'].lower()], int(found['day']), found['year']
    if not year:
        return _possible({order: (None, month, day) for order in ORDERS})
    if len(year) == 2:
        return _possible({order: (int(year), month, day) for order in ORDERS}, short=True)
    return _certain(int(year), month, day)


def _gregorian_words(found):
    year, month, day = _year_of_words(found[1]), numeral(found[2]), numeral(found[3])
    return _certain(year, month, day) if year else _possible({order: (None, month, day) for order in ORDERS})


READERS = (
    (FULL, lambda found: _certain(int(found[1]), int(found[2]), int(found[3]))),
    (COMPACT, lambda found: _certain(int(found[1]), int(found[2]), int(found[3]))),
    (SHORT_YEAR, lambda found: _possible(dict.fromkeys(ORDERS, (int(found[1]), int(found[2]), int(found[3]))), short=True)),
    (YEAR_LAST, _year_last), (TWO_DIGITS, _two_digits),
    (MONTH_DAY, lambda found: _possible(dict.fromkeys(ORDERS, (None, int(found[1]), int(found[2]))))),
    (TWO_NUMBERS, _two_numbers), *((pattern, _named) for pattern in NAMED),
    (re.compile(rf'(?:([〇○零一二三四五六七八九]{{4}})年)?({_NUMERAL})月({_NUMERAL})[日号號]?'), _gregorian_words),
)


def survey(cells: Iterable[Read]) -> Survey:
    """Find what the cells of a column leave open.

    >>> survey(map(read, ['3/11/2026', '25/11/2026'])).orders, survey(map(read, ['3/11/2026'])).orders
    (('dmy',), ('dmy', 'mdy'))
    """
    cells = list(cells)
    asked = [cell.orders for cell in cells if cell.orders and not cell.lunar]
    fits = [order for order in ORDERS if all(order in orders for orders in asked)]
    if not fits:  # they contradict each other: what most of them can be read in comes first
        fits = [order for order in ORDERS if any(order in orders for orders in asked)]
        fits.sort(key=lambda order: -sum(order in orders for orders in asked))
    open_ones = [orders for orders in asked if len({orders[order] for order in orders if order in fits}) > 1]
    yearless = any(
        cell.lunar and not cell.lunar.year or not cell.day and any(numbers[0] is None for numbers in cell.orders.values())
        for cell in cells)
    return Survey(tuple(fits) if open_ones else tuple(fits[:1]), yearless, any(cell.maybe_lunar for cell in cells))


def decide(cell: Read, answer: Answer, today: date, birthday: bool = False) -> Day:
    """Return what a cell says with what was answered about its column.

    :param today: of which days without a year are the last or the next
    :param birthday: whether it is a day long ago, and the lunar calendar is kept

    >>> decide(read('11/3'), Answer('mdy', 'past'), date(2026, 11, 29)).day
    datetime.date(2026, 11, 3)
    """
    if cell.nothing or cell.problem:
        return Day(problem=cell.problem)
    if cell.lunar and (answer.lunar or not cell.maybe_lunar):
        return _of_lunar(cell, answer, today, birthday)
    if cell.day:
        return Day(cell.day, cell.time)
    numbers = cell.orders.get(answer.order) or next(iter(cell.orders.values()))
    if answer.order and answer.order not in cell.orders and len(set(cell.orders.values())) > 1:
        return Day(problem='no_day')
    year, month, day = numbers
    if cell.short and year is not None:
        year += 1900 if birthday and year > today.year % 100 or year > (today.year + 10) % 100 else 2000
    if year is None:
        if birthday or answer.year == 'none':
            return Day(month_day=(month, day))
        year = _year_for(lambda year: _made(year, month, day), answer.year, today)
    made = year and _made(year, month, day)
    return Day(made, cell.time) if made else Day(problem='no_day')


def _made(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year_for(make, wanted, today):
    """Return the year in which a day is the last one, or the next; or the one that was said."""
    if isinstance(wanted, int):
        return wanted
    years = [year for year in range(today.year - 8, today.year + 9) if make(year)]
    if wanted == 'coming':
        return next((year for year in years if make(year) >= today), None)
    return next((year for year in reversed(years) if make(year) <= today), None)


def _of_lunar(cell, answer, today, birthday):
    """Return a day of the lunar calendar: as it stands for a birthday, else the day on which it falls."""
    says = cell.lunar
    if not 1 <= says.month <= 12 or not 1 <= says.day <= 30:
        return Day(problem='no_day')
    if birthday:
        return Day(lunar=says, time=cell.time)

    def make(year):
        try:
            return lunar.lunar_to_solar(year, says.month, says.day, says.leap)
        except CalendarError:
            return None

    year = says.year or _year_for(make, answer.year if answer.year != 'none' else 'past', today)
    made = year and make(year)
    return Day(made, cell.time, says) if made else Day(problem='no_day')


def moment(day: Day, noon: time = time(12)) -> datetime | None:
    """Return day and time, at noon where nobody said when.

    >>> moment(Day(date(2026, 11, 3)))
    datetime.datetime(2026, 11, 3, 12, 0)
    """
    return datetime.combine(day.day, day.time or noon) if day.day else None
