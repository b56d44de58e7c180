"""The catalogue of facts and its runner: one oracle in Python, bad facts, whose eyes."""
import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, mute_logger

from ...models.base.customer_fact import EXTRAS, UNITS, Found, Span
from .fact_common import FactCase

QUIET = ('odoo.addons.customer_success.models.base.customer_fact', 'odoo.sql_db')


class TestRunner(FactCase):

    def setUp(self):
        super().setUp()
        self.facts = self.env['customer.fact']
        type(self).sql, type(self).entry = None, {}

    def _ask(self, *days, name='complaints'):
        """Return what is found of spans up to today, of so many days each, and the problem."""
        today = fields.Date.context_today(self.facts)
        spans = [Span(number, self.customer.id, today - timedelta(days=number - 1), today) for number in days]
        found, problems = self.facts._measure({'key': (name, {}, spans)})
        return found['key'], problems.get('key')

    def test_spans_in_rows_out(self):
        """Spans of one customer may overlap; each has its value, and besides what the fact gives."""
        self._complain(self.customer, 0, 5, 5, 40)
        found, problem = self._ask(1, 6, 90)
        self.assertFalse(problem)
        self.assertEqual({key: row.value for key, row in found.items()}, {1: 1, 6: 3, 90: 4})
        self.assertEqual(found[6].day, fields.Date.context_today(self.facts))
        self.assertEqual((found[90].count, found[90].detail), (4, None))
        self.assertEqual(self.facts._measure({}), ({}, {}))

    def test_oracle_of_orders(self):
        """STR-1: the number of orders and the revenue of random spans, counted in Python by nothing but days and amounts."""
        chance, start = random.Random(4), date(2026, 1, 1)
        partners = [self._customer(f"Random {number}") for number in range(4)]
        orders = [(chance.choice(partners), start + timedelta(days=chance.randrange(60)), chance.randrange(1, 9) * 100)
                  for __ in range(25)]
        with self._on('2026-04-01'):
            for partner, day, amount in orders:
                self._order(partner, amount, day)
            spans = []
            for number in range(40):
                first = start + timedelta(days=chance.randrange(60))
                spans.append(Span(number, chance.choice(partners).id, first, first + timedelta(days=chance.randrange(30))))
            found, problems = self.facts._measure({name: (name, {}, spans) for name in ('new_orders', 'revenue')})
        self.assertFalse(problems)
        expected = {
            span.key: [amount for partner, day, amount in orders
                       if partner.id == span.partner_id and span.start <= day <= span.stop] for span in spans}
        self.assertGreater(sum(map(bool, expected.values())), 10)
        self.assertEqual({key: row.value for key, row in found['new_orders'].items()}, {
            key: len(amounts) for key, amounts in expected.items()})
        self.assertEqual({key: row.value for key, row in found['revenue'].items()}, {
            key: sum(amounts) for key, amounts in expected.items()})

    def test_many_spans_are_as_many_statements(self):
        """PLT-3: two hundred spans of two facts cost as many statements as one."""
        today, counts = fields.Date.context_today(self.facts), []
        for number in (1, 1, 200):
            spans = [Span(key, self.customer.id, today - timedelta(days=key), today) for key in range(number)]
            before = self.env.cr.sql_log_count
            self.facts._measure({name: (name, {}, spans) for name in ('complaints', 'new_orders')})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "the first one warms the caches")

    def test_nothing_below_its_minimum(self):
        """Whatever day is looked at, also one before the customer was one, no fact says less than it says that it can."""
        self._order(self.customer, 500, fields.Date.context_today(self.facts))
        self._log(self.customer)
        spans, today = {}, fields.Date.context_today(self.facts)
        for back in (0, 1, 29, 90, 400, 4000):
            stop = today - timedelta(days=back)
            for partner in (self.customer, self.other):
                spans[partner.id, back] = Span(len(spans), partner.id, stop - timedelta(days=29), stop)
        asked = {name: fact for name, fact in self.facts._facts().items()
                 if fact.past and fact.minimum is not None and name != 'complaints'}
        self.assertGreater(len(asked), 15)
        found, __ = self.facts._measure({name: (name, {}, list(spans.values())) for name in asked})
        self.assertGreater(sum(map(len, found.values())), 20)
        below = {(name, key): row.value for name, rows in found.items() for key, row in rows.items()
                 if row.value < asked[name].minimum}
        self.assertEqual(below, {})
        self.assertEqual(found['silence'][spans[self.customer.id, 0].key].value, 0)
        self.assertNotIn(spans[self.other.id, 4000].key, found['silence'])

    def test_bad_facts(self):
        """A fact that fails, gives two rows for a span, infinity or nonsense is set aside with a sentence; others go on."""
        self._complain(self.customer, 1)
        for problem, sql in self._bad_facts().items():
            type(self).sql = staticmethod(sql)
            with mute_logger(*QUIET), self.subTest(problem):
                today = fields.Date.context_today(self.facts)
                spans = [Span(3, self.customer.id, today, today)]
                found, problems = self.facts._measure({
                    'bad': ('complaints', {}, spans), 'good': ('new_orders', {}, spans)})
                self.assertIn(problem, problems['bad'])
                self.assertEqual((found['bad'], found['good'][3].value), ({}, 0))
                self.assertNotIn("\n", problems['bad'], "one sentence")
        type(self).sql = staticmethod(lambda spans: SQL(
            "SELECT id AS span_id, NULL::int AS value, NULL::date AS day, 1 AS count FROM %s s", spans.table))
        self.assertEqual(self._ask(5), ({}, None), "nothing at all is nothing known, and no problem")

    def test_fact_that_is_not_there(self):
        """An addon that was taken away, and an app that is not installed, are said in a sentence."""
        with mute_logger(*QUIET):
            self.assertIn("was an addon taken away", self._ask(5, name='moon')[1])
            type(self).entry = {'needs': 'moon.phase'}
            self.assertIn("needs an app that is not installed", self._ask(5)[1])
        self.assertNotIn('complaints', self.facts._offered())
        for needs in ('res.partner', 'res.partner.name', ''):
            type(self).entry = {'needs': needs}
            self.assertIn('complaints', self.facts._offered(), needs)

    def test_offered(self):
        """Facts are offered to those who know what they ask for, and facts of today not to who asks about the past."""
        type(self).entry = {'options': ('colour',)}
        self.assertNotIn('complaints', self.facts._offered())
        self.assertIn('complaints', self.facts._offered(['colour', 'size']))
        type(self).entry = {'past': False}
        self.assertIn('complaints', self.facts._offered())
        self.assertNotIn('complaints', self.facts._offered(past=True))

    def test_sentence_that_fails(self):
        """A sentence that fails takes nothing with it: the value is said plainly."""
        fact = self.facts._get('complaints')
        with mute_logger(*QUIET):
            self.assertEqual(self.facts._say('complaints', fact, Found(3), {}), "Complaints: 3")
        self.assertEqual(
            self.facts._say('complaints', fact, Found(3), {'window_days': 9}, known={'count'}), "Complaints: 3",
            "nor is anything made up that was not kept")

    def test_catalogue_is_complete(self):
        """Every fact has a label and a unit, gives what the runner knows, and says something of what it gives."""
        for name, fact in self.facts._facts().items():
            with self.subTest(name):
                self.assertTrue(fact.label)
                self.assertIn(fact.unit, dict(UNITS))
                self.assertLessEqual(set(fact.gives), EXTRAS.keys())
                self.assertIn(fact.better, ('higher', 'lower', None))
                self.assertTrue(self.facts._unit_name(fact))
                self.assertIn(fact.model, self.env)


