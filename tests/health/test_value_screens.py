"""The screens of customer value at a desk and on a phone (SEG-5)."""
import json
from pathlib import Path

from odoo import fields
from odoo.tests import tagged

from ..screens import PICTURES, ScreensCase
from .test_churn import ChurnCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestValueScreens(ScreensCase, ChurnCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Value of a Long-standing Machine Builder Ltd")
        today = fields.Date.context_today(cls.env.user)
        cls.fits.create({
            'date': today, 'model': 'mbgnbd', 'state': 'ok', 'customers': 1000, 'repeat_customers': 400, 'r': 0.6,
            'alpha': 5.0, 'a': 0.9, 'b': 1.8})
        for months in range(10, 0, -1):
            cls._order(cls.customer, 20000 + 3000 * (months % 4), fields.Date.subtract(today, months=months))
        cls.env['customer.influence'].create({
            'partner_id': cls.customer.id, 'level': '3', 'note': "Chairs the working group of the association"})
        cls.env['customer.pulse'].create({'partner_id': cls.customer.id, 'score': '4'})
        cls.env['customer.health.refresh']._refresh()

    def _screens_of_value(self, user):
        value = self.env['customer.value'].search([('partner_id', '=', self.customer.id)])
        reference = self.env.ref
        screens = [
            ('value', reference('customer_success.customer_value_action').id, {}),
            ('value pivot', reference('customer_success.customer_value_action').id, {'viewType': 'pivot'}),
            ('value graph', reference('customer_success.customer_value_action').id, {'viewType': 'graph'}),
            ('history', reference('customer_success.customer_value_history_action').id, {}),
            ('influence', reference('customer_success.customer_influence_action').id, {}),
            ('why', self.customer.with_user(user).action_customer_value(), {}),
            ('judge', self.customer.with_user(user).action_customer_influence(), {}),
            ('value form', {'type': 'ir.actions.act_window', 'res_model': 'customer.value', 'res_id': value.id,
                            'views': [[False, 'form']]}, {}),
        ]
        if user == self.mara:
            dimension = reference('customer_success.customer_value_dimension_historic')
            component = reference('customer_success.customer_value_component_total')
            screens = [
                ('model', reference('customer_success.customer_value_dimension_action').id, {}),
                *((name, {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id,
                          'views': [[False, 'form']]}, {})
                  for name, record in (('dimension', dimension), ('component', component))),
                ('settings', reference('customer_success.customer_success_settings_action').id, {})]
        self.env.flush_all()
        return screens

    def test_desk_and_phone(self):
        """SEG-5: nothing is cut, overlaps or fails at 1440 and at 390 pixels."""
        screens = self._screens_of_value(self.anna)
        self.assertEqual([*self._sweep('anna', screens), *self._sweep('anna', screens, PHONE)], [])

    def test_the_model(self):
        """SEG-5: the value model of a manager."""
        screens = self._screens_of_value(self.mara)
        self.assertEqual([*self._sweep('mara', screens), *self._sweep('mara', screens, PHONE)], [])

    def test_tab(self):
        """SEG-5: the tab Relationship of a customer's form says the value at both widths."""
        target = {'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.customer.id,
                  'views': [[False, 'form']], 'context': {'form_view_ref': 'customer_success.res_partner_view_form'}}
        for size in (PHONE, '1440x900'):
            with self._opened('anna', size) as browser:
                browser.run(f'customerScreens.open({json.dumps(target)}, {{}})')
                said = browser.run("""new Promise((done) => {
                    document.querySelector('.nav-link[name="customer_success"]').click();
                    setTimeout(() => done(document.querySelector('.o_customer_panel_value').innerText), 1500);
                })""")
                self.assertIn("Next 12 months (estimate)", said or '')
                self.assertEqual(browser.run('customerScreens.look([])'), [])
                if PICTURES:
                    browser.picture(Path(PICTURES) / 'value tab' / f'{size}.png')
                self.assertEqual(browser.complaints, [])
