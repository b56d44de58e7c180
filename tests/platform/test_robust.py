"""K9: whatever people or other programs hand in, there is an answer in words. Each test walks all models of the addon."""
import ast
import copy
import inspect
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import mute_logger

from odoo.addons.rpc.controllers.xmlrpc import OdooMarshaller

from ..everything import TriesCase, Undone, public_methods

#: What is handed to every number and every day of every rule.
NUMBERS = (0, -1, 2**31 - 1, 1e308)
DAYS = ('9999-12-31', '0001-01-01', '2199-12-31')

#: What the web client asks for its own figures: there null is a gap in a chart, and JSON carries it.
FOR_THE_SCREEN = {'get_customer_health', 'get_customer_strip'}


class TestRobust(TriesCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Robust", customer_cadence_id=cls.cadence.id)
        cls.env['customer.planner']._plan(cls.customer.ids)
        cls.methods = public_methods(cls.env)
        models = {name for name, model in cls.env.registry.items() if name.startswith('customer.') and not model._abstract}
        cls.models = sorted(name for name in models if cls.env[name].with_user(cls.mara).has_access('read'))
        cls.of_the_night = models - set(cls.models)

    def _record(self, model, user=None):
        """Return a record of a model as a manager sees it, or nothing."""
        domain = [('customer_managed', '=', True)] if model == 'res.partner' else []
        return self.env[model].with_user(user or self.mara).search(domain, limit=1)

    def test_what_nobody_sees(self):
        """PLT-2, K9: what managers may not read, and is not looked at here, is what the night keeps for itself."""
        self.assertEqual(self.of_the_night, {'customer.purchase', 'customer.watermark'})

    def test_numbers_and_days(self):
        """K9: numbers and days of any size, in every field that a manager may write, are taken or refused in words."""
        wrong, count = [], 0
        for model in [*self.models, 'res.partner']:
            if not self.env[model]._auto or self.env[model]._transient:
                continue
            record = self._record(model)
            for field in record and record._fields.values():
                kind = DAYS if field.type in ('date', 'datetime') else NUMBERS
                if field.type not in ('integer', 'float', 'monetary', 'date', 'datetime') or not field.store \
                        or field.readonly or field.related or field.name == 'sequence' \
                        or model == 'res.partner' and not field.name.startswith('customer_'):
                    continue
                for value in kind:
                    count += 1
                    with self._tried(wrong, (model, field.name, value)):
                        record.write({field.name: value})
        self.assertGreater(count, 300)
        self.assertFalse(wrong)

    def test_interval_of_a_used_touchpoint(self):
        """CAD-1, K9: an interval of 0 on a touchpoint that customers follow is refused by the rule of the database, whose words
        Odoo tells, and not by an aborted transaction."""
        self.assertTrue(self._open(self.customer, self.step))
        with self._refused("interval"):
            self.step.with_user(self.mara).interval_count = 0

    def test_far_days_in_words(self):
        """CAD-5, K9: a day in the year 9999 is refused with a sentence that says which days are possible."""
        log = self.env['customer.followup.log'].with_user(self.anna)
        with self.assertRaisesRegex(UserError, "9999-12-31 can't be right. Choose a day between"):
            log.create({'partner_id': self.customer.id, 'next_step': "Later", 'next_date': '9999-12-31'})

    def test_callers_values_stay(self):
        """K9: what a caller hands to `create` and `write` is the same afterwards: an import tries it again, row by row."""
        changed, count = [], 0
        for model in [*self.models, 'res.partner']:
            record = self._record(model).sudo() if self.env[model]._auto else self.env[model]
            if not record:
                continue
            given = [{'name': "Anything", 'phone': '13800138000.0', 'customer_cadence_id': self.cadence.id}]
            if model != 'res.partner':  # what Odoo itself does to values is not for us
                given += [record.copy_data()[0], {'edited': True}]
            if 'partner_id' in record._fields:
                given += [{'partner_id': record['partner_id'].id, 'date_planned': '2026-01-01'}]
            for vals in given:
                for su in (True, False):
                    for method in ('create', 'write'):
                        before, count = copy.copy(vals), count + 1
                        target = record.sudo(su) if method == 'write' else record.browse().sudo(su)
                        with self._tried([], ()):
                            getattr(target, method)(vals)
                        if vals != before:
                            changed.append((model, method, sorted(set(map(str, vals)) ^ set(map(str, before)))))
        self.assertGreater(count, 200)
        self.assertFalse(changed)

    def test_wizards_with_nothing(self):
        """K9: a dialog that another program opens with nothing, or with its defaults alone, answers in words."""
        wrong, count = [], 0
        for model in self.models:
            if not self.env[model]._transient:
                continue
            for user in (self.mara, self.lena, self.anna):
                wizard = self.env[model].with_user(user)
                for vals in ({}, {'partner_id': self.customer.id}, {'partner_ids': [(6, 0, self.customer.ids)]}):
                    vals = {name: value for name, value in vals.items() if name in wizard._fields}
                    for name in self._public(wizard):
                        count += 1
                        with self._tried(wrong, (model, name, user.login)):
                            getattr(wizard.create(vals), name)()
        self.assertGreater(count, 50)
        self.assertFalse(wrong)

    def test_log_without_channel(self):
        """CAD-5, K9: a contact that another program logs without a channel, or takes it away, is refused in words."""
        log = self.env['customer.followup.log'].with_user(self.anna).create({'partner_id': self.customer.id})
        self.assertTrue(log.channel_id)
        with self._refused("Channel"):
            log.channel_id = False

    def test_required_values_are_there_in_time(self):
        """CAD-5, K9: a required field that is proposed is proposed before the row is written, for other programs as well."""
        late = [
            (model, name) for model in self.models for name, field in self.env[model]._fields.items()
            if field.required and field.store and field.compute and not field.precompute]
        self.assertFalse(late)

    def _public(self, records):
        """Return the names of the methods of the addon that others may call on records, without arguments."""
        for name in [name for model, name in self.methods if model == records._name]:
            given = list(inspect.signature(getattr(type(records), name)).parameters.values())[1:]
            if name not in ('get_values', 'set_values') and all(
                    one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in given):
                yield name

    def test_answers_over_xml_rpc(self):
        """K9: what a public method answers can be carried by XML-RPC, which knows no None: a caller would hear of an error
        after the work was done."""
        wrong, count = [], 0
        for model in [*self.models, 'res.partner']:
            record = self._record(model) if not self.env[model]._transient else self.env[model].with_user(self.mara)
            # what callers send, and nothing that tests add
            record = record.with_env(self.env(user=self.mara, context={'lang': 'en_US', 'tz': 'UTC'}))
            for records in {record, record.browse()} if record else {record}:
                for name in set(self._public(record)) - FOR_THE_SCREEN:
                    count += 1
                    with self._tried([], ()):
                        answer = getattr(records, name)()
                        try:
                            OdooMarshaller(allow_none=False).dumps((answer,))
                        except (TypeError, OverflowError) as error:
                            wrong.append((model, name, len(records), str(error)))
        self.assertGreater(count, 150)
        self.assertFalse(wrong)

    def test_every_method_answers(self):
        """K9: no public method of the addon ends without an answer, whatever its records are."""
        silent = []
        root = Path(__file__).parents[2]
        for file in [*root.glob('models/**/*.py'), *root.glob('wizard/**/*.py')]:
            for node in ast.walk(ast.parse(file.read_text())):
                for method in node.body if isinstance(node, ast.ClassDef) else ():
                    if not isinstance(method, ast.FunctionDef) or method.name.startswith('_') \
                            or method.name in ('init', 'set_values'):
                        continue
                    bare = [one for one in ast.walk(method) if isinstance(one, ast.Return) and one.value is None]
                    if bare or not isinstance(method.body[-1], (ast.Return, ast.Raise)):
                        silent.append((file.name, method.name))
        self.assertFalse(silent)

    def test_nothing_of_others_is_put_down_to_one(self):
        """K9: who sets a customer aside with its error first writes what waits to be written: an error in that is not the
        customer's, and would leave the transaction useless."""
        wrong = []
        root = Path(__file__).parents[2]
        for file in [*root.glob('models/**/*.py'), *root.glob('wizard/**/*.py')]:
            for node in ast.walk(ast.parse(file.read_text())):
                statements = getattr(node, 'body', None)
                for before, statement in zip(statements, statements[1:], strict=False) if isinstance(statements, list) else ():
                    inner = isinstance(statement, ast.Try) and statement.body[0]
                    if isinstance(inner, ast.With) and 'cr.savepoint()' in ast.unparse(inner.items[0]) \
                            and file.name != 'locks.py' and 'flush_all' not in ast.unparse(before):
                        wrong.append((file.name, statement.lineno))
        self.assertFalse(wrong)

    def test_ids_of_views(self):
        """K9: the rows of SQL views have ids that XML-RPC can carry, one each, also for a customer with a great number."""
        self.env['customer.care.expense'].create({
            'name': "Meal", 'partner_id': self.customer.id, 'amount': 5,
            'kind_id': self.env['customer.care.kind'].search([], limit=1).id})
        looked_at = 0
        for model in self.models:
            if self.env[model]._auto:
                continue
            rows = self.env[model].with_context(customer_care_partner_ids=self.customer.ids).search([])
            self.assertEqual(len(set(rows.ids)), len(rows.ids), model)
            self.assertLess(max(rows.ids, default=0), 2**31, model)
            looked_at += bool(rows)
        self.assertGreaterEqual(looked_at, 3)

    def test_what_is_used_is_not_deleted(self):
        """K9: whatever a rule, a channel, a KPI or a template is used by, deleting it says so in words, and what to do instead;
        the database refuses nothing by itself."""
        refused, raw, told = set(), [], 0
        for model in self.models:
            if not self.env[model]._auto or self.env[model]._transient:
                continue
            for record in self.env[model].with_user(self.mara).search([], limit=4):
                try:
                    with suppress(Undone), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                        record.unlink()
                        self.env.flush_all()
                        raise Undone
                except UserError as error:
                    refused.add(model)
                    told += '×' in str(error)
                except psycopg2.Error as error:
                    raw.append((model, str(error)[:150]))
                self.env.invalidate_all()
        self.assertGreater(len(refused), 10)
        self.assertGreater(told, 5)
        self.assertFalse(raw)

    def test_used_by_in_words(self):
        """STR-1, K9: how many of what use a KPI, and that it can be archived instead."""
        kpi = self.env['customer.kpi'].create({'name': "Used", 'source': 'manual'})
        self.env['customer.strategy.template'].create({
            'name': "User", 'core_approach': "x", 'kpi_ids': [(0, 0, {'kpi_id': kpi.id, 'target': 5})]})
        with self.assertRaisesRegex(UserError, "“Used” can't be deleted.*1 × .*KPI.*Archive it instead"):
            kpi.with_user(self.mara).unlink()
        told = kpi.with_user(self.mara).action_archive()
        self.assertFalse(kpi.active)
        self.assertIn("“Used” is archived: it is no longer offered. It is still used: 1 × ", told['params']['message'])
        self.assertIs(self.env['customer.kpi'].create({'name': "Free", 'source': 'manual'}).action_archive(), True)

    def test_the_default_cadence_stays(self):
        """CAD-1, K9: the default cadence can't be archived, deleted or made none while customers follow it and no other one is
        the default."""
        default = self.env['customer.cadence'].search([('is_default', '=', True)])
        self.assertEqual(len(default), 1)
        (self.env['customer.cadence'].search([]) - default).write({'tier_ids': [(5,)], 'segment_ids': [(5,)]})
        self._customer("Without another")
        default = default.with_user(self.mara)
        for act in (default.action_archive, default.unlink, lambda: default.write({'is_default': False})):
            with self.assertRaisesRegex(UserError, "is the default cadence, which is followed by .* customers"):
                act()
        self.cadence.is_default = True
        default.action_archive()
        self.assertFalse(default.active)

    def test_nights_with_extreme_rules(self):
        """K9: with the smallest and the greatest numbers that rules accept, no scheduled action fails."""
        rules = [
            (self._record(model), field.name) for model in self.models
            if self.env[model]._auto and not self.env[model]._transient and self._record(model)
            for field in self.env[model]._fields.values()
            if field.type in ('integer', 'float', 'monetary') and field.store and not field.readonly and not field.related
            and field.name not in ('sequence', 'color')]
        self.assertGreater(len(rules), 60)
        for extremes in ((0, -1), (10**13, 2**31 - 1, 36500, 1000, 100)):
            with self.subTest(extremes), self.env.cr.savepoint():
                # planned is in the night
                with patch.object(self.env.registry['customer.plan.request'], '_request', lambda *args, **kwargs: None):
                    for record, name in rules:
                        self._write_one_of(record, name, extremes)
                for action in self.env['customer.schedule'].search([]).mapped('name'):
                    if action not in ('calendar', 'send', 'digest'):
                        self._run_cron(action)

    def _write_one_of(self, record, name, values):
        """Write the first of these values that a field accepts."""
        for value in values:
            try:
                with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                    record.write({name: value})
                    self.env.flush_all()
                return
            except (UserError, psycopg2.IntegrityError):
                self.env.invalidate_all()

    def test_long_ago_is_not_negative(self):
        """CAD-5, HEA-4, K9: a contact or an order of tomorrow, where a colleague is, was today."""
        tomorrow = fields.Date.add(fields.Date.context_today(self.customer), days=1)
        self.assertEqual(self.env['customer.contact.reader']._describe_last(tomorrow, self.call.id, ""), "Call, today")
        self.assertEqual(
            self.env['customer.churn.why']._describe_rhythm(self.customer, {'last_day': tomorrow, 'purchases': 1}),
            "One order, 0 days ago")

    def test_texts_are_texts(self):
        """STR-3, K9: nothing but text is shown where text belongs; an empty list is shown as “[]” otherwise."""
        wrong = []
        for model in [*self.models, 'res.partner']:
            records = self.env[model].with_user(self.mara).search(
                [('customer_managed', '=', True)] if model == 'res.partner' else [], limit=20)
            names = [name for name, field in records._fields.items() if field.type in ('char', 'text') and field.compute]
            for record in records:
                wrong += [(model, name) for name in names if str(record[name]) in ('[]', '()', '{}', 'None', 'False ')]
        self.assertFalse(wrong)
