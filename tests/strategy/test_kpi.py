"""STR-1: the KPIs of a strategy: what was agreed, what is measured, what people enter."""
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .strategy_common import StrategyCase


class TestStrategyKpi(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls._kpi("Praise", unit='count', maximum=50)
        cls.orders = cls.env.ref('customer_success.customer_kpi_new_orders')

    def setUp(self):
        super().setUp()
        self.enterContext(self._on('2026-03-02'))

    def tearDown(self):
        """What a KPI can't do must not pass unnoticed."""
        self.assertEqual(self.env['customer.kpi'].search([('problem', '!=', False)]).mapped('problem'), [])
        super().tearDown()

    def test_str_1_enter_by_hand(self):
        """STR-1: a value that a person writes is marked, judged at once, and stays when the rest is measured."""
        strategy = self._strategy(self.customer, (self.kpi, 10))
        line = strategy.kpi_ids.with_user(self.anna)
        self.assertFalse(line.is_measured)
        self.assertEqual((line.has_actual, line.explanation, line.actual_text), (False, "To be entered by hand", False))
        line.write({'actual': 8, 'note': "Asked at the fair"})
        self.assertRecordValues(line, [{
            'has_actual': True, 'by_hand': True, 'entered_by_id': self.anna.id, 'attainment': 80, 'is_judged': True,
            'actual_text': "8", 'target_text': "≥ 10"}])
        self.assertIn("Entered by Anna on", line.explanation)
        self.assertIn("Asked at the fair", line.explanation)
        self.assertEqual((strategy.attainment, strategy.known_percent), (80, 100))
        self.env['customer.strategy.measurer']._measure(strategy)
        self.assertEqual((line.actual, line.by_hand), (8, True))
        line.actual = 0
        self.assertEqual((line.has_actual, line.attainment, line.is_judged), (True, 0, True), "0 is a value")
        line.action_measure_again()
        self.assertEqual((line.has_actual, line.by_hand, line.note, strategy.grade_id.id), (False, False, False, False))

    def test_str_1_enter_instead_of_measuring(self):
        """STR-1: a measured value can be replaced by hand with a note, and given back to the measuring."""
        strategy = self._strategy(self.customer, (self.orders, 2), days=10)
        self._order(self.customer, 100)
        line = strategy.kpi_ids.with_user(self.anna)
        self.env['customer.strategy.measurer']._measure(strategy)
        self.assertEqual((line.actual, line.facts, line.is_measured), (1, 1, True))
        self.assertIn("Orders in these days: 1", line.explanation)
        with self.assertRaisesRegex(ValidationError, "is measured.*where the value"), self.env.cr.savepoint():
            line.actual = 2
        line.write({'actual': 2, 'note': "One came by phone"})
        self.env['customer.strategy.measurer']._measure(strategy)
        self.assertEqual((line.actual, line.by_hand), (2, True))
        line.action_measure_again()
        self.assertEqual((line.actual, line.by_hand, line.entered_by_id.id), (1, False, False))

    def test_str_1_enter_what_can_not_be(self):
        """STR-1: a value outside of the KPI's bounds is refused, with its bounds."""
        line = self._strategy(self.customer, (self.kpi, 10)).kpi_ids.with_user(self.anna)
        for value in (-1, 51):
            with self.assertRaisesRegex(ValidationError, f"between 0 and 50; {value} can't be"), self.env.cr.savepoint():
                line.actual = value

    def test_str_1_agreed_is_locked(self):
        """STR-1: what was agreed can't be changed once it runs, by nobody; before, it can."""
        strategy = self._strategy(self.customer, (self.kpi, 10), state='draft')
        line = strategy.kpi_ids.with_user(self.mara)
        line.write({'target': 12, 'weight': 2})
        strategy.state = 'active'
        for values in ({'target': 1}, {'weight': 9}, {'kpi_id': self.orders.id}):
            with self.assertRaisesRegex(UserError, "Propose an adjustment"), self.env.cr.savepoint():
                line.write(values)
        line.write({'target': 12, 'sequence': 3})  # as a form that sends everything
        with self.assertRaisesRegex(UserError, "Propose an adjustment"), self.env.cr.savepoint():
            line.unlink()
        with self.assertRaisesRegex(UserError, "Propose an adjustment"), self.env.cr.savepoint():
            line.create({'strategy_id': strategy.id, 'kpi_id': self.orders.id, 'target': 2})
        with self.assertRaisesRegex(UserError, "Propose an adjustment"), self.env.cr.savepoint():
            strategy.with_user(self.mara).write({'kpi_ids': [Command.update(line.id, {'target': 1})]})

    def test_str_1_measured_is_not_for_people(self):
        """STR-1: nobody writes what the measuring keeps, neither on a line nor on a new one."""
        line = self._strategy(self.customer, (self.kpi, 10), state='draft').kpi_ids.with_user(self.mara)
        for values in ({'attainment': 100}, {'has_actual': True}, {'actual': 1, 'has_actual': True}, {'by_hand': False},
                       {'entered_by_id': self.anna.id}, {'due': 1}, {'is_judged': True}, {'facts': 3}):
            with self.assertRaisesRegex(AccessError, "can't be written"), self.env.cr.savepoint():
                line.write(values)
            with self.assertRaisesRegex(AccessError, "can't be written"), self.env.cr.savepoint():
                line.create({'strategy_id': line.strategy_id.id, 'kpi_id': self.orders.id, 'target': 2, **values})

    def test_str_1_form_sends_zero(self):
        """STR-1: a new line of a form brings 0 along: nobody entered it. Something is entered, and 0 that is meant."""
        strategy = self._strategy(self.customer, state='draft')
        lines = self.env['customer.strategy.kpi'].with_user(self.anna).create([
            {'strategy_id': strategy.id, 'kpi_id': kpi.id, 'target': 5, **values} for kpi, values in (
                (self.kpi, {'actual': 0}), (self._kpi("Two"), {'actual': 3}),
                (self._kpi("Three"), {'actual': 0, 'by_hand': True}))])
        self.assertEqual(lines.mapped('has_actual'), [False, True, True])
        self.assertEqual(lines[1:].entered_by_id, self.anna)

    def test_str_1_late_values(self):
        """STR-1: after the end a value can be entered for a month, then what came of the cycle stays."""
        strategy = self._strategy(self.customer, (self.kpi, 10), start='2026-01-01', days=31)
        line = strategy.kpi_ids.with_user(self.anna)
        with self._on('2026-02-01'):
            self._close_cycle(strategy)
        self.assertEqual(strategy.state, 'done')
        with self._on('2026-03-03'):
            line.actual = 5
            self.assertEqual((strategy.attainment, line.attainment), (50, 50))
        with self._on('2026-03-04'):
            with self.assertRaisesRegex(UserError, "could be entered until"), self.env.cr.savepoint():
                line.actual = 6
            with self.assertRaisesRegex(UserError, "could be entered until"), self.env.cr.savepoint():
                line.action_measure_again()

    def test_str_1_targets_are_checked(self):
        """STR-1: a target of 0 is refused on a strategy as well, and a weight of 0."""
        for target in (0, -3, 60):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._strategy(self.customer, (self.kpi, target), state='draft')
        with self._refused("weight of a KPI is 1 at least"):
            self._strategy(self.customer, (self.kpi, 5), state='draft').kpi_ids.weight = 0

    def test_str_1_who_sees_and_enters(self):
        """STR-1: own customers, the own team, all; never another company."""
        line = self._strategy(self.customer, (self.kpi, 10)).kpi_ids
        for user in (self.anna, self.lena, self.mara):
            line.with_user(user).actual = 4
            self.assertEqual(line.entered_by_id, user)
        for user in (self.ben, self.li, self.otto, self.zoe, self.nils):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                line.with_user(user).actual = 5
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                line.with_user(user).action_measure_again()

    def test_str_1_meaning_is_locked(self):
        """STR-1: unit and direction of a KPI stay once strategies run by it; its other sides may change."""
        draft = self._strategy(self.customer, (self.kpi, 10), state='draft')
        self.kpi.better = 'lower'
        self.kpi.better = 'higher'
        draft.state = 'active'
        for values in ({'better': 'lower'}, {'unit': 'days'}):
            with self.assertRaisesRegex(UserError, "Archive it"), self.env.cr.savepoint():
                self.kpi.with_user(self.mara).write(values)
        self.kpi.with_user(self.mara).write({'better': 'higher', 'unit': 'count', 'name': "Other", 'maximum': 0, 'active': False})
        copy = self.kpi.copy()
        self.assertEqual(copy.name, "Other (copy)")
        copy.better = 'lower'

    def test_str_1_configuration_is_for_managers(self):
        """STR-1: everybody reads KPIs and grades, managers change them."""
        grade = self.env.ref('customer_success.customer_strategy_grade_good')
        for record in (self.kpi, grade):
            self.assertTrue(record.with_user(self.anna).name)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                record.with_user(self.lena).name = "Mine"
            record.with_user(self.mara).name = "Ours"
