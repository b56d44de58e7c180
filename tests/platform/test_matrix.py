"""PLT-2: nobody finds, counts, reads, changes, copies or deletes what is noted of somebody else's customer, in any model."""
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import users

from ..common import CustomerCase

#: How a record of each model leads to its customer.
OF_A_CUSTOMER = {
    'customer.care.budget': 'partner_id', 'customer.care.budget.status': 'partner_id', 'customer.care.expense': 'partner_id',
    'customer.care.guest': 'customer_id', 'customer.contact.date': 'partner_id', 'customer.followup': 'partner_id',
    'customer.greeting': 'customer_id',
    'customer.health.override': 'partner_id', 'customer.health.snapshot': 'partner_id',
    'customer.occasion': 'partner_id.commercial_partner_id', 'customer.occasion.coming': 'customer_id',
    'customer.pause': 'partner_id', 'customer.plan.request': 'partner_id', 'customer.pulse': 'partner_id',
    'customer.reading': 'partner_id', 'customer.review.decision': 'partner_id', 'customer.review.line': 'partner_id',
    'customer.rhythm': 'partner_id', 'customer.segment.change': 'partner_id', 'customer.strategy': 'partner_id',
    'customer.strategy.adjustment': 'strategy_id.partner_id',
    'customer.strategy.adjustment.kpi': 'adjustment_id.strategy_id.partner_id',
    'customer.strategy.kpi': 'strategy_id.partner_id', 'customer.strategy.milestone': 'strategy_id.partner_id',
    'customer.tier.change': 'partner_id', 'customer.warning': 'partner_id', 'customer.warning.watch': 'partner_id',
    'customer.carried': 'target_id',
}

#: What says nothing about a customer: rules, words, figures over all, and bookkeeping of the scheduled actions.
OF_NOBODY = {
    'customer.absence', 'customer.action.rule', 'customer.adjustment.kind', 'customer.adjustment.reason', 'customer.cadence',
    'customer.cadence.outcome', 'customer.cadence.step', 'customer.care.budget.rule', 'customer.care.event',
    'customer.care.event.kind', 'customer.care.kind', 'customer.channel', 'customer.churn.fit', 'customer.country.calendar',
    'customer.culture', 'customer.culture.period', 'customer.demand.type', 'customer.festival', 'customer.festival.date',
    'customer.greeting.address', 'customer.health.band', 'customer.health.cap', 'customer.health.group',
    'customer.health.measure', 'customer.health.median', 'customer.health.rules', 'customer.health.scorecard',
    'customer.health.scorecard.line', 'customer.holiday', 'customer.kpi', 'customer.metric', 'customer.occasion.kind',
    'customer.profile.requirement', 'customer.reason', 'customer.review', 'customer.review.plan', 'customer.run',
    'customer.schedule', 'customer.segment', 'customer.segment.rule', 'customer.state.calendar', 'customer.strategy.grade',
    'customer.strategy.template', 'customer.strategy.template.kpi', 'customer.strategy.template.milestone', 'customer.tier',
    'customer.tier.scheme', 'customer.tier.scheme.line', 'customer.warning.base', 'customer.warning.digest',
    'customer.warning.plan', 'customer.warning.plan.line', 'customer.warning.report', 'customer.warning.rule', 'customer.zone',
}

#: Kept by the scheduled actions for whoever configures, of the whole house.
OF_ALL = {'customer.carried', 'customer.warning.watch'}


