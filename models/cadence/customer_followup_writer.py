from odoo import models
from odoo.exceptions import UserError


class CustomerFollowupWriter(models.AbstractModel):
    """Opens the email that a follow-up asks for, to the person of the customer or to the lead."""

    _name = 'customer.followup.writer'
    _description = "Emails of Follow-ups"

    def _compose(self, followup):
        """Return the action that opens the email composer: for the contact person, with the template of the touchpoint, else
        what it is for as the subject; for a lead to its contact, else to its address."""
        subject = {'default_subject': followup.name or followup.step_id.name}
        if followup.partner_id:
            person = followup._email_recipient()
            template = followup.sudo().mail_template_id or followup.step_id.sudo().mail_template_id  # rules, not the user's
            context = {
                'default_model': 'res.partner', 'default_res_ids': followup.partner_id.ids, 'default_partner_ids': person.ids,
                'default_template_id': template.id, **({} if template else subject)}
        else:
            context = {'default_model': 'crm.lead', 'default_res_ids': followup.lead_id.ids, **subject}
        return {
            'type': 'ir.actions.act_window',
            'name': followup.env._("Write email"),
            'res_model': 'mail.compose.message',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_composition_mode': 'comment', **context},
        }

    def _recipient(self, followup):
        """Return who is written to; see ``customer.followup._email_recipient``."""
        addressee, customer = followup.env['customer.addressee'], followup.partner_id
        people, refused = addressee._people(customer, 'email', followup.contact_id)
        without_address = [person for person, why_not in refused if why_not == 'no_address']
        if not people and not without_address:
            raise UserError(addressee._describe_refused(customer, 'email', refused))
        if followup.contact_id in without_address:
            return followup.contact_id
        return (people - customer)[:1] or people[:1] or without_address[0]
