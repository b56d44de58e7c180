from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang, get_lang

from ...engine import heat
from ..platform.counted import customers
from ..platform.local_text import day_text, listed

#: How many weeks can be looked at.
WEEKS = (13, 26, 52)

#: What a figure is held against: the customer's own weeks, or those of its segment.
AGAINST = ('own', 'segment')


class CustomerUsageMap(models.AbstractModel):
    """What customers do with what they bought, metric by week, as a map of colours (使用热力图, REP-7).

    Of a customer a cell is what was counted in the week; of a segment it is the mean and the median of its customers that have
    a reading in the week, and of how many these are. What was not counted is empty, which is not the same as nothing: a
    customer that was counted and did nothing has a zero.

    A week begins as the language of the reader says. The running one is shown, and held against nothing where readings add
    up: its days are not over.
    """

    _name = 'customer.usage.map'
    _description = "Usage Map"

    @api.model
    @api.readonly
    def get_map(self, weeks=13, partner_id=None, segment_id=None, against='own'):
        """Return the usage of one customer, or of the customers of a segment, as far as the user may see their readings.

        :param int weeks: how many, up to the running one: one of :data:`WEEKS`
        :param int partner_id: a customer, or a contact of it
        :param int segment_id: a segment, where no customer is given
        :param str against: one of :data:`AGAINST`, what the weeks of a customer are held against
        :return: ``name`` of whom it is about, ``scope`` in a sentence, ``weeks`` with ``from``, ``to``, ``label`` and
            ``running``, ``metrics`` with ``id``, ``name``, ``unit``, ``kind`` and ``cells`` (one for each week, None where
            nothing was counted), and ``silent``: the metrics without a reading in these weeks, in words
        :rtype: dict
        """
        self.env['customer.reading'].check_access('read')
        if weeks not in WEEKS or against not in AGAINST:
            raise ValidationError(self.env._("A usage map shows 13, 26 or 52 weeks, against the own ones or the segment's."))
        subject = self._subject(partner_id, segment_id)
        start = self._first_day(weeks)
        found = self._figures(self._whose(subject), start)
        cohort = {}
        if partner_id and against == 'segment' and subject.customer_segment_id:
            cohort = self._usual_of_all(self._whose(subject.customer_segment_id), start)
        metrics = self.env['customer.metric'].with_context(active_test=False).search([('id', 'in', list(found))])
        columns = self._columns(start, weeks)
        return {
            'name': subject.display_name,
            'scope': self._describe_scope(subject, found, cohort, against),
            'segment': bool(partner_id and subject.customer_segment_id),
            'weeks': columns,
            'metrics': [self._row(metric, found[metric.id], cohort.get(metric.id), columns, against) for metric in metrics],
            'silent': listed(self.env, (self.env['customer.metric'].search([]) - metrics).mapped('name')),
        }

    @api.model
    def _subject(self, partner_id, segment_id):
        """Return the customer or the segment, which the user may read."""
        if partner_id:
            subject = self.env['res.partner'].browse(partner_id).commercial_partner_id
        else:
            subject = self.env['customer.segment'].browse(segment_id)
        subject._customer_one()
        subject.check_access('read')
        return subject

    @api.model
    def _whose(self, subject):
        """Return whose readings are looked at.

        :param subject: a customer or a segment
        :return: a domain, as actions take it
        :rtype: list
        """
        if subject._name == 'res.partner':
            return [('partner_id', '=', subject.id)]
        return [('partner_id.customer_managed', '=', True), ('partner_id.customer_segment_id', '=', subject.id)]

    @api.model
    def _first_day(self, weeks):
        """Return the day on which the first of so many weeks begins."""
        today = fields.Date.context_today(self)
        into = (today.isoweekday() - int(get_lang(self.env).week_start)) % 7
        return today - timedelta(days=into + 7 * (weeks - 1))

    @api.model
    def _columns(self, start, weeks):
        today, columns = fields.Date.context_today(self), []
        for week in range(weeks):
            first = start + timedelta(days=7 * week)
            last = first + timedelta(days=6)
            columns.append({
                'from': fields.Date.to_string(first), 'to': fields.Date.to_string(last), 'running': last >= today,
                'label': day_text(self.env, first, 'MMMd'), 'month': day_text(self.env, first, 'yMMMM')})
        return columns

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _weeks_sql(self, whose, start):
        """Return SQL with what was counted of a customer in a week: what happens is added up, a state is averaged.

        :param list whose: see :meth:`_whose`
        :param date start: of the first week
        """
        readings = self.env['customer.reading']
        seen = readings._search(Domain(whose) & Domain('date', '>=', start))
        self.env['customer.metric'].flush_model(['kind'])
        return SQL(
            """SELECT r.metric_id, r.partner_id, (r.date - %(start)s::date) / 7 AS week,
                      (CASE WHEN m.kind = 'level' THEN avg(r.value) ELSE sum(r.value) END)::float8 AS value
                 FROM customer_reading r
                 JOIN customer_metric m ON m.id = r.metric_id
                WHERE r.id IN %(seen)s
             GROUP BY r.metric_id, r.partner_id, (r.date - %(start)s::date) / 7, m.kind""",
            start=start, seen=seen.subselect())

    @api.model
    def _figures(self, whose, start):
        """Return mean and median of the customers, and how many they are.

        :return: by metric id and by the number of the week
        :rtype: dict[int, dict[int, tuple[float, float, int]]]
        """
        figures = {}
        for metric_id, week, mean, median, count in self.env.execute_query(SQL(
                """SELECT metric_id, week, avg(value ORDER BY value), percentile_cont(0.5) WITHIN GROUP (ORDER BY value), count(*)
                     FROM (%s) AS counted
                 GROUP BY metric_id, week""", self._weeks_sql(whose, start))):
            figures.setdefault(metric_id, {})[week] = mean, median, count
        return figures

    @api.model
    def _usual_of_all(self, whose, start):
        """Return the median of all whole weeks of all customers, and how many customers these are, by metric id."""
        running = (fields.Date.context_today(self) - start).days // 7
        return {metric_id: (median, count) for metric_id, median, count in self.env.execute_query(SQL(
            """SELECT metric_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY value), count(DISTINCT partner_id)
                 FROM (%s) AS counted
                WHERE week < %s
             GROUP BY metric_id""", self._weeks_sql(whose, start), running))}

    @api.model
    def _row(self, metric, figures, cohort, columns, against):
        """Return a metric with its cells.

        :param figures: see :meth:`_figures`, of this metric
        :param cohort: see :meth:`_usual_of_all`, of this metric
        """
        whole = [figures.get(week) for week, column in enumerate(columns) if not column['running']]
        usual = {
            'mean': heat.usual([figure and figure[0] for figure in whole]),
            'median': heat.usual([figure and figure[1] for figure in whole])}
        if against == 'segment':
            usual = dict.fromkeys(usual, cohort[0] if cohort else None)
        return {
            'id': metric.id, 'name': metric.name, 'unit': metric.unit or '', 'kind': metric.kind,
            'usual': {how: self._number(value) for how, value in usual.items()},
            'cells': [
                self._cell(figures[week], usual, column['running'] and metric.kind == 'count') if week in figures else None
                for week, column in enumerate(columns)]}

    @api.model
    def _cell(self, figure, usual, running):
        mean, median, count = figure
        return {'count': count} | {
            how: {'value': value, 'text': self._number(value), 'step': None if running else heat.step(value, usual[how])}
            for how, value in (('mean', mean), ('median', median))}

    @api.model
    def _number(self, value):
        """Return a figure in the language of the user, with a decimal where it has one; empty where there is none."""
        if value is None:
            return ''
        rounded = round(value, 1)
        return formatLang(self.env, rounded, digits=0 if rounded == int(rounded) else 1)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def action_open_readings(self, metric_id, start, stop, partner_id=None, segment_id=None):
        """Open the readings that a cell is made of.

        :param int metric_id: the row
        :param str start: first day of the week
        :param str stop: its last day
        :param int partner_id: see :meth:`get_map`
        :param int segment_id: see :meth:`get_map`
        """
        subject = self._subject(partner_id, segment_id)
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_reading_action')
        name = self.env._(
            "%(metric)s of %(customer)s", metric=self.env['customer.metric'].browse(metric_id).name,
            customer=subject.display_name)
        return action | {
            'name': name, 'display_name': name,
            'domain': [*self._whose(subject), ('metric_id', '=', metric_id), ('date', '>=', start), ('date', '<=', stop)],
            'context': {'default_metric_id': metric_id}}

    @api.model
    def _action_map(self, subject):
        """Return the action that shows the map of a customer or of a segment."""
        key = 'partner_id' if subject._name == 'res.partner' else 'segment_id'
        return {
            'type': 'ir.actions.client', 'tag': 'customer_usage_map', 'params': {key: subject.id},
            'name': self.env._("Usage Map of %(customer)s", customer=subject.display_name)}

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _describe_scope(self, subject, found, cohort, against):
        """Return in a sentence what a cell is, and what its colour is held against."""
        if subject._name == 'customer.segment':
            count = max((count for weeks in found.values() for *__, count in weeks.values()), default=0)
            return self.env._(
                "Each cell is a week of the customers of this segment that have a reading in it, at most %(customers)s; the "
                "colour holds it against the median of the whole weeks shown.", customers=customers(self.env, count))
        if against == 'segment' and cohort:
            return self.env._(
                "The colour holds each week against the median of the segment %(segment)s, of %(customers)s whose readings you "
                "may see.", segment=subject.customer_segment_id.name,
                customers=customers(self.env, max(count for __, count in cohort.values())))
        if against == 'segment':
            return self.env._("Nothing is known of the segment of this customer in these weeks, so that no colour is shown.")
        return self.env._("The colour holds each week against the customer's own median of the whole weeks shown.")
