"""CAD-11: how the planned touches were kept, by an oracle that shares no code with the report."""
import random
from collections import Counter
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError

from ..common import CustomerCase
from ..plans import cost_of

DAY = timedelta(days=1)
COUNTED = ('on_time', 'late', 'missed', 'skipped')


class AdherenceCase(CustomerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.report = cls.env['customer.adherence']
        cls.rhythm = cls._cadence(
            "Talks", {'name': "Talk", 'channel_id': cls.call.id, 'interval_count': 10, 'interval_unit': 'day', 'grace_days': 2})
        with freeze_time('2026-03-02 12:00:00'):
            cls.customer = cls._customer("Keeper", customer_cadence_id=cls.rhythm.id)
            cls.env['customer.planner']._work_queue()  # due on Thursday, 12 March, at the latest on the 14th

    def _rows(self, day, user=None, domain=()):
        """Return the report of a day, as a list of dates and results."""
        with self._on(day):
            rows = self.report.with_user(user or self.env.user).search(
                [('partner_id', '=', self.customer.id), *domain], order='date, id')
            return [(row.date, row.result) for row in rows]

    def _plan(self):
        self.env['customer.planner']._plan(self.customer.ids)


class TestAdherence(AdherenceCase):

    def test_cad_11_results(self):
        """CAD-11: to come, due in time, missed, late, on time, skipped: each on its day, one after the other."""
        first, second, third = date(2026, 3, 12), date(2026, 3, 30), date(2026, 4, 13)
        self.assertEqual(self._rows('2026-03-11'), [])
        self.assertEqual(self._rows('2026-03-14'), [(first, 'open')])
        self.assertEqual(self._rows('2026-03-15'), [(first, 'missed')])
        with self._on('2026-03-20'):
            self._log(self.customer)
        self.assertEqual(self._rows('2026-03-20'), [(first, 'late')])
        with self._on('2026-03-31'):
            self._log(self.customer)
        with self._on('2026-04-10'):
            self._open(self.customer)._skip(self.reason)
        self.assertEqual(self._open(self.customer).date_raw, date(2026, 4, 20))
        self.assertEqual(self._rows('2026-04-10'), [(first, 'late'), (second, 'on_time'), (date(2026, 4, 10), 'skipped')])
        with self._on('2026-04-11'):
            self._log(self.customer)  # before its day
        self.assertEqual(self._rows('2026-04-11')[-1], (date(2026, 4, 20), 'on_time'))
        self.assertNotIn(third, dict(self._rows('2026-04-11')))

    def test_cad_11_share(self):
        """CAD-11: the share is of what was planned, in every group: what is open or out of it changes nothing."""
        self.test_cad_11_results()
        with self._on('2026-04-23'):
            self.assertEqual(self._rows('2026-04-23', domain=[('result', '=', 'open')]), [(date(2026, 4, 21), 'open')])
            [[planned, on_time, late, missed, skipped, is_open, share]] = self.report._read_group(
                [('partner_id', '=', self.customer.id)], [], [
                    'planned:sum', 'on_time:sum', 'late:sum', 'missed:sum', 'skipped:sum', 'open:sum', 'on_time_percent:avg'])
        self.assertEqual((planned, on_time, late, missed, skipped, is_open), (4, 2, 1, 0, 1, 1))
        self.assertEqual(share, 50)

    def test_cad_11_pause(self):
        """CAD-11: what falls into a pause is out of it, and counts on the day to which it was moved."""
        with self._on('2026-03-10'):
            self.env['customer.pause'].create({
                'partner_id': self.customer.id, 'date_from': '2026-03-10', 'date_to': '2026-03-19', 'reason_id': self.reason.id})
        self.assertEqual(self._open(self.customer).date_planned, date(2026, 3, 23))
        self.assertEqual(self._rows('2026-03-20'), [(date(2026, 3, 12), 'paused')])
        with self._on('2026-03-24'):
            self._log(self.customer)
        self.assertEqual(self._rows('2026-03-24'), [(date(2026, 3, 12), 'paused'), (date(2026, 3, 23), 'on_time')])
        with self._on('2026-03-24'):
            [[planned, paused, moved]] = self.report._read_group(
                [('partner_id', '=', self.customer.id)], [], ['planned:sum', 'paused:sum', 'moved:sum'])
        self.assertEqual((planned, paused, moved), (1, 1, 1))

    def test_cad_11_do_not_contact(self):
        """CAD-11: whoever is not to be contacted is out of it; what was missed before stays missed."""
        with self._on('2026-03-13'):
            self.customer.write({'customer_do_not_contact': True})
            self._plan()
        self.assertEqual(self._rows('2026-03-20'), [(date(2026, 3, 12), 'stopped')])
        with self._on('2026-03-13', hour=13):
            self.customer.write({'customer_do_not_contact': False})
            self._plan()
        with self._on('2026-03-20'):
            self.customer.write({'customer_do_not_contact': True})
            self._plan()
        self.assertEqual(self._rows('2026-03-21'), [(date(2026, 3, 12), 'missed')])

    def test_cad_11_moved_by_hand(self):
        """CAD-11: moved in time it counts on the new day; moved when it was overdue it was missed on the old one as well."""
        with self._on('2026-03-13'):
            self._open(self.customer)._move(date(2026, 3, 18), self.reason)
        self.assertEqual(self._rows('2026-03-20'), [(date(2026, 3, 18), 'open')])
        with self._on('2026-03-23'):
            self._open(self.customer).with_user(self.anna)._move(date(2026, 3, 25), self.reason)
            self._open(self.customer).user_id = self.ben
            self._log(self.customer)
        self.assertEqual(self._rows('2026-03-23'), [(date(2026, 3, 18), 'missed'), (date(2026, 3, 25), 'on_time')])
        with self._on('2026-03-23'):
            rows = self.report.search([('partner_id', '=', self.customer.id)], order='date')
            self.assertEqual(rows.mapped('user_id.login'), ['anna', 'ben'], "whose it was on that day")
            self.assertEqual(rows.mapped('move_kind'), ['none', 'manual'])

    def test_cad_11_culture(self):
        """CAD-11, CUL-2: moved by a holiday it counts on the day it was moved to, and says so; what no day suits is out."""
        country = self.env['res.country'].create({'name': "Ruritania", 'code': 'X7'})
        calendar = self.env['customer.country.calendar'].with_context(customer_calendar_wait=True).create({
            'country_id': country.id})
        self.env['customer.holiday'].create({'calendar_id': calendar.id, 'name': "Founding day", 'date': '2026-03-12'})
        with self._on('2026-03-03'):
            self.customer.country_id = country
            self._plan()
        with self._on('2026-03-13'):
            self.assertEqual(self._open(self.customer).date_planned, date(2026, 3, 13))
            self._log(self.customer)
            rows = self.report.search([('partner_id', '=', self.customer.id)])
            self.assertRecordValues(rows, [{
                'date': date(2026, 3, 13), 'result': 'on_time', 'move_kind': 'customer_day', 'moved': 1, 'planned': 1}])
        self._open(self.customer).sudo().unfit = True
        self.assertEqual(self._rows('2026-05-01')[-1][1], 'forbidden')
        with self._on('2026-05-01'):
            [[planned, out]] = self.report._read_group(
                [('partner_id', '=', self.customer.id)], [], ['planned:sum', 'left_out:sum'])
        self.assertEqual((planned, out), (1, 1))
        self.assertIn("the calendars forbid", self.report.get_customer_denominator())

    def test_cad_11_history(self):
        """CAD-11: what counted stays when people, tiers and channels change later; the team is today's."""
        changes = self.env['customer.tier.change'].sudo()
        changes.search([('partner_id', '=', self.customer.id)]).unlink()
        changes.create([
            {'partner_id': self.customer.id, 'date': '2026-03-01', 'new_tier_id': self.tier_low.id, 'cause': 'first'},
            {'partner_id': self.customer.id, 'date': '2026-03-20', 'old_tier_id': self.tier_low.id,
             'new_tier_id': self.tier_high.id, 'cause': 'revenue'}])
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = %s", [self.tier_high.id, self.customer.id])
        self.env.invalidate_all()
        with self._on('2026-03-12'):
            self._log(self.customer, self.visit)
        with self._on('2026-03-16'):
            self.customer.user_id = self.otto
            self._plan()
        with self._on('2026-03-24'):
            self._log(self.customer)
            rows = self.report.search([('partner_id', '=', self.customer.id)], order='date')
            self.assertRecordValues(rows, [
                {'user_id': self.anna.id, 'team_id': self.team_north.id, 'tier_id': self.tier_low.id,
                 'channel_id': self.visit.id},
                {'user_id': self.otto.id, 'team_id': self.team_south.id, 'tier_id': self.tier_high.id,
                 'channel_id': self.call.id}])
            changes.search([('partner_id', '=', self.customer.id)]).unlink()
            self.env.invalidate_all()
            self.assertEqual(rows.tier_id, self.tier_high, "of whom no change is known, it is what it is")

    def test_cad_11_roles(self):
        """CAD-11, PLT-2: of their own customers, of their team, of all; of another company nothing. Nobody writes it."""
        other = self._customer("Otto's", user_id=self.otto.id, customer_cadence_id=self.rhythm.id)
        with self._on('2026-03-20'):
            self._log(self.customer)
            with freeze_time('2026-03-20 13:00:00'):
                self.env['customer.followup'].search([('partner_id', '=', other.id)]).write({
                    'date_planned': '2026-03-10', 'date_limit': '2026-03-12'})
            seen = {user.login: set(self.report.with_user(user).search([
                ('partner_id', 'in', (self.customer + other).ids)]).partner_id.ids)
                for user in (self.anna, self.ben, self.otto, self.lena, self.li, self.mara, self.zoe)}
            self.assertEqual(seen, {
                'anna': {self.customer.id}, 'ben': set(), 'otto': {other.id}, 'lena': {self.customer.id}, 'li': {other.id},
                'mara': {self.customer.id, other.id}, 'zoe': set()})
            row = self.report.with_user(self.anna).search([], limit=1)
            self.assertEqual(row.action_open()['res_id'], row.followup_id.id)
            with self.assertRaises(UserError):
                row.planned = 5

    def test_cad_11_cost_follows_the_own_customers(self):
        """CAD-11: with ten times as many follow-ups of a colleague as much is read for a salesperson as before."""
        def cost():
            with self._on('2026-03-20'):
                return cost_of(
                    self.report.with_user(self.anna), [('user_id', '=', self.anna.id), ('date', '>=', '2026-03-01')],
                    'date desc, id desc', 'customer_followup, res_partner, customer_tier_change')

        def others(count):
            customers = self.env['res.partner'].create([{
                'name': f"Ben's {number}", 'is_company': True, 'user_id': self.ben.id, 'customer_enrolment': 'enrolled'}
                for number in range(count)])
            self.env['customer.followup'].sudo().create([{
                'partner_id': customer.id, 'company_id': self.company.id, 'channel_id': self.call.id, 'user_id': self.ben.id,
                'owner_id': self.ben.id, 'state': 'done', 'qualifies': True, 'date_planned': '2026-03-10',
                'date_limit': '2026-03-12', 'contact_day': '2026-03-11', 'closed_at': '2026-03-11 12:00:00'}
                for customer in customers for __ in range(10)])

        others(5)
        before, shown = cost()
        self.assertEqual(shown, 1, "the one of Anna's, or nothing was measured")
        others(50)
        after, still_shown = cost()
        self.assertEqual(still_shown, shown)
        self.assertLess(after, before + 100, "one row of each of 500 follow-ups is too much")


class TestAdherenceProperties(AdherenceCase):
    """Random lives of customers, told by the days that people saw before and after each thing that happened."""

    DAYS, CUSTOMERS = 40, 4

    def test_cad_11_random_lives(self):
        """CAD-11: whatever happens in whatever order, each planned day is counted once, as what it was."""
        results = Counter()
        for seed in (1, 2):
            with self.subTest(seed=seed):
                results += self._live(seed)
        self.assertLessEqual({'on_time', 'late', 'missed', 'skipped', 'paused'}, results.keys())

    def _live(self, seed):
        rng = random.Random(seed)
        with freeze_time('2026-03-02 12:00:00'):
            cadence = self._cadence(
                f"Lives {seed}",
                {'name': "Call", 'channel_id': self.call.id, 'interval_count': 7, 'interval_unit': 'day', 'grace_days': 1},
                {'name': "Mail", 'channel_id': self.email.id, 'interval_count': 12, 'interval_unit': 'day', 'grace_days': 3})
            self.customers = self.env['res.partner'].concat(*(
                self._customer(f"Life {seed} {number}", customer_cadence_id=cadence.id) for number in range(self.CUSTOMERS)))
            self.env['customer.planner']._work_queue()
        self.open, self.closed, self.events = {}, {}, []
        for number in range(self.DAYS):
            today = date(2026, 3, 2) + number * DAY
            with freeze_time(datetime.combine(today, datetime.min.time().replace(hour=12))):
                self.env.invalidate_all()
                self.env['customer.planner']._plan(self.customers.ids)
                self._look(today, None)
                for __ in range(rng.choice((0, 1, 2))):
                    customer = rng.choice(self.customers)
                    self._look(today, self._happen(rng, customer, today))
        with self._on(today):
            found = Counter(
                (row.followup_id.id, row.date, row.result, row.user_id.id, row.channel_id.id)
                for row in self.report.search([('partner_id', 'in', self.customers.ids)]))
            ids = self.report.search([('partner_id', 'in', self.customers.ids)]).ids
        self.assertEqual(len(ids), len(set(ids)))
        expected = Counter(self._told(today))
        self.assertEqual(found - expected, Counter(), "counted and never seen")
        self.assertEqual(expected - found, Counter(), "seen and not counted")
        return Counter(result for __, __, result, *__ in found)

    def _happen(self, rng, customer, today):
        """Let something happen to a customer; return what, and to which follow-up where it is one."""
        is_open = self._open(customer)
        what = rng.choice(('log', 'log', 'log', 'skip', 'move', 'give', 'pause', 'resume', 'stop', 'try'))
        if what == 'log':
            return 'done', self._log(customer, rng.choice((self.call, self.email))).id
        if what == 'try':
            self._log(customer, outcome='no_answer')
        elif what == 'resume':
            customer.action_customer_resume()
        elif what == 'stop' and rng.random() < 0.5:
            customer.write({'customer_do_not_contact': True})
            self.env['customer.planner']._plan(customer.ids)
            return 'stopped', None
        elif what == 'pause' and not customer.customer_pause_ids.filtered(lambda pause: pause.date_to >= today):
            self.env['customer.pause'].create({
                'partner_id': customer.id, 'date_from': today, 'date_to': today + rng.randint(1, 9) * DAY,
                'reason_id': self.reason.id})
        elif is_open and what in ('skip', 'move', 'give'):
            followup = rng.choice(is_open)
            if what == 'skip':
                followup._skip(self.reason)
                return 'skipped', followup.id
            if what == 'move':
                followup._move(today + rng.randint(0, 12) * DAY, self.reason)
            else:
                followup.user_id = rng.choice(self.anna + self.ben)
        return None

    def _look(self, today, happened):
        """Note what people see now, and what became of what they saw before."""
        self.env.invalidate_all()
        now = {
            followup.id: {
                'planned': followup.date_planned, 'limit': followup.date_limit, 'user': followup.user_id.id,
                'channel': followup.channel_id.id, 'paused': followup.move_kind == 'pause' and (
                    followup.date_manual or followup.date_raw)}
            for followup in self._open_of_all()}
        what, followup_id = happened or (None, None)
        for known_id, before in self.open.items():
            if known_id in now:
                if before['limit'] < today <= now[known_id]['limit']:
                    self.events.append((known_id, before['planned'], 'missed', before['user'], before['channel']))
            else:
                self.closed[known_id] = {**before, 'on': today, 'what': what if followup_id in (known_id, None) else None}
                if known_id == followup_id and what == 'done':
                    self.closed[known_id]['channel'] = self.env['customer.followup'].browse(known_id).channel_id.id
        for back_id in now.keys() & self.closed.keys():
            before = self.closed.pop(back_id)
            if before['limit'] < before['on'] <= now[back_id]['limit']:
                self.events.append((back_id, before['planned'], 'missed', before['user'], before['channel']))
        self.open = now

    def _open_of_all(self):
        return self.env['customer.followup'].search([('partner_id', 'in', self.customers.ids), ('state', '=', 'planned')])

    def _told(self, today):
        """Yield what happened on which planned day."""
        yield from self.events
        for followup_id, seen in self.open.items():
            if seen['planned'] <= today:
                yield followup_id, seen['planned'], 'missed' if seen['limit'] < today else 'open', seen['user'], seen['channel']
            yield from self._paused(followup_id, seen, today)
        for followup_id, seen in self.closed.items():
            in_time = seen['on'] <= seen['limit']
            if seen['what'] == 'done':
                result = 'on_time' if in_time else 'late'
            elif seen['what'] == 'skipped':
                result = 'skipped'
            elif not in_time:
                result = 'missed'
            else:
                result = 'stopped' if seen['planned'] <= today and seen['what'] == 'stopped' else None
            if result:
                yield followup_id, seen['planned'], result, seen['user'], seen['channel']
            if seen['what']:
                yield from self._paused(followup_id, seen, today)

    def _paused(self, followup_id, seen, today):
        if seen['paused'] and seen['paused'] <= today:
            yield followup_id, seen['paused'], 'paused', seen['user'], seen['channel']
