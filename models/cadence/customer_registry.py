from odoo import api, models
from odoo.tools import SQL


class CustomerRegistry(models.AbstractModel):
    _inherit = 'customer.registry'

    @api.model
    def _buyers_sql(self, partner_ids=None):
        """Add whoever won leads are about, where the settings say so: leads that were won since this addon is there."""
        buyers = super()._buyers_sql(partner_ids)
        if not self.env['res.config.settings']._customer_success('won_leads'):
            return buyers
        self.env['crm.lead'].flush_model(['partner_id', 'active', 'won_status', 'customer_won_at'])
        return SQL(
            """%(buyers)s
                UNION
               SELECT p.commercial_partner_id
                 FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                WHERE l.won_status = 'won' AND l.active AND l.customer_won_at IS NOT NULL %(only)s""",
            buyers=buyers, only=self.env['customer.document']._only_sql(SQL("p.commercial_partner_id"), partner_ids))

    @api.model
    def _moved(self, joined, left):
        result = super()._moved(joined, left)
        # when all are being refreshed, the tiers come next and the plan after them
        later = {'at_once': 0} if self.env.context.get('customer_rank_later') else {}
        self.env['customer.plan.request']._request(joined + left, **later)
        return result
