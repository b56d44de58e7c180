from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_repr, format_date

from .health_source import Source

#: From so many readings on whose distance is known, half of the distances tell how often they come.
RHYTHM_READINGS = 6


class CustomerHealthMeasure(models.Model):
    """What was counted of a customer, outside Odoo or by its apps (HEA-5)."""

    _inherit = 'customer.health.measure'

    reading_kind = fields.Selection(
        selection=[
            ('latest', "The latest reading"), ('sum', "The sum of the period"), ('average', "The average of the period"),
            ('trend', "The change against the period before, in percent"),
        ],
        string="Of the Readings", default='latest', required=True)

    absence = fields.Char(
        string="App Not There", compute='_compute_absence', help="Why nobody counts what the measure looks at.")

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

    @api.model
    def _sources(self):
        return super()._sources() | {
            'usage': Source(
                # what is counted may be anything: a balance can be below zero
                label=self.env._("Usage: readings of a metric"), unit="", minimum=None,
                sql=lambda measure, partner_ids: measure._usage_sql(partner_ids),
                describe=lambda measure, value, as_of: measure._describe_usage(value, as_of)),
        }

    def _asks(self):
        asks = super()._asks()
        return asks | {'counts': 'level'} if self.source == 'usage' and self.metric_id.kind == 'level' else asks

    def _obstacle(self):
        obstacle = super()._obstacle()
        return self.metric_id._absence() if not obstacle and self.source == 'usage' else obstacle

    def _usage_sql(self, partner_ids=None, whole=True):
        """Return SQL for what the readings of the measure's metric say; it is as old as the last of them, and where Odoo
        counts itself, as the night that did so last: no reading is then as good as one.

        A sum of nothing is 0 for customers who had readings before, so that somebody who stops is not unknown. A trend
        needs something in the period before. What Odoo counts itself is unknown until it was counted for the whole of the
        periods.

        :param partner_ids: ids of customers, or None for all
        :param bool whole: whether periods have to be whole
        """
        self.ensure_one()
        self.env['customer.reading'].flush_model(['partner_id', 'metric_id', 'date', 'value'])
        only = self._only_sql('customer_reading.partner_id', partner_ids)
        if self.reading_kind == 'latest':
            return SQL(
                """SELECT DISTINCT ON (partner_id) partner_id, value::numeric AS value, date AS as_of
                     FROM customer_reading
                    WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s
                 ORDER BY partner_id, date DESC""",
                metric=self.metric_id.id, today=fields.Date.context_today(self), only=only)
        if whole and not self._is_whole():
            return SQL("SELECT NULL::int AS partner_id, NULL::numeric AS value, NULL::date AS as_of WHERE FALSE")
        adds_up = self.metric_id.kind == 'count'
        now, before = (self._of_period_sql(self.reading_kind != 'average' and adds_up, number) for number in (0, 1))
        if self.reading_kind == 'trend':
            # a count of which nothing came is 0, a level is unknown then
            now = SQL("COALESCE(%s, 0)", now) if adds_up else now
            value = SQL("round(100 * (%(now)s - %(before)s) / NULLIF(GREATEST(%(before)s, 0), 0), 4)", now=now, before=before)
        elif self.reading_kind == 'sum':
            value = SQL("round(COALESCE(%s, 0), 4)", self._of_period_sql(True, 0))
        else:
            value = SQL("round(%s, 4)", now)
        counted = self.metric_id.source and self.metric_id.taken_on
        return SQL(
            """SELECT partner_id, value, GREATEST(as_of, %(counted)s::date) AS as_of
                 FROM (SELECT partner_id, %(value)s AS value, max(date) AS as_of
                         FROM (%(readings)s) AS readings
                     GROUP BY partner_id) AS period
                WHERE value IS NOT NULL""", value=value, readings=self._readings_sql(only), counted=counted or None)

    def _of_period_sql(self, adds_up, number):
        """Return SQL for the readings of a period, those of :meth:`_readings_sql` grouped by customer.

        :param bool adds_up: sum them, else take their mean
        :param int number: 0 for the last period, 1 for the one before
        """
        start = SQL("(stop - %s)", self.window_days * (number + 1))
        stop = SQL("(stop - %s)", self.window_days * number)
        if not adds_up:
            return SQL("avg(value) FILTER (WHERE date > %s AND date <= %s)", start, stop)
        return SQL(
            """sum(value * (LEAST(date, %(stop)s) - GREATEST(date - share, %(start)s))::numeric / share)
                   FILTER (WHERE date > %(start)s AND date - share < %(stop)s)""", start=start, stop=stop)

    def _readings_sql(self, only):
        """Return SQL with the readings of the metric: ``partner_id``, ``date``, ``value``; of how many days each one is
        (``share``), and the last day of the period (``stop``).

        Constant use is constant. Where readings come in a rhythm, a weekly one is of seven days, and a period that begins in
        the midst of them takes its part of it; and the period ends with the last reading, as long as the next one is not
        due. Of a day that is not over nothing is counted where there is a reading a day.

        What Odoo counts itself is of its own day, and known of whole days until the last night.

        :param SQL only: a condition after AND
        """
        if self.metric_id.source:
            return self._counted_sql(only)
        today, days = fields.Date.context_today(self), self.window_days
        daily = SQL("%s AND step = 1", self.metric_id.kind == 'count')
        return SQL(
            """SELECT partner_id, date, value,
                      CASE WHEN step IS NULL THEN 1 ELSE GREATEST(LEAST(COALESCE(gap, step), step), 1) END AS share,
                      CASE WHEN step IS NULL THEN %(today)s
                           WHEN %(daily)s AND %(today)s - 1 - last_before <= 1 THEN last_before
                           WHEN %(daily)s THEN %(today)s - 1
                           WHEN %(today)s - last <= step + 1 THEN last
                           ELSE %(today)s END AS stop
                 FROM (WITH gaps AS (%(gaps)s),
                            often AS (SELECT partner_id, max(date) AS last,
                                             max(date) FILTER (WHERE date < %(today)s) AS last_before,
                                             count(gap) FILTER (WHERE date > %(recent)s) AS known,
                                             percentile_disc(0.5) WITHIN GROUP (ORDER BY gap)
                                                 FILTER (WHERE date > %(recent)s) AS step
                                        FROM gaps GROUP BY partner_id)
                     SELECT gaps.*, o.last, COALESCE(o.last_before, o.last) AS last_before,
                            CASE WHEN o.known >= %(enough)s AND 2 * o.step <= %(days)s THEN o.step END AS step
                       FROM gaps JOIN often o ON o.partner_id = gaps.partner_id) AS readings""",
            today=SQL("%s::date", today), days=days, daily=daily, enough=RHYTHM_READINGS,
            recent=fields.Date.subtract(today, days=2 * days),
            gaps=SQL(
                """SELECT partner_id, date, value::numeric AS value,
                          date - lag(date) OVER (PARTITION BY partner_id ORDER BY date) AS gap
                     FROM customer_reading
                    WHERE metric_id = %s AND date <= %s %s""", self.metric_id.id, today, only))

    def _counted_until(self):
        """Return the last day of which all is known that Odoo counts itself."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(min(today, self.metric_id.taken_on or today), days=1)

    def _is_whole(self):
        """Return whether all was counted in the periods that are looked at."""
        periods = 2 if self.reading_kind == 'trend' else 1
        begin = fields.Date.subtract(self._counted_until(), days=periods * self.window_days - 1)
        return not self.metric_id.whole_from or begin >= self.metric_id.whole_from

    def _counted_sql(self, only):
        """Return SQL with what Odoo counted itself, as :meth:`_readings_sql`."""
        return SQL(
            """SELECT partner_id, date, value::numeric AS value, 1 AS share, %(stop)s::date AS stop
                 FROM customer_reading
                WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s""",
            stop=self._counted_until(), metric=self.metric_id.id, today=fields.Date.context_today(self), only=only)

    def _describe_usage(self, value, as_of):
        """Return what the readings say in a sentence."""
        number = float_repr(value, 4).rstrip('0').rstrip('.')
        values = {
            'metric': self.metric_id.name, 'days': self.window_days, 'day': format_date(self.env, as_of),
            'value': ' '.join(filter(None, (number, self.metric_id.unit))), 'change': f'{round(value):+d}',
        }
        if self.reading_kind == 'latest':
            return self.env._("%(metric)s: %(value)s on %(day)s", **values)
        if self.metric_id.source:
            return self._describe_counted(values)
        if self.reading_kind == 'sum':
            return self.env._("%(metric)s: %(value)s in %(days)s days, last reading on %(day)s", **values)
        if self.reading_kind == 'average':
            return self.env._("%(metric)s: %(value)s on average in %(days)s days, last reading on %(day)s", **values)
        return self.env._(
            "%(metric)s: %(change)s%% against the %(days)s days before, last reading on %(day)s", **values)

    def _describe_counted(self, values):
        """Return what Odoo counted itself in a sentence."""
        if self.reading_kind == 'sum':
            return self.env._("%(metric)s: %(value)s in %(days)s days, counted on %(day)s", **values)
        if self.reading_kind == 'average':
            return self.env._(
                "%(metric)s: %(value)s on average on the days with any, in %(days)s days, counted on %(day)s", **values)
        return self.env._("%(metric)s: %(change)s%% against the %(days)s days before, counted on %(day)s", **values)
