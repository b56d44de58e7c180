import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ..base.local_day import in_company_zone
from ..platform.local_text import clauses, labelled

_logger = logging.getLogger(__name__)

#: Adjustments proposed in one transaction.
BATCH = 100

#: Why a proposal was made, as the analysis of adjustments counts it.
REASONS = {
    'warning': 'customer_success.customer_adjustment_reason_leaving',
    'effect': 'customer_success.customer_adjustment_reason_missed',
    'segment': 'customer_success.customer_adjustment_reason_segment',
}


class CustomerStrategySuggester(models.AbstractModel):
    """Proposes adjustments of running strategies by itself (STR-3). What it looks for, the most pressing first:

    ``warning``
        A red warning that nobody put off and that was raised while the strategy ran. Once per warning.
    ``effect``
        As many cycles in a row as the settings say that ran until their end with an effect that counts as failed. Once for
        each last one of them. An adjustment begins the counting anew: whether it helps is looked at by its own review.
    ``segment``
        The customer is in another segment than at the start of the strategy. The template of the new segment, where there is
        one, is proposed. Once per version of the strategy and new segment.

    Nothing is proposed while another adjustment for the customer waits for somebody: is a draft, submitted or approved. Of
    several occasions the most pressing one is taken; the next one comes when the first is through, if it still holds. What
    was proposed is known by its ``origin_key``, which is unique: run again, or on two servers, nothing is proposed twice.
    """

    _name = 'customer.strategy.suggester'
    _description = "Proposes Adjustments of Strategies"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_suggest(self):
        """Propose what is due and not there yet. A proposal that fails is set aside and tried again the next night."""
        with self.env['customer.run']._measure('suggest') as run:
            problems = []

            def propose(rows):
                run['done'] += self._propose(rows, problems)

            self.env['customer.routine']._work_through(self._occasions(), propose, BATCH)
            run['failed'] = len(problems)
            run['note'] = self.env._("adjustments proposed: %(count)s", count=run['done'])
            if problems:
                run['note'] = clauses(self.env, [run['note'], self.env._(
                    "set aside: %(problems)s", problems=clauses(self.env, problems))])

    # ------------------------------------------------------------
    # OCCASIONS
    # ------------------------------------------------------------

    @api.model
    def _occasions(self):
        """Return what gives an occasion to propose an adjustment, one for each strategy.

        :return: dicts with ``strategy_id``, ``origin``, ``origin_key``, ``warning_id``, ``segment_id`` and ``cycle_ids``
        :rtype: list[dict]
        """
        finders = {'warning': self._warning_sql, 'effect': self._effect_sql, 'segment': self._segment_sql}
        settings = self.env['res.config.settings']
        queries = [
            SQL("SELECT %s AS urgency, %s AS origin, f.* FROM (%s) f", urgency, origin, finder())
            for urgency, (origin, finder) in enumerate(finders.items())
            if settings._customer_success(f'strategy_suggest_{origin}')]
        if not queries:
            return []
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """SELECT DISTINCT ON (s.id) o.*
                 FROM (%s) o
                 JOIN customer_strategy s ON s.id = o.strategy_id
                 JOIN res_partner p ON p.id = s.partner_id AND p.customer_managed IS TRUE
                WHERE NOT EXISTS (
                      SELECT 1 FROM customer_strategy_adjustment a
                       WHERE a.partner_id = s.partner_id AND a.company_id = s.company_id
                         AND a.state IN ('draft', 'submitted', 'approved'))
                  AND NOT EXISTS (SELECT 1 FROM customer_strategy_adjustment a WHERE a.origin_key = o.origin_key)
             ORDER BY s.id, o.urgency, o.origin_key""", SQL(" UNION ALL ").join(queries)))
        return self.env.cr.dictfetchall()

    @api.model
    def _warning_key(self, warning, strategy):
        """Return what a proposal for a warning is known by."""
        return f'warning:{warning.id}:{strategy.company_id.id}'

    @api.model
    def _warning_sql(self):
        """Return SQL that selects the red warnings of customers with a running strategy."""
        return SQL(
            """SELECT s.id AS strategy_id, 'warning:' || w.id || ':' || s.company_id AS origin_key, w.id AS warning_id,
                      NULL::int AS segment_id, NULL::int[] AS cycle_ids
                 FROM customer_warning w
                 JOIN customer_strategy s ON s.partner_id = w.partner_id AND s.state = 'active'
                WHERE w.state <> 'closed' AND w.level = '3' AND COALESCE(w.news_on, w.date) >= s.date_start
                  AND (w.snooze_until IS NULL OR w.snooze_until <= %s)""", fields.Date.context_today(self))

    @api.model
    def _effect_sql(self):
        """Return SQL that selects the running strategies whose last cycles failed in a row, the last one first."""
        failed = SQL(
            """JOIN customer_strategy_grade g ON g.id = c.effect_id AND g.is_failure
                WHERE c.state = 'done' AND c.ended_by = 'cycle'""")
        return SQL(
            """SELECT strategy_id, 'effect:' || cycle_ids[1] AS origin_key, NULL::int AS warning_id,
                      NULL::int AS segment_id, cycle_ids
                 FROM (WITH RECURSIVE failed AS (
                           SELECT s.id AS strategy_id, c.previous_id, ARRAY[c.id] AS cycle_ids
                             FROM customer_strategy s JOIN customer_strategy c ON c.id = s.previous_id %(failed)s
                              AND s.state = 'active'
                        UNION ALL
                           SELECT f.strategy_id, c.previous_id, f.cycle_ids || c.id
                             FROM failed f JOIN customer_strategy c ON c.id = f.previous_id %(failed)s
                              AND cardinality(f.cycle_ids) < %(wanted)s AND c.id <> ALL(f.cycle_ids))
                       SELECT * FROM failed) f
                WHERE cardinality(cycle_ids) = %(wanted)s""",
            failed=failed, wanted=self.env['res.config.settings']._customer_success('strategy_failed_cycles'))

    @api.model
    def _segment_sql(self):
        """Return SQL that selects the running strategies of customers who are in another segment now than when the version
        began. The key names the first cycle of the version: each cycle would propose it anew otherwise."""
        return SQL(
            """SELECT strategy_id, 'segment:' || id || ':' || segment_id AS origin_key, NULL::int AS warning_id, segment_id,
                      NULL::int[] AS cycle_ids
                 FROM (WITH RECURSIVE cycles AS (
                           SELECT s.id AS strategy_id, p.customer_segment_id AS segment_id, s.id, s.previous_id, s.version,
                                  1 AS depth
                             FROM customer_strategy s
                             JOIN res_partner p ON p.id = s.partner_id AND p.customer_segment_id <> s.segment_id
                            WHERE s.state = 'active'
                        UNION ALL
                           SELECT f.strategy_id, f.segment_id, c.id, c.previous_id, c.version, f.depth + 1
                             FROM cycles f
                             JOIN customer_strategy c ON c.id = f.previous_id AND c.version = f.version AND f.depth < 1000)
                       SELECT DISTINCT ON (strategy_id) * FROM cycles ORDER BY strategy_id, depth DESC) f""")

    # ------------------------------------------------------------
    # PROPOSALS
    # ------------------------------------------------------------

    @api.model
    def _propose(self, rows, problems):
        """Propose adjustments; those that can't be made are set aside, and the others are made.

        :param rows: see :meth:`_occasions`
        :param list problems: gets a sentence for each that is set aside
        :return: how many were proposed
        """
        def set_aside(row, error):
            if not self._was_proposed(error):
                strategy = self.env['customer.strategy'].browse(row['strategy_id'])
                _logger.exception("No adjustment could be proposed for the strategy %s", strategy.id)
                problems.append(labelled(self.env, strategy.partner_id.display_name, str(error)))
            return 0

        return sum(self.env['customer.routine']._by_halves(rows, lambda some: len(self._create(some)), set_aside))

    @api.model
    def _was_proposed(self, error):
        """Return whether an error says that somebody else made this proposal at the same moment."""
        return (isinstance(error, psycopg2.errors.UniqueViolation)
                and error.diag.constraint_name == 'customer_strategy_adjustment_origin_uniq')

    @api.model
    def _create(self, rows):
        """Return new proposals for occasions; those of strategies on which somebody works this moment are left for the next
        run."""
        free = self.env['customer.strategy'].browse([row['strategy_id'] for row in rows]).try_lock_for_update()
        free.invalidate_recordset(['state'])
        running = {strategy.id: strategy for strategy in free if strategy.state == 'active'}
        rows = [row for row in rows if row['strategy_id'] in running]
        values = [self._proposal_values(running[row['strategy_id']], row) for row in rows]
        # people hear of it by their activities, not by an email for each proposal
        adjustments = self.env['customer.strategy.adjustment'].with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True).create(values)
        adjustments = adjustments.with_context(tracking_disable=False)
        for adjustment in adjustments:
            self.env['customer.strategy.proposer']._take_template_kpis(adjustment)
        self.env['customer.adjustment.asker']._suggest(adjustments)
        return adjustments

    @api.model
    def _proposal_values(self, strategy, row):
        """Return the values of a proposal.

        :param strategy: customer.strategy
        :param dict row: see :meth:`_occasions`
        """
        template = self._template(strategy, row)
        owner = self.env['customer.responsibility']._owner(
            'manager', strategy.user_id or strategy.partner_id.user_id, strategy.company_id)
        says = self.with_context(lang=owner.lang or self.env.lang)
        reason = self.env.ref(REASONS[row['origin']], raise_if_not_found=False)
        source = template.with_context(lang=says.env.lang) or strategy
        cadence = source.cadence_id.filtered('active')
        return {
            'strategy_id': strategy.id, 'user_id': owner.id, 'origin': row['origin'], 'origin_key': row['origin_key'],
            'warning_id': row['warning_id'], 'reason_id': reason and reason.id, 'template_id': template.id,
            'root_cause': says.env['customer.insight']._causes(strategy.partner_id).get(strategy.partner_id),
            'reason': getattr(says, f'_describe_{row["origin"]}')(strategy.with_env(says.env), row),
            'core_approach': source.core_approach, 'cadence_id': cadence.id, 'cycle_days': source.cycle_days,
        }

    # ------------------------------------------------------------
    # REASONS
    # ------------------------------------------------------------

    @api.model
    def _describe_warning(self, strategy, row):
        """Return why a warning asks for an adjustment, in the language of the context."""
        warning = self.env['customer.warning'].browse(row['warning_id'])
        levels = dict(warning._fields['level']._description_selection(self.env))
        text = self.env._(
            "Warning since %(day)s (%(level)s): %(reason)s", day=format_date(self.env, warning.date),
            level=levels[warning.level], reason=warning.reason or "")
        if not strategy.effect_id or strategy.effect_id.is_failure:
            return text
        # two judgements of one customer: whoever reads it is to know that they look at different days
        return "\n".join((text, self.env._(
            "The grade “%(effect)s” does not show it: it is that of the KPIs since %(start)s. Look at what they leave out.",
            effect=strategy.effect_id.name, start=format_date(self.env, strategy.date_start))))

    @api.model
    def _describe_effect(self, strategy, row):
        """Return how the last cycles went and what fell short in the last one, in the language of the context."""
        cycles = self.env['customer.strategy'].browse(row['cycle_ids'])
        lines = [
            self.env._("The effect was not good enough in the last %(count)s cycles:", count=len(cycles))
            if len(cycles) > 1 else self.env._("The effect was not good enough in the last cycle:")]
        lines += [self.env._(
            "%(start)s – %(end)s: %(effect)s, %(attainment)s %% of the targets", start=format_date(self.env, cycle.date_start),
            end=format_date(self.env, cycle.date_end), effect=cycle.effect_id.name,
            attainment=formatLang(self.env, cycle.attainment, digits=0)) for cycle in reversed(cycles)]
        sheet = self.env['customer.adjustment.sheet']
        short = [
            sheet._kpi_line(line.kpi_id, line.target, line.actual, True)
            for line in cycles[:1].kpi_ids if line.has_actual and line.attainment < 100]
        if short:
            lines.append(self.env._("Behind the target: %(kpis)s", kpis=clauses(self.env, short)))
        return "\n".join(lines)

    @api.model
    def _describe_segment(self, strategy, row):
        """Return what the customer was and is, in the language of the context."""
        segment = self.env['customer.segment'].browse(row['segment_id'])
        day = strategy.partner_id.customer_segment_since
        return self.env._(
            "The customer's segment was “%(before)s” when this strategy began; it is “%(now)s” since %(day)s.",
            before=strategy.segment_id.name, now=segment.name, day=format_date(self.env, day) if day else "–")

    # ------------------------------------------------------------
    # TEMPLATES
    # ------------------------------------------------------------

    @api.model
    def _template(self, strategy, row):
        """Return the template that is proposed on an occasion: that of the new segment, or none."""
        templates = self.env['customer.strategy.template']
        if not row['segment_id']:
            return templates
        template = templates._find_for(strategy.partner_id, strategy.company_id)
        return template.filtered(lambda template: row['segment_id'] in template.segment_ids.ids)
