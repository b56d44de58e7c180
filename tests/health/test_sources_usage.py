"""HEA-1, HEA-5: what readings tell about a customer."""
from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_sources_contact import SourceCase


@tagged('post_install', '-at_install')
class TestUsageSource(SourceCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logins = cls.env.ref('customer_success.customer_metric_logins')
        cls.features = cls.env.ref('customer_success.customer_metric_features')
        cls.blue, cls.red = cls._customer("Blue"), cls._customer("Red")

    def setUp(self):
        super().setUp()
        clock = self._on('2026-06-15')
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def _usage(self, kind, metric=None, **vals):
        return self._measure(
            'usage', metric_id=(metric or self.logins).id, reading_kind=kind, window_days=vals.pop('window_days', 30), **vals)

    def _read(self, *readings, metric=None, partner=None):
        """Keep readings: pairs of days ago and value."""
        self.env['customer.reading'].create([{
            'partner_id': (partner or self.blue).id, 'metric_id': (metric or self.logins).id, 'value': value,
            'date': fields.Date.subtract(fields.Date.context_today(self.blue), days=days)} for days, value in readings])

    def test_hea_5_latest_reading(self):
        """HEA-5: the latest reading of the metric, however old; the validity of the measure judges its age."""
        measure = self._usage('latest')
        self.assertIsNone(self._value(measure, self.blue))
        self._read((200, 4), (100, 7.25))
        self._read((1, 99), metric=self.features)
        self._read((1, 98), partner=self.red)
        self.assertEqual(self._value(measure, self.blue), (7.25, '2026-03-07'))
        self.assertEqual(self._value(measure, self.red), (98, '2026-06-14'))
        with self._on('2026-01-10'):
            self.assertEqual(self._value(measure, self.blue), (4, '2025-11-27'))

    def test_hea_5_sum_of_readings(self):
        """HEA-5: the sum of the period; who had readings and has none any more used nothing, and that grows old."""
        measure = self._usage('sum')
        self.assertIsNone(self._value(measure, self.blue))
        self._read((30, 50))
        self.assertEqual(self._value(measure, self.blue), (0, '2026-05-16'))
        self._read((29, 3), (0, 4.5))
        self.assertEqual(self._value(measure, self.blue), (7.5, '2026-06-15'))

    def test_hea_5_average_of_readings(self):
        """HEA-5: the average of the readings of the period, unknown without any."""
        measure = self._usage('average', self.features)
        self._read((30, 50), metric=self.features)
        self.assertIsNone(self._value(measure, self.blue))
        self._read((29, 3), (2, 4), metric=self.features)
        self.assertEqual(self._value(measure, self.blue), (3.5, '2026-06-13'))

    def test_hea_5_trend_of_a_count(self):
        """HEA-5: the change of what happened against the period before; unknown when nothing happened then."""
        measure = self._usage('trend')
        self._read((10, 6), (60, 100))
        self.assertIsNone(self._value(measure, self.blue))
        self._read((59, 4), (30, 8))
        self.assertEqual(self._value(measure, self.blue), (-50, '2026-06-05'))
        self._read((1, 18))
        self.assertEqual(self._value(measure, self.blue), (100, '2026-06-14'))
        self._read((40, 5), partner=self.red)
        self.assertEqual(self._value(measure, self.red), (-100, '2026-05-06'))
        self._read((5, 5), (45, 0), partner=self._customer("Zero"))
        self.assertEqual(len(self._values(measure)), 2)

    def test_hea_5_trend_of_a_level(self):
        """HEA-5: of a state the averages are compared, so that more readings are not more use; none is unknown."""
        measure = self._usage('trend', self.features)
        self._read((40, 10), metric=self.features)
        self.assertIsNone(self._value(measure, self.blue))
        self._read((1, 8), (9, 8), (20, 8), metric=self.features)
        self.assertEqual(self._value(measure, self.blue), (-20, '2026-06-14'))

    def test_hea_5_constant_use_is_constant(self):
        """HEA-5, T3: as much every day or every week is constant on each day, whatever the period: in sum, mean and trend, with
        what came today of a day or not, and with readings that come a day late."""
        weekly, late = self._customer("Weekly"), self._customer("Late")
        self._read(*((days, 10) for days in range(220)))
        self._read(*((days, 70) for days in range(3, 220, 7)), partner=weekly)
        self._read(*((days, 10) for days in range(2, 220)), partner=late)
        measures = [self._usage(kind, window_days=days) for kind in ('sum', 'average', 'trend') for days in (30, 90)]
        for day in range(15, 30):
            with self._on(f'2026-06-{day}'):
                for ago, value in ((0, 3), (1, 10)):  # of today only a part is known
                    date = fields.Date.subtract(fields.Date.context_today(self.blue), days=ago)
                    reading = self.env['customer.reading'].search([('partner_id', '=', self.blue.id), ('date', '=', date)])
                    if reading:
                        reading.value = value
                    else:
                        self._read((ago, value))
                if (day - 12) % 7 == 0:
                    self._read((0, 70), partner=weekly)
                if day > 15:
                    self._read((2, 10), partner=late)
                for measure in measures:
                    expected = {'sum': 10 * measure.window_days, 'average': 10, 'trend': 0}[measure.reading_kind]
                    self.assertEqual(self._value(measure, self.blue)[0], expected, (day, measure.reading_kind))
                    self.assertEqual(self._value(measure, late)[0], expected, (day, measure.reading_kind))
                    self.assertAlmostEqual(
                        self._value(measure, weekly)[0], expected * (7 if measure.reading_kind == 'average' else 1), 2)

    def test_hea_5_readings_with_gaps(self):
        """HEA-5, T3: who stops counts as such from the day on which the next reading was due; a gap in daily readings is no
        use; few readings have no rhythm and are counted where they are."""
        measure = self._usage('sum')
        self._read(*((days, 70) for days in range(0, 220, 7)))
        self.assertAlmostEqual(self._value(measure, self.blue)[0], 300, 2)
        with self._on('2026-06-23'):
            self.assertAlmostEqual(self._value(measure, self.blue)[0], 300, 2)
        with self._on('2026-06-24'):
            self.assertAlmostEqual(self._value(measure, self.blue)[0], 210, 2, msg="nine of thirty days without")
        self._read(*((days, 10) for days in range(1, 60) if not 5 <= days < 11), partner=self.red)
        self.assertEqual(self._value(measure, self.red)[0], 240, "six of thirty days without")

    def test_hea_5_usage_needs_a_metric(self):
        """HEA-5: a usage measure without a metric is refused."""
        with self.assertRaisesRegex(ValidationError, "metric is missing"):
            self._measure('usage')

    def test_hea_5_usage_describes_itself(self):
        """HEA-5: the value in a sentence, with metric and unit."""
        self.features.unit = "of 20"
        sentences = [
            self._usage(kind, self.features)._describe(12.5, fields.Date.to_date('2026-06-14'))
            for kind in ('latest', 'sum', 'average', 'trend')]
        self.assertEqual(sentences, [
            "Features in use: 12.5 of 20 on 06/14/2026",
            "Features in use: 12.5 of 20 in 30 days, last reading on 06/14/2026",
            "Features in use: 12.5 of 20 on average in 30 days, last reading on 06/14/2026",
            "Features in use: +12% against the 30 days before, last reading on 06/14/2026",
        ])

    def test_hea_5_usage_takes_one_statement(self):
        """HEA-5: however many readings there are, a measure is one statement."""
        self._read(*((days, days) for days in range(50)))
        self.env.flush_all()
        for kind in ('latest', 'sum', 'average', 'trend'):
            measure = self._usage(kind)
            query = measure._sources()['usage'].sql(measure, None)
            with self.assertQueryCount(1):
                self.env.execute_query(query)
