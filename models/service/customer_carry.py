from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_carry import BUSINESS, PERSON


class CustomerCarry(models.AbstractModel):
    """Cases go along with the business: what was complained of stays with whoever complained."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {
            ('customer.case', 'partner_id'): BUSINESS,
            ('customer.case', 'contact_id'): PERSON,
        }

    @api.model
    def _settle(self, partners):
        """What happened to one of them and to the other is a repetition now."""
        result = super()._settle(partners)
        cases = self.env['customer.case'].search(
            Domain('partner_id', 'in', partners.ids) & Domain('cause_id', '!=', False), order='opened_at')
        cases._find_previous()
        return result
