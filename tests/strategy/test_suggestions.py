from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_sheet import SheetCase, plain

LOGGER = 'odoo.addons.customer_success.models.strategy.customer_strategy_suggester'


class SuggestionCase(SheetCase):
    """The strategy of the customer began on 1 January 2026; it is 2 March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(
            type(cls.env['customer.health.refresh']), '_refresh', lambda model, partner_ids=None: {'rows': 0}))
        # what the demo data holds is not looked at
        cls.env['customer.strategy'].search([('id', '!=', cls.strategy.id), ('state', '=', 'active')]).write(
            {'state': 'done', 'ended_by': 'stopped'})
        cls.env['customer.warning'].search([]).unlink()
        cls.rule = cls.env['customer.warning.rule'].search([('signal', '=', 'score_level'), ('level', '=', '3')], limit=1)

    def _suggest(self, day='2026-03-02'):
        """Let a night pass, and return what is proposed for the customer."""
        before = self.env['customer.run'].search([('name', '=', 'suggest')])
        with self._on(day, 3):
            self._run_cron('suggest')
        self.run = self.env['customer.run'].search([('name', '=', 'suggest')]) - before
        return self._proposals()

    def _proposals(self, partner=None):
        """Return the adjustments of a customer, the first one first."""
        return self.env['customer.strategy.adjustment'].search(
            [('partner_id', '=', (partner or self.customer).id)], order='id')

    def _warn(self, partner=None, day='2026-02-20', level='3', **vals):
        """Return an open warning."""
        partner = partner or self.customer
        return self.env['customer.warning'].create({
            'partner_id': partner.id, 'rule_id': self.rule.id, 'signal': 'score_level', 'level': level, 'date': day,
            'news_on': day, 'user_id': partner.user_id.id, 'value': 31, 'threshold': 50, **vals})

    def _cycles(self, strategy, *effects, **vals):
        """Put cycles that are over before a strategy, the last one first."""
        cycles, later = self.env['customer.strategy'], strategy
        for number, effect in enumerate(effects):
            cycle = self._strategy(
                strategy.partner_id, (self.repurchase, 80, 40), start=f'20{24 - number}-10-01', state='draft')
            cycle.kpi_ids.write({'attainment': 50})
            cycle.write({
                'state': 'done', 'ended_by': 'cycle', 'effect_id': effect and effect.id, 'attainment': 50, **vals})
            later.write({'previous_id': cycle.id})
            cycles, later = cycles + cycle, cycle
        self.env.flush_all()
        return cycles

    def _switch(self, **settings):
        """Change settings."""
        for name, value in settings.items():
            self.env['ir.config_parameter'].set_param(f'customer_success.strategy_{name}', repr(value))


@tagged('post_install', '-at_install')
class TestSuggestions(SuggestionCase):

    # ------------------------------------------------------------
    # OCCASIONS
    # ------------------------------------------------------------

    def test_str_3_nothing_to_propose(self):
        """STR-3: a strategy that works, without a red warning and in its segment, is left alone."""
        self._warn(level='2')
        self.assertFalse(self._suggest())
        self.assertFalse(self.run)

    def test_str_3_two_poor_cycles_propose_an_adjustment_once(self):
        """STR-3: two poor cycles in a row propose a change with their figures, and the next night nothing more."""
        last, before = self._cycles(self.strategy, self.poor, self.poor)
        proposal = self._suggest()
        self.assertRecordValues(proposal, [{
            'strategy_id': self.strategy.id, 'origin': 'effect', 'origin_key': f'effect:{last.id}', 'state': 'draft',
            'user_id': self.anna.id, 'author_id': self.env.ref('base.user_root').id, 'core_approach': "Be there"}])
        self.assertIn("Tested poor, 50 % of the targets", proposal.reason)
        self.assertEqual(proposal.reason.count("Tested poor"), 2)
        self.assertIn("Repurchases ≥ 80 % / 40 %", plain(proposal.reason))
        self.assertRecordValues(self.run, [{'done': 1, 'failed': 0}])
        self.assertEqual(self._suggest('2026-03-03'), proposal)
        self.assertFalse(self.run)
        # nor when the first one was refused
        proposal.write({'state': 'refused'})
        self.assertEqual(self._suggest('2026-03-04'), proposal)

    def test_str_3_other_rows_of_cycles_propose_nothing(self):
        """STR-3: one poor cycle, a good or unknown one between them, or cycles cut short propose nothing."""
        for effects, vals in (
                ([self.poor], {}), ([self.poor, self.good, self.poor], {}), ([self.good, self.poor, self.poor], {}),
                ([self.poor, False, self.poor], {}), ([self.poor, self.poor], {'ended_by': 'adjustment'})):
            with self.subTest(effects=[effect and effect.name for effect in effects], **vals):
                customer = self._customer("Customer with cycles")
                strategy = self._running(customer, (self.repurchase, 80))
                self._cycles(strategy, *effects, **vals)
                self._suggest()
                self.assertFalse(self._proposals(customer))

    def test_str_3_number_of_poor_cycles_is_a_setting(self):
        """STR-3: after how many poor cycles a change is proposed can be set; numbers that make no sense are refused."""
        self._cycles(self.strategy, self.poor, self.poor)
        self._switch(failed_cycles=3)
        self.assertFalse(self._suggest())
        self._switch(failed_cycles=1)
        self.assertTrue(self._suggest())
        for number in (0, 13):
            with self.assertRaisesRegex(ValidationError, "1 to 12 poor cycles"):
                self.env['res.config.settings'].create({'customer_strategy_failed_cycles': number}).set_values()

    def test_str_3_red_warning_proposes_an_adjustment_once(self):
        """STR-3: a red warning raised while the strategy runs proposes a change that names it, once."""
        warning = self._warn()
        proposal = self._suggest()
        self.assertRecordValues(proposal, [{
            'strategy_id': self.strategy.id, 'origin': 'warning', 'warning_id': warning.id, 'state': 'draft'}])
        self.assertIn(warning.reason, proposal.reason)
        self.assertIn("02/20/2026", proposal.reason)
        proposal.write({'state': 'cancelled'})
        self.assertEqual(self._suggest('2026-03-03'), proposal)

    def test_str_3_other_warnings_propose_nothing(self):
        """STR-3: warnings of before the strategy, put off, closed, orange, or without a strategy propose nothing."""
        for vals in ({'day': '2025-12-31'}, {'snooze_until': '2026-04-01'}, {'state': 'closed', 'closed_on': '2026-02-21'},
                     {'level': '2'}):
            with self.subTest(**vals):
                customer = self._customer("Warned customer")
                self._running(customer, (self.repurchase, 80))
                self._warn(customer, **vals)
                self._suggest()
                self.assertFalse(self._proposals(customer))
        draft = self._customer("Not begun")
        self._strategy(draft, (self.repurchase, 80), start='2026-01-01', state='draft')
        self._warn(draft)
        self._suggest()
        self.assertFalse(self._proposals(draft))

    def test_str_3_changed_segment_proposes_the_template_of_the_new_one(self):
        """STR-3: a customer in another segment is proposed the strategy that is usual there, once."""
        self.env['customer.strategy.template'].search([]).active = False
        orders = self._kpi("Orders placed", unit='count')
        self.env['customer.strategy.template'].create([
            {'name': "Foreign", 'core_approach': "Not ours", 'segment_ids': [Command.set(self.potential.ids)],
             'company_id': self.company_2.id, 'sequence': 1},
            {'name': "Close to them", 'core_approach': "Every two weeks", 'segment_ids': [Command.set(self.potential.ids)],
             'cycle_days': 60, 'cadence_id': self.cadence.id, 'sequence': 2,
             'kpi_ids': [Command.create({'kpi_id': orders.id, 'target': 2, 'weight': 3})]},
        ])
        self.customer.write({'customer_segment_id': self.potential.id, 'customer_segment_since': '2026-02-27'})
        proposal = self._suggest()
        self.assertRecordValues(proposal, [{
            'origin': 'segment', 'origin_key': f'segment:{self.strategy.id}:{self.potential.id}',
            'template_id': self.env['customer.strategy.template'].search([('name', '=', "Close to them")]).id,
            'core_approach': "Every two weeks", 'cycle_days': 60, 'cadence_id': self.cadence.id}])
        self.assertRecordValues(proposal.kpi_ids.filtered(lambda line: line.kpi_id == orders), [
            {'new_target': 2, 'weight': 3, 'is_dropped': False, 'is_current': False}])
        self.assertTrue(all(line.is_dropped for line in proposal.kpi_ids if line.kpi_id != orders))
        for text in (self.stable.name, self.potential.name, "02/27/2026"):
            self.assertIn(text, proposal.reason)
        proposal.write({'state': 'cancelled'})
        self.assertEqual(self._suggest('2026-03-03'), proposal)

    def test_str_3_segment_without_template_proposes_what_there_is(self):
        """STR-3: where no template fits the new segment, the strategy as it is is the beginning of the proposal."""
        self.env['customer.strategy.template'].search([]).active = False
        self.customer.customer_segment_id = self.potential
        proposal = self._suggest()
        self.assertRecordValues(proposal, [{
            'origin': 'segment', 'template_id': False, 'core_approach': "Be there", 'cycle_days': 90}])

    def test_str_3_changed_segment_is_proposed_once_per_version(self):
        """STR-3: the next cycle of the same version doesn't propose the same segment again; another version does."""
        self.customer.customer_segment_id = self.potential
        first = self._suggest()
        first.write({'state': 'cancelled'})
        self.strategy.write({'state': 'done', 'ended_by': 'cycle'})
        following = self._running(
            self.customer, (self.repurchase, 80), start='2026-04-01', previous_id=self.strategy.id, cycle=2,
            segment_id=self.stable.id)
        self.assertEqual(self._suggest('2026-04-02'), first)
        following.write({'version': 2})
        self.assertEqual((self._suggest('2026-04-03') - first).origin_key, f'segment:{following.id}:{self.potential.id}')

    def test_str_3_unknown_segments_propose_nothing(self):
        """STR-3: who has no segment now, or had none at the start, did not change it."""
        self.customer.customer_segment_id = False
        other = self._customer("Unplaced")
        other.customer_segment_id = False
        self._running(other, (self.repurchase, 80))
        other.customer_segment_id = self.potential
        self.env.flush_all()
        self._suggest()
        self.assertFalse(self._proposals() + self._proposals(other))

    # ------------------------------------------------------------
    # WHEN NOT
    # ------------------------------------------------------------

    def test_str_3_one_proposal_at_a_time(self):
        """STR-3: nothing is proposed while another adjustment waits for somebody; the most pressing occasion comes first."""
        self._cycles(self.strategy, self.poor, self.poor)
        open_one = self._adjustment()
        for state in ('draft', 'submitted', 'approved'):
            open_one.write({'state': state})
            self.assertEqual(self._suggest(), open_one)
        open_one.write({'state': 'reviewed'})
        self._warn()
        first = self._suggest() - open_one
        self.assertEqual(first.origin, 'warning')
        self.assertEqual(self._suggest('2026-03-03'), open_one + first)
        first.write({'state': 'cancelled'})
        self.assertEqual((self._suggest('2026-03-04') - open_one - first).origin, 'effect')

    def test_str_3_each_occasion_can_be_switched_off(self):
        """STR-3: each occasion can be switched off by itself."""
        self._cycles(self.strategy, self.poor, self.poor)
        warned, moved = self._customer("Warned"), self._customer("Moved", customer_segment_id=self.stable.id)
        self._running(warned, (self.repurchase, 80))
        self._running(moved, (self.repurchase, 80))
        self._warn(warned)
        moved.customer_segment_id = self.potential
        self.env.flush_all()
        self._switch(suggest_effect=False, suggest_warning=False, suggest_segment=False)
        self._suggest()
        self.assertFalse(self._proposals() + self._proposals(warned) + self._proposals(moved))
        for number, (name, partner) in enumerate((('effect', self.customer), ('warning', warned), ('segment', moved))):
            self._switch(**{f'suggest_{name}': True})
            self._suggest()
            self.assertEqual(self._proposals(partner).origin, name)
            self.assertEqual(len(self._proposals() + self._proposals(warned) + self._proposals(moved)), number + 1)

    def test_str_3_customers_that_left_get_no_proposal(self):
        """STR-3: nothing is proposed for who is no customer any more."""
        self._warn()
        self.customer.active = False
        self.env.flush_all()
        self._suggest()
        self.assertFalse(self.env['customer.strategy.adjustment'].search([('strategy_id', '=', self.strategy.id)]))

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_str_3_owner_gets_an_activity_without_an_email(self):
        """STR-3: the owner finds an activity in the own language; no email is sent for it."""
        self.env['res.lang']._activate_lang('de_DE')
        self.anna.lang = 'de_DE'
        self.stable.with_context(lang='de_DE').name = "Treu"
        self.potential.with_context(lang='de_DE').name = "Aufstrebend"
        self.customer.write({'customer_segment_id': self.potential.id, 'customer_segment_since': '2026-02-27'})
        mails = self.env['mail.mail'].search_count([])
        proposal = self._suggest()
        self.assertEqual(proposal.activity_ids.user_id, self.anna)
        self.assertEqual(
            proposal.activity_ids.activity_type_id, self.env.ref('customer_success.mail_activity_type_suggestion'))
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        self.assertIn("Treu", proposal.reason)
        self.assertIn("Aufstrebend", proposal.reason)

    def test_str_3_strategy_without_owner_goes_to_the_responsible(self):
        """STR-3: the proposal for a strategy that nobody owns goes to who looks after the customer."""
        self.strategy.user_id = False
        self._warn()
        proposal = self._suggest()
        self.assertEqual(proposal.user_id, self.anna)
        self.assertEqual(proposal.activity_ids.user_id, self.anna)

    def test_str_3_activity_follows_the_proposal(self):
        """STR-3: the activity goes to whoever owns the proposal now, and is gone when the draft was dealt with."""
        self._warn()
        proposal = self._suggest()
        mails = self.env['mail.mail'].search_count([])
        proposal.user_id = self.ben
        self.assertEqual(proposal.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref('customer_success.mail_activity_type_suggestion')
        ).user_id, self.ben)
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        proposal.write({'state': 'cancelled'})
        self.assertFalse(proposal.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref('customer_success.mail_activity_type_suggestion')))

    # ------------------------------------------------------------
    # MANY
    # ------------------------------------------------------------

    def test_str_3_one_bad_proposal_is_set_aside(self):
        """STR-3: a proposal that can't be made is set aside with its reason, the others are made; it is tried again."""
        customers = [self._customer(f"Warned {number}") for number in range(5)]
        for customer in customers:
            self._running(customer, (self.repurchase, 80))
            self._warn(customer)
        suggester = type(self.env['customer.strategy.suggester'])
        original = suggester._proposal_values

        def poisoned(model, strategy, row):
            if strategy.partner_id == customers[2]:
                raise ValueError("Cannot be read")
            return original(model, strategy, row)

        with patch.object(suggester, '_proposal_values', poisoned), mute_logger(LOGGER):
            self._suggest()
        self.assertEqual([len(self._proposals(customer)) for customer in customers], [1, 1, 0, 1, 1])
        self.assertRecordValues(self.run, [{'done': 4, 'failed': 1}])
        self.assertIn("Warned 2: Cannot be read", self.run.note)
        self._suggest('2026-03-03')
        self.assertEqual([len(self._proposals(customer)) for customer in customers], [1] * 5)

    def test_str_3_killed_action_goes_on(self):
        """STR-3: what an action that was killed left over is proposed by the next one."""
        customers = [self._customer(f"Warned {number}") for number in range(4)]
        for customer in customers:
            self._running(customer, (self.repurchase, 80))
            self._warn(customer)
        suggester = self.env['customer.strategy.suggester']
        rows = suggester._occasions()
        self.assertEqual(len(rows), 4)
        self.assertEqual(suggester._propose(rows[:2], []), 2)
        self._suggest()
        self.assertRecordValues(self.run, [{'done': 2, 'failed': 0}])
        self.assertEqual([len(self._proposals(customer)) for customer in customers], [1] * 4)

    def test_str_3_two_servers_propose_once(self):
        """STR-3: an occasion that another server took up meanwhile makes no second proposal, and is no failure."""
        self._warn()
        suggester = self.env['customer.strategy.suggester']
        rows, problems = suggester._occasions(), []
        self.assertEqual(suggester._propose(rows, problems), 1)
        with mute_logger('odoo.sql_db'):
            self.assertEqual(suggester._propose(rows, problems), 0)
        self.assertEqual(problems, [])
        self.assertEqual(len(self._proposals()), 1)

    def test_str_3_conflict_with_another_transaction_is_no_failure(self):
        """STR-3: a conflict with another transaction sets nothing aside: the scheduler runs the action again."""
        self._warn()
        suggester = self.env['customer.strategy.suggester']
        rows = suggester._occasions()
        with patch.object(type(suggester), '_create', side_effect=psycopg2.errors.SerializationFailure), \
                self.assertRaises(psycopg2.OperationalError):
            suggester._propose(rows, [])

    def test_str_3_occasions_of_many_are_one_query(self):
        """STR-3: looking for occasions costs as many queries for 30 strategies as for 3."""
        suggester = self.env['customer.strategy.suggester']

        def count(number):
            for index in range(number):
                customer = self._customer(f"Warned {number} {index}")
                self._running(customer, (self.repurchase, 80))
                self._warn(customer)
            self.env.flush_all()
            suggester._occasions()
            before = self.env.cr.sql_log_count
            rows = suggester._occasions()
            return self.env.cr.sql_log_count - before, len(rows)

        self.assertEqual(count(3), (1, 3))
        self.assertEqual(count(27), (1, 30))

    def test_str_3_action_is_installed(self):
        """STR-3: the scheduled action runs every night."""
        cron = self.env.ref('customer_success.ir_cron_suggest')
        self.assertEqual((cron.interval_number, cron.interval_type, cron.active), (1, 'days', True))


