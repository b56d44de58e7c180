"""HEA-1: how satisfied a customer is by the account manager's judgement."""
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..common import CustomerCase


@tagged('post_install', '-at_install')
class TestPulse(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blue = cls._customer("Blue")
        cls.person = cls.env['res.partner'].create({'name': "Bo", 'parent_id': cls.blue.id})
        cls.pulses = cls.env['customer.pulse'].with_user(cls.anna)
        cls.asked = []

    def setUp(self):
        super().setUp()
        self.asked.clear()
        asked = self.asked
        self.patch(type(self.env['customer.health.refresh']), '_refresh', lambda self, ids=None: asked.append(ids))

    def _dialog(self, user, partner):
        action = partner.with_user(user).action_customer_pulse()
        model = self.env['customer.pulse'].with_user(user).with_context(**action['context'])
        return Form(model.browse(action['res_id']), view=action['views'][0][0])

    def test_hea_1_dialog_from_the_customer(self):
        """HEA-1: two clicks on the customer or on one of its people; the same day it is changed, and health follows."""
        with self._dialog(self.anna, self.person) as form:
            form.score = '4'
            form.note = "Liked the demo"
        pulse = self.pulses.search([('partner_id', '=', self.blue.id)])
        self.assertEqual((pulse.score, pulse.date, pulse.user_id), ('4', fields.Date.context_today(self.blue), self.anna))
        self.assertEqual(self.asked, [self.blue.ids])
        with self._dialog(self.lena, self.blue) as form:
            self.assertEqual(form.score, '4')
            form.score = '2'
        self.assertEqual((pulse.score, pulse.user_id), ('2', self.lena))
        self.assertEqual(self.asked, [self.blue.ids] * 2)
        pulse.unlink()
        self.assertEqual(self.asked, [self.blue.ids] * 3)

    def test_hea_1_dialog_needs_one_customer(self):
        """HEA-1: the dialog is for one customer under care."""
        for partners in (self.blue | self._customer("Red"), self.env['res.partner'].create({'name': "Stranger"})):
            with self.assertRaises(UserError):
                partners.with_user(self.anna).action_customer_pulse()

    def test_hea_1_bad_judgements_are_refused(self):
        """HEA-1: a day to come, a second one on a day and one without a grade are refused; the judge can't be made up."""
        tomorrow = fields.Date.add(fields.Date.context_today(self.blue), days=1)
        with self.assertRaisesRegex(ValidationError, "Blue"):
            self.pulses.create({'partner_id': self.blue.id, 'score': '3', 'date': tomorrow})
        pulse = self.pulses.create({'partner_id': self.person.id, 'score': '3', 'user_id': self.mara.id})
        self.assertEqual((pulse.partner_id, pulse.user_id), (self.blue, self.anna))
        pulse.user_id = self.mara
        self.assertEqual(pulse.user_id, self.anna)
        with self._refused("already judged"):
            self.pulses.create({'partner_id': self.blue.id, 'score': '4'})
        with self.assertRaisesRegex(ValidationError, "Choose one of these: 1, 2"):
            self.pulses.create({'partner_id': self.blue.id, 'score': '6', 'date': '2026-01-10'})

    def _log_with_pulse(self, user, pulse, partner=None, **vals):
        partner = partner or self.blue
        wizard = self.env['customer.followup.log'].with_user(user).create({
            'partner_id': partner.id, 'channel_id': self.call.id, 'pulse': pulse, **vals})
        wizard.action_done()
        return self.env['customer.pulse'].search([('partner_id', '=', partner.id)])

    def test_hea_1_pulse_from_the_log_dialog(self):
        """HEA-1: whoever logs a contact may say how satisfied the customer seemed; it belongs to that contact's day."""
        self.assertFalse(self._log_with_pulse(self.anna, False))
        self.assertFalse(self._log_with_pulse(self.anna, '4', outcome='no_answer'))
        self.assertEqual(self.asked, [])
        pulse = self._log_with_pulse(self.anna, '4')
        self.assertEqual((pulse.score, pulse.user_id), ('4', self.anna))
        self.assertEqual(pulse.followup_id.outcome, 'neutral')
        self.assertEqual(pulse.date, pulse.followup_id.contact_day)
        self.assertEqual(self.asked, [self.blue.ids])
        self.assertEqual(self._log_with_pulse(self.anna, '1'), pulse)
        self.assertEqual(pulse.score, '1')
        pulses = self._log_with_pulse(
            self.anna, '3', contact_at=fields.Datetime.subtract(fields.Datetime.now(), days=3))
        self.assertEqual(pulses.mapped('score'), ['1', '3'])

    def test_hea_1_pulse_of_a_stand_in(self):
        """HEA-1: who has a follow-up of a colleague's customer says how it was; others don't see the judgement."""
        self.env['customer.followup'].create({
            'partner_id': self.blue.id, 'channel_id': self.call.id, 'user_id': self.ben.id, 'name': "Help out"})
        pulse = self._log_with_pulse(self.ben, '2')
        self.assertEqual(pulse.user_id, self.ben)
        self.assertFalse(pulse.with_user(self.ben).search([('id', '=', pulse.id)]))
        self.assertTrue(pulse.with_user(self.anna).search([('id', '=', pulse.id)]))

    def test_hea_1_who_judges_whom(self):
        """HEA-1, PLT-2: a user judges the own customers, a leader the team's, a manager all of the company."""
        theirs = self._customer("Theirs", user_id=self.otto.id)
        for user, allowed in ((self.anna, False), (self.lena, False), (self.li, True), (self.mara, True)):
            pulses = self.env['customer.pulse'].with_user(user)
            if allowed:
                pulses.create({'partner_id': theirs.id, 'score': '3'}).unlink()
            else:
                with self.assertRaises(AccessError):
                    pulses.create({'partner_id': theirs.id, 'score': '3'})
        pulse = self.env['customer.pulse'].create({'partner_id': self.blue.id, 'score': '5'})
        self.blue.company_id = self.company
        self.assertFalse(pulse.with_user(self.zoe).search([('id', '=', pulse.id)]))
        with self.assertRaises(AccessError):
            self.env['customer.pulse'].with_user(self.nils).search([])
