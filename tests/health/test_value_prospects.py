"""SEG-5: what customers may bring in the next twelve months, in money, and the facts that the value is told by."""
from odoo import Command, fields

from odoo.addons.customer_success.engine import churn, foretell, prospect

from ...models.base.fact import Found
from .test_churn import ChurnCase

DAY = '2026-03-11'
MODEL = churn.Parameters('mbgnbd', 0.6, 5.0, 0.9, 1.8)


class TestProspects(ChurnCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Prospect Ltd")

    def _value(self, customer, day=DAY):
        """Return the value of a customer as of a day."""
        with self._on(day):
            self.env['customer.ranking']._refresh_all()
            self.churn._refresh_rhythm(customer.ids)
            self.env['customer.value.refresh']._refresh(customer.ids)
            return self.env['customer.value'].search([('partner_id', '=', customer.id)])

    def _bought(self, customer, *orders, **vals):
        with self._on(DAY):
            return [self._order(customer, amount, day, **vals) for day, amount in orders]

    def _monthly(self, customer, *amounts):
        """Let a customer buy on the 5th of the months up to March 2026."""
        first = fields.Date.subtract(fields.Date.to_date('2026-03-05'), months=len(amounts) - 1)
        return self._bought(customer, *(
            (fields.Date.add(first, months=place), amount) for place, amount in enumerate(amounts)))

    def test_seg_5_estimate(self):
        """SEG-5: orders expected by the model times the mean of the own orders, with a range, in sentences."""
        self._monthly(self.customer, 100, 200, 300, 400)
        self._fitted('2026-03-01')
        value = self._value(self.customer)
        first, last, today = map(fields.Date.to_date, ('2025-12-05', '2026-03-05', DAY))
        known = 3, (last - first).days / 7, (today - first).days / 7
        orders = churn.expected_purchases(MODEL, *known, 365 / 7)
        self.assertEqual((value.prospect_state, value.orders, value.order_value), ('ok', 4, 250))
        self.assertAlmostEqual(value.order_spread, 129.10, places=2)  # of 100, 200, 300, 400 over n - 1
        self.assertAlmostEqual(value.active_percent, 100 * churn.p_active(MODEL, *known), places=1)
        self.assertAlmostEqual(value.expected_orders, orders, places=2)
        self.assertAlmostEqual(value.expected_value, 250 * orders, delta=0.03)
        low, high = prospect.span(prospect.Prospect(
            value.active_percent / 100, value.expected_orders, foretell.Model('mbgnbd', (MODEL,)).shape + 3, 250, 129.10, 4))
        self.assertAlmostEqual(value.expected_low, low, delta=0.006 * high)
        self.assertAlmostEqual(value.expected_high, high, delta=0.006 * high)
        self.assertTrue(0 <= value.expected_low < value.expected_value < value.expected_high)
        self.assertIn("Estimate for the next 12 months:", value.explanation)
        self.assertEqual(self.customer.customer_expected_value, value.expected_value)
        # several models count as their mean
        self.fits.search([]).unlink()
        parts = [['mbgnbd', 0.6, 5.0, 0.9, 1.8], ['pareto', 0.553, 10.578, 0.606, 11.669]]
        self._fitted('2026-03-01', model='blend', parts=parts, factor=1.1)
        blend = self.fits.search([])._model()
        self.assertAlmostEqual(
            self._value(self.customer).expected_orders, blend.expected_purchases(*known, 365 / 7), places=2)

    def test_seg_5_minimum(self):
        """SEG-5: below the minimum of days with an order there is no estimate, and it says why; several orders a day are one."""
        self._fitted('2026-03-01')
        for orders, said in (
            ((('2026-01-05', 100), ('2026-01-05', 300)), "and there is one."),
            ((('2026-02-05', 100),), "it takes 3 days with an order, and there are 2."),
        ):
            self._bought(self.customer, *orders)
            value = self._value(self.customer)
            self.assertEqual((value.prospect_state, value.expected_value), ('few', 0))
            self.assertIn(said, value.expected_text)
            self.env.cr.execute("SELECT expected_value FROM customer_value WHERE id = %s", [value.id])
            self.assertEqual(self.env.cr.fetchone(), (None,))
        self._bought(self.customer, ('2026-03-05', 100))
        value = self._value(self.customer)
        self.assertEqual((value.prospect_state, value.order_value), ('ok', 200))  # 400, 100, 100
        self.env['res.config.settings'].create({'customer_value_minimum_orders': 4}).set_values()
        self.assertEqual(self._value(self.customer).prospect_state, 'few')

    def test_seg_5_no_model(self):
        """SEG-5: without a model there is no estimate; one of half a year ago is none."""
        self._monthly(self.customer, 100, 200, 300)
        value = self._value(self.customer)
        self.assertEqual(value.prospect_state, 'no_model')
        self.assertIn("there is no churn model yet", value.expected_text)
        self._fitted('2025-09-09')
        self.assertEqual(self._value(self.customer).prospect_state, 'no_model')
        self._fitted('2025-09-10')
        self.assertEqual(self._value(self.customer).prospect_state, 'ok')

    def test_seg_5_credited(self):
        """SEG-5: what was credited comes off the last order before; who was credited more than it bought has no estimate."""
        self._fitted('2026-03-01')
        self._monthly(self.customer, 100, 200, 300)
        self._credit(self.customer, 60, '2026-02-20')
        value = self._value(self.customer)
        # 100, 200 - 60, 300
        self.assertEqual((value.order_value, value.order_spread), (180, 105.83))
        self._credit(self.customer, 900, '2026-03-06')
        value = self._value(self.customer)
        self.assertEqual((value.prospect_state, value.expected_value), ('negative', 0))
        self.assertIn("credited to nothing or less", value.expected_text)

    def _credit(self, customer, amount, day):
        """Post a credit note without an order."""
        move = self.env['account.move'].create({
            'move_type': 'out_refund', 'partner_id': customer.id, 'invoice_date': day, 'date': day,
            'invoice_line_ids': [Command.create({
                'product_id': self.product_thing.id, 'quantity': 1, 'price_unit': amount, 'tax_ids': False})]})
        move.action_post()

    def test_seg_5_currency(self):
        """SEG-5: orders in another currency count in that of the main company; without a rate they are left out, and said."""
        self._fitted('2026-03-01')
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'CHF')])
        currency.active = True
        currency.rate_ids.unlink()
        company = self.env['customer.registry']._main_company()
        prices = self.env['product.pricelist'].create({'name': "Swiss", 'currency_id': currency.id})
        self._monthly(self.customer, 100, 200, 300)
        self._bought(self.customer, ('2026-03-06', 500), pricelist_id=prices.id)
        value = self._value(self.customer)
        self.assertEqual((value.prospect_state, value.order_value, value.orders_seen, value.orders_unpriced), ('ok', 200, 3, 1))
        self.assertIn("whose exchange rate is not known: 1", value.explanation)
        # alone, they tell nothing
        other = self._customer("Swiss Ltd")
        self._bought(other, *((f'2026-0{month}-06', 500) for month in (1, 2, 3)), pricelist_id=prices.id)
        value = self._value(other)
        self.assertEqual(value.prospect_state, 'no_rate')
        self.assertIn("the exchange rate of its orders is not known", value.expected_text)
        currency.rate_ids = [Command.create({'name': '2025-01-01', 'rate': 2, 'company_id': company.id})]
        self.assertEqual(self._value(other).prospect_state, 'ok')

    def test_seg_5_own_orders(self):
        """SEG-5: the orders of the last days count, and as many as the minimum where there are fewer."""
        self._fitted('2026-03-01')
        self._bought(self.customer, ('2020-01-05', 9000), ('2022-01-05', 7000), ('2024-03-10', 5000), ('2026-03-05', 100))
        # the last day that counts is 2024-03-12: one order in the period, three are the minimum
        self.assertEqual(self._value(self.customer).order_value, round((7000 + 5000 + 100) / 3, 2))
        self.env['res.config.settings'].create({'customer_value_order_days': 3000}).set_values()
        self.assertEqual(self._value(self.customer).order_value, 5275)

    def test_seg_5_season(self):
        """SEG-5: who buys in one season is looked at as of whole seasons: its silence in winter costs nothing; once the season
        passed without it, it does."""
        self._fitted('2026-01-15', r=2.0, alpha=4.0, a=0.5, b=3.0)
        self._fitted('2026-05-01', r=2.0, alpha=4.0, a=0.5, b=3.0)
        for year in (2024, 2025):
            self._bought(self.customer, *((f'{year}-03-{day:02}', 100) for day in (5, 15, 25)), (f'{year}-04-04', 100))
        winter = self._value(self.customer, '2026-02-01')
        self.assertTrue(winter.waits)
        # two whole years with 8 orders are known of it, and it has just bought
        model = churn.Parameters('mbgnbd', 2.0, 4.0, 0.5, 3.0)
        self.assertAlmostEqual(winter.expected_orders, churn.expected_purchases(model, 7, 730 / 7, 730 / 7, 365 / 7), places=2)
        self.assertIn("its silence out of season is not counted against it", winter.explanation)
        before = winter.expected_orders
        late = self._value(self.customer, '2026-05-20')
        self.assertFalse(late.waits)
        self.assertLess(late.expected_orders, before / 2)

    def test_seg_5_moves(self):
        """SEG-5: an estimate is written anew when it moved by more than two percent, not every day."""
        self._fitted('2026-03-01')
        self._monthly(self.customer, 100, 200, 300)
        before = self._value(self.customer).expected_value
        with self._on('2026-03-12'):
            self.assertEqual(self.env['customer.value.refresh']._refresh(self.customer.ids)['rows'], 0)
        value = self._value(self.customer, '2026-05-20')
        self.assertLess(value.expected_value, 0.98 * before)
        self.assertEqual(str(value.date), '2026-05-20')

    def test_seg_5_two_companies(self):
        """SEG-5: the figure is one over all companies; a manager of another company does not see the customer's."""
        self._fitted('2026-03-01')
        self._monthly(self.customer, 100, 200)
        with self._on(DAY):
            self._order(self.customer, 600, '2026-03-07', company_id=self.company_2.id)
        self.assertEqual(self._value(self.customer).order_value, 300)
        self.customer.company_id = self.env.company
        self.assertFalse(self.env['customer.value'].with_user(self.zoe).search([('partner_id', '=', self.customer.id)]))

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def _fact(self, name, customer, day=DAY, window_days=36500):
        """Return what a fact says of a customer on a day, with its sentence."""
        with self._on(day):
            self.churn._refresh_rhythm(customer.ids)
            facts = self.env['customer.fact']
            rows = self.env.execute_query(facts._query(
                name, facts._days_back(customer.ids, window_days), {}, 'day', 'count'))
            if not rows:
                return None, ''
            [(__, value, found_day, count)] = rows
            fact = facts._get(name)
            return round(float(value), 2), facts._say(
                name, fact, Found(value, day=found_day, count=count),
                {'today': fields.Date.to_date(day), 'window_days': window_days})

    def test_seg_5_tenure(self):
        """SEG-5: years since the first order; unknown of who never bought."""
        self.assertEqual(self._fact('tenure', self.customer), (None, ''))
        self._bought(self.customer, ('2024-03-11', 100), ('2025-06-01', 100))
        self.assertEqual(self._fact('tenure', self.customer), (2.0, "A customer since 03/11/2024"))
        self.assertEqual(self._fact('tenure', self.customer, '2024-03-11')[0], 0)

    def test_seg_5_historic(self):
        """SEG-5: total amount and repurchase rate (repeat orders / all orders) of all that there ever was."""
        self._bought(self.customer, ('2015-03-11', 1000), ('2024-06-01', 200), ('2025-06-01', 300), ('2026-01-01', 400))
        self.assertEqual(self._fact('revenue', self.customer)[0], 1900)
        self.assertEqual(self._fact('repurchase_rate', self.customer)[0], 75)

    def test_seg_5_unbroken(self):
        """SEG-5: a break is longer than both, 180 days and three times the usual gap; both boundaries."""
        # 30 days between orders, then 180 and 181: two of more orders keep the usual gap below 60 days
        steady = [f'2024-{month:02}-05' for month in range(1, 10)]
        self._bought(self.customer, *((day, 100) for day in [*steady, '2025-03-04']))  # 180 days after September 5
        self.assertEqual(
            self._fact('unbroken', self.customer, '2025-03-04'), (round(424 / 365.25, 2), "Without a break since 01/05/2024"))
        self.assertEqual(self._fact('unbroken', self.customer, '2025-08-31')[0], round(604 / 365.25, 2))  # 180 days of silence
        self.assertEqual(
            self._fact('unbroken', self.customer, '2025-09-01'), (0, "In a break: no order since 03/04/2025"))
        other = self._customer("Back Ltd")
        self._bought(other, *((day, 100) for day in [*steady, '2025-03-05', '2025-04-05']))  # 181 days
        self.assertEqual(
            self._fact('unbroken', other, '2025-04-05'), (round(31 / 365.25, 2), "Without a break since 03/05/2025"))
        rare = self._customer("Rare Ltd")
        self._bought(rare, ('2022-01-05', 100), ('2023-01-05', 100), ('2024-01-05', 100), ('2025-09-05', 100))
        self.assertEqual(self._fact('unbroken', rare)[1], "Without a break since 01/05/2022")

    def test_seg_5_unbroken_season(self):
        """SEG-5: the time from season to season is no break."""
        for year in (2024, 2025):
            self._bought(self.customer, *((f'{year}-03-{day:02}', 100) for day in (5, 15, 25)), (f'{year}-04-04', 100))
        self.assertEqual(self._fact('unbroken', self.customer)[1], "Without a break since 03/05/2024")

    def test_seg_5_facts_of_the_value(self):
        """SEG-5: KPIs and rules find the value score and the expected value in the catalogue."""
        self._fitted('2026-03-01')
        self._monthly(self.customer, 100, 200, 300)
        value = self._value(self.customer)
        value_before = value.expected_value
        self.assertEqual(self._fact('expected_value', self.customer)[0], round(value.expected_value, 2))
        self.assertEqual(self._fact('value_score', self.customer)[0], round(value.score, 2))
        self.assertIn("An estimate", self._fact('expected_value', self.customer)[1])
        self.assertIsNone(self._fact('expected_value', self._customer("New Ltd"))[0])
        # of days gone by, what was said at the end of the last whole month
        with self._on('2026-05-02'):
            self._order(self.customer, 5000, '2026-05-02')
        self._value(self.customer, '2026-05-02')
        facts = self.env['customer.fact']._offered(past=True)
        said = {day: self._fact('expected_value', self.customer, day)[0] for day in ('2026-03-30', '2026-03-31', '2026-04-30')}
        self.assertEqual(said, {'2026-03-30': None, '2026-03-31': round(value_before, 2), '2026-04-30': round(value_before, 2)})
        self.assertLessEqual({'tenure', 'influence', 'value_score', 'expected_value'}, set(facts))
