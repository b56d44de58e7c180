from odoo import fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        # whoever ticks a reminder off has made the contact: the follow-up is logged with what was written
        reminder = self.env.ref('customer_success.mail_activity_type_followup', raise_if_not_found=False)
        reminders = self.filtered(
            lambda activity: activity.res_model == 'customer.followup' and activity.activity_type_id == reminder)
        followups = self.env['customer.followup'].browse(reminders.mapped('res_id')).exists()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for followup in followups.filtered(lambda followup: followup.state == 'planned'):
            followup.partner_id._log_contact(
                channel=followup.channel_id, contact_at=fields.Datetime.now(), followup=followup,
                feedback=feedback or '')
        return result
