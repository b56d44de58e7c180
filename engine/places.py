"""Where a country or a state stands in the calendar library.

Two lists name the same places by different codes: Odoo writes ``DE-BY``, ``MY-01``, ``ZH-FR`` and 119 British counties, the
library ``BY``, ``01``, ``ZH`` and four parts of the United Kingdom. A place is written as ``DE-BY`` here, or ``DE`` for a
whole country.
"""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from .calendar_errors import CalendarMissing, NotKnown

#: Languages that a state's code may end in, where a country has its states once in each (``ZH-FR``: Zurich).
LANGUAGE = re.compile(r'-(?:AR|DE|EN|FR|IT|RM)$')

#: A name of so many letters is no code of another list.
SHORTEST_NAME = 4


class Place(NamedTuple):
    """A country or a part of one, by the codes of the library.

    :param country: ISO 3166 code
    :param part: code of the library's subdivision, or ''
    """

    country: str
    part: str = ''

    def __str__(self):
        return f'{self.country}-{self.part}' if self.part else self.country


#: Countries of Odoo that stand elsewhere in the library. Most companies of the United Kingdom name no county in their
#: address, and most of them are in England; XI is Odoo's code for Northern Ireland.
COUNTRIES = {'GB': 'GB-ENG', 'XI': 'GB-NIR'}

_SCOTLAND = (
    'A1 A5 A7 B1 B3 B9 C3 C9 F9 G1 G5 H1 I7 I9 J1 J3 J5 J7 J9 K1 K3 K5 K7 K9 L1 L2 L5 L7 M1 M3 M5 M7 M9 N1 N3 N5 N7 O7 O9 '
    'P1 P3 Q7 R1 R3 S9 T1 T5 T7 T9 U3 V7 W3 X1 X9')
_ENGLAND = (
    'A9 B5 B7 C1 C5 C7 D1 E1 E9 F1 F3 F5 F7 G7 G9 H3 I1 I3 I5 N9 O1 O5 P5 P7 P9 Q1 Q3 Q9 R5 R7 R9 S1 S3 S5 S7 U5 U7 V1 V3 '
    'V5 V9 W1 W5 W7 X3 X5 X7 Y1 Y3')


def _table(**states_by_place):
    """Return the place of each state: ``GB_SCT="A1 A5"`` gives ``{'A1': 'GB-SCT', 'A5': 'GB-SCT'}``."""
    return {state: place.replace('_', '-') for place, states in states_by_place.items() for state in states.split()}


#: States whose code and name say nothing to the library, by country and Odoo's code.
STATES = {
    # historic counties, by the country of the United Kingdom that they lie in
    'GB': _table(
        GB_ENG=_ENGLAND, GB_SCT=_SCOTLAND, GB_WLS='D3 G3 H7 H9 Q5 T3 U9 W9', GB_NIR='D5 D7 D9 E3 E5 E7', IM='L9'),
    # provinces, by their autonomous community (ISO 3166-2:ES)
    'ES': _table(
        ES_AN='AL CA CO GR H J MA SE', ES_AR='HU TE Z', ES_AS='O', ES_CB='S', ES_CE='CE', ES_CL='AV BU LE P SA SG SO VA ZA',
        ES_CM='AB CR CU GU TO', ES_CN='GC TF', ES_CT='B GI L T', ES_EX='BA CC', ES_GA='C LU OR PO', ES_IB='PM', ES_MC='MU',
        ES_MD='M', ES_ML='ME', ES_NC='NA', ES_PV='BI SS VI', ES_RI='LO', ES_VC='A CS V'),
    # merged in 2020 (ISO 3166-2:IN)
    'IN': _table(IN_DH='DD DN'),
    # provinces of Sardinia that were dissolved in 2016, by the one that took most of them over (ISO 3166-2:IT)
    'IT': _table(IT_NU='OG', IT_SS='OT', IT_SU='CI VS'),
    # with calendars of their own
    'CN': _table(HK='港', MO='澳', TW='台'),
    'US': _table(FM='FM', MH='MH', PW='PW'),
}


def place_of_country(country: str) -> Place:
    """Return where a country of Odoo stands.

    :param country: its code, like ``DE``
    """
    return parse(COUNTRIES.get(country, country))


def place_of_state(country: str, code: str, name: str = '') -> Place | None:
    """Return where a state of Odoo stands, or None when the library does not know it.

    :param country: code of its country
    :param code: code of the state
    :param name: its name, in the language of the country or in English
    :raises NotKnown: when the library does not know the country
    :raises CalendarMissing: when the library is not installed
    """
    if found := STATES.get(country, {}).get(code):
        return parse(found)
    home = place_of_country(country).country
    parts, names = _parts(home)
    # a name says more than a code that may be of any list
    if len(_normal(name)) >= SHORTEST_NAME and (part := names.get(_normal(name))):
        return Place(home, part)
    bare = code.strip().removeprefix(f'{country}-')
    for candidate in (bare, LANGUAGE.sub('', bare)):
        if candidate in parts:
            return Place(home, candidate)
    return None


def parts(country: str) -> tuple[str, ...]:
    """Return the codes of the parts that the library tells apart in a country of Odoo.

    :raises NotKnown: when the library does not know the country
    :raises CalendarMissing: when the library is not installed
    """
    return _parts(place_of_country(country).country)[0]


def parse(text: str) -> Place:
    """Return the place that a text like ``DE-BY`` or ``HK`` names; whether it exists is another question."""
    country, __, part = text.strip().partition('-')
    return Place(country, part)


def is_known(place: Place) -> bool:
    """Return whether the library has a calendar for a place.

    :raises CalendarMissing: when the library is not installed
    """
    try:
        found = _parts(place.country)[0]
    except NotKnown:
        return False
    return not place.part or place.part in found


def _parts(country):
    try:
        import holidays  # noqa: PLC0415  an install may lack it
    except ImportError as error:
        raise CalendarMissing('holidays') from error
    return _read_parts(holidays, country)


@lru_cache(maxsize=512)
def _read_parts(library, country):
    """Return the codes of a country's parts, and their codes by normalised name."""
    try:
        known = library.country_holidays(country, years=())
    except NotImplementedError as error:
        raise NotKnown(country) from error
    aliases = {**{part: part for part in known.subdivisions}, **known.subdivisions_aliases}
    names = {_normal(name): part for name, part in aliases.items() if len(_normal(name)) >= SHORTEST_NAME}
    return tuple(known.subdivisions), names


def _normal(name):
    """Return a name without case, accents, blanks and punctuation."""
    letters = unicodedata.normalize('NFKD', name or '').casefold()
    return ''.join(letter for letter in letters if letter.isalnum())
