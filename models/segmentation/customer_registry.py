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
            self._leave_tiers(left)
        if joined and not self.env.context.get('customer_rank_later'):
            self.env['customer.refresh']._rank(joined)
        return result

    @api.model
    def _leave_tiers(self, partner_ids):
        """Take customers out of their tier, and keep that in the history."""
        self.env['customer.tier.change'].flush_model()
        self.env.cr.execute(SQL(
            """WITH gone AS (
                    SELECT id, customer_tier_id, customer_revenue FROM res_partner
                     WHERE id = ANY(%(ids)s) AND customer_tier_id IS NOT NULL
                    ), history AS (
               INSERT INTO customer_tier_change (partner_id, date, old_tier_id, cause, direction, revenue, currency_id,
                                                 create_uid, create_date, write_uid, write_date)
                    SELECT id, %(today)s, customer_tier_id, 'left', 'down', customer_revenue, %(currency)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM gone
                    )
             UPDATE res_partner p SET customer_tier_id = NULL, customer_tier_since = NULL
               FROM gone WHERE gone.id = p.id""",
            ids=partner_ids, today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now(),
            currency=self._main_company().currency_id.id,
        ))
        self.env['res.partner'].browse(partner_ids).invalidate_recordset(['customer_tier_id', 'customer_tier_since'])
