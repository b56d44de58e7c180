from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerCareBudget(models.Model):
    """What one customer may cost in a year, instead of the budget of its tier (CUL-6)."""

    _name = 'customer.care.budget'
    _description = "Own Care Budget of a Customer"
    _order = 'year desc, partner_id, kind_id'
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name='res.partner', string="Customer", required=True, index=True, ondelete='cascade',
        domain=[('customer_managed', '=', True)])
    year = fields.Char(required=True, size=4, index=True, default=lambda self: str(fields.Date.context_today(self).year))
    kind_id = fields.Many2one(comodel_name='customer.care.kind', required=True, index=True, ondelete='restrict')
    amount = fields.Monetary(string="Budget", required=True, help="For the whole year. 0: nothing may be spent.")
    reason = fields.Char(required=True, help="Why this customer has a budget of its own.")
    company_id = fields.Many2one(
        comodel_name='res.company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one(related='partner_id.user_id', string="Account Manager")
    tier_id = fields.Many2one(related='partner_id.customer_tier_id')

    _uniq = models.Constraint(
        'UNIQUE (partner_id, year, kind_id, company_id)',
        "This customer already has a budget of its own for this kind and year. Change that one.")
    _amount_positive = models.Constraint('CHECK (amount >= 0)', "A budget can't be negative.")

    @api.constrains('year')
    def _check_year(self):
        for budget in self:
            if not (budget.year.isdigit() and 2000 <= int(budget.year) <= 2099):
                raise ValidationError(self.env._("%(year)s is not a year. Please write it like 2026.", year=budget.year))

    @api.depends('partner_id', 'year', 'kind_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for budget in self:
            budget.display_name = self.env._(
                "%(customer)s: %(what)s", customer=budget.partner_id.display_name, what=f'{budget.kind_id.name} {budget.year}')

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._complete(vals)
        return super().create(vals_list)

    def write(self, vals):
        return super().write(self._complete(dict(vals)))

    @api.model
    def _complete(self, vals):
        """A budget is one of the whole customer, whichever of its contacts was chosen."""
        if vals.get('partner_id'):
            vals['partner_id'] = self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id
        return vals
