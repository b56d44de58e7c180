"""CAD-5 and CAD-4: logging contacts, and what they count for."""
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from markupsafe import Markup

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase

TODAY = date.today


class TestLog(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rhythm = cls._cadence(
            "Call and visit",
            {'name': "Call", 'channel_id': cls.call.id, 'sequence': 1},
            {'name': "Visit", 'channel_id': cls.visit.id, 'interval_count': 3, 'sequence': 2})
        cls.call_step, cls.visit_step = cls.rhythm.step_ids.sorted('sequence')
        cls.customer = cls._customer("Talker", customer_cadence_id=cls.rhythm.id)
        cls.person = cls.env['res.partner'].create({'name': "Ann", 'parent_id': cls.customer.id})

    def _wizard(self, **context):
        return Form(self.env['customer.followup.log'].with_context(default_partner_id=self.customer.id, **context))

    @users('anna')
    def test_opened_for_a_person(self):
        """Opened for a contact person it proposes a channel too, and says what it does (CAD-5)."""
        action = self.person.with_env(self.env).action_customer_log()
        form = Form(self.env['customer.followup.log'].with_context(**action['context']))
        self.assertEqual((form.contact_id, form.channel_id), (self.person, self.call))
        self.assertIn("Closes: Call (monthly)", form.effect)

    @users('anna')
    def test_three_clicks(self):
        """The dialog is filled in from the open follow-up: log, say what, done (CAD-5)."""
        action = self.customer.with_env(self.env).action_customer_log()
        form = Form(self.env['customer.followup.log'].with_context(**action['context']))
        self.assertEqual(form.channel_id, self.call)
        self.assertEqual(form.contact_id, self.person)
        self.assertIn("Closes: Call (monthly)", form.effect)
        self.assertIn("No contact on record yet", str(form.good_to_know))
        form.feedback = "Asked about delivery"
        form.save().action_done()
        done = self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')])
        self.assertRecordValues(done, [{
            'step_id': self.call_step.id, 'channel_id': self.call.id, 'contact_id': self.person.id,
            'feedback': "Asked about delivery", 'closed_by_id': self.anna.id, 'qualifies': True,
            'contact_day': fields.Date.context_today(done),
        }])
        customer = self.customer.with_env(self.env)
        self.assertEqual(customer.customer_last_contact, fields.Date.context_today(done))
        self.assertIn("Asked about delivery", customer.customer_last_text)
        successor = self._open(self.customer, self.call_step)
        self.assertEqual(len(successor), 1)
        self.assertEqual(successor.date_anchor, done.contact_day)
        self.assertEqual(successor.date_raw, done.contact_day + relativedelta(months=1))

    @users('anna')
    def test_next_step(self):
        """A next step with a date opens its own follow-up beside the successor, with the same person."""
        day = TODAY() + timedelta(days=5)
        with self._wizard() as form:
            form.feedback = "Wants samples"
            form.next_step = "Send samples"
            form.next_date = day
        form.record.action_done()
        promise = self._open(self.customer).filtered(lambda followup: not followup.step_id)
        self.assertRecordValues(promise, [{
            'name': "Send samples", 'date_planned': day, 'contact_id': self.person.id, 'user_id': self.anna.id,
            'anchor_kind': 'promise'}])
        self.assertEqual(len(self._open(self.customer)), 3)
        self.assertIn("Send samples", str(self._wizard().good_to_know))
        # doing what was promised closes the promise, by whatever channel
        self._log(self.customer.with_env(self.env), self.email, followup=promise)
        self.assertEqual(promise.state, 'done')

    @users('anna')
    def test_unplanned_counts_for_the_planned(self):
        """A call nobody planned closes the planned one, before its day as well (CAD-4)."""
        planned = self._open(self.customer, self.call_step)
        record = self._log(self.customer.with_env(self.env))
        self.assertEqual(record, planned)

    @users('anna')
    def test_equivalence(self):
        """A visit stands for a call, a call not for a visit (CAD-2, CAD-4)."""
        visit = self._open(self.customer, self.visit_step)
        record = self._log(self.customer.with_env(self.env), self.visit)
        self.assertEqual(record, visit)
        self.assertEqual(self._open(self.customer, self.call_step).date_anchor, TODAY(), "the call counts from the visit")
        before = self._open(self.customer, self.visit_step)
        self._log(self.customer.with_env(self.env), self.call)
        self.assertEqual(self._open(self.customer, self.visit_step), before)

    def test_equivalence_is_a_table(self):
        """An administrator decides what counts for what; the open follow-ups follow."""
        self._log(self.customer, self.messenger, TODAY() - timedelta(days=1))
        self.customer.customer_managed_since = '2026-01-01'
        start = self._open(self.customer, self.call_step).date_anchor
        self.messenger.satisfies_ids += self.call
        self.env['customer.planner']._work_queue()
        self.assertEqual(self._open(self.customer, self.call_step).date_anchor, TODAY() - timedelta(days=1))
        self.assertNotEqual(start, TODAY() - timedelta(days=1))

    @users('anna')
    def test_no_answer_does_not_count(self):
        """Attempts are kept and count for nothing (CAD-4: no-shows never count)."""
        before = self._open(self.customer).mapped('date_planned')
        record = self._log(self.customer.with_env(self.env), outcome='no_answer', feedback="Rang for long")
        self.assertEqual((record.state, record.qualifies), ('done', False))
        self.assertEqual(self._open(self.customer).mapped('date_planned'), before)
        self.assertFalse(self.customer.with_env(self.env).customer_last_contact)

    def test_notes_and_mails_do_not_count(self):
        """Internal notes and messages on the customer's form never count as a contact (CAD-4)."""
        before = self._open(self.customer).mapped('date_planned')
        self.customer.message_post(body=Markup("An internal note"), subtype_xmlid='mail.mt_note')
        self.customer.message_post(body=Markup("A mail that may bounce"), partner_ids=self.person.ids)
        self.env['customer.planner']._plan(self.customer.ids)
        self.assertEqual(self._open(self.customer).mapped('date_planned'), before)

    @users('anna')
    def test_done_activities_count(self):
        """CAD-4: an activity of a kind that stands for a contact counts, on the contact as well as on a lead; others don't."""
        planned = self._open(self.customer, self.call_step)
        self.customer.with_env(self.env).activity_schedule(
            act_type_xmlid='mail.mail_activity_data_todo').action_feedback(feedback="Tidied the file")
        self.assertEqual(planned.state, 'planned')
        self.person.with_env(self.env).activity_schedule(
            act_type_xmlid='mail.mail_activity_data_call').action_feedback(feedback="Wants a quote")
        self.assertRecordValues(planned, [{
            'state': 'done', 'feedback': "Wants a quote", 'contact_id': self.person.id, 'closed_by_id': self.anna.id}])
        lead = self.env['crm.lead'].create({'name': "More", 'partner_id': self.customer.id})
        before = self._open(self.customer, self.call_step)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=10)):  # another call, not the same one twice
            lead.activity_schedule(act_type_xmlid='mail.mail_activity_data_call').action_feedback(feedback="Again")
        self.assertEqual(before.state, 'done')

    @users('nils')
    def test_a_colleagues_activity_counts(self):
        """Also the call of somebody who has no role here, and it does not stop them."""
        self.env.user.sudo().group_ids += self.env.ref('base.group_partner_manager')
        self.customer.with_env(self.env).activity_schedule(
            act_type_xmlid='mail.mail_activity_data_call').action_feedback(feedback="Rang the hotline")
        self.assertEqual(self.customer.with_user(self.anna).customer_last_contact, TODAY())
        other = self.env['res.partner'].sudo().create({'name': "No customer"}).with_env(self.env)
        other.activity_schedule(act_type_xmlid='mail.mail_activity_data_call').action_feedback(feedback="x")
        self.assertFalse(self.env['customer.followup'].sudo().search([('partner_id', '=', other.id)]))

    @users('anna')
    def test_backdated(self):
        """A forgotten contact counts from its own day; one older than the last changes nothing."""
        self.customer.sudo().customer_managed_since = '2026-01-01'
        self.rhythm.sudo().step_ids.date_start = '2026-01-01'
        yesterday, earlier = TODAY() - timedelta(days=1), TODAY() - timedelta(days=20)
        customer = self.customer.with_env(self.env)
        self._log(customer, self.call, yesterday)
        self.assertEqual(self._open(self.customer, self.call_step).date_anchor, yesterday)
        old = self._log(customer, self.call, earlier)
        self.assertFalse(old.step_id, "kept as a record of its own")
        self.assertEqual(self._open(self.customer, self.call_step).date_anchor, yesterday)
        self.assertEqual(customer.customer_last_contact, yesterday)

    def test_deleting_a_record_plans_anew(self):
        record = self._log(self.customer)
        record.with_user(self.mara).unlink()
        self.assertNotEqual(self._open(self.customer, self.call_step).anchor_kind, 'contact')

    @users('anna')
    def test_bad_input(self):
        customer = self.customer.with_env(self.env)
        with self.assertRaisesRegex(ValidationError, "lies in the future"):
            self._log(customer, contact_at=fields.Datetime.now() + timedelta(hours=1))
        with self.assertRaisesRegex(ValidationError, "can't be due before today"), self.env.cr.savepoint():
            self._log(customer, next_step="x", next_date=TODAY() - timedelta(days=1))
        with self.assertRaisesRegex(ValidationError, "what the next step on"):
            self._log(customer, next_step=" ", next_date=TODAY())
        self.assertEqual(set(self._open(self.customer).mapped('state')), {'planned'}, "nothing half-saved")
        self.assertFalse(self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('state', '=', 'done')]))

    @users('anna')
    def test_closed_twice(self):
        """Two people log the same follow-up: the second is told."""
        followup = self._open(self.customer, self.call_step).with_env(self.env)
        self._log(self.customer.with_env(self.env), followup=followup)
        with self.assertRaisesRegex(UserError, "is closed already"):
            followup._skip(self.reason)

    @users('anna')
    def test_share(self):
        """Key points reach colleagues who may not open the follow-up (CAD-5)."""
        record = self._log(self.customer.with_env(self.env), feedback="Machine 3 rattles", share_with=self.otto)
        message = record.message_ids[0]
        self.assertIn(self.otto.partner_id, message.partner_ids)
        self.assertIn("Machine 3 rattles", message.with_user(self.otto).body)
        with self.assertRaises(AccessError):
            record.with_user(self.otto).read(['feedback'])

    @users('anna')
    def test_tracking_sheet(self):
        """CAD-5: a line of the list says what was said last, how far issues are, and what comes next."""
        self._log(self.customer.with_env(self.env), feedback="Wants\nsamples", issue_progress="Parts ordered",
                  next_step="Send samples", next_date='2099-01-01')
        followup = self._open(self.customer, self.call_step)
        self.assertRecordValues(followup, [{
            'last_contact': TODAY(), 'sheet_feedback': "Wants samples", 'sheet_progress': "Parts ordered",
            'sheet_next_step': "Send samples"}])
        self._log(self.customer.with_env(self.env), feedback="All well")
        self.assertEqual(followup.sheet_feedback, "All well")
        done = self.env['customer.followup'].search([('partner_id', '=', self.customer.id), ('feedback', 'like', 'Wants')])
        self.assertEqual(done.sheet_feedback, "Wants samples", "a closed line keeps what was said then")

    @users('anna')
    def test_done_next_customer(self):
        """*Done, next customer* goes on with who is due, and says so when nobody is."""
        self.env['customer.followup'].search([('user_id', '=', self.anna.id)]).sudo().write({'date_planned': '2099-01-01'})
        other = self._customer("Next one", customer_cadence_id=self.rhythm.id)
        self._open(other)[0].sudo().date_planned = TODAY()
        form = self._wizard()
        action = form.save().action_done_next()
        self.assertEqual(action['params']['next']['context']['default_partner_id'], other.id)
        self.assertIn("Next: ", action['params']['message'])
        self._open(other).sudo().write({'date_planned': '2099-01-01'})
        action = self._wizard().save().action_done_next()
        self.assertEqual(action['params']['next']['type'], 'ir.actions.act_window_close')
        self.assertIn("Nobody else is due today", action['params']['message'])

    @users('otto')
    def test_another_ones_customer(self):
        """Nobody logs contacts with a colleague's customer, unless a follow-up was given to them."""
        with self.assertRaisesRegex(AccessError, "looked after by Anna"):
            self._log(self.customer.with_env(self.env))
        self._open(self.customer, self.visit_step).sudo().user_id = self.otto
        self._log(self.customer.with_env(self.env), self.visit)

    def test_query_count(self):
        """The board of customers costs the same number of queries for few and many customers."""
        for number in range(16):
            customer = self._customer(f"Many {number}", customer_cadence_id=self.rhythm.id)
            self._log(customer)
        names = [
            'customer_last_text', 'customer_next_text', 'customer_contact_state', 'customer_last_contact', 'customer_tier_id']

        def cost(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env['res.partner'].with_user(self.anna).search_read(
                [('customer_managed', '=', True), ('user_id', '=', self.anna.id)], names, limit=limit)
            return self.env.cr.sql_log_count - start
        cost(3)
        self.assertEqual(cost(3), cost(17))
