from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    _inherit = ['customer.yardstick', 'customer.health.config', 'customer.health.preview']
    _judged_options = OPTIONS
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    group_id = fields.Many2one(
        comodel_name='customer.health.group', required=True, index=True, ondelete='restrict')
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
    missing_policy = fields.Selection(
        selection=[
            ('leave_out', "Leave it out: the others weigh more"), ('neutral', "Neutral: 50 points"),
            ('worst', "Worst: 0 points"), ('median', "What is usual in the customer's segment"),
        ],
        string="Where Not Known", default='leave_out', required=True)
    band_ids = fields.One2many(
        comodel_name='customer.health.band', inverse_name='measure_id', string="Points", copy=True)
    description = fields.Text(translate=True, help="What the measure says, in words for the sales staff.")
    talk = fields.Text(
        string="What to Say", translate=True,
        help="What to bring up in the next talk with a customer where this measure costs points. The health panel shows it "
             "to the account manager.")

    _window_days_positive = models.Constraint('CHECK (window_days > 0)', "The period must be at least one day.")

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
        return {name: source for name, source in super()._sources().items() if name not in OF_THE_SCORE}

    def _obstacle(self):
        return super()._obstacle() or (self.metric_id._absence() if self.source == 'usage' else '')

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
