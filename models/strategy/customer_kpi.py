from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..base.customer_fact import UNITS, Found, Spans
from .kpi_source import KpiSource

#: What a KPI can tell a fact that it is measured by.
OPTIONS = ('interval_days',)

BETTER = [('higher', "Higher is better"), ('lower', "Lower is better")]


class CustomerKpi(models.Model):
    """A figure that tells whether a strategy works, and where its actual value comes from (STR-1)."""

    _name = 'customer.kpi'
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

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%(name)s (copy)", name=kpi.name)}
            for kpi, vals in zip(self, super().copy_data(default=default), strict=True)]

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
