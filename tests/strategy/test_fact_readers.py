"""HEA-1, HEA-3, HEA-6, STR-1, STR-5: one entry of another addon is a measure, a warning, a KPI, a next best action and a topic
of reviews; an administrator chooses it without code."""
from datetime import date
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ...models.base.customer_fact import PREFIX
from ..base.fact_common import FactCase

QUIET = ('odoo.sql_db', *(
    f'odoo.addons.customer_success.models.{name}' for name in (
        'base.customer_fact', 'health.customer_health_refresh', 'health.customer_warning_monitor', 'health.customer_action_rule',
        'strategy.customer_review')))

TODAY = '2026-04-06'


class ReaderCase(FactCase):
    """It is the sixth of April 2026; Azure complained on the second and third, and in January."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for model in ('customer.warning.rule', 'customer.action.rule', 'customer.health.cap', 'customer.health.scorecard',
                      'customer.health.measure'):
            cls.env[model].search([]).active = False
        cls.group = cls.env['customer.health.group'].create({'name': "Service"})

    def setUp(self):
        super().setUp()
        type(self).sql, type(self).entry = None, {}
        self.enterContext(self._on(TODAY))
        self._complain(self.customer, 3, 4, 80)

    def _measure(self, **vals):
        """Return a measure of complaints with its card, everybody's."""
        measure = self.env['customer.health.measure'].create({
            'name': "Few Complaints", 'group_id': self.group.id, 'source': 'complaints', 'window_days': 30, 'band_ids': [
                Command.create({'value_from': value, 'points': points}) for value, points in ((0, 100), (1, 60), (2, 20))],
            **vals})
        self.env['customer.health.scorecard'].create({
            'name': "Everybody", 'minimum_coverage': 0, 'minimum_groups': 1,
            'line_ids': [Command.create({'measure_id': measure.id, 'weight': 1})]})
        return measure

    def _rule(self, **vals):
        return self.env['customer.warning.rule'].create({
            'name': "Complains", 'signal': f'{PREFIX}complaints', 'threshold': 2, 'window_days': 30, 'evaluations': 1, **vals})

    def _warnings(self):
        """Return the warnings that are raised tonight."""
        self.env['customer.warning.rule'].search([]).evaluated_on = False
        self._run_cron('warn')
        return self.env['customer.warning'].search([('signal', '=', f'{PREFIX}complaints')])

    def _action(self, **vals):
        return self.env['customer.action.rule'].create({
            'name': "Say sorry", 'kind': f'{PREFIX}complaints', 'threshold': 2, 'window_days': 30, **vals})

    def _next(self, partner=None, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = (partner or self.customer).with_user(user or self.anna)
        return partner.customer_next_action, partner.customer_next_reason

    def _review(self):
        return self.env['customer.review'].create({
            'user_id': self.anna.id, 'date_start': '2026-03-07', 'date_end': TODAY,
            'company_id': self.env.company.id})


class TestOneEntry(ReaderCase):

    def test_measure(self):
        """HEA-1: it is chosen as a measure; customers are scored by its bands, and the measure says it in the fact's words."""
        measure = self._measure()
        self.assertEqual((measure.unit, measure.has_window), ("number", True))
        self.env['customer.health.refresh']._refresh()
        self.env.invalidate_all()
        self.assertEqual((self.customer.customer_health, self.other.customer_health), (20, 100))
        self.assertFalse(measure.problem)
        self.assertEqual(
            measure._describe(2, date(2026, 4, 3)), "2 complaints in 30 days, the last one on 2026-04-03")

    def test_warning(self):
        """HEA-3: it is chosen in a warning rule, bad in its worse direction; the warning says it and ends by itself."""
        rule = self._rule()
        self.assertEqual((rule.comparison, rule.has_window, rule.has_comparison), ('from', True, True))
        self.assertEqual([customer_id for customer_id in rule.action_view_met()['domain'][0][2]], self.customer.ids)
        warning = self._warnings()
        self.assertEqual(warning.partner_id, self.customer)
        self.assertEqual(warning.reason, "2 complaints in 30 days, the last one on 2026-04-03")
        rule.threshold = 3
        self.assertEqual(self._warnings().state, 'closed')
        self.assertEqual(self._warnings().outcome, 'cleared')

    def test_kpi(self):
        """STR-1: it is chosen as a KPI; unit and direction are the fact's, and half a cycle owes half of the target."""
        kpi = self.env['customer.kpi'].create({'name': "Complaints", 'source': 'complaints'})
        self.assertEqual((kpi.unit, kpi.better), ('count', 'lower'))
        days = [fields.Date.to_date(day) for day in ('2026-01-01', '2026-03-31', TODAY)]
        self.assertEqual(kpi._measure_mean(self.customer.ids, days[0], days[1]), (1, 1))
        self.assertEqual(kpi._measure_mean((self.customer + self.other).ids, days[0], days[2]), (1.5, 2))
        self.assertEqual(kpi._describe(2, 2), "Complaints: 2")
        self.assertTrue(kpi._sources()['complaints'].additive)

    def test_next_action(self):
        """HEA-6: it is chosen in a next best action; the reason is the fact's, and one click logs a contact."""
        self.assertEqual(self._action().comparison, 'from')
        self.assertEqual(self._next(), ("Say sorry", "2 complaints in 30 days, the last one on 2026-04-03"))
        self.assertEqual(self._next(self.other), (False, False))
        self.assertEqual(self.customer.with_user(self.anna).action_customer_next()['res_model'], 'customer.followup.log')
        opened = []
        type(self).entry = {'open': lambda partner, found: opened.append((partner, found.value)) or {'type': 'x'}}
        self.assertEqual(self.customer.with_user(self.anna).action_customer_next(), {'type': 'x'})
        self.assertEqual(opened, [(self.customer, 2)])

    def test_review_topic(self):
        """STR-5: reviews tell it by themselves, of the days that they look back at."""
        review = self._review()
        review._draft_lines()
        line = review.line_ids.filtered(lambda line: line.topic == f'{PREFIX}complaints')
        self.assertEqual((line.kind, line.partner_id), ('shortfall', self.customer))
        self.assertEqual(line.text, "Azure: 2 complaints in 31 days, the last one on 2026-04-03")
        self.assertFalse(review.problem)
        type(self).entry = {'review': ''}
        self.assertNotIn(f'{PREFIX}complaints', review._known_topics())

    def test_catalogue_says_who(self):
        """The catalogue says who looks at it: five readers of one entry."""
        self._measure()
        self._rule()
        self._action()
        self.env['customer.kpi'].create({'name': "Complaints", 'source': 'complaints'})
        entry = self.env['customer.fact.entry'].search([('code', '=', 'complaints')])
        self.assertEqual(sorted(entry.uses.split("\n")), [
            "Health measure: Few Complaints", "KPI: Complaints", "Next best action: Say sorry", "Review: Shortfall",
            "Warning rule: Complains"])
        used = self.env['customer.fact.entry'].search([('code', '=', 'payment')])
        self.assertIn("Next best action: Talk about the open invoices", used.uses, "archived rules too, under names of their own")

    def test_threshold_itself(self):
        """K11: two are two for a warning and a next best action alike; at most is up to the threshold."""
        rule, action = self._rule(), self._action()
        for threshold, met in ((1, True), (2, True), (3, False)):
            rule.threshold = action.threshold = threshold
            self.assertEqual(
                (bool(rule.action_view_met()['domain'][0][2]), bool(self._next()[0])), (met, met), threshold)
        (rule + self._rule(name="Other")).write({'comparison': 'to', 'threshold': 1})
        action.write({'comparison': 'to', 'threshold': 1})
        self.assertNotIn(self.customer.id, rule.action_view_met()['domain'][0][2])
        self.assertIn(self.other.id, rule.action_view_met()['domain'][0][2])
        self.assertEqual((bool(self._next()[0]), bool(self._next(self.other)[0])), (False, True))

    def test_figure_and_eyes_agree(self):
        """Asked by a manager with the record rules, and as a figure for all, every fact says the same."""
        facts = self.env['customer.fact']
        self.env['customer.pulse'].create({'partner_id': self.customer.id, 'score': '2'})
        self._log(self.customer)
        self._order(self.other, 500, '2026-03-20')
        followup = self.env['customer.followup'].create({
            'partner_id': self.customer.id, 'channel_id': self.call.id, 'name': "Late", 'date_planned': '2026-03-01'})
        followup.date_limit = date(2026, 3, 5)
        options = {'window_days': 90, 'interval_days': 30}
        asked = [name for name, fact in facts._facts().items() if set(fact.options) <= options.keys()]
        found = {}
        for user in (self.mara, self.env.user):
            model = facts.with_user(user).sudo(user == self.env.user)
            self.env.flush_all()
            found[user] = {
                name: sorted(self.env.execute_query(model._query(
                    name, model._days_back((self.customer + self.other).ids, 90), options, 'day')))
                for name in asked}
        self.assertEqual(found[self.mara], found[self.env.user])
        known = {name for name, rows in found[self.mara].items() if rows}
        self.assertLessEqual({'engagement', 'satisfaction', 'silence', 'overdue_followup', 'missed_touches', 'new_orders'}, known)


class TestChosenInTheForm(ReaderCase):

    def test_warning_rule(self):
        """HEA-3: a manager chooses a fact in the form: direction, unit and period come with it."""
        with Form(self.env['customer.warning.rule'].with_user(self.mara)) as form:
            form.name, form.signal = "Little satisfied", f'{PREFIX}engagement'
            self.assertEqual((form.comparison, form.threshold_unit), ('to', "%"))
            form.threshold = 20
        rule = form.record
        self.assertFalse(self.env['customer.warning.rule'].browse(rule.id).problem)
        self.assertEqual(rule.display_name, "Little satisfied")

    def test_next_action(self):
        """HEA-6: the same in a next best action."""
        with Form(self.env['customer.action.rule'].with_user(self.mara)) as form:
            form.name, form.kind = "Ask who else", f'{PREFIX}breadth'
            self.assertEqual((form.comparison, form.unit), ('to', "people"))
            form.threshold, form.window_days = 1, 365
        self.assertEqual((form.record.window_days, form.record.comparison), (365, 'to'))

    def test_thresholds_that_say_nothing(self):
        """HEA-3, HEA-6: a threshold that everybody meets, or nobody, is refused in words; and so is a period of no day."""
        for make in (self._rule, self._action):
            for vals, message in (({'threshold': 0}, "would hold for everybody"),
                                  ({'threshold': -1, 'comparison': 'to'}, "would never hold")):
                with self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                    make(**vals)
        with self._refused("at least one day"):
            self._action(window_days=0)

    def test_named_ones_are_offered_once(self):
        """A fact that is offered under a name of its own is not offered a second time; nor is the score as its own measure."""
        for model, method in (('customer.warning.rule', '_known_signals'), ('customer.action.rule', '_known_kinds')):
            known = getattr(self.env[model], method)()
            labels = [one.label for one in known.values()]
            self.assertEqual(len(set(labels)), len(labels), model)
        self.assertNotIn(f'{PREFIX}payment', self.env['customer.warning.rule']._known_signals())
        self.assertNotIn(f'{PREFIX}health', self.env['customer.warning.rule']._known_signals())
        self.assertNotIn('health', self.env['customer.health.measure']._sources())
        self.assertNotIn('payment', self.env['customer.kpi']._sources(), "nobody knows it of the past")


class TestBadFacts(ReaderCase):
    """A bad fact is set aside by whoever looks at it, with its sentence; everybody else goes on."""

    def _each(self):
        for problem, sql in self._bad_facts().items():
            type(self).sql = staticmethod(sql)
            with self.subTest(problem), mute_logger(*QUIET):
                yield problem
        type(self).sql = None

    def test_measure(self):
        """HEA-1: the others are scored without it, and it comes back by itself."""
        bad, good = self._measure(), self.env['customer.health.measure'].create({
            'name': "Good", 'group_id': self.group.id, 'source': 'new_orders',
            'band_ids': [Command.create({'value_from': 0, 'points': 70})]})
        self.env['customer.health.scorecard'].search([]).line_ids = [Command.create({'measure_id': good.id, 'weight': 1})]
        for problem in self._each():
            self.env['customer.health.refresh']._refresh()
            self.env.invalidate_all()
            if problem == "no number":
                self.assertFalse(bad.problem, "what is no number is not known of that customer, as of any source")
            else:
                self.assertIn(problem, bad.problem)
            self.assertEqual((good.problem, self.customer.customer_health), (False, 70))
        self.env['customer.health.refresh']._refresh()
        self.env.invalidate_all()
        self.assertEqual((bad.problem, self.customer.customer_health), (False, 45))

    def test_warning(self):
        """HEA-3: the rule is set aside alone; another rule of the same night raises its warning."""
        bad = self._rule()
        self.env['customer.warning.rule'].create({
            'name': "Good", 'signal': f'{PREFIX}new_orders', 'comparison': 'to', 'threshold': 0, 'evaluations': 1})
        for problem in self._each():
            self.assertFalse(self._warnings())
            self.assertIn(problem, bad.problem)
        self.assertTrue(self.env['customer.warning'].search([('signal', '=', f'{PREFIX}new_orders')]))
        self.assertTrue(self._warnings())
        self.assertFalse(bad.problem)

    def test_next_action(self):
        """HEA-6: the next rule is proposed instead; at night the problem is noted on the rule."""
        bad, good = self._action(sequence=1), self._action(
            name="Call", kind=f'{PREFIX}new_orders', comparison='to', threshold=0, sequence=2)
        for problem in self._each():
            self.assertEqual(self._next()[0], "Call")
            self._run_cron('warn')
            self.assertIn(problem, bad.problem)
            self.assertFalse(good.problem)
        self._run_cron('warn')
        self.assertFalse(bad.problem)
        self.assertEqual(self._next()[0], "Say sorry")

    def test_review(self):
        """STR-5: the review is drafted without it and names it."""
        review = self._review()
        for __ in self._each():
            self.assertEqual(review._draft_lines(), 1)
            self.assertEqual(review.problem, "Not looked up: Complaints")

    def test_addon_gone(self):
        """The addon was taken away: measure, warning rule and next best action say so, and nothing else breaks."""
        measure, rule, action = self._measure(), self._rule(), self._action(sequence=1)
        self._action(name="Call", kind=f'{PREFIX}new_orders', comparison='to', threshold=0, sequence=2)
        self.env.flush_all()
        original = self.registry['customer.fact']._facts
        gone = patch.object(self.registry['customer.fact'], '_facts', lambda model: {
            name: fact for name, fact in original(model).items() if name != 'complaints'})
        with gone, mute_logger(*QUIET):
            self.env['customer.health.refresh']._refresh()
            self.assertFalse(self._warnings())
            for record in (measure, rule, action):
                self.assertRegex(record.problem, "not there")
            self.assertEqual(self._next()[0], "Call")
            entry = self.env['customer.fact.entry'].search([('code', '=', 'complaints')])
            self.assertEqual((entry.state, entry.use_count), ('1_gone', 3))
