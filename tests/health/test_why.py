"""Why the health of a customer is what it is, and why it changed (HEA-2)."""
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .why_common import WhyCase

GOOD = {"Orders": 90, "Paying": 90, "Mood": 90, "Logins": 90}


@tagged('post_install', '-at_install')
class TestWhy(WhyCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Northwind")

    def _panel(self, days=30, user=None):
        self.env.flush_all()
        return self.customer.with_user(user or self.anna).get_customer_health(days)

    def _amounts(self, panel):
        return {(term['kind'], term['label']): term['amount'] for term in panel['change']['terms']}

    def test_hea_2_why_it_fell(self):
        """HEA-2: the terms name what happened, with the value before and now, and add up to the shown change."""
        self._history(self.customer, (60, GOOD), (5, GOOD | {"Orders": 40, "Logins": 100}))
        panel = self._panel()
        self.assertEqual((panel['now']['score'], panel['now']['band'], panel['now']['band_label']), (72, 'watch', "Watch"))
        self.assertEqual((panel['change']['was'], panel['change']['total']), (90, -18))
        self.assertEqual(self._amounts(panel), {('measure', "Orders"): -20, ('measure', "Logins"): 2})
        self.assertEqual(panel['change']['terms'][0]['detail'], "Orders stands at 40; before: Orders stands at 90")
        self.assertEqual(panel['say'], [{'measure': "Orders", 'text': "Ask about the next order."}])

    def test_hea_2_what_is_shown_adds_up(self):
        """HEA-2: rounded figures add up as well: the terms to the change, the earned points to the score."""
        self._history(
            self.customer, (60, {"Orders": 70, "Paying": 80, "Mood": 100}), (5, {"Orders": 50, "Paying": 90, "Mood": 80}))
        panel = self._panel()
        self.assertEqual(panel['change']['total'], panel['now']['score'] - panel['change']['was'])
        self.assertEqual(sum(term['amount'] for term in panel['change']['terms']), panel['change']['total'])
        rows = {row['name']: row for group in panel['groups'] for row in group['measures']}
        counting = [row for row in rows.values() if row['earned'] is not None]
        self.assertEqual(len(counting), 3, "what is not known earns nothing and misses nothing")
        self.assertEqual(sum(row['earned'] for row in counting), panel['now']['score'])
        self.assertEqual(sum(row['earned'] + row['missing'] for row in counting), 100)
        self.assertEqual(rows["Logins"]['note'], "not known: left out, the others weigh more")
        self.assertEqual(rows["Logins"]['weight'], 20)

    def test_hea_2_too_old(self):
        """HEA-2: a value that grew too old is named as such, with its last day; a valid one says until when."""
        self._history(self.customer, (60, GOOD | {"Mood": (100, 50)}), (5, GOOD | {"Mood": (100, 105)}))
        panel = self._panel()
        self.assertEqual(self._amounts(panel), {('known', "Mood"): -2})
        self.assertIn("Too old to count, last known on", panel['change']['terms'][0]['detail'])
        self._history(self.customer, (5, GOOD | {"Mood": (100, 75)}))
        row = self._panel()['groups'][2]['measures'][0]
        self.assertEqual((row['name'], row['ends_soon']), ("Mood", True))
        self.assertEqual(row['until'], fields.Date.to_string(self.today + timedelta(days=10)))

    def test_hea_2_imputed(self):
        """HEA-2: what stands in the place of an unknown value says so."""
        self.usage.missing_policy = 'neutral'
        self._version(300, "Neutral")
        self._history(self.customer, (5, {"Orders": 90, "Paying": 90, "Mood": 90}))
        row = self._panel()['groups'][2]['measures'][1]
        self.assertEqual((row['points'], row['imputed'], row['note']), (50, True, "not known: counts as 50 points"))

    def test_hea_2_capped(self):
        """HEA-2: the cap is named, with the score that there would be without it, and is a term of its own."""
        self._history(self.customer, (60, GOOD), (5, GOOD | {"Paying": 10}))
        panel = self._panel()
        self.assertEqual(panel['now']['score'], 50)
        self.assertEqual(panel['now']['cap'], {'name': "Bad debts", 'maximum': 50, 'uncapped': 74})
        self.assertEqual(self._amounts(panel), {('measure', "Paying"): -16, ('cap', "Bad debts"): -24})
        self._history(self.customer, (60, GOOD | {"Paying": 10}), (5, GOOD))
        panel = self._panel()
        self.assertFalse(panel['now']['cap'])
        self.assertEqual(self._amounts(panel), {('measure', "Paying"): 16, ('cap', "Bad debts"): 24})

    def test_hea_2_set_by_hand(self):
        """HEA-2: what is set by hand shows its reason and end, and the computed score beside it."""
        override = self.env['customer.health.override'].with_user(self.lena).create({
            'partner_id': self.customer.id, 'score': 80, 'reason': "New contract",
            'date_to': self.today + timedelta(days=20)})
        self._history(self.customer, (60, GOOD), (5, GOOD | {"Orders": 10}), override=override)
        panel = self._panel()
        self.assertEqual((panel['now']['score'], panel['now']['computed'], panel['now']['band']), (80, 58, 'healthy'))
        self.assertEqual(panel['now']['override'] | {'id': 0}, {
            'id': 0, 'score': 80, 'reason': "New contract", 'user': "Lena", 'may_end': False,
            'until': fields.Date.to_string(self.today + timedelta(days=20))})
        self.assertEqual(self._amounts(panel), {('measure', "Orders"): -32, ('override', "Set by hand"): 22})
        self.assertTrue(self._panel(user=self.lena)['now']['override']['may_end'])
        self.assertEqual((panel['may']['override'], self._panel(user=self.lena)['may']['override']), (False, True))

    def test_hea_2_changed_rules(self):
        """HEA-2: changed rules are a term in the words of the version, and a mark on the chart with who and when."""
        values = GOOD | {"Orders": 50}
        self.card.line_ids[0].weight = 140
        self._version(10, "Orders weighs 140 (before: 40)")
        self._history(self.customer, (60, values), (10, values))
        panel = self._panel()
        self.assertEqual(self._amounts(panel), {('rules', "Rules changed"): -12})
        self.assertEqual(panel['change']['terms'][0]['detail'], "Orders weighs 140 (before: 40)")
        self.assertEqual(
            [(mark['date'], mark['summary'], mark['user']) for mark in panel['history']['marks']],
            [(fields.Date.to_string(self.today - timedelta(days=10)), "Orders weighs 140 (before: 40)", "Mara")])

    def test_hea_2_another_card(self):
        """HEA-2: that a customer is judged by another card is told apart from changed rules."""
        other = self.card.copy({'name': "Few measures"})
        other.line_ids.filtered(lambda line: line.measure_id != self.orders).weight = 1
        self._version(300, "A second card")
        __, second = self._history(self.customer, (60, GOOD | {"Orders": 50}), (5, GOOD | {"Orders": 50}))
        second.write({'scorecard_id': other.id, 'score': 52.79, 'computed': 52.79})
        panel = self._panel()
        self.assertEqual(self._amounts(panel), {('rules', "Another scorecard"): -21})
        self.assertIn("Few measures", panel['change']['terms'][0]['detail'])

    def test_hea_2_not_scored(self):
        """HEA-2: without a score there is no zero, no change, and the reason is said."""
        self._history(self.customer, (60, GOOD), (5, {"Orders": 90}))
        panel = self._panel()
        self.assertEqual((panel['now']['score'], panel['now']['band'], panel['now']['computed']), (None, 'none', None))
        self.assertEqual(panel['now']['why_none'], "Too little is known: 40 % of what the score is made of, and it takes 60 %.")
        self.assertIsNone(panel['change']['total'])
        self.assertEqual(panel['change']['note'], "There is no score today, so there is no change to explain.")
        self.assertEqual([stretch['score'] for stretch in panel['history']['stretches']], [90, None])
        self._history(self.customer, (60, {"Orders": 90}), (5, GOOD))
        self.assertEqual(self._panel()['change']['note'], "30 days ago there was no score: too little was known.")
        self._history(self.customer, (5, GOOD))
        self.assertIn("was not measured yet", self._panel()['change']['note'])
        self.card.minimum_groups = 3
        self._version(4, "Three groups")
        self._history(self.customer, (3, {"Orders": 90, "Paying": 90}))
        self.assertIn("Too few sides of the relation are known: 2", self._panel()['now']['why_none'])

    def test_hea_2_nothing_yet(self):
        """HEA-2: a customer that was never measured says so; a contact that is no customer has no panel at all."""
        self.customer.customer_snapshot_ids.unlink()
        panel = self._panel()
        self.assertIn("has not been measured yet", panel['now']['why_none'])
        self.assertEqual((panel['hidden'], panel['groups'], panel['change']), ('', [], {}))
        nobody = self.env['res.partner'].create({'name': "Nobody"})
        self.assertEqual(nobody.with_user(self.anna).get_customer_health(), {})

    def test_hea_2_period(self):
        """HEA-2: the change is explained over the days that are asked for."""
        self._history(self.customer, (80, GOOD), (20, GOOD | {"Orders": 50}), (3, GOOD | {"Orders": 40}))
        self.assertEqual([self._panel(days)['change']['total'] for days in (2, 7, 30, 79)], [0, -4, -20, -20])

    def test_hea_2_by_now(self):
        """HEA-2: what happened since last night is shown with the points that it will give."""
        self._history(self.customer, (60, GOOD))
        part = self.customer.customer_snapshot_ids.parts[str(self.orders.id)]
        type(self).live = {str(self.orders.id): {**part, 'v': 30, 'p': 30}}
        self.addCleanup(setattr, type(self), 'live', {})
        row = self._panel()['groups'][0]['measures'][0]
        self.assertEqual((row['points'], row['sentence']), (90, "Orders stands at 30"))
        self.assertEqual(row['note'], "by now 30 points; it counts from tonight on")

    def test_hea_2_who_may_see(self):
        """HEA-2: the health of others' customers is not for everybody; it says whom to ask, and nothing else."""
        self._history(self.customer, (60, GOOD))
        person = self.env['res.partner'].create({'name': "Person", 'parent_id': self.customer.id})
        for user in (self.anna, self.lena, self.mara):
            self.assertEqual(person.with_user(user).get_customer_health()['now']['score'], 90, user.name)
        for user in (self.ben, self.li, self.otto):
            panel = self._panel(user=user)
            self.assertEqual(panel['hidden'], "Anna")
            self.assertNotIn('now', panel)
            self.assertNotIn('facts', panel)
        with self.assertRaises(AccessError):
            self._panel(user=self.nils)
        self.customer.company_id = self.env.company
        with self.assertRaises(AccessError):
            self._panel(user=self.zoe)

    def test_hea_2_history_costs_the_same(self):
        """HEA-2: a long history takes no more queries than a short one."""
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._panel()
            return self.env.cr.sql_log_count - before
        self._history(self.customer, (60, GOOD), (5, GOOD | {"Orders": 40}))
        queries()
        few = queries()
        self._history(self.customer, *[(200 - number, GOOD | {"Orders": number % 100}) for number in range(120)])
        self.assertLessEqual(queries(), few)

    def test_hea_2_dialog_and_history(self):
        """HEA-2: the dialog opens from the customer, a contact of it and a line of the history; the line says what it was."""
        snapshots = self._history(self.customer, (60, GOOD), (5, GOOD | {"Orders": 40}))
        person = self.env['res.partner'].create({'name': "Person", 'parent_id': self.customer.id})
        for action in (person.with_user(self.anna).action_customer_health(), snapshots[0].with_user(self.anna).action_why()):
            self.assertEqual((action['tag'], action['params']), ('customer_health_why', {'partner_id': self.customer.id}))
        history = person.with_user(self.anna).action_view_customer_snapshots()
        found = self.env['customer.health.snapshot'].with_user(self.anna).search(history['domain'])
        self.assertEqual(found, snapshots[::-1])
        self.assertIn("Orders stands at 90", str(snapshots[0].with_user(self.anna).parts_html))
        self.assertIn("Orders stands at 40", str(snapshots[1].with_user(self.anna).parts_html))
