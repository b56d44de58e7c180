"""S9: names that people read: no technical ones, and of a contact person the person, not what is left of it behind the
company."""
import ast
import re
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...models.platform.counted import customers, days, followups, persons, plural, points
from ..common import CustomerCase

ADDON = Path(__file__).resolve().parents[2]
#: A number and a noun of which there is more than one.
COUNTS = re.compile(
    r'(?:%\(\w+\)s|%[sd])(?: (?:more|other|open|paused|new|overdue|running|last|least|of))* ([A-Za-z]+(?:-[a-z]+)*s|people)\b')

#: What looks like a noun after a name, and is none.
NO_NOUN = {
    'already', 'applies', 'as', 'begins', 'belongs', 'changes', 'comes', 'does', 'goes', 'has', 'holds', 'is', 'its', 'lies',
    'looks', 'needs', 'observes', 'stands', 'starts', 'stays', 'takes', 'this', 'uses', 'waits', 'was', 'weighs', 'works'}

#: Texts that count what is never one, or of which one is asked for elsewhere, by their beginning.
NEVER_ONE = {
    "A sample of %(sample)s of %(total)s customers.",  # more than the sample
    "%(both)s of %(buyers)s customers who buy %(reason)s also buy",  # a pair needs three at least
    "every %s ",  # one has a word of its own: daily, weekly
    # the days that are held out, and many more customers
    "Fitted on the orders until %(day)s, it foretold",
    "How well it foretells is not known yet",
    "Warns from %(limit)s times the longest pause on.",
    "Silent: on the %(days)s days up to",
    "Warns where the chance to buy again is below",
    # the days that a measure looks back
    "Somebody was reached in %(share)s%% of the contacts of %(days)s days",
    "%(count)s different people were met in %(days)s days",  # for one there is another sentence
    "Nobody was reached in %(days)s days",
    "Nobody who works there was met in %(days)s days",
    "Orders of the last %(days)s days",
    "%(metric)s: ",
    # from the second time on
    "%(cause)s: %(count)s times, ", "The same root cause %(count)s times, ",
    # what a change is counted from
    "%(days)s days ago ",
    "Unchanged in %(days)s days",
    # the days that are looked ahead
    "%(expected)s (%(least)s to %(most)s) in %(days)s days",
    "Of the warnings of the last twelve months",
    "Chance to buy again: ",
    "Half of those who bought again did so within %(second)s days",
    # a multiple with its decimals
    "That is %(gap)s times the usual gap",
    # several, else the sentence before was said
    "%(amount)s in %(count)s instalments is overdue",
    "“%(key)s” stands for %(count)s customers",
    "%(day)s does not suit %(count)s of these %(total)s follow-ups: %(names)s and others",
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
        line = self.env['customer.strategy.kpi'].search([], limit=1)
        line.kpi_id.source = 'manual'
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
        step = self.env['customer.cadence.step'].new({'kind': 'event', 'event': 'order', 'delay_count': 1, 'grace_days': 1})
        self.assertTrue(step.cycle.startswith("1 day after: "), step.cycle)
        self.assertTrue(step.maximum.endswith(" + 1 day"), step.maximum)
        self.assertEqual(self.env['customer.overdue']._describe(1, 1, None), "An instalment is overdue for 1 day")

    def test_one_of_a_noun(self):
        """One customer, one follow-up, one person; and one sentence or the other."""
        for noun, one, two in ((customers, "1 customer", "2 customers"), (persons, "1 person", "2 persons"),
                               (followups, "1 follow-up", "2 follow-ups")):
            self.assertEqual([noun(self.env, 1), noun(self.env, 2)], [one, two])
        self.assertEqual([plural(number, "it", "they") for number in (0, 1, 2)], ["they", "it", "they"])
        segment = self.env['customer.segment'].search([], limit=1)
        moved = {(segment.id, segment.id): 1}
        with patch.object(type(self.env['customer.segment.change']), '_moves', lambda *args: moved):
            self.assertTrue(segment._describe_outcome(None).startswith("one customer of "))

    def test_no_text_counts_by_itself(self):
        """No text has a number before a noun of which there are several: "1 customers" comes from there. It stands in
        ``plural``, or under an ``if`` that asks for one; or it counts what is never one, like the days that a measure looks
        back."""
        found, unasked = set(), set()
        for path in [*(ADDON / 'models').rglob('*.py'), *(ADDON / 'wizard').rglob('*.py')]:
            for text, asked in self._counting_texts(ast.parse(path.read_text())):
                found.add(text)
                if not asked:
                    unasked.add(text)
        for path in (ADDON / 'static' / 'src').rglob('*.js'):
            source = path.read_text()
            for match in re.finditer(r'_t\(\s*"([^"]+)"', source):
                if self._counts(match.group(1)):
                    found.add(match.group(1))
                    if '=== 1' not in source[max(match.start() - 200, 0):match.start()]:
                        unasked.add(match.group(1))
        self.assertGreater(len(found), 50)
        excused = {text for text in unasked if text.startswith(tuple(NEVER_ONE))}
        self.assertEqual(sorted(unasked - excused), [])
        for beginning in NEVER_ONE:
            self.assertTrue([text for text in excused if text.startswith(beginning)], f"not needed any more: {beginning}")

    def _counts(self, text):
        return any(word not in NO_NOUN for word in COUNTS.findall(text))

    def _counting_texts(self, tree):
        """Yield the texts of a module that count, and whether one is told apart from several."""
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            name = isinstance(node, ast.Call) and getattr(node.func, 'attr', getattr(node.func, 'id', ''))
            if name != '_' or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            if self._counts(node.args[0].value):
                above, asked = node, False
                while above in parents and not isinstance(above, ast.FunctionDef):
                    above = parents[above]
                    asked = asked or (
                        isinstance(above, ast.Call) and getattr(above.func, 'id', '') == 'plural'
                        or isinstance(above, (ast.IfExp, ast.If))
                        and any(isinstance(one, ast.Constant) and one.value == 1 for one in ast.walk(above.test)))
                yield node.args[0].value, asked

    def test_no_view_counts_by_itself(self):
        """No field or figure stands before a noun of which there are several, in views, templates and components."""
        figures, wrong = 0, []
        for folder in ('views', 'wizard', 'data', 'static/src'):
            for path in (ADDON / folder).rglob('*.xml'):
                for node in etree.parse(path).iter('field', 't', 'b', 'span', 'strong'):
                    if not (node.tag == 'field' and not len(node) and not node.text or node.get('t-out')):
                        continue
                    figures += 1
                    after = re.match(r'\s*(?:more |other |new |open )?([a-z]+(?:-[a-z]+)*s)\b', node.tail or '')
                    if after and after.group(1) not in NO_NOUN:
                        wrong.append((path.name, node.get('t-out') or node.get('name'), after.group(0).strip()))
        self.assertGreater(figures, 1000)
        self.assertEqual(sorted(wrong), [
            ('customer_health_preview_views.xml', 'total', "customers"),  # more than the sample
            ('health_panel.xml', 'days', "days"),  # periods to choose from, in months
        ])
