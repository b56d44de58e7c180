"""STR-1: what the sources of KPIs measure, by hand-computed orders."""
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tools import SQL, mute_logger

from ...models.strategy.kpi_source import Actual, KpiSource, Span
from .strategy_common import StrategyCase

TODAY = '2026-04-01'


class KpiSourceCase(StrategyCase):
    """It is the first of April 2026; ``kpi`` by name are the shipped ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpis = cls.env['customer.kpi'].search([])

    def setUp(self):
        super().setUp()
        self.enterContext(self._on(TODAY))

    def tearDown(self):
        """What a KPI can't do must not pass unnoticed."""
        self.assertEqual(self.kpis.filtered('problem').mapped('problem'), [])
        super().tearDown()

    def _ref(self, name):
        return self.env.ref(f'customer_success.customer_kpi_{name}')

    def _value(self, kpi, start, stop, partner=None):
        """Return value and facts of a KPI over days of a customer, None where it is not known."""
        kpi = self._ref(kpi) if isinstance(kpi, str) else kpi
        found = kpi._measure([Span(7, (partner or self.customer).id, *map(fields.Date.to_date, (start, stop)))])
        self.assertFalse(kpi.problem)
        actual = found.get(7)
        return actual and (round(actual.value, 4), actual.facts)

    def _orders(self, *days, amount=100, partner=None, **vals):
        for day in days:
            self._order(partner or self.customer, amount, day, **vals)


