from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_handover import Kind


class CustomerHandover(models.Model):
    """Who takes a customer over takes its onboarding over, unless that is somebody else's (PRO-7)."""

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        return super()._kinds() | {'onboarding': Kind(
            'customer.onboarding', lambda env: env._("Onboardings"), lambda: Domain('state', '=', 'running'))}

    @api.model
    def _give(self, name, records, user):
        """An onboarding is in the hands of somebody who can open it, in its company."""
        if name != 'onboarding':
            return super()._give(name, records, user)
        for company, own in records.grouped('company_id').items():
            owner = self.env['customer.responsibility']._owner('manager', user, company)
            own.with_context(mail_auto_subscribe_no_notify=True, mail_notrack=True).write({'user_id': owner.id})
        return None
