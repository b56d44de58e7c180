"""CUL-3, in a real browser."""
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestAdviceTours(HttpCase, CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.today = fields.Date.context_today(cls.env.user)
        country = cls.env['res.country'].create({'name': "Gulfland", 'code': 'QZ'})
        cls.env['customer.country.calendar'].create({
            'country_id': country.id, 'work_sat': True, 'work_sun': True})  # the tour runs on any weekday
        festival = cls.env['customer.festival'].create({
            'name': "Month of fasting", 'method': 'manual',
            'date_ids': [Command.create({
                'year': cls.today.year, 'date_from': cls.today, 'date_to': cls.today + timedelta(days=20)})]})
        cls.culture = cls.env['customer.culture'].create({
            'name': "Gulfland business", 'country_ids': [Command.set(country.ids)], 'advice_do': "Accept the coffee",
            'period_ids': [Command.create({
                'festival_id': festival.id, 'effect': 'forbid', 'channel_ids': [Command.set(cls.visit.ids)],
                'note': "no visits by day"})]})
        cls.gulf = cls._customer("Gulf Trading", country_id=country.id, customer_cadence_id=cls.cadence.id)
        cls.env['res.partner'].create({'name': "Omar", 'parent_id': cls.gulf.id, 'email': 'omar@example.com'})
        cls.bad_day = cls.today + timedelta(days=10)

    def test_cul_3_tour_forbidden_day(self):
        """CUL-3: card and warning appear when a visit is planned on a forbidden day: new follow-up, log dialog, meeting."""
        self.start_tour('/odoo/customer-followups', 'customer_success_culture', login='anna')
        self.env.invalidate_all()
        followup = self.env['customer.followup'].search([('partner_id', '=', self.gulf.id), ('name', '=', "See them")])
        self.assertGreater(followup.date_planned, self.today + timedelta(days=20), "the proposed day was taken")

    def test_cul_3_tour_meeting(self):
        """CUL-3: the meeting form warns when a customer's person is invited to a visit on a forbidden day."""
        event = self.env['calendar.event'].with_user(self.anna).create({
            'name': "Visit", 'start': f'{self.bad_day} 09:00:00', 'stop': f'{self.bad_day} 10:00:00',
            'partner_ids': [Command.set(self.anna.partner_id.ids)]})
        self.start_tour(f'/odoo/calendar.event/{event.id}', 'customer_success_culture_meeting', login='anna')
