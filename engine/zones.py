"""Which clock somebody lives by, from where they are.

The tables are facts of the IANA time zone database: which zones a country has comes from it (``pytz``), which of them is
the main one (the capital's or, where that differs, most people's) and which holds in which state stands here. States are
keyed by ISO 3166-2 with the codes that Odoo gives them; the zones of a state stand in the order of their people.
"""
from __future__ import annotations

import datetime
from functools import lru_cache

import pytz

#: The main zone of countries that have several.
MAIN_ZONES = {
    'AQ': 'Antarctica/McMurdo', 'AR': 'America/Argentina/Buenos_Aires', 'AU': 'Australia/Sydney', 'BR': 'America/Sao_Paulo',
    'CA': 'America/Toronto', 'CD': 'Africa/Kinshasa', 'CL': 'America/Santiago', 'CN': 'Asia/Shanghai', 'CY': 'Asia/Nicosia',
    'DE': 'Europe/Berlin', 'EC': 'America/Guayaquil', 'ES': 'Europe/Madrid', 'FM': 'Pacific/Pohnpei', 'GL': 'America/Nuuk',
    'ID': 'Asia/Jakarta', 'KI': 'Pacific/Tarawa', 'KZ': 'Asia/Almaty', 'MH': 'Pacific/Majuro', 'MN': 'Asia/Ulaanbaatar',
    'MX': 'America/Mexico_City', 'MY': 'Asia/Kuala_Lumpur', 'NZ': 'Pacific/Auckland', 'PF': 'Pacific/Tahiti',
    'PG': 'Pacific/Port_Moresby', 'PS': 'Asia/Hebron', 'PT': 'Europe/Lisbon', 'RU': 'Europe/Moscow', 'UA': 'Europe/Kyiv',
    'UM': 'Pacific/Wake', 'US': 'America/New_York', 'UZ': 'Asia/Tashkent',
}

#: Countries without zones in the table of the database, and whose clock they share.
SHARED_ZONES = {'BV': 'Europe/Oslo', 'HM': 'Indian/Kerguelen', 'XK': 'Europe/Belgrade', 'XI': 'Europe/London'}

