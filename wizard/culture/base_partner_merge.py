from odoo import api, models
from odoo.tools import SQL


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Make room for the greetings and occasions of the merged contacts: nobody is greeted twice (PLT-2).

        What both were greeted on in the same year is kept as a record of its own; the open one among them is closed. What
        both have noted is kept archived.
        """
        partners = src_partners + dst_partner
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """UPDATE customer_greeting g
                  SET moment = -g.id, state = CASE g.state WHEN 'planned' THEN 'skipped' ELSE g.state END
                WHERE g.partner_id = ANY(%s)
                  AND EXISTS (SELECT 1 FROM customer_greeting o
                               WHERE o.partner_id = ANY(%s) AND o.kind_id = g.kind_id AND o.year = g.year
                                 AND COALESCE(o.festival_id, 0) = COALESCE(g.festival_id, 0) AND o.moment = g.moment
                                 AND (o.partner_id = %s OR o.id < g.id) AND o.id <> g.id)
            RETURNING g.id""", src_partners.ids, partners.ids, dst_partner.id))
        self.env.execute_query(SQL(
            """UPDATE customer_occasion o SET active = FALSE
                 FROM customer_occasion_kind k
                WHERE k.id = o.kind_id AND k.once IS NOT TRUE AND o.active AND o.partner_id = ANY(%s)
                  AND EXISTS (SELECT 1 FROM customer_occasion other
                               WHERE other.active AND other.partner_id = ANY(%s) AND other.kind_id = o.kind_id
                                 AND COALESCE(other.festival_id, 0) = COALESCE(o.festival_id, 0)
                                 AND (other.partner_id = %s OR other.id < o.id) AND other.id <> o.id)
            RETURNING o.id""", src_partners.ids, partners.ids, dst_partner.id))
        self.env['customer.occasion'].invalidate_model()
        self.env['customer.greeting'].invalidate_model()
        # greetings of anybody
        followups = self.env['customer.greeting'].sudo().browse(row_id for row_id, in rows).followup_ids
        followups.filtered(lambda followup: followup.state == 'planned')._mark_cancelled('merged', '')
        return super()._update_foreign_keys(src_partners, dst_partner)
