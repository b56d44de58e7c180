from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..health.customer_warning_rule import LEVEL_COLORS, LEVELS

#: The colour of a grade beside which a warning is open: neither that of the grade, nor that of a bad one.
DOUBT_COLOR = LEVEL_COLORS['2']


class CustomerStrategy(models.Model):
    """Open warnings beside the grade of a strategy: the grade is of the KPIs, and does not know of them (STR-2, HEA-3).

    A running strategy that is not judged as failed is in doubt by a warning that is neither closed nor put off, where it is
    as bad as the setting says, or of the kind that one of the strategy's KPIs is about. Nothing of it is stored.
    """

    _inherit = 'customer.strategy'

    doubt_ids = fields.Many2many(comodel_name='customer.warning', string="Warnings Beside It", compute='_compute_doubt')
    doubt = fields.Char(string="Open Warning", compute='_compute_doubt', help="What the grade does not know of.")
    is_doubted = fields.Boolean(string="In Doubt", compute='_compute_doubt', search='_search_is_doubted')
    effect_color = fields.Integer(compute='_compute_doubt')
    kpi_doubt = fields.Text(string="Warnings of the Same", compute='_compute_kpi_doubt')

    @api.depends(
        'state', 'effect_id', 'grade_judged_on', 'partner_id.customer_warning_ids.state',
        'partner_id.customer_warning_ids.level', 'partner_id.customer_warning_ids.snooze_until', 'kpi_ids.has_actual')
    @api.depends_context('uid', 'lang', 'tz')
    def _compute_doubt(self):
        doubts = self._doubts()
        for strategy in self:
            warnings = doubts.get(strategy._origin.id, self.env['customer.warning'])
            strategy.doubt_ids = warnings
            strategy.is_doubted = bool(warnings)
            strategy.doubt = bool(warnings) and strategy._describe_doubt(warnings)
            strategy.effect_color = strategy.effect_id.color if strategy._was_known(warnings) else DOUBT_COLOR

    @api.depends('kpi_ids.doubt')
    @api.depends_context('lang')
    def _compute_kpi_doubt(self):
        for strategy in self:
            strategy.kpi_doubt = "\n".join(
                f'{line.kpi_id.name} {line.actual_text}: {line.doubt}' for line in strategy.kpi_ids if line.doubt) or False

    def _search_is_doubted(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return Domain('id', 'in', SQL("(SELECT strategy_id FROM (%s) AS doubts)", self._doubts_sql()))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _doubts(self, whatever_grade=False):
        """Return the warnings that stand beside these strategies, as far as the user may see them, the worst first.

        :param bool whatever_grade: also where the strategy is judged as failed, or not at all
        :rtype: dict[int, customer.warning]
        """
        warnings, ids = self.env['customer.warning'], self._origin.ids
        if not ids or not warnings.has_access('read'):
            return {}
        found = dict(self.env.execute_query(SQL(
            """SELECT strategy_id, array_agg(warning_id ORDER BY level DESC, news_on DESC, warning_id DESC)
                 FROM (%s) AS doubts WHERE strategy_id = ANY(%s) GROUP BY strategy_id""",
            self._doubts_sql(whatever_grade), ids)))
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

    def _was_known(self, warnings):
        """Return whether a person judged this strategy after the last news of warnings."""
        self.ensure_one()
        return all(
            bool(self.grade_manual_id and self.grade_judged_on) and (warning.news_on or warning.date) <= self.grade_judged_on
            for warning in warnings)

    def _describe_doubt(self, warnings):
        """Return in one line what warnings say, and that the grade does not count it."""
        self.ensure_one()
        values = {'warnings': self._describe_warnings(warnings), 'start': format_date(self.env, self.date_start)}
        if not self.grade_manual_id:
            return self.env._(
                "%(warnings)s. The grade does not count it: it is that of the KPIs since %(start)s.", **values)
        values['day'] = format_date(self.env, self.grade_judged_on) or values['start']
        if self._was_known(warnings):
            return self.env._("%(warnings)s. It was open when the effect was judged by hand on %(day)s.", **values)
        return self.env._("%(warnings)s. It came after the effect was judged by hand on %(day)s.", **values)

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
