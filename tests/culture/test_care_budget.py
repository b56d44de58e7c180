"""CUL-6: care budgets, care spending and the gift register."""
from contextlib import contextmanager
from datetime import date

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase


class CareCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gift, cls.meeting, cls.training, cls.report, cls.event_kind = (
            cls.env.ref(f'customer_success.customer_care_kind_{name}')
            for name in ('gift', 'meeting', 'training', 'report', 'event'))
        cls.gift_channel, cls.event_channel = (
            cls.env.ref(f'customer_success.customer_channel_{name}') for name in ('gift', 'event'))
        cls.customer = cls._customer("Budgeted")
        cls.person, cls.other_person = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': f'{name.lower()}@budgeted.example.com'}
            for name in ("Ann", "Bob")])
        cls._tier(cls.customer, cls.tier_mid)
        # whoever is looked after by somebody of another team
        cls.foreign = cls._customer("Foreign", user_id=cls.otto.id)
        cls._tier(cls.foreign, cls.tier_mid)
        cls.env.company.currency_id.rounding = 0.01

    @classmethod
    def _tier(cls, customer, tier):
        customer.customer_tier_id = tier

    def _settings(self, **values):
        for name, value in values.items():
            self.env['ir.config_parameter'].set_param(f'customer_success.{name}', repr(value))

    @classmethod
    def _vals(cls, amount, kind=None, **vals):
        return {
            'name': "Something", 'partner_id': cls.customer.id, 'kind_id': (kind or cls.gift).id, 'amount': amount, **vals}

    def _spend(self, amount, kind=None, user=None, **vals):
        """Return spending on the customer by Anna: gifts to Ann unless said otherwise."""
        return self.env['customer.care.expense'].with_user(user or self.anna).create(
            self._vals(amount, kind, **{'contact_id': self.person.id, **vals}))

    @contextmanager
    def _denied(self, message, error=ValidationError):
        """Expect that something is refused with a message, and that nothing of it stays."""
        with self.assertRaisesRegex(error, message), self.env.cr.savepoint():
            yield
            self.env.flush_all()
        self.env.invalidate_all()

    def _status(self, user=None, **context):
        self.env.invalidate_all()  # the rows of a view are those of the moment
        rows = self.env['customer.care.budget.status'].with_user(user or self.anna).with_context(**context).search(
            [('partner_id', '=', self.customer.id)])
        return {(row.kind_id.name, row.year): (row.budget, row.spent, row.left, row.state) for row in rows}


