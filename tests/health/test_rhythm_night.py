"""HEA-4: the night looks at the rhythm of who bought, and leaves the others as they are; it misses nobody."""
import random
from datetime import date, timedelta
from unittest.mock import patch

from ..segmentation.test_purchases import PurchasesCase


class TestRhythmNight(PurchasesCase):

    def _night(self):
        """What is bought, who is a customer, and how they buy; returns who was looked at, None for everybody."""
        super()._night()
        churn, looked_at = self.env['customer.churn'], []
        original = type(churn)._purchase_days_sql

        def look(model, until=None, partner_ids=None):
            looked_at.append(partner_ids)
            return original(model, until, partner_ids)

        with patch.object(type(churn), '_purchase_days_sql', look):
            churn._refresh_rhythm()
        with self.env.cr.savepoint():
            [[part]] = self._sql("UPDATE customer_watermark SET day = day WHERE name = 'rhythm' RETURNING xmin::text::bigint")
        self._sql("UPDATE customer_watermark SET transaction = (%s)::text WHERE name = 'rhythm' RETURNING id", part + 1)
        return looked_at[0]

    def _right(self):
        """Looking at each customer alone finds nothing that is different."""
        ids = self.env['res.partner'].with_context(active_test=False).search([]).ids
        self.assertEqual(self.env['customer.churn']._refresh_rhythm(ids), 0)

    def test_hea_4_who_bought(self):
        """HEA-4: nobody is looked at who did not buy; who joins, leaves, or whose day has come, is."""
        with self._at('2026-06-01'):
            one, two, later = (self._customer(name) for name in ("One", "Two", "Later"))
            order = self._sale(one, '2026-05-01', 100)
            self._sale(two, '2026-05-02', 100)
            self.assertIsNone(self._night(), "for the first time everybody")
            self.assertEqual(self._night(), [])
            with self.env.cr.savepoint():
                self._sale(one, '2026-05-20', 100)
                self._sale(later, '2026-06-03', 100)
            self.assertEqual(self._night(), (one | later).ids)
            rhythm = self.env['customer.rhythm'].search([('partner_id', '=', one.id)])
            self.assertEqual(rhythm.purchases, 2)
            self.assertEqual(self._night(), [])
            with self.env.cr.savepoint():
                order._action_cancel()
                self.env.flush_all()
            self.assertEqual(self._night(), one.ids)
            self.assertEqual(rhythm.purchases, 1)
            with self.env.cr.savepoint():
                two.customer_enrolment = 'excluded'
            self._night()
            self._right()
            with self.env.cr.savepoint():
                two.customer_enrolment = 'auto'
            self._night()
            self._right()
        with self._at('2026-06-03'):
            self.assertIn(later.id, self._night())
            self._right()
        with self._at('2026-06-08'):
            self.assertIsNone(self._night(), "once a week everybody")
            self._right()

    def test_hea_4_random_lives(self):
        """HEA-4: whatever happens to documents, the night finds whose rhythm changed."""
        for seed in range(3):
            with self.subTest(seed=seed), self.env.cr.savepoint():
                self._live(random.Random(seed))

    def _live(self, chance):
        customers = [self._customer(f"Life {chance.random()}") for __ in range(3)]
        self.scheme.basis = chance.choice(('orders', 'invoices'))
        self.orders, self.moves, day, alone = [], [], date(2026, 1, 5), 0
        steps = (self._step_sale, self._step_sale, self._step_bill, self._step_bill, self._step_credit, self._step_cancel,
                 self._step_draft, self._step_free)
        for number in range(12):
            step = chance.choice(steps) if number else self._step_sale
            with self.env.cr.savepoint():
                step(chance, chance.choice(customers), str(day))
            day += timedelta(days=chance.choice((0, 1, 5)))
            with self._at(day):
                if chance.random() < 0.5:
                    alone += self._night() is not None
                    self._right()
        self.assertTrue(alone)
