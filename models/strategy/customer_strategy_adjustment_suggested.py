from odoo import models


class CustomerStrategyAdjustment(models.Model):
    _inherit = 'customer.strategy.adjustment'

    def write(self, vals):
        """The activity of what the addon proposed goes when the draft was dealt with."""
        result = super().write(vals)
        if vals.get('state', 'draft') != 'draft':
            self._tasks('suggestion').unlink()
        return result
