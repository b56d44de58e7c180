"""SEG-1, K1: what orders, invoices and credit notes are worth, and which of them are purchases."""
import random
from datetime import date, timedelta

from odoo import Command

from .money_common import MoneyCase, MoneyLives, Pile


class TestMoney(MoneyCase):
    """A customer with hand-made documents; the right values are said in the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Delta")

    def _worth(self, day='2026-12-31', basis='orders'):
        amounts, days = self._documents(self.customer, day, basis)
        return round(sum(amounts.values()), 2), days

    def test_k1_corrected_invoice(self):
        """SEG-1, K1: Reverse and Create Invoice leaves the order what it is, and is no second purchase."""
        order = self._sale(self.customer, '2026-06-20', 100000)
        invoice = self._bill(order, '2026-06-20')
        corrected = self._correct(invoice, '2026-11-28')
        self.assertEqual(corrected.customer_corrects_id, invoice)
        for basis in ('orders', 'invoices'):
            self.assertEqual(self._worth(basis=basis), (100000, ['2026-06-20']), basis)
        with self._at('2026-11-28'):
            self.env['customer.ranking']._rank(self.customer.ids)
            self.assertEqual(self.customer.customer_revenue, 100000)
            self.assertEqual(str(self.customer.customer_last_order), '2026-06-20')
            self.env['customer.ranking']._refresh_all()
            self.assertEqual(self.customer.customer_revenue, 100000)

    def test_k1_corrected_upwards(self):
        """SEG-1, K1: a corrected invoice over a little more is worth what it says, and no second purchase either."""
        order = self._sale(self.customer, '2026-02-01', 1000)
        corrected = self._correct(self._bill(order, '2026-02-02'), '2026-08-01', post=False)
        corrected.invoice_line_ids.price_unit = 110
        with self._at('2026-08-01'):
            corrected.action_post()
        self.assertEqual(self._worth(), (1100, ['2026-02-01']))
        self.assertEqual(self._worth(basis='invoices'), (1100, ['2026-02-02']))

    def test_k1_cancelled_after_its_credit_note(self):
        """SEG-1, K1: first credited, then cancelled: nothing, and not less than nothing."""
        order = self._sale(self.customer, '2026-03-01', 1000)
        credit = self._credit(self._bill(order, '2026-03-01'), '2026-03-10')
        self.assertEqual(self._worth(), (0, []), "credited altogether it is no purchase")
        order.action_cancel()
        for basis in ('orders', 'invoices'):
            self.assertEqual(self._worth(basis=basis), (0, []))
        credit.button_draft()
        self.assertEqual(self._worth(), (1000, ['2026-03-01']), "what stands in the books was bought")
        credit.button_cancel()
        self.assertEqual(self._worth(basis='invoices'), (1000, ['2026-03-01']))

    def test_k1_credit_note_taken_back(self):
        """SEG-1, K1: a credit note counts as long as it is posted, on its own day."""
        order = self._sale(self.customer, '2026-03-01', 1000)
        credit = self._credit(self._bill(order, '2026-03-02'), '2026-04-10', share=0.3)
        self.assertEqual(self._documents(self.customer, '2026-12-31'), (
            {'2026-03-01': 1000, '2026-04-10': -300}, ['2026-03-01']))
        credit.button_draft()
        self.assertEqual(self._worth(), (1000, ['2026-03-01']))
        credit.action_post()
        self.assertEqual(self._worth()[0], 700)

    def test_k1_down_payment(self):
        """SEG-1, K1: down payment, final invoice, credit note, invoiced again: the amount of the order at the end."""
        order = self._sale(self.customer, '2026-03-01', 1000)
        deposit = self._deposit(order, '2026-03-02', 300)
        self.assertEqual(self._worth(), (1000, ['2026-03-01']))
        self.assertEqual(self._worth(basis='invoices'), (300, ['2026-03-02']), "as long as nothing else was invoiced")
        final = self._bill(order, '2026-03-20')
        self.assertEqual(self._worth(), (1000, ['2026-03-01']))
        self.assertEqual(self._worth(basis='invoices'), (1000, ['2026-03-20']), "one purchase, not two")
        self._credit(final, '2026-04-01')
        self.assertEqual(self._worth()[0], 300, "the down payment stands")
        again = self._bill(order, '2026-04-05')
        self.assertEqual(again.amount_untaxed, 700)
        self.assertEqual(self._worth(), (1000, ['2026-03-01']))
        self.assertEqual(self._worth(basis='invoices'), (1000, ['2026-03-20']))
        self._credit(deposit, '2026-04-07')
        self.assertEqual(self._worth()[0], 700, "given back and deducted: as in the books")
        self.assertEqual(sum(order.order_line.mapped('untaxed_amount_invoiced')), 700)

    def test_k1_down_payment_taken_back(self):
        """SEG-1, K1: a down payment that is credited takes nothing from an order that goes on."""
        order = self._sale(self.customer, '2026-03-01', 1000)
        self._credit(self._deposit(order, '2026-03-02', 300), '2026-03-05')
        self.assertEqual(self._worth(), (1000, ['2026-03-01']))
        self.assertEqual(self._worth(basis='invoices'), (0, []))

    def test_k1_more_than_ordered(self):
        """SEG-1, K1: what is invoiced beyond the order counts, like hours on a contract."""
        order = self._sale(self.customer, '2026-03-01', 1000, product=self.product_later)
        order.order_line.qty_delivered = 12
        self._bill(order, '2026-03-15')
        self.assertEqual(self._documents(self.customer, '2026-12-31')[0], {'2026-03-01': 1000, '2026-03-15': 200})

    def test_k1_without_an_order(self):
        """SEG-1, K1: an invoice, its credit note and the invoice in its place are one purchase, on the day of the first."""
        invoice = self._free(self.customer, '2026-03-01', 500)
        first = self._correct(invoice, '2026-04-01')
        second = self._correct(first, '2026-05-01')
        self.assertEqual(second.customer_corrects_id, invoice, "the first of all")
        self._credit(self._free(self.customer, '2026-06-01', 70), '2026-06-02')
        self._credit(self._free(self.customer, '2026-07-01', 80), '2026-07-02', share=0.5)
        for basis in ('orders', 'invoices'):
            self.assertEqual(self._worth(basis=basis), (540, ['2026-03-01', '2026-07-01']), basis)
        self._credit(second, '2026-08-01')
        self.assertEqual(self._worth(), (40, ['2026-07-01']))

    def test_k1_corrected_before_the_addon_knew(self):
        """SEG-1, K1: where nobody noted what corrects what, the corrected invoice stands in for the one that is gone."""
        corrected = self._correct(self._free(self.customer, '2026-03-01', 500), '2026-04-01')
        corrected.customer_corrects_id = False
        self.assertEqual(self._worth(), (500, ['2026-04-01']))

    def test_k1_invoice_with_something_besides(self):
        """SEG-1, K1: what stands on an order's invoice and does not come from the order is not lost."""
        order = self._sale(self.customer, '2026-03-01', 1000)
        invoice = self._bill(order, '2026-03-02', post=False)
        invoice.write({'invoice_line_ids': [Command.create({
            'product_id': self.product_thing.id, 'name': "Freight", 'price_unit': 50, 'tax_ids': False})]})
        with self._at('2026-03-02'):
            invoice.action_post()
        self.assertEqual(self._worth(), (1050, ['2026-03-01']))
        self.assertEqual(self._worth(basis='invoices'), (1050, ['2026-03-02']))

    def test_k1_order_invoiced_to_somebody_else(self):
        """SEG-1, K1: invoice and credit note of an order are both of who ordered, whoever pays."""
        payer = self._customer("Leasing")
        order = self._sale(self.customer, '2026-03-01', 1000, partner_invoice_id=payer.id)
        self._credit(self._bill(order, '2026-03-02'), '2026-03-03')
        self.assertEqual(self._worth(), (0, []))
        self.assertEqual(self._documents(payer, '2026-12-31'), ({}, []), "not less than nothing")

    def test_k1_running_order(self):
        """SEG-1, K1: a framework order counts as it is invoiced, the rest on its day; nothing twice, nothing lost."""
        order = self._sale(self.customer, '2026-01-02', 1200, product=self.product_later)
        for number, day in enumerate(('2026-01-05', '2026-02-03', '2026-03-03', '2026-04-03'), 1):
            order.order_line.qty_delivered = 2 * number
            last = self._bill(order, day)
        self.assertEqual(self._documents(self.customer, '2026-01-31'), ({'2026-01-02': 1200}, ['2026-01-02']))
        self.assertEqual(self._documents(self.customer, '2026-12-31'), (
            {'2026-01-02': 240, '2026-01-05': 240, '2026-02-03': 240, '2026-03-03': 240, '2026-04-03': 240},
            ['2026-01-02', '2026-02-03', '2026-03-03', '2026-04-03']), "the first invoice is of the order itself")
        self.assertEqual(self._worth(basis='invoices'), (
            960, ['2026-01-05', '2026-02-03', '2026-03-03', '2026-04-03']))
        self._correct(last, '2026-09-01')
        self.assertEqual(self._worth(), (1200, ['2026-01-02', '2026-02-03', '2026-03-03', '2026-04-03']))
        self.scheme.running_days = 0
        self.assertEqual(self._worth(), (1200, ['2026-01-02']), "no order is a running one")

    def test_k1_parts_of_an_ordinary_order(self):
        """SEG-1, K1: an order that is delivered in parts, or late, is one purchase on its day."""
        order = self._sale(self.customer, '2026-01-02', 1000, product=self.product_later)
        for delivered, day in ((4, '2026-03-20'), (10, '2026-04-10')):
            order.order_line.qty_delivered = delivered
            self._bill(order, day)
        self.assertEqual(self._worth(), (1000, ['2026-01-02']), "21 days between them are not more than 21")
        self.scheme.running_days = 20
        self.assertEqual(self._worth(), (1000, ['2026-01-02', '2026-04-10']))

    def test_k1_return_order(self):
        """SEG-1, K1: an order that takes something back lowers the revenue and is no purchase."""
        self._sale(self.customer, '2026-01-02', 1000)
        back = self._sale(self.customer, '2026-02-02', -200)
        self.assertEqual(self._worth(), (800, ['2026-01-02']))
        self._bill(back, '2026-02-03')
        self.assertEqual(self._worth(), (800, ['2026-01-02']))

    def test_k1_invoice_of_a_day_to_come(self):
        """SEG-1, K1: what is dated ahead has not happened."""
        self._free(self.customer, '2026-06-01', 500)
        self.assertEqual(self._worth('2026-05-30'), (0, []))
        self.assertEqual(self._worth('2026-06-01'), (500, ['2026-06-01']))


