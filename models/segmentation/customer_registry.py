from odoo import api, fields, models
from odoo.tools import SQL


class CustomerRegistry(models.AbstractModel):
    _inherit = 'customer.registry'

    @api.model
    def _buyers_sql(self, partner_ids=None):
        if partner_ids is None and self.env.context.get('customer_rank_later'):
            # what everybody bought has just been added up
            return SQL("SELECT id FROM customer_bought WHERE bought")
        return super()._buyers_sql(partner_ids)

    @api.model
    def _moved(self, joined, left):
        result = super()._moved(joined, left)
        if left:
            self._leave_classes(left)
        if joined and not self.env.context.get('customer_rank_later'):
            self.env['customer.refresh']._rank(joined)
        return result

    @api.model
    def _leave_classes(self, partner_ids):
        """Take customers out of their tier and their segment, and keep that in the histories."""
        self.env['customer.tier.change'].flush_model()
        self.env['customer.segment.change'].flush_model()
        self.env.cr.execute(SQL(
            """WITH gone AS (
                    SELECT id, customer_tier_id, customer_revenue, customer_segment_id, customer_potential,
                           customer_risk_level
                      FROM res_partner
                     WHERE id = ANY(%(ids)s) AND (customer_tier_id IS NOT NULL OR customer_segment_id IS NOT NULL)
                    ), tiers AS (
               INSERT INTO customer_tier_change (partner_id, date, old_tier_id, cause, direction, revenue, currency_id,
                                                 create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_tier_id, 'left', 'down', customer_revenue, %(currency)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone WHERE customer_tier_id IS NOT NULL
                    ), segments AS (
               INSERT INTO customer_segment_change (partner_id, date, old_segment_id, cause, tier_id, potential, risk,
                                                    create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_segment_id, 'left', customer_tier_id, customer_potential,
                           customer_risk_level, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone WHERE customer_segment_id IS NOT NULL
                    )
             UPDATE res_partner p SET customer_tier_id = NULL, customer_tier_since = NULL,
                                      customer_segment_id = NULL, customer_segment_since = NULL
               FROM gone WHERE gone.id = p.id""",
            ids=partner_ids, today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now(),
            currency=self._main_company().currency_id.id,
        ))
        self.env['res.partner'].browse(partner_ids).invalidate_recordset([
            'customer_tier_id', 'customer_tier_since', 'customer_tier_change_ids', 'customer_segment_id',
            'customer_segment_since', 'customer_segment_change_ids'])
