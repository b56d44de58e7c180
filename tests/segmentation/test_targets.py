from datetime import date, datetime, time, timedelta
from random import Random
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from ..common import CustomerCase

TODAY = date(2026, 6, 15)


class TestTargets(CustomerCase):
    """What tiers reach of what we want: held against loops over the records, on every border (SEG-8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(datetime.combine(TODAY, time(9)), tick=True)
        clock.start()
        cls.addClassCleanup(clock.stop)
        cls.env['res.partner'].search([('customer_managed', '=', True)]).write({'customer_enrolment': 'excluded'})
        cls.env['customer.tier.change'].search([]).unlink()
        cls.env['customer.target'].search([]).action_archive()
        cls.measurer, cls.targets = cls.env['customer.target.measurer'], cls.env['customer.target']
        cls.loss_reason = cls.env['customer.loss.reason'].search([('needs_note', '=', False)], limit=1)
        cls.env['ir.config_parameter'].sudo().set_param('customer_success.target_minimum', 2)

    def _target(self, measure, tier=None, **vals):
        return self.targets.create({
            'measure': measure, 'tier_id': tier.id if tier else False, 'target': 5, 'period_months': 3, **vals})

    def _in_tier(self, name, *tiers, **vals):
        """Return a customer that came into tiers on days."""
        customer = self._customer(name, **vals)
        self.env['customer.tier.change'].search([('partner_id', '=', customer.id)]).unlink()
        before = self.env['customer.tier']
        for day, tier in tiers:
            self.env['customer.tier.change'].create({
                'partner_id': customer.id, 'date': day, 'old_tier_id': before.id, 'new_tier_id': tier.id,
                'cause': 'revenue' if before else 'first', 'direction': 'same'})
            before = tier
        customer.sudo().write({'customer_first_order': tiers[0][0], 'customer_managed_since': tiers[0][0]})
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [before.id, customer.id])
        self.env.invalidate_all()
        return customer

    def _lose(self, customer, day, **vals):
        loss = self.env['customer.loss'].sudo().create({
            'partner_id': customer.id, 'date': day, 'reason_id': self.loss_reason.id})
        if vals:
            loss.write(vals)
        return loss

    def _lead(self, customer, day, won, hour=12, **vals):
        lead = self.env['crm.lead'].create({
            'name': "x", 'type': 'opportunity', 'user_id': self.anna.id, **vals,
            'partner_id': customer.id if customer else False})
        with freeze_time(datetime.combine(day, time(hour))):
            if won:
                lead.action_set_won()
            else:
                lead.action_set_lost()
        return lead

    def _measure(self, target):
        rows, failed = self.measurer._measure(target)
        self.env.invalidate_all()
        self.assertFalse(failed, target.mapped('problem'))
        return rows

    def _value(self, target, month=date(2026, 6, 1)):
        return target.value_ids.filtered(lambda value: value.month == month)

    # ------------------------------------------------------------
    # THE ORACLE: plain Python over records
    # ------------------------------------------------------------

    def _tier_on_evening(self, customer, day):
        """Return the tier of a customer at the end of a day."""
        changes = self.env['customer.tier.change'].search([('partner_id', '=', customer.id)], order='date, id')
        if not changes:
            return customer.customer_tier_id if customer.customer_managed_since <= day else self.env['customer.tier']
        until = [change for change in changes if change.date <= day]
        return until[-1].new_tier_id if until else changes[0].old_tier_id

    def _at_start(self, target, start):
        """Return the customers that a period begins with."""
        everybody = self.env['res.partner'].search([('customer_managed', '=', True)])
        if target.company_id:
            everybody = everybody.filtered(lambda one: one.customer_company_id == target.company_id)
        evening = start - timedelta(days=1)
        if target.tier_id:
            return everybody.filtered(lambda one: self._tier_on_evening(one, evening) == target.tier_id)
        return everybody.filtered(lambda one: one.customer_first_order and one.customer_first_order <= evening)

    def _churn(self, target, start, stop):
        at_start, lost = 0, 0
        for customer in self._at_start(target, start):
            losses = self.env['customer.loss'].search([('partner_id', '=', customer.id), ('state', '!=', 'withdrawn')])
            if any(loss.date < start and not (loss.won_back_on and loss.won_back_on < start) for loss in losses):
                continue
            at_start += 1
            lost += any(start <= loss.date <= stop and not (loss.won_back_on and loss.won_back_on <= stop) for loss in losses)
        return (100 * lost / at_start if at_start else None), at_start

    def _conversion(self, target, start, stop):
        members, decided = self._at_start(target, start), []
        for lead in self.env['crm.lead'].with_context(active_test=False).search([('type', '=', 'opportunity')]):
            if lead.won_status in ('won', 'lost') and start <= lead.date_closed.date() <= stop and (
                    not target.tier_id or lead.partner_id.commercial_partner_id in members):
                decided.append(lead.won_status == 'won')
        return (100 * sum(decided) / len(decided) if decided else None), len(decided)

    def _growth(self, target, start, stop, old_start):
        new, old, count = [], [], 0
        for customer in self._at_start(target, start):
            orders = self.env['sale.order'].search([('partner_id', '=', customer.id), ('state', '=', 'sale')])
            now = [order.amount_untaxed for order in orders if start <= order.date_order.date() <= stop]
            before = [order.amount_untaxed for order in orders if old_start <= order.date_order.date() < start]
            if now and before:
                count, new, old = count + 1, new + now, old + before
        return (100 * ((sum(new) / len(new)) / (sum(old) / len(old)) - 1) if count else None), count

    def _check(self, target, oracle):
        """Hold each month of a target against the oracle.

        :return: how many months are known
        """
        self._measure(target)
        self.assertEqual(len(target.value_ids), 13)
        for row in target.value_ids:
            value, n = oracle(target, row.start, row.stop)
            self.assertEqual(row.n, n, row.month)
            if row.state == 'known':
                self.assertAlmostEqual(row.value, value, 3, row.month)
            else:
                self.assertTrue(value is None or n < 2, row.month)
        return len(target.value_ids.filtered(lambda row: row.state == 'known'))

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_churn_borders(self):
        """SEG-8, K1: on the first and the last day, before, withdrawn, won back, risen meanwhile; on the day."""
        start = date(2026, 3, 16)  # three months up to June 15
        high, mid, old = self.tier_high, self.tier_mid, date(2025, 1, 1)
        evening = start - timedelta(days=1)
        names = ("stays", "first day", "last day", "the day before", "withdrawn", "back in it", "back today", "fell after")
        made = {name: self._in_tier(name, (old, high)) for name in names[:-1]}
        made["fell after"] = self._in_tier("fell after", (old, high), (start, mid))
        self._in_tier("rose on the day", (old, mid), (start, high))
        made["rose the evening before"] = self._in_tier("rose the evening before", (old, mid), (evening, high))
        self._lose(made["first day"], start)
        self._lose(made["last day"], TODAY)
        self._lose(made["the day before"], evening)
        self._lose(made["withdrawn"], date(2026, 4, 1), state='withdrawn')
        self._lose(made["back in it"], date(2026, 4, 1), state='won_back', won_back_on=date(2026, 6, 1))
        self._lose(made["back today"], date(2026, 4, 1), state='won_back', won_back_on=TODAY)
        self._lose(made["fell after"], date(2026, 5, 1))
        target = self._target('churn', high)
        self.assertEqual(target.comparison, 'to')
        self._check(target, self._churn)
        row = self._value(target)
        # at the start all but the one lost before and the one that rose on the day; lost: first day, last day, fell after
        self.assertEqual((row.start, row.stop, row.n, row.hits), (start, TODAY, 8, 3))
        self.assertEqual((row.value, target.state, target.actual_text), (37.5, 'missed', "37.5 %"))
        self.assertEqual(target.base, "n = 8 (customers)")
        action = target.action_open_behind()
        lost = self.env['customer.loss'].search(action['domain'])
        self.assertEqual(lost.partner_id, made["first day"] + made["last day"] + made["fell after"])
        behind = self.env['res.partner'].search([('customer_target_value_id', '=', row.id)])
        self.assertEqual(behind, self._at_start(target, start))
        self.assertIn(made["the day before"], behind)

    def test_churn_of_many(self):
        """SEG-8: two hundred changes and losses at random, every month as the loop says; of a tier, and of all."""
        random = Random(5)
        for number in range(40):
            days = sorted(date(2025, 1, 1) + timedelta(days=random.randrange(530)) for __ in range(random.randint(1, 3)))
            customer = self._in_tier(f"C{number}", *(
                (day, random.choice((self.tier_high, self.tier_mid, self.tier_low))) for day in sorted(set(days))))
            if random.random() < 0.5:
                day = date(2025, 6, 1) + timedelta(days=random.randrange(379))
                won = day + timedelta(days=random.randrange(1, 200))
                self._lose(customer, day, **random.choice((
                    {}, {'state': 'withdrawn'}, {'state': 'won_back', 'won_back_on': won} if won <= TODAY else {})))
        for target in (self._target('churn', self.tier_high), self._target('churn', self.tier_mid), self._target('churn')):
            self.assertGreater(self._check(target, self._churn), 8)

    def test_order_value_growth(self):
        """SEG-8, K1: the same customers in both periods, added up before they are divided."""
        old = date(2025, 1, 1)
        both, also, new, gone = (self._in_tier(name, (old, self.tier_high)) for name in ("Both", "Also", "New", "Gone"))
        for customer, amount, day in (
                (both, 100, date(2026, 3, 15)), (both, 300, date(2025, 12, 16)), (both, 260, date(2026, 3, 16)),
                (also, 50, date(2026, 1, 1)), (also, 70, date(2026, 6, 15)), (also, 90, date(2026, 5, 1)),
                (new, 9000, date(2026, 5, 1)), (gone, 8000, date(2026, 1, 1)), (both, 7777, date(2025, 12, 15))):
            self._order(customer, amount, day)
        for customer in both + also + new + gone:
            self._restore(customer, old)
        target = self._target('order_value_growth', self.tier_high, target=12)
        self._measure(target)
        row = self._value(target)
        value, n = self._growth(target, row.start, row.stop, date(2025, 12, 16))
        # 420 of 3 orders against 450 of 3
        self.assertEqual((row.n, row.hits, round(row.value, 2), n), (2, 3, -6.67, 2))
        self.assertAlmostEqual(row.value, value, 3)
        self.assertEqual(target.target_text, "≥ 12 %")

    def _restore(self, customer, day):
        """Let the history of tiers be what the test says, whatever its orders made of it."""
        changes = self.env['customer.tier.change'].search([('partner_id', '=', customer.id)], order='id')
        changes[1:].unlink()
        changes.write({'date': day, 'old_tier_id': False, 'new_tier_id': self.tier_high.id})

    def test_conversion(self):
        """SEG-8: won of decided, on the borders; of a tier its customers' at the start, of all those of prospects too."""
        customer = self._in_tier("M", (date(2025, 1, 1), self.tier_mid))
        other = self._in_tier("H", (date(2025, 1, 1), self.tier_high))
        person = self.env['res.partner'].create({'name': "P", 'parent_id': customer.id})
        for whose, day, won in (
                (customer, date(2026, 3, 16), True), (person, TODAY, True), (customer, date(2026, 4, 1), False),
                (customer, date(2026, 3, 15), False), (customer, date(2026, 1, 1), True), (customer, date(2025, 12, 16), False),
                (customer, date(2025, 12, 15), False), (other, date(2026, 4, 1), False), (None, date(2026, 4, 1), False)):
            self._lead(whose, day, won)
        self.env['crm.lead'].create({'name': "Open", 'type': 'opportunity', 'partner_id': customer.id})
        target, everybody = self._target('conversion', self.tier_mid), self._target('conversion')
        self._check(target, self._conversion)
        self._check(everybody, self._conversion)
        row = self._value(target)
        self.assertEqual((row.n, row.hits, round(row.value, 2), round(row.previous, 2)), (3, 2, 66.67, 33.33))
        self.assertEqual((target.trend, target.trend_text), ('better', "▲ 33.3 %"))
        self.assertEqual(self._value(everybody).n, 5)
        growth = self._target('conversion_growth', self.tier_mid, target=15)
        self._measure(growth)
        self.assertEqual((self._value(growth).value, self._value(growth).n), (100, 3))
        domain = target.action_open_behind()['domain']
        self.assertEqual(len(self.env['crm.lead'].with_context(active_test=False).search(domain)), 3)

    def test_conversion_zone(self):
        """SEG-8: an opportunity is decided on the day that it is where its company is."""
        customer = self._in_tier("M", (date(2025, 1, 1), self.tier_mid))
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        self._lead(customer, date(2026, 3, 15), True, hour=15)  # 23:00 there
        self._lead(customer, date(2026, 3, 15), True, hour=17)  # 01:00 of the 16th
        self._lead(customer, date(2026, 4, 15), False)
        target = self._target('conversion', self.tier_mid)
        self._measure(target)
        self.assertEqual((self._value(target).n, self._value(target).value), (2, 50))

    def test_satisfaction(self):
        """SEG-8, SRV-5: the mean of all answers, whoever gave them; NPS beside it."""
        customer, other = (self._in_tier(name, (date(2025, 1, 1), self.tier_high)) for name in "AB")
        for whose, score, day in ((customer, 5, TODAY), (customer, 4, date(2026, 3, 16)), (other, 1, date(2026, 5, 1)),
                                  (other, 5, date(2026, 3, 15))):
            with freeze_time(datetime.combine(day, time(12))):
                self.env['customer.feedback'].create({'partner_id': whose.id, 'kind': 'csat', 'score': score})
        target = self._target('satisfaction', self.tier_high, target=4.5)
        self._measure(target)
        row = self._value(target)
        self.assertEqual((row.n, round(row.value, 4)), (3, 3.3333))
        self.assertEqual(target.base, "n = 3 (answers)")
        for whose, score in ((customer, 9), (customer, 10), (other, 6), (other, 7)):
            self.env['customer.feedback'].create({'partner_id': whose.id, 'kind': 'nps', 'score': score})
        total, mine = self._target('promoters', target=20), self._target('promoters', company_id=self.company_2.id)
        self._measure(total + mine)
        self.assertEqual((self._value(total).value, self._value(total).n, self._value(mine).n), (25, 4, 0))

    def test_fact(self):
        """SEG-8: a fact of the catalogue as it is: the mean of the customers of whom it is known."""
        first, second = (self._in_tier(name, (date(2025, 1, 1), self.tier_high)) for name in "AB")
        for customer, count in ((first, 3), (second, 1)):
            for number in range(count):
                self._order(customer, 10, date(2026, 4, 1 + number))
            self._restore(customer, date(2025, 1, 1))
        target = self._target('fact_new_orders', self.tier_high)
        self._measure(target)
        self.assertEqual((self._value(target).n, self._value(target).value), (2, 2))

    # ------------------------------------------------------------
    # WHAT IS SHOWN
    # ------------------------------------------------------------

    def test_too_few(self):
        """SEG-8: below the minimum there is no number; of nobody nothing is known."""
        customers = [self._in_tier(f"C{number}", (date(2025, 1, 1), self.tier_high)) for number in range(3)]
        self._lose(customers[0], date(2026, 5, 1))
        self.env['ir.config_parameter'].sudo().set_param('customer_success.target_minimum', 4)
        target = self._target('churn', self.tier_high)
        self.assertEqual((target.state, target.explanation), ('unknown', "Measured tonight for the first time."))
        with self.assertRaisesRegex(UserError, "not measured yet"):
            target.action_open_behind()
        self._measure(target)
        self.assertEqual((target.state, target.actual_text, target.base), ('few', False, "n = 3 (customers)"))
        self.assertEqual(self._value(target).value, 0)
        nobody = self._target('churn', self.tier_low)
        self._measure(nobody)
        self.assertEqual((nobody.state, nobody.base), ('unknown', "n = 0 (customers)"))
        self.assertIn("not known so far back", nobody.explanation)
        self.env['ir.config_parameter'].sudo().set_param('customer_success.target_minimum', 3)
        self._measure(target)
        self.assertEqual((target.state, target.actual_text), ('missed', "33.3 %"))

    def test_months_are_kept(self):
        """SEG-8: a month that is over is measured once more and stays; the one that runs goes on; a second night is idle."""
        customers = [self._in_tier(f"C{number}", (date(2025, 1, 1), self.tier_high)) for number in range(4)]
        target = self._target('churn', self.tier_high, period_months=1)
        self.assertEqual(self._measure(target), 13)
        self.assertEqual(self._measure(target), 0)
        self.assertEqual(len(target.value_ids.filtered('frozen')), 12)
        loss = self._lose(customers[0], date(2026, 6, 10))
        self._lose(customers[1], date(2026, 5, 10))
        self._measure(target)
        self.assertEqual(self._value(target).value, 33.3333, "who was lost in May is no customer in June any more")
        self.assertEqual(self._value(target, date(2026, 5, 1)).value, 0, "May is over")
        with freeze_time(datetime(2026, 7, 1, 9)):
            self._measure(target)
            self.assertTrue(self._value(target).frozen)
            self.assertEqual((self._value(target).start, self._value(target).stop), (date(2026, 6, 1), date(2026, 6, 30)))
            self.assertEqual(self._value(target, date(2026, 7, 1)).stop, date(2026, 7, 1))
            loss.sudo().write({'state': 'withdrawn'})
            self._measure(target)
            self.assertEqual(round(self._value(target).value, 2), 33.33)
        target.period_months = 2
        self.assertFalse(target.value_ids, "it was measured of something else")

    def test_reached(self):
        """SEG-8, K1: the target itself is reached, a hair beside it is not."""
        customers = [self._in_tier(f"C{number}", (date(2025, 1, 1), self.tier_high)) for number in range(20)]
        self._lose(customers[0], TODAY)
        target = self._target('churn', self.tier_high)
        self._measure(target)
        self.assertEqual((target.actual_text, target.target_text, target.state), ("5 %", "≤ 5 %", 'met'))
        target.target = 4.99
        self.assertEqual((target.state, target.actual_text), ('missed', "just over 5 %"))
        self.assertTrue(target.value_ids, "what was measured is the same")
        self.assertEqual((target.trend, target.trend_text), ('worse', "▲ 5 %"))

    def test_two_companies(self):
        """SEG-8, PLT-2: of a company its customers; who works elsewhere does not see its targets, but totals of all."""
        here = [self._in_tier(f"C{number}", (date(2025, 1, 1), self.tier_high)) for number in range(2)]
        there = [self._in_tier(f"Z{number}", (date(2025, 1, 1), self.tier_high), user_id=self.zoe.id) for number in range(3)]
        self._lose(here[0], TODAY)
        mine = self._target('churn', self.tier_high, company_id=self.env.company.id)
        other = self._target('churn', self.tier_high, company_id=self.company_2.id)
        total = self._target('churn', self.tier_high)
        for target in (mine, other, total):
            self._check(target, self._churn)
        self.assertEqual([self._value(target).n for target in (mine, other, total)], [2, 3, 5])
        self.assertEqual(self.targets.with_user(self.zoe).search([]), other + total)
        self.assertEqual(total.with_user(self.zoe).value_ids.mapped('n')[0], 5)
        with self.assertRaises(AccessError):
            mine.with_user(self.zoe).action_open_behind()
        behind = total.with_user(self.zoe).action_open_behind()
        self.assertFalse(self.env['customer.loss'].with_user(self.zoe).search(behind['domain']))
        self.assertEqual(len(there), 3)

    def test_rights(self):
        """SEG-8, PLT-2: everybody with a role reads totals, managers set targets, nobody writes what was measured."""
        self._in_tier("C", (date(2025, 1, 1), self.tier_high))
        target = self._target('churn', self.tier_high)
        self._measure(target)
        self.assertEqual(target.with_user(self.anna).base, "n = 1 (customers)")
        with self.assertRaises(AccessError):
            target.with_user(self.lena).write({'target': 7})
        with self.assertRaises(AccessError):
            target.with_user(self.anna).action_measure()
        with self.assertRaises(AccessError):
            target.value_ids.with_user(self.mara).write({'value': 1})
        self.assertEqual(target.with_user(self.mara).action_measure()['params']['type'], 'info')
        with self.assertRaises(AccessError):
            self.targets.with_user(self.nils).search([])

    def test_bad_targets(self):
        """SEG-8, bad input: targets that nothing could reach, or that are there already."""
        with self.assertRaisesRegex(ValidationError, "0 to 100 %"), self.env.cr.savepoint():
            self._target('churn', target=120)
        with self._refused("1 to 36 months"):
            self._target('churn', period_months=0)
        self._target('churn')
        with self._refused("already a target"):
            self._target('churn')
        with self.assertRaisesRegex(UserError, "not there any more"):
            self._target('no_such_measure')

    def test_broken(self):
        """SEG-8, bad input: a measure that fails is set aside with its problem; the others go on and what was kept stays."""
        self._in_tier("C", (date(2025, 1, 1), self.tier_high))
        target, other = self._target('conversion'), self._target('churn')
        self._measure(target + other)
        with patch.object(type(self.measurer), '_conversion_sql', side_effect=ValueError("no such thing")):
            self.assertEqual(self.measurer._measure(target + other)[1], 1)
        self.assertEqual((target.problem, other.problem), ("no such thing", False))
        self.assertIn("no such thing", target.explanation)
        self.assertEqual(len(target.value_ids), 13)

    def test_on_the_form(self):
        """SEG-8: a customer shows the targets of its tier."""
        customer = self._in_tier("C", (date(2025, 1, 1), self.tier_high))
        target, __ = self._target('churn', self.tier_high), self._target('churn')
        self.assertEqual(customer.with_user(self.anna).customer_target_ids, target)
        self.assertEqual(self.env['res.partner'].search([('customer_target_value_id', '=', 0)]), self.env['res.partner'])

    def test_the_night(self):
        """SEG-8, PLT-3: the scheduled action says what it did."""
        target = self._target('churn')
        self._run_cron('target')
        self.assertEqual(len(target.value_ids), 13)
        run = self.env['customer.run'].search([('name', '=', 'target')], limit=1)
        self.assertRegex(run.note, "months written: 13")
        self.assertEqual(fields.Date.today(), TODAY)