class TestMoneyLives(MoneyLives):
    """SEG-1, K1: random lives of documents, counted by the statement, by the pile, and by Odoo."""

    def test_k1_random_lives(self):
        for seed in range(7):
            with self.subTest(seed=seed):
                self._live(random.Random(seed))

    def _live(self, chance):
        customer = self._customer(f"Life {chance.random()}")
        self.orders, self.moves, day = [], [], date(2026, 1, 5)
        steps = (self._step_sale, self._step_bill, self._step_bill, self._step_deposit, self._step_credit, self._step_correct,
                 self._step_correct, self._step_cancel, self._step_draft, self._step_free)
        for number in range(10):
            step = chance.choice(steps) if number else self._step_sale
            step(chance, customer, str(day))
            day += timedelta(days=chance.choice((0, 3, 25)))
            self._compare(customer, str(day), step.__name__)

    def _compare(self, customer, today, step):
        orders = self.env['sale.order'].search([('partner_id', '=', customer.id)])
        piles = {order: Pile(order) for order in orders}
        for order, pile in piles.items():
            self.assertAlmostEqual(pile.net, sum(order.order_line.mapped('untaxed_amount_invoiced')), 2, "Odoo's own figure")
        moves = self.env['account.move'].search([
            ('partner_id', '=', customer.id), ('move_type', 'in', ('out_invoice', 'out_refund')), ('state', '=', 'posted')])
        free = moves.filtered(lambda move: not move.invoice_line_ids.sale_line_ids)
        for basis in ('orders', 'invoices'):
            amounts, days = self._documents(customer, today, basis)
            by_pile = self._by_pile_orders if basis == 'orders' else self._by_pile_invoices
            expected_amounts, expected_days = by_pile(piles, moves)
            for move in free:
                self._add(expected_amounts, move.invoice_date, move.amount_untaxed_signed)
            expected_days += self._free_days(free)
            self.assertEqual(amounts, {day: round(amount, 2) for day, amount in expected_amounts.items() if round(amount, 2)},
                             f'{basis} {step}')
            self.assertEqual(days, sorted(expected_days), f'{basis} {step}')
            total = round(sum(amounts.values()), 2)
            if basis == 'invoices':
                self.assertAlmostEqual(total, sum(moves.mapped('amount_untaxed_signed')), 2, "as in the books")
            else:
                self.assertAlmostEqual(
                    total, sum(pile.worth() for pile in piles.values()) + sum(free.mapped('amount_untaxed_signed')), 2)
                for order, pile in piles.items():
                    self.assertLessEqual(0, pile.worth())
                    if order.state == 'sale' and not pile.taken and not pile.hole:
                        self.assertGreaterEqual(round(pile.worth(), 2), min(order.amount_untaxed, round(pile.net, 2)))

    def _add(self, amounts, day, amount):
        amounts[str(day)] = amounts.get(str(day), 0) + amount

    def _by_pile_orders(self, piles, moves):
        amounts, days = {}, []
        for order, pile in piles.items():
            running = pile.is_running(self.scheme.running_days)
            news, net = pile.purchases(), 0
            if order.state == 'sale':
                ordered = order.date_order.date()
                self._add(amounts, ordered, pile.worth() - pile.net if running else order.amount_untaxed)
                days += [str(ordered)] if pile.worth() > 0 else []
                news = news[1:] if running else []
            elif not running:
                news = news[:1]
            days += [str(move.invoice_date) for move in news]
            for move, total, change, __ in pile.bills:
                net += total
                self._add(amounts, move.invoice_date, total if running and order.state == 'sale' else change)
        return amounts, days

    def _by_pile_invoices(self, piles, moves):
        amounts, days = {}, set()
        for pile in piles.values():
            news = pile.purchases()
            if not news and pile.bills and pile.net > 0 and not any(is_new for *__, is_new in pile.bills):
                news = [pile.bills[0][0]] if pile.bills[0][0].move_type == 'out_invoice' else []
            days |= set(news)
        for move in moves.filtered(lambda move: move.invoice_line_ids.sale_line_ids):
            self._add(amounts, move.invoice_date, move.amount_untaxed_signed)
        return amounts, [str(move.invoice_date) for move in days]

    def _free_days(self, free):
        days = []
        for move in free.filtered(lambda move: move.move_type == 'out_invoice'):
            if move.customer_corrects_id.state == 'posted':
                continue
            group = free.filtered(lambda other, move=move: move in (
                other, other.customer_corrects_id, other.reversed_entry_id, other.reversed_entry_id.customer_corrects_id))
            if sum(group.mapped('amount_untaxed_signed')) > 0:
                days.append(str(move.invoice_date))
        return days
