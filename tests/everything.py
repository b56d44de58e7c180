"""Something in every model, every public method, and attempts that leave nothing behind: for tests that find by themselves
what there is to test."""
import inspect
import re
from contextlib import contextmanager, suppress

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import mute_logger

from .common import CustomerCase

MODULE = 'odoo.addons.customer_success'

#: How a record of each model leads to its customer.
OF_A_CUSTOMER = {
    'customer.adherence': 'partner_id', 'customer.approach.report': 'partner_id',
    'customer.balance': 'partner_id', 'customer.health.month': 'partner_id',
    'customer.care.budget': 'partner_id', 'customer.care.budget.status': 'partner_id', 'customer.care.expense': 'partner_id',
    'customer.care.guest': 'customer_id', 'customer.case': 'partner_id', 'customer.case.clock': 'case_id.partner_id',
    'customer.case.node': 'case_id.partner_id', 'customer.case.pause': 'case_id.partner_id',
    'customer.contact.date': 'partner_id', 'customer.meeting': 'partner_id', 'customer.feedback': 'partner_id',
    'customer.feedback.hit': 'request_id.partner_id', 'customer.feedback.request': 'partner_id',
    'customer.followup': 'partner_id', 'customer.mood.hit': 'partner_id',
    'customer.greeting': 'customer_id',
    'customer.health.override': 'partner_id', 'customer.health.snapshot': 'partner_id',
    'customer.occasion': 'partner_id.commercial_partner_id', 'customer.occasion.coming': 'customer_id',
    'customer.value': 'partner_id', 'customer.value.history': 'partner_id', 'customer.influence': 'partner_id',
    'customer.offer': 'partner_id', 'customer.path': 'partner_id',
    'customer.pause': 'partner_id', 'customer.plan.request': 'partner_id', 'customer.pulse': 'partner_id',
    'customer.reading': 'partner_id', 'customer.review.decision': 'partner_id', 'customer.review.line': 'partner_id',
    'customer.rhythm': 'partner_id', 'customer.segment.change': 'partner_id', 'customer.strategy': 'partner_id',
    'customer.strategy.adjustment': 'strategy_id.partner_id',
    'customer.strategy.adjustment.kpi': 'adjustment_id.strategy_id.partner_id',
    'customer.strategy.kpi': 'strategy_id.partner_id', 'customer.strategy.milestone': 'strategy_id.partner_id',
    'customer.advice.given': 'partner_id', 'customer.match': 'need_id.partner_id', 'customer.supply': 'partner_id',
    'customer.loss': 'partner_id', 'customer.referral': 'referrer_id',
    'customer.stage.change': 'partner_id', 'customer.stage.month': 'partner_id',
    'customer.stage.stay': 'partner_id',
    'customer.onboarding': 'partner_id', 'customer.onboarding.item': 'onboarding_id.partner_id',
    'customer.onboarding.report': 'partner_id',
    'customer.assignment': 'partner_id',
    'customer.tier.change': 'partner_id', 'customer.warning': 'partner_id', 'customer.warning.watch': 'partner_id',
    'customer.carried': 'target_id', 'customer.handover': 'partner_id',
    'customer.duplicate': 'partner_id', 'customer.duplicate.key': 'partner_id',
    'customer.needs.grade.change': 'lead_id.partner_id.commercial_partner_id',
    'customer.needs.report': 'lead_id.partner_id.commercial_partner_id',
    'customer.seat': 'partner_id', 'customer.seat.term': 'seat_id.partner_id', 'customer.person.change': 'partner_id',
    'customer.insight': 'partner_id',
    'customer.potential': 'partner_id', 'customer.potential.answer': 'partner_id', 'customer.potential.change': 'partner_id',
}

#: Public methods that Odoo has for every model, extended here and there.
OF_THE_ORM = {
    'create', 'write', 'unlink', 'copy', 'copy_data', 'copy_translations', 'read', 'load', 'default_get', 'get_view', 'search',
    'name_search', 'init', 'export_data', 'check_access', 'action_archive',
}

#: What no person understands.
NO_WORDS = re.compile(
    r"psycopg2|Traceback|NoneType|has no attribute|<class|singleton|invalid literal|could not convert|unhashable|not supported"
    r"|violates|syntax|argument|KeyError|customer\.[a-z.]+\(", re.IGNORECASE)


