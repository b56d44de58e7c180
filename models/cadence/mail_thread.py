from odoo import api, models
from odoo.tools import html2plaintext

from ...engine.delivery import is_permanent

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
        """What was noted of the sender is no value of a message."""
        by_itself = message_dict.pop('customer_by_itself', False)
        return super(MailThread, self.with_context(customer_by_itself=by_itself))._message_route_process(
            message, message_dict, routes)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Take back the automatic touch whose email came back, however late; a notice that it takes longer is none."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        message = message_dict.get('bounced_message')
        reports = [part for part in email_message.walk() if part.get_content_type() == 'message/delivery-status']
        fields = [block for report in reports for block in report.get_payload() if not isinstance(block, str)]
        actions = {(block.get('Action') or '').strip().casefold() for block in fields} - {''}
        if message and (not actions or 'failed' in actions):
            said = " ".join(text for block in fields for name in ('Status', 'Diagnostic-Code') if (text := block.get(name)))
            reason = said or html2plaintext(message_dict.get('body') or '').strip() or message_dict.get('subject') or ''
            self.env['customer.delivery']._take_bounce(message, " ".join(reason.split())[:300], is_permanent(reason))
        return result
