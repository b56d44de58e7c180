"""K6: the days of people: whose today it is, and on which days somebody works who has no fixed hours."""
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tools import SQL

from ..common import CustomerCase


class DaysCase(CustomerCase):
    """OdooBot has no zone, as in a plain installation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref('base.user_root').tz = False

    def _live_in(self, zone, *users):
        for user in users or (self.anna, self.ben, self.lena):
            user.tz = zone

    def _promise(self, moment, user=None, **vals):
        """Return an open follow-up that Anna makes for a customer at a moment in UTC."""
        with freeze_time(moment):
            customer = self._customer("Promised", customer_cadence_id=self.cadence.id, user_id=(user or self.anna).id)
            return self.env['customer.followup'].with_user(user or self.anna).create({
                'partner_id': customer.id, 'channel_id': self.call.id, 'name': "Promise", **vals}).with_env(self.env)

    def _remind(self, moment):
        with freeze_time(moment):
            self._run_cron('remind')


class TestTodayOfWhom(DaysCase):

    def test_reminded_on_the_day_of_the_responsible_person(self):
        """K6, CAD-9: at 11:10 in Auckland it is the day before in Greenwich, and a call of tomorrow is told today."""
        self._live_in('Pacific/Auckland')
        followup = self._promise('2026-11-27 22:00:00', date_planned='2026-12-01')  # to be reminded on 30 November
        self._remind('2026-11-29 10:30:00')  # 23:30 of the 29th there
        self.assertFalse(followup.reminded)
        self._remind('2026-11-29 22:10:00')
        self.assertTrue(followup.reminded)

    def test_escalated_on_the_day_of_the_responsible_person(self):
        """K6, CAD-9: the evening before in Los Angeles is not the day on which the leader is told."""
        self._live_in('America/Los_Angeles')
        followup = self._promise('2026-11-20 20:00:00', date_planned='2026-11-22')
        followup.date_escalate = '2026-12-02'
        self._remind('2026-12-02 02:10:00')
        self.assertFalse(followup.escalated)
        self._remind('2026-12-02 09:10:00')
        self.assertTrue(followup.escalated)
        activity = self.env['mail.activity'].search([
            ('res_model', '=', 'customer.followup'), ('res_id', '=', followup.id), ('user_id', '=', self.lena.id)])
        self.assertEqual(activity.date_deadline, date(2026, 12, 2))

    def test_away_on_the_day_of_who_is_away(self):
        """K6, CAD-9: an absence begins and ends at the midnight of whoever is away, wherever the server stands."""
        self._live_in('Asia/Shanghai')
        followup = self._promise('2026-11-20 02:00:00', date_planned='2026-12-02')
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2026-12-01', 'date_to': '2026-12-02'})
        self._remind('2026-11-30 15:00:00')  # 23:00 there
        self.assertEqual(followup.user_id, self.anna)
        self._remind('2026-11-30 17:00:00')  # 01:00 of 1 December there
        self.assertEqual(followup.user_id, self.ben)
        self._remind('2026-12-02 15:00:00')
        self.assertEqual(followup.user_id, self.ben)
        self._remind('2026-12-02 17:00:00')
        self.assertEqual(followup.user_id, self.anna)

    def test_reminders_do_not_flicker(self):
        """K6: the planner and the reminder ask for the same day, so planning takes back nothing that was just told."""
        self._live_in('Pacific/Auckland')
        with freeze_time('2026-10-30 22:00:00'):
            customer = self._customer("Steady", customer_cadence_id=self.cadence.id)
            followup = self._open(customer)
        followup.date_remind = date(2026, 11, 30)
        self._remind('2026-11-29 22:10:00')
        self.assertTrue(followup.reminded)
        with freeze_time('2026-11-29 22:20:00'):
            self.step.remind_days = 1
            customer.customer_cadence_id.step_ids.grace_days += 1  # something changes on the open follow-up
            self.env['customer.planner'].with_user(self.env.ref('base.user_root'))._plan(customer.ids)
            self.assertEqual(followup.reminded, followup.date_remind <= date(2026, 11, 30))

    def test_pause_of_the_account_manager(self):
        """K6, CAD-8: a pause begins on the day of the account manager, whoever plans."""
        self._live_in('Pacific/Auckland')
        with freeze_time('2026-11-20 22:00:00'):
            customer = self._customer("Paused", customer_cadence_id=self.cadence.id)
            pause = self.env['customer.pause'].create({
                'partner_id': customer.id, 'date_from': '2026-12-01', 'date_to': '2026-12-31', 'reason_id': self.reason.id})
        for moment, begun in (('2026-11-30 10:00:00', False), ('2026-11-30 12:00:00', True)):
            with freeze_time(moment):
                self._run_cron('plan')
                self.assertEqual(pause.begun, begun, moment)

    def test_skipped_on_the_day_of_who_skips(self):
        """K6, CAD-8: a touch skipped at 07:30 in Shanghai is skipped that day: the call of the evening before, written down
        later, was before it and takes nothing back."""
        self._live_in('Asia/Shanghai')
        with freeze_time('2026-11-01 02:00:00'):
            customer = self._customer("Skipped", customer_cadence_id=self.cadence.id)
        with freeze_time('2026-12-01 23:30:00'):  # 07:30 of the 2nd
            self._open(customer).with_user(self.anna)._skip(self.reason)
            skipped = self._open(customer)
            self.assertEqual((skipped.anchor_kind, skipped.date_anchor), ('skip', date(2026, 12, 2)))
        with freeze_time('2026-12-02 02:00:00'):
            self._log(customer.with_user(self.anna), contact_at='2026-12-01 12:00:00')  # 20:00 of the 1st
            self.assertEqual(self._open(customer).anchor_kind, 'skip')
            self._log(customer.with_user(self.anna), contact_at='2026-12-02 01:00:00')
            self.assertEqual(self._open(customer).anchor_kind, 'contact')

    def test_figures_of_the_night_have_the_company_s_day(self):
        """K6: at two in the night in Shanghai it is still yesterday in Greenwich; who joined then joined today."""
        self.env.company.partner_id.tz = 'Asia/Shanghai'
        with freeze_time('2026-11-30 12:00:00'):
            customer = self.env['res.partner'].create({'name': "Joins", 'is_company': True})
            self.env.cr.execute(SQL(
                "UPDATE res_partner SET customer_enrolment = 'enrolled' WHERE id = %s", customer.id))
            customer.invalidate_recordset()
        with freeze_time('2026-11-30 18:00:00'):
            self._run_cron('refresh')
        self.assertEqual(customer.customer_managed_since, date(2026, 12, 1))


class TestWorkingDays(DaysCase):
    """K6: on which days somebody works who has no fixed hours. All dates are those of December 2026."""

    def _calendar(self, **vals):
        calendar = self.env['resource.calendar'].create({
            'name': "Schedule", 'tz': 'UTC', 'company_id': self.env.company.id, **vals})
        self.env['resource.resource'].create({
            'name': "Anna", 'user_id': self.anna.id, 'calendar_id': calendar.id, 'resource_type': 'user'})
        return calendar

    def _holiday(self, begins, ends, calendar=None):
        self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'date_from': begins, 'date_to': ends, 'calendar_id': calendar.id if calendar else False,
            'time_type': 'leave'})

    def _day(self, day='2026-11-06'):
        """Return the day of the call a month after a day; 6 December is a Sunday."""
        with freeze_time(f'{day} 10:00:00'):
            customer = self._customer("Flexible", customer_cadence_id=self.cadence.id)
            return self._open(customer).date_planned.day

    def test_flexible_hours(self):
        """A flexible schedule has no attendances: weekends and public holidays are free all the same."""
        self._calendar(schedule_type='flexible')
        self.assertEqual(self._day(), 7)
        self._holiday('2026-12-07 00:00:00', '2026-12-07 23:59:59')
        self.assertEqual(self._day(), 8)

    def test_no_calendar_at_all(self):
        """Fully flexible, in a company whose schedule has no hours either."""
        self.env.company.resource_calendar_id.schedule_type = 'flexible'
        self.env['resource.resource'].create({
            'name': "Anna", 'user_id': self.anna.id, 'calendar_id': False, 'resource_type': 'user'})
        self._holiday('2026-12-07 00:00:00', '2026-12-07 23:59:59')
        self.assertEqual(self._day(), 8)

    def test_company_is_flexible_too(self):
        """Monday to Friday where nobody says otherwise."""
        self.env.company.resource_calendar_id.schedule_type = 'flexible'
        self.assertEqual(self._day(), 7)

    def test_week_of_the_company(self):
        """A company that works from Sunday to Thursday calls on Sunday, flexible or not."""
        week = self.env.company.resource_calendar_id
        for line in week.attendance_ids.filtered(lambda line: line.dayofweek == '4'):
            line.dayofweek = '6'
        self._calendar(schedule_type='flexible')
        self.assertEqual(self._day(), 6)
        self.assertEqual(self._day('2026-11-04'), 6, "4 December is a Friday")

    def test_schedule_without_a_line(self):
        """A schedule that nobody filled in is not one on which nobody ever works."""
        self._calendar(attendance_ids=[Command.clear()])
        self.assertEqual(self._day(), 7)

    def test_two_weeks(self):
        """A company with a schedule of two weeks, no Monday in either of them: whoever is flexible doesn't call then."""
        calendar = self.env.company.resource_calendar_id
        calendar.switch_calendar_type()
        calendar.attendance_ids.filtered(lambda line: line.dayofweek == '0' and not line.display_type).unlink()
        self._calendar(schedule_type='flexible')
        self.assertEqual(self._day(), 8)

    def test_calendar_in_another_zone(self):
        """A holiday is a day of the schedule's zone: in Auckland it begins at 11 o'clock of the day before in Greenwich."""
        calendar = self._calendar(schedule_type='flexible', tz='Pacific/Auckland')
        self._holiday('2026-12-06 11:00:00', '2026-12-07 10:59:59', calendar)
        self.assertEqual(self._day(), 8)
        self.assertEqual(self._day('2026-11-08'), 8, "the day after is worked")
        calendar.schedule_type = 'fully_fixed'
        self.assertEqual(self._day(), 8)

    def test_a_schedule_that_becomes_flexible_replans(self):
        """The day moves with the schedule, without anything else happening."""
        calendar = self._calendar()
        for line in calendar.attendance_ids.filtered(lambda line: line.dayofweek == '0'):
            line.dayofweek = '6'
        with freeze_time('2026-11-06 10:00:00'):
            customer = self._customer("Moved", customer_cadence_id=self.cadence.id)
            self.assertEqual(self._open(customer).date_planned, date(2026, 12, 6))
            calendar.schedule_type = 'flexible'
            self.env['customer.planner']._work_queue()
            self.assertEqual(self._open(customer).date_planned, date(2026, 12, 7))


