"""HEA-1, HEA-3, HEA-4, K1: what corrected invoices and running orders say of the buying rhythm."""
from datetime import date

from dateutil.relativedelta import relativedelta

from ..segmentation.money_common import MoneyCase


class TestRunningOrder(MoneyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Omega")

    def _rhythm(self, day):
        with self._on(day):
            self.env['customer.churn']._refresh_rhythm(self.customer.ids)
            return self.env['customer.rhythm'].search([('partner_id', '=', self.customer.id)])

    def test_k1_framework_order_is_not_lost(self):
        """K1: monthly orders become a yearly framework order that is invoiced every month: buying goes on, and so does the
        revenue after a year."""
        first = date(2026, 1, 2)
        for back in range(12, 0, -1):
            self._sale(self.customer, str(first - relativedelta(months=back)), 1000)
        order = self._sale(self.customer, '2026-01-02', 12000, product=self.product_later)
        order.order_line.product_uom_qty = 12
        order.order_line.price_unit = 1000
        for month in range(12):
            order.order_line.qty_delivered = month + 1
            self._bill(order, str(first + relativedelta(months=month, days=1)))

        rhythm = self._rhythm('2026-04-28')
        self.assertEqual((rhythm.purchases, str(rhythm.last_day)), (16, '2026-04-03'))
        rule = self.env['customer.warning.rule'].search([('signal', '=', 'order_gap')], limit=1)
        trend = self.env.ref('customer_success.customer_health_measure_value_trend')
        trend.window_days = 90
        with self._on('2026-04-28'):
            self.env.flush_all()
            [row] = self.env.execute_query(self.env['customer.warning.signal.gap']._gap_sql(rule, self.customer.ids))
            self.assertFalse(row[1], "no warning")
            self.assertLess(row[3], 1)
            rows = self.env.execute_query(trend._sources()['value_trend'].sql(trend, self.customer.ids))
            # from 28 January on three invoices; before, the orders of November and December and the first invoice
            self.assertEqual([float(row[1]) for row in rows], [0], "as much as before")
            self.env['customer.ranking']._rank(self.customer.ids)
            self.assertEqual(self.customer.customer_revenue, 20000, "eight orders, and the framework order as a whole")
        with self._on('2027-01-03'):
            self.env['customer.ranking']._rank(self.customer.ids)
            self.assertEqual(self.customer.customer_revenue, 11000, "from 4 January on, eleven invoices")
            self.assertEqual(str(self.customer.customer_last_order), '2026-12-03')
        rhythm = self._rhythm('2027-01-03')
        self.assertEqual((rhythm.purchases, str(rhythm.last_day)), (24, '2026-12-03'))

    def test_k1_corrected_invoice_is_no_second_order(self):
        """K1: ranked by invoices, a corrected invoice moves neither the number of purchases nor the last one."""
        self.scheme.basis = 'invoices'
        invoice = self._bill(self._sale(self.customer, '2026-06-20', 100000), '2026-06-20')
        free = self._free(self.customer, '2026-07-20', 100)
        self._correct(invoice, '2026-11-27')
        self._correct(free, '2026-11-28')
        rhythm = self._rhythm('2026-11-28')
        self.assertEqual((rhythm.purchases, str(rhythm.first_day), str(rhythm.last_day)), (2, '2026-06-20', '2026-07-20'))
        self._credit(free.search([('customer_corrects_id', '=', free.id)]), '2026-11-28')
        self.assertEqual(self._rhythm('2026-11-28').purchases, 1)
