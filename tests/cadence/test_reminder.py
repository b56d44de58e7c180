from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..common import CustomerCase

DAY = timedelta(days=1)
TODAY = fields.Date.to_date('2026-03-02')  # a Monday
DUE = fields.Date.to_date('2026-04-02')  # a month later: Thursday
LOGGER = 'odoo.addons.customer_success.models.cadence.customer_planner'


class ReminderCase(CustomerCase):
    """A customer of Anna's who is due on 2 April, reminded 2 days ahead, overdue after 9 April, escalated on 16 April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type_reminder = cls.env.ref('customer_success.mail_activity_type_followup')
        cls.type_escalation = cls.env.ref('customer_success.mail_activity_type_escalation')
        cls.startClassPatcher(cls._frozen(TODAY))
        cls.customer = cls._customer("Reminded", customer_cadence_id=cls.cadence.id)
        cls.followup = cls._open(cls.customer)

    @staticmethod
    def _frozen(day):
        return freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=8))

    def setUp(self):
        super().setUp()
        self.assertEqual(self.followup.date_planned, DUE)

    def _activities(self, followup=None, done=False):
        """The activities of a follow-up; also those ticked off, if asked for."""
        return self.env['mail.activity'].with_context(active_test=not done).search([
            ('res_model', '=', 'customer.followup'), ('res_id', 'in', (followup or self.followup).ids)], order='id')

    def _remind(self, day):
        """Let the action run on a day."""
        with self._on(day):
            self._run_cron('remind')


class TestReminder(ReminderCase):

    def test_cad_9_ahead_of_the_date(self):
        """CAD-9: the responsible person gets an activity ahead of the date, and none before that."""
        self._remind(DUE - 3 * DAY)
        self.assertFalse(self._activities())
        self._remind(DUE - 2 * DAY)
        self.assertRecordValues(self._activities(), [{
            'user_id': self.anna.id, 'date_deadline': DUE, 'activity_type_id': self.type_reminder.id,
            'summary': "Monthly call", 'automated': True}])

    def test_cad_9_late_is_one_thing(self):
        """CAD-9, K1: list, card and activities call the same follow-ups overdue, and none of them before its last day is over."""
        self._remind(DUE - 2 * DAY)
        limit = self.followup.date_limit
        self.assertEqual(limit, DUE + 7 * DAY)
        for day, state, due_state in (
                (DUE - DAY, 'planned', 'week'), (DUE, 'today', 'today'), (DUE + 3 * DAY, 'today', 'today'),
                (limit, 'today', 'today'), (limit + DAY, 'overdue', 'overdue'), (limit + 9 * DAY, 'overdue', 'overdue')):
            self._remind(day)
            with self._on(day):
                activity = self._activities().filtered(lambda activity: activity.activity_type_id == self.type_reminder)
                self.env.invalidate_all()
                self.assertEqual((activity.state, self.followup.due_state), (state, due_state), day)
                self.assertEqual(self.followup.activity_state, state, "as the activity view has it")

    def test_cad_9_moved_while_due(self):
        """CAD-9: what is planned anew while it is due keeps the deadline of what is due, and moved, that of its new day."""
        self._remind(DUE - 2 * DAY)
        with self._on(DUE + 3 * DAY):
            self.env['customer.reminder']._follow_plan(self.followup.ids)
            self.assertEqual(self._activities().date_deadline, DUE + 3 * DAY)
            self.followup._move(DUE + 5 * DAY, self.reason)
            self.assertEqual(self._activities().date_deadline, DUE + 5 * DAY)

    def test_cad_9_once(self):
        """CAD-9: run twice, and again the next days: one activity."""
        for day in (DUE - 2 * DAY, DUE - 2 * DAY, DUE - DAY, DUE, DUE + DAY):
            self._remind(day)
        self.assertEqual(len(self._activities()), 1)

    def test_cad_9_after_downtime(self):
        """CAD-9: a reminder that should have been given days ago is given now, once."""
        self._remind(DUE + 3 * DAY)
        self.assertEqual(self._activities().date_deadline, DUE + 3 * DAY, "due, and not overdue yet")

    def test_cad_9_nobody_responsible(self):
        """CAD-9: without a responsible person nobody is reminded; who becomes responsible later, is."""
        self.customer.user_id = False
        self._remind(DUE)
        self.assertFalse(self._activities())
        self.customer.user_id = self.ben
        self._remind(DUE)
        self.assertEqual(self._activities().user_id, self.ben)

    def test_cad_9_moves_with_the_plan(self):
        """CAD-9: a follow-up that moves takes its reminder along, and loses it when it is far ahead again."""
        self._remind(DUE - 2 * DAY)
        with self._on(DUE - 2 * DAY):
            self.followup.with_user(self.anna)._move(DUE - DAY, self.reason)
            self.assertEqual(self._activities().date_deadline, DUE - DAY)
            self.followup.with_user(self.anna)._move(DUE + 20 * DAY, self.reason)
            self.assertFalse(self._activities())
            self.assertFalse(self.followup.reminded)
        self._remind(DUE + 18 * DAY)
        self.assertEqual(self._activities().date_deadline, DUE + 20 * DAY)

    def test_cad_9_moves_with_a_pause(self):
        """CAD-9, CAD-8: a paused customer is not to be thought of."""
        self._remind(DUE - 2 * DAY)
        with self._on(DUE - DAY):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': DUE - DAY, 'date_to': DUE + 30 * DAY,
                'reason_id': self.reason.id})
            self.assertFalse(self._activities())

    def test_cad_9_moves_with_the_person(self):
        """CAD-9: the reminder follows a reassignment, and a change of the account manager."""
        self._remind(DUE)
        with self._on(DUE):
            self.followup.with_user(self.anna)._reassign(self.ben)
            self.assertEqual(self._activities().user_id, self.ben)
            self.customer.user_id = self.otto
            self.assertEqual(self._activities().user_id, self.otto)
            self.assertEqual(len(self._activities()), 1)

    def test_cad_9_gone_when_logged(self):
        """CAD-9: the reminder goes with the follow-up it was for; the successor gets its own in time."""
        self._remind(DUE)
        with self._on(DUE):
            self._log(self.customer.with_user(self.anna), followup=self.followup.with_user(self.anna))
            self.assertEqual(self.followup.state, 'done')
        self.assertFalse(self._activities())
        self._remind(DUE)
        successor = self._open(self.customer)
        self.assertFalse(self._activities(successor))
        self._remind(successor.date_planned)
        self.assertEqual(len(self._activities(successor)), 1)

    def test_cad_9_gone_when_closed_otherwise(self):
        """CAD-9: skipped, or not to be contacted any more: no reminder stays behind."""
        self._remind(DUE)
        with self._on(DUE):
            self.followup.with_user(self.anna)._skip(self.reason)
        self.assertFalse(self._activities())
        successor = self._open(self.customer)
        self._remind(successor.date_planned)
        self.assertTrue(self._activities(successor))
        self.customer.customer_do_not_contact = True
        self.assertEqual(successor.state, 'cancelled')
        self.assertFalse(self._activities(successor))

    def test_cad_9_own_activities_stay(self):
        """CAD-9: what people planned themselves is theirs: no move or reassignment touches it."""
        own = self.env['mail.activity'].with_user(self.anna).create([{
            'res_model_id': self.env['ir.model']._get_id('customer.followup'), 'res_id': self.followup.id,
            'activity_type_id': self.env.ref('mail.mail_activity_data_todo').id, 'date_deadline': DUE,
            'user_id': self.anna.id}])
        # automation rules and other addons plan this way
        own += self.followup.with_user(self.anna).activity_schedule(
            'mail.mail_activity_data_todo', date_deadline=DUE, user_id=self.anna.id)
        self._remind(DUE)
        with self._on(DUE):
            self.followup.with_user(self.anna)._reassign(self.ben)
        self.assertEqual(own.exists(), own)
        self.assertRecordValues(own, [{'user_id': self.anna.id, 'date_deadline': DUE}] * 2)

    def test_cad_9_ticking_off_logs_the_contact(self):
        """CAD-9, CAD-5: done in the activity menu is done: the contact is logged with what was written there."""
        self._remind(DUE)
        with self._on(DUE):
            self._activities().with_user(self.anna).action_feedback(feedback="Wants a quote for 200 pieces")
        self.assertRecordValues(self.followup, [{
            'state': 'done', 'qualifies': True, 'contact_day': DUE, 'channel_id': self.call.id,
            'feedback': "Wants a quote for 200 pieces", 'closed_by_id': self.anna.id}])
        self.assertFalse(self._activities())
        self.assertEqual(self._activities(done=True).feedback, "Wants a quote for 200 pieces")
        self.assertEqual(self._open(self.customer).date_anchor, DUE)

    def test_cad_9_ticking_off_an_escalation_logs_nothing(self):
        """CAD-9: a leader who ticks off the escalation has not spoken to the customer."""
        self._remind(self.followup.date_escalate)
        escalation = self._activities().filtered(lambda activity: activity.activity_type_id == self.type_escalation)
        with self._on(self.followup.date_escalate):
            escalation.with_user(self.lena).action_feedback(feedback="Talked to Anna")
        self.assertEqual(self.followup.state, 'planned')


class TestEscalation(ReminderCase):

    def _escalations(self, followup=None, done=False):
        return self._activities(followup, done).filtered(
            lambda activity: activity.activity_type_id == self.type_escalation)

    def _without_managers(self, but=None):
        """Take the role of manager from all who have it."""
        group = self.env.ref('customer_success.group_customer_success_manager')
        (group.all_user_ids - (but or self.env['res.users'])).group_ids -= group

    def test_cad_9_to_the_team_leader(self):
        """CAD-9: overdue for N days, the leader gets an activity; not a day earlier."""
        self.assertEqual(self.followup.date_limit, DUE + 7 * DAY)
        day = DUE + 14 * DAY
        self._remind(day - DAY)
        self.assertFalse(self._escalations())
        self._remind(day)
        self.assertRecordValues(self._escalations(), [{'user_id': self.lena.id, 'date_deadline': day}])
        self.assertEqual(self.followup.user_id, self.anna, "it stays Anna's work")

    def test_cad_9_once_not_daily(self):
        """CAD-9: once, also when the leader has ticked it off."""
        day = self.followup.date_escalate
        for later in (0, 0, 1, 2):
            self._remind(day + later * DAY)
        self.assertEqual(len(self._escalations()), 1)
        self._escalations().with_user(self.lena).action_feedback()
        self._remind(day + 5 * DAY)
        self.assertFalse(self._escalations())
        self.assertEqual(len(self._escalations(done=True)), 1)

    def test_cad_9_gone_when_done(self):
        """CAD-9: the leader need not look any more when the contact was made."""
        self._remind(self.followup.date_escalate)
        with self._on(self.followup.date_escalate):
            self._log(self.customer, followup=self.followup)
        self.assertFalse(self._activities())

    def test_cad_9_never(self):
        """CAD-9: 0 days: never."""
        self.step.escalation_days = 0
        self._remind(DUE + 300 * DAY)
        self.assertFalse(self._escalations())
        self.assertFalse(self.followup.escalated)

    def test_cad_9_paused_is_not_overdue(self):
        """CAD-9, CAD-8: the leader hears nothing of a paused customer."""
        with self._on(DUE):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': DUE, 'date_to': DUE + 60 * DAY,
                'reason_id': self.reason.id})
        self._remind(DUE + 40 * DAY)
        self.assertFalse(self._escalations())

    def test_cad_9_nobody_to_escalate_to(self):
        """CAD-9, K3: no team, no account manager, or the leader is the responsible person: a manager hears of it; where there
        is none, it is not marked as told, and the action comes to its end for all others."""
        self._without_managers(but=self.mara)
        loner = self._user('loner', 'user')
        customers = [
            self._customer(name, customer_cadence_id=self.cadence.id, user_id=user.id)
            for name, user in (("No team", loner), ("Nobody", self.env['res.users']), ("Leader", self.lena))]
        self._remind(self.followup.date_escalate)
        for customer in customers:
            self.assertEqual(self._escalations(self._open(customer)).user_id, self.mara, customer.name)
            self.assertTrue(self._open(customer).escalated, customer.name)
        self.assertEqual(len(self._escalations()), 1)

    def test_cad_9_told_is_told(self):
        """CAD-9, K3: nobody who could be told: it is tried again until there is somebody."""
        self._without_managers()
        self.team_north.user_id = False
        for day in (0, 1):
            self._remind(self.followup.date_escalate + day * DAY)
            self.assertFalse(self.followup.escalated)
            self.assertFalse(self._escalations())
        self.team_north.user_id = self.lena
        self._remind(self.followup.date_escalate + 2 * DAY)
        self.assertTrue(self.followup.escalated)
        self.assertEqual(self._escalations().user_id, self.lena)

    def test_cad_9_one_activity_for_many(self):
        """CAD-9, K9: many overdue at once are one activity for the leader, with their number."""
        for number in range(7):
            self._customer(f"Many {number}", customer_cadence_id=self.cadence.id)
        self._remind(self.followup.date_escalate)
        loose = self.env['mail.activity'].search([
            ('activity_type_id', '=', self.type_escalation.id), ('user_id', '=', self.lena.id)])
        self.assertEqual(len(loose), 1)
        self.assertIn("8 follow-ups are overdue", loose.summary)
        self.assertTrue(self.followup.escalated)

    def test_cad_9_promise_escalates_too(self):
        """CAD-9: an agreed next step has the days of the settings."""
        self._log(self.customer, next_step="Send the contract", next_date=TODAY + 3 * DAY)
        promise = self._open(self.customer).filtered(lambda followup: not followup.step_id)
        promise._reassign(self.anna)
        self._remind(promise.date_remind)
        self.assertRecordValues(self._activities(promise), [{'user_id': self.anna.id, 'summary': "Send the contract"}])
        self.assertEqual(promise.date_escalate, TODAY + (3 + 3 + 7) * DAY)


class TestAbsence(ReminderCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.later = cls._customer("Later", customer_cadence_id=cls._cadence(
            "Slow", {'name': "Call", 'channel_id': cls.call.id, 'interval_count': 6}).id)
        cls.absence = cls.env['customer.absence'].create({
            'user_id': cls.anna.id, 'backup_id': cls.ben.id, 'date_from': DUE - 5 * DAY, 'date_to': DUE + 5 * DAY})

    def test_cad_9_backup_gets_what_is_due(self):
        """CAD-9: from the first day on the backup has what comes due meanwhile; the rest stays."""
        self._remind(DUE - 6 * DAY)
        self.assertEqual(self.followup.user_id, self.anna)
        self._remind(DUE - 5 * DAY)
        self.assertRecordValues(self.followup, [{'user_id': self.ben.id, 'owner_id': self.anna.id}])
        self.assertEqual(self._open(self.later).user_id, self.anna)
        self._remind(DUE - 2 * DAY)
        self.assertEqual(self._activities().user_id, self.ben)

    def test_cad_9_reminder_moves_to_the_backup_and_back(self):
        """CAD-9: a reminder that Anna already had goes to Ben, and back to her with what he did not get to."""
        self.absence.date_from = DUE - DAY
        self._remind(DUE - 2 * DAY)
        self.assertEqual(self._activities().user_id, self.anna)
        self._remind(DUE - DAY)
        self.assertEqual(self._activities().user_id, self.ben)
        self._remind(DUE + 6 * DAY)
        self.assertEqual(self.followup.user_id, self.anna)
        self.assertEqual(self._activities().user_id, self.anna)
        self.assertEqual(len(self._activities()), 1)

    def test_cad_9_what_the_backup_did_stays_done(self):
        """CAD-9: what Ben logged is his; the successor is Anna's again."""
        self._remind(DUE)
        with self._on(DUE):
            self._log(self.customer.with_user(self.ben), followup=self.followup.with_user(self.ben))
        self._remind(DUE + 6 * DAY)
        self.assertRecordValues(self.followup, [{'state': 'done', 'user_id': self.ben.id, 'closed_by_id': self.ben.id}])
        self.assertEqual(self._open(self.customer).user_id, self.anna)

    def test_cad_9_called_off(self):
        """CAD-9: an absence that is shortened or called off hands back at once what was handed over."""
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.ben)
        self.absence.date_to = DUE - DAY
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.anna)
        self.absence.date_to = DUE + 5 * DAY
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.ben)
        self.absence.unlink()
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.anna)

    def test_cad_9_other_backup(self):
        """CAD-9: another backup takes over from the first."""
        self._remind(DUE)
        self.absence.backup_id = self.otto
        self._remind(DUE)
        self.assertEqual(self.followup.user_id, self.otto)
        self._remind(DUE + 6 * DAY)
        self.assertEqual(self.followup.user_id, self.anna)

    def test_cad_9_given_on_purpose_stays(self):
        """CAD-9: what Anna gave to Otto for good is not hers to hand over, and does not come back."""
        self.followup._reassign(self.otto)
        for day in (DUE, DUE + 6 * DAY):
            self._remind(day)
            self.assertEqual(self.followup.user_id, self.otto)

    def test_cad_9_planning_meanwhile(self):
        """CAD-9, CAD-4: planning does not take from the backup what the backup has."""
        self._remind(DUE)
        with self._on(DUE):
            self.step.name = "Friendly call"
            self.env['customer.planner']._plan(self.customer.ids)
        self.assertEqual(self.followup.user_id, self.ben)

    def test_cad_9_escalates_to_the_leader_of_the_absent(self):
        """CAD-9: while Ben stands in, it is Anna's leader who hears of what is overdue."""
        self.absence.write({'date_to': DUE + 60 * DAY, 'backup_id': self.otto.id})
        self._remind(self.followup.date_escalate)
        self.assertEqual(self.followup.user_id, self.otto)
        escalation = self._activities().filtered(lambda activity: activity.activity_type_id == self.type_escalation)
        self.assertEqual(escalation.user_id, self.lena)

    def test_cad_9_wakes_the_action(self):
        """CAD-9: a new absence does not wait for the night."""
        cron = self.env.ref('customer_success.ir_cron_remind')
        before = self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)])
        self.env['customer.absence'].create({
            'user_id': self.otto.id, 'backup_id': self.li.id, 'date_from': TODAY, 'date_to': TODAY})
        self.assertGreater(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), before)

    def test_cad_9_impossible_absences(self):
        """CAD-9: nobody is their own backup, is away twice, or stands in while away."""
        with self.assertRaises(ValidationError):  # twice
            self.env['customer.absence'].create({
                'user_id': self.anna.id, 'backup_id': self.otto.id, 'date_from': DUE, 'date_to': DUE + DAY})
        with self.assertRaises(ValidationError):  # the backup leaves
            self.env['customer.absence'].create({
                'user_id': self.ben.id, 'backup_id': self.otto.id, 'date_from': DUE + 5 * DAY, 'date_to': DUE + 9 * DAY})
        with self.assertRaises(ValidationError):  # who is away is asked to stand in
            self.env['customer.absence'].create({
                'user_id': self.otto.id, 'backup_id': self.anna.id, 'date_from': DUE, 'date_to': DUE})