class TestKpiSources(KpiSourceCase):

    def test_str_1_repurchase_rate(self):
        """STR-1, K1: repeat orders of all orders; who bought once and not again has none."""
        self.assertIsNone(self._value('repurchase', '2026-02-01', '2026-03-02'), "never bought")
        self._orders('2026-02-05')
        self.assertEqual(self._value('repurchase', '2026-02-01', '2026-03-02'), (0, 1), "bought once")
        self.assertEqual(self._value('repurchase', '2026-03-03', '2026-03-31'), (0, 0), "and never again")
        self.assertIsNone(self._value('repurchase', '2026-03-03', '2026-06-30'), "that may still come")
        self._orders('2026-02-05', '2026-02-10', '2026-03-02', '2026-03-02', '2026-03-03')
        self.assertEqual(
            self._value('repurchase', '2026-02-01', '2026-03-02'), (66.6667, 3), "first and last day count, twice a day is once")
        self.assertEqual(self._value('repurchase', '2026-02-06', '2026-03-02'), (100, 2), "the first was before")

    def test_str_1_usual_rhythm(self):
        """STR-1: days with an order, of those that the own usual interval lets expect."""
        kpi = self._rhythm_kpi()
        self.assertIsNone(self._value(kpi, '2026-02-01', '2026-03-02'), "never bought")
        # three days before the span, ten days apart: in 30 days, 3 are expected
        self._orders('2026-01-01', '2026-01-11', '2026-01-21')
        self.assertEqual(self._value(kpi, '2026-02-01', '2026-03-02'), (0, 0))
        self._orders('2026-02-01', '2026-03-02', '2026-03-02', '2026-03-03')
        self.assertEqual(
            self._value(kpi, '2026-02-01', '2026-03-02'), (66.6667, 2), "first and last day count, twice a day is once")
        self._orders('2026-02-05', '2026-02-10')
        self.assertEqual(self._value(kpi, '2026-02-01', '2026-03-02'), (100, 4), "100 at most")

    def _rhythm_kpi(self):
        kpi = self.env['customer.kpi'].create({'name': "Rhythm", 'source': 'usual_rhythm'})
        self.kpis |= kpi
        return kpi

    def test_str_1_usual_rhythm_without_rhythm(self):
        """STR-1: below three days with an order before, the KPI's interval is the usual one."""
        kpi = self._rhythm_kpi()
        kpi.interval_days = 20
        self._orders('2025-12-01', '2026-01-15')
        self.assertEqual(self._value(kpi, '2026-02-01', '2026-03-12'), (0, 0))
        self._orders('2026-02-10')
        self.assertEqual(self._value(kpi, '2026-02-01', '2026-03-12'), (50, 1), "1 of 40 / 20")
        self.assertEqual(self._value(kpi, '2026-02-08', '2026-02-12'), (100, 1), "less than an interval lets expect one")
        # from here on three days before the span are known, 35.5 days apart on average
        self.assertIsNone(self._value(kpi, '2026-03-23', '2026-06-30'), "ten days of it passed: nothing can be said yet")
        self.assertEqual(self._value(kpi, '2026-03-23', '2026-03-31'), (0, 0), "it is over")
        self.assertEqual(self._value(kpi, '2026-02-20', '2026-06-30'), (0, 0), "41 days passed")
        # of the cycle 22 days passed: one order is expected
        self._orders('2026-03-30')
        self.assertEqual(self._value(kpi, '2026-03-11', '2026-06-30'), (100, 1))

    def test_str_1_new_orders_and_value(self):
        """STR-1: how many orders, what they are worth, all together; what is no order does not count."""
        self.assertEqual(self._value('new_orders', '2026-02-01', '2026-02-28'), (0, 0), "nothing is known to be nothing")
        self.assertEqual(self._value('revenue', '2026-02-01', '2026-02-28'), (0, 0))
        self.assertIsNone(self._value('order_value', '2026-02-01', '2026-02-28'))
        self._orders('2026-01-31', '2026-03-01', amount=5000)
        self._orders('2026-02-01', '2026-02-28', amount=100)
        self._orders('2026-02-28', amount=400)
        self._order(self.customer, 900, '2026-02-15').action_cancel()
        self.env['sale.order'].create({'partner_id': self.customer.id, 'date_order': '2026-02-10'})
        self.assertEqual(self._value('new_orders', '2026-02-01', '2026-02-28'), (3, 3))
        self.assertEqual(self._value('order_value', '2026-02-01', '2026-02-28'), (200, 3))
        self.assertEqual(self._value('revenue', '2026-02-01', '2026-02-28'), (600, 3))

    def test_str_1_people_and_companies(self):
        """STR-1: orders of a contact person and of other companies are the customer's, in the main company's currency."""
        contact = self.env['res.partner'].create({'name': "Buyer", 'parent_id': self.customer.id})
        other = self._customer("Other Ltd")
        self._orders('2026-02-10', partner=contact)
        self._orders('2026-02-11', partner=other)
        foreign = self.env['res.currency'].with_context(active_test=False).search(
            [('name', 'in', ('USD', 'EUR')), ('id', '!=', self.env.company.currency_id.id)], limit=1)
        foreign.active = True
        self.env['res.currency.rate'].search([('currency_id', '=', foreign.id)]).unlink()
        self.env['res.currency.rate'].create({
            'currency_id': foreign.id, 'name': '2026-01-01', 'rate': 2, 'company_id': self.env.company.id})
        self.company_2.currency_id = foreign
        pricelist = self.env['product.pricelist'].create({
            'name': "Second", 'currency_id': foreign.id, 'company_id': self.company_2.id})
        self._orders('2026-02-12', amount=100, company_id=self.company_2.id, pricelist_id=pricelist.id)
        self.assertEqual(self._value('revenue', '2026-02-01', '2026-02-28'), (150, 2))
        self.assertEqual(self._value('new_orders', '2026-02-01', '2026-02-28'), (2, 2))

    def test_str_1_credit_notes(self):
        """STR-1: a credit note lowers the revenue and is no order; an invoice besides orders is a purchase."""
        self._orders('2026-02-10', amount=500)
        for kind, amount, day in (('out_refund', 200, '2026-02-20'), ('out_invoice', 50, '2026-02-21')):
            self.env['account.move'].create({
                'move_type': kind, 'partner_id': self.customer.id, 'invoice_date': day,
                'invoice_line_ids': [Command.create({
                    'product_id': self.product_thing.id, 'price_unit': amount, 'tax_ids': False})]}).action_post()
        self.assertEqual(self._value('revenue', '2026-02-01', '2026-02-28')[0], 350)
        self.assertEqual(self._value('new_orders', '2026-02-01', '2026-02-28'), (2, 2))
        self.assertEqual(
            self._value('order_value', '2026-02-01', '2026-02-28'), (175, 2), "what was credited makes them smaller")

    def test_str_1_retention(self):
        """STR-1, T3: revenue against as many days before, whole ones; unknown without revenue before."""
        self._orders('2026-03-10', amount=300)
        self.assertIsNone(self._value('retention', '2026-03-01', '2026-03-31'))
        self._orders('2026-01-28', amount=9000)
        self.assertIsNone(self._value('retention', '2026-03-01', '2026-03-31'), "a day too long ago")
        self._orders('2026-01-29', amount=150)
        self._orders('2026-02-28', amount=50)
        self.assertEqual(self._value('retention', '2026-03-01', '2026-03-31'), (150, 1), "it may pass 100")
        # of the cycle 4 whole days passed: it is compared with the 4 days before, and today is not over
        self._orders('2026-03-23', amount=7000)
        self._orders('2026-04-01', amount=900)
        self._orders('2026-03-24', amount=400)
        self._orders('2026-03-28', amount=100)
        self.assertEqual(self._value('retention', '2026-03-28', '2026-06-30'), (25, 1))
        self.assertEqual(self._value('retention', '2026-03-28', '2026-04-01'), (25, 1), "nor where it is the last day")
        self.assertIsNone(self._value('retention', '2026-04-01', '2026-06-30'), "of its first day nothing is known")

    def test_str_1_conversion_days(self):
        """STR-1: from the opportunity, or else the quotation, to the order."""
        self.assertIsNone(self._value('conversion', '2026-03-01', '2026-03-31'))
        with self._on('2026-02-10'):
            lead = self.env['crm.lead'].create({'name': "Need", 'partner_id': self.customer.id, 'type': 'opportunity'})
        with self._on('2026-03-01'):
            first = self._order(self.customer, 100, '2026-03-01', opportunity_id=lead.id)
        with self._on('2026-03-10'):
            second = self.env['sale.order'].create({'partner_id': self.customer.id})
        with self._on('2026-03-20'):
            second.action_confirm()
        self._order(self.customer, 100, '2026-04-01')
        # Odoo takes the database's clock for what it creates
        self.env.flush_all()
        for table, record, day in (('crm_lead', lead, '2026-02-10'), ('sale_order', first, '2026-02-25'),
                                   ('sale_order', second, '2026-03-10')):
            self.env.cr.execute(f'UPDATE {table} SET create_date = %s WHERE id = %s', [day, record.id])
        self.assertEqual(self._value('conversion', '2026-03-01', '2026-03-31'), (14.5, 2), "(19 + 10) / 2")
        self.assertEqual(self._value('conversion', '2026-03-02', '2026-03-31'), (10, 1))

    def test_str_1_conversion_days_of_an_imported_order(self):
        """STR-1, K1: an order that was here before its first sign was imported: how long it took is not known, and not 0."""
        order = self._order(self.customer, 100, '2026-03-05')
        other = self._order(self.customer, 100, '2026-03-06')
        self.env.flush_all()
        for record, day in ((order, '2026-03-20'), (other, '2026-03-20')):
            self.env.cr.execute("UPDATE sale_order SET create_date = %s WHERE id = %s", [day, record.id])
        self.assertIsNone(self._value('conversion', '2026-03-01', '2026-03-31'))
        self.env.cr.execute("UPDATE sale_order SET create_date = '2026-03-02' WHERE id = %s", [other.id])
        self.assertEqual(self._value('conversion', '2026-03-01', '2026-03-31'), (4, 1))
        self.env.cr.execute("UPDATE sale_order SET create_date = '2026-03-06' WHERE id = %s", [other.id])
        self.assertEqual(self._value('conversion', '2026-03-01', '2026-03-31'), (0, 1), "on the very day")

    def test_str_1_running_order(self):
        """STR-1, K1: a running order is as many purchases as were invoiced, and what they are worth adds up."""
        product = self.product_thing
        product.invoice_policy = 'delivery'
        order = self._order(self.customer, 100, '2026-01-02')
        order.order_line.product_uom_qty = 3
        order.order_line.price_unit = 100
        for number, day in enumerate(('2026-01-03', '2026-02-03', '2026-03-06'), 1):
            order.order_line.qty_delivered = number
            invoice = order._create_invoices()
            invoice.invoice_date = day
            invoice.action_post()
        self.assertEqual(self._value('revenue', '2026-01-01', '2026-03-31'), (300, 3))
        self.assertEqual(self._value('revenue', '2026-02-01', '2026-02-28'), (100, 1))
        self.assertEqual(self._value('new_orders', '2026-01-01', '2026-03-31'), (3, 3))
        self.assertEqual(self._value('order_value', '2026-01-01', '2026-03-31'), (100, 3))

    def test_str_1_churn(self):
        """STR-1: what the churn model says on the last day, by the orders until then."""
        self.env['customer.churn.fit'].search([]).unlink()
        self._orders('2026-01-05', '2026-01-19')
        self.assertIsNone(self._value('churn', '2026-01-01', '2026-03-31'), "no model in use")
        self.env['customer.churn.fit'].create({
            'date': '2026-03-01', 'model': 'bgnbd', 'state': 'ok', 'r': 0.5, 'alpha': 4.0, 'a': 0.8, 'b': 2.5})
        # 1 purchase after the first, in week 2, seen for 12 weeks (84 days to the 30th of March)
        expected = 100 / (1 + (2.5 + 1 - 1) / 0.8 * ((4 + 2) / (4 + 12)) ** (0.5 + 1))
        self.assertEqual(self._value('churn', '2026-01-01', '2026-03-30'), (round(expected, 4), 2))
        self.assertIsNone(self._value('churn', '2026-01-01', '2026-01-18'), "bought once until then")
        self._orders('2026-03-31')
        self.assertEqual(self._value('churn', '2026-01-01', '2026-03-30'), (round(expected, 4), 2), "not known then")
        with self._on('2026-03-30'):
            self.env['customer.churn']._refresh_rhythm(self.customer.ids)
            [[today]] = self.env.execute_query(SQL(
                "SELECT %s FROM customer_rhythm r WHERE partner_id = %s", self.env['customer.churn']._percent_sql(),
                self.customer.id))
        self.assertAlmostEqual(today, expected, 6, msg="the same as the customer's risk on that day")

    def test_str_1_health(self):
        """STR-1: the score in force on the last day; where there is none, it is not known."""
        self.env['customer.health.snapshot'].search([('partner_id', '=', self.customer.id)]).unlink()
        values = {'partner_id': self.customer.id, 'state': 'scored', 'band': 'healthy'}
        self.env['customer.health.snapshot'].create([
            {**values, 'date': '2026-02-01', 'date_end': '2026-02-20', 'score': 60.5},
            {**values, 'date': '2026-02-21', 'date_end': '2026-03-10', 'score': None, 'state': 'thin', 'band': 'none'},
            {**values, 'date': '2026-03-11', 'score': 0},
        ])
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_health_snapshot SET score = NULL WHERE partner_id = %s AND state = 'thin'",
                            [self.customer.id])
        for stop, value in (('2026-01-31', None), ('2026-02-01', 60.5), ('2026-02-20', 60.5), ('2026-02-21', None),
                            ('2026-03-10', None), ('2026-03-11', 0), ('2026-06-30', 0)):
            found = self._value('health', '2026-01-01', stop)
            self.assertEqual(found and found[0], value, stop)

    def test_str_1_window(self):
        """STR-1: a KPI may look at the last days up to the end instead of the cycle, and never at days to come."""
        kpi = self._ref('new_orders')
        self._orders('2026-03-02', '2026-03-03', '2026-03-31')
        self.assertEqual(self._value(kpi, '2026-03-31', '2026-06-30'), (1, 1))
        kpi.write({'window': 'days', 'window_days': 30})
        self.assertEqual(self._value(kpi, '2026-03-31', '2026-06-30'), (2, 2), "from the third of March to today")
        self.assertEqual(self._value(kpi, '2026-03-31', '2026-03-31'), (3, 3))
        self.assertIsNone(self._value(kpi, '2026-04-02', '2026-06-30'), "it has not begun")


