"""HEA-2, HEA-3, HEA-6: what people see first: card, list, filters, and the strip of the contact form."""
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, users

from odoo.addons.customer_success.engine import scoring

from .common import HealthFigures


class TestCard(HealthFigures):

    def _seen_by(self, user, partner=None):
        return (partner or self.customer).with_user(user)

    def test_hea_2_line_of_eighteen_weeks(self):
        """HEA-2: the trend has a score for each of 18 weeks, today's last, and a gap where there was none."""
        self._health(self.customer, (100, 60), (20, None), (10, 82.4))
        line = self._seen_by(self.anna).customer_health_line
        self.assertEqual(len(line), 18)
        self.assertEqual(line[-2:], [82.4, 82.4], "7 days ago and today")
        self.assertEqual(line[-3], None, "14 days ago there was no score")
        self.assertEqual(line[-4], 60, "21 days ago")
        self.assertEqual(line[0], None, "119 days ago there was nothing yet")

    def test_hea_2_change_in_thirty_days(self):
        """HEA-2: the change is the score of today less that of 30 days ago; without one of the two there is none."""
        self._health(self.customer, (100, 60), (10, 82.5))
        self.assertAlmostEqual(self._seen_by(self.anna).customer_health_change, 23, msg="of what is shown: 60 and 83")
        for stretches in ([(100, None), (10, 82)], [(100, 60), (10, None)], [(10, 82)]):
            other = self._customer("Other")
            self._health(other, *stretches)
            self.assertEqual(self._seen_by(self.anna, other).customer_health_change, 0)

    def test_hea_2_one_number_for_the_change(self):
        """HEA-2, K1: strip, list and panel say one number: the difference of the scores as people read them."""
        self._health(self.customer, (100, 70.4), (10, 61.6))
        seen = self._seen_by(self.anna)
        self.assertEqual(seen.get_customer_strip()['health']['change'], -8)
        self.assertEqual(seen.customer_health_change, -8)
        mine = [('id', '=', self.customer.id)]
        self.assertTrue(seen.search([*mine, ('customer_health_change', '<=', -8)]))
        self.assertFalse(seen.search([*mine, ('customer_health_change', '<', -8)]), "as in a list that is filtered by it")

    def test_hea_1_unhappiness_holds_the_score(self):
        """HEA-1, K1: whoever says that they are unhappy is not shown as healthy, however well the rest does."""
        rules = self.env['customer.health.rules']._collect()
        self.env['customer.health.rules']._put_caps_on_cards(rules)
        card = rules['cards'][str(self.env.ref('customer_success.customer_health_scorecard_all').id)]
        said = str(self.env.ref('customer_success.customer_health_measure_satisfaction').id)
        for value, points, healthy in ((2, 25, False), (1, 0, False), (4, 80, True)):
            parts = {key: {'p': 100, 'v': 5.0, 'd': '2026-01-01', 's': scoring.KNOWN, 'g': rule['group'], 'i': False}
                     for key, rule in rules['measures'].items()}
            for cap in rules['caps']:
                if cap['comparison'] == 'from':
                    parts[str(cap['measure'])]['v'] = 0.0
            parts[said] |= {'v': float(value), 'p': points}
            result = scoring.score(card, parts, rules['caps'])
            self.assertEqual(result.computed >= card['healthy'], healthy, (value, result.computed))
            self.assertGreaterEqual(result.uncapped, card['healthy'])

    def test_hea_1_a_cap_that_holds_nothing(self):
        """HEA-1, K1: the hold of unhappiness is a record; where it leaves a score healthy, it says so."""
        cap = self.env.ref('customer_success.customer_health_cap_unhappy')
        card = self.env.ref('customer_success.customer_health_scorecard_all')
        self.assertFalse(cap.note)
        cap.maximum = 80
        self.assertEqual(cap.note, f"Still healthy on “{card.name}” (from 75)")
        cap.maximum = 65
        self.assertFalse(cap.note)
        card.healthy_from = 60
        cap.invalidate_recordset()
        self.assertIn("(from 60)", cap.note)

    def test_hea_2_not_scored_is_not_zero(self):
        """HEA-2: who is not scored is neither found by a low score, nor counted in an average, nor shown as 0."""
        low, none = self._customer("Low"), self._customer("None")
        self._health(self.customer, (50, 80))
        self._health(low, (50, 20))
        self._health(none, (50, None))
        everybody = [('id', 'in', (self.customer + low + none).ids)]
        partners = self.env['res.partner'].with_user(self.anna)
        self.assertEqual(partners.search([*everybody, ('customer_health', '<', 50)]), low)
        self.assertEqual(partners.search([*everybody, ('customer_health', '<=', 50)]), low)
        for direction, order in (('asc', low + self.customer + none), ('desc', self.customer + low + none)):
            self.assertEqual(partners.search(everybody, order=f'customer_health {direction}'), order)
        [[average]] = partners._read_group(everybody, [], ['customer_health:avg'])
        self.assertEqual(average, 50)
        strip = none.with_user(self.anna).get_customer_strip()['health']
        self.assertEqual((strip['score'], strip['band'], strip['name']), (None, 'none', "Not scored"))
        self.assertFalse(strip['line'])

    def test_hea_2_falling_health_is_found_and_sorted(self):
        """HEA-2: customers whose health fell are found, and the list sorts by the change."""
        rose, fell, none = (self._customer(name) for name in ("Rose", "Fell", "Unknown"))
        self._health(rose, (90, 40), (5, 90))
        self._health(fell, (90, 90), (5, 40))
        self._health(none, (5, 40))
        everybody = [('id', 'in', (rose + fell + none).ids)]
        partners = self.env['res.partner'].with_user(self.anna)
        self.assertEqual(partners.search([*everybody, ('customer_health_change', '<', 0)]), fell)
        self.assertEqual(partners.search(everybody, order='customer_health_change'), fell + rose + none)
        self.assertEqual(partners.search(everybody, order='customer_health_change desc'), rose + fell + none)

    def test_hea_3_warnings_on_the_card(self):
        """HEA-3: the card counts open warnings and names the worst; closed and put-off ones are left out."""
        self._warn(self.customer, 'one', '1')
        self._warn(self.customer, 'two', '2', state='working')
        self._warn(self.customer, 'three', '3', state='closed')
        self._warn(self.customer, 'four', '3', snooze_until=self._ago(-5))
        seen = self._seen_by(self.anna)
        self.assertEqual((seen.customer_warning_count, seen.customer_warning_level), (2, '2'))
        partners = self.env['res.partner'].with_user(self.anna)
        mine = [('id', '=', self.customer.id)]
        self.assertTrue(partners.search([*mine, ('customer_warning_level', '=', '2')]))
        self.assertTrue(partners.search([*mine, ('customer_warning_level', '!=', False)]))
        self.assertFalse(partners.search([*mine, ('customer_warning_level', '=', '3')]))
        self.assertFalse(partners.search([*mine, ('customer_warning_level', '=', False)]))
        self.assertEqual(partners._read_group(mine, ['customer_warning_level'], ['__count']), [('2', 1)])

    def test_hea_3_sorted_by_the_worst_warning(self):
        """HEA-3: sorted by warnings either way, who has none comes last; a page is a part of all."""
        red, yellow, orange, none, closed, hidden = customers = self.env['res.partner'].concat(*(
            self._customer(name) for name in ("Red", "Yellow", "Orange", "None", "Closed", "Hidden")))
        for partner, *levels in ((red, '1', '3'), (yellow, '1'), (orange, '2'), (hidden, '3')):
            for level in levels:
                self._warn(partner, f'of {level}', level)
        self._warn(closed, 'closed', '3', state='closed')
        hidden.user_id = self.otto
        partners, everybody = self.env['res.partner'].with_user(self.anna), [('id', 'in', customers.ids)]
        for direction, some in (('desc', red + orange + yellow), ('', yellow + orange + red)):
            order = f'customer_warning_level {direction}, id'
            self.assertEqual(partners.search(everybody, order=order), some + none + closed + hidden, order)
            for offset, limit in ((0, 1), (0, 3), (1, 3), (2, 4), (0, 80), (6, 2)):
                self.assertEqual(
                    partners.search(everybody, order=order, offset=offset, limit=limit).ids,
                    (some + none + closed + hidden).ids[offset:offset + limit], (order, offset, limit))

    def test_hea_2_groups_come_in_the_order_of_the_bands(self):
        """HEA-2: the board shows healthy customers first and those without a score last."""
        customers = self.customer
        for score in (None, 20, 60, 90):
            customers += self._customer(f"At {score}")
            self._health(customers[-1], (9, score))
        self._health(self.customer, (9, 95))
        groups = self.env['res.partner']._read_group(
            [('id', 'in', customers.ids)], ['customer_health_band'], ['__count'])
        self.assertEqual(groups, [('healthy', 2), ('watch', 1), ('risk', 1), ('none', 1)])

    @users('otto')
    def test_hea_2_what_is_not_mine_does_not_leak(self):
        """HEA-2: of another's customer neither the history of its health nor its warnings nor a proposal are shown."""
        self._health(self.customer, (90, 40), (5, 90))
        self._warn(self.customer, 'one', '3')
        seen = self.customer.with_env(self.env)
        self.assertFalse(seen.customer_health_line)
        self.assertFalse(seen.customer_health_change)
        self.assertFalse(seen.customer_warning_count)
        self.assertFalse(seen.customer_next_action)
        for domain in ([('customer_warning_level', '=', '3')], [('customer_health_change', '>', 0)]):
            self.assertFalse(self.env['res.partner'].search([('id', '=', seen.id), *domain]))

    @users('nils')
    def test_hea_2_without_a_role_nothing_is_shown(self):
        """HEA-2: who has no role in the addon can't read the strip, nor any of its fields."""
        with self.assertRaises(AccessError):
            self.customer.with_env(self.env).get_customer_strip()
        self.assertNotIn('customer_health_line', self.env['res.partner'].fields_get())

    def test_hea_6_strip(self):
        """HEA-6: the strip holds tier, segment, health, risk, warnings, contacts and what is best done next."""
        segment = self.env['customer.segment'].create({'name': "Stars", 'color': 4})
        self.customer.sudo().write({
            'customer_tier_id': self.tier_high.id, 'customer_segment_id': segment.id, 'customer_risk_level': 'medium'})
        self._health(self.customer, (90, 70), (5, 82))
        self._warn(self.customer, 'one', '3')
        self._log(self.customer.with_user(self.anna), feedback="All fine")
        strip = self._seen_by(self.anna).get_customer_strip()
        self.assertEqual(strip['tier']['name'], self.tier_high.name)
        self.assertEqual((strip['segment']['name'], strip['segment']['color']), ("Stars", 4))
        self.assertEqual(strip['risk'], {'level': 'medium', 'name': "Medium"})
        self.assertEqual((strip['health']['score'], strip['health']['change']), (82, 12))
        self.assertEqual((strip['warnings']['count'], strip['warnings']['name']), (1, "Red"))
        self.assertIn("All fine", strip['last'])
        self.assertTrue(strip['next'])
        self.assertEqual(strip['state'], self._seen_by(self.anna).customer_contact_state)
        self.assertTrue(strip['next_action']['reason'])

    def test_hea_6_strip_of_who_is_paused_or_stopped(self):
        """HEA-6: while contacts are paused or stopped the strip says so, and says nothing of a next one."""
        self.env['customer.pause'].create({
            'partner_id': self.customer.id, 'date_to': self._ago(-9), 'reason_id': self.reason.id})
        strip = self._seen_by(self.anna).get_customer_strip()
        self.assertEqual((strip['state'], strip['next']), ('paused', False))
        self.assertTrue(strip['paused_until'])
        self.customer.sudo().write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "Asked for it"})
        strip = self._seen_by(self.anna).get_customer_strip()
        self.assertEqual((strip['state'], strip['stopped_reason']), ('stopped', "Asked for it"))

    def test_hea_6_strip_of_other_contacts(self):
        """HEA-6: a contact that is no customer has no strip."""
        person = self.env['res.partner'].create({'name': "Person", 'parent_id': self.customer.id})
        self.assertEqual(person.with_user(self.anna).get_customer_strip(), {})

    def test_hea_6_the_form_reads_nothing_of_the_strip(self):
        """HEA-6: opening a contact computes none of the figures; the strip asks for them afterwards."""
        arch = self.env['res.partner'].with_user(self.anna).get_view(view_type='form')['arch']
        self.assertIn('customer_strip', arch)
        for name in ('customer_health_line', 'customer_next_action', 'customer_last_text', 'customer_contact_state',
                     'customer_tier_badge', 'customer_warning_count'):
            self.assertNotIn(f'"{name}"', arch)

    def test_hea_3_open_the_warnings(self):
        """HEA-3: a click on the warnings opens the one that is open, or the list of them."""
        first = self._warn(self.customer, 'one', '1')
        action = self._seen_by(self.anna).action_customer_open_warnings()
        self.assertEqual((action['res_id'], action['views']), (first.id, [(False, 'form')]))
        second = self._warn(self.customer, 'two', '1')
        action = self._seen_by(self.anna).action_customer_open_warnings()
        self.assertEqual(action['domain'], [('id', 'in', (second + first).ids)])

    def test_cul_3_local_time_on_the_card(self):
        """CUL-3: the card says what the clock says at the customer's, where that is not what the user's says."""
        here, there = self._customer("Here"), self._customer("There", country_id=self.env.ref('base.sa').id)
        with self._on('2026-03-02', hour=12):
            self.assertFalse(here.with_user(self.anna).customer_local_time)
            self.assertIn("3:00", there.with_user(self.anna).customer_local_time)
            self.anna.tz = 'Asia/Riyadh'
            self.assertFalse(there.with_user(self.anna).with_context(tz='Asia/Riyadh').customer_local_time)

    def test_hea_2_query_count(self):
        """HEA-2: the figures of many cards cost as many queries as those of a few."""
        names = ['customer_health_line', 'customer_health_change', 'customer_warning_count', 'customer_warning_level',
                 'customer_next_action', 'customer_next_reason']

        def cost(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            partners.with_user(self.anna).read(names)
            return self.env.cr.sql_log_count - start

        customers = self.customer
        for number in range(20):
            customers += self._customer(f"Many {number}", customer_cadence_id=self.cadence.id)
            self._health(customers[-1], (90, 40 + number), (5, 50))
            self._warn(customers[-1], 'one', '2')
        cost(customers[:3])
        self.assertEqual(cost(customers[1:4]), cost(customers[1:]))


class TestCardTour(HttpCase, HealthFigures):

    def test_hea_6_tour_card_and_strip(self):
        """HEA-6: from the card to the form; what is best done next is done with one click, and the strip follows."""
        self._health(self.customer, (90, 70), (5, 82))
        self.env['res.partner'].create({'name': "Person", 'parent_id': self.customer.id})
        followup = self._open(self.customer)
        followup.sudo().write({'date_planned': self._ago(9), 'date_limit': self._ago(6)})
        self.env['customer.followup'].flush_model()
        other = self._customer("Unscored Ltd")
        self._health(other, (5, None))
        pause = self.env['customer.pause'].create({
            'partner_id': other.id, 'date_to': self._ago(-9), 'reason_id': self.reason.id})
        self.start_tour('/odoo/customer-success', 'customer_success_card', login='anna')
        self.env.invalidate_all()
        self.assertEqual(followup.state, 'done')
        self.assertEqual(followup.feedback, "Everything runs")
        self.assertEqual(fields.Date.to_date(followup.contact_day), self.today)
        self.assertFalse(pause.exists().filtered_domain(pause._running_domain()))
