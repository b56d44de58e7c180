"""STR-5: reviews come by themselves, in their rhythm."""
from datetime import date, datetime
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .review_common import ReviewCase


class TestReviewPrepare(ReviewCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.azure = cls._old_customer("Azure")
        cls._old_customer("Bens", user_id=cls.ben.id)
        cls.monthly = cls.env.ref('customer_success.customer_review_plan_monthly')
        cls.monthly.write({'active': True, 'date_start': '2026-01-01', 'company_id': cls.env.company.id})

        # who is asked last; the demo data has managers too
        cls.boss = cls.env['customer.responsibility']._managers(cls.env.company)[:1]

    def _night(self, day):
        """Let the night of a day pass and return the reviews that there are, the oldest first."""
        with self._on(day, 3):
            self._run_cron('review')
        return self.env['customer.review'].search([], order='date_start, user_id')

    def _plan(self, **vals):
        """Return a weekly rhythm on Tuesdays at ten that prepares two days ahead."""
        return self.env['customer.review.plan'].create({
            'name': "Weekly", 'kind': 'sync', 'unit': 'weeks', 'weekday': '1', 'lead_days': 2, 'date_start': '2026-03-02',
            'company_id': self.env.company.id, **vals})

    def test_str_5_monthly_summaries(self):
        """STR-5: on its day each account manager gets a draft of the month, once, and an activity without an email."""
        self._health(self.azure, ('2026-01-01', 40), ('2026-03-10', 80))
        mails = self.env['mail.mail'].search_count([])
        made = self._night('2026-04-06').filtered(lambda review: str(review.date_start) == '2026-03-01')
        self.assertRecordValues(made, [
            {'user_id': self.anna.id, 'kind': 'monthly', 'name': "Monthly summary · March 2026 · Anna", 'state': 'draft'},
            {'user_id': self.ben.id, 'kind': 'monthly', 'name': "Monthly summary · March 2026 · Ben", 'state': 'draft'}])
        self.assertEqual(made[0].line_ids.mapped('text'), ["Azure: health up from 40 to 80, now “Healthy”"])
        self.assertRecordValues(made.activity_ids.sorted('user_id'), [
            {'user_id': self.anna.id, 'date_deadline': date(2026, 4, 6)},
            {'user_id': self.ben.id, 'date_deadline': date(2026, 4, 6)}])
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        made[0].with_user(self.anna).action_done()
        self.assertFalse(made[0].activity_ids)
        self.assertEqual(self._night('2026-04-07'), self._night('2026-04-20'))

    def test_str_5_a_month_of_standstill(self):
        """STR-5: after a standstill the last one comes, once; those before do not pile up."""
        self.assertEqual(len(self._night('2026-03-05')), 2)
        reviews_there = self._night('2026-06-20')
        self.assertEqual({str(review.date_start) for review in reviews_there}, {'2026-02-01', '2026-05-01'})
        self.assertEqual(self._night('2026-06-21'), reviews_there)
        # people may change the days of what was made
        reviews_there[-1].with_user(self.mara).write({'date_start': '2026-05-04'})
        self.assertEqual(self._night('2026-06-22'), reviews_there)

    def test_str_5_what_is_left_out_stays_out(self):
        """STR-5: a prepared review is not deleted but left out, and does not come back."""
        review = self._night('2026-04-06')[-1]
        with self.assertRaisesRegex(UserError, "Leave it out"):
            review.with_user(self.mara).unlink()
        review.with_user(self.mara).action_cancel()
        self.assertEqual(len(self._night('2026-04-07')), 2)

    def test_str_5_not_before_the_first_day(self):
        """STR-5: a new rhythm does not look back at what was before it."""
        self.monthly.date_start = '2026-04-07'
        self.assertFalse(self._night('2026-04-07'))
        self.assertTrue(self._night('2026-05-04'))

    def test_str_5_team_meeting(self):
        """STR-5: a sync is prepared ahead for each team, at the hour where its leader is, with the team invited."""
        self.monthly.active = False
        self.lena.tz = 'America/New_York'
        self._plan(scope='team', attendee_ids=[Command.set(self.nils.ids)], agenda="<p>Red ones</p>", date_start='2026-03-04')
        self.assertFalse(self._night('2026-03-07'))
        review = self._night('2026-03-08')
        self.assertRecordValues(review, [{
            'kind': 'sync', 'scope': 'team', 'team_id': self.team_north.id, 'user_id': self.lena.id,
            'date_start': date(2026, 3, 3), 'date_end': date(2026, 3, 9), 'meeting_at': datetime(2026, 3, 10, 14),
            'event_id': False}])
        self.assertEqual(review.attendee_ids, self.lena + self.anna + self.ben + self.nils)
        self.assertIn("Red ones", review.agenda)
        self.assertFalse(self.env['calendar.event'].search([('res_model', '=', 'customer.review')]))

    def test_str_5_drafted_again_when_the_time_is_over(self):
        """STR-5: what is prepared before its days are over is drafted anew when they are, once."""
        self.monthly.active = False
        self._plan(scope='user', date_start='2026-03-04')
        review = self._night('2026-03-08').filtered(lambda review: review.user_id == self.anna)
        self.assertFalse(review.line_ids)
        with self._on('2026-03-09'):
            self._customer("Newcomer")
        review = self._night('2026-03-10').filtered(lambda review: review.user_id == self.anna)
        self.assertEqual(review.line_ids.mapped('text'), ["Newcomer: new customer since 03/09/2026"])
        with self._on('2026-03-11', 3), patch.object(
                self.env.registry['customer.review.drafter'], '_replace_lines', side_effect=AssertionError):
            self._run_cron('review')

    def test_str_5_somebody_left(self):
        """STR-5, K3: whoever looks after the customers now writes the open summary of one who left, and the next ones."""
        march = self._night('2026-04-06').filtered(lambda review: review.user_id == self.ben)
        self.ben.active = False
        self.assertEqual(march.user_id, self.ben)
        self.assertEqual(march.activity_ids.user_id, self.lena)
        march.with_user(self.lena).action_draft_lines()
        march.with_user(self.lena).action_done()
        self.assertFalse(march.activity_ids)
        bens = self.env['res.partner'].search([('name', '=', "Bens")])
        self._health(bens, ('2026-03-01', 80), ('2026-04-20', 40))
        april = self._night('2026-05-04').filtered(lambda review: str(review.date_start) == '2026-04-01')
        self.assertEqual(april.user_id, self.anna + self.lena)
        lenas = april.filtered(lambda review: review.user_id == self.lena)
        self.assertEqual(lenas.line_ids.partner_id, bens)
        self.assertEqual(lenas.activity_ids.user_id, self.lena)

    def test_str_5_leader_left(self):
        """STR-5, K3: a prepared meeting goes to the team's next leader, without one to a manager, with its task."""
        self.monthly.active = False
        self._plan(scope='team', date_start='2026-03-04')
        review = self._night('2026-03-08')
        with self._on('2026-03-09'):
            review.with_user(self.lena).action_schedule()
            review._open_tasks()
            self.team_north.user_id = self.ben
            self.assertEqual((review.user_id, review.activity_ids.filtered('automated').user_id), (self.ben, self.ben))
            self.assertTrue(review.event_differs or self.ben in review.attendee_ids)
            self.ben.active = False
            self.assertEqual((review.user_id, review.activity_ids.filtered('automated').user_id), (self.boss, self.boss))
            self.assertNotIn(self.ben, review.with_context(active_test=False).attendee_ids)
            self.assertTrue(review.event_differs)
            review.with_user(self.boss).action_schedule()
            self.assertNotIn(self.ben.partner_id, review.event_id.partner_ids)

    def test_str_5_lost_the_role(self):
        """STR-5, K3: who lost the role by a change of the group loses the meeting in the following night."""
        self.monthly.active = False
        self._plan(scope='team', date_start='2026-03-04', lead_days=5)
        review = self._night('2026-03-06')
        for name in ('user', 'leader', 'manager'):
            self.env.ref(f'customer_success.group_customer_success_{name}').user_ids = [Command.unlink(self.lena.id)]
        self.assertEqual(self._night('2026-03-07'), review)
        self.assertEqual(review.user_id, self.boss)

    def test_str_5_next_meeting_without_those_who_left(self):
        """STR-5, K3: whoever led the meetings of a rhythm and left leads no more of them; customers left behind keep their
        team's meeting."""
        self.monthly.active = False
        self._plan(scope='company', user_id=self.lena.id, date_start='2026-03-04')
        team = self._plan(scope='team', date_start='2026-03-04', team_ids=self.team_north.ids)
        (self.lena + self.anna + self.ben).active = False
        made = self._night('2026-03-08')
        self.assertEqual(len(made), 2)
        self.assertEqual(made.user_id, self.boss)
        self.assertEqual(made.filtered(lambda review: review.plan_id == team).team_id, self.team_north)
        self.assertFalse((self.lena + self.anna + self.ben) & made.with_context(active_test=False).attendee_ids)

    def test_str_5_free_days(self):
        """STR-5: what falls on a free day of the company takes place on the next working day."""
        self.env['resource.calendar.leaves'].create({
            'name': "Easter Monday", 'date_from': '2026-04-06 00:00:00', 'date_to': '2026-04-06 23:59:59',
            'company_id': self.env.company.id, 'calendar_id': self.env.company.resource_calendar_id.id})
        made = self._night('2026-04-06')
        self.assertEqual(set(made.mapped('planned_on')), {date(2026, 4, 7)})

    def test_str_5_companies(self):
        """STR-5, K3: each company by itself, the whole company led by whom the rhythm names, where that one works there."""
        self.monthly.active = False
        self._old_customer("Second", company_id=self.company_2.id, user_id=self.zoe.id)
        self._plan(scope='company', company_id=False, user_id=self.mara.id)
        made = self._night('2026-03-08')
        self.assertEqual({(review.company_id, review.user_id) for review in made}, {
            (self.env.company, self.mara), (self.company_2, self.zoe)})
        self.assertEqual(made.filtered(lambda review: review.company_id == self.env.company).attendee_ids, self.lena + self.mara)

    def test_str_5_one_that_fails(self):
        """STR-5: one review that can't be made is set aside and named; the others are made, and it comes later."""
        preparer = self.env.registry['customer.review.preparer']
        original = preparer._prepare_one

        def fail_for_anna(model, plan, vals):
            if vals['user_id'] == self.anna.id:
                raise ValueError("No luck")
            return original(model, plan, vals)
        with patch.object(preparer, '_prepare_one', fail_for_anna), \
                mute_logger('odoo.addons.customer_success.models.strategy.customer_review_preparer'):
            self.assertEqual(self._night('2026-04-06').user_id, self.ben)
        self.assertEqual(self.monthly.problem, "No luck")
        run = self.env['customer.run'].search([('name', '=', 'review')], limit=1)
        self.assertEqual((run.done, run.failed), (1, 1))
        self.assertEqual(self._night('2026-04-07').user_id, self.anna + self.ben)
        self.assertFalse(self.monthly.problem)

    def test_str_5_shipped_rhythms(self):
        """STR-5: a monthly summary and a quarterly review with an agenda are in use, the syncs can be."""
        plans = self.env['customer.review.plan'].with_context(active_test=False)
        quarterly = self.env.ref('customer_success.customer_review_plan_quarterly')
        self.assertEqual((quarterly.scope, quarterly.interval, quarterly.unit), ('company', 3, 'months'))
        self.assertIn("Decisions", quarterly.agenda)
        self.assertEqual(len(plans.search([('kind', '=', 'sync')])), 2)

    def test_str_5_only_managers_configure(self):
        """STR-5: rhythms are for managers to change, and one that makes no sense is refused."""
        with self.assertRaises(AccessError):
            self.monthly.with_user(self.lena).interval = 2
        self.monthly.with_user(self.mara).interval = 2
        with self._refused("every 1 to 52"):
            self._plan(interval=0)
        with self._refused("0 to 90 days"):
            self._plan(lead_days=-1)
        with self._refused("1 to 100"):
            self._plan(lines_per_topic=0)
