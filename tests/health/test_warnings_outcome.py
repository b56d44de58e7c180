"""HEA-3, T6: whether what warnings foretold came true, beside what happens anyway."""
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from ...models.health.warning_event import WarningEvent
from .test_churn import ChurnCase

DAY = timedelta(days=1)


class OutcomeCase(ChurnCase):

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


class TestOutcome(OutcomeCase):

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
            months = self.base.search([('event', '=', 'order')])
            self.assertEqual((len(months), str(months[0].day), months[0].horizon_days), (15, '2026-01-01', 90))
            for month in months:
                known = [bought for bought in days.values()
                         if any(month.day - 365 * DAY < day <= month.day for day in bought)]
                stopped = [bought for bought in known if not any(month.day < day <= month.day + 90 * DAY for day in bought)]
                self.assertEqual((month.customers, month.stopped), (len(known), len(stopped)), month.day)
            self.assertGreater(max(months.mapped('stopped')), min(months.mapped('stopped')))
            self.base._look_back()
            self.assertEqual(self.base.search([('event', '=', 'order')]), months)
        with self._on('2026-05-15'):
            self.base._look_back()
        self.assertEqual(len(self.base.search([('event', '=', 'order')])), 16)

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
                "Of the warnings of the last twelve months .10. 30 % were followed by no order within 90 days; "
                ".* is 40 % anyway. In each of the last two"))
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


