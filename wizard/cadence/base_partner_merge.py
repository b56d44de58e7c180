from odoo import api, fields, models
from odoo.tools import SQL


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Make room for the follow-ups of the merged contacts: there is one open follow-up per touchpoint (PLT-2).

        Open touchpoints of the sources are cancelled, the target's are planned anew by all contacts together. A touch
        after an event that both had is kept as a plain record.
        """
        self.env['customer.followup'].flush_model()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_followup SET state = 'cancelled', close_kind = 'merged', closed_at = %s
                WHERE partner_id = ANY(%s) AND state = 'planned' AND step_id IS NOT NULL RETURNING id""",
            fields.Datetime.now(), src_partners.ids))
        self.env.cr.execute(SQL(
            """UPDATE customer_followup f SET event_date = NULL
                WHERE f.partner_id = ANY(%s) AND f.event_date IS NOT NULL AND f.state <> 'cancelled'
                  AND (EXISTS (SELECT 1 FROM customer_followup o
                                WHERE o.partner_id = ANY(%s) AND o.step_id = f.step_id AND o.event_date = f.event_date
                                  AND o.id <> f.id AND o.state <> 'cancelled'))""",
            src_partners.ids, (src_partners + dst_partner).ids))
        self.env['customer.followup'].invalidate_model()
        self.env['customer.reminder'].sudo()._follow_plan([row_id for row_id, in rows])  # reminders of anybody
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        # do not contact one of them means: do not contact them
        stopped = src_partners.sudo().filtered('customer_do_not_contact')[:1]  # hidden from who has no role here
        result = super()._update_values(src_partners, dst_partner)
        target = dst_partner.sudo().commercial_partner_id  # as above
        if stopped:
            target.write({
                'customer_do_not_contact': True,
                'customer_do_not_contact_reason': stopped.customer_do_not_contact_reason})
        self.env['customer.plan.request']._request(target.ids)
        return result
