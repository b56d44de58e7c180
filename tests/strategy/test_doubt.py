"""STR-2, HEA-3, K1: one screen says one thing of a customer: open warnings stand beside the grade of a strategy."""
from odoo.tests import Form

from ..health.common import HealthFigures
from .strategy_common import StrategyCase


class TestDoubt(StrategyCase, HealthFigures):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Doubtful Ltd")
        cls.satisfaction = cls.env.ref('customer_success.customer_kpi_satisfaction')
        cls.praise = cls._kpi("Praise", unit='count', maximum=50)
        cls.excellent, cls.poor = (
            cls.env.ref(f'customer_success.customer_strategy_grade_{name}') for name in ('excellent', 'poor'))

    def _unhappy(self, level='3', days=3, **vals):
        """Return an open warning about a satisfaction of 2 of 5."""
        return self._warn(self.customer, 'low_pulse', level, value=2, threshold=2, date=self._ago(days), detail={
            'day': str(self._ago(days)), 'said': "Nobody answers"}, **vals)

    def _running(self, *lines, days_ago=30, **vals):
        strategy = self._strategy(
            self.customer, *(lines or ((self.satisfaction, 90, 94),)), start=self._ago(days_ago), user_id=self.anna.id, **vals)
        return strategy.with_user(self.anna)

    def test_a_grade_beside_a_warning(self):
        """Strategy, KPI, strip and filter all say it, and the grade is not plainly green; until the warning is put off or
        closed."""
        strategy = self._running()
        self.assertEqual((strategy.effect_id, strategy.effect_color), (self.excellent, self.excellent.color))
        self.assertEqual((strategy.doubt, strategy.kpi_ids.doubt), (False, False))
        strategies = self.env['customer.strategy'].with_user(self.anna)
        self.assertNotIn(strategy, strategies.search([('is_doubted', '=', True)]))
        self.assertIn(strategy, strategies.search([('is_doubted', '=', False)]))
        warning = self._unhappy()
        said = f"Open warning (Red): {warning.with_user(self.anna).reason.rstrip('.')}"
        self.assertIn("Satisfaction 2 of 5", said)
        self.assertTrue(strategy.doubt.startswith(f"{said}. The grade does not count it: it is that of the KPIs since "))
        self.assertTrue(strategy.kpi_ids.doubt.startswith(f"{said}. This value is of "))
        self.assertTrue(strategy.kpi_ids.doubt.endswith(", entered by hand"))
        self.assertEqual(strategy.kpi_doubt, f"Satisfaction 94 %: {strategy.kpi_ids.doubt}")
        self.assertNotEqual(strategy.effect_color, self.excellent.color)
        self.assertIn(strategy, strategies.search([('is_doubted', '=', True)]))
        self.assertNotIn(strategy, strategies.search([('is_doubted', '!=', True)]))
        shown = self.customer.with_user(self.anna).get_customer_strip()['strategy']
        self.assertEqual((shown['doubt'], shown['color']), (strategy.doubt, strategy.effect_color))
        for values in ({'snooze_until': self._ago(-5)}, {'snooze_until': False, 'state': 'closed'}):
            warning.sudo().write(values)
            self.env.invalidate_all()
            self.assertEqual((strategy.doubt, strategy.effect_color), (False, self.excellent.color), values)

    def test_which_warnings(self):
        """A warning counts from the level of the setting on, or where it is about what a KPI measures; a strategy that is
        judged as failed contradicts nothing."""
        strategy = self._running((self.praise, 10, 12))
        warning = self._unhappy(level='1')
        self.assertFalse(strategy.doubt, "yellow, and no KPI is about it")
        self.praise.signal = 'low_pulse'
        self.env.invalidate_all()
        self.assertTrue(strategy.doubt)
        self.praise.signal = False
        warning.sudo().level = '3'
        self.env.invalidate_all()
        self.assertTrue(strategy.doubt)
        self.assertFalse(strategy.kpi_ids.doubt, "the KPI is about something else")
        for level, doubted in (('never', False), ('2', True)):
            self.env['ir.config_parameter'].set_param('customer_success.strategy_doubt_level', level)
            self.env.invalidate_all()
            self.assertEqual(strategy.is_doubted, doubted, level)
        strategy.sudo().effect_id = self.poor
        self.env.invalidate_all()
        self.assertEqual((strategy.doubt, strategy.effect_color), (False, self.poor.color))

    def test_several_and_who_may_see_them(self):
        """The worst is told, with how many there are besides; who sees no warning of the customer is told nothing."""
        strategy = self._running()
        self._warn(self.customer, 'contact_left', '1')
        self._unhappy(level='2')
        self._warn(self.customer, 'order_gap', '3')
        self.assertEqual(len(strategy.doubt_ids), 2, "nothing is about persons who left")
        self.assertTrue(strategy.doubt.startswith("Open warning (Red): "))
        self.assertIn(", and 1 more. ", strategy.doubt)
        self.assertFalse(self.env['customer.strategy.doubt']._doubts(strategy.sudo().with_user(self.zoe)))

    def test_judged_by_hand(self):
        """Who judges sees the warning, and what was known then stands in the chatter; then the grade has its own colour, until
        there is news."""
        strategy = self._running()
        warning = self._unhappy()
        with Form(self.env['customer.strategy.judge'].with_user(self.anna).with_context(
                default_strategy_id=strategy.id)) as form:
            self.assertIn("Satisfaction 2 of 5", form.warnings)
            form.grade_id, form.reason = self.excellent, "One bad day."
        form.record.action_apply()
        self.assertIn("Why: One bad day. Open warning (Red): Satisfaction 2 of 5", strategy.message_ids[0].body)
        self.env.invalidate_all()
        self.assertEqual(strategy.effect_color, self.excellent.color)
        self.assertIn("It was open when the effect was judged by hand on", strategy.doubt)
        warning.sudo().news_on = self._ago(-1)
        self.env.invalidate_all()
        self.assertNotEqual(strategy.effect_color, self.excellent.color)
        self.assertIn("It came after the effect was judged by hand on", strategy.doubt)

    def test_proposals(self):
        """A proposal because of a warning says that the grade does not show it; adjustment and sheet show it beside the
        grade."""
        strategy = self._running()
        warning = self._unhappy()
        adjustment = warning.with_user(self.anna)._propose_adjustment()
        self.assertIn("The grade “Excellent” does not show it: it is that of the KPIs since", adjustment.reason)
        self.assertEqual(adjustment.current_doubt, strategy.doubt)
        self.assertEqual((adjustment.current_color, adjustment.sheet_effect_color), (strategy.effect_color,) * 2)
        self.assertIn("Satisfaction 2 of 5", adjustment.sheet_doubt)
        page = self.env['ir.qweb']._render(
            'customer_success.report_customer_strategy_sheet_row', {'adjustment': adjustment})
        self.assertIn("Satisfaction 2 of 5", page)

    def test_many_at_once(self):
        """One look for a list of any length."""
        strategies = self.env['customer.strategy']
        for number in range(6):
            self.customer = self._customer(f"C {number}")
            strategies += self._running()
            self._unhappy()
        strategies = strategies.with_user(self.anna)
        counts = []
        for some in (strategies[:1], strategies[:2], strategies):
            self.env.invalidate_all()
            some.mapped('partner_id.customer_company_id')  # a list reads its customers anyway
            before = self.env.cr.sql_log_count
            self.assertTrue(all(some.mapped('doubt')))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "the first one warms the caches")

    def test_kpi_signals(self):
        """The shipped KPIs say what they are about, by the kinds of warnings there are; a copy keeps it."""
        self.assertEqual(self.satisfaction.copy().signal, 'low_pulse')
        signals = dict(self.env['customer.warning.rule']._selection_signal())
        said = self.env['customer.kpi'].search([('signal', '!=', False)]).mapped('signal')
        self.assertGreaterEqual(len(said), 5)
        self.assertLessEqual(set(said), signals.keys())
