"""HEA-1: what orders and invoices tell: rhythm and order value; for payment see test_overdue."""
from odoo import fields

from .health_common import HealthCase


class TestSourcesOrder(HealthCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Buyer")
        cls.measures = {
            name: cls.env.ref(f'customer_success.customer_health_measure_{name}')
            for name in ('rhythm', 'value_trend')}

    def _value(self, name, customer=None, partner_ids=None):
        """Return value and day of a source for a customer, None where it is not known."""
        measure, customer = self.measures[name], customer or self.customer
        self.env.flush_all()
        rows = self.env.execute_query(measure._sources()[name].sql(measure, partner_ids))
        self.assertEqual(len(rows), len({row[0] for row in rows}), "a row per customer")
        return next(((float(value), day) for partner_id, value, day in rows if partner_id == customer.id), None)

    def test_hea_1_rhythm(self):
        """HEA-1: days since the last order over the own mean interval; three order days are the least that tell it."""
        with self._on('2026-03-31'):
            for purchases, first, last, value in (
                (2, '2026-01-01', '2026-03-01', None), (3, '2026-01-10', '2026-03-01', 1.2), (6, '2026-01-10', '2026-03-01', 3),
                (3, '2026-01-30', '2026-03-31', 0)):
                self._rhythm(self.customer, purchases, first, last)
                found = self._value('rhythm')
                self.assertEqual(found and round(found[0], 4), value)
            self._rhythm(self.customer, 3, '2026-01-10', '2026-03-01')
            measure, (value, day) = self.measures['rhythm'], self._value('rhythm')
            self.assertEqual(
                measure._describe(value, day), "30 days since the last order, usually one every 25")
            then = fields.Date.to_date('2026-03-16')
            self.assertEqual(
                measure._describe(0.6, day, then), "15 days since the last order, usually one every 25", "told as it was then")
            self.assertEqual(measure._describe(0, fields.Date.today()), "Ordered today")
            self.assertIsNone(self._value('rhythm', partner_ids=[self.env.company.partner_id.id]))

    def test_hea_1_value_trend(self):
        """HEA-1, T3: the value of the period against the one before, its days included, and of days only whole ones: today is not
        over; unknown without orders before."""
        self.measures['value_trend'].window_days = 10
        with self._on('2026-03-20'):
            self._order(self.customer, 9000, '2026-03-20')  # of today nobody knows what is still to come
            self._order(self.customer, 100, '2026-03-19')
            self.assertIsNone(self._value('value_trend'))
            self._order(self.customer, 7000, '2026-02-27')  # a day too long ago
            self.assertIsNone(self._value('value_trend'))
            self._order(self.customer, 150, '2026-02-28')
            self._order(self.customer, 50, '2026-03-09')
            self.assertEqual(self._value('value_trend')[0], -50)
            self._order(self.customer, 200, '2026-03-10')
            value, day = self._value('value_trend')
            self.assertEqual((value, str(day)), (50, '2026-03-20'))
            self.assertEqual(
                self.measures['value_trend']._describe(value, day),
                "Orders of the last 10 days: +50 % against the 10 days before")
            self.assertEqual(self._value('value_trend', partner_ids=self.customer.ids)[0], 50)
        with self._on('2026-03-31'):
            self.assertEqual(self._value('value_trend')[0], -100, "nothing any more")

    def test_hea_1_constant_buying_is_constant(self):
        """HEA-1, T3: who orders as much every day does so at every hour of each day, before today's order and after."""
        self.measures['value_trend'].window_days = 5
        for number in range(1, 15):
            self._order(self.customer, 100, f'2026-03-{number:02}')
        for number in range(11, 15):
            with self._on(f'2026-03-{number}'):
                today = self.env['sale.order'].search([
                    ('partner_id', '=', self.customer.id), ('date_order', '>=', f'2026-03-{number}')])
                self.assertEqual(self._value('value_trend')[0], 0, number)
                today._action_cancel()
                self.assertEqual(self._value('value_trend')[0], 0, "before the order of today")
                today.write({'state': 'sale'})

    def test_hea_1_value_trend_of_contacts(self):
        """HEA-1: a contact person's orders are the customer's, and orders of all companies are one figure."""
        self.measures['value_trend'].window_days = 10
        contact = self.env['res.partner'].create({'name': "Buyer's buyer", 'parent_id': self.customer.id})
        with self._on('2026-03-20'):
            self._order(contact, 100, '2026-03-05')
            self._order(contact, 80, '2026-03-15')
            self._order(self.customer, 20, '2026-03-15', company_id=self.company_2.id)
            self.assertEqual(self._value('value_trend')[0], 0)

    def test_hea_1_scored_by_orders(self):
        """HEA-1: the shipped card, fed with orders and readings of the rhythm, gives no score where too little is known,
        and the sources of the wing set nothing aside."""
        self.env['customer.health.measure'].with_context(active_test=False).search([]).action_unarchive()
        self.card.action_archive()
        self.env.ref('customer_success.customer_health_scorecard_all').action_unarchive()
        with self._on('2026-03-31'):
            self._rhythm(self.customer, 3, '2026-01-10', '2026-03-30')
            from unittest.mock import patch
            with patch.object(
                self.registry['customer.health.refresh'], '_step_rhythm', lambda self, partner_ids: {'rows': 0}):
                self.assertFalse(self._refresh()['failed'])
            now = self._now(self.customer)
            self.assertEqual((now.state, now.coverage), ('thin', 22), "25 of 110")
