"""SEG-1: value tiers from revenue."""
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common import CustomerCase


class TestTiers(CustomerCase):
    """The customers of the test are the only ones: everybody else is excluded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.scheme = cls.env.ref('customer_success.customer_tier_scheme_20_50_30')
        cls.scheme.write({'dead_band': 0, 'minimum_stay_days': 0})
        cls.env['ir.config_parameter'].set_param('customer_success.tier_scheme_id', cls.scheme.id)
        cls.ranking = cls.env['customer.ranking']

    def _ten(self, *amounts, day=None):
        amounts = amounts or range(1000, 0, -100)
        customers = self.env['res.partner']
        for number, amount in enumerate(amounts):
            customer = self._customer(f"Ranked {number}")
            if amount:
                self._order(customer, amount, day)
            customers |= customer
        return customers

    def _tiers(self, customers):
        customers.invalidate_recordset()
        return ''.join({self.tier_high: 'H', self.tier_mid: 'M', self.tier_low: 'L'}.get(customer.customer_tier_id, '-')
                       for customer in customers)

    def _refresh(self):
        return self.ranking._refresh_all()

    def test_shares(self):
        """The best 20 % are high, the next 50 % mid, the rest low; the alternative ranking is 20 / 60 / 20."""
        customers = self._ten()
        self._refresh()
        self.assertEqual(self._tiers(customers), 'HHMMMMMLLL')
        self.env.ref('customer_success.customer_tier_scheme_20_60_20').action_put_in_force()
        self.assertEqual(self._tiers(customers), 'HHMMMMMMLL')

    def test_thresholds(self):
        scheme = self.env.ref('customer_success.customer_tier_scheme_threshold')
        lines = scheme.line_ids.sorted('sequence')
        scheme.write({'line_ids': [
            Command.update(lines[0].id, {'threshold': 800}), Command.update(lines[1].id, {'threshold': 500})]})
        customers = self._ten()
        scheme.action_put_in_force()
        self.assertEqual(self._tiers(customers), 'HHHMMMLLLL', "800 and 500 belong to the upper tier")

    def test_by_hand_leaves_tiers_alone(self):
        customers = self._ten()
        self._refresh()
        self.env.ref('customer_success.customer_tier_scheme_manual').action_put_in_force()
        self._order(customers[-1], 99999)
        self._refresh()
        self.assertEqual(self._tiers(customers), 'HHMMMMMLLL')

    def test_ties_at_the_boundary_share_the_better_tier(self):
        customers = self._ten(1000, 500, 500, 500, 400, 300, 200, 100, 90, 80)
        self._refresh()
        self.assertEqual(self._tiers(customers), 'HHHHMMMLLL')

    def test_who_bought_nothing_is_in_the_last_tier(self):
        """Nobody becomes high for nothing, however few customers bought."""
        customers = self._ten(1000, 0, 0, 0, 0)
        self._refresh()
        self.assertEqual(self._tiers(customers), 'HLLLL')

    def test_only_the_period_counts(self):
        today = date.today()
        inside, outside = self._customer("Inside"), self._customer("Outside")
        self._order(inside, 100, today - relativedelta(months=12) + relativedelta(days=1))
        self._order(outside, 100, today - relativedelta(months=12) - relativedelta(days=1))
        self._refresh()
        self.assertEqual(inside.customer_revenue, 100)
        self.assertEqual(outside.customer_revenue, 0)
        self.assertEqual(outside.customer_last_order, today - relativedelta(months=12) - relativedelta(days=1))

    def test_refunds_are_deducted(self):
        customer = self._customer("Returns")
        order = self._order(customer, 1000)
        journal = self.env['account.journal'].search(
            [('type', '=', 'sale'), ('company_id', '=', self.env.company.id)], limit=1)
        if not journal:
            self.skipTest("needs a chart of accounts")
        self.product_thing.invoice_policy = 'order'
        invoice = order._create_invoices()
        invoice.action_post()
        self._refresh()
        self.assertEqual(customer.customer_revenue, 1000, "an invoiced order counts once")
        refund = self.env['account.move'].create({
            'move_type': 'out_refund', 'partner_id': customer.id, 'journal_id': journal.id,
            'invoice_line_ids': [Command.create({'name': "Back", 'quantity': 1, 'price_unit': 300, 'tax_ids': False})]})
        refund.action_post()
        self._refresh()
        self.assertEqual(customer.customer_revenue, 700)
        self.scheme.basis = 'invoices'
        self._refresh()
        self.assertEqual(customer.customer_revenue, 700, "by invoices it is the same")

    def test_foreign_currencies(self):
        """Orders in another currency count at the rate of their day, those of a company with another currency too."""
        main = self.env.ref('base.main_company')
        foreign = self.env.ref('base.CHF') if main.currency_id != self.env.ref('base.CHF') else self.env.ref('base.EUR')
        foreign.active = True
        day = date.today() - relativedelta(days=40)
        self.env['res.currency.rate'].search([('currency_id', 'in', [foreign.id, main.currency_id.id])]).unlink()
        self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'name': day, 'rate': 2.0, 'company_id': False},
            {'currency_id': foreign.id, 'name': date.today(), 'rate': 8.0, 'company_id': False},
        ])
        customer = self._customer("Abroad")
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': foreign.id})
        self._order(customer, 100, day, pricelist_id=pricelist.id)
        self._refresh()
        self.assertEqual(customer.customer_revenue, 50)
        branch = self.env['res.company'].create({'name': "Foreign branch", 'currency_id': foreign.id})
        order = self._order(customer, 60, day)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s, currency_rate = 1 WHERE id = %s", [branch.id, order.id])
        self._refresh()
        customer.invalidate_recordset()
        self.assertEqual(customer.customer_revenue, 80, "60 in the branch's currency were 30 in the main one that day")

    def test_archived_customers_are_not_ranked(self):
        customers = self._ten()
        customers[0].action_archive()
        self._refresh()
        self.assertEqual(self._tiers(customers[1:]), 'HHMMMMMLL')
        self.assertFalse(customers[0].customer_tier_id)

    def test_dead_band(self):
        """On a boundary a customer stays until it passes it clearly, up as well as down."""
        customers = self._ten()
        self._refresh()
        self.scheme.dead_band = 15
        self._refresh()
        self._order(customers[2], 150)  # 950: third becomes second, 10 percent past its boundary
        self._refresh()
        self.assertEqual(self._tiers(customers[:3]), 'HHM')
        self._order(customers[2], 150)  # 1100: first, 20 percent past it
        self._refresh()
        self.assertEqual(self._tiers(customers[:3]), 'HHH', "the second stays in the band as well")

    def test_minimum_stay(self):
        self.scheme.minimum_stay_days = 90
        customers = self._ten()
        self._refresh()
        customers.write({'customer_managed_since': '2020-01-01', 'customer_tier_since': fields.Date.today()})
        customers[5].customer_tier_id = self.tier_mid
        self._order(customers[5], 5000)
        self._refresh()
        self.assertEqual(self._tiers(customers[5]), 'M')
        customers[5].customer_tier_since = date.today() - relativedelta(days=90)
        self._refresh()
        self.assertEqual(self._tiers(customers[5]), 'H')

    def test_first_tier_holds_nobody(self):
        """Who came without revenue and then orders much is not kept low for 90 days."""
        self.scheme.minimum_stay_days = 90
        customers = self._ten()
        self._refresh()
        self._order(customers[9], 9000)
        self.assertEqual(self._tiers(customers[9]), 'H')

    def test_changed_ranking_applies_at_once(self):
        """Who changes the ranking wants to see it: neither dead band nor minimum stay hold it up."""
        self.scheme.write({'minimum_stay_days': 90, 'dead_band': 15})
        customers = self._ten()
        self._refresh()
        lines = self.scheme.line_ids.sorted('sequence')
        self.scheme.write({'line_ids': [
            Command.update(lines[0].id, {'share': 40}), Command.update(lines[1].id, {'share': 30})]})
        self._refresh()
        self.assertEqual(self._tiers(customers), 'HHHHMMMLLL')
        change = customers[2].customer_tier_change_ids[0]
        self.assertEqual((change.cause, change.direction), ('rules', 'up'))

    def test_history(self):
        customers = self._ten()
        self._refresh()
        self.assertFalse(customers[4].customer_tier_change_ids - customers[4].customer_tier_change_ids.filtered(
            lambda change: change.cause in ('first', 'revenue')))
        before = customers[4].customer_tier_change_ids
        self._order(customers[4], 9000)
        self._refresh()
        change = customers[4].customer_tier_change_ids - before
        self.assertRecordValues(change, [{
            'date': fields.Date.context_today(customers), 'old_tier_id': self.tier_mid.id,
            'new_tier_id': self.tier_high.id, 'cause': 'revenue', 'direction': 'up', 'revenue': 9600, 'position': 0,
        }])

    def test_one_and_all_give_the_same(self):
        """*Recompute now* for one customer gives what the night gives for all."""
        customers = self._ten(1000, 900, 900, 700, 0, 500, 400, 300, 300, 100)
        self._refresh()
        stored = customers.read(['customer_revenue', 'customer_tier_id', 'customer_first_order', 'customer_last_order'])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET customer_tier_id = NULL, customer_first_order = NULL WHERE id = ANY(%s)",
            [customers.ids])
        for customer in customers:
            self.env.invalidate_all()
            customer.action_customer_recompute()
        self.assertEqual(customers.read(
            ['customer_revenue', 'customer_tier_id', 'customer_first_order', 'customer_last_order']), stored)
        self.assertEqual(self._refresh()['rows'], 0, "the night finds nothing to change")

    def test_place_of_some_among_all(self):
        """SEG-1: what some customers bought today places them among what is known of the others, however many they are."""
        customers = self._ten(1000, 900, 900, 700, 0, 500, 400, 300, 300, 100)
        self._refresh()
        stored = dict(zip(customers, customers.mapped('customer_revenue'), strict=True))
        bought = dict(stored)
        for customer, amount in ((customers[9], 800), (customers[4], 900), (customers[5], 5000)):
            self._order(customer, amount)
            bought[customer] += amount
        self.env.flush_all()
        self.env.cr.execute(  # as it was before
            "UPDATE res_partner p SET customer_revenue = v.revenue FROM unnest(%s, %s) AS v (id, revenue) WHERE v.id = p.id",
            (customers.ids, list(stored.values())))
        for some in (customers[9], customers[5], customers[4] + customers[9] + customers[7], customers):
            known = {customer: (bought if customer in some else stored)[customer] for customer in customers}
            found = self.env.execute_query(SQL(
                "SELECT id, position FROM (%s) v ORDER BY id", self.ranking._verdict_sql(self.scheme, some.ids, False)))
            self.assertEqual([(row[0], float(row[1])) for row in found], [
                (customer.id, 100.0 * sum(amount > known[customer] for amount in known.values()) / len(known))
                for customer in some.sorted('id')])

    def test_only_changed_rows_are_written(self):
        customers = self._ten()
        self._refresh()
        customers.flush_recordset()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01' WHERE id = ANY(%s)", [customers.ids])
        self.assertEqual(self._refresh()['rows'], 0)
        self._order(customers[9], 1)
        self.env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE id = ANY(%s) AND write_date > '2020-01-02'", [customers.ids])
        self.assertEqual(self.env.cr.fetchone()[0], 1)

    def test_tier_in_use_stays(self):
        customers = self._ten()
        self._refresh()
        with self.assertRaisesRegex(UserError, r"High value is in use \(customers: \d+, rankings: "):
            self.tier_high.unlink()
        self.assertTrue(customers)
        self.env['customer.tier'].create({'name': "Unused"}).unlink()

    def test_query_count(self):
        """The night costs the same number of queries for ten customers as for thirty."""
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self._refresh()
            return self.env.cr.sql_log_count - start
        self._ten()
        for __ in range(2):
            cost()  # the first one may remember rules, which empties the caches
        few = cost()
        for __ in range(2):
            self._ten()
        cost()
        self.assertEqual(cost(), few)