class TestMatrix(CustomerCase):
    """Otto sells for another team, Li leads that, Zoe manages another company: none of them has to do with the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        # of no company: it is of Anna's, who looks after it
        cls.customer = cls._customer("Secret", customer_cadence_id=cls.cadence.id, user_id=cls.anna.id)
        cls.person = cls.env['res.partner'].create({'name': "Person", 'parent_id': cls.customer.id})
        cls._order(cls.customer, 1000)
        cls._records()
        cls.env.flush_all()

    @classmethod
    def _records(cls):
        """Note something of the customer in every model that tells of customers."""
        env, customer, today = cls.env, cls.customer, '2026-03-02'
        today_plus = fields.Date.add(fields.Date.today(), days=30)
        partner = {'partner_id': customer.id}
        company = {'company_id': env.company.id}
        kind = env['customer.care.kind'].search([], limit=1)
        event = env['customer.care.event'].create({
            'name': "Dinner", 'kind_id': env['customer.care.event.kind'].search([], limit=1).id, 'user_id': cls.anna.id,
            'date_begin': '2030-03-02 10:00:00', 'date_end': '2030-03-02 12:00:00', **company})
        strategy = env['customer.strategy'].create({
            **partner, **company, 'user_id': cls.anna.id, 'core_approach': "x", 'state': 'active',
            'date_start': '2026-10-01', 'date_end': '2030-12-31'})
        env['customer.strategy.kpi'].create({
            'strategy_id': strategy.id, 'kpi_id': env['customer.kpi'].search([], limit=1).id, 'target': 5})
        env['customer.strategy.adjustment'].create({'strategy_id': strategy.id})
        review = env['customer.review'].create({
            'user_id': cls.anna.id, 'date_start': today, 'date_end': '2026-03-31', **company})
        values = {
            'customer.care.budget': {'kind_id': kind.id, 'year': '2026', 'amount': 5, 'reason': "x", **company},
            'customer.care.expense': {'kind_id': kind.id, 'amount': 5, 'name': "Tea", 'date': today, **company},
            'customer.care.guest': {'partner_id': cls.person.id, 'event_id': event.id},
            'customer.greeting': {
                'customer_id': customer.id,
                'partner_id': cls.person.id, 'kind_id': env['customer.occasion.kind'].search([], limit=1).id, 'date': today,
                'year': 2026, **company},
            'customer.health.override': {'score': 50, 'reason': "x", 'date_to': today_plus},
            'customer.health.snapshot': {
                'date': today, 'state': 'scored', 'score': 50, 'computed': 50, 'uncapped': 50, 'band': 'risk',
                'coverage': 100, 'parts': {}},
            'customer.occasion': {
                'partner_id': cls.person.id, 'kind_id': cls.env.ref('customer_success.customer_occasion_kind_birthday').id,
                'month': 3, 'day': 2},
            'customer.pause': {'date_from': today_plus, 'date_to': today_plus, 'reason_id': cls.reason.id},
            'customer.plan.request': {},
            'customer.pulse': {'date': today, 'score': '3'},
            'customer.reading': {'metric_id': env['customer.metric'].search([], limit=1).id, 'date': today, 'value': 5},
            'customer.review.decision': {'review_id': review.id, 'name': "x"},
            'customer.review.line': {'review_id': review.id, 'text': "x"},
            'customer.rhythm': {'purchases': 1},
            'customer.segment.change': {'date': today, 'cause': 'rules'},
            'customer.strategy.milestone': {'strategy_id': strategy.id, 'name': "x", 'date': today},
            'customer.warning': {'signal': 'score_level', 'level': '2', 'date': today},
        }
        for model, vals in values.items():
            if not env[model].search_count([(OF_A_CUSTOMER[model], '=', customer.id)], limit=1):
                env[model].create({**({} if 'partner_id' in vals or 'partner_id' not in env[model]._fields else partner), **vals})

    def _of_customer(self, model):
        """Return what is noted of the customer in a model, for whoever may see everything."""
        return self.env[model].search([(OF_A_CUSTOMER[model], '=', self.customer.id)])

    def test_plt_2_every_model_is_known(self):
        """PLT-2: a new model has to say whose it is, and a new dialog that it is of whoever opened it."""
        models = {
            name for name in self.env if name.startswith('customer.') and not self.env[name]._abstract}
        dialogs = {name for name in models if self.env[name]._transient}
        self.assertEqual(models - dialogs, OF_A_CUSTOMER.keys() | OF_NOBODY)
        self.assertFalse(OF_A_CUSTOMER.keys() & OF_NOBODY)
        rules = self.env['ir.rule'].search([('groups', '=', False), ('domain_force', 'like', 'create_uid')])
        self.assertEqual(dialogs - set(rules.model_id.mapped('model')), set())

    def _check_closed(self, user):
        """Check that a user has no way to what is noted of the customer."""
        for model in OF_A_CUSTOMER.keys() - OF_ALL:
            records = self._of_customer(model)
            if model not in ('customer.occasion.coming',):
                self.assertTrue(records, f'{model}: nothing to hide')
            mine = records.with_user(user)
            if not mine.has_access('read') and not self.env[model].with_user(user).has_access('read'):
                continue
            domain = Domain('id', 'in', records.ids)
            with self.subTest(model=model, user=user.login):
                self.assertFalse(mine.search(domain))
                self.assertEqual(mine.search_count(domain), 0)
                self.assertEqual(mine._read_group(domain, [], ['__count']), [(0,)])
                self.assertFalse(mine.name_search('', domain))
                for record in mine[:2]:
                    for attempt in (
                        lambda record=record: record.read(['display_name']), lambda record=record: record.copy(),
                        lambda record=record: record.write({'write_date': False}), lambda record=record: record.unlink(),
                    ):
                        with self.assertRaises(AccessError), self.env.cr.savepoint():
                            attempt()

    def test_plt_2_another_salesperson(self):
        """PLT-2: a salesperson of another team."""
        self._check_closed(self.otto)

    def test_plt_2_another_leader(self):
        """PLT-2: the leader of another team."""
        self._check_closed(self.li)

    def test_plt_2_another_company(self):
        """PLT-2: a manager of another company, of a customer that belongs to no company but is looked after in the first."""
        self._check_closed(self.zoe)

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
