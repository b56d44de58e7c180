"""K3, K11: which company, who is able, who does it: the SQL and the Python of each say the same, and what they should."""
from datetime import timedelta
from itertools import product

from odoo import Command, fields
from odoo.tools import SQL

from ..common import CustomerCase


class TestResponsibility(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsibility = cls.env['customer.responsibility']
        cls.max = cls._user('max', 'user')
        # of all managers only Mara is left
        managers = cls.env.ref('customer_success.group_customer_success_manager').all_user_ids
        (managers - cls.mara - cls.zoe).group_ids -= cls.env.ref('customer_success.group_customer_success_manager')

    def _by_sql(self, user, company):
        """Return who does what for the customers of a user by SQL: role to pairs of owner and doer, as ids."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            "SELECT role, owner_id, doer_id FROM (%s) AS d",
            self.responsibility._doer_sql(SQL("SELECT %s AS user_id, %s AS company_id", user.id, company.id))))
        return {role: (owner or False, doer or False) for role, owner, doer in rows}

    def _by_python(self, user, company):
        return {role: (self.responsibility._owner(role, user, company).id, self.responsibility._doer(role, user, company).id)
                for role in ('manager', 'leader', 'executive', 'expert', 'support')}

    def _both(self, user, company=None):
        """Return who does what, having held SQL and Python to each other."""
        found = self._by_sql(user, company or self.company)
        self.assertEqual(found, self._by_python(user, company or self.company))
        return found

    def _away(self, user, backup):
        today = fields.Date.today()
        return self.env['customer.absence'].create({
            'user_id': user.id, 'backup_id': backup.id, 'date_from': today, 'date_to': today + timedelta(days=5)})

    # ------------------------------------------------------------
    # COMPANY
    # ------------------------------------------------------------

    def test_which_company(self):
        """K11: the customer's own company, else its account manager's, an archived one's as well, else the main one."""
        main = self.env.ref('base.main_company')
        customers = {
            "Own": (self.company_2, self.anna, self.company_2), "Manager": (False, self.zoe, self.company_2),
            "Nobody": (False, False, main), "Main": (False, self.anna, self.company),
            "Own of main": (self.company, self.zoe, self.company)}
        for archived in (False, True):
            for name, (company, user, right) in customers.items():
                partner = self._customer(name, company_id=company and company.id, user_id=user and user.id)
                for alias in (None, 'u'):
                    self.env.flush_all()
                    [[found]] = self.env.execute_query(SQL(
                        "SELECT %s FROM res_partner p LEFT JOIN res_users u ON u.id = p.user_id WHERE p.id = %s",
                        self.responsibility._company_sql('p', alias), partner.id))
                    self.assertEqual(found, right.id, name)
                self.assertEqual(self.responsibility._company_of(partner.with_user(self.anna)), right, name)
            self.zoe.active = archived

    def test_one_company_for_all(self):
        """K11: the strategy of a customer without company and salesperson is of the company that plans it, wherever it is
        written: its cadence applies."""
        customer = self._customer("Nobody's", user_id=False)
        self.mara.company_ids += self.company_2
        strategy = self.env['customer.strategy'].with_user(self.mara).with_context(
            allowed_company_ids=(self.company_2 + self.company).ids).create({
                'partner_id': customer.id, 'core_approach': "x", 'cadence_id': self.cadence.id, 'date_end': '2099-01-01',
                'kpi_ids': [Command.create({
                    'kpi_id': self.env['customer.kpi'].create({'name': "By hand", 'source': 'manual'}).id, 'target': 5})]})
        self.assertEqual(strategy.company_id, self.env.ref('base.main_company'))
        strategy.action_start()
        self.assertEqual(self._open(customer).cadence_id, self.cadence)

    # ------------------------------------------------------------
    # WHO DOES IT
    # ------------------------------------------------------------

    def test_roles(self):
        """K3: the people of the team; where one is missing the next, and nobody for customers that nobody looks after."""
        self.team_north.write({'customer_expert_id': self.ben.id, 'customer_support_id': self.max.id})
        anna, ben, lena, maxi = (user.id for user in (self.anna, self.ben, self.lena, self.max))
        self.assertEqual(self._both(self.anna), {
            'manager': (anna, anna), 'leader': (lena, lena), 'executive': (lena, lena), 'expert': (ben, ben),
            'support': (maxi, maxi)})
        self.ben.active = False
        self.max.group_ids = self.env.ref('base.group_user')
        self.assertEqual(self._both(self.anna) | {}, {
            'manager': (anna, anna), 'leader': (lena, lena), 'executive': (lena, lena), 'expert': (anna, anna),
            'support': (anna, anna)})
        self.assertFalse(self.responsibility._doer('manager', self.env['res.users'], self.company))

    def test_who_left(self):
        """K3: archived as people do it, which takes them out of the team as well, the leader answers for what is left."""
        self.ben.with_user(self.env.ref('base.user_root')).action_archive()
        self.assertFalse(self.ben.sale_team_id)
        self.assertEqual(self.ben.customer_team_id, self.team_north)
        self.assertEqual(self._both(self.ben)['manager'], (self.lena.id, self.lena.id))
        self.lena.active = False
        self.assertEqual(self._both(self.ben)['manager'], (self.mara.id, self.mara.id))
        self.mara.active = False
        self.assertEqual(self._both(self.ben)['manager'], (False, False))

    def test_membership(self):
        """K3: who is taken out of a team has another leader from then on."""
        self.assertEqual(self._both(self.ben)['leader'], (self.lena.id,) * 2)
        self.env['crm.team.member'].search([('user_id', '=', self.ben.id)]).action_archive()
        self.assertEqual(self._both(self.ben)['leader'], (self.ben.id,) * 2)

    def test_away(self):
        """K3: today the backup, or the next in line where that one is not able to; it still belongs to who is away."""
        self._away(self.anna, self.ben)
        self.assertEqual(self._both(self.anna)['manager'], (self.anna.id, self.ben.id))
        for change in ({'active': False}, {'group_ids': [Command.set(self.env.ref('base.group_user').ids)], 'active': True}):
            self.ben.write(change)
            self.assertEqual(self._both(self.anna)['manager'], (self.anna.id, self.lena.id))
        self._away(self.lena, self.otto)
        self.assertEqual(self._both(self.anna)['manager'], (self.anna.id, self.otto.id))

    def test_last_manager_away(self):
        """K3: the manager who is asked last is away without a backup who could: another one is asked."""
        other = self._user('other', 'manager')
        self.anna.active = self.lena.active = False
        self._away(self.mara, self.nils)
        self.assertEqual(self._both(self.anna)['manager'], (self.mara.id, other.id))

    def test_walk(self):
        """K3: all combinations of who is active, has a role, works in the company, is away, and what the backup is."""
        base, role = self.env.ref('base.group_user'), self.env.ref('customer_success.group_customer_success_user')
        absence = self._away(self.anna, self.ben)
        today, seen = fields.Date.today(), set()
        for active, has_role, at_home, away, backup_able, leader_able in product((True, False), repeat=6):
            self.anna.write({
                'active': active, 'group_ids': [Command.set((base + role if has_role else base).ids)],
                'company_ids': [Command.set((self.company + self.company_2 if at_home else self.company_2).ids)],
                'company_id': (self.company if at_home else self.company_2).id})
            self.ben.active, self.lena.active = backup_able, leader_able
            absence.date_from = today if away else today + timedelta(days=1)
            case = (active, has_role, at_home, away, backup_able, leader_able)
            owner, doer = self._both(self.anna)['manager']
            able = active and has_role and at_home
            next_one = self.lena.id if leader_able else self.mara.id
            self.assertEqual(owner, self.anna.id if able else next_one, case)
            self.assertEqual(
                doer, self.ben.id if away and backup_able else self.anna.id if able and not away else next_one, case)
            seen.add((owner, doer))
        self.assertGreater(len(seen), 4)

    def test_told(self):
        """K3: the leader hears of it, another one when the leader knows it, the backup of the leader when away."""
        tell = self.responsibility._to_tell
        self.assertEqual(tell(self.anna, self.company), self.lena)
        self.assertEqual(tell(self.anna, self.company, but=self.lena), self.mara)
        self._away(self.lena, self.otto)
        self.assertEqual(tell(self.anna, self.company), self.otto)
        self.mara.active = False
        self.assertFalse(tell(self.env['res.users'], self.company))
