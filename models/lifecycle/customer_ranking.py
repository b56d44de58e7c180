from odoo import api, models
from odoo.tools import SQL

from .customer_referral import RUNNING

#: With so many orders at once, stages wait for the night.
AT_ONCE = 200


class CustomerRanking(models.AbstractModel):
    """Stages follow the first order, and every later one, at once (LIF-3)."""

    _inherit = 'customer.ranking'

    @api.model
    def _refresh_all(self):
        # at night all are placed when their health is known
        return super(CustomerRanking, self.with_context(customer_stage_later=True))._refresh_all()

    @api.model
    def _figures_changed(self):
        result = super()._figures_changed()
        if not self.env.context.get('customer_stage_later'):
            rows = self.env.execute_query(SQL(
                "SELECT id FROM customer_rank WHERE figures_changed OR tier_changed OR segment_changed ORDER BY id LIMIT %s",
                AT_ONCE + 1))
            if len(rows) <= AT_ONCE:
                ids = [partner_id for partner_id, in rows]
                self.env['customer.stager']._refresh(ids)
                self._settle_referrals(ids)
        return result

    @api.model
    def _settle_referrals(self, partner_ids):
        """Let the referrals of customers follow their orders at once: the thanks don't wait for the night."""
        referrals = self.env['customer.referral'].sudo()  # of customers of colleagues
        if running := referrals.search([('partner_id', 'in', partner_ids), ('state', 'in', RUNNING)]):
            referrals._settle(running.ids)
