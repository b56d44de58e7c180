from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from ..common import CustomerCase


class TestPath(CustomerCase):
    """Who could rise, who is falling, and what people do with it (SEG-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # nobody but those of the test, and no step but theirs
        cls.env['res.partner'].search([('customer_managed', '=', True)]).write({'customer_enrolment': 'excluded'})
        cls.env['customer.path.rule'].search([]).action_archive()
        cls.env['customer.path'].search([]).unlink()
        cls.paths, cls.keeper = cls.env['customer.path'], cls.env['customer.path.keeper']
        scheme = cls.env['customer.tier.scheme'].create({
            'name': "Mine", 'method': 'threshold', 'dead_band': 0, 'minimum_stay_days': 0, 'line_ids': [
                Command.create({'sequence': number, 'tier_id': tier.id, 'threshold': threshold}) for number, (tier, threshold) in
                enumerate(((cls.tier_high, 10000), (cls.tier_mid, 1000), (cls.tier_low, 0)))]})
        scheme.action_put_in_force()
        cls.rise = cls.env['customer.path.rule'].create({
            'from_tier_id': cls.tier_mid.id, 'to_tier_id': cls.tier_high.id, 'condition_ids': [
                Command.create({'kind': 'fact_tier_up', 'comparison': 'from', 'threshold': 90}),
                Command.create({'kind': 'fact_new_orders', 'comparison': 'from', 'threshold': 2, 'window_days': 30}),
                Command.create({
                    'sequence': 20, 'kind': 'fact_silence', 'comparison': 'to', 'threshold': 30,
                    'name': "contact with the decision maker"})]})
        cls.fall = cls.env['customer.path.rule'].create({
            'from_tier_id': cls.tier_high.id, 'to_tier_id': cls.tier_mid.id, 'mode': 'some', 'needed': 1, 'near': 0,
            'condition_ids': [
                Command.create({'kind': 'fact_tier_margin', 'comparison': 'to', 'threshold': 10}),
                Command.create({'kind': 'fact_new_orders', 'comparison': 'to', 'threshold': 0, 'window_days': 30})]})
        # each: revenue today in how many orders, and whether somebody was spoken to
        cls.ready = cls._bought("Ready", 4600, 4600, talk=True)
        cls.silent = cls._bought("Silent", 4600, 4600)
        cls.border = cls._bought("Border", 4500, 4500, talk=True)
        cls.short = cls._bought("Short", 4499, 4500, talk=True)
        cls.far = cls._bought("Far", 1200)
        cls.high = cls._bought("High", 10500, talk=True)
        cls.safe = cls._bought("Safe", 50000, talk=True)
        cls.silent.customer_managed_since = fields.Date.today() - timedelta(days=60)
        cls.env['customer.ranking']._refresh_all()

    @classmethod
    def _bought(cls, name, *amounts, talk=False, **vals):
        customer = cls._customer(name, **vals)
        for amount in amounts:
            cls._order(customer, amount)
        if talk:
            cls._log(customer)
        return customer

    def _refresh(self, *args):
        result = self.keeper._refresh(*args)
        self.env.invalidate_all()
        return result

    def _listed(self):
        return {path.partner_id.name: (path.direction, path.state, path.met_count, path.needed_count)
                for path in self.paths.search([])}

    def test_who_is_listed(self):
        """SEG-7, K1: who meets all, or lacks one; the threshold itself counts, a cent below it does not."""
        result = self._refresh()
        self.assertEqual(self._listed(), {
            "Ready": ('rise', 'met', 3, 3), "Border": ('rise', 'met', 3, 3), "Silent": ('rise', 'near', 2, 3),
            "Short": ('rise', 'near', 2, 3), "High": ('fall', 'met', 1, 1)})
        self.assertEqual((result['rise'], result['fall'], result['failed'], result['rows']), (2, 1, 0, 5))
        self.assertEqual(self.paths.search([]).mapped('since'), [fields.Date.today()] * 5)

    def test_always_needed(self):
        """SEG-7: who lacks what is always needed is not listed, however near it is otherwise."""
        self.rise.condition_ids[0].must = True
        self._refresh()
        self.assertNotIn("Short", self._listed())
        self.assertEqual(self._listed()["Silent"], ('rise', 'near', 2, 3))
        self.rise.condition_ids[2].must = True
        self._refresh()
        self.assertNotIn("Silent", self._listed())

    def test_one_statement_as_a_loop(self):
        """SEG-7: held against a loop over the records that asks neither the catalogue nor SQL."""
        self._refresh()
        today, wanted = fields.Date.today(), {}
        for partner in self.env['res.partner'].search([('customer_managed', '=', True)]):
            orders = self.env['sale.order'].search([('partner_id', '=', partner.id), ('state', '=', 'sale')])
            revenue = sum(orders.mapped('amount_untaxed'))
            recent = len([order for order in orders if order.date_order.date() > today - timedelta(days=30)])
            talks = [touch.contact_day for touch in self.env['customer.followup'].search([
                ('partner_id', '=', partner.id), ('state', '=', 'done'), ('qualifies', '=', True)])]
            if partner.customer_tier_id == self.tier_mid:
                met = [revenue / 10000 >= 0.9, recent >= 2, bool(talks) and (today - max(talks)).days <= 30]
                if sum(met) >= 2:
                    wanted[partner.name] = ('rise', 'met' if all(met) else 'near', sum(met), 3)
            elif partner.customer_tier_id == self.tier_high:
                met = [(revenue - 10000) / revenue <= 0.1, recent == 0]
                if any(met):
                    wanted[partner.name] = ('fall', 'met', sum(met), 1)
        self.assertEqual(self._listed(), wanted)
        self.assertGreater(len(wanted), 4)

    def test_sentences(self):
        """SEG-7: one sentence says what is met and what is missing, and how it is instead."""
        self._refresh()
        silent = self.paths.search([('partner_id', '=', self.silent.id)])
        self.assertEqual(silent.sentence, (
            "revenue 92 % of what lifts it into High value, $ 800 to go, Orders in these days: 2; missing: contact with the "
            "decision maker (Nobody there was spoken to yet)"))
        short = self.paths.search([('partner_id', '=', self.short.id)])
        self.assertIn((
            "missing: Revenue, of what lifts it into the next tier at least 90 % (revenue 90 % of what lifts it into High value, "
            "$ 1,001 to go)"), short.sentence)
        high = self.paths.search([('partner_id', '=', self.high.id)])
        self.assertEqual(high.sentence, "may lose 4.8 % of its revenue ($ 500) before it leaves High value")
        self.assertEqual(self.silent.customer_path_text, f"Mid value → High value: {silent.sentence}")
        self.assertEqual(self.high.customer_path_direction, 'fall')
        self.assertFalse(self.safe.customer_path_direction)
        falling = self.env['res.partner'].search([('customer_path_direction', '=', 'fall')])
        self.assertEqual(falling, self.high)
        self.assertIn(self.safe, self.env['res.partner'].search([('customer_path_direction', '=', False)]))

    def test_only_changes_are_written(self):
        """SEG-7: a second look writes nothing; the first day stays while the customer is on the list."""
        today = fields.Date.today()
        self._refresh()
        self.assertEqual(self._refresh()['rows'], 0)
        with freeze_time(today + timedelta(days=3)):
            self._log(self.silent)
            self._refresh()
            path = self.paths.search([('partner_id', '=', self.silent.id)])
            self.assertEqual((path.state, path.since), ('met', today))
            self._order(self.short, 2)
            self._refresh(self.short.ids)
            self.assertEqual(self.paths.search([('partner_id', '=', self.short.id)]).state, 'met')
        with freeze_time(today + timedelta(days=40)):
            self._refresh()
            # without an order in 30 days
            self.assertEqual(self._listed()["Safe"], ('fall', 'met', 1, 1))
            self.assertNotIn("Silent", self._listed())

    def test_moved(self):
        """SEG-7: whoever is in the next tier is off the list at once."""
        self._refresh()
        self._order(self.ready, 5000)
        self.assertEqual(self.ready.customer_tier_id, self.tier_high)
        self.assertFalse(self.paths.search([('partner_id', '=', self.ready.id)]))

    def test_dismiss(self):
        """SEG-7: what somebody sets aside stays away until the day, also where it is not found meanwhile; then it is back."""
        self._refresh()
        path = self.paths.search([('partner_id', '=', self.silent.id)]).with_user(self.anna)
        action = path.action_dismiss()
        dialog = self.env[action['res_model']].with_user(self.anna).with_context(**action['context']).create({})
        until = fields.Date.today() + timedelta(days=90)
        self.assertEqual(dialog.until, until)
        with self.assertRaisesRegex(ValidationError, "say why"):
            dialog.action_dismiss()
        dialog.write({'reason': "One large project", 'until': date(2020, 1, 1)})
        with self.assertRaisesRegex(ValidationError, "a day to come"):
            dialog.action_dismiss()
        dialog.until = until
        dialog.action_dismiss()
        self.assertEqual((path.state, path.dismissed_by_id), ('dismissed', self.anna))
        self.assertIn("One large project", self.silent.message_ids[0].body)
        self.assertFalse(self.silent.customer_path_direction)
        self.assertEqual(self._refresh()['rows'], 0)
        with freeze_time(until):
            self._refresh()
            self.assertEqual(path.state, 'dismissed')
        with freeze_time(until + timedelta(days=1)):
            self._order(self.silent, 1)
            self._order(self.silent, 1)
            self._refresh()
            self.assertEqual((path.state, path.dismiss_reason), ('near', False))
            path._dismiss("Again", until + timedelta(days=3))
            path.action_take_up()
            self.assertEqual(path.state, 'near')

    def test_adopt(self):
        """SEG-7, SEG-1: a proposal is adopted through the dialog of the tier, with its reason and its rights."""
        self._refresh()
        path = self.paths.search([('partner_id', '=', self.ready.id)])
        action = path.with_user(self.lena).action_adopt()
        context = action['context']
        dialog = self.env[action['res_model']].with_user(self.lena).with_context(**context).create({})
        self.assertEqual((dialog.tier_id, dialog.partner_ids), (self.tier_high, self.ready))
        self.assertIn("92 %", dialog.reason)
        with self.assertRaises(AccessError):
            self.env[action['res_model']].with_user(self.anna).with_context(**context).create({}).action_set()
        dialog.action_set()
        self.assertEqual(self.ready.customer_tier_id, self.tier_high)
        self._refresh()
        self.assertNotIn("Ready", self._listed(), "somebody decided")
        both = self.paths.search([('partner_id', 'in', (self.silent + self.high).ids)])
        with self.assertRaisesRegex(UserError, "several tiers"):
            both.action_adopt()
        self.high._set_tier_by_hand(self.tier_high, "It stays")
        self.assertNotIn("High", self._listed())

    def test_follow_up_and_strategy(self):
        """SEG-7: one click logs, plans or begins a strategy, for one or for many."""
        self._refresh()
        paths = self.paths.with_user(self.anna).search([('direction', '=', 'rise')])
        action = paths.action_plan()
        dialog = self.env[action['res_model']].with_user(self.anna).with_context(**action['context']).create({})
        self.assertEqual(dialog.partner_ids, paths.partner_id)
        self.silent.write({'customer_do_not_contact': True, 'customer_do_not_contact_reason': "They asked"})
        self.assertIn("Silent", dialog.left_out)
        dialog.action_plan()
        planned = self.env['customer.followup'].search([('name', '=', dialog.name)])
        self.assertEqual(planned.partner_id, paths.partner_id - self.silent)
        self.assertEqual((planned.user_id, planned.mapped('anchor_kind')), (self.anna, ['promise'] * 3))
        dialog.partner_ids = self.silent
        with self.assertRaisesRegex(ValidationError, "None of these customers"):
            dialog.action_plan()
        dialog.name = " "
        with self.assertRaisesRegex(ValidationError, "what the follow-up is for"):
            dialog.action_plan()
        dialog.write({'name': "x", 'partner_ids': self.ready, 'date_planned': '2020-01-01'})
        with self.assertRaisesRegex(ValidationError, "before today"):
            dialog.action_plan()
        with self.assertRaises(AccessError):
            dialog.with_user(self.otto).sudo().with_user(self.otto).action_plan()
        self.assertEqual(paths[0].action_log()['res_model'], 'customer.followup.log')
        self.assertEqual(paths.action_strategy()['res_model'], 'customer.strategy.start')
        self.assertEqual(paths[0].action_strategy()['res_model'], 'customer.strategy')

    def test_facts(self):
        """SEG-7, HEA-6: it reaches the day's work as a fact, with the eyes of whoever asks."""
        self._refresh()
        self.env['customer.action.rule'].search([]).action_archive()
        rule = self.env['customer.action.rule'].create({
            'name': "Take it up", 'kind': 'fact_could_rise', 'comparison': 'from', 'threshold': 100})
        self.env.invalidate_all()
        ready = self.ready.with_user(self.anna)
        self.assertEqual(ready.customer_next_action, "Take it up")
        self.assertIn("Mid value → High value: revenue 92 %", ready.customer_next_reason)
        self.assertEqual(ready.action_customer_next()['res_model'], 'customer.path')
        self.assertFalse(self.silent.with_user(self.anna).customer_next_action)
        rule.kind = 'fact_is_falling'
        self.env.invalidate_all()
        self.assertEqual(self.high.with_user(self.anna).customer_next_action, "Take it up")
        self.assertFalse(self.ready.with_user(self.anna).customer_next_action)

    @users('otto')
    def test_whose(self):
        """SEG-7, PLT-2: another team sees nothing, and nobody writes what the night finds."""
        self.keeper.sudo()._refresh()
        self.assertFalse(self.paths.with_user(self.otto).search([]))
        path = self.paths.search([('partner_id', '=', self.ready.id)])
        mine = path.with_user(self.anna)
        self.assertEqual(mine.state, 'met')
        with self.assertRaisesRegex(AccessError, "Use the buttons"):
            mine.write({'state': 'near'})
        with self.assertRaises(AccessError):
            path.with_user(self.otto).action_dismiss()
        with self.assertRaises(AccessError):
            mine.rule_id.with_user(self.anna).action_refresh()
        self.assertFalse(self.paths.with_user(self.zoe).search([]))

    def test_two_companies(self):
        """SEG-7: customers of another company are found with their own, and seen there only."""
        other = self._bought("Elsewhere", 4600, 4600, user_id=self.zoe.id)
        self._refresh()
        self.assertEqual(self._listed()["Elsewhere"][:2], ('rise', 'met'))
        self.assertEqual(self.paths.with_user(self.zoe).search([]).partner_id, other)
        self.assertNotIn(other, self.paths.with_user(self.mara).search([]).partner_id)

    def test_broken(self):
        """SEG-7, bad input: a fact that fails is set aside with its problem, and its customers stay where they were."""
        self._refresh()
        facts = type(self.env['customer.fact'])
        with patch.object(facts, '_new_orders_sql', side_effect=ValueError("no such thing")):
            self._order(self.silent, 5000)
            result = self._refresh()
        self.assertEqual((result['failed'], self.rise.problem), (2, "no such thing"))
        self.assertIn("Ready", self._listed())
        self._refresh()
        self.assertFalse(self.rise.problem)

    def test_bad_rules(self):
        """SEG-7, bad input: steps that nobody or everybody would meet are refused in words."""
        rules = self.env['customer.path.rule']
        values = {'from_tier_id': self.tier_mid.id, 'to_tier_id': self.tier_high.id}
        condition = {'kind': 'fact_new_orders', 'comparison': 'from', 'threshold': 2}
        with self.assertRaisesRegex(ValidationError, "add a condition"):
            rules.create(values)
        with self.assertRaisesRegex(ValidationError, "nobody could meet it"):
            rules.create({**values, 'mode': 'some', 'needed': 2, 'condition_ids': [Command.create(condition)]})
        with self.assertRaisesRegex(ValidationError, "would hold for everybody"):
            rules.create({**values, 'condition_ids': [Command.create({**condition, 'threshold': 0})]})
        with self._refused("two different tiers"):
            rules.create({**values, 'to_tier_id': self.tier_mid.id, 'condition_ids': [Command.create(condition)]})
        with self.assertRaisesRegex(ValidationError, "add a condition"), self.env.cr.savepoint():
            self.rise.condition_ids.unlink()
        self.assertEqual((self.rise.direction, self.fall.direction), ('rise', 'fall'))
        self.assertEqual(self.rise.display_name, "Mid value → High value")
        new = self.env['customer.path.condition'].new({'kind': 'fact_payment'})
        new._onchange_kind()
        self.assertEqual(new.comparison, 'to', "good is what a step asks for first")

    def test_by_hand_ranking(self):
        """SEG-7: where people set all tiers, the other conditions are looked at, and there is no border to be near to."""
        self.env['customer.tier.scheme'].create({'name': "By hand", 'method': 'manual'}).action_put_in_force()
        self.ready._set_tier_by_hand(self.tier_mid, "Because")
        self.rise.condition_ids.filtered(lambda one: one.kind == 'fact_tier_up').unlink()
        self._refresh()
        self.assertEqual(self._listed()["Ready"], ('rise', 'met', 2, 2))

    def test_the_night(self):
        """SEG-7, PLT-3: the scheduled action says what it found."""
        self._run_cron('path')
        run = self.env['customer.run'].search([('name', '=', 'path')], limit=1)
        self.assertEqual(run.note, "could rise: 2, falling: 1, changed: 5")

    def test_merged(self):
        """SEG-7, PLT-2: of merged customers the one that goes on is looked at anew."""
        self._refresh()
        wizard = self.env['base.partner.merge.automatic.wizard'].create({'dst_partner_id': self.far.id})
        wizard._merge((self.ready + self.far).ids, self.far)
        self.env.invalidate_all()
        self.assertFalse(self.paths.search([('partner_id', 'in', self.ready.ids)]))
        self._refresh()
        self.assertNotIn("Ready", self._listed())
