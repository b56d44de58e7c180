"""PLT-2, PLT-3: what record rules cost whoever opens a single record: no table that grows with customers is read whole."""
from ...models.cadence.customer_contact_date import COLUMNS
from ..common import CustomerCase
from ..everything import OF_A_CUSTOMER
from ..plans import plan_of, read_whole

#: Tables that grow with the customers.
LARGE = {
    'res_partner', 'sale_order', 'account_move', 'crm_lead', 'customer_followup', 'customer_contact_date', 'customer_case',
    'customer_feedback', 'customer_feedback_request', 'customer_health_snapshot', 'customer_tier_change', 'customer_warning',
    'customer_segment_change', 'customer_stage_change', 'customer_greeting', 'customer_strategy', 'customer_onboarding'}


class TestSpeedOfRules(CustomerCase):

    def _looked_up(self):
        """Return how one record of each model is looked up, by model and user: for a salesperson, a leader and a manager."""
        return {
            (name, user.login): self.env[name].with_user(user)._search([('id', '=', 1)])
            for name in sorted(OF_A_CUSTOMER) if self.env[name]._auto
            for user in (self.anna, self.lena, self.mara) if self.env[name].with_user(user).has_access('read')}

    def test_plt_2_a_record_is_opened_by_its_id(self):
        """PLT-2: who may see a record is looked up by indexes."""
        found = {key: read_whole(plan_of(query)) & LARGE for key, query in self._looked_up().items()}
        self.assertFalse({key: tables for key, tables in found.items() if tables})

    def test_plt_2_rules_stay_as_odoo_made_them(self):
        """PLT-2: Odoo keeps the domains of record rules in memory. Whatever looks at one otherwise than Odoo does leaves it
        slower for everybody after that: with subqueries over all contacts in place of a join."""
        self.env.registry.clear_cache()
        before = {key: query.select().code for key, query in self._looked_up().items()}
        self.env.registry.clear_cache()
        for user in (self.anna, self.lena, self.mara):
            partners = self.env['res.partner'].with_user(user)
            for name in [*COLUMNS, 'customer_contact_state']:
                partners.search([('customer_managed', '=', True)], order=name, limit=1)
            for fact in self.env['customer.fact']._facts():
                self.env['customer.fact'].with_user(user)._measure({1: (fact, {}, [])})
            for model, __ in before:
                if self.env[model].with_user(user).has_access('read'):
                    self.env[model].with_user(user).search([], limit=1)
        after = {key: query.select().code for key, query in self._looked_up().items()}
        self.assertEqual({key: after[key] for key in before if after[key] != before[key]}, {})
