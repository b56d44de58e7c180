from odoo import api, models
from odoo.tools import SQL


class BasePartnerMerge(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Make room for the budgets and guests of the merged contacts, which are unique (PLT-2).

        Of two own budgets for the same kind and year the larger one stays, with both reasons. Of two places on the same
        guest list one stays: with the attendance if one of them came, else with the invitation.
        """
        self.env.flush_all()
        ids = (src_partners + dst_partner).ids
        self.env.cr.execute(SQL(
            """WITH same AS (
                   SELECT id, amount, reason, partner_id = %(target)s AS kept,
                          array_agg(id) OVER (PARTITION BY kind_id, year, company_id) AS ids,
                          row_number() OVER (PARTITION BY kind_id, year, company_id
                                                 ORDER BY amount DESC, partner_id = %(target)s DESC, id) AS place
                     FROM customer_care_budget WHERE partner_id = ANY(%(ids)s)),
               gone AS (DELETE FROM customer_care_budget WHERE id IN (SELECT id FROM same WHERE place > 1))
               UPDATE customer_care_budget b
                  SET reason = concat_ws('; ', b.reason, (
                          SELECT string_agg(o.reason || ' (' || o.amount || ')', '; ' ORDER BY o.place)
                            FROM same o WHERE o.id = ANY(same.ids) AND o.place > 1))
                 FROM same
                WHERE same.id = b.id AND same.place = 1 AND cardinality(same.ids) > 1""",
            ids=ids, target=dst_partner.id))
        self.env.cr.execute(SQL(
            """DELETE FROM customer_care_guest
                WHERE id IN (SELECT id
                               FROM (SELECT id, row_number() OVER (
                                                PARTITION BY event_id
                                                    ORDER BY attendance = 'attended' DESC NULLS LAST,
                                                             followup_id IS NOT NULL DESC, attendee_id IS NOT NULL DESC,
                                                             partner_id = %(target)s DESC, id) AS place
                                       FROM customer_care_guest WHERE partner_id = ANY(%(ids)s)) AS ranked
                              WHERE place > 1)""",
            ids=ids, target=dst_partner.id))
        self.env.invalidate_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
