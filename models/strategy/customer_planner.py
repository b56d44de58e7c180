from odoo import api, models
from odoo.tools import SQL, format_date


class CustomerPlanner(models.AbstractModel):
    """A cadence that was agreed in the running strategy comes before all others (STR-1, STR-4)."""

    _inherit = 'customer.planner'

    @api.model
    def _agreed_cadence_sql(self, candidate=None):
        super()._agreed_cadence_sql(candidate)
        self.env['customer.strategy'].flush_model(['partner_id', 'company_id', 'state', 'cadence_id', 'cadence_since'])
        return SQL("agreed.cadence_id"), SQL("agreed.cadence_since"), SQL(
            """LEFT JOIN (SELECT s.partner_id, s.company_id, s.cadence_id, s.cadence_since
                            FROM customer_strategy s
                            JOIN customer_cadence k ON k.id = s.cadence_id AND (k.active OR k.id = ANY(%(candidate)s))
                           WHERE s.state = 'active') AS agreed
                      ON agreed.partner_id = p.id AND agreed.company_id = %(company)s""",
            candidate=candidate.ids if candidate else [], company=self._company_sql())

    @api.model
    def _explain_cadence_by(self, by, partner, cadence):
        if by != 'strategy':
            return super()._explain_cadence_by(by, partner, cadence)
        # which cadence applies is no secret, whoever owns the strategy
        strategy = self.env['customer.strategy'].sudo().search([
            ('partner_id', '=', partner.id), ('state', '=', 'active'), ('cadence_id', '=', cadence.id)], limit=1)
        return self.env._(
            "By the cadence “%(cadence)s”, agreed in the strategy until %(day)s.", cadence=cadence.name,
            day=format_date(self.env, strategy.date_end))
