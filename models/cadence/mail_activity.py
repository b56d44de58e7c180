from odoo import fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        # read before: a done activity may lose its record
        reminded, contacts = self._customer_followups(), self._customer_contacts()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        now = fields.Datetime.now()
        for followup in reminded.filtered(lambda followup: followup.state == 'planned'):
            followup.partner_id._log_contact(
                channel=followup.channel_id, contact_at=now, followup=followup, outcome=False, feedback=feedback or '')
        for channel, person in contacts:
            # a colleague's call counts as well, whoever looks after the customer
            person.commercial_partner_id.sudo()._log_contact(
                channel=channel, contact_at=now, contact=person if person.parent_id else None, outcome=False,
                feedback=feedback or '')
        return result

    def _customer_followups(self):
        """Return the follow-ups whose reminder these are: whoever ticks a reminder off has made the contact (CAD-9)."""
        reminder = self.env.ref('customer_success.mail_activity_type_followup', raise_if_not_found=False)
        reminders = self.filtered(
            lambda activity: activity.res_model == 'customer.followup' and activity.activity_type_id == reminder)
        return self.env['customer.followup'].browse(reminders.mapped('res_id')).exists()

    def _customer_contacts(self):
        """Return the contacts with managed customers that these activities stand for: channel and person (CAD-4).

        :rtype: list[tuple]
        """
        # what counts is a rule for everybody, also for those who don't see customer care
        channels = self.env['customer.channel'].sudo().search([('activity_type_ids', 'in', self.activity_type_id.ids)])
        contacts = []
        for activity in self.filtered(lambda activity: activity.activity_type_id in channels.activity_type_ids):
            if activity.res_model not in ('res.partner', 'crm.lead', 'sale.order'):
                continue
            record = self.env[activity.res_model].browse(activity.res_id).exists()
            person = record if activity.res_model == 'res.partner' else record.partner_id
            if person.sudo().commercial_partner_id.customer_managed:  # as above
                channel = channels.filtered(lambda channel, done=activity: done.activity_type_id in channel.activity_type_ids)
                contacts.append((channel[:1], person))
        return contacts
