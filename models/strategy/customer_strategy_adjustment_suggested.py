from odoo import models


class CustomerStrategyAdjustment(models.Model):
    _inherit = 'customer.strategy.adjustment'

    def write(self, vals):
        """Let the activity of what the addon proposed follow the owner, and go when the draft was dealt with."""
        result = super().write(vals)
        if 'user_id' in vals or vals.get('state', 'draft') != 'draft':
            self._follow_suggestion()
        return result

    def _follow_suggestion(self):
        """Hand the activities that :meth:`customer.strategy.suggester._notify` made to the owners of now; take away those of
        proposals that are no drafts any more."""
        adjustments = {adjustment.id: adjustment for adjustment in self}
        activities = self.env['mail.activity'].sudo().search([  # also those of colleagues
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('automated', '=', True),
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_suggestion').id)])
        activities.filtered(lambda activity: adjustments[activity.res_id].state != 'draft').unlink()
        for activity in activities.exists():
            if (user := adjustments[activity.res_id].user_id) and activity.user_id != user:
                activity.with_context(mail_activity_quick_update=True).user_id = user
