"""What the night keeps of orders and invoices, held against the documents themselves."""
import random
from collections import Counter
from datetime import date, timedelta

from odoo import fields
from odoo.tools import SQL

from .money_common import MoneyLives


class PurchasesCase(MoneyLives):
    """Documents that are written one after the other, as by transactions of their own."""

    def setUp(self):
        super().setUp()
        self.purchases = self.env['customer.purchase']
        self.orders, self.moves = [], []

    def _sql(self, query, *values):
        return self.env.execute_query(SQL(query, *values))

    def _night(self):
        """Keep what there is, and take what was written until now as seen: all of a test is one transaction, whose parts have
        numbers of their own."""
        with self.env.cr.savepoint():
            kept = self.purchases._keep()
        with self.env.cr.savepoint():
            [[part]] = self._sql("UPDATE customer_watermark SET day = day WHERE name = 'purchases' RETURNING xmin::text::bigint")
        self._sql("UPDATE customer_watermark SET transaction = (%s)::text WHERE name = 'purchases' RETURNING id", part + 1)
        return kept

    def _changed(self):
        """The customers that the next night looks at."""
        self.env['customer.document']._flush()
        mark = self.env['customer.watermark']._get('purchases', self.purchases._fingerprint(self.scheme))
        return mark and self.purchases._changed(mark, self.env['customer.document']._latest_day(), 1000)

    def _all(self, read=False):
        """All rows for all customers, as often as they are there."""
        self.env['customer.document']._flush()
        if read:
            documents = SQL("SELECT id, day, counts, bought, amount, pending FROM (%s) AS documents",
                            self.env['customer.purchase.reader']._read_documents_sql(self.scheme))
        else:
            documents = self.purchases._kept_sql(self.scheme)
            self.assertIsNotNone(documents, "what is kept is taken")
        return Counter((customer, day, bool(counts), bought, amount and round(float(amount), 6), float(pending))
                       for customer, day, counts, bought, amount, pending in self.env.execute_query(documents))


