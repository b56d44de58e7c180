import smtplib

from odoo import models


class MailMail(models.Model):
    _name = 'mail.mail'
    _inherit = ['mail.mail', 'customer.once']

    def _send(self, auto_commit=False, raise_exception=False, smtp_session=None, alias_domain_id=False, mail_server=False,
              post_send_callback=None):
        """Send what leaves by itself one by one, at most once, and in the customer's office hours only (CAD-10)."""
        once = self.filtered('customer_delivery')
        options = {
            'auto_commit': auto_commit, 'raise_exception': raise_exception, 'smtp_session': smtp_session,
            'alias_domain_id': alias_domain_id, 'mail_server': mail_server, 'post_send_callback': post_send_callback}
        result = super(MailMail, self - once)._send(**options) if self - once or not once else True
        for mail in once._customer_sendable():
            if not mail._customer_begin(keep=auto_commit):
                continue
            try:
                super(MailMail, mail)._send(**options)
            except smtplib.SMTPServerDisconnected:
                mail.customer_delivery = 'unknown'  # the server may have taken it before it left
                raise
        if post_send_callback and once:
            post_send_callback(once.ids)
        return result

    def _customer_sendable(self):
        """Return those that may leave now. What was about to leave when the server stopped is not known to have; what must not
        leave any more is cancelled, and what comes at night waits for the morning."""
        outgoing = self.filtered(lambda mail: mail.state == 'outgoing')
        waiting = outgoing.filtered(lambda mail: mail.customer_delivery == 'waiting')
        begun = (outgoing - waiting).try_lock_for_update()  # who has one of them sends it now
        begun.write({
            'state': 'exception', 'failure_type': 'unknown', 'customer_delivery': 'unknown',
            'failure_reason': begun._customer_say_unknown()})
        # whoever sends the queue has no part in who works with which customer
        followups = self.env['customer.followup'].sudo().search([('mail_id', 'in', waiting.ids)])
        mails = {followup: followup.mail_id for followup in followups}
        delivery = self.env['customer.delivery'].sudo()  # as above
        held = delivery._stop_in_queue(followups)
        for followup in delivery._too_late(followups - held):
            followup.mail_id.scheduled_date = delivery._morning(followup)
            held |= followup
        return waiting - waiting.browse().union(*(mails[followup] for followup in held))
