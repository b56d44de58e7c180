from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..base.customer_fact import SPAN_TABLE, UNITS, Found, Spans
from .kpi_source import Actual, KpiSource

#: What a KPI can tell a fact that it is measured by.
OPTIONS = ('interval_days',)

BETTER = [('higher', "Higher is better"), ('lower', "Lower is better")]

#: How a target is read: at least, or at most.
SIGNS = {'higher': '≥', 'lower': '≤'}


class CustomerKpi(models.Model):
    """A figure that tells whether a strategy works, and where its actual value comes from (STR-1)."""

    _name = 'customer.kpi'
    _inherit = ['customer.named']
    _description = "KPI of Strategies"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        selection='_selection_source', string="Actual Value", required=True, default='manual',
        help="Where the actual value comes from.")
    unit = fields.Selection(selection=UNITS, required=True, default='percent')
    better = fields.Selection(selection=BETTER, string="Better Is", required=True, default='higher')
    window = fields.Selection(
        selection=[('cycle', "The cycle of the strategy"), ('days', "The last days up to its end")],
        required=True, default='cycle', string="Measured Over")
    window_days = fields.Integer(string="Days", required=True, default=90)
    interval_days = fields.Integer(
        string="Usual Interval (days)", required=True, default=30,
        help="How often a customer is expected to buy whose own rhythm is not known yet.")
    target = fields.Float(string="Usual Target", help="Proposed where the KPI is chosen. 0: none.")
    minimum = fields.Float(help="The smallest value that makes sense.")
    maximum = fields.Float(help="The greatest value that makes sense; 0 for no limit.")
    signal = fields.Selection(
        selection='_selection_signal', string="Same Subject as the Warning",
        help="An open warning of this kind is named beside the KPI's value, and beside the grade of a strategy that has the "
             "KPI: the value is of the days that it is measured over, the warning of today. Empty: of no kind.")
    description = fields.Text(translate=True, string="What It Says")
    problem = fields.Char(
        readonly=True, copy=False, help="Why it could not be measured. Strategies are judged without it until it works again.")

    _name_uniq = models.Constraint('UNIQUE (name)', "There is already a KPI with this name.")
    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "A KPI is measured over one day at least.")
    _interval_days_positive = models.Constraint(
        'CHECK (interval_days > 0)', "The usual interval between two orders is one day at least.")

    @api.model
    def _selection_source(self):
        return [(key, source.label) for key, source in self._sources().items()]

    @api.model
    def _selection_signal(self):
        return self.env['customer.warning.rule']._selection_signal()

    @api.constrains('source', 'unit')
    def _check_unit(self):
        units = dict(self._fields['unit']._description_selection(self.env))
        for kpi in self:
            source = self._sources().get(kpi.source)
            if source and source.unit and source.unit != kpi.unit:
                raise ValidationError(self.env._(
                    "“%(kpi)s” comes in another unit: “%(label)s” is measured as “%(unit)s”.",
                    kpi=kpi.name, label=source.label, unit=units[source.unit]))

    @api.constrains('target', 'minimum', 'maximum')
    def _check_bounds(self):
        for kpi in self:
            if kpi.maximum and kpi.maximum <= kpi.minimum:
                raise ValidationError(self.env._(
                    "The greatest value of “%(kpi)s” has to be more than its smallest. 0 stands for no limit.", kpi=kpi.name))
            if kpi.target:
                kpi._check_target(kpi.target)

    @api.onchange('source')
    def _onchange_source(self):
        source = self._sources().get(self.source)
        if source and source.unit:
            self.unit, self.better = source.unit, source.better

    @api.model_create_multi
    def create(self, vals_list):
        """Make KPIs; unit and direction are those of the source where nothing else is said."""
        sources = self._sources()

        def complete(vals):
            source = sources.get(vals.get('source'))
            return {'unit': source.unit, 'better': source.better, **vals} if source and source.unit else vals
        return super().create([complete(vals) for vals in vals_list])

    def write(self, vals):
        """Keep unit and direction of what was agreed: every target and grade of the past would mean something else."""
        changed = self.filtered(lambda kpi: any(name in vals and kpi[name] != vals[name] for name in ('unit', 'better')))
        if changed:
            # also of strategies that the user may not see
            line = self.env['customer.strategy.kpi'].sudo().search(
                [('kpi_id', 'in', changed.ids), ('strategy_id.state', '!=', 'draft')], limit=1)
            if line:
                raise UserError(self.env._(
                    "Targets of “%(kpi)s” were agreed with its unit and direction. Archive it and make another one instead.",
                    kpi=line.kpi_id.name))
        return super().write(vals)

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _sources(self):
        """Return where actual values may come from: what people enter, the facts of the catalogue that can be asked about days
        gone by (``customer.fact._facts``, **which is how other wings and addons add KPIs**), and what is a KPI only.

        The latter is added by extending it in a model that inherits from this one::

            def _sources(self):
                return super()._sources() | {'complaint_rate': KpiSource(
                    label=self.env._("Complaints per order"), unit='percent', better='lower', additive=False,
                    sql=self._complaint_rate_sql, describe=self._describe_complaint_rate)}

        ``sql(kpi, spans)`` returns an ``odoo.tools.SQL`` that selects ``span_id``, ``value`` (a number in the source's unit) and
        ``facts`` (how many orders, talks, … it rests on): one row for each span whose value is known, and none for the others.
        ``kpi`` is the KPI's record, with ``interval_days``. ``spans`` is SQL naming a relation with the columns ``id``,
        ``partner_id`` (a customer, which is a commercial partner), ``start`` and ``stop`` (the first and the last day, both
        included), and ``running`` (``stop`` is today, and more days are to come): thousands of spans are measured in one
        statement, and spans of the same customer may overlap. No span reaches beyond today, and the KPI's own window is
        applied already. :meth:`_purchases_sql` names a relation with what
        these customers bought; a source that looks at orders takes them from there, so that all sources agree on what a
        purchase is, and it is looked up once. Pending writes are flushed before, record rules do not apply: a figure is one
        for all users.

        ``describe(kpi, value, facts)`` returns a translated sentence for people: "3 days with an order; the usual rhythm lets
        expect 4". A source with ``sql=None`` measures nothing: people enter the value.

        A source that fails, or returns a span twice, is set aside: the other KPIs are measured, and this one shows the
        problem.

        :return: the sources by the technical name that :attr:`source` keeps
        :rtype: dict[str, KpiSource]
        """
        return {
            'manual': KpiSource(
                label=self.env._("Entered by hand"), unit=None, better=None, additive=False, sql=None,
                describe=lambda kpi, value, facts: self.env._("Entered by hand")),
            **{name: self._fact_source(name, fact)
               for name, fact in self.env['customer.fact']._offered(OPTIONS, past=True).items()},
        }

    @api.model
    def _fact_source(self, name, fact):
        """Return a fact of the catalogue as what measures KPIs.

        :param str name: of the fact
        :param Fact fact: see ``customer.fact``
        :rtype: KpiSource
        """
        def sql(kpi, spans):
            facts = kpi.env['customer.fact']
            return SQL(
                "SELECT span_id, value, count AS facts FROM (%s) AS fact",
                facts._query(name, Spans(spans, kept=True), kpi._fact_options(), 'count'))

        def describe(kpi, value, count):
            # of the other things that facts say only the number is kept
            return kpi.env['customer.fact']._say(
                name, fact, Found(value, count=count), kpi._fact_options(), known={'count'})

        return KpiSource(
            label=fact.label, unit=fact.unit, better=fact.better or 'higher', additive=fact.additive, sql=sql,
            describe=describe, fact=fact)

    def _fact_options(self):
        """Return what this KPI tells a fact."""
        return {'window_days': None, 'today': fields.Date.context_today(self), **{name: self[name] for name in OPTIONS}}

    def _is_measured(self):
        """Return whether the actual value of this KPI is computed, rather than entered by people."""
        self.ensure_one()
        source = self._sources().get(self.source)
        return not source or source.sql is not None

    def _describe(self, value, facts):
        """Return what an actual value of this KPI rests on, in a sentence.

        :param float value: a value of the source, in the KPI's unit
        :param int facts: what the source counted
        """
        self.ensure_one()
        source = self._sources().get(self.source)
        return source.describe(self, value, facts) if source else ''

    # ------------------------------------------------------------
    # TARGETS AND VALUES
    # ------------------------------------------------------------

    def _check_target(self, target):
        """Refuse a target that nothing can be judged by: every model that keeps a target of a KPI calls this.

        :param float target: in the KPI's unit
        :raises ValidationError: with a sentence that says why
        """
        self.ensure_one()
        if target <= 0 and self.better == 'higher':
            raise ValidationError(self.env._(
                "The target of “%(kpi)s” has to be more than 0: the attainment is the actual value in percent of the target, and "
                "nothing is a percentage of 0.", kpi=self.name))
        if target <= 0:
            raise ValidationError(self.env._(
                "The target of “%(kpi)s” has to be more than 0: the attainment is the target in percent of the actual value, "
                "and would always be 0. Choose the smallest value that is still good, e.g. 1.", kpi=self.name))
        self._check_value(target)

    def _check_value(self, value):
        """Refuse a value that this KPI can't have.

        :param float value: in the KPI's unit
        :raises ValidationError: with a sentence that says why
        """
        self.ensure_one()
        if value < self.minimum or self.maximum and value > self.maximum:
            if self.maximum:
                raise ValidationError(self.env._(
                    "“%(kpi)s” lies between %(minimum)s and %(maximum)s; %(value)s can't be.", kpi=self.name,
                    minimum=self._format(self.minimum), maximum=self._format(self.maximum), value=self._format(value)))
            raise ValidationError(self.env._(
                "“%(kpi)s” is %(minimum)s at least; %(value)s can't be.", kpi=self.name, minimum=self._format(self.minimum),
                value=self._format(value)))

    # ------------------------------------------------------------
    # WORDS
    #
    # How the values of a KPI are written for people: in their language, with the unit, without needless decimals.
    # ------------------------------------------------------------

    def _format(self, value):
        """Return a value with its unit: "85 %", "1 day", "2", "$ 1,200".

        :param float value: in the KPI's unit; money is in the main company's currency
        """
        self.ensure_one()
        return self.env['customer.fact']._format(value, self.unit)

    def _format_target(self, target):
        """Return a target with its direction and unit: "≥ 80 %", "≤ 30 days".

        :param float target: in the KPI's unit
        """
        self.ensure_one()
        return f'{SIGNS[self.better]} {self._format(target)}'

    # ------------------------------------------------------------
    # MEASURED
    #
    # Measuring KPIs: many spans of many customers in one statement per KPI, by the runner of facts (STR-1).
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
