"""Public holidays and weekends of countries and states, held against what governments publish (CUL-2)."""
import datetime
from collections import Counter
from unittest.mock import patch

import holidays

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_success.engine import calendars, places, published
from odoo.addons.customer_success.engine.places import Place

from .common import CultureCase
from .test_calendar_rows import CALENDAR_LOG

#: States of Odoo that no list of parts has: US armed forces, two bailiwicks at once, counties of Norway from 2020 to 2023.
NOWHERE = {
    'US': {'AA', 'AE', 'AP'}, 'GB': {'C6'}, 'NO': {'NO-30', 'NO-38', 'NO-54'},
}

#: How many states Odoo has in the countries whose parts the library tells apart.
STATES = {
    'AR': 24, 'AT': 9, 'AU': 8, 'BR': 27, 'CA': 13, 'CH': 71, 'CL': 16, 'DE': 16, 'ES': 52, 'FI': 19, 'GB': 119, 'IN': 36,
    'IT': 111, 'MY': 16, 'NO': 13, 'NZ': 16, 'PT': 20, 'US': 62,
}

#: Days that one state keeps and another of the same country does not, as the governments list them for 2025 to 2027.
KEPT = {
    # gov.uk, bank holidays: Easter Monday; mygov.scot: 2 January (2027: on Monday the 4th) and the first Monday of August
    'GB': (
        ('2025-04-21 2026-04-06 2027-03-29', 'Q1 W9 D5', 'T1'),
        ('2025-01-02 2026-01-02 2027-01-04', 'T1', 'Q1 W9 D5'),
        ('2025-08-04 2026-08-03 2027-08-02', 'T1', 'Q1 W9 D5'),
        ('2025-03-17 2026-03-17 2027-03-17', 'D5', 'Q1 W9 T1'),
    ),
    # holiday acts of the states: Corpus Christi, Reformation Day, Women's Day, day of repentance
    'DE': (
        ('2025-06-19 2026-06-04 2027-05-27', 'DE-BY DE-NW', 'DE-HH DE-BE DE-SN'),
        ('2025-10-31 2026-10-31 2027-10-31', 'DE-HH DE-SN', 'DE-BY DE-BE DE-NW'),
        ('2025-03-08 2026-03-08 2027-03-08', 'DE-BE', 'DE-BY DE-HH DE-SN'),
        ('2025-11-19 2026-11-18 2027-11-17', 'DE-SN', 'DE-BY DE-HH DE-BE'),
    ),
    # Prime Minister's Department: New Year's Day, Sarawak Day, harvest festival of Sabah, birthday of the Sultan of Selangor
    'MY': (
        ('2025-01-01 2026-01-01 2027-01-01', 'MY-10 MY-12 MY-13', 'MY-01 MY-03'),
        ('2025-07-22 2026-07-22 2027-07-22', 'MY-13', 'MY-10 MY-12 MY-01'),
        ('2025-05-30 2026-05-30 2027-05-30', 'MY-12', 'MY-10 MY-13 MY-01'),
        ('2025-12-11 2026-12-11 2027-12-11', 'MY-10', 'MY-12 MY-13 MY-01'),
    ),
    # Boletín Oficial del Estado: Easter Monday and Saint Stephen in Barcelona, Maundy Thursday in Madrid and Seville
    'ES': (
        ('2025-04-21 2026-04-06 2027-03-29', 'B', 'M SE'),
        ('2025-12-26 2026-12-26', 'B', 'M SE'),
        ('2025-04-17 2026-04-02 2027-03-25', 'M SE', 'B'),
    ),
    # holidays of the cantons (Federal Office of Justice): Labour Day, Corpus Christi, Genevan Fast, Epiphany
    'CH': (
        ('2025-05-01 2026-05-01 2027-05-01', 'ZH ZH-FR TI', 'LU GE'),
        ('2025-06-19 2026-06-04 2027-05-27', 'LU LU-IT TI', 'ZH GE'),
        ('2025-09-11 2026-09-10 2027-09-09', 'GE GE-IT', 'ZH LU TI'),
        ('2025-01-06 2026-01-06 2027-01-06', 'TI', 'ZH LU GE'),
    ),
    # lists of the state governments: Maharashtra Day, Pongal, Karnataka Rajyotsava, Holi
    'IN': (
        ('2025-05-01 2026-05-01 2027-05-01', 'MH', ''),
        ('2025-01-14 2026-01-14', 'TN', 'MH KA'),
        ('2025-11-01 2026-11-01 2027-11-01', 'KA', 'MH TN'),
        ('2025-03-14 2026-03-04 2027-03-22', 'MH UP DL', 'KA TN KL'),
    ),
    # Fair Work Ombudsman: Melbourne Cup, Western Australia Day, King's Birthday in most states and in Queensland
    'AU': (
        ('2025-11-04 2026-11-03 2027-11-02', 'VIC', 'NSW QLD WA'),
        ('2025-06-02 2026-06-01 2027-06-07', 'WA', 'NSW VIC QLD'),
        ('2025-06-09 2026-06-08 2027-06-14', 'NSW VIC', 'QLD WA'),
    ),
    # Government of Canada and the provinces: Saint-Jean-Baptiste, Family Day, British Columbia Day
    'CA': (
        ('2025-06-24 2026-06-24 2027-06-24', 'QC', 'ON BC'),
        ('2025-02-17 2026-02-16 2027-02-15', 'ON BC AB', 'QC'),
        ('2025-08-04 2026-08-03 2027-08-02', 'BC', 'QC'),
    ),
    # statutes of the states: Patriots' Day, Kamehameha Day, Seward's Day; Hawaii does not keep Columbus Day
    'US': (
        ('2025-04-21 2026-04-20 2027-04-19', 'MA', 'HI AK'),
        ('2025-06-11 2026-06-11 2027-06-11', 'HI', 'MA TX AK'),
        ('2025-03-31 2026-03-30 2027-03-29', 'AK', 'MA HI'),
        ('2025-10-13 2026-10-12 2027-10-11', 'MA', 'HI'),
    ),
}