class TestKpiPlugins(KpiSourceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sql = SQL("SELECT id AS span_id, stop - start + 1 AS value, 5 AS facts FROM customer_fact_span")
        model = cls.registry['customer.kpi']
        original = model._sources

        def _sources(self):
            return original(self) | {'length': KpiSource(
                label="Length", unit='days', better='lower', additive=False, sql=lambda kpi, spans: cls.sql,
                describe=lambda kpi, value, facts: f"{value:g} days, {facts} facts")}
        cls.startClassPatcher(patch.object(model, '_sources', _sources))
        cls.kpi = cls._kpi("Length", 'length')
        cls.kpis -= cls.kpi

    def _spans(self, *days):
        day = fields.Date.to_date('2026-01-01')
        return [Span(length, self.customer.id, day, fields.Date.add(day, days=length - 1)) for length in days]

    def test_str_1_source_of_another_addon(self):
        """STR-1: other addons add sources; spans of one customer may overlap."""
        self.assertEqual((self.kpi.unit, self.kpi.better), ('days', 'lower'))
        self.assertIn(('length', "Length"), self.kpi._fields['source']._description_selection(self.env))
        self.assertEqual(self.kpi._measure(self._spans(3, 20)), {3: Actual(3, 5), 20: Actual(20, 5)})
        self.assertEqual(self.kpi._describe(3, 5), "3 days, 5 facts")
        self.assertEqual(self.kpi._measure([]), {})

    def test_str_1_means(self):
        """STR-1: the mean over the known values of cohorts, all in one statement."""
        kpi = self._ref('order_value')
        others = [self._customer(f"Other {number}") for number in range(3)]
        self._orders('2026-02-10', amount=100, partner=others[0])
        self._orders('2026-02-10', '2026-02-11', amount=300, partner=others[1])
        ids = [other.id for other in others]
        days = [fields.Date.to_date(day) for day in ('2026-02-01', '2026-02-28', '2026-03-01', '2026-03-31')]
        self.assertEqual(kpi._measure_mean(ids, *days[:2]), (200, 2))
        self.assertEqual(
            kpi._measure_means([('a', ids, *days[:2]), ('b', ids, *days[2:]), ('c', ids[1:], *days[:2]), ('d', [], *days[:2])]),
            {'a': (200, 2), 'b': (None, 0), 'c': (300, 1), 'd': (None, 0)})
        self.assertEqual(self._ref('nps')._measure_mean(ids, *days[:2]), (None, 0), "nobody measures it")

    def test_str_1_means_cost_the_same(self):
        """STR-1: ten cohorts of many cost as many statements as one of one."""
        kpi = self._ref('repurchase')
        partners = self.env['res.partner'].create([{'name': f"Many {number}", 'is_company': True} for number in range(60)])
        day = fields.Date.to_date(TODAY)
        counts = []
        for cohorts in ([(0, partners.ids[:1], day, day)], [(place, partners.ids, day, day) for place in range(10)]):
            kpi._measure_means(cohorts)
            before = self.env.cr.sql_log_count
            kpi._measure_means(cohorts)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_str_1_broken_source(self):
        """STR-1: a source that fails is set aside with the problem; the others are measured, and it comes back by itself."""
        orders = self._ref('new_orders')
        spans = self._spans(3)
        for sql, problem in (
                (SQL("SELECT id AS span_id, 1/0 AS value, 1 AS facts FROM customer_fact_span"), "division by zero"),
                (SQL("SELECT 3 AS span_id, 1 AS value, 1 AS facts FROM generate_series(1, 2)"), "more than one value"),
                (SQL("SELECT id AS span_id, 'NaN'::float AS value, 1 AS facts FROM customer_fact_span"), "no number"),
                (SQL("SELECT nonsense"), "nonsense")):
            type(self).sql, working = sql, type(self).sql
            with mute_logger('odoo.addons.customer_success.models.base.customer_fact', 'odoo.sql_db'):
                found = self.env['customer.kpi']._measure_all({self.kpi: spans, orders: spans})
            self.assertEqual(found, {self.kpi: None, orders: {3: Actual(0, 0)}})
            self.assertIn(problem, self.kpi.problem)
            self.assertFalse(orders.problem)
            type(self).sql = working
            self.assertEqual(self.kpi._measure(spans), {3: Actual(3, 5)})
            self.assertFalse(self.kpi.problem)

    def test_str_1_source_gone(self):
        """STR-1: the addon of a source was uninstalled: it is said, and nothing else breaks."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_kpi SET source = 'gone' WHERE id = %s", [self.kpi.id])
        self.kpi.invalidate_recordset()
        with mute_logger('odoo.addons.customer_success.models.base.customer_fact'):
            self.assertEqual(self.kpi.with_user(self.anna)._measure(self._spans(3)), {})
        self.assertIn("gone", self.kpi.problem)
        self.assertEqual(self.kpi._describe(3, 1), '')

    def test_str_1_kpi_refuses(self):
        """STR-1: what nothing can be judged by is refused, in words."""
        for values, message in (
                ({'target': -5}, "more than 0"), ({'target': 100, 'maximum': 50}, "lies between"),
                ({'minimum': 10, 'maximum': 5}, "greatest value"), ({'source': 'revenue', 'unit': 'days'}, "another unit")):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self._kpi("Wrong", **values)
        for field, message in (('window_days', "one day at least"), ('interval_days', "one day at least")):
            with self._refused(message):
                self._kpi("Wrong", **{field: 0})

    def test_str_1_target_of_zero(self):
        """STR-1: a target of 0 with a ratio is refused with a sentence that says why."""
        with self.assertRaisesRegex(ValidationError, "nothing is a percentage of 0"):
            self._ref('repurchase')._check_target(0)
        with self.assertRaisesRegex(ValidationError, "smallest value that is still good"):
            self._ref('complaints')._check_target(0)
        with self.assertRaisesRegex(ValidationError, "between 0 % and 100 %; 101 % can't be"):
            self._ref('satisfaction')._check_target(101)
        self._ref('retention')._check_target(130)

    def test_str_1_format(self):
        """STR-1: values read with unit and direction."""
        for name, value, text in (
                ('repurchase', 80, "≥ 80 %"), ('repurchase', 66.6667, "≥ 66.7 %"), ('conversion', 30, "≤ 30 days"),
                ('new_orders', 2, "≥ 2"), ('nps', 50, "≥ 50 points")):
            self.assertEqual(self._ref(name)._format_target(value), text)
        self.assertIn("12,000", self._ref('revenue')._format(12000))
