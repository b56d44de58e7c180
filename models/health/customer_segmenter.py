from odoo import api, models
from odoo.tools import SQL


class CustomerSegmenter(models.AbstractModel):
    """Places customers by their health too, and anew whenever that was scored (SEG-4)."""

    _inherit = 'customer.segmenter'

    @api.model
    def _columns_sql(self):
        return SQL("%s, COALESCE(p.customer_health_band, 'none') AS health_band", super()._columns_sql())

    @api.model
    def _grounds(self):
        return super()._grounds() | {'health': ('health_band', 'health_band')}

    @api.model
    def _condition_sql(self, name, value, relation, tier):
        if name == 'health':
            return SQL("%s = %s", SQL.identifier(relation, 'health_band'), value)
        return super()._condition_sql(name, value, relation, tier)
