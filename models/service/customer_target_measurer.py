from odoo import api, models
from odoo.tools import SQL

from ..segmentation.target_measure import MEMBERS, WINDOWS, Measure


class CustomerTargetMeasurer(models.AbstractModel):
    """How satisfied the customers of a tier are (SEG-8, SRV-5)."""

    _inherit = 'customer.target.measurer'

    @api.model
    def _measures(self):
        return super()._measures() | {
            'satisfaction': Measure(
                label=self.env._("Satisfaction (CSAT)"), unit='count', counted=self.env._("answers"),
                sql=self._satisfaction_sql, definition=self.env._(
                    "The mean of all answers from 1 to 5 that customers gave in the period, whoever gave them: a customer who "
                    "answers often weighs more. Of a tier: of its customers at the start. n: answers.")),
            'promoters': Measure(
                label=self.env._("Recommendation (NPS)"), unit='points', counted=self.env._("answers"), sql=self._promoters_sql,
                definition=self.env._(
                    "Promoters (9, 10) less detractors (0 to 6) in percent of all answers to the question whether they would "
                    "recommend us, in the period. Of a tier: of its customers at the start. n: answers.")),
        }

    @api.model
    def _answers_sql(self, target, kind, figure):
        """Return SQL with a figure of the answers of each period; n is their number.

        Of a tier count the answers of its customers at the start, of all those of all customers.

        :param str kind: see ``customer.feedback.kind``
        :param SQL figure: of the answers ``f``
        """
        self.env['customer.feedback'].flush_model()
        whose = company = SQL()
        if target.tier_id:
            whose = SQL("JOIN %s m ON m.window_id = w.id AND m.partner_id = f.partner_id", MEMBERS)
        elif target.company_id:
            company = SQL("AND %s = %s", self.env['customer.responsibility']._company_sql('p'), target.company_id.id)
        return SQL(
            """SELECT w.id AS window_id, %(figure)s AS value, count(*) AS n, NULL::int AS hits
                 FROM %(windows)s w
                 JOIN customer_feedback f ON f.kind = %(kind)s AND f.given_on BETWEEN w.start AND w.stop
                 JOIN res_partner p ON p.id = f.partner_id %(company)s %(whose)s
             GROUP BY w.id""", figure=figure, windows=WINDOWS, kind=kind, whose=whose, company=company)

    @api.model
    def _satisfaction_sql(self, target):
        """The mean of the CSAT answers (1 to 5) of the period; n is their number."""
        return self._answers_sql(target, 'csat', SQL("avg(f.score)"))

    @api.model
    def _promoters_sql(self, target):
        """The Net Promoter Score of the answers of the period, each of which counts 100, 0 or -100; n is their number."""
        return self._answers_sql(target, 'nps', SQL("avg(f.nps)"))
