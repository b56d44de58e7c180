from odoo import models


class CrmLead(models.Model):
    """A lead that is won may begin an onboarding (LIF-1)."""

    _inherit = 'crm.lead'

    def _merge_dependences(self, opportunities):
        """What began with a lead that goes into another one goes on with that."""
        result = super()._merge_dependences(opportunities)
        for model in ('customer.onboarding', 'customer.referral'):
            # of whoever looks after the customers
            self.env[model].sudo().search([('lead_id', 'in', opportunities.ids)]).lead_id = self
        return result

    def _customer_signed(self, won, partners):
        result = super()._customer_signed(won, partners)
        now = self._filtered_won()
        signing = self.env['customer.onboarding.signing']
        signing._leads_not_won(won - now)
        signing._leads_won(now - won)
        return result
