from odoo import api, models
from odoo.tools import SQL, format_date, formatLang
from odoo.tools.i18n import format_list

from ..health.customer_warning_rule import LEVELS
from ..platform.counted import days, plural
from .review_topic import ReviewTopic

#: So many KPIs are named in the sentence about a strategy.
KPIS = 2


class CustomerReviewTopics(models.AbstractModel):
    """What reviews say about strategies and their adjustments (STR-5)."""

    _name = 'customer.review.topics'
    _description = "Topics of Reviews about Strategies"

    @api.model
    def _topics(self):
        """Return what reviews say about strategies, see ``customer.review._topics``."""
        strategy, milestone = 'customer.strategy', 'customer.strategy.milestone'
        adjustment = 'customer.strategy.adjustment'
        return {
            'effect_good': ReviewTopic(
                'success', 10, strategy, self._effect_good_sql, self._describe_effect,
                lambda review, count: plural(
                    count, review.env._("… and one more strategy that works"),
                    review.env._("… and %(count)s more strategies that work", count=count))),
            'adjustment_helped': ReviewTopic(
                'success', 20, adjustment, self._adjustment_helped_sql, self._describe_adjustment_verdict,
                lambda review, count: plural(
                    count, review.env._("… and one more adjustment that helped"),
                    review.env._("… and %(count)s more adjustments that helped", count=count))),
            'milestone_reached': ReviewTopic(
                'success', 60, milestone, self._milestone_reached_sql, self._describe_milestone_reached,
                lambda review, count: plural(
                    count, review.env._("… and one more milestone reached"),
                    review.env._("… and %(count)s more milestones reached", count=count)), 'strategy_id'),
            'kpi_over': ReviewTopic(
                'success', 70, 'customer.strategy.kpi', self._kpi_over_sql, self._describe_kpi_over,
                lambda review, count: plural(
                    count, review.env._("… and one more KPI on target"),
                    review.env._("… and %(count)s more KPIs on target", count=count)), 'strategy_id'),
            'effect_poor': ReviewTopic(
                'shortfall', 20, strategy, self._effect_poor_sql, self._describe_effect,
                lambda review, count: plural(
                    count, review.env._("… and one more strategy that does not work"),
                    review.env._("… and %(count)s more strategies that do not work", count=count))),
            'adjustment_failed': ReviewTopic(
                'shortfall', 30, adjustment, self._adjustment_failed_sql, self._describe_adjustment_verdict,
                lambda review, count: plural(
                    count, review.env._("… and one more adjustment that did not help"),
                    review.env._("… and %(count)s more adjustments that did not help", count=count))),
            'adjustment_stuck': ReviewTopic(
                'shortfall', 60, adjustment, self._adjustment_stuck_sql, self._describe_adjustment_stuck,
                lambda review, count: plural(
                    count, review.env._("… and one more adjustment that waits"),
                    review.env._("… and %(count)s more adjustments that wait", count=count))),
            'milestone_missed': ReviewTopic(
                'shortfall', 70, milestone, self._milestone_missed_sql, self._describe_milestone_missed,
                lambda review, count: plural(
                    count, review.env._("… and one more milestone missed"),
                    review.env._("… and %(count)s more milestones missed", count=count)), 'strategy_id'),
        }

    # ------------------------------------------------------------
    # STRATEGIES
    # ------------------------------------------------------------

    def _good_grades(self):
        """Return the grades that are a success: the better half of those that do not count as failed."""
        passed = self.env['customer.strategy.grade'].search([('is_failure', '=', False)], order='minimum desc')
        return passed[:(len(passed) + 1) // 2]

    def _effect_sql(self, covered, grades, better_first):
        """Return SQL with the strategies that had one of some grades: those that ended in the time first, then those that
        run; with the KPIs that stand out, as ids and whether they are known to be behind.

        :param grades: customer.strategy.grade
        :param bool better_first: the best attainment comes first, else the worst
        """
        for model in ('customer.strategy.kpi', 'customer.strategy.grade'):
            self.env[model].flush_model()
        sign = SQL("1") if better_first else SQL("-1")
        return SQL(
            """SELECT c.review_id, c.partner_id, s.id,
                      CASE WHEN %(ended)s THEN 10000 ELSE 0 END + %(sign)s * COALESCE(%(attainment)s, 0),
                      jsonb_build_object(
                          'ended', %(ended)s, 'grade', %(effect)s, 'attainment', %(attainment)s, 'by_hand', %(by_hand)s,
                          'warning', CASE WHEN %(sign)s > 0 AND NOT %(ended)s THEN %(warning)s END,
                          'kpis', (
                          SELECT jsonb_agg(jsonb_build_array(k.id, k.actual)
                                           ORDER BY %(sign)s * k.attainment DESC, k.sequence, k.id)
                            FROM (SELECT k.id, k.sequence, v.actual, v.attainment
                                    FROM customer_strategy_kpi k
                                    %(values)s
                                   WHERE k.strategy_id = s.id AND v.has_actual
                                     AND CASE WHEN %(sign)s > 0 THEN v.attainment >= 100 ELSE v.attainment < 100 END
                                ORDER BY %(sign)s * v.attainment DESC, k.sequence, k.id
                                   LIMIT %(kpis)s) k))
                 FROM %(covered)s c
                 JOIN customer_strategy s ON s.partner_id = c.partner_id
                 %(standing)s
                WHERE %(effect)s = ANY(%(grades)s) AND %(ran)s""",
            covered=covered, grades=grades.ids, sign=sign, kpis=KPIS, ran=self._ran_sql(), warning=self._doubt_sql(),
            **self.env['customer.review.standing']._standing_sql())

    @api.model
    def _doubt_sql(self, signal=None):
        """Return SQL for the id of the worst warning that was open at the end of the time ``c`` beside a strategy ``s``, see
        ``customer.strategy._doubts_sql``.

        :param SQL signal: only of this kind, else as bad as the setting says or of the kind of one of the KPIs
        """
        level = self.env['res.config.settings']._customer_success('strategy_doubt_level')
        for model in ('customer.warning', 'customer.kpi'):
            self.env[model].flush_model()
        beside = SQL("w.signal = %s", signal) if signal else SQL(
            """(%s OR EXISTS (SELECT 1 FROM customer_strategy_kpi dk JOIN customer_kpi d ON d.id = dk.kpi_id
                              WHERE dk.strategy_id = s.id AND d.signal = w.signal))""",
            SQL("w.level >= %s", level) if level in dict(LEVELS) else SQL("FALSE"))
        return SQL(
            """(SELECT w.id FROM customer_warning w
                 WHERE w.partner_id = s.partner_id AND w.date <= c.stop AND (w.state <> 'closed' OR w.closed_on > c.stop)
                   AND %s
              ORDER BY w.level DESC, w.date DESC, w.id DESC LIMIT 1)""", beside)

    @api.model
    def _with_doubt(self, finding, text):
        """Return a sentence about a success with the warning that was open beside it."""
        warning = finding.review.env['customer.warning'].browse(finding.facts.get('warning'))
        return finding.review.env._(
            "%(text)s – but with an open warning since %(day)s: %(reason)s", text=text,
            day=format_date(finding.review.env, warning.date), reason=warning.reason or '') if warning else text

    def _ran_sql(self):
        """Return the SQL condition that the effect of a strategy (relation ``s``, standing ``n``) is one of the time (relation
        ``c``)."""
        return SQL(
            """s.state <> 'draft' AND GREATEST(s.date_start, s.started_on) <= c.stop AND (
                   s.state = 'done' AND s.date_end BETWEEN c.start AND c.stop
                   OR (s.state = 'active' OR s.date_end > c.stop)
                      AND (n.strategy_id IS NOT NULL OR s.measured_on >= c.start))""")

    def _effect_good_sql(self, covered):
        return self._effect_sql(covered, self._good_grades(), True)

    def _effect_poor_sql(self, covered):
        return self._effect_sql(covered, self.env['customer.strategy.grade'].search([('is_failure', '=', True)]), False)

    @api.model
    def _describe_effect(self, finding):
        strategy, facts, env = finding.record, finding.facts, finding.review.env
        values = {
            'customer': finding.partner.display_name,
            'grade': env['customer.strategy.grade'].browse(facts['grade']).name,
            'percent': formatLang(env, facts['attainment'] or 0, digits=0)}
        lines = {line.id: line for line in strategy.kpi_ids}  # read for all strategies at once
        kpis = [self._describe_kpi(lines[line_id], actual) for line_id, actual in facts['kpis'] or ()]
        if facts['by_hand']:
            return self._with_doubt(finding, env._(
                "%(customer)s: strategy judged “%(grade)s” by %(user)s: %(reason)s", **values,
                user=strategy.grade_user_id.name or '', reason=strategy.grade_reason or ''))
        if facts['ended']:
            text = env._(
                "%(customer)s: the strategy's cycle ended “%(grade)s”, %(percent)s %% of its targets", **values)
        else:
            text = env._("%(customer)s: the strategy stands at “%(grade)s”, %(percent)s %% of its targets", **values)
        if kpis:
            text = env._("%(text)s – %(kpis)s", text=text, kpis=format_list(env, kpis, style='unit'))
        return self._with_doubt(finding, text)

    @api.model
    def _describe_kpi(self, line, actual):
        """Return a KPI of a strategy with its actual value of the time and its target."""
        return line.env._(
            "%(kpi)s %(actual)s (%(target)s)", kpi=line.kpi_id.name, actual=line.kpi_id._format(actual),
            target=line.kpi_id._format_target(line.target))

    def _kpi_over_sql(self, covered):
        """Return SQL with the KPIs on target of strategies that are no success as a whole."""
        self.env['customer.strategy'].flush_model()
        self.env['customer.kpi'].flush_model(['better'])
        return SQL(
            """SELECT c.review_id, c.partner_id, k.id, abs(v.actual / NULLIF(k.target, 0) - 1),
                      jsonb_build_object('actual', v.actual, 'grade', %(effect)s, 'warning', %(warning)s)
                 FROM %(covered)s c
                 JOIN customer_strategy s ON s.partner_id = c.partner_id
                 %(standing)s
                 JOIN customer_strategy_kpi k ON k.strategy_id = s.id
                 %(values)s
                 JOIN customer_kpi d ON d.id = k.kpi_id
                WHERE v.has_actual AND %(effect)s IS NOT NULL AND NOT %(effect)s = ANY(%(good)s) AND %(ran)s
                  AND CASE d.better WHEN 'higher' THEN v.actual >= k.target ELSE v.actual <= k.target END""",
            covered=covered, good=self._good_grades().ids, ran=self._ran_sql(), warning=self._doubt_sql(SQL("d.signal")),
            **self.env['customer.review.standing']._standing_sql())

    @api.model
    def _describe_kpi_over(self, finding):
        line, facts, env = finding.record, finding.facts, finding.review.env
        return self._with_doubt(finding, env._(
            "%(customer)s: %(kpi)s, on target though the strategy as a whole is “%(grade)s”",
            customer=finding.partner.display_name, kpi=self._describe_kpi(line, facts['actual']),
            grade=env['customer.strategy.grade'].browse(facts['grade']).name))

    # ------------------------------------------------------------
    # MILESTONES
    # ------------------------------------------------------------

    def _milestone_reached_sql(self, covered):
        self.env['customer.strategy'].flush_model()
        return SQL(
            """SELECT c.review_id, c.partner_id, m.id, m.date - m.done_on, '{}'::jsonb
                 FROM %(covered)s c
                 JOIN customer_strategy s ON s.partner_id = c.partner_id
                 JOIN customer_strategy_milestone m ON m.strategy_id = s.id
                WHERE m.done_on BETWEEN c.start AND c.stop""", covered=covered)

    @api.model
    def _describe_milestone_reached(self, finding):
        milestone, env = finding.record, finding.review.env
        late = (milestone.done_on - milestone.date).days
        values = {
            'customer': finding.partner.display_name, 'milestone': milestone.name,
            'day': format_date(env, milestone.done_on), 'days': days(env, abs(late))}
        if late > 0:
            return env._("%(customer)s: “%(milestone)s” reached on %(day)s, %(days)s late", **values)
        if late < 0:
            return env._("%(customer)s: “%(milestone)s” reached on %(day)s, %(days)s early", **values)
        return env._("%(customer)s: “%(milestone)s” reached on %(day)s, on the day", **values)

    def _milestone_missed_sql(self, covered):
        """Return SQL with the milestones of the time that were not reached by its end; those of drafts and of what was
        replaced or stopped before their day were given up."""
        self.env['customer.strategy'].flush_model()
        return SQL(
            """SELECT c.review_id, c.partner_id, m.id, c.stop - m.date, jsonb_build_object('days', c.stop - m.date)
                 FROM %(covered)s c
                 JOIN customer_strategy s ON s.partner_id = c.partner_id AND s.state <> 'draft'
                 JOIN customer_strategy_milestone m ON m.strategy_id = s.id
                WHERE m.date BETWEEN c.start AND c.stop AND m.date < c.today
                  AND (m.done_on IS NULL OR m.done_on > c.stop)
                  AND (s.state = 'active' OR s.date_end >= m.date)""", covered=covered)

    @api.model
    def _describe_milestone_missed(self, finding):
        milestone, env = finding.record, finding.review.env
        values = {
            'customer': finding.partner.display_name, 'milestone': milestone.name,
            'day': format_date(env, milestone.date), 'days': finding.facts['days']}
        return env._("%(customer)s: “%(milestone)s” was due on %(day)s and is not reached", **values)

    # ------------------------------------------------------------
    # ADJUSTMENTS
    # ------------------------------------------------------------

    def _verdict_sql(self, covered, verdicts, sign):
        """Return SQL with the adjustments that were found to have such an effect in the time."""
        return SQL(
            """SELECT c.review_id, c.partner_id, a.id, %(sign)s * COALESCE(a.net_percent, 0), '{}'::jsonb
                 FROM %(covered)s c
                 JOIN customer_strategy_adjustment a ON a.partner_id = c.partner_id
                WHERE a.verdict = ANY(%(verdicts)s) AND a.measured_on BETWEEN c.start AND c.stop""",
            covered=covered, verdicts=list(verdicts), sign=sign)

    def _adjustment_helped_sql(self, covered):
        return self._verdict_sql(covered, ('effective', 'partly'), 1)

    def _adjustment_failed_sql(self, covered):
        return self._verdict_sql(covered, ('not',), -1)

    @api.model
    def _describe_adjustment_verdict(self, finding):
        adjustment, env = finding.record, finding.review.env
        values = {
            'customer': finding.partner.display_name, 'number': adjustment.name or adjustment.display_name,
            'percent': formatLang(env, adjustment.net_percent, digits=0)}
        if adjustment.verdict == 'effective':
            return env._(
                "%(customer)s: the adjustment %(number)s helped, %(percent)s %% of the expected improvement", **values)
        if adjustment.verdict == 'partly':
            return env._(
                "%(customer)s: the adjustment %(number)s helped in part, %(percent)s %% of the expected improvement",
                **values)
        return env._(
            "%(customer)s: the adjustment %(number)s did not help, %(percent)s %% of the expected improvement", **values)

    def _adjustment_stuck_sql(self, covered):
        """Return SQL with the adjustments that were to apply by the end of the time and had not, and those that nobody had
        decided on for long by then."""
        return SQL(
            """SELECT c.review_id, c.partner_id, a.id,
                      CASE WHEN d.day <= c.stop THEN c.stop - a.date ELSE c.stop - d.submitted END,
                      jsonb_build_object('decided', COALESCE(d.day <= c.stop, FALSE))
                 FROM %(covered)s c
                 JOIN customer_strategy_adjustment a ON a.partner_id = c.partner_id AND a.state <> 'draft'
   CROSS JOIN LATERAL (SELECT CASE WHEN a.state = 'cancelled' THEN %(decided)s
                                   -- of what was submitted again, the former decision is over
                                   WHEN a.state <> 'submitted' THEN COALESCE(%(decided)s, '-infinity') END AS day,
                              %(submitted)s AS submitted) d
                WHERE (a.applied_on > c.stop OR a.applied_on IS NULL AND a.state NOT IN ('applied', 'reviewed'))
                  AND (a.state <> 'cancelled' OR a.cancelled_on > c.stop)
                  AND (d.day <= c.stop AND a.state <> 'refused' AND a.date <= c.stop AND a.date < c.today
                       OR COALESCE(d.day > c.stop, TRUE) AND d.submitted <= c.stop - c.warning_days)""",
            covered=covered, decided=self.env['customer.review.standing']._day_of_sql(
                SQL("a.decided_on"), SQL("a.decided_by_id"), SQL("a.company_id")),
            submitted=self.env['customer.review.standing']._day_of_sql(
                SQL("a.submitted_on"), SQL("a.submitted_by_id"), SQL("a.company_id")))

    @api.model
    def _describe_adjustment_stuck(self, finding):
        adjustment, env = finding.record, finding.review.env
        values = {'customer': finding.partner.display_name, 'number': adjustment.name or adjustment.display_name}
        if not finding.facts['decided']:
            return env._(
                "%(customer)s: the adjustment %(number)s waits for a decision since %(day)s", **values,
                day=format_date(env, adjustment.submitted_on))
        values['day'] = format_date(env, adjustment.date)
        if adjustment.problem:
            return env._(
                "%(customer)s: the adjustment %(number)s was to apply on %(day)s and has not: %(problem)s", **values,
                problem=adjustment.problem)
        return env._("%(customer)s: the adjustment %(number)s was to apply on %(day)s and has not", **values)
