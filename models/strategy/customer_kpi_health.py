from odoo import api, models
from odoo.tools import SQL

from .kpi_source import KpiSource


class CustomerKpi(models.Model):
    """How likely a customer is to leave, and how well it is (STR-1)."""

    _inherit = 'customer.kpi'

    @api.model
    def _sources(self):
        return super()._sources() | {
            'churn': KpiSource(
                label=self.env._("Chance to have lost the customer"), unit='percent', better='lower', additive=False,
                sql=lambda kpi, spans: kpi._churn_sql(spans),
                describe=lambda kpi, value, facts: self.env._(
                    "By the churn model, from so many days with an order: %(count)s", count=facts)),
            'health': KpiSource(
                label=self.env._("Health score"), unit='points', better='higher', additive=False,
                sql=lambda kpi, spans: kpi._health_sql(spans),
                describe=lambda kpi, value, facts: self.env._("The health score on the last day")),
        }

    def _churn_sql(self, spans):
        """100 × (1 − the chance to buy again) on the last day of the span, by the churn model in use and the purchases until
        then; unknown without a model in use, and for who bought once or never."""
        return SQL(
            """SELECT id AS span_id, value, purchases AS facts
                 FROM (SELECT r.id, r.purchases, %(percent)s AS value
                         FROM (SELECT s.id, s.stop, count(*) AS purchases, min(d.day) AS first_day, max(d.day) AS last_day
                                 FROM %(spans)s s
                                 JOIN (SELECT DISTINCT partner_id, day FROM %(purchases)s WHERE counts) d
                                      ON d.partner_id = s.partner_id AND d.day <= s.stop
                             GROUP BY s.id, s.stop) AS r) AS chance
                WHERE value IS NOT NULL""",
            percent=self.env['customer.churn']._percent_sql(SQL("r.stop")), spans=spans, purchases=self._purchases_sql())

    def _health_sql(self, spans):
        """The score in force on the last day of the span; unknown where there was none."""
        return SQL(
            """SELECT DISTINCT ON (s.id) s.id AS span_id, h.score AS value, 1 AS facts
                 FROM %(spans)s s
                 JOIN customer_health_snapshot h ON h.partner_id = s.partner_id AND h.date <= s.stop
                      AND (h.date_end IS NULL OR h.date_end >= s.stop)
                WHERE h.score IS NOT NULL
             ORDER BY s.id, h.date DESC""", spans=spans)
