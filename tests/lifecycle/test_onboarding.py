"""LIF-1, LIF-2: what happens after a customer signed, until it is at home with us."""
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from ...models.base.customer_fact import Span
from ..common import CustomerCase


class OnboardingCase(CustomerCase):
    """The shipped plan, switched on at the beginning of June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env.ref('customer_success.customer_onboarding_plan_standard')
        cls.plan.action_switch_on()
        cls.plan.date_start = '2026-06-01'
        cls.plan.cadence_id.step_ids.date_start = '2026-06-01'
        cls.steps = {name: cls.env.ref(f'customer_success.customer_cadence_step_onboarding_{name}') for name in (
            'thanks', 'terms', 'call', 'problems', 'needs', 'training')}

    def _sign(self, name, day='2026-06-01', **vals):
        """Return a new customer with its first order, and its onboarding."""
        with self._on(day):
            customer = self._customer(name, customer_enrolment='auto', email=f'{name}@example.com', **vals)
            self._more(customer)
        return customer, self._onboardings(customer)

    def _more(self, customer, **vals):
        order = self.env['sale.order'].create({
            'partner_id': customer.id, 'order_line': [Command.create({
                'product_id': self.product_thing.id, 'price_unit': 100, 'tax_ids': False})], **vals})
        order.action_confirm()
        return order

    def _onboardings(self, customer):
        return self.env['customer.onboarding'].search([('partner_id', '=', customer.id)], order='id')

    def _item(self, onboarding, name):
        return onboarding.item_ids.filtered(
            lambda item: item.plan_item_id == self.env.ref(f'customer_success.customer_onboarding_item_{name}'))

    def _made(self, customer, name):
        [followup] = self._open(customer, self.steps[name])
        return self._log(customer, channel=followup.channel_id, followup=followup)


class TestOnboarding(OnboardingCase):

    # ------------------------------------------------------------
    # HOW IT BEGINS
    # ------------------------------------------------------------

    def test_lif_1_begins_with_the_first_order(self):
        """LIF-1: the first order begins it, by the same planner as all touches: thanks after one hour, a first call within 72
        hours, problems in 3 days, needs in 7, training in 10; beside the customer's own cadence."""
        customer, onboarding = self._sign("Alpha")
        self.assertEqual(
            (onboarding.state, onboarding.user_id, onboarding.date_start, onboarding.started_at),
            ('running', self.anna, date(2026, 6, 1), datetime(2026, 6, 1, 12)))
        opened = {step: self._open(customer, record) for step, record in self.steps.items()}
        self.assertTrue(all(len(followup) == 1 for followup in opened.values()))
        self.assertEqual(opened['thanks'].planned_at, datetime(2026, 6, 1, 13))
        self.assertEqual(opened['call'].date_limit, date(2026, 6, 4))
        self.assertTrue(self._open(customer) - self.env['customer.followup'].union(*opened.values()), "its own cadence goes on")
        due = {name: self._item(onboarding, name).due_at - onboarding.started_at for name in (
            'thanks', 'call', 'problems', 'needs', 'training')}
        self.assertEqual(due, {
            'thanks': timedelta(days=1), 'call': timedelta(hours=72), 'problems': timedelta(days=3), 'needs': timedelta(days=7),
            'training': timedelta(days=10)})

    def test_lif_1_second_order(self):
        """LIF-1: a second order begins nothing, unless the customer was lost: its last order is older than the plan says."""
        customer, onboarding = self._sign("Alpha")
        with self._on('2026-06-20'):
            self._more(customer)
            self.assertEqual(self._onboardings(customer), onboarding)
            onboarding.item_ids.action_tick()
            self.assertEqual(onboarding.state, 'done')
            self._more(customer)
            self.assertEqual(self._onboardings(customer), onboarding)
        with self._on('2027-06-19'):
            self._more(customer)
            self.assertEqual(self._onboardings(customer), onboarding, "364 days later")
        with self._on('2028-06-18'):
            self._more(customer)
            self.assertEqual(len(self._onboardings(customer)), 2, "a year later")

    def test_lif_1_lost_and_back(self):
        """LIF-1, LIF-4: who was marked as lost and orders again is welcomed anew, however short that was; the next order begins
        nothing."""
        customer, onboarding = self._sign("Alpha")
        onboarding.item_ids.action_tick()
        with self._on('2026-07-01'):
            self.env['customer.loss'].create({
                'partner_id': customer.id, 'reason_id': self.env['customer.loss.reason'].search([], limit=1).id})
        with self._on('2026-08-10'):
            self._more(customer)
            self.assertEqual(self._onboardings(customer).mapped('state'), ['done', 'running'])
            self._onboardings(customer)[1].item_ids.action_tick()
            self.env['customer.ranking']._refresh_all()
            self.env['customer.stager']._refresh()
        with self._on('2026-09-10'):
            self._more(customer)
            self.assertEqual(len(self._onboardings(customer)), 2)

    def test_lif_3_stage_of_who_is_onboarded(self):
        """LIF-1, LIF-3: as long as the onboarding runs the customer is in that stage, also after its first 30 days; a touchpoint
        that waits for the next stage is opened when it is entered, and withdrawn when it is left."""
        growth = self.env.ref('customer_success.customer_stage_growth')
        onboarding_stage = self.env.ref('customer_success.customer_stage_onboarding')
        step = self.env['customer.cadence.step'].create({
            'cadence_id': self.cadence.id, 'name': "What comes next", 'channel_id': self.call.id, 'kind': 'event',
            'event': 'stage', 'stage_id': growth.id, 'delay_count': 5, 'grace_days': 40, 'date_start': '2026-06-01'})
        customer, onboarding = self._sign("Alpha", customer_cadence_id=self.cadence.id)
        stager = self.env['customer.stager']
        for day, stage in (('2026-06-01', onboarding_stage), ('2026-07-20', onboarding_stage)):
            with self._on(day):
                stager._refresh()
                self.assertEqual(customer.customer_stage_id, stage)
                self.assertFalse(self._open(customer, step))
        with self._on('2026-07-21'):
            onboarding.item_ids.action_tick()
            stager._refresh()
            self.env['customer.planner']._work_queue()
            self.assertEqual(customer.customer_stage_id, growth)
            self.assertEqual(self._open(customer, step).date_planned, date(2026, 7, 27), "the fifth day is a Sunday")
        with self._on('2026-07-22'):
            customer._set_stage_by_hand(onboarding_stage, "Begins once more")
            self.env['customer.planner']._work_queue()
            self.assertFalse(self._open(customer, step))

    def test_lif_1_not_for_old_orders(self):
        """LIF-1: nothing begins for what was signed before the plan was switched on, nor for who had ordered before, nor for
        who is excluded; a plan that is switched off begins nothing."""
        __, onboarding = self._sign("Early", '2026-05-20')
        self.assertFalse(onboarding)
        old = self.env['res.partner'].search([('name', '=', "Early")])
        with self._on('2026-06-10'):
            order = self.env['sale.order'].search([('partner_id', '=', old.id)])
            order._action_cancel()
            order.action_draft()
            order.action_confirm()
            self.assertFalse(self._onboardings(old), "signed in May")
            self._more(old)
            self.assertFalse(self._onboardings(old), "no new customer")
            excluded = self._customer("Excluded", customer_enrolment='excluded')
            self._more(excluded)
            self.assertFalse(self._onboardings(excluded))
            self.plan.action_archive()
            self.assertFalse(self._sign("Late", '2026-06-11')[1])

    def test_lif_1_won_lead(self):
        """LIF-1: a won lead begins it as well, and its order is the same; a lead that is not won after all ends it."""
        with self._on('2026-06-01'):
            customer = self._customer("Lead")
            lead = self.env['crm.lead'].create({'name': "Deal", 'type': 'opportunity', 'partner_id': customer.id})
            lead.action_set_won()
            onboarding = self._onboardings(customer)
            self.assertEqual((onboarding.state, onboarding.lead_id), ('running', lead))
            lead.stage_id = self.env['crm.stage'].search([('is_won', '=', False)], limit=1)
            self.assertEqual((onboarding.state, onboarding.close_kind), ('cancelled', 'order'))
            self.assertFalse(self._open(customer, self.steps['call']))
        with self._on('2026-06-02'):
            lead.action_set_won()
            self.assertEqual((self._onboardings(customer), onboarding.state), (onboarding, 'running'))
            order = self._more(customer, opportunity_id=lead.id)
            self.assertEqual((self._onboardings(customer), onboarding.order_id), (onboarding, order))

    def test_lif_1_won_lead_makes_customer(self):
        """LIF-1: where the settings say so, whoever wins a lead has a new customer, who is welcomed; a lead that is not won after
        all takes that back, and so does switching it off. An order stays an order."""
        contact = self.env['res.partner'].create({'name': "Prospect", 'is_company': True, 'user_id': self.anna.id})
        lead = self.env['crm.lead'].create({
            'name': "Deal", 'type': 'opportunity', 'partner_id': contact.id, 'user_id': self.anna.id})
        lost = self.env['crm.stage'].search([('is_won', '=', False)], limit=1)
        with self._on('2026-06-01'):
            lead.action_set_won()
            self.assertFalse(contact.customer_managed, "by default orders and invoices decide")
            lead.stage_id = lost
            self._settings(customer_won_leads=True)
            self.assertFalse(contact.customer_managed)
            lead.with_user(self.anna).action_set_won()
            self.assertTrue(contact.customer_managed)
            onboarding = self._onboardings(contact)
            self.assertEqual((onboarding.state, onboarding.lead_id), ('running', lead))
            self.assertTrue(self._open(contact, self.steps['call']))
            lead.with_user(self.anna).stage_id = lost
            self.assertFalse(contact.customer_managed)
            self.assertEqual(self._onboardings(contact).mapped('state'), ['cancelled'])
            lead.action_set_won()
            self.assertEqual(self._onboardings(contact).mapped('state'), ['running'])
            self.env['customer.registry']._refresh()
            self.assertTrue(contact.customer_managed, "as the night finds it")
            self._settings(customer_won_leads=False)
            self.assertFalse(contact.customer_managed)
            self._settings(customer_won_leads=True)
            self.assertTrue(contact.customer_managed)
            lead.unlink()
            self.assertFalse(contact.customer_managed)

    def test_plt_3_planned_once(self):
        """PLT-3: an order or a won lead that makes a customer and begins its onboarding plans it once, for both."""
        planner, planned = type(self.env['customer.planner']), []
        original = planner._make_plan

        def make_plan(model, partner_ids, *args):
            planned.extend((model._name, partner_id) for partner_id in partner_ids)
            return original(model, partner_ids, *args)

        with self._on('2026-06-01'), patch.object(planner, '_make_plan', make_plan):
            customer = self._customer("Alpha", customer_enrolment='auto')
            order = self._more(customer)
            self.assertTrue(self._open(customer, self.steps['call']))
            self.assertEqual(planned, [('customer.planner', customer.id)])
            planned.clear()
            order._action_cancel()
            self.assertFalse(self._open(customer, self.steps['call']))
            self.assertEqual(planned, [('customer.planner', customer.id)])

            self._settings(customer_won_leads=True)
            contact = self._customer("Beta", customer_enrolment='auto')
            planned.clear()
            lead = self.env['crm.lead'].create({'name': "Deal", 'type': 'opportunity', 'partner_id': contact.id})
            lead.action_set_won()
            self.assertTrue(self._open(contact, self.steps['call']))
            self.assertEqual(planned.count(('customer.planner', contact.id)), 1)

    def _settings(self, **values):
        self.env['res.config.settings'].create(values).set_values()

    # ------------------------------------------------------------
    # WHAT IS DONE
    # ------------------------------------------------------------

    def test_lif_1_done_by_followup_and_tick(self):
        """LIF-1: an item is done when its follow-up is, or by a tick with a note, which withdraws the follow-up; taken back, it
        is planned again."""
        customer, onboarding = self._sign("Alpha")
        with self._on('2026-06-02', 9):
            self._made(customer, 'call')
            item = self._item(onboarding, 'call')
            self.assertEqual((item.done_at, item.followup_id.state), (datetime(2026, 6, 2, 9), 'done'))
            terms = self._item(onboarding, 'terms').with_user(self.anna)
            followup = self._open(customer, self.steps['terms'])
            terms.note = "By phone"
            terms.action_tick()
            self.assertEqual((terms.done_by_id, terms.state), (self.anna, 'done'))
            self.assertEqual((followup.state, followup.close_kind), ('cancelled', 'replanned'))
            terms.action_untick()
            self.assertEqual((self._open(customer, self.steps['terms']), terms.done_at), (followup, False))

    def test_lif_2_done_by_what_is_known(self):
        """LIF-2: annexes, three pain points, a meeting, two decision makers with an email: done as soon as it is known, and
        kept when it is not so any more; in the night, or at once."""
        customer, onboarding = self._sign("Alpha")
        order = onboarding.order_id
        with self._on('2026-06-03', 9):
            onboarding.with_user(self.anna).insight_ids = [
                Command.create({'name': name, 'kind': kind}) for name, kind in (
                    ("Paper lists", 'pain'), ("Slow answers", 'pain'), ("A new plant", 'market'))]
            self.assertFalse(self._item(onboarding, 'pains').done_at, "two of them hurt")
            self._log(customer, outcome='problem', feedback="The pump stops")
            self.env['ir.attachment'].create({'name': "Annex", 'res_model': 'sale.order', 'res_id': order.id, 'raw': b'x'})
            people = self.env['res.partner'].create([
                {'name': name, 'parent_id': customer.id, 'email': email}
                for name, email in (("Ada", 'ada@alpha.example'), ("Bo", False), ("Cy", 'cy@alpha.example'))])
            self.env['customer.seat'].create([
                {'person_id': person.id, 'role_id': self.env.ref(f'customer_success.customer_contact_role_{role}').id}
                for person, role in zip(people, ('decider', 'decider', 'user'), strict=True)])
            self.env['calendar.event'].create({
                'name': "Demo", 'start': '2026-06-08 09:00:00', 'stop': '2026-06-08 10:00:00',
                'partner_ids': [Command.set(people[0].ids)]})
            onboarding.with_user(self.anna).action_check()
            done = {name: bool(self._item(onboarding, name).done_at) for name in ('annexes', 'pains', 'demo', 'deciders')}
            self.assertEqual(done, {'annexes': True, 'pains': True, 'demo': True, 'deciders': False})
            people[1].email = 'bo@alpha.example'
            self._run_cron('onboarding')
            self.assertTrue(self._item(onboarding, 'deciders').done_at)
            people.active = False
            onboarding.action_check()
            self.assertTrue(self._item(onboarding, 'deciders').done_at, "they were known")

    def test_lif_1_pace(self):
        """LIF-1: on track, behind and stuck, by the days of the plan; found by searching, told in words, and on the customer."""
        customer, onboarding = self._sign("Alpha")
        self.plan.write({'behind_days': 1, 'stuck_days': 4})
        for day, hour, pace in (('2026-06-02', 11, 'track'), ('2026-06-03', 11, 'track'), ('2026-06-03', 13, 'behind'),
                                ('2026-06-06', 11, 'behind'), ('2026-06-06', 13, 'stuck')):
            with self.subTest(day=day, hour=hour), self._on(day, hour):
                self.assertEqual((onboarding.pace, customer.customer_onboarding_pace), (pace, pace))
                for asked in ('track', 'behind', 'stuck'):
                    found = self.env['customer.onboarding'].search([('pace', '=', asked), ('id', '=', onboarding.id)])
                    self.assertEqual(bool(found), asked == pace)
                    found = self.env['res.partner'].search([('customer_onboarding_pace', '=', asked), ('id', '=', customer.id)])
                    self.assertEqual(bool(found), asked == pace)
        with self._on('2026-06-06', 13):
            self.assertEqual(onboarding.why, "Key terms confirmed is late for 4 days")
            self.assertTrue(onboarding.missing.startswith("Key terms confirmed, "), onboarding.missing)
            [line] = [line for line in customer.with_user(self.anna).get_customer_now() if line['word'] == "Onboarding"]
            self.assertEqual((line['level'], line['text'].partition('.')[0]), ('warning', onboarding.why))
            for item in onboarding.item_ids.filtered('required'):
                self.assertEqual(onboarding.state, 'running')
                item.action_tick()
            self.assertEqual((onboarding.state, onboarding.pace, onboarding.missing, onboarding.next_due),
                             ('done', False, False, False))
            self.assertTrue(self._open(customer, self.steps['training']), "what is not required goes on")

    def test_cad_10_thanks_by_itself(self):
        """LIF-1, CAD-10: the thank-you leaves by itself after an hour, once, from the salesperson in the customer's language;
        its item is done."""
        customer, onboarding = self._sign("Alpha", country_id=self.env.ref('base.uk').id)
        mails = [('recipient_ids', 'in', customer.ids)]
        self._run_at('2026-06-01', 12)
        self.assertFalse(self.env['mail.mail'].search(mails))
        for hour in (13, 14):
            self._run_at('2026-06-01', hour)
            self.assertEqual(len(self.env['mail.mail'].search(mails)), 1)
        self.assertIn(self.anna.email, self.env['mail.mail'].search(mails).email_from)
        self.assertTrue(self._item(onboarding, 'thanks').done_at)

    def test_lif_1_thanks_come_back(self):
        """LIF-1, CAD-10: a thank-you that came back has thanked nobody: its item is open again, an onboarding that was done by
        it too, and it says why; one that was closed stays closed."""
        self.env.ref('customer_success.customer_onboarding_item_thanks').required = True
        customer, onboarding = self._sign("Alpha", country_id=self.env.ref('base.uk').id)
        (onboarding.item_ids.filtered('required') - self._item(onboarding, 'thanks')).with_user(self.anna).action_tick()
        self._run_at('2026-06-01', 13)
        thanks = self._item(onboarding, 'thanks')
        self.assertEqual((bool(thanks.done_at), onboarding.state), (True, 'done'))
        followup = thanks.followup_id
        with self._on('2026-06-02', 9):
            self.env['customer.delivery']._take_bounce(followup.sent_message_id, "550 no such user", True)
            self.assertEqual((thanks.done_at, onboarding.state, onboarding.closed_at), (False, 'running', False))
            self.assertIn("550 no such user", onboarding.message_ids[0].body)
            self.assertEqual((followup.state, followup.send_problem), ('planned', 'failed'))
            self._log(customer, channel=followup.channel_id, followup=followup)
            self.assertEqual((bool(thanks.done_at), onboarding.state), (True, 'done'), "a person thanked")
        other, closed = self._sign("Beta", country_id=self.env.ref('base.uk').id)
        self._run_at('2026-06-01', 13)
        closed.note = "They need no help"
        closed.action_close()
        with self._on('2026-06-02', 9):
            thanks = self._item(closed, 'thanks')
            self.env['customer.delivery']._take_bounce(thanks.followup_id.sent_message_id, "550 no such user", True)
        self.assertEqual((bool(thanks.done_at), closed.state), (True, 'cancelled'))

    def _run_at(self, day, hour):
        with self._on(day, hour):
            self.env['customer.sender']._send_batch(self.env['customer.sender']._due())

    def test_pro_7_handed_over(self):
        """LIF-1: who takes the customer over takes its onboarding over, unless somebody else has it."""
        customer, onboarding = self._sign("Alpha")
        customer.user_id = self.ben
        self.assertEqual(onboarding.user_id, self.ben)
        onboarding.user_id = self.lena
        customer.user_id = self.anna
        self.assertEqual(onboarding.user_id, self.lena)

    def test_pro_7_handed_to_who_can_not_open_it(self):
        """LIF-1: given to a salesperson without a role it goes to whom its follow-ups go, and on with the customer from there."""
        customer, onboarding = self._sign("Alpha")
        outsider = self.env['res.users'].with_context(no_reset_password=True).create({
            'name': "Paula", 'login': 'paula.of.production', 'group_ids': [Command.set(self.env.ref('base.group_user').ids)]})
        customer.user_id = outsider
        self.assertTrue(onboarding.user_id)
        self.assertEqual(onboarding.user_id, self._open(customer, self.steps['call']).user_id)
        customer.user_id = self.ben
        self.assertEqual(onboarding.user_id, self.ben)

    def test_lif_1_nothing_is_left_of_what_is_done(self):
        """LIF-1: with the onboarding its follow-ups are over: the planner has nothing to add at night."""
        customer, onboarding = self._sign("Alpha")
        with self._on('2026-06-02'):
            onboarding.item_ids.filtered('required').action_tick()
            self.assertEqual(onboarding.state, 'done')
            self.env['customer.planner']._work_queue()
            before = self._open(customer)
            self.env['customer.planner']._plan(customer.ids)
            self.assertEqual(self._open(customer), before)

    # ------------------------------------------------------------
    # HOW IT ENDS
    # ------------------------------------------------------------

    def test_lif_1_cancelled_order(self):
        """LIF-1: the onboarding of a cancelled order is closed with its reason in words, its follow-ups are withdrawn, and it
        goes on when the order is confirmed again; where there is another order, it goes on for that."""
        customer, onboarding = self._sign("Alpha")
        order = onboarding.order_id
        with self._on('2026-06-02'):
            self._made(customer, 'call')
            order._action_cancel()
            self.assertEqual((onboarding.state, onboarding.close_kind), ('cancelled', 'order'))
            self.assertEqual(onboarding.why, f"Closed on 06/02/2026: {order.name} was cancelled")
            self.assertFalse(any(self._open(customer, step) for step in self.steps.values()))
            order.action_draft()
            order.action_confirm()
            self.assertEqual((onboarding.state, onboarding.close_kind), ('running', False))
            self.assertTrue(self._open(customer, self.steps['needs']))
            self.assertFalse(self._open(customer, self.steps['call']), "made already")
        with self._on('2026-06-03'):
            other = self._more(customer)
            order._action_cancel()
            self.assertEqual((onboarding.state, onboarding.order_id), ('running', other))
            self.assertTrue(self._open(customer, self.steps['needs']))

    def test_lif_1_cancelled_in_turn(self):
        """LIF-1: whose first order is cancelled and confirmed again while the second one has its onboarding, and whose second
        one is cancelled then, is onboarded for the first one."""
        customer, first = self._sign("Alpha")
        order = first.order_id
        with self._on('2026-06-02'):
            order._action_cancel()
            other = self._more(customer)
            second = self._onboardings(customer) - first
            self.assertEqual((first.state, second.state, second.order_id), ('cancelled', 'running', other))
        with self._on('2026-06-03'):
            order.action_draft()
            order.action_confirm()
            other._action_cancel()
            self.env.flush_all()
            self.assertEqual((first.state, second.state, second.order_id), ('cancelled', 'running', order))
            self.assertEqual(first.why, "Closed on 06/02/2026: What was signed was cancelled")

    def test_lif_1_customer_leaves(self):
        """LIF-1: who is no customer any more is not onboarded: it is closed with its reason, nothing waits for ever; it goes on
        when that was a mistake, and not years later."""
        for leave, come_back in (
            (lambda customer: customer.write({'active': False}), lambda customer: customer.write({'active': True})),
            (lambda customer: customer.action_customer_exclude(), lambda customer: customer.action_customer_enrol()),
        ):
            customer, onboarding = self._sign("Alpha")
            with self._on('2026-06-02'):
                leave(customer)
                self.assertEqual((onboarding.state, onboarding.close_kind), ('cancelled', 'left'))
                self.assertEqual(onboarding.why, "Closed on 06/02/2026: Not a customer any more")
                come_back(customer)
                self.assertEqual((onboarding.state, onboarding.close_kind), ('running', False))
                leave(customer)
            with self._on('2027-06-03'):
                come_back(customer)
                self.assertEqual(onboarding.state, 'cancelled')
                self.env.cr.execute("UPDATE customer_onboarding SET state = 'running', close_kind = NULL WHERE id = %s",
                                    [onboarding.id])
                self.env.cr.execute("UPDATE res_partner SET customer_managed = FALSE WHERE id = %s", [customer.id])
                self.env.invalidate_all()
                self._run_cron('onboarding')
                self.assertEqual(onboarding.close_kind, 'left', "those of earlier versions are closed at night")

    def test_lif_1_own_companies(self):
        """LIF-1: our own companies order from each other, and are welcomed by nobody."""
        with self._on('2026-06-01'):
            self._more(self.env.company.partner_id)
        self.assertFalse(self._onboardings(self.env.company.partner_id))

    def test_lif_1_merged_leads(self):
        """LIF-1: the lead with which an onboarding began goes into another one, and the onboarding goes on with that."""
        with self._on('2026-06-01'):
            customer = self._customer("Lead")
            one, two = self.env['crm.lead'].create([
                {'name': name, 'type': 'opportunity', 'partner_id': customer.id} for name in ("One", "Two")])
            (two + one).action_set_won()
            onboarding = self._onboardings(customer)
            onboarding.lead_id = two
            merged = (one + two).merge_opportunity()
            self.env.invalidate_all()
            self.assertEqual((merged, onboarding.lead_id), (one, one))

    def test_plt_3_broken_one(self):
        """PLT-3: what can't be looked at is set aside, at night and when a message leaves; all others go on."""
        (bad, broken), (good, works) = (self._sign(name, country_id=self.env.ref('base.uk').id) for name in ("Bad", "Good"))
        self._poison(self._item(broken, 'thanks'), 'done_at')
        with mute_logger('odoo.sql_db'):
            self._run_at('2026-06-01', 13)
        for customer, done in ((bad, False), (good, True)):
            self.assertEqual(len(self.env['mail.mail'].search([('recipient_ids', 'in', customer.ids)])), 1, customer.name)
            self.assertEqual(bool(self._item(self._onboardings(customer), 'thanks').done_at), done)
        works.item_ids.done_at = False
        with self._on('2026-06-02'), mute_logger('odoo.sql_db'):
            self._run_cron('onboarding')
        self.assertEqual([bool(self._item(own, 'thanks').done_at) for own in (broken, works)], [False, True])
        run = self.env['customer.run'].search([('name', '=', 'onboarding')], limit=1)
        self.assertEqual((run.failed, run.done), (1, 1))

    def test_lif_1_closed_by_hand(self):
        """LIF-1: closed unfinished by a person, with a note; what is over can't be ticked."""
        __, onboarding = self._sign("Alpha")
        own = onboarding.with_user(self.anna)
        with self._on('2026-06-02'):
            with self.assertRaisesRegex(UserError, "say in the note why"):
                own.action_close()
            own.note = "They run it themselves"
            own.action_close()
            self.assertEqual((own.state, own.close_kind), ('cancelled', 'person'))
            with self.assertRaisesRegex(UserError, "is over"):
                own.item_ids[:1].action_tick()

    def test_lif_1_merged(self):
        """PLT-2: of two customers that are merged one onboarding goes on."""
        one, first = self._sign("One")
        two, second = self._sign("Two", '2026-06-03')
        with self._on('2026-06-04'):
            self.env['base.partner.merge.automatic.wizard']._merge([one.id, two.id], one)
            self.env.invalidate_all()
            self.assertEqual((first.state, second.state, second.close_kind), ('running', 'cancelled', 'merged'))
            self.assertEqual(second.partner_id, one)

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    def test_plt_2_who_may(self):
        """PLT-2: people tick and note; what follows from it they don't write, and a colleague of another team sees nothing."""
        __, onboarding = self._sign("Alpha")
        for values in ({'state': 'done'}, {'date_start': '2026-01-01'}, {'plan_id': self.plan.id}):
            with self.assertRaisesRegex(AccessError, "follow from what was signed"):
                onboarding.with_user(self.anna).write(values)
        outsider = self.env['res.users'].with_context(no_reset_password=True).create({
            'name': "Paula", 'login': 'paula.of.production', 'group_ids': [Command.set(self.env.ref('base.group_user').ids)]})
        with self.assertRaisesRegex(ValidationError, "Paula has no role in Customer Success"):
            onboarding.with_user(self.anna).user_id = outsider
        with self.assertRaisesRegex(AccessError, "Tick the item instead"):
            onboarding.item_ids[0].with_user(self.anna).done_at = '2026-06-01 00:00:00'
        with self.assertRaises(AccessError):
            self.env['customer.onboarding'].with_user(self.anna).create({'partner_id': onboarding.partner_id.id})
        self.assertFalse(self.env['customer.onboarding'].with_user(self.otto).search([('id', '=', onboarding.id)]))
        self.assertFalse(self.env['customer.onboarding.report'].with_user(self.otto).search([]))
        with self.assertRaises(AccessError):
            onboarding.with_user(self.otto).item_ids.action_tick()
        self.assertTrue(self.env['customer.onboarding'].with_user(self.lena).search([('id', '=', onboarding.id)]))

    def test_lif_1_plan_rules(self):
        """LIF-1: a plan that makes no sense is refused in words."""
        with self._refused("stuck later than it is behind"):
            self.plan.stuck_days = 0
        item = self.env.ref('customer_success.customer_onboarding_item_call')
        for values, message in (({'step_id': False}, "choose the touchpoint"), ({'step_id': self.step.id}, "of another cadence")):
            with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                item.write(values)
        empty = self.env['customer.onboarding.plan'].create({'name': "Empty", 'active': False})
        with self.assertRaisesRegex(ValidationError, "has no required item"):
            empty.action_switch_on()
        self._sign("Alpha")
        with self.assertRaisesRegex(ValidationError, "Archive it instead"):
            item.unlink()

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def test_lif_2_report(self):
        """LIF-2: n and share of each target; who has time left and who was closed unfinished are not in the denominator."""
        early = [self._sign(f"Early {number}")[1] for number in range(4)]
        __, young = self._sign("Young", '2026-06-14')
        with self._on('2026-06-05'):
            self._item(early[0], 'pains').action_tick()
        with self._on('2026-06-12'):
            self._item(early[1], 'pains').action_tick()  # late
            early[3].note = "Gone"
            early[3].action_close()
        with self._on('2026-06-15'):
            self.env.flush_all()
            pains = self.env.ref('customer_success.customer_onboarding_item_pains')
            rows = self.env['customer.onboarding.report']._read_group(
                [('plan_item_id', '=', pains.id), ('onboarding_id', 'in', [young.id] + [one.id for one in early])],
                ['date_start:month', 'user_id'], ['counted:sum', 'reached:avg', 'in_time:avg', 'target:avg'])
            [[month, user, counted, reached, in_time, target]] = rows
            self.assertEqual((month, user, counted, target), (date(2026, 6, 1), self.anna, 3, 85))
            self.assertAlmostEqual(reached, 100 * 2 / 3)
            self.assertAlmostEqual(in_time, 100 / 3)

    def test_lif_2_facts(self):
        """LIF-1, HEA-3: what is known can be asked as a fact: onboarding_late, onboarding_stuck, signed_annexes, pain_points,
        meetings_booked, deciders_reachable."""
        customer, onboarding = self._sign("Alpha")
        other, __ = self._sign("Beta", '2026-06-10')
        facts = self.env['customer.fact'].sudo()
        with self._on('2026-06-11'):
            spans = [Span(partner.id, partner.id, date(2026, 6, 1), date(2026, 6, 11)) for partner in customer + other]
            found, problems = facts._measure({name: (name, {}, spans) for name in (
                'onboarding_late', 'onboarding_stuck', 'signed_annexes', 'pain_points', 'meetings_booked',
                'deciders_reachable')})
            self.assertFalse(problems)
            for name in ('onboarding_late', 'onboarding_stuck'):
                self.assertEqual({key: row.value for key, row in found[name].items()}, {customer.id: 9})
            self.assertEqual(found['signed_annexes'][customer.id].value, 0)
            late = found['onboarding_late'][customer.id]
            self.assertEqual((late.day, late.res_id), (date(2026, 6, 2), onboarding.id))
            fact = facts._get('onboarding_late')
            self.assertEqual(facts._say('onboarding_late', fact, late, {}), "The onboarding is late for 9 days, since 06/02/2026")
            self.assertEqual(fact.open(customer, late)['res_id'], onboarding.id)
            self.assertIn("0 on file", facts._say('pain_points', facts._get('pain_points'), found['pain_points'][other.id], {}))
