from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..base.customer_fact import Found
from .health_source import Source


class CustomerYardstick(models.AbstractModel):
    """Something that customers are measured by: a fact of the catalogue, and how its value becomes 0 to 100 points.

    A measure of the health score and a component of the value score are such; ``customer.judging`` takes them for one customer
    and for all. The model has bands (``band_ids``, with ``value_from`` and ``points``).
    """

    _name = 'customer.yardstick'
    _description = "Yardstick of Customers"

    #: What it can tell a fact that it takes its value from, besides the days: names of fields.
    _judged_options = ()

    source = fields.Selection(selection='_selection_source', required=True, help="Where the value comes from.")
    unit = fields.Char(compute='_compute_unit')
    has_window = fields.Boolean(compute='_compute_unit')
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True,
        help="So many days up to today are looked at, where the source looks at a period.")
    validity_days = fields.Integer(
        string="Valid For (days)", default=0, required=True,
        help="A value that is older counts as missing. 0: it never grows old.")
    problem = fields.Char(
        readonly=True, copy=False,
        help="Why this measure could not be taken. All customers are scored without it until it works again.")

    _validity_days_positive = models.Constraint(
        'CHECK (validity_days >= 0)', "The days that a value is valid can't be negative. 0: it never grows old.")

    @api.model
    def _selection_source(self):
        return [(key, source.label) for key, source in self._sources().items()]

    # name and source are given whenever a measure is made, also when it is made without any band
    @api.constrains('name', 'source', 'band_ids')
    def _check_bands(self):
        for measure in self.filtered(lambda measure: measure._needs_bands()):
            bands = measure.band_ids.sorted('value_from')
            starts = bands.mapped('value_from')
            if not bands:
                raise ValidationError(self.env._(
                    "Please say how many points “%(measure)s” gives: it needs at least one band.", measure=measure.name))
            if len(set(starts)) < len(starts):
                twice = next(start for start in starts if starts.count(start) > 1)
                raise ValidationError(self.env._(
                    "Two bands of “%(measure)s” begin at %(value)s. Only one of them can hold.",
                    measure=measure.name, value=f'{twice:g}'))
            if any(not 0 <= band.points <= 100 for band in bands):
                raise ValidationError(self.env._(
                    "The points of “%(measure)s” must be between 0 (the worst) and 100 (the best).", measure=measure.name))
            source = self._sources().get(measure.source)
            if source and source.minimum is not None and starts[0] > source.minimum:
                raise ValidationError(self.env._(
                    "“%(measure)s” can be as low as %(minimum)s, but its lowest band begins at %(value)s. What lies below "
                    "would have no points: let the lowest band begin at %(minimum)s.",
                    measure=measure.name, minimum=f'{source.minimum:g}', value=f'{starts[0]:g}'))

    @api.depends('source')
    @api.depends_context('lang')
    def _compute_unit(self):
        sources = self._sources()
        for measure in self:
            source = sources.get(measure.source)
            measure.unit = source.unit if source else False
            measure.has_window = not source or not source.fact or source.fact.period

    def _needs_bands(self):
        """Return whether points come from the bands."""
        return True

    def _window(self):
        """Return how many days up to today are looked at."""
        return self.window_days

    # ------------------------------------------------------------
    # SOURCES
    # ------------------------------------------------------------

    @api.model
    def _sources(self):
        """Return where values may come from, see ``customer.health.measure._sources``.

        :rtype: dict[str, Source]
        """
        facts = self.env['customer.fact']._offered(self._judged_options)
        return {name: self._fact_source(name, fact) for name, fact in facts.items()}

    @api.model
    def _fact_source(self, name, fact):
        """Return a fact of the catalogue as what measures take their values from.

        :param str name: of the fact
        :param Fact fact: see ``customer.fact``
        :rtype: Source
        """
        def sql(measure, partner_ids):
            facts = measure.env['customer.fact'].sudo()  # a figure is one for all users
            found = facts._query(
                name, facts._days_back(partner_ids, measure._window()), measure._fact_options(), 'day')
            day = SQL("day") if 'day' in fact.gives else SQL("%s::date", fields.Date.context_today(measure))
            return SQL("SELECT span_id AS partner_id, value, %s AS as_of FROM (%s) AS fact", day, found)

        def describe(measure, value, as_of):
            # of the other things that facts say only the day is kept
            return measure.env['customer.fact']._say(
                name, fact, Found(value, day=as_of), measure._fact_options(), known={'day'})

        return Source(
            label=fact.label, unit=self.env['customer.fact']._unit_name(fact), minimum=fact.minimum, sql=sql,
            describe=describe, fact=fact)

    def _fact_options(self):
        """Return what this tells a fact; a value of the past is told as it was then."""
        today = self.env.context.get('customer_health_day') or fields.Date.context_today(self)
        return {'window_days': self._window(), 'today': today, **{name: self[name] for name in self._judged_options}}

    def _describe(self, value, as_of, day=None):
        """Return what a value of this measure says, in a sentence.

        :param float value: a value of the source
        :param as_of: the day that it is of, or None
        :param day: the day on which it was taken, today by default; sources find it as ``customer_health_day`` in the context
        """
        self.ensure_one()
        measure = self.with_context(customer_health_day=day)
        source = measure._sources().get(self.source)
        return source.describe(measure, value, as_of) if source else f'{value:g}'

    def _obstacle(self):
        """Return in a sentence why this can't be taken at all, of nobody; sources add theirs. Nobody is judged by it, whatever
        holds where it is not known of somebody."""
        self.ensure_one()
        return ''