#: The zones of states, the main one first, with their states.
_STATES = {
    'US': {
        'America/New_York': "CT DE DC GA ME NH NJ NY NC OH MD MA PA RI SC VT VA WV",
        'America/New_York America/Chicago': "FL",
        'America/Detroit America/Menominee': "MI",
        'America/Indiana/Indianapolis America/Chicago America/New_York America/Indiana/Vincennes America/Indiana/Winamac '
        'America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Tell_City '
        'America/Indiana/Knox': "IN",
        'America/Kentucky/Louisville America/New_York America/Chicago America/Kentucky/Monticello': "KY",
        'America/Chicago': "AL AR IL IA LA MN MS MO OK WI",
        'America/Chicago America/Denver': "KS NE SD TX",
        'America/Chicago America/New_York': "TN",
        'America/Chicago America/Denver America/North_Dakota/Center America/North_Dakota/New_Salem '
        'America/North_Dakota/Beulah': "ND",
        'America/Denver': "CO MT NM UT WY",
        'America/Boise America/Los_Angeles': "ID",
        'America/Phoenix America/Denver': "AZ",
        'America/Los_Angeles': "CA WA",
        'America/Los_Angeles America/Denver': "NV",
        'America/Los_Angeles America/Boise': "OR",
        'America/Anchorage America/Juneau America/Sitka America/Metlakatla America/Yakutat America/Nome America/Adak': "AK",
        'Pacific/Honolulu': "HI",
        'Pacific/Pago_Pago': "AS", 'Pacific/Guam': "GU", 'Pacific/Saipan': "MP", 'America/Puerto_Rico': "PR",
        'America/St_Thomas': "VI", 'Pacific/Pohnpei': "FM", 'Pacific/Majuro': "MH", 'Pacific/Palau': "PW",
    },
    'CA': {
        'America/Toronto America/Atikokan America/Winnipeg': "ON", 'America/Toronto America/Blanc-Sablon': "QC",
        'America/Edmonton': "AB", 'America/Edmonton America/Inuvik': "NT",
        'America/Vancouver America/Fort_Nelson America/Dawson_Creek America/Creston America/Edmonton': "BC",
        'America/Winnipeg': "MB", 'America/Moncton': "NB", 'America/St_Johns America/Goose_Bay': "NL",
        'America/Halifax America/Glace_Bay': "NS", 'America/Halifax': "PE",
        'America/Iqaluit America/Rankin_Inlet America/Cambridge_Bay America/Resolute': "NU",
        'America/Regina America/Swift_Current America/Edmonton': "SK", 'America/Whitehorse America/Dawson': "YT",
    },
    'AU': {
        'Australia/Sydney': "ACT", 'Australia/Sydney Australia/Broken_Hill Australia/Lord_Howe': "NSW",
        'Australia/Darwin': "NT", 'Australia/Brisbane Australia/Lindeman': "QLD", 'Australia/Adelaide': "SA",
        'Australia/Hobart Antarctica/Macquarie': "TAS", 'Australia/Melbourne': "VIC",
        'Australia/Perth Australia/Eucla': "WA",
    },
    'BR': {
        'America/Sao_Paulo': "DF ES GO MG PR RJ RS SC SP", 'America/Maceio': "AL SE", 'America/Bahia': "BA",
        'America/Fortaleza': "CE MA PB PI RN", 'America/Recife America/Noronha': "PE", 'America/Belem': "AP",
        'America/Belem America/Santarem': "PA", 'America/Araguaina': "TO", 'America/Cuiaba': "MT",
        'America/Campo_Grande': "MS", 'America/Porto_Velho': "RO", 'America/Boa_Vista': "RR",
        'America/Manaus America/Eirunepe': "AM", 'America/Rio_Branco': "AC",
    },
    'MX': {
        'America/Mexico_City': "AGU COL CHP CMX GRO GUA HID JAL MIC MOR MEX OAX PUE QUE SLP TAB TLA VER ZAC",
        'America/Monterrey': "DUR", 'America/Monterrey America/Matamoros': "COA NLE TAM", 'America/Merida': "CAM YUC",
        'America/Cancun': "ROO", 'America/Chihuahua America/Ciudad_Juarez America/Ojinaga': "CHH",
        'America/Mazatlan': "BCS SIN", 'America/Mazatlan America/Bahia_Banderas': "NAY", 'America/Hermosillo': "SON",
        'America/Tijuana': "BCN",
    },
    'RU': {
        'Europe/Kaliningrad': "KGD",
        'Europe/Moscow': "AD ARK BEL BRY CE CU DA IN IVA KB KL KLU KC KR KO KOS KDA KRS LEN LIP ME MO MOS MOW MUR NEN NIZ "
                         "NGR ORL PNZ PSK ROS RYA SPE SE SMO STA TAM TA TUL TVE VLA VLG VOR YAR",
        'Europe/Kirov': "KIR", 'Europe/Volgograd': "VGG", 'Europe/Astrakhan': "AST", 'Europe/Saratov': "SAR",
        'Europe/Ulyanovsk': "ULY", 'Europe/Samara': "SAM UD",
        'Asia/Yekaterinburg': "BA CHE KHM KGN ORE PER SVE TYU YAN",
        'Asia/Omsk': "OMS", 'Asia/Novosibirsk': "NVS", 'Asia/Barnaul': "AL ALT", 'Asia/Tomsk': "TOM",
        'Asia/Novokuznetsk': "KEM", 'Asia/Krasnoyarsk': "KK KYA TY", 'Asia/Irkutsk': "BU IRK", 'Asia/Chita': "ZAB",
        'Asia/Yakutsk': "AMU", 'Asia/Yakutsk Asia/Khandyga Asia/Ust-Nera Asia/Vladivostok Asia/Srednekolymsk': "SA",
        'Asia/Vladivostok': "KHA PRI YEV", 'Asia/Magadan': "MAG", 'Asia/Sakhalin Asia/Srednekolymsk': "SAK",
        'Asia/Kamchatka': "KAM", 'Asia/Anadyr': "CHU",
    },
    'ID': {
        'Asia/Jakarta': "AC BB BT BE JK JA JB JT JI KR LA RI SB SS SU YO", 'Asia/Pontianak': "KB KT",
        'Asia/Makassar': "BA GO KS KI KU NB NT SR SN ST SG SA", 'Asia/Jayapura': "MA MU PA PB PD PS PT PE",
    },
    # of these only the states with a clock of their own
    'ES': {'Atlantic/Canary': "GC TF", 'Africa/Ceuta': "CE ME"},
    'PT': {'Atlantic/Azores': "20", 'Atlantic/Madeira': "30"},
    'CL': {'America/Coyhaique': "AI", 'America/Punta_Arenas': "MA", 'America/Santiago Pacific/Easter': "VS"},
    'EC': {'Pacific/Galapagos': "20"},
    'MN': {'Asia/Hovd': "02 15 16"},
    'MY': {'Asia/Kuching': "12 13 15"},
}

