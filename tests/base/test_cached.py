"""What is kept in memory follows from rules: changing one of them counts at once (PLT-3)."""
import ast
import re
from datetime import date
from pathlib import Path

from odoo import Command
from odoo.tests import TransactionCase, tagged

from ..common import CustomerCase

ADDON = Path(__file__).resolve().parents[2]
TABLES = re.compile(r'\b(?:FROM|JOIN)\s+([a-z]\w+)')

#: What a kept value reads of a model that is no ``customer.cached``, and what else makes Odoo or us forget it.
FORGOTTEN_OTHERWISE = {
    'ir.config_parameter': "Odoo",
    'ir.model.data': "Odoo",
    'ir.model.fields': "Odoo: the registry is set up anew",
    'res.groups': "Odoo: the cache of the groups",
    'res.users': "Odoo, and our create",
    'res.partner': "our write, for the contacts of companies and colleagues",
    'resource.calendar.leaves': "our _replan_between, for public holidays",
    'customer.health.rules': "a version is only read once it is made: nobody may write one",
    'customer.greeting.address': "its _words_changed",
    'customer.culture.place': "its profile's _rules_changed",
    'pg_timezone_names': "comes with the server",
    'customer_culture_period_channel': "its period",
    'unnest': "no table",
}
#: Settings, lists of companies and calendars that are handed on, and days that follow from the calendar alone.
ABSTRACT = {
    'res.config.settings', 'customer.registry', 'customer.clock', 'customer.responsibility', 'customer.zone',
    'customer.occurrence'}


def _is_kept(function):
    decorators = [getattr(decorator, 'func', decorator) for decorator in function.decorator_list]
    return any('ormcache' in (getattr(decorator, 'id', ''), getattr(decorator, 'attr', '')) for decorator in decorators)


def _reads(function, functions, seen=()):
    """Return the models and tables that a method names, those of the methods of its file that it calls included."""
    found = set()
    for node in ast.walk(function):
        match node:
            case ast.Subscript(value=ast.Attribute(attr='env'), slice=ast.Constant(value=str(name))):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.update(TABLES.findall(text))
            case ast.Call(func=ast.Attribute(attr=name)) if name in functions and name not in seen:
                found |= _reads(functions[name], functions, (*seen, name))
    return found


@tagged('post_install', '-at_install')
class TestWhatIsKept(TransactionCase):

    def test_follows_from_rules_that_are_watched(self):
        """A method with ``ormcache`` reads models only whose writing empties the cache."""
        kept, unwatched = 0, set()
        for path in (ADDON / 'models').rglob('*.py'):
            tree = ast.parse(path.read_text())
            functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            owns = re.findall(r"^    _name = '([\w.]+)'", path.read_text(), re.MULTILINE)
            for function in filter(_is_kept, functions.values()):
                kept += 1
                for name in _reads(function, functions) or set(owns):
                    model = self.env.get(name.replace('_', '.') if '.' not in name else name)
                    name = model._name if model is not None else name
                    watched = model is not None and 'customer.cached' in {base._name for base in type(model).__mro__
                                                                          if hasattr(base, '_name')}
                    if not watched and name not in FORGOTTEN_OTHERWISE and name not in ABSTRACT:
                        unwatched.add((path.name, function.name, name))
        self.assertGreater(kept, 20)
        self.assertFalse(unwatched)


