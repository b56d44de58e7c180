from odoo import api, models
from odoo.tools import SQL

from ..base.customer_fact import Fact


class CustomerFact(models.AbstractModel):
    """How likely a customer is to leave, and how well it is."""

    _inherit = 'customer.fact'

    @api.model
    def _facts(self):
        return super()._facts() | {
            'churn': Fact(
                label=self.env._("Chance to have lost the customer"), unit='percent', better='lower', minimum=0, period=False,
                gives=('count',), sql=self._churn_sql, say=lambda found, options: self.env._(
                    "By the churn model, from so many days with an order: %(count)s", count=found.count)),
            'health': Fact(
                label=self.env._("Health score"), unit='points', better='higher', minimum=0, period=False, gives=('count',),
                sql=self._health_sql, say=lambda found, options: self.env._("The health score on the last day")),
        }

    # ------------------------------------------------------------
    # RISK AND SCORE
    # ------------------------------------------------------------

    @api.model
    def _churn_sql(self, spans, options):
        """100 × (1 − the chance to buy again) on the last day of the span, by the churn model in use and the purchases until
        then; unknown without a model in use, and for who bought once or never."""
        return SQL(
            """SELECT id AS span_id, value, purchases AS count
                 FROM (SELECT r.id, r.purchases, %(percent)s AS value
                         FROM (SELECT s.id, s.stop, count(*) AS purchases, min(d.day) AS first_day, max(d.day) AS last_day
                                 FROM %(spans)s s
                                 JOIN (SELECT DISTINCT partner_id, day FROM %(purchases)s AS bought WHERE counts) d
                                      ON d.partner_id = s.partner_id AND d.day <= s.stop
                             GROUP BY s.id, s.stop) AS r) AS chance
                WHERE value IS NOT NULL""",
            percent=self.env['customer.churn']._percent_sql(SQL("r.stop")), spans=spans.table,
            purchases=self._purchases_sql(spans))

    @api.model
    def _health_sql(self, spans, options):
        """The score in force on the last day of the span; unknown where there was none."""
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, h.score AS value, 1 AS count
                 FROM %(spans)s s
                 JOIN customer_health_snapshot h ON h.partner_id = s.partner_id AND h.date <= s.stop
                      AND (h.date_end IS NULL OR h.date_end >= s.stop)
                WHERE h.score IS NOT NULL
             ORDER BY s.id, h.date DESC""", spans=spans.table)
