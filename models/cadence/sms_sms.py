from odoo import models


class SmsSms(models.Model):
    _name = 'sms.sms'
    _inherit = ['sms.sms', 'customer.once']

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Send what leaves by itself at most once, and in the customer's office hours only (CAD-10)."""
        once = self.filtered('customer_delivery')
        sendable = self - once
        if once:
            sendable += once._customer_sendable()._customer_begin(keep=bool(self.env.context.get('cron_id')))
        if not sendable:
            return None
        return super(SmsSms, sendable)._send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception)

    def _customer_sendable(self):
        """Return those that may leave now, see ``mail.mail``."""
        outgoing = self.filtered(lambda sms: sms.state == 'outgoing')
        waiting = outgoing.filtered(lambda sms: sms.customer_delivery == 'waiting')
        begun = (outgoing - waiting).try_lock_for_update()  # who has one of them sends it now
        begun.write({'customer_delivery': 'unknown'})
        begun.action_set_error('unknown')
        for notice in begun.sms_tracker_id.mail_notification_id:
            notice.failure_reason = begun._customer_say_unknown()
        # whoever sends the queue has no part in who works with which customer
        followups = self.env['customer.followup'].sudo().search([
            ('sent_message_id', 'in', waiting.mail_message_id.ids), ('sent_message_id', '!=', False)])
        delivery = self.env['customer.delivery'].sudo()  # as above
        messages = {followup: followup.sent_message_id for followup in followups}
        stopped = delivery._stop_in_queue(followups)
        late = delivery._too_late(followups - stopped)
        if late:
            mornings = [delivery._morning(followup) for followup in late]
            self.env.ref('sms.ir_cron_sms_scheduler_action').sudo()._trigger(at=min(mornings))  # as above
        held = {messages[followup] for followup in stopped | late}
        return waiting.filtered(lambda sms: sms.mail_message_id not in held)
