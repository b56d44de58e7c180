from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ..common import CustomerCase
from ..screens import ScreensCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestRecordScreens(ScreensCase, CustomerCase):
    """What asks for records, what is proposed when nobody answers, and the report on kept rhythms, at a desk and on a phone
    (CAD-6, CAD-7, CAD-11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Northern Mill", customer_cadence_id=cls.cadence.id)
        cls.ann = cls.env['res.partner'].create({
            'name': "Ann Miller", 'parent_id': cls.customer.id, 'email': 'ann@mill.example.com', 'phone': '+49 30 1234567'})
        cls.env['customer.planner']._work_queue()
        now = fields.Datetime.now()
        reason = cls.env.ref('customer_success.customer_reason_unreachable')
        approach = cls.env.ref('customer_success.customer_approach_unreachable_channel')
        cls._log(cls.customer.with_user(cls.anna), contact_at=now - timedelta(days=4), feedback="Wants samples")
        cls._log(
            cls.customer.with_user(cls.anna), contact_at=now - timedelta(hours=3), outcome='no_answer', reason=reason, approach={
                'approach': approach, 'channel': cls.video, 'contact': cls.ann, 'day': fields.Date.today() + timedelta(days=2),
                'text': "Ask about the samples"})
        cls.env['customer.followup'].sudo().create([{
            'partner_id': cls.customer.id, 'company_id': cls.env.company.id, 'channel_id': cls.call.id, 'user_id': user.id,
            'owner_id': user.id, 'state': state, 'qualifies': state == 'done', 'step_id': cls.step.id,
            'date_planned': fields.Date.today() - timedelta(days=20), 'date_limit': fields.Date.today() - timedelta(days=15),
            'contact_day': fields.Date.today() - timedelta(days=days), 'closed_at': now - timedelta(days=days)}
            for user in cls.anna + cls.ben for state, days in (('done', 16), ('done', 9), ('skipped', 18))])
        cls.event = cls.env['calendar.event'].with_user(cls.anna).with_context(no_mail_to_attendees=True).create({
            'name': "Yearly review", 'start': now - timedelta(hours=26), 'stop': now - timedelta(hours=25),
            'partner_ids': [Command.set((cls.ann + cls.anna.partner_id).ids)]})
        cls.env['customer.meeting'].create(cls.event._customer_meeting_values(cls.customer))._ask()
        cls.env.flush_all()

    def _form(self, record, **action):
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [[False, 'form']], **action}

    def _screens_of_records(self):
        customer = self.customer.with_user(self.anna)
        unanswered = customer._action_log(contact=self.ann)
        approach = self.env.ref('customer_success.customer_approach_unreachable_person')
        unanswered['context'] |= {'default_outcome': 'no_answer'}
        chosen = {**unanswered, 'context': {**unanswered['context'], 'default_approach_id': approach.id}}
        meeting = self.env['customer.meeting'].with_user(self.anna).search([])
        return [
            ('meeting', self._form(self.event), {}), ('row', self._form(meeting), {}),
            ('dialog meeting', meeting.action_log(), {}), ('dialog unanswered', unanswered, {}), ('dialog chosen', chosen, {}),
            ('changed', self._form(self._open(self.customer)), {}),
            *((f'{name} {kind}', self.env.ref(f'customer_success.{name}').id, {'viewType': kind}) for name, kind in (
                ('customer_meeting_action', 'list'), ('customer_meeting_action', 'kanban'),
                ('customer_followup_action_recorded', 'pivot'), ('customer_approach_report_action', 'pivot'),
                ('customer_approach_report_action', 'graph'), ('customer_approach_report_action', 'list'),
                ('customer_adherence_action', 'pivot'), ('customer_adherence_action', 'graph'),
                ('customer_adherence_action', 'list')))]

    def test_phone(self):
        """CAD-6, CAD-7: a salesperson with a phone."""
        self.assertEqual(self._sweep('anna', self._screens_of_records(), PHONE), [])

    def test_desk(self):
        """CAD-6, CAD-7, CAD-11: a salesperson at a desk."""
        self.assertEqual(self._sweep('anna', self._screens_of_records()), [])

    def test_rules(self):
        """CAD-6, CAD-7: a manager at a desk: the rules."""
        rules = [
            (name, self.env.ref(f'customer_success.{name}').id, {'viewType': 'list'}) for name in (
                'customer_approach_action', 'customer_contact_rule_action', 'customer_reason_action')]
        rules += [('approach', self._form(self.env.ref('customer_success.customer_approach_no_need_case')), {}),
                  ('rule', self._form(self.env['customer.contact.rule'].with_context(active_test=False).search([], limit=1)), {})]
        self.assertEqual(self._sweep('mara', rules), [])

    def test_sentence_on_the_report(self):
        """CAD-11: what the share is of stands above the table, the plot and the list."""
        with self._opened('anna', '1440x900') as browser:
            for kind in ('pivot', 'graph', 'list'):
                action = self.env.ref('customer_success.customer_adherence_action').id
                browser.run(f"customerScreens.open({action}, {{viewType: '{kind}'}})")
                said = browser.run("document.querySelector('.o_customer_told')?.innerText || ''")
                self.assertIn("Out of it are pauses", said, kind)
