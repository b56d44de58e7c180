"""PLT-5: the order of the house, read from its sources without a database.

What is allowed here is a list with the reason. Lists of what is not yet as it should be only get shorter: whoever takes
something off a list mends it in the same change, and whoever adds to one builds against the house.
"""
import ast
import re
from collections import defaultdict
from pathlib import Path

from lxml import etree

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parents[2]

#: A wing may name what stands in wings before it, and in those that both stand on; two of a level don't name each other.
LEVELS = [{'base', 'platform'}, {'profile'}, {'segmentation'}, {'cadence'}, {'culture'}, {'health'}, {'strategy'},
          {'lifecycle', 'service'}, {'reporting'}]
LEVEL = {wing: level for level, wings in enumerate(LEVELS) for wing in wings}

METHOD_LIMIT, FILE_LIMIT = 50, 600

#: What the whole house hangs on: who is a customer at all.
KNOWN_TO_ALL = {'customer_managed'}

#: Pages on which all wings meet.
OF_THE_WHOLE_HOUSE = {
    'views/platform/menus.xml',  # the menus, in the order in which people read them
    'views/platform/res_config_settings_views.xml',  # the settings page
    'views/profile/res_partner_views.xml',  # the tab of the customer's form, with what is told first
    'data/platform/ir_cron_data.xml',  # the scheduled actions, in the order of the night
}

#: Tables of another wing that SQL reads outside of ``facts.py``, by file. Ask the model that they are of, or a fact.
RAW_TABLES = {
    'models/cadence/customer_reminder.py': {'customer_absence'},
    'models/culture/customer_greeter.py': {'customer_followup', 'customer_pause'},
    'models/culture/customer_greeting_facts.py': {'customer_followup'},
    'models/culture/customer_suitability.py': {'customer_cadence_step'},
    'models/health/customer_action_rule.py': {'customer_followup', 'customer_pause'},
    'models/health/customer_warning_base.py': {'customer_tier_change'},
    'models/service/customer_feedback_asker.py': {'customer_pause'},
    'models/strategy/customer_planner.py': {'customer_cadence'},
    'models/strategy/customer_review_standing.py': {'customer_tier_change'},
    'models/strategy/customer_review_topics.py': {'customer_warning'},
    'models/strategy/customer_review_topics_customer.py': {
        'customer_followup', 'customer_health_snapshot', 'customer_tier_change', 'customer_warning'},
    'models/strategy/customer_strategy_doubt.py': {'customer_warning'},
    'models/strategy/customer_strategy_suggester.py': {'customer_warning'},
    'wizard/culture/customer_care_guest_choose.py': {'customer_pause', 'customer_tier'},
}

#: Scheduled actions with a loop of their own, as their steps are not batches of one thing.
OWN_LOOP = {
    'models/cadence/customer_reminder.py',  # hands over before the loops
    'models/health/customer_first_look.py', 'models/health/customer_health_refresh.py',  # steps of one whole, to the last
    'models/service/customer_case_keeper.py',  # marks in one statement as many as there are
    'models/service/customer_feedback_asker.py',  # each email is locked when its turn comes
}

#: Files that give people activities without ``customer.task``, with the reason.
OWN_TASKS = {
    'models/cadence/customer_reminder.py',  # reminders follow the day of their follow-up, too
    'models/cadence/customer_colleague.py',  # a to-do of a person about a contact
    # one on one record, by Odoo's own means
    'models/culture/customer_calendar_keeper.py', 'models/culture/customer_care_expense.py',
}

#: Lines, which stand in the file of the record that they are lines of.
LINES = {
    'customer.cadence.dry.run.line', 'customer.import.option', 'customer.onboarding.plan.item', 'customer.path.condition',
    'customer.potential.band', 'customer.preset.line', 'customer.seat.term', 'customer.stage.condition',
    'customer.target.value', 'customer.triage.line', 'customer.value.band',
}

#: Files by what a wing knows and sets, of one model each.
OF_A_WING = {'facts.py', 'settings.py'}

#: Files that are not called by their model, with the reason.
CALLED_OTHERWISE = {
    'models/base/local_day.py',  # functions that all wings import, with the clock below them
    'wizard/profile/base_partner_merge.py',  # as Odoo calls its own
}

