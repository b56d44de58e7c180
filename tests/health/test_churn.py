"""HEA-4: buying rhythm, churn model and the risk that follows from them."""
import random
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import lifetimes.datasets

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.customer_success.engine import churn as engine
from odoo.addons.customer_success.engine import foretell

from ..common import CustomerCase

#: Three models of which the mean counts.
BLENDED = (
    ('bgnbd', 0.243, 4.414, 0.793, 2.426), ('mbgnbd', 0.525, 6.183, 0.891, 1.614), ('pareto', 0.553, 10.578, 0.606, 11.669))


class ChurnCase(CronMixinCase, CustomerCase):
    """The orders of the test are the only ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE sale_order SET state = 'cancel'")
        cls.env.cr.execute("UPDATE account_move SET state = 'cancel' WHERE move_type IN ('out_invoice', 'out_refund')")
        cls.env.cr.execute("DELETE FROM customer_churn_fit")
        cls.env.invalidate_all()
        cls.env['customer.ranking']._refresh_all()
        cls.churn = cls.env['customer.churn']
        cls.fits = cls.env['customer.churn.fit']

    @classmethod
    def _bulk_orders(cls, days_by_name):
        """Load confirmed orders in bulk.

        :param dict days_by_name: for each new customer the days on which it bought
        :return: the customers, in this order
        """
        names = list(days_by_name)
        cls.env.cr.execute(
            """WITH made AS (SELECT nextval('res_partner_id_seq') AS id, name, n FROM unnest(%s) WITH ORDINALITY AS v (name, n))
               INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, type, is_company, active,
                                        customer_enrolment, autopost_bills, user_id)
               SELECT id, id, name, name, 'contact', TRUE, TRUE, 'auto', 'ask', %s FROM made ORDER BY n RETURNING id""",
            [names, cls.anna.id])
        ids = [partner_id for partner_id, in cls.env.cr.fetchall()]
        rows = [(partner_id, day) for partner_id, name in zip(ids, names, strict=True) for day in days_by_name[name]]
        company = cls.env.company
        cls.env.cr.execute(
            """INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id,
                                       currency_rate, state, date_order, amount_untaxed, amount_tax, amount_total)
               SELECT 'B', partner_id, partner_id, partner_id, %s, %s, 1, 'sale', day + interval '9 hours', 100, 0, 100
                 FROM unnest(%s::int[], %s::date[]) AS v (partner_id, day)""",
            [company.id, company.currency_id.id, *(list(column) for column in zip(*rows, strict=True))])
        cls.env.invalidate_all()
        cls.env['customer.ranking']._refresh_all()
        return cls.env['res.partner'].browse(ids)

    def _days(self, first, *gaps):
        days = [fields.Date.to_date(first)]
        for gap in gaps:
            days.append(days[-1] + timedelta(days=gap))
        return days

    def _rhythm(self, partner):
        self.churn._refresh_rhythm(partner.ids)
        rhythm = self.env['customer.rhythm'].search([('partner_id', '=', partner.id)])
        return rhythm and (rhythm.purchases, str(rhythm.first_day), str(rhythm.last_day))

    def _risk(self, partners):
        rows = self.env.execute_query(SQL(
            "SELECT partner_id, percent, gap, level FROM (%s) AS r", self.churn._risk_sql(partners.ids)))
        return {partner_id: row for partner_id, *row in rows}

    def _set(self, **settings):
        for name, value in settings.items():
            self.env['ir.config_parameter'].set_param(
                f'customer_success.{name}', value if isinstance(value, str) else repr(value))

    def _fitted(self, day, model='mbgnbd', **vals):
        return self.fits.create({
            'date': day, 'model': model, 'state': 'ok', 'customers': 1000, 'repeat_customers': 400,
            'r': 0.6, 'alpha': 5.0, 'a': 0.9, 'b': 1.8, **vals})


class TestRhythm(ChurnCase):

    def test_hea_4_rhythm(self):
        """HEA-4: days with an order count, several on one day once, those of contacts too; not what is no purchase."""
        customer = self._customer("Rhythmic")
        buyer = self.env['res.partner'].create({'name': "Buyer", 'parent_id': customer.id})
        self.assertFalse(self._rhythm(customer))
        with self._on('2026-06-30'):
            self._order(customer, 100, '2026-01-05')
            self._order(buyer, 100, '2026-01-05')
            self._order(buyer, 100, '2026-02-04')
            self._order(customer, 100, '2026-07-05')
            self.env['sale.order'].create({'partner_id': customer.id, 'date_order': '2026-03-03 12:00:00'})
            self.assertEqual(self._rhythm(customer), (2, '2026-01-05', '2026-02-04'), "a draft and a day to come do not count")
        with self._on('2026-07-06'):
            self.assertEqual(self._rhythm(customer), (3, '2026-01-05', '2026-07-05'))
            self.env['sale.order'].search([('partner_id', '=', buyer.id)])._action_cancel()
            self.assertEqual(self._rhythm(customer), (2, '2026-01-05', '2026-07-05'))
            customer.action_customer_exclude()
            self.assertFalse(self._rhythm(customer), "who left has no rhythm")

    def test_hea_4_rhythm_list(self):
        """HEA-4: the list of rhythms says what is usual and how the customer stands; everybody sees the own customers."""
        mine, other = self._bulk_orders({'A': self._days('2026-01-01', 10, 30), 'B': self._days('2026-01-01')})
        other.user_id = self.otto
        with self._on('2026-04-25'):
            self.churn._refresh_rhythm()
            rhythm = self.env['customer.rhythm'].with_user(self.anna).search([('partner_id', 'in', (mine + other).ids)])
            self.assertEqual(rhythm.partner_id, mine)
            self.assertEqual((rhythm.purchases, rhythm.usual_days, rhythm.gap, rhythm.longest_days), (3, 20, 3.7, 30))
            other_rhythm = self.env['customer.rhythm'].search([('partner_id', '=', other.id)])
            self.assertEqual((other_rhythm.usual_days, other_rhythm.gap, other_rhythm.longest_days), (0, 0, 0))

    def test_hea_4_rhythm_with_its_basis(self):
        """HEA-4, T4: chance and expected orders come with a range, the day and size of what they rest on, in the list and in
        an export, where what is not known is empty."""
        steady, once = self._bulk_orders({'S': self._days('2026-01-01', 30, 30, 30), 'O': self._days('2026-03-01')})
        with self._on('2026-04-25'):
            self.churn._refresh_rhythm()
            fit = self._fitted('2026-04-20')
            rhythms = self.env['customer.rhythm'].search([('partner_id', 'in', (steady + once).ids)], order='purchases desc')
            expected = fit._model().expected_purchases(3, 90 / 7, 114 / 7, 90 / 7)
            least, most = fit._model().range_of_purchases(3, 90 / 7, 114 / 7, 90 / 7)
            self.assertLess(least, most)
            self.assertEqual(rhythms.mapped('expected_orders'), [f"{expected:.1f} ({least} to {most}) in 90 days", False])
            self.assertEqual(rhythms.mapped('foretold_from'), [
                "MBG/NBD of 04/20/2026, 1,000 customers", "One order: nothing can be told"])
            rows = rhythms.export_data(['partner_id', 'active_percent', 'usual_days', 'gap', 'purchases'])['datas']
            self.assertEqual(rows[1], ["O", '', '', '', 1])
            self.assertGreater(float(rows[0][1]), 0)
            rows = (steady + once).export_data(['name', 'customer_gap', 'child_ids/name', 'customer_active_percent'])['datas']
            self.assertEqual(rows[1], ["O", '', '', ''])
            self.assertEqual(rows[0][:2], ["S", 0.8])

    def test_hea_4_rhythm_is_the_rankings(self):
        """HEA-4: one definition of a purchase: by invoices where the ranking goes by invoices, and the same first and last
        day as on the customer."""
        customer = self._customer("Invoiced")
        scheme = self.env['customer.tier.scheme']._get_current()
        with self._on('2026-06-30'):
            self._order(customer, 100, '2026-01-05')
            for day, kind in (('2026-03-01', 'out_invoice'), ('2026-04-01', 'out_invoice'), ('2026-05-01', 'out_refund')):
                self.env['account.move'].create({
                    'move_type': kind, 'partner_id': customer.id, 'invoice_date': day,
                    'invoice_line_ids': [Command.create({'name': "Thing", 'quantity': 1, 'price_unit': 50, 'tax_ids': False})],
                }).action_post()
            for basis, expected in (
                ('orders', (3, '2026-01-05', '2026-04-01')), ('invoices', (2, '2026-03-01', '2026-04-01')),
            ):
                scheme.basis = basis
                self.env['customer.ranking']._rank(customer.ids)
                self.assertEqual(self._rhythm(customer), expected, "an invoice without an order is a purchase, a refund none")
                self.assertEqual(expected[1:], (str(customer.customer_first_order), str(customer.customer_last_order)))

    def test_hea_4_rhythm_of_all(self):
        """HEA-4: all customers in one go, the same as one by one; a second run writes nothing, the next only what changed;
        not a query more for many customers than for few."""
        few = self._bulk_orders({f'R{n}': self._days('2026-01-01', n + 1, 20, 30) for n in range(5)})
        with self._on('2026-06-30'):
            self.env['customer.purchase']._keep()
            for __ in range(2):
                self.churn._refresh_rhythm()
            with self.profile_queries() as queries_of_few:
                self.churn._refresh_rhythm()
            many = self._bulk_orders({f'M{n}': self._days('2026-01-01', n % 9 + 1, 20) for n in range(300)})
            self.assertEqual(self.churn._refresh_rhythm(), 300)
            with self.profile_queries() as queries_of_many:
                self.assertEqual(self.churn._refresh_rhythm(), 0)
            self.assertEqual(queries_of_few(), queries_of_many())
            before = self.env['customer.rhythm'].search_read(
                [('partner_id', 'in', (few + many).ids)], ['partner_id', 'purchases', 'first_day', 'last_day'])
            self.assertEqual(len(before), 305)
            self.assertEqual(self._rhythm(few[3]), (4, '2026-01-01', str(self._days('2026-01-01', 4, 20, 30)[-1])))
            self._order(many[0], 10, '2026-06-01')
            self.assertEqual(self.churn._refresh_rhythm(), 1)

    def profile_queries(self):
        """Count queries; answers a function that tells how many there were."""
        case = self

        class Counted:
            def __enter__(self):
                case.env.flush_all()
                self.start = case.cr.sql_log_count
                return lambda: self.end - self.start

            def __exit__(self, *error):
                self.end = case.cr.sql_log_count

        return Counted()


class TestRisk(ChurnCase):

    def test_hea_4_sql_is_the_engine(self):
        """HEA-4: percent and gap by SQL are those of the engine, for all models and all kinds of customers; nobody who
        bought once has a percent, by BG/NBD or not."""
        chance = random.Random(4)
        days = {}
        for number in range(150):
            gaps = [chance.randint(1, chance.choice([5, 40, 400])) for __ in range(chance.choice([0, 0, 1, 2, 5, 12, 60]))]
            days[f'S{number}'] = self._days(date(2020, 1, 1) + timedelta(days=chance.randint(0, 600)), *gaps)
        customers = self._bulk_orders(days)
        today = max(day for bought in days.values() for day in bought) + timedelta(days=3)
        with self._on(today):
            self.churn._refresh_rhythm()
            for model, r, alpha, a, b in (
                ('bgnbd', 0.243, 4.414, 0.793, 2.426), ('mbgnbd', 0.52, 6.2, 0.89, 1.61), ('mbgnbd', 60.0, 0.05, 0.001, 0.002),
                ('mbgnbd', 9.0, 1.0, 50.0, 0.01), ('pareto', 0.553, 10.578, 0.606, 11.669), ('pareto', 1.4, 1.36, 0.08, 78.3),
                ('pareto', 1.0, 100.0, 1.0, 0.1), ('pareto', 0.1, 100.0, 20.0, 0.1), ('pareto', 20.0, 0.1, 0.1, 100.0),
                ('blend', 0, 0, 0, 0),
            ):
                parts = [list(part) for part in BLENDED] if model == 'blend' else False
                fitted = self._fitted(today, model, r=r, alpha=alpha, a=a, b=b, parts=parts)._model()
                risks = self._risk(customers)
                for customer, bought in zip(customers, days.values(), strict=True):
                    percent, gap, __ = risks[customer.id]
                    x, t_x, T = len(bought) - 1, (bought[-1] - bought[0]).days / 7, (today - bought[0]).days / 7
                    if x:
                        self.assertAlmostEqual(percent, 100 * (1 - fitted.p_active(x, t_x, T)), 7)
                    else:
                        self.assertIsNone(percent)
                    if x >= 2:
                        self.assertAlmostEqual(gap, (T - t_x) / (t_x / x), 8)
                    else:
                        self.assertIsNone(gap)

    def test_hea_4_level(self):
        """HEA-4: the level follows from the model, else from the plain rule, else there is none."""
        customers = self._bulk_orders({
            'once': self._days('2026-01-01'), 'twice': self._days('2026-01-01', 30),
            'steady': self._days('2026-01-01', 30, 30, 30), 'late': self._days('2026-01-01', 10, 10, 10)})
        with self._on('2026-04-25'):
            self.churn._refresh_rhythm()
            levels = [row[2] for row in self._risk(customers).values()]
            self.assertEqual(levels, [None, None, 'low', 'high'], "no fit: the plain rule")
            self._fitted('2026-04-01')
            percents = [row[0] for row in self._risk(customers).values()]
            levels = [row[2] for row in self._risk(customers).values()]
            self.assertIsNone(percents[0])
            self.assertEqual(levels, [None, *(
                'high' if percent >= 60 else 'medium' if percent >= 30 else 'low' for percent in percents[1:])])
            self.assertEqual(levels[3], 'high')
        with self._on('2026-12-01'):
            self.assertEqual([row[0] for row in self._risk(customers).values()], [None] * 4, "a fit grows old")

    def test_hea_4_dead_band(self):
        """HEA-4: a level changes only when its border is passed by 5 points, or by 0.25 of the usual gap."""
        [customer] = self._bulk_orders({'late': self._days('2026-01-01', 100, 100)})
        self.churn._refresh_rhythm()
        last = fields.Date.to_date('2026-07-20')

        def level(days, before):
            self.env.cr.execute("UPDATE res_partner SET customer_risk_level = %s WHERE id = %s", [before, customer.id])
            with self._on(last + timedelta(days=days)):
                return self._risk(customer)[customer.id][2]

        for days, before, after in (
            (199, None, 'low'), (200, None, 'medium'), (300, None, 'high'),
            (224, 'low', 'low'), (225, 'low', 'medium'), (324, 'low', 'medium'), (325, 'low', 'high'),
            (176, 'medium', 'medium'), (174, 'medium', 'low'), (324, 'medium', 'medium'), (325, 'medium', 'high'),
            (276, 'high', 'high'), (274, 'high', 'medium'), (176, 'high', 'medium'), (174, 'high', 'low'),
        ):
            self.assertEqual(level(days, before), after, (days, before))
        self.env['ir.config_parameter'].set_param('customer_success.risk_margin_gap', '0.5')
        for days, before, after in (
            (249, 'low', 'low'), (251, 'low', 'medium'), (151, 'medium', 'medium'), (149, 'medium', 'low'),
        ):
            self.assertEqual(level(days, before), after, (days, before))
        # the same by the model: at 34 % and 36 %, at 26 % and 24 %
        self._fitted('2026-09-01', r=1.0, alpha=1000.0, a=1.0, b=1.0)
        for days in range(0, 180):
            with self._on(last + timedelta(days=days)):
                percent = self._risk(customer)[customer.id][0]
            for before in (None, 'low', 'medium', 'high'):
                medium = 30 + {None: 0, 'low': 5, 'medium': -5, 'high': -5}[before]
                if percent is not None and percent < 50:
                    self.assertEqual(level(days, before), 'medium' if percent >= medium else 'low', (percent, before))

    def test_hea_4_live_fields(self):
        """HEA-4: chance and gap on the customer are of this moment; customers can be sorted and searched by them; what is
        not known is neither small nor large; not a query more for many customers."""
        customers = self._bulk_orders({
            'once': self._days('2026-01-01'), 'steady': self._days('2026-01-01', 30, 30, 30),
            'late': self._days('2026-01-01', 10, 10, 10)})
        once, steady, late = customers
        mine = [('id', 'in', customers.ids)]
        partners = self.env['res.partner'].with_user(self.anna)
        with self._on('2026-04-25'):
            self.churn._refresh_rhythm()
            self._fitted('2026-04-01')
            self.assertEqual(steady.customer_gap, 24 / 30)
            self.assertAlmostEqual(late.customer_active_percent, 100 - self._risk(late)[late.id][0], 8)
            self.assertFalse(once.customer_active_percent)
            self.assertEqual(
                customers.mapped('customer_churn_text'),
                ["One order, 114 days ago", "24 days since the last order, usually 30",
                 "84 days since the last order, usually 10"])
            self.assertEqual(partners.search(mine, order='customer_gap desc nulls last'), late + steady + once)
            self.assertEqual(partners.search(mine, order='customer_active_percent'), late + steady + once)
            self.assertEqual(partners.search([*mine, ('customer_gap', '>', 3)]), late)
            self.assertEqual(partners.search([*mine, ('customer_active_percent', '<', 101)]), steady + late)
            self.assertEqual(partners.search([*mine, ('customer_active_percent', '=', False)]), once)
            self.assertEqual(partners.search([*mine, ('customer_active_percent', '!=', False)]), steady + late)
            for some in (late, customers):
                self.env.invalidate_all()
                with self.assertQueryCount(3):
                    some.mapped('customer_gap')
        with self._on('2026-04-26'):
            self._fitted('2026-04-26', r=50.0, alpha=0.001)
            self.assertEqual(f'{late.customer_active_percent:.9f}', '0.000000000')
            self.assertTrue(late.customer_active_percent, "no chance is not the same as not known")
            self.assertAlmostEqual(steady.customer_gap, 25 / 30, 2)
        with self.assertRaises(AccessError):
            self.env['res.partner'].with_user(self.nils).browse(steady.id).read(['customer_gap'])

    def test_hea_4_why(self):
        """HEA-4: the why screen says chance, orders expected, plain rule, and the fit's date, sample and accuracy; never a
        chance for who bought once; without a fit how many customers it needs."""
        once, steady, never = self._bulk_orders({
            'once': self._days('2026-01-01'), 'steady': self._days('2026-01-01', 30, 30, 30),
            'never': self._days('2026-09-01')}).with_user(self.anna)
        with self._on('2026-04-25'):
            self.churn._refresh_rhythm()
            self.assertEqual(never.get_customer_churn(), {})
            self.churn._fit()
            why = steady.get_customer_churn()
            self.assertEqual(
                (why['active'], why['expected'], why['fit'], why['usual'], why['days']), (False, False, False, 30, 24))
            self.assertAlmostEqual(why['gap'], 0.8)
            self.assertRegex(why['sentences'][-1], "Too few customers: 100 who .* needed, on 04/25/2026 there are 1")
            fit = self._fitted(
                '2026-04-20', test_date='2025-10-22', holdout_days=180, test_expected=50.2, test_actual=48, test_customers=200,
                test_bought=80, test_right_model=150, test_right_gap=130)
            why = steady.get_customer_churn()
            t_x, T = 90 / 7, 114 / 7
            self.assertAlmostEqual(why['active'], 100 * fit._model().p_active(3, t_x, T))
            self.assertAlmostEqual(why['expected'], fit._model().expected_purchases(3, t_x, T, 90 / 7))
            self.assertEqual(why['range'], list(fit._model().range_of_purchases(3, t_x, T, 90 / 7)))
            self.assertEqual(why['fit'], {'date': '2026-04-20', 'customers': 1000, 'repeat': 400, 'model': 'mbgnbd'})
            text = ' '.join(why['sentences'])
            self.assertRegex(text, "Bought on 4 days since 01/01/2026, usually every 30 days. The last order was 24 days ago")
            self.assertRegex(text, r"Chance to buy again: .* next 90 days: [\d.]+ orders, in 8 of 10 cases \d+ to \d+\.")
            self.assertRegex(text, "MBG/NBD, fitted on the orders of 1,000 customers until 04/20/2026, 400 of whom")
            self.assertRegex(text, "50 days with an order, there were 48. Of 200 .* 40 % bought .* 75 % of them, .* about 65 %")
            why = once.get_customer_churn()
            self.assertEqual((why['active'], why['expected'], why['gap'], why['usual']), (False, False, False, False))
            self.assertNotIn('Chance', ' '.join(why['sentences']))
        with self.assertRaises(AccessError):
            steady.with_user(self.nils).get_customer_churn()


class TestFit(ChurnCase):

    def test_hea_4_too_few(self):
        """HEA-4: with too few customers there are no parameters, and the message says how many are needed and there."""
        self._bulk_orders({f'F{n}': self._days('2026-01-01', 20) for n in range(12)} | {
            f'O{n}': self._days('2026-01-01') for n in range(30)})
        with self._on('2026-04-25'):
            fit = self.churn._fit()
            self.assertEqual((fit.state, fit.customers, fit.repeat_customers, fit.r), ('few', 42, 12, 0))
            self.assertRegex(fit.summary, "100 who bought on two days or more are needed, on 04/25/2026 there are 12")
            self.assertFalse(fit.is_current)
            self.assertFalse(self.fits._get_current())

    def test_hea_4_empty_first_fit(self):
        """HEA-4, T2: the empty fit of the day of the installation holds nobody up: when the orders are there, the model is
        fitted the night after, not a month later; while there are too few it is not."""
        self._set(churn_minimum_customers=10)
        with self._on('2026-04-25'):
            self.assertEqual(self.churn._fit().state, 'few')
        self._bulk_orders({f'F{n}': self._days('2026-01-01', 20) for n in range(9)})
        with self._on('2026-04-28'), self.capture_triggers('customer_success.ir_cron_churn') as captured:
            self.churn._refresh_rhythm()
        self.assertFalse(captured.records)
        self._bulk_orders({'last': self._days('2026-01-01', 20)})
        with self._on('2026-04-28'), self.capture_triggers('customer_success.ir_cron_churn') as captured:
            self.churn._refresh_rhythm()
            self.assertEqual(len(captured.records), 1)
            self._run_cron('churn')
            self.assertNotEqual(self.fits.search([], limit=1).state, 'few')
        with self._on('2026-04-29'), self.capture_triggers('customer_success.ir_cron_churn') as captured:
            self.churn._refresh_rhythm()
        self.assertFalse(captured.records, "not night after night")

    def test_hea_4_failed(self):
        """HEA-4: a fit that tells nothing fails with its reason; the last good one stays in use."""
        self._set(churn_minimum_customers=10)
        # everybody buys every four days until the last one
        self._bulk_orders({f'F{n}': self._days(date(2026, 4, 22) - timedelta(days=4 * n), *[4] * n) for n in range(3, 43)})
        with self._on('2026-04-25'):
            good = self._fitted('2026-03-01')
            fit = self.churn._fit()
            self.assertEqual((fit.state, fit.reason, fit.r), ('failed', 'nobody_left', 0))
            self.assertRegex(fit.summary, "could not be fitted on the orders of 40 customers until .* nobody has stopped buying")
            self.assertEqual(self.fits._get_current(), good)

    def test_hea_4_choice(self):
        """HEA-4, T2: the fit takes the model that foretold the held-out days best and says how well each did; asked for one
        model, that is taken; the mean of all is multiplied by what earlier days told."""
        self._set(churn_minimum_customers=10)
        chance, days = random.Random(8), {}
        for number in range(400):
            gap, bought = chance.gammavariate(2, 12), [date(2025, 1, 1) + timedelta(days=chance.randint(0, 300))]
            while chance.random() > 0.12 and bought[-1] < date(2026, 6, 30):
                bought.append(bought[-1] + timedelta(days=1 + int(chance.expovariate(1 / gap))))
            days[f'C{number}'] = [day for day in bought if day < date(2026, 6, 30)]
        self._bulk_orders(days)
        fit = self.churn._fit(day=date(2026, 6, 30), holdout_days=90)
        results = {name: foretell.BackTest(name, *figures, *[0] * 6, ()) for name, *figures in fit.compared}
        self.assertEqual(sorted(results), ['bgnbd', 'blend', 'mbgnbd', 'pareto'])
        self.assertEqual((fit.wanted, fit.model), ('auto', foretell.choose(results.values()).model))
        self.assertEqual(len(fit.comparison.splitlines()), 4)
        self.assertRegex(fit.comparison, r"BG/NBD: expected \d+ % of the orders that came, put who bought first in \d\d\.\d %")
        self.assertAlmostEqual(fit.test_order, results[fit.model].order, 3)
        blend = self.churn._fit('blend', date(2026, 6, 30), 90)
        self.assertEqual((blend.model, [part[0] for part in blend.parts]), ('blend', ['bgnbd', 'mbgnbd', 'pareto']))
        self.assertNotEqual(blend.factor, 1)
        self.assertEqual(blend._model().factor, blend.factor)
        single = self.churn._fit('pareto', date(2026, 6, 30), 90)
        self.assertEqual((single.model, single.comparison), ('pareto', ''))
        self.assertEqual(tuple(single._model().parts[0]), ('pareto', single.r, single.alpha, single.a, single.b))

    def test_hea_4_bad_logs(self):
        """HEA-4: ten weeks of orders, everybody on Mondays, one customer with 5,000 orders, orders of nothing: a result in
        words."""
        self._set(churn_minimum_customers=10)
        mondays = {f'M{n}': [date(2026, 1, 5) + timedelta(days=7 * week) for week in range(n % 5, 10)] for n in range(40)}
        self._bulk_orders(mondays)
        self.env.cr.execute("UPDATE sale_order SET amount_untaxed = 0, amount_total = 0 WHERE state = 'sale'")
        rule = self.env['customer.warning.rule'].create({'name': "Gone", 'signal': 'order_gap', 'threshold': 1.25})
        with self._on('2026-03-16'):
            fit = self.churn._fit()
            self.assertEqual((fit.state, fit.reason), ('failed', 'nobody_left'))
            self.assertRegex(fit.summary, "By these orders nobody has stopped buying")
            self.assertRegex(rule.judgement, "from 1.25 times the longest pause on. .* not known yet")
            self.churn._refresh_rhythm()
            self.assertFalse(self.env.execute_query(SQL("SELECT 1 FROM (%s) f WHERE met", rule._signal_sql())))
        # one who buys thirteen times a day does so on each day
        start = date(2025, 3, 16)
        [busy] = self._bulk_orders({'busy': [start + timedelta(days=n % 365) for n in range(5000)]})
        with self._on('2026-03-16'):
            self.assertEqual(self._rhythm(busy), (365, '2025-03-16', '2026-03-15'))
            self.assertIn(self.churn._fit().state, ('ok', 'failed'))
            self.assertTrue(self.fits.search([], limit=1).summary)

    def test_hea_4_sample(self):
        """HEA-4: archived customers are in the sample, as lost as they may be; our own companies and who was excluded are
        not; nor is anything after the day."""
        customers = self._bulk_orders({f'F{n}': self._days('2026-01-01', 21, 14, 70) for n in range(5)})
        customers[0].active = False
        customers[1].action_customer_exclude()
        self._order(self.company_2.partner_id, 10, '2026-01-01')
        self.assertEqual(self.churn._sample(date(2026, 2, 11)), {(2, 5.0, 41 / 7, 3.0, 0): 4})
        self.assertEqual(self.churn._sample(date(2026, 2, 11), date(2026, 5, 1)), {(2, 5.0, 41 / 7, 3.0, 1): 4})
        self.assertEqual(self.churn._sample(date(2026, 2, 11), date(2026, 3, 1)), {(2, 5.0, 41 / 7, 3.0, 0): 4})
        self.assertEqual(self.churn._sample(date(2026, 5, 1)), {(3, 15.0, 120 / 7, 10.0, 0): 4})

    def test_hea_4_cdnow_as_orders(self):
        """HEA-4: the purchases of the CDNOW sample, loaded as orders, give the published parameters; the back-test counts
        what happened in the 39 weeks after, and is better than a coin."""
        lines = Path(lifetimes.datasets.__file__).with_name('CDNOW_sample.txt').read_text().splitlines()
        days = {}
        for line in lines:
            __, customer, day, *__ = line.split()
            days.setdefault(customer, []).append(date(int(day[:4]), int(day[4:6]), int(day[6:])))
        self._bulk_orders(days)
        calibrated = date(1997, 9, 30)
        fit = self.churn._fit('bgnbd', calibrated)
        self.assertEqual((fit.state, fit.customers, fit.repeat_customers), ('ok', 2357, 946))
        self.assertEqual(
            [round(value, 3) for value in (fit.r, fit.alpha, fit.a, fit.b)], [0.243, 4.414, 0.793, 2.426])
        self.assertAlmostEqual(fit.log_likelihood, -9582.4, 1)
        fit = self.churn._fit('bgnbd', date(1998, 6, 30), 273)
        self.assertEqual(fit.test_date, calibrated)
        later = Counter({customer: len({day for day in bought if day > calibrated}) for customer, bought in days.items()})
        self.assertEqual(fit.test_actual, later.total())
        self.assertAlmostEqual(fit.test_expected, fit.test_actual, delta=0.15 * fit.test_actual)
        judged = [customer for customer, bought in days.items() if len({day for day in bought if day <= calibrated}) >= 3]
        self.assertEqual((fit.test_customers, fit.test_bought), (len(judged), sum(later[customer] > 0 for customer in judged)))
        self.assertGreater(fit.test_right_model, 0.6 * len(judged))
        self.assertRegex(fit.test_summary, "Fitted on the orders until 09/30/1997, it foretold the 273 days after")

    def test_hea_3_cdnow_warnings(self):
        """HEA-3, T2: the warnings that are really raised on the CDNOW log: of those who bought on two days or more until 30
        September 1997, 48 % did not buy in the 39 weeks after. The warnings are right more often than those from twice the
        usual gap on (.622 of the warned and .604 of those who left) and find more of them, and so by what the held-out days
        before choose; the stricter rule is right more often than a chance below one half by the model (.646)."""
        lines = Path(lifetimes.datasets.__file__).with_name('CDNOW_sample.txt').read_text().splitlines()
        bought, calibrated = {}, date(1997, 9, 30)
        for line in lines:
            __, customer, day, *__ = line.split()
            bought.setdefault(customer, set()).add(date(int(day[:4]), int(day[4:6]), int(day[6:])))
        customers = self._bulk_orders({name: sorted(days) for name, days in bought.items()})
        names = dict(zip(customers.ids, bought, strict=True))
        repeat = {name for name, days in bought.items() if sum(day <= calibrated for day in days) > 1}
        left = {name for name in repeat if max(bought[name]) <= calibrated}
        self.assertAlmostEqual(len(left) / len(repeat), 0.481, 3)
        rule, strict = (self.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': threshold, 'chance': chance, 'window_days': 1000})
            for threshold, chance in ((1.25, 50), (2, 30)))

        def judged(rule):
            rule.invalidate_recordset()
            rows = self.env.execute_query(SQL("SELECT partner_id FROM (%s) f WHERE met", rule._signal_sql()))
            warned = {names[partner_id] for partner_id, in rows}
            self.assertLessEqual(warned, repeat)
            return len(warned & left) / len(warned), len(warned & left) / len(left)

        with self._on(calibrated):
            self.churn._refresh_rhythm()
            self.assertIn("not known yet", rule.judgement)
            untried = judged(rule)
            fit = self.churn._fit(day=calibrated, holdout_days=91)
            self.assertEqual((fit.model, fit._judge(1.25, 50, 30)[:3]), ('pareto', ('ok', 'pause', 1.25)))
            self.assertEqual(judged(rule), untried)
            self.assertRegex(rule.judgement, (
                "from 1.25 times the longest pause on. Tried on the 91 days up to 09/30/1997, it warned of 396 of 810 "
                "customers: of 100 of them 75 did not buy again; by guessing it would be 66. It warned of 56 % of"))
            self.assertGreater(untried[0], 0.624)
            self.assertGreater(untried[1], 0.604)
            self.assertGreater(judged(strict)[0], 0.655)
            # the model, where it is better
            fit.trials = [['model', 0.5, 300, 290]]
            by_model = judged(rule)
            self.assertRegex(rule.judgement, "below 50 %, by the churn model")
            self.assertGreater(by_model[0], 0.646)
            self.assertGreater(2 * by_model[0] * by_model[1] / sum(by_model), 0.585)

    def test_hea_3_silent_below_guessing(self):
        """HEA-3, T2: where neither rule foretold clearly better than guessing, or too seldom, nobody is warned of, and the
        rule says so; a rule is never less strict than what was typed in."""
        [customer] = self._bulk_orders({'gone': self._days('2026-01-01', 10, 10)})
        rule = self.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': 2, 'window_days': 90})

        def warned():
            rule.invalidate_recordset()
            return bool(self.env.execute_query(SQL(
                "SELECT 1 FROM (%s) f WHERE met AND partner_id = %s", rule._signal_sql(), customer.id)))

        with self._on('2026-03-25'):
            self.churn._refresh_rhythm()
            self.assertTrue(warned())
            tried = {'holdout_days': 180, 'test_repeat': 1000, 'test_left': 500}
            fit = self._fitted('2026-03-20', **tried, trials=[
                ['pause', 1.25, 100, 90], ['pause', 2, 100, 52], ['model', .5, 90, 48]])
            self.assertEqual(fit._judge(2, 50, 30)[0], 'silent')
            self.assertFalse(warned())
            self.assertRegex(rule.judgement, "^Silent: .*180 days .* 30 of 100 cases.* 1,000 customers .* 50 of 100")
            fit = self._fitted('2026-03-21', **tried, trials=[['pause', 4, 300, 180], ['model', .5, 100, 60]])
            self.assertEqual(fit._judge(2, 50, 30)[:3], ('ok', 'pause', 4))
            self.assertTrue(warned(), "64 days are more than four times 10")
            self.assertRegex(rule.judgement, (
                "from 4 times .* warned of 300 of 1,000 customers: of 100 of them 60 did not.* be 50.* 36 % of"))
            rule.least_percent = 61
            self.assertFalse(warned())
            rule.least_percent = 30
            self._fitted('2026-03-22', **tried, trials=[['pause', 7, 300, 180]])
            self.assertFalse(warned(), "64 days are not seven times 10")
            fit = self._fitted('2026-03-23', **tried, trials=[['pause', 4, 10, 10]])
            self.assertEqual(fit._judge(2, 50, 30)[:3], ('untried', 'pause', 2))
            self.assertRegex(rule.judgement, "from 2 times the longest pause on. .* not known yet")

    def test_hea_3_when_it_holds(self):
        """HEA-3, T2: a rule holds from the day on which the limit was passed, for as many days as it looks back, by the pause
        and by the model, and is over with the next order."""
        [customer] = self._bulk_orders({'steady': self._days('2026-01-01', 20, 30, 10)})  # last on 2 March
        rule = self.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': 2, 'chance': 50, 'window_days': 30})

        def found(day):
            with self._on(day):
                self.churn._refresh_rhythm()
                [row] = self.env.execute_query(SQL(
                    "SELECT met, cleared, value FROM (%s) f WHERE partner_id = %s", rule._signal_sql(), customer.id))
                return row

        for day, met, cleared in (('2026-04-30', False, True), ('2026-05-01', True, False), ('2026-05-31', True, False),
                                  ('2026-06-01', False, False)):
            self.assertEqual(found(day), (met, cleared, round((date.fromisoformat(day) - date(2026, 3, 2)).days / 30, 2)), day)
        fit = self._fitted('2026-04-20', test_repeat=1000, test_left=500, trials=[['model', 0.5, 100, 90]], holdout_days=180)
        silent = date(2026, 3, 2)
        while fit._model().p_active(3, 60 / 7, (silent - date(2026, 1, 1)).days / 7) >= 0.5:
            silent += timedelta(days=1)
        first = max(silent, date(2026, 3, 2) + timedelta(days=31))
        for days, met, cleared in ((-1, False, True), (0, True, False), (30, True, False), (31, False, False)):
            self.assertEqual(found(first + timedelta(days=days))[:2], (met, cleared), days)
        self._order(customer, 10, first)
        self.assertEqual(found(first + timedelta(days=1))[:2], (False, True))

    def test_hea_3_counted_otherwise(self):
        """HEA-3, T3: when the ranking begins to count by invoices, who was never invoiced and who was long ago are not warned
        of; and the rules say that the measures of buying ask something else now."""
        [customer] = self._bulk_orders({'orders': self._days('2026-01-01', 30, 30, 30)})
        rule = self.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': 1.25, 'window_days': 200})
        scheme = self.env['customer.tier.scheme']._get_current()
        measures = self.env['customer.health.measure'].search([('source', 'in', ('rhythm', 'value_trend'))])
        self.assertTrue(measures)

        def warned(day):
            with self._on(day):
                self.churn._refresh_rhythm()
                return bool(self.env.execute_query(SQL(
                    "SELECT 1 FROM (%s) f WHERE met AND partner_id = %s", rule._signal_sql(), customer.id)))

        with self._on('2026-04-05'):
            for day in ('2026-01-02', '2026-01-12'):
                self.env['account.move'].create({
                    'move_type': 'out_invoice', 'partner_id': customer.id, 'invoice_date': day,
                    'invoice_line_ids': [Command.create({'name': "Thing", 'quantity': 1, 'price_unit': 50, 'tax_ids': False})],
                }).action_post()
        self.assertFalse(warned('2026-04-10'))
        self.assertEqual([measure._rules_values().get('asks') for measure in measures], [None] * len(measures))
        scheme.basis = 'invoices'
        self.assertFalse(warned('2026-04-11'), "by invoices it is silent since January, but that is no news")
        self.assertEqual(
            [measure._rules_values()['asks'] for measure in measures], [{'basis': 'invoices'}] * len(measures))
        self.assertFalse(warned('2026-04-12'))
        scheme.basis = 'orders'
        self.assertFalse(warned('2026-04-13'))
        self.assertTrue(warned('2026-05-20'), "50 days are more than 1.25 times 30")

    def test_hea_3_seasonal(self):
        """HEA-3, T2: who buys every week of the summer only is not warned of in winter, as it was as silent last year; in the
        next summer it is when it does not come. A pause of long ago is no excuse."""
        summers = [date(year, 6, 1) + timedelta(days=7 * week) for year in (2024, 2025) for week in range(13)]
        weekly = [date(2022, 1, 3), *(date(2023, 1, 2) + timedelta(days=7 * week) for week in range(139))]  # until 25 August 2025
        seasonal, steady = self._bulk_orders({'summer': summers, 'weekly': weekly})
        rule = self.env['customer.warning.rule'].create({
            'name': "Gone", 'signal': 'order_gap', 'threshold': 1.25, 'chance': 50, 'window_days': 400})

        def warned(day):
            with self._on(day):
                self.churn._refresh_rhythm()
                return self.env['res.partner'].browse([partner_id for partner_id, in self.env.execute_query(SQL(
                    "SELECT partner_id FROM (%s) f WHERE met AND partner_id = ANY(%s)", rule._signal_sql(),
                    (seasonal + steady).ids))])

        for trials in ([], [['model', 0.5, 100, 90]]):
            self._fitted('2025-11-20', test_repeat=1000, test_left=500, trials=trials, r=2.0, alpha=4.0, a=0.5, b=3.0)
            self.assertEqual(warned('2025-12-01'), steady)
            self.assertEqual(warned('2026-05-01'), steady)
            self._fitted('2026-07-20', test_repeat=1000, test_left=500, trials=trials, r=2.0, alpha=4.0, a=0.5, b=3.0)
            self.assertEqual(warned('2026-09-01'), seasonal + steady)

    def test_hea_4_once(self):
        """HEA-4, T2: who bought once and has been silent for three times what is usual before a second order is no stable
        customer; before twice as long nobody knows."""
        days = {f'again {n}': self._days('2026-01-01', 20 + n) for n in range(21)}  # half of them within 30 days
        days |= {'once': self._days('2026-01-01'), 'late': self._days('2026-03-01')}
        customers = self._bulk_orders(days)
        once, late = customers[-2:]
        with self._on('2026-04-01'):
            self.churn._refresh_rhythm()
            fit = self.churn._fit()
            self.assertEqual((fit.state, fit.second_days), ('few', 30))
            self.assertEqual([self._risk(one)[one.id][2] for one in (once, late)], ['high', None])
            text = ' '.join(once.with_user(self.anna).get_customer_churn()['sentences'])
            self.assertIn("did so within 30 days; since this order it has been 3.0 times as long", text)
            self.env['customer.health.refresh']._refresh(once.ids)
            self.assertEqual(once.customer_risk_level, 'high')
        with self._on('2026-05-01'):
            self.assertEqual(self._risk(late)[late.id][2], 'medium')
        for customer in customers[:2]:
            self.env['sale.order'].search([('partner_id', '=', customer.id)])._action_cancel()
        with self._on('2026-04-02'):
            self.assertEqual(self.churn._fit().second_days, 0, "of 19 customers nothing is usual")

    def test_hea_4_monthly(self):
        """HEA-4: the action fits once a day and leaves a line for managers; with other settings it fits again."""
        self._bulk_orders({f'F{n}': self._days('2026-01-01', 20) for n in range(12)})
        with self._on('2026-04-25'):
            for __ in range(2):
                self._run_cron('churn')
            self.assertEqual(self.fits.search([]).mapped('wanted'), ['auto'])
            [run] = self.env['customer.run'].search([('name', '=', 'churn')])
            self.assertEqual((run.done, run.failed), (1, 0))
            self.assertIn("Too few customers", run.note)
            # the empty fit of the day of the installation holds nobody up
            self._bulk_orders({'one more': self._days('2026-01-01', 20)})
            self._run_cron('churn')
            self.assertEqual(self.fits.search([], limit=1).repeat_customers, 13)
            self.fits.search([], limit=1).unlink()
            self._set(churn_model='bgnbd')
            self._run_cron('churn')
            self.assertEqual(self.fits.search([]).mapped('wanted'), ['bgnbd', 'auto'])
        with self._on('2026-05-25'):
            self._run_cron('churn')
            self.assertEqual(self.fits.search_count([]), 3)

    def test_hea_4_fit_now(self):
        """HEA-4: a manager has it fitted at once; nobody else, and nobody writes what came out."""
        action = self.fits.with_user(self.mara).action_fit_now()
        fit = self.fits.with_user(self.mara).browse(action['res_id'])
        self.assertEqual((fit.date, fit.state), (fields.Date.context_today(fit), 'few'))
        for user in (self.anna, self.lena):
            self.assertTrue(fit.with_user(user).summary)
            with self.assertRaises(AccessError):
                self.fits.with_user(user).action_fit_now()
        with self.assertRaises(AccessError):
            fit.state = 'ok'
        with self.assertRaises(AccessError):
            self.fits.with_user(self.nils).search([])

    def test_hea_4_settings(self):
        """HEA-4: settings are kept as entered and have to make sense; another model is fitted as soon as possible."""
        settings = self.env['res.config.settings'].create({})
        self.assertEqual((settings.customer_churn_model, settings.customer_risk_high_gap), ('auto', 3.0))
        settings.write({'customer_churn_model': 'bgnbd', 'customer_risk_high_gap': 2.5, 'customer_churn_horizon_days': 60})
        with self.capture_triggers('customer_success.ir_cron_churn') as captured:
            settings.execute()
        self.assertEqual(len(captured.records), 1)
        with self.capture_triggers('customer_success.ir_cron_churn') as captured:
            self.env['res.config.settings'].create({'customer_churn_horizon_days': 70}).execute()
        self.assertFalse(captured.records)
        after = self.env['res.config.settings'].create({})
        self.assertEqual(
            (after.customer_churn_model, after.customer_risk_high_gap, after.customer_churn_horizon_days), ('bgnbd', 2.5, 70))
        for values, message in (
            ({'customer_churn_minimum_customers': 5}, "fewer than 10"),
            ({'customer_churn_holdout_days': 5}, "14 to 730"),
            ({'customer_churn_horizon_days': 0}, "7 to 730"),
            ({'customer_risk_medium_percent': 70}, "between 10 and 90"),
            ({'customer_risk_medium_gap': 2.6}, "medium before it becomes high"),
            ({'customer_risk_margin_percent': 16}, "half of what lies between"),
            ({'customer_risk_margin_gap': -0.1}, "half of what lies between"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.env['res.config.settings'].create(values).execute()

    def test_hea_4_plain_python(self):
        """HEA-4: the model needs nothing but Python: no package is there, and it loads and fits."""
        path = Path(engine.__file__)
        code = f"import runpy; m = runpy.run_path({str(path)!r}); print(m['fit']([(1, 2.0, 9.0), (0, 0.0, 9.0)] * 9, 'mbgnbd'))"
        done = subprocess.run([sys.executable, '-I', '-S', '-c', code], capture_output=True, text=True, check=False)
        self.assertIn('Parameters', done.stdout, done.stderr)
