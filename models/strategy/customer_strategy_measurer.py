from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import attainment as engine
from ..base.customer_fact import Span, array
from ..base.local_day import in_company_zone

#: So many strategies are measured in one transaction.
BATCH = 5000

#: What of a line and of a strategy is read, and written where it changed.
LINE_FIELDS = ('actual', 'has_actual', 'facts', 'due', 'is_judged', 'attainment')
STRATEGY_FIELDS = ('attainment', 'known_percent', 'grade_id', 'effect_id', 'measured_on')

#: Values are compared with what is stored; beyond this, binary fractions differ from night to night.
DIGITS = 6


class CustomerStrategyMeasurer(models.AbstractModel):
    """Finds out whether strategies work: the actual values of their KPIs, the attainment, the grade (STR-2).

    Whatever the number of strategies, it takes a few statements: one reads them with their KPIs, one for each KPI measures
    it over the days of all of them, and two write what changed. How values become a grade is said by ``engine.attainment``
    alone.

    A strategy that runs is measured every night. One that is over is measured a last time when it ends, over all its days;
    from then on it stays as it is, but for values that somebody enters late. Values entered by hand are never measured over.
    While a KPI can't be measured it is not known; a strategy that is over keeps what was measured before.
    """

    _name = 'customer.strategy.measurer'
    _description = "Measures Strategies"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_measure(self):
        """End the cycles that are over, then measure what runs and was not measured today, one transaction per batch."""
        with self.env['customer.run']._measure('strategy') as run:
            run['done'] += self.env['customer.strategy.cycle']._end_cycles()

            def measure(strategies):
                run['done'] += self._measure(strategies)

            self.env['customer.routine']._work_through(self._due(), measure, BATCH)
            run['failed'] = self.env['customer.kpi'].search_count([('problem', '!=', False)]) if run['done'] else 0
            run['note'] = self.env._("strategies measured: %(count)s", count=run['done'])

    @api.model
    def _due(self):
        """Return the strategies that run and were not measured today."""
        today = fields.Date.context_today(self)
        return self.env['customer.strategy'].search(
            [('state', '=', 'active'), '|', ('measured_on', '=', False), ('measured_on', '!=', today)], order='id')

    @api.model
    def _measure(self, strategies):
        """Measure the KPIs of strategies that have begun, and judge them.

        :param strategies: customer.strategy, in any number
        :return: how many were measured
        """
        lines = self._read_lines(strategies)
        self._take_actuals(lines)
        return self._conclude(strategies, lines)

    @api.model
    def _as_of(self, strategies, day):
        """Measure how strategies that had begun stood at the end of a day gone by, and write nothing. Values entered by hand
        are those of today.

        :param strategies: customer.strategy, in any number
        :param date day: the day
        :return: attainment and id of the grade by the rule, by strategy id; and by id of the KPI in a strategy its actual
            value, whether there is one, and how far it came
        :rtype: tuple[dict[int, tuple], dict[int, tuple]]
        """
        lines = self._read_lines(strategies)
        for line in lines:
            if line['state'] == 'done':
                # nobody knew then that it would be cut short
                agreed = fields.Date.add(line['date_start'], days=line['cycle_days'] - 1)
                line.update(state='active', date_end=max(line['date_end'], agreed))
        self._take_actuals(lines, day)
        self._judge_lines(lines, day)
        return (
            {row[0]: (row[1], row[3]) for row in self._standings(strategies, lines)},
            {line['id']: (line['actual'], line['has_actual'], line['attainment']) for line in lines})

    @api.model
    def _grade(self, strategies):
        """Judge strategies by the values that are known, measuring nothing.

        :return: how many were judged
        """
        return self._conclude(strategies, self._read_lines(strategies))

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _read_lines(self, strategies):
        """Return the KPIs of strategies that have begun.

        :rtype: list[dict]
        """
        for model in ('customer.strategy', 'customer.strategy.kpi'):
            self.env[model].flush_model()
        self.env.cr.execute(SQL(
            """SELECT l.id, l.strategy_id, l.kpi_id, l.target, l.weight, l.by_hand, l.actual,
                      COALESCE(l.has_actual, FALSE) AS has_actual, l.facts, l.due, l.is_judged, l.attainment,
                      s.partner_id, s.date_start, s.date_end, s.state, s.cycle_days
                 FROM customer_strategy_kpi l JOIN customer_strategy s ON s.id = l.strategy_id
                WHERE s.state <> 'draft' AND s.id = ANY(%s::int[])
             ORDER BY l.strategy_id, l.id""", array(strategies.ids)))
        lines = self.env.cr.dictfetchall()
        for line in lines:
            line['stored'] = tuple(line[name] for name in LINE_FIELDS)
        return lines

    @api.model
    def _take_actuals(self, lines, last_day=None):
        """Measure the KPIs of these lines, of all strategies together, and put the actual values in.

        :param lines: see :meth:`_read_lines`
        :param date last_day: the last day that counts, where that is not the last one of the strategy
        """
        by_kpi = defaultdict(list)
        for line in lines:
            if not line['by_hand']:
                by_kpi[line['kpi_id']].append(line)
        kpis = self.env['customer.kpi'].browse(by_kpi).filtered(lambda kpi: kpi._is_measured())
        wanted = {
            kpi: [Span(line['id'], line['partner_id'], line['date_start'], min(last_day or line['date_end'], line['date_end']))
                  for line in by_kpi[kpi.id]]
            for kpi in kpis}
        for kpi, found in kpis._measure_all(wanted).items():
            for line in by_kpi[kpi.id]:
                if found is None and line['state'] == 'done':
                    continue
                actual = (found or {}).get(line['id'])
                line['has_actual'] = actual is not None
                line['actual'] = round(actual.value, DIGITS) if actual else 0.0
                line['facts'] = actual.facts if actual else 0

    # ------------------------------------------------------------
    # JUDGING
    # ------------------------------------------------------------

    @api.model
    def _conclude(self, strategies, lines):
        """Judge strategies by the actual values of their lines, and write what changed.

        :return: how many strategies were judged
        """
        self._judge_lines(lines, fields.Date.context_today(self))
        self._write_lines([line for line in lines if line['stored'] != tuple(line[name] for name in LINE_FIELDS)])
        return self._write_strategies(strategies, lines)

    @api.model
    def _judge_lines(self, lines, today):
        """Put into lines what is owed on a day, and how far they came."""
        cap = self.env['res.config.settings']._customer_success('strategy_attainment_cap')
        kpis = self.env['customer.kpi'].browse({line['kpi_id'] for line in lines})
        sources = kpis._sources()
        rules = {kpi.id: (kpi.better, kpi.unit == 'count', (source := sources.get(kpi.source)) and source.additive)
                 for kpi in kpis}
        for line in lines:
            self._judge_line(line, *rules[line['kpi_id']], cap, today)

    @api.model
    def _judge_line(self, line, better, whole, additive, cap, today):
        """Put into a line what is owed and how far it came.

        :param dict line: see :meth:`_read_lines`
        :param better: direction of the KPI
        :param whole: whether it is counted in whole pieces
        :param additive: whether it grows over the days, where it is measured
        :param cap: percent that it counts at most
        :param today: the day
        """
        additive = additive and not line['by_hand']
        done = line['state'] == 'done'
        days = (line['date_end'] - line['date_start']).days + 1
        elapsed = days if done else (today - line['date_start']).days + 1
        agreed = max(line['cycle_days'] if done else 0, days)
        line['due'] = round(engine.owed(line['target'], bool(additive), elapsed, agreed, whole), DIGITS)
        percent = None
        if line['has_actual'] and line['target'] > 0:
            if line['due'] > 0:
                percent = engine.attainment(line['due'], line['actual'], better, cap)
            elif line['actual'] > 0:
                percent = float(cap)  # nothing is owed yet, and there is something
        line['is_judged'] = percent is not None
        line['percent'] = percent
        line['attainment'] = None if percent is None else round(percent, 1)

    @api.model
    def _write_lines(self, lines):
        """Write lines that changed."""
        if not lines:
            return
        self.env.cr.execute(SQL(
            """UPDATE customer_strategy_kpi l
                  SET actual = v.actual, has_actual = v.has_actual, facts = v.facts, due = v.due, is_judged = v.is_judged,
                      attainment = v.attainment, write_date = %s
                 FROM unnest(%s::int[], %s::float8[], %s::bool[], %s::int[], %s::float8[], %s::bool[], %s::numeric[])
                      AS v (id, actual, has_actual, facts, due, is_judged, attainment)
                WHERE l.id = v.id""",
            self.env.cr.now(), *(array(line[name] for line in lines) for name in ('id', *LINE_FIELDS))))
        self.env['customer.strategy.kpi'].browse(line['id'] for line in lines).invalidate_recordset(
            [*LINE_FIELDS, 'actual_text', 'explanation'])

    @api.model
    def _standings(self, strategies, lines):
        """Return rows of strategy id, attainment, known percent and id of the grade by the rule."""
        minimum = self.env['res.config.settings']._customer_success('strategy_known_percent')
        grades = self.env['customer.strategy.grade'].search([])
        minima = grades.mapped('minimum')
        by_strategy = defaultdict(list)
        for line in lines:
            by_strategy[line['strategy_id']].append((line['percent'], line['weight']))
        rows = []
        for strategy_id in strategies.ids:
            result = engine.overall(by_strategy[strategy_id], minimum)
            place = engine.grade(result.attainment, minima)
            rows.append((
                strategy_id, result.attainment, round(result.known_percent, DIGITS),
                None if place is None else grades[place].id))
        return rows

    @api.model
    def _write_strategies(self, strategies, lines):
        """Write attainment and grade of strategies where they changed.

        :return: how many strategies were judged
        """
        rows = self._standings(strategies, lines)
        if not rows:
            return 0
        self.env.cr.execute(SQL(
            """UPDATE customer_strategy s
                  SET attainment = v.attainment, known_percent = v.known_percent, grade_id = v.grade_id,
                      effect_id = COALESCE(s.grade_manual_id, v.grade_id), measured_on = %(today)s
                 FROM unnest(%(ids)s::int[], %(attainments)s::numeric[], %(known)s::float8[], %(grades)s::int[])
                      AS v (id, attainment, known_percent, grade_id)
                WHERE v.id = s.id AND s.state <> 'draft'
                  AND (s.attainment, s.known_percent, s.grade_id, s.effect_id, s.measured_on)
                      IS DISTINCT FROM (v.attainment, v.known_percent, v.grade_id,
                                        COALESCE(s.grade_manual_id, v.grade_id), %(today)s)""",
            today=fields.Date.context_today(self),
            **dict(zip(('ids', 'attainments', 'known', 'grades'), map(array, zip(*rows, strict=True)), strict=True))))
        written = self.env.cr.rowcount
        strategies.invalidate_recordset(list(STRATEGY_FIELDS))
        return written
