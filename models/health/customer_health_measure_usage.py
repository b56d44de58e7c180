from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_repr, format_date

from .health_source import Source


class CustomerHealthMeasure(models.Model):
    """What was counted of a customer outside Odoo (HEA-5)."""

    _inherit = 'customer.health.measure'

    reading_kind = fields.Selection(
        selection=[
            ('latest', "The latest reading"), ('sum', "The sum of the period"), ('average', "The average of the period"),
            ('trend', "The change against the period before, in percent"),
        ],
        string="Of the Readings", default='latest', required=True)

    @api.constrains('source', 'metric_id')
    def _check_metric(self):
        for measure in self:
            if measure.source == 'usage' and not measure.metric_id:
                raise ValidationError(self.env._(
                    "Please choose whose readings %(measure)s looks at: a metric is missing.", measure=measure.name))

    @api.model
    def _sources(self):
        return super()._sources() | {
            'usage': Source(
                # what is counted may be anything: a balance can be below zero
                label=self.env._("Usage: readings of a metric"), unit="", minimum=None,
                sql=lambda measure, partner_ids: measure._usage_sql(partner_ids),
                describe=lambda measure, value, as_of: measure._describe_usage(value, as_of)),
        }

    def _usage_sql(self, partner_ids=None):
        """Return SQL for what the readings of the measure's metric say; it is as old as the last of them.

        A sum of nothing is 0 for customers who had readings before, so that somebody who stops is not unknown. A trend
        needs something in the period before.
        """
        self.ensure_one()
        self.env['customer.reading'].flush_model(['partner_id', 'metric_id', 'date', 'value'])
        values = {
            'today': fields.Date.context_today(self), 'day_from': self._period_start(), 'metric': self.metric_id.id,
            'before': fields.Date.subtract(self._period_start(), days=self.window_days),
            'only': self._only_sql('customer_reading.partner_id', partner_ids),
        }
        if self.reading_kind == 'latest':
            return SQL(
                """SELECT DISTINCT ON (partner_id) partner_id, value::numeric AS value, date AS as_of
                     FROM customer_reading
                    WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s
                 ORDER BY partner_id, date DESC""", **values)
        total = SQL("sum") if self.metric_id.kind == 'count' else SQL("avg")
        if self.reading_kind == 'trend':
            # a count of which nothing came is 0, a level is unknown then
            now = SQL("COALESCE(now, 0)") if self.metric_id.kind == 'count' else SQL("now")
            return SQL(
                """SELECT partner_id, round(100 * (%(now)s - before) / before, 4) AS value, as_of
                     FROM (SELECT partner_id, max(date) AS as_of,
                                  %(total)s(value::numeric) FILTER (WHERE date > %(day_from)s) AS now,
                                  %(total)s(value::numeric) FILTER (WHERE date <= %(day_from)s) AS before
                             FROM customer_reading
                            WHERE metric_id = %(metric)s AND date > %(before)s AND date <= %(today)s %(only)s
                         GROUP BY partner_id) AS periods
                    WHERE before > 0 AND %(now)s IS NOT NULL""", total=total, now=now, **values)
        value = SQL("COALESCE(sum(value::numeric) FILTER (WHERE date > %s), 0)", values['day_from']) \
            if self.reading_kind == 'sum' else SQL("round(avg(value::numeric) FILTER (WHERE date > %s), 4)", values['day_from'])
        return SQL(
            """SELECT partner_id, value, as_of
                 FROM (SELECT partner_id, %(value)s AS value, max(date) AS as_of
                         FROM customer_reading
                        WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s
                     GROUP BY partner_id) AS period
                WHERE value IS NOT NULL""", value=value, **values)

    def _describe_usage(self, value, as_of):
        """Return what the readings say in a sentence."""
        number = float_repr(value, 4).rstrip('0').rstrip('.')
        values = {
            'metric': self.metric_id.name, 'days': self.window_days, 'day': format_date(self.env, as_of),
            'value': ' '.join(filter(None, (number, self.metric_id.unit))), 'change': f'{round(value):+d}',
        }
        if self.reading_kind == 'latest':
            return self.env._("%(metric)s: %(value)s on %(day)s", **values)
        if self.reading_kind == 'sum':
            return self.env._("%(metric)s: %(value)s in %(days)s days, last reading on %(day)s", **values)
        if self.reading_kind == 'average':
            return self.env._("%(metric)s: %(value)s on average in %(days)s days, last reading on %(day)s", **values)
        return self.env._(
            "%(metric)s: %(change)s%% against the %(days)s days before, last reading on %(day)s", **values)
