"""What became of the scheduled actions (PLT-3, K9)."""
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import users
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import MIN_DELTA_BEFORE_DEACTIVATION, MIN_FAILURE_COUNT_BEFORE_DEACTIVATION

from ..common import CustomerCase


class TestSchedule(CustomerCase):

    def setUp(self):
        super().setUp()
        # the scheduler's transaction begins when the test says; that of the test began long before
        self.patch(Cursor, 'now', lambda cr: datetime.now())

    def _row(self, name):
        """Return the row of a scheduled action, as a manager sees it."""
        self.env.flush_all()
        self.env.invalidate_all()
        [row] = self.env['customer.schedule'].with_user(self.mara).search([('name', '=', name)])
        return row

    def _fail(self, name, model, method, error):
        """Run a scheduled action that fails, as the scheduler does, which only writes into its log."""
        cron = self.env.ref(f'customer_success.ir_cron_{name}')
        with patch.object(self.env.registry[model], method, side_effect=error), self.enter_registry_test_mode(), \
                mute_logger('odoo.addons.base.models.ir_cron'):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_plt_3_every_action_has_a_row(self):
        """PLT-3: each scheduled action that the addon brings stands in the overview, with a name for people."""
        ours = self.env['ir.model.data'].search([('module', '=', 'customer_success'), ('model', '=', 'ir.cron')])
        rows = self.env['customer.schedule'].search([])
        self.assertGreater(len(ours), 10)
        self.assertEqual(sorted(rows.cron_id.ids), sorted(ours.mapped('res_id')))
        self.assertTrue(all(row._label() for row in rows))

    def test_plt_3_a_failure_is_seen(self):
        """PLT-3, K9: an action that fails leaves its error for a manager, though Odoo takes its work back; a success ends it."""
        self._run_cron('refresh')
        row = self._row('refresh')
        self.assertEqual((row.state, row.error), ('ok', False))
        worked = row.succeeded_at
        self.assertTrue(worked)
        self._fail('refresh', 'customer.ranking', '_refresh_all', ValueError("boom"))
        row = self._row('refresh')
        self.assertEqual((row.state, row.error, row.failures), ('failing', "ValueError: boom", 1))
        self.assertEqual(row.succeeded_at, worked)
        self.assertIn(row, self.env['customer.schedule'].search([('attention', '=', True)]))
        [line] = self.env['customer.run'].with_user(self.mara).search([('error', '!=', False)])
        self.assertEqual((line.name, line.done), ('refresh', 0))
        with self._on(fields.Date.today() + timedelta(days=1)):
            self._run_cron('refresh')
            self.env.ref('customer_success.ir_cron_refresh').nextcall = fields.Datetime.now() + timedelta(hours=1)
            row = self._row('refresh')
            self.assertEqual((row.state, row.failures), ('ok', 0))

    def test_plt_3_errors_in_words(self):
        """PLT-3, K9: what the addon says in words is told as it is."""
        self._fail('plan', 'customer.planner', '_cron_plan', UserError("There is no cadence."))
        self.assertEqual(self._row('plan').error, "There is no cadence.")

    def test_plt_3_a_quiet_night_is_seen(self):
        """PLT-3, K9: an action that found nothing to do leaves no line, but the overview says that it ran."""
        self._run_cron('digest')
        runs = self.env['customer.run'].search_count([])
        with self._on('2031-05-05'):
            self._run_cron('digest')
            self.assertEqual(self._row('digest').ran_at, fields.Datetime.now())
            self.assertEqual(self._row('digest').succeeded_at, fields.Datetime.now())
        self.assertEqual(self.env['customer.run'].search_count([]), runs)

    def test_plt_3_switched_off(self):
        """PLT-3, K9: who switched it off, an administrator or Odoo after a week of failures: the overview says since when, and
        a manager switches it on again."""
        cron = self.env.ref('customer_success.ir_cron_greet')
        with self._on('2031-05-05'):
            cron.active = False
            row = self._row('greet')
            self.assertEqual((row.state, row.off_since, row.next_at), ('off', fields.Datetime.now(), False))
            with self.assertRaisesRegex(UserError, "Open greetings” is switched off"):
                row.action_run_now()
            row.action_switch_on()
            self.assertTrue(cron.active)
            self.assertEqual((self._row('greet').state, self._row('greet').off_since), ('ok', False))
            cron.write({
                'failure_count': MIN_FAILURE_COUNT_BEFORE_DEACTIVATION,
                'first_failure_date': fields.Datetime.now() - MIN_DELTA_BEFORE_DEACTIVATION - timedelta(days=1)})
            self._fail('greet', 'customer.greeter', '_cron_open', ValueError("boom"))
            row = self._row('greet')
            self.assertEqual((row.state, row.off_since, row.error), ('off', fields.Datetime.now(), "ValueError: boom"))

    def test_plt_3_late(self):
        """PLT-3, K9: an action that should have begun more than a day ago waits for a scheduler that is not there."""
        cron = self.env.ref('customer_success.ir_cron_warn')
        self._run_cron('warn')
        cron.nextcall = fields.Datetime.now() - timedelta(hours=23)
        self.assertEqual(self._row('warn').state, 'ok')
        cron.nextcall = fields.Datetime.now() - timedelta(hours=25)
        self.assertEqual(self._row('warn').state, 'late')

    def test_plt_3_run_now(self):
        """PLT-3: a manager has an action run; the scheduler does the work."""
        cron = self.env.ref('customer_success.ir_cron_plan')
        triggers = [('cron_id', '=', cron.id)]
        before = self.env['ir.cron.trigger'].search_count(triggers)
        self.assertEqual(self._row('plan').action_run_now()['tag'], 'display_notification')
        self.assertEqual(self.env['ir.cron.trigger'].search_count(triggers), before + 1)
        runs = self._row('plan').action_open_runs()
        self.assertEqual(self.env[runs['res_model']].search_count(runs['domain']),
                         self.env['customer.run'].search_count([('name', '=', 'plan')]))

    @users('mara')
    def test_plt_3_no_other_actions(self):
        """PLT-3: managers read the addon's actions, change none, and see no others."""
        other = self.env.ref('base.autovacuum_job')
        own = self.env.ref('customer_success.ir_cron_plan')
        crons = self.env['ir.cron']
        self.assertTrue(crons.has_access('read'))
        self.assertIn(own, crons.search([]))
        self.assertNotIn(other, crons.search([]))
        with self.assertRaises(AccessError):
            own.write({'active': False})

    def test_plt_3_administrators(self):
        """PLT-3: an administrator with the role of a manager still reads all scheduled actions."""
        self.mara.group_ids += self.env.ref('base.group_system')
        self.assertIn(self.env.ref('base.autovacuum_job'), self.env['ir.cron'].with_user(self.mara).search([]))

    @users('anna', 'lena')
    def test_plt_3_for_managers(self):
        """PLT-3: nobody else needs to see it."""
        with self.assertRaises(AccessError):
            self.env['customer.schedule'].search([])
