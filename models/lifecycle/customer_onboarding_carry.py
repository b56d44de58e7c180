from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_carry import BUSINESS


class CustomerCarry(models.AbstractModel):
    """Onboardings go along with the business; who has two of them goes on with one."""

    _inherit = 'customer.carry'

    @api.model
    def _fates(self):
        return super()._fates() | {('customer.onboarding', 'partner_id'): BUSINESS}

    @api.model
    def _personal(self):
        return [*super()._personal(), 'customer_is_decider']

    @api.model
    def _make_room(self, sources, target, into):
        """Of two running onboardings in a company that of the target goes on, else the older one."""
        result = super()._make_room(sources, target, into)
        running = self.env['customer.onboarding'].search(
            Domain('partner_id', 'in', [target.id, *sources.ids]) & Domain('state', '=', 'running'))
        for own in running.grouped('company_id').values():
            kept = own.sorted(lambda onboarding: (onboarding.partner_id != target, onboarding.started_at, onboarding.id))[:1]
            (own - kept)._mark_closed('merged')  # they are planned when all is carried
        self.env.flush_all()
        return result
