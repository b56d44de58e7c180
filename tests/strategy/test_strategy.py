"""STR-1: what was agreed with a customer, who may agree on it, and what stays as it was."""
from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .strategy_common import StrategyCase


class TestStrategy(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls._kpi("Asked", target=50)
        cls.today = fields.Date.context_today(cls.env.user)

    def _draft(self, **vals):
        return self._strategy(self.customer, (self.kpi, 80), state='draft', **vals)

    def test_str_1_who_and_when_follow_from_the_customer(self):
        """STR-1: owner, company and end are filled in; the customer is the whole one, under care."""
        strategy = self.env['customer.strategy'].with_user(self.lena).create({
            'partner_id': self.customer.id, 'core_approach': "Be there"})
        self.assertEqual((strategy.user_id, strategy.company_id), (self.anna, self.env.company))
        self.assertEqual(strategy.date_end, self.today + relativedelta(days=89))
        self.assertEqual(strategy.cycle_days, 90)
        self.assertEqual(strategy.display_name, "Strategic Ltd (version 1, cycle 1)")
        contact = self.env['res.partner'].create({'name': "Eve", 'parent_id': self.customer.id})
        with self.assertRaisesRegex(ValidationError, "belongs to Strategic Ltd"):
            strategy.copy({'partner_id': contact.id})
        stranger = self.env['res.partner'].create({'name': "Stranger"})
        with self.assertRaisesRegex(UserError, "Stranger is not under care"):
            self._strategy(stranger, (self.kpi, 80), state='draft').action_start()

    def test_str_1_starting(self):
        """STR-1: a strategy runs from its start on, with the segment that the customer has then."""
        segment = self.env['customer.segment'].search([], limit=1)
        self.customer.sudo().customer_segment_id = segment
        strategy = self._draft().with_user(self.anna)
        strategy.action_start()
        self.assertEqual((strategy.state, strategy.segment_id, strategy.started_on), ('active', segment, self.today))
        with self.assertRaisesRegex(UserError, "was started already"):
            strategy.action_start()

    def test_str_1_bad_starts(self):
        """STR-1: what can't run is not started, and a sentence says why."""
        with self.assertRaisesRegex(UserError, "has no KPI"):
            self._strategy(self.customer, state='draft').action_start()
        tomorrow = self._draft(start=self.today + relativedelta(days=1))
        with self.assertRaisesRegex(UserError, "begins on"):
            tomorrow.action_start()
        with self.assertRaisesRegex(UserError, "would be over already"):
            self._draft(start=self.today - relativedelta(days=90)).action_start()
        self._draft(start=self.today - relativedelta(days=89)).action_start()

    def test_str_1_end_before_start(self):
        """STR-1: an end before the start is refused."""
        with self._refused("can't end before it starts"):
            self._draft().date_end = self.today - relativedelta(days=1)

    def test_str_1_one_at_a_time(self):
        """STR-1: a customer has one running strategy per company; the message names the one in the way."""
        self._strategy(self.customer, (self.kpi, 80))
        with self.assertRaisesRegex(UserError, r"Strategic Ltd has a strategy already: version 1, cycle 1, from .* \(Anna\)"):
            self._draft(start=self.today).with_user(self.mara).action_start()
        both = self._draft() + self._draft()
        both.partner_id = self._customer("Twice Ltd")
        with self.assertRaisesRegex(UserError, "Twice Ltd has a strategy already"):
            both.action_start()
        other = self._draft(company_id=self.company_2.id)
        other.action_start()
        self.assertEqual(other.state, 'active', "of another company")

    def test_str_1_one_at_a_time_in_the_database(self):
        """STR-1: two that were started at the same time by different people don't both run."""
        self._strategy(self.customer, (self.kpi, 80))
        with self._refused("has a running strategy already"):
            self._draft().write({'state': 'active'})

    def test_str_1_agreed_is_agreed(self):
        """STR-1: what was agreed is locked for everybody once a strategy runs, a manager included."""
        strategy = self._strategy(self.customer, (self.kpi, 80)).with_user(self.mara)
        for vals in ({'core_approach': "Other"}, {'date_end': '2099-01-01'}, {'cadence_id': self.cadence.id},
                     {'partner_id': self._customer("Other").id}, {'template_id': False}):
            with self.assertRaisesRegex(UserError, "Propose an adjustment"):
                strategy.write(vals)
        with self.assertRaisesRegex(UserError, "Propose an adjustment"):
            strategy.kpi_ids.target = 10
        strategy.write({'user_id': self.ben.id, 'renew': False})
        self.assertEqual(strategy.user_id, self.ben)

    def test_str_1_kept_fields(self):
        """STR-1: state, versions and figures come from methods only; not by RPC, import, defaults or a copy."""
        strategies = self.env['customer.strategy'].with_user(self.mara)
        vals = {'partner_id': self.customer.id, 'core_approach': "Be there"}
        for name, value in {'state': 'active', 'version': 7, 'attainment': 100.0, 'grade_manual_id': 1}.items():
            with self.assertRaisesRegex(AccessError, name):
                strategies.create({**vals, name: value})
            with self.assertRaisesRegex(AccessError, name):
                self._draft().with_user(self.mara).write({name: value})
        strategy = strategies.with_context(default_state='active', default_version=7, default_attainment=100).create(vals)
        self.assertEqual((strategy.state, strategy.version, strategy.attainment), ('draft', 1, 0))
        result = strategies.load(['partner_id/.id', 'core_approach', 'state'], [[str(self.customer.id), "Be there", 'active']])
        self.assertIn("can't be written", str(result['messages']))

    def test_str_1_copy(self):
        """STR-1: a copy of a cycle is a draft that begins today."""
        with self._on('2026-03-02'):
            running = self._strategy(self.customer, (self.kpi, 80), start='2026-01-01', days=100)
            second = running._replace({}, fields.Date.to_date('2026-02-01'))
            copy = second.with_user(self.anna).copy()
            self.assertEqual((copy.state, copy.version, copy.cycle), ('draft', 1, 1))
            self.assertFalse(copy.previous_id)
            self.assertEqual((str(copy.date_start), copy.cycle_days), ('2026-03-02', 100))
            self.assertEqual(copy.kpi_ids.target, 80)

    def test_str_1_whose(self):
        """STR-1: everybody agrees with the own customers, a leader with those of the team, a manager with all."""
        def create(user, partner):
            return self.env['customer.strategy'].with_user(user).create({
                'partner_id': partner.id, 'core_approach': "x", 'user_id': user.id})
        for user in (self.anna, self.lena, self.mara):
            self.assertTrue(create(user, self.customer))
        for user in (self.ben, self.otto, self.li):
            with self.assertRaisesRegex(AccessError, "looked after by Anna"):
                create(user, self.customer)
        self.assertTrue(create(self.ben, self._customer("Nobody's", user_id=False)))
        with self.assertRaises(AccessError):
            create(self.nils, self.customer)
        moved = create(self.ben, self._customer("Ben's", user_id=self.ben.id))
        with self.assertRaisesRegex(AccessError, "looked after by Anna"):
            moved.partner_id = self.customer

    def test_str_1_who_sees(self):
        """STR-1: own, team, all; never those of another company."""
        strategy = self._strategy(self.customer, (self.kpi, 80))
        seen = {user.login: strategy.with_user(user).search_count([('id', '=', strategy.id)])
                for user in (self.anna, self.ben, self.lena, self.li, self.mara, self.zoe)}
        self.assertEqual(seen, {'anna': 1, 'ben': 0, 'lena': 1, 'li': 0, 'mara': 1, 'zoe': 0})

    def test_str_1_company_of_the_customer(self):
        """STR-1: a strategy for a customer of one company is of that company."""
        partner = self._customer("Only theirs", company_id=self.company_2.id, user_id=self.zoe.id)
        strategy = self.env['customer.strategy'].create({'partner_id': partner.id, 'core_approach': "x"})
        self.assertEqual(strategy.company_id, self.company_2)
        with self.assertRaisesRegex(ValidationError, "of that company as well"):
            strategy.company_id = self.env.company

    def test_str_1_deleting(self):
        """STR-1: drafts can be deleted, what began stays."""
        self._draft().with_user(self.anna).unlink()
        with self.assertRaisesRegex(UserError, "stays in the customer's history"):
            self._strategy(self.customer, (self.kpi, 80)).with_user(self.mara).unlink()

    def test_str_1_milestones(self):
        """STR-1: milestones stay open while a strategy runs; reached is a day, and none to come."""
        strategy = self._strategy(self.customer, (self.kpi, 80), milestone_ids=[
            Command.create({'name': "Offer", 'date': self.today + relativedelta(days=30)}),
            Command.create({'name': "Talk", 'date': self.today - relativedelta(days=1)})]).with_user(self.anna)
        talk, offer = strategy.milestone_ids.sorted('date')
        self.assertEqual((strategy.milestone_next, strategy.milestone_is_late), ("Talk", True))
        self.assertTrue(talk.is_late)
        talk.is_done = True
        self.assertEqual(talk.done_on, self.today)
        self.assertEqual((strategy.milestone_next, strategy.milestone_is_late), ("Offer", False))
        with self.assertRaisesRegex(ValidationError, "day to come"):
            offer.done_on = self.today + relativedelta(days=1)
        late = [('milestone_ids', 'any', [('done_on', '=', False), ('date', '<', 'today')]), ('id', '=', strategy.id)]
        self.assertFalse(strategy.search(late))
        talk.is_done = False
        self.assertEqual(strategy.search(late), strategy)
        strategy.action_stop()
        with self.assertRaisesRegex(UserError, "its milestones stay as they were"):
            talk.is_done = True

    def test_str_1_handed_over(self):
        """STR-1, PRO-7: strategies go along when somebody else takes the customer over; what is over stays."""
        over = self._strategy(self.customer, (self.kpi, 80))
        over.action_stop()
        running = self._strategy(self.customer, (self.kpi, 80))
        deputy = self._draft(user_id=self.lena.id)
        self.customer.user_id = self.ben
        self.assertEqual((running.user_id, over.user_id, deputy.user_id), (self.ben, self.anna, self.lena))

    def test_str_1_form(self):
        """STR-1: choosing a customer fills in the template of its segment; its dates follow the start."""
        segment = self.env.ref('customer_success.customer_segment_high_potential')
        self.customer.sudo().customer_segment_id = segment
        template = self.env.ref('customer_success.customer_strategy_template_high_potential')
        with Form(self.env['customer.strategy'].with_user(self.anna)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.template_id, template)
            form.date_start = self.today + relativedelta(days=10)
        strategy = form.record
        self.assertEqual(strategy.core_approach, template.core_approach)
        self.assertEqual(strategy.kpi_ids.mapped('target'), [2, 30])
        self.assertEqual(strategy.milestone_ids.mapped('date'), [
            self.today + relativedelta(days=days) for days in (24, 55)])
        self.assertEqual(strategy.date_end, self.today + relativedelta(days=99))
        with Form(strategy) as form:
            form.date_start = self.today
        self.assertEqual(strategy.milestone_ids.mapped('date'), [
            self.today + relativedelta(days=days) for days in (14, 45)])

    def test_str_2_examples_of_the_guide(self):
        """STR-1, STR-2: the four rows of the guide, entered through the form, get the grades that the rule gives."""
        rows = [
            ({'repurchase': (80, 85), 'satisfaction': (90, 88)}, 'good', 98.9),
            ({'new_orders': (2, 1), 'conversion': (30, 45)}, 'poor', 58.3),
            ({'churn': (5, 10), 'repurchase': (50, 40)}, 'fair', 65.0),
            ({'complaints': (3, 5)}, 'fair', 60.0)]
        with self._on('2026-01-01'):
            customers = [self._customer(f"Row {number}") for number in range(len(rows))]
            strategies = [self._enter_row(customer, row[0]) for customer, row in zip(customers, rows, strict=True)]
        with self._on('2026-03-31'):  # the last day: all that was agreed is owed
            for strategy, (kpis, grade, attainment) in zip(strategies, rows, strict=True):
                with Form(strategy) as form:
                    for place, (__, actual) in enumerate(kpis.values()):
                        with form.kpi_ids.edit(place) as line:
                            line.actual, line.note = actual, "The guide"
                self.assertEqual(
                    (strategy.effect_id, round(strategy.attainment, 1)),
                    (self.env.ref(f'customer_success.customer_strategy_grade_{grade}'), attainment))

    def _enter_row(self, customer, kpis):
        """Return a strategy that was entered through the form and started."""
        with Form(self.env['customer.strategy'].with_user(self.anna)) as form:
            form.partner_id = customer
            form.template_id = self.env['customer.strategy.template']
            form.core_approach = "As in the guide"
            while len(form.kpi_ids):
                form.kpi_ids.remove(0)
            for name, (target, __) in kpis.items():
                with form.kpi_ids.new() as line:
                    line.kpi_id = self.env.ref(f'customer_success.customer_kpi_{name}')
                    line.target = target
        form.record.action_start()
        return form.record

    def test_str_1_on_the_customer(self):
        """STR-1: the customer shows its strategy, and one finds those without."""
        partner = self.customer.with_user(self.anna)
        domain = [('id', '=', partner.id)]
        self.assertEqual(partner.search([*domain, ('customer_strategy_id', '=', False)]), partner)
        action = partner.action_customer_strategy()
        self.assertEqual((action['views'], action['res_id']), ([(False, 'form')], False))
        strategy = self._strategy(self.customer, (self.kpi, 80, 72))
        partner.invalidate_recordset()
        self.assertEqual(partner.customer_strategy_id, strategy)
        self.assertEqual(partner.search([*domain, ('customer_strategy_id', '!=', False)]), partner)
        self.assertEqual(partner.search([*domain, ('customer_strategy_id', '=', strategy.id)]), partner)
        self.assertFalse(partner.search([*domain, ('customer_strategy_id', '=', False)]))
        self.assertEqual(partner.action_customer_strategy()['res_id'], strategy.id)
        self.assertEqual(partner.get_customer_strip()['strategy']['effect'], strategy.effect_id.name)
        self.assertFalse(self.customer.with_user(self.ben).customer_strategy_id, "not to be seen by a colleague")
        strategy.action_stop()
        partner.invalidate_recordset()
        self.assertFalse(partner.customer_strategy_id)
        self.assertNotIn('res_id', partner.action_customer_strategy().get('views'))
