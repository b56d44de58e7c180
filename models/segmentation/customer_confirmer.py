from odoo import api, models
from odoo.tools import SQL


class CustomerConfirmer(models.AbstractModel):
    """Profiles of a tier may be confirmed more often, or less (PRO-6, SEG-1)."""

    _inherit = 'customer.confirmer'

    @api.model
    def _days_sql(self, alias):
        self.env['customer.tier'].flush_model(['confirm_days'])
        return SQL(
            "COALESCE((SELECT NULLIF(tier.confirm_days, 0) FROM customer_tier tier WHERE tier.id = %s), %s)",
            SQL.identifier(alias, 'customer_tier_id'), super()._days_sql(alias))