#: State by ISO 3166-2 code → its zones, the main one first.
STATE_ZONES = {
    f'{country}-{state}': tuple(names.split())
    for country, zones in _STATES.items() for names, states in zones.items() for state in states.split()
}

#: Older names that people still choose, where the country has several zones.
FORMER_NAMES = {
    'America/Buenos_Aires': 'America/Argentina/Buenos_Aires', 'America/Fort_Wayne': 'America/Indiana/Indianapolis',
    'America/Godthab': 'America/Nuuk', 'America/Indianapolis': 'America/Indiana/Indianapolis',
    'America/Louisville': 'America/Kentucky/Louisville', 'America/Montreal': 'America/Toronto',
    'America/Yellowknife': 'America/Edmonton', 'Asia/Chongqing': 'Asia/Shanghai', 'Asia/Harbin': 'Asia/Shanghai',
    'Asia/Ujung_Pandang': 'Asia/Makassar', 'Asia/Ulan_Bator': 'Asia/Ulaanbaatar', 'Australia/ACT': 'Australia/Sydney',
    'Australia/Canberra': 'Australia/Sydney', 'Australia/NSW': 'Australia/Sydney', 'Australia/North': 'Australia/Darwin',
    'Australia/Queensland': 'Australia/Brisbane', 'Australia/South': 'Australia/Adelaide',
    'Australia/Tasmania': 'Australia/Hobart', 'Australia/Victoria': 'Australia/Melbourne',
    'Australia/West': 'Australia/Perth', 'Brazil/Acre': 'America/Rio_Branco', 'Brazil/DeNoronha': 'America/Noronha',
    'Brazil/East': 'America/Sao_Paulo', 'Brazil/West': 'America/Manaus', 'Canada/Atlantic': 'America/Halifax',
    'Canada/Central': 'America/Winnipeg', 'Canada/Eastern': 'America/Toronto', 'Canada/Mountain': 'America/Edmonton',
    'Canada/Newfoundland': 'America/St_Johns', 'Canada/Pacific': 'America/Vancouver',
    'Canada/Saskatchewan': 'America/Regina', 'Canada/Yukon': 'America/Whitehorse',
    'Chile/Continental': 'America/Santiago', 'Chile/EasterIsland': 'Pacific/Easter', 'Europe/Kiev': 'Europe/Kyiv',
    'Mexico/BajaNorte': 'America/Tijuana', 'Mexico/BajaSur': 'America/Mazatlan', 'Mexico/General': 'America/Mexico_City',
    'NZ': 'Pacific/Auckland', 'NZ-CHAT': 'Pacific/Chatham', 'PRC': 'Asia/Shanghai', 'Portugal': 'Europe/Lisbon',
    'US/Alaska': 'America/Anchorage', 'US/Aleutian': 'America/Adak', 'US/Arizona': 'America/Phoenix',
    'US/Central': 'America/Chicago', 'US/East-Indiana': 'America/Indiana/Indianapolis', 'US/Eastern': 'America/New_York',
    'US/Hawaii': 'Pacific/Honolulu', 'US/Michigan': 'America/Detroit', 'US/Mountain': 'America/Denver',
    'US/Pacific': 'America/Los_Angeles', 'W-SU': 'Europe/Moscow',
}


