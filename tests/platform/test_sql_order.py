"""What SQL collects stands in an order that we chose: else the same figures lead to another list on another day, and what is cut
off at the end is chance."""
import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

ADDON = Path(__file__).resolve().parents[2]
COLLECTS = re.compile(r'\b(?:array|json|jsonb|string|xml)_agg\(')
SORTS = re.compile(r'\bORDER BY\b|^DISTINCT\b')

#: Places whose order nobody sees, and why.
SET_ONLY = {
    'models/culture/customer_carry.py: array_agg(id)',  # asked for members and their number only; a window can't sort here
}


def _unsorted(text):
    """Yield the aggregates of a source that have no order; ``DISTINCT`` sorts by itself."""
    for match in COLLECTS.finditer(text):
        depth, end = 1, match.end()
        while depth:
            depth += {'(': 1, ')': -1}.get(text[end], 0)
            end += 1
        if not SORTS.search(text[match.end():end - 1]):
            yield text[match.start():end]


@tagged('post_install', '-at_install')
class TestSqlOrder(BaseCase):

    def test_finds(self):
        """The search itself, on what it has to tell apart."""
        self.assertEqual(list(_unsorted("SELECT array_agg(f(a, b)), jsonb_agg(x ORDER BY (y)), string_agg(DISTINCT z, ',')")),
                         ["array_agg(f(a, b))"])

    def test_every_list_is_sorted(self):
        found, looked = set(), 0
        for path in (ADDON / 'models').rglob('*.py'):
            text = path.read_text()
            looked += len(COLLECTS.findall(text))
            found |= {f'{path.relative_to(ADDON)}: {call}' for call in _unsorted(text)}
        self.assertGreater(looked, 15)
        self.assertEqual(found, SET_ONLY)
