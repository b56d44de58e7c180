from odoo import fields, models
from odoo.tools import SQL

#: Room for the months of a stay.
PLACES = 1000


class CustomerStageMonth(models.Model):
    """How many customers stood in each stage at the end of each month, the running one until today (LIF-3)."""

    _name = 'customer.stage.month'
    _inherit = ['customer.relation']
    _description = "Customers by Stage over Time"
    _auto = False
    _rows_of = 'customer.stage.stay'
    _rows_each = PLACES
    _order = 'date desc, partner_id'
    _rec_name = 'partner_id'
    _depends = {'customer.stage.stay': ['partner_id', 'stage_id', 'date_from', 'date_to']}

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    stage_id = fields.Many2one(comodel_name='customer.stage', readonly=True)
    date = fields.Date(string="At the End Of", readonly=True, help="Who stood in the stage on the last day of the month.")
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', string="Tier Today", readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', string="Segment Today", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.id::bigint * %(places)s + m.number AS id, s.partner_id, s.stage_id, m.first AS date,
                      p.user_id, p.customer_tier_id AS tier_id, p.customer_segment_id AS segment_id
                 FROM (%(stays)s) AS s
                 JOIN res_partner p ON p.id = s.partner_id
                 JOIN (SELECT back AS number,
                              (date_trunc('month', %(today)s::date) - make_interval(months => back))::date AS first,
                              LEAST((date_trunc('month', %(today)s::date) - make_interval(months => back - 1))::date - 1,
                                    %(today)s::date) AS last
                         FROM generate_series(0, 12) AS back) AS m
                   ON s.date_from <= m.last AND (s.date_to IS NULL OR s.date_to > m.last)""",
            places=PLACES, stays=self.env['customer.stage.stay']._stays_sql(), today=fields.Date.context_today(self))
