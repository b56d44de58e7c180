"""SEG-2: the tenure class from the first order."""
from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import users

from .common import SegmentCase


class TestTenure(SegmentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env['res.partner']
        # on 2 March 2026: three years, one day less, one year, one day less, never
        for day in ('2023-03-02', '2023-03-03', '2025-03-02', '2025-03-03', None):
            customer = cls._customer(f"First order {day}")
            if day:
                cls._order(customer, 100, day)
            cls.customers += customer

    def test_seg_2_classes_and_their_bounds(self):
        """SEG-2: strategic from three years on, growth from one year on, new before; nothing without an order."""
        with self._on('2026-03-02'):
            self.assertEqual(
                self.customers.mapped('customer_tenure'), ['strategic', 'growth', 'growth', 'new', False])
        with self._on('2026-03-03'):
            self.assertEqual(
                self.customers.mapped('customer_tenure'), ['strategic', 'strategic', 'growth', 'growth', False],
                "a day later, without anything being refreshed")

    def test_seg_2_searched_grouped_and_shown_alike(self):
        """SEG-2: the filter and the group say what the list shows, in the order strategic, growth, new."""
        partner_model = self.env['res.partner']
        mine = [('id', 'in', self.customers.ids)]
        with self._on('2026-03-02'):
            for tenure in ('strategic', 'growth', 'new', False):
                shown = self.customers.filtered(lambda partner, tenure=tenure: partner.customer_tenure == tenure)
                self.assertEqual(partner_model.search(mine + [('customer_tenure', '=', tenure)]), shown)
                self.assertEqual(
                    partner_model.search(mine + [('customer_tenure', '!=', tenure)]), self.customers - shown)
            self.assertEqual(
                len(partner_model.search(mine + [('customer_tenure', 'in', ('new', 'strategic'))])), 2)
            groups = partner_model._read_group(mine, ['customer_tenure'], ['__count'])
            self.assertEqual(groups, [('strategic', 1), ('growth', 2), ('new', 1), (False, 1)])
            ordered = partner_model.search(mine, order='customer_tenure DESC, id')
            self.assertEqual(ordered.mapped('customer_tenure')[:2], ['new', 'growth'])
            self.assertFalse(ordered[-1].customer_tenure, "who has none comes last")

    def test_seg_2_who_is_no_customer_has_none(self):
        """SEG-2: who is not looked after any more has no class, computed as well as searched."""
        gone = self.customers[0]
        gone.action_customer_exclude()
        self.assertFalse(gone.customer_tenure)
        self.assertFalse(self.env['res.partner'].search(
            [('id', '=', gone.id), ('customer_tenure', '!=', False)]))

    def test_seg_2_settings(self):
        """SEG-2: the years are settings; a class that could never be is refused."""
        settings = self.env['res.config.settings']
        settings.create({'customer_tenure_growth_years': 2, 'customer_tenure_strategic_years': 5}).execute()
        with self._on('2026-03-02'):
            self.assertEqual(self.customers.mapped('customer_tenure'), ['growth', 'growth', 'new', 'new', False])
        for growth, strategic in ((0, 3), (3, 3), (4, 3)):
            with self.assertRaisesRegex(ValidationError, "new for at least a year"):
                settings.create({
                    'customer_tenure_growth_years': growth, 'customer_tenure_strategic_years': strategic}).execute()

    @users('nils')
    def test_seg_2_hidden_from_others(self):
        """SEG-2: who has no role in the addon can't ask for it in a roundabout way."""
        partners = self.customers.with_env(self.env)
        for call in (
            lambda: partners.read(['customer_tenure']),
            lambda: self.env['res.partner'].search([('customer_tenure', '=', 'new')]),
            lambda: self.env['res.partner']._read_group([('id', 'in', partners.ids)], ['customer_tenure']),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_seg_2_shown_with_the_relationship(self):
        """SEG-2: the tab Relationship tells it."""
        with self._on('2026-03-02'):
            shown = self.customers[0].with_user(self.anna).get_customer_relationship()['segment']
            self.assertIn(("Tenure", "Strategic"), shown['figures'])
            self.assertEqual(self.customers[0].customer_first_order, date(2023, 3, 2))