class TestCareBudget(CareCase):

    # ------------------------------------------------------------
    # WHICH BUDGET
    # ------------------------------------------------------------

    def test_cul_6_shipped_budgets(self):
        """CUL-6: high 15,000 / 8,000 / 5,000; the others 3,000 / 2,000 / 1,000, each a record."""
        amounts = self.env['customer.care.ledger']._rule_amounts()
        company = self.env.ref('base.main_company').id
        for tier, expected in (
            (self.tier_high, {self.meeting: 15000, self.training: 8000, self.gift: 5000}),
            (self.tier_mid, {self.gift: 3000, self.report: 2000, self.event_kind: 1000}),
            (self.tier_low, {self.gift: 3000, self.report: 2000, self.event_kind: 1000}),
        ):
            found = {self.env['customer.care.kind'].browse(kind): amount
                     for (payer, kind, tier_id), amount in amounts.items() if (payer, tier_id) == (company, tier.id)}
            self.assertEqual(found, expected, tier.name)
        rule = self.env.ref('customer_success.customer_care_budget_rule_high_gift')
        rule.with_user(self.mara).amount = 5500
        self.assertEqual(
            self.env['customer.care.ledger']._rule_amounts()[company, self.gift.id, self.tier_high.id], 5500)

    def test_cul_6_which_rule_holds(self):
        """CUL-6: a company's rule comes before a shared one, a tier's before that of all others."""
        company = self.env.company
        rules, amounts = self.env['customer.care.budget.rule'], self.env['customer.care.ledger']._rule_amounts
        tier = self.env['customer.tier'].create({'name': "New tier"})
        self.assertEqual(amounts()[company.id, self.gift.id, tier.id], 3000, "a new tier is one of all others")
        self.assertEqual(amounts()[company.id, self.gift.id, 0], 3000, "no tier yet")
        self.assertNotIn((company.id, self.report.id, self.tier_high.id), amounts())
        rules.create({'kind_id': self.gift.id, 'tier_ids': self.tier_mid.ids, 'amount': 10, 'company_id': company.id})
        self.assertEqual(amounts()[company.id, self.gift.id, self.tier_mid.id], 10)
        self.assertEqual(amounts()[company.id, self.gift.id, self.tier_low.id], 3000)
        self.assertEqual(amounts()[self.company_2.id, self.gift.id, self.tier_mid.id], 3000)

    def test_cul_6_rules_do_not_overlap(self):
        """CUL-6: two budgets for one kind and tier are refused, and negative ones."""
        rules = self.env['customer.care.budget.rule']
        with self._denied("already a budget for Gifts and High"):
            rules.create({'kind_id': self.gift.id, 'tier_ids': (self.tier_high + self.tier_low).ids, 'amount': 1})
        with self._denied("all other tiers"):
            rules.create({'kind_id': self.gift.id, 'amount': 1})
        with self._refused("can't be negative"):
            rules.create({'kind_id': self.training.id, 'amount': -1})

    def test_cul_6_other_currency(self):
        """CUL-6: a shared budget is converted into the currency of a company, at the rate of 1 January."""
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'JPY')])
        currency.active = True
        self.company_2.currency_id = currency
        new_year = fields.Date.today().replace(month=1, day=1)
        currency.rate_ids.unlink()
        self.env['res.currency.rate'].create([
            {'name': day, 'rate': rate, 'currency_id': currency.id, 'company_id': self.company_2.id}
            for day, rate in ((new_year, 150), (fields.Date.add(new_year, days=1), 300))])
        self.env.ref('base.main_company').currency_id.rate_ids.unlink()
        amounts = self.env['customer.care.ledger']._rule_amounts()
        self.assertEqual(amounts[self.company_2.id, self.gift.id, self.tier_mid.id], 450000)

    def test_cul_6_own_budget(self):
        """CUL-6: a customer's own budget for a year and kind comes before the rule, is unique and has a reason."""
        self._spend(400)
        self.assertEqual(self._status()["Gifts", str(date.today().year)], (3000, 400, 2600, 'ok'))
        budget = self.env['customer.care.budget'].with_user(self.lena).create({
            'partner_id': self.person.id, 'kind_id': self.gift.id, 'amount': 450, 'reason': "Small customer"})
        self.assertEqual(budget.partner_id, self.customer, "the budget is one of the whole customer")
        self.assertEqual(self._status()["Gifts", budget.year], (450, 400, 50, 'near'))
        with self._refused("already has a budget of its own"):
            budget.copy()
        with self._denied("not a year"):
            budget.year = "26"
        with self.assertRaises(AccessError):
            budget.with_user(self.anna).amount = 1000

    # ------------------------------------------------------------
    # GOING OVER
    # ------------------------------------------------------------

    def test_cul_6_over_budget_needs_a_reason(self):
        """CUL-6: going over needs a reason, on whatever way it comes; the customer's colleagues' spending counts."""
        self._settings(care_gift_limit=0, care_gift_year_limit=0)
        self._spend(2900)
        self.assertFalse(self._spend(100).over_budget, "exactly the budget is within")
        with self._denied(r"3,001\.00 of a budget of .*3,000\.00. Please say why"):
            self._spend(1)
        with self._denied("Please say why"):
            self._spend(1, reason="   ")
        with self._denied("Please say why"):
            self._spend(1, user=self.mara)
        over = self._spend(1, reason="Wedding of the owner")
        self.assertTrue(over.over_budget)
        with self._denied("Please say why"):
            over.reason = False
        self.assertEqual(self._status()["Gifts", over.year][3], 'over')

    def test_cul_6_changing_later(self):
        """CUL-6: also when amount, customer, kind or date change later; lowering an amount is never refused."""
        self._settings(care_gift_limit=0, care_gift_year_limit=0)
        this_year, last_year = date.today(), date(date.today().year - 1, 12, 30)
        first, old, elsewhere, training = (
            self._spend(2500), self._spend(600, date=last_year), self._spend(600, partner_id=self.foreign.id,
                                                                            contact_id=False, user=self.otto),
            self._spend(600, self.report))
        for record, vals in (
            (first, {'amount': 3001}), (old, {'date': this_year}), (training, {'kind_id': self.gift.id}),
            (elsewhere.with_user(self.mara), {'partner_id': self.customer.id, 'contact_id': False}),
        ):
            with self._denied("Please say why"):
                record.write(vals)
        over = self._spend(900, reason="Jubilee")
        first.amount = 2400
        self.assertFalse(first.over_budget)
        self.assertTrue(over.over_budget)
        first.amount = 2000
        first.flush_recordset()
        over.amount = 890
        self.assertFalse(over.over_budget, "within the budget again")

    def test_cul_6_two_in_a_batch(self):
        """CUL-6: two bookings of one import that go over together: the one that does needs the reason."""
        self._settings(care_gift_limit=0, care_gift_year_limit=0)
        expenses = self.env['customer.care.expense'].with_user(self.anna)
        with self._denied("Please say why"):
            expenses.create([self._vals(1600), self._vals(1600)])
        first, second = expenses.create([self._vals(1600), self._vals(1600, reason="Both jubilees")])
        self.assertEqual((first.over_budget, second.over_budget), (False, True))
        result = expenses.load(
            ['name', 'partner_id/.id', 'kind_id/.id', 'amount'],
            [["x", str(self.customer.id), str(self.gift.id), "5"]])
        self.assertIn("Please say why", result['messages'][0]['message'])

    def test_cul_6_the_leader_is_told_once(self):
        """CUL-6: the team leader gets an activity when a budget is first gone over, and none for each further booking."""
        self._settings(care_gift_limit=0, care_gift_year_limit=0)

        def told():
            return self.env['mail.activity'].search([
                ('user_id', '=', self.lena.id), ('res_model', '=', 'customer.care.expense')])
        self._spend(3000)
        self.assertFalse(told())
        over = self._spend(200, reason="Jubilee")
        self.assertEqual(told().res_id, over.id)
        self.assertIn("3,200.00", told().summary)
        self._spend(100, reason="Again")
        self.assertEqual(len(told()), 1)
        over.with_user(self.lena).read(['name'])

    def test_cul_6_no_budget_and_nothing(self):
        """CUL-6: without a budget nothing is limited; a budget of 0 says that nothing may be spent."""
        expense = self._spend(90000, self.meeting)
        self.assertFalse(expense.over_budget)
        self.assertEqual(self._status()["Strategic meeting", expense.year][3], 'none')
        self.assertIn("no budget is set", expense.budget_text)
        self.env['customer.care.budget.rule'].create({'kind_id': self.meeting.id, 'amount': 0})
        with self._denied("Please say why"):
            self._spend(1, self.meeting)

    @users('anna')
    def test_cul_6_said_while_typing(self):
        """CUL-6: the form says what is left and that an amount would go over, before it is saved."""
        form = Form(self.env['customer.care.expense'])
        form.name = "Wine"
        form.partner_id = self.customer.with_env(self.env)
        form.kind_id = self.gift.with_env(self.env)
        form.amount = 400
        self.assertIn("2,600.00 of", form.budget_text)
        self.assertEqual(form.budget_level, 'ok')
        form.amount = 2500
        self.assertEqual(form.budget_level, 'near')
        self.assertIn("above the limit of", form.limit_text)
        form.amount = 3200
        self.assertEqual(form.budget_level, 'over')
        self.assertIn("200.00 over the budget", form.budget_text)
        form.amount = 400
        expense = form.save()
        self.assertEqual(expense.contact_id, self.customer, "a gift to nobody in particular is one to the customer")
        self.assertIn("2,600.00 of", expense.budget_text, "its own amount is not counted twice")

    # ------------------------------------------------------------
    # THE GIFT REGISTER
    # ------------------------------------------------------------

    def test_cul_6_gift_limits(self):
        """CUL-6: a gift above a limit is refused for a user and says what to do; a manager records it with a reason."""
        with self._denied(r"501\.00 is above the limit of .*500\.00 for one gift.*ask a manager"):
            self._spend(501)
        for __ in range(3):
            self._spend(500)
        with self._denied(r"Ann already got .*1,500\.00.*limit of .*1,500\.00 for a person and year"):
            self._spend(1)
        self._spend(1, contact_id=self.other_person.id)
        self._spend(1, date=date(date.today().year - 1, 12, 30))
        with self._denied("Please say why"):
            self._spend(501, user=self.mara, contact_id=self.other_person.id)
        gift = self._spend(501, user=self.mara, contact_id=self.other_person.id, reason="Decided by the board")
        self.assertRecordValues(gift, [{'over_limit': True, 'approved_by_id': self.mara.id}])
        with self._denied("ask a manager"):
            gift.with_user(self.anna).amount = 502
        gift.with_user(self.anna).note = "Handed over"
        gift.with_user(self.anna).amount = 450
        self.assertRecordValues(gift, [{'over_limit': True, 'approved_by_id': self.mara.id}])
        gift.with_user(self.mara).amount = 460
        self.assertFalse(gift.over_limit)

    def test_cul_6_gift_limits_by_other_ways(self):
        """CUL-6: the limits hold for a batch, and when recipient, kind or date change later; 0 is no limit."""
        expenses = self.env['customer.care.expense'].with_user(self.anna)
        with self._denied("for a person and year"):
            expenses.create([self._vals(400, contact_id=self.person.id)] * 4)
        for __ in range(3):
            self._spend(500)
        other, report = self._spend(100, contact_id=self.other_person.id), self._spend(700, self.report)
        for record, vals, message in (
            (other, {'contact_id': self.person.id}, "person and year"), (report, {'kind_id': self.gift.id}, "for one gift"),
        ):
            with self._denied(message):
                record.write(vals)
        self._settings(care_gift_limit=0, care_gift_year_limit=0)
        self._spend(1000)

    def test_cul_6_gifts_received(self):
        """CUL-6: gifts received stand in the register, use up no budget and have the limits too."""
        gift = self._spend(300, direction='received')
        self.assertFalse(self._status())
        self.assertFalse(gift.budget_text)
        with self._denied("for one gift"):
            self._spend(501, direction='received')
        for __ in range(3):
            self._spend(500)
        with self._denied("Only gifts are received"):
            self._spend(1, self.report, direction='received')

    def test_cul_6_public_officials(self):
        """CUL-6: a gift to a public official needs a reason; who is one is remembered."""
        with self._denied("holds a public office"):
            self._spend(10, official=True)
        self._spend(10, official=True, reason="Courtesy, reported")
        with self._denied("holds a public office"):
            self._spend(10)
        self._spend(10, contact_id=self.other_person.id)

    def test_cul_6_bad_input(self):
        """CUL-6: negative amounts, a recipient of somebody else and days to come are refused with a clear message."""
        with self._refused("lower the amount of the entry"):
            self._spend(-5)
        with self._denied("does not belong to"):
            self._spend(5, contact_id=self.foreign.id)
        with self._denied("lies in the future"):
            self._spend(5, date='2099-01-01')
        with self._denied("can't be written: spread", AccessError):
            self._spend(5, spread=True)
        with self._denied("over_budget", AccessError):
            self._spend(5).over_budget = False

    def test_cul_6_foreign_currency(self):
        """CUL-6: what was paid in another currency is converted at the rate of the day."""
        currency = self._enable_currency('EUR' if self.env.company.currency_id.name != 'EUR' else 'USD')
        currency.rate_ids.unlink()
        today = fields.Date.today()
        self.env['res.currency.rate'].create([
            {'name': day, 'rate': rate, 'currency_id': currency.id, 'company_id': self.env.company.id}
            for day, rate in ((fields.Date.subtract(today, days=9), 2), (today, 4))])
        vals = self._vals(0, foreign_amount=100, foreign_currency_id=currency.id)
        del vals['amount']
        expense = self.env['customer.care.expense'].with_user(self.anna).create(vals)
        self.assertEqual(expense.amount, 25)
        expense.date = fields.Date.subtract(today, days=5)
        self.assertEqual(expense.amount, 50)

    # ------------------------------------------------------------
    # LOGGING A CONTACT
    # ------------------------------------------------------------

    @users('anna')
    def test_cul_6_cost_of_a_contact(self):
        """CUL-6: logging a gift asks for its cost, warns and books it on the follow-up; a call does not ask."""
        form = Form(self.env['customer.followup.log'].with_context(default_partner_id=self.customer.id))
        form.channel_id = self.call.with_env(self.env)
        self.assertFalse(form.care_possible)
        form.channel_id = self.gift_channel.with_env(self.env)
        self.assertTrue(form.care_possible)
        self.assertEqual(form.care_kind_id, self.gift)
        form.contact_id = self.person.with_env(self.env)
        form.care_cost = 300
        form.care_what = "Tea set"
        self.assertIn("2,700.00 of", form.care_text)
        self.assertFalse(form.care_limit)
        record = form.save()._log()
        expense = self.env['customer.care.expense'].search([('followup_id', '=', record.id)])
        self.assertRecordValues(expense, [{
            'name': "Tea set", 'amount': 300, 'kind_id': self.gift.id, 'contact_id': self.person.id,
            'date': record.contact_day, 'user_id': self.anna.id, 'partner_id': self.customer.id}])

    @users('anna')
    def test_cul_6_cost_of_a_contact_above_a_limit(self):
        """CUL-6: over a limit or the budget the dialog says so, and nothing is logged without what it asks for."""
        form = Form(self.env['customer.followup.log'].with_context(default_partner_id=self.customer.id))
        form.channel_id = self.gift_channel.with_env(self.env)
        form.care_cost = 3100
        self.assertEqual(form.care_level, 'over')
        self.assertIn("for one gift", form.care_limit)
        form.care_reason = "Jubilee"
        wizard = form.save()
        with self._denied("ask a manager"):
            wizard._log()
        self.assertFalse(self.env['customer.followup'].search([
            ('partner_id', '=', self.customer.id), ('state', '=', 'done')]))

    # ------------------------------------------------------------
    # WHERE ONE LOOKS
    # ------------------------------------------------------------

    def test_cul_6_status(self):
        """CUL-6: rows for what was spent or is an own budget; for chosen customers every kind of their rules."""
        self.assertFalse(self._status())
        expense = self._spend(800, self.event_kind)
        year = expense.year
        self.assertEqual(self._status(), {("Events", year): (1000, 800, 200, 'near')})
        self._settings(care_near_percent=81)
        self.assertEqual(self._status()["Events", year][3], 'ok')
        action = self.env['customer.care.budget.status'].with_user(self.anna)._action_for(self.person)
        found = self._status(customer_care_partner_ids=action['context']['customer_care_partner_ids'])
        self.assertEqual(found, {
            ("Events", year): (1000, 800, 200, 'ok'), ("Gifts", year): (3000, 0, 3000, 'ok'),
            ("Quarterly report", year): (2000, 0, 2000, 'ok')})
        row = self.env['customer.care.budget.status'].with_user(self.anna).search([
            ('partner_id', '=', self.customer.id), ('state', '=', 'ok')])
        self.assertEqual(self.env['customer.care.expense'].search(row.action_view_expenses()['domain']), expense)
        self.assertEqual(row.action_own_budget()['context']['default_amount'], 1000)
        groups = self.env['customer.care.budget.status'].with_user(self.anna).formatted_read_group(
            [('partner_id', '=', self.customer.id)], ['kind_id', 'year'], ['spent:sum', 'left:sum'])
        self.assertEqual([(group['spent:sum'], group['left:sum']) for group in groups], [(800, 200)])

    def test_cul_6_status_does_not_grow_with_customers(self):
        """CUL-6: the queries of the screen do not depend on how many customers and bookings there are."""
        def queries():
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env['customer.care.budget.status'].with_user(self.mara).web_search_read(
                [], {'partner_id': {}, 'budget': {}, 'spent': {}, 'state': {}})
            return self.env.cr.sql_log_count - before
        self._spend(1)
        queries()
        few = queries()
        customers = self.env['res.partner'].create([
            {'name': f"C{number}", 'is_company': True, 'user_id': self.anna.id} for number in range(30)])
        self.env['customer.care.expense'].create([
            self._vals(1, partner_id=customer.id, contact_id=False) for customer in customers])
        self.assertLessEqual(queries(), few + 2)

    def test_cul_6_who_sees_what(self):
        """CUL-6: users see the own customers' spending, leaders the team's, managers all of their companies."""
        mine, theirs = self._spend(1), self._spend(1, user=self.otto, partner_id=self.foreign.id, contact_id=False)
        both = mine + theirs
        for user, seen in ((self.anna, mine), (self.otto, theirs), (self.lena, mine), (self.li, theirs), (self.mara, both)):
            self.assertEqual(self.env['customer.care.expense'].with_user(user).search([('id', 'in', both.ids)]), seen)
            rows = self.env['customer.care.budget.status'].with_user(user).search([
                ('partner_id', 'in', (self.customer + self.foreign).ids)])
            self.assertEqual(rows.sudo().partner_id, seen.sudo().partner_id, user.name)
        self.assertFalse(self.env['customer.care.expense'].with_user(self.zoe).search([('id', 'in', both.ids)]))
        self.assertFalse(self.env['customer.care.budget.status'].with_user(self.zoe).search([
            ('partner_id', '=', self.customer.id)]))
        with self.assertRaises(AccessError):
            theirs.with_user(self.anna).read(['amount'])
        with self.assertRaises(AccessError):
            theirs.with_user(self.anna).note = "x"
        with self.assertRaises(AccessError):
            self.env['customer.care.expense'].with_user(self.nils).search([])
        for user in (self.anna, self.lena):
            with self.assertRaises(AccessError):
                mine.with_user(user).unlink()
        mine.with_user(self.mara).unlink()
        # what is hidden from a user still counts for the budget
        self._spend(2900, self.report, user=self.mara, partner_id=self.foreign.id, contact_id=False, reason="x",
                    user_id=self.otto.id)
        with self._denied(r"2,901\.00"):
            self._spend(1, self.report, partner_id=self.foreign.id, contact_id=False)

    def test_cul_6_companies(self):
        """CUL-6: what one company spends does not use up the budget of another; a person's gifts count over all."""
        self.anna.company_ids += self.company_2
        self._spend(1000, self.report)
        expense = self._spend(2000, self.report, company_id=self.company_2.id)
        self.assertFalse(expense.over_budget)
        for company in (self.env.company, self.company_2, self.company_2):
            self._spend(500, company_id=company.id)
        with self._denied("for a person and year"):
            self._spend(1)

    def test_cul_6_merging_loses_nothing(self):
        """CUL-6: the spending of both, and the larger of two own budgets with both reasons."""
        gone = self._customer("Gone")
        year = str(date.today().year)
        self._spend(10)
        self._spend(20, partner_id=gone.id, contact_id=False)
        self.env['customer.care.budget'].create([
            {'partner_id': partner.id, 'kind_id': self.gift.id, 'amount': amount, 'reason': reason, 'year': year}
            for partner, amount, reason in ((self.customer, 100, "Small"), (gone, 700, "Large"))])
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.customer + gone).ids, self.customer)
        self.env.invalidate_all()
        budget = self.env['customer.care.budget'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(budget.amount, 700)
        self.assertIn("Large", budget.reason)
        self.assertIn("Small 100", budget.reason)
        self.assertEqual(self._status()["Gifts", year], (700, 30, 670, 'ok'))

    def test_cul_6_the_register_stays(self):
        """CUL-6: archiving keeps the register, and a recipient can't be deleted from it."""
        gift = self._spend(10)
        self.customer.active = False
        self.person.active = False
        self.assertTrue(gift.exists())
        self.assertEqual(gift.contact_id, self.person)
        with self._refused(".*"):
            self.person.unlink()

    def test_cul_6_settings(self):
        """CUL-6: the limits are settings; a negative one is refused, 0 is kept as no limit."""
        self.env['res.config.settings'].create({
            'customer_care_gift_limit': 0, 'customer_care_gift_year_limit': 40}).execute()
        with self._denied(r"limit of .*40\.00"):
            self._spend(41)
        for values, message in (
            ({'customer_care_gift_limit': -1}, "can't be negative"), ({'customer_care_near_percent': 0}, "between 1 and 100"),
        ):
            with self._denied(message):
                self.env['res.config.settings'].create(values).execute()

    def test_cul_6_kinds_are_records(self):
        """CUL-6: a manager makes kinds of care and says for which contacts they are proposed."""
        kind = self.env['customer.care.kind'].with_user(self.mara).create({
            'name': "Dinner", 'channel_ids': [Command.set(self.visit.ids)]})
        form = Form(self.env['customer.followup.log'].with_user(self.anna).with_context(
            default_partner_id=self.customer.id))
        form.channel_id = self.visit.with_user(self.anna)
        self.assertEqual(form.care_kind_id, kind)
        with self.assertRaises(AccessError):
            kind.with_user(self.anna).name = "x"
