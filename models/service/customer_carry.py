from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..profile.customer_carry import BUSINESS, PERSON


class CustomerCarry(models.AbstractModel):
    """Cases go along with the business: what was complained of stays with whoever complained."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.case', 'partner_id'): BUSINESS,
            ('customer.case', 'contact_id'): PERSON,
            ('customer.feedback', 'partner_id'): BUSINESS,
            ('customer.feedback', 'contact_id'): PERSON,
            ('customer.feedback.request', 'partner_id'): BUSINESS,
            ('customer.feedback.request', 'contact_id'): PERSON,
            ('customer.mood.hit', 'partner_id'): BUSINESS,
        }

    @api.model
    def _personal(self):
        return [*super()._personal(), 'customer_no_surveys']

    @api.model
    def _make_room_for_people(self, sources, kept):
        """Nobody is about to be asked twice."""
        result = super()._make_room_for_people(sources, kept)
        waiting = self.env['customer.feedback.request'].search(
            Domain('contact_id', 'in', [kept.id, *sources.ids]) & Domain('state', '=', 'waiting'))
        first = waiting.filtered(lambda request: request.contact_id == kept) or waiting.sorted('id')
        (waiting - first[:1])._drop('waiting')
        self.env.flush_all()
        return result

    @api.model
    def _settle(self, partners):
        """What happened to one of them and to the other is a repetition now."""
        result = super()._settle(partners)
        cases = self.env['customer.case'].search(
            Domain('partner_id', 'in', partners.ids) & Domain('cause_id', '!=', False), order='opened_at')
        self.env['customer.case.opener']._find_previous(cases)
        # whose tier, segment and tags they have now may have another policy
        self.env['customer.case.replanner'].sudo()._replan_of(  # cases of everybody
            SQL("SELECT unnest(%s::int[])", partners.ids), 'tier_id', 'segment_id', 'demand_type_id', 'category_id',
            'of_customer')
        return result
