"""PLT-5: presets that fit a business: what they would do is what they do, once, and it can be had back."""
from datetime import timedelta
from random import Random
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users
from odoo.tools import SQL

from ..segmentation.common import SegmentCase

#: What nobody may lose.
KEPT = ('customer.cadence', 'customer.segment', 'customer.segment.rule', 'customer.tier.scheme', 'customer.preset')


class PresetCase(SegmentCase):
    """Customers with revenue, risk and cadences by chance, looked after by three people or nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['customer.preset.change'].search([]).unlink()
        cls.env.registry.clear_cache()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.value_tiers, cls.abc, cls.value_risk, cls.three_two = (
            cls.env.ref(f'customer_success.customer_preset_{name}')
            for name in ('value_tiers', 'abc', 'value_risk', 'three_two'))
        cls.presets = cls.value_tiers + cls.abc + cls.value_risk + cls.three_two
        # whatever the data of the database arranged, it begins as it is shipped
        cls.value_tiers.with_user(cls.mara)._apply()
        cls.env['customer.preset.change'].search([]).unlink()
        cls.env.registry.clear_cache()

    @classmethod
    def _people(cls, number, seed=3):
        """Return so many customers of all kinds."""
        random = Random(seed)
        customers = cls.env['res.partner'].create([{
            'name': f"Buyer {at}", 'is_company': True, 'customer_enrolment': 'enrolled',
            'user_id': random.choice((cls.anna, cls.ben, cls.otto, cls.env['res.users'])).id} for at in range(number)])
        orders = cls.env['sale.order'].create([{'partner_id': customer.id, 'order_line': [Command.create({
            'product_id': cls.product_thing.id, 'product_uom_qty': 1, 'tax_ids': False,
            'price_unit': random.choice((10, 100, 100, 400, 1000, 5000, 20000))})]} for customer in customers
            if random.random() < 0.8])
        orders.action_confirm()
        for customer in random.sample(customers, number // 4):
            customer.customer_cadence_id = random.choice(
                (cls.cadence, cls.env.ref('customer_success.customer_cadence_high'),
                 cls.env.ref('customer_success.customer_cadence_abc_a')))
        for customer in random.sample(customers, number // 6):
            customer.sudo()._set_tier_by_hand(cls.tier_high, "Because", None)
        cls.env['customer.ranking']._refresh_all()
        for risk in ('low', 'medium', 'high'):
            cls._set_risk(cls.env['res.partner'].browse(
                [customer.id for customer in customers if random.random() < 0.3]), risk, refresh=False)
        cls.segmenter._refresh()
        return customers

    def _places(self, customers):
        """Return tier, segment and cadence of each customer, as they are."""
        self.env.flush_all()
        self.env.invalidate_all()
        follows = dict(self.env.execute_query(SQL(
            "SELECT id, cadence_id FROM (%s) AS c", self.env['customer.planner']._cadence_of_customer_sql(customers.ids))))
        return {customer: (customer.customer_tier_id.id, customer.customer_segment_id.id, follows.get(customer.id))
                for customer in customers}

    def _foreseen(self, preset, customers):
        """Return the same as the forecast says it would be."""
        rows = self.env.execute_query(self.env['customer.preset.forecast']._query(
            preset, preset._plan(), SQL("p.id, placed.tier_id, placed.segment_id, new.cadence_id")))
        return {self.env['res.partner'].browse(row[0]): row[1:] for row in rows if row[0] in customers.ids}

    def _configuration(self):
        """Return all that a preset may write, as it is."""
        self.env.flush_all()
        self.env.invalidate_all()
        cadences = self.env['customer.cadence'].with_context(active_test=False).search([])
        return {
            'scheme': self.env['customer.tier.scheme']._get_current().id,
            'segments': [(one.id, one.active) for one in self.env['customer.segment'].with_context(active_test=False).search([])],
            'cadences': {one.id: (one.active, one.tier_ids.ids, one.segment_ids.ids, one.is_default) for one in cadences},
        }

    def _counted(self):
        return {model: self.env[model].with_context(active_test=False).search_count([]) for model in KEPT}


class TestPreset(PresetCase):

    # ------------------------------------------------------------
    # PREVIEW AND APPLYING
    # ------------------------------------------------------------

    def test_the_preview_is_what_applying_does(self):
        """PLT-5: tier, segment and cadence of each customer are as foreseen, whatever was applied before, also where some have a
        cadence of their own or a tier set by hand; an independent loop counts the contacts a week."""
        customers = self._people(40)
        forecast = self.env['customer.preset.forecast']
        moved = 0
        for preset in (self.abc, self.value_risk, self.three_two, self.abc, self.value_tiers, self.value_risk):
            with self.subTest(preset.name):
                plan, before = preset._plan(), self._places(customers)
                foreseen, load = self._foreseen(preset, customers), forecast._load(preset, plan)
                counts = forecast._counts(preset, plan)
                self.assertEqual(self._places(customers), before, "looking writes nothing")
                self.assertEqual({now: sum(n for (one, __), n in counts.items() if one == now) for now, __ in counts}, {
                    now: list(before.values()).count(tuple(now)) for now, __ in counts})
                self._check_load(customers, before, load, 0)
                self._check_load(customers, foreseen, load, 1)
                preset.with_user(self.mara)._apply()
                after = self._places(customers)
                self.assertEqual(after, foreseen)
                self.assertTrue(preset.is_current)
                moved += sum(after[one] != before[one] for one in customers)
        self.assertGreater(moved, 60)

    def _check_load(self, customers, places, load, at):
        """Count contacts a week of each person, customer by customer and touchpoint by touchpoint."""
        weeks = {'day': 1 / 7, 'week': 1, 'month': 365.25 / 12 / 7, 'year': 365.25 / 7}
        found, responsibility = {}, self.env['customer.responsibility']
        for customer in customers:
            for step in self.env['customer.cadence'].browse(places[customer][2] or ()).step_ids:
                if step.kind == 'recurring':
                    owner = responsibility._owner(step.role, customer.user_id, responsibility._company_of(customer)) \
                        if customer.user_id else self.env['res.users']
                    key = owner.id or None
                    found[key] = found.get(key, 0) + 1 / (step.interval_count * weeks[step.interval_unit])
        self.assertTrue(found)
        self.assertEqual({key: round(value, 4) for key, value in found.items()}, {
            key: round(pair[at], 4) for key, pair in load.items() if pair[at]})

    @users('mara')
    def test_applied_twice_is_once(self):
        """PLT-5: nothing happens the second time, and it stands once in what was applied."""
        self._people(8)
        abc = self.abc.with_env(self.env)
        first = abc._apply()
        configuration = self._configuration()
        self.assertEqual(abc._apply(), first)
        self.assertEqual(self._configuration(), configuration)
        self.assertEqual(self.env['customer.preset.change'].search([]), first)
        self.assertEqual((first.user_id, first.name, first.preset_id), (self.mara, "ABC", self.abc))
        self.assertIn("ABC: 80 / 15 / 5 of revenue", first.note)
        self.assertIn("“High value”", first.note)

    def test_follow_ups_come_with_it(self):
        """PLT-5, CAD-4: the open follow-ups are those of the new cadence as soon as it is applied."""
        customer = self._people(6)[0]
        customer.customer_cadence_id = False
        self.three_two.with_user(self.mara)._apply()
        steps = self.env.ref('customer_success.customer_cadence_three_two').step_ids
        self.assertEqual(self._open(customer).step_id, steps.filtered(lambda step: step.kind == 'recurring'))

    def test_what_is_so_already_is_kept_as_chosen(self):
        """PLT-5: a preset that changes nothing can be chosen: it stands in the list, and there is nothing to take back."""
        change = self.value_tiers.with_user(self.mara)._apply()
        self.assertEqual((change.note, change.written, change.can_take_back), ("Everything was so already.", False, False))
        with self.assertRaisesRegex(UserError, "nothing to take back"):
            change.action_take_back()

    def test_cadences_that_are_used_otherwise_stay(self):
        """PLT-5: a cadence that a customer has as its own, or that was agreed in a strategy, is taken off tiers, not archived."""
        own, agreed = self._customer("Own"), self._customer("Agreed")
        high, mid, low = (self.env.ref(f'customer_success.customer_cadence_{name}') for name in ('high', 'mid', 'low'))
        own.customer_cadence_id = high
        self.env['customer.strategy.template'].search([]).cadence_id = False
        self.env['customer.strategy'].create({
            'partner_id': agreed.id, 'core_approach': "Keep", 'cadence_id': mid.id, 'user_id': self.anna.id, 'kpi_ids': [
                Command.create({'kpi_id': self.env.ref('customer_success.customer_kpi_repurchase').id, 'target': 50})],
        }).action_start()
        self.abc.with_user(self.mara)._apply()
        self.assertTrue(high.active and mid.active)
        self.assertFalse(high.tier_ids + mid.tier_ids)
        self.assertFalse(low.active)
        self.assertEqual(self._places(own)[own][2], high.id)
        self.assertEqual(self._places(agreed)[agreed][2], mid.id)

    def test_beside_and_leads_stay(self):
        """PLT-5: cadences beside the others, those of leads and stages are not touched, and nothing is deleted."""
        counted = self._counted()
        cadences = self.env['customer.cadence'].with_context(active_test=False).search(
            ['|', '|', ('is_beside', '=', True), ('needs_grade_ids', '!=', False), ('stage_ids', '!=', False)])
        before = cadences.read(['active', 'stage_ids', 'needs_grade_ids', 'is_beside'])
        self.assertGreater(len(cadences), 4)
        for preset in self.presets:
            preset.with_user(self.mara)._apply()
        self.assertEqual(cadences.read(['active', 'stage_ids', 'needs_grade_ids', 'is_beside']), before)
        self.assertEqual(self._counted(), counted)

    def test_switched_on_segments(self):
        """PLT-5, SEG-4: a segment that a preset needs is used again, and who belongs there is foreseen."""
        customers = self._people(20)
        self._set_risk(customers[:6], 'high')
        self.low_risk.action_archive()
        self.assertFalse(customers.filtered(lambda one: one.customer_segment_id == self.low_risk))
        foreseen = self._foreseen(self.value_risk, customers)
        self.value_risk.with_user(self.mara)._apply()
        self.assertTrue(self.low_risk.active)
        self.assertEqual(self._places(customers), foreseen)
        self.assertTrue(customers.filtered(lambda one: one.customer_segment_id == self.low_risk))

    # ------------------------------------------------------------
    # TIERS SET BY HAND
    # ------------------------------------------------------------

    def test_tiers_set_by_hand_are_asked_about(self):
        """PLT-5: where the ranking is by hand, a preset that ranks by revenue is refused until somebody says so; a tier that
        stands by hand on the customer stays anyway."""
        customers = self._people(10)
        pinned = customers.filtered('customer_tier_manual_id')
        self.env.ref('customer_success.customer_tier_scheme_manual').with_user(self.mara).action_put_in_force()
        self.env.cr.execute("UPDATE res_partner SET customer_tier_id = %s WHERE id = ANY(%s)", [self.tier_low.id, customers.ids])
        pinned.sudo()._set_tier_by_hand(self.tier_low, "Because", None)
        customers.invalidate_recordset()
        lost = self.env['customer.preset.forecast']._lost_by_hand(self.abc)
        configuration = self._configuration()
        self.assertGreater(lost, 1)
        with self.assertRaisesRegex(UserError, f"would be lost: {lost}"):
            self.abc.with_user(self.mara)._apply()
        self.assertEqual(self._configuration(), configuration)
        dialog = self.env['customer.preset.apply'].with_user(self.mara).create({'preset_id': self.abc.id})
        self.assertEqual(dialog.lost, lost)
        dialog.give_up = True
        dialog.action_apply()
        changed = customers.filtered(lambda one: one.customer_tier_id != self.tier_low)
        self.assertEqual(len(changed), lost)
        self.assertFalse(changed & pinned)
        self.assertFalse(self.env['customer.preset.forecast']._lost_by_hand(self.three_two), "it leaves the ranking alone")

    # ------------------------------------------------------------
    # TAKING BACK
    # ------------------------------------------------------------

    def test_take_back(self):
        """PLT-5: everything is as it was: ranking, cadences, segments, and where each customer stands."""
        customers = self._people(20)
        self.low_risk.action_archive()
        for preset in (self.abc, self.value_risk, self.three_two):
            with self.subTest(preset.name):
                configuration, places = self._configuration(), self._places(customers)
                change = preset.with_user(self.mara)._apply()
                self.assertNotEqual(self._configuration(), configuration)
                self.assertTrue(change.can_take_back)
                change.action_take_back()
                self.assertEqual(self._configuration(), configuration)
                self.assertEqual(self._places(customers), places)
                self.assertEqual((change.back_user_id, change.back_note), (self.mara, "Everything is as it was before."))
                with self.assertRaisesRegex(UserError, "taken back already"):
                    change.action_take_back()

    def test_take_back_the_last_first(self):
        """PLT-5: one after the other, the last one first."""
        first = self.abc.with_user(self.mara)._apply()
        configuration = self._configuration()
        second = self.value_risk.with_user(self.mara)._apply()
        with self.assertRaisesRegex(UserError, "Take “Value × risk” back first"):
            first.action_take_back()
        second.action_take_back()
        self.assertEqual(self._configuration(), configuration)
        self.assertTrue(first.can_take_back)
        first.action_take_back()
        self.assertTrue(self.value_tiers.is_current)

    def test_take_back_in_time(self):
        """PLT-5: for as many days as the settings say."""
        change = self.abc.with_user(self.mara)._apply()
        today = fields.Date.context_today(self.env.user)
        self.assertEqual(change.back_until, today + timedelta(days=30))
        with self._on(today + timedelta(days=31)):
            self.assertFalse(change.can_take_back)
            with self.assertRaisesRegex(UserError, "could be taken back until"):
                change.action_take_back()
            self.env['customer.settings'].with_user(self.mara).create({'customer_preset_back_days': 60}).execute()
            change.invalidate_recordset()
            change.action_take_back()
        self.assertTrue(self.value_tiers.is_current)

    def test_what_was_changed_since_stays(self):
        """PLT-5: what somebody changed or deleted after a preset was applied is left so, and it is said."""
        change = self.abc.with_user(self.mara)._apply()
        mid, b_customers = (self.env.ref(f'customer_success.customer_cadence_{name}') for name in ('mid', 'abc_b'))
        b_customers.with_user(self.mara).tier_ids = self.tier_mid + self.tier_low
        self.env.ref('customer_success.customer_tier_scheme_threshold').with_user(self.mara).action_put_in_force()
        change.action_take_back()
        self.assertEqual(b_customers.tier_ids, self.tier_mid + self.tier_low)
        self.assertTrue(mid.active)
        self.assertEqual(
            self.env['customer.tier.scheme']._get_current(), self.env.ref('customer_success.customer_tier_scheme_threshold'))
        self.assertEqual(change.back_note, "Changed since then, and left so: B customers, the ranking in force.")

    # ------------------------------------------------------------
    # WHAT FAILS, AND BAD INPUT
    # ------------------------------------------------------------

    def test_nothing_half_applied(self):
        """PLT-5: where the ranking, the planning or a write fails, everything is as it was."""
        self._people(6)
        configuration = self._configuration()
        for model, method in (('customer.ranking', '_refresh_all'), ('customer.planner', '_work_queue'),
                              ('customer.cadence', 'write')):
            with self.subTest(method), self.assertRaises(ZeroDivisionError), self.env.cr.savepoint(), \
                    patch.object(self.registry[model], method, lambda *args, **options: 1 / 0):
                self.abc.with_user(self.mara)._apply()
            self.env.registry.clear_cache()
            self.assertEqual(self._configuration(), configuration)
            self.assertFalse(self.env['customer.preset.change'].search([]))

    def test_bad_input(self):
        """PLT-5: a preset that would leave customers to nobody is refused with what to do."""
        mara = self.env['customer.preset'].with_user(self.mara)
        empty = mara.create({'name': "Empty"})
        with self.assertRaisesRegex(UserError, "names no cadence"):
            empty._apply()
        without_rest = mara.create({'name': "Half", 'line_ids': [Command.create({'cadence_id': self.cadence.id})]})
        with self.assertRaisesRegex(UserError, "nothing about everybody else"):
            without_rest._apply()
        without_rest.replaces = False
        without_rest._apply()  # the others go on
        with self.assertRaisesRegex(ValidationError, "beside others"):
            mara.create({'name': "Beside", 'line_ids': [Command.create({
                'cadence_id': self.env.ref('customer_success.customer_cadence_people').id, 'is_default': True})]})
        with self.env.cr.savepoint():
            self.env['customer.cadence'].browse(self.three_two.line_ids.cadence_id.id).step_ids.active = False
            with self.assertRaisesRegex(UserError, "without a touchpoint"):
                self.three_two.with_user(self.mara)._apply()
        with self._refused("Each cadence stands once"):
            self.env['customer.preset.line'].create({
                'preset_id': self.abc.id, 'cadence_id': self.abc.line_ids[0].cadence_id.id})
        with self._refused("already a preset with this name"):
            mara.create({'name': "ABC"})

    # ------------------------------------------------------------
    # ROLES AND COMPANIES
    # ------------------------------------------------------------

    @users('anna', 'lena', 'nils')
    def test_for_managers(self):
        """PLT-5, PLT-2: nobody else looks, applies, takes back, or writes what was applied."""
        change = self.abc.with_user(self.mara)._apply()
        with self.assertRaises(AccessError):
            self.env['customer.preset'].search([])
        with self.assertRaises(AccessError):
            self.env['customer.preset.apply'].create({'preset_id': self.value_tiers.id})
        with self.assertRaises(AccessError):
            self.value_tiers.with_env(self.env)._apply()
        with self.assertRaises(AccessError):
            change.with_env(self.env).action_take_back()

    def test_history_is_not_written(self):
        """PLT-5, PLT-2: what was applied is kept from everybody, managers included."""
        change = self.abc.with_user(self.mara)._apply()
        for attempt in (lambda: change.write({'written': []}), lambda: change.unlink(), lambda: change.create({'name': "Me"})):
            with self.assertRaises(AccessError):
                attempt()

    def test_two_companies(self):
        """PLT-5, PLT-2: cadences of a company that one does not work in stay in force there, foreseen too; and it is said."""
        theirs = self._cadence(
            "Theirs", {'name': "Call", 'channel_id': self.call.id}, company_id=self.company_2.id, is_default=True,
            tier_ids=[Command.set((self.tier_high + self.tier_low).ids)])
        there, here = self._customer("There", company_id=self.company_2.id, user_id=self.zoe.id), self._customer("Here")
        both = there + here
        preset = self.three_two.with_user(self.mara)
        foreseen = self._foreseen(preset, both)
        self.assertEqual(foreseen[there][2], theirs.id)
        self.assertIn("Second Company", self.env['customer.preset.forecast'].with_user(self.mara)._values(preset)['elsewhere'])
        preset._apply()
        self.assertEqual(self._places(both), foreseen)
        self.assertTrue(theirs.active)
        # who works there switches it off, and gets it back
        change = self.three_two.with_user(self.zoe)._apply()
        self.assertFalse(theirs.active)
        change.action_take_back()
        self.assertTrue(theirs.active)

    # ------------------------------------------------------------
    # EXTENSION, WORDS, COST
    # ------------------------------------------------------------

    def test_another_addon_adds_what_a_preset_switches(self):
        """PLT-5: `_arrange` is where others add records; they are written, told, kept and had back with the rest."""
        card = self.env['customer.health.scorecard'].search([], limit=1)
        Preset, original = self.registry['customer.preset'], self.registry['customer.preset']._arrange
        with patch.object(Preset, '_arrange', lambda preset: [*original(preset), (card, {'healthy_from': 80.0})]):
            self.assertIn(f"Changed: “{card.display_name}”.", self.env['customer.preset.forecast']._describe_plan(
                self.abc, self.abc._plan()))
            before = card.healthy_from
            change = self.abc.with_user(self.mara)._apply()
            self.assertEqual(card.healthy_from, 80)
        change.action_take_back()
        self.assertEqual(card.healthy_from, before)

    @users('mara')
    def test_the_dialog(self):
        """PLT-5: the dialog says today and then in numbers, and what is written, in the reader's language."""
        self._people(20)
        dialog = self.env['customer.preset.apply'].create({'preset_id': self.three_two.id})
        self.assertIn("would follow another cadence", dialog.preview)
        self.assertIn("Contacts a week", dialog.preview)
        self.assertIn("Anna", dialog.preview)
        self.assertIn("3 + 2", dialog.preview)
        values = self.env['customer.preset.forecast']._values(self.three_two.with_env(self.env))
        [table] = values['tables']  # tiers and segments stay as they are
        self.assertEqual((table['title'], sum(int(row['then']) for row in table['rows'])), ("Cadences", 20))
        titles = [table['title'] for table in self.env['customer.preset.forecast']._values(self.abc.with_env(self.env))['tables']]
        self.assertEqual((titles[0], titles[-1]), ("Tiers", "Cadences"))
        self.assertEqual(dialog.action_apply()['res_model'], 'customer.preset.change')
        self.assertIn("This is how you work already", self.env['customer.preset.apply'].create(
            {'preset_id': self.three_two.id}).preview)

    def test_cost(self):
        """PLT-5: looking costs as much for six customers as for thirty."""
        counts = []
        for number in (6, 24):
            self._people(number, seed=number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['customer.preset.forecast']._values(self.abc)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

