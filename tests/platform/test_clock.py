"""K6: what day it is for whom, and the zones of customers."""
import ast
import re
from datetime import datetime
from itertools import product
from pathlib import Path
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo.tools import SQL

from odoo.addons.customer_success.engine import zones

from ..common import CustomerCase

ROOT = Path(__file__).parents[2]


class ClockCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = cls.env['customer.clock']
        cls.china, cls.us, cls.zealand = (cls.env.ref(f'base.{code}') for code in ('cn', 'us', 'nz'))
        cls.california = cls.env.ref('base.state_us_5')

    def _somebody(self, **vals):
        """Return a customer on whose contact stands nothing but this."""
        tz = vals.pop('tz', False)
        customer = self._customer("Somewhere", **vals)
        customer.tz = tz
        return customer


class TestZoneOfCustomers(ClockCase):

    def test_state_country_contact_manager_company(self):
        """K6: each says it where the ones before it don't; a zone typed in elsewhere is not believed."""
        self.anna.tz, self.env.company.partner_id.tz = 'Europe/Lisbon', 'Asia/Tokyo'
        for vals, zone in (
            ({'country_id': self.china.id}, 'Asia/Shanghai'),
            ({'country_id': self.china.id, 'tz': 'Europe/Berlin'}, 'Asia/Shanghai'),
            ({'country_id': self.china.id, 'tz': 'Asia/Urumqi'}, 'Asia/Urumqi'),
            ({'country_id': self.us.id, 'tz': 'Asia/Shanghai'}, 'America/New_York'),
            ({'country_id': self.us.id, 'tz': 'US/Pacific'}, 'America/Los_Angeles'),
            ({'country_id': self.us.id, 'state_id': self.california.id, 'tz': 'America/New_York'}, 'America/Los_Angeles'),
            ({'country_id': self.env.ref('base.es').id, 'state_id': self.env.ref('base.state_es_tf').id}, 'Atlantic/Canary'),
            ({'country_id': self.env.ref('base.au').id, 'tz': 'Asia/Shanghai'}, 'Australia/Sydney'),
            ({'tz': 'Asia/Dubai'}, 'Asia/Dubai'),
            ({}, 'Europe/Lisbon'),
            ({'user_id': False}, 'Asia/Tokyo'),
            ({'user_id': False, 'company_id': self.company_2.id}, 'UTC'),
        ):
            self.assertEqual(self._somebody(**vals)._customer_zone(), zone, vals)

    def test_company_without_a_zone(self):
        """A plain company has no zone on its contact: its country, then its working schedule decide."""
        company = self.env.company
        company.partner_id.write({'tz': False, 'country_id': self.zealand.id, 'state_id': False})
        self.assertEqual(self.clock._zone(company), 'Pacific/Auckland')
        company.partner_id.country_id = False
        company.resource_calendar_id.tz = 'Asia/Tokyo'
        self.assertEqual(self.clock._zone(company), 'Asia/Tokyo')
        self.anna.tz = False
        self.assertEqual(self.clock._zone(self.anna), 'Asia/Tokyo')

    def test_countries_of_odoo(self):
        """Every country has a zone, every state of the large ones its own."""
        by_place = self.env['customer.zone']._by_place()
        known = self.env['res.country'].search([('code', 'in', list(pytz.country_timezones))])
        self.assertGreater(len(known), 240)
        self.assertFalse(known.filtered(lambda country: (country.id, 0) not in by_place).mapped('code'))
        for code in ('us', 'ca', 'au', 'br', 'mx', 'ru', 'id'):
            states = self.env.ref(f'base.{code}').state_ids
            missing = states.filtered(lambda state: (state.country_id.id, state.id) not in by_place).mapped('code')
            self.assertLessEqual(set(missing), {'AA', 'AE', 'AP'}, "armed forces are nowhere")
        found = sum(bool(state) for __, state in by_place)
        self.assertGreaterEqual(found, len(zones.STATE_ZONES) - 2, "codes of states that Odoo does not have")

    def test_administrators_correct_it(self):
        """A row of the list decides from the moment on at which it is there; an update leaves it alone."""
        customer = self._somebody(country_id=self.china.id)
        self.assertEqual(customer._customer_zone(), 'Asia/Shanghai')
        self.env['customer.zone'].with_user(self.mara).create({
            'country_id': self.china.id, 'tz': 'Asia/Hong_Kong', 'sequence': 1})
        self.env['customer.zone']._fill()
        self.assertEqual(customer._customer_zone(), 'Asia/Hong_Kong')
        with self._refused("already stands"):
            self.env['customer.zone'].create({'country_id': self.china.id, 'tz': 'Asia/Hong_Kong'})

    def test_python_and_sql_agree(self):
        """The same zone and the same day by SQL, for every place × contact × account manager, around the clock."""
        places = [(False, False), (self.china.id, False), (self.us.id, False), (self.us.id, self.california.id),
                  (self.env.ref('base.sg').id, False)]
        self.ben.tz, self.otto.tz = False, 'Pacific/Kiritimati'
        self.company_2.partner_id.tz = 'America/Los_Angeles'
        customers = self.env['res.partner'].create([{
            'name': "X", 'country_id': country, 'state_id': state, 'tz': tz, 'user_id': user, 'company_id': company}
            for (country, state), tz, user, company in product(
                places, (False, 'Europe/Berlin', 'US/Pacific', 'America/New_York'),
                (False, self.ben.id, self.otto.id), (False, self.company_2.id))
            if not (user and company)])
        self.env.flush_all()
        for hour in (0, 9, 11, 16, 23):
            with freeze_time(datetime(2026, 3, 2, hour, 30)):
                rows = self.env.execute_query(SQL(
                    "SELECT p.id, %s, %s FROM res_partner p WHERE id = ANY(%s) ORDER BY id",
                    self.clock._customer_zone_sql(SQL("p")),
                    self.clock._today_sql(self.clock._customer_zone_sql(SQL("p"))), customers.ids))
                self.assertEqual(rows, [
                    (c.id, self.clock._zone(c), self.clock._today(c)) for c in customers.sorted('id')])
                rows = self.env.execute_query(SQL(
                    "SELECT id, %s FROM res_users WHERE id = ANY(%s) ORDER BY id",
                    self.clock._user_today_sql(SQL("res_users.id")), (self.ben + self.otto + self.zoe).ids))
                self.assertEqual(rows, [
                    (u.id, self.clock._today(u)) for u in (self.ben + self.otto + self.zoe).sorted('id')])
        self.assertGreater(len({self.clock._zone(c) for c in customers}), 5)


    def test_day_of_a_moment(self):
        """Cut at the midnight of the zone, also of one under a name that the database does not know."""
        for zone, day in (('Asia/Shanghai', 2), ('UTC', 1), ('Pacific/Auckland', 2), ('US/Pacific', 1)):
            for unknown in ((), ('US/Pacific', 'Asia/Kolkata')):
                with patch.object(type(self.clock), '_zones_unknown_to_database', lambda clock, names=unknown: names):
                    [[found]] = self.env.execute_query(SQL(
                        "SELECT %s", self.clock._day_sql(SQL("'2026-12-01 23:30'::timestamp"), SQL("%s", zone))))
                self.assertEqual(found.day, day, zone)
        self.assertNotIn('Europe/Berlin', self.clock._zones_unknown_to_database())


