"""Whose a document is, and of which day (SEG-1, K2, K6)."""
import random
from datetime import datetime, timedelta

import pytz
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..common import CustomerCase


class TestDocuments(CustomerCase):
    """Alpha and Beta are companies; ``buyer`` works at Alpha."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alpha, cls.beta = cls.env['res.partner'].create([
            {'name': name, 'is_company': True, 'user_id': cls.anna.id} for name in ("Alpha", "Beta")])
        cls.buyer = cls.env['res.partner'].create({'name': "Buyer", 'parent_id': cls.alpha.id})

    def _revenues(self):
        self.env['customer.ranking']._refresh_all()
        return self.alpha.customer_revenue, self.beta.customer_revenue

    # ------------------------------------------------------------
    # WHOSE
    # ------------------------------------------------------------

    def test_k2_buyer_changes_employer(self):
        """K2: orders stay with the company that they were made for; new ones are of the new one."""
        order = self._order(self.buyer, 240000)
        self.buyer.with_user(self.anna).parent_id = self.beta
        self.assertEqual(order.customer_commercial_id, self.alpha)
        self.assertEqual(self._revenues(), (240000, 0))
        self.assertTrue(self.alpha.customer_managed)
        self.assertFalse(self.beta.customer_managed)
        self._order(self.buyer, 1000)
        self.assertEqual(self._revenues(), (240000, 1000))

    def test_k2_every_reader(self):
        """K2: rhythm, order value, KPIs and days to convert know it as well."""
        for day in ('2026-01-10', '2026-02-10', '2026-03-10'):
            self._order(self.buyer, 500, day)
        self.buyer.parent_id = self.beta
        with self._on('2026-03-20'):
            self.env['customer.ranking']._refresh_all()
            self.env['customer.churn']._refresh_rhythm()
            rhythm = self.env['customer.rhythm'].search([('partner_id', 'in', (self.alpha + self.beta).ids)])
            self.assertEqual((rhythm.partner_id, rhythm.purchases), (self.alpha, 3))
            trend = self.env.ref('customer_success.customer_health_measure_value_trend')
            trend.window_days = 30
            rows = self.env.execute_query(trend._sources()['value_trend'].sql(trend, (self.alpha + self.beta).ids))
            self.assertEqual([(row[0], float(row[1])) for row in rows], [(self.alpha.id, 0)])
            for name, value in (('revenue', 1500), ('new_orders', 3)):
                kpi = self.env.ref(f'customer_success.customer_kpi_{name}')
                first, last = fields.Date.to_date('2026-01-01'), fields.Date.to_date('2026-03-20')
                self.assertEqual(kpi._measure_mean(self.alpha.ids, first, last)[0], value)
                self.assertEqual(kpi._measure_mean(self.beta.ids, first, last)[0], 0)

    def test_k2_quotation(self):
        """K2: a quotation is of who confirms it; what was invoiced is settled."""
        order = self.env['sale.order'].create({'partner_id': self.buyer.id, 'order_line': [Command.create({
            'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})]})
        self.assertEqual(order.customer_commercial_id, self.alpha)
        order.partner_id = self.beta
        self.assertEqual(order.customer_commercial_id, self.beta)
        order.partner_id = self.buyer
        self.buyer.parent_id = self.beta
        self.assertEqual(order.customer_commercial_id, self.alpha, "a person moves, the quotation does not")
        order.action_confirm()
        self.assertEqual(order.customer_commercial_id, self.beta, "confirmed at Beta")
        self.assertTrue(self.beta.customer_managed)
        self.buyer.parent_id = self.alpha
        order.action_cancel()
        self.assertEqual(order.customer_commercial_id, self.beta)
        self.assertFalse(self.beta.customer_managed)

    def test_k2_set_back_after_invoicing(self):
        """K2: an order that was invoiced is not somebody else's when it is set back and confirmed again."""
        if not self.env.company.chart_template:
            self.env['account.chart.template'].try_loading('generic_coa', self.env.company, install_demo=False)
        self.product_thing.invoice_policy = 'order'
        order = self._order(self.buyer, 100)
        order._create_invoices().action_post()
        self.buyer.parent_id = self.beta
        order.action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.customer_commercial_id, self.alpha)

    def test_k2_not_for_writing(self):
        """K2: whose an order is follows from its customer, for imports and by RPC too."""
        order = self._order(self.buyer, 100)
        order.user_id = self.anna
        with self.assertRaisesRegex(AccessError, "Change the customer of the order"):
            order.with_user(self.anna).write({'customer_commercial_id': self.beta.id})
        with self.assertRaisesRegex(AccessError, "Change the customer of the order"):
            self.env['sale.order'].with_user(self.anna).create({
                'partner_id': self.buyer.id, 'customer_commercial_id': self.beta.id})
        self.assertEqual(order.copy().customer_commercial_id, self.alpha)

    def test_k2_orders_from_before(self):
        """K2: what an old order says itself comes before where the person works today."""
        if not self.env.company.chart_template:
            self.env['account.chart.template'].try_loading('generic_coa', self.env.company, install_demo=False)
        self.product_thing.invoice_policy = 'order'
        address = self.env['res.partner'].create({'name': "Office", 'type': 'invoice', 'parent_id': self.alpha.id})
        invoiced, addressed, plain, own = (self._order(partner, 100) for partner in (*[self.buyer] * 3, self.beta))
        invoiced._create_invoices().action_post()
        plain.partner_invoice_id = self.buyer
        invoiced.partner_invoice_id = self.buyer
        addressed.partner_invoice_id = address
        own.partner_invoice_id = address
        self.buyer.parent_id = self.beta
        self.env.flush_all()
        orders = invoiced + addressed + plain + own
        self.env.cr.execute("UPDATE sale_order SET customer_commercial_id = NULL WHERE id = ANY(%s)", [orders.ids])
        self.env.invalidate_all()
        self.env['customer.document']._file()
        self.assertEqual(
            [order.customer_commercial_id for order in orders], [self.alpha, self.alpha, self.beta, self.beta],
            "its invoice, its invoice address, today's company; a company is its own customer")

    def test_k2_past_the_orm(self):
        """K2: an order that came by SQL has a customer after the night."""
        order = self._order(self.buyer, 70)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET customer_commercial_id = NULL WHERE id = %s", [order.id])
        self.env.invalidate_all()
        self.assertEqual(self._revenues(), (70, 0))
        self.assertEqual(order.customer_commercial_id, self.alpha)

    def test_k2_merge(self):
        """K2: merged companies bring their orders together; merged people leave them where they are."""
        self._order(self.buyer, 100)
        other = self.env['res.partner'].create({'name': "Buyer again", 'parent_id': self.beta.id})
        self._order(other, 30)
        wizard = self.env['base.partner.merge.automatic.wizard']
        wizard._merge((self.buyer + other).ids, self.buyer)
        self.assertEqual(self._revenues(), (100, 30), "of two companies, signed by one person")
        wizard._merge((self.alpha + self.beta).ids, self.alpha)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(self.alpha.customer_revenue, 130)

    def test_k2_merge_into_a_contact(self):
        """K2: somebody who was a customer of his own becomes a contact: the company has what he bought."""
        double = self.env['res.partner'].create({'name': "Buyer"})
        order = self._order(double, 40)
        self.env['base.partner.merge.automatic.wizard']._merge((double + self.buyer).ids, self.buyer)
        self.assertEqual(order.customer_commercial_id, self.alpha)
        self.assertTrue(self.alpha.customer_managed)
        self.assertEqual(self._revenues(), (40, 0))

    def test_k2_carry(self):
        """K2: a sole trader becomes a company, and what he bought goes along; orders and invoices."""
        if not self.env.company.chart_template:
            self.env['account.chart.template'].try_loading('generic_coa', self.env.company, install_demo=False)
        self.product_thing.invoice_policy = 'order'
        trader = self.env['res.partner'].create({'name': "Sole Trader"})
        order = self._order(trader, 40)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertTrue(trader.customer_managed)
        own = self._order(self.buyer, 7)
        trader.parent_id = self.alpha
        self.assertEqual((order.customer_commercial_id, invoice.commercial_partner_id), (self.alpha, self.alpha))
        self.assertTrue(self.alpha.customer_managed)
        self.assertFalse(trader.customer_managed)
        self.assertEqual(self._revenues(), (47, 0))
        trader.parent_id = False
        self.assertEqual((order.customer_commercial_id, invoice.commercial_partner_id), (trader, trader),
                         "a mistake that was set right the same day")
        self.assertTrue(trader.customer_managed)
        self.assertEqual((own.customer_commercial_id, self._revenues()), (self.alpha, (7, 0)))

    # ------------------------------------------------------------
    # OF WHICH DAY
    # ------------------------------------------------------------

    def test_k6_new_year_in_shanghai(self):
        """K6: an order of 1 January 07:30 in Shanghai is of 1 January: first order, and a year of revenue."""
        self.anna.tz = 'Asia/Shanghai'
        self.env.company.partner_id.tz = False
        with freeze_time('2025-12-31 23:30:00'):
            self.alpha.customer_cadence_id = self._cadence("Thanks", {
                'name': "Thank-you", 'kind': 'event', 'event': 'order', 'delay_count': 0, 'channel_id': self.call.id})
            order = self.env['sale.order'].with_user(self.anna).create({
                'partner_id': self.alpha.id, 'order_line': [Command.create({
                    'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})]})
            order.action_confirm()
            self.env.flush_all()
            self.env['customer.churn']._refresh_rhythm(self.alpha.ids)
        self.assertEqual(str(self.alpha.customer_first_order), '2026-01-01')
        # planned for the first working day from then on, wherever 1 January is a holiday
        self.assertEqual(str(self._open(self.alpha).event_date), '2026-01-01')
        rhythm = self.env['customer.rhythm'].search([('partner_id', '=', self.alpha.id)])
        self.assertEqual(str(rhythm.last_day), '2026-01-01', "though it was still December in UTC")
        for moment, revenue in (('2026-12-31 01:10:00', 100), ('2027-01-01 01:10:00', 0)):
            with freeze_time(moment):
                self.assertEqual(self._revenues()[0], revenue)
        kpi = self.env.ref('customer_success.customer_kpi_new_orders')
        with freeze_time('2026-02-01 12:00:00'):
            for first, last, count in (('2025-12-01', '2025-12-31', 0), ('2026-01-01', '2026-01-31', 1)):
                days = map(fields.Date.to_date, (first, last))
                self.assertEqual(kpi._measure_mean(self.alpha.ids, *days)[0], count)

    def test_k6_days_by_another_way(self):
        """K6: at random moments, in random zones, the statement and Python's calendar name the same day."""
        chance, zones = random.Random(1), ('Asia/Shanghai', 'America/New_York', 'Pacific/Auckland', 'Asia/Kolkata', 'UTC')
        orders = self.env['sale.order'].create([{
            'partner_id': self.alpha.id, 'company_id': chance.choice((self.env.company, self.company_2)).id,
            'user_id': chance.choice((self.anna, self.ben, self.env['res.users'])).id,
            'date_order': datetime(2026, 3, 1) + timedelta(minutes=chance.randint(0, 300 * 24 * 60))} for __ in range(60)])
        for companies, people in (
            ((False, False), (False, False)), ((False, False), ('UTC', 'UTC')), ((False, False), zones[:2]),
            ((zones[2], False), (False, zones[3])), (zones[:2], zones[2:4]), ((zones[1], zones[1]), zones[2:4]),
        ):
            records = (self.env.company.partner_id, self.company_2.partner_id, self.ben, self.anna)
            for record, zone in zip(records, (*companies, *people), strict=True):
                record.tz = zone
            self.env.flush_all()
            zone, join = self.env['customer.document']._order_zone_sql()
            found = dict(self.env.execute_query(SQL(
                "SELECT o.id, %s FROM sale_order o %s WHERE o.id = ANY(%s)",
                self.env['customer.document']._day_sql(SQL("o.date_order"), zone), join, orders.ids)))
            self.assertEqual(found, {order.id: self._day(order) for order in orders}, f'{companies} {people}')

    def _day(self, order):
        zone = order.company_id.partner_id.tz or (order.user_id or order.customer_commercial_id.user_id).tz or 'UTC'
        return pytz.utc.localize(order.date_order).astimezone(pytz.timezone(zone)).date()

    def test_k6_nothing_to_join(self):
        """K6: where everybody lives by one clock no table is joined."""
        self.env.cr.execute("UPDATE res_partner SET tz = 'UTC' WHERE tz IS NOT NULL")
        self.env.registry.clear_cache()
        self.assertEqual(self.env['customer.document']._order_zone_sql(), (None, SQL()))
        self.env.cr.execute(
            "UPDATE res_partner SET tz = 'Asia/Tokyo' WHERE id IN (SELECT partner_id FROM res_company)")
        self.env.registry.clear_cache()
        zone, join = self.env['customer.document']._order_zone_sql()
        self.assertEqual((zone.params, join), (['Asia/Tokyo'], SQL()))
