from odoo import models

HOME = 'customer_success.customer_day_action'


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    def session_info(self):
        """Let people with a role begin with their day, unless they chose a home of their own.

        Nothing is written on users: who gets a role begins here from then on, and who loses it does not. Those who
        administer the system have the role because of that, and begin where they are used to.
        """
        info = super().session_info()
        if info.get('uid') and not info.get('home_action_id') and self._customer_begins_here():
            info['home_action_id'] = self.env['ir.model.data']._xmlid_to_res_id(HOME)
        return info

    def _customer_begins_here(self):
        """Return whether the user begins with the addon, see the setting *Begin here*."""
        user = self.env.user
        return (
            user.has_group('customer_success.group_customer_success_user') and not user.has_group('base.group_system')
            and self.env['res.config.settings']._customer_success('begin_here'))
