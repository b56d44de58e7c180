"""STR-3: telling the customer, applying by hand and by night."""
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .adjustment_common import AdjustmentCase


class TestAdjustmentApply(AdjustmentCase):

    def _night(self, day=None):
        """Let the scheduled action of a day run."""
        with self._on(day or fields.Date.context_today(self.customer), 0):
            self._run_cron('adjust')

    def _later(self, days):
        return fields.Date.context_today(self.customer) + timedelta(days=days)

    # ------------------------------------------------------------
    # APPLYING
    # ------------------------------------------------------------

    def test_str_3_day_of_the_owner(self):
        """K6, STR-3: agreed for 3 March, it applies when it is 3 March where its owner is, and on that day."""
        self.env.ref('base.user_root').tz = False
        for zone, too_early, in_time in (
            ('Asia/Shanghai', '2026-03-02 15:50:00', '2026-03-02 16:20:00'),
            ('America/Los_Angeles', '2026-03-03 00:20:00', '2026-03-03 08:20:00'),
        ):
            self.anna.tz = 'UTC'
            with self.env.cr.savepoint() as savepoint:
                adjustment = self._adjustment(state='approved', date='2026-03-03')
                self.anna.tz = zone
                with freeze_time(too_early):
                    self._run_cron('adjust')
                self.assertEqual(adjustment.state, 'approved', zone)
                with freeze_time(in_time):
                    self._run_cron('adjust')
                self.assertRecordValues(adjustment, [{
                    'state': 'applied', 'applied_on': fields.Date.to_date('2026-03-03')}])
                self.assertEqual(adjustment.new_strategy_id.date_start, fields.Date.to_date('2026-03-03'))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_str_4_new_version(self):
        """STR-4: applying begins a new version with the new content; the review is due after a cycle."""
        adjustment = self._adjustment(
            cadence_id=self.cadence.id, cycle_days=60, kpi_ids=[
                Command.create({'kpi_id': self.repurchase.id, 'new_target': 75, 'weight': 2}),
                Command.create({'kpi_id': self.satisfaction.id, 'new_target': 90, 'is_dropped': True}),
                Command.create({'kpi_id': self.orders.id, 'new_target': 3})])
        adjustment.with_user(self.anna).action_submit()
        adjustment.with_user(self.lena).action_approve()
        self._night()
        today = fields.Date.context_today(adjustment)
        new = adjustment.new_strategy_id
        self.assertRecordValues(adjustment, [{
            'state': 'applied', 'applied_on': today, 'after_start': today, 'after_stop': self._later(59), 'problem': False}])
        self.assertRecordValues(new, [{
            'state': 'active', 'version': 2, 'cycle': 1, 'previous_id': self.strategy.id, 'date_start': today,
            'date_end': self._later(59), 'core_approach': "Answer within a day", 'cadence_id': self.cadence.id,
            'user_id': self.anna.id}])
        self.assertEqual(
            sorted((line.kpi_id.name, line.target, line.weight) for line in new.kpi_ids),
            [("Agreed orders", 3, 1), ("Agreed repurchase", 75, 2)])
        self.assertRecordValues(self.strategy, [{'state': 'done', 'ended_by': 'adjustment'}])
        self.assertIn(adjustment.name, self.customer.message_ids[0].body)

    def test_str_3_applied_on_its_day_once(self):
        """STR-3: not before its day; after an outage as soon as possible; never twice."""
        day = self._later(5)
        adjustment = self._adjustment(state='approved', date=day)
        self._night(self._later(4))
        self.assertEqual(adjustment.state, 'approved')
        self._night(self._later(8))
        self.assertRecordValues(adjustment, [{'state': 'applied', 'applied_on': self._later(8)}])
        runs = self.env['customer.run'].search_count([('name', '=', 'adjust')])
        self._night(self._later(8))
        self.assertEqual(self.env['customer.strategy'].search_count([('partner_id', '=', self.customer.id)]), 2)
        self.assertEqual(self.env['customer.run'].search_count([('name', '=', 'adjust')]), runs)

    def test_str_3_applied_to_the_cycle_in_force(self):
        """STR-3: where the next cycle began meanwhile, that one is replaced."""
        adjustment = self._adjustment(state='approved', date=self._later(95))
        following = self._close_cycle(self.strategy)
        self._night(self._later(95))
        self.assertEqual(adjustment.new_strategy_id.previous_id, following)
        self.assertEqual(following.ended_by, 'adjustment')
        self.assertEqual(self.strategy.ended_by, 'cycle')

    def test_str_3_by_hand(self):
        """STR-3: the owner, who approved it, and managers apply it at once, nobody else."""
        adjustment = self._adjustment(state='approved', date=self._later(30))
        ben = self.ben
        self.customer.user_id = ben
        adjustment.user_id = self.anna  # he sees it, and does not own it
        with self.assertRaisesRegex(AccessError, "applied by its owner"):
            adjustment.with_user(ben).action_apply()
        self.assertEqual([adjustment.with_user(user).can_apply for user in (ben, self.anna, self.lena, self.mara)],
                         [False, True, True, True])
        self.assertTrue(adjustment.is_early)
        adjustment.with_user(self.lena).action_apply()
        self.assertEqual(adjustment.applied_on, fields.Date.context_today(adjustment))

    def test_str_3_not_before_approval(self):
        """STR-3: a draft and a submitted proposal don't apply, by hand or by night."""
        adjustment = self._adjustment()
        for __ in range(2):
            with self.assertRaisesRegex(UserError, "can't be done"):
                adjustment.with_user(self.anna).action_apply()
            self._night(self._later(1))
            self.assertFalse(adjustment.applied_on)
            if adjustment.state == 'draft':
                adjustment.with_user(self.anna).action_submit()

    # ------------------------------------------------------------
    # TELLING THE CUSTOMER
    # ------------------------------------------------------------

    def test_str_3_price_is_announced_first(self):
        """STR-3: a change of price does not apply before the customer was told, and says so once."""
        adjustment = self._adjustment(state='approved', kind_ids=[Command.set((self.price + self.approach).ids)])
        self.assertTrue(adjustment.needs_informing)
        self.assertIn("Tell the customer", self._activities(adjustment, self.anna).summary)
        for call in (adjustment.with_user(self.anna).action_apply, adjustment.with_user(self.mara).action_apply):
            with self.assertRaisesRegex(UserError, "Strategic Ltd has to be told before .* applies: it changes Price"):
                call()
        for __ in range(2):
            self._night()
            self.assertEqual(adjustment.state, 'approved')
            self.assertIn("has to be told", adjustment.problem)
            self.assertEqual(len(self._activities(adjustment, self.anna)), 1)
        self.assertEqual(self.env['customer.run'].search([('name', '=', 'adjust')]).mapped('failed'), [1])
        self._inform(adjustment)
        self.assertFalse(self._activities(adjustment))
        self._night()
        self.assertRecordValues(adjustment, [{'state': 'applied', 'problem': False}])

    def test_str_3_informing_is_a_contact(self):
        """STR-3: telling the customer is kept among the contacts."""
        adjustment = self._adjustment(state='approved', kind_ids=[Command.set(self.price.ids)])
        day = self._later(-1)
        with self.assertRaisesRegex(ValidationError, "in the future"):
            self._inform(adjustment, date=self._later(1))
        with self.assertRaisesRegex(ValidationError, "note what the customer was told"):
            self._inform(adjustment, note=" ")
        with self.assertRaises(AccessError):
            self._inform(adjustment, user=self.otto)
        self._inform(adjustment, date=day)
        self.assertRecordValues(adjustment, [{'informed_on': day, 'informed_by_id': self.anna.id}])
        self.assertRecordValues(adjustment.informed_followup_id, [{
            'partner_id': self.customer.id, 'state': 'done', 'contact_day': day, 'feedback': "Agreed",
            'channel_id': self.call.id}])

    def test_str_3_only_what_is_approved_is_announced(self):
        """STR-3: nobody tells the customer what is not decided yet."""
        adjustment = self._adjustment(state='submitted', kind_ids=[Command.set(self.price.ids)])
        with self.assertRaisesRegex(UserError, "Anna submitted it"):
            self._inform(adjustment)

    def test_str_3_what_waits_for_the_customer(self):
        """STR-3: the filter finds what is approved and not announced."""
        adjustment = self._adjustment(state='approved', kind_ids=[Command.set(self.price.ids)])
        found = [('id', '=', adjustment.id), ('must_inform', '=', True)]
        self.assertTrue(adjustment.search_count(found))
        self._inform(adjustment)
        self.assertFalse(adjustment.search_count(found))

    # ------------------------------------------------------------
    # WHAT GOES WRONG
    # ------------------------------------------------------------

    def test_str_3_strategy_stopped(self):
        """STR-3: what has no strategy any more is set aside, and says why."""
        adjustment = self._adjustment(state='approved')
        self.strategy.write({'state': 'done', 'ended_by': 'stopped'})
        self._night()
        self.assertEqual(adjustment.state, 'approved')
        self.assertIn("was stopped", adjustment.problem)
        self.assertIn("was stopped", self._activities(adjustment, self.anna).summary)

    @mute_logger('odoo.addons.customer_success.models.strategy.customer_strategy_adjustment_apply')
    def test_plt_3_one_bad_one_holds_up_nobody(self):
        """PLT-3: one that fails is set aside without a trace of half of it, the others apply."""
        bad = self._adjustment(state='approved')
        other = self._strategy(self._customer("Good"), (self.repurchase, 80))
        good = self._adjustment(strategy=other, state='approved', date=self._later(0))
        strategies = type(self.env['customer.strategy'])
        original = strategies._replace

        def replace(strategy, values, day):
            new = original(strategy, values, day)
            if strategy == self.strategy:
                raise ZeroDivisionError("division by zero")
            return new

        with patch.object(strategies, '_replace', replace):
            self._night()
        self.assertIn("division by zero", bad.problem)
        self.assertEqual((self.strategy.state, good.state), ('active', 'applied'))
        self.assertEqual(self.env['customer.strategy'].search_count([('partner_id', '=', self.customer.id)]), 1)
        self._night()
        self.assertRecordValues(bad, [{'state': 'applied', 'problem': False}])

    def test_plt_3_killed_and_run_again(self):
        """PLT-3: a run that is killed keeps what it did, and the next one does the rest."""
        first = self._adjustment(state='approved')
        second = self._adjustment(
            strategy=self._strategy(self._customer("Second"), (self.repurchase, 80)), state='approved')
        applier = type(self.env['customer.adjustment.applier'])
        original = applier._apply_safely

        def killed(applier, adjustment):
            if adjustment == second:
                raise psycopg2.OperationalError("server closed the connection")
            return original(applier, adjustment)

        with patch.object(applier, '_apply_safely', killed), self.assertRaises(psycopg2.OperationalError), \
                mute_logger('odoo.addons.base.models.ir_cron'):
            self._night()
        self._night()
        self.assertEqual((first.state, second.state), ('applied', 'applied'))