#: Public methods that say what the method of Odoo that they extend says.
OF_ODOO = {'create', 'write', 'unlink', 'init', 'copy_data', 'SELF_READABLE_FIELDS', 'SELF_WRITEABLE_FIELDS'}

MODEL = re.compile(r'\bcustomer(?:\.[a-z_]+)+\b')
TECHNICAL = re.compile(r'\bcustomer_[a-z_0-9]+\b')
READ = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO)\s+(customer_\w+)')
SETTING = re.compile(r"_customer_success\(f?'(\w+)'\)")


#: Signs that other languages write otherwise, between or around what is put in.
SIGNS = re.compile(r'^[,;:] |^ ?\(|[ (]\($|^\)|[“”]')
SIGNS_IN_EXPRESSION = re.compile(r"""(['"])(?:[,;:] ?| \(|\)|“|”)\1\s*(?:\.join|\+)|\+\s*(['"])(?:[,;:] ?| \(|\)|“|”)\2""")
SIGNS_IN_SCRIPT = re.compile(r"""\.join\((['"])[,;:] ?\1\)|\}(?:[,;:] | \()\$\{|\+ (['"])(?:[,;:] | \()\2""")

WORD = re.compile(r'[A-Za-z]')

#: Calls whose text is for programs.
NOT_READ = {'SQL', 'Constraint', 'Index', 'UniqueIndex', 'compile', 'escape'}

#: Files that put texts together by signs of their own, with the reason.
OWN_SIGNS = {
    'models/cadence/customer_contact_date.py',  # SQL
    'models/platform/base.py', 'models/platform/customer_screen.py',  # keys and a domain, for programs
    'models/platform/ir_cron.py',  # an error as Python says it
    'static/src/scoped_view/on_demand.js',  # a key of the browser's memory
    'views/service/customer_feedback_page_templates.xml',  # style
}


def signs_in_python(tree):
    """Yield the lines where a source puts a text together with signs of one language."""
    unread = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Call) and (
        getattr(node.func, 'id', getattr(node.func, 'attr', '')) in NOT_READ) for inner in ast.walk(node)}
    unread |= {id(node.format_spec) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Call) and getattr(node.func, 'attr', '') == 'join':
            parts = [getattr(node.func.value, 'value', '')]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
        else:
            continue
        if any(isinstance(part, str) and SIGNS.search(part) for part in parts):
            yield node.lineno


def signs_in_markup(root):
    """Yield the lines where a template has signs of one language with no word to which they belong: nobody can translate them."""
    for node in root.iter():
        told = node.tag in ('b', 'span') and WORD.search(node.text or '')  # with what follows it is one text to be translated
        beside = [' '.join((text or '').split()) for text in (node.text if len(node) else '', '' if told else node.tail)]
        if any(not WORD.search(text) and SIGNS.search(f'{text} ') for text in beside) or any(
                SIGNS_IN_EXPRESSION.search(value) for name, value in node.attrib.items() if name.startswith('t-')):
            yield node.sourceline


def wing_of(path):
    """Return the wing of a file, None for one that stands in none."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if len(parts) > 2 and parts[1] in LEVEL else None


def may_name(wing, other):
    """Return whether a wing may name what another one owns."""
    return wing == other or LEVEL[other] < LEVEL[wing] or LEVEL[wing] == LEVEL[other] == 0


def assigned(cls, name):
    """Return the constant that a class gives to a name, None for none."""
    for node in cls.body:
        if isinstance(node, ast.Assign) and any(getattr(target, 'id', '') == name for target in node.targets):
            try:
                return ast.literal_eval(node.value)
            except ValueError:
                return None
    return None


def model_of(klass):
    """Return the model that a class is of, None for none."""
    inherit = assigned(klass, '_inherit') or ()
    return assigned(klass, '_name') or (inherit if isinstance(inherit, str) else inherit[0] if inherit else None)


def texts(tree):
    """Yield the texts of a source that are no docstrings, with their lines."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                  if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def is_field(node):
    """Return whether a statement of a class declares a field."""
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and (
        getattr(getattr(node.value.func, 'value', None), 'id', '') == 'fields')


