"""CUL-1, CUL-2: the culture profiles, festivals and periods that are shipped."""
import re
from collections import Counter

from ..common import CustomerCase

#: Profiles that the addon promises.
REQUIRED = (
    'china', 'east_china', 'south_china', 'north_china', 'hong_kong_macao', 'taiwan', 'japan', 'korea',
    'south_east_asia', 'india', 'gulf', 'levant_north_africa', 'turkey', 'israel', 'western_europe',
    'northern_europe', 'southern_europe', 'eastern_europe', 'united_kingdom', 'north_america', 'latin_america',
    'sub_saharan_africa', 'australia_new_zealand',
)

#: Advice is about conduct in business, never about what somebody believes.
RELIGIOUS_PEOPLE = re.compile(
    r'\b(?:muslim|moslem|jew|christian|hindu|buddhist|sikh|catholic|protestant|believer|atheist)s?\b', re.IGNORECASE)


class TestCultureData(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shipped = {
            model: cls.env[model].browse(cls.env['ir.model.data'].search([
                ('module', '=', 'customer_success'), ('model', '=', model)]).mapped('res_id'))
            for model in ('customer.culture', 'customer.culture.period', 'customer.festival')}
        cls.cultures, cls.periods, cls.festivals = shipped.values()

    def _culture(self, name):
        return self.env.ref(f'customer_success.customer_culture_{name}')

    def _festival(self, name):
        return self.env.ref(f'customer_success.customer_festival_{name}')

    def _held(self, culture, festival):
        """Return the periods of a festival that hold in a culture, those it takes over included."""
        culture = self._culture(culture)
        return (culture | culture.parent_id).period_ids.filtered(
            lambda period: period.festival_id == self._festival(festival))

    def test_cul_1_promised_profiles(self):
        """CUL-1: every promised profile is there and has customers to hold for, its own or of one that builds on it."""
        for name in REQUIRED:
            culture = self._culture(name)
            family = culture | culture.child_ids
            self.assertTrue(family.country_ids or family.state_ids, culture.name)

    def test_cul_1_a_place_has_one_profile(self):
        """CUL-1: no country and no state belongs to two profiles: which one holds is never a matter of luck."""
        self.assertTrue(self.cultures)
        for places in ('country_ids', 'state_ids'):
            counts = Counter(place for culture in self.cultures for place in culture[places])
            self.assertTrue(counts, places)
            self.assertFalse([place.display_name for place, times in counts.items() if times > 1], places)

    def test_cul_1_the_trading_world_is_covered(self):
        """CUL-1: every country has a profile, but for a few territories and one country without trade."""
        without = self.env['res.country'].search([]) - self.cultures.country_ids
        shipped_by_odoo = without.filtered(lambda country: country.get_external_id()[country.id].startswith('base.'))
        self.assertEqual(
            sorted(shipped_by_odoo.mapped('code')), ['AQ', 'BV', 'GS', 'HM', 'IO', 'KP', 'PN', 'TF'])

    def test_cul_1_places_are_where_one_expects_them(self):
        """CUL-1: the regions of China by province; Hong Kong, Macao and Taiwan as countries and as provinces alike."""
        for culture, states in (
            ('north_china', 'BJ TJ SD LN'), ('east_china', 'SH JS ZJ'), ('south_china', 'GD GX HI FJ'),
            ('hong_kong_macao', 'HK MO'), ('taiwan', 'TW'),
        ):
            for code in states.split():
                self.assertIn(self.env.ref(f'base.state_cn_{code}'), self._culture(culture).state_ids)
        for culture, country in (
            ('china', 'cn'), ('gulf', 'sa'), ('levant_north_africa', 'eg'), ('western_europe', 'de'),
            ('united_kingdom', 'uk'), ('united_states', 'us'), ('canada', 'ca'), ('latin_america', 'co'),
        ):
            self.assertIn(self.env.ref(f'base.{country}'), self._culture(culture).country_ids)
        for culture in ('north_china', 'east_china', 'south_china'):
            self.assertEqual(self._culture(culture).parent_id, self._culture('china'))

    def test_cul_1_every_profile_advises(self):
        """CUL-1: who has customers of a profile reads a summary, a tone, what to do and to avoid, a point a line."""
        for culture in self.cultures:
            self.assertTrue(culture.summary and culture.tone and culture.preferred_channel_ids, culture.name)
            self.assertTrue(culture.notice_days, culture.name)
            for name, fewest in (('advice_do', 3), ('advice_avoid', 2)):
                lines = (culture[name] or culture.parent_id[name] or '').splitlines()
                self.assertTrue(fewest <= len(lines) <= 5, f"{culture.name}: {name} has {len(lines)} lines")
                self.assertFalse(
                    [line for line in lines if not line.strip() or line != line.strip() or len(line) > 140],
                    f"{culture.name}: {name}")

    def test_cul_1_the_guides_are_in(self):
        """CUL-1: what the guides say of a region stands in its profile."""
        for culture, name, word in (
            ('north_china', 'summary', "long term"), ('east_china', 'summary', "Efficiency"),
            ('south_china', 'summary', "quick answer"), ('gulf', 'advice_avoid', "Ramadan"),
            ('western_europe', 'advice_do', "appointment"), ('north_america', 'advice_do', "appointment"),
            ('japan', 'advice_avoid', "contradiction"), ('south_east_asia', 'advice_avoid', "contradiction"),
        ):
            self.assertIn(word, self._culture(culture)[name])

    def test_cul_1_conduct_not_religion(self):
        """CUL-1, CUL-4: no text speaks of people by religion."""
        texts = [
            record[name] or '' for records, names in (
                (self.cultures, ('name', 'summary', 'advice_do', 'advice_avoid', 'tone', 'advice_gift')),
                (self.periods, ('note',)), (self.festivals, ('name',)),
            ) for record in records for name in names]
        self.assertTrue(any(texts))
        self.assertFalse([text for text in texts if RELIGIOUS_PEOPLE.search(text)])

    def test_cul_2_every_period_says_what_and_why(self):
        """CUL-2: each shipped period names its channels and a sentence for whoever is about to make contact."""
        self.assertTrue(self.periods)
        for period in self.periods:
            name = f"{period.culture_id.name}: {period.festival_id.name}"
            self.assertTrue(period.channel_ids, name)
            self.assertTrue(period.note and period.note[-1] in '.!', name)

    def test_cul_2_a_greeting_gets_through(self):
        """CUL-2: where a greeting is due, the channel suggested for it is not forbidden by the same festival."""
        greetings = self.periods.filtered('greet')
        self.assertTrue(greetings)
        for greeting in greetings:
            culture, festival = greeting.culture_id, greeting.festival_id
            held = (culture | culture.parent_id).period_ids & festival.period_ids
            forbidden = held.filtered_domain([('effect', '=', 'forbid')]).channel_ids
            self.assertFalse(greeting.channel_ids & forbidden, f"{culture.name}: {festival.name}")

    def test_cul_2_a_festival_is_greeted_once(self):
        """CUL-2: a profile asks for one greeting a festival, taken-over periods included."""
        for culture in self.cultures:
            counts = Counter(
                period.festival_id.name for period in (culture | culture.parent_id).period_ids if period.greet)
            self.assertFalse([name for name, times in counts.items() if times > 1], culture.name)

    def test_cul_2_suggestions_open_no_day_for_work(self):
        """CUL-2: a suggestion holds on days off too, so it is never for what needs somebody at their desk."""
        working = self.call | self.video | self.visit | self.executive_visit | self.survey
        for period in self.periods.filtered(lambda period: period.effect == 'suggest'):
            self.assertFalse(period.channel_ids & working, f"{period.culture_id.name}: {period.festival_id.name}")

    def test_cul_2_ramadan_in_the_gulf(self):
        """CUL-2: business dinners and visits are forbidden in Ramadan, a call is not; in China nothing of the kind."""
        dinner = self.env.ref('customer_success.customer_channel_dinner')
        forbidden = self._held('gulf', 'ramadan').filtered(lambda period: period.effect == 'forbid').channel_ids
        self.assertLessEqual(dinner | self.visit | self.executive_visit, forbidden)
        self.assertNotIn(self.call, forbidden)
        self.assertTrue(self._held('gulf', 'eid_al_fitr').filtered('greet'))
        self.assertFalse(self._held('china', 'ramadan') | self._held('north_china', 'ramadan'))

    def test_cul_2_last_ten_days_of_ramadan(self):
        """CUL-2: the last ten days end with Ramadan, whether it has 29 days or 30, and leave Eid alone."""
        ramadan, last_days = (
            {row.date_to for row in self._festival(name)._days_in()} for name in ('ramadan', 'ramadan_last_days'))
        known = {day for day in ramadan if min(last_days) <= day <= max(last_days)}
        self.assertGreater(len(known), 3)
        self.assertLessEqual(known, last_days)
        self.assertFalse(last_days & set(self._festival('eid_al_fitr')._days_in().mapped('date_from')))

    def test_cul_2_regions_take_over_the_periods_of_china(self):
        """CUL-2: a profile that builds on another has its periods: Chinese New Year holds in North China."""
        for culture in ('north_china', 'east_china', 'south_china'):
            self.assertTrue(self._held(culture, 'chinese_new_year').filtered(lambda period: period.effect == 'forbid'))

    def test_cul_2_no_channel_is_shut_for_months(self):
        """CUL-2: what is forbidden is forbidden for six weeks at most at a time; longer seasons are discouraged."""
        for period in self.periods.filtered(lambda period: period.effect == 'forbid'):
            days = period.days_before + period.festival_id.duration + period.days_after
            self.assertLessEqual(days, 42, f"{period.culture_id.name}: {period.festival_id.name}")
