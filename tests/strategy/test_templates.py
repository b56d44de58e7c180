"""STR-1: templates, and starting many strategies at once."""
from odoo import Command, fields
from odoo.exceptions import ValidationError

from .strategy_common import StrategyCase


class TestTemplates(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = {
            name: cls.env.ref(f'customer_success.customer_segment_{name}')
            for name in ('high_stable', 'high_potential', 'low_stable', 'low_risk')}
        cls.templates = {
            name: cls.env.ref(f'customer_success.customer_strategy_template_{name}') for name in cls.segments}

    def _segmented(self, name, segment, **vals):
        customer = self._customer(name, **vals)
        customer.sudo().customer_segment_id = self.segments[segment]
        return customer

    def test_str_1_shipped(self):
        """STR-1: one template for each segment, with the approach, the rhythm, the KPIs and targets of the guides."""
        targets = {
            name: [(line.kpi_id.get_external_id()[line.kpi_id.id].rsplit('_kpi_', 1)[1], line.better, line.target)
                   for line in template.kpi_ids]
            for name, template in self.templates.items()}
        self.assertEqual(targets, {
            'high_stable': [('repurchase', 'higher', 80), ('satisfaction', 'higher', 90)],
            'high_potential': [('new_orders', 'higher', 2), ('conversion', 'lower', 30)],
            'low_stable': [('repurchase', 'higher', 50), ('complaints', 'lower', 3)],
            'low_risk': [('churn', 'lower', 5), ('repurchase', 'higher', 50)]})
        for name, template in self.templates.items():
            self.assertEqual(template.segment_ids, self.segments[name])
            self.assertIn("Rhythm", template.core_approach)
            self.assertTrue(template.milestone_ids)

    def test_str_1_template_of_the_segment(self):
        """STR-1: the template for the segment, that of the company before that of all; else one for any segment."""
        find = self.env['customer.strategy.template']._find_for
        customer = self._segmented("Found", 'low_risk')
        self.assertEqual(find(customer, self.env.company), self.templates['low_risk'])
        ours = self.templates['low_risk'].copy({'company_id': self.env.company.id, 'sequence': 99})
        self.assertEqual(find(customer, self.env.company), ours)
        self.assertEqual(find(customer, self.company_2), self.templates['low_risk'])
        (ours + self.templates['low_risk']).active = False
        self.assertFalse(find(customer, self.env.company))
        anybody = self.templates['low_stable'].copy({'segment_ids': [Command.clear()]})
        self.assertEqual(find(customer, self.env.company), anybody)

    def test_str_1_values_from_template(self):
        """STR-1: a strategy takes over what the template says; changing the template later changes no strategy."""
        template = self.templates['high_stable']
        template.cadence_id = self.cadence
        values = self.env['customer.strategy']._values_from_template(self.customer, template, '2026-03-02')
        strategy = self.env['customer.strategy'].create(values)
        self.assertEqual((strategy.core_approach, strategy.cadence_id), (template.core_approach, self.cadence))
        self.assertEqual((str(strategy.date_start), str(strategy.date_end)), ('2026-03-02', '2026-05-30'))
        self.assertEqual(strategy.milestone_ids.mapped(lambda milestone: str(milestone.date)), ['2026-04-01', '2026-05-01'])
        template.kpi_ids[0].target = 70
        self.assertEqual(strategy.kpi_ids.mapped('target'), [80, 90])
        self.cadence.active = False
        self.assertFalse(template._prepare_strategy_values(strategy.date_start)['cadence_id'])

    def test_str_1_bad_templates(self):
        """STR-1: targets that nothing can be judged by, weights and cycles that make no sense are refused."""
        template = self.templates['high_stable']
        with self.assertRaises(ValidationError):
            template.kpi_ids[0].target = 0
        with self._refused("A weight is at least 1"):
            template.kpi_ids[0].weight = 0
        with self._refused("at least one day"):
            template.cycle_days = 0
        with self._refused("can't lie before the start"):
            template.milestone_ids[0].days = -1

    def test_str_1_users_read_templates(self):
        """STR-1: templates are the manager's to change, of the own company to see."""
        theirs = self.templates['low_risk'].copy({'company_id': self.company_2.id})
        seen = self.env['customer.strategy.template'].with_user(self.anna).search([])
        self.assertIn(self.templates['low_risk'], seen)
        self.assertNotIn(theirs, seen)
        self.assertFalse(seen.has_access('write'))
        self.assertTrue(seen.with_user(self.mara).has_access('write'))

    # ------------------------------------------------------------
    # MANY AT ONCE
    # ------------------------------------------------------------

    def _start(self, partners, user=None, **vals):
        wizard = self.env['customer.strategy.start'].with_user(user or self.anna)
        action = partners.with_env(wizard.env).action_customer_strategy_start()
        return wizard.with_context(**action['context']).create(vals)

    def test_str_1_many(self):
        """STR-1: strategies for many customers at once, by segment; who can't have one is left out, and it is said why."""
        good, risky = self._segmented("Good", 'high_stable'), self._segmented("Risky", 'low_risk')
        bens = self._segmented("Ben's", 'low_risk', user_id=self.ben.id)
        taken = self._segmented("Taken", 'low_risk')
        self._strategy(taken, (self._kpi("Asked"), 5))
        stranger = self.env['res.partner'].create({'name': "Stranger"})
        wizard = self._start(good + risky + bens + taken + stranger)
        self.assertEqual(wizard.ready_ids, good + risky)
        for sentence in ("Not under care: Stranger", "somebody else: Ben's", "a strategy already, running or as a draft: Taken"):
            self.assertIn(sentence, wizard.skipped)
        action = wizard.action_start()
        strategies = self.env['customer.strategy'].search(action['domain'])
        self.assertEqual(set(strategies.mapped(lambda strategy: (
            strategy.partner_id, strategy.template_id, strategy.user_id, strategy.state))), {
            (good, self.templates['high_stable'], self.anna, 'active'),
            (risky, self.templates['low_risk'], self.anna, 'active')})
        again = self._start(good + risky)
        self.assertFalse(again.ready_ids)
        with self.assertRaisesRegex(ValidationError, "None of these customers"):
            again.action_start()

    def test_str_1_many_later_and_drafts(self):
        """STR-1: strategies that begin later are drafts until then; drafts are drafts."""
        today = fields.Date.context_today(self.env.user)
        one, two = self._segmented("One", 'low_risk'), self._segmented("Two", 'low_risk')
        self._start(one, date_start=fields.Date.add(today, days=7)).action_start()
        self._start(two, is_draft=True, template_id=self.templates['high_stable'].id).action_start()
        strategies = self.env['customer.strategy'].search([('partner_id', 'in', (one + two).ids)])
        self.assertEqual(set(strategies.mapped('state')), {'draft'})
        self.assertEqual(strategies.filtered(lambda strategy: strategy.partner_id == two).template_id.id,
                         self.templates['high_stable'].id)

    def test_str_1_many_of_another_company(self):
        """STR-1: customers of a company that one doesn't work in are left out."""
        wizard = self._start(self._segmented("Ours", 'low_risk'), user=self.zoe)
        self.assertIn("Customers of another company: Ours", wizard.skipped)

    def test_str_1_many_queries(self):
        """STR-1: starting many takes few queries more than starting some."""
        def count(number):
            partners = self.env['res.partner'].union(*(
                self._segmented(f"Many {number} {index}", 'low_risk') for index in range(number)))
            wizard = self._start(partners)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_start()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        count(1)
        few, many = count(3), count(33)
        self.assertLess(many, few + 40)
