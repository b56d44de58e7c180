from odoo import fields, models
from odoo.tools import SQL

from .customer_warning_rule import LEVELS


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
        'customer.warning': ['rule_id', 'state', 'outcome', 'acted_at', 'hours_to_act', 'date'],
        'customer.warning.rule': ['signal', 'level', 'active'],
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
    verdict = fields.Selection(
        selection=[('none', "Nothing closed yet"), ('ok', "Fine"), ('tune', "Tune me")], readonly=True,
        help="To be tuned is a rule of which more warnings were dismissed than the settings allow.")

    def _selection_signal(self):
        return self.env['customer.warning.rule']._selection_signal()

    @property
    def _table_query(self):
        seen = self.env['customer.warning']._search([('date', '>', 'today -365d')])
        limit = self.env['res.config.settings']._customer_success('warn_dismissed_percent')
        return SQL(
            """SELECT c.*, CASE WHEN c.closed = 0 THEN 'none' WHEN c.dismissed_percent > %(limit)s THEN 'tune'
                                ELSE 'ok' END AS verdict
                 FROM (SELECT r.id, r.id AS rule_id, r.signal, r.level, count(w.id) AS raised,
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
                                  FILTER (WHERE w.acted_at IS NOT NULL) AS hours
                         FROM customer_warning_rule r
                    LEFT JOIN (%(seen)s) w ON w.rule_id = r.id
                     GROUP BY r.id
                       HAVING r.active OR count(w.id) > 0) c""",
            limit=limit, seen=seen.select(*(
                SQL.identifier(seen.table, name)
                for name in ('id', 'rule_id', 'state', 'outcome', 'acted_at', 'hours_to_act'))))

    def action_view_warnings(self):
        """Open the warnings of this rule."""
        return self.rule_id.action_view_warnings()
