import json
from pathlib import Path

from odoo import fields
from odoo.tests import tagged

from ..screens import PICTURES, ScreensCase
from .common import ServiceCase

PHONE = '390x844'

#: Opens the tab of a contact's form, and answers what it says.
OPEN_TAB = """new Promise((done) => {
    document.querySelector('.nav-link[name="customer_feedback"]').click();
    const look = (tries) => {
        const panel = document.querySelector('.o_customer_feedback_panel');
        if (panel?.innerText || !tries) done(panel?.innerText || '');
        else setTimeout(() => look(tries - 1), 100);
    };
    look(50);
})"""


@tagged('post_install', '-at_install')
class TestCaseScreens(ScreensCase, ServiceCase):
    """The screens of cases at a desk and on a phone, with everything that can stand on them (SRV-1, S7, S9)."""

    def _full(self):
        """Return a case on which every part of the form shows."""
        self.policy_complaint.write({'hours': 'calendar', 'holidays': 'of_customer'})
        self._case(cause_id=self.defect.id)
        case = self._case(
            cause_id=self.defect.id, priority='3', case_type='need', description="Three crates\nwere broken on the way",
            node_ids=[(0, 0, {'name': "Result of the inspection", 'date_due': fields.Datetime.add(self._now(), days=3)})])
        self._case(cause_id=self.defect.id)
        self._change(case, 'promise', unmet_reason="No mould yet", alternative="Half-filled ones",
                     promised_on=fields.Date.add(fields.Date.today(), days=9))
        self._change(case, 'hand_over', user_id=self.ben.id, note="Speaks Dutch")
        return case

    def _form(self, record, **action):
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [[False, 'form']], **action}

    def _screens_of_cases(self):
        case = self._full()
        solved = self._case(name="Lid missing")
        self._change(solved, 'solve', solution="New lid sent")
        dialogs = [
            (f'dialog {name}', {**getattr(case.with_user(self.anna), f'action_{name}')()}, {})
            for name in ('hand_over', 'solve', 'withdraw', 'promise')]
        self.env.flush_all()
        return [
            ('case', self._form(case), {}), ('solved', self._form(solved), {}),
            ('card', {
                'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'domain': [['id', '=', self.harbour.id]],
                'views': [[self.env.ref('customer_success.res_partner_view_kanban_customers').id, 'kanban']]}, {}),
            ('customer', self._form(self.harbour, context={'form_view_ref': 'customer_success.res_partner_view_form'}), {}),
            *dialogs]

    def test_phone(self):
        """SRV-1: a salesperson with a phone: the form of a case, its dialogs, and the customer's form with the strip."""
        self.assertEqual(self._sweep('anna', self._screens_of_cases(), PHONE), [])

    def test_feedback_tab(self):
        """SRV-5: what a customer said when asked, and when it may be asked again, stand on a tab that loads them when opened."""
        target = self._form(self.harbour, context={'form_view_ref': 'customer_success.res_partner_view_form'})
        self.env.flush_all()
        for size in (PHONE, '1440x900'):
            with self._opened('anna', size) as browser:
                browser.run(f'customerScreens.open({json.dumps(target)}, {{}})')
                said = browser.run(OPEN_TAB)
                self.assertIn("May Be Asked", said or '')
                if PICTURES:
                    browser.picture(Path(PICTURES) / 'feedback tab' / f'{size}.png')
                self.assertEqual(browser.complaints, [])

    def test_desk(self):
        """SRV-1: a manager at a desk: the same, and policies, tiers and segments with their complaint rate."""
        screens = self._screens_of_cases()
        screens += [
            (name, self.env.ref(f'customer_success.{name}').id, {'viewType': kind}) for name, kind in (
                ('customer_case_action', 'list'), ('customer_case_action', 'kanban'), ('customer_segment_action', 'list'),
                ('customer_tier_action', 'list'), ('customer_sla_policy_action', 'list'))]
        screens.append(('policy', self._form(self.policy_complaint), {}))
        self.assertEqual(self._sweep('mara', screens), [])
