"""STR-1, STR-4: cycles end and begin, versions follow each other."""
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .strategy_common import StrategyCase


class TestCycles(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # those of the demo data have their own nights
        cls.env['customer.strategy'].search([('state', '=', 'active')]).write({'state': 'draft'})
        cls.kpi = cls._kpi("Asked", target=50)

    def _begun(self, start='2026-01-01', days=90, **vals):
        return self._strategy(self.customer, (self.kpi, 80, 60), start=start, days=days, **vals)

    def _night(self, day):
        with self._on(day, hour=2):
            return self.env['customer.strategy.cycle']._end_cycles()

    def _chain(self):
        return self.env['customer.strategy'].search([('partner_id', '=', self.customer.id)], order='date_start, id')

    def test_str_1_next_cycle(self):
        """STR-1: the day after the last day the next cycle begins, with what was agreed and without the old figures."""
        first = self._begun()
        self.assertEqual(self._night('2026-03-31'), 0, "the last day is not over")
        following = self._close_cycle(first)
        self.assertEqual((first.state, first.ended_by, str(first.date_end)), ('done', 'cycle', '2026-03-31'))
        self.assertEqual(
            (following.state, following.version, following.cycle, str(following.date_start), str(following.date_end)),
            ('active', 1, 2, '2026-04-01', '2026-06-29'))
        self.assertEqual(following.previous_id, first)
        self.assertEqual(following.kpi_ids.mapped('target'), [80])
        self.assertFalse(following.kpi_ids.has_actual)
        self.assertEqual(first.kpi_ids.actual, 60)
        self.assertEqual((following.user_id, following.core_approach), (self.anna, "Be there"))
        self.assertEqual(following.history_ids, following + first)

    def test_str_1_measured_a_last_time(self):
        """STR-1: figures are looked at a last time when a cycle ends, over the days that it had."""
        first, seen = self._begun(), []
        measurer = self.env.registry['customer.strategy.measurer']
        with patch.object(measurer, '_measure', lambda model, strategies: seen.extend(
                (strategy.id, strategy.state) for strategy in strategies)):
            self._night('2026-04-01')
        self.assertIn((first.id, 'done'), seen)

    def test_str_1_slept(self):
        """STR-1: after a long sleep each cycle is there, one after the other; the second run finds nothing."""
        self._begun(days=10)
        self.assertEqual(self._night('2026-01-31'), 3)
        self.assertEqual(
            [(str(cycle.date_start), str(cycle.date_end), cycle.state, cycle.cycle) for cycle in self._chain()],
            [('2026-01-01', '2026-01-10', 'done', 1), ('2026-01-11', '2026-01-20', 'done', 2),
             ('2026-01-21', '2026-01-30', 'done', 3), ('2026-01-31', '2026-02-09', 'active', 4)])
        self.assertEqual(self._night('2026-01-31'), 0)

    def test_str_1_ends(self):
        """STR-1: no next cycle where none is wanted, and none for a customer who left."""
        first = self._begun(renew=False)
        self.assertFalse(self._close_cycle(first))
        self.assertEqual(first.state, 'done')
        second = self._begun(start='2026-04-01')
        self.customer.action_customer_exclude()
        self.assertTrue(second.customer_left)
        self.assertFalse(self._close_cycle(second))
        self.assertEqual((second.state, second.ended_by), ('done', 'cycle'))

    def test_str_1_owner_left(self):
        """STR-1: the next cycle is not given to somebody who left."""
        first = self._begun(user_id=self.ben.id)
        self.ben.active = False
        self.assertEqual(self._close_cycle(first).user_id, self.anna)

    def test_str_1_milestones_go_along(self):
        """STR-1: what was not reached is still to be reached in the next cycle."""
        first = self._begun(milestone_ids=[
            Command.create({'name': "Reached", 'date': '2026-02-01', 'done_on': '2026-02-03'}),
            Command.create({'name': "Open", 'date': '2026-02-15'})])
        following = self._close_cycle(first)
        self.assertEqual((first.milestone_ids.name, following.milestone_ids.name), ("Reached", "Open"))

    def test_str_1_one_that_fails(self):
        """STR-1: one that can't be ended is set aside with its problem, the others go on; the next night heals it."""
        strategies = self._begun()
        for name in ("Second", "Third"):
            strategies += self._strategy(self._customer(name), (self.kpi, 80), start='2026-01-01')
        bad, model = strategies[1], self.env.registry['customer.strategy.cycle']
        original = model._next_values

        def _next_values(cycle, strategy):
            if strategy == bad:
                raise ValueError("Broken")
            return original(cycle, strategy)

        with patch.object(model, '_next_values', _next_values), mute_logger('odoo.addons.customer_success'):
            self.assertEqual(self._night('2026-04-01'), 2)
        self.assertEqual(strategies.mapped('state'), ['done', 'active', 'done'])
        self.assertEqual((bad.problem, bad.ended_by), ("Broken", False))
        self.assertEqual(self._night('2026-04-02'), 1)
        self.assertEqual((bad.state, bad.problem), ('done', False))
        self.assertEqual(str(bad.search([('previous_id', '=', bad.id)]).date_start), '2026-04-01')

    def test_str_1_many(self):
        """STR-1: how many queries a night takes hardly depends on how many cycles end."""
        def count(number):
            strategies = self.env['customer.strategy']
            for index in range(number):
                strategies += self._strategy(self._customer(f"Many {number} {index}"), (self.kpi, 80), start='2026-01-01')
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self._night('2026-04-01'), number)
            return self.env.cr.sql_log_count - before
        count(1)
        few, many = count(3), count(33)
        self.assertLess(many, few + 30)

    def test_str_1_stopping(self):
        """STR-1: a strategy that is stopped ends today, was agreed on as a longer one, and nothing follows."""
        strategy = self._begun()
        with self._on('2026-02-10'):
            strategy.with_user(self.anna).action_stop()
        self.assertEqual((strategy.state, strategy.ended_by, str(strategy.date_end)), ('done', 'stopped', '2026-02-10'))
        self.assertEqual(strategy.cycle_days, 90)
        self.assertEqual(self._night('2026-05-01'), 0)
        with self.assertRaisesRegex(UserError, "is over since"):
            strategy.action_stop()
        with self.assertRaisesRegex(UserError, "kept as it was"):
            strategy.with_user(self.mara).renew = False

    def test_str_1_back_to_draft(self):
        """STR-1: a start can be taken back on its day, not later."""
        today = fields.Date.context_today(self.env.user)
        strategy = self._strategy(self.customer, (self.kpi, 80, 80), start=today).with_user(self.anna)
        self.assertTrue(strategy.can_reset)
        strategy.action_to_draft()
        self.assertEqual((strategy.state, strategy.effect_id, strategy.started_on), ('draft', strategy.effect_id.browse(), False))
        strategy.core_approach = "Better"
        strategy.action_start()
        with self._on(fields.Date.add(today, days=1)), self.assertRaisesRegex(UserError, "can't become a draft again"):
            strategy.action_to_draft()

    def test_str_4_new_version(self):
        """STR-4: another version begins on its day with what is new; the rest is carried over, and the old one ends before."""
        first = self._begun(milestone_ids=[Command.create({'name': "Open", 'date': '2026-02-15'})])
        other = self._kpi("Other", target=5)
        with self._on('2026-02-10'):
            second = first._replace(
                {'core_approach': "Be close", 'cycle_days': 30,
                 'kpi_ids': [Command.create({'kpi_id': other.id, 'target': 4, 'weight': 2})]},
                fields.Date.to_date('2026-02-10'))
        self.assertEqual((first.state, first.ended_by, str(first.date_end)), ('done', 'adjustment', '2026-02-09'))
        self.assertEqual(
            (second.state, second.version, second.cycle, second.previous_id, second.core_approach),
            ('active', 2, 1, first, "Be close"))
        self.assertEqual((str(second.date_start), str(second.date_end)), ('2026-02-10', '2026-03-11'))
        self.assertEqual(second.kpi_ids.mapped(lambda line: (line.kpi_id, line.target, line.weight)), [(other, 4, 2)])
        self.assertEqual(second.milestone_ids.name, "Open")
        third = self._close_cycle(second)
        self.assertEqual((third.version, third.cycle), (2, 2))
        with self._on('2026-03-20'):
            fourth = second._replace({}, fields.Date.to_date('2026-03-20'))
        self.assertEqual((fourth.previous_id, fourth.version, fourth.cycle), (third, 3, 1), "of what runs now")
        self.assertEqual(fourth.kpi_ids.target, 4)

    def test_str_4_new_version_on_the_first_day(self):
        """STR-4: a version that is replaced on its first day keeps that day."""
        first = self._begun()
        with self._on('2026-01-01'):
            second = first._replace({}, fields.Date.to_date('2026-01-01'))
        self.assertEqual(str(first.date_end), '2026-01-01')
        self.assertEqual(str(second.date_start), '2026-01-01')

    def test_str_4_new_version_of_what_is_over(self):
        """STR-4: what ended without a next cycle can go on in another version, unless another strategy runs."""
        first = self._begun(renew=False)
        self._close_cycle(first)
        with self._on('2026-04-10'):
            second = first._replace({}, fields.Date.to_date('2026-04-10'))
            self.assertEqual((first.ended_by, str(first.date_end)), ('cycle', '2026-03-31'))
            self.assertEqual((second.state, second.version), ('active', 2))
            second.action_stop()
        ended = self._begun(start='2026-05-01', renew=False)
        self._close_cycle(ended)
        self._begun(start='2026-08-01')
        with self._on('2026-08-02'), self.assertRaisesRegex(UserError, "has a strategy already"):
            ended._replace({}, fields.Date.to_date('2026-08-02'))

    def test_str_4_nothing_to_replace(self):
        """STR-4: a strategy that was stopped has no next version."""
        first = self._begun()
        with self._on('2026-02-10'):
            first.action_stop()
            with self.assertRaisesRegex(UserError, "stopped meanwhile"):
                first._replace({}, fields.Date.to_date('2026-02-10'))

    def test_str_1_trend(self):
        """STR-1: a KPI is compared with the cycle before; for one that shall be low, less is better."""
        low = self._kpi("Low", better='lower', target=5)
        first = self._strategy(
            self.customer, (self.kpi, 80, 60), (low, 5, 4), (self._kpi("Never", target=5), 5), start='2026-01-01')
        following = self._close_cycle(first)
        up, down, never = following.kpi_ids
        self.assertEqual(set(following.kpi_ids.mapped('trend')), {False})
        with self._on('2026-05-01'):
            for line, actual in ((up, 70), (down, 3), (never, 2)):
                line.with_user(self.anna).actual = actual
        self.assertEqual(following.kpi_ids.mapped('trend'), ['better', 'better', False])
        self.assertEqual([line.trend_text[0] for line in up + down], ["▲", "▼"])
        with self._on('2026-05-01'):
            up.with_user(self.anna).actual = 60
            down.with_user(self.anna).actual = 5
        self.assertEqual((up.trend, up.trend_text, down.trend), ('same', "→", 'worse'))
