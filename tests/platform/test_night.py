"""K6: scheduled actions of the night run in the company's night, and not at 09:10 in Shanghai."""
import importlib.util
from datetime import datetime, timedelta
from pathlib import Path

import pytz
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form

from ..common import CustomerCase

ROOT = Path(__file__).parents[2]


def migration(name):
    """Return a migration script as a module."""
    spec = importlib.util.spec_from_file_location(name.replace('-', '_'), ROOT / 'migrations' / '19.0.1.1.0' / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestNight(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-05 12:00:00'))
        # a database in which an administrator moved some is put back to what is shipped
        cls.script = migration('post-night')
        cls.crons = cls.env['ir.cron']
        for name, minutes in cls.script.NIGHT.items():
            cron = cls.env.ref(f'customer_success.ir_cron_{name}')
            cron.with_context(customer_night=True).write({
                'customer_night_minutes': minutes, 'customer_by_hand': False,
                'nextcall': datetime(2026, 3, 6) + timedelta(minutes=minutes)})
            cls.crons += cron

    def _local(self, cron, zone):
        return pytz.utc.localize(cron.nextcall).astimezone(pytz.timezone(zone))

    def _assert_in_night_of(self, zone, crons=None, hour=0):
        for cron in crons or self.crons:
            local = self._local(cron, zone)
            step = 60 * cron.interval_number if cron.interval_type == 'hours' else 1440
            self.assertEqual((local.hour * 60 + local.minute - hour * 60 - cron.customer_night_minutes) % step, 0,
                             (cron.name, local))
            self.assertGreater(cron.nextcall, fields.Datetime.now())

    def test_every_action_of_days_has_its_place(self):
        """The next one of the kind: what runs once a day or more seldom, runs at night."""
        shipped = self.env['ir.cron'].browse(self.env['ir.model.data'].search([
            ('module', '=', 'customer_success'), ('model', '=', 'ir.cron')]).mapped('res_id'))
        self.assertFalse((shipped - self.crons).filtered(
            lambda cron: cron.interval_type in ('days', 'weeks', 'months') and not cron.customer_night_minutes).mapped('name'))

    def test_follows_the_company(self):
        """The company gets a zone, moves to another country, or its administrator corrects it."""
        partner = self.env.company.partner_id
        partner.tz = 'Asia/Shanghai'
        self._assert_in_night_of('Asia/Shanghai')
        partner.tz = 'America/Los_Angeles'
        self._assert_in_night_of('America/Los_Angeles')
        partner.write({'tz': False, 'country_id': self.env.ref('base.nz').id, 'state_id': False})
        self._assert_in_night_of('Pacific/Auckland')

    def test_the_hour_of_the_setting(self):
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        self.env['res.config.settings'].create({'customer_night_hour': 22}).execute()
        self._assert_in_night_of('Asia/Shanghai', hour=22)
        with self.assertRaisesRegex(ValidationError, "between 0 and 23"):
            self.env['res.config.settings'].create({'customer_night_hour': 24}).execute()

    def test_daylight_saving(self):
        """On 8 March 2026 New York loses an hour; an hour later the action is where it belongs again."""
        self.env.company.partner_id.tz = 'America/New_York'
        cron = self.env.ref('customer_success.ir_cron_refresh')
        with freeze_time('2026-03-08 05:30:00'):
            cron.with_context(customer_night=True).nextcall = '2026-03-08 06:10:00'  # 01:10
        with freeze_time('2026-03-08 08:00:00'):
            cron.with_context(customer_night=True).nextcall = '2026-03-09 06:10:00'  # a day later: 02:10
            self._run_cron('send')
            self._assert_in_night_of('America/New_York', cron)
            self.assertEqual(cron.nextcall, datetime(2026, 3, 9, 5, 10))

    def test_moved_by_hand(self):
        """What an administrator moved stays, until it is unticked; the others go on following."""
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        cron = self.env.ref('customer_success.ir_cron_refresh')
        with Form(cron) as form:
            form.nextcall = '2026-03-06 11:00:00'
        self.assertTrue(cron.customer_by_hand)
        self.env.company.partner_id.tz = 'America/Los_Angeles'
        self.assertEqual(cron.nextcall, datetime(2026, 3, 6, 11))
        self._assert_in_night_of('America/Los_Angeles', self.crons - cron)
        cron.customer_by_hand = False
        self._assert_in_night_of('America/Los_Angeles', cron)

    def test_new_action(self):
        """An installation: the first night to come, in the zone of the company."""
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        cron = self.env['ir.cron'].create({
            'name': "New", 'model_id': self.env['ir.model']._get_id('customer.ranking'), 'state': 'code', 'code': "pass",
            'interval_number': 1, 'interval_type': 'days', 'customer_night_minutes': 70})
        self.assertEqual(cron.nextcall, datetime(2026, 3, 5, 17, 10))

    def test_migration(self):
        """An installed database: what is where it was shipped moves into the night, what was moved stays."""
        moved = self.env.ref('customer_success.ir_cron_greet')
        self.crons.with_context(customer_night=True).write({'customer_night_minutes': 0, 'customer_by_hand': False})
        moved.with_context(customer_night=True).nextcall = '2026-03-06 09:00:00'
        self.env.flush_all()
        self.env['res.partner'].flush_model()
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        self.env.flush_all()
        self.script.migrate(self.env.cr, '19.0.1.0.0')
        self.env.invalidate_all()
        self.assertEqual((moved.nextcall, moved.customer_by_hand), (datetime(2026, 3, 6, 9), True))
        self._assert_in_night_of('Asia/Shanghai', self.crons - moved)
        self.assertEqual(set((self.crons - moved).mapped('customer_by_hand')), {False})
