from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.res_partner import GROUP_USER, PREFETCH


class ResPartner(models.Model):
    _inherit = 'res.partner'

    customer_culture_manual_id = fields.Many2one(
        comodel_name='customer.culture', string="Own Culture Profile", index='btree_not_null', ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="A culture profile for this customer alone. Empty: that of its state, else that of its country.")
    customer_culture_id = fields.Many2one(
        comodel_name='customer.culture', string="Culture", compute='_compute_customer_culture_id',
        search='_search_customer_culture_id', groups=GROUP_USER)

    @api.depends('customer_culture_manual_id', 'country_id', 'state_id')
    def _compute_customer_culture_id(self):
        cultures = self.env['customer.culture']
        by_state, by_country = cultures._get_places()
        for partner in self:
            own = partner.customer_culture_manual_id
            partner.customer_culture_id = own if own.active else cultures.browse(
                by_state.get(partner.state_id.id) or by_country.get(partner.country_id.id))

    def _search_customer_culture_id(self, operator, value):
        if operator in ('any', 'any!'):
            # searched by something of the profile, like its name
            cultures = self.env['customer.culture'].sudo(self.env.su or operator == 'any!')
            value = cultures.search(value if isinstance(value, Domain) else Domain('id', 'in', value)).ids
        elif operator != 'in':
            return NotImplemented
        ids = [culture_id for culture_id in value if culture_id]

        def to_sql(model, alias, query):
            culture = model._customer_culture_sql(alias)
            is_null = SQL("%s IS NULL", culture) if len(ids) < len(value) else SQL("FALSE")
            return SQL("(%s = ANY(%s::int[]) OR %s)", culture, ids, is_null)

        return Domain.custom(to_sql=to_sql)

    def _customer_culture_sql(self, alias):
        """Return SQL for the culture profile of a partner."""
        self.env['customer.culture'].flush_model()
        parts = self.env['customer.culture']._customer_sql(alias)
        return SQL("(SELECT %(culture)s FROM (SELECT 1) AS one %(joins)s)", **parts)

    def _field_to_sql(self, alias, field_expr, query=None):
        # lets customers be grouped by culture, which no column of theirs holds
        if field_expr == 'customer_culture_id':
            return self._customer_culture_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _customer_planning_fields(self):
        return super()._customer_planning_fields() | {'customer_culture_manual_id', 'state_id'}
