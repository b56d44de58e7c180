from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class CustomerPlanner(models.AbstractModel):
    """What was agreed with a customer that is not to be contacted any more: nobody forgets it, and it comes back (CAD-8)."""

    _inherit = 'customer.planner'

    @api.model
    def _tell_stopped(self, followup_ids):
        """Tell whoever had agreed on something that it is cancelled, because the customer is not to be contacted.

        :param list[int] followup_ids: ids of follow-ups that were just cancelled
        """
        if not followup_ids:
            return
        promises = self.env['customer.followup'].search(
            Domain('id', 'in', followup_ids) & Domain('close_kind', '=', 'no_contact') & Domain('anchor_kind', '=', 'promise'))
        told = promises.filtered('user_id.active').grouped(lambda promise: (promise.user_id, promise.partner_id))
        for (user, partner), own in told.items():
            says = self.with_context(lang=user.lang)
            first, more = own.sorted('date_planned')[0], len(own) - 1
            values = {'customer': partner.display_name, 'what': first.name or first.channel_id.with_env(says.env).name,
                      'day': format_date(says.env, first.date_planned), 'count': more}
            summary = says.env._(
                "%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s) and %(count)s more", **values,
            ) if more else says.env._("%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s)", **values)
            first._create_tasks('stopped', [(first, user, None, summary, None)])

    @api.model
    def _untell_stopped(self, followup_ids):
        """Take away what people were told of follow-ups that are open again.

        :param list[int] followup_ids: ids of follow-ups
        """
        if followup_ids:
            self.env['customer.followup'].browse(followup_ids)._tasks('stopped').unlink()
