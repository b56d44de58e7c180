"""STR-3, PLT-2: who may see, write and decide what, by every way there is."""
import contextlib

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import users

from .adjustment_common import AdjustmentCase


class _Undo(Exception):
    """Takes an approval back that was only tried."""


class TestAdjustmentSecurity(AdjustmentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ottos = cls._strategy(cls._customer("Otto's", user_id=cls.otto.id), (cls.repurchase, 80))
        cls.theirs = cls._strategy(
            cls._customer("Theirs", user_id=cls.zoe.id, company_id=cls.company_2.id), (cls.repurchase, 80),
            company_id=cls.company_2.id)
        cls.max = cls._user('max', 'manager', company_id=cls.company_2.id, company_ids=[Command.set(cls.company_2.ids)])

    def _may_approve(self, adjustment, user):
        """Return whether a user can approve, as the button, the filter and the action all say."""
        own = adjustment.with_user(user)
        seen = own.search([('id', '=', own.id)])
        shown = bool(seen) and seen.can_approve
        self.assertEqual(bool(own.search([('id', '=', own.id), ('can_approve', '=', True)])), shown)
        self.assertEqual(bool(own.search([('id', '=', own.id), ('can_approve', '!=', True)])), bool(seen) and not shown)
        done = False
        with contextlib.suppress(UserError, _Undo), self.env.cr.savepoint():
            own.action_approve()
            done = adjustment.sudo().state == 'approved'
            raise _Undo
        self.env.invalidate_all()
        self.assertEqual(done, shown)
        return done

    def _approvers(self, adjustment):
        people = self.mara, self.lena, self.anna, self.ben, self.li, self.otto, self.zoe
        return {user.name for user in people if self._may_approve(adjustment, user)}

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    def test_str_3_who_approves(self):
        """STR-3: managers of the company, the leader of the team, nobody else, and nobody without a role."""
        self.assertEqual(self._approvers(self._adjustment(state='submitted')), {"Mara", "Lena"})
        self.assertEqual(
            self._approvers(self._adjustment(self.otto, strategy=self.ottos, state='submitted')), {"Mara", "Li"})
        self.assertEqual(
            self._approvers(self._adjustment(
                user=self.max, strategy=self.theirs, state='submitted')), {"Zoe"})
        with self.assertRaises(AccessError):
            self._adjustment(strategy=self._strategy(self._customer("X"), (self.orders, 2)), state='submitted').with_user(
                self.nils).action_approve()

    def test_str_3_leaders_may_be_left_out(self):
        """STR-3: where the settings say so, managers alone approve."""
        adjustment = self._adjustment(state='submitted')
        self.env['res.config.settings'].create({'customer_strategy_leader_approves': False}).execute()
        self.env.invalidate_all()
        self.assertEqual(self._approvers(adjustment), {"Mara"})

    def test_str_3_author_does_not_approve(self):
        """STR-3: not what one wrote oneself, as a leader or a manager, also under another owner."""
        for user, others in ((self.lena, {"Mara"}), (self.mara, {"Lena"})):
            strategy = self._strategy(self._customer(f"Of {user.name}"), (self.repurchase, 80))
            adjustment = self._adjustment(user, strategy=strategy, state='submitted')
            self.assertEqual(self._approvers(adjustment), others)
            adjustment.with_user(user).user_id = self.ben
            self.assertEqual(self._approvers(adjustment), others)
            with self.assertRaisesRegex(AccessError, "somebody else has to decide"):
                adjustment.with_user(user).action_approve()
            with self.assertRaisesRegex(AccessError, "somebody else has to decide"):
                self._end(adjustment, 'refuse', "x", user)

    def test_str_3_whoever_wrote_of_it_does_not_approve(self):
        """STR-3: neither who changed the draft, nor who changed a KPI of it, nor who submitted it."""
        def text(adjustment):
            adjustment.root_cause = "Another one"

        def target(adjustment):
            adjustment.kpi_ids[0].new_target = 70

        def added(adjustment):
            self.env['customer.strategy.adjustment.kpi'].with_user(self.lena).create({
                'adjustment_id': adjustment.id, 'kpi_id': self.orders.id, 'new_target': 2})

        def taken_off(adjustment):
            added(adjustment.with_env(self.env))
            adjustment.sudo().contributor_ids = self.anna
            adjustment.kpi_ids.filtered(lambda line: line.kpi_id == self.orders).unlink()

        def submitted(adjustment):
            adjustment.action_submit()
            adjustment.sudo().contributor_ids = self.anna

        for number, change in enumerate((text, target, added, taken_off, submitted)):
            strategy = self._strategy(self._customer(f"Customer {number}"), (self.repurchase, 80))
            adjustment = self._adjustment(strategy=strategy)
            change(adjustment.with_user(self.lena))
            if adjustment.state == 'draft':
                adjustment.with_user(self.anna).action_submit()
            self.assertEqual(self._approvers(adjustment), {"Mara"}, change.__name__)
            adjustment.with_user(self.lena if change is submitted else self.anna).action_recall()
            adjustment.with_user(self.anna).action_submit()
            if change is not submitted:
                self.assertEqual(self._approvers(adjustment), {"Mara"}, "taking it back makes nobody a stranger")

    def test_str_3_nor_a_copy_of_it(self):
        """STR-3: whoever wrote the original does not approve its copy."""
        adjustment = self._adjustment(self.lena)
        copied = adjustment.with_user(self.anna).copy()
        copied.action_submit()
        self.assertEqual(copied.author_id, self.anna)
        self.assertEqual(self._approvers(copied.with_env(self.env)), {"Mara"})

    def test_str_3_team_borders(self):
        """STR-3: handing over the adjustment, or the strategy, takes it to no leader of another team."""
        adjustment = self._adjustment(self.otto, strategy=self.ottos, state='submitted')
        adjustment.with_user(self.otto).user_id = self.anna
        self.assertEqual(self._approvers(adjustment), {"Mara"})
        self.ottos.user_id = self.anna
        self.assertEqual(self._approvers(adjustment), {"Mara"}, "the customer is still looked after by Otto")
        self.ottos.partner_id.user_id = self.anna
        self.assertEqual(self._approvers(adjustment), {"Mara", "Lena"})

    def test_str_3_nobody_decides_by_proxy(self):
        """STR-3: the system does not decide, and code with all rights decides for nobody who could not."""
        adjustment = self._adjustment(self.mara, state='submitted')
        with self.assertRaisesRegex(UserError, "by a person"):
            adjustment.with_user(SUPERUSER_ID).action_approve()
        for user in (self.mara, self.anna, self.li, self.otto, self.zoe, self.nils):
            with self.assertRaises(AccessError):
                adjustment.with_user(user).sudo().action_approve()
        self.assertEqual(adjustment.state, 'submitted')

    # ------------------------------------------------------------
    # OTHER WAYS
    # ------------------------------------------------------------

    @users('mara')
    def test_str_3_not_by_writing(self):
        """STR-3: no field that the steps keep can be written, by nobody, in any state."""
        adjustment = self._adjustment(self.mara, state='submitted').with_env(self.env)
        for values in (
            {'state': 'approved'}, {'author_id': self.anna.id}, {'contributor_ids': [Command.clear()]},
            {'submitted_by_id': self.anna.id}, {'decided_by_id': self.lena.id}, {'informed_on': '2026-01-01'},
            {'needs_informing': False}, {'strategy_id': self.ottos.id}, {'partner_id': self.ottos.partner_id.id},
            {'origin': 'warning'}, {'applied_on': '2026-01-01'}, {'verdict': 'effective'}, {'conclusion': "Well"},
        ):
            for calling in (adjustment, adjustment.with_context(force=True, install_mode=True, tracking_disable=True)):
                with self.assertRaises(AccessError, msg=values):
                    calling.write(values)
                with self.assertRaises(AccessError, msg=values):
                    calling.web_save(values, {})

    @users('mara')
    def test_str_3_not_by_creating(self):
        """STR-3: a new proposal is a draft of whoever creates it, whatever values or defaults say."""
        adjustments = self.env['customer.strategy.adjustment']
        base = {'strategy_id': self.strategy.id, **self._content()}
        for values in ({'state': 'approved'}, {'author_id': self.anna.id}, {'contributor_ids': [Command.clear()]},
                       {'decided_by_id': self.lena.id}, {'origin': 'effect'}, {'informed_on': '2026-01-01'}):
            with self.assertRaises(AccessError, msg=values):
                adjustments.create({**base, **values})
        self.env['ir.default'].sudo().set('customer.strategy.adjustment', 'state', 'approved')
        self.env['ir.default'].sudo().set('customer.strategy.adjustment', 'author_id', self.anna.id, user_id=self.env.uid)
        adjustment = adjustments.with_context(
            default_state='approved', default_author_id=self.anna.id, default_submitted_by_id=self.anna.id,
            default_contributor_ids=[Command.set(self.anna.ids)], default_informed_on='2026-01-01',
            default_has_before=True, default_before=5).create({
                **base, 'kpi_ids': [Command.create({
                    'kpi_id': self.orders.id, 'new_target': 2, 'target': 7, 'is_current': True})]})
        self.assertRecordValues(adjustment, [{
            'state': 'draft', 'author_id': self.mara.id, 'contributor_ids': self.mara.ids, 'informed_on': False,
            'submitted_by_id': False}])
        added = adjustment.kpi_ids.filtered(lambda line: line.kpi_id == self.orders)
        self.assertRecordValues(added, [{'is_current': False, 'target': 0, 'has_before': False, 'before': 0}])
        self.assertEqual(adjustment.kpi_ids.mapped('has_before'), [False] * 3)
        with self.assertRaises(AccessError):
            adjustment.copy({'state': 'approved'})

    @users('mara')
    def test_str_3_not_by_import(self):
        """STR-3: an import neither approves nor changes the author, of new ones nor of those that are there."""
        adjustment = self._adjustment(self.mara, state='submitted').with_env(self.env)
        adjustments = self.env['customer.strategy.adjustment']
        other = self._strategy(self._customer("Loaded"), (self.repurchase, 80))
        for names, row in (
            (['.id', 'state'], [str(adjustment.id), 'approved']),
            (['.id', 'author_id/.id'], [str(adjustment.id), str(self.anna.id)]),
            (['.id', 'contributor_ids/.id'], [str(adjustment.id), str(self.anna.id)]),
            (['strategy_id/.id', 'state'], [str(other.id), 'approved']),
            (['strategy_id/.id', 'author_id/.id'], [str(other.id), str(self.anna.id)]),
            (['.id', 'kpi_ids/.id', 'kpi_ids/new_target'],
             [str(adjustment.id), str(adjustment.kpi_ids[0].id), '5']),
        ):
            result = adjustments.load(names, [row])
            self.assertFalse(result['ids'], row)
            self.assertTrue(result['messages'], row)
        self.assertRecordValues(adjustment, [{
            'state': 'submitted', 'author_id': self.mara.id, 'contributor_ids': self.mara.ids}])
        result = adjustments.load(['strategy_id/.id', 'reason', 'core_approach'], [[str(other.id), "Loaded", "New"]])
        self.assertRecordValues(adjustments.browse(result['ids']), [{
            'state': 'draft', 'author_id': self.mara.id, 'reason': "Loaded", 'core_approach': "New"}])

    @users('anna')
    def test_str_3_nothing_changes_after_submission(self):
        """STR-3: what was submitted stays as it was: text, KPIs, kinds, also for code with all rights."""
        adjustment = self._adjustment(state='submitted').with_env(self.env)
        other = self._adjustment(strategy=self._strategy(self._customer("Second"), (self.orders, 2))).with_env(self.env)
        line = adjustment.kpi_ids[0]
        for own, one in ((adjustment, line), (adjustment.sudo(), line.sudo())):
            for call in (
                lambda own=own: own.write({'core_approach': "Else"}),
                lambda own=own: own.write({'kind_ids': [Command.clear()]}),
                lambda own=own: own.write({'date': '2030-01-01'}),
                lambda own=own: own.write({'kpi_ids': [Command.create({'kpi_id': self.orders.id, 'new_target': 1})]}),
                lambda one=one: one.write({'new_target': 1}),
                lambda one=one: one.unlink(),
                lambda one=one: one.create({'adjustment_id': adjustment.id, 'kpi_id': self.orders.id, 'new_target': 1}),
            ):
                with self.assertRaises(UserError):
                    call()
        with self.assertRaises(AccessError):
            line.write({'adjustment_id': other.id})
        with self.assertRaises(AccessError):
            other.write({'kpi_ids': [Command.link(line.id)]})
        self.assertEqual(adjustment.core_approach, "Answer within a day")

    @users('anna')
    def test_str_3_measured_values_are_not_written(self):
        """STR-3: of a KPI people propose the target; what is measured comes from the strategy."""
        adjustment = self._adjustment().with_env(self.env)
        for values in ({'target': 1}, {'actual': 1}, {'is_current': False}, {'before': 1}, {'has_before': True},
                       {'verdict': 'effective'}):
            with self.assertRaises(AccessError, msg=values):
                adjustment.kpi_ids[0].write(values)
        with self.assertRaises(AccessError):
            adjustment.write({'kpi_ids': [Command.create({'kpi_id': self.orders.id, 'before': 5})]})

    # ------------------------------------------------------------
    # WHO SEES WHAT
    # ------------------------------------------------------------

    def test_str_3_who_sees_what(self):
        """PLT-2: users the own, leaders the team's, managers those of their companies."""
        for user, strategy in ((self.anna, self.strategy), (self.otto, self.ottos), (self.zoe, self.theirs)):
            self._adjustment(user, strategy=strategy)
        every = self.env['customer.strategy.adjustment'].search([])

        def seen(user):
            found = every.with_user(user).search([('id', 'in', every.ids)])
            lines = self.env['customer.strategy.adjustment.kpi'].with_user(user).search([])
            self.assertEqual(lines.sudo().adjustment_id, found.sudo().filtered('kpi_ids'))
            return set(found.sudo().partner_id.mapped('name')) & {"Strategic Ltd", "Otto's", "Theirs"}

        self.assertEqual(seen(self.anna), {"Strategic Ltd"})
        self.assertEqual(seen(self.ben), set())
        self.assertEqual(seen(self.lena), {"Strategic Ltd"})
        self.assertEqual(seen(self.otto), {"Otto's"})
        self.assertEqual(seen(self.mara), {"Strategic Ltd", "Otto's"})
        self.assertEqual(seen(self.zoe), {"Theirs"})

    @users('otto')
    def test_str_3_not_with_anothers_strategy(self):
        """PLT-2: the number of another's strategy is not enough to propose something for it, nor to work on a proposal."""
        with self.assertRaises(AccessError):
            self.env['customer.strategy.adjustment'].create({
                'strategy_id': self.strategy.id, 'user_id': self.env.uid, **self._content()})
        adjustment = self._adjustment(state='submitted').with_env(self.env)
        for call in (
            lambda: adjustment.read(['reason']), lambda: adjustment.action_recall(), lambda: adjustment.action_approve(),
            lambda: self._end(adjustment, 'cancel', "x", self.env.user), lambda: adjustment.write({'user_id': self.env.uid}),
            lambda: adjustment.kpi_ids.read(['target']), lambda: adjustment.copy(), lambda: adjustment.unlink(),
            lambda: self.strategy.with_env(self.env).action_propose(),
        ):
            with self.assertRaises(AccessError):
                call()