class TestScheduledActionsHaveAZone(CustomerCase):

    def test_every_action_lives_by_the_company(self):
        """K6, the next one of the kind: whatever OdooBot starts has a day of its own, not that of Greenwich."""
        started = {cron.code.split('(')[0].removeprefix('model.'): self.env[cron.model_id.model]
                   for cron in self.env['ir.cron'].with_context(active_test=False).search(
                       [('id', 'in', self.env['ir.model.data'].search([
                           ('module', '=', 'customer_success'), ('model', '=', 'ir.cron')]).mapped('res_id'))])}
        self.assertGreater(len(started), 9)
        self.env.company.partner_id.tz = 'Pacific/Auckland'
        for name, model in started.items():
            self.assertTrue(getattr(getattr(type(model), name), 'in_company_zone', False), f'{model._name}.{name}')

    def test_no_zone_is_made_up(self):
        """K6, the next one of the kind: ``or 'UTC'`` stands in one place, which asked everybody else before."""
        found = []
        for path in [*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')]:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.BoolOp) and any(
                        isinstance(value, ast.Constant) and value.value == 'UTC' for value in node.values):
                    found.append(str(path.relative_to(ROOT)))
        self.assertEqual(set(found), {'models/base/local_day.py'})

    def test_what_is_done_for_people_asks_for_their_day(self):
        """K6, the next one of the kind: what OdooBot does for a person has no day of its own."""
        for name in ('cadence/customer_reminder.py', 'cadence/customer_sender.py', 'culture/customer_sender.py',
                     'base/customer_responsibility.py'):
            path = ROOT / 'models' / name
            self.assertNotIn('context_today', path.read_text() if path.exists() else '', name)

    def test_no_day_of_the_server(self):
        """K6, the next one of the kind: nothing asks the server or the database for today, nor cuts a moment in UTC."""
        found = set()
        for path in [*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')]:
            text = path.read_text()
            if re.search(r'CURRENT_DATE|\bdate\.today\(|fields\.Date\.today\(|datetime\.now\(|'
                         r'\b(closed_at|skipped_at|contact_at|create_date|write_date)::date', text):
                found.add(str(path.relative_to(ROOT)))
        # the documents of customers have their own
        self.assertLessEqual(found, {'models/segmentation/facts.py'})

    def test_no_zone_that_the_database_may_not_know(self):
        """K6, the next one of the kind: a zone that somebody chose reaches the database through the clock, which knows which
        ones that would refuse."""
        found = {str(path.relative_to(ROOT)) for path in [*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')]
                 if 'AT TIME ZONE' in path.read_text()}
        self.assertEqual(found, {'models/base/local_day.py'})
