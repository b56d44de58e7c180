from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..platform.local_text import listed


class CustomerCareBudgetRule(models.Model):
    """How much a customer of a tier may cost in a year, by kind of care (CUL-6)."""

    _name = 'customer.care.budget.rule'
    _description = "Care Budget"
    _order = 'kind_id, sequence, id'

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind_id = fields.Many2one(comodel_name='customer.care.kind', required=True, index=True, ondelete='cascade')
    tier_ids = fields.Many2many(
        comodel_name='customer.tier',
        string="Tiers",
        help="Empty: every tier that has no budget of its own for this kind, and customers without a tier.",
    )
    amount = fields.Monetary(string="Budget a Year", required=True, help="For each customer. 0: nothing may be spent.")
    company_id = fields.Many2one(
        comodel_name='res.company',
        index='btree_not_null',
        ondelete='cascade',
        help="Empty: for every company that has no budgets of its own for this kind; the amount is in the currency of the "
             "main company and converted at the rate of 1 January.",
    )
    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')

    _amount_positive = models.Constraint('CHECK (amount >= 0)', "A budget can't be negative.")

    @api.constrains('kind_id', 'tier_ids', 'company_id', 'active')
    def _check_overlap(self):
        """Refuse two budgets for the same kind, tier and company: nobody could tell which one holds."""
        others = self.sudo().search([('kind_id', 'in', self.kind_id.ids)])  # those of hidden companies hold as well
        for rule in self.filtered('active'):
            for other in others - rule:
                same = other.kind_id == rule.kind_id and other.company_id == rule.company_id
                if same and (other.tier_ids & rule.tier_ids or not other.tier_ids and not rule.tier_ids):
                    raise ValidationError(self.env._(
                        "There is already a budget for %(kind)s and %(tiers)s. Change that one, or choose other tiers.",
                        kind=rule.kind_id.name,
                        tiers=listed(self.env, (other.tier_ids & rule.tier_ids).mapped('name')) or self.env._("all other tiers")))

    @api.depends('company_id')
    def _compute_currency_id(self):
        main = self.env['customer.registry']._main_company()
        for rule in self:
            rule.currency_id = (rule.company_id or main).sudo().currency_id  # the main company is not everybody's

    @api.depends('kind_id', 'tier_ids')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for rule in self:
            tiers = listed(self.env, rule.tier_ids.mapped('name')) or self.env._("All other tiers")
            rule.display_name = self.env._("%(what)s: %(value)s", what=rule.kind_id.name, value=tiers)