class TestEntries(FactCase):

    def setUp(self):
        super().setUp()
        type(self).sql, type(self).entry = None, {}
        self.entries = self.env['customer.fact.entry']
        self.kpi = self.env['customer.kpi'].create({'name': "Complaints of the Cycle", 'source': 'complaints'})

    def _entry(self, code='complaints'):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.entries.with_user(self.mara).search([('code', '=', code)])

    def test_what_a_manager_reads(self):
        """A manager reads what a fact is, its unit, who uses it and what went wrong last."""
        entry = self._entry()
        self.assertEqual((entry.name, entry.counted, entry.better, entry.state), ("Complaints", "number", 'lower', '4_ok'))
        self.assertEqual((entry.use_count, entry.uses), (2, "Review: Shortfall\nKPI: Complaints of the Cycle"))
        self.assertFalse(entry.problem)
        self.kpi.problem = "division by zero"
        self.assertEqual((self._entry().state, self._entry().problem), ('2_problem', "division by zero"))
        self.assertEqual(self._entry('new_orders').addon, 'customer_success')

    def test_search_and_group(self):
        """Facts are found by their name in the language of the user, by state and by use."""
        entries = self.entries.with_user(self.mara)
        self.assertIn('complaints', entries.search([('name', 'ilike', "complai")]).mapped('code'))
        self.assertEqual(entries.search([('name', '=', "Complaints")]).code, 'complaints')
        self.assertFalse(entries.search([('name', '=', "Complaint")]))
        self.assertIn('complaints', entries.search([('use_count', '>', 0)]).mapped('code'))
        groups = dict(entries._read_group([], ['state'], ['__count']))
        self.assertEqual(sum(groups.values()) - groups.get('1_gone', 0), len(self.env['customer.fact']._facts()))
        self.assertGreater(groups['4_ok'], 15)

    def test_every_fact_has_a_reader(self):
        """What nobody looks at is not worth a statement: each shipped fact is used by a shipped rule, or named here."""
        offered = [
            'expected_value',  # and the value score: what KPIs and rules of one's own may ask for
            'usual_rhythm',  # the repurchase rate came into its place; KPIs of before are still measured by it
            'value_score']
        shipped = self.entries.search([('addon', '=', 'customer_success'), ('code', '!=', 'complaints')])
        self.assertGreater(len(shipped), 15)
        self.assertEqual(shipped.filtered(lambda entry: not entry.uses).mapped('code'), offered)

    def test_app_or_addon_gone(self):
        """A fact whose app is not installed is listed as such; one that nobody knows any more while somebody uses it, too."""
        type(self).entry = {'needs': 'moon.phase'}
        self.assertEqual(self._entry().state, '3_absent')
        self.env.flush_all()
        self.env.cr.execute("UPDATE customer_kpi SET source = 'moon' WHERE id = %s", [self.kpi.id])
        gone = self._entry('moon')
        self.assertEqual((gone.name, gone.state, gone.use_count), ('moon', '1_gone', 1))
        self.assertIn("was an addon taken away", gone.problem)
        with self.assertRaisesRegex(UserError, "was an addon taken away"), mute_logger(*QUIET):
            gone.action_try()

    def test_try(self):
        """A manager tries a fact: of how many customers it is known, or why it can't be looked up."""
        self._complain(self.customer, 1, 2)
        self.env['res.partner'].search([('customer_managed', '=', True)])
        message = self._entry().action_try()['params']['message']
        self.assertRegex(message, "^It is known of [0-9]+ customers, from 0 to 2.$")
        for problem, sql in self._bad_facts().items():
            type(self).sql = staticmethod(sql)
            with self.assertRaisesRegex(UserError, problem), mute_logger(*QUIET), self.env.cr.savepoint():
                self._entry().action_try()

    def test_every_shipped_fact_can_be_tried(self):
        """Every fact of the catalogue is accepted by the database for all customers, or asks for a choice."""
        for name, fact in self.env['customer.fact']._facts().items():
            with self.subTest(name), mute_logger(*QUIET):
                counts, problem = self.env['customer.fact']._try(name, 90)
                self.assertTrue(counts or fact.options, problem)

    def test_nobody_changes_it(self):
        """The catalogue is read only, and for managers."""
        with self.assertRaises(AccessError):
            self.entries.with_user(self.anna).search([])
        for act in (lambda: self.entries.with_user(self.mara).create({'code': "x"}), lambda: self._entry().unlink(),
                    lambda: self._entry().write({'code': "x"})):
            with self.assertRaises(AccessError):
                act()

    def test_no_fact_at_all(self):
        """An empty catalogue is an empty list."""
        with patch.object(self.registry['customer.fact'], '_facts', lambda self: {}), \
                patch.object(self.registry['customer.fact'], '_uses', lambda self: []):
            self.assertFalse(self.entries.search([]))
