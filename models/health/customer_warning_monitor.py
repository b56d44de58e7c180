import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import explanation
from ..base.customer_fact import STRANGE
from ..base.local_day import in_company_zone

_logger = logging.getLogger(__name__)

#: Warnings raised with one call of the ORM.
BATCH = 500


class CustomerWarningMonitor(models.AbstractModel):
    """Looks every night whether something about a customer needs attention (HEA-3).

    For each signal, in one transaction:

    1. Every rule of it that was not evaluated today is evaluated, for all customers in one statement. A rule that can't be is
       set aside with the error, and the others go on.
    2. The counters go on (``customer.warning.watch``): how often in a row a rule held, or was over.
    3. A rule that held on enough evaluations raises a warning, unless there is one: then the worst rule that holds gives it
       its level, and what comes back is counted on it. After a warning was closed there is quiet for a while, unless it is
       worse than before.
    4. A warning that was over on enough evaluations ends by itself, or goes down to the level of a rule that still holds.

    A rule is evaluated once a day: running again, or on two servers, counts nothing twice.
    """

    _name = 'customer.warning.monitor'
    _description = "Watches Customers"

    # ------------------------------------------------------------
    # ENTRY POINTS
    # ------------------------------------------------------------

    @api.model
    @in_company_zone
    def _cron_warn(self):
        """Evaluate what was not evaluated today, one transaction per signal."""
        with self.env['customer.run']._measure('warn') as run:
            self._hand_on()
            self.env['customer.action.rule']._look_over()
            self.env['customer.warning.base']._look_back()
            counts = {'raised': 0, 'worse': 0, 'back': 0, 'cleared': self._close_left(), 'failed': 0}

            def evaluate(signals):
                for key, value in self._evaluate(signals[0]).items():
                    counts[key] += value

            self.env['customer.routine']._work_through(self._due_signals(), evaluate, done=counts['cleared'])
            run['done'] = counts['raised'] + counts['worse'] + counts['back'] + counts['cleared']
            run['failed'] = counts['failed']
            run['note'] = self.env._(
                "raised: %(raised)s, became worse: %(worse)s, came back: %(back)s, ended by themselves: %(cleared)s, rules set "
                "aside: %(failed)s", **counts)

    @api.model
    def _due_rules(self):
        """Return the rules that were not evaluated today."""
        today = fields.Date.context_today(self)
        return self.env['customer.warning.rule'].search([('evaluated_on', '!=', today)])

    @api.model
    def _due_signals(self):
        """Return the signals of these rules; those about a measure of the health come before those about the score, which
        say nothing of what was said already.

        :rtype: list[str]
        """
        rules = self._due_rules()
        known = rules._known_signals()
        return sorted(rules.grouped('signal'), key=lambda key: not (key in known and known[key].source))

    @api.model
    def _evaluate(self, signal):
        """Evaluate the rules of a signal that were not evaluated today.

        :param str signal: key of the signal
        :return: ``raised``, ``worse``, ``back``, ``cleared`` warnings and ``failed`` rules
        :rtype: dict[str, int]
        """
        rules = self._due_rules().filtered(lambda rule: rule.signal == signal).try_lock_for_update()
        counts = {'raised': 0, 'worse': 0, 'back': 0, 'cleared': 0, 'failed': 0}
        if not rules:
            return counts
        rules.evaluated_on = fields.Date.context_today(self)
        self.env.flush_all()
        self._begin()
        looked_at = rules.filtered(self._look)
        counts['failed'] = len(rules - looked_at)
        if looked_at:
            def set_aside(error):
                _logger.exception("Warnings of the signal %s could not be worked out", signal)
                looked_at.problem = str(error)
                return {'failed': len(rules)}

            counts.update(self.env['customer.routine']._attempt(lambda: self._draw_conclusions(looked_at), set_aside))
        self.env.cr.execute(SQL("DROP TABLE customer_signal"))
        return counts

    # ------------------------------------------------------------
    # LOOKING
    # ------------------------------------------------------------

    @api.model
    def _begin(self):
        """Make the table of what the rules of a signal find: those that hold, and all customers with an open warning."""
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS customer_signal"))
        self.env.cr.execute(SQL(
            """CREATE TEMPORARY TABLE customer_signal (
                   rule_id int, partner_id int, met boolean, cleared boolean, value numeric, detail jsonb, warning_id int,
                   is_own boolean) ON COMMIT DROP"""))

    @api.model
    def _look(self, rule):
        """Find out for whom a rule holds or is over, or set the rule aside.

        :param rule: customer.warning.rule
        :return: whether it could be evaluated
        """
        def look():
            signal = rule._signal()
            absent = SQL("f.partner_id IS NULL") if signal.absent_clears else SQL("FALSE")
            counts = self.env.execute_query(SQL(
                """WITH found AS MATERIALIZED (%(found)s),
                        open AS (SELECT id, partner_id, rule_id FROM customer_warning
                                  WHERE signal = %(signal)s AND state <> 'closed'),
                        put AS (
                   INSERT INTO customer_signal
                        SELECT %(rule)s, COALESCE(f.partner_id, w.partner_id), COALESCE(f.met, FALSE),
                               CASE WHEN %(absent)s THEN TRUE ELSE f.cleared AND NOT f.met END, f.value, f.detail, w.id,
                               w.rule_id = %(rule)s
                          FROM found f FULL JOIN open w ON w.partner_id = f.partner_id
                         WHERE f.met OR w.id IS NOT NULL AND (f.partner_id IS NOT NULL OR %(absent)s))
                 SELECT count(*), count(DISTINCT partner_id), count(*) FILTER (WHERE %(strange)s) FROM found""",
                found=rule._signal_sql(), signal=rule.signal, rule=rule.id, absent=absent, strange=STRANGE))
            self.env['customer.fact']._refuse_counts(*counts[0])
            if rule.problem:
                rule.problem = False
            return True

        def set_aside(error):
            _logger.warning("The warning rule %s could not be evaluated", rule.id, exc_info=True)
            rule.problem = str(error) or type(error).__name__
            return False

        return self.env['customer.routine']._attempt(look, set_aside)

    # ------------------------------------------------------------
    # COUNTING
    # ------------------------------------------------------------

    @api.model
    def _draw_conclusions(self, rules):
        """Count, then raise, worsen and end warnings.

        :param rules: the rules of a signal that were looked at
        :return: see :meth:`_evaluate`
        """
        for rule in rules:
            self._count(rule)
        held, ended = self._held(), self._ended()
        self._gone()
        news, lower = {'raised': [], 'worse': [], 'back': []}, []
        for row in held:
            if not row['warning_id']:
                news['raised'].append(row)
            elif row['level'] > row['open_level']:
                news['worse'].append(row)
            elif row['warning_id'] in ended:
                lower.append(row)
            elif not row['open_met']:
                news['back'].append(row)
        warnings = self.env['customer.warning']
        for row in news['worse'] + lower:
            warnings.browse(row['warning_id'])._take_level(row)
        for row in news['back']:
            warnings.browse(row['warning_id'])._count_return(row)
        over = warnings.browse(sorted(ended - {row['warning_id'] for row in news['worse'] + lower}))
        over._close('cleared')
        for start in range(0, len(news['raised']), BATCH):
            self._raise(news['raised'][start:start + BATCH])
        return {**{key: len(rows) for key, rows in news.items()}, 'cleared': len(over)}

    @api.model
    def _count(self, rule):
        """Take the counters of a rule on by one evaluation. They stop at what is needed, so that nothing is written night
        after night for what just stays as it is."""
        counts = SQL("s.rule_id = %s AND (s.met OR s.cleared AND s.is_own)", rule.id)
        self.env.cr.execute(SQL(
            """DELETE FROM customer_warning_watch c
                WHERE c.rule_id = %s AND NOT EXISTS (
                      SELECT 1 FROM customer_signal s WHERE s.partner_id = c.partner_id AND %s)""", rule.id, counts))
        self.env.cr.execute(SQL(
            """INSERT INTO customer_warning_watch AS c (partner_id, rule_id, met_count, clear_count)
                    SELECT s.partner_id, s.rule_id, s.met::int, (NOT s.met)::int FROM customer_signal s WHERE %(counts)s
               ON CONFLICT (partner_id, rule_id) DO UPDATE
                       SET met_count = CASE WHEN excluded.met_count = 0 THEN 0
                                            ELSE LEAST(c.met_count + 1, %(enough)s) END,
                           clear_count = CASE WHEN excluded.clear_count = 0 THEN 0
                                              ELSE LEAST(c.clear_count + 1, %(enough)s) END
                     WHERE excluded.met_count = 0 AND c.met_count > 0 OR excluded.clear_count = 0 AND c.clear_count > 0
                        OR c.met_count + c.clear_count < %(enough)s""",
            counts=counts, enough=rule.evaluations))
        self.env['customer.warning.watch'].invalidate_model()

    @api.model
    def _held(self):
        """Return what held long enough, the worst rule for each customer, without what is to be quiet about.

        :rtype: list[dict]
        """
        responsibility = self.env['customer.responsibility']
        responsibility._flush()
        company = responsibility._company_sql('p', 'u')
        self.env.cr.execute(SQL(
            """WITH doer AS MATERIALIZED (%(doer)s)
               SELECT s.*, w.level AS open_level, w.met AS open_met, d.owner_id AS user_id
                 FROM (SELECT DISTINCT ON (s.partner_id) s.partner_id, s.rule_id, s.value, s.detail, s.warning_id, r.level,
                              r.threshold, r.signal, r.cool_down_days, r.owner_role, r.plan_id, r.plan_start
                         FROM customer_signal s
                         JOIN customer_warning_rule r ON r.id = s.rule_id
                         JOIN customer_warning_watch c ON c.rule_id = s.rule_id AND c.partner_id = s.partner_id
                        WHERE s.met AND c.met_count >= r.evaluations
                     ORDER BY s.partner_id, r.level DESC, r.sequence, r.id) s
                 JOIN res_partner p ON p.id = s.partner_id
            LEFT JOIN res_users u ON u.id = p.user_id
            LEFT JOIN doer d ON d.user_id = p.user_id AND d.company_id = %(company)s AND d.role = s.owner_role
            LEFT JOIN customer_warning w ON w.id = s.warning_id
    LEFT JOIN LATERAL (SELECT level, closed_on, detail FROM customer_warning
                        WHERE partner_id = s.partner_id AND signal = s.signal AND state = 'closed'
                     ORDER BY closed_on DESC, id DESC LIMIT 1) AS last ON s.warning_id IS NULL
                WHERE (last.closed_on IS NULL OR last.closed_on + s.cool_down_days <= %(today)s OR s.level > last.level)
                  AND (s.detail->>'event' IS NULL OR last.detail->>'event' IS DISTINCT FROM s.detail->>'event')
             ORDER BY s.partner_id""",
            today=fields.Date.context_today(self), company=company, doer=responsibility._doer_sql(SQL(
                """SELECT p.user_id, %s AS company_id FROM customer_signal s JOIN res_partner p ON p.id = s.partner_id
                     JOIN res_users u ON u.id = p.user_id WHERE s.met""", company))))
        return self.env.cr.dictfetchall()

    @api.model
    def _ended(self):
        """Return the ids of the open warnings whose rule was over long enough."""
        return {warning_id for warning_id, in self.env.execute_query(SQL(
            """SELECT s.warning_id FROM customer_signal s
                 JOIN customer_warning_rule r ON r.id = s.rule_id
                 JOIN customer_warning_watch c ON c.rule_id = s.rule_id AND c.partner_id = s.partner_id
                WHERE s.is_own AND c.clear_count >= r.evaluations"""))}

    @api.model
    def _gone(self):
        """Note on the open warnings for which no rule holds any more that it was gone: should it come back, that counts."""
        self.env.cr.execute(SQL(
            """UPDATE customer_warning w SET met = FALSE
                 FROM (SELECT warning_id FROM customer_signal GROUP BY warning_id HAVING NOT bool_or(met)) s
                WHERE s.warning_id = w.id AND w.met"""))
        if self.env.cr.rowcount:
            self.env['customer.warning'].invalidate_model(['met'])

    # ------------------------------------------------------------
    # WARNINGS
    # ------------------------------------------------------------

    @api.model
    def _raise(self, rows):
        """Raise warnings: those of red rules become an activity, and plans that start at once do."""
        today = fields.Date.context_today(self)
        # people hear of it once a day by the digest, not by an email for each warning
        warnings = self.env['customer.warning'].with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True).create([{
                'partner_id': row['partner_id'], 'signal': row['signal'], 'date': today, 'news_on': today,
                'user_id': row['user_id'],
                **self._row_values(row),
            } for row in rows]).with_context(tracking_disable=False)
        # who is away is not reminded: the backup is
        self.env['customer.reminder']._hand_over_and_back('customer.warning', warnings.ids)
        warnings._notify_red()
        for warning in warnings.filtered(lambda warning: warning.rule_id.plan_start == 'auto'):
            warning._start_plan()
        return warnings

    @api.model
    def _row_values(self, row):
        """Return what a warning takes from the rule that holds."""
        return {
            'rule_id': row['rule_id'], 'level': row['level'], 'threshold': row['threshold'], 'value': row['value'] or 0,
            'detail': row['detail'] or {}, 'plan_id': row['plan_id'], 'met': True,
        }

    @api.model
    def _close_left(self):
        """Close the warnings of customers that are none any more.

        :return: how many
        """
        left = self.env['customer.warning'].search([
            ('state', '!=', 'closed'), ('partner_id.customer_managed', '=', False)], limit=BATCH)
        left._close('left')
        return len(left)

    @api.model
    def _hand_on(self):
        """Give the open warnings of people who left, or can't do it any more, to who answers for the customers now."""
        self.env.flush_all()
        responsibility = self.env['customer.responsibility']
        company = responsibility._company_sql('p', 'u')
        rows = self.env.execute_query(SQL(
            """WITH doer AS MATERIALIZED (%(doer)s)
             SELECT w.id, d.owner_id
               FROM customer_warning w
               JOIN res_partner p ON p.id = w.partner_id
          LEFT JOIN res_users u ON u.id = p.user_id
          LEFT JOIN customer_warning_rule r ON r.id = w.rule_id
               JOIN doer d ON d.user_id = p.user_id AND d.company_id = %(company)s
                AND d.role = COALESCE(r.owner_role, 'manager')
              WHERE w.state <> 'closed' AND w.user_id IS NOT NULL AND d.owner_id IS NOT NULL
                AND (w.user_id, %(company)s) NOT IN (%(able)s)""",
            company=company, able=responsibility._able_sql(), doer=responsibility._doer_sql(SQL(
                """SELECT p.user_id, %s AS company_id FROM customer_warning w JOIN res_partner p ON p.id = w.partner_id
                     JOIN res_users u ON u.id = p.user_id WHERE w.state <> 'closed'""", company))))
        warnings = self.env['customer.warning'].browse([row[0] for row in rows])
        owners = dict(rows)
        for owner_id, own in warnings.grouped(lambda warning: owners[warning.id]).items():
            own.with_context(mail_auto_subscribe_no_notify=True).user_id = owner_id
        # the activities of who left went along with them
        warnings._notify_red()

    # ------------------------------------------------------------
    # SCORES
    # ------------------------------------------------------------

    @api.model
    def _data_change(self, before, after):
        """Return by how many points the data alone moved a score: measures known on both sides, under the rules and weights
        of before, and caps that came or went. Neither another weight nor a value that grew too old is a change of data.

        :param dict before: a scored stretch: ``rules_id``, ``scorecard_id``, ``parts``, ``computed``
        :param dict after: a later one
        """
        rules = self.env['customer.health.rules']
        return explanation.explain(*(
            explanation.Side(
                rules=rules._of_version(side['rules_id']), card=side['scorecard_id'], parts=side['parts'] or {},
                score=side['computed'])
            for side in (before, after))).data
