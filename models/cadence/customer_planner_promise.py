from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date


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
            Domain('id', 'in', followup_ids) & Domain('close_kind', '=', 'no_contact') & Domain('anchor_kind', '=', 'promise')
            & Domain('user_id.active', '=', True))
        reminder = self.env['customer.reminder']
        for (user, partner), own in promises.grouped(lambda promise: (promise.user_id, promise.partner_id)).items():
            says = reminder.with_context(lang=user.lang)
            first, more = own.sorted('date_planned')[0], len(own) - 1
            values = {'customer': partner.display_name, 'what': first.name or first.channel_id.name,
                      'day': format_date(says.env, first.date_planned), 'count': more}
            summary = says.env._(
                "%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s) and %(count)s more", **values,
            ) if more else says.env._("%(customer)s is not to be contacted. Cancelled: %(what)s (%(day)s)", **values)
            reminder._create_activities(
                'customer_success.mail_activity_type_stopped', [(first, user, fields.Date.context_today(self), summary, False)])

    @api.model
    def _revive_promises(self, partner_ids):
        """Open again what was agreed with customers before contacts were stopped. What is past is due today.

        :param partner_ids: ids of customers that may be contacted again
        """
        self.env['customer.followup'].flush_model()
        days, today = self._loose_days(), fields.Date.context_today(self)
        escalate = SQL("GREATEST(f.date_planned, %s) + %s", today, days['grace'] + days['escalate']) \
            if days['escalate'] else SQL("NULL::date")
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup f
                  SET state = 'planned', close_kind = NULL, closed_at = NULL, closed_by_id = NULL, reminded = FALSE,
                      escalated = FALSE, date_planned = GREATEST(f.date_planned, %(today)s),
                      date_manual = GREATEST(f.date_planned, %(today)s),
                      date_limit = GREATEST(f.date_planned, %(today)s) + %(grace)s, date_escalate = %(escalate)s,
                      date_remind = GREATEST(f.date_planned, %(today)s) - %(remind)s, write_date = %(now)s
                WHERE f.partner_id = ANY(%(ids)s) AND f.state = 'cancelled' AND f.close_kind = 'no_contact'
                  AND f.anchor_kind = 'promise' AND f.step_id IS NULL
                  AND f.closed_at = (SELECT max(o.closed_at) FROM customer_followup o
                                      WHERE o.partner_id = f.partner_id AND o.close_kind = 'no_contact')
            RETURNING f.id""",
            ids=list(partner_ids), today=today, grace=days['grace'], remind=days['remind'], escalate=escalate,
            now=self.env.cr.now()))
        followups = self.env['customer.followup'].browse(followup_id for followup_id, in rows)
        followups.invalidate_recordset()
        self.env['mail.activity'].sudo().search([  # of whoever was told
            ('res_model', '=', 'customer.followup'), ('res_id', 'in', followups.ids),
            ('activity_type_id', '=', self.env.ref('customer_success.mail_activity_type_stopped').id)]).unlink()
