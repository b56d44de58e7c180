"""What a change of the health rules would do, before it is saved (HEA-1)."""
from lxml import html

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .why_common import WhyCase


@tagged('post_install', '-at_install')
class TestPreview(WhyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.health.snapshot'].search([]).unlink()
        cls.good, cls.fair, cls.bad = (cls._customer(name) for name in ("Good Ltd", "Fair Ltd", "Bad Ltd"))
        cls._history(cls.good, (5, {"Orders": 90, "Paying": 90, "Mood": 90}))
        cls._history(cls.fair, (5, {"Orders": 90, "Paying": 50, "Mood": 50}))
        cls._history(cls.bad, (5, {"Orders": 20, "Paying": 60, "Mood": 60}))

    def _values(self, record):
        """Return what the preview of a form or a record shows: customers per band, sentence, who changes most."""
        root = html.fromstring(str(record.preview))
        bands = {
            node.get('data-band'): int(node.xpath('.//b/text()')[0])
            for node in root.xpath('//*[contains(@class, "o_customer_health_preview_band")][@data-band]')}
        rows = [tuple(cell.text_content().strip() for cell in row.xpath('./td')) for row in root.xpath('//tbody/tr')]
        return bands, ' '.join(root.text_content().split()), rows

    def test_hea_1_preview_of_weights(self):
        """HEA-1: another weight on the unsaved scorecard shows who would stand where, and nothing is saved."""
        with Form(self.card.with_user(self.mara)) as form:
            bands, text, rows = self._values(form)
            self.assertEqual(bands, {'healthy': 1, 'watch': 1, 'risk': 1, 'none': 0})
            self.assertIn("No score would change", text)
            self.assertEqual(rows, [])
            with form.line_ids.edit(0) as line:
                line.weight = 400
            bands, text, rows = self._values(form)
            self.assertEqual(bands, {'healthy': 2, 'watch': 0, 'risk': 1, 'none': 0})
            self.assertIn("Customers who would get another score: 2 of 3; another status: 1.", text)
            self.assertEqual(rows, [("Fair Ltd", "70", "86"), ("Bad Ltd", "40", "24")])
            self.assertEqual(self.card.line_ids[0].weight, 40)
            self.assertEqual(self.env['customer.health.snapshot'].search_count([]), 3)
            with form.line_ids.edit(0) as line:
                line.weight = 40
            self.assertIn("No score would change", self._values(form)[1])

    def test_hea_1_preview_is_what_comes_true(self):
        """HEA-1: the preview before saving is the state after it."""
        with Form(self.card.with_user(self.mara)) as form:
            with form.line_ids.edit(1) as line:
                line.weight = 0
            form.healthy_from = 60
            told = self._values(form)[0]
        self.assertEqual(self._values(self.card)[0], told)
        self.assertIn("No score would change", self._values(self.card)[1])

    def test_hea_1_preview_of_thresholds(self):
        """HEA-1: other thresholds move customers between bands; a higher bar of what has to be known unscores them."""
        with Form(self.card.with_user(self.mara)) as form:
            form.healthy_from = 70
            self.assertEqual(self._values(form)[0], {'healthy': 2, 'watch': 0, 'risk': 1, 'none': 0})
            self.assertEqual(self._values(form)[2], [("Fair Ltd", "70", "70")])
            form.minimum_coverage = 90
            bands, __, rows = self._values(form)
            self.assertEqual(bands, {'healthy': 0, 'watch': 0, 'risk': 0, 'none': 3})
            self.assertEqual({row[2] for row in rows}, {"–"})
            form.minimum_coverage, form.healthy_from = 60, 75

    def test_hea_1_preview_of_whom(self):
        """HEA-1: a card that is for fewer customers, archived, or new is tried on whom it fits."""
        with Form(self.card.with_user(self.mara)) as form:
            form.tier_ids.add(self.tier_high)
            self.assertEqual(self._values(form)[0]['none'], 3, "nobody is in this tier")
            form.tier_ids.remove(self.tier_high.id)
        self.assertEqual(self._values(self.card)[0]['none'], 0)
        new = self.env['customer.health.scorecard'].with_user(self.mara).new({
            'name': "Before all", 'sequence': 0, 'line_ids': [Command.create({'measure_id': self.payment.id, 'weight': 1})],
            'minimum_groups': 1})
        self.assertEqual(self._values(new)[2], [("Bad Ltd", "40", "60"), ("Fair Ltd", "70", "50")])
        new.sequence = 99
        self.assertIn("No score would change", self._values(new)[1])

    def test_hea_1_preview_of_bands(self):
        """HEA-1: other points of a measure, and another stand-in for what is not known, show what they would do."""
        with Form(self.orders.with_user(self.mara)) as form:
            with form.band_ids.edit(9) as band:
                band.points = 40
            bands, __, rows = self._values(form)
            self.assertEqual(bands, {'healthy': 0, 'watch': 1, 'risk': 2, 'none': 0})
            self.assertEqual(rows[0], ("Good Ltd", "90", "65"))
            with form.band_ids.edit(9) as band:
                band.points = 90
        with Form(self.usage.with_user(self.mara)) as form:
            form.missing_policy = 'worst'
            self.assertEqual(self._values(form)[2][0], ("Good Ltd", "90", "72"))
            form.missing_policy = 'leave_out'

    def test_hea_1_preview_of_median(self):
        """HEA-1: what is usual in the segment is worked out of those that are known."""
        self._history(self.good, (5, {"Orders": 90, "Paying": 90, "Mood": 90, "Logins": 10}))
        self._history(self.fair, (5, {"Orders": 90, "Paying": 50, "Mood": 50, "Logins": 30}))
        self.usage.missing_policy = 'median'
        told = self._values(self.usage)
        self.assertEqual(told[2], [], "it is saved already")
        self.usage.missing_policy = 'leave_out'
        with Form(self.usage.with_user(self.mara)) as form:
            form.missing_policy = 'median'
            self.assertEqual(self._values(form)[2], [("Bad Ltd", "40", "36")], "20 points, between 10 and 30")
            form.missing_policy = 'leave_out'

    def test_hea_1_preview_of_validity(self):
        """HEA-1: a shorter validity shows whose values would be too old."""
        self._history(self.good, (5, {"Orders": 90, "Paying": 90, "Mood": (30, 40)}))
        with Form(self.pulse.with_user(self.mara)) as form:
            form.validity_days = 30
            self.assertEqual([row[0] for row in self._values(form)[2]], ["Good Ltd"])
            form.validity_days = 90

    def test_hea_1_preview_of_cap(self):
        """HEA-1: another value or maximum of a cap, and a new cap, show whom they would hold down."""
        with Form(self.cap.with_user(self.mara)) as form:
            form.value = 55
            self.assertEqual(self._values(form)[2], [("Fair Ltd", "70", "50")])
            form.maximum = 30
            self.assertEqual(self._values(form)[2], [("Fair Ltd", "70", "30")])
            form.value, form.maximum = 20, 50
        new = self.env['customer.health.cap'].with_user(self.mara).new({
            'name': "No mood", 'measure_id': self.pulse.id, 'comparison': 'from', 'value': 60, 'maximum': 10})
        self.assertEqual(self._values(new)[2], [("Good Ltd", "90", "10"), ("Bad Ltd", "40", "10")])

    def test_hea_1_preview_measures_what_is_new(self):
        """HEA-1: a measure that no snapshot holds is measured for the preview; a source that fails leaves it unknown."""
        extra = self._measure("Extra", self.group_money)
        self.measured.update({self.good.id: 10})
        self.addCleanup(self.measured.clear)
        with Form(extra.with_user(self.mara)) as form:
            self.assertIn("on no scorecard yet", self._values(form)[1])
        with Form(self.card.with_user(self.mara)) as form:
            with form.line_ids.new() as line:
                line.measure_id, line.weight = extra, 80
            self.assertEqual(
                sorted(self._values(form)[2]), [("Bad Ltd", "40", "–"), ("Fair Ltd", "70", "–"), ("Good Ltd", "90", "50")],
                "of the others too little of the larger card is known")
            form.minimum_coverage = 0
            self.assertEqual(self._values(form)[2], [("Good Ltd", "90", "50")])
            type(self).measured = None
            self.addCleanup(setattr, type(self), 'measured', {})
            with mute_logger('odoo.sql_db'):
                form.minimum_coverage = 1
                self.assertIn("No score would change", self._values(form)[1])
            form.line_ids.remove(4)
            form.minimum_coverage = 60

    def test_hea_1_preview_keeps_what_is_set_by_hand(self):
        """HEA-1: a score that was set by hand stays, whatever the rules."""
        override = self.env['customer.health.override'].create({
            'partner_id': self.bad.id, 'score': 80, 'reason': "Known", 'date_to': self.today})
        self._history(self.bad, (5, {"Orders": 20, "Paying": 60, "Mood": 60}), override=override)
        with Form(self.card.with_user(self.mara)) as form:
            self.assertEqual(self._values(form)[0]['healthy'], 2)
            with form.line_ids.edit(0) as line:
                line.weight = 400
            self.assertEqual([row[0] for row in self._values(form)[2]], ["Fair Ltd"])
            with form.line_ids.edit(0) as line:
                line.weight = 40

    def test_hea_1_preview_of_a_sample(self):
        """HEA-1: where there are many customers, a sample is looked at, always the same, and it says so."""
        self.env['ir.config_parameter'].set_param('customer_success.health_preview_customers', '2')
        self.env.invalidate_all()
        bands, text, __ = self._values(self.card)
        self.assertIn("A sample of 2 of 3 customers.", text)
        self.assertEqual(sum(bands.values()), 2)
        self.env.invalidate_all()
        self.assertEqual(self._values(self.card)[0], bands)

    def test_hea_1_preview_of_nobody(self):
        """HEA-1: before anything was measured the preview says so."""
        self.env['customer.health.snapshot'].search([]).unlink()
        self.assertIn("No customer's health was measured yet", self._values(self.card)[1])

    def test_hea_1_preview_shows_own_companies(self):
        """HEA-1: the preview counts and names only customers that the user may see."""
        (self.fair + self.bad).user_id = self.zoe  # theirs, though of no company
        self.env.flush_all()
        bands, text, __ = self._values(self.card.with_user(self.zoe))
        self.assertEqual(sum(bands.values()), 2)
        self.assertIn("All customers whose health is measured: 2.", text)
        self.assertNotIn("Good Ltd", str(self.card.with_user(self.zoe).preview))

    def test_hea_1_preview_with_unfinished_rules(self):
        """HEA-1: rules that can't be saved like this don't break the form: no weight, no band, no measure chosen yet."""
        card = self.card.with_user(self.mara)
        new = card.new({'name': "New"}, origin=card)
        new.line_ids.weight = 0
        self.assertEqual(self._values(new)[0]['none'], 3)
        empty = card.new({'line_ids': [Command.create({'weight': 5})]})
        self.assertTrue(self._values(empty))
        measure = self.orders.with_user(self.mara).new({'band_ids': [Command.clear()]}, origin=self.orders)
        self.assertTrue(self._values(measure))
        self.assertTrue(self._values(self.env['customer.health.cap'].with_user(self.mara).new({})))

    def test_hea_1_preview_costs_the_same(self):
        """HEA-1: many customers take no more queries than few."""
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self.card.preview)
            return self.env.cr.sql_log_count - before
        queries()
        few = queries()
        for number in range(30):
            self._history(self._customer(f"More {number}"), (5, {"Orders": 10 * (number % 10), "Paying": 50, "Mood": 50}))
        self.assertLessEqual(queries(), few)
