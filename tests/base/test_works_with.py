"""K10: who works with a customer: one rule for all that can be done, and no right that people give to themselves."""
import contextlib
from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import Form, users

from ..common import CustomerCase

TODAY = date.today


class TestWorksWith(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Anna's", customer_cadence_id=cls.cadence.id)
        cls.followup = cls._open(cls.customer)
        cls.looked_after = "looked after by Anna"

    def _works(self, user):
        """Return whether a user works with the customer, having held the domain for lists to the rule for one."""
        customer = self.customer.with_user(user)
        found = customer.sudo().search(customer._worked_with_domain() & Domain('id', '=', customer.id))
        works = bool(customer._filtered_worked_with())
        self.assertEqual(works, bool(found))
        return works

    def _actions(self, customer):
        """Return all that can be done with a customer, as functions by name."""
        env = customer.env
        pause = {'partner_ids': customer.ids, 'reason_id': self.reason.id, 'date_to': TODAY() + timedelta(days=9)}
        return {
            'log': lambda: self._log(customer),
            'pause': lambda: env['customer.pause.wizard'].create(pause).action_apply(),
            'stop': lambda: env['customer.pause.wizard'].create({**pause, 'kind': 'stop'}).action_apply(),
            'resume': customer.action_customer_resume,
            'exclude': customer.action_customer_exclude,
            'take over': lambda: customer.write({'user_id': env.uid}),
            'own cadence': lambda: customer.write({'customer_cadence_id': False}),
            'potential': lambda: customer.write({
                'customer_potential': 'high', 'customer_potential_reason': "They grow"}),
            'potential in the dialog': lambda: env['customer.segment.dialog'].create({
                'partner_ids': customer.ids, 'potential': 'high', 'reason': "They grow"}).action_judge(),
            'follow-up': lambda: env['customer.followup'].create({'partner_id': customer.id, 'channel_id': self.call.id}),
            'strategy': lambda: env['customer.strategy'].create({'partner_id': customer.id, 'core_approach': "x"}),
        }

    def _done(self, user):
        """Return what a user can do with the customer; nothing of it is kept."""
        done = set()
        for name, act in self._actions(self.customer.with_user(user)).items():
            with contextlib.suppress(AccessError), self.env.cr.savepoint() as savepoint:
                act()
                self.env.flush_all()
                savepoint.rollback()
                done.add(name)
            self.env.invalidate_all()
        return done

    def test_k10_all_or_nothing(self):
        """K10: who works with a customer can do all of it; who does not, nothing."""
        everything = set(self._actions(self.customer))
        self.assertEqual(self._done(self.anna), everything)
        self.assertEqual(self._done(self.lena), everything)
        self.assertEqual(self._done(self.mara), everything)
        self.assertEqual(self._done(self.ben), set())
        self.assertEqual(self._done(self.li), set())
        self.assertEqual([self._works(user) for user in (self.anna, self.lena, self.mara)], [True] * 3)
        self.assertEqual([self._works(user) for user in (self.ben, self.otto, self.li)], [False] * 3)

    def test_k10_nobodys(self):
        """K10: whom nobody looks after, everybody may."""
        self.customer.user_id = False
        self.assertEqual(self._done(self.otto), set(self._actions(self.customer)))

    def test_k10_given(self):
        """K10: what was given by the leader is a right, as long as it is open and one's own."""
        self.followup.with_user(self.lena)._reassign(self.ben)
        self.assertEqual(self.followup.given_by_id, self.lena)
        self.assertIn('log', self._done(self.ben))
        self.assertIn('stop', self._done(self.ben))
        self.followup.with_user(self.ben)._reassign(self.otto)
        self.assertTrue(self._works(self.otto))
        self.assertFalse(self._works(self.ben), "handed over")
        self._log(self.customer.with_user(self.otto), followup=self.followup.with_user(self.otto))
        self.assertEqual(self.followup.state, 'done')
        self.assertFalse(self._works(self.otto), "finished")

    def test_k10_given_by_oneself(self):
        """K10: what somebody kept for themself is no right, also when it was opened before the customer changed hands."""
        self.customer.user_id = False
        own = self.env['customer.followup'].with_user(self.ben).create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Mine"}).with_env(self.env)
        self.customer.user_id = self.anna
        self.assertEqual(own.user_id, self.anna, "it follows the customer")
        own.write({'user_id': self.ben.id})
        own.given_by_id = self.ben
        self.assertFalse(self._works(self.ben))

    def test_k10_by_plan(self):
        """K10: who has a touchpoint by plan works with the customer."""
        self.team_north.customer_expert_id = self.otto
        self.assertFalse(self._works(self.otto))
        self.step.role = 'expert'
        self.assertEqual(self._open(self.customer).user_id, self.otto)
        self.assertTrue(self._works(self.otto))

    def test_k10_next_step_of_what_was_given(self):
        """K10: the next step of what was given can be done by whoever agreed on it."""
        self.followup.with_user(self.lena)._reassign(self.ben)
        self._log(self.customer.with_user(self.ben), followup=self.followup.with_user(self.ben), next_step="Send it",
                  next_date=TODAY() + timedelta(days=3))
        promise = self._open(self.customer).filtered(lambda followup: not followup.step_id)
        self.assertRecordValues(promise, [{'user_id': self.ben.id, 'given_by_id': self.lena.id}])
        self._log(self.customer.with_user(self.ben), followup=promise.with_user(self.ben))
        self.assertFalse(self._works(self.ben))

    @users('ben')
    def test_k10_form_rpc_and_import(self):
        """K10: a foreign customer is not taken over by form, RPC or import; the sentence says whose it is."""
        customer = self.customer.with_env(self.env)
        with self.assertRaisesRegex(AccessError, self.looked_after), Form(customer) as form:
            form.user_id = self.env.user
        with self.assertRaisesRegex(AccessError, self.looked_after):
            customer.web_save({'customer_enrolment': 'excluded'}, {'name': {}})
        self.env['ir.model.data'].sudo()._update_xmlids([{'xml_id': '__test__.annas', 'record': customer}])
        result = self.env['res.partner'].load(['id', 'user_id/.id'], [['__test__.annas', str(self.env.uid)]])
        self.assertIn(self.looked_after, result['messages'][0]['message'])
        customer.write({'user_id': self.anna.id, 'function': "Unchanged is no change"})
        with self.assertRaisesRegex(AccessError, self.looked_after):
            self.env['customer.followup'].create({'partner_id': customer.id, 'channel_id': self.call.id})

    def test_k10_tiers_of_the_own_team(self):
        """K10: a leader sets tiers by hand in the own team only."""
        def dialog(user):
            return self.env['customer.tier.manual'].with_user(user).create({
                'partner_ids': self.customer.ids, 'tier_id': self.tier_high.id, 'reason': "They grow"})
        with self.assertRaisesRegex(AccessError, self.looked_after):
            dialog(self.li).action_set()
        dialog(self.lena).action_set()
        self.assertEqual(self.customer.customer_tier_id, self.tier_high)
        with self.assertRaisesRegex(AccessError, self.looked_after):
            dialog(self.li).action_end()

    def test_k10_health_by_hand(self):
        """K10: a leader sets the health of customers of the own team by hand."""
        def set_by(user):
            return self.env['customer.health.override'].with_user(user).create({
                'partner_id': self.customer.id, 'score': 90, 'reason': "I know them"})
        with self.assertRaisesRegex(AccessError, self.looked_after):
            set_by(self.li)
        self.assertTrue(set_by(self.lena).is_running)

    def test_k10_sales_administrator(self):
        """K10: whoever administers sales gives customers to anybody, and nothing more."""
        self.nils.group_ids += self.env.ref('sales_team.group_sale_manager')
        self.customer.with_user(self.nils).user_id = self.ben
        self.assertEqual(self.customer.user_id, self.ben)
