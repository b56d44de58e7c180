from odoo import models


class CustomerPath(models.Model):
    """A strategy for customers that could rise or are falling (SEG-7)."""

    _inherit = 'customer.path'

    def action_strategy(self):
        """Open the strategy of this customer, or the dialog that starts one for each of several."""
        self.check_access('read')
        return self.partner_id.action_customer_strategy() if len(self) == 1 else self.partner_id.action_customer_strategy_start()