class TestPurchases(PurchasesCase):
    """SEG-1: what changed is found, whoever wrote it and however; what did not is not looked at."""

    def setUp(self):
        super().setUp()
        self.freeze = self._at('2026-06-01')
        self.freeze.start()
        self.addCleanup(self.freeze.stop)
        self.customer = self._customer("Customer")
        self.order = self._sale(self.customer, '2026-05-01', 1000)
        self.other = self._customer("Other")
        self.other_order = self._sale(self.other, '2026-05-02', 500)
        self.assertGreaterEqual(self._night()['changed'], 2)

    def _same(self):
        """What is kept and what was written since make all, before and after the next night; who is looked at by it."""
        self.assertEqual(self._all(), self._all(read=True))
        changed = self._changed()
        self._night()
        self.assertEqual(self._all(), self._all(read=True))
        self.assertEqual(self._changed(), [])
        return self.env['res.partner'].browse(changed)

    def test_seg_1_nothing_happened(self):
        """SEG-1: nobody is looked at, nothing is written, and the rows are taken as they are."""
        self.assertEqual(self._changed(), [])
        self.assertEqual(self._night(), {'changed': 0, 'differed': 0})
        self.assertNotIn('sale_order', self.purchases._kept_sql(self.scheme).code)
        self.assertTrue(self._all())

    def test_seg_1_written_by_sql(self):
        """SEG-1: an amount that was written past Odoo, with the moment of writing of long ago."""
        with self.env.cr.savepoint():
            self._sql("UPDATE sale_order SET amount_untaxed = 700, write_date = '2020-01-01' WHERE id = %s RETURNING id",
                      self.order.id)
        self.env.invalidate_all()
        self.assertEqual(self._same(), self.customer)

    def test_seg_1_invoice_of_the_order(self):
        """SEG-1: an invoice touches who pays it, and who ordered."""
        with self.env.cr.savepoint():
            self.order.partner_invoice_id = self.other
        self._night()
        with self.env.cr.savepoint():
            move = self._bill(self.order, '2026-05-20')
        self.assertEqual(move.commercial_partner_id, self.other)
        self.assertEqual(self._same(), self.customer | self.other)
        with self.env.cr.savepoint():
            self._credit(move, '2026-05-25')
        self.assertEqual(self._same(), self.customer | self.other)

    def test_seg_1_deleted(self):
        """SEG-1: an order that is cancelled and deleted on the same day leaves nothing but a gap."""
        with self.env.cr.savepoint():
            self.order._action_cancel()
            self.order.unlink()
        self.assertEqual(self._changed(), [], "there is nothing left to find")
        self.assertEqual(self._night()['changed'], 1)
        self.assertEqual(self._all(), self._all(read=True))

    def test_seg_1_somebody_elses_now(self):
        """SEG-1: an order that is another customer's now is taken from the one and given to the other."""
        with self.env.cr.savepoint():
            self.env['customer.document']._carry(self.customer, self.other)
        self.assertEqual(self._same(), self.customer | self.other)
        self.assertFalse(self._sql("SELECT 1 FROM customer_purchase WHERE customer_key = %s", self.customer.id))

    def test_seg_1_the_day_has_come(self):
        """SEG-1: an invoice that is dated ahead counts from its day on, though nobody touches it."""
        with self.env.cr.savepoint():
            self._free(self.other, '2026-06-03', 50)
        self.assertEqual(self._same(), self.other)
        with self._at('2026-06-03'):
            self.assertEqual(self._changed(), self.other.ids)
            self.assertEqual(self._all(), self._all(read=True))
            self.assertEqual(self._night()['changed'], 1)
            self.assertEqual(self._changed(), [])

    def test_seg_1_another_way_of_counting(self):
        """SEG-1: with another basis, another exchange rate or another clock nothing that is kept is taken."""
        usd = self.env['res.currency'].with_context(active_test=False).search([
            ('id', '!=', self.env.company.currency_id.id)], limit=1)
        usd.active = True
        foreign = self.env['res.company'].create({'name': "Abroad", 'currency_id': usd.id})
        self.assertIsNone(self.purchases._kept_sql(self.scheme))
        self._night()
        self.assertIsNotNone(self.purchases._kept_sql(self.scheme))
        for change in (
            lambda: self.scheme.write({'running_days': 3}), lambda: self.scheme.write({'basis': 'invoices'}),
            lambda: self.env['res.currency.rate'].create({
                'currency_id': usd.id, 'name': '2026-02-01', 'rate': 2, 'company_id': self.env.company.id}),
            lambda: self.env.user.partner_id.write({'tz': 'America/New_York'}),
            lambda: foreign.partner_id.write({'tz': 'Asia/Tokyo'}),
        ):
            change()
            self.assertIsNone(self.purchases._kept_sql(self.scheme), change.__code__.co_names)
            self._night()
            self.assertEqual(self._all(), self._all(read=True))
        another = self.scheme.copy({'basis': 'orders', 'company_id': False}) if 'company_id' in self.scheme else (
            self.scheme.new({'basis': 'orders', 'running_days': 3}))
        self.assertIsNone(self.purchases._kept_sql(another), "a preview counts by itself")

    def test_seg_1_restored(self):
        """SEG-1: in a restored database transactions count anew, and everything is read."""
        self._sql("UPDATE customer_watermark SET database = '1' WHERE name = 'purchases' RETURNING id")
        self.assertIsNone(self.purchases._kept_sql(self.scheme))
        self._night()
        self._sql("UPDATE customer_watermark SET transaction = (transaction::bigint + 3000000000)::text"
                  " WHERE name = 'purchases' RETURNING id")
        self.assertIsNone(self.purchases._kept_sql(self.scheme))

    def test_seg_1_once_a_week_everything(self):
        """SEG-1: once a week all documents are gone through; what differs is mended and said so."""
        self._sql("UPDATE customer_purchase SET amount = amount + 1 WHERE customer_key = %s RETURNING id", self.other.id)
        with self._at('2026-06-07'):
            self.assertEqual(self._night(), {'changed': 0, 'differed': 0})
            self.assertNotEqual(self._all(), self._all(read=True))
        with self._at('2026-06-08'):
            self.env['customer.ranking']._cron_refresh()
            self.assertEqual(self._all(), self._all(read=True))
            run = self.env['customer.run'].search([('name', '=', 'refresh')], order='id desc', limit=1)
            self.assertIn("mended: 1 customer", run.note)
            self.assertEqual(self._night()['differed'], 0)

    def test_seg_1_many_at_once(self):
        """SEG-1: after an import by day the documents are asked, and the night goes through all of them."""
        with self.env.cr.savepoint():
            self._sale(self.other, '2026-05-30', 10)
        mark = self.env['customer.watermark']._get('purchases', self.purchases._fingerprint(self.scheme))
        self.assertIsNone(self.purchases._changed(mark, fields.Date.to_date('2026-06-01'), 1))

    def test_seg_1_figures_of_all(self):
        """SEG-1: tier and revenue of all follow from what is kept and what was written since."""
        with self.env.cr.savepoint():
            self._sale(self.other, '2026-05-30', 10)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(self.customer.customer_revenue, 1000)
        self.assertEqual(self.other.customer_revenue, 510)
        self.assertEqual(self.other.customer_last_order, fields.Date.to_date('2026-05-30'))


class TestPurchaseLives(PurchasesCase):
    """SEG-1, K1: random lives of documents of several customers, with nights in between."""

    def test_seg_1_random_lives(self):
        for seed in range(4):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                self._live(random.Random(seed))

    def _live(self, chance):
        customers = [self._customer(f"Life {chance.random()}") for __ in range(3)]
        self.scheme.basis = chance.choice(('orders', 'invoices'))
        self.orders, self.moves, day, looked_at = [], [], date(2026, 1, 5), 0
        steps = (self._step_sale, self._step_bill, self._step_bill, self._step_deposit, self._step_credit, self._step_correct,
                 self._step_cancel, self._step_draft, self._step_free, self._step_payer)
        for number in range(14):
            step = chance.choice(steps) if number else self._step_sale
            with self.env.cr.savepoint():
                step(chance, chance.choice(customers), str(day))
            day += timedelta(days=chance.choice((0, 1, 8)))
            with self._at(day):
                if chance.random() < 0.4 or not number:
                    self._night()
                    self.assertEqual(self._changed(), [])
                elif self.purchases._kept_sql(self.scheme) is not None:
                    looked_at += len(self._changed())
                    self.assertEqual(self._all(), self._all(read=True), f'{number} {step.__name__}')
        self.assertTrue(looked_at)

    def _step_payer(self, chance, customer, day):
        if order := self._order_of(chance):
            order.partner_invoice_id = customer
