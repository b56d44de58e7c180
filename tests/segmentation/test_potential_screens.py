"""SEG-3: the screens of the potential, at a desk and on a phone."""
import json
from pathlib import Path

from odoo.tests import tagged

from ..screens import PICTURES, ScreensCase
from .test_potential import PotentialCase


@tagged('post_install', '-at_install')
class TestPotentialScreens(ScreensCase, PotentialCase):

    def _screens_of_potential(self):
        customer = self._customer(
            "Harbour Cranes", industry_id=self._industry(34, name="Port equipment", customer_growth_source="Port authority").id,
            customer_upgrade_need='yes')
        self._answered(customer, budget='level')
        judged = self._customer(
            "Judged", industry_id=self._industry(5).id, customer_expansion='maybe', customer_upgrade_need='yes')
        judged.write({'customer_potential': 'high', 'customer_potential_reason': "Builds a second plant in Wuxi",
                      'customer_potential_until': '2030-06-30'})
        self.env.flush_all()
        form = {'type': 'ir.actions.act_window', 'views': [[False, 'form']]}
        screens = [
            ('customer', {**form, 'res_model': 'res.partner', 'res_id': customer.id, 'context': {
                'form_view_ref': 'customer_success.res_partner_view_form'}}, {}),
            ('dialog', customer.with_user(self.mara).action_customer_segment_dialog(), {}),
            ('judged', judged.with_user(self.mara).action_customer_segment_dialog(), {}),
            ('many', {**judged.with_user(self.mara).action_customer_segment_dialog(),
                      'context': {'default_partner_ids': (customer | judged).ids}}, {}),
            ('cross_sell', {**form, 'res_model': 'customer.potential.factor', 'res_id': self.cross_sell.id}, {}),
            ('upgrade', {**form, 'res_model': 'customer.potential.factor', 'res_id': self.upgrade.id}, {})]
        for name in ('factor', 'answer', 'change'):
            action = self.env.ref(f'customer_success.customer_potential_{name}_action').id
            screens.append((f'{name} list', action, {'viewType': 'list'}))
        screens.append(('industries', self.env.ref('base.res_partner_industry_action').id, {'viewType': 'list'}))
        return screens

    def _tab(self, login, size, screen):
        """Open the tab *Relationship* of a customer, and return what is wrong with it."""
        with self._opened(login, size) as browser:
            browser.run(f'customerScreens.open({json.dumps(screen)}, {{}})')
            browser.run("document.querySelector('.nav-link[name=customer_success]').click()")
            browser._wait_ready("!!document.querySelector('[name=customer_budget_trend]')")
            browser.run("document.querySelector('[name=customer_budget_trend]').scrollIntoView({block: 'center'})")
            found = browser.run('customerScreens.look()') or []
            if PICTURES:
                browser.picture(Path(PICTURES) / login / size / 'tab.png')
            return [*found, *browser.complaints]

    def test_seg_3_desk(self):
        """SEG-3: a manager at a desk."""
        screens = self._screens_of_potential()
        self.assertEqual(self._sweep('mara', screens), [])
        self.assertEqual(self._tab('mara', '1440x900', screens[0][1]), [])

    def test_seg_3_phone(self):
        """SEG-3: the same with a phone."""
        screens = self._screens_of_potential()
        self.assertEqual(self._sweep('mara', screens, '390x844'), [])
        self.assertEqual(self._tab('mara', '390x844', screens[0][1]), [])
