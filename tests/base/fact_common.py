"""A fact that another addon knows: complaints, kept by the test in a table of its own."""
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from ...models.base.customer_fact import Fact
from ..common import CustomerCase


class FactCase(CustomerCase):
    """``complaints`` is a fact from outside, added the way another addon does it: one entry in ``customer.fact._facts``. Its
    rows are those that :meth:`_complain` puts into a table; ``sql`` takes its place where a test says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer, cls.other = cls._customer("Azure"), cls._customer("Deco")
        cls.env.cr.execute("CREATE TEMPORARY TABLE test_complaint (id serial, partner_id int, day date) ON COMMIT DROP")
        cls.sql, cls.entry = None, {}
        cls.addClassCleanup(cls.env.cr.execute, "DROP TABLE IF EXISTS test_complaint")
        cls._add_fact('complaints', lambda: {
            'label': "Complaints", 'better': 'lower', 'minimum': 0, 'additive': True, 'gives': ('day', 'count'),
            'tells': ('day',), 'review': 'shortfall', 'sql': cls._complaints_sql, 'say': cls._say_complaints, **cls.entry})

    @classmethod
    def _add_fact(cls, name, values):
        model = cls.registry['customer.fact']
        original = model._facts
        cls.startClassPatcher(patch.object(
            model, '_facts', lambda self: original(self) | {name: Fact(**values())}))

    @classmethod
    def _complaints_sql(cls, spans, options):
        if cls.sql:
            return cls.sql(spans)
        return SQL(
            """SELECT s.id AS span_id, count(c.id) AS value, max(c.day) AS day, count(c.id) AS count
                 FROM %s s LEFT JOIN test_complaint c ON c.partner_id = s.partner_id AND c.day BETWEEN s.start AND s.stop
             GROUP BY s.id""", spans.table)

    @classmethod
    def _say_complaints(cls, found, options):
        return f"{found.value:.0f} complaints in {options['window_days']} days, the last one on {found.day}"

    @classmethod
    def _complain(cls, partner, *days_ago):
        for number in days_ago:
            cls.env.cr.execute(
                "INSERT INTO test_complaint (partner_id, day) VALUES (%s, %s)",
                [partner.id, fields.Date.subtract(fields.Date.context_today(partner), days=number)])

    @classmethod
    def _bad_facts(cls):
        """Return what may be wrong with a fact, and what is said of it.

        :rtype: dict[str, tuple]
        """
        return {
            "division by zero": lambda spans: SQL(
                "SELECT id AS span_id, 1 / (id - id) AS value, NULL::date AS day, 1 AS count FROM %s s",
                spans.table),
            "more than one value": lambda spans: SQL(
                """SELECT id AS span_id, 1 AS value, NULL::date AS day, 1 AS count
                     FROM %s s CROSS JOIN generate_series(1, 2)""", spans.table),
            "no number": lambda spans: SQL(
                """SELECT id AS span_id, 'Infinity'::float8 AS value, NULL::date AS day, 1 AS count
                     FROM %s s""", spans.table),
            "nowhere": lambda spans: SQL("SELECT nothing FROM nowhere"),
            "colour": lambda spans: SQL("SELECT %s", {}["colour"]),
        }
