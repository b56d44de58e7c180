from odoo import api, fields, models
from odoo.tools import SQL

from ..cadence.selection_order import order_by_selection


class CustomerCareBudgetStatus(models.Model):
    """What is left of the care budgets (CUL-6).

    A row stands for a customer, kind of care, year and company with spending or a budget of its own. With customers in the
    context (``customer_care_partner_ids``) every kind they have a budget for this year gets its row.
    """

    _name = 'customer.care.budget.status'
    _description = "Care Budget of a Customer"
    _auto = False
    _order = 'year desc, partner_id, kind_id'
    _depends = {
        'customer.care.expense': ['partner_id', 'kind_id', 'year', 'company_id', 'direction', 'amount'],
        'customer.care.budget': ['partner_id', 'kind_id', 'year', 'company_id', 'amount'],
        'res.partner': ['customer_tier_id', 'user_id'],
    }

    partner_id = fields.Many2one(comodel_name='res.partner', string="Customer", readonly=True)
    kind_id = fields.Many2one(comodel_name='customer.care.kind', readonly=True)
    year = fields.Char(readonly=True)
    period = fields.Date(string="Year Beginning", readonly=True)
    company_id = fields.Many2one(comodel_name='res.company', readonly=True)
    currency_id = fields.Many2one(comodel_name='res.currency', readonly=True)
    user_id = fields.Many2one(comodel_name='res.users', string="Account Manager", readonly=True)
    tier_id = fields.Many2one(comodel_name='customer.tier', readonly=True)
    tier_color = fields.Integer(related='tier_id.color')
    budget = fields.Monetary(readonly=True)
    spent = fields.Monetary(readonly=True)
    left = fields.Monetary(readonly=True)
    percent = fields.Float(string="Used (%)", readonly=True, aggregator=None)
    own = fields.Boolean(string="Own Budget", readonly=True)
    state = fields.Selection(
        selection=[
            ('over', "Over budget"), ('near', "Nearly used up"), ('ok', "Within budget"), ('none', "No budget set"),
        ], readonly=True)

    @api.depends('partner_id', 'kind_id', 'year')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for status in self:
            status.display_name = self.env._(
                "%(customer)s: %(what)s", customer=status.partner_id.display_name, what=f'{status.kind_id.name} {status.year}')

    @property
    def _table_query(self):
        rules = self.env['customer.care.ledger']._rule_amounts()
        near = self.env['res.config.settings']._customer_success('care_near_percent')
        return SQL(
            """WITH rule AS (SELECT *
                               FROM unnest(%(companies)s::int[], %(kinds)s::int[], %(tiers)s::int[], %(amounts)s::numeric[])
                                        WITH ORDINALITY AS r (company_id, kind_id, tier_id, amount, place))
             SELECT k.id, k.partner_id, k.kind_id, k.year, make_date(k.year::int, 1, 1) AS period, k.company_id, c.currency_id,
                    k.user_id, k.tier_id, k.spent, k.own IS NOT NULL AS own, b.amount AS budget, b.amount - k.spent AS left,
                    CASE WHEN b.amount > 0 THEN round(100 * k.spent / b.amount, 1)::float END AS percent,
                    CASE WHEN b.amount IS NULL THEN 'none' WHEN k.spent > b.amount THEN 'over'
                         WHEN b.amount > 0 AND 100 * k.spent >= %(near)s * b.amount THEN 'near' ELSE 'ok' END AS state
               FROM (SELECT partner_id, user_id, tier_id, kind_id, year, company_id, sum(spent) AS spent, max(own) AS own,
                            -- one of the rows below: each belongs to one budget, and those that are kept come first
                            COALESCE(min(number) FILTER (WHERE number %% 3 < 2), min(number)) AS id
                       FROM (%(rows)s) AS r
                   GROUP BY partner_id, user_id, tier_id, kind_id, year, company_id) AS k
               JOIN res_company c ON c.id = k.company_id
          LEFT JOIN rule ON rule.company_id = k.company_id AND rule.kind_id = k.kind_id
                        AND rule.tier_id = COALESCE(k.tier_id, 0)
       CROSS JOIN LATERAL (SELECT COALESCE(k.own, rule.amount) AS amount) AS b""",
            companies=[key[0] for key in rules], kinds=[key[1] for key in rules], tiers=[key[2] for key in rules],
            amounts=list(rules.values()), near=near, rows=self._rows_sql())

    @api.model
    def _rows_sql(self):
        """Return SQL with what is spent and what is an own budget, and the kinds of the customers in the context.

        Who looks after the customer stands in each row, so that the filter *Mine* looks at no other customer. Each row has a
        number of its own, within the 31 bits that XML-RPC knows.
        """
        partner_ids = self.env.context.get('customer_care_partner_ids') or []
        return SQL(
            """SELECT p.id AS partner_id, p.user_id, p.customer_tier_id AS tier_id, e.kind_id, e.year, e.company_id,
                      e.amount AS spent, NULL::numeric AS own, e.id::bigint * 3 AS number
                 FROM customer_care_expense e JOIN res_partner p ON p.id = e.partner_id
                WHERE e.direction = 'given'
                UNION ALL
               SELECT p.id, p.user_id, p.customer_tier_id, o.kind_id, o.year, o.company_id, 0, o.amount, o.id::bigint * 3 + 1
                 FROM customer_care_budget o JOIN res_partner p ON p.id = o.partner_id
                UNION ALL
               SELECT p.id, p.user_id, p.customer_tier_id, rule.kind_id, %(year)s, rule.company_id, 0, NULL,
                      ((array_position(%(partner_ids)s::int[], p.id) - 1) * (SELECT count(*) FROM rule) + rule.place) * 3 + 2
                 FROM res_partner p JOIN rule ON rule.tier_id = COALESCE(p.customer_tier_id, 0)
                WHERE p.id = ANY(%(partner_ids)s::int[]) AND rule.company_id = ANY(%(company_ids)s)""",
            year=str(fields.Date.context_today(self).year), partner_ids=[int(partner_id) for partner_id in partner_ids],
            company_ids=self.env.companies.ids)

    def _read_group_orderby(self, order, groupby_terms, query):
        return order_by_selection(super()._read_group_orderby, self, ['state'], order, groupby_terms, query)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _action_for(self, partners):
        """Return the action that shows the budgets of these customers, every kind they have one for included."""
        customers = partners.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_care_budget_status_action')
        action['domain'] = [('partner_id', 'in', customers.ids)]
        action['context'] = {
            'customer_care_partner_ids': customers.ids, 'search_default_this_year': 1, 'search_default_group_partner': 1,
            'default_partner_id': customers[:1].id,
        }
        return action

    def action_view_expenses(self):
        """Open what was spent on this budget."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_care_expense_action')
        action['domain'] = [
            ('partner_id', '=', self.partner_id.id), ('kind_id', '=', self.kind_id.id), ('year', '=', self.year),
            ('company_id', '=', self.company_id.id), ('direction', '=', 'given')]
        action['context'] = {'default_partner_id': self.partner_id.id, 'default_kind_id': self.kind_id.id}
        return action

    def action_own_budget(self):
        """Open the customer's own budget for this kind and year, or a new one."""
        self._customer_one()
        budget = self.env['customer.care.budget'].search([
            ('partner_id', '=', self.partner_id.id), ('kind_id', '=', self.kind_id.id), ('year', '=', self.year),
            ('company_id', '=', self.company_id.id)], limit=1)
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Own budget"), 'res_model': 'customer.care.budget',
            'res_id': budget.id, 'view_mode': 'form', 'target': 'new',
            'context': {
                'default_partner_id': self.partner_id.id, 'default_kind_id': self.kind_id.id, 'default_year': self.year,
                'default_company_id': self.company_id.id, 'default_amount': self.budget},
        }
