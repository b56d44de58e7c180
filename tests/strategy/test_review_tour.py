"""STR-5, in a real browser."""
from odoo import fields
from odoo.tests import HttpCase, tagged

from .review_common import ReviewCase


@tagged('post_install', '-at_install')
class TestReviewTour(HttpCase, ReviewCase):

    def test_str_5_monthly_summary(self):
        """STR-5: from the list to the end: draft, decide, make a follow-up of it, done."""
        customer = self._old_customer("Summary Works")
        review = self.env['customer.review'].with_user(self.anna).create({})
        self._warn(
            customer, review.date_start, state='closed', outcome='solved',
            closed_on=fields.Date.add(review.date_start, days=3))
        self.start_tour('/odoo/customer-reviews', 'customer_success_monthly_summary', login='anna')
        self.env.invalidate_all()
        self.assertRecordValues(review, [{'state': 'done', 'success_count': 1}])
        self.assertRecordValues(review.decision_ids.followup_id, [{
            'partner_id': customer.id, 'name': "Thank them", 'user_id': self.anna.id, 'state': 'planned'}])
