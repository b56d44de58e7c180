import datetime

import pytz
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_success.engine import zones

from . import common  # noqa: F401


@tagged('post_install', '-at_install')
class TestZones(BaseCase):
    """K6: which clock somebody lives by. Held against the tables of pytz, which come from the IANA database."""

    def test_every_country_has_a_main_zone(self):
        several = {country for country, names in pytz.country_timezones.items() if len(names) > 1}
        self.assertEqual(set(zones.MAIN_ZONES), several)
        for country, names in pytz.country_timezones.items():
            self.assertEqual(set(zones.zones_of(country)), set(names), country)
        self.assertFalse([country for country in pytz.country_names if not zones.zones_of(country)])

    def test_every_zone_of_a_state_is_one_of_the_country(self):
        for state, names in zones.STATE_ZONES.items():
            country, code = state.split('-')
            # Puerto Rico is a state of the United States and a country of the database
            there = pytz.country_timezones[country] + pytz.country_timezones.get(code, []) * (country == 'US')
            self.assertLessEqual(set(names), set(there), state)

    def test_every_zone_of_the_large_countries_is_one_of_a_state(self):
        """No zone of the countries whose states are all in the table is forgotten."""
        for country in ('US', 'CA', 'AU', 'BR', 'MX', 'RU', 'ID'):
            of_states = {name for state, names in zones.STATE_ZONES.items() if state[:2] == country for name in names}
            self.assertLessEqual(set(pytz.country_timezones[country]), of_states, country)

    def test_former_names_mean_the_same_clock(self):
        for name, now in zones.FORMER_NAMES.items():
            self.assertIn(now, pytz.all_timezones_set)
            for month in (1, 7):
                moment = pytz.utc.localize(datetime.datetime(2026, month, 1))
                self.assertEqual(moment.astimezone(pytz.timezone(name)).utcoffset(),
                                 moment.astimezone(pytz.timezone(now)).utcoffset(), name)

    @given(st.datetimes(datetime.datetime(2020, 1, 1), datetime.datetime(2035, 1, 1)))
    def test_shifts_are_the_days_of_the_calendar(self, moment):
        """The oracle asks every zone of its own at the very moment."""
        shifts = zones.day_shifts(moment)
        for name in pytz.all_timezones:
            day = pytz.utc.localize(moment).astimezone(pytz.timezone(name)).date()
            shift = next((days for days, names in shifts.items() if name in names), 0)
            self.assertEqual(moment.date() + datetime.timedelta(days=shift), day, name)
