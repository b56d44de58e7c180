from odoo import models

#: Headers of emails that no person has written, and what stands in them; None: whatever it is.
WRITTEN_BY_ITSELF = {
    'Auto-Submitted': {'auto-replied', 'auto-generated', 'auto-notified'}, 'X-Autoreply': None, 'X-Autorespond': None,
    'X-Auto-Response-Suppress': {'oof'}, 'Precedence': {'auto_reply', 'auto-reply', 'bulk', 'junk'},
}


class MailThread(models.AbstractModel):
    _inherit = 'mail.thread'

    def _message_parse_extract_bounce(self, email_message, message_dict):
        """Say of an email that comes in whether a machine has written it."""
        values = super()._message_parse_extract_bounce(email_message, message_dict)
        by_itself = any(
            text and (kinds is None or text.split(';')[0].strip().casefold() in kinds)
            for name, kinds in WRITTEN_BY_ITSELF.items() for text in [email_message.get(name)])
        return {**values, 'customer_by_itself': by_itself}

    def _message_route_process(self, message, message_dict, routes):
        """What was noted for cases is no value of a message."""
        by_itself = message_dict.pop('customer_by_itself', False)
        return super(MailThread, self.with_context(customer_by_itself=by_itself))._message_route_process(
            message, message_dict, routes)
