from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..base.customer_fact import Found
from .health_source import Source
from .settings import OVERDUE_MINIMUM

#: What a measure can tell a fact that it takes its value from.
OPTIONS = ('metric_id', 'reading_kind')

#: No measure of the health score, as they are made of it.
OF_THE_SCORE = {'health'}

#: What a purchase is by the ranking, as it is shipped.
COUNTED = {'basis': 'orders', 'running_days': 21}


class CustomerHealthMeasure(models.Model):
    """One thing that the health of a customer is judged by: where its value comes from, what it is worth in points, how
    long it is valid, and what holds where it is not known (HEA-1)."""

    _name = 'customer.health.measure'
    _description = "Health Measure"
    _inherit = ['customer.health.config', 'customer.health.preview']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    group_id = fields.Many2one(
        comodel_name='customer.health.group', required=True, index=True, ondelete='restrict')
    source = fields.Selection(selection='_selection_source', required=True, help="Where the value comes from.")
    unit = fields.Char(compute='_compute_unit')
    has_window = fields.Boolean(compute='_compute_unit')
    metric_id = fields.Many2one(
        comodel_name='customer.metric', index='btree_not_null', ondelete='restrict',
        help="Which readings the measure looks at.")
    reading_kind = fields.Selection(
        selection=[
            ('latest', "The latest reading"), ('sum', "The sum of the period"), ('average', "The average of the period"),
            ('trend', "The change against the period before, in percent"),
        ],
        string="Of the Readings", default='latest', required=True)
    absence = fields.Char(
        string="App Not There", compute='_compute_absence', help="Why nobody counts what the measure looks at.")
    window_days = fields.Integer(
        string="Period (days)", default=90, required=True,
        help="So many days up to today are looked at, where the source looks at a period.")
    validity_days = fields.Integer(
        string="Valid For (days)", default=0, required=True,
        help="A value that is older counts as missing. 0: it never grows old.")
    missing_policy = fields.Selection(
        selection=[
            ('leave_out', "Leave it out: the others weigh more"), ('neutral', "Neutral: 50 points"),
            ('worst', "Worst: 0 points"), ('median', "What is usual in the customer's segment"),
        ],
        string="Where Not Known", default='leave_out', required=True)
    band_ids = fields.One2many(
        comodel_name='customer.health.band', inverse_name='measure_id', string="Points", copy=True)
    description = fields.Text(translate=True, help="What the measure says, in words for the sales staff.")
    problem = fields.Char(
        readonly=True, copy=False,
        help="Why this measure could not be taken. All customers are scored without it until it works again.")
    talk = fields.Text(
        string="What to Say", translate=True,
        help="What to bring up in the next talk with a customer where this measure costs points. The health panel shows it "
             "to the account manager.")

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")
    _validity_days_positive = models.Constraint(
        'CHECK (validity_days >= 0)', "The days that a value is valid can't be negative. 0: it never grows old.")

    @api.model
    def _selection_source(self):
        return [(key, source.label) for key, source in self._sources().items()]

    # name and source are given whenever a measure is made, also when it is made without any band
    @api.constrains('name', 'source', 'band_ids')
    def _check_bands(self):
        for measure in self:
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

    @api.depends('source', 'metric_id')
    @api.depends_context('lang')
    def _compute_absence(self):
        for measure in self:
            measure.absence = measure._obstacle()

    @api.constrains('source', 'metric_id')
    def _check_metric(self):
        for measure in self:
            if measure.source == 'usage' and not measure.metric_id:
                raise ValidationError(self.env._(
                    "Please choose whose readings %(measure)s looks at: a metric is missing.", measure=measure.name))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _sources(self):
        """Return where values may come from: the facts of the catalogue (``customer.fact._facts``, **which is how other wings
        and addons add measures**), and what is a measure only.

        The latter is added by extending it in a model that inherits from this one::

            def _sources(self):
                return super()._sources() | {'open_tickets': Source(
                    label=self.env._("Open tickets"), unit=self.env._("tickets"), minimum=0,
                    sql=self._open_tickets_sql, describe=self._describe_open_tickets)}

        ``sql(measure, partner_ids)`` returns an ``odoo.tools.SQL`` that selects ``partner_id`` (of a customer, which is a
        commercial partner), ``value`` (a number) and ``as_of`` (the day that the value is of; a measure with a validity
        looks at it): one row for each customer whose value is known, and none for the others. ``measure`` is the measure's
        record, with ``window_days`` and ``metric_id``. ``partner_ids`` are the customers asked for, or None for all; rows
        of others are ignored, but cost time. Pending writes are flushed before, record rules do not apply: a figure is one
        for all users. The value must not rise because *we* do more: effort is no health.

        ``describe(measure, value, as_of)`` returns a translated sentence for people: "31 days since the last order,
        usually one every 20".

        A source that fails, or returns a customer twice, is set aside: the others are scored, and the measure shows the
        problem.

        :return: the sources by the technical name that :attr:`source` keeps
        :rtype: dict[str, Source]
        """
        facts = self.env['customer.fact']._offered(OPTIONS)
        return {name: self._fact_source(name, fact) for name, fact in facts.items() if name not in OF_THE_SCORE}

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
                name, facts._days_back(partner_ids, measure.window_days), measure._fact_options(), 'day')
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
        """Return what this measure tells a fact; a value of the past is told as it was then."""
        today = self.env.context.get('customer_health_day') or fields.Date.context_today(self)
        return {'window_days': self.window_days, 'today': today, **{name: self[name] for name in OPTIONS}}

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
        """Return in a sentence why this measure can't be taken at all, of nobody; sources add theirs. Nobody is scored with
        it, whatever holds where it is not known of somebody."""
        self.ensure_one()
        return self.metric_id._absence() if self.source == 'usage' else ''

    def _rules_values(self):
        """Return what a version of the rules keeps of this measure: whatever changes its values or their points."""
        self.ensure_one()
        return {
            'name': self.name,
            'group': self.group_id.id,
            'bands': [[band.value_from, band.points] for band in self.band_ids.sorted('value_from')],
            'validity': self.validity_days,
            'policy': self.missing_policy,
            'source': self.source,
            'window': self.window_days,
            'metric': self.metric_id.id,
            'kind': self.reading_kind,
            # only where it is not as shipped, so that old versions stay comparable
            **({'asks': asks} if (asks := self._asks()) else {}),
        }

    def _asks(self):
        """Return what else the values follow from, besides the data and the fields of the measure: settings of other records,
        where they are not as shipped. Sources add theirs.

        :rtype: dict
        """
        self.ensure_one()
        asks = {}
        if self.source in ('rhythm', 'value_trend'):
            scheme = self.env['customer.tier.scheme']._get_current()
            asks |= {name: scheme[name] for name, shipped in COUNTED.items() if scheme and scheme[name] != shipped}
        if self.source == 'payment':
            minimum = self.env['res.config.settings']._customer_success('overdue_minimum')
            asks |= {'minimum': minimum} if minimum != OVERDUE_MINIMUM else {}
        return asks | {'counts': 'level'} if self.source == 'usage' and self.metric_id.kind == 'level' else asks

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview_triggers(self):
        return [
            *super()._preview_triggers(), 'active', 'group_id', 'source', 'metric_id', 'reading_kind', 'window_days',
            'validity_days', 'missing_policy', 'band_ids.value_from', 'band_ids.points']

    def _preview_put(self, rules):
        key = str(self._origin.id or 0)
        on_a_card = rules['measures'].pop(key, None) is not None
        if self.active and on_a_card:
            values = self._rules_values()
            rules['measures'][key] = values | {'bands': values['bands'] or [[0, 0]]}
        rules['caps'] = [cap for cap in rules['caps'] if str(cap['measure']) in rules['measures']]

    def _preview_values(self):
        """Add whether the measure is on a scorecard at all."""
        values = super()._preview_values()
        lines = self.env['customer.health.scorecard']._get_lines()
        return values | {'on_no_card': self._origin not in lines.measure_id}
