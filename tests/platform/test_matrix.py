"""PLT-2: nobody finds, counts, reads, changes, copies or deletes what is noted of somebody else's customer, in any model."""
from contextlib import suppress
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import mute_logger, users

from odoo.addons.customer_success.models.cadence.customer_followup import CustomerFollowup

from ..doors import MARK, OF_ALL, DoorsCase
from ..everything import OF_A_CUSTOMER, Undone, public_methods

#: What says nothing about a customer: rules, words, figures over all, and bookkeeping of the scheduled actions.
OF_NOBODY = {
    'customer.absence', 'customer.action.rule', 'customer.assignment.rule', 'customer.expertise', 'customer.load',
    'customer.adjustment.kind', 'customer.adjustment.reason', 'customer.approach',
    'customer.cadence', 'customer.cadence.outcome', 'customer.cadence.step', 'customer.care.budget.rule',
    'customer.care.event', 'customer.care.event.kind', 'customer.care.kind', 'customer.case.cause',
    'customer.channel', 'customer.churn.fit', 'customer.competitor', 'customer.contact.role',
    'customer.contact.rule', 'customer.country.calendar', 'customer.culture',
    'customer.culture.period', 'customer.day.kind', 'customer.demand.type', 'customer.fact.entry', 'customer.festival',
    'customer.festival.date', 'customer.followup.reason', 'customer.greeting.address', 'customer.health.band',
    'customer.health.cap', 'customer.health.group', 'customer.health.measure', 'customer.health.median', 'customer.health.rules',
    'customer.health.scorecard', 'customer.health.scorecard.line', 'customer.holiday', 'customer.import',
    'customer.import.column', 'customer.import.option', 'customer.import.part', 'customer.import.profile',
    'customer.import.question', 'customer.import.row', 'customer.import.word', 'customer.kpi',
    'customer.legal.form', 'customer.loss.reason', 'customer.metric', 'customer.mood.word', 'customer.needs.answer',
    'customer.needs.grade', 'customer.occasion.kind', 'customer.offer.pair', 'customer.offer.trial',
    'customer.onboarding.plan', 'customer.onboarding.plan.item',
    'customer.path.condition', 'customer.path.rule', 'customer.potential.band', 'customer.potential.factor',
    'customer.preset', 'customer.preset.change', 'customer.preset.line',
    'customer.profile.requirement', 'customer.purchase', 'customer.referral.program',
    'customer.review', 'customer.review.plan', 'customer.run', 'customer.schedule', 'customer.screen', 'customer.segment',
    'customer.segment.rule', 'customer.sla.policy', 'customer.stage', 'customer.stage.condition',
    'customer.stage.rule', 'customer.state.calendar', 'customer.strategy.grade', 'customer.strategy.template',
    'customer.strategy.template.kpi', 'customer.strategy.template.milestone', 'customer.supply.category',
    'customer.survey', 'customer.target', 'customer.target.value', 'customer.tier', 'customer.tier.scheme',
    'customer.tier.scheme.line', 'customer.value.band', 'customer.value.component', 'customer.value.dimension',
    'customer.report.sending', 'customer.report.subscription', 'customer.warning.base',
    'customer.warning.digest', 'customer.warning.plan', 'customer.warning.plan.line', 'customer.warning.report',
    'customer.warning.rule', 'customer.watermark', 'customer.zone',
}

#: What everybody in sales may know of a colleague's customer, or do for it: the card says whose it is, how it stands and what it
#: is worth, as its columns do, and what one hears of it can be told (S1). Dialogs open for everybody, and ask for access
#: when they are saved.
FOR_COLLEAGUES = {
    'get_customer_strip', 'get_customer_relationship', 'get_customer_now', 'get_customer_churn', 'get_customer_health',
    'customer_tell', 'action_customer_recompute',
}

