from odoo import api, models


class BasePartnerMerge(models.TransientModel):
    """Merging contacts keeps what is known of all of them, see ``customer.carry`` (PLT-2)."""

    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # whoever may merge contacts need not see customer care
        carry, sources, target = self.env['customer.carry'].sudo(), src_partners.sudo(), dst_partner.sudo()
        carry._carry(sources, target)
        carry._make_room_for_people(sources, target)
        self.env.invalidate_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        # as above; the values include fields that are not for writing
        result = super()._update_values(src_partners.sudo(), dst_partner.sudo())
        self.env['customer.carry'].sudo()._settle(dst_partner.sudo().commercial_partner_id)  # as above
        return result
