"""CAD-1, CAD-3: cadences that are meant for segments."""
from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import Form

from .common import SegmentCase


class TestCadenceBySegment(SegmentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Rhythmic")
        cls.keep = cls._cadence(
            "Keep them", {'name': "Talk to keep them", 'channel_id': cls.call.id, 'interval_count': 1},
            segment_ids=[Command.set(cls.low_risk.ids)], sequence=99)
        cls.low = cls.env.ref('customer_success.customer_cadence_low')

    def test_cad_1_customer_segment_tier_default(self):
        """CAD-1: its own cadence comes before that of the segment, that before the tier's, and that before the default."""
        self.assertEqual(self._open(self.customer).cadence_id, self.low)
        self._set_risk(self.customer, 'high')
        self.assertEqual(self._open(self.customer).cadence_id, self.keep, "whatever its sequence")
        self.customer.customer_cadence_id = self.cadence
        self.assertEqual(self._open(self.customer).cadence_id, self.cadence)
        self.customer.customer_cadence_id = False
        self.assertEqual(self._open(self.customer).cadence_id, self.keep)
        self.keep.active = False
        self.assertEqual(self._open(self.customer).cadence_id, self.low)
        self.low.write({'tier_ids': [Command.clear()]})
        self.assertEqual(self._open(self.customer).cadence_id, self.low, "the default")

    def test_cad_1_company_and_sequence(self):
        """CAD-1: of two cadences for a segment that of the customer's company wins, then the lower sequence."""
        self._set_risk(self.customer, 'high')
        better = self._cadence(
            "Better", {'name': "Visit", 'channel_id': self.visit.id}, sequence=1,
            segment_ids=[Command.set(self.low_risk.ids)])
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(self.customer).cadence_id, better)
        ours = self._cadence(
            "Ours", {'name': "Video", 'channel_id': self.video.id}, sequence=100, company_id=self.env.company.id,
            segment_ids=[Command.set(self.low_risk.ids)])
        theirs = self._cadence(
            "Theirs", {'name': "Email", 'channel_id': self.email.id}, sequence=0, company_id=self.company_2.id,
            segment_ids=[Command.set(self.low_risk.ids)])
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(self.customer).cadence_id, ours)
        other = self._customer("Other", company_id=self.company_2.id, user_id=self.zoe.id)
        self._set_risk(other, 'high')
        self.assertEqual(self._open(other).cadence_id, theirs)

    def test_cad_1_explained(self):
        """CAD-1: whose cadence it is and why is told with the open follow-ups."""
        def why():
            self.customer.invalidate_recordset()
            return self.customer.with_user(self.anna).get_customer_relationship()['cadence']
        self.assertEqual(why(), "By the cadence “Low value”, meant for the tier Low value.")
        self._set_risk(self.customer, 'high')
        self.assertEqual(why(), "By the cadence “Keep them”, meant for the segment Low-value at risk.")
        self.customer.customer_cadence_id = self.cadence
        self.assertEqual(why(), "By the cadence “Test rhythm”, chosen for this customer.")
        self.customer.customer_cadence_id = False
        self._set_risk(self.customer, None)
        self.low.tier_ids = False
        self.assertEqual(why(), "By the cadence “Low value”, the default: none is meant for this customer.")
        self.env['customer.pause.wizard'].create({
            'partner_ids': [Command.set(self.customer.ids)], 'kind': 'stop', 'reason_id': self.reason.id}).action_apply()
        self.assertEqual(why(), "")

    def test_cad_1_replanned_when_the_segment_changes(self):
        """CAD-1, CAD-4: a few customers are re-planned at once, many by the scheduled action; what is done stays."""
        done = self._log(self.customer)
        self._set_risk(self.customer, 'high')
        followup = self._open(self.customer)
        self.assertEqual((followup.cadence_id, followup.date_anchor), (self.keep, done.contact_day))
        self.assertEqual(done.state, 'done')
        many = self.env['res.partner'].create([{
            'name': f"Customer {number}", 'is_company': True, 'customer_enrolment': 'enrolled',
            'user_id': self.anna.id} for number in range(25)])
        self.env['customer.planner']._work_queue()
        self._set_risk(many, 'high')
        self.assertEqual(self._open(many[0]).cadence_id, self.low)
        self._run_cron('plan')
        self.assertEqual([self._open(customer).cadence_id for customer in many], [self.keep] * 25)

    def test_cad_1_the_first_of_a_new_segment_is_not_overdue(self):
        """CAD-1: who comes into a segment today is not overdue for the time before, however long ago the last contact."""
        today = fields.Date.context_today(self.customer)
        self.customer.write({'customer_managed_since': '2020-01-01', 'customer_tier_since': '2020-01-01'})
        self._log(self.customer, contact_at=fields.Datetime.now() - relativedelta(days=80))
        self._set_risk(self.customer, 'high')
        followup = self._open(self.customer)
        self.assertLess(followup.date_raw, today)
        self.assertEqual(followup.date_limit, today + relativedelta(days=followup.step_id.grace_days))
        self.assertNotEqual(followup.due_state, 'overdue')

    def test_cad_1_a_segment_without_a_cadence_moves_nothing(self):
        """CAD-1: where the rhythm follows the tier, a change of the segment neither plans anew nor starts a new clock."""
        self.keep.active = False
        self.customer.write({'customer_managed_since': '2026-01-01', 'customer_tier_since': '2026-01-01'})
        self.env['customer.planner']._plan(self.customer.ids)
        self._judge(self.customer, 'high')
        self.env.cr.execute("SELECT ctid, date_anchor FROM customer_followup WHERE id = %s", [self._open(self.customer).id])
        before = self.env.cr.fetchone()
        requests = self.env['customer.plan.request'].search_count([])
        self._set_risk(self.customer, 'high')
        self._judge(self.customer, False)
        self.assertEqual(self.customer.customer_segment_id, self.low_risk)
        self.env['customer.planner']._plan(self.customer.ids)
        self.env.cr.execute("SELECT ctid, date_anchor FROM customer_followup WHERE id = %s", [self._open(self.customer).id])
        self.assertEqual(self.env.cr.fetchone(), before)
        self.assertEqual(self.env['customer.plan.request'].search_count([]), requests)

    def test_cad_1_follow_ups_by_segment(self):
        """CAD-1: follow-ups are found and grouped by the segment of their customer."""
        self._set_risk(self.customer, 'high')
        followups = self.env['customer.followup'].with_user(self.anna)
        mine = [('partner_id', '=', self.customer.id), ('state', '=', 'planned')]
        self.assertEqual(followups.search(mine + [('segment_id', '=', self.low_risk.id)]), self._open(self.customer))
        self.assertEqual(followups._read_group(mine, ['segment_id'], ['__count']), [(self.low_risk, 1)])

    def test_cad_1_dry_run(self):
        """CAD-1: before it goes live, the dry run says how many a cadence for a segment would touch."""
        draft = self.env.ref('customer_success.customer_cadence_segment_low_risk')
        self.keep.active = False
        self._set_risk(self.customer, 'high')
        reached = self.env['res.partner'].search_count([
            ('customer_managed', '=', True), ('customer_segment_id', '=', self.low_risk.id),
            ('customer_cadence_id', '=', False), ('customer_do_not_contact', '=', False)])
        dry_run = Form(self.env['customer.cadence.dry.run'].with_context(
            default_cadence_id=draft.id, default_partner_id=self.customer.id).with_user(self.mara)).save()
        self.assertIn(
            f"Customers who would follow it: {reached}, of whom follow another one today: {reached}.", dry_run.reach)
        self.assertTrue(11 <= len(dry_run.line_ids) <= 12)
        self.assertEqual(self._open(self.customer).cadence_id, self.low, "a dry run plans nothing")
        self.assertEqual(draft.customer_count, 0)

    def test_cad_3_value_and_risk_is_shipped_and_off(self):
        """CAD-3: monthly, every two weeks, quarterly, monthly with retention; nobody follows them until they are wanted."""
        shipped = {name: self.env.ref(f'customer_success.customer_cadence_segment_{name}')
                   for name in ('high_stable', 'high_potential', 'low_stable', 'low_risk')}
        for name, cadence in shipped.items():
            self.assertFalse(cadence.active)
            self.assertEqual(cadence.segment_ids, self.env.ref(f'customer_success.customer_segment_{name}'))
        self.assertEqual([cadence.step_ids.cycle for cadence in shipped.values()],
                         ["monthly", "every 2 weeks", "quarterly", "monthly"])
        self.assertIn("What has changed", shipped['low_risk'].step_ids.instructions)
        self.assertIn("switched off", self.high_stable.cadence_text)
        self.assertEqual(self.low_risk.cadence_text, "Keep them")
        listed = self.env['customer.cadence'].with_context(active_test=False).search([('segment_ids', '!=', False)])
        self.assertEqual(listed - self.keep, self.env['customer.cadence'].union(*shipped.values()))

    def test_cad_3_switched_on_with_a_click(self):
        """CAD-3: switched on, the customers of the segment follow it from that day, and nobody is overdue at once."""
        cadence = self.env.ref('customer_success.customer_cadence_segment_low_stable')
        cadence.step_ids.date_start = '2020-01-01'
        self._set_risk(self.customer, 'low')
        self.customer.write({'customer_managed_since': '2020-01-01', 'customer_tier_since': '2020-01-01'})
        self.env.cr.execute(
            "UPDATE res_partner SET customer_segment_since = '2020-01-01' WHERE id = %s", [self.customer.id])
        self._log(self.customer, contact_at=fields.Datetime.now() - relativedelta(days=300))
        with_user = cadence.with_user(self.mara)
        with_user.action_unarchive()
        self.env['customer.planner']._work_queue()
        followup = self._open(self.customer)
        today = fields.Date.context_today(self.customer)
        self.assertEqual((followup.cadence_id, followup.date_anchor), (cadence, today))
        self.assertGreaterEqual(followup.date_limit, today)
        self.assertIn(self.customer.id, cadence._followers())
        with_user.action_archive()
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(self.customer).cadence_id, self.low)
