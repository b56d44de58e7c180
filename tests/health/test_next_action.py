"""HEA-6: the next best action, with its reason and one click that does it."""
import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import users
from odoo.tools import SQL, mute_logger

from ...models.base.customer_fact import PREFIX
from ...models.health.customer_action_kind import ActionKind
from .common import HealthFigures


class TestNextAction(HealthFigures):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a customer of whom nothing is to be done, so that a test meets only what it makes
        cls.env['customer.profile.requirement'].search([]).policy = 'off'
        cls.quiet(cls.customer)

    @classmethod
    def quiet(cls, customer):
        """Let nothing be to do: a person is known and was spoken to, satisfaction and potential are judged."""
        customer.sudo().write({'customer_potential': 'low', 'customer_potential_reason': "Small"})
        person = cls.env['res.partner'].create({'name': "Person", 'parent_id': customer.id})
        cls._log(customer, contact=person)
        cls.env['customer.pulse'].create({'partner_id': customer.id, 'score': '4'})
        cls.env.flush_all()

    def _next(self, user=None, partner=None):
        """Return name and reason of what is proposed to a user."""
        self.env.invalidate_all()
        partner = (partner or self.customer).with_user(user or self.anna)
        return partner.customer_next_action, partner.customer_next_reason

    def _do(self):
        return self.customer.with_user(self.anna).action_customer_next()

    def _only(self, *kinds):
        """Leave the rules of some kinds in use."""
        rules = self.env['customer.action.rule'].search([])
        rules.filtered(lambda rule: rule.kind not in kinds).active = False
        return rules.filtered('active')

    def test_hea_6_nothing_to_do(self):
        """HEA-6: where nothing is to be done nothing is proposed, and the button says so."""
        self.assertEqual(self._next(), (False, False))
        self.assertFalse(self.customer.with_user(self.anna).get_customer_strip()['next_action'])
        self.assertEqual(self._do()['tag'], 'display_notification')

    def test_hea_6_first_rule_wins(self):
        """HEA-6: of several things to do the first in the order of the rules is proposed; the order is the manager's."""
        self._warn(self.customer, 'one', '3')
        self._rhythm(self.customer, 10, 300, 30)
        self.assertEqual(self._next()[0], "Take on the red warning")
        order = self.env['customer.action.rule'].search([('kind', '=', 'order')])
        order.with_user(self.mara).sequence = 0
        self.assertEqual(self._next()[0], "Call with an offer")
        order.with_user(self.mara).active = False
        self.assertEqual(self._next()[0], "Take on the red warning")

    def test_hea_6_warning(self):
        """HEA-6: a red warning is to be taken on; one that is worked on, put off or closed is not."""
        warning = self._warn(self.customer, 'one', '3')
        self.assertIn("Red since", self._next()[1])
        action = self._do()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.warning', warning.id))
        for columns in ({'state': 'working'}, {'state': 'closed'}, {'state': 'open', 'snooze_until': self._ago(-3)}):
            warning.sudo().write(columns)
            self.assertFalse(self._next()[0])
        warning.sudo().write({'state': 'open', 'snooze_until': False, 'level': '1'})
        self.assertEqual(self._next()[0], "Take on the warning")

    def test_hea_6_promise_before_overdue(self):
        """HEA-6: what was agreed comes before a touch that is overdue, and opens its own dialog."""
        self.customer.customer_cadence_id = self.cadence
        self.env['customer.planner']._plan(self.customer.ids)
        touch = self._open(self.customer, self.step)
        touch.sudo().write({'date_planned': self._ago(20), 'date_limit': self._ago(10)})
        name, reason = self._next()
        self.assertEqual(name, "Get in touch: it is overdue")
        self.assertIn("Monthly call was due on", reason)
        self.assertEqual(self._do()['context']['default_followup_id'], touch.id)
        promise = self.env['customer.followup'].with_user(self.anna).create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Send samples",
            'date_planned': self.today})
        self.assertEqual(self._next(), ("Do what was agreed", "Send samples is due today."))
        self.assertEqual(self._do()['context']['default_followup_id'], promise.id)

    def test_hea_6_reasons_are_told_together(self):
        """HEA-6: what is proposed for many customers costs as many queries as for a few: the records that the sentences are
        about are read at once."""
        self._only('overdue')

        def cost(count):
            customers = self.env['res.partner'].concat(*(self._customer(f"Many {count} {number}") for number in range(count)))
            self.env['customer.followup'].create([{
                'partner_id': customer.id, 'channel_id': self.call.id, 'user_id': self.anna.id, 'name': f"Call {number}",
                'date_planned': self._ago(20), 'date_limit': self._ago(10)} for number, customer in enumerate(customers)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            reasons = customers.with_user(self.anna).mapped('customer_next_reason')
            self.assertEqual([reason.partition(" was due")[0] for reason in reasons], [f"Call {n}" for n in range(count)])
            return self.env.cr.sql_log_count - before

        cost(2)  # what is read once
        few = cost(3)
        self.assertLessEqual(cost(20), few)

    def test_hea_6_order_expected(self):
        """HEA-6: near the customer's own interval an order can be expected; a rhythm shows from three orders on."""
        self._rhythm(self.customer, 10, 290, 20)  # every 30 days
        self.assertFalse(self._next()[0])
        self._rhythm(self.customer, 10, 297, 27)
        self.assertEqual(self._next(), (
            "Call with an offer", "They usually order every 30 days; the last order is 27 days ago."))
        self.assertEqual(self._do()['res_model'], 'customer.followup.log')
        self._rhythm(self.customer, 2, 300, 30)
        self.assertFalse(self._next()[0])

    def test_hea_6_payment(self):
        """HEA-6: invoices overdue, those of the contact persons included, are to be talked about."""
        person = self.customer.child_ids[0]

        def invoice(partner, due):
            move = self.env['account.move'].create({
                'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': self._ago(60),
                'invoice_date_due': self._ago(due), 'invoice_payment_term_id': False,
                'invoice_line_ids': [Command.create({
                    'product_id': self.product_thing.id, 'quantity': 1, 'price_unit': 10, 'tax_ids': False})]})
            move.action_post()
            return move

        self._only('payment')
        invoice(self.customer, 10)
        self.assertFalse(self._next()[0], "14 days of patience")
        late = invoice(person, 40)
        self.assertEqual(self._next(), (
            "Talk about the open invoices", f"{self._money(10)} is overdue for 40 days (open credit deducted)."))
        invoice(self.customer, 20)
        self.assertEqual(
            self._next()[1],
            f"{self._money(20)} in 2 instalments is overdue, the oldest for 40 days (open credit deducted).")
        late.button_draft()
        self.assertIn("overdue for 20 days", self._next()[1])
        self._only('payment').threshold = 20
        self.assertIn("overdue for 20 days", self._next()[1], "from 20 days on is 20")
        self._only('payment').threshold = 21
        self.assertFalse(self._next()[0])

    def _money(self, amount):
        return self.env['customer.registry']._main_company().currency_id.format(amount)

    def test_hea_6_people(self):
        """HEA-6: without a contact person one is looked for; after a long silence somebody is to be talked to."""
        self._only('person', 'silence')
        people = self.customer.child_ids
        people.active = False
        self.assertEqual(self._next()[0], "Find out whom to talk to")
        action = self._do()
        self.assertEqual((action['target'], action['context']['default_parent_id']), ('new', self.customer.id))
        people.active = True
        self.assertFalse(self._next()[0])
        done = self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')])
        done.sudo().contact_day = self._ago(200)
        self.assertEqual(self._next(), ("Get in touch again", "Nobody was spoken to for 200 days."))
        done.sudo().qualifies = False
        self.assertFalse(self._next()[0], "a new customer has time")
        self.customer.sudo().customer_managed_since = self._ago(200)
        self.assertEqual(self._next()[1], "Nobody there was spoken to yet.")

    def test_hea_6_engagement(self):
        """HEA-6: who can hardly be reached is to be reached otherwise."""
        measures = self.env.registry['customer.health.measure']
        with patch.object(measures, '_selection_source', lambda model: [('engagement', "Engagement")]):
            measure = self.env['customer.health.measure'].create({
                'name': "Reach", 'source': 'engagement',
                'group_id': self.env['customer.health.group'].create({'name': "Reach"}).id,
                'band_ids': [Command.create({'value_from': 0, 'points': 0})]})
        self._health(self.customer, (5, 40))
        self._only('engagement')
        for points, status, found in ((20, 'known', True), (80, 'known', False), (20, 'stale', False), (None, 'missing', False)):
            self.env.cr.execute(
                "UPDATE customer_health_snapshot SET parts = %s WHERE partner_id = %s",
                (json.dumps({measure.id: {'w': 15, 'p': points, 'v': 12.5, 'd': None, 's': status}}), self.customer.id))
            self.assertEqual(bool(self._next()[0]), found)
            if found:
                self.assertEqual(self._next()[1], "Somebody was reached in 12 % of the last contacts only.")

    def test_hea_6_what_we_do_not_know(self):
        """HEA-6: satisfaction, potential and profile are to be asked for, of the tiers that the rules name."""
        self.customer.sudo().customer_tier_id = self.tier_high
        pulse = self.env['customer.pulse'].search([('partner_id', '=', self.customer.id)])
        pulse.date = self._ago(100)
        self.assertEqual(self._next()[0], "Ask how satisfied they are")
        self.assertEqual(self._do()['context']['default_partner_id'], self.customer.id)
        pulse.unlink()
        self.assertEqual(self._next()[1], "How satisfied they are was never judged.")
        self.customer.sudo().customer_tier_id = self.tier_low
        self.assertFalse(self._next()[0], "the rule is for other tiers")
        rule = self.env['customer.action.rule'].search([('kind', '=', 'satisfaction')])
        rule.tier_ids = False
        self.assertTrue(self._next()[0], "no tier stands for all")
        rule.active = False
        self.customer.sudo().write({
            'customer_tier_id': self.tier_high.id, 'customer_potential': False, 'customer_potential_reason': False})
        self.assertEqual(self._next()[0], "Judge the potential")
        self.assertTrue(self._do())

    def test_hea_6_profile(self):
        """HEA-6: an incomplete profile is to be completed; on the form itself the button says what is missing."""
        requirement = self.env['customer.profile.requirement'].search([], limit=1)
        requirement.write({
            'name': "Website", 'policy': 'warn', 'scope': 'customer',
            'field_id': self.env['ir.model.fields']._get('res.partner', 'website').id})
        self.assertEqual(self._next(), ("Complete the profile", "Missing: Website."))
        self.assertEqual(self._do()['res_id'], self.customer.id)
        action = self.customer.with_user(self.anna).with_context(customer_form=True).action_customer_next()
        self.assertIn("Website", action['params']['message'])
        self.customer.website = 'https://example.com'
        self.assertFalse(self._next()[0])

    def test_hea_6_no_contact_while_paused(self):
        """HEA-6: while contacts are paused or stopped nothing is proposed that means getting in touch."""
        self._rhythm(self.customer, 10, 297, 27)
        pause = self.env['customer.pause'].create({
            'partner_id': self.customer.id, 'date_to': self._ago(-9), 'reason_id': self.reason.id})
        self.assertFalse(self._next()[0])
        self._warn(self.customer, 'one', '3')
        self.assertEqual(self._next()[0], "Take on the red warning", "that is work of our own")
        pause.unlink()
        self.env['customer.warning'].search([]).sudo().state = 'closed'
        self.assertEqual(self._next()[0], "Call with an offer")
        self.customer.sudo().customer_do_not_contact = True
        self.assertFalse(self._next()[0])

    def test_hea_6_for_whom(self):
        """HEA-6: proposals are for who looks after the customer: its manager, a deputy, the leader, a manager."""
        self._rhythm(self.customer, 10, 297, 27)
        for user, found in ((self.anna, True), (self.lena, True), (self.mara, True), (self.ben, False), (self.li, False)):
            self.assertEqual(bool(self._next(user)[0]), found, user.name)
        self.env['customer.followup'].sudo().create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Stand in", 'user_id': self.ben.id,
            'date_planned': self._ago(-30)})
        self.assertTrue(self._next(self.ben)[0])
        self.customer.sudo().user_id = False
        self.assertTrue(self._next(self.otto)[0], "nobody's customers are everybody's")

    @users('anna')
    def test_hea_6_one_bad_kind_leaves_the_others(self):
        """HEA-6: a kind of another addon whose query fails is left out; the others still propose."""
        rules = self.env.registry['customer.action.rule']
        kinds = rules._kinds
        self._rhythm(self.customer, 10, 297, 27)
        self.env['customer.action.rule'].sudo().create({'name': "Good", 'kind': 'promise', 'sequence': 500})
        self.env.cr.execute("UPDATE customer_action_rule SET kind = 'broken' WHERE name ->> 'en_US' = 'Good'")
        self.env.cr.execute("UPDATE customer_action_rule SET sequence = 0 WHERE kind = 'broken'")
        self.env.invalidate_all()

        def with_broken(model):
            return kinds(model) | {'broken': ActionKind(
                "Broken", lambda rule, ids: SQL("SELECT nonsense FROM nowhere"), lambda rule, mets: [], lambda *args: {})}

        customer = self.customer.with_env(self.env)
        with patch.object(rules, '_kinds', with_broken), self.assertLogs(
                'odoo.addons.customer_success.models.health.customer_action_rule', 'ERROR'), mute_logger('odoo.sql_db'):
            self.assertEqual(customer.customer_next_action, "Call with an offer")

    def test_hea_6_a_kind_from_outside(self):
        """HEA-6: another addon adds a kind through one method, and proposes it like the shipped ones."""
        rules = self.env.registry['customer.action.rule']
        kinds = rules._kinds

        def with_own(model):
            return kinds(model) | {'own': ActionKind(
                "It is Tuesday", lambda rule, ids: SQL("SELECT unnest(%s), 7::numeric, NULL::date, NULL::int", ids),
                lambda rule, mets: [f"{met.value:.0f} times {rule.threshold:.0f}" for met in mets],
                lambda rule, partner, met: {'type': 'ir.actions.act_window_close'})}

        with patch.object(rules, '_kinds', with_own):
            self.env['customer.action.rule'].create({'name': "Dance", 'kind': 'own', 'sequence': 0, 'threshold': 3})
            self.assertEqual(self._next(), ("Dance", "7 times 3"))
            self.assertEqual(self._do()['type'], 'ir.actions.act_window_close')

    @users('anna')
    def test_hea_6_users_do_not_configure(self):
        """HEA-6: the rules are for managers to change."""
        rule = self.env['customer.action.rule'].search([], limit=1)
        self.assertTrue(rule.unit)
        with self.assertRaises(AccessError):
            rule.active = False

    def test_hea_6_nothing_is_set_aside(self):
        """HEA-6: the query of every shipped kind is accepted by the database."""
        with self.assertNoLogs('odoo.addons.customer_success.models.health.customer_action_rule', 'ERROR'):
            rules = self.env['customer.action.rule'].search([])
            # besides, facts of other wings as they are
            kinds = set(rules.mapped('kind'))
            self.assertEqual({kind for kind in kinds if not kind.startswith(PREFIX)}, set(rules._kinds()))
            self.assertLessEqual(kinds, rules._known_kinds().keys())
            self.assertEqual(rules._that_work(self.customer.ids), rules)
