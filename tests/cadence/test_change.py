"""CAD-8: skip, move, reassign, cancel, pause, do not contact."""
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from ..common import CustomerCase

TODAY = date.today


class TestChange(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Changer", customer_cadence_id=cls.cadence.id)
        cls.needs_note = cls.env.ref('customer_success.customer_reason_other')

    def _followup(self):
        return self._open(self.customer, self.step).with_env(self.env)

    def _change(self, action, **vals):
        self.env['customer.followup.change'].create({
            'followup_ids': self._followup().ids, 'action': action, 'reason_id': self.reason.id, **vals}).action_apply()

    def _of(self, customers):
        """Return the open follow-ups of several customers."""
        return self.env['customer.followup'].search([('partner_id', 'in', customers.ids), ('state', '=', 'planned')])

    def _leader_activities(self):
        return self.env['mail.activity'].sudo().search([
            ('res_model', '=', 'customer.followup'), ('user_id', '=', self.lena.id)])

    @users('anna')
    def test_skip(self):
        """A skipped touch is not overdue, and the next one counts from it."""
        first = self._followup()
        first.sudo().write({'date_planned': TODAY() - timedelta(days=40), 'date_limit': TODAY() - timedelta(days=33)})
        self._change('skip')
        self.assertEqual((first.state, first.reason_id), ('skipped', self.reason))
        self.assertEqual(first.due_state, 'closed')
        second = self._followup()
        self.assertEqual((second.date_anchor, second.anchor_kind), (TODAY(), 'skip'))
        self.assertFalse(self._leader_activities())
        self._change('skip')
        self.assertIn("Skipped 2 times in a row", self._leader_activities().summary)

    @users('anna')
    def test_skips_in_a_row_end_with_a_contact(self):
        self._change('skip')
        with self._on(TODAY() + timedelta(days=60)):
            self._log(self.customer.with_env(self.env))
            self._change('skip')
        self.assertFalse(self._leader_activities())

    @users('anna')
    def test_contact_after_a_skip_counts(self):
        """Who was reached after all is not left alone for the time of the skip."""
        self._change('skip')
        self.assertGreater(self._followup().date_anchor, TODAY())
        with self._on(TODAY() + timedelta(days=3)):
            self._log(self.customer.with_env(self.env))
            followup = self._followup()
            self.assertEqual((followup.date_anchor, followup.anchor_kind), (TODAY(), 'contact'))

    @users('anna')
    def test_move(self):
        day = TODAY() + timedelta(days=12)
        self._change('move', date=day)
        followup = self._followup()
        self.assertEqual((followup.date_planned, followup.move_kind), (day, 'manual'))
        self.assertGreaterEqual(followup.date_limit, day)
        self.assertIn("moved from", followup.move_note)
        self.env['customer.planner'].sudo()._plan(self.customer.ids)
        self.assertEqual(followup.date_planned, day, "planning again moves nothing")
        self._log(self.customer.with_env(self.env))
        self.assertEqual(self._followup().move_kind in ('none', 'workday'), True, "the successor is not moved")

    @users('anna')
    def test_third_move_goes_to_the_leader(self):
        for days in (3, 4):
            self._change('move', date=TODAY() + timedelta(days=days))
        self.assertFalse(self._leader_activities())
        self._change('move', date=TODAY() + timedelta(days=5))
        self.assertIn("Moved 3 times in a row", self._leader_activities().summary)

    @users('anna')
    def test_drag_in_the_calendar_is_a_move(self):
        followup = self._followup()
        followup.write({'date_planned': TODAY() + timedelta(days=8)})
        self.assertEqual((followup.date_planned, followup.move_kind, followup.move_count),
                         (TODAY() + timedelta(days=8), 'manual', 1))
        with self.assertRaisesRegex(ValidationError, "into the past"):
            followup.write({'date_planned': TODAY() - timedelta(days=1)})

    @users('anna')
    def test_reassign(self):
        self._change('reassign', user_id=self.ben.id)
        self.assertEqual(self._open(self.customer).user_id, self.ben)
        self.assertEqual(self._open(self.customer).owner_id, self.anna)
        self.env['customer.planner'].sudo()._plan(self.customer.ids)
        self.assertEqual(self._open(self.customer).user_id, self.ben)

    @users('anna')
    def test_bulk_done(self):
        """CAD-5: what was done for many at once is logged at once."""
        other = self._customer("Other", customer_cadence_id=self.cadence.id)
        followups = self._followup() + self._open(other, self.step)
        self.env['customer.followup.change'].create({
            'followup_ids': followups.ids, 'action': 'done', 'note': "Invited to the open day"}).action_apply()
        self.assertEqual(followups.mapped('state'), ['done', 'done'])
        self.assertEqual(set(followups.mapped('feedback')), {"Invited to the open day"})
        self.assertEqual(len(self._open(other)), 1)

    @users('anna')
    def test_plt_3_bulk_done(self):
        """CAD-5, PLT-3: what follows of many at once is planned once: the next ones are the same as one by one, and each costs
        a third."""
        customers = self.env['res.partner'].union(*(
            self._customer(f"Bulk {number}", customer_cadence_id=self.cadence.id) for number in range(14)))
        alone, spent = self._open(customers[0], self.step).with_env(self.env), []
        alone._log_contact(channel=self.call, contact_at=fields.Datetime.now(), outcome=False)
        for some in (customers[1:3], customers[3:13]):
            self.env.invalidate_all()
            wizard = self.env['customer.followup.change'].create({
                'followup_ids': self._of(some).ids, 'action': 'done', 'note': "Newsletter"})
            self.env.flush_all()
            before = self.cr.sql_log_count
            wizard.action_apply()
            self.env.flush_all()
            spent.append(self.cr.sql_log_count - before)
        self.assertLess((spent[1] - spent[0]) / 8, 20, "queries for each")
        coming = {followup.partner_id: followup for followup in self._of(customers)}
        expected = coming[customers[0]]
        for customer in customers[1:13]:
            self.assertRecordValues(coming[customer], [{
                'date_planned': expected.date_planned, 'date_limit': expected.date_limit, 'date_anchor': expected.date_anchor,
                'anchor_kind': expected.anchor_kind, 'user_id': expected.user_id.id, 'step_id': self.step.id}])

    @users('mara')
    def test_plan_many(self):
        """SEG-7, CAD-5: whoever gets many follow-ups at once hears of it once, and who plans for itself not at all."""
        customers = self.env['res.partner'].union(*(
            self._customer(f"Planned {number}", user_id=user.id).with_env(self.env)
            for number, user in enumerate((self.anna, self.anna, self.anna, self.ben, self.mara))))
        known = self.env['mail.notification'].sudo().search([])
        self.env['customer.followup.plan'].create({
            'partner_ids': customers.ids, 'name': "Invite", 'channel_id': self.call.id,
            'date_planned': TODAY() + timedelta(days=9)}).action_plan()
        told = {notice.res_partner_id: notice.mail_message_id.subject
                for notice in self.env['mail.notification'].sudo().search([]) - known}
        self.assertEqual(told, {
            self.anna.partner_id: "3 follow-ups were given to you", self.ben.partner_id: "A follow-up was given to you"})
        self.assertEqual(len(self.env['mail.notification'].sudo().search([]) - known), 2)
        self.assertEqual(self._of(customers).filtered(lambda followup: followup.name == "Invite").user_id,
                         self.anna + self.ben + self.mara)

    @users('anna')
    def test_write_email(self):
        """The composer opens for the customer, with the template of the touchpoint (CAD-1)."""
        template = self.env['mail.template'].sudo().create({
            'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News for {{ object.name }}"})
        self.step.sudo().write({'channel_id': self.email.id, 'mail_template_id': template.id})
        action = self._followup().action_write_email()
        composer = self.env['mail.compose.message'].with_context(**action['context']).create({})
        self.assertEqual(composer.subject, "News for Changer")

    @users('anna')
    def test_s11_email_to_a_person(self):
        """S11: the email goes to the contact person with what it is for as its subject, not to the company with its name."""
        self.customer.sudo().email = 'info@example.com'
        self.step.sudo().channel_id = self.email
        followup = self._followup()

        def composer():
            action = followup.action_write_email()
            return self.env['mail.compose.message'].with_context(**action['context']).create({})
        self.assertEqual((composer().partner_ids, composer().subject), (self.customer, "Monthly call"))
        person = self.env['res.partner'].sudo().create({
            'name': "Ann", 'parent_id': self.customer.id, 'email': 'ann@example.com'})
        self.assertEqual(composer().partner_ids, person)
        # with a template too, whoever that is for by itself
        self.step.sudo().mail_template_id = self.env['mail.template'].sudo().create({
            'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News"})
        self.assertEqual((composer().partner_ids, composer().subject), (person, "News"))
        # who was agreed with is meant, also without an address: the composer asks for that
        other = person.copy({'name': "Bea", 'email': False, 'parent_id': self.customer.id})
        followup.contact_id = other
        self.assertEqual(followup._email_recipient(), other)

    @users('anna')
    def test_cancel_comes_back(self):
        first = self._followup()
        self._change('cancel')
        self.assertEqual(first.state, 'cancelled')
        self.assertEqual(len(self._followup()), 1, "the cadence still applies")

    @users('anna')
    def test_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "give a reason"):
            self._change('skip', reason_id=False)
        with self.assertRaisesRegex(ValidationError, "add a sentence"):
            self._change('skip', reason_id=self.needs_note.id)
        with self.assertRaisesRegex(ValidationError, "into the past"):
            self._change('move', date=TODAY() - timedelta(days=1))
        with self.assertRaisesRegex(ValidationError, "who takes"):
            self._change('reassign')
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            self._followup().with_user(self.mara).unlink()

    @users('anna')
    def test_new_followup_by_hand(self):
        """Somebody notes a next step of their own."""
        form = Form(self.env['customer.followup'])
        form.partner_id = self.customer
        form.name = "Bring the catalogue"
        form.channel_id = self.visit
        form.date_planned = TODAY() + timedelta(days=4)
        followup = form.save()
        self.assertRecordValues(followup, [{
            'user_id': self.anna.id, 'date_planned': TODAY() + timedelta(days=4), 'anchor_kind': 'promise',
            'due_state': followup.due_state, 'state': 'planned'}])
        self.env['customer.planner'].sudo()._plan(self.customer.ids)
        self.assertEqual(followup.date_planned, TODAY() + timedelta(days=4))
        followup.write({'channel_id': self.call.id})
        with self.assertRaisesRegex(UserError, "follows its cadence"):
            self._followup().write({'channel_id': self.visit.id})

    @users('anna')
    def test_planner_columns_are_not_for_people(self):
        """Not even by RPC can a follow-up be declared done, or dated back."""
        followup = self._followup()
        for vals in ({'state': 'done'}, {'date_limit': '2030-01-01'}, {'contact_day': '2020-01-01'}, {'owner_id': 1}):
            with self.assertRaisesRegex(AccessError, "kept by the planner"):
                followup.write(vals)
        with self.assertRaisesRegex(AccessError, "Log a contact"):
            self.env['customer.followup'].create({
                'partner_id': self.customer.id, 'channel_id': self.call.id, 'state': 'done'})

    # ------------------------------------------------------------
    # PAUSE
    # ------------------------------------------------------------

    def _pause(self, days=10, **vals):
        self.env['customer.pause.wizard'].create({
            'partner_ids': self.customer.ids, 'date_to': TODAY() + timedelta(days=days), 'reason_id': self.reason.id,
            **vals}).action_apply()
        self.customer.invalidate_recordset()

    @users('anna')
    def test_pause_stops_the_clock(self):
        before = self._followup()
        raw = before.date_raw
        self._pause(9)
        followup = self._followup()
        self.assertEqual(followup, before)
        self.assertGreaterEqual(followup.date_planned, raw + timedelta(days=9))
        self.assertEqual(followup.date_raw, raw, "the original date stays")
        self.assertIn("without the pause", followup.move_note)
        self.assertEqual(self.customer.with_env(self.env).customer_contact_state, 'paused')
        self.customer.with_env(self.env).action_customer_resume()
        self.assertEqual(self._followup().date_planned, raw if raw.weekday() < 5 else self._followup().date_planned)

    @users('anna')
    def test_overdue_waits_for_the_end(self):
        self.customer.sudo().customer_cadence_since = '2026-01-01'
        self.customer.sudo().write({'customer_managed_since': '2026-01-01', 'customer_tier_since': '2026-01-01'})
        self.env['customer.planner'].sudo()._plan(self.customer.ids)
        self.assertEqual(self._followup().due_state, 'overdue')
        self._pause(6)
        followup = self._followup()
        self.assertGreater(followup.date_planned, TODAY() + timedelta(days=6))
        self.assertNotEqual(followup.due_state, 'overdue')

    @users('anna')
    def test_contact_while_paused_counts(self):
        self._pause(20)
        self._log(self.customer.with_env(self.env))
        self.assertEqual((self._followup().date_anchor, self._followup().anchor_kind), (TODAY(), 'contact'))

    @users('anna')
    def test_pause_of_the_future_begins_on_its_day(self):
        """What is due before a coming pause stays due, until the pause begins."""
        self._log(self.customer.with_env(self.env))
        due = self._followup().date_planned
        start = due + timedelta(days=2)
        self._pause(days=80, date_from=start)
        self.assertEqual(self._followup().date_planned, due)
        with self._on(start):
            self._run_cron('plan')
            self.assertGreater(self._followup().date_planned, TODAY() + timedelta(days=1))

    @users('anna')
    def test_do_not_contact(self):
        self._pause(kind='stop')
        self.assertFalse(self._open(self.customer))
        self.assertEqual(self.customer.with_env(self.env).customer_contact_state, 'stopped')
        cancelled = self.env['customer.followup'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(cancelled.close_kind, 'no_contact')
        self.customer.with_env(self.env).action_customer_resume()
        self.assertEqual(len(self._followup()), 1)

    @users('anna')
    def test_pause_bad_input(self):
        with self.assertRaisesRegex(ValidationError, "already be over"):
            self._pause(-3, date_from='2020-01-01')
        with self.assertRaisesRegex(ValidationError, "until when"):
            self._pause(date_to=False)
        with self.assertRaisesRegex(ValidationError, "add a sentence"):
            self._pause(reason_id=self.needs_note.id)
        with self._refused("ends before it begins"):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': TODAY() + timedelta(days=3), 'date_to': TODAY(),
                'reason_id': self.reason.id})

    @users('otto')
    def test_pausing_anothers_customer(self):
        with self.assertRaises(AccessError):
            self._pause()
        with self.assertRaises(AccessError):
            self._pause(kind='stop')
