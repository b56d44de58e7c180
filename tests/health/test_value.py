"""SEG-5: what a customer is worth, by records that say how."""
from datetime import date

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, mute_logger

from ...engine import worth
from .value_common import ValueCase

TODAY = '2026-03-11'


@freeze_time(TODAY)
class TestValue(ValueCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Value Ltd")

    # ------------------------------------------------------------
    # THE SCORE
    # ------------------------------------------------------------

    def test_seg_5_score(self):
        """SEG-5: 30 of 40 for a with 80 points, 10 of 40 for 3 × 60 and 1 × 20 of b and c."""
        self._set(self.customer, a=80, b=60, c=20)
        value = self._value_anew(self.customer)
        # 0.75 × 80 + 0.25 × 50
        self.assertEqual((value.score, value.band, value.coverage), (72.5, 'high', 100))
        rows = value._explain_score()
        self.assertEqual([(row['name'], row['points'], row['earned']) for row in rows], [("Now", 80, 60), ("Before", 50, 12.5)])
        self.assertEqual([row['earned'] for row in rows[1]['components']], [11.25, 1.25])
        self.assertIn("72.50", value.explanation)
        self.assertIn("Component b is 60", value.explanation)

    def test_seg_5_unknown(self):
        """SEG-5: what is not known is left out, and the explanation says so; below the minimum nothing is said."""
        self._set(self.customer, a=80, c=20)
        value = self._value_anew(self.customer)
        self.assertEqual((value.score, value.coverage), (0.75 * 80 + 0.25 * 20, 81))
        self.assertIn("not known: left out, the others weigh more", value.explanation)
        self._set(self.customer, c=None)
        value = self._value_anew(self.customer)
        self.assertEqual((value.score, value.coverage), (80, 75))
        self.assertIn("nothing is known: the other dimensions weigh more", value.explanation)
        self._set(self.customer, a=None, b=100)
        value = self._value_anew(self.customer)
        self.assertEqual((value.band, value.coverage), ('none', 18))
        self.assertIn("Too little is known for a value score: 18 % of the value model, and it takes 40 %.", value.explanation)
        self.env.cr.execute("SELECT score FROM customer_value WHERE id = %s", [value.id])
        self.assertEqual(self.env.cr.fetchone(), (None,))

    def test_seg_5_minimum_known(self):
        """SEG-5: exactly the share that it takes is enough."""
        self._set(self.customer, a=50)
        for least, known in ((75, True), (76, False)):
            self._settings(value_minimum_known=least)
            self.assertEqual(self._value_anew(self.customer).band != 'none', known, least)

    def test_seg_5_bands(self):
        """SEG-5: every boundary of the points by bands, between two ends, and of the bands of the score."""
        component = self.component_a
        component.write({'way': 'bands', 'band_ids': self._bands((0, 0), (10000, 40), (50000, 100))})
        (self.component_b + self.component_c).action_archive()
        for value, points in ((0, 0), (9999.99, 0), (10000, 40), (49999, 40), (50000, 100), (1e9, 100), (-5, 0)):
            self._set(self.customer, a=value)
            self.assertEqual(self._value_anew(self.customer).score, points, value)
        component.write({'way': 'linear', 'worst_at': 5, 'best_at': 1})
        for value, points, band in (
            (5, 0, 'low'), (6, 0, 'low'), (3.64, 34, 'low'), (3.6, 35, 'middle'), (2.44, 64, 'middle'), (2.4, 65, 'high'),
            (1, 100, 'high'), (0, 100, 'high'),
        ):
            self._set(self.customer, a=value)
            found = self._value_anew(self.customer)
            self.assertEqual((found.score, found.band), (points, band), value)

    def test_seg_5_too_old(self):
        """SEG-5: a value that is older than it is valid is not known; on the last day it is."""
        self.component_a.validity_days = 30
        for day, points in (('2026-02-09', 80), ('2026-02-08', None)):
            self._set(self.customer, as_of=fields.Date.to_date(day), a=80)
            value = self._value_anew(self.customer)
            self.assertEqual(value.score if value.band != 'none' else None, points)
        self.assertIn("too old", value.explanation)

    def test_seg_5_problem(self):
        """SEG-5: a component that fails is set aside and says why; all are valued without it, and with it once it works."""
        self._set(self.customer, a=80, b=10)
        self.broken['b'] = SQL("SELECT 1 AS partner_id, 1 / 0 AS value, NULL::date AS as_of")
        with mute_logger('odoo.sql_db', 'odoo.addons.customer_success.models.health.customer_judging'):
            result = self.value_refresh._refresh()
        self.assertEqual(result['failed'], 1)
        self.assertTrue(self.component_b.problem)
        self.assertEqual(self._value(self.customer).score, 80)
        self.broken.clear()
        self.value_refresh._refresh()
        self.assertFalse(self.component_b.problem)
        self.assertEqual(self._value(self.customer).score, 0.75 * 80 + 0.25 * 10)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.one_of(st.none(), st.integers(-20, 120)), min_size=3, max_size=3), st.integers(1, 9), st.integers(1, 9))
    def test_seg_5_as_the_engine(self, values, weight, other):
        """SEG-5, property: the statement says what the engine says, and what is given adds up to it to 0.01."""
        self.component_b.weight, self.past.weight = weight, other
        self._set(self.customer, **dict(zip('abc', values, strict=True)))
        value = self._value_anew(self.customer)
        found = worth.worth(value.parts or {}, 40)
        self.assertEqual(value.score if value.band != 'none' else None, found.score)
        self.assertEqual(value.coverage, found.coverage)
        if value.band != 'none':
            rows = value._explain_score()
            self.assertAlmostEqual(sum(row['earned'] for row in rows), value.score, places=6)

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    def test_seg_5_only_what_changed(self):
        """SEG-5: what does not differ is not written; who is no customer any more has no value."""
        self._set(self.customer, a=80)
        self._value_anew()
        self.assertEqual(self.value_refresh._refresh()['rows'], 0)
        self._set(self.customer, a=81)
        self.assertEqual(self.value_refresh._refresh()['rows'], 2)  # and its history
        self.customer.action_customer_exclude()
        self._value_anew()
        self.assertFalse(self._value(self.customer))

    def test_seg_5_history(self):
        """SEG-5: a row a month, as it ended, and only of months in which something changed."""
        history = self.env['customer.value.history']
        for day, value in (('2026-01-05', 80), ('2026-01-20', 60), ('2026-02-03', 60.2), ('2026-03-30', 30)):
            with freeze_time(day):
                self._set(self.customer, a=value)
                self._value_anew(self.customer)
        rows = history.search([('partner_id', '=', self.customer.id)], order='month')
        self.assertEqual([(row.month, row.score, row.band) for row in rows], [
            (date(2026, 1, 1), 60, 'middle'), (date(2026, 3, 1), 30, 'low')])

    def test_seg_5_queries(self):
        """SEG-5: as many queries for 58 customers as for two."""
        customers = self.env['res.partner'].create([
            {'name': f"Many {n}", 'is_company': True, 'customer_enrolment': 'enrolled'} for n in range(60)])
        for customer in customers + self.customer:
            self._set(customer, a=50, b=20)
        self.value_refresh._refresh(self.customer.ids)
        counts = []
        for some in (customers[:2], customers[2:]):
            before = self.env.cr.sql_log_count
            self.value_refresh._refresh(some.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # ------------------------------------------------------------
    # ON CUSTOMERS
    # ------------------------------------------------------------

    def test_seg_5_search(self):
        """SEG-5: customers are found, grouped and sorted by their value; who has none is neither small nor large."""
        low, none = self._customer("Low Ltd"), self._customer("None Ltd")
        self._set(self.customer, a=80)
        self._set(low, a=10)
        three = self.customer + low + none
        self._value_anew(*three)
        partners = self.env['res.partner'].with_user(self.anna)
        mine = [('id', 'in', three.ids)]
        self.assertEqual(partners.search([*mine, ('customer_value_score', '<', 50)]), low)
        self.assertEqual(partners.search([*mine, ('customer_value_score', '>=', 80)]), self.customer)
        self.assertEqual(partners.search([*mine, ('customer_value_band', '=', 'high')]), self.customer)
        self.assertEqual(partners.search([*mine, ('customer_value_band', 'in', ['low', 'none'])]), low + none)
        self.assertEqual(partners.search([*mine, ('customer_value_band', '!=', 'high')]), low + none)
        self.assertEqual(partners.search(mine, order='customer_value_score desc').ids, (self.customer + low + none).ids)
        self.assertEqual(partners.search(mine, order='customer_value_score').ids, (low + self.customer + none).ids)
        groups = partners._read_group(mine, ['customer_value_band'], ['__count'])
        self.assertEqual(groups, [('high', 1), ('low', 1), ('none', 1)])
        self.assertEqual(self.customer.customer_value_score, 80)

    def test_seg_5_panel(self):
        """SEG-5: the tab Relationship shows the value, and why opens the explanation."""
        self._set(self.customer, a=80)
        self._value_anew(self.customer)
        self.customer.user_id = self.anna
        shown = self.customer.with_user(self.anna).get_customer_relationship()['value']
        self.assertEqual((shown['points'], shown['name']), ("80", "High"))
        self.assertIn("No estimate: it takes 3 days with an order, and there are 0.", shown['expected'])
        action = self.customer.with_user(self.anna).action_customer_value()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.value', self._value(self.customer).id))
        self.assertFalse(self.customer.with_user(self.otto).get_customer_relationship()['value'])
        with self.assertRaisesRegex(UserError, "is looked up every night"):
            self._customer("New Ltd").action_customer_value()

    def test_seg_5_recompute(self):
        """SEG-5: Recompute now values the customer at once."""
        self._set(self.customer, a=80)
        self.customer.user_id = self.anna
        self.customer.with_user(self.anna).action_customer_recompute()
        self.assertEqual(self._value(self.customer).score, 80)

    def test_seg_5_handover(self):
        """SEG-5, PRO-7: the sheet for whoever takes over says what the customer is worth."""
        self._set(self.customer, a=80)
        sheet = self.env['customer.handover.sheet']
        self.assertFalse([part for part in sheet._parts(self.customer) if part.title == "Customer Value"])
        self._value_anew(self.customer)
        [part] = [part for part in sheet._parts(self.customer) if part.title == "Customer Value"]
        self.assertTrue(part.rows[0][1].startswith("Value score 80.00 of 100."), part.rows)
        self.assertEqual(part.rows[1][0], "Next 12 months (estimate)")

    def test_seg_5_rules_anew(self):
        """SEG-5: whoever changes the model, or a setting of it, has all customers valued anew as soon as possible."""
        cron = self.env.ref('customer_success.ir_cron_value')
        triggers = self.env['ir.cron.trigger']

        def woken():
            before = triggers.search_count([('cron_id', '=', cron.id)])
            yield
            yield triggers.search_count([('cron_id', '=', cron.id)]) > before
        for change in (
            lambda: self.component_a.write({'weight': 3}), lambda: self.current.write({'weight': 3}),
            lambda: self._component(self.past, 'c', 1), lambda: self._settings(value_high_from=70),
        ):
            watch = woken()
            next(watch)
            change()
            self.assertTrue(next(watch))
        self._set(self.customer, a=66, b=66, c=66)
        self._run_cron('value')
        self.assertEqual(self._value(self.customer).band, 'middle')
        self.assertIn("1 of them valued", self.env['customer.run'].search([('name', '=', 'value')], limit=1).note)

    def test_seg_5_rights(self):
        """SEG-5: own customers, own team, all; nobody else, and nobody writes; the model is the manager's."""
        self._set(self.customer, a=80)
        self._value_anew(self.customer)
        self.customer.user_id = self.anna
        values = self.env['customer.value']
        seen = {user.login: bool(values.with_user(user).search([('partner_id', '=', self.customer.id)]))
                for user in (self.anna, self.otto, self.lena, self.li, self.mara)}
        self.assertEqual(seen, {'anna': True, 'otto': False, 'lena': True, 'li': False, 'mara': True})
        with self.assertRaises(AccessError):
            values.with_user(self.nils).search([])
        with self.assertRaises(AccessError):
            self._value(self.customer).with_user(self.mara).write({'score': 1})
        with self.assertRaises(AccessError):
            self.component_a.with_user(self.lena).write({'weight': 1})
        self.component_a.with_user(self.mara).write({'weight': 1})

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_seg_5_refused(self):
        """SEG-5: what makes no sense is refused in words."""
        component = self.component_a
        with self._invalid("would give 0 and 100 points at the same value, 7"):
            component.write({'worst_at': 7, 'best_at': 7})
        with self._invalid("needs at least one band"):
            component.write({'way': 'bands'})
        with self._invalid("must be between 0"):
            component.write({'way': 'bands', 'band_ids': self._bands((0, 101))})
        with self._invalid("Two bands of"):
            component.write({'way': 'bands', 'band_ids': self._bands((0, 1), (0, 2))})
        with self._invalid("The weight of “Now” is negative"):
            self.current.weight = -1
        with self._invalid("nobody would have a value score"):
            (self.current + self.past).write({'weight': 0})
        with self._invalid("nobody would have a value score"):
            (self.current + self.past).action_archive()
        self.assertNotIn('value_score', component._sources(), "the score is no component of itself")

    def test_seg_5_nothing_counts(self):
        """SEG-5: without any component that weighs, nobody has a score, and nothing fails."""
        self._set(self.customer, a=80)
        self._value_anew(self.customer)
        (self.component_a + self.component_b + self.component_c).write({'weight': 0})
        self.assertEqual(self._value_anew(self.customer).band, 'none')

    # ------------------------------------------------------------
    # INFLUENCE
    # ------------------------------------------------------------

    def test_seg_5_influence(self):
        """SEG-5: what somebody says of the influence counts at once, with who said it; the latest holds."""
        self.component_a.write({
            'source': 'influence', 'way': 'bands', 'band_ids': self._bands((1, 0), (2, 40), (3, 75), (4, 100))})
        self.customer.user_id = self.anna
        influence = self.env['customer.influence'].with_user(self.anna)
        for day, level, points in (('2026-03-01', '2', 40), ('2026-03-11', '4', 100), ('2026-02-01', '1', 100)):
            judged = influence.create({'partner_id': self.customer.id, 'date': day, 'level': level, 'note': "Trade fair"})
            self.assertEqual((judged.user_id, self._value(self.customer).score), (self.anna, points))
        self.assertIn("Sets the tone in its industry, judged on 03/11/2026", self._value(self.customer).explanation)
        with self._invalid("Nobody knows today how Value Ltd will be on"):
            influence.create({'partner_id': self.customer.id, 'date': '2026-03-12', 'level': '1'})
        influence.search([('level', '=', '4')]).unlink()
        self.assertEqual(self._value(self.customer).score, 40)
        with self.assertRaises(AccessError):
            self.env['customer.influence'].with_user(self.otto).create({'partner_id': self.customer.id, 'level': '1'})
        action = self.customer.with_user(self.anna).action_customer_influence()
        self.assertEqual(action['res_id'], False)
        with self.assertRaisesRegex(UserError, "Choose one customer that is under care"):
            self.env['res.partner'].create({'name': "Nobody"}).action_customer_influence()

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def test_seg_5_merge(self):
        """SEG-5: judgements and history go along when contacts are merged, one a day and one a month."""
        other = self._customer("Other Ltd")
        influence, history = self.env['customer.influence'], self.env['customer.value.history']
        for customer, level, note in ((other, '1', "first"), (self.customer, '4', "second")):
            influence.create({'partner_id': customer.id, 'date': '2026-03-01', 'level': level, 'note': note})
        influence.create({'partner_id': other.id, 'date': '2026-01-01', 'level': '2'})
        self._set(self.customer, a=80)
        self._set(other, a=20)
        with freeze_time('2026-02-02'):
            self._value_anew(other)
        self._value_anew(self.customer, other)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.customer + other).ids, self.customer)
        judged = influence.search([('partner_id', '=', self.customer.id)])
        self.assertEqual(len(judged), 2)
        self.assertIn("second", judged[0].note)
        self.assertEqual(len(self._value(self.customer)), 1)
        months = history.search([('partner_id', '=', self.customer.id)], order='month').mapped('month')
        self.assertEqual(months, [date(2026, 2, 1), date(2026, 3, 1)])
