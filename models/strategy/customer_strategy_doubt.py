from odoo import api, models
from odoo.tools import SQL, format_date

from ..health.customer_warning_rule import LEVELS


class CustomerStrategyDoubt(models.AbstractModel):
    """Open warnings beside the grade of a strategy: the grade is of the KPIs, and does not know of them (STR-2, HEA-3).

    A running strategy that is not judged as failed is in doubt by a warning that is neither closed nor put off, where it is
    as bad as the setting says, or of the kind that one of the strategy's KPIs is about. Nothing of it is stored.
    """

    _name = 'customer.strategy.doubt'
    _description = "Doubt about Strategies"

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _doubts(self, strategies, whatever_grade=False):
        """Return the warnings that stand beside these strategies, as far as the user may see them, the worst first.

        :param strategies: customer.strategy
        :param bool whatever_grade: also where the strategy is judged as failed, or not at all
        :rtype: dict[int, customer.warning]
        """
        warnings, ids = strategies.env['customer.warning'], strategies._origin.ids
        if not ids or not warnings.has_access('read'):
            return {}
        found = dict(strategies.env.execute_query(SQL(
            """SELECT strategy_id, array_agg(warning_id ORDER BY level DESC, news_on DESC, warning_id DESC)
                 FROM (%s) AS doubts WHERE strategy_id = ANY(%s) GROUP BY strategy_id""",
            self.with_env(strategies.env)._doubts_sql(whatever_grade), ids)))  # as far as their reader may see
        together = [warning_id for warning_ids in found.values() for warning_id in warning_ids]
        return {strategy_id: warnings.browse(warning_ids).with_prefetch(together) for strategy_id, warning_ids in found.items()}

    @api.model
    def _doubts_sql(self, whatever_grade=False):
        """Return SQL with the pairs of a strategy and a warning beside it: ``strategy_id``, ``warning_id``, ``level``,
        ``news_on``."""
        for model in ('customer.strategy', 'customer.strategy.kpi', 'customer.kpi', 'customer.warning'):
            self.env[model].flush_model()
        is_open = self.env['customer.warning']._search(self.env['res.partner']._customer_warning_domain())
        level = self.env['res.config.settings']._customer_success('strategy_doubt_level')
        return SQL(
            """SELECT s.id AS strategy_id, w.id AS warning_id, w.level, COALESCE(w.news_on, w.date) AS news_on
                 FROM customer_strategy s
            LEFT JOIN customer_strategy_grade g ON g.id = s.effect_id
                 JOIN customer_warning w ON w.partner_id = s.partner_id AND w.id IN %(is_open)s
                WHERE s.state = 'active' AND (%(whatever_grade)s OR NOT COALESCE(g.is_failure, g.id IS NULL))
                  AND (%(as_bad)s OR EXISTS (
                      SELECT 1 FROM customer_strategy_kpi k JOIN customer_kpi d ON d.id = k.kpi_id
                       WHERE k.strategy_id = s.id AND k.has_actual AND d.signal = w.signal))""",
            is_open=is_open.subselect(), whatever_grade=whatever_grade,
            as_bad=SQL("w.level >= %s", level) if level in dict(LEVELS) else SQL("FALSE"))

    def _was_known(self, strategy, warnings):
        """Return whether a person judged this strategy after the last news of warnings."""
        strategy.ensure_one()
        return all(
            bool(strategy.grade_manual_id and strategy.grade_judged_on)
            and (warning.news_on or warning.date) <= strategy.grade_judged_on
            for warning in warnings)

    def _describe_doubt(self, strategy, warnings):
        """Return in one line what warnings say, and that the grade does not count it."""
        strategy.ensure_one()
        values = {
            'warnings': self.with_env(strategy.env)._describe_warnings(warnings),
            'start': format_date(strategy.env, strategy.date_start)}
        if not strategy.grade_manual_id:
            return strategy.env._(
                "%(warnings)s. The grade does not count it: it is that of the KPIs since %(start)s.", **values)
        values['day'] = format_date(strategy.env, strategy.grade_judged_on) or values['start']
        if self._was_known(strategy, warnings):
            return strategy.env._("%(warnings)s. It was open when the effect was judged by hand on %(day)s.", **values)
        return strategy.env._("%(warnings)s. It came after the effect was judged by hand on %(day)s.", **values)

    @api.model
    def _describe_warnings(self, warnings):
        """Return what the worst of some warnings says, with its level, and how many there are besides."""
        levels = dict(warnings._fields['level']._description_selection(self.env))
        worst = next(iter(warnings))  # read together with those of the other strategies
        text = self.env._(
            "Open warning (%(level)s): %(reason)s", level=levels[worst.level],
            reason=(worst.reason or worst.display_name or '').rstrip('. '))
        if len(warnings) > 1:
            return self.env._("%(text)s, and %(count)s more", text=text, count=len(warnings) - 1)
        return text
