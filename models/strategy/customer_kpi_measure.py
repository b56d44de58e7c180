import logging
from contextlib import contextmanager

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kpi_source import Actual

_logger = logging.getLogger(__name__)

SPANS = SQL.identifier('customer_kpi_span')


def array(values):
    """Return numbers as the text of a PostgreSQL array: of many, it is read far quicker than a list of constants.

    :param values: numbers, booleans and None
    """
    return f'{{{",".join("NULL" if value is None else str(value) for value in values)}}}'


class CustomerKpi(models.Model):
    """Measuring KPIs: many spans of many customers in one statement per KPI (STR-1)."""

    _inherit = 'customer.kpi'

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    def _measure(self, spans):
        """Measure this KPI over spans.

        :param spans: list of ``kpi_source.Span``
        :return: the actual values by the spans' keys, without the spans whose value is not known; empty where the KPI can't be
            measured, see :attr:`problem`
        :rtype: dict[int, kpi_source.Actual]
        """
        self.ensure_one()
        return self._measure_all({self: spans})[self] or {}

    @api.model
    def _measure_all(self, wanted):
        """Measure several KPIs, looking up once what the customers bought.

        :param dict wanted: the spans of each KPI
        :return: for each KPI what :meth:`_measure` returns, or None where it can't be measured
        :rtype: dict[customer.kpi, dict[int, kpi_source.Actual] | None]
        """
        results = {kpi: {} for kpi in wanted}
        # a figure is one for all users, and a problem is noted whoever finds it
        measured = {kpi.sudo(): spans for kpi, spans in wanted.items() if spans and kpi._is_measured()}
        if not measured:
            return results
        # as above
        with self.sudo()._measuring({span.partner_id for spans in measured.values() for span in spans}):
            for kpi, spans in measured.items():
                rows = kpi._run([(span.key, span.partner_id, span.start, span.stop, 0) for span in spans], SQL(
                    "SELECT span_id, value, facts FROM measured"))
                results[kpi] = None if rows is None else {key: Actual(value, facts) for key, value, facts in rows}
        return results

    def _measure_means(self, cohorts):
        """Measure the mean of this KPI over the customers of cohorts, in one statement for all of them.

        :param cohorts: list of key, ids of the customers, first and last day
        :return: by key the mean, None where nobody's value is known, and of how many customers it is
        :rtype: dict[object, tuple[float | None, int]]
        """
        self.ensure_one()
        results = {key: (None, 0) for key, *__ in cohorts}
        rows = [
            (partner_id, start, stop, place)
            for place, (__, partner_ids, start, stop) in enumerate(cohorts) for partner_id in partner_ids]
        if not rows or not self._is_measured():
            return results
        kpi = self.sudo()  # as above
        with kpi._measuring({partner_id for partner_id, *__ in rows}):
            found = kpi._run([(number, *row) for number, row in enumerate(rows)], SQL(
                """SELECT s.cohort, avg(m.value)::float8, count(*)::int
                     FROM measured m JOIN %s s ON s.id = m.span_id GROUP BY s.cohort""", SPANS))
        for place, mean, known in found or []:
            results[cohorts[place][0]] = (mean, known)
        return results

    def _measure_mean(self, partner_ids, start, stop):
        """Measure the mean of this KPI over customers, see :meth:`_measure_means`.

        :return: the mean, or None, and of how many customers it is
        """
        return self._measure_means([(0, partner_ids, start, stop)])[0]

    # ------------------------------------------------------------
    # HOW
    # ------------------------------------------------------------

    @contextmanager
    def _measuring(self, partner_ids):
        """Keep the temporary tables that sources look at for a while.

        :param partner_ids: ids of the customers of all spans
        """
        self.env.flush_all()
        drop = SQL("DROP TABLE IF EXISTS customer_kpi_span, customer_kpi_customer, customer_kpi_purchase")
        self.env.cr.execute(drop)
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_kpi_span (
                   id bigint, partner_id int, start date, stop date, running boolean, cohort int) ON COMMIT DROP"""))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE customer_kpi_customer ON COMMIT DROP AS SELECT unnest(%s::int[]) AS id",
            array(sorted(partner_ids))))
        yield
        self.env.cr.execute(drop)

    def _run(self, spans, query):
        """Measure spans with this KPI's source; what can't be measured is set aside with the problem.

        :param spans: list of id, customer, first and last day, cohort
        :param query: what to select from the common table ``measured`` (``span_id``, ``value``, ``facts``)
        :return: the rows, or None where the KPI can't be measured
        """
        self.ensure_one()
        self.env.flush_all()  # what waits to be written is not at fault below
        try:
            with self.env.cr.savepoint():
                source = self._sources().get(self.source)
                if not source:
                    raise UserError(self.env._("What measures it, “%(name)s”, is not installed any more.", name=self.source))
                self._fill(spans)
                rows = self._read_source(source, query)
        except psycopg2.OperationalError:
            raise  # a conflict with another transaction is not the KPI's fault
        except Exception as error:
            _logger.warning("The KPI %s could not be measured", self.id, exc_info=True)
            self._note_problem(str(error).strip() or type(error).__name__)
            return None
        self._note_problem(False)
        return rows

    def _read_source(self, source, query):
        """Return what a query finds in the values of a source.

        :raises UserError: where they are no values
        """
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_kpi_value"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_kpi_value ON COMMIT DROP AS
               SELECT span_id, value::float8 AS value, facts::int AS facts FROM (%s) AS source WHERE value IS NOT NULL""",
            source.sql(self, SPANS)))
        [[rows, spans, strange]] = self.env.execute_query(SQL(
            """SELECT count(*), count(DISTINCT span_id), count(*) FILTER (WHERE value IN ('NaN', 'Infinity', '-Infinity'))
                 FROM customer_kpi_value"""))
        if rows != spans:
            raise UserError(self.env._("Its source gives more than one value for the same days of a customer."))
        if strange:
            raise UserError(self.env._("Its source gives a value that is no number."))
        found = self.env.execute_query(SQL("WITH measured AS (SELECT * FROM customer_kpi_value) %s", query))
        self.env.cr.execute(SQL("DROP TABLE customer_kpi_value"))
        return found

    def _fill(self, spans):
        """Put spans into the table of spans, with this KPI's window and without days to come."""
        today = fields.Date.context_today(self)
        rows = []
        for key, partner_id, start, stop, cohort in spans:
            if start > today:
                continue
            running, stop = stop > today, min(stop, today)
            if self.window == 'days':
                start = fields.Date.subtract(stop, days=self.window_days - 1)
            # whole numbers are quicker to hand over than days
            rows.append((key, partner_id, start.toordinal(), stop.toordinal(), running, cohort))
        columns = [array(column) for column in zip(*rows, strict=True)] or ['{}'] * 6
        self.env.cr.execute(SQL("TRUNCATE customer_kpi_span"))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_kpi_span
                    SELECT id, partner_id, date '0001-01-01' + start - 1, date '0001-01-01' + stop - 1, running, cohort
                      FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::bool[], %s::int[])
                           AS v (id, partner_id, start, stop, running, cohort)""", *columns))
        self.env.cr.execute(SQL("ANALYZE customer_kpi_span"))

    def _note_problem(self, problem):
        """Keep why this KPI can't be measured, or that it can be again."""
        if (self.problem or False) != problem:
            self.problem = problem

    @api.model
    def _purchases_sql(self):
        """Return SQL naming a relation with what the customers of all spans ever bought, for sources.

        Columns: ``partner_id``, ``day``, ``counts`` as a purchase, ``amount`` in the main company's currency and what of it is
        ``pending``; see ``customer.refresh._documents_sql``, which says what a purchase is.
        """
        table = SQL.identifier('customer_kpi_purchase')
        [[there]] = self.env.execute_query(SQL("SELECT to_regclass('pg_temp.customer_kpi_purchase') IS NOT NULL"))
        if not there:
            self.env['customer.document']._flush()
            [[partner_ids]] = self.env.execute_query(SQL(
                "SELECT COALESCE(array_agg(id ORDER BY id), '{}') FROM customer_kpi_customer"))
            scheme = self.env['customer.tier.scheme']._get_current()
            self.env.cr.execute(SQL(
                """CREATE TEMPORARY TABLE customer_kpi_purchase ON COMMIT DROP AS
                   SELECT id AS partner_id, day, counts, amount, pending
                     FROM (%s) AS documents (id, day, counts, bought, amount, pending)
                    WHERE day IS NOT NULL""",
                self.env['customer.refresh']._documents_sql(scheme, partner_ids)))
            self.env.cr.execute(SQL("CREATE INDEX ON customer_kpi_purchase (partner_id, day)"))
            self.env.cr.execute(SQL("ANALYZE customer_kpi_purchase"))
        return table
