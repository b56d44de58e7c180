from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize, html2plaintext

from ...engine.thanks import is_thanks


class CustomerCaseMailbox(models.AbstractModel):
    """Cases that come by email: whose it is, and what an answer changes (SRV-1)."""

    _name = 'customer.case.mailbox'
    _description = "Mailbox of Cases"

    @api.model
    def _reopen_until(self, case):
        """Return until when a customer's answer reopens a case, instead of beginning a new one."""
        days = self.env['res.config.settings']._customer_success('case_reopen_days')
        return (case.closed_at or case.solved_at or fields.Datetime.now()) + timedelta(days=days)

    @api.model
    def _values_of(self, msg_dict):
        """Return the values of a case that an email opens."""
        person = self._find_sender(msg_dict)
        email = self.env.ref('customer_success.customer_channel_email', raise_if_not_found=False)
        return {
            'name': (msg_dict.get('subject') or '').strip() or self.env._("(No subject)"),
            'email_from': msg_dict.get('email_from'), 'case_type': 'problem',
            'description': html2plaintext(msg_dict.get('body') or '').strip(),
            'channel_id': email.id if email else False,
            'partner_id': person.commercial_partner_id.id,
            'contact_id': person.id if person != person.commercial_partner_id else False,
        }

    @api.model
    def _find_sender(self, msg_dict):
        """Return the contact of a customer who wrote an email; none where nobody or several may have."""
        partners = self.env['res.partner'].sudo()  # the gateway may know all contacts
        person = partners.browse(msg_dict.get('author_id') or ())
        if not person and (address := email_normalize(msg_dict.get('email_from') or '')):
            found = partners.search([('email_normalized', '=', address)], limit=20)
            customers = found.commercial_partner_id
            managed = customers.filtered('customer_managed')
            one = managed if len(managed) == 1 else customers if len(customers) == 1 else customers.browse()
            person = found.filtered(lambda partner: partner.commercial_partner_id == one)[:1]
        # colleagues who forward an email are no customers
        if person.user_ids.filtered(lambda user: not user.share) or person.commercial_partner_id in self._own_companies():
            return partners.browse()
        return person

    @api.model
    def _own_companies(self):
        return self.env['res.company'].sudo().search([]).partner_id  # all of them

    @api.model
    def _is_thanks(self, text):
        """Return whether a text says nothing but thanks."""
        return is_thanks(text, self.env['res.config.settings']._customer_success('case_thanks_words'))

    @api.model
    def _is_colleague(self, msg_dict):
        """Return whether a colleague has written an email."""
        person = self.env['res.partner'].sudo().browse(msg_dict.get('author_id') or ())  # the gateway may know all
        return bool(person.user_ids.filtered(lambda user: not user.share))