@tagged('post_install', '-at_install')
class TestHouse(BaseCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = sorted([*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py')])
        cls.texts = {path: path.read_text() for path in files}
        cls.trees = {path: ast.parse(text) for path, text in cls.texts.items()}
        cls.files_of, cls.owner, fields_of = defaultdict(set), {}, defaultdict(set)
        for path, wing, klass in cls._classes():
            name, inherit = assigned(klass, '_name'), assigned(klass, '_inherit') or ()
            inherit = [inherit] if isinstance(inherit, str) else inherit
            model = model_of(klass)
            if not model:
                continue
            cls.files_of[wing, model].add(path)
            if name and name not in inherit:
                cls.owner[name] = wing
            if not model.startswith('customer.'):
                for node in filter(is_field, klass.body):
                    fields_of[node.targets[0].id].add(wing)
        #: What stands in texts and belongs to a wing: tables, and columns that the addon gave to models of Odoo.
        cls.technical = {model.replace('.', '_'): wing for model, wing in cls.owner.items()}
        cls.technical |= {
            name: min(wings, key=LEVEL.get) for name, wings in fields_of.items()
            if name.startswith('customer_') and name not in KNOWN_TO_ALL}

    @classmethod
    def _classes(cls):
        for path, tree in cls.trees.items():
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and (wing := wing_of(path)):
                    yield path, wing, node

    def _owners_named(self, text):
        """Yield what a text names of the addon, with the wing that it belongs to."""
        for pattern, owners in ((MODEL, self.owner), (TECHNICAL, self.technical)):
            for match in pattern.finditer(text):
                if wing := owners.get(match[0]):
                    yield match[0], wing

    def _imports(self, tree):
        """Yield the wings that a source imports, with the lines."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level and node.module:
                for part in node.module.split('.'):
                    if part in LEVEL:
                        yield node.lineno, part

    def test_plt_5_known(self):
        """The sources are read as they are: what the tests below go by is found."""
        self.assertGreater(len(self.owner), 150)
        self.assertEqual(self.owner['customer.followup'], 'cadence')
        self.assertEqual(self.technical['customer_health'], 'health')
        self.assertEqual(self.technical['customer_followup'], 'cadence')
        self.assertFalse([wing for wing in {*self.owner.values()} if wing not in LEVEL])
        self.assertEqual(
            [name for name, __ in self._owners_named("SELECT customer_tier_id FROM customer_followup x -- customer.case")],
            ['customer.case', 'customer_tier_id', 'customer_followup'])

    def test_plt_5_direction(self):
        """PLT-5: a wing names modules, models, tables and columns of the wings below it only."""
        wrong = []
        for path, tree in self.trees.items():
            if not (wing := wing_of(path)):
                continue
            named = [(line, other, other) for line, other in self._imports(tree)]
            named += [(line, what, other) for line, text in texts(tree) for what, other in self._owners_named(text)]
            named += [(node.lineno, node.attr, self.technical[node.attr]) for node in ast.walk(tree)
                      if isinstance(node, ast.Attribute) and node.attr in self.technical]
            wrong += [f'{path.relative_to(ROOT)}:{line} {what} ({other})' for line, what, other in named
                      if not may_name(wing, other)]
        self.assertFalse(wrong, "what a lower wing needs of a higher one is a hook that the higher one fills")

    def test_plt_5_direction_of_pages(self):
        """PLT-5: views, templates and data name what stands in wings below them, or in pages where all meet."""
        pages = [path for folder in ('views', 'data', 'wizard') for path in ROOT.glob(f'{folder}/**/*.xml')]
        sources = {path: re.sub(r'<!--.*?-->', '', path.read_text(), flags=re.DOTALL) for path in pages}
        owners = {}
        for path, text in sources.items():
            for xml_id in re.findall(r'<(?:record|template|menuitem)\b[^>]*?\bid="(\w+)"', text):
                wing = wing_of(path)
                # what a higher wing changes is still the lower one's
                owners[xml_id] = min(owners.get(xml_id, wing), wing, key=lambda name: LEVEL.get(name, 0))
        self.assertGreater(len(owners), 500)
        wrong = set()
        for path, text in sources.items():
            name = str(path.relative_to(ROOT))
            if name in OF_THE_WHOLE_HOUSE or not (wing := wing_of(path)):
                continue
            named = {*self._owners_named(text)} | {
                (word, owners[word]) for word in re.findall(r'\b\w+\b', text) if owners.get(word)}
            named |= {(word, self.technical[word]) for word in re.findall(r'\bmodel_(customer_\w+)', text)
                      if word in self.technical}
            wrong |= {f'{name}: {what} ({other})' for what, other in named if not may_name(wing, other)}
        self.assertFalse(sorted(wrong))

    def test_plt_5_settings(self):
        """PLT-5: a wing goes by settings that it declares itself, or a wing below it."""
        declared = {node.targets[0].id.removeprefix('customer_'): wing for path, wing, klass in self._classes()
                    if path.name in ('settings.py', 'customer_settings_fields.py') for node in filter(is_field, klass.body)}
        self.assertGreater(len(declared), 50)
        asked = {(path, name) for path, text in self.texts.items() for name in SETTING.findall(text)
                 if wing_of(path)}
        self.assertGreater(len(asked), 40)
        self.assertFalse([(path.name, name) for path, name in asked
                          if name in declared and not may_name(wing_of(path), declared[name])])

    def test_plt_5_one_model_one_file(self):
        """PLT-5: no model is cut into files of its wing."""
        found = defaultdict(dict)
        for (wing, model), paths in self.files_of.items():
            if len(paths) > 1:
                found[wing][model] = len(paths) - 1
        self.assertFalse(found, "fold what is larger here, or give it a model of its own")

    def test_plt_2_columns_of_searches(self):
        """PLT-2: what is read of a search says of which table. By the rules of some readers the search joins others, and a
        column that several of them have can't be told apart: the filter fails for them alone."""
        unclear = {
            f'{path.relative_to(ROOT)}:{node.lineno}' for path, tree in self.trees.items() for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, 'attr', '') in ('select', 'subselect')
            and any(isinstance(argument, ast.Constant) for argument in node.args)}
        self.assertFalse(unclear, "say SQL.identifier(query.table, name)")

    def test_plt_5_one_file_one_model(self):
        """PLT-5: whoever looks for a model finds it by the name of its file. A line stands with what it is a line of."""
        lines, otherwise = set(), set()
        for path, tree in self.trees.items():
            models = [model for node in tree.body if isinstance(node, ast.ClassDef) and (model := model_of(node))]
            own, name = [model for model in models if model not in LINES], str(path.relative_to(ROOT))
            self.assertLessEqual(len(own), 1, f"{name}: give each model a file of its own")
            if any(model.replace('.', '_') != path.stem for model in own) and path.name not in OF_A_WING:
                otherwise.add(name)
            for line in set(models) & LINES if own else ():  # alone where another wing adds to it
                self.assertIn(f"comodel_name='{line}'", self.texts[path], f"{name}: {line} is no line of what stands here")
                lines.add(line)
        self.assertEqual(otherwise, CALLED_OTHERWISE, "call the file by its model")
        self.assertEqual(lines, LINES, "shorten the list")

    def test_plt_5_one_environment(self):
        """PLT-5: a method of a service that takes records works in their environment alone: where it asked in its own besides,
        half of it would be done as another user, in another company or language."""
        wrong, asking = [], 0
        for path, __, klass in self._classes():
            if not any(getattr(base, 'attr', '') == 'AbstractModel' for base in klass.bases):
                continue
            for method in (node for node in klass.body if isinstance(node, ast.FunctionDef)):
                given = {arg.arg for arg in (*method.args.args[1:], *method.args.kwonlyargs)}
                asked = {(node.value.id, node.attr) for node in ast.walk(method)
                         if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
                if any(name in given and attribute in ('env', 'ensure_one') for name, attribute in asked):
                    asking += 1
                    if ('self', 'env') in asked:
                        wrong.append(f'{path.relative_to(ROOT)}: {method.name}')
        self.assertGreater(asking, 100)
        self.assertFalse(wrong)

    def test_plt_4_signs(self):
        """PLT-4: what is put together is set apart as the reader's language does (``labelled``, ``listed``, ``clauses``,
        ``bracketed``, ``quoted``), in sources, templates and scripts: Chinese writes other signs than English."""
        found = {(path.relative_to(ROOT).as_posix(), line) for path, tree in self.trees.items() if wing_of(path)
                 for line in signs_in_python(tree)}
        markup = [*ROOT.glob('views/**/*.xml'), *ROOT.glob('wizard/**/*.xml'), *ROOT.glob('static/src/**/*.xml')]
        found |= {(path.relative_to(ROOT).as_posix(), line) for path in markup
                  for line in signs_in_markup(etree.parse(path, etree.XMLParser(remove_comments=True)).getroot())}
        found |= {(path.relative_to(ROOT).as_posix(), text[:place.start()].count('\n') + 1)
                  for path in ROOT.glob('static/src/**/*.js') for text in [path.read_text()]
                  for place in SIGNS_IN_SCRIPT.finditer(text)}
        self.assertEqual({path for path, __ in found}, OWN_SIGNS, sorted(found))

    def test_plt_4_signs_are_found(self):
        """PLT-4: the search above finds each of the ways in which texts are put together."""
        for source in ("f'{a}: {b}'", "f'{a} ({b})'", "f'{a}, {b}'", "f'“{a}”'", "'; '.join(a)", "a + ', ' + b", "a + ' (' + b"):
            self.assertEqual(list(signs_in_python(ast.parse(source))), [1], source)
        for source in ("f'{a} · {b}'", "f'{a} – {b}'", "SQL(', ').join(a)", "SQL(f'{a}, {b}')", "' '.join(a)"):
            self.assertEqual(list(signs_in_python(ast.parse(source))), [], source)
        for markup in ('<p><t t-out="a"/>: <b/></p>', '<p>(<t t-out="a"/>)</p>', '<p>Words <t t-out="a"/>, <t t-out="b"/></p>',
                       """<p t-out="a + ': ' + b"/>""", """<p t-out="', '.join(a)"/>"""):
            self.assertTrue(list(signs_in_markup(etree.fromstring(markup))), markup)
        for markup in ('<p>Words: <t t-out="a"/> · <t t-out="b"/></p>', '<p><t t-out="a"/><b>words</b>: <t t-out="b"/></p>'):
            self.assertFalse(list(signs_in_markup(etree.fromstring(markup))), markup)
        for script in ('parts.join(", ")', '`${a}: ${b}`', '`${a} (${b})`'):
            self.assertTrue(SIGNS_IN_SCRIPT.search(script), script)
        self.assertFalse(SIGNS_IN_SCRIPT.search('parts.join(" · ")'))

    def test_plt_5_raw_tables(self):
        """PLT-5: SQL about models of another wing stands in their own files or in a fact."""
        found = defaultdict(set)
        for path, tree in self.trees.items():
            if path.name.startswith('facts') or not (wing := wing_of(path)):
                continue
            for __, text in texts(tree):
                for table in READ.findall(text):
                    if self.technical.get(table, wing) != wing:
                        found[str(path.relative_to(ROOT))].add(table)
        self.assertEqual(found, RAW_TABLES, "ask the model that the table is of, or a fact; shorten the list")

    def test_plt_5_no_wing_hides_another(self):
        """PLT-5: a method of a model that a wing below has as well goes on there: a private one of the same name by chance would
        take its place."""
        methods = defaultdict(dict)
        for path, wing, klass in self._classes():
            model = model_of(klass)
            for node in klass.body:
                if model and isinstance(node, ast.FunctionDef):
                    methods[model, node.name].setdefault(wing, []).append((path, node))
        hidden = []
        for (__, name), wings in methods.items():
            order = sorted(wings, key=LEVEL.get)
            for wing in order[1:]:
                hidden += [f'{path.relative_to(ROOT)}: {name}' for path, node in wings[wing]
                           if not any(isinstance(call, ast.Name) and call.id == 'super' for call in ast.walk(node))]
        self.assertFalse(hidden)

    def test_plt_5_one_loop(self):
        """PLT-5: scheduled actions work in the loop of ``customer.routine``, which knows about conflicts and time."""
        found = {str(path.relative_to(ROOT)) for path, text in self.texts.items()
                 if '_commit_progress' in text and path.name not in ('customer_routine.py', 'ir_cron.py')}
        self.assertEqual(found, OWN_LOOP)

    def test_plt_5_one_way_to_give_tasks(self):
        """PLT-5: activities are given, handed over and taken back in one place: automated, without mails, in the language
        of whoever gets them, and to nobody who left."""
        found = {str(path.relative_to(ROOT)) for path, text in self.texts.items()
                 if re.search(r'mail_activity_quick_update|activity_schedule\(', text) and path.name != 'customer_task.py'}
        self.assertEqual(found, OWN_TASKS)

    def test_plt_5_sizes(self):
        """PLT-5: no method and no file that nobody reads to its end."""
        sources = {**self.texts, **{path: path.read_text() for path in [*ROOT.glob('engine/**/*.py'), ROOT / 'hooks.py']}}
        long = [(path.name, len(text.splitlines())) for path, text in sources.items()
                if len(text.splitlines()) > FILE_LIMIT]
        self.assertFalse(long, "something in it is a model or a module of its own")
        long = [(path.name, node.name, node.end_lineno - node.lineno + 1)
                for path, text in sources.items() for node in ast.walk(ast.parse(text))
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                and node.end_lineno - node.lineno + 1 > METHOD_LIMIT]
        self.assertFalse(long)

    def test_plt_5_sudo(self):
        """PLT-2: whoever reads a `sudo()` sees why on its line or right above it; `test_sudo` looks at what the reason says."""
        wrong = []
        for path, text in self.texts.items():
            lines = text.splitlines()
            wrong += [f'{path.relative_to(ROOT)}:{number}' for number, line in enumerate(lines, 1)
                      if 'sudo(' in line and '#' not in line and not lines[number - 2].strip().startswith('#')]
        self.assertFalse(wrong)

    def test_plt_3_users_by_name(self):
        """PLT-3: nobody looks for users by their names without need: they stand on the contacts, and a database with many goes
        through all of them for some colleagues."""
        wrong = []
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                        and node.func.attr in ('search', 'search_fetch')):
                    continue
                of = ast.unparse(node.func.value)
                if ("'res.users'" in of or of in ('users', 'user')) and 'order' not in {word.arg for word in node.keywords}:
                    wrong.append(f'{path}:{node.lineno}')
        self.assertFalse(wrong)

    def test_plt_5_documented(self):
        """PLT-5: a public function or method says what it does, parameters and result included where they need it."""
        wrong = []
        for path in [*self.trees, *ROOT.glob('engine/**/*.py'), ROOT / 'hooks.py']:
            body = ast.parse(path.read_text()).body
            functions = [node for node in body if isinstance(node, ast.FunctionDef)]
            functions += [node for klass in body if isinstance(klass, ast.ClassDef) for node in klass.body
                          if isinstance(node, ast.FunctionDef)]
            wrong += [f'{path.relative_to(ROOT)}: {node.name}' for node in functions
                      if not node.name.startswith('_') and node.name not in OF_ODOO and not ast.get_docstring(node)]
        self.assertFalse(wrong)

    def test_plt_5_names_in_a_row(self):
        """PLT-5: contacts that are named one after the other are named without their companies: "Firm, Person" reads as two."""
        found = [
            f"{path.relative_to(ROOT)}:{number}" for path, text in self.texts.items()
            for number, line in enumerate(text.splitlines(), 1)
            if re.search(r"(listed|listed_first|format_list)\(.*mapped\('display_name'\)", line)]
        self.assertEqual(found, [])

    def test_plt_5_facts(self):
        """PLT-5: each fact has a sentence, a test, and somebody who looks at it."""
        facts = {}
        for path, tree in self.trees.items():
            if not path.name.startswith('facts'):
                continue
            for node in ast.walk(tree):
                for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
                    if isinstance(value, ast.Call) and getattr(value.func, 'id', '') == 'Fact':
                        facts[key.value] = {word.arg for word in value.keywords}
        self.assertGreaterEqual(len(facts), 20)
        self.assertFalse([name for name, said in facts.items() if not {'label', 'sql', 'say'} <= said])
        tests = ''.join(path.read_text() for path in ROOT.glob('tests/**/*.py') if path != Path(__file__))
        readers = ''.join(path.read_text() for folder in ('data', 'views') for path in ROOT.glob(f'{folder}/**/*.xml'))
        readers += ''.join(text for path, text in self.texts.items() if not path.name.startswith('facts'))
        for name, said in facts.items():
            with self.subTest(name):
                word = re.compile(rf'(?:\b|_){name}\b')
                self.assertTrue(word.search(tests), "no test asks for it")
                self.assertTrue('review' in said or word.search(readers), "nobody looks at it")
