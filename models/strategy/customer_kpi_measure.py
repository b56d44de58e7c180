from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.customer_fact import SPAN_TABLE
from .kpi_source import Actual


class CustomerKpi(models.Model):
    """Measuring KPIs: many spans of many customers in one statement per KPI, by the runner of facts (STR-1)."""

    _inherit = 'customer.kpi'

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    def _measure(self, spans):
        """Measure this KPI over spans.

        :param spans: list of ``customer_fact.Span``
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
        facts = self.env['customer.fact'].sudo()  # as above
        with facts._measuring({span.partner_id for spans in measured.values() for span in spans}):
            for kpi, spans in measured.items():
                rows = kpi._run([(*span, 0) for span in spans], SQL("SELECT span_id, value::float8, facts::int FROM found"))
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
        with kpi.env['customer.fact']._measuring({partner_id for partner_id, *__ in rows}):
            found = kpi._run([(number, *row) for number, row in enumerate(rows)], SQL(
                """SELECT s.cohort, avg(f.value::float8)::float8, count(*)::int
                     FROM found f JOIN %s s ON s.id = f.span_id GROUP BY s.cohort""", SQL.identifier(SPAN_TABLE)))
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

    def _run(self, spans, query):
        """Measure spans with this KPI's source; what can't be measured is set aside with the problem.

        :param spans: list of id, customer, first and last day, cohort
        :param query: what to select from the common table ``found`` (``span_id``, ``value``, ``facts``)
        :return: the rows, or None where the KPI can't be measured
        """
        self.ensure_one()
        rows, problem = self.env['customer.fact']._ask(
            lambda relation: self._source().sql(self, relation.table), self._windowed(spans), query)
        self._note_problem(problem or False)
        return rows

    def _source(self):
        """Return what measures this KPI.

        :raises UserError: where it is not there
        """
        source = self._sources().get(self.source)
        if not source:
            raise UserError(self.env._("What measures it, “%(name)s”, is not installed any more.", name=self.source))
        return source

    def _windowed(self, spans):
        """Return spans with the days that this KPI looks at: the cycle, or the last days up to its end."""
        if self.window != 'days':
            return spans
        today = fields.Date.context_today(self)
        return [
            (key, partner_id, fields.Date.subtract(min(stop, today), days=self.window_days - 1), stop, cohort)
            for key, partner_id, start, stop, cohort in spans if start <= today]

    def _note_problem(self, problem):
        """Keep why this KPI can't be measured, or that it can be again."""
        if (self.problem or False) != problem:
            self.problem = problem

    @api.model
    def _purchases_sql(self):
        """Return SQL naming a relation with what the customers of all spans ever bought, for sources; see
        ``customer.fact._purchases_sql``."""
        facts = self.env['customer.fact']
        return facts._purchases_sql(facts._kept())
