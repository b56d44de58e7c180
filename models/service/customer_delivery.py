from odoo import api, models
from odoo.fields import Domain

from ...engine.delivery import is_permanent


class CustomerDelivery(models.AbstractModel):
    """Questions of touchpoints that were not asked after all (CAD-10, SRV-5)."""

    _inherit = 'customer.delivery'

    @api.model
    def _unsent(self, domain):
        requests = self.env['customer.feedback.request'].search(
            Domain('followup_id', '!=', False)
            & (Domain('state', '=', 'waiting') | Domain('state', '=', 'sent') & Domain('mail_id.state', '=', 'outgoing')))
        return super()._unsent(domain) | self.env['customer.followup'].search(
            Domain(domain) & Domain('state', '=', 'done') & Domain('id', 'in', requests.followup_id.ids))

    @api.model
    def _cancel_message(self, followup):
        result = super()._cancel_message(followup)
        for request in self.env['customer.feedback.request'].search([
                ('followup_id', '=', followup.id), ('state', 'in', ('waiting', 'sent'))]):
            request.mail_id.filtered(lambda mail: mail.state == 'outgoing').cancel()
            request.with_context(customer_followup_knows=True)._drop('survey_off')
        return result

    @api.model
    def _take_bounce(self, message, reason, for_good):
        """A question that came back was not asked."""
        result = super()._take_bounce(message, reason, for_good)
        if message.model == 'customer.feedback.request':
            request = self.env['customer.feedback.request'].sudo().browse(message.res_id).exists()  # as in the gateway
            if request.state == 'sent':
                user = request.followup_id.user_id or request.partner_id.user_id
                request.write({'state': 'failed', 'reason': self._say_came_back(reason, user)[:500]})
        return result

    @api.model
    def _take_unasked(self, request):
        """Let the touch of a question that was not asked after all be due again.

        :param request: customer.feedback.request that was dropped or failed
        """
        followup, reason = request.followup_id, request.reason or ''
        if followup.state == 'done' and followup.qualifies and not followup.answered_at:
            says = followup.with_context(lang=followup.user_id.lang or self.env.lang)
            failed = request.state == 'failed'
            self._take_back([(
                followup, reason if failed else says.env._("Not asked: %(reason)s", reason=reason),
                not failed or is_permanent(reason))], 'failed' if failed else 'nobody')
