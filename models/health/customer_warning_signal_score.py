import json
import math

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...engine import explanation
from ..platform.counted import days, points
from .warning_signal import Signal

#: Customers whose histories are held in memory together.
BATCH = 500

#: What is read of a stretch.
STRETCH = ('rules_id', 'scorecard_id', 'parts', 'score', 'computed', 'is_reference', 'in_window')

#: So many days a warning about a measure stands for what the measure does to the score, where its values never grow old.
STANDS_DAYS = 90

#: The signals of this file.
SCORES = ('score_level', 'score_drop', 'score_usage')

#: Points by which a sum of shares may miss a round number.
TOLERANCE = 0.005


class CustomerWarningSignalScore(models.AbstractModel):
    """The signals from the health score.

    A score also moves because rules were changed, because a value grew too old, or because a person set it by hand. None of
    that says anything new about the customer, so none of it alone raises a warning: what counts is what the score would be
    if only the data had changed (``customer.warning.monitor._data_change``).

    One cause makes one warning: what a measure does to the score is left out where a warning about that very measure was
    raised (an unhappy judgement, overdue payment, missing orders), and of several signals of the score the first one speaks.
    """

    _name = 'customer.warning.signal.score'
    _description = "Signals from the Health Score"

    @api.model
    def _signals(self):
        """Return what rules can look at of the score, see ``customer.warning.rule._signals``."""
        points = self.env._("points")
        return {
            'score_level': Signal(
                label=self.env._("Health below a level"), unit=points, sql=self._score_level_sql,
                describe=self._describe_score_level, margin=True, fact='health'),
            'score_drop': Signal(
                label=self.env._("Health fell"), unit=points, sql=self._score_drop_sql,
                describe=self._describe_score_drop, margin=True, window=True),
            'score_usage': Signal(
                label=self.env._("Health low and usage falling"), unit=points, sql=self._score_usage_sql,
                describe=self._describe_score_usage, margin=True, window=True),
        }

    # ------------------------------------------------------------
    # HISTORIES
    # ------------------------------------------------------------

    def _score_histories(self, rule, partner_ids, reference):
        """Yield customers with their scored stretches, from what they are compared with to now.

        :param rule: customer.warning.rule
        :param list[int] partner_ids: ids of customers
        :param SQL reference: condition on a stretch ``s``, where ``s.best`` is the best score of the days that the rule looks
            back; the history begins with the last one that meets it, with the first one under today's rules where none does,
            and reaches back as far as the rule looks back in any case
        :return: pairs of the customer's id and a list of dicts, the earliest first
        """
        for start in range(0, len(partner_ids), BATCH):
            rows = rule.env.execute_query(SQL(
                """WITH s AS (SELECT *, max(computed) FILTER (WHERE COALESCE(date_end, %(first_day)s) >= %(first_day)s)
                                            OVER (PARTITION BY partner_id) AS best
                                FROM customer_health_snapshot WHERE partner_id = ANY(%(ids)s) AND state = 'scored'),
                        reference AS (SELECT partner_id, max(date) AS date FROM s WHERE %(reference)s GROUP BY partner_id)
                 SELECT s.partner_id, s.rules_id, s.scorecard_id, s.parts, s.score, s.computed,
                        (s.date = reference.date) IS TRUE,
                        COALESCE(s.date_end, %(first_day)s) >= %(first_day)s
                   FROM s JOIN s AS now ON now.partner_id = s.partner_id AND now.date_end IS NULL
              LEFT JOIN reference ON reference.partner_id = s.partner_id
                  WHERE s.date >= reference.date OR COALESCE(s.date_end, %(first_day)s) >= %(first_day)s
                     OR reference.date IS NULL AND s.rules_id IS NOT DISTINCT FROM now.rules_id
                    AND s.scorecard_id IS NOT DISTINCT FROM now.scorecard_id
               ORDER BY s.partner_id, s.date""",
                ids=partner_ids[start:start + BATCH], reference=reference, first_day=rule._first_day()))
            histories = {}
            for partner_id, *row in rows:
                stretch = dict(zip(STRETCH, row, strict=True))
                for name in ('score', 'computed'):
                    stretch[name] = float(stretch[name] or 0)
                histories.setdefault(partner_id, []).append(stretch)
            self._leave_out_warned(histories)
            yield from histories.items()

    @api.model
    def _leave_out_warned(self, histories):
        """Leave out of histories, from their reference on, what measures did that a warning of their own is about.

        :param dict histories: lists of stretches by customer; changed in place
        """
        sources = {key: signal.source for key, signal in self.env['customer.warning.rule']._known_signals(
            ).items() if signal.source}
        rows = self.env.execute_query(SQL(
            """SELECT w.partner_id, array_agg(DISTINCT m.id::text)
                 FROM customer_warning w
                 JOIN unnest(%(signals)s, %(sources)s) AS s (signal, source) ON s.signal = w.signal
                 JOIN customer_health_measure m ON m.source = s.source
            LEFT JOIN customer_warning_rule r ON r.id = w.rule_id
                WHERE w.partner_id = ANY(%(ids)s) AND (m.source <> 'usage' OR m.metric_id = r.metric_id)
                  AND (w.state <> 'closed' OR w.date > %(today)s - COALESCE(NULLIF(m.validity_days, 0), %(stands)s))
             GROUP BY w.partner_id""",
            signals=list(sources), sources=list(sources.values()), ids=list(histories),
            today=fields.Date.context_today(self.env['customer.warning.rule']), stands=STANDS_DAYS))
        for partner_id, keys in rows:
            history = histories[partner_id]
            start = next((number for number, stretch in enumerate(history) if stretch['is_reference']), 0)
            for stretch in history[start + 1:]:
                stretch['parts'] = {key: part for key, part in (stretch['parts'] or {}).items() if key not in keys}

    @api.model
    def _data_fall(self, history):
        """Return by how many points the data alone moved the score over a history.

        :param list[dict] history: scored stretches, the earliest first
        """
        return self.env['customer.warning.monitor']._data_change(history[0], history[-1])

    def _fell_below(self, rule, history, is_below):
        """Return whether the data brought a score below a level, or made it fall on after something else had done so.

        :param rule: customer.warning.rule
        :param list[dict] history: from the last stretch that was not below, if any
        :param is_below: function of a score
        """
        if history[0]['is_reference'] and is_below(history[0]['computed'] + self._data_fall(history)):
            return True
        # below for another reason: falling on by the margin is news of its own
        low = self._same_version(self._since_low(history))
        top = max(range(len(low)), key=lambda number: (low[number]['computed'], number))
        return self._data_fall(low[top:]) <= TOLERANCE - max(rule.clear_margin, 1)

    @api.model
    def _since_low(self, history):
        """Return the stretches after the reference."""
        return history[1:] if history[0]['is_reference'] else history

    @api.model
    def _from_reference(self, history):
        """Return a history without what came before its reference."""
        start = next((number for number, stretch in enumerate(history) if stretch['is_reference']), 0)
        return history[start:]

    def _current_scores(self, rule, partner_ids, condition):
        """Return the customers whose score meets a condition now and who have no open warning of this signal that is as bad,
        nor one of another signal of the score in the days that the rule looks back.

        :param rule: customer.warning.rule
        :param SQL condition: on the current stretch ``s``
        :rtype: list[int]
        """
        return [partner_id for partner_id, in rule.env.execute_query(SQL(
            """SELECT s.partner_id FROM customer_health_snapshot s
                 JOIN res_partner p ON p.id = s.partner_id AND p.customer_managed IS TRUE
                WHERE s.date_end IS NULL AND s.state = 'scored' AND %(condition)s %(only)s AND NOT EXISTS (
                      SELECT 1 FROM customer_warning w
                       WHERE %(open)s
                          OR w.partner_id = s.partner_id AND w.signal = ANY(%(others)s) AND w.state <> 'closed'
                         AND w.level >= %(level)s AND w.date >= %(first_day)s)""",
            others=[signal for signal in SCORES if signal != rule.signal], level=rule.level, first_day=rule._first_day(),
            condition=condition, only=rule._only_sql(SQL("s.partner_id"), partner_ids), open=self._open_sql(rule)))]

    def _open_sql(self, rule):
        """Return a condition on a warning ``w``: it is an open one of this signal, of the customer of ``s``, and at least as
        bad as this rule: to become worse takes the data, too."""
        return SQL(
            "w.partner_id = s.partner_id AND w.signal = %s AND w.state <> 'closed' AND w.level >= %s", rule.signal, rule.level)

    def _found_sql(self, rule, partner_ids, met, still, cleared):
        """Return the SQL of a signal from what was found.

        :param rule: customer.warning.rule
        :param dict met: the new ones, by customer: what the sentence needs
        :param SQL still: whether the rule still holds for a customer that has an open warning as bad (``s``: current
            stretch, ``w``: warning)
        :param SQL cleared: whether it is over
        """
        return SQL(
            """SELECT s.partner_id, CASE WHEN w.id IS NULL THEN m.id IS NOT NULL ELSE %(still)s END AS met,
                      %(cleared)s AS cleared, s.score AS value, COALESCE(m.detail::jsonb, w.detail) AS detail
                 FROM customer_health_snapshot s
            LEFT JOIN customer_warning w ON %(open)s
            LEFT JOIN unnest(%(ids)s::int[], %(details)s::text[]) AS m (id, detail) ON m.id = s.partner_id
                WHERE s.date_end IS NULL AND s.state = 'scored' %(only)s""",
            still=still, cleared=cleared, open=self._open_sql(rule), ids=list(met), details=list(map(json.dumps, met.values())),
            only=rule._only_sql(SQL("s.partner_id"), partner_ids))

    @api.model
    def _same_version(self, history):
        """Return the stretches that were made with the rules of the last one."""
        return [stretch for stretch in history if self._version(stretch) == self._version(history[-1])]

    @api.model
    def _version(self, stretch):
        """Return what a score was made with."""
        return stretch['rules_id'], stretch['scorecard_id']

    @api.model
    def _points(self, number):
        """Return points as people read them everywhere: whole ones."""
        return formatLang(self.env, explanation.half_up(number), digits=0)

    # ------------------------------------------------------------
    # BELOW A LEVEL
    # ------------------------------------------------------------

    def _score_level_sql(self, rule, partner_ids):
        """Return SQL: scores below the threshold, brought there by the data."""
        level, met = rule.threshold, {}
        low = self._current_scores(rule, partner_ids, SQL(
            # who has always been low did not fall
            """GREATEST(s.score, s.computed) < %(level)s AND EXISTS (
                   SELECT 1 FROM customer_health_snapshot t
                    WHERE t.partner_id = s.partner_id AND t.state = 'scored'
                      AND t.computed >= LEAST(%(level)s, s.computed + GREATEST(%(margin)s, 1)))""",
            level=level, margin=rule.clear_margin))
        for partner_id, history in self._score_histories(rule, low, SQL("s.computed >= %s", level)):
            run = self._from_reference(history)
            if self._fell_below(rule, run, lambda score: score < level):
                met[partner_id] = {'before': max(stretch['computed'] for stretch in run)}
        return self._found_sql(rule,
            partner_ids, met, SQL("s.score < %s", level), SQL("s.score >= %s", level + rule.clear_margin))

    @api.model
    def _describe_score_level(self, warning):
        before = (warning.detail or {}).get('before')
        # 49.8 is not read as 50 where it is below 50
        score = min(explanation.half_up(warning.value), math.ceil(warning.threshold) - 1)
        values = {'score': self._points(score), 'level': self._points(warning.threshold)}
        if before and before > warning.value:
            return self.env._(
                "Health fell from %(before)s to %(score)s, below %(level)s", before=self._points(before), **values)
        return self.env._("Health %(score)s, below %(level)s", **values)

    # ------------------------------------------------------------
    # A FALL
    # ------------------------------------------------------------

    def _score_drop_sql(self, rule, partner_ids):
        """Return SQL: scores that fell by the threshold or more since their best of the last days, by the data."""
        first_day, met = rule._first_day(), {}
        fallen = self._current_scores(rule, partner_ids, SQL(
            """EXISTS (SELECT 1 FROM customer_health_snapshot t
                        WHERE t.partner_id = s.partner_id AND t.state = 'scored'
                          AND COALESCE(t.date_end, %(first_day)s) >= %(first_day)s
                          AND t.computed - GREATEST(s.score, s.computed) >= %(threshold)s)""",
            first_day=first_day, threshold=rule.threshold))
        best = SQL(
            """COALESCE(s.date_end, %(first_day)s) >= %(first_day)s
               AND s.computed = s.best""", first_day=first_day)
        for partner_id, history in self._score_histories(rule, fallen, best):
            run = self._from_reference(history)
            if self._data_fall(run) <= TOLERANCE - rule.threshold:
                met[partner_id] = {'before': run[0]['computed'], 'days': rule.window_days}
        recovered = SQL(
            "s.score >= (w.detail->>'before')::numeric - %s", rule.threshold - rule.clear_margin)
        return self._found_sql(rule, partner_ids, met, SQL("NOT COALESCE(%s, FALSE)", recovered), recovered)

    @api.model
    def _describe_score_drop(self, warning):
        detail = warning.detail or {}
        before = detail.get('before', warning.value)
        return self.env._(
            "Health fell by %(points)s in %(days)s, from %(before)s to %(score)s",
            points=points(self.env, explanation.half_up(before) - explanation.half_up(warning.value)),
            days=days(self.env, detail.get('days', warning.rule_id.window_days)),
            before=self._points(before), score=self._points(warning.value))

    # ------------------------------------------------------------
    # LOW, AND USED LESS
    # ------------------------------------------------------------

    def _score_usage_sql(self, rule, partner_ids):
        """Return SQL: scores below the threshold of customers whose usage fell lately."""
        level, met = rule.threshold, {}
        measures = rule.env['customer.health.measure'].with_context(active_test=False).search([('source', '=', 'usage')])
        keys = [str(measure.id) for measure in measures]
        low = keys and self._current_scores(rule, partner_ids, SQL(
            """GREATEST(s.score, s.computed) < %(level)s AND EXISTS (
                   SELECT 1 FROM customer_health_snapshot t CROSS JOIN unnest(%(keys)s) AS k (id)
                    WHERE t.partner_id = s.partner_id AND t.state = 'scored'
                      AND COALESCE(t.date_end, %(first_day)s) >= %(first_day)s
                      AND (t.parts->k.id->>'p')::numeric > (s.parts->k.id->>'p')::numeric)""",
            level=level, keys=keys, first_day=rule._first_day()))
        for partner_id, history in self._score_histories(rule, low, SQL("s.computed >= %s", level)):
            run, now = self._from_reference(history), history[-1]
            lately = [stretch for stretch in self._same_version(history) if stretch['in_window']]
            came_by_data = not run[0]['is_reference'] or run[0]['computed'] + self._data_fall(run) < level
            # brought there by something else than the data: only what fell since then counts
            since = lately if came_by_data else [stretch for stretch in lately if stretch in self._since_low(run)]
            if since and any(self._measure_fell(key, since[0], now) for key in keys):
                met[partner_id] = {'before': since[0]['computed']}
        return self._found_sql(rule,
            partner_ids, met, SQL("s.score < %s", level), SQL("s.score >= %s", level + rule.clear_margin))

    @api.model
    def _measure_fell(self, key, before, after):
        """Return whether the points of a measure fell between two stretches, known in both."""
        old, new = (stretch['parts'].get(key, {}) for stretch in (before, after))
        return old.get('s') == new.get('s') == 'known' and new['p'] < old['p']

    @api.model
    def _describe_score_usage(self, warning):
        return self.env._("Health %(score)s, and usage is falling", score=self._points(warning.value))
