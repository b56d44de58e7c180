"""STR-4: who enters what nothing measures, who reviews, and what follows from it."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .effect_common import EffectCase


@tagged('post_install', '-at_install')
class TestEffectPeople(EffectCase):

    def _unknown(self):
        """Return a measured adjustment with one KPI that is entered by hand, and that nobody entered."""
        strategy = self._strategy(self.customer, (self.quality, 90), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.quality, 90))
        self._approve(adjustment)
        self._apply(adjustment)
        self._measure()
        return adjustment

    def _enter(self, line, user, **values):
        """Enter values in the dialog as a user does."""
        wizard_model = self.env['customer.strategy.effect.values'].with_user(user)
        with Form(wizard_model.with_context(**line.with_user(user).action_enter_effect()['context'])) as form:
            for name, value in values.items():
                form[f'has_{name}'] = value is not None
                if value is not None:
                    form[name] = value
        return form.record.action_apply()

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def test_str_4_enter_by_hand(self):
        """STR-4: a KPI that nothing measures is judged when all four values are entered, 0 being one of them."""
        adjustment = self._unknown()
        line = adjustment.kpi_ids
        self.assertEqual(adjustment.verdict, 'unknown')
        with self._on('2026-06-06'):
            self._enter(line, self.anna, before=80, after=88, segment_before=0)
        self.assertRecordValues(line, [{
            'change': 8, 'verdict': 'unknown', 'has_segment_before': True, 'has_segment_after': False}])
        with self._on('2026-06-06'):
            self._enter(line, self.anna, segment_after=2)
        self.assertRecordValues(line, [{
            'before': 80, 'net': 6, 'net_percent': 60, 'verdict': 'partly', 'entered_by_id': self.anna.id}])
        self.assertEqual(adjustment.verdict, 'partly')
        self.assertIn("Segment After 2", adjustment.message_ids[0].preview.replace('\xa0', ' '))
        self._enter(line, self.lena, after=None)
        self.assertRecordValues(adjustment, [{'verdict': 'unknown', 'net_percent': 0}])

    def test_str_4_known_elsewhere(self):
        """STR-4: what was known at submission, and what is entered for the new version, need not be entered again."""
        strategy = self._strategy(self.customer, (self.quality, 90, 82), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.quality, 92))
        self._approve(adjustment)
        new = self._apply(adjustment)
        new.kpi_ids.write({'actual': 91, 'has_actual': True, 'by_hand': True})
        self._measure()
        self.assertRecordValues(adjustment.kpi_ids, [{'before': 82, 'after': 91, 'change': 9, 'verdict': 'unknown'}])

    def test_str_4_entered_early_stays(self):
        """STR-4: what was entered while the cycle ran is there when it is measured."""
        strategy = self._strategy(self.customer, (self.quality, 90), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.quality, 90))
        self._approve(adjustment)
        self._apply(adjustment)
        self._enter(adjustment.kpi_ids, self.anna, before=80, after=90, segment_before=70, segment_after=70)
        self.assertFalse(adjustment.verdict)
        self._measure()
        self.assertEqual(adjustment.verdict, 'effective')

    def test_str_4_measured_is_not_entered(self):
        """STR-4: nobody enters what is measured, nor values that the KPI can't have."""
        measured, by_hand = self._changed((self.orders, 6), (self.quality, 90)).kpi_ids.sorted('id')
        with self.assertRaisesRegex(UserError, "is measured"):
            measured.with_user(self.mara).action_enter_effect()
        self.quality.maximum = 100
        with self.assertRaisesRegex(ValidationError, "between 0.% and 100.%"):
            self._enter(by_hand, self.anna, before=101)
        with self.assertRaises(AccessError):
            by_hand.with_user(self.otto).action_enter_effect()

    def test_str_4_not_by_rpc(self):
        """STR-4: verdicts and figures are not written, created or imported, not even by a manager."""
        adjustment = self._unknown()
        for values in ({'verdict': 'effective'}, {'net_percent': 100}, {'measured_on': '2026-06-05'},
                       {'after_stop': '2026-05-01'}, {'cohort_ids': [(5,)]}):
            with self.assertRaises(AccessError):
                adjustment.with_user(self.mara).write(values)
        for values in ({'before': 80}, {'after': 95}, {'has_after': True}, {'segment_after': 1}, {'verdict': 'effective'}):
            with self.assertRaises(AccessError):
                adjustment.kpi_ids.with_user(self.mara).write(values)
        with self.assertRaises(UserError):
            adjustment.with_user(self.mara).write({'kpi_ids': [(1, adjustment.kpi_ids.id, {'after': 95})]})
        with self.assertRaises(AccessError):
            self.env['customer.strategy.adjustment'].with_user(self.mara).create({
                'strategy_id': adjustment.new_strategy_id.id, 'verdict': 'effective'})
        result = self.env['customer.strategy.adjustment'].with_user(self.mara).load(
            ['.id', 'verdict'], [[str(adjustment.id), 'Effective']])
        self.assertTrue(result['messages'])
        self.assertEqual(adjustment.verdict, 'unknown')

    # ------------------------------------------------------------
    # REVIEW
    # ------------------------------------------------------------

    def _review(self, adjustment, user, conclusion, propose=None):
        """Review in the dialog as a user does; return what it opens."""
        action = adjustment.with_user(user).action_review()
        form = Form(self.env[action['res_model']].with_user(user).with_context(**action['context']))
        form.conclusion = conclusion
        if propose is not None:
            form.propose = propose
        return form.save().action_apply()

    def test_str_4_review(self):
        """STR-4: the owner concludes; the activity is done, the verdict stays, and nothing is entered any more."""
        adjustment = self._unknown()
        with self._on('2026-06-08'):
            self._review(adjustment, self.anna, "Nobody asked the customer.")
        self.assertRecordValues(adjustment, [{
            'state': 'reviewed', 'conclusion': "Nobody asked the customer.", 'reviewed_by_id': self.anna.id}])
        self.assertFalse(adjustment.activity_ids)
        self.assertIn("Nobody asked", adjustment.message_ids[0].preview)
        with self.assertRaisesRegex(UserError, "was reviewed with the values"):
            adjustment.kpi_ids.with_user(self.anna).action_enter_effect()
        with self.assertRaisesRegex(UserError, "reviewed by Anna on 06/08/2026 already"):
            adjustment.with_user(self.lena).action_review()

    def test_str_4_review_roles(self):
        """STR-4: leaders review in their team, managers everywhere in their company, others not at all."""
        for user in (self.lena, self.mara):
            adjustment = self._unknown()
            self._review(adjustment, user, "Seen.")
            self.assertEqual(adjustment.reviewed_by_id, user)
            adjustment.new_strategy_id.state = 'done'
        adjustment = self._unknown()
        for user in (self.ben, self.otto, self.li, self.zoe, self.nils):
            with self.assertRaises(AccessError):
                adjustment.with_user(user).action_review()
            with self.assertRaises(AccessError):
                self.env['customer.adjustment.conclusion']._review(adjustment.with_user(user), "Seen.")

    def test_str_4_review_too_early(self):
        """STR-4: no review before it is applied and measured, and none without a conclusion."""
        strategy = self._strategy(self.customer, (self.quality, 90), start='2026-02-01', days=60)
        adjustment = self._adjustment(strategy, (self.quality, 90))
        self._approve(adjustment)
        with self.assertRaisesRegex(UserError, "was not applied"):
            adjustment.with_user(self.anna).action_review()
        self._apply(adjustment)
        with self.assertRaisesRegex(UserError, "lasts until 06/04/2026"):
            adjustment.with_user(self.anna).action_review()
        self._measure()
        with self.assertRaisesRegex(ValidationError, "what was learned"):
            self.env['customer.adjustment.conclusion']._review(adjustment.with_user(self.anna), "  ")

    def _failed(self):
        """Return a measured adjustment that did not help."""
        for other in self.others:
            self._orders(other, '2026-02-01', '2026-05-01')
        self._orders(self.customer, '2026-02-01', '2026-05-01')
        adjustment = self._changed((self.orders, 6))
        self._measure()
        self.assertEqual(adjustment.verdict, 'not')
        return adjustment

    def test_str_4_proposes_next(self):
        """STR-4: what did not help leads to a draft of the next change, with the conclusion as its reason, once."""
        adjustment = self._failed()
        action = self._review(adjustment, self.anna, "Visits were too short.")
        proposal = self.env['customer.strategy.adjustment'].browse(action['res_id'])
        self.assertRecordValues(proposal, [{
            'strategy_id': adjustment.new_strategy_id.id, 'state': 'draft', 'origin': 'verdict', 'user_id': self.anna.id,
            'origin_key': f'verdict:{adjustment.id}', 'author_id': self.anna.id}])
        self.assertIn("Visits were too short.", proposal.reason)
        self.assertEqual(adjustment.next_adjustment_id, proposal)
        self.assertIn("proposed already", self.env['customer.adjustment.conclusion']._proposal_obstacle(adjustment))

    def test_str_4_proposes_nothing_unasked(self):
        """STR-4: nothing is proposed when it is not wanted, when another change is on its way, or without a strategy."""
        adjustment = self._failed()
        other = self._adjustment(adjustment.new_strategy_id, state='draft')
        self.assertIn("on its way", self.env['customer.adjustment.conclusion']._proposal_obstacle(adjustment))
        action = self._review(adjustment, self.anna, "Visits were too short.")
        self.assertEqual(action['type'], 'ir.actions.act_window_close')
        self.assertEqual(adjustment.new_strategy_id.adjustment_ids, other)
        other.unlink()
        adjustment.new_strategy_id.state = 'done'
        self.assertIn("no running strategy", self.env['customer.adjustment.conclusion']._proposal_obstacle(adjustment))

    def test_str_4_effective_proposes_nothing(self):
        """STR-4: what helped proposes no next change by itself."""
        adjustment = self._failed()
        adjustment.verdict = 'effective'
        action = self._review(adjustment, self.anna, "Good.")
        self.assertEqual(action['type'], 'ir.actions.act_window_close')
        self.assertFalse(adjustment.next_adjustment_id)

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    def test_str_4_means_of_colleagues_customers(self):
        """STR-4: the segment's mean is shown to who may not see its customers, and the customers are not."""
        for other in self.others:
            self._orders(other, '2026-02-01')
        self.others.user_id = self.otto
        adjustment = self._changed((self.orders, 6))
        panel = adjustment.with_user(self.anna).effect_panel
        self.assertEqual(panel['lines'][0]['values']['segment_before'], 1)
        self.assertIn("4 customers", panel['cohort'])

    def test_str_4_languages(self):
        """STR-4: the owner's activity is in the owner's language."""
        self.env['res.lang']._activate_lang('fr_FR')
        selection = self.env['ir.model.fields.selection'].search([
            ('field_id.model', '=', 'customer.strategy.adjustment'), ('field_id.name', '=', 'verdict'),
            ('value', '=', 'unknown')])
        selection.with_context(lang='fr_FR').name = "Inconnu"
        self.anna.lang = 'fr_FR'
        adjustment = self._unknown()
        self.assertEqual(adjustment.activity_ids.summary, "Changed: Inconnu")

    def test_str_4_settings(self):
        """STR-4: limits that nothing could be between are refused with a sentence; good ones decide."""
        Settings = self.env['res.config.settings']
        for values in ({'customer_strategy_partly_percent': 80}, {'customer_strategy_partly_percent': 0},
                       {'customer_strategy_effective_percent': 101}):
            with self.assertRaisesRegex(ValidationError, "partly effective"):
                Settings.create(values).execute()
        for values in ({'customer_strategy_segment_minimum': 0}, {'customer_strategy_segment_maximum': 2}):
            with self.assertRaisesRegex(ValidationError, "compared with"):
                Settings.create(values).execute()
        Settings.create({'customer_strategy_effective_percent': 60, 'customer_strategy_partly_percent': 20}).execute()
        self._orders(self.customer, '2026-02-01', '2026-05-01', '2026-05-02', '2026-05-03')
        for other in self.others:
            self._orders(other, '2026-02-01', '2026-05-01')
        adjustment = self._changed((self.orders, 4))
        self._measure()
        self.assertRecordValues(adjustment, [{'net_percent': 66.7, 'verdict': 'effective', 'effective_from': 60}])

    def test_str_4_changed_limits_change_no_verdict(self):
        """STR-4: what was judged by the limits of its time is judged by them when a value comes late."""
        adjustment = self._unknown()
        self.env['ir.config_parameter'].set_param('customer_success.strategy_effective_percent', '60')
        self._enter(adjustment.kpi_ids, self.anna, before=80, after=87, segment_before=70, segment_after=70)
        self.assertRecordValues(adjustment, [{'net_percent': 70, 'verdict': 'partly', 'effective_from': 80}])

    def test_str_4_report(self):
        """STR-4: verdicts by reason, kind and owner; a leader counts the team's."""
        adjustment = self._unknown()
        kind = self.env['customer.adjustment.kind'].create({'name': "Test kind"})
        adjustment.kind_ids = kind
        action = self.env['ir.actions.actions']._for_xml_id('customer_success.customer_strategy_effect_report_action')
        self.assertIn('pivot', action['view_mode'])
        model = self.env['customer.strategy.adjustment']
        domain = [('kind_ids', '=', kind.id), ('verdict', '!=', False)]
        for user, count in ((self.anna, 1), (self.lena, 1), (self.mara, 1), (self.otto, 0), (self.li, 0), (self.zoe, 0)):
            self.assertEqual(model.with_user(user).search_count(domain), count, user.name)
        self.assertEqual(
            model._read_group(domain, ['kind_ids', 'verdict', 'user_id'], ['__count']),
            [(kind, 'unknown', self.anna, 1)])

    def test_str_4_report_order(self):
        """STR-4: verdicts are sorted from the best to what is not known."""
        adjustments = self.env['customer.strategy.adjustment']
        for number, verdict in enumerate(('unknown', 'partly', 'not', 'effective')):
            adjustments += self._adjustment(
                self._strategy(self.others[number]), verdict=verdict, state='reviewed', origin_key=f'test:{number}')
        groups = adjustments._read_group([('id', 'in', adjustments.ids)], ['verdict'])
        self.assertEqual([verdict for verdict, in groups], ['effective', 'partly', 'not', 'unknown'])
