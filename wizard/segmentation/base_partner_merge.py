from odoo import api, models


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        result = super()._update_values(src_partners, dst_partner)
        # the orders of all are now of one; figures are readonly for everybody
        self.env['customer.refresh'].sudo()._rank(dst_partner.commercial_partner_id.ids)
        return result
