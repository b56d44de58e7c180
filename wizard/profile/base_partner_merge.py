from odoo import api, models


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Keep what was decided by hand, and the numbers that are given up, when contacts are merged (PLT-2)."""
        # whoever may merge contacts need not see customer care
        sources, target = src_partners.sudo(), dst_partner.sudo()
        numbers = [number for number in sources.mapped('customer_number') if number]
        enrolled = 'enrolled' in sources.mapped('customer_enrolment') and target.customer_enrolment != 'excluded'
        result = super()._update_values(sources, target)  # the values include fields that are not for writing
        if enrolled:
            target.customer_enrolment = 'enrolled'
        given_up = [number for number in numbers if number != target.customer_number]
        if given_up:
            target.message_post(body=self.env._("Merged: also had the customer number %s.", ", ".join(given_up)))
        target._refresh_managed()
        return result
