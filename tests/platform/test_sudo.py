"""PLT-2: whoever reads or writes past the rights of a user says why beside it, and asks for access before it."""
import ast
import io
import re
import tokenize
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parents[2]

#: How a method asks whether its user may do it.
ASKED = re.compile(
    r"check_access\(|has_access\(|has_group\(|_filtered_access\(|_filtered_worked_with\(|\b_check_\w+\(|super\(\)|_begin_step\("
    r"|_lock_state\(|_lock_in\(|_set_state\(")

#: These ask by themselves, and what was done before is taken back where they refuse.
OF_THE_ORM = {'create', 'write', 'unlink'}


def raised(call):
    """Return whether a call gives rights: `sudo(False)` takes them, `sudo(self.env.su)` keeps them."""
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == 'sudo' and not call.args


def statements(tree):
    """Yield each statement that holds calls which give rights, with the lines of these, of the innermost statements only."""
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt):
            continue
        inner = {id(node) for child in ast.walk(statement) if child is not statement and isinstance(child, ast.stmt)
                 for node in ast.walk(child)}
        calls = [node for node in ast.walk(statement) if raised(node) and id(node) not in inner]
        for call in calls:
            yield statement, call.func.end_lineno


def comments(text):
    return {
        token.start[0]: token.string.lstrip('#: ') for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT}


def without_reason(text):
    """Return the lines of a source that give rights without a reason: in the statement up to there, or right above it."""
    said = comments(text)
    lines = []
    for statement, line in statements(ast.parse(text)):
        first = min([statement.lineno, *(one.lineno for one in getattr(statement, 'decorator_list', ()))])
        reasons = [said[number] for number in range(first - 1, line + 1) if number in said]
        known = any(reason != "as above" and len(reason.split()) > 2 for number, reason in said.items() if number <= line)
        if not any(len(reason.split()) > 2 or reason == "as above" and known for reason in reasons):
            lines.append(line)
    return sorted(set(lines))


def without_asking(text):
    """Return the public methods of a source that give rights before they asked for access."""
    lines, wrong = text.splitlines(), []
    for cls in ast.parse(text).body:
        for method in cls.body if isinstance(cls, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef) and not method.name.startswith('_') and method.name not in OF_THE_ORM:
                given = [line for __, line in statements(method)]
                before = '\n'.join(lines[method.lineno:min(given) - 1]) if given else 'check_access('
                if not ASKED.search(before):
                    wrong.append(method.name)
    return wrong


@tagged('post_install', '-at_install')
class TestSudo(BaseCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = sorted([*ROOT.glob('models/**/*.py'), *ROOT.glob('wizard/**/*.py'), ROOT / 'hooks.py'])
        cls.sources = {str(file.relative_to(ROOT)): file.read_text() for file in files}

    def test_plt_2_reasons(self):
        """PLT-2: each `sudo()` has its reason in its statement or right above it."""
        self.assertGreater(sum(text.count('.sudo()') for text in self.sources.values()), 300)
        wrong = [(name, line) for name, text in self.sources.items() for line in without_reason(text)]
        self.assertFalse(wrong)

    def test_plt_2_access_before(self):
        """PLT-2: a public method asks for access before it does what its user may not do."""
        wrong = [(name, method) for name, text in self.sources.items() for method in without_asking(text)]
        self.assertFalse(wrong)

    def test_plt_2_planted(self):
        """PLT-2: a planted `sudo()` without a reason or before the question is found, and one with both is not."""
        bad = "class A:\n    def act(self):\n        if self:\n            self.sudo().write({})\n        return True\n"
        self.assertEqual(without_reason(bad), [4])
        self.assertEqual(without_asking(bad), ['act'])
        for reason in ("  # as above", "  # needed here"):
            self.assertEqual(without_reason(bad.replace("write({})", "write({})" + reason)), [4])
        good = bad.replace("        if self", "        self.check_access('write')\n        if self").replace(
            "write({})", "write({})  # people don't write the state")
        self.assertEqual((without_reason(good), without_asking(good)), ([], []))
        self.assertEqual(without_reason("x = (\n    a\n    .sudo()  # readonly for everybody\n)"), [])
        self.assertEqual(without_reason("# readonly for everybody\nx = a.sudo()"), [])
        self.assertEqual(without_reason("# readonly for everybody\n\nx = a.sudo()"), [3])
        self.assertEqual(without_reason("x = a.sudo(False)"), [])