class Undone(Exception):
    """Takes back what was tried."""


def is_of_the_addon(cls):
    """Return whether a class of Python is a part of a model that the addon adds, and not one that it adds to all models."""
    return cls.__module__.startswith(MODULE) and cls.__name__ != 'Base'


def public_methods(env):
    """Return what other programs may call of the addon: the methods it adds to its own models and to those of others.

    :rtype: list[tuple[str, str]]
    """
    found = set()
    for model_name, model in env.registry.items():
        for cls in filter(is_of_the_addon, model.__mro__):
            for name, method in vars(cls).items():
                if model._abstract or name.startswith('_') or name in OF_THE_ORM \
                        or not inspect.isfunction(inspect.unwrap(method)):
                    continue
                if not any(getattr(vars(base).get(name), '_api_private', False) for base in model.__mro__):
                    get_public_method(env[model_name], name)
                    found.add((model_name, name))
    return sorted(found)


class TriesCase(CustomerCase):
    """Attempts that are answered in words, and leave nothing behind."""

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as another program does, with what it sends and nothing that tests add."""
        env = self.env(user=user, context={}, su=False)
        result = call_kw(env[model], method, list(args), {**kwargs, 'context': {'lang': 'en_US', 'tz': 'UTC'}})
        env.flush_all()
        return result

    @contextmanager
    def _tried(self, wrong, label, errors=None):
        """Try something, take it back, and note what is no answer in words.

        Odoo makes words of what a constraint of the database refuses, as long as the transaction was not used after it.

        :param list wrong: gets the label, and what came instead of words
        :param list errors: gets the errors in words
        """
        try:
            with suppress(Undone, psycopg2.IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                yield
                self.env.flush_all()
                raise Undone
        except UserError as error:
            if errors is not None:
                errors.append(error)
            if not isinstance(error, (AccessError, MissingError)) and NO_WORDS.search(str(error)):
                wrong.append((*label, "no words", str(error)[:150]))
        except Exception as error:
            wrong.append((*label, type(error).__name__, str(error)[:150]))
        finally:
            self.env.invalidate_all()


class EverythingCase(TriesCase):
    """A customer of Anna's of whom something is noted in every model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        # of no company: it is of Anna's, who looks after it
        cls.customer = cls._customer("Secret", customer_cadence_id=cls.cadence.id, user_id=cls.anna.id)
        cls.customer.write({'customer_potential': 'high', 'customer_potential_reason': "They said so"})
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
        case = env['customer.case'].create({**partner, **company, 'name': "x", 'user_id': cls.anna.id, 'priority': '2'})
        env['customer.case.pause'].create({
            'case_id': case.id, 'date_start': '2026-03-02 09:00:00', 'date_end': '2026-03-02 10:00:00', 'note': "x"})
        env['customer.case.node'].create({
            'case_id': case.id, 'name': "x", 'date_due': f'{today_plus} 09:00:00'})
        survey = env['customer.survey'].with_context(active_test=False).search([], limit=1)
        question = env['customer.feedback.request'].create({
            **partner, **company, 'survey_id': survey.id, 'contact_id': cls.person.id, 'date_planned': today,
            'asked_on': today, 'asked_at': f'{today} 09:00:00', 'state': 'sent'})
        env['customer.feedback.hit'].create({'request_id': question.id, 'what': 'page'})
        # with a word that tells a mood
        env['customer.feedback'].create({**partner, 'score': 9, 'comment': "bad", 'contact_id': cls.person.id})
        review = env['customer.review'].create({
            'user_id': cls.anna.id, 'date_start': today, 'date_end': '2026-03-31', **company})
        customer._log_contact(
            channel=cls.call, contact_at=fields.Datetime.now(), outcome='no_answer', contact=cls.person, approach={
                'approach': env['customer.approach'].search([], limit=1), 'channel': cls.call, 'contact': cls.person,
                'day': fields.Date.today(), 'text': "x"})
        rules = env['customer.needs.answer']
        env['crm.lead'].create({
            'name': "x", **partner, 'user_id': cls.anna.id, 'customer_core_need': "x", **{
                f'customer_{question}_id': rules.search([('question', '=', question)], limit=1).id
                for question in ('urgency', 'importance', 'fit')}})
        meeting = env['calendar.event'].create({
            'name': "x", 'start': '2026-03-02 09:00:00', 'stop': '2026-03-02 10:00:00', 'user_id': cls.anna.id,
            'partner_ids': [(4, cls.person.id)]})
        # late for a month, so that the report counts it
        plan = env['customer.onboarding.plan'].with_context(active_test=False).search([], limit=1)
        env['customer.onboarding'].create({
            **partner, **company, 'plan_id': plan.id, 'user_id': cls.anna.id, 'started_at': f'{today} 09:00:00',
            'date_start': today, 'item_ids': [(0, 0, {'plan_item_id': item.id, 'due_at': f'{today} 10:00:00'})
                                              for item in plan.item_ids]})
        step = env['customer.path.rule'].search([], limit=1)
        pair = env['customer.offer.pair'].create({
            'level': 'product', 'reason_key': 2, 'item_key': 1, 'both_buyers': 14, 'buyers': 20, **company})
        values = {
            'customer.meeting': {'event_id': meeting.id, 'day': today, 'user_id': cls.anna.id, **company},
            'customer.care.budget': {'kind_id': kind.id, 'year': '2026', 'amount': 5, 'reason': "x", **company},
            'customer.care.expense': {'kind_id': kind.id, 'amount': 5, 'name': "Tea", 'date': today, **company},
            'customer.care.guest': {'partner_id': cls.person.id, 'event_id': event.id},
            'customer.greeting': {
                'customer_id': customer.id,
                'partner_id': cls.person.id, 'kind_id': env['customer.occasion.kind'].search([], limit=1).id, 'date': today,
                'year': 2026, **company},
            'customer.influence': {'date': today, 'level': '3'},
            'customer.value': {'date': today, 'band': 'none', 'prospect_state': 'few'},
            'customer.value.history': {'month': '2026-03-01', 'band': 'none'},
            'customer.health.override': {'score': 50, 'reason': "x", 'date_to': today_plus},
            'customer.health.snapshot': {
                'date': today, 'state': 'scored', 'score': 50, 'computed': 50, 'uncapped': 50, 'band': 'risk',
                'coverage': 100, 'parts': {}},
            'customer.referral': {
                'referrer_id': customer.id, 'lead_id': env['crm.lead'].create({'name': "x"}).id},
            'customer.advice.given': {'name': "x"},
            'customer.supply': {'name': "x", 'category_id': env['customer.supply.category'].search([], limit=1).id},
            'customer.assignment': {'place': 'backup', 'user_id': cls.anna.id, 'facts': {'backups': 1}},
            'customer.handover': {'moment': today, 'scope': 'all', 'done_by_id': cls.anna.id},
            'customer.duplicate': {'other_id': cls.person.id, 'found_on': today},
            'customer.seat': {
                'role_id': env['customer.contact.role'].search([], limit=1).id, 'person_id': cls.person.id},
            'customer.person.change': {'person_name': "x", 'kind': 'archived', 'date': today, 'event_date': today},
            'customer.insight': {'name': "x"},
            'customer.potential.answer': {'question': 'upgrade', 'answer': 'yes'},
            'customer.loss': {'reason_id': env['customer.loss.reason'].search([], limit=1).id},
            'customer.offer': {
                'level': 'product', 'item_key': 1, 'offered_on': today, 'pair_id': pair.id, **company},
            'customer.path': {
                'direction': 'rise', 'rule_id': step.id, 'from_tier_id': step.from_tier_id.id,
                'to_tier_id': step.to_tier_id.id, 'state': 'met', 'since': today},
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

        env['customer.supply'].create({
            'partner_id': cls._customer("Neighbour").id, 'kind': 'offer', 'name': "x",
            'category_id': env['customer.supply'].search([('partner_id', '=', customer.id)]).category_id.id})

    def _of_customer(self, model):
        """Return what is noted of the customer in a model, for whoever may see everything."""
        return self.env[model].search([(OF_A_CUSTOMER[model], '=', self.customer.id)])
