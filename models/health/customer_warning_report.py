from odoo import api, fields, models
from odoo.tools import SQL

from .customer_warning_rule import LEVELS

#: Fewer warnings of a quarter than that tell nothing.
ENOUGH = 5


class CustomerWarningReport(models.Model):
    """What became of the warnings of each rule in a year: which rules are worth their noise (HEA-3).

    Counted are the warnings that the user may see.
    """

    _name = 'customer.warning.report'
    _description = "How Warning Rules Do"
    _auto = False
    _order = 'dismissed_percent desc NULLS LAST, raised desc, id'
    _rec_name = 'rule_id'
    _depends = {
        'customer.warning': ['rule_id', 'state', 'outcome', 'acted_at', 'hours_to_act', 'date', 'foretold'],
        'customer.warning.base': ['event', 'day', 'horizon_days', 'customers', 'stopped'],
        'customer.warning.rule': ['signal', 'level', 'active', 'foretells'],
    }

    rule_id = fields.Many2one(comodel_name='customer.warning.rule', readonly=True)
    signal = fields.Selection(selection='_selection_signal', readonly=True)
    level = fields.Selection(selection=LEVELS, readonly=True)
    color = fields.Integer(related='rule_id.color')
    raised = fields.Integer(readonly=True, help="Warnings of the last twelve months.")
    open = fields.Integer(string="Still Open", readonly=True)
    acted = fields.Integer(string="Handled", readonly=True, help="Somebody took it on or closed it.")
    acted_percent = fields.Float(string="Handled (%)", readonly=True, aggregator=None, digits=(16, 1))
    solved = fields.Integer(readonly=True)
    lost = fields.Integer(readonly=True)
    cleared = fields.Integer(string="By Itself", readonly=True)
    dismissed = fields.Integer(readonly=True)
    dismissed_percent = fields.Float(
        string="Dismissed (%)", readonly=True, aggregator=None, digits=(16, 1),
        help="How many percent of the closed ones were no reason to worry.")
    hours = fields.Float(
        string="Hours to Act", readonly=True, aggregator=None, digits=(16, 1), help="Of half of them, or less.")
    foretells = fields.Selection(selection='_selection_foretells', readonly=True)
    judged = fields.Integer(
        string="Looked Back At", readonly=True,
        help="Warnings about customers to whom it could happen (no order comes: who had ordered in the year before), of which "
             "the days of the settings are over.")
    followed = fields.Integer(
        string="Came True", readonly=True, help="After how many of those it happened in these days.")
    precision = fields.Float(
        string="Came True (%)", readonly=True, aggregator=None, digits=(16, 1),
        help="After so many of 100 warnings it happened.")
    base = fields.Float(
        string="Anyway (%)", readonly=True, aggregator=None, digits=(16, 1),
        help="To so many of 100 customers to whom it could happen it did in as many days of the same months, warned of or not: "
             "what guessing gives.")
    lift = fields.Float(
        string="Times Guessing", readonly=True, aggregator=None, digits=(16, 2),
        help="How many times as often as by guessing a warning came true. 1: no better.")
    verdict = fields.Selection(
        selection=[
            ('none', "Nothing closed yet"), ('ok', "Fine"), ('tune', "Tune me"), ('guess', "No better than guessing")],
        readonly=True,
        help="To be tuned is a rule of which more warnings were dismissed than the settings allow. No better than guessing is "
             "one whose warnings came true as often as it happens anyway, or less often, in each of the last two quarters that "
             "can be judged.")

    def _selection_signal(self):
        return self.env['customer.warning.rule']._selection_signal()

    def _selection_foretells(self):
        return self.env['customer.warning.rule']._selection_foretells()

    @property
    def _table_query(self):
        seen = self.env['customer.warning']._search([('date', '>', 'today -365d')])
        limit = self.env['res.config.settings']._customer_success('warn_dismissed_percent')
        horizon = self.env['res.config.settings']._customer_success('churn_horizon_days')
        return SQL(
            """WITH w AS (SELECT w.*, 100.0 * b.stopped / NULLIF(b.customers, 0) AS base
                            FROM (%(seen)s) w
                       LEFT JOIN customer_warning_rule r ON r.id = w.rule_id
                       LEFT JOIN customer_warning_base b
                              ON b.day = date_trunc('month', w.date)::date AND b.horizon_days = %(horizon)s
                             AND b.event = r.foretells)
             SELECT c.*, round(c.precision / NULLIF(c.base, 0), 2) AS lift,
                    CASE WHEN g.rule_id IS NOT NULL THEN 'guess' WHEN c.closed = 0 THEN 'none'
                         WHEN c.dismissed_percent > %(limit)s THEN 'tune' ELSE 'ok' END AS verdict
               FROM (SELECT r.id, r.id AS rule_id, r.signal, r.level, r.foretells, count(w.id) AS raised,
                            count(w.id) FILTER (WHERE w.state <> 'closed') AS open,
                            count(w.id) FILTER (WHERE w.state = 'closed') AS closed, count(w.acted_at) AS acted,
                            round(100.0 * count(w.acted_at) / NULLIF(count(w.id), 0), 1) AS acted_percent,
                            count(w.id) FILTER (WHERE w.outcome = 'solved') AS solved,
                            count(w.id) FILTER (WHERE w.outcome = 'lost') AS lost,
                            count(w.id) FILTER (WHERE w.outcome IN ('cleared', 'left')) AS cleared,
                            count(w.id) FILTER (WHERE w.outcome = 'dismissed') AS dismissed,
                            round(100.0 * count(w.id) FILTER (WHERE w.outcome = 'dismissed')
                                  / NULLIF(count(w.id) FILTER (WHERE w.state = 'closed'), 0), 1) AS dismissed_percent,
                            percentile_cont(0.5) WITHIN GROUP (ORDER BY w.hours_to_act)
                                FILTER (WHERE w.acted_at IS NOT NULL) AS hours,
                            count(w.base) FILTER (WHERE w.foretold IS NOT NULL) AS judged,
                            count(w.base) FILTER (WHERE w.foretold = 'yes') AS followed,
                            round(100.0 * count(w.base) FILTER (WHERE w.foretold = 'yes')
                                  / NULLIF(count(w.base) FILTER (WHERE w.foretold IS NOT NULL), 0), 1) AS precision,
                            round(avg(w.base) FILTER (WHERE w.foretold IS NOT NULL), 1) AS base
                       FROM customer_warning_rule r
                  LEFT JOIN w ON w.rule_id = r.id
                   GROUP BY r.id
                     HAVING r.active OR count(w.id) > 0) c
          LEFT JOIN (%(guessing)s) g ON g.rule_id = c.rule_id""",
            limit=limit, horizon=horizon, guessing=self._guessing_sql(), seen=seen.select(*(
                SQL.identifier(seen.table, name)
                for name in ('id', 'rule_id', 'state', 'outcome', 'acted_at', 'hours_to_act', 'date', 'foretold'))))

    @api.model
    def _guessing_sql(self):
        """Return SQL with the rules (``rule_id``) that were no better than guessing in each of the last two quarters with
        enough warnings to tell, of the warnings ``w``."""
        return SQL(
            """SELECT rule_id
                 FROM (SELECT rule_id, 100.0 * count(*) FILTER (WHERE foretold = 'yes') <= sum(base) AS no_better,
                              row_number() OVER (PARTITION BY rule_id ORDER BY date_trunc('quarter', date) DESC) AS number
                         FROM w
                        WHERE foretold IS NOT NULL AND base IS NOT NULL
                     GROUP BY rule_id, date_trunc('quarter', date)
                       HAVING count(*) >= %s) AS quarters
                WHERE number <= 2
             GROUP BY rule_id
               HAVING count(*) = 2 AND bool_and(no_better)""", ENOUGH)

    def action_view_warnings(self):
        """Open the warnings of this rule."""
        return self.rule_id.action_view_warnings()
