from odoo import models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        # read before: a done activity may lose its record
        warnings = self._customer_warnings()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for warning in warnings:
            warning._take_on()
            warning._start_plan()
        return result

    def _customer_warnings(self):
        """Return the warnings these are about: whoever ticks one off takes the warning on (HEA-3)."""
        kind = self.env.ref('customer_success.mail_activity_type_warning', raise_if_not_found=False)
        mine = self.filtered(lambda activity: activity.res_model == 'customer.warning' and activity.activity_type_id == kind)
        return self.env['customer.warning'].browse(mine.mapped('res_id')).exists()
