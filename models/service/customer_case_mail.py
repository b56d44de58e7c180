from odoo import api, fields, models
from odoo.tools import email_normalize, html2plaintext

from ...engine.thanks import is_thanks
from .customer_case import AT_WORK


class CustomerCase(models.Model):
    """Cases that come by email, and what is answered to them (SRV-1)."""

    _inherit = 'customer.case'

    @api.model
    def _mail_get_partner_fields(self, introspect_fields=False):
        """A message goes to the person, before the customer as a whole."""
        return ['contact_id', 'partner_id']

    def _message_compute_subject(self):
        """What we write to the customer says the number; which case an answer belongs to is told by its Message-Id."""
        self.ensure_one()
        return f'[{self.number}] {self.name}' if self.number else self.name

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """An email to the address of cases opens one. Of whom nobody knows whose it is, it is there to be assigned."""
        person = self._find_sender(msg_dict)
        email = self.env.ref('customer_success.customer_channel_email', raise_if_not_found=False)
        values = {
            'name': (msg_dict.get('subject') or '').strip() or self.env._("(No subject)"),
            'email_from': msg_dict.get('email_from'), 'case_type': 'problem',
            'description': html2plaintext(msg_dict.get('body') or '').strip(),
            'channel_id': email.id if email else False,
            'partner_id': person.commercial_partner_id.id,
            'contact_id': person.id if person != person.commercial_partner_id else False,
            **(custom_values or {}),
        }
        return super().message_new(msg_dict, custom_values=values)

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

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        """The customer's answer goes on with what waits, and reopens what is solved. Thanks don't, nor what a machine or a
        colleague has written."""
        result = super().message_update(msg_dict, update_vals=update_vals)
        if self.env.context.get('customer_by_itself') or self._is_colleague(msg_dict):
            return result
        text = html2plaintext(msg_dict.get('body') or '')
        for case in self.sudo():  # the gateway is nobody who works with the customer
            if case.state == 'waiting' and not case._open_followups('promise'):
                case._resume('reply')
            elif case.state not in AT_WORK and not self._is_thanks(text):
                case._take_reply(msg_dict)
        return result

    def _take_reply(self, msg_dict):
        """Go on with a case that was over: reopen it, or after so many days begin a new one that is linked to it."""
        self.ensure_one()
        if fields.Datetime.now() <= self._reopen_until(self):
            self._reopen(self.env._("The customer has answered."))
            return
        followed = self.create({
            'name': self.name, 'partner_id': self.partner_id.id, 'contact_id': self.contact_id.id,
            'email_from': self.email_from, 'company_id': self.company_id.id, 'case_type': self.case_type,
            'channel_id': self.channel_id.id, 'description': html2plaintext(msg_dict.get('body') or '').strip(),
            'cause_id': self.cause_id.id})
        followed.previous_id = self
        followed.message_post(body=self.env._("The customer has answered to %(case)s.", case=self._get_html_link()))

    @api.model
    def _is_thanks(self, text):
        """Return whether a text says nothing but thanks."""
        return is_thanks(text, self.env['res.config.settings']._customer_success('case_thanks_words'))

    @api.model
    def _is_colleague(self, msg_dict):
        """Return whether a colleague has written an email."""
        person = self.env['res.partner'].sudo().browse(msg_dict.get('author_id') or ())  # the gateway may know all
        return bool(person.user_ids.filtered(lambda user: not user.share))
