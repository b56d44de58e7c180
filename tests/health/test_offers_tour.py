"""Take a recommendation into a quotation, in a real browser; and its screens (HEA-7)."""
import json
from pathlib import Path

from odoo.tests import HttpCase, tagged

from ..screens import PICTURES, ScreensCase
from .offer_common import OfferCase

PHONE = '390x844'


@tagged('post_install', '-at_install')
class TestOffersTour(HttpCase, OfferCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plant()
        cls._prove()
        cls.customer = cls.customers[20]
        cls._sell([(cls.customer, [(cls.crane, 100, 50)])])
        cls.keeper._refresh()

    def test_take_offer(self):
        """HEA-7: from the customer's form: one offer is declined with a reason, the other one becomes a quotation."""
        self.start_tour(f'/odoo/customer-success/{self.customer.id}', 'customer_success_take_offer', login='anna')
        self.env.invalidate_all()
        offers = {offer.display_name: offer for offer in self.offers.search([('partner_id', '=', self.customer.id)])}
        self.assertEqual((offers["Derrick"].state, offers["Derrick"].reason_id.name), ('refused', "No use for it"))
        self.assertEqual(offers["Bellows"].state, 'quoted')
        self.assertEqual(offers["Bellows"].order_id.order_line.product_id, self.bellows)


@tagged('post_install', '-at_install')
class TestOffersScreens(ScreensCase, OfferCase):
    """The screens of offers at a desk and on a phone (HEA-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plant()
        cls._prove()
        cls._sell([(cls.customers[20], [(cls.crane, 100, 50)])])
        cls.keeper._refresh()
        cls.trials.search([('company_id', '=', cls.env.company.id)]).write({
            'customers': 84, 'hits': 31, 'best_hits': 12, 'only_hits': 24, 'only_best': 5, 'hit_percent': 36.9,
            'best_percent': 14.3, 'lift': 2.58, 'pairs': 4, 'holdout_days': 90, 'minimum_customers': 20})

    def _screens_of_offers(self, user):
        offer = self.offers.search([('partner_id', '=', self.customers[20].id)], limit=1)

        def form(record, **action):
            return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id,
                    'views': [[False, 'form']], **action}

        screens = [
            ('offers', self.env.ref('customer_success.customer_offer_action').id, {}),
            ('offer', form(offer), {}),
            ('pairs', self.env.ref('customer_success.customer_offer_pair_action').id, {}),
            ('trials', self.env.ref('customer_success.customer_offer_trial_action').id, {}),
            ('trial', form(self.trials.search([('company_id', '=', self.env.company.id)], limit=1)), {}),
            ('outcome', self.env.ref('customer_success.customer_offer_action_report').id, {}),
            ('not interested', offer.with_user(user).action_not_interested(), {}),
            ('log', {'type': 'ir.actions.act_window', 'res_model': 'customer.followup.log', 'views': [[False, 'form']],
                     'target': 'new', 'context': {'default_partner_id': self.customers[20].id}}, {}),
            ('customer', form(self.customers[20], context={'form_view_ref': 'customer_success.res_partner_view_form'}), {})]
        self.env.flush_all()
        return screens

    def test_desk_and_phone(self):
        """HEA-7: nothing is cut, overlaps or fails at 1440 and at 390 pixels."""
        screens = self._screens_of_offers(self.anna)
        self.assertEqual([*self._sweep('anna', screens), *self._sweep('anna', screens, PHONE)], [])

    def test_tab(self):
        """HEA-7: the tab of a customer's form at both widths."""
        target = self._screens_of_offers(self.anna)[-1][1]
        for size in (PHONE, '1440x900'):
            with self._opened('anna', size) as browser:
                browser.run(f'customerScreens.open({json.dumps(target)}, {{}})')
                said = browser.run("""new Promise((done) => {
                    document.querySelector('.nav-link[name="customer_offers"]').click();
                    setTimeout(() => done(document.querySelector('[name=customer_offer_ids]').innerText), 1000);
                })""")
                self.assertIn("20 of 24 customers who buy Anvil", said or '')
                self.assertEqual(browser.run('customerScreens.look([])'), [])
                if PICTURES:
                    browser.picture(Path(PICTURES) / 'offers tab' / f'{size}.png')
                self.assertEqual(browser.complaints, [])
