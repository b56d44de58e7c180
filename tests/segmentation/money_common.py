"""Orders, invoices and credit notes as people make them, and what they are worth by another way of counting."""
from datetime import datetime, time

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tools import SQL

from ..common import CustomerCase


class MoneyCase(CustomerCase):
    """A company with a chart of accounts, a service that is invoiced when ordered and one when delivered.

    ``scheme`` is the ranking in force.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.company.chart_template:
            cls.env['account.chart.template'].try_loading('generic_coa', cls.env.company, install_demo=False)
        cls.product_thing.invoice_policy = 'order'
        cls.product_later = cls.env['product.product'].create({
            'name': "Later", 'type': 'service', 'invoice_policy': 'delivery', 'taxes_id': False})
        cls.scheme = cls.env['customer.tier.scheme']._get_current()
        cls.scheme.write({'basis': 'orders', 'running_days': 21})
        cls.journal = cls.env['account.journal'].search(
            [('type', '=', 'sale'), ('company_id', '=', cls.env.company.id)], limit=1)

    def _at(self, day):
        return freeze_time(datetime.combine(fields.Date.to_date(day), time(12)))

    def _sale(self, customer, day, *amounts, product=None, **vals):
        """Return an order that was confirmed on a day, with a line per amount."""
        with self._at(day):
            order = self.env['sale.order'].create({
                'partner_id': customer.id, 'order_line': [Command.create({
                    'product_id': (product or self.product_thing).id, 'product_uom_qty': 10, 'price_unit': amount / 10,
                    'tax_ids': False}) for amount in amounts], **vals})
            order.action_confirm()
        return order

    def _bill(self, order, day, final=True, post=True):
        """Return the invoice over what can be invoiced of an order."""
        with self._at(day):
            move = order._create_invoices(final=final)
            move.invoice_date = day
            if post:
                move.action_post()
        return move

    def _deposit(self, order, day, amount):
        """Return the posted invoice over a down payment."""
        with self._at(day):
            before = order.invoice_ids
            self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids).create({
                'advance_payment_method': 'fixed', 'fixed_amount': amount}).create_invoices()
            move = order.invoice_ids - before
            move.invoice_date = day
            move.action_post()
        return move

    def _free(self, customer, day, amount, move_type='out_invoice', **vals):
        """Return a posted invoice without an order."""
        with self._at(day):
            move = self.env['account.move'].create({
                'move_type': move_type, 'partner_id': customer.id, 'invoice_date': day, 'journal_id': self.journal.id,
                'invoice_line_ids': [Command.create({
                    'product_id': self.product_thing.id, 'price_unit': amount, 'tax_ids': False})], **vals})
            move.action_post()
        return move

    def _credit(self, move, day, share=1):
        """Return the posted credit note of an invoice, or of a share of it."""
        with self._at(day):
            self._reversal(move, day).refund_moves()
            credit = move.reversal_move_ids.sorted('id')[-1]
            if share != 1:
                for line in credit.invoice_line_ids.filtered(lambda line: line.display_type == 'product'):
                    line.quantity *= share
            credit.action_post()
        return credit

    def _correct(self, move, day, post=True):
        """Return the invoice that takes the place of another one (Reverse and Create Invoice)."""
        with self._at(day):
            corrected = self.env['account.move'].browse(self._reversal(move, day).modify_moves()['res_id'])
            corrected.invoice_date = day
            if post:
                corrected.action_post()
        return corrected

    def _reversal(self, move, day):
        return self.env['account.move.reversal'].with_context(active_model='account.move', active_ids=move.ids).create({
            'journal_id': move.journal_id.id, 'date': day})

    def _documents(self, customer, day, basis='orders'):
        """Return by SQL what there is of a customer on a day: the amounts by day, and the days of purchases."""
        self.scheme.basis = basis
        with self._at(day):
            self.env['customer.document']._flush()
            reader = self.env['customer.purchase.reader']
            alone = self._read(reader._documents_sql(self.scheme, customer.ids), customer)
            self.assertEqual(self._read(reader._documents_sql(self.scheme), customer), alone, "one as among all")
            __, quick = self._read(reader._documents_sql(self.scheme, customer.ids, amounts=False), customer)
            self.assertEqual(quick, alone[1], "the days do not hang on the amounts")
        return alone

    def _read(self, documents, customer):
        amounts, days = {}, []
        for day, counts, amount in self.env.execute_query(SQL(
            """SELECT day, counts, amount FROM (%s) AS d (id, day, counts, bought, amount, pending)
                WHERE id = %s AND day IS NOT NULL ORDER BY day""", documents, customer.id)):
            amounts[str(day)] = round(amounts.get(str(day), 0) + float(amount), 2)
            days += [str(day)] if counts else []
        return {day: amount for day, amount in amounts.items() if amount}, days


class MoneyLives(MoneyCase):
    """What may happen to ``orders`` and ``moves``, by chance."""

    def _step_sale(self, chance, customer, day):
        product = chance.choice((self.product_thing, self.product_later))
        self.orders.append(self._sale(
            customer, day, *(chance.randint(1, 9) * 100 for __ in range(chance.randint(1, 2))), product=product))

    def _order_of(self, chance, state='sale'):
        orders = [order for order in self.orders if order.state == state]
        return chance.choice(orders) if orders else None

    def _invoice_of(self, chance, state='posted'):
        moves = [move for move in self.moves if move.state == state and move.move_type == 'out_invoice']
        return chance.choice(moves) if moves else None

    def _step_bill(self, chance, customer, day):
        if order := self._order_of(chance):
            for line in order.order_line.filtered(lambda line: line.product_id == self.product_later):
                line.qty_delivered += chance.randint(1, 5)
            if order._get_invoiceable_lines(final=True).filtered(lambda line: not line.display_type):
                self.moves.append(self._bill(order, day, final=chance.random() < 0.8))

    def _step_deposit(self, chance, customer, day):
        if (order := self._order_of(chance)) and order.amount_to_invoice > 100:
            self.moves.append(self._deposit(order, day, 50))

    def _step_credit(self, chance, customer, day):
        if move := self._invoice_of(chance):
            self.moves.append(self._credit(move, day, share=chance.choice((1, 0.5))))

    def _step_correct(self, chance, customer, day):
        if move := self._invoice_of(chance):
            self.moves.append(self._correct(move, day))

    def _step_cancel(self, chance, customer, day):
        if chance.random() < 0.5 and (order := self._order_of(chance)):
            order.action_cancel()
        elif order := self._order_of(chance, 'cancel'):
            with self._at(day):
                order.action_draft()
                order.action_confirm()

    def _step_draft(self, chance, customer, day):
        credits = [move for move in self.moves if move.move_type == 'out_refund' and move.state == 'posted']
        if credits:
            chance.choice(credits).button_draft()

    def _step_free(self, chance, customer, day):
        self.moves.append(self._free(customer, day, chance.randint(1, 9) * 10))


class Pile:
    """What was invoiced of an order, as a pile of goods: another way of counting than that of the statement.

    An invoice first puts back what was taken off by credit notes, the last taken the last; the rest of it is new and goes
    on top. A credit note takes off from the top, and beyond the bottom it leaves a hole.
    """

    def __init__(self, order):
        self.ordered = order.amount_untaxed
        self.sold = order.state == 'sale'
        self.layers, self.taken, self.hole, self.net, self.deposit, self.bills = [], [], 0, 0, 0, []
        moves = order.order_line.invoice_lines.move_id.filtered(lambda move: move.state == 'posted')
        for move in moves.sorted(lambda move: (move.invoice_date, move.move_type != 'out_refund', move.id)):
            sign = -1 if move.move_type == 'out_refund' else 1
            lines = move.invoice_line_ids.filtered(lambda line, order=order: line.sale_line_ids.order_id == order)
            total = sign * sum(lines.mapped('price_subtotal'))
            goods = sign * sum(lines.filtered(lambda line: not line.sale_line_ids.is_downpayment).mapped('price_subtotal'))
            before = self.worth()
            self.net += total
            self.deposit += total - goods
            new = self.put(move, goods) if goods > 0 else self.take(-goods)
            self.bills.append((move, total, self.worth() - before, new > goods / 2 > 0))

    def put(self, move, amount):
        filled = min(amount, self.hole)
        self.hole -= filled
        amount -= filled
        while amount and self.taken:
            owner, piece = self.taken.pop()
            back = min(piece, amount)
            if piece > back:
                self.taken.append((owner, piece - back))
            self.layers.append((owner, back))
            amount -= back
        if amount:
            self.layers.append((move, amount))
        return amount

    def take(self, amount):
        while amount and self.layers:
            owner, piece = self.layers.pop()
            off = min(piece, amount)
            if piece > off:
                self.layers.append((owner, piece - off))
            self.taken.append((owner, off))
            amount -= off
        self.hole += amount
        return 0

    def worth(self):
        """What was invoiced, and what is still to be invoiced."""
        goods = sum(piece for __, piece in self.layers) + sum(piece for __, piece in self.taken)
        to_come = max(self.ordered - goods - max(self.deposit, 0), 0) if self.sold else 0
        return max(self.net + to_come, min(self.ordered, 0))

    def purchases(self):
        """The invoices of which something new is left."""
        kept = {owner for owner, __ in self.layers}
        return [move for move, __, __, is_new in self.bills if is_new and move in kept]

    def is_running(self, days):
        moves = self.purchases()
        return bool(moves) and (moves[-1].invoice_date - moves[0].invoice_date).days > days
