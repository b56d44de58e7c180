from odoo import api, models
from odoo.tools import SQL


class CustomerGreeter(models.AbstractModel):
    _inherit = 'customer.greeter'

    @api.model
    def _not_paused_sql(self):
        """Nobody with an open complaint is greeted as if nothing were the matter."""
        return SQL("%s AND NOT (%s)", super()._not_paused_sql(), self.env['res.partner']._customer_complaint_sql(
            SQL("o.customer_id")))

    @api.model
    def _still_sql(self, first, last):
        self.env['customer.case'].flush_model(['partner_id', 'case_type', 'state'])
        return SQL("%s AND NOT (%s)", super()._still_sql(first, last), self.env['res.partner']._customer_complaint_sql(
            SQL("g.customer_id")))
