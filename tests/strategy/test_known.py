from statistics import mean

from odoo.tests import tagged

from .adjustment_common import AdjustmentCase

#: Means of numbers that are always known, or whose column is empty where they are not, with the reason.
KNOWN_WITHOUT_ASKING = {
    'customer.care.event.cost_per_customer',  # adds up cost and customers itself
    'customer.health.snapshot.coverage', 'customer.health.snapshot.groups_known',  # 0 is a figure: nothing is known
    'customer.health.snapshot.score', 'customer.health.snapshot.computed', 'customer.health.snapshot.uncapped',  # empty
    'customer.run.seconds',
    'customer.adherence.on_time_percent', 'customer.approach.report.answered_percent', 'customer.approach.report.days',  # empty
    'customer.onboarding.report.reached', 'customer.onboarding.report.in_time',  # counted ones only
    'customer.onboarding.report.target', 'customer.stage.stay.days',  # always known
    'customer.stage.change.days',  # empty for the first one
    'res.partner.customer_active_percent', 'res.partner.customer_gap', 'res.partner.customer_health',  # empty in SQL
    'customer.rhythm.active_percent', 'customer.rhythm.gap',  # as above
    'res.partner.customer_value_score',  # as above
    'customer.value.coverage',  # 0 is a figure: nothing is known
    'res.partner.customer_potential_score', 'customer.judged.customer_potential_score',  # empty in SQL
    'customer.needs.report.conversion',  # 0 is a figure: not won
    'customer.health.month.lost_percent',  # 0 is a figure: not lost
    'customer.offer.quoted_percent', 'customer.offer.bought_percent',  # 0 is a figure: not until now
}


@tagged('post_install', '-at_install')
class TestKnown(AdjustmentCase):
    """What nobody knows is not 0: it has no part in a mean, and is not the worst of all (STR-2, STR-4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_kpi = cls._kpi("Asked nobody", target=50)
        cls.half = cls._strategy(cls._customer("Half"), (cls.repurchase, 80, 40))
        cls.none = cls._strategy(cls._customer("None"), (cls.new_kpi, 50))
        cls.zero = cls._strategy(cls._customer("Zero"), (cls.repurchase, 80, 0))
        cls.draft = cls._strategy(cls._customer("Draft"), (cls.repurchase, 80), state='draft')
        cls.all = cls.strategy + cls.half + cls.none + cls.zero + cls.draft

    def test_mean_of_strategies(self):
        """A strategy without a known KPI and a draft leave the mean attainment alone; one that reached nothing counts."""
        self.assertFalse(self.none.grade_id)
        self.assertEqual((self.half.attainment, self.zero.attainment), (50, 0))
        [[average]] = self.env['customer.strategy']._read_group([('id', 'in', self.all.ids)], [], ['attainment:avg'])
        self.assertAlmostEqual(average, mean([self.strategy.attainment, 50, 0]))
        [[average]] = self.env['customer.strategy']._read_group(
            [('id', 'in', (self.none + self.draft).ids)], [], ['attainment:avg'])
        self.assertIs(average, False)

    def test_order(self):
        """What is not known comes behind the rest, the best first or the worst first."""
        strategies = self.env['customer.strategy']
        known = [self.zero, self.half, self.strategy]
        for order, expected in (('attainment', known), ('attainment desc', known[::-1])):
            found = list(strategies.search([('id', 'in', self.all.ids)], order=f'{order}, id'))
            self.assertEqual(found[:3], expected)
            self.assertEqual(found[3:], [self.none, self.draft])

    def test_mean_of_kpis(self):
        """A KPI without a value leaves the mean of all KPIs alone."""
        lines = (self.half + self.none + self.zero).kpi_ids
        [[average]] = self.env['customer.strategy.kpi']._read_group([('id', 'in', lines.ids)], [], ['attainment:avg'])
        self.assertAlmostEqual(average, 25)

    def test_mean_of_adjustments(self):
        """Drafts have no attainment yet, and a strategy that nothing is known of has none to freeze."""
        draft = self._adjustment()
        submitted = self._adjustment(strategy=self.half, state='submitted')
        unknown = self._adjustment(strategy=self.none, state='submitted')
        self.assertEqual(
            [draft.attainment_known, submitted.attainment_known, unknown.attainment_known], [False, True, False])
        adjustments = draft + submitted + unknown
        groups = dict(self.env['customer.strategy.adjustment']._read_group(
            [('id', 'in', adjustments.ids)], ['state'], ['attainment:avg']))
        self.assertEqual(groups, {'draft': False, 'submitted': 50})

    def test_every_mean(self):
        """Every number that is averaged says when it is known, or why that need not be asked."""
        silent = [
            f'{name}.{field.name}' for name, model in self.env.registry.items()
            for field in model._fields.values() if not model._transient and not field.inherited
            if getattr(field, 'aggregator', None) == 'avg' and 'customer_success' in field._modules
            and field.name not in getattr(model, '_known_when', {})
            and f'{name}.{field.name}' not in KNOWN_WITHOUT_ASKING
        ]
        self.assertEqual(silent, [])

    def test_revenue_adds_up(self):
        """What customers bought can be added up in lists and pivots: its currency is known without a column (S7)."""
        partners = self.env['res.partner'].with_user(self.mara)
        self.assertEqual(partners.fields_get(['customer_revenue'])['customer_revenue'].get('aggregator'), 'sum')
        first, second = self._customer("First"), self._customer("Second")
        self._order(first, 300)
        self._order(second, 200)
        [[revenue, currencies]] = partners._read_group(
            [('id', 'in', (first + second).ids)], [], ['customer_revenue:sum', 'customer_currency_id:array_agg_distinct'])
        self.assertEqual((revenue, currencies), (500, first.customer_currency_id.ids))
