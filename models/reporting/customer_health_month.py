from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..health.customer_health_snapshot import BANDS
from ..segmentation.res_partner import RISKS

#: Months that are looked back, besides the one that runs.
MONTHS = 12

#: Room for the months of a customer.
PLACES = 16


class CustomerHealthMonth(models.Model):
    """How customers did at the end of each of the last twelve months, and who was lost in it: a row for each customer and month,
    the running one until today (REP-3).

    Who was lost is whom somebody marked as lost on a day of the month, as the targets count it; what was withdrawn is none.
    """

    _name = 'customer.health.month'
    _inherit = ['customer.relation', 'customer.known']
    _description = "Health and Churn by Month"
    _auto = False
    _rows_of = 'res.partner'
    _rows_each = PLACES
    _order = 'date desc, partner_id'
    _rec_name = 'partner_id'
    _known_when = {'score': [('band', '!=', 'none')]}
    _depends = {
        'customer.health.snapshot': ['partner_id', 'date', 'date_end', 'band', 'score'],
        'customer.loss': ['partner_id', 'date', 'state'],
        'res.partner': ['customer_tier_id', 'customer_segment_id', 'customer_risk_level', 'country_id', 'user_id', 'company_id'],
        'res.users': ['customer_team_id', 'company_id'],
    }

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    date = fields.Date(
        string="Month Looked At", readonly=True, help="How it was on the last day of the month, of the running one today.")
    band = fields.Selection(selection=BANDS, string="Health Status", readonly=True)
    score = fields.Float(readonly=True, digits=(5, 2), aggregator='avg', help="Means are of the customers that have a score.")
    at_risk = fields.Integer(string="Customers at Risk", readonly=True)
    lost = fields.Integer(string="Customers Lost", readonly=True, help="Customers that somebody marked as lost in the month.")
    lost_percent = fields.Float(
        string="Lost (%)", readonly=True, aggregator='avg', digits=(16, 1), help="Of the customers of the month.")
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True, help="That of today.")
    team_id = fields.Many2one(comodel_name='crm.team', readonly=True, help="That of the account manager.")
    tier_id = fields.Many2one(comodel_name='customer.tier', string="Tier Today", readonly=True)
    segment_id = fields.Many2one(comodel_name='customer.segment', string="Segment Today", readonly=True)
    risk_level = fields.Selection(selection=RISKS, string="Risk Today", readonly=True)
    country_id = fields.Many2one(comodel_name='res.country', readonly=True)

    @api.model
    def get_customer_denominator(self):
        """Return what the shares of this report are of, in a sentence, to be written on it.

        :rtype: str
        """
        return self.env._(
            "Each customer counts once a month, as it was on the last day. “Lost (%)” is of the customers of the month; the "
            "churn of twelve months and its target stand in Targets of Tiers. Tier, segment and account manager are those of "
            "today.")

    @property
    def _table_query(self):
        responsibility, today = self.env['customer.responsibility'], fields.Date.context_today(self)
        health = self._seen_sql('customer.health.snapshot', ('partner_id', 'date', 'date_end', 'band', 'score'))
        losses = self._seen_sql('customer.loss', ('partner_id', 'date'), Domain('state', '!=', 'withdrawn'))
        return SQL(
            """WITH month AS (SELECT back AS number,
                                     (date_trunc('month', %(today)s::date) - make_interval(months => back))::date AS first,
                                     LEAST((date_trunc('month', %(today)s::date) - make_interval(months => back - 1))::date - 1,
                                           %(today)s::date) AS last
                                FROM generate_series(0, %(months)s) AS back),
                    lost AS (SELECT DISTINCT m.number, m.first, m.last, l.partner_id
                               FROM month m JOIN (%(losses)s) AS l ON l.date BETWEEN m.first AND m.last)
             SELECT p.id::bigint * %(places)s + r.number AS id, p.id AS partner_id, r.first AS date, r.band, r.score,
                    (r.band = 'risk')::int AS at_risk, r.lost::int AS lost, 100.0 * r.lost::int AS lost_percent, p.user_id,
                    u.customer_team_id AS team_id, p.customer_tier_id AS tier_id, p.customer_segment_id AS segment_id,
                    p.customer_risk_level AS risk_level, p.country_id, %(company)s AS company_id
               FROM (SELECT m.number, m.first, s.partner_id, s.band, s.score, lost.partner_id IS NOT NULL AS lost
                       FROM month m
                       JOIN (%(health)s) AS s ON s.date <= m.last AND (s.date_end IS NULL OR s.date_end >= m.last)
                  LEFT JOIN lost ON lost.number = m.number AND lost.partner_id = s.partner_id
                      UNION ALL
                     -- whoever left the customers with the loss has no health any more
                     SELECT lost.number, lost.first, lost.partner_id, 'none', NULL, TRUE
                       FROM lost
                      WHERE NOT EXISTS (SELECT FROM (%(health)s) AS s
                                         WHERE s.partner_id = lost.partner_id AND s.date <= lost.last
                                           AND (s.date_end IS NULL OR s.date_end >= lost.last))) AS r
               JOIN res_partner p ON p.id = r.partner_id
          LEFT JOIN res_users u ON u.id = p.user_id""",
            today=today, months=MONTHS, places=PLACES, health=health, losses=losses,
            company=responsibility._company_sql('p', 'u'))

    @api.model
    def _seen_sql(self, model, columns, domain=Domain.TRUE):
        """Return SQL with columns of the records of a model that the reader may see."""
        query = self.env[model]._search(domain)
        return query.select(*(SQL.identifier(query.table, column) for column in columns))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Open the customer."""
        self._customer_one()
        return self.partner_id._customer_open()
