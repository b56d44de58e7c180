"""PLT-2, PLT-3: what rules let somebody see is looked up by indexes, and is the same as without them."""
from datetime import date
from itertools import product
from unittest.mock import patch

from odoo import Command
from odoo.tools import SQL

from ..common import CustomerCase


class TestNarrowed(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = [cls.env['res.users'], cls.anna, cls.ben, cls.lena, cls.otto, cls.li]
        customers, gone = cls.env['res.partner'], cls.env['res.partner']
        for place, user in enumerate(people):
            customers += cls._customer(f"Narrow {place}", user_id=user.id)
            gone += cls._customer(f"Gone {place}", user_id=user.id)
        leads = cls.env['crm.lead'].create([
            {'name': f"Lead {place}", 'type': 'opportunity', 'user_id': user.id} for place, user in enumerate(people)])
        rows = [
            {'company_id': company.id, 'channel_id': cls.call.id, 'date_planned': date(2026, 12, 1),
             'date_raw': date(2026, 12, 1), 'date_limit': date(2026, 12, 4), 'date_anchor': date(2026, 11, 1),
             'user_id': user.id, 'owner_id': owner.id, 'state': state,
             'partner_id' if whose._name == 'res.partner' else 'lead_id': whose.id}
            for company in (cls.env.company, cls.company_2)
            for whose, user, owner, state in product(
                [*customers, *gone[:2], *leads], people, (people[0], cls.anna, cls.otto), ('done', 'cancelled'))]
        cls.all = cls.env['customer.followup'].create(rows)
        gone.active = False
        cls.env.flush_all()

    def _seen(self, user):
        self.env.invalidate_all()
        followups = self.env['customer.followup'].with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, active_test=False)
        return followups.search([('id', 'in', self.all.ids)])

    def _seen_without(self, user):
        with patch.object(self.env.registry['customer.followup'], '_narrow_sql', lambda *args, **options: None):
            return self._seen(user)

    def test_plt_2_same_records(self):
        """PLT-2: salespeople, leaders and managers see what the rules say, the same one by one and in lists."""
        counts = set()
        for user in (self.anna, self.ben, self.lena, self.otto, self.li, self.mara, self.zoe):
            with self.subTest(user=user.login):
                seen = self._seen(user)
                counts.add(len(seen))
                self.assertEqual(seen, self._seen_without(user))
                self.assertEqual(seen, self.all.with_user(user)._filtered_access('read'))
                self.assertTrue(0 < len(seen) < len(self.all))
        self.assertGreater(len(counts), 3)

    def test_plt_2_other_rules(self):
        """PLT-2: rules that an administrator writes hold as they are written, also where no index helps."""
        rule = self.env.ref('customer_success.customer_followup_rule_user')
        shipped = rule.domain_force
        for domain in (
            "[('name', '=', False)]",
            "['|', ('user_id', '=', user.id), ('name', '=like', 'x%')]",
            "['!', ('user_id', '=', user.id)]",
            "['|', ('user_id', 'in', [False, user.id]), ('partner_id.user_id', '=', False)]",
            "['|', ('user_id', 'in', [False, user.id]), ('partner_id.user_id', 'in', [False, user.id])]",
            "['&', '|', ('user_id', '=', user.id), ('owner_id', '=', user.id), ('state', '=', 'done')]",
            "['|', ('user_id', '!=', user.id), ('owner_id', '=', False)]",
            "['|', ('partner_id', '=', False), ('partner_id.parent_id.user_id', '=', user.id)]",
            "['|', ('partner_id.name', '=like', 'Narrow%'), ('owner_id.name', '=like', 'A%')]",
            "[(1, '=', 1)]", "[(0, '=', 1)]",
        ):
            rule.domain_force = domain
            for user in (self.anna, self.lena):
                with self.subTest(domain=domain, user=user.login):
                    self.assertEqual(self._seen(user), self._seen_without(user))
        rule.domain_force = shipped
        self.env['ir.rule'].create({
            'name': "Sees all", 'model_id': rule.model_id.id, 'domain_force': "[]", 'groups': [Command.set(rule.groups.ids)]})
        self.assertEqual(self._seen(self.anna), self._seen_without(self.anna))
        self.assertEqual(len(self._seen(self.anna)), len(self.all) / 2, "those of the other company stay hidden")

    def test_plt_3_by_indexes(self):
        """PLT-3: what a salesperson or a leader may see is found without going through all follow-ups."""
        self.env.cr.execute(
            # few rows are quicker read one by one, and all of a company are no few
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; DROP INDEX customer_followup__company_id_index")
        for user in (self.anna, self.lena):
            with self.subTest(user=user.login):
                followups = self.env['customer.followup'].with_user(user).with_context(allowed_company_ids=self.env.company.ids)
                query = followups._search([])
                plan = '\n'.join(line for line, in self.env.execute_query(SQL("EXPLAIN %s", query.select())))
                self.assertIn('BitmapOr', plan)
                self.assertNotIn('Seq Scan on customer_followup', plan)

    def test_plt_3_of_much_nothing_is_looked_up(self):
        """PLT-3: who may see the follow-ups of many customers sees the same; a long list of them would be compared with each
        follow-up, which took a leader of 40,000 customers a minute."""
        for user in (self.anna, self.lena):
            with self.subTest(user=user.login):
                few = self._seen(user)
                followups = self.env['customer.followup'].with_user(user)
                self.assertIn('ARRAY', followups._search([]).select().code)
                self.env.cr.cache.clear()
                with patch('odoo.addons.customer_success.models.base.customer_narrowed.MOST', 1):
                    self.assertNotIn('ARRAY', followups._search([]).select().code)
                    self.assertEqual(self._seen(user), few)
                self.env.cr.cache.clear()

    def test_plt_3_index_of_nobody(self):
        """PLT-3: the follow-ups of nobody are in the index, also where an earlier version made it without them."""
        [[definition]] = self.env.execute_query(SQL(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'customer_followup__user_id_index'"))
        self.assertNotIn('WHERE', definition)

    def test_plt_3_superuser(self):
        """PLT-3: where no rule holds, nothing is added."""
        for followups in (self.env['customer.followup'].sudo(), self.env['customer.followup'].with_user(self.mara)):
            self.assertNotIn('ARRAY', followups._search([]).select().code)
