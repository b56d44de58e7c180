"""LIF-2, LIF-3: a salesperson's reports cost what the own customers cost, however many others have."""
from ..plans import cost_of
from .test_onboarding import OnboardingCase
from .test_stage import StageCase

FEW, MANY = 10, 100


class TestReportSpeed(StageCase, OnboardingCase):

    def _stand(self, count, user):
        """Make customers of a user, each with two stays."""
        customers = self.env['res.partner'].create([{
            'name': f"{user.name} {number}", 'is_company': True, 'user_id': user.id, 'customer_enrolment': 'enrolled'}
            for number in range(count)])
        changes = self.env['customer.stage.change']
        changes.search([('partner_id', 'in', customers.ids)]).unlink()
        changes.create([{
            'partner_id': customer.id, 'date': day, 'cause': 'facts', 'old_stage_id': old.id, 'new_stage_id': new.id}
            for customer in customers for day, old, new in (
                ('2026-03-02', changes.old_stage_id, self.growth), ('2026-04-02', self.growth, self.at_risk))])

    def _join(self, count, user):
        """Make customers of a user, each with an onboarding of which everything was due."""
        customers = self.env['res.partner'].create([{
            'name': f"{user.name} {number}", 'is_company': True, 'user_id': user.id, 'customer_enrolment': 'enrolled'}
            for number in range(count)])
        onboardings = self.env['customer.onboarding'].sudo().create([{
            'partner_id': customer.id, 'company_id': self.company.id, 'plan_id': self.plan.id, 'user_id': user.id,
            'started_at': '2026-06-01 08:00:00', 'date_start': '2026-06-01'} for customer in customers])
        self.env['customer.onboarding.item'].sudo().create([{
            'onboarding_id': onboarding.id, 'plan_item_id': item.id, 'due_at': '2026-06-10 08:00:00'}
            for onboarding in onboardings for item in self.plan.item_ids])

    def _compare(self, fill, model, order, tables, only=None):
        """Fail where ten times as many customers of a colleague make Anna's first page read more."""
        with self._on('2026-07-01'):
            fill(4, self.anna)
            costs = []
            for count in (FEW, MANY):
                fill(count, self.ben)
                costs.append(cost_of(self.env[model].with_user(self.anna), [('partner_id.user_id', '=', self.anna.id)],
                                     order, f'res_partner, {tables}', only))
        (before, shown), (after, still_shown) = costs
        self.assertGreaterEqual(shown, 4, "or nothing was measured")
        self.assertEqual(still_shown, shown)
        self.assertGreaterEqual(before, 4)
        self.assertLess(after, before + MANY, f"one row of each of {MANY} customers is too much")

    def test_lif_3_stays(self):
        """LIF-3: time in a stage."""
        self._compare(self._stand, 'customer.stage.stay', 'date_from desc, id desc', 'customer_stage_change',
                      only={'customer_stage_change'})

    def test_lif_3_months(self):
        """LIF-3: customers by stage over time."""
        self._compare(self._stand, 'customer.stage.month', 'date desc, partner_id', 'customer_stage_change',
                      only={'customer_stage_change'})

    def test_lif_2_targets(self):
        """LIF-2: the targets of onboardings."""
        self._compare(
            self._join, 'customer.onboarding.report', 'date_start desc, id desc',
            'customer_onboarding, customer_onboarding_item, customer_onboarding_plan_item')
