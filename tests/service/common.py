"""What the tests of cases work with."""
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields

from ..common import CustomerCase

#: The week of the tests; Monday is 7 December 2026.
DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon2', 'Tue2', 'Wed2', 'Thu2', 'Fri2')


def at(text):
    """Return a moment of the week of the tests, in UTC: ``Mon 09:20``."""
    day, hour = text.split()
    return datetime.fromisoformat(f'2026-12-07 {hour}') + timedelta(days=DAYS.index(day))


class ServiceCase(CustomerCase):
    """Customers who complain. Everybody works Monday to Friday from 9 to 12 and 13 to 17, UTC.

    ``harbour`` is a customer of Anna's. Complaints are answered in an hour and solved in 8, problems in 2 and 16; those of
    customers of high tier run around the clock.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.env['resource.calendar'].create({
            'name': "Office", 'tz': 'UTC', 'company_id': False,
            'attendance_ids': [Command.clear(), *(Command.create({
                'name': "Work", 'dayofweek': str(day), 'hour_from': start, 'hour_to': end,
                'day_period': 'morning' if start < 12 else 'afternoon',
            }) for day in range(5) for start, end in ((9, 12), (13, 17)))]})
        cls.env.company.resource_calendar_id = cls.office
        cls.env['customer.sla.policy'].search([]).active = False
        cls.policy_high, cls.policy_complaint, cls.policy_problem = cls.env['customer.sla.policy'].create([
            {'name': "High", 'sequence': 1, 'tier_id': cls.tier_high.id, 'hours': 'always', 'response_hours': 1,
             'solution_hours': 24, 'revisit_days': 3},
            {'name': "Complaints", 'sequence': 2, 'case_type': 'complaint', 'calendar_id': cls.office.id,
             'response_hours': 1, 'solution_hours': 8, 'revisit_days': 3},
            {'name': "Problems", 'sequence': 3, 'calendar_id': cls.office.id, 'response_hours': 2, 'solution_hours': 16,
             'revisit_days': 3},
        ])
        with freeze_time(at('Mon 08:00')):
            cls.harbour = cls._customer("Harbour", customer_cadence_id=cls.cadence.id, email='desk@harbour.example')
        cls.captain = cls.env['res.partner'].create({
            'name': "Captain", 'parent_id': cls.harbour.id, 'email': 'captain@harbour.example', 'phone': '+32 471 00 00 00'})
        cls.defect = cls.env.ref('customer_success.customer_case_cause_defect')
        cls.damage = cls.env.ref('customer_success.customer_case_cause_damage')

    @classmethod
    def _case(cls, user=None, **vals):
        """Return a complaint of the harbour that Anna writes down now."""
        cases = cls.env['customer.case'].with_user(user or cls.anna)
        return cases.create({
            'name': "Crates broken", 'partner_id': cls.harbour.id, 'contact_id': cls.captain.id, **vals})

    @classmethod
    def _clock(cls, case, kind, cycle=None):
        """Return a clock of a case, of the present cycle unless another one is asked for."""
        return case.sudo().clock_ids.filtered(
            lambda clock: clock.kind == kind and clock.cycle == (cycle or case.cycle))

    @classmethod
    def _change(cls, cases, action, user=None, **vals):
        """Do something in the dialog of a case."""
        wizard = cls.env['customer.case.change'].with_user(user or cls.anna).create({
            'case_ids': [Command.set(cases.ids)], 'action': action, **vals})
        return wizard.action_apply()

    def _at(self, text):
        """Let it be a moment of the week of the tests meanwhile."""
        moment = at(text)
        return self._on(moment.date(), moment.hour) if not moment.minute else self._on_minute(moment)

    def _on_minute(self, moment):
        self.env.invalidate_all()
        return freeze_time(moment)

    def assertClock(self, clock, state, due=None, taken=None):
        """Check what a clock says.

        :param str due: see :func:`at`; None: not looked at
        :param float taken: hours
        """
        self.env.invalidate_all()
        self.assertEqual(clock.state, state, clock.explanation)
        if due is not None:
            self.assertEqual(clock.due, due and at(due) or False)
        if taken is not None:
            self.assertAlmostEqual(clock.taken_hours, taken, 2)

    def _activities(self, case, kind='', user=None):
        """Return the activities that people got about a case."""
        found = self.env['mail.activity'].search([
            ('res_model', '=', 'customer.case'), ('res_id', '=', case.id),
            ('activity_type_id', '=', self.env.ref(f'customer_success.mail_activity_type_case{kind}').id)])
        return found.filtered(lambda activity: activity.user_id == user) if user else found

    def _holiday(self, start, end, **vals):
        """Return a public holiday of everybody."""
        return self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'date_from': at(start), 'date_to': at(end), 'calendar_id': self.office.id, **vals})

    def _now(self):
        return fields.Datetime.now()