def zones_of(country: str, state: str | None = None) -> tuple[str, ...]:
    """Return the zones of a country, or of a state of it that has a clock of its own, the main one first.

    >>> zones_of('NZ')
    ('Pacific/Auckland', 'Pacific/Chatham')
    >>> zones_of('US', 'TX')
    ('America/Chicago', 'America/Denver')
    >>> zones_of('MY', 'MY-13'), zones_of('DE', 'BY'), zones_of('XX')
    (('Asia/Kuching',), (), ())

    :param country: ISO code of the country
    :param state: code of the state within it, with or without that of the country before it; None: the whole country
    :return: empty where nothing is known, of a state also where it is nothing but what is true of the whole country
    """
    if state:
        found = STATE_ZONES.get(f'{country}-{state.removeprefix(country + "-")}', ())
    else:
        every = pytz.country_timezones.get(country, [])
        main = MAIN_ZONES.get(country) or SHARED_ZONES.get(country)
        found = [main] * bool(main) + [zone for zone in every if zone != main]
    return tuple(zone for zone in found if zone in pytz.all_timezones_set)


def trusted(zone: str | None, there: tuple[str, ...]) -> str | None:
    """Return the zone of somebody who is at a place.

    The zone that stands on a contact is often that of whoever typed it in: it is believed only as far as it is one of the
    place, else the main zone of the place holds. Where nothing is known of the place, there is nothing better.

    >>> trusted('Europe/Berlin', ('Asia/Shanghai', 'Asia/Urumqi'))
    'Asia/Shanghai'
    >>> trusted('US/Mountain', ('America/Chicago', 'America/Denver'))
    'America/Denver'
    >>> trusted('Europe/Berlin', ())
    'Europe/Berlin'

    :param zone: the zone on record, if any
    :param there: the zones of the place, the main one first
    """
    name = FORMER_NAMES.get(zone, zone)
    if there:
        return name if name in there else there[0]
    return zone


def day_shifts(now: datetime.datetime) -> dict[int, tuple[str, ...]]:
    """Return the zones in which it is another day than in UTC: by 1 those that are a day ahead, by -1 those behind.

    >>> shifts = day_shifts(datetime.datetime(2026, 3, 2, 11))
    >>> 'Pacific/Auckland' in shifts[1], 'Asia/Shanghai' in shifts[1], shifts[-1]
    (True, False, ('Etc/GMT+12',))

    :param now: the moment, in UTC
    """
    # all clocks of the world turn to another day on a quarter of an hour
    return _day_shifts(now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0))


@lru_cache(maxsize=64)
def _day_shifts(quarter):
    shifts = {name: (local_time(name, quarter).date() - quarter.date()).days for name in pytz.all_timezones}
    return {days: tuple(name for name, shift in shifts.items() if shift == days) for days in (1, -1)}


def day_in(zone: str | None, now: datetime.datetime) -> datetime.date:
    """Return what day it is in a zone; that of UTC where nobody knows the zone.

    >>> day_in('Pacific/Auckland', datetime.datetime(2026, 3, 2, 12)), day_in('Nowhere', datetime.datetime(2026, 3, 2, 12))
    (datetime.date(2026, 3, 3), datetime.date(2026, 3, 2))

    :param now: the moment, in UTC
    """
    return local_time(zone, now).date()


def local_time(zone: str | None, now: datetime.datetime) -> datetime.datetime:
    """Return what clock and calendar say in a zone; UTC where nobody knows the zone.

    :param now: the moment, in UTC
    """
    try:
        return pytz.utc.localize(now).astimezone(pytz.timezone(zone or 'UTC'))
    except pytz.UnknownTimeZoneError:
        return pytz.utc.localize(now)
