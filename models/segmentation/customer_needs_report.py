from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CustomerNeedsReport(models.Model):
    """What comes of graded leads: a row for each lead with a needs grade (SEG-6).

    Conversion is the share of all graded leads that was won; those still open count as not won yet. Lost leads, which
    Odoo archives, are among them.
    """

    _name = 'customer.needs.report'
    _description = "Needs of Leads"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'
    _depends = {
        'crm.lead': [
            'create_date', 'user_id', 'team_id', 'company_id', 'partner_id', 'source_id', 'country_id', 'won_status', 'active',
            'customer_grade_id', 'customer_need_value', 'customer_core_need', 'customer_solution', 'customer_urgency_id',
            'customer_importance_id', 'customer_fit_id']}

    lead_id = fields.Many2one(comodel_name='crm.lead', readonly=True)
    date = fields.Date(string="Lead Created On", readonly=True)
    grade_id = fields.Many2one(comodel_name='customer.needs.grade', string="Needs Grade", readonly=True)
    urgency_id = fields.Many2one(comodel_name='customer.needs.answer', readonly=True)
    importance_id = fields.Many2one(comodel_name='customer.needs.answer', readonly=True)
    fit_id = fields.Many2one(comodel_name='customer.needs.answer', readonly=True)
    core_need = fields.Text(readonly=True)
    solution = fields.Text(string="Solution Direction", readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Salesperson", readonly=True)
    team_id = fields.Many2one(comodel_name='crm.team', string="Sales Team", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    partner_id = fields.Many2one(comodel_name='res.partner', string="Contact", readonly=True)
    source_id = fields.Many2one(comodel_name='utm.source', readonly=True)
    country_id = fields.Many2one(comodel_name='res.country', readonly=True)
    result = fields.Selection(
        selection=[('won', "Was won"), ('lost', "Was lost"), ('pending', "Still open")], string="What Came of It", readonly=True)
    count = fields.Integer(string="Leads (n)", readonly=True)
    won = fields.Integer(string="Leads Won", readonly=True)
    conversion = fields.Float(
        string="Conversion (%)", readonly=True, aggregator='avg', digits=(16, 1),
        help="Won, of all graded leads; those still open are not won yet.")
    value = fields.Monetary(
        string="Expected Value", readonly=True,
        help="In the currency of the main company, by the exchange rate of the day on which it was entered.")
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')

    @api.depends('lead_id')
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.lead_id.sudo().name  # whoever sees the row knows the lead by name

    def _compute_currency_id(self):
        self.currency_id = self.env['customer.registry']._main_company().currency_id

    def _field_to_sql(self, alias, field_expr, query=None):
        # there is one currency, so that amounts can be added up
        if field_expr == 'currency_id':
            return SQL("%s", self.env['customer.registry']._main_company().currency_id.id)
        return super()._field_to_sql(alias, field_expr, query)

    @property
    def _table_query(self):
        clock = self.env['customer.clock']
        return SQL(
            """SELECT l.id, l.id AS lead_id, %(day)s AS date, l.customer_grade_id AS grade_id,
                      l.customer_urgency_id AS urgency_id, l.customer_importance_id AS importance_id,
                      l.customer_fit_id AS fit_id, l.customer_core_need AS core_need, l.customer_solution AS solution,
                      l.user_id, l.team_id, l.company_id, l.partner_id, l.source_id, l.country_id, l.won_status AS result,
                      1 AS count, (l.won_status = 'won')::int AS won,
                      CASE WHEN l.won_status = 'won' THEN 100.0 ELSE 0.0 END AS conversion,
                      NULLIF(l.customer_need_value, 0) AS value
                 FROM crm_lead l WHERE l.customer_grade_id IS NOT NULL""",
            day=clock._day_sql(SQL("l.create_date"), clock._user_zone_sql(SQL("l.user_id"), SQL("l.company_id"))))

    @api.model
    def get_customer_denominator(self):
        """Return what the shares of this report are of, in a sentence, to be written on it.

        :rtype: str
        """
        return self.env._(
            "Conversion is of all leads with a needs grade: won, lost and still open. The grade is the one they have today.")

    def action_open(self):
        """Open the lead."""
        self._customer_one()
        if not self.lead_id.has_access('read'):
            raise UserError(self.env._(
                "This lead is another person's. Ask an administrator for the right to see all leads, which is one of Sales."))
        return self.lead_id._customer_open()
