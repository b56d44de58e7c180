from odoo import api, models
from odoo.tools import SQL

from ..segmentation.customer_assigner import Knowledge


class CustomerAssigner(models.AbstractModel):
    """Who knows the culture of a customer can be given it (SEG-9, CUL-1)."""

    _inherit = 'customer.assigner'

    @api.model
    def _knowledge(self):
        return super()._knowledge() | {'culture': Knowledge(
            'culture_ids', lambda: SQL("(%s)::text", self.env['res.partner']._customer_culture_sql('p')))}
