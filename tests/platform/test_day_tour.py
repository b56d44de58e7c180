"""REP-1: the first screen of the day in a real browser, at a desk and on a phone."""
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..common import CustomerCase
from ..screens import ScreensCase

PHONE = '390x844'


class DayScreen(CustomerCase):
    """A day of Anna's with a promise, a follow-up and a case."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.env['customer.case'].search([('user_id', '=', False)]).user_id = cls.mara
        today = fields.Date.today()
        first, second = cls._customer("Day Trading"), cls._customer("Second Trading", customer_cadence_id=cls.cadence.id)
        cls.promise = cls.env['customer.followup'].create({
            'partner_id': first.id, 'channel_id': cls.call.id, 'name': "Send samples", 'user_id': cls.anna.id})
        cls.followup = cls._open(second)
        cls.followup.sudo().write({'date_planned': today, 'date_limit': today + timedelta(days=2)})
        (cls._open(first) - cls.promise).sudo().write({'date_planned': today + timedelta(days=20)})
        cls.case = cls.env['customer.case'].create({
            'partner_id': cls._customer("Third Trading").id, 'name': "Pump broken", 'company_id': cls.env.company.id,
            'user_id': cls.anna.id})
        cls.case.sudo().write({'next_due': fields.Datetime.now() + timedelta(minutes=38)})


@tagged('post_install', '-at_install')
class TestDayTours(HttpCase, DayScreen):

    def test_a_morning(self):
        """A promise is kept, a follow-up put off and a case opened, each from its line; one comes back to the next."""
        self.case.sudo().next_due = fields.Datetime.now() - timedelta(hours=1)
        self.env['customer.day.kind'].search([('code', '=', 'case')]).sequence = 999
        self.start_tour('/odoo/my-day', 'customer_success_my_day', login='anna')
        self.assertEqual(self.promise.state, 'done')
        self.assertEqual(self.promise.feedback, "They arrived")
        self.assertEqual(self.followup.move_count, 1)
        self.assertGreater(self.followup.date_planned, fields.Date.today())

    def test_keys(self):
        """A leader looks through another's eyes, and goes through the lines by keys."""
        self.start_tour('/odoo/my-day', 'customer_success_day_keys', login='lena')
        self.assertEqual(self.promise.state, 'planned', "looked at, not done")


@tagged('post_install', '-at_install')
class TestDayScreens(ScreensCase, DayScreen):
    def test_desk_and_phone(self):
        """Nothing is cut, overlaps or fails at 1440 and at 390 pixels, also where a long name stands."""
        self.promise.partner_id.name = "A very long name of a company " * 4
        action = self.env.ref('customer_success.customer_day_action').id
        triage = self.env.ref('customer_success.customer_triage_action').id
        self.followup.sudo().date_limit = fields.Date.today() - timedelta(days=1)
        problems = []
        for size in ('1440x900', PHONE):
            problems += self._sweep('anna', [('My Day', action, {}), ('Sort the Pile', triage, {})], size=size)
        self.assertFalse(problems, '\n'.join(problems))
