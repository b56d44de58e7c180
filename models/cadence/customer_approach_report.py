from odoo import fields, models
from odoo.tools import SQL

from .customer_approach import CHANGES


class CustomerApproachReport(models.Model):
    """What came of changing the approach when nobody answered: a row for each change that was taken (CAD-7).

    Counted are the changes that the user may see. What came of one is told by the next time somebody tried or was
    reached, whoever it was; what merely left by itself is neither.
    """

    _name = 'customer.approach.report'
    _inherit = ['customer.relation']
    _description = "What Helped When Nobody Answered"
    _auto = False
    _rows_of = 'customer.followup'
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'
    _depends = {
        'customer.followup': [
            'approach_id', 'approach_change', 'contact_at', 'contact_day', 'partner_id', 'company_id', 'channel_id', 'contact_id',
            'reason_id', 'closed_by_id', 'state', 'qualifies', 'outcome', 'answered_at', 'sent_message_id', 'counted_by_id',
            'send_error', 'step_id'],
        'customer.cadence.step': ['automatic'],
        'customer.contact.rule': ['kind'],
    }

    followup_id = fields.Many2one(comodel_name='customer.followup', string="Attempt", readonly=True)
    date = fields.Date(string="Changed On", readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Changed By", readonly=True)
    channel_id = fields.Many2one(comodel_name='customer.channel', string="Tried On", readonly=True)
    reason_id = fields.Many2one(comodel_name='customer.followup.reason', readonly=True)
    approach_id = fields.Many2one(comodel_name='customer.approach', string="Change of Approach", readonly=True)
    change = fields.Selection(selection=CHANGES, string="What Was Changed", readonly=True)
    result = fields.Selection(
        selection=[('answered', "Somebody answered"), ('unanswered', "Nobody again"), ('waiting', "Not tried yet"),
                   ('stopped', "Stopped")], readonly=True)
    next_channel_id = fields.Many2one(comodel_name='customer.channel', string="Then On", readonly=True)
    next_outcome = fields.Selection(selection='_selection_outcome', string="The Customer Then", readonly=True)
    taken = fields.Integer(string="Times Taken", readonly=True)
    answered = fields.Integer(string="Answered Then", readonly=True)
    answered_percent = fields.Float(
        string="Answered Then (%)", readonly=True, aggregator='avg', digits=(16, 1),
        help="Of the changes after which somebody tried again: those that wait, and stops, are out of it.")
    days = fields.Integer(string="Days Until Then", readonly=True, aggregator='avg')

    def _selection_outcome(self):
        return self.env['customer.followup']._fields['outcome']._description_selection(self.env)

    @property
    def _table_query(self):
        seen = self.env['customer.followup']._search([('approach_id', '!=', False), ('state', '=', 'done')])
        columns = ('id', 'partner_id', 'company_id', 'contact_at', 'contact_day', 'closed_by_id', 'channel_id', 'reason_id',
                   'approach_id', 'approach_change')
        return SQL(
            """SELECT a.id, a.id AS followup_id, a.contact_day AS date, a.partner_id, a.company_id, a.closed_by_id AS user_id,
                      a.channel_id, a.reason_id, a.approach_id, a.approach_change AS change, 1 AS taken,
                      CASE WHEN a.approach_change = 'stop' THEN 'stopped' WHEN n.id IS NULL THEN 'waiting'
                           WHEN n.reached THEN 'answered' ELSE 'unanswered' END AS result,
                      n.channel_id AS next_channel_id, n.outcome AS next_outcome,
                      CASE WHEN a.approach_change <> 'stop' AND n.reached THEN 1 ELSE 0 END AS answered,
                      CASE WHEN a.approach_change <> 'stop' AND n.id IS NOT NULL
                           THEN CASE WHEN n.reached THEN 100.0 ELSE 0.0 END END AS answered_percent,
                      n.contact_day - a.contact_day AS days
                 FROM (%(seen)s) a
    LEFT JOIN LATERAL (SELECT f.id, f.channel_id, f.outcome, f.contact_day, %(reached)s AS reached FROM customer_followup f
                        WHERE f.partner_id = a.partner_id AND f.state = 'done' AND (f.contact_at, f.id) > (a.contact_at, a.id)
                          AND (%(reached)s OR %(tried)s)
                     ORDER BY f.contact_at, f.id LIMIT 1) AS n ON TRUE""",
            reached=self.env['customer.followup.attempts']._reached_sql('f'),
            tried=self.env['customer.followup.attempts']._tried_sql('f'),
            seen=seen.select(*(SQL.identifier(seen.table, name) for name in columns)))
