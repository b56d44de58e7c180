from odoo import fields, models
from odoo.tools import SQL


class CustomerLoad(models.Model):
    """How many customers of each tier everybody looks after: a row for each person and tier (SEG-9)."""

    _name = 'customer.load'
    _description = "Load of Account Managers"
    _auto = False
    _order = 'user_id, tier_id, id'
    _rec_name = 'user_id'
    _depends = {
        'res.partner': ['user_id', 'customer_managed', 'customer_tier_id'], 'customer.tier': ['weight'],
        'customer.expertise': ['user_id', 'most', 'takes_new'], 'res.users': ['active', 'customer_team_id', 'company_id']}

    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True)
    customers = fields.Integer(string="Customers (n)", readonly=True)
    load = fields.Integer(
        readonly=True, help="Customers, each as many times as its tier counts.")
    most = fields.Integer(
        string="Limit", readonly=True, aggregator='max', help="How much load the rules give this person at most; 0: no limit.")
    share = fields.Float(
        string="Of the Limit (%)", readonly=True, digits=(16, 1), aggregator='sum',
        help="Which share of the limit these customers are. The rows of one person add up.")
    takes_new = fields.Boolean(string="Gets New Customers", readonly=True)

    @property
    def _table_query(self):
        responsibility, assigner = self.env['customer.responsibility'], self.env['customer.assigner'].sudo()  # the limit is one
        return SQL(
            """SELECT row_number() OVER (ORDER BY row.user_id, row.tier_id NULLS LAST)::int AS id, row.user_id,
                      u.customer_team_id AS team_id, u.company_id, row.tier_id, row.customers, row.load, %(limit)s AS most,
                      CASE WHEN %(limit)s > 0 THEN row.load * 100.0 / %(limit)s ELSE 0 END AS share,
                      COALESCE(e.takes_new, TRUE) AS takes_new
                 FROM (SELECT p.user_id, p.customer_tier_id AS tier_id, count(*)::int AS customers,
                              sum(COALESCE(t.weight, 1))::int AS load
                         FROM res_partner p LEFT JOIN customer_tier t ON t.id = p.customer_tier_id
                        WHERE p.customer_managed IS TRUE AND p.user_id IS NOT NULL
                     GROUP BY p.user_id, p.customer_tier_id
                        UNION ALL
                       SELECT u.id, NULL, 0, 0 FROM res_users u
                        WHERE u.customer_team_id IS NOT NULL AND u.id IN (SELECT user_id FROM (%(able)s) AS able)
                          AND NOT EXISTS (SELECT 1 FROM res_partner p
                                           WHERE p.user_id = u.id AND p.customer_managed IS TRUE)) AS row
                 JOIN res_users u ON u.id = row.user_id
            LEFT JOIN customer_expertise e ON e.user_id = row.user_id""",
            able=responsibility._able_sql(),
            limit=SQL("COALESCE(NULLIF(e.most, 0), %s)", assigner._general_limit()))

    def action_view_customers(self):
        """Open the customers of this person in this tier."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.res_partner_action_customers')
        return {**action, 'context': {}, 'domain': [
            ('customer_managed', '=', True), ('user_id', '=', self.user_id.id), ('customer_tier_id', '=', self.tier_id.id)]}
