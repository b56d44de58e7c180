from odoo import api, models
from odoo.fields import Domain

from ..profile.customer_handover import Kind
from .customer_case import NOT_OVER


class CustomerHandover(models.Model):
    """Cases and feedback go to whoever looks after the customer now, unless somebody else was asked to (PRO-7)."""

    _inherit = 'customer.handover'

    @api.model
    def _kinds(self):
        return super()._kinds() | {
            'case': Kind(
                'customer.case', lambda env: env._("Cases"),
                lambda: Domain('state', 'in', NOT_OVER) & Domain('given_by_id', '=', False),
                holder=lambda case: case.absence_id.user_id or case.user_id),
            'feedback': Kind(
                'customer.feedback', lambda env: env._("Feedback to answer"), lambda: Domain('state', '!=', 'answered')),
        }

    @api.model
    def _give(self, name, records, user):
        """A case is in the hands of somebody who is there and works in its company."""
        if name != 'case':
            return super()._give(name, records, user)
        for company, own in records.grouped('company_id').items():
            doer = self.env['customer.responsibility']._doer('manager', user, company)
            own.with_context(mail_auto_subscribe_no_notify=True, mail_notrack=True).write({
                'user_id': doer.id, 'absence_id': False})
        return None
