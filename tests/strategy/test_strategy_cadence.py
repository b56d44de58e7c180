"""STR-1, STR-4: a running strategy says how often a customer is contacted."""
from odoo import Command, fields

from .strategy_common import StrategyCase


class TestStrategyCadence(StrategyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.strategy'].search([('state', '=', 'active')]).write({'state': 'draft'})
        cls.kpi = cls._kpi("Asked", target=50)
        cls.agreed = cls._cadence(
            "Agreed", {'name': "Agreed talk", 'channel_id': cls.video.id, 'interval_count': 10, 'interval_unit': 'day'})
        cls.low = cls.env.ref('customer_success.customer_cadence_low')

    def _begin(self, **vals):
        return self._strategy(self.customer, (self.kpi, 80), **{'cadence_id': self.agreed.id, **vals})

    def _cadences(self):
        return self._open(self.customer).cadence_id

    def test_str_1_strategy_before_all_others(self):
        """STR-1: as long as a strategy runs its cadence comes before the customer's own; then that one holds again."""
        self.customer.customer_cadence_id = self.cadence
        self.assertEqual(self._cadences(), self.cadence)
        strategy = self._begin()
        self.assertEqual(self._cadences(), self.agreed)
        strategy.action_stop()
        self.assertEqual(self._cadences(), self.cadence)

    def test_str_1_no_cadence_agreed(self):
        """STR-1: a strategy without a cadence changes nothing; nor does a draft, or one whose cadence is archived."""
        before = self._open(self.customer)
        self._begin(cadence_id=False).action_stop()
        draft = self._begin(state='draft')
        self.assertEqual(self._open(self.customer), before)
        draft.action_start()
        self.assertEqual(self._cadences(), self.agreed)
        self.agreed.active = False
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._cadences(), self.low)

    def test_str_1_company(self):
        """STR-1: the customer is planned by its company: a strategy of another one doesn't say how."""
        self._begin(company_id=self.company_2.id)
        self.assertEqual(self._cadences(), self.low)

    def test_str_1_dates_hang_on_the_start(self):
        """STR-1: the first date counts from the start; the next cycle doesn't push what is due."""
        with self._on('2026-03-02'):
            customer = self.customer = self._customer("Dated")
        strategy = self._begin(start='2026-03-02', days=20)
        with self._on('2026-03-02'):
            followup = self._open(customer)
            self.assertEqual((str(followup.date_anchor), str(followup.date_raw)), ('2026-03-02', '2026-03-12'))
        following = self._close_cycle(strategy)
        with self._on('2026-03-22'):
            self.env['customer.planner']._plan(customer.ids)
            self.assertEqual(following.cycle, 2)
            self.assertEqual(str(self._open(customer).date_raw), '2026-03-12', "still overdue")
            same = following._replace({'core_approach': "Other"}, fields.Date.to_date('2026-03-22'))
            self.assertEqual(str(same.cadence_since), '2026-03-02', "the cadence is the same")
            other = same._replace({'cadence_id': self.cadence.id}, fields.Date.to_date('2026-03-22'))
            self.assertEqual(str(other.cadence_since), '2026-03-22')
            self.assertEqual(str(self._open(customer).date_raw), '2026-04-22')

    def test_str_1_contacts_count(self):
        """STR-1: the last contact is what dates count from, as with every cadence."""
        done = self._log(self.customer, self.video)
        self._begin()
        self.assertEqual(self._open(self.customer).date_anchor, done.contact_day)

    def test_str_4_another_cadence(self):
        """STR-4: another version with another cadence, or none, re-plans the customer."""
        strategy, today = self._begin(), fields.Date.context_today(self.env.user)
        second = strategy._replace({'cadence_id': self.cadence.id}, today)
        self.assertEqual(self._cadences(), self.cadence)
        second._replace({'cadence_id': False}, today)
        self.assertEqual(self._cadences(), self.low)

    def test_str_1_over_without_renewal(self):
        """STR-1: a cycle that is over without a next one gives the customer back to the usual cadence."""
        self._close_cycle(self._begin(renew=False))
        self.assertEqual(self._cadences(), self.low)

    def test_str_1_explained(self):
        """STR-1: the customer says whose cadence it is and until when, also to a colleague who doesn't see the strategy."""
        with self._on('2026-03-02'):
            self._begin(start='2026-03-02')
            for user in (self.anna, self.ben):
                self.assertEqual(
                    self.customer.with_user(user).get_customer_relationship()['cadence'],
                    "By the cadence “Agreed”, agreed in the strategy until 05/30/2026.")

    def test_str_1_counted_and_tried(self):
        """STR-1: the cadence counts who follows it by a strategy, and a dry run takes it as active."""
        before = self.agreed.customer_count
        self._begin()
        self.agreed.invalidate_recordset(['customer_count'])
        self.assertEqual(self.agreed.customer_count, before + 1)
        self.assertIn(self.customer.id, self.agreed._followers())
        self.agreed.active = False
        planner = self.env['customer.planner']
        self.env.flush_all()
        for candidate, expected in ((None, self.low), (self.agreed, self.agreed)):
            rows = self.env.execute_query(planner._cadence_of_customer_sql(self.customer.ids, candidate))
            self.assertIn(expected.id, rows[0])

    def test_str_1_many_are_queued(self):
        """STR-1: many customers are planned by the scheduled action."""
        partners = self.env['res.partner'].create([{
            'name': f"Many {index}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled',
        } for index in range(25)])
        self.env['customer.planner']._work_queue()
        strategies = self.env['customer.strategy'].create([{
            'partner_id': partner.id, 'core_approach': "x", 'cadence_id': self.agreed.id,
            'kpi_ids': [Command.create({'kpi_id': self.kpi.id, 'target': 5})]} for partner in partners])
        strategies.action_start()
        self.assertEqual(self.env['customer.plan.request']._waiting(), 25)
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(partners[3]).cadence_id, self.agreed)