class TestForetold(OutcomeCase):
    """What else a rule can foretell: customers leave, and what other wings know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM customer_tier_change")
        cls.rule.foretells = 'left'

    def _history(self, partner, *changes):
        """Say when a customer was ranked first, left and came back: pairs of a day and a cause."""
        self.env['customer.tier.change'].create([
            {'partner_id': partner.id, 'date': day, 'cause': cause} for day, cause in changes])
        partner.customer_managed = changes[-1][1] != 'left'

    def test_hea_3_who_left(self):
        """HEA-3, T6: a warning that foretells leaving was right of who is no customer any more when the days are over: not of who
        came back by then, of who left later, or became a part of another customer; who was none says nothing."""
        names = ('stays', 'leaves', 'last day', 'next day', 'back', 'back late', 'was none', 'part')
        customers = dict(zip(names, self._bulk_orders({name: self._days('2026-01-01') for name in names}), strict=True))
        histories = {
            'leaves': [('2026-03-01', 'left')], 'last day': [('2026-05-11', 'left')], 'next day': [('2026-05-12', 'left')],
            'back': [('2026-03-01', 'left'), ('2026-05-11', 'back'), ('2026-06-01', 'left')],
            'back late': [('2026-03-01', 'left'), ('2026-05-12', 'back')], 'was none': [('2026-02-10', 'left')],
            'part': [('2026-03-01', 'left')]}
        for name, customer in customers.items():
            self._history(customer, ('2025-12-01', 'first'), ('2026-01-20', 'revenue'), *histories.get(name, []))
        customers['part'].write({'is_company': False, 'parent_id': customers['stays'].id})
        warnings = {name: self._warn(customer, '2026-02-10') for name, customer in customers.items()}
        with self._on('2026-05-11'):
            self.assertEqual(self.base._look_back(), 0, "the ninetieth day is today")
        with self._on('2026-05-12'):
            self.assertEqual(self.base._look_back(), 6)
        self.assertEqual({name: warning.foretold for name, warning in warnings.items()}, {
            'stays': 'no', 'leaves': 'yes', 'last day': 'yes', 'next day': 'no', 'back': 'no', 'back late': 'yes',
            'was none': False, 'part': False})

    def test_hea_3_who_leaves_anyway(self):
        """HEA-3, T6: of all who were customers on the first of a month, how many were none any more 90 days later, against a
        count by hand; orders are counted besides, and each month once."""
        customers, histories = self._bulk_orders({f'C{n}': self._days('2025-06-01') for n in range(60)}), []
        for number, customer in enumerate(customers):
            changes = [(fields.Date.to_date('2025-01-15') + 5 * number * DAY, 'first')]
            for step in range(number % 4):
                changes.append((changes[-1][0] + (30 + 7 * (number % 9)) * DAY, 'back' if step % 2 else 'left'))
            histories.append(changes)
            self._history(customer, *changes)

        def is_there(changes, day):
            known = [cause for one, cause in changes if one <= day]
            return bool(known) and known[-1] != 'left'

        with self._on('2026-04-15'):
            self.base._look_back()
            months = self.base.search([('event', '=', 'left')])
            self.assertEqual(len(months), 15)
            self.assertEqual(self.base.search_count([('event', '=', 'order')]), 15)
            for month in months:
                there = [changes for changes in histories if is_there(changes, month.day)]
                gone = [changes for changes in there if not is_there(changes, month.day + 90 * DAY)]
                self.assertEqual((month.customers, month.stopped), (len(there), len(gone)), month.day)
            self.assertGreater(max(months.mapped('stopped')), 3)
            self.base._look_back()
            self.assertEqual(self.base.search([('event', '=', 'left')]), months)

    def test_hea_3_left_on_the_report(self):
        """HEA-3, T6: precision and lift are those of what the rule foretells; what it is held against can be changed, and its
        warnings are judged anew."""
        customers = self._bulk_orders({f'C{n}': self._days('2026-01-01') for n in range(5)})
        for number, customer in enumerate(customers):
            self._history(customer, ('2025-12-01', 'first'), *([('2026-03-01', 'left')] if number < 2 else []))
        warnings = self._warn(customers, '2026-02-10')
        self.base.create([
            {'event': event, 'day': '2026-02-01', 'horizon_days': 90, 'customers': 200, 'stopped': stopped}
            for event, stopped in (('left', 20), ('order', 120))])
        with self._on('2026-06-01'):
            self.base._look_back()
            self.assertRecordValues(self._line(), [{
                'foretells': 'left', 'judged': 5, 'followed': 2, 'precision': 40, 'base': 10, 'lift': 4, 'verdict': 'ok'}])
            self.assertRegex(self.rule.track_record, (
                "Of the warnings .*5. 40 % were about customers who had left within 90 days; of all customers it is 10 % anyway"))
            self.rule.with_user(self.mara).foretells = 'order'
            self.assertFalse(any(warnings.mapped('foretold')))
            self.base._look_back()
            self.assertRecordValues(self._line(), [{
                'foretells': 'order', 'judged': 5, 'followed': 5, 'precision': 100, 'base': 60, 'lift': 1.67}])
            self.assertRegex(self.rule.track_record, "100 % were followed by no order within 90 days")

    def test_hea_3_event_of_another_wing(self):
        """HEA-3, T6: another wing adds what it knows, here complaints, and rules foretell it with its own sentence."""
        happened = {}

        def complaints(asked, horizon, partner_ids):
            return SQL(
                """SELECT c.id AS partner_id, a.day, c.id = ANY(%(happened)s) AS happened
                     FROM %(asked)s a JOIN res_partner c ON c.name LIKE 'C_' AND COALESCE(a.partner_id, c.id) = c.id""",
                asked=asked, happened=list(happened) or [0])

        model = self.registry['customer.warning.base']
        original = model._events
        with patch.object(model, '_events', lambda self: original(self) | {'complaint': WarningEvent(
            "They complain", complaints, lambda **values: "{judged} judged, {precision} % complained".format(**values))},
        ):
            customers = self._bulk_orders({f'C{n}': self._days('2026-01-01') for n in range(4)})
            happened.update(dict.fromkeys(customers[:3].ids))
            self.rule.foretells = 'complaint'
            self._warn(customers[:2] + customers[3], '2026-02-10')
            with self._on('2026-06-01'):
                self.assertEqual(self.base._look_back(), 3)
                line = self._line()
                self.assertEqual((line.judged, line.followed, round(line.base), line.lift), (3, 2, 75, 0.89))
                self.assertEqual(self.rule.track_record, "3 judged, 67 % complained")
                self.assertIn(('complaint', "They complain"), self.rule._selection_foretells())
