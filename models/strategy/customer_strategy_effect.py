import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import effect
from ..base.customer_fact import Span
from ..base.local_day import in_company_zone
from .customer_strategy_adjustment_kpi import VALUES

_logger = logging.getLogger(__name__)

#: Adjustments measured in one transaction.
BATCH = 50


class CustomerStrategyEffect(models.AbstractModel):
    """Measures whether an adjustment helped (STR-4); the arithmetic is in :mod:`engine.effect`.

    1. At approval :meth:`_freeze_before` keeps each KPI of the customer, over as many days before as the new cycle is long,
       and its mean over the customers that are in the same segment on that day.
    2. When the first cycle of the new version is over, :meth:`_cron_measure` measures the customer and **the same** other
       customers over the days of that cycle, and writes net effect and verdict.

    Who is compared with is kept by name (``cohort_ids``), so that it is the same customers on both sides whatever happens to
    the segment; of a large segment a part chosen by chance. Customers whose own strategy was adjusted from the first day
    before to the last day after are left out: what they do is not what happens by itself. Who was adjusted after the approval
    is only known in the end; then both sides are measured anew without them.

    KPIs entered by hand, also in place of what is measured, are not measured for the customer: *before* is what was known at
    submission, *after* what was entered for the new version; people enter the rest.
    """

    _name = 'customer.strategy.effect'
    _description = "Effect of Strategy Adjustments"

    # ------------------------------------------------------------
    # BEFORE
    # ------------------------------------------------------------

    @api.model
    def _freeze_before(self, adjustments):
        """Keep how these adjustments' customers and their segments did before; called at approval.

        :param adjustments: ``customer.strategy.adjustment``; what was kept before is replaced
        """
        adjustments = adjustments.sudo()  # a segment holds customers of colleagues; only their mean is kept
        today = fields.Date.context_today(self)
        for adjustment in adjustments:
            adjustment.write({
                'before_start': fields.Date.subtract(today, days=adjustment.cycle_days),
                'before_stop': fields.Date.subtract(today, days=1),
            })
        self._lines(adjustments).write({f'has_{name}': False for name in VALUES})
        self._choose_cohort(adjustments)
        values = self._side_values(self._lines(adjustments), 'before')
        for line_id, line_values in values.items():
            self.env['customer.strategy.adjustment.kpi'].sudo().browse(line_id).write(line_values)  # as above

    @api.model
    def _choose_cohort(self, adjustments):
        """Keep which customers each of these adjustments is compared with: those of the same segment today.

        :param adjustments: with ``before_start``
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "DELETE FROM customer_strategy_cohort WHERE adjustment_id = ANY(%s)", adjustments.ids))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_strategy_cohort (adjustment_id, partner_id)
                    SELECT a.id, c.id
                      FROM customer_strategy_adjustment a
                      JOIN res_partner customer ON customer.id = a.partner_id
        CROSS JOIN LATERAL (SELECT p.id
                              FROM res_partner p
                             WHERE p.customer_managed IS TRUE AND p.customer_segment_id = customer.customer_segment_id
                               AND p.id <> customer.id AND NOT %(adjusted)s
                             -- by chance, and another chance for each adjustment
                          ORDER BY md5(p.id || '-' || a.id) LIMIT %(maximum)s) c
                     WHERE a.id = ANY(%(ids)s)""",
            adjusted=self._adjusted_sql(SQL("p.id"), fields.Date.context_today(self)), ids=adjustments.ids,
            maximum=self.env['res.config.settings']._customer_success('strategy_segment_maximum')))
        adjustments.invalidate_recordset(['cohort_ids'])
        cohorts = self._cohorts(adjustments)
        for adjustment in adjustments:
            adjustment.write({'cohort_size': len(cohorts[adjustment.id]), 'cohort_left_out': 0})

    @api.model
    def _adjusted_sql(self, partner, last_day):
        """Return SQL for whether a strategy of a customer was adjusted from the first day before of ``a`` to a day.

        :param SQL partner: id of the customer
        :param last_day: SQL or a date
        """
        return SQL(
            """EXISTS (SELECT FROM customer_strategy_adjustment o
                        WHERE o.partner_id = %s AND o.applied_on BETWEEN a.before_start AND %s)""", partner, last_day)

    # ------------------------------------------------------------
    # AFTER
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_measure(self):
        """Nightly: measure what the adjustments brought whose first cycle is over."""
        with self.env['customer.run']._measure('effect') as run:
            counts = dict.fromkeys(('effective', 'partly', 'not', 'unknown', 'failed'), 0)
            adjustments = self.env['customer.strategy.adjustment']

            def measure():
                batch = adjustments.search(
                    self._due_domain(), order='after_stop, id', limit=BATCH).try_lock_for_update()
                for key, value in self._measure(batch).items():
                    counts[key] += value
                return len(batch)  # none: another process does it

            self.env['customer.routine']._repeat(measure, lambda: adjustments.search_count(self._due_domain()))
            run['failed'] = counts['failed']
            run['done'] = sum(counts.values()) - counts['failed']
            run['note'] = self.env._(
                "%(effective)s effective, %(partly)s partly, %(not)s not effective, %(unknown)s not known, "
                "%(failed)s set aside", **counts)

    @api.model
    def _due_domain(self):
        """Return the domain of the adjustments whose first cycle is over and not measured; what failed today is not tried
        again today."""
        today = fields.Date.context_today(self)
        return Domain([
            ('state', '=', 'applied'), ('after_stop', '<', today), ('measured_on', '=', False),
            ('effect_failed_on', '!=', today)])

    @api.model
    def _measure(self, adjustments):
        """Measure what came of adjustments, write it with the verdict, and ask the owners to review it.

        The figures of all of them come from a few statements for each KPI. Each is written by itself: one that can't be is
        set aside with the reason, and tried again on the next day.

        :param adjustments: ``customer.strategy.adjustment`` with ``after_start`` and ``after_stop``
        :return: how many got each verdict, and how many ``failed``
        :rtype: dict[str, int]
        """
        adjustments = adjustments.sudo()  # a segment holds customers of colleagues; only their mean is kept
        counts = {}
        sizes = self._leave_out_adjusted(adjustments)
        lines = self._lines(adjustments)
        values = self._side_values(lines, 'after')
        shrunk = lines.filtered(lambda line: sizes[line.adjustment_id.id] != line.adjustment_id.cohort_size)
        for line_id, line_values in self._side_values(shrunk, 'before', own=False).items():
            values[line_id] |= line_values
        measured = adjustments.browse()
        for adjustment in adjustments:
            if self._write_one(adjustment, values, sizes[adjustment.id]):
                measured += adjustment
                counts[adjustment.verdict] = counts.get(adjustment.verdict, 0) + 1
            else:
                counts['failed'] = counts.get('failed', 0) + 1
        self.env['customer.adjustment.asker']._ask_for_review(measured)
        return counts

    @api.model
    def _write_one(self, adjustment, values, cohort_size):
        """Write what was measured of one adjustment; return whether that worked.

        :param dict values: see :meth:`_side_values`
        :param int cohort_size: how many customers are left to compare with
        """
        def write():
            for line in self._lines(adjustment):
                line.write(values[line.id])
            adjustment.write({
                'measured_on': fields.Date.context_today(self), 'cohort_size': cohort_size,
                'cohort_left_out': adjustment.cohort_left_out + adjustment.cohort_size - cohort_size,
                'effect_problem': False, 'effect_failed_on': False,
            })
            self._evaluate(adjustment)
            return True

        def set_aside(error):
            _logger.exception("The effect of adjustment %s can't be measured", adjustment.id)
            adjustment.write({
                'effect_problem': str(error) or type(error).__name__,
                'effect_failed_on': fields.Date.context_today(self)})
            return False

        return self.env['customer.routine']._attempt(write, set_aside)

    @api.model
    def _leave_out_adjusted(self, adjustments):
        """Leave out of what these adjustments are compared with who was adjusted itself meanwhile.

        :return: how many customers are left, by id of the adjustment
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """DELETE FROM customer_strategy_cohort c
                     USING customer_strategy_adjustment a
                     WHERE a.id = c.adjustment_id AND a.id = ANY(%s)
                       -- a merged contact can be the customer itself by now
                       AND (c.partner_id = a.partner_id OR %s)""",
            adjustments.ids, self._adjusted_sql(SQL("c.partner_id"), SQL("a.after_stop"))))
        adjustments.invalidate_recordset(['cohort_ids'])
        return {adjustment_id: len(ids) for adjustment_id, ids in self._cohorts(adjustments).items()}

    @api.model
    def _evaluate(self, adjustments):
        """Write what follows from the four values of each KPI: change, net effect and verdicts.

        Called when they were measured, and when somebody enters one afterwards. The limits of the first time are kept, so
        that a changed setting does not change what was said.
        """
        setting = self.env['res.config.settings']._customer_success
        for adjustment in adjustments.sudo():  # people don't write what is computed
            effective = adjustment.effective_from or setting('strategy_effective_percent')
            partly = adjustment.partly_from or setting('strategy_partly_percent')
            weighted = []
            for line in self._lines(adjustment):
                result = effect.line(
                    *(line[name] if line[f'has_{name}'] else None
                      for name in ('before', 'after', 'segment_before', 'segment_after')),
                    line.new_target, line.better, effective=effective, partly=partly)
                weighted.append((line.weight, result.net_percent))
                line.write({
                    'change': result.change or 0, 'segment_change': result.segment_change or 0, 'net': result.net or 0,
                    'net_percent': result.net_percent or 0, 'verdict': result.verdict})
            total = effect.overall(weighted, effective, partly, setting('strategy_known_percent'))
            adjustment.write({
                'net_percent': total.net_percent or 0, 'effect_known_percent': total.known_percent,
                'verdict': total.verdict, 'effective_from': effective, 'partly_from': partly})

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    @api.model
    def _lines(self, adjustments):
        """Return the KPIs that the new version has: what was dropped is not judged."""
        return adjustments.kpi_ids.filtered(lambda line: not line.is_dropped)

    @api.model
    def _cohorts(self, adjustments):
        """Return the ids of the customers that each adjustment is compared with, by id of the adjustment."""
        rows = self.env.execute_query(SQL(
            """SELECT adjustment_id, array_agg(partner_id ORDER BY partner_id) FROM customer_strategy_cohort
                WHERE adjustment_id = ANY(%s) GROUP BY adjustment_id""", adjustments.ids))
        return {**dict.fromkeys(adjustments.ids, []), **dict(rows)}

    @api.model
    def _side_values(self, lines, side, own=True):
        """Return what customers and their segments did before or after, with a few statements for each KPI.

        :param lines: ``customer.strategy.adjustment.kpi``
        :param str side: ``before`` or ``after``
        :param own: whether the customer itself is measured, or only the segment
        :return: what to write, by id of the line
        :rtype: dict[int, dict]
        """
        minimum = self.env['res.config.settings']._customer_success('strategy_segment_minimum')
        cohorts = self._cohorts(lines.adjustment_id)
        values = {line.id: {} for line in lines}
        for kpi, kpi_lines in lines.grouped('kpi_id').items():
            if not kpi._is_measured():
                if own:
                    for line in kpi_lines:
                        values[line.id] = line._entered_elsewhere(side)
                continue
            days = {line: (line.adjustment_id[f'{side}_start'], line.adjustment_id[f'{side}_stop']) for line in kpi_lines}
            if own:
                by_hand = kpi_lines.filtered(lambda line: line._is_by_hand(side))
                for line in by_hand:
                    values[line.id] |= line._entered_elsewhere(side)
                actuals = kpi._measure([
                    Span(line.id, line.adjustment_id.partner_id.id, *days[line]) for line in kpi_lines - by_hand])
                for line in kpi_lines - by_hand:
                    actual = actuals.get(line.id)
                    values[line.id] |= {side: actual.value if actual else 0, f'has_{side}': actual is not None}
            means = kpi._measure_means([
                (line.id, cohort, *days[line]) for line in kpi_lines if (cohort := cohorts[line.adjustment_id.id])])
            for line in kpi_lines:
                mean, known = means.get(line.id, (None, 0))
                is_known = mean is not None and known >= minimum
                values[line.id] |= {f'segment_{side}': mean if is_known else 0, f'has_segment_{side}': is_known}
        return values
