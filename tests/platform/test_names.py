"""S9: names that people read: no technical ones, and of a contact person the person, not what is left of it behind the
company."""
import ast
import re
from pathlib import Path

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...models.platform.counted import days, points
from ..common import CustomerCase

ADDON = Path(__file__).resolve().parents[2]
COUNTS = re.compile(r'%\(\w+\)s (days|points)\b')

#: Files with texts that count what is never one.
NEVER_ONE = {
    'models/cadence/res_partner.py',  # yesterday has its own word
    'models/culture/customer_calendar.py',  # a line of the log of runs
    'models/health/customer_churn_fit.py',  # the days held out
    'models/health/customer_churn_fit_warning.py',  # as above
    'models/health/customer_health_measure_contact.py',  # the days that a measure looks back
    'models/health/customer_health_measure_order.py',  # as above
    'models/health/customer_health_measure_usage.py',  # as above
    'models/health/customer_health_why.py',  # what the change is counted from
    'models/health/customer_rhythm.py',  # the days looked ahead, and more than one day with an order
    'models/health/customer_warning_base.py',  # the days looked ahead
    'models/health/res_partner_churn.py',  # as above
    'models/platform/counted.py',
    'models/strategy/customer_kpi_order.py',  # days with an order in a cycle
}

HIDES = 'partner_display_name_hide_company'


@tagged('post_install', '-at_install')
class TestNames(CustomerCase):

    def _own_models(self):
        return [self.env[name] for name, model in self.env.registry.items()
                if model._original_module == 'customer_success' and not model._abstract]

    def test_no_technical_titles(self):
        """Every model that has forms of its own says what a record is; dialogs have the name of their action."""
        models = [model for model in self._own_models() if not model._transient]
        self.assertGreater(len(models), 60)
        for model in models:
            named = model._rec_name or any(
                '_compute_display_name' in vars(base) for base in type(model).mro()
                if base.__module__.startswith('odoo.addons.customer_success'))
            self.assertTrue(named, f'{model._name}: its title is {model._name},1')
            record = model.search([], limit=1)
            if record:
                self.assertTrue(record.display_name, model._name)
                self.assertNotIn(f'{model._name},', record.display_name)

    def test_rules_and_lines(self):
        """The two that had none."""
        rule = self.env['customer.segment.rule'].search([], limit=1)
        self.assertEqual(rule.display_name, f"Rule of the segment {rule.segment_id.name}")
        line = self.env['customer.tier.scheme.line'].search([], limit=1)
        self.assertEqual(line.display_name, f"{line.scheme_id.name}: {line.tier_id.name}")

    def test_persons_without_their_company(self):
        """In lists, boards and forms a field that holds a person shows the person: the company stands beside it, and what is
        cut off is never the name."""
        looked, missing = 0, []
        for model in self._own_models():
            persons = {'contact_id'} | ({'partner_id'} if 'customer_id' in model._fields else set())
            persons = {name for name in persons & model._fields.keys() if model._fields[name].comodel_name == 'res.partner'}
            if not persons:
                continue
            for view in self.env['ir.ui.view'].search([
                    ('model', '=', model._name), ('type', 'in', ('list', 'form', 'kanban')), ('mode', '=', 'primary')]):
                for node in etree.fromstring(model.get_view(view.id, view.type)['arch']).iter('field'):
                    above = next((parent for parent in node.iterancestors('field')), None)
                    if node.get('name') not in persons or above is not None:
                        continue
                    if '1' in (node.get('invisible'), node.get('column_invisible')) or node.get('column_invisible') == 'True':
                        continue
                    looked += 1
                    if HIDES not in (node.get('context') or ''):
                        missing.append(f'{view.xml_id}: {node.get("name")}')
        self.assertGreater(looked, 12)
        self.assertFalse(missing)

    def test_titles_of_persons(self):
        """The title of what is about a person begins with the person."""
        customer = self._customer("A Very Long Name of a Company in the North")
        person = self.env['res.partner'].create({'name': "Eve", 'parent_id': customer.id})
        kind = self.env['customer.occasion.kind'].search([('source', '=', 'birthdate')], limit=1)
        occasion = self.env['customer.occasion'].create({
            'partner_id': person.id, 'kind_id': kind.id, 'month': 3, 'day': 10})
        self.assertTrue(occasion.display_name.startswith("Eve: "), occasion.display_name)

    def test_people_of_an_occasion(self):
        """The list of persons offers customers and their people, and within a customer its own."""
        customer = self._customer("Mine")
        person = self.env['res.partner'].create({'name': "Eve", 'parent_id': customer.id})
        self.env['res.partner'].create({'name': "Store", 'parent_id': customer.id, 'type': 'delivery'})
        other = self._customer("Other")
        stranger = self.env['res.partner'].create({'name': "Stranger"})

        arch = etree.fromstring(self.env['customer.occasion'].get_view(view_type='form')['arch'])
        domain = arch.xpath("//field[@name='partner_id']")[0].get('domain')

        def offered(**context):
            return self.env['res.partner'].search(
                safe_eval(domain, {'context': context}) + [('id', 'in', (customer + person + other + stranger).ids)])
        self.assertEqual(offered(), customer + person + other)
        self.assertEqual(offered(customer_people_of=customer.id), customer + person)

    def test_entered_by_nobody(self):
        """A value that nobody entered, like that of an import, has no hole where the name would stand."""
        line = self.env['customer.strategy.kpi'].search([('kpi_id.source', '=', 'manual')], limit=1)
        if not line:
            self.skipTest("No strategy has a KPI that is entered by hand")
        entered_on = fields.Date.to_date('2026-11-22')
        line.sudo().write({'by_hand': True, 'has_actual': True, 'entered_by_id': False, 'entered_on': entered_on, 'note': False})
        self.assertEqual(line._explain(), "Entered on 11/22/2026")
        line.sudo().write({'note': "by phone"})
        self.assertEqual(line._explain(), "Entered on 11/22/2026: by phone")
        line.sudo().entered_by_id = self.anna
        self.assertEqual(line._explain(), "Entered by Anna on 11/22/2026: by phone")

    def test_one_day(self):
        """One of a unit is one: 1 day, 1 point."""
        self.assertEqual([days(self.env, number) for number in (0, 1, 1.04, 2, 1.5)],
                         ["0 days", "1 day", "1 day", "2 days", "1.5 days"])
        self.assertEqual([points(self.env, number) for number in (1, 3)], ["1 point", "3 points"])
        step = self.env['customer.cadence.step'].new({'kind': 'event', 'event': 'order', 'delay_days': 1, 'grace_days': 1})
        self.assertTrue(step.cycle.startswith("1 day after: "), step.cycle)
        self.assertTrue(step.maximum.endswith(" + 1 day"), step.maximum)
        self.assertEqual(self.env['customer.overdue']._describe(1, 1, None), "An instalment is overdue for 1 day")

    def test_no_text_counts_by_itself(self):
        """No text has a number before "days" or "points": "1 days" comes from there. What may, counts what is never one, like
        the days that a measure looks back."""
        found = set()
        for path in [*(ADDON / 'models').rglob('*.py'), *(ADDON / 'wizard').rglob('*.py')]:
            for node in ast.walk(ast.parse(path.read_text())):
                name = isinstance(node, ast.Call) and getattr(node.func, 'attr', getattr(node.func, 'id', ''))
                if name != '_' or not node.args or not isinstance(node.args[0], ast.Constant):
                    continue
                if COUNTS.search(node.args[0].value):
                    found.add(str(path.relative_to(ADDON)))
        self.assertEqual(found, NEVER_ONE)
