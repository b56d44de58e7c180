"""Leads are followed up by the cadence of their needs grade, by the planner of the customers (SEG-6, CAD-3, CAD-4)."""
import random
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import users

from odoo.addons.customer_success.tests.segmentation.test_needs import NeedsCase


class LeadCase(NeedsCase):
    """Cadences of leads: A each week by call, B each two weeks; in force since long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # those of the demo data would be counted as well
        cls.env['customer.cadence'].search([('needs_grade_ids', '!=', False)]).action_archive()
        cls.env['crm.lead'].search([('customer_grade_id', '!=', False)]).action_archive()
        cls.cadence_a = cls._cadence(
            "Leads A", {'name': "Weekly talk", 'channel_id': cls.call.id, 'interval_count': 1, 'interval_unit': 'week',
                        'grace_days': 2, 'alternative_channel_ids': [Command.set(cls.video.ids)]},
            needs_grade_ids=[Command.set(cls.grade_a.ids)])
        cls.cadence_b = cls._cadence(
            "Leads B", {'name': "Talk of the fortnight", 'channel_id': cls.call.id, 'interval_count': 2,
                        'interval_unit': 'week', 'grace_days': 4},
            needs_grade_ids=[Command.set(cls.grade_b.ids)])
        cls.step_a, cls.step_b = cls.cadence_a.step_ids, cls.cadence_b.step_ids

    @classmethod
    def _open_of(cls, lead):
        return cls.env['customer.followup'].search(
            [('lead_id', '=', lead.id), ('partner_id', '=', False), ('state', '=', 'planned')], order='date_planned, id')

    @classmethod
    def _log_lead(cls, lead, channel=None, user=None, **vals):
        return lead.with_user(user or cls.anna)._customer_log_contact(
            channel=(channel or cls.call).with_user(user or cls.anna), contact_at=fields.Datetime.now(), **vals)


class TestLeads(LeadCase):

    def test_seg_6_a_lead_without_company(self):
        """SEG-6, CAD-4: a lead that is only a name has one open follow-up a week ahead; logging it opens the next one."""
        with self._on('2026-03-02'):  # a Monday
            lead = self._graded("Bottles", 'a')
            followup = self._open_of(lead)
            self.assertEqual((followup.step_id, followup.user_id, str(followup.date_planned)),
                             (self.step_a, self.anna, '2026-03-09'))
            self.assertEqual(followup.display_name, "Bottles: Weekly talk")
            self.assertEqual((followup.whose, followup.company_id), ("Bottles", self.env.company))
            self.assertFalse(followup.partner_id)
        with self._on('2026-03-05'):
            record = self._log_lead(lead, feedback="They want it", next_step="Offer", next_date=date(2026, 3, 6))
            self.assertEqual((record, record.state), (followup, 'done'))
            promise, coming = self._open_of(lead)
            self.assertEqual((promise.name, str(promise.date_planned)), ("Offer", '2026-03-06'))
            self.assertEqual((coming.step_id, str(coming.date_planned)), (self.step_a, '2026-03-12'))
            lead.invalidate_recordset()
            self.assertEqual((str(lead.customer_next_contact), str(lead.customer_last_contact)), ('2026-03-06', '2026-03-05'))

    def test_seg_6_grade_changes_the_rhythm(self):
        """SEG-6: another grade is another rhythm, at once; without a grade there is none."""
        with self._on('2026-03-02'):
            lead = self._graded("Grade", 'a')
            lead.customer_urgency_id, lead.customer_importance_id, lead.customer_fit_id = self.quarter, self.some, self.partly
            self.assertEqual(lead.customer_grade_id, self.grade_b)
            followup = self._open_of(lead)
            self.assertEqual((followup.step_id, str(followup.date_planned)), (self.step_b, '2026-03-16'))
            lead.customer_fit_id = False
            self.assertFalse(self._open_of(lead))
            self.assertEqual(lead.customer_followup_ids.mapped('close_kind'), ['replanned'] * 2)
            lead.customer_fit_id = self.partly
            self.assertEqual(self._open_of(lead), followup, "the same one is open again")

    def test_seg_6_other_salesperson(self):
        """SEG-6: the follow-up goes along to another salesperson, at once."""
        lead = self._graded()
        lead.user_id = self.ben
        self.assertEqual(self._open_of(lead).mapped('user_id'), self.ben)

    def test_seg_6_roles(self):
        """SEG-6: the product expert of the salesperson's team has the touch that is the expert's."""
        self.team_north.customer_expert_id = self.ben
        self.cadence_a.step_ids = [Command.create({
            'name': "Solution", 'channel_id': self.visit.id, 'role': 'expert', 'interval_count': 1, 'interval_unit': 'week',
            'date_start': '2020-01-01'})]
        lead = self._graded()
        self.assertEqual({f.step_id.name: f.user_id for f in self._open_of(lead)}, {
            "Weekly talk": self.anna, "Solution": self.ben})
        expert = self._open_of(lead).filtered(lambda f: f.user_id == self.ben)
        expert.with_user(self.ben).action_log()
        wizard = self.env['customer.lead.log'].with_user(self.ben).create({
            'lead_id': lead.id, 'followup_id': expert.id, 'feedback': "It fits"})
        wizard.action_done()
        self.assertEqual((expert.state, expert.closed_by_id), ('done', self.ben))
        with self.assertRaisesRegex(AccessError, "is worked on by Anna"):
            self._log_lead(lead, user=self.otto)

    def test_seg_6_won(self):
        """SEG-6: winning ends what is open, with the reason; what was said and agreed, and the needs, go to the customer."""
        with self._on('2026-03-02'):
            lead = self._graded("Won", 'a', customer_core_need="Speed", source_id=self.env['utm.source'].create(
                {'name': "Fair"}).id)
            self._log_lead(lead, feedback="Looks good", next_step="Contract", next_date=date(2026, 3, 20))
            promise = self._open_of(lead).filtered(lambda f: not f.step_id)
            planned = self._open_of(lead) - promise
            customer = self._customer("New one")
            lead.partner_id = customer
            done = lead.customer_followup_ids.filtered(lambda f: f.state == 'done')
            self.assertEqual(done.partner_id, customer, "what was said stands with the customer from then on")
            self.assertFalse(promise.partner_id)
            lead.action_set_won()
        self.assertEqual((planned.state, planned.close_kind), ('cancelled', 'won'))
        self.assertEqual((promise.state, promise.partner_id, promise.name), ('planned', customer, "Contract"))
        self.assertFalse(self._open_of(lead))
        self.assertEqual(str(customer.customer_last_contact), '2026-03-02')
        self.assertIn(promise, self._open(customer))
        note = customer.message_ids.filtered(lambda m: "Won: Won" in m.body).body
        for part in ("Speed", "Fair", "A, points: 9 of 9"):
            self.assertIn(part, note)
        self._log(customer.with_user(self.anna), followup=promise)
        self.assertEqual(promise.state, 'done')

    def test_seg_6_won_without_company(self):
        """SEG-6: what was agreed with a lead that is won without a customer stays open until there is one."""
        lead = self._graded()
        self._log_lead(lead, next_step="Contract", next_date=fields.Date.today() + timedelta(days=3))
        lead.action_set_won()
        promise = self._open_of(lead)
        self.assertEqual(promise.name, "Contract")
        lead.partner_id = self._customer("Later")
        self.assertEqual((promise.state, promise.partner_id.name), ('planned', "Later"))

    def test_seg_6_lost_and_restored(self):
        """SEG-6: losing withdraws what is open, what was agreed too; taken up again it is the same, and not overdue."""
        with self._on('2026-03-02'):
            lead = self._graded()
            self._log_lead(lead, next_step="Sample", next_date=date(2026, 3, 4))
            opened = self._open_of(lead)
            self.assertEqual(len(opened), 2)
            lead.action_set_lost()
            self.assertEqual(opened.mapped('state'), ['cancelled'] * 2)
            self.assertEqual(opened.mapped('close_kind'), ['lost'] * 2)
            self.assertFalse(self._open_of(lead))
        with self._on('2026-05-04'):
            lead.action_unarchive()
            self.assertEqual(lead.won_status, 'pending')
            self.assertEqual(self._open_of(lead), opened)
            self.assertGreaterEqual(min(opened.mapped('date_planned')), date(2026, 5, 4))

    def test_seg_6_archived_and_deleted(self):
        """SEG-6: an archived lead has nothing open; a deleted one takes along what was its own, and leaves what was said to the
        customer."""
        customer = self._customer("Stays")
        lead = self._graded(partner_id=customer.id)
        record = self._log_lead(lead, channel=self.messenger)
        lone = self._graded("Alone")
        lead.active = False
        self.assertFalse(self._open_of(lead))
        ids = lead.customer_followup_ids.ids + lone.customer_followup_ids.ids
        (lead | lone).unlink()
        self.assertEqual(self.env['customer.followup'].browse(ids).exists(), record)
        self.assertEqual((record.partner_id, record.lead_id.id), (customer, False))

    def test_seg_6_merged(self):
        """SEG-6: of merged leads everything that was said and agreed is kept; there is one open touch of the cadence."""
        first, second = self._graded("First", 'a', probability=80), self._graded("Second", 'b')
        said = self._log_lead(second, feedback="Second said", next_step="Call back", next_date=fields.Date.today())
        self._log_lead(first)
        merged = (first | second)._merge_opportunity()
        self.assertEqual(merged, first)
        self.assertEqual(said.lead_id, first)
        self.assertEqual(self._open_of(first).filtered('step_id').step_id, self.step_a)
        self.assertEqual(self._open_of(first).filtered(lambda f: not f.step_id).name, "Call back")

    def test_seg_6_converted(self):
        """SEG-6: the wizard that converts a lead and makes its contact, also of many, loses nothing."""
        leads = self.env['crm.lead']
        for name in ("One", "Two"):
            leads |= self._graded(name, 'a', type='lead', partner_name=f"{name} Ltd", email_from=f'{name}@example.com')
        records = self.env['customer.followup'].concat(*(self._log_lead(lead, feedback="Before") for lead in leads))
        self.env['crm.lead2opportunity.partner.mass'].with_context(
            active_model='crm.lead', active_ids=leads.ids).create({
                'action': 'create', 'name': 'convert', 'deduplicate': False, 'user_ids': [], 'lead_tomerge_ids': []
            }).action_mass_convert()
        self.assertEqual(set(leads.mapped('type')), {'opportunity'})
        self.assertTrue(all(leads.mapped('partner_id')))
        for lead, record in zip(leads, records, strict=True):
            self.assertEqual(record.partner_id, lead.partner_id.commercial_partner_id)
            self.assertEqual(self._open_of(lead).step_id, self.step_a)

    def test_seg_6_managed_customer(self):
        """SEG-6: a lead of a customer: a talk about the lead counts for the customer, and the other way round; while the
        customer's own touch comes first, the lead's is not open."""
        with self._on('2026-03-02'):
            customer = self._customer("Both", customer_cadence_id=self.cadence.id)
            own = self._open(customer, self.step)
            self.assertEqual(str(own.date_planned), '2026-04-02')
            lead = self._graded("Of both", 'a', partner_id=customer.id)
            self.assertEqual(str(self._open_of(lead).date_planned), '2026-03-09', "the lead's comes first")
        with self._on('2026-03-09'):
            self._log_lead(lead)
            self.assertEqual(str(own.date_planned), '2026-04-09', "counts for the customer as well")
        with self._on('2026-03-10'):
            own.with_user(self.anna)._move(date(2026, 3, 16), self.reason)
            self.assertFalse(self._open_of(lead), "on the same day: one call is enough")
            self.assertIn("customer's own next contact counts", lead.customer_contact_text)
        with self._on('2026-03-16'):
            self._log(customer.with_user(self.anna), followup=own)
            self.assertEqual(str(self._open_of(lead).date_planned), '2026-03-23', "counts for the lead as well")

    def test_seg_6_two_people(self):
        """SEG-6: what two people have with the same customer is both open, but not on the same day."""
        with self._on('2026-03-02'):
            customer = self._customer("Two people", customer_cadence_id=self.cadence.id)
            own = self._open(customer, self.step)
            lead = self._graded("Of Ben", 'a', partner_id=customer.id, user_id=self.ben.id)
            own.with_user(self.anna)._move(date(2026, 3, 6), self.reason)
            self.assertEqual(self._open_of(lead).user_id, self.ben)
            own.with_user(self.anna)._move(date(2026, 3, 9), self.reason)
            self.assertFalse(self._open_of(lead))

    def test_seg_6_do_not_contact_and_pause(self):
        """SEG-6, CAD-8: who is not to be contacted is left alone as a lead too, and a pause holds for its leads."""
        with self._on('2026-03-02'):
            customer = self._customer("Quiet")
            lead = self._graded("Quiet lead", 'a', partner_id=customer.id)
            self.assertTrue(self._open_of(lead))
            self.env['customer.pause'].create({
                'partner_id': customer.id, 'date_from': '2026-03-02', 'date_to': '2026-03-31', 'reason_id': self.reason.id})
            self.env['customer.planner']._plan(customer.ids)
            self.assertGreater(self._open_of(lead).date_planned, date(2026, 3, 31))
            customer.sudo().write({'customer_do_not_contact': True})
            self.assertFalse(self._open_of(lead))
            self.assertEqual(lead.customer_followup_ids.mapped('close_kind'), ['no_contact'])

    def test_seg_6_switched_off_and_on(self):
        """SEG-6, CAD-3: the shipped cadences are off, so nothing appears by an update; switched on, the first round of the leads
        that are there is spread over the interval."""
        shipped = self.env.ref('customer_success.customer_cadence_leads_a')
        self.assertFalse(shipped.active)
        self.cadence_a.action_archive()
        with self._on('2026-01-05'):
            leads = self.env['crm.lead'].concat(*(self._graded(f"L{number}", 'a') for number in range(14)))
            self.assertFalse(leads.customer_followup_ids)
        with self._on('2026-03-02'):
            self.cadence_a.action_unarchive()
            days = [self._open_of(lead).date_planned for lead in leads]
            self.assertTrue(all(date(2026, 3, 2) < day <= date(2026, 3, 10) for day in days), days)
            self.assertGreater(len(set(days)), 3)
            self.assertEqual(self.cadence_a.lead_count, 14)
            self.cadence_a.action_archive()
            self.assertFalse(self.env['customer.followup'].search_count(
                [('lead_id', 'in', leads.ids), ('state', '=', 'planned')]))

    def test_seg_6_dry_run(self):
        """SEG-6, CAD-1: what a cadence of leads would plan for one lead, and how many it would touch, before it is switched
        on."""
        self.cadence_a.action_archive()
        with self._on('2026-03-02'):
            leads = self._graded("One") | self._graded("Two")
            wizard = self.env['customer.cadence.dry.run'].with_user(self.mara).sudo().create({'cadence_id': self.cadence_a.id})
            self.assertIn("Leads that would follow it: 2, of which are not followed up today: 2", wizard.reach)
            self.assertEqual((wizard.lead_id, wizard.partner_id.id), (leads[0], False))
            days = wizard.line_ids.mapped('date')
            self.assertGreaterEqual(len(days), 50, "each week of a year")
            self.assertFalse(leads.customer_followup_ids)
            self.cadence_a.action_unarchive()
            self.assertEqual(self._open_of(leads[0]).date_planned, days[0], "what it foretold")

    def test_seg_6_preview(self):
        """SEG-6, CAD-1: edited touchpoints of leads show what they would move."""
        with self._on('2026-03-02'):
            self._graded("One")
            form = self.cadence_a.new(origin=self.cadence_a)
            form.step_ids.interval_count = 2
            self.assertIn("1 of", form._preview_values()['moves'])

    def test_seg_6_bad_cadences(self):
        """SEG-6: a cadence of leads is for leads alone, and people do what it plans."""
        with self.assertRaisesRegex(ValidationError, "for leads alone"):
            self.cadence_a.tier_ids = self.tier_high
        with self.assertRaisesRegex(ValidationError, "recurs, and people do it"):
            self.step_a.write({'kind': 'event', 'event': 'order'})

    def test_seg_6_by_night(self):
        """SEG-6, CAD-4: what is missing, whatever took it away, is found by night; running twice changes nothing."""
        leads = self._graded("One") | self._graded("Two")
        self.env.cr.execute("DELETE FROM customer_followup WHERE lead_id = %s", [leads[0].id])
        self.env.cr.execute("UPDATE crm_lead SET customer_grade_id = NULL WHERE id = %s", [leads[1].id])
        self.env.invalidate_all()
        self.env['customer.lead.planner']._request_missing()
        self.env['customer.planner']._work_queue()
        self.assertEqual(len(self._open_of(leads[0])), 1)
        self.assertFalse(self._open_of(leads[1]))
        before = self.env['customer.followup'].search_read([('lead_id', 'in', leads.ids)])
        self.env['customer.lead.planner']._plan(leads.ids)
        self.assertEqual(self.env['customer.followup'].search_read([('lead_id', 'in', leads.ids)]), before)

    def test_seg_6_many_at_once(self):
        """SEG-6, PLT-3: many leads wait in the queue and are planned in one statement; two sizes cost the same."""
        spent = []
        for count in (25, 100):
            with self.env.cr.savepoint():
                leads = self.env['crm.lead'].concat(*(self._graded(f"M{count}-{number}", 'c') for number in range(count)))
                leads.write({'customer_urgency_id': self.month.id, 'customer_importance_id': self.much.id,
                             'customer_fit_id': self.fits.id})
                self.assertEqual(self.env['customer.plan.request'].search_count([('lead_id', 'in', leads.ids)]), count)
                before = self.env.cr.sql_log_count
                self.env['customer.planner']._work_queue()
                spent.append(self.env.cr.sql_log_count - before)
                self.assertEqual(len(self.env['customer.followup'].search(
                    [('lead_id', 'in', leads.ids), ('state', '=', 'planned')])), count)
        self.assertLessEqual(spent[1], spent[0] + 5)

    def test_seg_6_reminders(self):
        """SEG-6, CAD-9: whoever has it is reminded of it, and the leader hears of what is overdue, by the lead's name."""
        with self._on('2026-03-02'):
            lead = self._graded("Reminded")
            followup = self._open_of(lead)
        with self._on('2026-03-09'):
            due = self.env['customer.followup'].search(self.env['customer.reminder']._remind_domain())
            self.assertIn(followup, due)
            self.env['customer.reminder']._remind(followup)
            reminder = followup._tasks('reminder')
            self.assertEqual(reminder.user_id, self.anna)
            reminder.with_user(self.anna).action_feedback(feedback="Spoke with them")
            self.assertEqual((followup.state, followup.feedback), ('done', "Spoke with them"))
        coming = self._open_of(lead)
        with self._on('2026-04-20'):
            self.assertIn(coming, self.env['customer.followup'].search(self.env['customer.reminder']._escalate_domain()))
            self.env['customer.reminder']._escalate_overdue(coming)
            told = coming._tasks('escalation')
            self.assertEqual(told.user_id, self.lena)
            self.assertIn('overdue', coming.due_state)
            self.assertIn(lead, self.env['crm.lead'].with_user(self.anna).search([('customer_contact_state', '=', 'overdue')]))

    def test_seg_6_ticked_off(self):
        """SEG-6, CAD-4: an activity on a lead that is ticked off counts for its cadence, three of one moment once."""
        call_type = self.env.ref('mail.mail_activity_data_call')
        self.call.activity_type_ids = call_type
        lead = self._graded()
        followup = self._open_of(lead)
        for __ in range(2):
            lead.with_user(self.anna).activity_schedule(activity_type_id=call_type.id).action_feedback(feedback="Talked")
        self.assertEqual(followup.state, 'done')
        self.assertEqual(len(lead.customer_followup_ids.filtered(lambda f: f.state == 'done')), 1)

    def test_seg_6_change_dialog(self):
        """SEG-6, CAD-8: what is done with follow-ups of customers is done with those of leads: skip, move, give, done."""
        with self._on('2026-03-02'):
            lead = self._graded()
            followup = self._open_of(lead).with_user(self.anna)
            followup.action_put_off('2026-03-12')
            self.assertEqual((str(followup.date_planned), followup.move_count), ('2026-03-12', 1))
            followup._reassign(self.ben)
            self.assertEqual(followup.user_id, self.ben)
            followup._skip(self.reason, "x")
            self.assertEqual(str(self._open_of(lead).date_planned), '2026-03-19')
            self.assertTrue(followup.get_put_off_days() == [])
            self.assertEqual(len(self._open_of(lead).with_user(self.anna).get_put_off_days()), 2, "Monday is in a week")
            wizard = self.env['customer.followup.change'].with_user(self.anna).create({
                'followup_ids': [Command.set(self._open_of(lead).ids)], 'action': 'done'})
            wizard.action_apply()
            self.assertEqual(str(self._open_of(lead).date_anchor), '2026-03-02')

    @users('anna')
    def test_seg_6_next_step_by_hand(self):
        """SEG-6: a next step for a lead can be noted by hand; one without customer and lead is refused."""
        lead = self.lead.with_user(self.env.user)
        followup = self.env['customer.followup'].create({
            'lead_id': lead.id, 'name': "Send catalogue", 'channel_id': self.email.id})
        self.assertEqual((followup.whose, followup.user_id), (lead.name, self.anna))
        with self.assertRaisesRegex(ValidationError, "choose the customer"):
            self.env['customer.followup'].create({'name': "Nobody", 'channel_id': self.email.id})
        lead.with_user(self.anna).action_set_lost()
        self.assertEqual(followup.sudo().close_kind, 'lost')

    def test_seg_6_rights(self):
        """SEG-6, PLT-2: own leads, the team's, all; another company sees nothing."""
        lead, other = self._graded("Annas"), self._graded("Ottos", user_id=self.otto.id)
        far = self._graded("Zoes", user_id=self.zoe.id, company_id=self.company_2.id)
        mine = {user: self.env['customer.followup'].with_user(user).search(
            [('lead_id', 'in', (lead | other | far).ids)]).lead_id for user in (
                self.anna, self.otto, self.lena, self.li, self.mara, self.zoe)}
        self.assertEqual(mine[self.anna], lead)
        self.assertEqual(mine[self.otto], other)
        self.assertEqual(mine[self.lena], lead)
        self.assertEqual(mine[self.li], other)
        self.assertEqual(mine[self.mara], lead | other)
        self.assertEqual(mine[self.zoe], far)
        with self.assertRaises(AccessError):
            self._open_of(lead).with_user(self.otto).read(['name'])
        for user in self.li + self.otto + self.zoe:
            with self.assertRaises(AccessError):
                self._log_lead(lead, user=user)
        for user in self.lena + self.mara:
            self.assertEqual(self._log_lead(lead, user=user).closed_by_id, user)

    def test_seg_6_people_leave(self):
        """SEG-6: who leaves leaves no lead silent."""
        lead = self._graded()
        self.anna.action_archive()
        self.assertEqual(self._open_of(lead).user_id, self.lena)
        self.env['customer.reminder']._ask_anew()
        self.env['customer.planner']._work_queue()
        self.assertEqual(len(self._open_of(lead)), 1)

    def test_seg_6_customers_see_their_own(self):
        """SEG-6: no figure of customers counts what is a lead's."""
        lead = self._graded("Lead")
        self.env.flush_all()
        followup = self._open_of(lead)
        self.assertTrue(followup)
        self.assertFalse(self.env['customer.contact.date'].search([('partner_id', '=', False)]))
        self.env['customer.contact.date']._fill()
        self.assertFalse(self.env['customer.contact.date'].search([('partner_id', '=', False)]))
        self.assertNotIn(False, self.cadence_a._followers())
        self.env['customer.plan.request']._request_of([('lead_id', '=', lead.id)])
        rows = self.env['customer.adherence'].search([('followup_id', '=', followup.id)])
        self.assertFalse(rows, "is not due yet")
        with self._on(followup.date_limit + timedelta(days=1)):
            rows = self.env['customer.adherence'].search([('followup_id', '=', followup.id)])
            self.assertEqual((rows.result, rows.lead_id, rows.user_id, rows.partner_id.id), ('missed', lead, self.anna, False))

    def test_seg_6_sellers_without_a_role(self):
        """SEG-6: whoever only sells grades leads as well; what is to be done goes to who can open it."""
        sam = self._user('sam', None)
        sam.group_ids += self.env.ref('sales_team.group_sale_salesman')
        lead = self.env['crm.lead'].with_user(sam).create({
            'name': "Sams", 'type': 'opportunity', 'user_id': sam.id, 'customer_urgency_id': self.month.id,
            'customer_importance_id': self.much.id, 'customer_fit_id': self.fits.id})
        self.assertEqual(lead.customer_grade_id, self.grade_a)
        followup = self._open_of(lead)
        self.assertTrue(followup.user_id.has_group('customer_success.group_customer_success_manager'))
        lead.write({'stage_id': self.env['crm.stage'].search([('is_won', '=', True)], limit=1).id})
        self.assertEqual(followup.close_kind, 'won')


