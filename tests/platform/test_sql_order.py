"""What SQL collects stands in an order that we chose: else the same figures lead to another list on another day, and what is cut
off at the end is chance."""
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).resolve().parents[2]
COLLECTS = re.compile(r'\b(?:array|json|jsonb|string|xml)_agg\(')
SORTS = re.compile(r'\bORDER BY\b|^DISTINCT\b')

#: The latest row of something, one look for each: the table, its alias, the column that it is sorted by.
LATEST = re.compile(
    r'FROM (?P<table>customer_\w+|%\(table\)s) (?P<alias>\w+)\s(?:(?!FROM).)*?WHERE (?P=alias)\.partner_id = (?:(?!FROM).)*?'
    r'ORDER BY (?P=alias)\.(?P<column>\w+)(?: DESC)?,(?:(?!FROM).)*?LIMIT 1\b', re.DOTALL)
#: What stands for a table in SQL that is made for both histories.
HISTORIES = ('customer_tier_change', 'customer_segment_change')

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


def _unions(text):
    """Yield the lateral joins of a source that put several relations together."""
    for match in re.finditer(r'\bLATERAL\s*\(', text):
        depth, end = 1, match.end()
        while depth and end < len(text):
            depth += {'(': 1, ')': -1}.get(text[end], 0)
            end += 1
        if re.search(r'\bUNION\b', text[match.end():end]):
            yield text[match.start():end]


@tagged('post_install', '-at_install')
class TestSqlOrder(TransactionCase):

    def test_no_union_in_a_lateral_join(self):
        """PLT-3: PostgreSQL 18.4 crashed on a UNION ALL in a LATERAL in a part of a larger query, and with it went everybody's
        connection."""
        self.assertTrue(list(_unions("JOIN LATERAL (SELECT (1) UNION ALL SELECT 2) t")))
        self.assertFalse(list(_unions("JOIN LATERAL (SELECT (1)) t UNION ALL SELECT 2")))
        self.assertEqual([(path.name, found) for path in (ADDON / 'models').rglob('*.py')
                          for found in _unions(path.read_text())], [])

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

    def test_the_latest_row_has_its_index(self):
        """Where the latest row of each customer is looked up, one index leads to it. With one of the customer and one of the
        day, PostgreSQL chooses by guesses about data that it has not counted yet, and walks through all days for each."""
        found = set()
        for path in (ADDON / 'models').rglob('*.py'):
            for match in LATEST.finditer(path.read_text()):
                tables = HISTORIES if match['table'] == '%(table)s' else (match['table'],)
                found |= {(table, match['column']) for table in tables}
        self.assertGreaterEqual(found, {(table, 'date') for table in HISTORIES})
        for table, column in found:
            self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (table,))
            indexes = [row[0] for row in self.env.cr.fetchall()]
            together = any(f'(partner_id, {column}' in index for index in indexes)
            self.assertTrue(together or not any(f'({column}' in index for index in indexes), f'{table} by {column}')

    def test_conditions_fit_the_partial_indexes(self):
        """An index of the rows of which something ``IS TRUE``, as Odoo asks, serves no query that leaves the words out: it
        goes through all contacts to find the few who are customers."""
        sources = {path.relative_to(ADDON): path.read_text() for path in (ADDON / 'models').rglob('*.py')}
        columns = set(re.findall(r"models\.Index\('[^']*WHERE (\w+) IS TRUE'\)", ''.join(sources.values())))
        self.assertIn('customer_managed', columns)
        names = '|'.join(columns)
        asks = re.compile(
            rf'\b(?:WHERE|AND|OR|ON|NOT)\s+(?:\w+\.)?(?:{names})\b(?!\s+IS)'
            rf'|COALESCE\((?:\w+\.)?(?:{names}), FALSE\)(?! (?:AS|END))')
        found = {f'{path}: {match[0]}' for path, text in sources.items() for match in asks.finditer(text)}
        self.assertEqual(found, set())