class TestPoisoned(CustomerCase):
    """One customer that can't be planned, whatever the cause, must not stop the others (PLT-3)."""

    def setUp(self):
        super().setUp()
        self.customers = self.env['res.partner']
        for number in range(9):
            self.customers += self._customer(f"Customer {number}", customer_cadence_id=self.cadence.id)
        self.poisoned = self.customers[4]
        self.env['customer.plan.request'].search([]).unlink()
        self.faster = self._cadence("Faster", {
            'name': "Call", 'channel_id': self.call.id, 'interval_count': 2, 'interval_unit': 'week'})
        self.env.flush_all()
        # a constraint in the database that only this customer's plan violates: the real thing, not a stand-in
        self.env.cr.execute(
            "ALTER TABLE customer_followup ADD CONSTRAINT poison CHECK (partner_id <> %s OR cadence_id <> %s)",
            [self.poisoned.id, self.faster.id])

    def _cure(self):
        self.env.cr.execute("ALTER TABLE customer_followup DROP CONSTRAINT poison")

    def _move_all(self):
        """Put all on the other cadence, by queue."""
        self.env.cr.execute(
            "UPDATE res_partner SET customer_cadence_id = %s WHERE id = ANY(%s)", [self.faster.id, self.customers.ids])
        self.env.invalidate_all()
        self.env['customer.plan.request']._request(self.customers.ids, at_once=0)

    def _aside(self):
        return self.env['customer.plan.request'].search([('partner_id', 'in', self.customers.ids)])

    @mute_logger('odoo.sql_db', LOGGER)
    def test_plt_3_others_go_on(self):
        """PLT-3, CAD-4: the poisoned customer is set aside with its error, all others are planned."""
        self._move_all()
        self._run_cron('plan')
        for customer in self.customers - self.poisoned:
            self.assertEqual(self._open(customer).step_id, self.faster.step_ids)
        self.assertEqual(self._open(self.poisoned).step_id, self.step, "nothing half-done")
        aside = self._aside()
        self.assertEqual(aside.partner_id, self.poisoned)
        self.assertEqual(aside.attempts, 1)
        self.assertIn('poison', aside.error)
        self.assertGreater(aside.retry_at, self.env.cr.now())
        run = self.env['customer.run'].search([('name', '=', 'plan')], limit=1)
        self.assertEqual(run.failed, 1)

    @mute_logger('odoo.sql_db', LOGGER)
    def test_plt_3_tried_again_later(self):
        """PLT-3: not before its time; then again, with the attempts counted; cured, it is planned and forgotten."""
        self._move_all()
        for __ in range(3):
            self._run_cron('plan')
        self.assertEqual(self._aside().attempts, 1, "tried again only when its time has come")
        self._aside().retry_at = self.env.cr.now() - DAY
        self._run_cron('plan')
        self.assertEqual(self._aside().attempts, 2)
        self._cure()
        self._aside().retry_at = self.env.cr.now() - DAY
        self._run_cron('plan')
        self.assertFalse(self._aside())
        self.assertEqual(self._open(self.poisoned).step_id, self.faster.step_ids)

    @mute_logger('odoo.sql_db', LOGGER)
    def test_plt_3_retry_by_hand(self):
        """PLT-3: an administrator who mended the cause need not wait."""
        self._move_all()
        self._run_cron('plan')
        self._cure()
        self._aside().with_user(self.mara).action_retry()
        self.assertFalse(self._aside())
        self.assertEqual(self._open(self.poisoned).step_id, self.faster.step_ids)

    @mute_logger('odoo.sql_db', LOGGER)
    def test_plt_3_person_is_not_stopped(self):
        """PLT-3: whoever gives the poisoned customer another cadence can save that; the error waits in the queue."""
        self.poisoned.customer_cadence_id = self.faster
        self.assertEqual(self._aside().partner_id, self.poisoned)
        self.assertEqual(self.poisoned.customer_cadence_id, self.faster)


class TestPoisonedReminder(ReminderCase):

    def test_cad_9_responsible_person_without_rights(self):
        """CAD-9: a salesperson who may not open follow-ups, or not those of the company, keeps nobody from a reminder."""
        for user in (self.nils, self.zoe):
            self._customer(f"Of {user.name}", customer_cadence_id=self.cadence.id, user_id=user.id,
                           company_id=self.company.id)
        self._remind(DUE)
        self.assertEqual(self._activities().user_id, self.anna)

    def test_cad_9_archived_person(self):
        """CAD-9: who has left keeps nobody from a reminder."""
        customer = self._customer("Orphan", customer_cadence_id=self.cadence.id, user_id=self.otto.id)
        self.otto.active = False
        self.assertTrue(self._open(customer))
        self._remind(DUE)
        self._remind(self.followup.date_escalate)
        self.assertIn(self.anna, self._activities().user_id)