@tagged('post_install', '-at_install')
class TestWarningProposal(SuggestionCase):

    def test_str_3_warning_opens_a_proposal(self):
        """STR-3: from a warning one gets to a proposal for the running strategy; the night makes no second one."""
        warning = self._warn()
        with self._on('2026-03-02'):
            action = warning.with_user(self.anna).action_propose_adjustment()
        proposal = self._proposals()
        self.assertEqual((action['res_model'], action['res_id']), ('customer.strategy.adjustment', proposal.id))
        self.assertRecordValues(proposal, [{
            'origin': 'warning', 'warning_id': warning.id, 'author_id': self.anna.id, 'state': 'draft',
            'strategy_id': self.strategy.id}])
        self.assertIn(warning.reason, proposal.reason)
        # once more: the same one
        self.assertEqual(warning.with_user(self.anna).action_propose_adjustment()['res_id'], proposal.id)
        proposal.write({'state': 'cancelled'})
        self.assertEqual(self._suggest('2026-03-03'), proposal)
        # a person may propose again what came to nothing
        again = warning.with_user(self.anna).action_propose_adjustment()['res_id']
        self.assertNotEqual(again, proposal.id)

    def test_str_3_warning_without_strategy(self):
        """STR-3: where there is no running strategy the button isn't shown, and says so when it is called."""
        customer = self._customer("Without")
        warning = self._warn(customer)
        arch = self.env['customer.warning'].with_user(self.anna).get_view(view_type='form')['arch']
        self.assertIn('name="action_propose_adjustment"', arch)
        self.assertFalse(warning.with_user(self.anna).strategy_id)
        self.assertEqual(self._warn().with_user(self.anna).strategy_id, self.strategy)
        with self.assertRaisesRegex(UserError, "Without has no running strategy"):
            warning.with_user(self.anna).action_propose_adjustment()

    def test_str_3_strategies_of_others_are_not_proposed_for(self):
        """STR-3: who may not see the customer's strategy proposes nothing for it."""
        warning = self._warn()
        for user in (self.ben, self.otto, self.zoe):
            with self.assertRaises(UserError):
                warning.with_user(user).action_propose_adjustment()
        self.assertFalse(self._proposals())
