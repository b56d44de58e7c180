import re

from odoo import models

#: How an action says that its screen opens with the own records.
MINE = re.compile(r"""(['"])search_default_mine\1\s*:\s*(?:1|True)\s*,?\s*""")


class IrActionsActWindow(models.Model):
    _inherit = 'ir.actions.act_window'

    def _get_action_dict(self):
        """Open the screens of customer care with what is for whoever opens them: the own, the team's, or all.

        A manager without customers of their own would else read on Monday morning that there is nothing to worry about.
        """
        result = super()._get_action_dict()
        context = result.get('context')
        if isinstance(context, str) and 'search_default_mine' in context and (
                self._customer_is_ours(result.get('xml_id'))):
            result['context'] = MINE.sub(self._customer_scope(), context)
        return result

    def _customer_is_ours(self, xml_id):
        return (xml_id or '').startswith('customer_success.')

    def _customer_scope(self):
        """Return the part of a context that filters a screen to what is for this user."""
        user, group = self.env.user, 'customer_success.group_customer_success_%s'
        if user.has_group(group % 'manager'):
            return ""
        return "'search_default_my_team': 1, " if user.has_group(group % 'leader') else "'search_default_mine': 1, "
