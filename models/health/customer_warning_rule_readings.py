from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_repr

from ..platform.counted import days as in_days
from .warning_signal import Signal

#: The signals of this file.
READINGS = ('readings_fall', 'readings_reach')


class CustomerWarningRule(models.Model):
    """The signals from readings: what is counted of a customer fell, or reached a number (HEA-3, HEA-5)."""

    _inherit = 'customer.warning.rule'

    metric_id = fields.Many2one(
        comodel_name='customer.metric', index='btree_not_null', ondelete='restrict',
        help="Whose readings the rule looks at.")
    has_metric = fields.Boolean(compute='_compute_has_metric')
    absence = fields.Char(
        string="App Not There", compute='_compute_has_metric', help="Why nobody counts what the rule looks at.")

    @api.depends('signal', 'metric_id')
    @api.depends_context('lang')
    def _compute_has_metric(self):
        for rule in self:
            rule.has_metric = rule.signal in READINGS
            rule.absence = rule.has_metric and rule.metric_id._absence()

    @api.constrains('signal', 'metric_id')
    def _check_metric(self):
        if missing := self.filtered(lambda rule: rule.has_metric and not rule.metric_id)[:1]:
            raise ValidationError(self.env._(
                "Please choose whose readings “%(rule)s” looks at: a metric is missing.", rule=missing.name))

    @api.model
    def _question(self):
        return super()._question() | {'metric_id'}

    @api.model
    def _signals(self):
        return super()._signals() | {
            'readings_fall': Signal(
                label=self.env._("Readings fell"), unit=self.env._("% less than in the period before"),
                sql=type(self)._readings_fall_sql, describe=self._describe_readings_fall, window=True, source='usage',
                fact='usage'),
            'readings_reach': Signal(
                label=self.env._("Readings reached a number"), unit=self.env._("in the period"),
                sql=type(self)._readings_reach_sql, describe=self._describe_readings_reach, window=True, absent_clears=True,
                fact='usage'),
        }

    def _readings_sql(self, kind, partner_ids, part=False):
        """Return SQL with what the readings of the period say, as a measure says it: ``partner_id``, ``value``.

        :param str kind: see ``customer.health.measure.reading_kind``
        :param bool part: whether a part of the period is enough
        :raises UserError: where nobody counts, so that the rule is set aside
        """
        if absence := self.metric_id._absence():
            raise UserError(absence)
        facts = self.env['customer.fact'].sudo()  # a figure is one for all users
        return SQL("SELECT span_id AS partner_id, value FROM (%s) AS fact", facts._query(
            'usage', facts._days_back(partner_ids, self.window_days), {
                'metric_id': self.metric_id, 'reading_kind': kind, 'window_days': self.window_days, 'part': part}))

    def _readings_fall_sql(self, partner_ids):
        """Return SQL: customers of whom so much less was counted than in as many days before.

        Where nothing came of anybody in the whole period, it is the delivery that failed.
        """
        return SQL(
            """SELECT partner_id, value <= -%(threshold)s AND alive AS met, value > -%(threshold)s AS cleared, -value AS value,
                      jsonb_build_object('metric', %(metric)s, 'days', %(days)s) AS detail
                 FROM (%(trend)s) AS trend
           CROSS JOIN (SELECT %(counted)s OR EXISTS (
                              SELECT 1 FROM customer_reading
                               WHERE metric_id = %(metric)s AND date > %(first_day)s) AS alive) AS newest""",
            threshold=self.threshold, metric=self.metric_id.id, days=self.window_days, first_day=self._first_day(),
            counted=bool(self.metric_id.source), trend=self._readings_sql('trend', partner_ids))

    @api.model
    def _describe_readings_fall(self, warning):
        metric, days = self._read_metric(warning)
        return self.env._(
            "%(metric)s: %(percent)s %% less in %(days)s than in as many before", metric=metric.name,
            percent=round(warning.value), days=in_days(self.env, days))

    def _readings_reach_sql(self, partner_ids):
        """Return SQL: customers of whom so much was counted in the period, on average where it is a state."""
        return SQL(
            """SELECT partner_id, value >= %(threshold)s AS met, value < %(threshold)s AS cleared, value,
                      jsonb_build_object('metric', %(metric)s, 'days', %(days)s) AS detail
                 FROM (%(sum)s) AS sums""",
            threshold=self.threshold, metric=self.metric_id.id, days=self.window_days,
            sum=self._readings_sql('sum' if self.metric_id.kind == 'count' else 'average', partner_ids, True))

    @api.model
    def _describe_readings_reach(self, warning):
        metric, days = self._read_metric(warning)
        number = float_repr(warning.value, 2).rstrip('0').rstrip('.')
        return self.env._(
            "%(metric)s: %(value)s in %(days)s", metric=metric.name, value=' '.join(filter(None, (number, metric.unit))),
            days=in_days(self.env, days))

    @api.model
    def _read_metric(self, warning):
        """Return the metric that a warning was raised by, and the days that were looked at."""
        detail = warning.detail or {}
        return self.env['customer.metric'].browse(detail.get('metric')).exists(), detail.get('days') or 0
