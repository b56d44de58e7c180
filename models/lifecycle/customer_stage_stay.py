from odoo import api, fields, models
from odoo.tools import SQL


class CustomerStageStay(models.Model):
    """How long customers stand, and stood, in each stage: a row for each stay (LIF-3).

    The reader's record rules stand in the innermost relation, so that a salesperson's report costs what the own customers cost.
    """

    _name = 'customer.stage.stay'
    _inherit = ['customer.relation']
    _description = "Time in a Stage"
    _auto = False
    _rows_of = 'customer.stage.change'
    _order = 'date_from desc, id desc'
    _rec_name = 'partner_id'
    _depends = {
        'customer.stage.change': ['partner_id', 'date', 'new_stage_id', 'cause'],
        'res.partner': ['user_id', 'customer_tier_id', 'customer_segment_id', 'country_id'],
    }

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="Until", readonly=True, help="Empty: it stands there today.")
    days = fields.Integer(
        readonly=True, aggregator='avg', help="So many days until it left, or until today. Groups show the mean of their stays.")
    state = fields.Selection(selection=[('now', "Stands there"), ('left', "Has left")], readonly=True)
    next_stage_id = fields.Many2one(comodel_name='customer.stage', string="Then", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', readonly=True)
    country_id = fields.Many2one(comodel_name='res.country', readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.id, s.partner_id, s.stage_id, s.date_from, s.date_to, s.next_stage_id,
                      COALESCE(s.date_to, %(today)s::date) - s.date_from AS days,
                      CASE WHEN s.date_to IS NULL THEN 'now' ELSE 'left' END AS state,
                      p.user_id, p.customer_tier_id AS tier_id, p.customer_segment_id AS segment_id, p.country_id
                 FROM (%(stays)s) AS s
                 JOIN res_partner p ON p.id = s.partner_id""",
            stays=self._stays_sql(), today=fields.Date.context_today(self))

    @api.model
    def _stays_sql(self):
        """Return SQL with the stays of the customers that the user may see, without those that did not last a day."""
        changes = self.env['customer.stage.change']._search([])
        return SQL(
            """SELECT h.id, h.partner_id, h.new_stage_id AS stage_id, h.date AS date_from, h.date_to, h.next_stage_id
                 FROM (SELECT c.id, c.partner_id, c.new_stage_id, c.date,
                              lead(c.date) OVER mine AS date_to, lead(c.new_stage_id) OVER mine AS next_stage_id
                         FROM (%(changes)s) AS c
                       WINDOW mine AS (PARTITION BY c.partner_id ORDER BY c.date, c.id)) AS h
                WHERE h.new_stage_id IS NOT NULL AND (h.date_to IS NULL OR h.date_to > h.date)""",
            changes=changes.select(*(
                SQL.identifier(changes.table, column) for column in ('id', 'partner_id', 'date', 'new_stage_id'))))