class TestMatrix(DoorsCase):
    """Otto sells for another team, Li leads that, Zoe manages another company: none of them has to do with the customer."""

    def test_plt_2_every_model_is_known(self):
        """PLT-2: a new model has to say whose it is, and a new dialog that it is of whoever opened it."""
        models = {
            name for name in self.env if name.startswith('customer.') and not self.env[name]._abstract}
        dialogs = {name for name in models if self.env[name]._transient}
        self.assertEqual(models - dialogs, OF_A_CUSTOMER.keys() | OF_NOBODY)
        self.assertFalse(OF_A_CUSTOMER.keys() & OF_NOBODY)
        rules = self.env['ir.rule'].search([('groups', '=', False), ('domain_force', 'like', 'create_uid')])
        self.assertEqual(dialogs - set(rules.model_id.mapped('model')), set())

    def test_plt_2_another_salesperson(self):
        """PLT-2: a salesperson of another team."""
        self.assertFalse(self._leaks(self.otto))

    def test_plt_2_another_leader(self):
        """PLT-2: the leader of another team."""
        self.assertFalse(self._leaks(self.li))

    def test_plt_2_another_company(self):
        """PLT-2: a manager of another company, of a customer that belongs to no company but is looked after in the first."""
        self.assertFalse(self._leaks(self.zoe))

    def test_plt_2_no_role(self):
        """PLT-2: a colleague without a role here, and a customer in the portal: the customer itself."""
        self.assertFalse(self._leaks(self.nils))
        self.assertFalse(self._leaks(self._portal()))

    def test_plt_2_planted_model(self):
        """PLT-2: a model without a rule is found, by each way to it."""
        self.env['ir.rule'].search([('model_id.model', '=', 'customer.pulse')]).unlink()
        leaks = self._leaks(self.otto)
        self.assertEqual({model for model, __ in leaks}, {'customer.pulse'})
        for way in ('search', 'read_group', 'name_search', 'read', 'export', 'unlink'):
            self.assertIn(('customer.pulse', way), leaks)

    # ------------------------------------------------------------
    # METHODS
    # ------------------------------------------------------------

    def test_plt_2_methods_on_others(self):
        """PLT-2: each public method refuses what its caller may not see, or does nothing and tells nothing."""
        self._mark()
        for user, known in ((self.otto, FOR_COLLEAGUES), (self.li, FOR_COLLEAGUES), (self.zoe, FOR_COLLEAGUES),
                            (self.nils, ()), (self._portal(), ())):
            with self.subTest(user=user.login):
                talkers = self._talkers(user)
                self.assertFalse([one for one in talkers if one[0] != 'res.partner' or one[1] not in known])
                self.assertFalse([one for one in talkers if one[2] == "tells something"])

    def test_plt_2_planted_method(self):
        """PLT-2: a method that trusts its caller is found, whether it writes or tells."""
        self._mark()

        def action_planted(records):
            records.sudo().feedback = "planted"
            return True

        def get_planted(records, key='feedback'):
            return records.sudo()[key]

        with patch.object(CustomerFollowup, 'action_planted', action_planted, create=True), \
                patch.object(CustomerFollowup, 'get_planted', get_planted, create=True):
            talkers = self._talkers(self.otto)
        self.assertIn(('customer.followup', 'action_planted', "does something"), talkers)
        self.assertIn(('customer.followup', 'get_planted', "tells something"), talkers)

    # ------------------------------------------------------------
    # DIALOGS
    # ------------------------------------------------------------

    def _pointers(self):
        """Yield each field of the addon's models that leads to what is noted of a customer, with a record of that."""
        for model in sorted(name for name in self.env if name.startswith('customer.') and not self.env[name]._abstract):
            for name, field in self.env[model]._fields.items():
                if field.comodel_name in OF_A_CUSTOMER.keys() - OF_ALL and field.type in ('many2one', 'many2many') \
                        and self.env[model]._auto and not field.related:
                    yield model, name, field, self._of_customer(field.comodel_name)[:1]

    def test_plt_2_nothing_points_at_others(self):
        """PLT-2: who makes a dialog or a record point at what somebody else may see only, in the values or in the context, is
        refused: a relation is shown with its name, and what follows from it past the rules."""
        dialogs, wrong = set(), []
        for model, name, field, record in self._pointers():
            if not self.env[model].with_user(self.otto).has_access('create') or not record:
                continue
            value = record.id if field.type == 'many2one' else [Command.set(record.ids)]
            required = {'partner_id': self.otto.partner_id.id} if 'partner_id' in self.env[model]._fields else {}
            for vals, context in (({name: value}, {}), ({}, {f'default_{name}': value})):
                with self.subTest(model=model, field=name, context=bool(context)):
                    try:
                        with suppress(Undone), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                            self.env(user=self.otto, su=False)[model].with_context(**context).create({**required, **vals})
                            wrong.append((model, name, "created"))
                            raise Undone
                    except AccessError:
                        dialogs.add(model)
                    except (UserError, psycopg2.IntegrityError) as error:
                        if not isinstance(error, UserError) and not field.readonly:
                            wrong.append((model, name, str(error)[:100]))
        self.assertFalse(wrong)
        self.assertGreaterEqual(len(dialogs), 8)

    def test_plt_2_buttons_of_dialogs(self):
        """PLT-2: a dialog about a colleague's customer does nothing with it and tells nothing that is noted of it, except what
        is meant for the colleague."""
        self._mark()
        tried = set()
        for model in sorted(name for name in self.env if name.startswith('customer.') and self.env[name]._transient):
            fields = [name for name, field in self.env[model]._fields.items() if field.comodel_name == 'res.partner'
                      and field.store and not field.related and name in ('partner_id', 'partner_ids')]
            for name in fields:
                value = self.customer.id if name == 'partner_id' else [Command.set(self.customer.ids)]
                for button in [method for owner, method in public_methods(self.env) if owner == model]:
                    with self.subTest(model=model, button=button):
                        tried.add(model)
                        self._check_button(model, {name: value}, button)
        self.assertGreaterEqual(len(tried), 6)

    def _check_button(self, model, values, button):
        """Press a button of a dialog about a colleague's customer."""
        known = {'user_id': self.otto.id, 'tier_id': self.tier_high.id, 'reason_id': self.reason.id, 'note': "x",
                 'potential': 'low', 'reason': "x", 'cadence_id': self.cadence.id,
                 'event_id': self.env['customer.care.event'].search([], limit=1).id}
        known = {name: value for name, value in known.items() if name in self.env[model]._fields}
        with suppress(Undone), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            dialog = self._rpc(self.otto, model, 'create', {**known, **values})
            names = self.env[model].with_user(self.otto).fields_get()
            self.assertNotIn(MARK, str(self._rpc(self.otto, model, 'web_read', [dialog], {name: {} for name in names})))
            written = self._written()
            try:
                self._rpc(self.otto, model, button, [dialog])
            except UserError as error:
                self.assertNotIn(MARK, str(error))
            else:
                if model != 'customer.tell':
                    self.assertEqual(self._written(), written)
            raise Undone

    def test_plt_2_whoever_works_with_it(self):
        """PLT-2: the account manager, the leader and a manager find it all, or nothing was measured."""
        for user in (self.anna, self.lena, self.mara):
            for model in OF_A_CUSTOMER.keys() - OF_ALL - {
                    'customer.contact.date', 'customer.plan.request', 'customer.occasion.coming'}:
                records = self._of_customer(model)
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(records.with_user(user).search([('id', 'in', records.ids)]), records)

    def test_plt_2_company_of_a_customer(self):
        """PLT-2: a customer belongs to its own company, else its account manager's, else the main one; searched as read."""
        main, other = self.env['customer.responsibility']._main_company(), self.company_2
        own = self._customer("Own", company_id=other.id, user_id=self.anna.id)
        managers = self._customer("Manager's", user_id=self.zoe.id)
        nobodys = self._customer("Nobody's", user_id=False)
        wanted = {own: other, managers: other, nobodys: main, self.customer: self.anna.company_id, self.person: main}
        some = self.env['res.partner'].browse([partner.id for partner in wanted])
        for partner, company in wanted.items():
            self.assertEqual(partner.customer_company_id, company, partner.name)
        for company in main + other:
            self.assertEqual(
                some.search([('id', 'in', some.ids), ('customer_company_id', 'in', company.ids)]),
                some.filtered(lambda partner, company=company: wanted[partner] == company))

    @users('otto')
    def test_plt_2_dialogs_of_others(self):
        """PLT-2: what a colleague typed into a dialog is neither found nor counted."""
        dialog = self.env['customer.followup.log'].with_user(self.anna).create({
            'partner_id': self.customer.id, 'feedback': "secret", 'channel_id': self.call.id})
        dialogs = self.env['customer.followup.log']
        self.assertFalse(dialogs.search([('feedback', '=', "secret")]))
        self.assertFalse(dialogs.formatted_read_group([('id', '=', dialog.id)], ['partner_id'], ['__count']))
        with self.assertRaises(AccessError):
            dialog.with_user(self.env.user).read(['feedback'])
        self.assertTrue(dialog.with_user(self.anna).search([('id', '=', dialog.id)]))
