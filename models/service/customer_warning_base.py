from odoo import api, models
from odoo.tools import SQL

from ..health.warning_event import WarningEvent


class CustomerWarningBase(models.Model):
    """Warnings can foretell a complaint (SRV-1, HEA-3)."""

    _inherit = 'customer.warning.base'

    @api.model
    def _events(self):
        return super()._events() | {
            'complaint': WarningEvent(self.env._("The customer complains"), self._complaint_sql, lambda **values: self.env._(
                "Of the warnings of the last twelve months (%(judged)s) %(precision)s %% were followed by a complaint within "
                "%(days)s days; of all customers it is %(base)s %% anyway.", **values))}

    @api.model
    def _complaint_sql(self, asked, horizon, partner_ids):
        """Who was a customer while cases were kept, and whether a complaint came in."""
        self.env['res.partner'].flush_model(['customer_managed', 'customer_managed_since'])
        facts = self.env['customer.fact'].sudo()  # a figure is one for all users
        return SQL(
            """SELECT p.id AS partner_id, a.day, c.partner_id IS NOT NULL AS happened
                 FROM %(asked)s a
                 JOIN res_partner p ON %(same)s p.customer_managed_since <= a.day AND p.customer_managed IS TRUE
            LEFT JOIN (SELECT DISTINCT c.partner_id, a.day
                         FROM (SELECT DISTINCT day FROM %(asked)s AS days) a
                         JOIN %(complaints)s c ON c.day > a.day AND c.day <= a.day + %(horizon)s) c
                      ON c.partner_id = p.id AND c.day = a.day
                WHERE a.day >= (SELECT min(first.opened_at) FROM customer_case first)::date""",
            asked=asked, same=self._same_sql(SQL("p.id"), partner_ids), horizon=horizon,
            complaints=facts._cases_sql(SQL("c.case_type = 'complaint'")))
