"""STR-4, in a real browser."""
from odoo.tests import HttpCase, tagged

from .effect_common import EffectCase


@tagged('post_install', '-at_install')
class TestEffectTour(HttpCase, EffectCase):

    def test_str_4_review_tour(self):
        """STR-4: read what a change brought, enter what nothing measures, conclude, propose the next change."""
        for partner in self.customer + self.others:
            self._orders(partner, '2026-02-01', '2026-05-01')
        adjustment = self._changed((self.orders, 6), (self.quality, 90))
        self._measure()
        self.start_tour(
            f'/odoo/customer-adjustment-effects/{adjustment.id}', 'customer_success_review_effect', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(adjustment, [{
            'state': 'reviewed', 'verdict': 'not', 'net_percent': 20, 'reviewed_by_id': self.anna.id,
            'conclusion': "More visits were not what was missing"}])
        self.assertRecordValues(adjustment.next_adjustment_id, [{'state': 'draft', 'origin': 'verdict'}])