class TestLeadLives(LeadCase):
    """Whatever happens to leads, in whatever order: each open touchpoint has one follow-up, and a closed lead has none."""

    def setUp(self):
        super().setUp()
        self.customer = self._customer("Of the lives", customer_cadence_id=self.cadence.id)

    def _check(self, leads, story):
        """Compare what is open with what should be, found out without the planner."""
        self.env.flush_all()
        for lead in leads.exists():
            planned = self._open_of(lead).filtered('step_id')
            step = {self.grade_a: self.step_a, self.grade_b: self.step_b}.get(lead.customer_grade_id)
            is_open = lead.active and lead.won_status == 'pending' and step
            self.assertEqual(len(planned), len(planned.step_id), story)
            if not is_open:
                self.assertFalse(planned, story)
                continue
            self.assertLessEqual(planned.step_id, step, story)
            # another touch of the same person stands for it, or of another person on the same day
            if not planned:
                own = self._open(lead.partner_id.commercial_partner_id) if lead.partner_id else self.env['customer.followup']
                self.assertTrue(own.filtered(lambda f: f.channel_id in self.call + self.video), story)
                continue
            self.assertEqual(planned.user_id, lead.user_id, story)
            talks = self.env['customer.followup'].search([
                ('state', '=', 'done'), ('qualifies', '=', True), ('channel_id', 'in', (self.call + self.video).ids),
                '|', ('lead_id', '=', lead.id), ('partner_id', 'in', lead.partner_id.commercial_partner_id.ids)])
            if talks and planned.anchor_kind == 'contact':
                self.assertEqual(planned.date_anchor, max(talks.mapped('contact_day')), story)
        before = self.env['customer.followup'].search_read([('lead_id', 'in', leads.exists().ids)], order='id')
        self.env['customer.lead.planner']._plan(leads.exists().ids)
        after = self.env['customer.followup'].search_read([('lead_id', 'in', leads.exists().ids)], order='id')
        self.assertEqual(before, after, story)

    def _happens(self, what, lead, luck):
        """Let one thing happen to a lead."""
        answers = {'a': (self.month, self.much, self.fits), 'b': (self.quarter, self.some, self.partly),
                   'none': (self.month, self.much, self.env['customer.needs.answer'])}
        if what in answers:
            lead.write(dict(zip(('customer_urgency_id', 'customer_importance_id', 'customer_fit_id'),
                                (answer.id for answer in answers[what]), strict=True)))
        else:
            getattr(self, f'_happens_{what}')(lead, luck)

    def _happens_log(self, lead, luck):
        if lead.active:
            self._log_lead(lead, user=lead.user_id, channel=luck.choice([self.call, self.email]))

    def _happens_promise(self, lead, luck):
        if lead.active:
            self._log_lead(lead, user=lead.user_id, next_step="x",
                           next_date=fields.Date.today() + timedelta(days=luck.randrange(9)))

    def _happens_skip(self, lead, luck):
        planned = self._open_of(lead)[:1]
        if planned.step_id:
            planned.with_user(planned.user_id)._skip(self.reason)

    def _happens_move(self, lead, luck):
        if planned := self._open_of(lead)[:1]:
            planned.with_user(planned.user_id)._move(fields.Date.today() + timedelta(days=luck.randrange(12)), self.reason)

    def _happens_user(self, lead, luck):
        lead.user_id = luck.choice([self.anna, self.ben, self.otto])

    def _happens_partner(self, lead, luck):
        lead.partner_id = luck.choice([self.customer, self.env['res.partner']])

    def _happens_customer(self, lead, luck):
        self._log(self.customer.with_user(self.anna))

    def _happens_won(self, lead, luck):
        lead.action_set_won()

    def _happens_lost(self, lead, luck):
        lead.action_set_lost()

    def _happens_archive(self, lead, luck):
        lead.action_archive()

    def _happens_restore(self, lead, luck):
        lead.action_unarchive()
        lead.stage_id = self.env['crm.stage'].search([('is_won', '=', False)], limit=1)

    def test_seg_6_random_lives(self):
        """SEG-6, CAD-4: random lives of leads, one of which belongs to a customer."""
        kinds = ['a', 'b', 'none', 'log', 'log', 'promise', 'skip', 'move', 'user', 'partner', 'customer', 'won', 'lost',
                 'archive', 'restore', 'restore', 'a']
        for seed in range(4):
            luck, story, day = random.Random(seed), [], date(2026, 3, 2)
            with self._on(day):
                leads = self._graded(f"{seed} one") | self._graded(f"{seed} two", partner_id=self.customer.id)
            for __ in range(22):
                day += timedelta(days=luck.randrange(6))
                lead, what = luck.choice(leads), luck.choice(kinds)
                story.append(f'{day} {lead.name} {what}')
                with self._on(day):
                    self._happens(what, lead.with_context(mail_notrack=True), luck)
                    self._check(leads, '\n'.join(story))
