from odoo import api, models


class CustomerRegistry(models.AbstractModel):
    _inherit = 'customer.registry'

    @api.model
    def _moved(self, joined, left):
        result = super()._moved(joined, left)
        # when all are being refreshed, the tiers come next and the plan after them
        later = {'at_once': 0} if self.env.context.get('customer_rank_later') else {}
        self.env['customer.plan.request']._request(joined + left, **later)
        return result