class TestAutomaticDay(DaysCase):

    def test_office_hours_wherever_it_is(self):
        """K6, CAD-1: nothing leaves at night, whatever is known of the customer; and what is due today there leaves today."""
        template = self.env['mail.template'].create({
            'name': "News", 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': "News", 'body_html': "<p>x</p>"})
        rhythm = self._cadence("By itself", {
            'name': "News", 'channel_id': self.email.id, 'automatic': True, 'mail_template_id': template.id})
        self.env.company.partner_id.tz = self.anna.tz = 'Asia/Shanghai'
        ref = self.env.ref
        for moment, country, tz, sent in (
            ('2026-11-30 15:30:00', False, False, 0),
            ('2026-11-30 15:30:00', 'base.cn', False, 0),
            ('2026-11-30 15:30:00', 'base.cn', 'Europe/Berlin', 0),
            ('2026-11-30 12:30:00', 'base.us', 'Asia/Shanghai', 0),  # 07:30 in New York
            ('2026-11-30 13:30:00', 'base.nz', 'Asia/Shanghai', 0),
            ('2026-11-29 20:30:00', 'base.nz', 'Asia/Shanghai', 1),  # 09:30 of the 30th in Auckland
            ('2026-11-30 02:30:00', False, False, 1),
        ):
            with freeze_time('2026-10-30 02:00:00'):
                customer = self._customer(
                    "Reader", email='x@x.example', customer_cadence_id=rhythm.id, country_id=country and ref(country).id)
                customer.tz = tz
                self._open(customer).sudo().write({'date_planned': '2026-11-30'})
            with freeze_time(moment):
                self._run_cron('send')
            mails = self.env['mail.mail'].search_count([
                ('model', '=', 'customer.followup'), ('res_id', 'in', customer.customer_followup_ids.ids)])
            self.assertEqual(mails, sent, (moment, country, tz))
            if sent:
                self.assertEqual(customer.customer_last_followup_id.contact_day, date(2026, 11, 30))
            customer.customer_enrolment = 'excluded'
