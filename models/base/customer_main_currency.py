from odoo import api, fields, models
from odoo.tools import SQL


class CustomerMainCurrency(models.AbstractModel):
    """Rows with amounts in the main company's currency, whichever company the user works in."""

    _name = 'customer.main.currency'
    _description = "Amounts in the Main Company's Currency"

    currency_id = fields.Many2one(comodel_name='res.currency', compute='_compute_currency_id')

    @api.depends_context('company')
    def _compute_currency_id(self):
        self.currency_id = self.env['customer.clock']._main_company().currency_id

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == 'currency_id':
            # one for all: without it no list and no pivot could add up amounts
            return SQL("%s::int", self.env['customer.clock']._main_company().currency_id.id)
        return super()._field_to_sql(alias, field_expr, query)
