"""STR-3: proposing, submitting, deciding and withdrawing."""
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .adjustment_common import AdjustmentCase


class TestAdjustment(AdjustmentCase):

    # ------------------------------------------------------------
    # PROPOSING
    # ------------------------------------------------------------

    def test_str_3_proposal_begins_with_the_strategy(self):
        """STR-3: a proposal takes everything from the strategy as it is, KPIs with their targets included."""
        self.strategy.cadence_id = self.cadence
        adjustment = self.env['customer.strategy.proposer']._propose_adjustment(self.strategy.with_user(self.anna))
        self.assertRecordValues(adjustment, [{
            'state': 'draft', 'author_id': self.anna.id, 'user_id': self.anna.id, 'partner_id': self.customer.id,
            'core_approach': "Be there", 'cadence_id': self.cadence.id, 'cycle_days': 90, 'origin': 'person',
            'contributor_ids': self.anna.ids}])
        self.assertRecordValues(adjustment.kpi_ids, [
            {'kpi_id': kpi.id, 'is_current': True, 'target': target, 'new_target': target, 'now_actual': actual,
             'now_known': True} for kpi, target, actual in ((self.repurchase, 80, 85), (self.satisfaction, 90, 88))])
        year = fields.Date.context_today(adjustment).year
        self.assertRegex(adjustment.name, rf'^ADJ/{year}/\d{{4}}$')

    def test_str_3_numbers_of_companies(self):
        """STR-3: every company counts its own adjustments."""
        theirs = self._customer("Theirs", user_id=self.zoe.id, company_id=self.company_2.id)
        strategy = self._strategy(theirs, (self.repurchase, 80), company_id=self.company_2.id)
        number = self.env['customer.strategy.proposer']._propose_adjustment(self.strategy).name
        self.assertEqual(self.env['customer.strategy.proposer']._propose_adjustment(
            strategy.with_user(self.zoe)).name[-4:], '0001')
        following = self.env['customer.strategy.proposer']._propose_adjustment(self.strategy).name
        self.assertEqual(int(following[-4:]), int(number[-4:]) + 1)

    def test_str_3_proposal_in_the_form(self):
        """STR-3: the form is filled in from the strategy, and a template fills in its approach and targets."""
        template = self.env['customer.strategy.template'].create({
            'name': "At risk", 'core_approach': "Win back", 'cycle_days': 60, 'kpi_ids': [
                Command.create({'kpi_id': self.repurchase.id, 'target': 50}),
                Command.create({'kpi_id': self.orders.id, 'target': 3})]})
        action = self.strategy.with_user(self.anna).action_propose()
        form = Form(self.env['customer.strategy.adjustment'].with_user(self.anna).with_context(**action['context']))
        self.assertEqual(form.core_approach, "Be there")
        form.template_id = template
        self.assertEqual((form.core_approach, form.cycle_days), ("Win back", 60))
        adjustment = form.save()
        self.assertEqual(
            [(line.kpi_id, line.target, line.new_target, line.is_dropped, line.is_current)
             for line in adjustment.kpi_ids.sorted('id')],
            [(self.repurchase, 80, 50, False, True), (self.satisfaction, 90, 90, True, True),
             (self.orders, 0, 3, False, False)])
        self.assertEqual(self.strategy.with_user(self.anna).action_propose()['res_id'], adjustment.id, "the own draft")

    def test_str_3_what_can_be_adjusted(self):
        """STR-3: only strategies that run or just ended, each refusal says why."""
        other = self._customer("Other")
        draft = self._strategy(other, (self.repurchase, 80), state='draft')
        with self.assertRaisesRegex(UserError, "changed directly"):
            self.env['customer.strategy.proposer']._propose_adjustment(draft)
        ended = self._strategy(other, (self.repurchase, 80), renew=False)
        ended.write({'state': 'done', 'ended_by': 'cycle'})
        self.assertTrue(self.env['customer.strategy.proposer']._propose_adjustment(ended))
        running = self._strategy(other, (self.repurchase, 80))
        with self.assertRaisesRegex(UserError, "Another strategy of this customer is running"):
            self.env['customer.strategy.proposer']._propose_adjustment(ended)
        running.write({'state': 'done', 'ended_by': 'stopped'})
        with self.assertRaisesRegex(UserError, "was stopped"):
            self.env['customer.strategy.proposer']._propose_adjustment(running)
        running.ended_by = 'adjustment'
        with self.assertRaisesRegex(UserError, "replaced by a new version"):
            self.env['customer.strategy.proposer']._propose_adjustment(running)

    def test_str_3_no_adjustment_of_an_adjustment(self):
        """STR-3: nothing is proposed, and nothing submitted, on top of what is not applied yet."""
        second = self._adjustment(self.mara)
        first = self._adjustment(state='submitted')
        for call in (lambda: self.env['customer.strategy.proposer']._propose_adjustment(
            self.strategy), second.with_user(self.mara).action_submit,
                     self.strategy.with_user(self.lena).action_propose):
            with self.assertRaisesRegex(UserError, f'{first.name} changes the strategy .* already.*Anna submitted'):
                call()
        with self._refused("Another adjustment of this strategy"):
            second.write({'state': 'approved'})
        self._end(first, 'cancel', "Not now", self.anna)
        second.with_user(self.mara).action_submit()
        self.assertEqual(second.state, 'submitted')

    def test_str_3_next_cycle_counts_as_well(self):
        """STR-3: what was proposed for a cycle holds up proposals for the next one, too."""
        self._adjustment(state='submitted')
        following = self._close_cycle(self.strategy)
        self.assertEqual(following.state, 'active')
        with self.assertRaisesRegex(UserError, "not applied yet"):
            self.env['customer.strategy.proposer']._propose_adjustment(following)

    # ------------------------------------------------------------
    # SUBMITTING
    # ------------------------------------------------------------

    def test_str_3_incomplete(self):
        """STR-3: what is missing is named; blanks say nothing."""
        adjustment = self.env['customer.strategy.proposer']._propose_adjustment(
            self.strategy.with_user(self.anna), {'reason': " "})
        with self.assertRaisesRegex(
                ValidationError, "Kind of Reason, Reason, Root Cause, Changes, Expected Effect, Feasibility,"):
            adjustment.action_submit()
        self.assertEqual(adjustment.state, 'draft')

    def test_str_3_bad_proposals(self):
        """STR-3: a day that is over, a target of 0, no KPI left, nothing changed: refused with a sentence."""
        today = fields.Date.context_today(self.customer)
        adjustment = self._adjustment(date=today - timedelta(days=1))
        line = adjustment.kpi_ids[0]
        for values, problem in (
            ({}, "is over"),
            ({'date': today, 'kpi_ids': [Command.update(line.id, {'new_target': 0})]}, "more than 0"),
            ({'kpi_ids': [Command.update(each.id, {'is_dropped': True}) for each in adjustment.kpi_ids]},
             "keep at least one KPI"),
            ({'core_approach': " Be there ", 'kpi_ids': [
                Command.update(each.id, {'is_dropped': False, 'new_target': each.target}) for each in adjustment.kpi_ids]},
             "changes nothing"),
        ):
            adjustment.write(values)
            with self.assertRaisesRegex(ValidationError, problem):
                adjustment.with_user(self.anna).action_submit()
        line.new_target = 85
        adjustment.with_user(self.anna).action_submit()
        self.assertEqual(adjustment.state, 'submitted')

    def test_str_3_submitting_freezes(self):
        """STR-3: what the customer and the strategy were like stays with the proposal."""
        segment = self.env['customer.segment'].search([], limit=1)
        self.customer.customer_segment_id = segment
        grade = self.env['customer.strategy.grade'].create({'name': "Test grade", 'minimum': 199})
        self.strategy.write({'effect_id': grade.id, 'attainment': 97.5})
        measurer = type(self.env['customer.strategy.measurer'])
        self.patch(measurer, '_measure', lambda model, strategies: None)
        adjustment = self._adjustment(state='submitted')
        self.assertRecordValues(adjustment, [{
            'segment_id': segment.id, 'effect_id': grade.id, 'attainment': 97.5, 'submitted_by_id': self.anna.id}])
        self.strategy.kpi_ids.write({'actual': 1})
        self.assertEqual(adjustment.kpi_ids.mapped('actual'), [85, 88])
        self.assertEqual(adjustment.kpi_ids.mapped('now_actual'), [85, 88])

    def test_str_3_deciders_are_asked(self):
        """STR-3: the team leader gets an activity, else the managers; nobody after the decision."""
        adjustment = self._adjustment(state='submitted')
        self.assertEqual(self._activities(adjustment).user_id, self.lena)
        self.assertEqual(adjustment.waits_for, "Lena")
        adjustment.with_user(self.lena).action_approve()
        self.assertFalse(self._activities(adjustment))
        by_leader = self._adjustment(self.lena, strategy=self._strategy(self._customer("Second"), (self.repurchase, 80)),
                                     state='submitted')
        asked = self._activities(by_leader).user_id
        self.assertIn(self.mara, asked)
        self.assertNotIn(self.lena, asked)
        self.assertNotIn(self.zoe, asked, "of another company")

    # ------------------------------------------------------------
    # DECIDING
    # ------------------------------------------------------------


    def test_str_3_waits_for_nobody(self):
        """STR-3, K9: where nobody can decide the form says its own sentence, and not "Waits to be decided on by []"."""
        self.env['res.config.settings'].create({'customer_strategy_leader_approves': False}).execute()
        manager = self.env.ref('customer_success.group_customer_success_manager')
        others = manager.all_user_ids - self.mara
        others.write({'group_ids': [Command.unlink(group.id) for group in manager | manager.all_implied_by_ids]})
        adjustment = self._adjustment(user=self.mara, state='submitted')
        self.env.invalidate_all()
        self.assertFalse(self.env['customer.adjustment.decider']._deciders(adjustment))
        [shown] = adjustment.with_user(self.mara).web_read({'waits_for': {}})
        self.assertIs(shown['waits_for'], False)
    def test_str_3_refused_with_a_reason(self):
        """STR-3: a refusal needs a reason, which the author reads; what was refused can be written anew."""
        adjustment = self._adjustment(state='submitted')
        with self.assertRaisesRegex(ValidationError, "say why"):
            self._end(adjustment, 'refuse', " ", self.lena)
        self._end(adjustment, 'refuse', "Too dear", self.lena)
        self.assertRecordValues(adjustment, [{
            'state': 'refused', 'refusal_reason': "Too dear", 'decided_by_id': self.lena.id}])
        self.assertIn("Too dear", self._activities(adjustment, self.anna).summary)
        with self.assertRaisesRegex(UserError, "Lena refused it"):
            adjustment.with_user(self.anna).write({'reason': "Please"})
        adjustment.with_user(self.anna).action_redraft()
        adjustment.with_user(self.anna).write({'reason': "Please"})
        adjustment.with_user(self.anna).action_submit()
        self.assertRecordValues(adjustment, [{'state': 'submitted', 'refusal_reason': False, 'decided_by_id': False}])

    def test_str_3_recalled(self):
        """STR-3: whoever submitted it takes it back, and so does the owner; nobody else."""
        adjustment = self._adjustment(state='submitted')
        with self.assertRaisesRegex(AccessError, "taken back by whoever submitted it"):
            adjustment.with_user(self.lena).action_recall()
        adjustment.with_user(self.anna).action_recall()
        self.assertEqual(adjustment.state, 'draft')
        self.assertFalse(self._activities(adjustment))
        with self.assertRaisesRegex(UserError, "it is a draft"):
            adjustment.with_user(self.lena).action_approve()

    def test_str_3_changed_since_it_was_read(self):
        """STR-3: who opened a proposal that was changed and submitted again meanwhile does not approve what was not read."""
        with self._on('2026-03-03', 9):
            adjustment = self._adjustment(state='submitted', date='2026-03-10')
            seen = fields.Datetime.to_string(adjustment.submitted_on)
        with self._on('2026-03-03', 10):
            adjustment.with_user(self.anna).action_recall()
            adjustment.with_user(self.anna).write({'expected_effect': "Much more"})
            adjustment.with_user(self.anna).action_submit()
            with self.assertRaisesRegex(UserError, "changed and submitted again"):
                adjustment.with_user(self.lena).with_context(seen_submitted_on=seen).action_approve()
            adjustment.with_user(self.lena).with_context(
                seen_submitted_on=fields.Datetime.to_string(adjustment.submitted_on)).action_approve()
        self.assertEqual(adjustment.state, 'approved')

    def test_str_3_double_clicks(self):
        """STR-3: a step that was taken already says who took it and when."""
        adjustment = self._adjustment(state='submitted')
        with self.assertRaisesRegex(UserError, "Anna submitted it"):
            adjustment.with_user(self.anna).action_submit()
        adjustment.with_user(self.lena).action_approve()
        for step, user in (('action_approve', self.lena), ('action_approve', self.mara), ('action_submit', self.anna),
                           ('action_recall', self.anna), ('action_redraft', self.anna)):
            with self.assertRaisesRegex(UserError, "Lena approved it"):
                getattr(adjustment.with_user(user), step)()
        with self.assertRaisesRegex(UserError, "Lena approved it"):
            self._end(adjustment, 'refuse', "Late", self.mara)
        adjustment.with_user(self.anna).action_apply()
        for step in ('action_apply', 'action_approve', 'action_submit'):
            with self.assertRaisesRegex(UserError, "it was applied on"):
                getattr(adjustment.with_user(self.mara), step)()
        with self.assertRaisesRegex(UserError, "it was applied on"):
            self._end(adjustment, 'cancel', "Late", self.anna)

    def test_str_3_withdrawn(self):
        """STR-3: draft, submitted and approved ones can be withdrawn, with a reason, and stay so."""
        for number, state in enumerate(('draft', 'submitted', 'approved')):
            strategy = self._strategy(self._customer(f"Customer {number}"), (self.repurchase, 80))
            adjustment = self._adjustment(strategy=strategy, state=state)
            self._end(adjustment, 'cancel', "Not needed", self.anna)
            self.assertRecordValues(adjustment, [{
                'state': 'cancelled', 'cancelled_by_id': self.anna.id, 'cancel_reason': "Not needed"}])
            self.assertFalse(self._activities(adjustment))
            with self.assertRaisesRegex(UserError, "Anna withdrew it"):
                adjustment.with_user(self.anna).action_submit()

    def test_str_3_what_was_sent_is_kept(self):
        """STR-3: only a draft that was never submitted, and that the addon would not propose again, is deleted."""
        adjustment = self._adjustment(state='submitted')
        with self.assertRaisesRegex(UserError, "Withdraw it instead"):
            adjustment.with_user(self.anna).unlink()
        adjustment.with_user(self.anna).action_recall()
        with self.assertRaisesRegex(UserError, "was submitted once"):
            adjustment.with_user(self.anna).unlink()
        suggested = self.env['customer.strategy.proposer']._propose_adjustment(
            self.strategy, {'origin': 'effect', 'origin_key': 'effect:1'})
        with self.assertRaisesRegex(UserError, "proposed again"):
            suggested.with_user(self.anna).unlink()
        draft = self._adjustment()
        draft.with_user(self.anna).unlink()
        self.assertFalse(draft.exists())

    def test_str_3_strategy_stopped_meanwhile(self):
        """STR-3: what can't be applied any more is not approved either."""
        adjustment = self._adjustment(state='submitted')
        self.strategy.write({'state': 'done', 'ended_by': 'stopped'})
        with self.assertRaisesRegex(UserError, "was stopped"):
            adjustment.with_user(self.lena).action_approve()

    def test_str_3_current_kpis_are_dropped_by_their_mark(self):
        """STR-3: a KPI of the strategy can neither be taken off the sheet nor made another one."""
        adjustment = self._adjustment().with_user(self.anna)
        with self.assertRaisesRegex(UserError, "Tick “Drop”"):
            adjustment.kpi_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "can't be made another one"):
            adjustment.kpi_ids[0].kpi_id = self.orders
        adjustment.kpi_ids = [Command.create({'kpi_id': self.orders.id, 'new_target': 3})]
        added = adjustment.kpi_ids.filtered(lambda line: line.kpi_id == self.orders)
        self.assertFalse(added.is_current)
        added.unlink()
        self.assertEqual(len(adjustment.kpi_ids), 2)

    def test_str_3_board_follows_the_flow(self):
        """STR-3: the columns of the board stand in the order of the flow."""
        for number, state in enumerate(('approved', 'draft', 'submitted')):
            self._adjustment(strategy=self._strategy(self._customer(f"Board {number}"), (self.orders, 2)), state=state)
        groups = self.env['customer.strategy.adjustment'].with_user(self.anna).formatted_read_group(
            [], ['state'], ['__count'])
        self.assertEqual([group['state'] for group in groups], ['draft', 'submitted', 'approved'])

    def test_str_3_reading_many(self):
        """STR-3: a board with many proposals takes no more queries than one with few."""
        names = {name: {} for name in (
            'name', 'state', 'partner_id', 'can_approve', 'can_recall', 'can_cancel', 'can_apply', 'must_inform',
            'problem', 'display_name')}

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['customer.strategy.adjustment'].with_user(self.lena).web_search_read([], names)
            return self.env.cr.sql_log_count - before

        def more(count):
            for number in range(count):
                strategy = self._strategy(self._customer(f"Many {count}-{number}"), (self.orders, 2))
                self._adjustment(strategy=strategy, state='submitted')

        more(2)
        queries()
        few = queries()
        more(8)
        self.assertLessEqual(queries(), few)