class TestForgotten(CustomerCase):
    """Each kept value, asked before and after a rule changes."""

    def test_ranking(self):
        schemes = self.env['customer.tier.scheme']
        current = schemes._get_current()
        bounds = current._bounds()
        first, second = current.line_ids[:2]
        for difference in (1, -1):
            self.assertEqual(current._bounds(), bounds)
            current.line_ids = [Command.update(first.id, {'share': first.share + difference}),
                                Command.update(second.id, {'share': second.share - difference})]
            self.assertNotEqual(current._bounds(), bounds)
            bounds = current._make_bounds()
        other = current.copy({'name': "Another one"})
        self.env['res.config.settings'].create({'customer_tier_scheme_id': other.id}).execute()
        self.assertEqual(schemes._get_current(), other)

    def test_cadences(self):
        planner = self.env['customer.planner']
        before = planner._rules_in_force()
        tier = self.env['customer.tier'].create({'name': "A tier of its own"})
        cadence = self._cadence("For that tier", {'name': "Call", 'channel_id': self.call.id}, tier_ids=[Command.set(tier.ids)])
        rules, by_segment = planner._rules_in_force()
        self.assertIn((self.company.id, tier.id, cadence.id), rules)
        self.assertEqual(by_segment, before[1])
        segment = self.env['customer.segment'].search([], limit=1)
        cadence.segment_ids = segment
        self.assertIn((self.company.id, segment.id, cadence.id), planner._rules_in_force()[1])
        cadence.active = False
        self.assertEqual(planner._rules_in_force()[1], before[1])

    def test_rates(self):
        money = self.env['customer.money']
        currency = self.env['res.currency'].create({'name': 'QQX', 'symbol': 'q', 'active': False})
        before = money._missing_rates()
        self.assertNotIn(currency.id, set().union(*before.values()))
        currency.active = True
        self.assertIn(currency.id, money._missing_rates()[self.company.id])
        rate = self.env['res.currency.rate'].create({'currency_id': currency.id, 'rate': 2, 'name': '2020-01-01'})
        self.assertNotIn(currency.id, money._missing_rates().get(self.company.id, ()))
        rate.unlink()
        self.assertIn(currency.id, money._missing_rates()[self.company.id])
        company = self.env['res.company'].create({'name': "Counts in another currency", 'currency_id': currency.id})
        self.assertIn(company.id, money._companies_of_other_currency())
        company.currency_id = self.company.currency_id
        self.assertNotIn(company.id, money._companies_of_other_currency())

    def test_zones(self):
        clock = self.env['customer.clock']
        self.assertNotIn('Pacific/Chatham', clock._our_zones()[1])
        self.anna.tz = 'Pacific/Chatham'
        self.assertIn('Pacific/Chatham', clock._our_zones()[1])
        self.anna.partner_id.tz = 'Asia/Kathmandu'
        self.assertNotIn('Pacific/Chatham', clock._our_zones()[1])
        self.assertIn('Asia/Kathmandu', clock._our_zones()[1])
        newcomer = self._user('newcomer', 'user')
        newcomer.tz = 'Indian/Maldives'
        self.assertIn('Indian/Maldives', clock._our_zones()[1])
        before = clock._company_zones()
        self.company.partner_id.tz = 'Australia/Lord_Howe'
        self.assertNotEqual(clock._company_zones(), before)
        self.assertEqual(clock._our_zones()[0][self.company.id], 'Australia/Lord_Howe')
        self.company.partner_id.write({'tz': False, 'country_id': self.env.ref('base.jp').id, 'state_id': False})
        self.assertIn('Asia/Tokyo', clock._company_zones()[0])
        self.env['customer.zone'].search([('tz', '=', 'Asia/Tokyo')]).tz = 'Asia/Seoul'
        self.assertIn('Asia/Seoul', clock._company_zones()[0])

    def test_weeks(self):
        suitability, country = self.env['customer.suitability'], self.env.ref('base.jp')
        calendar = self.env['customer.country.calendar'].search([('country_id', '=', country.id)]) or self.env[
            'customer.country.calendar'].create({'country_id': country.id})
        calendar.work_sat = True
        self.assertIn(5, suitability._known_weeks()[0][country.id])
        calendar.work_sat = False
        self.assertNotIn(5, suitability._known_weeks()[0][country.id])
        calendar.active = False
        self.assertNotIn(country.id, suitability._known_weeks()[0])
        culture = self.env['customer.culture'].search([('own_week', '=', False)], limit=1)
        culture.own_week = True
        self.assertIn(culture.id, suitability._known_weeks()[2])

    def test_days(self):
        """Holidays and periods of a place, as the log dialog asks for them."""
        suitability, country = self.env['customer.suitability'], self.env.ref('base.jp')
        calendar = self.env['customer.country.calendar'].search([('country_id', '=', country.id)]) or self.env[
            'customer.country.calendar'].create({'country_id': country.id})
        festival = self.env['customer.festival'].create({'name': "Founders' Week", 'method': 'manual'})
        culture = self.env['customer.culture'].create({'name': "A culture of its own", 'period_ids': [Command.create({
            'festival_id': festival.id, 'effect': 'discourage'})]})
        span = (country.id, 0, culture.id), date(2031, 5, 1), date(2031, 5, 31)
        self.assertFalse(suitability._side(*span).periods)
        self.env['customer.festival.date'].create({
            'festival_id': festival.id, 'year': 2031, 'date_from': '2031-05-12', 'date_to': '2031-05-13'})
        [period] = suitability._side(*span).periods
        self.assertEqual(period.start, date(2031, 5, 12))
        culture.period_ids.days_before = 2
        self.assertEqual(suitability._side(*span).periods[0].start, date(2031, 5, 10))
        festival.active = False
        self.assertFalse(suitability._side(*span).periods)
        holiday = self.env['customer.holiday'].create({
            'calendar_id': calendar.id, 'date': '2031-05-20', 'kind': 'holiday', 'name': "Once"})
        self.assertIn(date(2031, 5, 20), suitability._side(*span).closed)
        holiday.unlink()
        self.assertNotIn(date(2031, 5, 20), suitability._side(*span).closed)

    def test_working_days(self):
        calendar = self.env['resource.calendar'].create({'name': "Ours", 'tz': 'UTC', 'company_id': self.company.id})
        works = self.env['resource.calendar']._customer_is_working(calendar.id, self.company.id)
        wednesday, saturday = date(2026, 9, 9), date(2026, 9, 12)
        self.assertEqual((works(wednesday), works(saturday)), (True, False))
        holiday = self.env['resource.calendar.leaves'].create({
            'name': "Foundation Day", 'calendar_id': calendar.id, 'company_id': self.company.id,
            'date_from': '2026-09-09 00:00:00', 'date_to': '2026-09-09 23:59:59'})
        self.assertFalse(works(wednesday))
        holiday.unlink()
        self.assertTrue(works(wednesday))
        self.env['resource.calendar.attendance'].create({
            'name': "Saturday", 'calendar_id': calendar.id, 'dayofweek': '5', 'hour_from': 9, 'hour_to': 12})
        self.assertTrue(works(saturday))
        calendar.attendance_ids.filtered(lambda line: line.dayofweek == '2').unlink()
        self.assertFalse(works(wednesday))
        nobody = self.env['resource.calendar']._customer_is_working(0, self.company.id)
        self.assertEqual((nobody(wednesday), nobody(saturday)), (True, False))

    def test_profile(self):
        requirements = self.env['customer.profile.requirement']
        asked = requirements._get_active()
        self.assertTrue(asked)
        asked[0].policy = 'off'
        self.assertNotIn(asked[0], requirements._get_active())
        asked[0].policy = 'block'
        self.assertIn(asked[0], requirements._get_active('block'))
        field = self.env['ir.model.fields']._get('res.partner', 'function')
        requirement = requirements.search([('field_id', '=', field.id)], limit=1) or asked[0]
        before = requirement._missing_domain()
        requirement.field_id = self.env['ir.model.fields']._get('res.partner', 'barcode')
        self.assertNotEqual(requirement._missing_domain(), before)
        self.assertIn('barcode', str(requirement._missing_domain()))

    def test_health_bands(self):
        card = self.env['customer.health.scorecard'].search([], limit=1)
        card.watch_from -= 1
        self.assertEqual(self.env['customer.segmenter']._borders()[0][2]['watch_from'], card.watch_from)
