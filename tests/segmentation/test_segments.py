"""SEG-4: value × risk segments from tier, potential and risk."""
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from .common import SegmentCase


class TestSegments(SegmentCase):

    # ------------------------------------------------------------
    # WHICH SEGMENT
    # ------------------------------------------------------------

    def test_seg_4_shipped_rules(self):
        """SEG-4: the four shipped segments, for every tier, potential and risk there is."""
        expected = {
            # tier, risk: by potential not high, high
            ('high', None): (self.unknown, self.unknown),
            ('high', 'low'): (self.high_stable, self.high_stable),
            ('high', 'medium'): (self.high_stable, self.high_stable),
            ('high', 'high'): (self.high_potential, self.high_potential),
            ('mid', 'low'): (self.low_stable, self.high_potential),
            ('mid', 'high'): (self.low_risk, self.high_potential),
            ('low', None): (self.unknown, self.high_potential),
            ('low', 'medium'): (self.low_stable, self.high_potential),
            ('low', 'high'): (self.low_risk, self.high_potential),
        }
        customer = self._customer("Everything")
        for (tier, risk), (plain, promising) in expected.items():
            customer._set_tier_by_hand(self.env.ref(f'customer_success.customer_tier_{tier}'), "Test")
            self._set_risk(customer, risk)
            for potential, segment in ((False, plain), ('low', plain), ('medium', plain), ('high', promising)):
                self._judge(customer, potential)
                self.assertEqual(customer.customer_segment_id, segment, (tier, risk, potential))

    def test_seg_4_everybody_has_exactly_one(self):
        """SEG-4: each managed customer has one from its first moment, nobody else has one, whatever the ranking."""
        self.env.ref('customer_success.customer_tier_scheme_manual').action_put_in_force()
        customer = self._customer("New")
        self.assertFalse(customer.customer_tier_id)
        self.assertEqual(customer.customer_segment_id, self.unknown)
        buyer = self.env['res.partner'].create({'name': "Buyer", 'is_company': True})
        self.assertFalse(buyer.customer_segment_id)
        self._order(buyer, 100)
        self.assertEqual(buyer.customer_segment_id, self.unknown)
        self.env['customer.ranking']._refresh_all()
        self.env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE (customer_segment_id IS NOT NULL) <> COALESCE(customer_managed, FALSE)")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_seg_4_who_leaves_loses_it(self):
        """SEG-4: excluded, a customer has no segment any more; the history says so, and it comes back with a new one."""
        customer = self._customer("Leaving")
        customer.action_customer_exclude()
        self.assertFalse(customer.customer_segment_id or customer.customer_segment_since)
        change = self._last_change(customer)
        self.assertRecordValues(change, [
            {'old_segment_id': self.unknown.id, 'new_segment_id': False, 'cause': 'left'}])
        customer.action_customer_enrol()
        self.assertEqual(customer.customer_segment_id, self.unknown)
        self.assertEqual(self._last_change(customer).cause, 'first')

    # ------------------------------------------------------------
    # HISTORY
    # ------------------------------------------------------------

    def test_seg_4_history_with_its_cause(self):
        """SEG-4: every change is kept with its day, what it followed from, and why; since when stands on the customer."""
        with self._on('2026-03-02'):
            customer = self._customer("History")
        with self._on('2026-03-03'):
            self._judge(customer, 'high')
        with self._on('2026-03-04'):
            customer._set_tier_by_hand(self.tier_high, "Test")
        with self._on('2026-03-05'):
            self._set_risk(customer, 'high')
        with self._on('2026-03-06'):
            self._judge(customer, 'low')  # still tier high and risk high: nothing changes
        changes = customer.customer_segment_change_ids.sorted('id')
        day = fields.Date.to_date
        self.assertRecordValues(changes, [
            {'date': day('2026-03-02'), 'cause': 'first', 'old_segment_id': False, 'new_segment_id': self.unknown.id,
             'tier_id': self.tier_low.id, 'potential': False, 'risk': False},
            {'date': day('2026-03-03'), 'cause': 'potential', 'old_segment_id': self.unknown.id,
             'new_segment_id': self.high_potential.id, 'tier_id': self.tier_low.id, 'potential': 'high', 'risk': False},
            {'date': day('2026-03-04'), 'cause': 'tier', 'old_segment_id': self.high_potential.id,
             'new_segment_id': self.unknown.id, 'tier_id': self.tier_high.id, 'potential': 'high', 'risk': False},
            {'date': day('2026-03-05'), 'cause': 'risk', 'old_segment_id': self.unknown.id,
             'new_segment_id': self.high_potential.id, 'tier_id': self.tier_high.id, 'potential': 'high', 'risk': 'high'},
        ])
        self.assertEqual(customer.customer_segment_since, day('2026-03-05'))

    def test_seg_4_the_night_finds_what_changed(self):
        """SEG-4: what changed by a way nobody thought of is found in the night, with its cause."""
        customer = self._customer("Odd")
        self._set_risk(customer, 'high', refresh=False)
        self.assertEqual(customer.customer_segment_id, self.unknown)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(customer.customer_segment_id, self.low_risk)
        self.assertEqual(self._last_change(customer).cause, 'risk')

    def test_seg_4_only_changed_rows_are_written(self):
        """SEG-4: run again, or killed and run again, the refresh finds nothing more to do."""
        customers = self.env['res.partner'].create([{
            'name': f"Customer {number}", 'is_company': True, 'customer_enrolment': 'enrolled'} for number in range(5)])
        self.env['customer.ranking']._refresh_all()
        self._set_risk(customers[:2], 'high', refresh=False)
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01' WHERE id = ANY(%s)", [customers.ids])
        self.assertEqual(self.segmenter._refresh(), {'rows': 2})
        self.env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE id = ANY(%s) AND write_date > '2020-01-02'", [customers.ids])
        self.assertEqual(self.env.cr.fetchone()[0], 2)
        before = self.env['customer.segment.change'].search_count([])
        self.assertEqual(self.segmenter._refresh(), {'rows': 0})
        self.assertEqual(self.env['customer.ranking']._refresh_all()['rows'], 0)
        self.assertEqual(self.env['customer.segment.change'].search_count([]), before)

    def test_seg_4_one_and_all_give_the_same(self):
        """SEG-4: placing one customer, the ranking and the night agree."""
        customers = self.env['res.partner']
        for number, (potential, risk) in enumerate(((False, None), ('high', None), ('low', 'high'), ('high', 'high'))):
            customer = self._customer(f"Customer {number}", customer_potential=potential, customer_potential_reason="x")
            self._set_risk(customer, risk)
            customers += customer
        customers[0]._set_tier_by_hand(self.tier_high, "Test")
        expected = customers.mapped('customer_segment_id.id')
        for refresh in (
            lambda: [self.segmenter._refresh(customer.ids) for customer in customers],
            lambda: self.segmenter._refresh(),
            lambda: self.env['customer.ranking']._refresh_all(),
            lambda: self.env['customer.ranking']._rank(customers.ids),
        ):
            self.env.cr.execute("UPDATE res_partner SET customer_segment_id = NULL WHERE id = ANY(%s)", [customers.ids])
            self.env.invalidate_all()
            refresh()
            self.assertEqual(customers.mapped('customer_segment_id.id'), expected)

    def test_seg_4_query_count(self):
        """SEG-4: placing all costs the same number of queries for a few that change as for many."""
        def cost(count):
            customers = self.env['res.partner'].create([{
                'name': f"Customer {number}", 'is_company': True, 'customer_enrolment': 'enrolled'}
                for number in range(count)])
            self._set_risk(customers, 'high', refresh=False)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(self.segmenter._refresh(), {'rows': count})
            return self.env.cr.sql_log_count - start
        self.segmenter._refresh()
        cost(1)
        self.assertEqual(cost(30), cost(3))

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_seg_4_changed_rules_place_everybody(self):
        """SEG-4: other rules apply to all with the next run, which is asked for, and the history says why."""
        customer = self._customer("Ruled")
        self._judge(customer, 'medium')
        rule = self.env['customer.segment.rule'].create({
            'segment_id': self.high_potential.id, 'sequence': 5, 'potential': 'medium'})
        trigger = self.env['ir.cron.trigger'].search([
            ('cron_id', '=', self.env.ref('customer_success.ir_cron_refresh').id)])
        self.assertTrue(trigger, "the nightly action does not wait for the night")
        self.assertTrue(self.high_potential.waits)
        self.assertEqual(customer.customer_segment_id, self.unknown)
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(customer.customer_segment_id, self.high_potential)
        self.assertEqual(self._last_change(customer).cause, 'rules')
        self.env.invalidate_all()
        self.assertFalse(self.high_potential.waits)
        rule.sequence = 95  # behind the one for everybody
        self.assertTrue(rule.is_behind)
        self.env['customer.segment'].with_user(self.mara).action_place_customers()
        self.assertEqual(customer.customer_segment_id, self.unknown)

    def test_seg_4_archived_segment(self):
        """SEG-4: the customers of an archived segment go where the other rules put them."""
        customer = self._customer("Archived")
        self._set_risk(customer, 'high')
        self.assertEqual(customer.customer_segment_id, self.low_risk)
        self.low_risk.active = False
        self.env['customer.ranking']._refresh_all()
        self.assertEqual(customer.customer_segment_id, self.low_stable)
        self.assertEqual(self.low_risk.customer_count, 0)

    def test_seg_4_somebody_fits_no_rule(self):
        """SEG-4: rules that would leave customers without a segment are refused, however it is tried."""
        rest = self.env.ref('customer_success.customer_segment_rule_rest')
        for call in (
            lambda: rest.write({'risk': 'low'}),
            lambda: rest.write({'tier_ids': [Command.set(self.tier_low.ids)]}),
            lambda: rest.unlink(),
            lambda: self.low_stable.action_archive(),
            lambda: self.low_stable.write({'rule_ids': [Command.delete(rest.id)]}),
        ):
            with self.assertRaisesRegex(ValidationError, "Every customer needs a segment"), self.env.cr.savepoint():
                call()
            self.env.invalidate_all()
        self.env['customer.segment.rule'].create({'segment_id': self.low_risk.id})
        rest.unlink()
        self.assertTrue(self.env['customer.segment.rule'].search([]).filtered('fits_everybody'))

    def test_seg_4_what_is_in_use_stays(self):
        """SEG-4: a segment with customers or a history is archived, not deleted; a tier of a rule stays."""
        self._customer("User")
        with self.assertRaisesRegex(UserError, "Archive it instead"), self.env.cr.savepoint():
            self.env['customer.segment.rule'].create({'segment_id': self.low_risk.id})
            self.low_stable.unlink()
        unused = self.env['customer.segment'].create({'name': "Unused", 'rule_ids': [Command.create({'risk': 'low'})]})
        tier = self.env['customer.tier'].create({'name': "Ruled"})
        unused.rule_ids.tier_ids = tier
        with self.assertRaisesRegex(UserError, "Rules of the segments Unused ask for the tier Ruled"):
            tier.unlink()
        unused.unlink()
        tier.unlink()
        self.assertFalse(tier.exists())

    def test_seg_4_rules_in_words(self):
        """SEG-4: a rule says whom it is for."""
        rule = self.env['customer.segment.rule'].create({
            'segment_id': self.low_risk.id, 'tier_ids': [Command.set((self.tier_mid + self.tier_low).ids)],
            'potential': 'low', 'risk': 'medium'})
        self.assertEqual(rule._describe(), "tier Mid value or Low value, potential Low, and risk Medium")
        self.assertEqual(self.env.ref('customer_success.customer_segment_rule_rest')._describe(), "everybody else")

    # ------------------------------------------------------------
    # POTENTIAL
    # ------------------------------------------------------------

    @users('anna')
    def test_seg_4_potential_with_its_reason(self):
        """SEG-4: whoever judges a potential says why; the day is kept, and the segment follows at once."""
        customer = self._customer("Judged").with_env(self.env)
        for values in (
            {'customer_potential': 'high'},
            {'customer_potential': 'high', 'customer_potential_reason': " "},
        ):
            with self.assertRaisesRegex(ValidationError, "say why"):
                customer.write(values)
        with self._on('2026-03-02'):
            dialog = Form(self.env['customer.segment.dialog'].with_context(default_partner_ids=customer.ids))
            dialog.potential = 'high'
            dialog.reason = "Builds a second plant"
            dialog.save().action_judge()
            self.assertEqual(customer.customer_potential_date, fields.Date.to_date('2026-03-02'))
        self.assertEqual(customer.customer_segment_id, self.high_potential)
        with self.assertRaisesRegex(ValidationError, "say why"):
            customer.customer_potential = 'low'  # the old reason is none for another potential
        with self.assertRaisesRegex(ValidationError, "say why"):
            customer.customer_potential_reason = False
        with self.assertRaises(AccessError):
            customer.customer_potential_date = '2020-01-01'
        with self._on('2026-04-01'):
            customer.customer_potential_reason = "Has built a second plant"
            self.assertEqual(customer.customer_potential_date, fields.Date.to_date('2026-04-01'), "judged again")
        self.env['customer.segment.dialog'].create({'partner_ids': customer.ids}).action_clear()
        self.assertFalse(customer.customer_potential_reason or customer.customer_potential_date)
        self.assertEqual(customer.customer_segment_id, self.unknown)

    def test_seg_4_potential_of_many(self):
        """SEG-4: several customers are judged at once, those that are judged so already keep their day."""
        one, two = self._customer("One"), self._customer("Two")
        with self._on('2026-03-02'):
            self._judge(one, 'high', "Same")
        with self._on('2026-03-09'):
            self._judge(one + two, 'high', "Same")
        self.assertEqual(
            [str(partner.customer_potential_date) for partner in one + two], ['2026-03-02', '2026-03-09'])
        self.assertEqual((one + two).customer_segment_id, self.high_potential)

    def test_seg_4_potential_of_a_new_customer(self):
        """SEG-4: who is created with a potential needs its reason, too."""
        with self.assertRaisesRegex(ValidationError, "say why"):
            self._customer("Import", customer_potential='high')
        customer = self._customer("Import", customer_potential='high', customer_potential_reason="New plant")
        self.assertEqual(customer.customer_segment_id, self.high_potential)
        self.assertEqual(customer.customer_potential_date, fields.Date.context_today(customer))

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    @users('anna')
    def test_seg_4_why_this_segment(self):
        """SEG-4: the dialog says what the segment follows from, by which rule, since when, and what it was before."""
        customer = self._customer("Explained").with_env(self.env)
        self._set_risk(customer.sudo(), 'high')
        dialog = self.env['customer.segment.dialog'].create({'partner_ids': customer.ids})
        text = str(dialog.explanation)
        for part in ("Tier Low value, potential –, risk High", "“Low-value at risk”: risk High", "In this segment since",
                     "nobody has judged it, and too little is known"):
            self.assertIn(part, text)
        self.assertEqual(dialog.change_ids.mapped('cause'), ['risk', 'first'])
        self.env.ref('customer_success.customer_segment_rule_risk').sudo().risk = 'medium'
        dialog.invalidate_recordset()
        self.assertIn("moves there tonight", str(dialog.explanation))
        self._judge(customer, 'low', "Nothing more to sell")
        dialog.invalidate_recordset()
        self.assertIn("Nothing more to sell", str(dialog.explanation))
        action = customer.action_customer_segment_dialog()
        self.assertEqual((action['res_model'], action['context']['default_partner_ids']), (dialog._name, customer.ids))

    @users('anna')
    def test_seg_4_shown_with_the_relationship(self):
        """SEG-4: the tab Relationship shows segment, potential and its reason."""
        customer = self._customer("Shown").with_env(self.env)
        self._judge(customer, 'high', "New plant")
        shown = customer.get_customer_relationship()['segment']
        self.assertEqual((shown['name'], shown['reason']), ("High-value potential", "New plant"))
        self.assertEqual(dict(shown['figures']), {"Tenure": "–", "Risk": "–", "Potential": "High · 85"})

    def test_seg_4_counted_searched_and_grouped(self):
        """SEG-4: the number of customers opens them; groups of potential and risk come in their order."""
        before = self.low_risk.customer_count
        customers = self._customer("One") + self._customer("Two")
        self._set_risk(customers, 'high')
        self.env.invalidate_all()
        self.assertEqual(self.low_risk.customer_count, before + 2)
        found = self.env['res.partner'].search(self.low_risk.action_view_customers()['domain'])
        self.assertEqual(found & customers, customers)
        self.assertEqual(customers.mapped('customer_segment_color'), [self.low_risk.color] * 2)
        third, fourth = self._customer("Three"), self._customer("Four")
        for partner, potential in zip(customers + third, ('low', 'medium', 'high'), strict=True):
            self._judge(partner, potential)
        domain = [('id', 'in', (customers + third + fourth).ids)]
        groups = [potential for potential, in self.env['res.partner']._read_group(domain, ['customer_potential'])]
        self.assertEqual(groups, ['high', 'medium', 'low', False])

    def test_seg_4_who_sees_which_changes(self):
        """SEG-4: a user sees the changes of the own customers, a leader those of the team, a manager all that are not of
        another company."""
        customers = (
            self._customer("Anna's") + self._customer("Otto's", user_id=self.otto.id)
            + self._customer("Theirs", company_id=self.company_2.id, user_id=self.zoe.id))
        for user, names in (
            (self.anna, {"Anna's"}), (self.otto, {"Otto's"}), (self.lena, {"Anna's"}), (self.li, {"Otto's"}),
            (self.mara, {"Anna's", "Otto's"}), (self.zoe, {"Theirs"}),
        ):
            changes = self.env['customer.segment.change'].with_user(user).search([('partner_id', 'in', customers.ids)])
            self.assertEqual(set(changes.sudo().partner_id.mapped('name')), names, user.name)
        with self.assertRaises(AccessError):
            self.env['customer.segment'].with_user(self.lena).action_place_customers()
        with self.assertRaises(AccessError):
            customers[0].with_user(self.anna).write({'customer_segment_id': self.high_stable.id})

    # ------------------------------------------------------------
    # MERGING
    # ------------------------------------------------------------

    def test_seg_4_merging_keeps_the_history(self):
        """SEG-4, PLT-2: merged, the changes of both are kept, and the segment is that of what they are together."""
        with self._on('2026-03-02'):
            kept, gone = self._customer("Kept"), self._customer("Gone")
        with self._on('2026-03-03'):
            self._judge(gone, 'high', "New plant")
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + gone).ids, kept)
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        self.assertEqual(kept.customer_segment_change_ids.mapped('cause').count('first'), 2)
        self.assertIn('potential', kept.customer_segment_change_ids.mapped('cause'))
        self.assertEqual((kept.customer_potential, kept.customer_potential_reason), ('high', "New plant"))
        self.assertEqual(str(kept.customer_potential_date), '2026-03-03')
        self.assertEqual(kept.customer_segment_id, self.high_potential)

    def test_seg_4_merging_into_a_judged_one(self):
        """SEG-4, PLT-2: the target's own potential stays."""
        kept, gone = self._customer("Kept"), self._customer("Gone")
        self._judge(kept, 'low', "Nothing more to sell")
        self._judge(gone, 'high', "New plant")
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((kept + gone).ids, kept)
        self.env.invalidate_all()
        self.assertEqual((kept.customer_potential, kept.customer_potential_reason), ('low', "Nothing more to sell"))
        self.assertEqual(kept.customer_segment_id, self.unknown)
