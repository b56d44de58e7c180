from odoo import api, models

from ..profile.customer_carry import BUSINESS, DROPPED


class CustomerCarry(models.AbstractModel):
    """Tier, segment and potential, with their histories, go along with the business."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.tier.change', 'partner_id'): BUSINESS,
            ('customer.segment.change', 'partner_id'): BUSINESS,
            ('customer.potential.answer', 'partner_id'): BUSINESS,
            ('customer.potential.change', 'partner_id'): BUSINESS,
            # computed anew for what goes on
            ('customer.potential', 'partner_id'): DROPPED,
            # found anew for what goes on
            ('customer.path', 'partner_id'): DROPPED,
            ('customer.assignment', 'partner_id'): BUSINESS,
        }

    @api.model
    def _carried_together(self):
        return [
            *super()._carried_together(),
            ('customer_tier_id', 'customer_tier_since'),
            ('customer_tier_manual_id', 'customer_tier_manual_until', 'customer_tier_manual_reason'),
            # a judgement goes along with its grade, a computed grade is made anew
            ('customer_potential_reason', 'customer_potential', 'customer_potential_date', 'customer_potential_until'),
            ('customer_risk_level',),
            ('customer_segment_id', 'customer_segment_since'),
            ('customer_backup_id',),
            ('customer_expert_id',),
            ('customer_team_id',),
        ]

    @api.model
    def _figures(self):
        return [*super()._figures(), 'customer_revenue', 'customer_first_order', 'customer_last_order']

    @api.model
    def _settle(self, partners):
        result = super()._settle(partners)
        self.env['customer.potential.keeper']._refresh(partners.ids, place=False)
        # the orders of all are now of one
        self.env['customer.ranking']._rank(partners.ids)
        # who stood in for the one may look after the other
        partners.filtered(lambda partner: partner.customer_backup_id and partner.customer_backup_id == partner.user_id)\
            ._empty_care_place('customer_backup_id')
        return result
