"""See why a score fell; change a weight and see what it would do, in a real browser (HEA-1, HEA-2)."""
from odoo.tests import HttpCase, tagged

from .why_common import WhyCase


@tagged('post_install', '-at_install')
class TestWhyTours(HttpCase, WhyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.health.snapshot'].search([]).unlink()
        cls.customer = cls._customer("Falling Ltd")
        good = {"Orders": 90, "Paying": 90, "Mood": 90, "Logins": 90}
        cls.card.line_ids[0].weight = 20
        cls._version(100, "Orders weighs 20 (before: 40)")
        cls.card.line_ids[0].weight = 40
        cls._version(40, "Orders weighs 40 (before: 20)")
        cls._history(cls.customer, (200, good), (100, good), (40, good | {"Logins": 100}),
                     (5, good | {"Orders": 40, "Logins": 100}))
        cls._history(cls._customer("Steady Ltd"), (90, good))

    def test_why_it_fell(self):
        """HEA-2: from the contact to why its score fell and what to say, and the same from a list in a dialog."""
        self.start_tour(f'/odoo/customer-success/{self.customer.id}', 'customer_success_health_why', login='anna')

    def test_preview(self):
        """HEA-1: an administrator raises a weight, sees what it would do, and goes away without saving."""
        self.start_tour(
            f'/odoo/customer.health.scorecard/{self.card.id}', 'customer_success_health_preview', login='mara')
        self.env.invalidate_all()
        self.assertEqual(self.card.line_ids[0].weight, 40)
