"""HEA-3, T6: whether what warnings foretold came true, beside what happens anyway."""
from datetime import timedelta

from odoo import fields

from .test_churn import ChurnCase

DAY = timedelta(days=1)


class TestOutcome(ChurnCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.warning'].search([]).unlink()
        cls.env['customer.warning.base'].search([]).unlink()
        cls.rule = cls.env['customer.warning.rule'].create({'name': "Pulse", 'signal': 'low_pulse', 'threshold': 2})
        cls.base = cls.env['customer.warning.base']

    def _warn(self, partners, day):
        day = fields.Date.to_date(day)
        return self.env['customer.warning'].create([{
            'partner_id': partner.id, 'rule_id': self.rule.id, 'signal': 'low_pulse', 'level': '1', 'date': day,
            'user_id': self.anna.id, 'state': 'closed', 'outcome': 'cleared', 'closed_on': day} for partner in partners])

    def _line(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['customer.warning.report'].with_user(user or self.mara).search([('rule_id', '=', self.rule.id)])

    def test_hea_3_followed(self):
        """HEA-3, T6: a warning was right when no order came in the 90 days after; it is judged when they are over, and not
        where nobody had ordered in the year before."""
        back, gone, old, never = self._bulk_orders({
            'back': self._days('2026-01-10', 120), 'gone': self._days('2026-01-10', 5), 'old': self._days('2024-01-01'),
            'never': self._days('2026-11-01')})
        warnings = self._warn(back + gone + old + never, '2026-02-10')
        with self._on('2026-05-11'):
            self.assertEqual(self.base._look_back(), 0, "the ninetieth day is today")
        with self._on('2026-05-12'):
            self.assertEqual(self.base._look_back(), 2)
            self.assertEqual(warnings.mapped('foretold'), ['no', 'yes', False, False])
            self.assertEqual(self.base._look_back(), 0)

    def test_hea_3_the_ninetieth_day(self):
        """HEA-3, T6: the last of the days counts, the next one does not, nor what was ordered on the day of the warning."""
        last, next_one, same = self._bulk_orders({
            'last': self._days('2026-01-10', 121), 'next': self._days('2026-01-10', 122), 'same': self._days('2026-02-10')})
        warnings = self._warn(last + next_one + same, '2026-02-10')
        with self._on('2026-06-01'):
            self.base._look_back()
        self.assertEqual(warnings.mapped('foretold'), ['no', 'yes', 'yes'])

    def test_hea_3_anyway(self):
        """HEA-3, T6: of all who had ordered in the year before the first of a month, how many did not in the 90 days after,
        against a count by hand; each month is counted once, in one statement however many there are."""
        days = {f'C{n}': self._days('2025-06-01', *[20 + 7 * (n % 9)] * (1 + n % 5)) for n in range(60)}
        self._bulk_orders(days)
        with self._on('2026-04-15'):
            self.base._look_back()
            months = self.base.search([])
            self.assertEqual((len(months), str(months[0].day), months[0].horizon_days), (15, '2026-01-01', 90))
            for month in months:
                known = [bought for bought in days.values()
                         if any(month.day - 365 * DAY < day <= month.day for day in bought)]
                stopped = [bought for bought in known if not any(month.day < day <= month.day + 90 * DAY for day in bought)]
                self.assertEqual((month.customers, month.stopped), (len(known), len(stopped)), month.day)
            self.assertGreater(max(months.mapped('stopped')), min(months.mapped('stopped')))
            self.base._look_back()
            self.assertEqual(self.base.search([]), months)
        with self._on('2026-05-15'):
            self.base._look_back()
        self.assertEqual(len(self.base.search([])), 16)

    def test_hea_3_lift_and_guessing(self):
        """HEA-3, T6: the report says how often no order came, beside how often anyway; a rule that was no better in each of the
        last two quarters is shown as guessing, on the report and on the rule; better in one of them it is not."""
        customers = self._bulk_orders({f'C{n}': self._days('2026-01-01') for n in range(12)})
        for day in ('2026-01-01', '2026-02-01', '2026-04-01', '2026-05-01'):
            self.base.create({'day': day, 'horizon_days': 90, 'customers': 200, 'stopped': 80})
        first = self._warn(customers[:5], '2026-02-10')
        second = self._warn(customers[5:10], '2026-05-10')
        with self._on('2026-11-20'):
            self.assertEqual(self._line().verdict, 'ok')
            self.assertFalse(self.rule.track_record)
            (first[:2] + second[:1]).foretold = 'yes'
            (first[2:] + second[1:]).foretold = 'no'
            line = self._line()
            self.assertRecordValues(line, [{
                'raised': 10, 'judged': 10, 'followed': 3, 'precision': 30, 'base': 40, 'lift': 0.75, 'verdict': 'guess'}])
            self.assertTrue(self.rule.is_guessing)
            self.assertRegex(self.rule.track_record, (
                "Of the warnings of the last twelve months .10. 30 % were followed by no order within 90 days; .* is 40 % "
                "anyway. In each of the last two"))
            second[1:3].foretold = 'yes'
            self.assertRecordValues(self._line(), [{'followed': 5, 'precision': 50, 'lift': 1.25, 'verdict': 'ok'}])
            self.assertFalse(self.rule.is_guessing)
            # of fewer than five nobody can tell
            second[1:3].foretold = 'no'
            second[4].foretold = False
            self.assertEqual(self._line().verdict, 'ok')

    def test_hea_3_looks_back_at_night(self):
        """HEA-3, T6: the night that watches customers also looks back."""
        [gone] = self._bulk_orders({'gone': self._days('2026-01-10', 5)})
        warning = self._warn(gone, '2026-02-10')
        with self._on('2026-05-20'):
            self._run_cron('warn')
        self.assertEqual(warning.foretold, 'yes')
