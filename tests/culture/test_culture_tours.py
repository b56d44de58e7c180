"""The main paths of the wing culture, in a real browser."""
from odoo import fields
from odoo.tests import HttpCase, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestCultureTours(HttpCase, CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()

    def test_cul_4_greeting(self):
        """CUL-4: a birthday is noted on the contact; the greeting is written from its draft, sent and thereby logged."""
        customer = self._customer("Tour Trading")
        person = self.env['res.partner'].create({
            'name': "Tour Person", 'parent_id': customer.id, 'email': 'person@tour.example.com',
            'birthdate_date': fields.Date.subtract(fields.Date.context_today(customer), years=40)})
        self.env['customer.occasion'].create({
            'partner_id': person.id, 'note': "sings in a choir",
            'kind_id': self.env.ref('customer_success.customer_occasion_kind_birthday').id})
        self.env['customer.greeter']._open_due()
        greeting = self.env['customer.greeting'].search([('contact_id', '=', person.id)])
        self.start_tour('/odoo/customer-followups', 'customer_success_greeting', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(greeting, [{'state': 'sent', 'edited': True, 'written': True}])
        self.assertIn("Let us hear you sing soon", greeting.draft)
        self.assertRecordValues(greeting.followup_id, [{'state': 'done', 'closed_by_id': self.anna.id}])
        message = customer.message_ids.filtered(lambda message: message.subject == "Happy birthday!")
        self.assertIn("Let us hear you sing soon", message.body)