#: Weekends (0: Monday) of places that do not rest on Saturday and Sunday, from Unicode CLDR 48 (supplemental data, week data)
#: and, for those that it leaves out, from the laws named in the comment.
WEEKENDS = {
    'AE': {5, 6}, 'BH': {4, 5}, 'DZ': {4, 5}, 'EG': {4, 5}, 'IL': {4, 5}, 'IQ': {4, 5}, 'IR': {4}, 'JO': {4, 5},
    'KW': {4, 5}, 'LY': {4, 5}, 'OM': {4, 5}, 'QA': {4, 5}, 'SA': {4, 5}, 'SD': {4, 5}, 'SY': {4, 5}, 'YE': {4, 5},
    'MR': {5, 6},  # since October 2014
    'NP': {5},  # Saturday; two days were tried from 15 May to 6 June 2022
    'BN': {4, 6},  # Friday and Sunday
    'BD': {4, 5}, 'MV': {4, 5},
    'PS': {4, 5},
}


@tagged('post_install', '-at_install')
class TestPlaces(CultureCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendars = cls.env['customer.country.calendar']

    @classmethod
    def _country(cls, code):
        return cls.env['res.country'].search([('code', '=', code)])

    @classmethod
    def _state(cls, country, code):
        return cls.env['res.country.state'].search([('country_id', '=', cls._country(country).id), ('code', '=', code)])

    def _shipped_states(self):
        """Return the states that Odoo brings, and not those that a test or another addon added."""
        data = self.env['ir.model.data'].search([('model', '=', 'res.country.state'), ('module', '=', 'base')])
        return self.env['res.country.state'].browse(data.mapped('res_id'))

    def _look_up(self, country):
        """Look the calendar of a country up, and return it."""
        calendar = self.calendars.search([('country_id', '=', country.id)])
        if not calendar:
            return self.calendars.create({'country_id': country.id})
        self.env['customer.calendar.keeper']._refresh_countries(calendar)
        return calendar

    def _closed(self, country, state, day):
        """Return whether a day is a holiday for a customer there, as the planner sees it."""
        day = fields.Date.to_date(day)
        key = (country.id, state.id or 0, 0)
        return day in self.env['customer.suitability']._sides([key], day, day)[key].closed

    # ------------------------------------------------------------
    # EVERY STATE
    # ------------------------------------------------------------

    def test_cul_2_every_state_has_its_place(self):
        """CUL-2, T1: every state of every country whose parts the library tells apart is mapped, but for those that are none;
        none stands in another country than its own, and each part is reached."""
        counts, unknown, reached = Counter(), {}, {}
        for state in self._shipped_states():
            country = state.country_id.code
            if not places.parts(country):
                continue
            counts[country] += 1
            place = places.place_of_state(country, state.code, state.name)
            if place is None:
                unknown.setdefault(country, set()).add(state.code)
            else:
                self.assertTrue(places.is_known(place), place)
                reached.setdefault(country, set()).add(place.part)
        self.assertEqual(dict(counts), STATES)
        self.assertEqual(unknown, NOWHERE)
        for country in STATES.keys() - {'NO'}:  # Norway's counties changed in 2024, without holidays of their own
            missing = {part for part in places.parts(country) if len(part) <= 3} - reached[country]  # longer: towns
            self.assertLessEqual(missing, {'UM', 'CIT', 'LA'}, country)

    def test_cul_2_code_and_name_agree(self):
        """CUL-2, T1: where a state's code and its name are both known to the library, they mean the same place."""
        agreed = 0
        for state in self._shipped_states():
            country = state.country_id.code
            if not places.parts(country) or places.STATES.get(country, {}).get(state.code):
                continue
            by_code = places.place_of_state(country, state.code)
            by_name = places.place_of_state(country, '', state.name)
            if by_code and by_name:
                self.assertEqual(by_code, by_name, state.display_name)
                agreed += 1
        self.assertGreater(agreed, 350)

    def test_cul_2_state_holidays_as_the_library(self):
        """CUL-2, T1: each part has exactly the days that the library itself has under its own code, and what is added or
        moved by what governments published; most parts differ from their country."""
        compared = different = 0
        for country in STATES:
            national = {day.day for day in calendars.public_holidays(Place(country), 2026, 2026)}
            for part in places.parts(country):
                direct = set(holidays.country_holidays(country, subdiv=part, years=2026))
                self.assertTrue(direct)
                found = {day.day for day in calendars.public_holidays(Place(country, part), 2026, 2026) if not day.works}
                added = {datetime.date(2026, 3, 4)} if country == 'IN' else set()
                self.assertFalse(found - direct - added, f'{country}-{part}')
                self.assertFalse(direct - found, f'{country}-{part}')
                compared += 1
                different += found != national
        self.assertGreater(compared, 400)
        self.assertGreater(different, 300)

    def test_cul_2_as_governments_publish(self):
        """CUL-2, T1: what a state keeps and its neighbour does not, 2025 to 2027, for customers there as the planner sees
        them; days that only the country keeps are taken away again."""
        with self._on('2026-03-02'):
            for code, facts in KEPT.items():
                country = self._country(code)
                wanted = {state for __, *sides in facts for side in sides for state in side.split()}
                states = {state: self._state(code, state) for state in wanted}
                self.assertTrue(all(states.values()), code)
                for state in states.values():
                    self._customer(f"{code} {state.code}", country_id=country.id, state_id=state.id)
                calendar = self._look_up(country)
                self.assertFalse(calendar.problem, calendar.problem)
                self.assertFalse(calendar.unknown_states)
                for days, kept, not_kept in facts:
                    for day in days.split():
                        for state in kept.split():
                            self.assertTrue(self._closed(country, states[state], day), f'{code} {state} {day}')
                        for state in not_kept.split():
                            self.assertFalse(self._closed(country, states[state], day), f'{code} {state} {day}')

    def test_cul_2_without_a_state(self):
        """CUL-2, T1: a British customer without a county has the holidays of England until a manager says otherwise; in other
        countries those that all keep."""
        britain, nobody = self._country('GB'), self.env['res.country.state']
        with self._on('2026-03-02'):
            calendar = self._look_up(britain)
            self.assertEqual(calendar.place, 'GB-ENG')
            self.assertTrue(self._closed(britain, nobody, '2026-04-06'))
            calendar.with_user(self.mara).place = 'GB-SCT'
            self.assertFalse(self._closed(britain, nobody, '2026-04-06'))
            self.assertTrue(self._closed(britain, nobody, '2026-01-02'))
            self._look_up(britain)
            self.assertEqual((calendar.place, calendar.place_edited), ('GB-SCT', True))
            with self.assertRaisesRegex(ValidationError, "no place that the calendar library knows"):
                calendar.with_user(self.mara).place = 'GB-XXX'

    def test_cul_2_unknown_state_is_shown(self):
        """CUL-2, T1, K9: a state that the library does not know says so on its country's calendar, the holidays of the country
        hold there, and whoever knows where it belongs enters it."""
        germany = self._country('DE')
        utopia = self.env['res.country.state'].create({'name': "Utopia", 'code': 'ZZ', 'country_id': germany.id})
        with self._on('2026-03-02'):
            self._customer("Nowhere", country_id=germany.id, state_id=utopia.id)
            calendar = self._look_up(germany)
            self.assertEqual(calendar.unknown_states, "Utopia")
            row = calendar.state_ids.filtered(lambda row: row.state_id == utopia)
            self.assertIn("does not know this state", row.problem)
            self.assertTrue(self._closed(germany, utopia, '2026-04-06'))
            self.assertFalse(self._closed(germany, utopia, '2026-06-04'))
            self.env['customer.calendar.keeper']._announce_missing()
            self.assertIn("Not known to the calendar: Utopia", calendar.activity_ids.note)
            row.with_user(self.mara).place = 'DE-BY'
            self.assertTrue(self._closed(germany, utopia, '2026-06-04'))
            self.assertFalse(calendar.unknown_states)
            self.env['customer.calendar.keeper']._announce_missing()
            self.assertFalse(calendar.activity_ids)
            self._look_up(germany)
            self.assertEqual(row.place, 'DE-BY')
            self.assertTrue(self._closed(germany, utopia, '2026-06-04'))

    def test_cul_2_state_of_another_calendar(self):
        """CUL-2, T1: Hong Kong, entered as a province of China, has its own holidays and not China's make-up days."""
        china = self._country('CN')
        hong_kong, beijing = self._state('CN', '港'), self._state('CN', '京')
        with self._on('2026-03-02'):
            for state in hong_kong | beijing:
                self._customer(state.name, country_id=china.id, state_id=state.id)
            calendar = self._look_up(china)
            self.assertEqual(calendar.state_ids.state_id, hong_kong)
            self.assertTrue(self._closed(china, beijing, '2026-10-05'))
            self.assertFalse(self._closed(china, hong_kong, '2026-10-05'))
            self.assertTrue(self._closed(china, hong_kong, '2026-04-06'))
            self.assertFalse(self._closed(china, beijing, '2026-04-07'))
            make_up = fields.Date.to_date('2026-10-10')
            sides = self.env['customer.suitability']._sides(
                [(china.id, state.id, 0) for state in (hong_kong, beijing)], make_up, make_up)
            self.assertNotIn(make_up, sides[china.id, hong_kong.id, 0].worked)
            self.assertIn(make_up, sides[china.id, beijing.id, 0].worked)

    def test_cul_2_state_without_country(self):
        """CUL-2: a customer with a state and no country has the calendar of the country that the state is in."""
        bavaria = self._state('DE', 'DE-BY')
        with self._on('2026-03-02'):
            partner = self._customer("Munich", country_id=False, state_id=bavaria.id)
            partner.country_id = False
            self.env.flush_all()
            calendar = self._look_up(self._country('DE'))
            self.assertIn(bavaria, calendar.state_ids.state_id)
            day = fields.Date.to_date('2026-06-04')
            side = self.env['customer.suitability']._side_of(partner, day, day)
            self.assertIn(day, side.closed)

    # ------------------------------------------------------------
    # WEEKENDS
    # ------------------------------------------------------------

    def test_cul_2_weekends_of_countries(self):
        """CUL-2, T1: weekends by country against the Unicode CLDR and the laws named, each with its source."""
        monday = datetime.date(2026, 3, 2)
        for country, free in WEEKENDS.items():
            found = calendars.weekend(places.place_of_country(country), monday)
            self.assertEqual((set(found.days), bool(found.source)), (free, True), country)

    def test_cul_2_weekends_of_states(self):
        """CUL-2, T1: Kedah, Kelantan and Terengganu rest on Friday and Saturday, Johor since 2025 no more; Sharjah from Friday
        to Sunday. A customer there is closed on these days, and a manager's correction stays."""
        malaysia, emirates = self._country('MY'), self._country('AE')
        kedah, johor, sharjah = self._state('MY', 'MY-02'), self._state('MY', 'MY-01'), self._state('AE', 'SH')
        with self._on('2026-03-02'):
            for state in kedah | johor | sharjah:
                self._customer(state.name, country_id=state.country_id.id, state_id=state.id)
            rows = (self._look_up(malaysia) | self._look_up(emirates)).state_ids.filtered('own_week')
            self.assertEqual(rows.state_id, kedah | sharjah)
            first = fields.Date.to_date('2026-03-02')
            keys = [(state.country_id.id, state.id, 0) for state in (kedah, johor, sharjah)]
            sides = self.env['customer.suitability']._sides(keys, first, first)
            for key, free in zip(keys, ({4, 5}, {5, 6}, {4, 5, 6}), strict=True):
                self.assertEqual(set(range(7)) - sides[key].week, free)
            row = rows.filtered(lambda row: row.state_id == kedah)
            row.with_user(self.mara).write({'work_sat': True})
            self._look_up(malaysia)
            self.assertTrue(row.work_sat)
            self.assertTrue(row.week_edited)
            with self.assertRaisesRegex(ValidationError, "has no working day"):
                row.with_user(self.mara).write(dict.fromkeys(
                    ('work_mon', 'work_tue', 'work_wed', 'work_thu', 'work_sat', 'work_sun'), False))

    def test_cul_2_weekend_of_a_state_moves_plans(self):
        """CUL-2, T1: a touchpoint due on a Friday goes to Sunday for a customer in Kedah, and stays for one in Selangor."""
        malaysia = self._country('MY')
        with self._on('2026-03-02'):
            customers = [
                self._customer(code, country_id=malaysia.id, state_id=self._state('MY', code).id)
                for code in ('MY-02', 'MY-10')]
            self._look_up(malaysia)
            friday = fields.Date.to_date('2026-07-10')
            verdicts = [
                self.env['customer.suitability']._side_of(partner, friday, friday).verdict(friday, self.call.id).fit
                for partner in customers]
        self.assertEqual(verdicts, ['closed', 'good'])

    # ------------------------------------------------------------
    # ALL COUNTRIES
    # ------------------------------------------------------------

    def test_cul_2_all_countries(self):
        """CUL-2, T1: the calendars of all countries of Odoo for three years: each comes, or says in words why it does not."""
        codes = self.env['res.country'].search([('code', 'not in', ('X1', 'X2'))]).mapped('code')
        self.assertGreater(len(codes), 240)
        unknown, empty = set(), set()
        for code in codes:
            place = places.place_of_country(code)
            try:
                days = calendars.public_holidays(place, 2026, 2028, languages=('zh_CN', 'de_DE'))
                self.assertTrue(calendars.weekend(place, datetime.date(2026, 3, 2)).days, code)
            except calendars.NotKnown:
                unknown.add(code)
                continue
            if {day.day.year for day in days} != {2026, 2027, 2028}:
                empty.add(code)
        # Kosovo and the European Union have no list; islands without inhabitants; Sri Lanka is published year by year; in
        # Ukraine under martial law every day is worked
        self.assertEqual(unknown - {'EU'}, {'XK'})
        self.assertEqual(empty, {'BV', 'HM', 'IO', 'LK', 'UA'})
        with self._on('2026-03-02'):
            calendar = self._look_up(self._country('UA'))
        self.assertFalse(calendar.problem)
        self.assertIn("martial law", calendar.source)

    def test_cul_2_russia(self):
        """CUL-2, T1: Russia has its holidays; a holiday whose day off was moved is free, only a worked Saturday is worked
        (Government of Russia, decree 1335 of 4 October 2024: 1 November 2025)."""
        russia = self._country('RU')
        with self._on('2025-03-03'):
            calendar = self._look_up(russia)
        days = {(str(row.date), row.kind) for row in calendar.holiday_ids if row.date.year == 2025}
        self.assertIn(('2025-06-12', 'holiday'), days)
        self.assertIn(('2025-01-05', 'holiday'), days)
        self.assertIn(('2025-12-31', 'holiday'), days)
        self.assertEqual({day for day, kind in days if kind == 'workday'}, {'2025-11-01'})
        self.assertFalse(calendar.problem)

    def test_cul_2_fault_of_a_country_in_words(self):
        """CUL-2, K9: whatever goes wrong with one country, its screen says so without a word of Python, others go on."""
        chad, ghana = self._country('TD'), self._country('GH')
        original = calendars.public_holidays

        def explode(place, *args, **kwargs):
            if place.country == 'TD':
                raise TypeError("'<' not supported between instances of 'dict' and 'dict'")
            return original(place, *args, **kwargs)

        with self._on('2026-03-02'), patch.object(calendars, 'public_holidays', explode), mute_logger(CALENDAR_LOG):
            broken, fine = self._look_up(chad), self._look_up(ghana)
        self.assertIn("could not be computed", broken.problem)
        self.assertNotIn("dict", broken.problem)
        self.assertTrue(fine.holiday_ids)
        self.assertFalse(fine.problem)

    def test_cul_2_emirates_2025(self):
        """CUL-2, T1: the holidays of the Emirates in 2025 as their ministry announced them: Arafat Day to Eid from 5 to 8
        June, Islamic New Year on Friday, 27 June."""
        emirates = self._country('AE')
        with self._on('2026-03-02'):
            calendar = self._look_up(emirates)
        june = {str(row.date): row for row in calendar.holiday_ids if (row.date.year, row.date.month) == (2025, 6)}
        self.assertEqual(sorted(june), ['2025-06-05', '2025-06-06', '2025-06-07', '2025-06-08', '2025-06-27'])
        self.assertIn("Ministry", june['2025-06-27'].source)
        self.assertFalse(june['2025-06-27'].estimated)

    # ------------------------------------------------------------
    # NOT KNOWN YET
    # ------------------------------------------------------------

    def test_cul_2_make_up_days_not_known_yet(self):
        """CUL-2, T1: China publishes its make-up days in November for the next year. Later years are not known, and say so;
        from December on they are missed, until somebody who typed them in says so."""
        china = self._country('CN')
        with self._on('2026-03-02'):
            calendar = self._look_up(china)
            self.assertEqual((calendar.arranged_until, calendar.known_until), (2026, 2029))
            self.assertIn("2027 to 2029", calendar.known)
            self.assertIn("not known yet", calendar.known)
            self.assertFalse(calendar.problem)
        with self._on('2026-12-01'):
            calendar = self._look_up(china)
            self.assertIn("of 2027 are not known yet", calendar.problem)
            self._holiday('2027-02-07', calendar, kind='workday', name="Make-up working day")
            calendar.with_user(self.mara).arranged_until = 2027
            self.assertFalse(calendar.problem)
            self._look_up(china)
            self.assertEqual(calendar.arranged_until, 2027)
        with self._on('2026-03-02'):
            germany = self._look_up(self._country('DE'))
            self.assertEqual((germany.arranged_until, germany.known), (0, '2029'))
        for country in published.ARRANGES_YEARLY:
            self.assertGreater(calendars.arranged_until(Place(country)), 2024, country)

    def test_cul_2_newer_library(self):
        """CUL-2, T1: a library that has a day elsewhere, one more and one less: what a person corrected stays, what changed is
        listed on the calendar, and who has something planned on these days is planned anew; years that come are no news."""
        ghana = self._country('GH')
        with self._on('2026-03-02'):
            self._customer("Accra", country_id=ghana.id)
            calendar = self._look_up(ghana)
            kept = calendar.holiday_ids.filtered(lambda row: str(row.date) == '2027-03-08')
            kept.with_user(self.mara).date = '2027-03-09'
        original, day = calendars.public_holidays, datetime.date

        def newer(place, *args, **kwargs):
            found = [
                row for row in original(place, *args, **kwargs) if row.day not in (day(2027, 3, 8), day(2027, 5, 1))]
            return [*found, calendars.PublicHoliday(day(2027, 5, 4), {'en_US': "Day of Work"}, False, False)]

        with self._on('2026-03-09'):
            messages = calendar.message_ids
            self._look_up(ghana)
            self.assertEqual(calendar.message_ids, messages)
            with patch.object(calendars, 'public_holidays', newer):
                self._look_up(ghana)
            [message] = calendar.message_ids - messages
        self.assertRegex(message.body, r"New.*Day of Work.*Gone.*May Day")
        self.assertNotIn("2029", message.body)
        self.assertEqual(str(kept.date), '2027-03-09')
        with self._on('2027-03-08'):
            messages = calendar.message_ids
            with patch.object(calendars, 'public_holidays', newer):
                self._look_up(ghana)
            self.assertEqual(calendar.message_ids, messages)
            self.assertEqual(calendar.known_until, 2030)
