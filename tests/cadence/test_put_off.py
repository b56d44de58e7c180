"""S10: a follow-up is put off from its row, by the rules of the dialog; what a reason asks for is marked before *Apply*."""
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged, users

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestPutOff(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Changer", customer_cadence_id=cls.cadence.id)
        cls.env.company.resource_calendar_id.tz = 'UTC'
        cls.put_off = cls.env.ref('customer_success.customer_reason_put_off')

    def _followup(self):
        return self._open(self.customer, self.step).with_user(self.anna)

    def _days(self, day):
        """Return the days that are offered on a day, as names and days."""
        with self._on(day):
            return [(found['name'], found['day']) for found in self._followup().get_put_off_days()]

    def test_days_offered(self):
        """On a Wednesday three days; on a Friday tomorrow is none, and on a Monday the next one is in a week."""
        self.assertEqual(self._days('2026-03-04'), [
            ("Tomorrow", '2026-03-05'), ("Monday", '2026-03-09'), ("In a week", '2026-03-11')])
        self.assertEqual(self._days('2026-03-06'), [("Monday", '2026-03-09'), ("In a week", '2026-03-13')])
        self.assertEqual(self._days('2026-03-08'), [("Monday", '2026-03-09'), ("In a week", '2026-03-16')])
        self.assertEqual(self._days('2026-03-02'), [("Tomorrow", '2026-03-03'), ("In a week", '2026-03-09')])

    def test_working_days_of_the_person(self):
        """The days of the responsible person count, not of whoever looks at it; absences and public holidays too."""
        calendar = self.env['resource.calendar'].create({
            'name': "Tuesdays and Thursdays", 'tz': 'UTC', 'attendance_ids': [Command.clear()] + [Command.create({
                'name': day, 'dayofweek': day, 'hour_from': 8, 'hour_to': 16, 'day_period': 'morning'}) for day in '13']})
        self.env['resource.resource'].create({'name': "Anna", 'user_id': self.anna.id, 'calendar_id': calendar.id})
        self.env['customer.absence'].create({
            'user_id': self.anna.id, 'backup_id': self.ben.id, 'date_from': '2026-03-10', 'date_to': '2026-03-10'})
        with self._on('2026-03-05'):
            found = self._followup().with_user(self.lena).get_put_off_days()
        self.assertEqual([one['day'] for one in found], ['2026-03-12'])
        self.assertEqual((found[0]['name'], found[0]['text']), ("In a week", "Thu, Mar 12"))
        self.env['resource.calendar.leaves'].create({
            'name': "Feast", 'calendar_id': calendar.id, 'date_from': '2026-03-12 00:00:00',
            'date_to': '2026-03-12 23:59:59'})
        with self._on('2026-03-05'):
            found = self._followup().get_put_off_days()
        self.assertEqual([(one['name'], one['day'], one['note']) for one in found], [
            ("Tomorrow", '2026-03-17', "Fri, Mar 6: not a working day")])

    def test_pause(self):
        """Nothing is put off into a pause."""
        with self._on('2026-03-04'):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': '2026-03-05', 'date_to': '2026-03-20',
                'reason_id': self.reason.id})
        self.assertEqual({day for __, day in self._days('2026-03-04')}, {'2026-03-23'})

    @users('anna')
    def test_put_off(self):
        """It is the move of the dialog: counted, with a reason, and the team leader hears of the third in a row."""
        followup = self._followup()
        with self._on('2026-03-04'):
            action = followup.action_put_off('2026-03-05')
            self.assertEqual(action['params']['type'], 'success')
            self.assertIn("moved to Thu, Mar 5", action['params']['message'])
            self.assertRecordValues(followup, [{
                'date_planned': date(2026, 3, 5), 'move_kind': 'manual', 'move_count': 1, 'reason_id': self.put_off.id}])
            followup.action_put_off('2026-03-06')
            self.assertFalse(self._leader_activities())
            params = followup.action_put_off(date(2026, 3, 9))['params']
            self.assertEqual(params['type'], 'warning')
            self.assertIn("move number 3 in a row; the team leader hears of it", params['message'])
            self.assertIn("Moved 3 times in a row", self._leader_activities().summary)

    def _leader_activities(self):
        return self.env['mail.activity'].sudo().search([
            ('res_model', '=', 'customer.followup'), ('user_id', '=', self.lena.id)])

    def test_bad_input(self):
        """No day, a day that is past, a closed follow-up, a colleague's one."""
        followup = self._followup()
        with self.assertRaisesRegex(ValidationError, "is not a day"):
            followup.action_put_off('tomorrow')
        for day in ('2020-01-01', False):
            with self.assertRaisesRegex(ValidationError, "into the past"):
                followup.action_put_off(day)
        with self.assertRaises(AccessError):
            followup.with_user(self.otto).action_put_off('2099-01-01')
        self._log(self.customer)
        self.assertEqual(followup.get_put_off_days(), [])
        with self.assertRaisesRegex(UserError, "is closed already"):
            followup.action_put_off('2099-01-01')

    def test_reason_that_asks(self):
        """An administrator wants a sentence for it: the dialog opens, filled in."""
        self.put_off.needs_note = True
        followup = self._followup()
        action = followup.action_put_off('2099-01-05')
        self.assertEqual(followup.move_count, 0)
        form = Form(self.env[action['res_model']].with_user(self.anna).with_context(**action['context']))
        self.assertEqual((form.action, str(form.date), form.reason_id), ('move', '2099-01-05', self.put_off))
        self.assertTrue(form._get_modifier('note', 'required'))
        form.note = "Fair in Hanover"
        form.save().action_apply()
        self.assertEqual((followup.move_count, followup.reason_note), (1, "Fair in Hanover"))

    def test_reason_was_deleted(self):
        """The shipped reason is a record like others."""
        self.put_off.unlink()
        followup = self._followup()
        followup.action_put_off('2099-01-05')
        self.assertEqual(followup.move_count, 1)

    def test_note_is_marked(self):
        """A reason that asks for a sentence makes the note required in every dialog that has both."""
        asks = self.env.ref('customer_success.customer_reason_other')
        for model, values in (
                ('customer.followup.change', {'followup_ids': self._followup().ids, 'action': 'skip'}),
                ('customer.pause.wizard', {'partner_ids': self.customer.ids, 'date_to': '2099-01-01'})):
            context = {f'default_{name}': value for name, value in values.items()}
            form = Form(self.env[model].with_user(self.anna).with_context(**context))
            form.reason_id = self.reason
            self.assertFalse(form._get_modifier('note', 'required'), model)
            form.reason_id = asks
            self.assertTrue(form._get_modifier('note', 'required'), model)

    def test_reasons_of_the_action(self):
        """Another action has other reasons: one that it does not offer is not kept where nobody sees it."""
        settled = self.env.ref('customer_success.customer_reason_settled')
        form = Form(self.env['customer.followup.change'].with_user(self.anna).with_context(
            default_followup_ids=self._followup().ids, default_action='skip'))
        form.reason_id = settled
        form.action = 'move'
        self.assertFalse(form.reason_id)
        form.reason_id = self.reason
        form.action = 'skip'
        self.assertEqual(form.reason_id, self.reason)
