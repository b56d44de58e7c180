"""HEA-1: what is refused when rules are saved."""
from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from .health_common import HealthCase


class TestHealthRules(HealthCase):

    def test_hea_1_bands_are_checked(self):
        """HEA-1: no band, two with one bound, points out of range, a gap at the bottom: refused, in words."""
        for bands, message in (
            ((), "at least one band"),
            (((0, 10), (0, 20)), "begin at 0"),
            (((0, 101),), "between 0"),
            (((0, -1),), "between 0"),
            (((5, 10), (7, 20)), "can be as low as 0, but its lowest band begins at 5"),
        ):
            with self.subTest(bands), self._invalid(message):
                self._measure('a', bands)
        self._measure('a', ((0, 10),))
        self._measure('a', ((-10, 10), (5, 0)))
        measure = self._measure('a', ((0, 0), (50, 100)))
        with self._invalid("at least one band"):
            measure.band_ids = [Command.clear()]
        with self._invalid("between 0"):
            measure.band_ids[0].points = 200
        with self._invalid("begin at 50"):
            measure.band_ids[0].value_from = 50
        measure.band_ids = [Command.delete(measure.band_ids[0].id), Command.create({'value_from': 0, 'points': 5})]

    def test_hea_1_any_bottom_without_a_limit(self):
        """HEA-1: where a value can be as low as it likes, so can the lowest band."""
        measure = self._measure('b', ((0, 0),))
        sources = measure._sources()
        unlimited = type(measure)._sources
        self.patch(type(measure), '_sources', lambda self: unlimited(self) | {'b': sources['b']._replace(minimum=None)})
        measure.band_ids.value_from = 10

    def test_hea_1_cards_are_checked(self):
        """HEA-1: no measure, a negative weight, only zeros, thresholds the wrong way round: refused, in words."""
        for weights, vals, message in (
            ({}, {}, "at least one measure"),
            ({self.measure_a: -1}, {}, "negative"),
            ({self.measure_a: 0, self.measure_b: 0}, {}, "All weights"),
            ({self.measure_a: 1}, {'healthy_from': 40}, "healthy from 40"),
            ({self.measure_a: 1}, {'healthy_from': 101}, "healthy from 101"),
            ({self.measure_a: 1}, {'watch_from': -1}, "below -1"),
        ):
            with self.subTest(message), self._invalid(message):
                self._card("Bad", weights, **vals)
        with self._invalid("All weights"):
            self.card.line_ids.weight = 0
        for vals, message in (({'minimum_coverage': 101}, "0 and 100"), ({'minimum_groups': 0}, "at least one group")):
            with self._refused(message):
                self.card.write(vals)
        with self._refused("already on the scorecard"):
            self.card.line_ids = [Command.create({'measure_id': self.measure_a.id, 'weight': 1})]
        self.env.invalidate_all()
        self.assertEqual(self.card.line_ids.mapped('share'), [75, 25])

    def test_hea_1_caps_and_measures_are_checked(self):
        """HEA-1: numbers that mean nothing are refused, in words."""
        with self._refused("between 0 and 100"):
            self.env['customer.health.cap'].create(
                {'name': "Bad", 'measure_id': self.measure_a.id, 'value': 1, 'maximum': 101})
        with self._refused("at least one day"):
            self.measure_a.window_days = 0
        with self._refused("can't be negative"):
            self.measure_a.validity_days = -1

    def test_hea_1_settings(self):
        """HEA-2: the settings of the wing are kept, and refused where they mean nothing."""
        settings = self.env['res.config.settings']
        settings.create({
            'customer_health_override_days': 10, 'customer_health_override_max_days': 20, 'customer_health_daily_days': 5,
        }).set_values()
        self.assertEqual([settings._customer_success(f'health_{name}') for name in (
            'override_days', 'override_max_days', 'daily_days')], [10, 20, 5])
        for vals in ({'customer_health_override_days': 0}, {'customer_health_override_days': 21},
                     {'customer_health_daily_days': 0}):
            with self.assertRaises(ValidationError):
                settings.create(vals).set_values()

    @users('mara')
    def test_hea_1_managers_configure(self):
        """HEA-1: a manager makes measures and cards in their forms."""
        with Form(self.env['customer.health.measure']) as form:
            form.name, form.source, form.group_id = "By form", 'a', self.group_a
            with form.band_ids.new() as band:
                band.value_from, band.points = 0, 50
        with Form(self.env['customer.health.scorecard']) as card:
            card.name = "By form"
            with card.line_ids.new() as line:
                line.measure_id, line.weight = form.record, 5
        self.assertEqual(card.record.line_ids.share, 100)

    @users('lena')
    def test_hea_1_others_do_not(self):
        """HEA-1: leaders and users read the rules."""
        cap = self.env['customer.health.cap'].sudo().create(
            {'name': "Bad", 'measure_id': self.measure_a.id, 'value': 1, 'maximum': 50}).with_env(self.env)
        for record in (self.measure_a, self.measure_a.band_ids[0], self.card, self.card.line_ids[0], self.group_a, cap):
            record = record.with_env(self.env)
            record.read()
            with self.assertRaises(AccessError):
                record.write({'sequence' if 'sequence' in record else 'points': 1})
            with self.assertRaises(AccessError):
                record.unlink()
        version = self.env['customer.health.rules']._get_current()
        version.read()
        with self.assertRaises(AccessError):
            version.write({'summary': "x"})

    def test_hea_1_shipped(self):
        """HEA-1: the shipped rules are what the page of the requirements says, and nothing of them is refused."""
        card = self.env.ref('customer_success.customer_health_scorecard_all')
        own = card.line_ids.filtered(lambda line: not line.measure_id.source.startswith('case_'))  # other wings add theirs
        self.assertEqual(sum(own.mapped('weight')), 100)
        self.assertEqual(
            (card.healthy_from, card.watch_from, card.minimum_coverage, card.minimum_groups), (75, 50, 60, 2))
        self.assertEqual(len(own.measure_id.group_id), 6)
        self.assertEqual(self.env.ref('customer_success.customer_health_measure_satisfaction').validity_days, 90)
        for name, measure, value, maximum in (('overdue', 'payment', 60, 60), ('nobody', 'breadth', 1, 70)):
            cap = self.env.ref(f'customer_success.customer_health_cap_{name}')
            self.assertEqual((cap.measure_id.source, cap.value, cap.maximum), (measure, value, maximum))
