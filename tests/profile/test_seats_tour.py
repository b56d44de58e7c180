import json
from pathlib import Path

from odoo.tests import HttpCase, tagged

from ..screens import PICTURES, ScreensCase
from .test_seats import SeatCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestSeatsTour(SeatCase, HttpCase):

    def test_pro_3_new_customer(self):
        """PRO-3, PRO-4: the decision chain of a new customer is filled in; a competitor is noted and settled."""
        customer = self._customer("New Pier")
        self.env['res.partner'].create([{'name': name, 'parent_id': customer.id} for name in ("Ada", "Bob")])
        self.start_tour(f'/odoo/customer-success/{customer.id}', 'customer_decision_chain', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(customer.customer_seat_ids, [
            {'role_id': self.decider.id, 'attitude': 'supporter', 'attitude_by_id': self.anna.id, 'known_by': 'person'},
            {'role_id': self.finance.id, 'attitude': False, 'attitude_by_id': False, 'known_by': False}])
        self.assertRecordValues(customer.customer_insight_ids, [{
            'kind': 'competitor', 'threat': '3', 'state': 'settled', 'user_id': self.anna.id, 'settled_by_id': self.anna.id}])


@tagged('post_install', '-at_install')
class TestSeatsScreens(ScreensCase, SeatCase):

    def _screens_of_seats(self):
        top = self._seat(
            self.di, attitude='supporter', known_by='document', known_note="the contract of last year", influence='high')
        below = self._seat(self.bo, self.influencer, reports_to_id=top.id, attitude='opponent', known_by='guess')
        vacant = self._seat(role=self.finance, reports_to_id=below.id, name="Head of Controlling")
        rival = self.env['customer.competitor'].create({'name': "Rival", 'strengths': "Price", 'answer': "Service"})
        insights = self.env['customer.insight'].create([
            {'partner_id': self.blue.id, 'name': "Compares maintenance contracts", 'competitor_id': rival.id, 'threat': '3',
             'offers': "Full service for 15 % less", 'user_id': self.anna.id},
            {'partner_id': self.blue.id, 'name': "Night shift has nobody to ask", 'contact_id': self.bo.id,
             'user_id': self.anna.id},
            {'partner_id': self.blue.id, 'name': "A second plant next year", 'kind': 'need', 'user_id': self.anna.id}])
        self._log(self.blue, contact=self.bo)
        self.env.flush_all()
        form = {'type': 'ir.actions.act_window', 'views': [[False, 'form']]}
        log = self.blue.with_user(self.anna).action_customer_log()
        screens = [
            ('customer', {**form, 'res_model': 'res.partner', 'res_id': self.blue.id, 'context': {
                'form_view_ref': 'customer_success.res_partner_view_form'}}, {}),
            ('log', log, {})]
        for model, record in (('seat', top), ('vacant', vacant), ('insight', insights[:1]), ('competitor', rival)):
            screens.append((model, {**form, 'res_model': record._name, 'res_id': record.id}, {}))
        for name in ('seat', 'insight', 'person_change', 'competitor', 'contact_role'):
            action = self.env.ref(f'customer_success.customer_{name}_action').id
            screens.append((f'{name} list', action, {'viewType': 'list'}))
        for name in ('seat', 'insight'):
            action = self.env.ref(f'customer_success.customer_{name}_action').id
            screens.append((f'{name} kanban', action, {'viewType': 'kanban'}))
        return screens

    def _tab(self, login, size, screen):
        """Open the tab *Relationship* of a customer, and return what is wrong with it."""
        with self._opened(login, size) as browser:
            browser.run(f'customerScreens.open({json.dumps(screen)}, {{}})')
            browser.run("document.querySelector('.nav-link[name=customer_success]').click()")
            browser._wait_ready("!!document.querySelector('.o_customer_seat')")
            browser.run("document.querySelector('.o_customer_chain').scrollIntoView()")
            found = browser.run('customerScreens.look()') or []
            if PICTURES:
                browser.picture(Path(PICTURES) / login / size / 'chain.png')
                browser.run("document.querySelector('.o_customer_insights').scrollIntoView()")
                browser.picture(Path(PICTURES) / login / size / 'insights.png')
            return [*found, *browser.complaints]

    def test_pro_3_phone(self):
        """PRO-3, PRO-4: a salesperson with a phone."""
        screens = self._screens_of_seats()
        self.assertEqual(self._sweep('anna', screens, PHONE), [])
        self.assertEqual(self._tab('anna', PHONE, screens[0][1]), [])

    def test_pro_3_desk(self):
        """PRO-3, PRO-4: a manager at a desk."""
        screens = self._screens_of_seats()
        self.assertEqual(self._sweep('mara', screens), [])
        self.assertEqual(self._tab('mara', '1440x900', screens[0][1]), [])
