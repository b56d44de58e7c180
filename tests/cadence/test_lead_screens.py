import json
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.tests import tagged

from ..screens import PICTURES, ScreensCase
from .test_leads import LeadCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestLeadScreens(ScreensCase, LeadCase):
    """Leads with their needs grade and their follow-ups, at a desk and on a phone (SEG-6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._graded(
            "Inspection for two bottling lines", 'a', customer_core_need="No bottle with a crack may leave.",
            customer_solution="Camera at the filler and at the capper.", partner_name="Huber Getränke GmbH",
            country_id=cls.env.ref('base.de').id, phone='+49 89 1234567', expected_revenue=640000)
        cls._log_lead(cls.first, feedback="The board decides on the 20th.", next_step="Send the layout",
                      next_date=fields.Date.today() + timedelta(days=2))
        cls.second = cls._graded("Weighing in the kitchen", 'b')
        cls.env['customer.followup'].search([('lead_id', '=', cls.second.id)]).write({
            'date_planned': fields.Date.today() - timedelta(days=9), 'date_limit': fields.Date.today() - timedelta(days=5)})
        cls._lead("Toys", cls.later)
        cls._graded("Won one", 'a').action_set_won()
        cls.env.flush_all()

    def _screens_of_leads(self, user):
        form = {'type': 'ir.actions.act_window', 'res_model': 'crm.lead', 'views': [[False, 'form']]}
        followup = self._open_of(self.first)[0].with_user(user)
        actions = [
            (name, kind) for name, kinds in (
                ('crm_lead_action_graded', ('list', 'kanban')),
                ('customer_followup_action_leads', ('list', 'kanban', 'calendar')),
                ('customer_needs_report_action', ('pivot', 'list', 'graph')),
                ('customer_needs_grade_change_action', ('list',))) for kind in kinds]
        return [
            ('lead', {**form, 'res_id': self.first.id}, {}), ('late', {**form, 'res_id': self.second.id}, {}),
            ('dialog log', self.first.with_user(user).action_customer_log(), {}),
            ('dialog log followup', followup.action_log(), {}),
            ('dialog grade', self.first.with_user(user).action_customer_grade(), {}),
            ('followup', {**form, 'res_model': 'customer.followup', 'res_id': followup.id}, {}),
            *((f'{name} {kind}', self.env.ref(f'customer_success.{name}').id, {'viewType': kind}) for name, kind in actions)]

    def test_phone(self):
        """SEG-6: a salesperson with a phone."""
        self.assertEqual(self._sweep('anna', self._screens_of_leads(self.anna), PHONE), [])

    def test_desk(self):
        """SEG-6: a salesperson at a desk."""
        self.assertEqual(self._sweep('anna', self._screens_of_leads(self.anna)), [])

    def test_needs_page(self):
        """SEG-6: the three answers, what they come to, and the next contact, on the lead."""
        form = {'type': 'ir.actions.act_window', 'res_model': 'crm.lead', 'views': [[False, 'form']]}
        for size in ('1440x900', PHONE):
            with self._opened('anna', size) as browser:
                for name, lead in (('needs', self.first), ('needs late', self.second), ('needs new', self.lead)):
                    browser.run(f'customerScreens.open({json.dumps({**form, "res_id": lead.id})}, {{}})')
                    browser.run("document.querySelector('a[name=customer_needs]').click()")
                    browser.run("document.querySelector('.o_customer_needs').scrollIntoView({block: 'center'})")
                    self.assertEqual(browser.run('customerScreens.look()'), [], (size, name))
                    if PICTURES:
                        browser.picture(Path(PICTURES) / 'anna' / size / f'{name}.png')

    def test_rules(self):
        """SEG-6: a manager at a desk: answers, grades, cadences and their dry run."""
        rules = [(name, self.env.ref(f'customer_success.{name}').id, {'viewType': 'list'}) for name in (
            'customer_needs_answer_action', 'customer_needs_grade_action', 'customer_cadence_action_leads')]
        form = {'type': 'ir.actions.act_window', 'res_model': 'customer.cadence', 'views': [[False, 'form']]}
        rules += [('cadence', {**form, 'res_id': self.cadence_a.id}, {}),
                  ('dry run', self.cadence_a.with_user(self.mara).action_dry_run() | {'views': [[False, 'form']]}, {})]
        self.assertEqual(self._sweep('mara', rules), [])

    def test_tour(self):
        """SEG-6: grade a lead and see its follow-ups."""
        lead = self._lead("Tour lead", expected_revenue=0)
        self.start_tour(f'/odoo/crm.lead/{lead.id}', 'customer_success_grade_lead', login='anna')
        self.env.invalidate_all()
        self.assertEqual((lead.customer_grade_id, lead.customer_core_need), (self.grade_a, "Bottles without a stop"))
        done = lead.customer_followup_ids.filtered(lambda followup: followup.state == 'done')
        self.assertEqual((done.step_id, done.feedback, done.closed_by_id), (self.step_a, "They want an offer", self.anna))
        self.assertEqual(len(self._open_of(lead)), 1)
