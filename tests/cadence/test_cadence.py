"""CAD-1, CAD-2, CAD-3: cadences, channels, and what changing them does."""
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..common import CustomerCase

TODAY = date.today


class TestCadence(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Rhythmic")

    def test_shipped_value_tiers(self):
        """CAD-3: high has a monthly talk and a quarterly visit, mid an email every two weeks and a monthly survey, low a
        quarterly text message."""
        shipped = {
            tier: [(step.channel_id, step.cycle) for step in
                   self.env.ref(f'customer_success.customer_cadence_{tier}').step_ids.sorted('sequence')]
            for tier in ('high', 'mid', 'low')}
        self.assertEqual(shipped, {
            'high': [(self.call, "monthly"), (self.visit, "quarterly")],
            'mid': [(self.email, "every 2 weeks"), (self.survey, "monthly")],
            'low': [(self.sms, "quarterly")],
        })
        self.assertEqual(
            self.env.ref('customer_success.customer_cadence_step_high_talk').alternative_channel_ids, self.video)

    def test_who_follows_which(self):
        """CAD-1: the customer's own cadence, else that of its tier, else the default."""
        self.assertEqual(self.customer.customer_tier_id, self.tier_low)
        low = self.env.ref('customer_success.customer_cadence_low')
        self.assertEqual(self._open(self.customer).cadence_id, low)
        self.customer._set_tier_by_hand(self.tier_high, "Test")
        self.assertEqual(self._open(self.customer).cadence_id, self.env.ref('customer_success.customer_cadence_high'))
        self.customer.customer_cadence_id = self.cadence
        self.assertEqual(self._open(self.customer).step_id, self.step)
        self.customer.customer_cadence_id = False
        self.env.ref('customer_success.customer_cadence_high').active = False
        self.assertEqual(self._open(self.customer).cadence_id, low, "the default")

    def test_cadence_of_a_company_comes_first(self):
        own = self._cadence(
            "Only here", {'name': "Visit", 'channel_id': self.visit.id}, sequence=99, company_id=self.env.company.id,
            tier_ids=[Command.set(self.tier_low.ids)])
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(self.customer).cadence_id, own)
        theirs = self._customer("Theirs", company_id=self.company_2.id, user_id=self.zoe.id)
        self.assertEqual(self._open(theirs).cadence_id, self.env.ref('customer_success.customer_cadence_low'))
        self.assertEqual(self._open(theirs).company_id, self.company_2)

    def test_changing_an_interval_replans(self):
        """CAD-4: open follow-ups move, done ones are kept."""
        self.customer.customer_cadence_id = self.cadence
        done = self._log(self.customer)
        self.step.write({'interval_count': 2, 'interval_unit': 'week'})
        followup = self._open(self.customer)
        self.assertEqual(followup.date_raw, TODAY() + timedelta(weeks=2))
        self.assertEqual(done.state, 'done')

    def test_touchpoints_come_and_go(self):
        self.customer.customer_cadence_id = self.cadence
        self.cadence.write({'step_ids': [Command.create({'name': "More", 'channel_id': self.visit.id})]})
        self.assertEqual(len(self._open(self.customer)), 2)
        more = self.cadence.step_ids - self.step
        more.active = False
        self.assertEqual(self._open(self.customer).step_id, self.step)
        more.unlink()
        with self.assertRaisesRegex(ValidationError, "has no touchpoint"):
            self.cadence.with_context(active_test=False).step_ids.unlink()

    def test_event_touchpoint(self):
        """CAD-1: a touchpoint after an event is planned once for each event, and old events plan nothing."""
        cadence = self._cadence(
            "After orders", {'name': "Thanks", 'channel_id': self.call.id, 'kind': 'event', 'event': 'order',
                             'delay_count': 3, 'date_start': TODAY()})
        self._order(self.customer, 10, TODAY() - timedelta(days=30))
        self.customer.customer_cadence_id = cadence
        self.assertFalse(self._open(self.customer), "ordered before the touchpoint was in force")
        self._order(self.customer, 10)
        followup = self._open(self.customer)
        self.assertEqual((followup.event_date, followup.date_raw), (TODAY(), TODAY() + timedelta(days=3)))
        self._log(self.customer, followup=followup)
        self.env['customer.planner']._plan(self.customer.ids)
        self.assertFalse(self._open(self.customer), "once is enough")

    def test_roles(self):
        """CAD-1: who does it follows from the role and the customer's team."""
        self.customer.customer_cadence_id = self.cadence
        expected = {'manager': self.anna, 'leader': self.lena, 'executive': self.mara, 'expert': self.otto,
                    'support': self.anna}
        self.team_north.write({'customer_executive_id': self.mara.id, 'customer_expert_id': self.otto.id})
        for role, user in expected.items():
            self.step.role = role
            self.assertEqual(self._open(self.customer).user_id, user, role)
        self.step.role = 'manager'
        self.customer.user_id = self.ben
        self.assertEqual(self._open(self.customer).user_id, self.ben)

    def test_working_days_and_public_holidays(self):
        """The date moves to a working day of the responsible person and keeps its original day."""
        self.customer.customer_cadence_id = self.cadence
        self._log(self.customer)
        raw = self._open(self.customer).date_raw
        planned = self._open(self.customer).date_planned
        self.assertLess(planned.weekday(), 5)
        leave = self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'date_from': f'{planned} 00:00:00', 'date_to': f'{planned} 23:59:59',
            'calendar_id': self.env.company.resource_calendar_id.id, 'resource_id': False})
        moved = self._open(self.customer)
        self.assertGreater(moved.date_planned, planned)
        self.assertEqual(moved.date_raw, raw)
        self.assertIn("not a working day", moved.move_note)
        leave.unlink()
        self.assertEqual(self._open(self.customer).date_planned, planned)

    def test_opted_out(self):
        """CAD-8: a blacklisted address is not planned on that channel: the fallback is taken, or nobody is bothered."""
        cadence = self._cadence("Mails", {'name': "News", 'channel_id': self.email.id})
        self.customer.write({'email': 'news@example.com', 'customer_cadence_id': cadence.id})
        self.assertEqual(self._open(self.customer).channel_id, self.email)
        entry = self.env['mail.blacklist'].create({'email': 'news@example.com'})
        self.assertFalse(self._open(self.customer))
        cadence.step_ids.fallback_channel_id = self.call
        self.assertEqual(self._open(self.customer).channel_id, self.call)
        entry.active = False
        self.assertEqual(self._open(self.customer).channel_id, self.email)

    def test_dry_run(self):
        """CAD-1: before it goes live, a cadence shows what it would plan and for how many."""
        draft = self._cadence(
            "Draft", {'name': "Call", 'channel_id': self.call.id, 'interval_count': 2},
            tier_ids=[Command.set(self.tier_low.ids)], sequence=0, active=False)
        before = self.env['customer.followup'].search_count([])
        dry_run = Form(self.env['customer.cadence.dry.run'].with_context(
            default_cadence_id=draft.id, default_partner_id=self.customer.id).with_user(self.mara)).save()
        low = self.env['res.partner'].search_count([
            ('customer_managed', '=', True), ('customer_tier_id', '=', self.tier_low.id),
            ('customer_cadence_id', '=', False), ('customer_do_not_contact', '=', False)])
        self.assertIn(f"Customers who would follow it: {low}, of whom follow another one today: {low}.", dry_run.reach)
        lines = dry_run.line_ids
        self.assertTrue(5 <= len(lines) <= 6)
        self.assertTrue(all(line.date.weekday() < 5 for line in lines))
        self.assertGreaterEqual(lines[0].date, TODAY() + relativedelta(months=2))
        self.assertEqual(self.env['customer.followup'].search_count([]), before, "a dry run plans nothing")
        self.assertEqual(draft.customer_count, 0)

    def test_replan_button(self):
        self.customer.customer_cadence_id = self.cadence
        self._open(self.customer).sudo().date_planned = '2030-01-01'
        self.env.flush_all()
        action = self.cadence.with_user(self.mara).action_replan()
        self.assertEqual(action['params']['type'], 'success')
        self.assertNotEqual(self._open(self.customer).date_planned, date(2030, 1, 1))

    def test_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "has no touchpoint"):
            self.env['customer.cadence'].create({'name': "Empty"})
        with self.assertRaisesRegex(ValidationError, "has no touchpoint"), self.env.cr.savepoint():
            self.step.active = False
        for interval in (0, -1):
            with self._refused("must be at least 1"):
                self.step.interval_count = interval
        with self.assertRaisesRegex(ValidationError, "ten years"):
            self.step.interval_count = 500
        with self._refused("after an event needs the event"):
            self.step.kind = 'event'
        with self._refused("can't be negative"):
            self.step.grace_days = -1

    def test_channels(self):
        """CAD-2: the channels are there with guidance; more can be added, those in use are archived, not deleted."""
        channels = self.env['customer.channel'].search([])
        self.assertGreaterEqual(len(channels), 11)
        self.assertTrue(all(channels.mapped('guidance')))
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.call.unlink()
        fax = self.env['customer.channel'].create({'name': "Fax"})
        self._log(self.customer, fax)
        with self.assertRaisesRegex(UserError, "follow-ups: 1"):
            fax.unlink()
        self.env['customer.channel'].create({'name': "Telex"}).unlink()
        with self._refused("already a channel with this name"):
            self.env['customer.channel'].create({'name': "Fax"})

    def test_cadence_in_use_stays(self):
        self.customer.customer_cadence_id = self.cadence
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.cadence.unlink()
        unused = self._cadence("Unused", {'name': "Call", 'channel_id': self.call.id})
        unused.unlink()
        self.assertFalse(unused.exists())

    def test_start_is_not_overdue(self):
        """Who is new to a touchpoint is not overdue for the time before it."""
        self.customer.write({'customer_managed_since': '2020-01-01', 'customer_tier_since': '2020-01-01'})
        self._log(self.customer, self.visit, TODAY() - timedelta(days=300))
        self.customer.customer_cadence_id = self._cadence("New", {'name': "Call", 'channel_id': self.call.id})
        followup = self._open(self.customer)
        self.assertEqual(followup.date_raw, TODAY() - timedelta(days=300) + relativedelta(months=1))
        self.assertEqual(followup.date_limit, TODAY() + timedelta(days=followup.step_id.grace_days))
        self.assertEqual(followup.due_state, 'today')

    def test_due_state_is_searched_grouped_and_shown_alike(self):
        self.customer.customer_cadence_id = self.cadence
        followup = self._open(self.customer)
        today = fields.Date.context_today(followup)
        for planned, limit in ((-9, -1), (-1, 3), (0, 5), (1, 9), (5, 9), (20, 30)):
            followup.sudo().write({'date_planned': today + timedelta(days=planned), 'date_limit': today + timedelta(days=limit)})
            found = self.env['customer.followup'].search(
                [('id', '=', followup.id), ('due_state', '=', followup.due_state)])
            self.assertEqual(found, followup)
            self.assertFalse(self.env['customer.followup'].search(
                [('id', '=', followup.id), ('due_state', '!=', followup.due_state)]))
            groups = self.env['customer.followup']._read_group([('id', '=', followup.id)], ['due_state'])
            self.assertEqual(groups, [(followup.due_state,)])
            state = self.customer.customer_contact_state
            self.customer.invalidate_recordset()
            state = self.customer.customer_contact_state
            self.assertEqual(self.env['res.partner']._read_group(
                [('id', '=', self.customer.id)], ['customer_contact_state']), [(state,)])
            self.assertTrue(self.env['res.partner'].search_count(
                [('id', '=', self.customer.id), ('customer_contact_state', '=', state)]))
