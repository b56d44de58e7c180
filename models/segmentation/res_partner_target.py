from odoo import api, fields, models
from odoo.fields import Domain

from ..profile.res_partner import GROUP_USER


class ResPartner(models.Model):
    """The targets that a customer counts in (SEG-8)."""

    _inherit = 'res.partner'

    customer_target_ids = fields.Many2many(
        comodel_name='customer.target', string="Targets of Its Tier", compute='_compute_customer_target_ids', groups=GROUP_USER)
    customer_target_value_id = fields.Many2one(
        comodel_name='customer.target.value', string="Counted In", store=False, search='_search_customer_target_value_id',
        groups=GROUP_USER, help="The customers that the period of a target began with.")

    @api.depends('customer_tier_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_customer_target_ids(self):
        targets = self.env['customer.target']
        found = targets.search([]) if targets.has_access('read') else targets
        for partner in self:
            partner.customer_target_ids = found.filtered(
                lambda target, tier=partner.customer_tier_id: tier and target.tier_id == tier)

    def _search_customer_target_value_id(self, operator, value):
        if operator != 'in':
            return NotImplemented
        values = self.env['customer.target.value'].search([('id', 'in', [one for one in value if one])])
        return Domain('id', 'in', values._members_subselect()) if values else Domain.FALSE
