from odoo import api, fields, models
from odoo.tools import SQL, float_repr, format_date
from odoo.tools.i18n import format_list

from ..base.customer_fact import PREFIX, Fact, Use
from ..platform.counted import days as in_days
from ..platform.counted import plural
from ..profile.customer_person_change import LEFT
from .season import LATE, YEAR

#: From so many readings on whose distance is known, half of the distances tell how often they come.
RHYTHM_READINGS = 6


class CustomerFact(models.AbstractModel):
    """What orders, invoices, readings and people tell of how a customer is, how likely it is to leave, and how well it is."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | self._value_facts() | {
            'rhythm': Fact(
                label=self.env._("Buying rhythm"), counted=self.env._("times the usual interval"), better='lower', minimum=0,
                gives=('day',), past=False, period=False, sql=self._rhythm_sql, say=self._say_rhythm),
            'value_trend': Fact(
                label=self.env._("Order value, against the period before"), unit='percent', better='higher', minimum=-100,
                gives=('day',), past=False, sql=self._value_trend_sql, say=self._say_value_trend),
            'payment': Fact(
                label=self.env._("Overdue invoices"), unit='days', better='lower', minimum=0, gives=('day', 'detail'),
                tells=(), past=False, period=False, nothing=True, sql=self._payment_sql, say=self._say_payment),
            'satisfaction': Fact(
                label=self.env._("Satisfaction: the latest judgement"), counted=self.env._("1 to 5"), better='higher', minimum=1,
                gives=('day', 'res_id', 'detail'), tells=('day',), period=False, once=True, model='customer.pulse',
                sql=self._satisfaction_sql, say=self._say_satisfaction),
            'usage': Fact(
                # what is counted may be anything: a balance can be below zero
                label=self.env._("Usage: readings of a metric"), better='higher', gives=('day',), past=False,
                options=('metric_id', 'reading_kind'), sql=self._usage_sql, say=self._say_usage),
            'contact_left': Fact(
                label=self.env._("A contact person left"), counted=self.env._("people"), better='lower', minimum=0,
                gives=('day', 'detail'), nothing=True, once=True, sql=self._left_sql, say=self._say_left),
            'open_offers': Fact(
                label=self.env._("Open offers"), minimum=0, gives=('res_id',), past=False, model='customer.offer', period=False,
                nothing=True, sql=self._open_offers_sql, say=self._say_open_offers,
                open=lambda partner, found: partner.action_view_customer_offers()),
            'cross_sell': Fact(
                label=self.env._("Cross-sell potential a year"), unit='money', better='higher', minimum=0, gives=('count',),
                past=False, period=False, sql=self._cross_sell_sql, say=lambda found, options: plural(
                    found.count, self.env._("One offer, by what similar customers spend on it"),
                    self.env._("%(count)s offers, by what similar customers spend on them", count=found.count)),
                open=lambda partner, found: partner.action_view_customer_offers()),
            'churn': Fact(
                label=self.env._("Chance to have lost the customer"), unit='percent', better='lower', minimum=0, period=False,
                gives=('count',), sql=self._churn_sql, say=lambda found, options: self.env._(
                    "By the churn model, from so many days with an order: %(count)s", count=found.count)),
            'health': Fact(
                label=self.env._("Health score"), unit='points', better='higher', minimum=0, period=False, gives=('count',),
                sql=self._health_sql, say=lambda found, options: self.env._("The health score on the last day")),
        }

    @api.model
    def _value_facts(self):
        """Return the facts that the value of a customer is told by, and those that it gives; see :meth:`_facts`."""
        return {
            'unbroken': Fact(
                label=self.env._("Years without a break between orders"), counted=self.env._("years"), better='higher', minimum=0,
                past=False, period=False, gives=('day',), sql=self._unbroken_sql, say=self._say_unbroken),
            'influence': Fact(
                label=self.env._("Influence in its industry"), counted=self.env._("1 to 4"), better='higher', minimum=1,
                period=False, gives=('day', 'res_id'), tells=('day',), model='customer.influence', sql=self._influence_sql,
                say=self._say_influence, contacts=False, open=lambda partner, found: partner.action_customer_influence()),
            'value_score': Fact(
                label=self.env._("Value score"), unit='points', better='higher', minimum=0, period=False,
                sql=self._value_score_sql, say=lambda found, options: self.env._("What it is worth to us, by the value model"),
                open=lambda partner, found: partner.action_customer_value()),
            'expected_value': Fact(
                label=self.env._("Expected value of the next 12 months (estimate)"), unit='money', better='higher', minimum=0,
                period=False, sql=self._expected_value_sql,
                say=lambda found, options: self.env._("An estimate, by its own orders and the churn model"),
                open=lambda partner, found: partner.action_customer_value()),
        }

    @api.model
    def _of_customers_sql(self, spans, sql):
        """Return SQL that gives to each span what is known of its customer today.

        :param SQL sql: with the columns ``partner_id``, ``value``, ``day`` and, where it says more, ``detail``
        """
        return SQL("SELECT s.id AS span_id, f.* FROM %s s JOIN (%s) AS f ON f.partner_id = s.partner_id", spans.table, sql)

    @api.model
    def _only_sql(self, column, spans):
        """Return a condition, after AND, that narrows a query to the customers of spans, or nothing for all."""
        return SQL("AND %s = ANY(%s)", column, spans.partner_ids) if spans.partner_ids is not None else SQL()

    @api.model
    def _uses(self):
        measures, rules, actions = (
            self.env[model].with_context(active_test=False).search([])
            for model in ('customer.health.measure', 'customer.warning.rule', 'customer.action.rule'))
        sources, signals, kinds = measures._sources(), rules._known_signals(), actions._known_kinds()
        uses = [
            Use(measure.source, self.env._("Health measure"), measure.name, measure.problem) for measure in measures
            if measure.source not in sources or sources[measure.source].fact]
        uses += self._uses_of_kinds(self.env._("Warning rule"), rules, 'signal', signals)
        components = self.env['customer.value.component'].with_context(active_test=False).search([])
        uses += [
            Use(component.source, self.env._("Component of customer value"), component.name, component.problem)
            for component in components]
        return super()._uses() + uses + self._uses_of_kinds(self.env._("Next best action"), actions, 'kind', kinds)

    @api.model
    def _uses_of_kinds(self, reader, rules, field, kinds):
        """Return which rules look at facts, by the kind that they are of.

        :param str reader: what the rules are called
        :param rules: records
        :param str field: which says the kind
        :param dict kinds: all that there are, each with its fact
        """
        return [
            Use(kind.fact if kind else rule[field].removeprefix(PREFIX), reader, rule.name, rule.problem)
            for rule in rules if not (kind := kinds.get(rule[field])) or kind.fact]

    # ------------------------------------------------------------
    # BUYING AND PAYING
    # ------------------------------------------------------------

    @api.model
    def _rhythm_sql(self, spans, options):
        """Days since the last order, over the customer's own mean interval; over a year as long as it may be out of season.

        The value is of the day of that order, which is how the sentence knows the days.
        """
        model, today = self.env['customer.churn'], SQL("%s::date", fields.Date.context_today(self))
        return SQL(
            """SELECT s.id AS span_id, CASE WHEN %(waits)s THEN %(silent)s ELSE %(gap)s END AS value, r.last_day AS day
                 FROM %(spans)s s
                 JOIN customer_rhythm r ON r.partner_id = s.partner_id
                WHERE %(usual)s IS NOT NULL""",
            spans=spans.table, gap=model._gap_sql(), usual=model._usual_sql(),
            waits=model._waits_sql(today), silent=SQL("GREATEST(%s - r.last_day, 0) / %s::float8", today, YEAR))

    @api.model
    def _say_rhythm(self, found, options):
        # where the customer is, it may be tomorrow already
        days = max((options['today'] - found.day).days, 0) if found.day else 0
        if not days or not found.value:
            return self.env._("Ordered today")
        return self.env._(
            "%(days)s since the last order, usually one every %(usual)s", days=in_days(self.env, days),
            usual=round(days / found.value) or 1)

    @api.model
    def _value_trend_sql(self, spans, options):
        """Change of the order value of the period against the period before, in percent; unknown without orders before, and of
        who buys in one season of the year: one half of it can't be compared with the other.

        Of a running order only what was invoiced is compared, and of days only whole ones: today is not over.
        """
        today, window_days = fields.Date.context_today(self), options['window_days']
        return SQL(
            """SELECT s.id AS span_id, GREATEST((now_amount - before_amount) * 100 / before_amount, -100) AS value,
                      %(today)s::date AS day
                 FROM (SELECT partner_id,
                              COALESCE(sum((amount - pending)::float8) FILTER (WHERE day >= %(middle)s), 0) AS now_amount,
                              sum((amount - pending)::float8) FILTER (WHERE day < %(middle)s) AS before_amount
                         FROM %(purchases)s AS bought
                        WHERE day >= %(start)s AND day < %(today)s
                     GROUP BY partner_id) AS sums
                 JOIN %(spans)s s ON s.partner_id = sums.partner_id
                WHERE before_amount > 0
                  AND s.partner_id NOT IN (SELECT partner_id FROM customer_rhythm WHERE season_day IS NOT NULL)""",
            today=today, spans=spans.table, purchases=self._purchases_sql(spans),
            middle=fields.Date.subtract(today, days=window_days), start=fields.Date.subtract(today, days=2 * window_days))

    @api.model
    def _say_value_trend(self, found, options):
        return self.env._(
            "Orders of the last %(days)s days: %(change)s %% against the %(days)s days before",
            days=options['window_days'], change=f'{found.value:+.0f}')

    @api.model
    def _payment_sql(self, spans, options):
        """Days since which a customer owes more than the small amount of the settings, 0 for none; unknown where there never
        was an invoice. See ``customer.overdue``."""
        overdue, today = self.env['customer.overdue'], fields.Date.context_today(self)
        overdue._flush()
        return self._of_customers_sql(spans, SQL(
            """SELECT invoiced.partner_id, GREATEST(%(today)s::date - o.since, 0) AS value, %(today)s::date AS day,
                      jsonb_build_object('count', o.instalments, 'amount', round(o.amount, 2)) AS detail
                 FROM (SELECT DISTINCT m.commercial_partner_id AS partner_id
                         FROM account_move m
                        WHERE m.move_type = 'out_invoice' AND m.state = 'posted' AND m.commercial_partner_id IS NOT NULL
                              %(only)s) AS invoiced
            LEFT JOIN (%(overdue)s) AS o ON o.partner_id = invoiced.partner_id""",
            today=today, only=self._only_sql(SQL("m.commercial_partner_id"), spans),
            overdue=overdue._sql(spans.partner_ids, days=int(options['threshold'] or 1))))

    @api.model
    def _say_payment(self, found, options):
        if found.value <= 0:
            return self.env._("Nothing is overdue")
        return self.env._(
            "Payment is %(days)s overdue (instalments count, open credit deducted)",
            days=in_days(self.env, round(found.value)))

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    @api.model
    def _latest_judgement_sql(self, model, spans, detail=None):
        """Return SQL for the latest judgement of each customer.

        :param str model: a ``customer.judgement``
        :param SQL detail: what it says besides, of a judgement ``p``; None for nothing
        """
        judgements = self.env[model]
        judgements.flush_model()
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, %(value)s::numeric AS value, p.date AS day, p.id AS res_id%(detail)s
                 FROM %(spans)s s
                 JOIN %(table)s p ON p.partner_id = s.partner_id AND p.date <= s.stop
                WHERE %(seen)s
             ORDER BY s.id, p.date DESC, p.id DESC""",
            value=SQL.identifier('p', judgements._judgement), table=SQL.identifier(judgements._table), spans=spans.table,
            detail=SQL(", %s AS detail", detail) if detail else SQL(), seen=self._seen_sql(model, SQL("p.id"), spans))

    @api.model
    def _satisfaction_sql(self, spans, options):
        """Return SQL for the latest judgement of each customer's satisfaction, 1 to 5, with what was said."""
        return self._latest_judgement_sql('customer.pulse', spans, SQL(
            """jsonb_strip_nulls(jsonb_build_object('said', COALESCE(
                   NULLIF(p.note, ''), (SELECT f.feedback FROM customer_followup f WHERE f.id = p.followup_id))))"""))

    @api.model
    def _say_satisfaction(self, found, options):
        """Return the judgement in a sentence."""
        names = dict(self.env['customer.pulse']._fields['score']._description_selection(self.env))
        return self.env._(
            "%(name)s (%(value)s of 5), judged on %(day)s", name=names[str(round(found.value))], value=round(found.value),
            day=format_date(self.env, found.day))

    @api.model
    def _left_sql(self, spans, options):
        """Return SQL for how many contact persons left in the span."""
        self.env['customer.person.change'].flush_model()
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value, max(c.date) AS day,
                      jsonb_build_object('names', jsonb_agg(
                          concat_ws(' · ', c.person_name, NULLIF(c.position, '')) ORDER BY c.id)) AS detail
                 FROM %(spans)s s
                 JOIN customer_person_change c ON c.partner_id = s.partner_id AND c.kind = ANY(%(left)s) AND c.undone_on IS NULL
                                              AND c.date BETWEEN s.start AND %(until)s
             GROUP BY s.id""", spans=spans.table, until=self._until_sql(), left=list(LEFT))

    @api.model
    def _say_left(self, found, options):
        """Return who left."""
        detail = found.detail or {}
        # warnings of before know them by their contacts
        people = self.env['res.partner'].browse(detail.get('people', ())).exists()
        names = detail.get('names') or people.mapped('name')
        if not names:
            return self.env._("A contact person left")
        return self.env._("Left: %(people)s", people=format_list(self.env, names))

    @api.model
    def _influence_sql(self, spans, options):
        """Return SQL for the latest judgement of how much each customer counts in its industry, 1 to 4."""
        return self._latest_judgement_sql('customer.influence', spans)

    @api.model
    def _say_influence(self, found, options):
        names = dict(self.env['customer.influence']._fields['level']._description_selection(self.env))
        return self.env._(
            "%(name)s, judged on %(day)s", name=names[str(round(found.value))], day=format_date(self.env, found.day))

    # ------------------------------------------------------------
    # VALUE
    # ------------------------------------------------------------

    @api.model
    def _unbroken_sql(self, spans, options):
        """Years since the first order, or since the one with which a break ended; 0 while there is one.

        A break is longer than the days of the settings, and than so many times the customer's own mean interval; of who buys in
        one season of the year longer than to the same season of the next. The value is of the day that is counted from, and in a
        break of that of the last order.
        """
        churn, today = self.env['customer.churn'], SQL("%s::date", fields.Date.context_today(self))
        setting = self.env['res.config.settings']._customer_success
        return self._of_customers_sql(spans, SQL(
            """SELECT partner_id, CASE WHEN broken THEN 0 ELSE GREATEST(%(today)s - since, 0) / %(year)s END AS value,
                      CASE WHEN broken THEN last_day ELSE since END AS day
                 FROM (SELECT d.id AS partner_id, max(d.last) AS last_day,
                              bool_or(%(today)s - d.last > r.longest_usual) AS broken,
                              COALESCE(max(d.day) FILTER (WHERE d.pause > r.longest_usual), min(d.first)) AS since
                         FROM (%(pauses)s) AS d
                         JOIN (SELECT r.partner_id, GREATEST(
                                          %(days)s, %(gap)s::float8 * COALESCE(%(usual)s, 0),
                                          CASE WHEN r.season_day IS NOT NULL THEN %(season)s ELSE 0 END) AS longest_usual
                                 FROM customer_rhythm r) AS r ON r.partner_id = d.id
                     GROUP BY d.id) AS found""",
            today=today, year=YEAR + 0.25, days=setting('value_break_days'), gap=setting('value_break_gap'),
            usual=churn._usual_sql(), season=YEAR + LATE,
            pauses=churn._pauses_sql(churn._purchase_days_sql(partner_ids=spans.partner_ids))))

    @api.model
    def _say_unbroken(self, found, options):
        day = format_date(self.env, found.day)
        if found.value <= 0:
            return self.env._("In a break: no order since %(day)s", day=day)
        return self.env._("Without a break since %(day)s", day=day)

    @api.model
    def _value_score_sql(self, spans, options):
        """Return SQL for the value score on the last day of spans."""
        return self._value_sql(spans, SQL.identifier('score'))

    @api.model
    def _expected_value_sql(self, spans, options):
        """Return SQL for what customers may bring in twelve months, as it was estimated on the last day of spans."""
        return self._value_sql(spans, SQL.identifier('expected_value'))

    @api.model
    def _value_sql(self, spans, column):
        """Return SQL for a figure of ``customer.value``; of days before its own, that at the end of the last whole month."""
        values, history = self.env['customer.value'], self.env['customer.value.history']
        values.flush_model()
        history.flush_model()
        return SQL(
            """SELECT s.id AS span_id, CASE WHEN v.id IS NULL THEN h.%(column)s ELSE v.%(column)s END AS value
                 FROM %(spans)s s
            LEFT JOIN customer_value v ON v.partner_id = s.partner_id AND v.date <= s.stop AND %(seen)s
    LEFT JOIN LATERAL (SELECT h.%(column)s FROM customer_value_history h
                        WHERE v.id IS NULL AND h.partner_id = s.partner_id AND h.month + interval '1 month' <= s.stop + 1
                          AND %(history_seen)s
                     ORDER BY h.month DESC LIMIT 1) h ON TRUE
                WHERE CASE WHEN v.id IS NULL THEN h.%(column)s ELSE v.%(column)s END IS NOT NULL""",
            column=column, spans=spans.table, seen=self._seen_sql('customer.value', SQL("v.id"), spans),
            history_seen=self._seen_sql('customer.value.history', SQL("h.id"), spans))

    # ------------------------------------------------------------
    # USAGE
    # ------------------------------------------------------------

    @api.model
    def _usage_sql(self, spans, options):
        """Return SQL for what the readings of a metric say; it is as old as the last of them, and where Odoo
        counts itself, as the night that did so last: no reading is then as good as one.

        A sum of nothing is 0 for customers who had readings before, so that somebody who stops is not unknown. A trend
        needs something in the period before. What Odoo counts itself is unknown until it was counted for the whole of the
        periods, unless ``part`` of them is enough.
        """
        metric, kind = options['metric_id'], options['reading_kind']
        self.env['customer.reading'].flush_model(['partner_id', 'metric_id', 'date', 'value'])
        only, today = self._only_sql(SQL("customer_reading.partner_id"), spans), fields.Date.context_today(self)
        if kind == 'latest':
            return self._of_customers_sql(spans, SQL(
                """SELECT DISTINCT ON (partner_id) partner_id, value::numeric AS value, date AS day
                     FROM customer_reading
                    WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s
                 ORDER BY partner_id, date DESC""", metric=metric.id, today=today, only=only))
        if not options.get('part') and not self._is_whole(options):
            return SQL("SELECT NULL::int AS span_id, NULL::numeric AS value, NULL::date AS day WHERE FALSE")
        counted = metric.source and metric.taken_on
        return self._of_customers_sql(spans, SQL(
            """SELECT partner_id, value, GREATEST(as_of, %(counted)s::date) AS day
                 FROM (SELECT partner_id, %(value)s AS value, max(date) AS as_of
                         FROM (%(readings)s) AS readings
                     GROUP BY partner_id) AS period
                WHERE value IS NOT NULL""",
            value=self._usage_value_sql(options), readings=self._readings_sql(options, only), counted=counted or None))

    @api.model
    def _usage_value_sql(self, options):
        """Return SQL for the value of a customer's readings, those of :meth:`_readings_sql`."""
        adds_up, kind, window_days = options['metric_id'].kind == 'count', options['reading_kind'], options['window_days']
        now, before = (self._of_period_sql(window_days, kind != 'average' and adds_up, number) for number in (0, 1))
        if kind == 'trend':
            # a count of which nothing came is 0, a level is unknown then
            now = SQL("COALESCE(%s, 0)", now) if adds_up else now
            return SQL("round(100 * (%(now)s - %(before)s) / NULLIF(GREATEST(%(before)s, 0), 0), 4)", now=now, before=before)
        if kind == 'sum':
            return SQL("round(COALESCE(%s, 0), 4)", self._of_period_sql(window_days, True, 0))
        return SQL("round(%s, 4)", now)

    @api.model
    def _of_period_sql(self, window_days, adds_up, number):
        """Return SQL for the readings of a period, those of :meth:`_readings_sql` grouped by customer.

        :param int window_days: of a period
        :param bool adds_up: sum them, else take their mean
        :param int number: 0 for the last period, 1 for the one before
        """
        start, stop = SQL("(stop - %s)", window_days * (number + 1)), SQL("(stop - %s)", window_days * number)
        if not adds_up:
            return SQL("avg(value) FILTER (WHERE date > %s AND date <= %s)", start, stop)
        return SQL(
            """sum(value * (LEAST(date, %(stop)s) - GREATEST(date - share, %(start)s))::numeric / share)
                   FILTER (WHERE date > %(start)s AND date - share < %(stop)s)""", start=start, stop=stop)

    @api.model
    def _readings_sql(self, options, only):
        """Return SQL with the readings of the metric: ``partner_id``, ``date``, ``value``; of how many days each one is
        (``share``), and the last day of the period (``stop``).

        Constant use is constant. Where readings come in a rhythm, a weekly one is of seven days, and a period that begins in
        the midst of them takes its part of it; and the period ends with the last reading, as long as the next one is not
        due. Of a day that is not over nothing is counted where there is a reading a day.

        What Odoo counts itself is of its own day, and known of whole days until the last night.

        :param SQL only: a condition after AND
        """
        metric, days = options['metric_id'], options['window_days']
        if metric.source:
            return self._counted_sql(metric, only)
        today = fields.Date.context_today(self)
        daily = SQL("%s AND step = 1", metric.kind == 'count')
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
                    WHERE metric_id = %s AND date <= %s %s""", metric.id, today, only))

    @api.model
    def _counted_until(self, metric):
        """Return the last day of which all is known that Odoo counts itself."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(min(today, metric.taken_on or today), days=1)

    @api.model
    def _is_whole(self, options):
        """Return whether all was counted in the periods that are looked at."""
        metric, periods = options['metric_id'], 2 if options['reading_kind'] == 'trend' else 1
        begin = fields.Date.subtract(self._counted_until(metric), days=periods * options['window_days'] - 1)
        return not metric.whole_from or begin >= metric.whole_from

    @api.model
    def _counted_sql(self, metric, only):
        """Return SQL with what Odoo counted itself, as :meth:`_readings_sql`."""
        return SQL(
            """SELECT partner_id, date, value::numeric AS value, 1 AS share, %(stop)s::date AS stop
                 FROM customer_reading
                WHERE metric_id = %(metric)s AND date <= %(today)s %(only)s""",
            stop=self._counted_until(metric), metric=metric.id, today=fields.Date.context_today(self), only=only)

    @api.model
    def _say_usage(self, found, options):
        """Return what the readings say in a sentence."""
        metric, kind = options['metric_id'], options['reading_kind']
        number = float_repr(found.value, 4).rstrip('0').rstrip('.')
        values = {
            'metric': metric.name, 'days': options['window_days'], 'day': format_date(self.env, found.day),
            'value': ' '.join(filter(None, (number, metric.unit))), 'change': f'{round(found.value):+d}',
        }
        if kind == 'latest':
            return self.env._("%(metric)s: %(value)s on %(day)s", **values)
        if metric.source:
            return self._say_counted(kind, values)
        if kind == 'sum':
            return self.env._("%(metric)s: %(value)s in %(days)s days, last reading on %(day)s", **values)
        if kind == 'average':
            return self.env._("%(metric)s: %(value)s on average in %(days)s days, last reading on %(day)s", **values)
        return self.env._(
            "%(metric)s: %(change)s%% against the %(days)s days before, last reading on %(day)s", **values)

    @api.model
    def _say_counted(self, kind, values):
        """Return what Odoo counted itself in a sentence."""
        if kind == 'sum':
            return self.env._("%(metric)s: %(value)s in %(days)s days, counted on %(day)s", **values)
        if kind == 'average':
            return self.env._(
                "%(metric)s: %(value)s on average on the days with any, in %(days)s days, counted on %(day)s", **values)
        return self.env._("%(metric)s: %(change)s%% against the %(days)s days before, counted on %(day)s", **values)

    # ------------------------------------------------------------
    # WHAT TO OFFER
    # ------------------------------------------------------------

    @api.model
    def _open_offers_sql(self, spans, options):
        """How many offers somebody has to do something about, and the likeliest of them."""
        return SQL(
            """SELECT s.id AS span_id, count(*) AS value, (array_agg(o.id ORDER BY o.place, o.id))[1] AS res_id
                 FROM %(spans)s s
                 JOIN customer_offer o ON o.partner_id = s.partner_id AND o.state = 'open'
                WHERE %(seen)s
             GROUP BY s.id""", spans=spans.table, seen=self._seen_sql('customer.offer', SQL("o.id")))

    @api.model
    def _say_open_offers(self, found, options):
        """Return the likeliest offer with its reason, and how many more there are."""
        offer, more = self.env['customer.offer'].browse(found.res_id or ()).exists(), round(found.value or 0) - 1
        if not offer:
            return self.env._("Nothing is to be offered")
        said = self.env._("%(product)s: %(why)s", product=offer.display_name, why=offer.evidence)
        if more < 1:
            return said
        return plural(
            more, self.env._("%(said)s, and one more", said=said),
            self.env._("%(said)s, and %(count)s more", said=said, count=more))

    @api.model
    def _cross_sell_sql(self, spans, options):
        """What similar customers spend a year on what is offered, put off or quoted: medians, added up. Unknown without any."""
        return SQL(
            """SELECT s.id AS span_id, sum(o.amount) AS value, count(*) AS count
                 FROM %(spans)s s
                 JOIN customer_offer o ON o.partner_id = s.partner_id AND o.state IN ('open', 'later', 'quoted')
                WHERE %(seen)s
             GROUP BY s.id""", spans=spans.table, seen=self._seen_sql('customer.offer', SQL("o.id")))

    # ------------------------------------------------------------
    # RISK AND SCORE
    # ------------------------------------------------------------

    @api.model
    def _churn_sql(self, spans, options):
        """100 × (1 − the chance to buy again) on the last day of the span, by the churn model in use and the purchases until
        then; unknown without a model in use, and for who bought once or never."""
        return SQL(
            """SELECT id AS span_id, value, purchases AS count
                 FROM (SELECT r.id, r.purchases, %(percent)s AS value
                         FROM (SELECT s.id, s.stop, count(*) AS purchases, min(d.day) AS first_day, max(d.day) AS last_day
                                 FROM %(spans)s s
                                 JOIN (SELECT DISTINCT partner_id, day FROM %(purchases)s AS bought WHERE counts) d
                                      ON d.partner_id = s.partner_id AND d.day <= s.stop
                             GROUP BY s.id, s.stop) AS r) AS chance
                WHERE value IS NOT NULL""",
            percent=self.env['customer.churn']._percent_sql(SQL("r.stop")), spans=spans.table,
            purchases=self._purchases_sql(spans))

    @api.model
    def _health_sql(self, spans, options):
        """The score in force on the last day of the span; unknown where there was none."""
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, h.score AS value, 1 AS count
                 FROM %(spans)s s
                 JOIN customer_health_snapshot h ON h.partner_id = s.partner_id AND h.date <= s.stop
                      AND (h.date_end IS NULL OR h.date_end >= s.stop)
                WHERE h.score IS NOT NULL
             ORDER BY s.id, h.date DESC""", spans=spans.table)
