"""LIF-3: where customers stand, by which rule, since when and why; at once for one, in one statement for all."""
import random
from datetime import date
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_success.models.base.customer_fact import Fact

from ..common import CustomerCase


class StageCase(CustomerCase):
    """The shipped stages, by name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        for name in ('onboarding', 'growth', 'mature', 'at_risk', 'dormant', 'lost', 'won_back'):
            setattr(cls, name, cls.env.ref(f'customer_success.customer_stage_{name}'))
        cls.dormant.lost_after_days = 90
        cls.stager = cls.env['customer.stager']
        cls.stager._refresh()  # the rules are no news

    def _last_change(self, partner):
        return self.env['customer.stage.change'].search([('partner_id', '=', partner.id)], limit=1)

    def _night(self):
        """Place everybody, as at night."""
        result = self.stager._refresh()
        self.env.invalidate_all()
        return result


class TestStage(StageCase):

    # ------------------------------------------------------------
    # AT ONCE
    # ------------------------------------------------------------

    def test_enrolled_and_first_order(self):
        """LIF-3: who joins has a stage at once, and the first order changes it at once, whatever the minimum stay."""
        partner = self._customer("Prospect")
        self.assertEqual(partner.customer_stage_id, self.growth)
        self.assertEqual(partner.customer_stage_since, fields.Date.today())
        with self._on(fields.Date.add(fields.Date.today(), days=3)):
            self._order(partner, 500)
            self.assertEqual(partner.customer_stage_id, self.onboarding)
            change = self._last_change(partner)
            self.assertEqual((change.old_stage_id, change.new_stage_id, change.cause, change.days),
                             (self.growth, self.onboarding, 'facts', 3))
            self.assertEqual(change.why, "Days since the first order: 0")

    def test_order_of_a_new_one(self):
        """LIF-3: whoever becomes a customer by an order begins in the onboarding, with one line in the history."""
        partner = self.env['res.partner'].create({'name': "Fresh", 'is_company': True, 'user_id': self.anna.id})
        self._order(partner, 100)
        self.assertEqual(partner.customer_stage_id, self.onboarding)
        self.assertEqual(partner.customer_stage_change_ids.mapped('cause'), ['first'])
        self.assertEqual(self._last_change(partner).why, "First look: Days since the first order: 0")

    def test_life(self):
        """LIF-3: onboarding for 30 days, growth, dormant a year after the last order, and back with the next order."""
        with self._on('2024-01-10'):
            partner = self._customer("Life")
            self._order(partner, 100)
        for day, stage in (
            ('2024-02-09', self.onboarding), ('2024-02-10', self.growth), ('2025-01-08', self.growth),
            ('2025-01-09', self.dormant), ('2025-06-01', self.dormant),
        ):
            with self._on(day):
                self._night()
                self.assertEqual(partner.customer_stage_id, stage, day)
        with self._on('2025-06-02'):
            self._order(partner, 100, '2025-06-02')
            self.assertEqual(partner.customer_stage_id, self.growth, "an order ends it at once")
            self.assertEqual(self._last_change(partner).days, (date(2025, 6, 2) - date(2025, 1, 9)).days)

    def test_mature(self):
        """LIF-3: three years after the first order a customer is mature."""
        partner = self._customer("Old")
        for day in ('2021-05-01', '2023-12-01', '2024-03-01'):
            self._order(partner, 100, day)
        with self._on('2024-04-30'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.growth)
        with self._on('2024-05-31'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.mature)

    def test_leaves_and_returns(self):
        """LIF-3: who is no customer any more stands nowhere; who comes back is placed at once, and the history says so."""
        partner = self._customer("Guest")
        partner.action_customer_exclude()
        self.assertFalse(partner.customer_stage_id)
        self.assertEqual(self._last_change(partner).cause, 'left')
        self.assertEqual(self._last_change(partner).why, "Not a customer any more")
        partner.action_customer_enrol()
        self.assertEqual(partner.customer_stage_id, self.growth)
        self.assertEqual(self._last_change(partner).cause, 'back')

    # ------------------------------------------------------------
    # CALM
    # ------------------------------------------------------------

    def _rule(self, stage, sequence=48, **vals):
        rule = self.env['customer.stage.rule'].create({'stage_id': stage.id, 'sequence': sequence, **vals})
        self.stager._remember_rules()
        return rule

    def test_minimum_stay(self):
        """LIF-3: whoever came into a stage stays for its days, whatever the rules say; a rule that does not wait takes it."""
        with self._on('2024-01-10'):
            partner = self._customer("Calm")
            self._order(partner, 100)
        self.mature.minimum_stay_days = 20
        rule = self._rule(self.mature, tier_ids=[Command.set(partner.customer_tier_id.ids)])
        with self._on('2024-06-01'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.mature)
        rule.tier_ids = (self.tier_high + self.tier_mid + self.tier_low) - partner.customer_tier_id
        self.stager._remember_rules()
        with self._on('2024-06-20'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.mature, "19 days")
            self.assertIn("Jun 21", partner._explain_stage()[-1])
        with self._on('2024-06-21'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.growth, "20 days")
        rule.tier_ids = partner.customer_tier_id
        self.stager._remember_rules()
        with self._on('2024-06-22'):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.growth, "growth has a minimum stay of 30 days")
            rule.at_once = True
            self.stager._remember_rules()
            self._night()
            self.assertEqual(partner.customer_stage_id, self.mature)

    def test_border(self):
        """LIF-3: one comes at a value and leaves at another; in between one stays where one is, from either side."""
        partner = self._customer("Border")
        with self._on('2024-01-01'):
            self._order(partner, 100)
        self.env['customer.stage'].search([]).minimum_stay_days = 0
        value = {}
        self._rule(self.at_risk, condition_ids=[Command.create({
            'kind': 'order_days', 'threshold': 100, 'has_leave': True, 'leave_threshold': 80})])
        for ago, stage in ((79, self.growth), (99, self.growth), (100, self.at_risk), (85, self.at_risk), (80, self.at_risk),
                           (79, self.growth), (99, self.growth)):
            self.env.cr.execute(SQL(
                "UPDATE res_partner SET customer_last_order = %s WHERE id = %s", fields.Date.subtract(date(2024, 9, 1), days=ago),
                partner.id))
            with self._on('2024-09-01'):
                self._night()
                value[ago] = partner.customer_stage_id
                self.assertEqual(partner.customer_stage_id, stage, ago)

    def test_border_refused(self):
        """LIF-3: a value to stay at that is harder than the one to come at is refused, in words."""
        with self.assertRaisesRegex(ValidationError, "who comes at 100 would have left at 120 already"):
            self._rule(self.at_risk, condition_ids=[Command.create({
                'kind': 'order_days', 'threshold': 100, 'has_leave': True, 'leave_threshold': 120})])
        with self.assertRaisesRegex(ValidationError, "Keep one rule without any condition"):
            self.env.ref('customer_success.customer_stage_rule_rest').unlink()
        with self.assertRaisesRegex(ValidationError, "days can't be negative"):
            self._rule(self.at_risk, condition_ids=[Command.create({'kind': 'order_days', 'threshold': -1})])

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_by_hand(self):
        """LIF-3: a leader sets a stage with a reason until a day; on the day after the rules decide again."""
        partner = self._customer("Hand")
        today = fields.Date.today()
        dialog = self.env['customer.stage.dialog'].with_user(self.lena).create({
            'partner_ids': [Command.set(partner.ids)], 'stage_id': self.at_risk.id, 'until': fields.Date.add(today, days=10)})
        with self.assertRaisesRegex(ValidationError, "Please say why"):
            dialog.action_set()
        dialog.reason = "Their plant closes"
        dialog.action_set()
        self.assertEqual(partner.customer_stage_id, self.at_risk)
        change = self._last_change(partner)
        self.assertEqual((change.cause, change.user_id, change.why), ('manual', self.lena, "Set by hand: Their plant closes"))
        self._night()
        self.assertEqual(partner.customer_stage_id, self.at_risk, "the rules have no say")
        with self._on(fields.Date.add(today, days=10)):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.at_risk, "the last day")
        with self._on(fields.Date.add(today, days=11)):
            self._night()
            self.assertEqual(partner.customer_stage_id, self.growth, "no minimum stay holds what was set by hand")
            self.assertEqual(self._last_change(partner).cause, 'expired')
            self.assertFalse(partner.customer_stage_manual_id or partner.customer_stage_manual_reason)

    def test_by_hand_ends(self):
        """LIF-3: a leader lets the rules decide again."""
        partner = self._customer("Ends")
        partner._set_stage_by_hand(self.dormant, "x")
        dialog = self.env['customer.stage.dialog'].with_user(self.lena).create({'partner_ids': [Command.set(partner.ids)]})
        self.assertTrue(dialog.is_manual)
        dialog.action_end()
        self.assertEqual(partner.customer_stage_id, self.growth)

    @users('anna')
    def test_by_hand_refused(self):
        """LIF-3, PLT-2: users set no stage, neither by the dialog nor by writing; leaders not that of other teams."""
        partner = self._customer("Refused").with_user(self.anna)
        dialog = self.env['customer.stage.dialog'].create({
            'partner_ids': [Command.set(partner.ids)], 'stage_id': self.at_risk.id, 'reason': "x"})
        with self.assertRaisesRegex(AccessError, "Only team leaders"):
            dialog.action_set()
        for name in ('customer_stage_id', 'customer_stage_manual_id'):
            with self.assertRaises(AccessError):
                partner.write({name: self.at_risk.id})
        dialog = self.env['customer.stage.dialog'].with_user(self.li).create({
            'partner_ids': [Command.set(partner.ids)], 'stage_id': self.at_risk.id, 'reason': "x"})
        with self.assertRaisesRegex(AccessError, "looked after by"):
            dialog.action_set()

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def test_fact(self):
        """LIF-3: any fact of the catalogue can be a condition; the history keeps what it said that day."""
        partner, other = self._customer("With orders"), self._customer("Without")
        for ago in (150, 100, 50, 1):
            self._order(partner, 100, fields.Date.subtract(fields.Date.today(), days=ago))
        rule = self._rule(self.mature, condition_ids=[Command.create({
            'kind': 'fact_new_orders', 'comparison': 'from', 'threshold': 4, 'window_days': 120})])
        self._night()
        self.assertEqual((partner + other).mapped('customer_stage_id'), self.growth)
        rule.condition_ids.window_days = 200
        self._night()
        self.assertEqual(partner.customer_stage_id, self.mature)
        self.assertEqual(other.customer_stage_id, self.growth)
        self.assertEqual(self._last_change(partner).why, "Changed rules: Number of orders: 4")
        rule.unlink()
        self.env.invalidate_all()
        self.assertEqual(self._last_change(partner).why, "Changed rules: Number of orders: 4", "also without the rule")

    def test_broken_fact(self):
        """LIF-3: of a rule that can't be looked up nobody comes and nobody leaves its stage; the others go on, and it is said."""
        known, other, new = self._customer("Known"), self._customer("Other"), self._customer("New")
        Facts = self.env.registry['customer.fact']
        facts = Facts._facts
        state = {'sql': SQL("SELECT %s AS span_id, 7 AS value", known.id)}

        def _facts(model):
            return facts(model) | {'odd': Fact(
                label="Odd", sql=lambda spans, options: state['sql'], say=lambda found, options: "")}

        self.patch(Facts, '_facts', _facts)
        rule = self._rule(self.mature, condition_ids=[Command.create({'kind': 'fact_odd', 'threshold': 5, 'comparison': 'from'})])
        self._night()
        self.assertEqual(known.customer_stage_id, self.mature)
        self.assertEqual(other.customer_stage_id, self.growth)
        state['sql'] = SQL("SELECT nothing FROM nowhere")
        self._order(new, 10)
        with mute_logger('odoo.addons.customer_success.models.lifecycle.customer_stager'):
            result = self._night()
            self.assertEqual(result['failed'], 1)
            self.assertEqual(known.customer_stage_id, self.mature, "nobody leaves because of it")
            self.assertEqual(other.customer_stage_id, self.growth, "nobody comes by it")
            self.assertEqual(new.customer_stage_id, self.onboarding, "the others go on")
            self.assertIn("nowhere", rule.problem)
            # two values of one customer: it is set aside as everywhere
            state['sql'] = SQL("SELECT %s AS span_id, v AS value FROM (VALUES (7), (8)) AS v (v)", other.id)
            self._night()
            self.assertEqual((known + other).mapped('customer_stage_id.name'), ["Mature", "Growth"])
            self.assertIn("more than one value", rule.problem)
        # no number is not known
        state['sql'] = SQL("SELECT %s AS span_id, 'NaN'::float8 AS value", known.id)
        self.mature.minimum_stay_days = 0
        self._night()
        self.assertFalse(rule.problem)
        self.assertEqual(known.customer_stage_id, self.growth)

    # ------------------------------------------------------------
    # ALL
    # ------------------------------------------------------------

    def _oracle(self, partner, today):
        """Return the stage that the shipped rules say, in plain Python, of what is stored of a customer."""
        first, last = partner.customer_first_order, partner.customer_last_order
        if first and (today - first).days <= 30:
            return self.onboarding
        if last and (today - last).days >= 365:
            return self.dormant
        if partner.customer_health_band == 'risk' or partner.customer_risk_level == 'high':
            return self.at_risk
        if first and first <= fields.Date.subtract(today, years=3):
            return self.mature
        return self.growth

    def test_one_and_all(self):
        """LIF-3: one customer and all of them go through the same rules; what is right already is not written."""
        draw, today = random.Random(17), fields.Date.today()
        partners = self.env['res.partner'].create([
            {'name': f"Drawn {number}", 'is_company': True, 'user_id': self.anna.id, 'customer_enrolment': 'enrolled'}
            for number in range(60)])
        self.env.flush_all()
        for partner in partners:
            first = draw.choice([None, *(
                fields.Date.subtract(today, days=draw.randrange(top)) for top in (31, 400, 2000, 2000, 2000))])
            last = first and fields.Date.subtract(today, days=min(draw.randrange(500), (today - first).days))
            self.env.cr.execute(SQL(
                """UPDATE res_partner SET customer_first_order = %s, customer_last_order = %s, customer_risk_level = %s,
                                          customer_health_band = %s WHERE id = %s""",
                first, last, draw.choice([None, 'low', 'high']), draw.choice(['none', 'healthy', 'watch', 'risk']), partner.id))
        self.env.invalidate_all()
        half = partners[:30]
        self.stager._refresh(half.ids)
        self._night()
        self.assertGreaterEqual(len(partners.customer_stage_id), 5)
        for partner in partners:
            self.assertEqual(partner.customer_stage_id, self._oracle(partner, today), partner.read([
                'customer_first_order', 'customer_last_order', 'customer_risk_level', 'customer_health_band']))
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01' WHERE id = ANY(%s)", [partners.ids])
        self.assertEqual(self._night()['rows'], 0)
        self.env.cr.execute("SELECT count(*) FROM res_partner WHERE id = ANY(%s) AND write_date > '2020-01-02'", [partners.ids])
        self.assertEqual(self.env.cr.fetchone()[0], 0, "nothing is written")

    def test_statements(self):
        """LIF-3: 3 customers cost as many statements as 40."""
        self._night()
        counts = []
        for number in (3, 40):
            partners = self.env['res.partner'].create([
                {'name': f"Counted {number}", 'is_company': True, 'customer_enrolment': 'enrolled'} for number in range(number)])
            self.env.flush_all()
            self.env.cr.execute("UPDATE res_partner SET customer_risk_level = 'high' WHERE id = ANY(%s)", [partners.ids])
            before = self.env.cr.sql_log_count
            self.assertEqual(self.stager._refresh(partners.ids)['rows'], number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[0], 16)

    def test_cron(self):
        """LIF-3, PLT-3: the nightly action says what it did."""
        partner = self._customer("Nightly")
        self.env.cr.execute("UPDATE res_partner SET customer_risk_level = 'high' WHERE id = %s", [partner.id])
        self.env.invalidate_all()
        self._run_cron('stage')
        self.assertEqual(partner.customer_stage_id, self.at_risk)
        run = self.env['customer.run'].search([('name', '=', 'stage')], limit=1)
        self.assertEqual((run.done, run.note), (1, "in another stage: 1 customer"))

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_rules_changed(self):
        """LIF-3: other rules hold for everybody at once, and the form says before what they would do."""
        self._customer("A"), self._customer("B")
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_stage_change SET create_date = create_date - interval '1 day'")
        rule = self.env.ref('customer_success.customer_stage_rule_mature').with_user(self.mara)
        edited = rule.new({'tenure': False, 'situation': 'never'}, origin=rule)
        self.assertIn("2 of 2 customers would move", edited.preview)
        rule.write({'tenure': False, 'situation': 'never'})
        self.assertTrue(rule.waits)
        self.assertIn("2 customers of 2 are in another stage (2 from Growth to Mature)",
                      rule.action_place_customers()['params']['message'])
        self.env.invalidate_all()
        self.assertFalse(rule.stage_id.waits)

    def test_archive(self):
        """LIF-3: an archived stage gives its customers away; one that is in use is not deleted."""
        partner = self._customer("Archived")
        partner._set_stage_by_hand(self.mature, "x")
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.mature.unlink()
        with self.assertRaisesRegex(ValidationError, "Keep one rule without any condition"):
            self.growth.action_archive()

    def test_rule_words(self):
        """LIF-3: rules are told in words."""
        self.assertEqual(
            self.env.ref('customer_success.customer_stage_rule_dormant').text, "Days since the last order at least 365")
        self.assertEqual(
            self.env.ref('customer_success.customer_stage_rule_dormant_rhythm').text,
            "Days since the last order at least 120 and Buying rhythm at least 4 (stays from 3.5 on)")
        self.assertEqual(self.env.ref('customer_success.customer_stage_rule_health').text, "health “At risk”")
        self.assertEqual(self.env.ref('customer_success.customer_stage_rule_rest').text, "everybody else")

    # ------------------------------------------------------------
    # CADENCE AND ACTIONS
    # ------------------------------------------------------------

    def test_cadence(self):
        """LIF-3, CAD-1: strategy, then own, then stage, then segment, tier, default; switching on plans at once."""
        partner, own = self._customer("Rhythm"), self._customer("Own", customer_cadence_id=self.cadence.id)
        cadence = self.env.ref('customer_success.customer_cadence_stage_dormant')
        cadence.action_unarchive()
        self.assertNotIn(cadence, self._open(partner).cadence_id)
        (partner + own)._set_stage_by_hand(self.dormant, "x")
        self.assertEqual(self._open(partner).cadence_id, cadence, "planned at once")
        self.assertEqual(len(self._open(partner)), 3)
        self.assertEqual(self._open(own).cadence_id, self.cadence, "its own comes first")
        self.assertEqual(self.env['customer.cadence.chooser']._explain_cadence(self.env['customer.planner'], partner),
                         "By the cadence “Reactivation”, meant for the stage Dormant.")
        segment = self._cadence("By segment", {'name': "Call", 'channel_id': self.call.id},
                                segment_ids=[Command.set(partner.customer_segment_id.ids)])
        self.assertEqual(self._open(partner).cadence_id, cadence, "the stage comes before the segment")
        strategy = self.env['customer.strategy'].create({
            'partner_id': partner.id, 'core_approach': "Be there", 'cadence_id': self.cadence.id,
            'date_start': fields.Date.today(), 'date_end': fields.Date.add(fields.Date.today(), days=90)})
        strategy._keep({'state': 'active'})
        self.env['customer.planner']._plan(partner.ids)
        self.assertEqual(self._open(partner).cadence_id, self.cadence, "what was agreed comes first")
        strategy._keep({'state': 'draft'})
        partner._end_stage_by_hand()
        self.assertEqual(self._open(partner).cadence_id, segment)
        self.assertEqual(cadence.customer_count, 0)

    def test_next_action(self):
        """LIF-3, HEA-6: each stage has what is best done next, and what to do stands beside it."""
        partner = self._customer("Next")
        rule = self.env.ref('customer_success.customer_action_rule_at_risk')
        (self.env['customer.action.rule'].search([]) - rule).active = False
        self.assertFalse(partner.customer_next_action)
        partner._set_stage_by_hand(self.at_risk, "x")
        partner.invalidate_recordset()
        self.assertEqual(partner.customer_next_action, rule.name)
        self.assertEqual(partner.customer_next_reason, "In the stage “At risk” for 0 days")
        self.assertEqual(partner.action_customer_next()['res_model'], 'customer.stage.dialog')
        strip = partner.get_customer_strip()
        self.assertEqual(strip['stage'], {
            'name': "At risk", 'color': 2, 'days': "0 days", 'what': self.at_risk.instructions})

    def test_facts(self):
        """LIF-3, LIF-4: stage_days and loss_due are facts of the catalogue, which any rule may look at."""
        partner, other = self._customer("Long"), self._customer("Short")
        partner._set_stage_by_hand(self.dormant, "x")
        facts = self.env['customer.fact']

        def asked(name):
            spans = facts._days_back((partner + other).ids, 30)
            return {row[0]: int(row[1]) for row in facts._read(
                facts._query(name, spans, {'window_days': 30}), SQL("SELECT span_id, value FROM found"))}
        with self._on(fields.Date.add(fields.Date.today(), days=95)):
            self.assertEqual(asked('stage_days'), {partner.id: 95, other.id: 95})
            self.assertEqual(asked('loss_due'), {partner.id: 95})

    # ------------------------------------------------------------
    # REPORTS
    # ------------------------------------------------------------

    def test_stays_and_months(self):
        """LIF-3: time in each stage and customers by stage over time follow from the history; each day counts once."""
        partner, today = self._customer("Report"), date(2026, 5, 20)
        changes = self.env['customer.stage.change']
        changes.search([('partner_id', '=', partner.id)]).unlink()
        story = [(date(2025, 11, 3), None, self.growth), (date(2026, 2, 28), self.growth, self.at_risk),
                 (date(2026, 3, 31), self.at_risk, self.dormant), (date(2026, 3, 31), self.dormant, self.growth),
                 (date(2026, 5, 1), self.growth, None)]
        changes.create([{
            'partner_id': partner.id, 'date': day, 'cause': 'facts' if new else 'left', 'old_stage_id': old and old.id,
            'new_stage_id': new and new.id} for day, old, new in story])
        self.env.flush_all()
        with self._on(today):
            stays = self.env['customer.stage.stay'].search([('partner_id', '=', partner.id)], order='date_from')
            self.assertEqual(
                [(stay.stage_id, stay.days, stay.state, stay.next_stage_id) for stay in stays],
                [(self.growth, 117, 'left', self.at_risk), (self.at_risk, 31, 'left', self.dormant),
                 (self.growth, 31, 'left', changes.new_stage_id)])
            months = self.env['customer.stage.month'].search([('partner_id', '=', partner.id)], order='date')
            self.assertEqual(
                [(month.date.isoformat()[:7], month.stage_id) for month in months],
                [('2025-11', self.growth), ('2025-12', self.growth), ('2026-01', self.growth), ('2026-02', self.at_risk),
                 ('2026-03', self.growth), ('2026-04', self.growth)])

    def test_seen(self):
        """LIF-3, PLT-2: people see the history and the reports of the customers that they see, of their companies."""
        own, foreign = self._customer("Mine"), self._customer("Foreign", user_id=self.otto.id)
        other = self._customer("Elsewhere", company_id=self.company_2.id, user_id=self.zoe.id)
        for model in ('customer.stage.change', 'customer.stage.stay', 'customer.stage.month'):
            def seen(user, model=model):
                return self.env[model].with_user(user).search(
                    [('partner_id', 'in', (own + foreign + other).ids)]).sudo().partner_id
            with self._on(fields.Date.add(fields.Date.today(), days=1)):
                self.assertEqual(seen(self.anna), own, model)
                self.assertEqual(seen(self.lena), own, model)
                self.assertEqual(seen(self.mara), own + foreign, model)
                self.assertEqual(seen(self.zoe), other, model)
                with self.assertRaises(AccessError):
                    seen(self.nils)

    def test_search(self):
        """LIF-3: customers are found by their stage, and by being proposed as lost."""
        partner, other = self._customer("Found"), self._customer("Not found")
        partner._set_stage_by_hand(self.dormant, "x")
        with self._on(fields.Date.add(fields.Date.today(), days=89)):
            self.assertFalse(partner.customer_loss_proposed)
        with self._on(fields.Date.add(fields.Date.today(), days=90)):
            found = self.env['res.partner'].search([
                ('customer_loss_proposed', '=', True), ('id', 'in', (partner + other).ids)])
            self.assertEqual(found, partner)
            self.assertTrue(partner.customer_loss_proposed)
            self.assertEqual(self.env['res.partner'].search([
                ('customer_loss_proposed', '=', False), ('id', 'in', (partner + other).ids)]), other)

    def test_merge(self):
        """LIF-3, PLT-2: merged customers have one stage, and both histories."""
        kept, gone = self._customer("Kept"), self._customer("Gone")
        gone._set_stage_by_hand(self.at_risk, "x")
        changes = (kept + gone).customer_stage_change_ids
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + gone).ids, kept)
        self.assertEqual(kept.customer_stage_change_ids & changes, changes)
        self.assertEqual(kept.customer_stage_id, self.at_risk, "what somebody decided goes along")
        with patch.object(type(self.stager), '_stages_changed'):
            self._night()
        self.assertEqual(kept.customer_stage_id, self.at_risk)
