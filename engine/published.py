"""What governments published and the calendar library lacks or has otherwise, each with its source.

An entry is used only where the library still says what stands here, so a library that has caught up is left alone.
"""
from __future__ import annotations

import datetime
from typing import NamedTuple

from .places import Place

_MON, _TUE, _WED, _THU, FRI, SAT, SUN = range(7)


class Fact(NamedTuple):
    """Something published.

    :param value: what it is
    :param source: who published it, in English
    """

    value: object
    source: str


#: Weekends (0: Monday). Where the library is right there is no entry.
WEEKENDS = {
    Place('AE', 'SH'): Fact({FRI, SAT, SUN}, "Government of Sharjah, since January 2022"),
    Place('LY'): Fact({FRI, SAT}, "Unicode CLDR"),
    Place('MR'): Fact({SAT, SUN}, "Council of Ministers of Mauritania, 11 September 2014; Unicode CLDR"),
    Place('NP'): Fact({SAT}, "Cabinet of Nepal, 6 June 2022"),
    Place('PS'): Fact({FRI, SAT}, "Palestinian public service, Friday and Saturday"),
}

#: States whose weekend differs though the library does not tell the parts of their country apart, by Odoo's codes.
STATE_WEEKENDS = {('AE', 'SH'): Place('AE', 'SH')}

#: Days that the library has on another day, by country, its day and its English name.
MOVED = {
    ('AE', datetime.date(2025, 6, 3), "Arafat Day"): datetime.date(2025, 6, 5),
    ('AE', datetime.date(2025, 6, 4), "Eid al-Adha"): datetime.date(2025, 6, 6),
    ('AE', datetime.date(2025, 6, 5), "Eid al-Adha Holiday"): datetime.date(2025, 6, 7),
    ('AE', datetime.date(2025, 6, 6), "Eid al-Adha Holiday"): datetime.date(2025, 6, 8),
    ('AE', datetime.date(2025, 6, 26), "Islamic New Year"): datetime.date(2025, 6, 27),
}
MOVED_SOURCE = {'AE': "Ministry of Human Resources and Emiratisation, 2025"}

#: Days that the library keeps among the optional ones though most of the country is closed; with the parts that are not.
ADDED = {
    # gazetted holiday of the central government; no general holiday in the lists of these states
    'IN': {"Holi": frozenset({'KA', 'KL', 'LD', 'PY', 'TN'})},
}

#: Countries in which no public holiday is free at present.
WITHOUT_HOLIDAYS = {'UA': "no day off under martial law (Law of Ukraine 2136-IX, article 6)"}

#: Countries whose government decides year by year which weekend days are worked for which bridge days.
ARRANGES_YEARLY = frozenset({'AZ', 'BY', 'CN', 'HU', 'KZ', 'MM', 'RU', 'UZ'})
