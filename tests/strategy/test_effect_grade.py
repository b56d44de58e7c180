"""STR-2: attainment and grade of strategies, measured and judged."""
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import SQL, mute_logger

from .strategy_common import StrategyCase


class EffectCase(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        strategies = cls.env['customer.strategy'].search([])
        strategies.state = 'draft'  # what has begun stays
        strategies.unlink()
        cls.measurer = cls.env['customer.strategy.measurer']
        cls.excellent, cls.good, cls.fair, cls.poor = (
            cls.env.ref(f'customer_success.customer_strategy_grade_{name}') for name in ('excellent', 'good', 'fair', 'poor'))
        cls.kpi = cls._kpi("Praise", unit='count')

    def tearDown(self):
        """What a KPI can't do must not pass unnoticed."""
        self.assertEqual(self.env['customer.kpi'].search([('problem', '!=', False)]).mapped('problem'), [])
        super().tearDown()

    @classmethod
    def _ref(cls, name):
        return cls.env.ref(f'customer_success.customer_kpi_{name}')

    def _set(self, **settings):
        for name, value in settings.items():
            self.env['ir.config_parameter'].set_param(f'customer_success.strategy_{name}', repr(value))


class TestEffectGrade(EffectCase):

    def test_str_2_rows_of_the_guide(self):
        """STR-2: the four rows of the guide get the grade that the rule gives: the first the best, none excellent."""
        attainments = []
        for row, grade, attainment in (
                # 80 by 85 counts 100, 90 by 88 counts 97.8
                ([('repurchase', 80, 85), ('satisfaction', 90, 88)], self.good, 98.9),
                # 1 of 2 is 50, 30 by 45 days is 66.7
                ([('new_orders', 2, 1), ('conversion', 30, 45)], self.poor, 58.3),
                # 5 by 10 is 50, 40 of 50 is 80
                ([('churn', 5, 10), ('repurchase', 50, 40)], self.fair, 65),
                # 3 by 5 is 60
                ([('complaints', 3, 5)], self.fair, 60)):
            customer = self._customer("Of the guide")
            strategy = self._strategy(customer, *((self._ref(name), *values) for name, *values in row))
            self.assertEqual((strategy.effect_id, strategy.attainment), (grade, attainment))
            attainments.append(attainment)
        self.assertEqual(attainments[0], max(attainments))
        self.assertLess(max(attainments), self.excellent.minimum)

    def test_str_2_rule_is_shown(self):
        """STR-2: the rule is said in words, with the grades and settings as they are."""
        strategy = self._strategy(self.customer, (self.kpi, 10))
        for text in (strategy.grade_rule, self.good.rule, self.env['customer.strategy.grade']._explain()):
            self.assertIn("from 100 % Excellent, from 90 % Good, from 60 % Fair, below that Poor", text)
            self.assertIn("each counts 100 % at most", text)
            self.assertIn("less than 50 % of the KPIs", text)
        self.good.minimum = 87.5
        self._set(attainment_cap=120, known_percent=30)
        text = self.env['customer.strategy.grade']._explain()
        for part in ("from 87.5 % Good", "120 % at most", "less than 30 %"):
            self.assertIn(part, text)

    def test_str_2_weights_cap_and_known(self):
        """STR-2: KPIs count by weight, up to the cap; there is no grade where too little is known."""
        second, third = self._kpi("Second", unit='count'), self._kpi("Third", unit='count')
        strategy = self._strategy(self.customer, (self.kpi, 10, 20), (second, 10, 5), (third, 10))
        lines = strategy.kpi_ids.sorted('id')
        self.assertEqual((strategy.attainment, strategy.effect_id), (75, self.fair))
        self.assertAlmostEqual(strategy.known_percent, 200 / 3, 5)
        self._set(attainment_cap=150)
        lines[0].weight = 3
        self.measurer._measure(strategy)
        self.assertEqual((strategy.attainment, strategy.known_percent), (125, 80), "(3 × 150 + 50) / 4")
        lines[2].weight = 6
        self.measurer._measure(strategy)
        self.assertEqual((strategy.attainment, strategy.known_percent, strategy.effect_id.id), (0, 40, False))
        self.env.cr.execute("SELECT attainment FROM customer_strategy WHERE id = %s", [strategy.id])
        self.assertEqual(self.env.cr.fetchone(), (None,), "averages leave it out")
        self._set(known_percent=40)
        self.measurer._measure(strategy)
        self.assertEqual((strategy.attainment, strategy.effect_id), (125, self.excellent))

    def test_str_2_owed_so_far(self):
        """STR-2: while the cycle runs, what grows is judged by what is owed by today, in whole pieces."""
        orders, revenue = self._ref('new_orders'), self._ref('revenue')
        strategy = self._strategy(self.customer, (orders, 2), (revenue, 9000), start='2026-01-01', days=90)
        line, money = strategy.kpi_ids.sorted('id')
        for day, ordered, due, attainment, money_due, money_attainment in (
                ('2026-01-30', None, 0, None, 3000, 0),       # the 30th day: nothing is owed yet
                ('2026-02-13', None, 0, None, 4400, 0),       # the 44th
                ('2026-02-14', None, 1, 0, 4500, 0),
                ('2026-02-14', 900, 1, 100, 4500, 20),
                ('2026-03-31', None, 2, 50, 9000, 10)):
            with self._on(day):
                if ordered:
                    self._order(self.customer, ordered, day)
                self.measurer._measure(strategy)
                self.assertEqual((line.due, line.is_judged, line.attainment), (due, attainment is not None, attainment or 0), day)
                self.assertEqual((money.due, money.attainment), (money_due, money_attainment), day)
                if day == '2026-01-30':
                    self.assertIn("; nothing is owed by now", line.explanation)

    def test_str_2_ahead(self):
        """STR-2: who has something before anything is owed is at the target at least."""
        strategy = self._strategy(self.customer, (self._ref('new_orders'), 2), start='2026-01-01', days=90)
        with self._on('2026-01-03'):
            self._order(self.customer, 100, '2026-01-03')
            self.measurer._measure(strategy)
            self.assertEqual((strategy.kpi_ids.due, strategy.attainment, strategy.effect_id), (0, 100, self.excellent))

    def test_str_2_ended_early(self):
        """STR-2: a cycle that ended early owes its part; its length is what was agreed."""
        strategy = self._strategy(self.customer, (self._ref('revenue'), 9000), start='2026-01-01', days=90)
        with self._on('2026-01-20'):
            self._order(self.customer, 1500, '2026-01-20')
            strategy.write({'state': 'done', 'date_end': '2026-01-30', 'ended_by': 'stopped'})
            self.measurer._measure(strategy)
        self.assertEqual((strategy.kpi_ids.due, strategy.attainment), (3000, 50))

    def test_str_2_over_is_over(self):
        """STR-2: a cycle that is over was measured over all its days and stays as it is."""
        strategy = self._strategy(self.customer, (self._ref('new_orders'), 2), start='2026-01-01', days=31)
        self._order(self.customer, 100, '2026-01-31')
        with self._on('2026-02-01'):
            self._close_cycle(strategy)
            self.assertEqual((strategy.kpi_ids.actual, strategy.kpi_ids.due, strategy.effect_id), (1, 2, self.poor))
        with self._on('2026-02-02'):
            self._order(self.customer, 100, '2026-01-15')
            self.assertNotIn(strategy, self.measurer._due())
            self.measurer._grade(strategy)
            self.assertEqual(strategy.kpi_ids.actual, 1)

    def test_str_2_night(self):
        """STR-2: every night what runs is measured once; the second time there is nothing to do."""
        with self._on('2026-01-10'):
            strategy = self._strategy(self.customer, (self._ref('new_orders'), 9), (self.kpi, 4, 3), days=90)
            draft = self._strategy(self._customer("Draft"), (self.kpi, 4), state='draft')
        with self._on('2026-01-20'):
            self._order(self.customer, 100)
            runs = self.env['customer.run'].search_count([('name', '=', 'strategy')])
            self._run_cron('strategy')
            self.assertEqual(str(strategy.measured_on), '2026-01-20')
            self.assertEqual(strategy.kpi_ids.sorted('id').mapped('actual'), [1, 3])
            self.assertFalse(draft.measured_on)
            run = self.env['customer.run'].search([('name', '=', 'strategy')], limit=1)
            self.assertEqual((run.done, run.failed), (1, 0))
            self._run_cron('strategy')
            self.assertEqual(self.env['customer.run'].search_count([('name', '=', 'strategy')]), runs + 1)
        self.env.cr.execute("SELECT xmin FROM customer_strategy_kpi WHERE strategy_id = %s", [strategy.id])
        rows = self.env.cr.fetchall()
        with self._on('2026-01-21'):
            self.assertEqual(self.measurer._measure(strategy), 1)
            with patch.object(type(self.measurer), '_write_lines', autospec=True) as written:
                self.measurer._measure(strategy)
            self.assertEqual(written.call_args.args[1], [], "nothing changed")
        self.assertTrue(rows)

    def test_str_2_night_in_batches(self):
        """STR-2: the night goes on where it was stopped."""
        with self._on('2026-01-10'):
            strategies = [self._strategy(self._customer(f"Number {number}"), (self.kpi, 4, 3)) for number in range(3)]
        module = 'odoo.addons.customer_success.models.strategy.customer_strategy_measurer'
        with self._on('2026-01-20'), patch(f'{module}.BATCH', 2):
            self.measurer._measure(strategies[0])
            self.assertEqual(len(self.measurer._due()), 2)
            self._run_cron('strategy')
            self.assertEqual({str(strategy.measured_on) for strategy in strategies}, {'2026-01-20'})
            self.assertFalse(self.measurer._due())

    def test_str_2_statements_do_not_grow(self):
        """STR-2: fifty strategies take as many statements as two."""
        names = ('repurchase', 'revenue', 'conversion', 'health')
        made = self.env['customer.strategy']
        counts = []
        for size in (2, 50):
            for number in range(size - len(made)):
                made += self._strategy(
                    self._customer(f"Customer {size} {number}"), *((self._ref(name), 80) for name in names), state='draft')
            made.write({'state': 'active'})
            made.kpi_ids.write({'sequence': 1})
            self.measurer._measure(made)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.measurer._measure(made)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_str_2_kpi_fails(self):
        """STR-2: while a KPI can't be measured it is not known, the others count; what is over keeps what was measured."""
        orders = self._ref('new_orders')
        running = self._strategy(self.customer, (orders, 1), (self.kpi, 4, 3), start='2026-01-01', days=10)
        over = self._strategy(self._customer("Over"), (orders, 1), start='2026-01-01', days=10)
        with self._on('2026-01-10'):
            for strategy in running + over:
                self._order(strategy.partner_id, 100, '2026-01-05')
            self.measurer._measure(running + over)
            self.assertEqual((running + over).mapped('attainment'), [87.5, 100])
            over.state = 'done'
            broken = SQL("SELECT id AS span_id, 1/0 AS value, 1 AS count FROM customer_fact_span")
            with patch.object(type(self.env['customer.fact']), '_new_orders_sql', lambda facts, spans, options: broken), \
                    mute_logger('odoo.addons.customer_success.models.base.customer_fact', 'odoo.sql_db'):
                self.measurer._measure(running + over)
            line = running.kpi_ids.filtered(lambda line: line.kpi_id == orders)
            self.assertIn("division by zero", line.explanation)
            self.assertEqual((running + over).mapped('attainment'), [75, 100])
            self.measurer._measure(running)
            self.assertEqual(running.attainment, 87.5)

    def test_str_2_grades_are_checked(self):
        """STR-2: one grade begins at 0, none beyond 200, no two at the same."""
        for values, message in (({'minimum': 201}, "between 0 and 200"), ({'minimum': -1}, "between 0 and 200")):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self.good.write(values)
        with self.assertRaisesRegex(ValidationError, "lowest grade"), self.env.cr.savepoint():
            self.poor.minimum = 10
        with self.assertRaisesRegex(UserError, "can't be deleted"), self.env.cr.savepoint():
            self.poor.with_user(self.mara).unlink()
        with self._refused("same attainment"):
            self.good.minimum = 60
        self.fair.with_user(self.mara).unlink()

    def test_str_2_settings(self):
        """STR-2: a cap below 100 would make a reached target worthless; percentages lie between 0 and 100."""
        for values in ({'customer_strategy_attainment_cap': 99}, {'customer_strategy_attainment_cap': 201},
                       {'customer_strategy_known_percent': 101}, {'customer_strategy_known_percent': -1}):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.env['res.config.settings'].create(values).set_values()
        self.env['res.config.settings'].create({'customer_strategy_known_percent': 0}).set_values()
        self.assertEqual(self.env['res.config.settings']._customer_success('strategy_known_percent'), 0)


class TestJudge(EffectCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strategy = cls._strategy(cls.customer, (cls.kpi, 10, 7))

    def _judge(self, user, grade, reason="They had a fire"):
        strategy = self.strategy.with_user(user)
        form = Form(self.env['customer.strategy.judge'].with_user(user).with_context(
            **strategy.action_judge()['context']))
        form.grade_id = grade
        form.reason = reason
        form.save().action_apply()

    def test_str_2_judge(self):
        """STR-2: a person judges differently, with a reason that is kept; measuring does not change it, taking back does."""
        self.assertEqual(self.strategy.effect_id, self.fair)
        self._judge(self.anna, self.good)
        self.assertRecordValues(self.strategy, [{
            'grade_id': self.fair.id, 'grade_manual_id': self.good.id, 'effect_id': self.good.id,
            'grade_reason': "They had a fire", 'grade_user_id': self.anna.id}])
        message = self.strategy.message_ids[0]
        self.assertEqual(message.author_id, self.anna.partner_id)
        for text in ("Good", "Fair, 70.0 %", "They had a fire"):
            self.assertIn(text, message.body)
        self.strategy.kpi_ids.actual = 2
        self.assertEqual((self.strategy.grade_id, self.strategy.effect_id), (self.poor, self.good))
        self.strategy.with_user(self.lena).action_unjudge()
        self.assertRecordValues(self.strategy, [{
            'grade_manual_id': False, 'effect_id': self.poor.id, 'grade_reason': False, 'grade_user_id': False}])
        self.assertIn("taken back", self.strategy.message_ids[0].body)

    def test_str_2_judge_needs_a_reason(self):
        """STR-2: no judgement without a reason, nor of what has not begun."""
        with self.assertRaisesRegex(ValidationError, "say why"):
            self.env['customer.strategy.judgement']._judge(self.strategy, self.good, "  ")
        draft = self._strategy(self._customer("Draft"), (self.kpi, 4), state='draft')
        self.assertFalse(draft.can_judge)
        with self.assertRaisesRegex(UserError, "has not begun"):
            draft.with_user(self.anna).action_judge()

    def test_str_2_judge_of_what_is_over(self):
        """STR-2: what is over can still be judged by a person."""
        self.strategy.write({'state': 'done', 'date_start': '2025-01-01', 'date_end': '2025-03-31'})
        self._judge(self.mara, self.excellent)
        self.assertEqual(self.strategy.effect_id, self.excellent)

    def test_str_2_who_judges(self):
        """STR-2: the owner, the leader of the team, managers; the customer's account manager who is not the owner does not."""
        self.strategy.user_id = self.otto
        for user, may in ((self.otto, True), (self.lena, True), (self.mara, True), (self.anna, False)):
            self.assertEqual(self.strategy.with_user(user).can_judge, may)
        with self.assertRaisesRegex(AccessError, "Only its owner"):
            self.env['customer.strategy.judgement']._judge(self.strategy.with_user(self.anna), self.good, "Because")
        with self.assertRaisesRegex(AccessError, "Only its owner"):
            self.strategy.with_user(self.anna).action_unjudge()
        for user in (self.ben, self.zoe, self.nils):
            with self.assertRaises(AccessError):
                self.env['customer.strategy.judgement']._judge(self.strategy.with_user(user), self.good, "Because")
            with self.assertRaises(AccessError):
                self.strategy.with_user(user).action_unjudge()
        self.assertEqual(self.strategy.effect_id, self.fair)
